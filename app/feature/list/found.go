package list

import (
	"fmt"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// foundKind is the kind of a list in the search index.
const foundKind = "list"

// found is what can be found: the words of lists and of their lines, and nobody's name. Whoever only looks after a list
// finds it on its page.
func found(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Listen",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM list WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH u AS MATERIALIZED (
					SELECT DISTINCT unit, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT DISTINCT t.list FROM json_each(?3) j CROSS JOIN list_audience t ON t.list = j.value JOIN u ON u.unit = t.unit
				WHERE (t.roles & u.mask) <> 0`, v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH u AS MATERIALIZED (
					SELECT DISTINCT unit, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT l.id FROM u CROSS JOIN list_audience t ON t.unit = u.unit JOIN list l ON l.id = t.list
				WHERE (t.roles & u.mask) <> 0 AND NOT EXISTS (
					SELECT 1 FROM json_each(?3) w WHERE instr(lower(l.title || ' ' || l.body), lower(w.value)) = 0)
				GROUP BY l.id ORDER BY l.changed DESC, l.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

func docs(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	type row struct {
		search.Doc
		lines string
	}
	rows, err := store.All(tx, func(d *row) []any {
		return []any{&d.Ref, &d.Unit, &d.Title, &d.Body, &d.Author, (*store.Time)(&d.At), &d.lines}
	}, `
		SELECT l.id, l.unit, l.title, l.body, coalesce(p.given || ' ' || p.family, ''), l.changed,
			(SELECT coalesce(group_concat(title, char(10)), '') FROM (SELECT DISTINCT title FROM list_line WHERE list = l.id AND title <> '' ORDER BY rank))
		FROM json_each(?) j JOIN list l ON l.id = j.value LEFT JOIN person p ON p.id = l.author`, store.List(ids))
	if err != nil {
		return nil, err
	}
	all := make([]search.Doc, len(rows))
	at := map[int64]int{}
	for i, r := range rows {
		d := r.Doc
		d.Body, d.At, d.Path = text.Plain(d.Body, 0)+"\n"+r.lines, house.Local(d.At), fmt.Sprintf("/liste/%d", d.Ref)
		all[i], at[d.Ref] = d, i
	}
	type audience struct {
		list, unit int64
		roles      who.Right
	}
	pairs, err := store.All(tx, func(a *audience) []any { return []any{&a.list, &a.unit, &a.roles} }, `
		SELECT t.list, t.unit, t.roles FROM json_each(?) j JOIN list_audience t ON t.list = j.value`, store.List(ids))
	for _, p := range pairs {
		if i, ok := at[p.list]; ok {
			all[i].Reach = append(all[i].Reach, search.Reach{Unit: p.unit, Roles: p.roles})
		}
	}
	return all, err
}
