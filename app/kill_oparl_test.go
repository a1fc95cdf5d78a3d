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

// An import of OParl that kill -9 ends at any moment leaves whole objects, each once; the same once more does the rest.
func TestKillOParl(t *testing.T) {
	t.Parallel()
	const papers = 6000 // each with a file and a consultation
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	from, data := filepath.Join(t.TempDir(), "papers.jsonl"), t.TempDir()
	var b strings.Builder
	one := func(typ, path string, i int) string {
		return fmt.Sprintf(`"id":"https://rat.example.org/%s/%d","type":"https://schema.oparl.org/1.1/%s"`, path, i, typ)
	}
	for i := range papers {
		fmt.Fprintf(&b, `{%s,"body":"https://rat.example.org/b","name":"Vorlage %d","mainFile":{%s,"accessUrl":"https://rat.example.org/x"},"consultation":[{%s,"role":"Entscheidung"}]}`+"\n",
			one("Paper", "p", i), i, one("File", "f", i), one("Consultation", "c", i))
	}
	if err := os.WriteFile(from, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(data, "nestfunk.db")
	args := []string{"import", "oparl", from, "--data", data}
	before := int64(0)
	for trial := range 3 {
		c := program(t, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		for papersIn(file) <= before { // until one more of its groups is written
			select {
			case err := <-ended:
				t.Fatalf("trial %d: it ended by itself: %v", trial, err)
			case <-time.After(2 * time.Millisecond):
			}
		}
		time.Sleep(time.Duration(chance.IntN(20)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Error(err)
		}
		<-ended // it was killed
		now := wholePapers(t, file)
		if now <= before || now >= papers {
			t.Fatalf("trial %d: %d papers of %d, and %d before: it was not in the middle", trial, now, papers, before)
		}
		before = now
	}
	code, out, errs := nestfunk(t, args...)
	if want := fmt.Sprintf("%d neu, 0 geändert, %d unverändert, 0 abgelehnt", 3*(papers-before), 3*before); code != 0 || !strings.Contains(out, want) {
		t.Fatalf("the rest: %d %s%s, not %q", code, out, errs, want)
	}
	if n := wholePapers(t, file); n != papers {
		t.Errorf("%d papers of %d", n, papers)
	}
	if code, out, _ := nestfunk(t, append(args, "--json")...); code != 0 || !strings.Contains(out, fmt.Sprintf(`{"new":0,"changed":0,"same":%d,"refused":[]`, 3*papers)) {
		t.Errorf("once more: %d %s", code, out)
	}
	t.Logf("%d papers were there when the last import began", before)
}

// papersIn counts the papers of a house that is running; 0: it has only begun.
func papersIn(file string) (n int64) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		return 0
	}
	defer db.Close()
	_ = db.QueryRow(`SELECT count(*) FROM oparl_object WHERE type = 'Paper'`).Scan(&n) // perhaps there is no such table yet
	return n
}

// wholePapers counts the papers of a house, and checks that each is whole and there once.
func wholePapers(t *testing.T, file string) (n int64) {
	t.Helper()
	inDatabase(t, file, func(db *store.DB) error {
		return db.Read(t.Context(), func(tx *store.Tx) error {
			type sums struct{ papers, names, files, consultations, links, found, bodies int64 }
			s, err := store.One(tx, func(s *sums) []any {
				return []any{&s.papers, &s.names, &s.files, &s.consultations, &s.links, &s.found, &s.bodies}
			}, `
				SELECT (SELECT count(*) FROM oparl_object WHERE type = 'Paper'), (SELECT count(DISTINCT name) FROM oparl_object WHERE type = 'Paper'),
					(SELECT count(*) FROM oparl_object f JOIN oparl_object p ON p.id = f.parent WHERE f.type = 'File' AND p.type = 'Paper'),
					(SELECT count(*) FROM oparl_object WHERE type = 'Consultation'), (SELECT count(*) FROM oparl_link WHERE property = 'mainFile'),
					(SELECT count(DISTINCT ref) FROM search_change WHERE kind = 'oparl'), (SELECT count(*) FROM oparl_object WHERE type = 'Body')`)
			if n = s.papers; s.names != n || s.files != n || s.consultations != n || s.links != n || s.found != n || s.bodies != 1 {
				t.Errorf("a paper is not whole, or there twice: %+v", s)
			}
			return err
		})
	})
	return n
}
