package app

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

var letterCode = regexp.MustCompile(`<p class="code" dir="ltr"><b>([^<]+)</b>`)

// TestPuppet: what takes two people takes two. A manager who makes up a second one, appoints and lets it in can do nothing with
// it for a week in which everybody sees it; a letter that is used again counts as such, too.
func TestPuppet(t *testing.T) {
	h := newHouse(t)
	h.sql(`INSERT INTO account_totp (person, secret, step, since) VALUES (5, 'x', 0, 0)`)
	h.sql(`INSERT INTO calendar_feed (person, hash, secret, created) VALUES (5, x'01', 'x', 0)`)
	h.done(apptest.Max, "/einheit/3/mitglied", "role", "3", "given", "Petra", "family", "Puppe", "language", "de")
	puppet := h.number(`SELECT max(person) FROM membership WHERE unit = 3`)
	letter := func() {
		t.Helper()
		w := h.do(apptest.Max, h.form(apptest.Max, "/einheit/3/briefe", "membership", fmt.Sprint(h.number(`SELECT id FROM membership WHERE person = ?`, puppet))))
		m := letterCode.FindStringSubmatch(w.Body.String())
		if m == nil {
			t.Fatalf("no letter: %d %s", w.Code, said(w.Body.String()))
		}
		h.done(apptest.Nobody, "/i", "code", m[1])
	}
	letter()
	const fresh = "schon sieben Tage"
	as := func(person int64, want int, path string, fields ...string) {
		t.Helper()
		w := h.do(person, h.form(person, path, fields...))
		if w.Code != want || w.Code >= 400 && !strings.Contains(w.Body.String(), fresh) {
			t.Errorf("%s as %d: %d, want %d: %s", path, person, w.Code, want, said(w.Body.String()))
		}
	}
	as(puppet, 422, "/wiederherstellung", "person", "5")
	as(apptest.Max, 303, "/wiederherstellung", "person", "5")
	as(puppet, 422, "/wiederherstellung/erlauben", "request", "1")
	h.sql(`UPDATE guardian SET state = 'ended', until = since + 1 WHERE person = 7`)
	h.sql(`INSERT INTO privacy_request (id, kind, person, asker, origin, state, words, at) VALUES (900, 'person', 7, 1, 'desk', 'open', '', ?)`, h.Now().Unix())
	as(puppet, 422, "/loeschung/900/vorlegen")
	as(apptest.Max, 303, "/loeschung/900/vorlegen")
	if w := h.get(puppet, "/loeschung/900"); !strings.Contains(w.Body.String(), fresh) || strings.Contains(w.Body.String(), "Freigeben und löschen") {
		t.Errorf("the page of a deletion: %d %s", w.Code, said(w.Body.String()))
	}
	as(puppet, 422, "/loeschung/900/freigeben", "sure", "1")
	if h.number(`SELECT (SELECT count(*) FROM account_totp WHERE person = 5) + (SELECT count(*) FROM person WHERE id = 7)`) != 2 {
		t.Fatal("one has done what takes two")
	}

	h.Clock.Add(8 * 24 * time.Hour) // the puppet is no secret any more
	letter()
	as(apptest.Max, 303, "/wiederherstellung", "person", "5")
	as(puppet, 422, "/wiederherstellung/erlauben", "request", "2")
	h.Clock.Add(8 * 24 * time.Hour)
	as(apptest.Max, 303, "/wiederherstellung", "person", "5")
	if w := h.do(puppet, h.form(puppet, "/wiederherstellung/erlauben", "request", "3")); w.Code != http.StatusOK {
		t.Errorf("after a week: %d %s", w.Code, said(w.Body.String()))
	}
	if n := h.number(`SELECT (SELECT count(*) FROM account_totp WHERE person = 5) + (SELECT count(*) FROM calendar_feed WHERE person = 5)`); n != 0 {
		t.Error("something of the old access still opens")
	}
}
