package app_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/store"
)

// An import that kill -9 ends at any moment leaves whole pages, each once; the same import once more does the rest.
func TestKillImport(t *testing.T) {
	t.Parallel()
	const pages, withFile = 1500, 50 // each so many pages has a file
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	from, data := t.TempDir(), t.TempDir()
	for i := range pages {
		text := fmt.Sprintf("# Seite %d\n\nWas hier steht, steht nur hier: %d. Siehe [[Seite %d]].\n", i, i, (i+1)%pages)
		if i%withFile == 0 {
			plan := fmt.Sprintf("plan%d.txt", i)
			text += "\n[Der Plan](" + plan + ")\n"
			if err := os.WriteFile(filepath.Join(from, plan), []byte("Der Plan von "+plan), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(from, fmt.Sprintf("s%04d.md", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(data, "nestfunk.db")
	args := []string{"import", "pages", from, "--data", data}
	before := int64(0)
	for trial := range 3 {
		c := program(t, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		for seen(file) <= before { // until the first of its groups is written
			select {
			case err := <-ended:
				t.Fatalf("trial %d: it ended by itself: %v", trial, err)
			case <-time.After(2 * time.Millisecond):
			}
		}
		time.Sleep(time.Duration(chance.IntN(30)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Error(err)
		}
		<-ended // it was killed
		now := brought(t, file)
		if now <= before || now >= pages {
			t.Fatalf("trial %d: %d pages of %d, and %d before: it was not in the middle", trial, now, pages, before)
		}
		before = now
	}
	code, out, errs := nestfunk(t, args...)
	if want := fmt.Sprintf("%d neu, 0 geändert, %d unverändert, 0 abgelehnt", pages-before, before); code != 0 || !strings.Contains(out, want) {
		t.Fatalf("the rest: %d %s%s, not %q", code, out, errs, want)
	}
	if n := brought(t, file); n != pages {
		t.Errorf("%d pages of %d", n, pages)
	}
	if code, out, _ := nestfunk(t, args...); code != 0 || !strings.Contains(out, fmt.Sprintf("0 neu, 0 geändert, %d unverändert", pages)) {
		t.Errorf("once more: %d %s", code, out)
	}
	inDatabase(t, file, func(db *store.DB) error {
		return db.Read(t.Context(), func(tx *store.Tx) error {
			n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM file WHERE owner = 'wiki'`)
			if n != pages/withFile {
				t.Errorf("%d files belong to pages, not %d", n, pages/withFile)
			}
			return err
		})
	})
	t.Logf("%d pages were there when the last import began", before)
}

// seen counts the pages of a house that is running; 0: it has only begun.
func seen(file string) (n int64) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		return 0
	}
	defer db.Close()
	_ = db.QueryRow(`SELECT count(*) FROM wiki_page`).Scan(&n) // perhaps there is no such table yet
	return n
}

// brought counts the pages of a house, and checks that each is whole and there once.
func brought(t *testing.T, file string) (n int64) {
	t.Helper()
	inDatabase(t, file, func(db *store.DB) error {
		return db.Read(t.Context(), func(tx *store.Tx) error {
			type sums struct{ pages, titles, revisions, shown, sources, links, files int64 }
			s, err := store.One(tx, func(s *sums) []any {
				return []any{&s.pages, &s.titles, &s.revisions, &s.shown, &s.sources, &s.links, &s.files}
			}, `
				SELECT (SELECT count(*) FROM wiki_page), (SELECT count(DISTINCT title) FROM wiki_revision), (SELECT count(*) FROM wiki_revision),
					(SELECT count(*) FROM wiki_page p JOIN wiki_revision r ON r.id = p.shown AND r.id = p.latest AND r.page = p.id WHERE p.html <> ''),
					(SELECT count(DISTINCT path) FROM wiki_source WHERE file IS NULL), (SELECT count(*) FROM wiki_link),
					(SELECT count(*) FROM file f WHERE owner = 'wiki' AND NOT EXISTS (
						SELECT 1 FROM wiki_page p JOIN wiki_revision r ON r.id = p.shown WHERE p.id = f.ref AND instr(r.body, '/datei/' || f.id || ')') > 0))`)
			if n = s.pages; s.titles != n || s.revisions != n || s.shown != n || s.sources != n || s.links != n || s.files != 0 {
				t.Errorf("a page is not whole, or there twice: %+v", s)
			}
			return err
		})
	})
	return n
}
