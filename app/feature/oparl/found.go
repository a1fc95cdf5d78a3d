package oparl

import (
	"strings"

	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// foundKind is the kind of what was read in, in the search index.
const foundKind = "oparl"

// source is what can be found: meetings with agenda and results, and papers. Everybody may, as it was published elsewhere.
func (f *feature) source() search.Source {
	return search.Source{
		Kind: foundKind, Label: "Ratsinformationen",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT id FROM oparl_object WHERE id > ? AND type IN ('Meeting', 'Paper') AND deleted = 0 ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, _ who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT o.id FROM json_each(?) j JOIN oparl_object o ON o.id = j.value WHERE o.deleted = 0`, store.List(ids))
		},
		Look: func(tx *store.Tx, _ who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT o.id FROM oparl_object o WHERE o.type IN ('Meeting', 'Paper') AND o.deleted = 0
				AND NOT EXISTS (SELECT 1 FROM json_each(?) w WHERE instr(lower(o.json), lower(w.value)) = 0) ORDER BY o.starts DESC, o.id DESC LIMIT ?`, store.List(words), n)
		},
	}
}

func docs(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	rows, err := store.All(tx, (*row).fields, `
		SELECT o.id, o.uid, o.source, o.type, o.body, o.parent, o.place, o.unit, o.name, o.starts, o.json, o.hash, o.made, o.changed, o.deleted
		FROM json_each(?) j JOIN oparl_object o ON o.id = j.value WHERE o.deleted = 0 AND o.type IN ('Meeting', 'Paper')`, store.List(ids))
	if err != nil {
		return nil, err
	}
	var all []search.Doc
	for _, r := range rows {
		o, err := oparl.Parse([]byte(r.json))
		if err != nil {
			return nil, err
		}
		d := search.Doc{Ref: r.id, Title: r.name, Path: pageOf(r), Public: true}
		if !r.starts.IsZero() {
			d.At = house.Local(r.starts)
		}
		if d.Title == "" {
			d.Title = "Ohne Titel"
		}
		d.Unit, err = store.One(tx, store.Value[int64], `
			SELECT coalesce((SELECT u.unit FROM oparl_link l JOIN oparl_object u ON u.source = l.target AND u.unit IS NOT NULL
			WHERE l.object = ? AND l.property IN ('organization', 'underDirectionOf') ORDER BY u.id LIMIT 1), 0)`, r.id)
		if err != nil {
			return nil, err
		}
		d.Body = words(r.typ, o)
		all = append(all, d)
	}
	return all, nil
}

// words are what a meeting or a paper is found by, besides its name: the agenda with its results, the names of files.
func words(t oparl.Type, o oparl.Object) string {
	lines := []string{o.Text("reference"), o.Text("paperType"), placeOf(o)}
	for _, v := range values(o.Get("agendaItem")) {
		if in, ok := v.(oparl.Object); ok && !in.Deleted() {
			lines = append(lines, strings.TrimSpace(in.Text("number")+" "+in.Text("name")), in.Text("result"), in.Text("resolutionText"))
			for _, d := range documents(oparl.AgendaItem, in) {
				lines = append(lines, d.Name)
			}
		}
	}
	for _, d := range documents(t, o) {
		lines = append(lines, d.Name)
	}
	var b strings.Builder
	for _, l := range lines {
		if l != "" {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}
