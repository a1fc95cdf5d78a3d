package wiki

import (
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// foundKind is the kind of a page in the search index.
const foundKind = "wiki"

// source is what can be found: what readers see of a page, never a draft, an earlier revision or what lies in the bin. Who
// has written it is not told to readers, and so cannot be asked for.
func source(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Seiten",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT id FROM wiki_page WHERE id > ? AND shown IS NOT NULL AND removed IS NULL ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH some AS MATERIALIZED (
					SELECT p.id, p.unit, p.access FROM json_each(?1) j CROSS JOIN wiki_page p ON p.id = j.value
					WHERE p.shown IS NOT NULL AND p.removed IS NULL),
				lv AS MATERIALIZED (
					SELECT DISTINCT w.unit, w.level FROM wiki_right w
					WHERE w.person = ?2 AND w.unit IN (SELECT unit FROM some) AND w.since <= ?3 AND w.until > ?3)
				SELECT id FROM some
				WHERE access = 'public' OR access = 'house' AND ?4
					OR (unit, access) IN lv OR (unit, CASE access WHEN 'board' THEN 'board' ELSE 'write' END) IN lv`,
				store.List(ids), v.ID, now().Unix(), v.May(who.Member))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH lv AS MATERIALIZED (SELECT DISTINCT unit, level FROM wiki_right WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT p.id FROM wiki_page p JOIN wiki_revision r ON r.id = p.shown
				WHERE p.removed IS NULL AND (p.access = 'public' OR p.access = 'house' AND ?3
					OR (p.unit, p.access) IN lv OR (p.unit, CASE p.access WHEN 'board' THEN 'board' ELSE 'write' END) IN lv)
				AND NOT EXISTS (SELECT 1 FROM json_each(?4) w WHERE instr(lower(r.title || ' ' || r.body), lower(w.value)) = 0)
				ORDER BY r.at DESC, p.id DESC LIMIT ?5`, v.ID, now().Unix(), v.May(who.Member), store.List(words), n)
		},
	}
}

// Titles are the titles of those of some pages that a viewer may read, for features that know pages by their numbers.
func Titles(now func() time.Time) func(tx *store.Tx, v who.Viewer, ids []int64) (map[int64]string, error) {
	src := source(now)
	return func(tx *store.Tx, v who.Viewer, ids []int64) (map[int64]string, error) {
		seen, err := src.Seen(tx, v, ids)
		if err != nil {
			return nil, err
		}
		docs, err := src.Docs(tx, seen)
		titles := map[int64]string{}
		for _, d := range docs {
			titles[d.Ref] = d.Title
		}
		return titles, err
	}
}

// changed has the search read pages anew.
func changed(tx *store.Tx, pages ...int64) error { return search.Changed(tx, foundKind, pages...) }

// A foundPage is what the search reads of a page.
type foundPage struct {
	Page
	body string
	up   int64 // the unit above its unit; 0: none
}

func (p *foundPage) fields() []any {
	return []any{&p.ID, &p.Unit, &p.Kind, store.Null(&p.up), &p.Access, &p.Shown, &p.Title, &p.body, (*store.Time)(&p.Changed)}
}

func docs(tx *store.Tx, ids []int64) (all []search.Doc, err error) {
	pages, err := store.All(tx, (*foundPage).fields, `
		SELECT p.id, p.unit, u.kind, u.parent, p.access, r.id, r.title, r.body, r.at
		FROM json_each(?) j JOIN wiki_page p ON p.id = j.value JOIN wiki_revision r ON r.id = p.shown JOIN unit u ON u.id = p.unit
		WHERE p.removed IS NULL`, store.List(ids))
	for _, p := range pages {
		d := search.Doc{Ref: p.ID, Unit: p.Unit, Title: p.Title, Body: text.Words(p.body, 0), At: house.Local(p.Changed), Path: p.Path(),
			Public: p.Access == Public, House: p.Access == House, Reach: p.reach()}
		if d.Files, err = filesOf(tx, p.Shown, p.body); err != nil { // those of a draft or of earlier revisions are not found
			return nil, err
		}
		all = append(all, d)
	}
	return all, err
}

// around are the roles of those around a unit, as the view wiki_right has it.
const around = who.Member &^ (1<<who.Admin | 1<<who.Auditor)

// reach says of a page that is not open to the whole house who finds it, as the view wiki_right has it.
func (p foundPage) reach() []search.Reach {
	if p.Kind == org.Committee {
		switch p.Access {
		case Board:
			return []search.Reach{{Unit: p.Unit, Roles: who.Of(who.Chair), Here: true}}
		case Staff:
			return []search.Reach{{Unit: p.Unit, Roles: who.Of(who.Delegate, who.Chair), Here: true}, {Unit: p.up, Roles: who.Of(who.Delegate), Here: true}}
		case Around:
			return []search.Reach{{Unit: p.up, Roles: around, Closed: true}}
		}
		return nil
	}
	keepers := search.Reach{Unit: p.Unit, Roles: who.Of(who.Admin), Here: true} // who write there
	switch p.Access {
	case Board:
		return []search.Reach{{Unit: p.Unit}} // nobody but those who lead
	case Staff:
		return []search.Reach{{Unit: p.Unit, Roles: who.Team, Closed: true}, keepers}
	case Around:
		return []search.Reach{{Unit: p.Unit, Roles: around, Closed: true}, keepers}
	}
	return nil
}
