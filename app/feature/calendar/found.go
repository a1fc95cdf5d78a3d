package calendar

import (
	"fmt"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// foundKind is the kind of a date in the search index.
const foundKind = "date"

// source is what can be found: dates, each with the page of its next instance, or of the last where none comes.
func found(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Termine",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM calendar_date WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: func(tx *store.Tx, ids []int64) ([]search.Doc, error) { return docs(tx, ids, now()) },
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH u AS MATERIALIZED (
					SELECT DISTINCT unit, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT DISTINCT c.id FROM json_each(?3) j CROSS JOIN calendar_date c ON c.id = j.value
				WHERE c.public = 1 OR EXISTS (SELECT 1 FROM calendar_audience t JOIN u ON u.unit = t.unit WHERE t.date = c.id AND (t.roles & u.mask) <> 0)`,
				v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH u AS MATERIALIZED (
					SELECT DISTINCT unit, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT c.id FROM calendar_date c
				WHERE (c.public = 1 OR EXISTS (SELECT 1 FROM calendar_audience t JOIN u ON u.unit = t.unit WHERE t.date = c.id AND (t.roles & u.mask) <> 0))
					AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE instr(lower(c.title || ' ' || c.place || ' ' || c.body), lower(w.value)) = 0)
				ORDER BY c.changed DESC, c.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

func docs(tx *store.Tx, ids []int64, now time.Time) ([]search.Doc, error) {
	type row struct {
		search.Doc
		place    string
		instance int64
		public   bool
	}
	rows, err := store.All(tx, func(r *row) []any {
		return []any{&r.Ref, &r.Unit, &r.Title, &r.Body, &r.place, &r.Author, &r.instance, (*store.Time)(&r.At), &r.public}
	}, `
		SELECT c.id, c.unit, c.title, c.body, c.place, coalesce(p.given || ' ' || p.family, ''), i.id, i.starts, c.public
		FROM json_each(?1) j JOIN calendar_date c ON c.id = j.value LEFT JOIN person p ON p.id = c.author
		JOIN calendar_instance i ON i.id = coalesce(
			(SELECT n.id FROM calendar_instance n WHERE n.date = c.id AND n.ends > ?2 ORDER BY n.starts LIMIT 1),
			(SELECT n.id FROM calendar_instance n WHERE n.date = c.id ORDER BY n.starts DESC LIMIT 1))`, store.List(ids), now.Unix())
	if err != nil {
		return nil, err
	}
	all := make([]search.Doc, len(rows))
	at := map[int64]int{}
	for i, r := range rows {
		d := r.Doc
		d.At, d.Path = house.Local(d.At), fmt.Sprintf("/termin/%d", r.instance)
		d.Body = r.place + "\n" + text.Plain(d.Body, 0)
		d.Public = r.public
		all[i], at[d.Ref] = d, i
	}
	type audience struct {
		date, unit int64
		roles      who.Right
	}
	pairs, err := store.All(tx, func(a *audience) []any { return []any{&a.date, &a.unit, &a.roles} }, `
		SELECT t.date, t.unit, t.roles FROM json_each(?) j CROSS JOIN calendar_audience t ON t.date = j.value`, store.List(ids))
	for _, p := range pairs {
		if i, ok := at[p.date]; ok {
			all[i].Reach = append(all[i].Reach, search.Reach{Unit: p.unit, Roles: p.roles})
		}
	}
	return all, err
}
