package registry

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/hold"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// unlimited is NotFound where the data of a person or a child, one of which is 0, are kept and not used (GDPR Art. 18), for
// all but those who answer for data at the unit.
func unlimited(tx *store.Tx, v who.Viewer, person, child, unit int64, now time.Time) error {
	_, limited, err := hold.Limited(tx, person, child, now)
	if err != nil || !limited {
		return err
	}
	may, err := org.Manages(tx, v.ID, unit, who.Clerks, now)
	if err == nil && !may {
		err = fault.Gone()
	}
	return err
}

// visible leaves out of a list what the viewer must not find for that reason; of tells what a line is about.
func visible[T any](tx *store.Tx, v who.Viewer, unit int64, now time.Time, all []T, of func(T) (person, child int64)) ([]T, error) {
	var wrong error
	left := slices.DeleteFunc(all, func(x T) bool {
		p, c := of(x)
		err := unlimited(tx, v, p, c, unit, now)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			wrong = err
		}
		return err != nil
	})
	return left, wrong
}
