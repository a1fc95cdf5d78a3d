package resolution

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

// foundKind is the kind of a resolution in the search index.
const foundKind = "resolution"

// found is what can be found: all resolutions, by whom their committee lets read them. They are read anew with the rules of
// the committee, which the search knows as kind "committee".
func found(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Beschlüsse",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM resolution WHERE id > ? AND deleted IS NULL ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT r.id FROM json_each(?3) j CROSS JOIN resolution r ON r.id = j.value
				WHERE r.deleted IS NULL AND (
					EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = r.unit AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2)
					OR r.public = 1 AND (EXISTS (SELECT 1 FROM committee c WHERE c.unit = r.unit AND c.public = 1)
						OR EXISTS (SELECT 1 FROM committee_around a WHERE a.unit = r.unit AND a.person = ?1 AND a.since <= ?2 AND a.until > ?2)))`,
				v.ID, now().Unix(), store.List(ids))
		},
		With: func(tx *store.Tx, kind string, ids []int64) ([]int64, error) {
			if kind != "committee" {
				return nil, nil
			}
			return store.All(tx, store.Value[int64], `SELECT r.id FROM json_each(?) j CROSS JOIN resolution r ON r.unit = j.value WHERE r.deleted IS NULL ORDER BY r.id`, store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			units, err := committee.Seen(tx, v.ID, now())
			if err != nil {
				return nil, err
			}
			var all []int64
			for _, u := range units {
				level, err := committee.LevelOf(tx, v, u.ID, now())
				if err != nil {
					return nil, err
				}
				hits, err := in(tx, u.ID, level >= committee.Inside, Choice{All: true, Words: words, Most: n - len(all)}, now())
				if err != nil {
					return nil, err
				}
				for _, r := range hits {
					if r.Deleted.IsZero() {
						all = append(all, r.ID)
					}
				}
			}
			return all, nil
		},
	}
}

func docs(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	var all []search.Doc
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM resolution WHERE id IN (SELECT value FROM json_each(?)) AND deleted IS NULL`, store.List(ids))
	for _, id := range ids {
		r, err := find(tx, id)
		if err != nil {
			return nil, err
		}
		u, err := org.Get(tx, r.Unit)
		if err != nil {
			return nil, err
		}
		rules, err := committee.RulesOf(tx, r.Unit)
		if err != nil {
			return nil, err
		}
		level := committee.Inside
		if r.Public {
			level = committee.Around
		}
		all = append(all, search.Doc{Ref: r.ID, Unit: r.Unit, Title: r.Name() + " " + r.Title, Body: text.Plain(r.Wording, 0), At: house.Local(r.Decided),
			Path: fmt.Sprintf("/beschluss/%d", r.ID), Public: r.Public && rules.Public, Reach: committee.Reach(u, level)})
	}
	return all, err
}
