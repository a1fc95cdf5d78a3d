package incident_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/audit"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/incident"
)

type town struct {
	*apptest.Site
	House *apptest.House
	t     *testing.T
}

func log(tx *store.Tx, at time.Time, person int64, action string, ref int64) error {
	return audit.Add(tx, audit.Entry{At: at, Person: person, Action: action, Ref: ref})
}

func serve(t *testing.T) *town {
	x := &town{House: apptest.New(t), t: t}
	x.Site = x.House.Serve(t, incident.New(x.House.House, log))
	return x
}

func (x *town) noted(person int64, action string, ref int64) {
	x.t.Helper()
	err := x.House.DB.Write(x.t.Context(), func(tx *store.Tx) error { return log(tx, x.House.Now(), person, action, ref) })
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *town) posts(by int64, path string, fields ...string) {
	x.t.Helper()
	if a := x.Post(by, path, fields...); a.Code != 303 {
		x.t.Fatalf("%s: %d\n%s", path, a.Code, a.Body)
	}
}

func (x *town) rows() (n int) {
	x.t.Helper()
	err := x.House.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM audit WHERE address IS NOT NULL`)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

func (x *town) shows(by int64, path string, want bool, words ...string) {
	x.t.Helper()
	a := x.Get(by, path)
	for _, w := range words {
		if a.Code != 200 || a.Has(w) != want {
			x.t.Errorf("%s as %d (%d): %q is there: %v\n%s", path, by, a.Code, w, !want, a.Body)
		}
	}
}

const opened = "2026-03-02T07:00"

// TestFreeze: as long as an incident runs, nothing of the record is let go; then it is.
func TestFreeze(t *testing.T) {
	x := serve(t)
	x.noted(apptest.Hanna, "session.began", 0)
	if a := x.Post(apptest.Arno, "/betrieb/vorfall", "title", "", "finder", "Stefan", "noticed", "2027-01-01T00:00"); a.Code != 422 || !a.Has("in der Zukunft") {
		t.Errorf("nothing, and tomorrow: %d", a.Code)
	}
	x.posts(apptest.Arno, "/betrieb/vorfall", "title", "Tablet gestohlen", "finder", "Stefan", "noticed", opened)
	x.House.Clock.Add(40 * 24 * time.Hour)
	keep := func() {
		t.Helper()
		if err := audit.Keep(t.Context(), x.House.DB, x.House.Now()); err != nil {
			t.Fatal(err)
		}
	}
	keep()
	if n := x.rows(); n != 2 {
		t.Errorf("%d rows have their address", n)
	}
	if a := x.Post(apptest.Arno, "/betrieb/vorfall/1/ende", "report", "Vorbei"); a.Code != 422 || !a.Has("Halten Sie vorher fest") {
		t.Errorf("ended before anybody has decided whether to report it: %d", a.Code)
	}
	x.posts(apptest.Auditor, "/betrieb/vorfall/1/schritt", "do", "waived", "why", "Das Gerät war verschlüsselt und gesperrt.")
	x.posts(apptest.Arno, "/betrieb/vorfall/1/ende", "report", "Neues Tablet")
	keep()
	if n := x.rows(); n > 3 { // those of today
		t.Errorf("thawed, %d rows have their address still", n)
	}
	if a := x.Post(apptest.Arno, "/betrieb/vorfall/1", "what", "x"); a.Code != 409 && a.Code != 422 {
		t.Errorf("changed after its end: %d", a.Code)
	}
	x.shows(apptest.Auditor, "/betrieb/vorfall/1/bericht", true, "Neues Tablet", "verschlüsselt und gesperrt", "Arno Betrieb")
}

// TestClock: those who answer for the house are told at once, and again and again until it is reported.
func TestClock(t *testing.T) {
	x := serve(t)
	x.posts(apptest.Arno, "/betrieb/vorfall", "title", "Tablet gestohlen", "finder", "Stefan", "noticed", opened)
	x.shows(apptest.Arno, "/betrieb/vorfall/1", true, "noch 71 Stunden und 48 Minuten", "Art. 33 DSGVO", "§ 83a SGB X")
	x.House.Work(t)
	mails := func(want int) {
		t.Helper()
		x.House.Work(t)
		if n := len(x.House.Post.Sent()); n != want {
			t.Errorf("%d mails, want %d", n, want)
		}
	}
	mails(1) // the auditor of this town has no address
	if m := x.House.Post.Sent()[0]; m.To != "arno@example.org" || !strings.Contains(m.Subject, "noch 71 Stunden") || !strings.Contains(m.Text, "5.3.2026, 07:00 Uhr") {
		t.Errorf("%+v", m)
	}
	x.House.Clock.Add(24 * time.Hour)
	mails(2)
	x.posts(apptest.Arno, "/betrieb/vorfall/1/schritt", "do", "reported", "at", "2026-03-03T07:00")
	x.House.Clock.Add(60 * time.Hour)
	mails(2)
	x.shows(apptest.Arno, "/betrieb/vorfall/1", true, "Gemeldet am")
	err := x.House.DB.Write(t.Context(), func(tx *store.Tx) error { return x.House.Settings.Set(tx, "law.profile", "catholic") })
	if err != nil {
		t.Fatal(err)
	}
	x.shows(apptest.Arno, "/betrieb/vorfall/1/meldung", true, "§ 33 KDG", "Diözesandatenschutzaufsicht Ihres")
	x.shows(apptest.Arno, "/betrieb/vorfall/1/meldung", false, "SGB X", "Art. 33")
}

// TestAffected: the list holds what the record tells; of accounts that were misused also whose data they could have read.
func TestAffected(t *testing.T) {
	x := serve(t)
	x.noted(apptest.Rosa, "child.changed", apptest.Emil) // long before
	x.House.Clock.Add(30 * 24 * time.Hour)
	x.noted(apptest.Stefan, "session.began", 0)
	x.noted(apptest.Hanna, "child.changed", apptest.Can)
	x.noted(apptest.Max, "person.exported", apptest.Dana)
	x.noted(apptest.Ada, "account.exported", apptest.Ada)
	x.noted(apptest.Hanna, "guardian.changed", 2) // Bert, of Mila
	x.House.Clock.Add(time.Hour)
	now := x.House.Now().In(time.FixedZone("", 7200))
	x.posts(apptest.Arno, "/betrieb/vorfall", "title", "Etwas", "finder", "Max", "noticed", now.Format("2006-01-02T15:04"))
	const list = "/betrieb/vorfall/1/betroffene"
	x.shows(apptest.Arno, list, true, "Fachkraft, Stefan", "Yildiz, Can", "Beirat, Dana", "Demir, Ada", "Demir, Bert", "Demir, Mila", "angemeldet", "Daten mitgenommen", "Daten geändert", "hinterlässt keine Zeile")
	x.shows(apptest.Arno, list, false, "Demir, Emil", "Träger, Max", "hätte gelesen")
	x.shows(apptest.Auditor, list, true, "Nr. 5", "Nr. 3")
	x.shows(apptest.Auditor, list, false, "Yildiz", "Stefan")

	facts := func(fields ...string) apptest.Answer {
		return x.Post(apptest.Arno, "/betrieb/vorfall/1", append([]string{"from", now.Add(-2 * time.Hour).Format("2006-01-02T15:04"), "to", now.Format("2006-01-02T15:04"), "what", "", "effects", "", "measures", ""}, fields...)...)
	}
	if a := facts("scope", "accounts", "suspects", ""); a.Code != 422 || !a.Has("wessen Zugänge") {
		t.Errorf("accounts of nobody: %d", a.Code)
	}
	if a := facts("scope", "accounts", "suspects", fmt.Sprint(apptest.Stefan)); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.shows(apptest.Arno, list, true, "Demir, Mila", "Demir, Ada", "Demir, Bert", "Fachkraft, Stefan", "hätte gelesen werden können")
	x.shows(apptest.Arno, list, false, "Yildiz, Can", "Beirat, Dana", "Emil", "Regen, Rosa")
	if a := facts("scope", "house", "suspects", ""); a.Code != 303 {
		t.Fatal(a.Code)
	}
	x.shows(apptest.Arno, list, true, "Demir, Emil", "Regen, Rosa", "Still, Stan", "alle im Haus")
	a := x.Post(apptest.Arno, list)
	if a.Code != 200 || !a.Has("Demir, Emil") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("the table: %d %s", a.Code, a.Header.Get("Content-Type"))
	}
	x.shows(apptest.Arno, "/betrieb/vorfall/1/meldung", true, "[Was ist geschehen?", "hätte gelesen werden können")
	x.shows(apptest.Arno, "/betrieb/vorfall/1/meldung", true, "[Name und Anschrift der verantwortlichen Stelle]")
	if err := x.House.DB.Write(t.Context(), func(tx *store.Tx) error { // what the house knows stands there
		return x.House.Settings.SetOperator(tx, settings.Operator{Name: "Kita Nest e. V.", Street: "Weg 1", Place: "24937 Flensburg", Mail: "post@nest.example"})
	}); err != nil {
		t.Fatal(err)
	}
	x.shows(apptest.Arno, "/betrieb/vorfall/1/meldung", true, "Kita Nest e. V.", "Weg 1")
	x.shows(apptest.Arno, "/betrieb/vorfall/1/meldung", false, "[Name und Anschrift")
	x.shows(apptest.Arno, "/betrieb/vorfall/1/brief", true, "Art. 34 DSGVO")
	for _, p := range []int64{apptest.Olga, apptest.Max, apptest.Hanna, apptest.Ada} {
		if a := x.Get(p, list); a.Code != 403 {
			t.Errorf("as %d: %d", p, a.Code)
		}
	}
}
