package search

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nestfunk/app/base/store"
)

// words are all words of the index that begin so, those of deleted documents, too.
func words(t *testing.T, x *Index, begin string) (all []string) {
	t.Helper()
	fields, err := x.live.bleve.Fields()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		d, err := x.live.bleve.FieldDictPrefix(f, []byte(begin))
		if err != nil {
			t.Fatal(err)
		}
		for e, err := d.Next(); e != nil && err == nil; e, err = d.Next() {
			if !slices.Contains(all, e.Term) {
				all = append(all, e.Term)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// An index keeps the words of what was deleted; one that is made anew does not.
func TestAnewForgets(t *testing.T) {
	schema, err := os.ReadFile("../../../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"), string(schema))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	x := New(db, filepath.Join(t.TempDir(), "index"))
	t.Cleanup(x.Close)
	docs := map[int64]string{1: "Quastenflosser", 2: "Zaunkönig"}
	x.Add(Source{Kind: "page", Docs: func(_ *store.Tx, ids []int64) (all []Doc, err error) {
		for _, id := range ids {
			if docs[id] != "" {
				all = append(all, Doc{Ref: id, Title: docs[id]})
			}
		}
		return all, nil
	}, All: func(_ *store.Tx, above int64, _ int) (all []int64, err error) {
		for _, id := range []int64{1, 2} {
			if id > above && docs[id] != "" {
				all = append(all, id)
			}
		}
		return all, nil
	}})
	change := func(f func(tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if err := x.Update(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	change(func(tx *store.Tx) error { return Changed(tx, "page", 1, 2) })
	if got := words(t, x, "quast"); len(got) == 0 {
		t.Fatal("the word is not there to begin with")
	}
	delete(docs, 1)
	change(func(tx *store.Tx) error { return Changed(tx, "page", 1) })
	t.Logf("deleted: %q", words(t, x, "quast")) // as long as the parts are not joined
	change(Moved)
	if got := words(t, x, "quast"); len(got) > 0 {
		t.Errorf("made anew: %q", got)
	}
	if got := words(t, x, "zaun"); len(got) == 0 {
		t.Error("the others are gone, too")
	}
}
