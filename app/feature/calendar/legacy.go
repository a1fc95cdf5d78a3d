package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// legacy is what a committee has planned for the coming year: each date once, with its next time.
func legacy(now func() time.Time) func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	return func(tx *store.Tx, v who.Viewer, unit int64) (list []house.Legacy, _ error) {
		all, err := dates(tx, v, now(), now().AddDate(1, 0, 0), now())
		if err != nil {
			return nil, err
		}
		slices.SortStableFunc(all, func(a, b house.Date) int { return a.Starts.Compare(b.Starts) })
		at := map[string]int{} // by the date's own name
		more := map[string]int{}
		for _, d := range all {
			if d.Unit != unit || d.Cancelled {
				continue
			}
			uid, _, _ := strings.Cut(d.UID, "@")
			if strings.Count(uid, "-") == 5 { // one time of a series: its day stands before the UUID
				_, uid, _ = strings.Cut(uid, "-")
			}
			if _, ok := at[uid]; ok {
				more[uid]++
				continue
			}
			at[uid] = len(list)
			list = append(list, house.Legacy{Kind: "date", Ref: "date " + uid, Title: d.Title, Note: d.Place, Path: d.Path, Due: d.Starts})
		}
		for uid, n := range more {
			l := &list[at[uid]]
			l.Note = strings.TrimPrefix(l.Note+fmt.Sprintf(", danach noch %d-mal im Jahr", n), ", ")
		}
		return list, nil
	}
}
