package app

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// A monday is a house whose clock is set to hours of Monday, 2 March 2026.
type monday struct {
	*full
	phones map[int64]*apptest.PushBrowser
}

func newMonday(t *testing.T) monday {
	f := newHouse(t)
	d := monday{f, map[int64]*apptest.PushBrowser{}}
	service := f.PushService(t)
	for _, p := range []int64{apptest.Ada, apptest.Stefan} {
		b := service.Browser()
		sub, err := f.Push.Parse(b.Endpoint, b.P256dh, b.Auth)
		if err != nil {
			t.Fatal(err)
		}
		f.sql(`INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Firefox', 0, 0, 9223372036854775807, 0)`, fmt.Append(nil, "phone", p), p)
		if err := f.DB.Write(t.Context(), func(tx *store.Tx) error { return push.Subscribe(tx, p, fmt.Append(nil, "phone", p), sub, f.Now()) }); err != nil {
			t.Fatal(err)
		}
		d.phones[p] = b
	}
	return d
}

// at has the clock show an hour of a day of March 2026 (0: the last of February), with all done that is due by then.
func (d monday) at(day, hour, minute int) {
	d.t.Helper()
	d.Clock.Add(time.Date(2026, 3, day, hour, minute, 0, 0, web.Zone()).Sub(d.Clock.Now()))
	d.Work(d.t)
}

// waited sends a form that has waited on a person's device.
func (d monday) waited(person int64, span time.Duration, path string, fields ...string) {
	d.t.Helper()
	r := d.form(person, path, fields...)
	r.Header.Set("X-Person", fmt.Sprint(person))
	r.Header.Set("X-Waited", fmt.Sprint(span.Milliseconds()))
	if w := d.do(person, r); w.Code != http.StatusSeeOther {
		d.t.Fatalf("%s as %d: %d %s", path, person, w.Code, said(w.Body.String()))
	}
}

// reads wants words on a page of a person, and those behind "not" not on it.
func (d monday) reads(person int64, path string, words ...string) {
	d.t.Helper()
	page, not := d.page(person, path), false
	for _, w := range words {
		if w == "not" {
			not = true
		} else if strings.Contains(page, w) == not {
			d.t.Errorf("%s as %d: %q is there: %v\n%s", path, person, w, not, page)
		}
	}
}

// links wants a page of a person to lead to another, or not.
func (d monday) links(person int64, path, to string, want bool) {
	d.t.Helper()
	if w := d.do(person, httptest.NewRequest("GET", apptest.Base+path, nil)); strings.Contains(w.Body.String(), `href="`+to+`"`) != want {
		d.t.Errorf("%s as %d leads to %s: %v", path, person, to, !want)
	}
}

// shut wants a page not to be found by people.
func (d monday) shut(path string, people ...int64) {
	d.t.Helper()
	for _, p := range people {
		if w := d.do(p, httptest.NewRequest("GET", apptest.Base+path, nil)); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
			d.t.Errorf("%s as %d: %d %s", path, p, w.Code, said(w.Body.String()))
		}
	}
}

// field is what a form offers in a field.
func field(page, name string) string {
	m := regexp.MustCompile(`(?s)<(?:input[^>]* name="` + name + `" value="([^"]*)"|textarea[^>]* name="` + name + `"[^>]*>([^<]*)<)`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1] + m[2])
}

// A Monday in the Kita Sonnenblume, from the first child that does not come to the last family that has not answered.
func TestDay(t *testing.T) {
	d := newMonday(t)
	const trip = "/mitteilung/1"
	d.at(-1, 16, 0) // Friday before
	d.sql(`INSERT INTO child (id, uid, facility, given, family, born) VALUES (5, 'c5', 4, 'Deniz', 'Yildiz', '2021-07-03')`)
	d.sql(`INSERT INTO child_stay (child, since, unit) VALUES (5, 0, 6)`) // Can's twin
	d.sql(`INSERT INTO guardian (child, person, relation, rank, informed, decides, state, mail, phone, language, since) VALUES (5, 7, 'Vater', 1, 1, 1, 'confirmed', 'cem@example.org', '0461 113', 'tr', 0)`)
	d.done(apptest.Hanna, "/einheit/4/nachrichten", "go", "save", "parents", "1", "day", "1", "day", "2", "day", "3", "day", "4", "day", "5",
		"starts", "12:00", "ends", "16:00", "answer", "Am Vormittag sind wir bei den Kindern.")
	d.done(apptest.Hanna, "/mitteilungen/neu", "go", "send", "unit", "4", "audience", "4", "role", "parent", "title", "Ausflug", "body", "In den Wald.",
		"slip", "1", "slip_per", "child", "slip_deadline_day", "2026-03-03", "slip_deadline_time", "12:00",
		"slip_words", "Kommt Ihr Kind mit?", "slip_kind", "one", "slip_choices", "Ja\nNein", "slip_required", "1")
	d.done(apptest.Olga, "/raeume/neu", "unit", "1", "kind", "open", "audience", "1", "role", "heads", "name", "Leitungen aller Kitas", "keep", "365")
	for _, p := range []int64{apptest.Hanna, apptest.Rosa} {
		d.entered(p, "/raum/1")
	}
	d.Work(t)
	d.at(-1, 19, 0) // the digest has told the families of the trip
	friday := len(d.Post.Sent())

	// 6:50. Two children do not come; the second father has no connection, and what he writes arrives at 7:10, twice.
	d.at(2, 6, 50)
	d.done(apptest.Ada, "/abwesenheit", "uid", "0195f5a0-0000-7000-8000-000000000001", "child", "1", "reason", "ill")
	d.reads(apptest.Bert, "/abwesenheit", "Mila ist heute abgemeldet.")
	d.at(2, 7, 10)
	for range 2 {
		d.waited(apptest.Cem, 20*time.Minute, "/abwesenheit", "uid", "0195f5a0-0000-7000-8000-000000000002", "child", "3", "first_day", "2026-03-02", "last_day", "2026-03-04", "note", "Oma holt ihn ab")
	}
	d.reads(apptest.Dana, "/abwesenheit", "Dora", "not", "Mila", "Can", "Oma")

	// 7:30. The tablet has the list of the day, also without a connection.
	d.at(2, 7, 30)
	d.reads(apptest.Hanna, "/tagesliste/4", "0 da", "2 erwartet", "2 abgemeldet", "Mila Demir", "Can Yildiz", "Deniz Yildiz erwartet", "Dora Beirat erwartet", "not", "Emil", "Stan Still")
	d.reads(apptest.Hanna, "/anwesenheit/3", "Can ist bis Mittwoch, 4. März abgemeldet.", "Oma holt ihn ab", "not", "spät gemeldet")
	d.reads(apptest.Stefan, "/tagesliste/5", "Mila Demir", "krank", "not", "Can", "Dora")
	if w := d.do(apptest.Hanna, httptest.NewRequest("GET", apptest.Base+"/tagesliste/4", nil)); w.Header().Get("X-Offline") == "" {
		t.Error("the list does not rest on the tablet")
	}
	d.shut("/tagesliste/4", apptest.Ada, apptest.Dana, apptest.Rosa, apptest.Stefan, apptest.Max)
	if n := len(d.talks(apptest.Stefan)); n != 0 {
		t.Errorf("%d conversations of absences that came in time", n)
	}

	// 9:00. A mother asks while the team is with the children: the house answers, and nobody's telephone rings before noon.
	d.at(2, 9, 0)
	d.done(apptest.Ada, "/nachrichten/neu", "uid", "0195f5a0-0000-7000-8000-000000000003", "kind", "team", "to", "1-5", "title", "Gummistiefel", "body", "Liegen Milas Stiefel noch am Haken?")
	const talk = "/gespraech/1"
	d.reads(apptest.Ada, talk, "Liegen Milas Stiefel", "Am Vormittag sind wir bei den Kindern.", "automatische Antwort", "Mo–Fr, 12 Uhr bis 16 Uhr")
	d.at(2, 11, 59)
	if got := d.phones[apptest.Stefan].Titles(); len(got) != 0 {
		t.Errorf("before noon Stefan's telephone shows %q", got)
	}
	d.at(2, 12, 0)
	if got := d.phones[apptest.Stefan].Titles(); !slices.Equal(got, []string{"Neue Nachricht"}) {
		t.Errorf("at noon Stefan's telephone shows %q", got)
	}
	d.at(2, 12, 30)
	d.done(apptest.Stefan, talk+"/kuemmern", "takes", "1")
	d.done(apptest.Stefan, talk, "uid", "0195f5a0-0000-7000-8000-000000000004", "body", "Ja, sie stehen bei mir.")
	d.Work(t)
	d.reads(apptest.Hanna, talk, "Stefan Fachkraft kümmert sich", "Ja, sie stehen bei mir.")
	d.reads(apptest.Ada, talk, "Stefan Fachkraft, Team Käfer", "Ja, sie stehen bei mir.", "not", "kümmert sich")
	if got := d.phones[apptest.Ada].Titles(); !slices.Equal(got, []string{"Neue Mitteilung von Kita Sonnenblume", "Neue Nachricht von Team Käfer"}) { // not for the automatic answer
		t.Errorf("Ada's telephone shows %q", got)
	}
	d.shut(talk, apptest.Bert, apptest.Cem, apptest.Rosa, apptest.Max, apptest.Olga)

	// 14:00. Two heads of different carriers talk, and what one of them has learned stays.
	d.at(2, 14, 0)
	d.done(apptest.Hanna, "/raum/1/neu", "uid", "q", "title", "Läuse", "body", "Was schreibt ihr den Familien?")
	d.at(2, 14, 10)
	d.done(apptest.Rosa, "/thema/1/antwort", "uid", "a", "body", "Kämme verleihen und **nach acht Tagen** noch einmal nachsehen.")
	d.done(apptest.Hanna, "/thema/1/geloest", "post", "2")
	w := d.do(apptest.Hanna, httptest.NewRequest("GET", apptest.Base+"/wissen/neu?quelle=beitrag-2", nil))
	form := w.Body.String()
	d.done(apptest.Hanna, "/wissen/neu", "unit", "4", "access", "staff", "source", field(form, "source"), "title", field(form, "title"), "body", field(form, "body"))
	d.reads(apptest.Hanna, "/seite/1", "Läuse", "Kämme verleihen", "Quelle: Läuse , aus dem Raum Leitungen aller Kitas", "not", "Rosa Regen")
	d.reads(apptest.Stefan, "/seite/1", "nach acht Tagen")
	d.shut("/seite/1", apptest.Rosa, apptest.Ada, apptest.Greta)
	d.links(apptest.Hanna, "/seite/1", "/beitrag/2", true)
	d.links(apptest.Hanna, "/thema/1", "/seite/1", true)
	d.links(apptest.Rosa, "/thema/1", "/seite/1", false)
	d.shut("/thema/1", apptest.Stefan, apptest.Ada, apptest.Dana)
	d.shut("/beitrag/2", apptest.Stefan, apptest.Ada)

	// 16:00. Whoever has not said whether their child comes along is reminded in the evening: once, however many children they have.
	d.at(2, 15, 0)
	d.done(apptest.Ada, "/rueckmeldung/1/antwort", "child", "1", "q1", "Nein")
	d.done(apptest.Dana, "/rueckmeldung/1/antwort", "child", "4", "q1", "Ja")
	d.at(2, 16, 0)
	d.reads(apptest.Hanna, "/rueckmeldung/1", "Can Yildiz", "Deniz Yildiz")
	before := len(d.Post.Sent())
	d.at(2, 18, 0)
	d.at(2, 23, 0)
	reminders := map[string]int{}
	for i, m := range d.Post.Sent() {
		if i >= friday {
			for _, secret := range []string{"Mila", "Stiefel", "Oma", "krank", "Kämme"} {
				if strings.Contains(m.Subject+m.Text, secret) {
					t.Errorf("a mail to %s says %q: %s\n%s", m.To, secret, m.Subject, m.Text)
				}
			}
		}
		if strings.Contains(m.Text, trip) && i >= friday {
			if reminders[m.To]++; i < before {
				t.Errorf("reminded before the evening: %+v", m)
			}
		}
	}
	if fmt.Sprint(reminders) != "map[cem@example.org:1]" {
		t.Errorf("reminded: %v", reminders)
	}
}
