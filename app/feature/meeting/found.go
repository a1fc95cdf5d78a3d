package meeting

import (
	"fmt"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// Kinds in the search index. Each item is a document of its own, so that what is for members only is found by them only, and
// files are found where their item is.
const (
	foundKind = "sitting"
	foundItem = "meeting"
)

// changed has a meeting and all its items read anew.
func changed(tx *store.Tx, id int64) error {
	all, err := store.All(tx, store.Value[int64], `SELECT id FROM meeting_item WHERE meeting = ?`, id)
	if err != nil {
		return err
	}
	if err := search.Changed(tx, foundKind, id); err != nil || len(all) == 0 {
		return err
	}
	return search.Changed(tx, foundItem, all...)
}

// found are meetings with their titles and places.
func found(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Sitzungen",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM meeting WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: sittings,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT m.id FROM json_each(?3) j CROSS JOIN meeting m ON m.id = j.value
				WHERE m.deleted IS NULL AND (EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = m.unit AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2)
					OR m.public = 1 AND m.invited IS NOT NULL AND (EXISTS (SELECT 1 FROM committee c WHERE c.unit = m.unit AND c.public = 1)
						OR m.unit IN (SELECT unit FROM committee_around WHERE person = ?1 AND since <= ?2 AND until > ?2)))`,
				v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH sits AS MATERIALIZED (SELECT unit FROM committee_seat WHERE person = ?1 AND since <= ?2 AND until > ?2),
				seen AS MATERIALIZED (
					SELECT unit FROM committee_around WHERE person = ?1 AND since <= ?2 AND until > ?2 UNION SELECT unit FROM committee WHERE public = 1)
				SELECT m.id FROM meeting m
				WHERE m.deleted IS NULL AND (m.unit IN (SELECT unit FROM sits) OR m.public = 1 AND m.invited IS NOT NULL AND m.unit IN (SELECT unit FROM seen))
					AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE instr(lower(m.title || ' ' || m.place), lower(w.value)) = 0)
				ORDER BY m.starts DESC, m.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

// foundItems are the items of agendas.
func foundItems(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundItem, Label: "Tagesordnungen",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM meeting_item WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: points,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT i.id FROM json_each(?3) j CROSS JOIN meeting_item i ON i.id = j.value JOIN meeting m ON m.id = i.meeting
				WHERE i.deleted IS NULL AND m.deleted IS NULL
					AND (EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = m.unit AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2)
					OR i.public = 1 AND m.public = 1 AND m.invited IS NOT NULL AND (EXISTS (SELECT 1 FROM committee c WHERE c.unit = m.unit AND c.public = 1)
						OR m.unit IN (SELECT unit FROM committee_around WHERE person = ?1 AND since <= ?2 AND until > ?2)))`,
				v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH sits AS MATERIALIZED (SELECT unit FROM committee_seat WHERE person = ?1 AND since <= ?2 AND until > ?2),
				seen AS MATERIALIZED (
					SELECT unit FROM committee_around WHERE person = ?1 AND since <= ?2 AND until > ?2 UNION SELECT unit FROM committee WHERE public = 1)
				SELECT i.id FROM meeting m JOIN meeting_item i ON i.meeting = m.id
				WHERE i.deleted IS NULL AND m.deleted IS NULL
					AND (m.unit IN (SELECT unit FROM sits) OR i.public = 1 AND m.public = 1 AND m.invited IS NOT NULL AND m.unit IN (SELECT unit FROM seen))
					AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE instr(lower(i.title || ' ' || i.body), lower(w.value)) = 0)
				ORDER BY m.starts DESC, i.rank LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

// open says who finds a document: for whom the committee speaks and, of a public committee, anybody, where it may be read
// outside.
func open(tx *store.Tx, d *search.Doc, outside bool) error {
	u, err := org.Get(tx, d.Unit)
	if err != nil {
		return err
	}
	if !outside {
		d.Reach = committee.Reach(u, committee.Inside)
		return nil
	}
	rules, err := committee.RulesOf(tx, d.Unit)
	d.Public, d.Reach = rules.Public, committee.Reach(u, committee.Around)
	return err
}

func sittings(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	type row struct {
		search.Doc
		outside bool
	}
	rows, err := store.All(tx, func(r *row) []any {
		return []any{&r.Ref, &r.Unit, &r.Title, &r.Body, (*store.Time)(&r.At), &r.outside}
	}, `
		SELECT m.id, m.unit, m.title, m.place, m.starts, m.public AND m.invited IS NOT NULL
		FROM json_each(?) j JOIN meeting m ON m.id = j.value WHERE m.deleted IS NULL`, store.List(ids))
	var all []search.Doc
	for _, r := range rows {
		r.At, r.Path = house.Local(r.At), sitzung(r.Ref)
		if err := open(tx, &r.Doc, r.outside); err != nil {
			return nil, err
		}
		all = append(all, r.Doc)
	}
	return all, err
}

func points(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	type row struct {
		search.Doc
		meeting int64
		outside bool
	}
	rows, err := store.All(tx, func(r *row) []any {
		return []any{&r.Ref, &r.meeting, &r.Unit, &r.Title, &r.Body, &r.In, (*store.Time)(&r.At), &r.outside}
	}, `
		SELECT i.id, m.id, m.unit, i.title, i.body, m.title, m.starts, i.public AND m.public AND m.invited IS NOT NULL
		FROM json_each(?) j JOIN meeting_item i ON i.id = j.value JOIN meeting m ON m.id = i.meeting
		WHERE i.deleted IS NULL AND m.deleted IS NULL`, store.List(ids))
	if err != nil {
		return nil, err
	}
	attached, err := files.IDs(tx, owner, ids)
	var all []search.Doc
	for _, r := range rows {
		r.At, r.InPath, r.Body, r.Files = house.Local(r.At), sitzung(r.meeting), text.Plain(r.Body, 0), attached[r.Ref]
		r.Path = fmt.Sprintf("%s#punkt-%d", r.InPath, r.Ref)
		if err := open(tx, &r.Doc, r.outside); err != nil {
			return nil, err
		}
		all = append(all, r.Doc)
	}
	return all, err
}
