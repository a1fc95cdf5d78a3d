package app_test

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"nestfunk/app/base/store"
)

// The demonstration of the first release is opened by this program: pages, search and sign-in work as before, the second
// start finds nothing to do, and what is newer than the program is refused in a sentence.
func TestProgramUpgrade(t *testing.T) {
	dir, file := released(t)
	for start := range 2 {
		s := serve(t, "demo", "--data", dir, "--listen", "127.0.0.1:0")
		if code, body := s.get("/gesund"); code != 200 {
			t.Fatalf("start %d: %d %s", start, code, body)
		}
		_, body := s.get("/anmelden")
		cards := strings.Split(body, `name="person" value="`)[1:]
		if len(cards) != 9 {
			t.Fatalf("start %d: %d cards: %s", start, len(cards), body)
		}
		for _, card := range cards {
			id, _, _ := strings.Cut(card, `"`)
			if code, _ := s.post(s.base+"/anmelden/rolle", url.Values{"person": {id}}); code != 200 {
				t.Errorf("start %d: sign in as %s: %d", start, id, code)
			}
			for _, path := range []string{"/", "/mitteilungen", "/nachrichten", "/kalender", "/gremien", "/suche?q=garten", "/wissen"} {
				if code, body := s.get(path); code >= 500 || path == "/" && !strings.Contains(body, "<h1") {
					t.Errorf("start %d: %s for %s: %d", start, path, id, code)
				}
			}
		}
		if code := s.stop(); code != 0 {
			t.Errorf("start %d: exit %d: %s", start, code, s.errs)
		}
		if _, err := os.Stat(file + ".release-1"); err != nil {
			t.Errorf("start %d: %v", start, err)
		}
	}
	inDatabase(t, file, func(db *store.DB) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`PRAGMA user_version = 99`)
			return err
		})
	})
	if code, _, errs := nestfunk(t, "demo", "--data", dir, "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, "neueren Version") {
		t.Errorf("a newer database: %d %q", code, errs)
	}
}
