package assignment

import (
	"fmt"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// foundKind is the kind of a task in the search index.
const foundKind = "assignment"

// found is what can be found: all tasks, with what was noted about them, by who sits in their committee.
func found(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Aufgaben",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM assignment WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: func(tx *store.Tx, ids []int64) ([]search.Doc, error) { return docs(tx, ids, now()) },
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT a.id FROM json_each(?3) j CROSS JOIN assignment a ON a.id = j.value
				WHERE EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = a.unit AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2)`,
				v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			units, err := seats(tx, v, now())
			if err != nil {
				return nil, err
			}
			return store.All(tx, store.Value[int64], `
				SELECT a.id FROM json_each(?1) u CROSS JOIN assignment a ON a.unit = u.value
				WHERE NOT EXISTS (SELECT 1 FROM json_each(?2) w WHERE instr(lower(a.title || ' ' || a.body), lower(w.value)) = 0)
				ORDER BY a.changed DESC, a.id DESC LIMIT ?3`, store.List(units), store.List(words), n)
		},
	}
}

// seats are the committees in which somebody sits now.
func seats(tx *store.Tx, v who.Viewer, now time.Time) (ids []int64, err error) {
	all, err := committee.Of(tx, v.ID, now)
	for _, u := range all {
		ids = append(ids, u.ID)
	}
	return ids, err
}

func docs(tx *store.Tx, ids []int64, now time.Time) ([]search.Doc, error) {
	list, err := read(tx, ids, now)
	if err != nil {
		return nil, err
	}
	var all []search.Doc
	for _, a := range list {
		u, err := org.Get(tx, a.Unit)
		if err != nil {
			return nil, err
		}
		said, err := notes(tx, a.ID)
		if err != nil {
			return nil, err
		}
		body := text.Plain(a.Body, 0)
		for _, n := range said {
			body += "\n" + text.Plain(n.Body, 0)
		}
		all = append(all, search.Doc{Ref: a.ID, Unit: a.Unit, Title: a.Title, Body: body, At: house.Local(a.Changed), Path: fmt.Sprintf("/aufgabe/%d", a.ID),
			Reach: committee.Reach(u, committee.Inside)})
	}
	return all, nil
}
