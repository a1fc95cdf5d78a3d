package bulletin

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

// foundKind is the kind of a bulletin in the search index.
const foundKind = "bulletin"

// found is what can be found: by its council, and once it is sent by those to whom it was.
func found(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Rundbriefe",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM bulletin WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT b.id FROM json_each(?3) j CROSS JOIN bulletin b ON b.id = j.value
				WHERE b.stopped IS NULL AND EXISTS (SELECT 1 FROM bulletin_recipient r WHERE r.bulletin = b.id AND r.person = ?1)
					OR b.unit IN (SELECT s.unit FROM committee_seat s WHERE s.person = ?1 AND s.since <= ?2 AND s.until > ?2)`, v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT b.id FROM bulletin b
				WHERE (b.stopped IS NULL AND EXISTS (SELECT 1 FROM bulletin_recipient r WHERE r.bulletin = b.id AND r.person = ?1)
					OR b.unit IN (SELECT s.unit FROM committee_seat s WHERE s.person = ?1 AND s.since <= ?2 AND s.until > ?2))
					AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE instr(lower(b.title || ' ' || b.body), lower(w.value)) = 0)
				ORDER BY b.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

// docs name no author: a bulletin is its council's.
func docs(tx *store.Tx, ids []int64) (all []search.Doc, err error) {
	for _, id := range ids {
		rows, err := store.All(tx, (*Bulletin).fields, `
			SELECT b.id, b.uid, b.unit, u.name, b.place, u.name, 0, '', b.title, b.body, b.changed, b.sent, 0, 0, 0, b.stopped, 0
			FROM bulletin b JOIN unit u ON u.id = b.unit WHERE b.id = ?`, id)
		if err != nil {
			return nil, err
		}
		for _, b := range rows {
			u, err := org.Get(tx, b.Unit)
			if err != nil {
				return nil, err
			}
			d := search.Doc{Ref: b.ID, Unit: b.Unit, Title: b.Title, Body: text.Plain(b.Body, 0), At: house.Local(b.Changed), Path: fmt.Sprintf("/rundbrief/%d", b.ID),
				Reach: committee.Reach(u, committee.Inside)}
			if !b.Sent.IsZero() && b.Stopped.IsZero() {
				if d.People, err = store.All(tx, store.Value[int64], `SELECT person FROM bulletin_recipient WHERE bulletin = ?`, id); err != nil {
					return nil, err
				}
			}
			all = append(all, d)
		}
	}
	return all, nil
}
