package announcement

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// What is kept as rendered is never shown once it has changed.
func TestKept(t *testing.T) {
	h := apptest.New(t)
	f := New(h.House, Wires{})
	s := h.Serve(t, f)
	at := s.Post(apptest.Hanna, "/mitteilungen/neu", "unit", "4", "audience", "4", "role", "parent", "title", "Neu", "body", "Text", "confirm", "1").To
	if !strings.HasPrefix(at, "/mitteilung/") {
		t.Fatalf("published to %q", at)
	}
	at = strings.TrimSuffix(at, "/stand")
	h.Work(t)
	change := func(query string) func() {
		return func() {
			if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query); return err }); err != nil {
				t.Fatal(err)
			}
		}
	}
	post := func(person int64, path string, fields ...string) func() {
		return func() {
			if a := s.Post(person, path, fields...); a.Code != 303 {
				t.Fatal(a.Code, a.Body)
			}
		}
	}
	for _, c := range []struct {
		name   string
		do     func()
		person int64
		path   string
		shows  string
		hides  string
	}{
		{"whom to call", func() {}, apptest.Hanna, "/stand", "0461 113", "0461 99"},
		{"another number", change(`UPDATE guardian SET phone = '0461 99' WHERE person = 7`), apptest.Hanna, "/stand", "0461 99", "0461 113"},
		{"a mail that came back", change(`UPDATE announcement_delivery SET state = 'failed', reason = 'kam zurück' WHERE person = 7 AND channel = 'mail'`),
			apptest.Hanna, "/stand", "Mail: kam zurück", "gibt es nicht"},
		{"a call in vain", post(apptest.Hanna, at+"/anruf", "child", fmt.Sprint(apptest.Can), "reached", "0"), apptest.Hanna, "/stand", "7:12 Uhr nicht erreicht", "angerufen von"},
		{"another name", change(`UPDATE child SET given = 'Canan' WHERE id = 3`), apptest.Hanna, "/stand", "Canan Yildiz", "Can Yildiz"},
		{"a confirmation", post(apptest.Cem, at+"/bestaetigen"), apptest.Hanna, "/stand", "Cem Yildiz", "0461 99"},
		{"one by each parent: the first counts", func() {
			post(apptest.Bert, at+"/bestaetigen")()
			h.Clock.Add(time.Minute)
			post(apptest.Ada, at+"/bestaetigen")()
		}, apptest.Hanna, "/stand", "Bert Demir", "Ada Demir"},
		{"the start page", func() {}, apptest.Ada, "", "Emil", "Emilia"},
		{"the receipt", func() {}, apptest.Ada, "", "Bestätigt heute, 7:13 Uhr", "Bestätigt heute, 7:12 Uhr"},
		{"a child's name", change(`UPDATE child SET given = 'Emilia' WHERE id = 2`), apptest.Ada, "", "Emilia", "Emil<"},
		{"the chosen child", func() {}, apptest.Ada, "?kind=1", `href="/?kind=1" aria-current="true"`, `href="/" aria-current="true"`},
		{"a child's group", change(`UPDATE unit SET name = 'Hummeln' WHERE id = 5`), apptest.Ada, "", "Hummeln", "Käfer"},
	} {
		c.do()
		path := "/" + c.path
		if strings.HasPrefix(c.path, "/") {
			path = at + c.path
		}
		a := s.Get(c.person, path)
		if a.Code != 200 || !a.Has(c.shows) || a.Has(c.hides) {
			t.Errorf("%s: %d, want %q and not %q:\n%s", c.name, a.Code, c.shows, c.hides, a.Body)
		}
	}
}
