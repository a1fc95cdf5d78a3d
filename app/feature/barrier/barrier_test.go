package barrier_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/audit"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/barrier"
)

type test struct {
	*apptest.House
	*apptest.Site
	f house.Feature
}

func serve(t *testing.T) *test {
	x := &test{House: apptest.New(t)}
	x.f = barrier.New(x.House.House, func(tx *store.Tx, at time.Time, person int64, action string, ref int64) error {
		return audit.Add(tx, audit.Entry{At: at, Person: person, Action: action, Ref: ref})
	})
	x.Site = x.Serve(t, x.f)
	if err := x.f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

const uid = "0190b2a4-0000-7000-8000-00000000000"

// told are those to whom a mail with the subject went, and forgets all mails.
func (x *test) told(t *testing.T, subject string) (to []string) {
	t.Helper()
	x.Work(t)
	for _, m := range x.House.Post.Sent() {
		if strings.Contains(m.Subject, subject) {
			to = append(to, m.To)
		}
	}
	return to
}

// waits is how many reports the menu of somebody counts.
func (x *test) waits(t *testing.T, person int64) (n int) {
	t.Helper()
	err := x.DB.Read(t.Context(), func(tx *store.Tx) error {
		v, err := org.Viewer(tx, person, x.House.Now())
		if err != nil {
			return err
		}
		if hidden, err := x.f.Hidden(tx, v); hidden || err != nil {
			return err
		}
		n, err = x.f.Unread(tx, v)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Somebody without an account reports a barrier. Those who answer are told, remind each other by the page, and answer;
// the answer goes to the address, once. After a year all of it is gone.
func TestReport(t *testing.T) {
	x := serve(t)
	if a := x.Get(apptest.Nobody, "/barriere?seite=/kalender"); a.Code != 200 || !a.Has(`value="/kalender"`) || a.Has("Ihre Meldungen") {
		t.Fatalf("the form: %d %s", a.Code, a.Body)
	}
	fields := []string{"uid", uid + "1", "page", "/kalender", "body", "Mein Vorleseprogramm liest <b>die Tage</b> nicht.\nGruß", "mail", "k.blind@example.org"}
	for range 2 { // sent twice, kept once
		if a := x.Site.Post(apptest.Nobody, "/barriere", fields...); a.Code != 303 {
			t.Fatalf("report: %d %s", a.Code, a.Body)
		}
	}
	if to := x.told(t, "Jemand hat eine Barriere gemeldet"); len(to) != 1 || to[0] != "arno@example.org" {
		t.Errorf("told: %q", to)
	}
	a := x.Get(apptest.Arno, "/barrieren")
	if strings.Count(a.Body, "/barriere/1\"") != 1 || !a.Has("noch 30 Tage") || a.Has("<b>die Tage") {
		t.Errorf("the list: %s", a.Body)
	}
	a = x.Get(apptest.Olga, "/barriere/1")
	if !a.Has("k.blind@example.org") || !a.Has("ohne Anmeldung") || a.Has("<b>die Tage") {
		t.Errorf("the report: %s", a.Body)
	}
	if a := x.Site.Post(apptest.Olga, "/barriere/1", "answer", " "); a.Code != 422 || !a.Has("Bitte schreiben Sie eine Antwort.") {
		t.Errorf("an empty answer: %d", a.Code)
	}
	if a := x.Site.Post(apptest.Olga, "/barriere/1", "answer", "Das ist behoben."); a.Code != 303 {
		t.Fatalf("answer: %d %s", a.Code, a.Body)
	}
	if a := x.Site.Post(apptest.Arno, "/barriere/1", "answer", "Ich sage etwas anderes."); a.Code != 422 && a.Code != 409 || !a.Has("inzwischen jemand beantwortet") {
		t.Errorf("a second answer: %d", a.Code)
	}
	if to := x.told(t, "Ihre Meldung einer Barriere, Nr. 1"); len(to) != 1 || to[0] != "k.blind@example.org" {
		t.Errorf("answered to %q", to)
	}
	if a := x.Get(apptest.Arno, "/barriere/1"); !a.Has("Das ist behoben.") || a.Has("etwas anderes") || !a.Has("beantwortet") {
		t.Errorf("after the answer: %s", a.Body)
	}
	x.Clock.Add(366 * 24 * time.Hour)
	x.Work(t)
	if a := x.Get(apptest.Arno, "/barriere/1"); a.Code != 404 {
		t.Errorf("a year later: %d", a.Code)
	}
}

// Nobody else reads what was reported; whoever was signed in reads their own, and the answer.
func TestReaders(t *testing.T) {
	x := serve(t)
	x.Site.Post(apptest.Ada, "/barriere", "uid", uid+"1", "body", "Die Schrift ist zu klein.")
	x.Site.Post(apptest.Cem, "/barriere", "uid", uid+"2", "body", "Etwas anderes.")
	for _, p := range []int64{apptest.Nobody, apptest.Ada, apptest.Hanna, apptest.Max, apptest.Auditor, apptest.Chair} {
		for _, path := range []string{"/barrieren", "/barriere/1"} {
			if a := x.Get(p, path); a.Code == 200 || a.Has("zu klein") {
				t.Errorf("person %d reads %s: %d", p, path, a.Code)
			}
		}
		if a := x.Site.Post(p, "/barriere/1", "answer", "Nein."); a.Code == 200 || a.Code == 303 && !strings.HasPrefix(a.To, "/anmelden") {
			t.Errorf("person %d answers: %d %s", p, a.Code, a.To)
		}
	}
	if a := x.Get(apptest.Ada, "/barriere"); !a.Has("zu klein") || !a.Has("Noch nicht beantwortet.") || a.Has("Etwas anderes") {
		t.Errorf("Ada's own: %s", a.Body)
	}
	x.Site.Post(apptest.Arno, "/barriere/1", "answer", "Ab morgen größer.")
	x.Work(t)
	if a := x.Get(apptest.Ada, "/barriere"); !a.Has("Ab morgen größer.") || a.Has("Noch nicht beantwortet.") {
		t.Errorf("Ada's own: %s", a.Body)
	}
	for _, p := range x.House.Post.Sent() {
		if strings.Contains(p.Subject, "Ihre Meldung") {
			t.Errorf("an answer went to %s, who left no address", p.To)
		}
	}
}

// Who runs one carrier neither reads nor answers what was reported anywhere in the house.
func TestNotForACarrier(t *testing.T) {
	x := serve(t)
	err := x.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since, mail) VALUES (9, 7, 1, 'confirmed', 0, 'greta@example.org')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := x.Site.Post(apptest.Ada, "/barriere", "uid", uid+"1", "body", "Zu klein."); a.Code >= 400 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	for _, path := range []string{"/barrieren", "/barriere/1"} {
		if a := x.Get(apptest.Greta, path); a.Code != 403 || a.Has("Zu klein") {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	if a := x.Site.Post(apptest.Greta, "/barriere/1", "answer", "Nein."); a.Code != 403 {
		t.Errorf("answers: %d", a.Code)
	}
	if a := x.Get(apptest.Arno, "/barriere/1"); a.Code != 200 || !a.Has("Zu klein") || a.Has("Nein.") {
		t.Errorf("who runs the house: %d", a.Code)
	}
	if to := x.told(t, "Barriere gemeldet"); len(to) == 0 || slices.Contains(to, "greta@example.org") {
		t.Errorf("told: %v", to)
	}
	for person, want := range map[int64]int{apptest.Arno: 1, apptest.Greta: 0} {
		if n := x.waits(t, person); n != want {
			t.Errorf("%d reports wait for %d, want %d", n, person, want)
		}
	}
}

// What cannot be kept is said beside the field, and what was typed is still there.
func TestWrong(t *testing.T) {
	x := serve(t)
	for name, c := range map[string]struct{ body, page, mail, want string }{
		"nothing":     {"  ", "", "", "Bitte beschreiben Sie, was nicht ging."},
		"too long":    {strings.Repeat("ä", 4001), "", "", "auf höchstens 4.000 Zeichen"},
		"no address":  {"Zu klein.", "", "k.blind@", "Diese Mailadresse ist nicht gültig."},
		"two of them": {"Zu klein.", "", "a@example.org, b@example.org", "Diese Mailadresse ist nicht gültig."},
		"long page":   {"Zu klein.", strings.Repeat("x", 4001), "", "auf höchstens 4.000 Zeichen"},
	} {
		a := x.Site.Post(apptest.Ada, "/barriere", "uid", uid+"1", "body", c.body, "page", c.page, "mail", c.mail)
		if a.Code != 422 || !a.Has(c.want) || !a.Has(strings.TrimSpace(c.body)) {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	for i := range 16 { // with the five above, one more than a day takes
		a := x.Site.Post(apptest.Ada, "/barriere", "body", "Ohne Kennzeichen des Formulars.")
		if sent := a.Code == 303; sent != (i < 15) || !sent && !a.Has("zu viele Versuche") {
			t.Errorf("report %d: %d", i, a.Code)
		}
	}
	if a := x.Site.Post(apptest.Cem, "/barriere", "uid", uid+"9", "body", "Von jemand anderem."); a.Code != 303 {
		t.Errorf("another person: %d", a.Code)
	}
}

// Who answers is reminded after half a month and shortly before it ends, each once.
func TestReminded(t *testing.T) {
	x := serve(t)
	x.Site.Post(apptest.Nobody, "/barriere", "uid", uid+"1", "body", "Zu klein.")
	x.Work(t)
	days := map[int]int{}
	for d := 1; d <= 40; d++ {
		x.Clock.Add(24 * time.Hour)
		if n := len(x.told(t, "wartet auf Antwort")) - days[0]; n > 0 {
			days[d], days[0] = n, days[0]+n
		}
	}
	if len(days) != 3 || days[15] != 1 || days[27] != 1 {
		t.Errorf("reminded on %v", days)
	}
	if a := x.Get(apptest.Arno, "/barrieren"); !a.Has("überfällig") {
		t.Errorf("the list: %s", a.Body)
	}
}

// Who does not answer any more, and still works in the house, is not told of a report that was on its way.
func TestNotForWhoHasLeft(t *testing.T) {
	x := serve(t)
	if a := x.Site.Post(apptest.Nobody, "/barriere", "uid", uid+"1", "page", "/kalender", "body", "Ich komme nicht weiter.", "mail", ""); a.Code != 303 {
		t.Fatalf("report: %d %s", a.Code, a.Body)
	}
	if err := x.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET role = ?, unit = ? WHERE person = ?`, who.Staff, apptest.Kaefer, apptest.Arno)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if to := x.told(t, "Barriere"); len(to) != 0 {
		t.Errorf("told: %q", to)
	}
}
