package wiki

import (
	"fmt"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
)

// What another version of the program has rendered is rendered anew, a few pages at a time: a house that stops in between
// goes on after its next start. Readers see the new HTML from the beginning.
func TestRenderAnew(t *testing.T) {
	const pages = 2*renderChunk + 50
	h, s := serve(t)
	h.Work(t)
	ids := make([]int64, pages)
	err := h.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		for i := range ids {
			if ids[i], err = add(tx, apptest.City, 0, Public, Text{fmt.Sprintf("Seite %d", i), "Hier **fett**."}, 0, true, h.Now()); err != nil {
				return err
			}
		}
		_, err = tx.Exec(`UPDATE wiki_page SET html = 'alt', renderer = ?`, text.ArchiveVersion-1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	old := func() (n int) {
		t.Helper()
		if err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM wiki_page WHERE html = 'alt' OR renderer <> ?`, text.ArchiveVersion)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	begin := func() {
		t.Helper()
		if err := New(h.House, noLog, nil, noPassage).Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	if n := old(); n != pages {
		t.Errorf("the start has rendered %d pages itself", pages-n)
	}
	if a := s.Get(apptest.Nobody, seite(ids[0])); !a.Has("<strong>fett</strong>") {
		t.Error(main(a.Body))
	}
	if _, err := h.Tasks.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := old(); n != pages-renderChunk {
		t.Errorf("%d pages are left after the first task, of %d", n, pages)
	}
	// Here the house stops. Meanwhile somebody saves.
	last := seite(ids[pages-1])
	if a := s.Post(apptest.Arno, last+"/bearbeiten", "base", base(t, s, apptest.Arno, last), "title", "Letzte", "body", "Ganz *neu*."); a.Code != 303 {
		t.Fatal(main(a.Body))
	}
	begin()
	h.Work(t)
	if n := old(); n != 0 {
		t.Errorf("%d pages are left", n)
	}
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		html, err := store.One(tx, store.Value[string], `SELECT group_concat(DISTINCT html) FROM wiki_page`)
		if strings.Count(html, "<strong>fett</strong>") != 1 || strings.Count(html, "<em>neu</em>") != 1 {
			t.Error(html)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	begin()
	begin()
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ?`, renderKind)
		if n != 1 {
			t.Errorf("%d tasks wait after two starts", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
