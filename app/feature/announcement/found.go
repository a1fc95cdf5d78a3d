package announcement

import (
	"fmt"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// foundKind is the kind of an announcement in the search index.
const foundKind = "announcement"

// source is what can be found: of a closure only the last word, and no drill, which nobody looks for.
func source(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Mitteilungen",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT id FROM announcement WHERE id > ? AND kind <> 'drill' AND replaced IS NULL ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH u AS MATERIALIZED (
					SELECT DISTINCT unit, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT DISTINCT t.announcement
				FROM json_each(?3) j CROSS JOIN announcement_audience t ON t.announcement = j.value JOIN u ON u.unit = t.unit
				WHERE (t.roles & u.mask) <> 0`, v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH u AS MATERIALIZED (
					SELECT DISTINCT unit, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT a.id
				FROM u CROSS JOIN announcement_audience t ON t.unit = u.unit JOIN announcement a ON a.id = t.announcement
				WHERE (t.roles & u.mask) <> 0 AND a.kind <> 'drill' AND a.replaced IS NULL AND NOT EXISTS (
					SELECT 1 FROM json_each(?3) w WHERE instr(lower(a.title || ' ' || a.body), lower(w.value)) = 0)
				GROUP BY a.id ORDER BY a.published DESC, a.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

// An audienceRow is one unit to which an announcement went.
type audienceRow struct {
	announcement, unit int64
	roles              who.Right
}

func docs(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	all, err := store.All(tx, func(d *search.Doc) []any {
		return []any{&d.Ref, &d.Unit, &d.Title, &d.Body, &d.Author, (*store.Time)(&d.At)}
	}, `
		SELECT a.id, a.unit, a.title, a.body, coalesce(p.given || ' ' || p.family, ''), a.published
		FROM json_each(?) j JOIN announcement a ON a.id = j.value LEFT JOIN person p ON p.id = a.author
		WHERE a.kind <> 'drill' AND a.replaced IS NULL`, store.List(ids))
	if err != nil {
		return nil, err
	}
	at := map[int64]int{}
	for i := range all {
		d := &all[i]
		d.Body, d.At, d.Path = text.Plain(d.Body, 0), house.Local(d.At), fmt.Sprintf("/mitteilung/%d", d.Ref)
		at[d.Ref] = i
	}
	rows, err := store.All(tx, func(r *audienceRow) []any { return []any{&r.announcement, &r.unit, &r.roles} }, `
		SELECT t.announcement, t.unit, t.roles FROM json_each(?) j JOIN announcement_audience t ON t.announcement = j.value`, store.List(ids))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if i, ok := at[r.announcement]; ok {
			all[i].Reach = append(all[i].Reach, search.Reach{Unit: r.unit, Roles: r.roles})
		}
	}
	attached, err := files.IDs(tx, owner, ids)
	for id, i := range at {
		all[i].Files = attached[id]
	}
	return all, err
}
