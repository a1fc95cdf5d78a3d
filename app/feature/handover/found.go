package handover

import (
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// foundKind is the kind of a handover in the search index.
const foundKind = "handover"

// found is what can be found: handovers with what boards have written in them, by those who lead the committee.
func found(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Übergaben",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM handover WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT h.id FROM json_each(?3) j CROSS JOIN handover h ON h.id = j.value WHERE EXISTS (
					SELECT 1 FROM committee_seat s WHERE s.unit = h.unit AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2 AND s.office IN ('chair', 'deputy', 'secretary'))`,
				v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT h.id FROM handover h WHERE EXISTS (
					SELECT 1 FROM committee_seat s WHERE s.unit = h.unit AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2 AND s.office IN ('chair', 'deputy', 'secretary'))
					AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE NOT EXISTS (
						SELECT 1 FROM handover_item i WHERE i.handover = h.id AND instr(lower(i.title || ' ' || i.words), lower(w.value)) > 0))
				ORDER BY h.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

func docs(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	list, err := store.All(tx, (*Handover).fields, `
		SELECT h.id, h.unit, u.name, h.changes, h.begun, '' FROM json_each(?) j JOIN handover h ON h.id = j.value JOIN unit u ON u.id = h.unit`, store.List(ids))
	if err != nil {
		return nil, err
	}
	var all []search.Doc
	for _, h := range list {
		u, err := org.Get(tx, h.Unit)
		if err != nil {
			return nil, err
		}
		words, err := store.All(tx, store.Value[string], `SELECT title || iif(words = '', '', ': ' || words) FROM handover_item WHERE handover = ? ORDER BY id`, h.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, search.Doc{Ref: h.ID, Unit: h.Unit, Title: h.Title(), Body: strings.Join(words, "\n"), At: house.Local(h.Begun), Path: pathOf(h.ID), Reach: committee.Reach(u, committee.Leading)})
	}
	return all, nil
}
