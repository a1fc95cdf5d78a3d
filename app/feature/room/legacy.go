package room

import (
	"fmt"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// leaves is how many topics of a room a board leaves to the next.
const leaves = 100

// legacy is what the rooms of a committee leave to the next board: topics that run on, of rooms that the viewer has come into.
func legacy(now func() time.Time) func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	return func(tx *store.Tx, v who.Viewer, unit int64) (all []house.Legacy, _ error) {
		rooms, err := store.All(tx, store.Value[int64], `SELECT id FROM room WHERE unit = ? AND youth = 0 AND closed IS NULL ORDER BY name, id`, unit)
		if err != nil {
			return nil, err
		}
		for _, id := range rooms {
			r, err := Get(tx, id, v, now())
			if fault.KindOf(err) == fault.NotFound || err == nil && r.Accepted == nil {
				continue
			}
			if err != nil {
				return nil, err
			}
			list, err := topics(tx, r, v, time.Time{}, leaves)
			if err != nil {
				return nil, err
			}
			for _, t := range list {
				if t.Closed.IsZero() && t.Solved == 0 {
					all = append(all, house.Legacy{Kind: "topic", Ref: fmt.Sprintf("topic %d", t.ID), Title: t.Title,
						Note: fmt.Sprintf("Im Raum „%s“, zuletzt am %s", r.Name, lang.German().DayYear(house.Local(t.Latest))), Path: t.Path()})
				}
			}
		}
		return all, nil
	}
}
