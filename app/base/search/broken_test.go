package search_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// shelved is an index on the disk of a few hundred documents.
func shelved(t *testing.T) (x *search.Index, b *box, db *store.DB, dir string) {
	t.Helper()
	b = &box{hidden: map[int64]bool{}}
	for i := range int64(300) {
		b.docs = append(b.docs, search.Doc{Ref: i + 1, Public: true, Title: fmt.Sprintf("Seite %d", i+1), Body: "Von der Eingewöhnung und der Verpflegungsgebühr."})
	}
	db, dir = apptest.DB(t), filepath.Join(t.TempDir(), "index")
	x = search.New(db, dir)
	x.Add(b.source("text"))
	update(t, x)
	t.Cleanup(x.Close)
	return x, b, db, dir
}

func changed(t *testing.T, db *store.DB, refs ...int64) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return search.Changed(tx, "text", refs...) }); err != nil {
		t.Fatal(err)
	}
}

// whole asks what only the index can answer.
func whole(t *testing.T, x *search.Index) {
	t.Helper()
	if a := ask(t, x, who.Viewer{}, "gebuehr"); a.Plain || a.Total < 298 {
		t.Errorf("the index is not whole: %d hits, plain %v", a.Total, a.Plain)
	}
}

func TestFollows(t *testing.T) {
	x, b, db, _ := shelved(t)
	b.docs[0].Body = "Der Zirkus kommt."
	b.docs = append(b.docs[:2], b.docs[3:]...) // the third is gone
	changed(t, db, 1, 3, 999)
	if a := ask(t, x, who.Viewer{}, "Zirkus"); len(a.Hits) != 0 {
		t.Errorf("it knows what it has not read: %v", refs(a))
	}
	update(t, x)
	if a := ask(t, x, who.Viewer{}, "Zirkus"); !slices.Equal(refs(a), []int64{1}) {
		t.Errorf("changed: %v", refs(a))
	}
	if a := ask(t, x, who.Viewer{}, `"Seite 3"`); len(a.Hits) != 0 {
		t.Errorf("gone: %v", refs(a))
	}
	whole(t, x)
}

// TestTrim: the table of changes does not grow for ever, and an index that is opened later still fits.
func TestTrim(t *testing.T) {
	x, b, db, dir := shelved(t)
	for range 3 {
		refs := make([]int64, 300)
		for i := range refs {
			refs[i] = int64(i + 1)
		}
		changed(t, db, refs...)
		update(t, x)
	}
	n := 0
	err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM search_change`)
		return err
	})
	if err != nil || n > 500 {
		t.Errorf("%d changes are kept, %v", n, err)
	}
	x.Close()
	was := folders(t, dir)
	again := search.New(db, dir)
	again.Add(b.source("text"))
	defer again.Close()
	update(t, again)
	whole(t, again)
	if now := folders(t, dir); !slices.Equal(was, now) {
		t.Errorf("an index that was closed well is made anew: %v, %v", was, now)
	}
}

func folders(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// TestBroken breaks the index while it is used. No search fails, something is found meanwhile, and it is made anew.
func TestBroken(t *testing.T) {
	segments := func(t *testing.T, dir string) []string {
		all, err := filepath.Glob(filepath.Join(dir, "*", "store", "*.zap"))
		if err != nil || len(all) == 0 {
			t.Fatal("no segments", err)
		}
		return all
	}
	for _, c := range []struct {
		name string
		harm func(t *testing.T, dir string)
	}{
		{"deleted", func(t *testing.T, dir string) { os.RemoveAll(dir) }},
		{"root deleted", func(t *testing.T, dir string) {
			all, _ := filepath.Glob(filepath.Join(dir, "*", "store", "root.bolt"))
			os.Remove(all[0])
		}},
		{"segments overwritten", func(t *testing.T, dir string) {
			for _, name := range segments(t, dir) {
				f, err := os.OpenFile(name, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				info, err := f.Stat()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.WriteAt(make([]byte, info.Size()), 0); err != nil {
					t.Fatal(err)
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, _, db, dir := shelved(t)
			c.harm(t, dir)
			for i := range 5 {
				if a := ask(t, x, who.Viewer{}, "Eingewöhnung"); len(a.Hits) == 0 {
					t.Errorf("search %d finds nothing", i)
				}
				changed(t, db, int64(i+1))
				update(t, x)
			}
			whole(t, x)
		})
	}
}

// TestUnclean opens an index again: one that is whole is used, one that is damaged is made anew.
func TestUnclean(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(zap, root string) error
		anew bool
	}{
		{"whole", func(string, string) error { return nil }, false},
		{"segment cut off", func(zap, _ string) error { return os.Truncate(zap, 1000) }, true},
		{"a bit of a segment turned over", func(zap, _ string) error {
			b, err := os.ReadFile(zap)
			if err != nil {
				return err
			}
			b[len(b)/2] ^= 8
			return os.WriteFile(zap, b, 0o600)
		}, true},
		{"segment empty", func(zap, _ string) error { return os.Truncate(zap, 0) }, true},
		{"root cut off", func(_, root string) error { return os.Truncate(root, 100) }, true},
		{"root zeroed", func(_, root string) error { return os.WriteFile(root, make([]byte, 65536), 0o600) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, b, db, dir := shelved(t)
			x.Close()
			old := filepath.Join(dir, folders(t, dir)[0])
			zaps, err := filepath.Glob(filepath.Join(old, "store", "*.zap"))
			if err != nil || len(zaps) == 0 {
				t.Fatal(zaps, err)
			}
			if err := c.harm(zaps[0], filepath.Join(old, "store", "root.bolt")); err != nil {
				t.Fatal(err)
			}
			was, err := os.Stat(filepath.Join(old, "index_meta.json"))
			if err != nil {
				t.Fatal(err)
			}
			again := search.New(db, dir)
			again.Add(b.source("text"))
			defer again.Close()
			update(t, again)
			whole(t, again)
			now, err := os.Stat(filepath.Join(dir, folders(t, dir)[0], "index_meta.json"))
			if err != nil {
				t.Fatal(err)
			}
			if anew := !os.SameFile(was, now) || !was.ModTime().Equal(now.ModTime()); anew != c.anew {
				t.Errorf("made anew: %v", anew)
			}
		})
	}
}

// TestOtherDatabase: an index that has seen what this database has not is not believed.
func TestOtherDatabase(t *testing.T) {
	x, b, db, dir := shelved(t)
	changed(t, db, 1)
	update(t, x)
	x.Close()
	restored := apptest.DB(t)
	b.docs[0].Title = "Aus der Sicherung"
	for range 2 { // other changes, with the same numbers
		changed(t, restored, 2)
	}
	again := search.New(restored, dir)
	again.Add(b.source("text"))
	defer again.Close()
	update(t, again)
	if a := ask(t, again, who.Viewer{}, "Sicherung"); len(a.Hits) != 1 {
		t.Errorf("the restored document is not found: %v", refs(a))
	}
}

// TestRun: what is written is found within a second, and the index ends with its context.
func TestRun(t *testing.T) {
	x, b, db, _ := shelved(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); x.Run(ctx) }()
	b.docs[7].Title = "Flohmarkt"
	changed(t, db, 8)
	begin := time.Now()
	for len(ask(t, x, who.Viewer{}, "Flohmarkt").Hits) == 0 {
		if time.Since(begin) > 5*time.Second {
			t.Fatal("a changed page is not found")
		}
	}
	t.Logf("found after %s", time.Since(begin).Round(time.Millisecond))
	stop()
	<-ended
	if a := ask(t, x, who.Viewer{}, "Flohmarkt"); !a.Plain || len(a.Hits) != 1 {
		t.Errorf("after the end: %+v", a)
	}
}
