package committee

import (
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// source is what can be found: the page of each committee, by its name, what it belongs to and its rules. Who sits there is
// not in it: offices change at midnight, and the index would not know.
func source(now func() time.Time) search.Source {
	return search.Source{
		Kind: committee.Found, Label: "Gremien",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM unit WHERE id > ? AND kind = 'committee' ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT u.id FROM json_each(?3) j CROSS JOIN unit u ON u.id = j.value AND u.kind = 'committee'
				WHERE EXISTS (SELECT 1 FROM committee c WHERE c.unit = u.id AND c.public = 1)
					OR EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = u.id AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2)
					OR EXISTS (SELECT 1 FROM committee_around a WHERE a.unit = u.id AND a.person = ?1 AND a.since <= ?2 AND a.until > ?2)`,
				v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			all, err := committee.Seen(tx, v.ID, now())
			var ids []int64
			for _, u := range all {
				name := strings.ToLower(u.Name + " " + u.Kind.Word())
				fits := len(ids) < n
				for _, w := range words {
					fits = fits && strings.Contains(name, strings.ToLower(w))
				}
				if fits {
					ids = append(ids, u.ID)
				}
			}
			return ids, err
		},
	}
}

func docs(tx *store.Tx, ids []int64) (all []search.Doc, err error) {
	found, err := store.All(tx, store.Value[int64], `
		SELECT u.id FROM json_each(?) j JOIN unit u ON u.id = j.value WHERE u.kind = 'committee'`, store.List(ids))
	if err != nil {
		return nil, err
	}
	for _, id := range found {
		u, err := org.Get(tx, id)
		if err != nil {
			return nil, err
		}
		above, err := org.Get(tx, u.Parent)
		if err != nil {
			return nil, err
		}
		rules, err := committee.RulesOf(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, search.Doc{Ref: id, Unit: id, Title: u.Name, Body: u.Kind.Word() + ", " + above.Name + ". " + strings.Join(sentences(rules), " "),
			Path: path(id), Public: rules.Public, Reach: committee.Reach(u, committee.Around)})
	}
	return all, nil
}
