package app

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
)

// get is what a person reads at a path.
func (a *aired) get(person int64, path string) (code int, body string) {
	a.t.Helper()
	res := a.do(person, "GET", path, nil)
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// send posts a form; the answer is its status and what the page says.
func (a *aired) send(person int64, path string, fields ...string) (code int, words string) {
	a.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	res := a.do(person, "POST", path, form)
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return res.StatusCode, said(string(b))
}

// done is a form that has to be taken.
func (a *aired) done(person int64, path string, fields ...string) {
	a.t.Helper()
	if code, words := a.send(person, path, fields...); code != http.StatusSeeOther {
		a.t.Fatalf("%s as %d: %d %s", path, person, code, words)
	}
}

// phone is a telephone of a person on which notifications are allowed.
func (a *aired) phone(service *apptest.PushService, person int64) *apptest.PushBrowser {
	a.t.Helper()
	return rings(a.t, a.house, service, person)
}

func rings(t testing.TB, h *house.House, service *apptest.PushService, person int64) *apptest.PushBrowser {
	t.Helper()
	b, id := service.Browser(), fmt.Append(nil, "phone", person)
	sub, err := h.Push.Parse(b.Endpoint, b.P256dh, b.Auth)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Firefox', 0, 0, 9223372036854775807, 0)`, id, person)
		if err != nil {
			return err
		}
		return push.Subscribe(tx, person, id, sub, h.Now())
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// leaves ends a child's stay, on the page of the head.
func (a *aired) leaves(head, child int64) {
	a.t.Helper()
	path := fmt.Sprintf("/kind/%d", child)
	_, page := a.get(head, path)
	m := regexp.MustCompile(`(?s)action="` + path + `/abmelden".*?name="was" value="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		a.t.Fatalf("no form: %s", said(page))
	}
	a.done(head, path+"/abmelden", "was", m[1])
}

// everyday is a house in which the families of either Kita have a room, a date and something to write.
func everyday(t *testing.T) *aired {
	a := air(t)
	for i, c := range []struct {
		head, facility int64
		name           string
	}{{apptest.Hanna, apptest.Sonne, "Sonne"}, {apptest.Rosa, apptest.Regenbogen, "Regen"}} {
		unit, room := fmt.Sprint(c.facility), fmt.Sprintf("/raum/%d", i+1)
		a.done(c.head, "/raeume/neu", "unit", unit, "kind", "open", "audience", unit, "role", "parent", "name", "Elternraum "+c.name, "keep", "365")
		a.enters(c.head, room)
		a.done(c.head, room+"/neu", "uid", fmt.Sprint("topic", i), "title", "Fahrradhelme "+c.name, "body", "Wo kauft man die?")
		a.done(c.head, "/termine/neu", "unit", unit, "audience", unit, "role", "parent", "title", "Sommerfest "+c.name, "day", "2026-03-05", "starts", "15:00", "ends", "18:00")
	}
	return a
}

// enters accepts the netiquette of a room.
func (a *aired) enters(person int64, room string) {
	a.t.Helper()
	_, page := a.get(person, room)
	version := regexp.MustCompile(`name="version" value="(\w+)"`).FindStringSubmatch(page)
	if version == nil {
		a.t.Fatalf("%s has no netiquette: %s", room, said(page))
	}
	a.done(person, room+"/netiquette", "version", version[1])
}

// feed makes the secret address of a person's calendar.
func (a *aired) feed(person int64) string {
	a.t.Helper()
	a.done(person, "/konto/kalender")
	_, page := a.get(person, "/konto/kalender")
	return regexp.MustCompile(`/kalender/[\w-]+\.ics`).FindString(page)
}

// A child leaves the Kita while its father's pages are open. The clock stands still: what he could do before, he cannot do
// with the very next request.
func TestFamilyLosesItsRights(t *testing.T) {
	a := everyday(t)
	const room, topic, talk = "/raum/1", "/thema/1", "/gespraech/1"
	phone := a.phone(a.h.PushService(t), apptest.Cem)
	if err := a.house.DB.Write(t.Context(), func(tx *store.Tx) error { // what he reads is compared with German
		_, err := tx.Exec(`UPDATE person SET language = 'de' WHERE id = ?`, apptest.Cem)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	a.enters(apptest.Cem, room)
	a.done(apptest.Cem, topic+"/folgen", "on", "1")
	a.done(apptest.Cem, "/nachrichten/neu", "uid", "q", "kind", "team", "to", "3-6", "title", "Mütze", "body", "Ist Cans Mütze da?")
	feed := a.feed(apptest.Cem)
	sees := func(path string, code int, words ...string) {
		t.Helper()
		got, page := a.get(apptest.Cem, path)
		if got != code {
			t.Errorf("%s: %d, want %d", path, got, code)
		}
		for _, w := range words {
			w, not := strings.CutPrefix(w, "-")
			if strings.Contains(page, w) == not {
				t.Errorf("%s: %q is there: %v\n%s", path, w, not, page)
			}
		}
	}
	sees(room, 200, "Fahrradhelme")
	sees("/termine", 200, "Sommerfest Sonne")
	sees(feed, 200, "Sommerfest Sonne")
	a.h.Work(t)
	rung := len(phone.Titles())
	// Still on the way as the child leaves: an answer, a post, an announcement.
	a.done(apptest.Hanna, talk, "uid", "r", "body", "Ja, in der Garderobe.")
	a.done(apptest.Hanna, topic+"/antwort", "uid", "s", "body", "Auf dem Flohmarkt.")
	a.write(apptest.Hanna, apptest.Sonne)
	mails := len(a.h.Post.Sent())
	stream := a.listen(apptest.Cem, a.page(apptest.Cem, "/nachrichten"))

	a.leaves(apptest.Hanna, apptest.Can)

	n := 0
	for range stream { // until it ends
		n++
	}
	if n != 1 {
		t.Errorf("%d changes, want one, so that the page learns it", n)
	}
	for _, path := range []string{room, room + "/neu", topic, "/beitrag/1", "/termin/1", "/mitteilung/1"} {
		if code, _ := a.get(apptest.Cem, path); code != http.StatusNotFound && code != http.StatusForbidden {
			t.Errorf("%s: %d", path, code)
		}
	}
	for path, fields := range map[string][]string{
		room + "/neu":       {"uid", "x", "title", "Noch da", "body", "Noch da"},
		topic + "/antwort":  {"uid", "y", "body", "Noch da"},
		talk:                {"uid", "z", "body", "Noch da"},
		"/nachrichten/neu":  {"uid", "w", "kind", "team", "to", "3-6", "title", "Noch da", "body", "Noch da"},
		"/abwesenheit":      {"child", "3"},
		"/termin/1/antwort": {"state", "yes"},
	} {
		if code, words := a.send(apptest.Cem, path, fields...); code < 400 {
			t.Errorf("POST %s: %d %s", path, code, words)
		}
	}
	sees("/raeume", 403, "-Elternraum")
	sees("/termine", 200, "-Sommerfest")
	sees(feed, 404)
	sees("/", 200, "-Sommerfest", "-Fahrradhelme")
	sees(talk, 404, "-Mütze") // a copy comes with his data
	sees("/nachrichten", 200, "-Mütze")
	a.h.Work(t)
	a.h.Clock.Add(11 * time.Hour) // past the digest
	a.h.Work(t)
	if got := phone.Titles()[rung:]; len(got) != 0 {
		t.Errorf("his telephone shows %q", got)
	}
	for _, m := range a.h.Post.Sent()[mails:] {
		if m.To == "cem@example.org" {
			t.Errorf("a mail tells him: %s\n%s", m.Subject, m.Text)
		}
	}
	if _, page := a.get(apptest.Hanna, talk); strings.Contains(page, "Noch da") {
		t.Error("what he wrote has arrived")
	}
}

// A mother of two has the one child in the Kita no more: her stream goes on, with the other child's Kita alone.
func TestFamilyKeepsItsOtherRights(t *testing.T) {
	a := everyday(t)
	phone := a.phone(a.h.PushService(t), apptest.Ada)
	for _, room := range []string{"/raum/1", "/raum/2"} {
		a.enters(apptest.Ada, room)
	}
	feed := a.feed(apptest.Ada)
	a.h.Work(t)
	rung := len(phone.Titles())
	ada := a.listen(apptest.Ada, a.page(apptest.Ada, "/"))
	a.leaves(apptest.Hanna, apptest.Mila)
	heard(t, "Ada, of her rights", ada)
	a.write(apptest.Hanna, apptest.Sonne)
	a.h.Work(t)
	if got := phone.Titles()[rung:]; len(got) != 0 {
		t.Errorf("her telephone shows %q", got)
	}
	next := a.listen(apptest.Ada, a.page(apptest.Ada, "/"))
	a.write(apptest.Hanna, apptest.Sonne)
	a.silent(map[string]<-chan string{"Ada, of the Kita that Mila has left": next})
	for path, want := range map[string]int{"/raum/1": 404, "/raum/2": 200, "/thema/1": 404, "/thema/2": 200, "/termin/1": 404, "/termin/2": 200} {
		if code, _ := a.get(apptest.Ada, path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
	for _, path := range []string{feed, "/termine", "/raeume"} {
		if _, page := a.get(apptest.Ada, path); !strings.Contains(page, "Regen") || strings.Contains(page, "fest Sonne") || strings.Contains(page, "raum Sonne") {
			t.Errorf("%s: %s", path, page)
		}
	}
	a.write(apptest.Rosa, apptest.Regenbogen)
	a.h.Work(t)
	if got := phone.Titles()[rung:]; len(got) != 1 {
		t.Errorf("her telephone shows %q, want what the other child's Kita says", got)
	}
}
