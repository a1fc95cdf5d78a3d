package floor

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const foundKind = "floor"

// found are the motions, for members: what was carried is found by all others as a resolution.
func found(now func() time.Time) search.Source {
	return search.Source{Kind: foundKind, Label: "Anträge",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM floor_motion WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT DISTINCT m.id FROM json_each(?3) j JOIN floor_motion m ON m.id = j.value JOIN committee_seat s ON s.unit = m.unit
				WHERE s.person = ?1 AND s.since <= ?2 AND s.until > ?2`, v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT DISTINCT m.id FROM floor_motion m JOIN committee_seat s ON s.unit = m.unit
				WHERE s.person = ?1 AND s.since <= ?2 AND s.until > ?2
				AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE instr(lower(m.title || ' ' || m.wording), lower(w.value)) = 0)
				ORDER BY m.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

func docs(tx *store.Tx, ids []int64) (all []search.Doc, err error) {
	list, err := store.All(tx, (*Motion).fields, `
		SELECT m.id, m.uid, m.meeting, m.unit, m.item, coalesce(m.amends, 0), 0, m.title, m.wording, 0, '', '', 0, '', m.public, m.state, m.edition, m.created, m.changed
		FROM json_each(?) j JOIN floor_motion m ON m.id = j.value`, store.List(ids))
	for _, d := range list {
		u, err := org.Get(tx, d.Unit)
		if err != nil {
			return nil, err
		}
		all = append(all, search.Doc{Ref: d.ID, Unit: d.Unit, Title: d.Title, Body: text.Words(d.Wording, 0), At: house.Local(d.Changed),
			Path: plenum(d.Meeting), Reach: committee.Reach(u, committee.Inside)})
	}
	return all, err
}
