package file

import (
	"fmt"
	"slices"

	"nestfunk/app/base/files"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// source finds files by their names and texts, by whom and where what they are attached to is found: that is asked for
// each of them, so that the two never differ. A file which its owner does not list is not found.
func (f feature) source() search.Source {
	return search.Source{
		Kind: files.FoundKind, Label: "Dateien",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM file WHERE id > ? AND owner <> '' ORDER BY id LIMIT ?`, above, n)
		},
		Docs: f.docs,
		Seen: f.seen,
		With: func(tx *store.Tx, kind string, ids []int64) (all []int64, err error) {
			if _, ok := f.of[kind]; !ok {
				return nil, nil
			}
			by, err := files.IDs(tx, kind, ids)
			for _, some := range by {
				all = append(all, some...)
			}
			return all, err
		},
		Look: f.look,
	}
}

// A place is what a file is attached to.
type place struct {
	owner string
	ref   int64
}

// An entry is a file as the search reads it.
type entry struct {
	id int64
	place
	name, text string
}

func (e *entry) fields() []any { return []any{&e.id, &e.owner, &e.ref, &e.name, &e.text} }

func (f feature) docs(tx *store.Tx, ids []int64) (all []search.Doc, err error) {
	entries, err := store.All(tx, (*entry).fields, `
		SELECT f.id, f.owner, f.ref, f.name, coalesce(f.text, '') FROM json_each(?) j JOIN file f ON f.id = j.value WHERE f.owner <> ''`, store.List(ids))
	if err != nil {
		return nil, err
	}
	owners := map[place]search.Doc{}
	for owner, refs := range refsOf(entries) {
		if _, ok := f.of[owner]; !ok {
			continue
		}
		docs, err := f.of[owner].Docs(tx, refs)
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			owners[place{owner, d.Ref}] = d
		}
	}
	for _, e := range entries {
		d, ok := owners[e.place]
		if !ok || !slices.Contains(d.Files, e.id) {
			continue
		}
		d.Ref, d.In, d.InPath, d.Title, d.Body, d.Path, d.Files = e.id, d.Title, d.Path, e.name, e.text, fmt.Sprintf("/datei/%d", e.id), nil
		all = append(all, d)
	}
	return all, nil
}

func (f feature) seen(tx *store.Tx, v who.Viewer, ids []int64) (some []int64, err error) {
	entries, err := store.All(tx, (*entry).fields, `
		SELECT f.id, f.owner, f.ref, '', '' FROM json_each(?) j JOIN file f ON f.id = j.value WHERE f.owner <> ''`, store.List(ids))
	if err != nil {
		return nil, err
	}
	open := map[place]bool{}
	for owner, refs := range refsOf(entries) {
		if _, ok := f.of[owner]; !ok {
			continue
		}
		refs, err := f.of[owner].Seen(tx, v, refs)
		if err != nil {
			return nil, err
		}
		for _, ref := range refs {
			open[place{owner, ref}] = true
		}
	}
	for _, e := range entries {
		if open[e.place] {
			some = append(some, e.id)
		}
	}
	return some, nil
}

const glance = 200 // files that are looked at together

// look reads the names and texts of files, the newest first, until enough are found that v may see.
func (f feature) look(tx *store.Tx, v who.Viewer, words []string, n int) (found []int64, err error) {
	for below := int64(1<<63 - 1); len(found) < n; {
		ids, err := store.All(tx, store.Value[int64], `
			SELECT f.id FROM file f WHERE f.owner <> '' AND f.id < ?1 AND NOT EXISTS (
				SELECT 1 FROM json_each(?2) w WHERE instr(lower(f.name || ' ' || coalesce(f.text, '')), lower(w.value)) = 0)
			ORDER BY f.id DESC LIMIT ?3`, below, store.List(words), glance)
		if err != nil || len(ids) == 0 {
			return found, err
		}
		below = ids[len(ids)-1]
		may, err := f.seen(tx, v, ids)
		if err != nil {
			return nil, err
		}
		docs, err := f.docs(tx, may)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if slices.ContainsFunc(docs, func(d search.Doc) bool { return d.Ref == id }) {
				found = append(found, id)
			}
		}
	}
	return found[:n], nil
}

// refsOf are the things that files are attached to, each once, by their owners.
func refsOf(entries []entry) map[string][]int64 {
	by := map[string][]int64{}
	for _, e := range entries {
		if !slices.Contains(by[e.owner], e.ref) {
			by[e.owner] = append(by[e.owner], e.ref)
		}
	}
	return by
}
