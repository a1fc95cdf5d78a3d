package absence

import (
	"slices"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Dates lists what is on between two moments, as the viewer's calendar shows it.
type Dates func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error)

// shut are the closures, closing days and holidays at a moment, for all units of the viewer.
func (f feature) shut(tx *store.Tx, v who.Viewer, at time.Time) ([]house.Date, error) {
	if f.wires.Dates == nil {
		return nil, nil
	}
	y, m, d := house.Local(at).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, house.Local(at).Location())
	all, err := f.wires.Dates(tx, v, from, from.AddDate(0, 0, 1))
	return slices.DeleteFunc(all, func(d house.Date) bool {
		return d.Cancelled || d.Kind != house.Closed && d.Kind != house.Closing && d.Kind != house.Holiday
	}), err
}

// shutAt leaves of them those that concern a unit.
func shutAt(tx *store.Tx, all []house.Date, unit int64) (here []house.Date, _ error) {
	if len(all) == 0 {
		return nil, nil
	}
	path, err := org.Path(tx, unit)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if len(d.Units) == 0 || slices.ContainsFunc(path, func(u org.Unit) bool { return slices.Contains(d.Units, u.ID) }) {
			here = append(here, d)
		}
	}
	return here, nil
}
