package list

import (
	"fmt"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// dates are the places that the viewer and their children have between two moments: each shift and appointment for itself, and
// what is brought on a day together. Who waits has no date yet, and a list that one may no longer see is none of one's own.
func dates(tx *store.Tx, v who.Viewer, from, to, now time.Time) ([]house.Date, error) {
	type row struct {
		list, line, child, unit    int64
		of, title, what, room, day string
		starts, ends               time.Time
		places                     int
		changed                    time.Time
	}
	rows, err := store.All(tx, func(r *row) []any {
		return []any{&r.list, &r.line, &r.child, &r.unit, &r.of, &r.title, &r.what, &r.room, &r.day,
			(*store.Time)(&r.starts), (*store.Time)(&r.ends), &r.places, (*store.Time)(&r.changed)}
	}, `
		WITH k AS MATERIALIZED (
			SELECT child FROM guardian WHERE person = ?1 AND state = 'confirmed' AND informed = 1 AND since <= ?2 AND until > ?2),
		e AS MATERIALIZED (
			SELECT id FROM list_entry WHERE child IS NULL AND person = ?1
			UNION ALL SELECT x.id FROM k CROSS JOIN list_entry x ON x.child = k.child)
		SELECT l.id, z.id, coalesce(x.child, 0), l.unit, n.name, l.title, z.title, z.room, coalesce(l.day, ''),
			z.starts, z.ends, x.places, max(l.changed, x.at)
		FROM e JOIN list_entry x ON x.id = e.id JOIN list_line z ON z.id = x.line JOIN list l ON l.id = z.list JOIN unit n ON n.id = l.unit
		WHERE x.state = 'held' AND iif(z.starts IS NULL, l.day BETWEEN ?5 AND ?6, z.starts < ?4 AND z.ends > ?3)
			AND EXISTS (SELECT 1 FROM reach u JOIN list_audience t ON t.unit = u.unit AND t.list = l.id
				WHERE u.person = ?1 AND u.since <= ?2 AND u.until > ?2 AND (t.roles & u.mask) <> 0)
		ORDER BY l.id, x.child, z.rank`,
		v.ID, now.Unix(), from.Unix(), to.Unix(), house.Local(from).Format(time.DateOnly), house.Local(to.Add(-1)).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	var all []house.Date
	for i, r := range rows {
		d := house.Date{Kind: house.Event, Starts: r.starts, Ends: r.ends, Title: r.title, Place: r.room, Path: fmt.Sprintf("/liste/%d", r.list),
			Unit: r.unit, UnitName: r.of, Child: r.child, UID: fmt.Sprintf("liste-%d-%d-%d@nestfunk", r.list, r.line, r.child), Changed: r.changed}
		what := r.what
		if r.places > 1 {
			what = fmt.Sprintf("%d × %s", r.places, r.what)
		}
		if r.starts.IsZero() {
			d.AllDay, d.Starts, d.Ends = true, at(r.day, 0), at(r.day, 24*60)
			d.UID = fmt.Sprintf("liste-%d-%d@nestfunk", r.list, r.child)
			if last := len(all) - 1; i > 0 && rows[i-1].list == r.list && rows[i-1].child == r.child { // more for the same day
				all[last].Title += ", " + what
				if r.changed.After(all[last].Changed) {
					all[last].Changed = r.changed
				}
				continue
			}
		}
		if what != "" { // nobody's name: the address of a feed may become known
			d.Title += ": " + what
		}
		all = append(all, d)
	}
	return all, nil
}
