package announcement

import (
	"fmt"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// dates lists the closures that v may see between two moments, for calendars.
func dates(tx *store.Tx, v who.Viewer, from, to, now time.Time) ([]house.Date, error) {
	type row struct {
		first, unit int64
		roles       who.Right
		name        string
	}
	rows, err := store.All(tx, func(r *row) []any { return []any{&r.first, &r.unit, &r.roles, &r.name} }, `
		WITH c AS MATERIALIZED (
			SELECT announcement FROM announcement_closure WHERE state = 'running' AND first_day <= ?4 AND last_day >= ?3),
		u AS MATERIALIZED (
			SELECT DISTINCT unit, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2 AND EXISTS (SELECT 1 FROM c))
		SELECT c.announcement, t.unit, max(t.roles), f.name
		FROM c JOIN announcement_audience t ON t.announcement = c.announcement JOIN u ON u.unit = t.unit
		JOIN announcement a ON a.id = c.announcement JOIN unit f ON f.id = a.unit
		WHERE (t.roles & u.mask) <> 0 GROUP BY 1, 2 ORDER BY 1, 2`,
		v.ID, now.Unix(), house.Local(from).Format(time.DateOnly), house.Local(to).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	l := lang.Of(v.Lang)
	var all []house.Date
	for i := 0; i < len(rows); {
		r := rows[i]
		var units []int64
		for ; i < len(rows) && rows[i].first == r.first; i++ {
			units = append(units, rows[i].unit)
		}
		c, err := closureOf(tx, r.first)
		if err != nil {
			return nil, err
		}
		d := house.Date{Kind: house.Closed, Title: c.Title(l, time.Time{}), Path: fmt.Sprintf("/schliessung/%d", c.ID), Unit: c.Facility, UnitName: r.name,
			Units: units, Roles: r.roles, UID: fmt.Sprintf("schliessung-%d@nestfunk", c.ID), Sequence: c.Version, Changed: c.from()}
		if c.Starts == nil && c.Ends == nil {
			d.AllDay, d.Starts, d.Ends = true, c.from(), c.until()
			all = append(all, d)
			continue
		}
		d.UID = fmt.Sprintf("-schliessung-%d@nestfunk", c.ID)
		for t := at(c.FirstDay, 0); !t.After(at(c.LastDay, 0)); t = t.AddDate(0, 0, 1) { // for some hours of each day
			one, day := d, t.Format(time.DateOnly)
			one.UID, one.Starts, one.Ends = day+d.UID, at(day, 0), at(day, 24*60)
			if c.Starts != nil {
				one.Starts = at(day, *c.Starts)
			}
			if c.Ends != nil {
				one.Ends = at(day, *c.Ends)
			}
			if one.Ends.After(from) && one.Starts.Before(to) {
				all = append(all, one)
			}
		}
	}
	return all, nil
}
