package list

import (
	"fmt"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// legacy is what a parents' council leaves to the next board: its lists that are open.
func legacy(now func() time.Time) func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	return func(tx *store.Tx, v who.Viewer, unit int64) (left []house.Legacy, _ error) {
		u, err := org.Get(tx, unit)
		if err != nil {
			return nil, err
		}
		all, err := lists(tx, v, now(), most)
		for _, l := range all {
			if l.Council && l.Unit == u.Parent && l.Open(now()) {
				left = append(left, house.Legacy{Kind: "deadline", Ref: fmt.Sprintf("list %d", l.ID), Title: "Liste: " + l.Title, Path: fmt.Sprintf("/liste/%d", l.ID), Due: l.Until()})
			}
		}
		return left, err
	}
}
