package bulletin_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/bulletin"
)

// A letterbox is a house with a council and seven more families at its Kita.
type letterbox struct {
	*apptest.House
	*apptest.Site
	t       *testing.T
	mu      sync.Mutex
	logged  []string
	answers []string
}

// The families that the Kita has besides those of the town: mothers 101 to 107 with an address.
const firstMother, mothers = 101, 7

func open(t *testing.T) *letterbox {
	t.Helper()
	x := &letterbox{House: apptest.New(t), t: t}
	x.Site = x.Serve(t, bulletin.New(x.House.House, bulletin.Wires{
		Log: func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.logged = append(x.logged, action)
			return nil
		},
		Answer: func(_ *store.Tx, v who.Viewer, unit int64, about, body string) (string, error) {
			x.answers = append(x.answers, fmt.Sprint(v.ID, " ", unit, " ", about, " ", body))
			return "/gespraech/1", nil
		},
	}))
	for i := range mothers {
		p := firstMother + i
		x.sql(`INSERT INTO person (id, uid, given, family) VALUES (?, ?, ?, 'Mutter')`, p, fmt.Sprint("m", p), fmt.Sprint("M", p))
		x.sql(`INSERT INTO child (id, uid, facility, given, family) VALUES (?, ?, 4, 'Kind', 'Mutter')`, p, fmt.Sprint("k", p))
		x.sql(`INSERT INTO child_stay (child, since, unit) VALUES (?, 0, 5)`, p)
		x.sql(`INSERT INTO guardian (child, person, state, mail, since) VALUES (?, ?, 'confirmed', ?, 0)`, p, p, fmt.Sprintf("m%d@example.org", p))
	}
	x.Clock.Add(3 * time.Hour) // nobody's quiet hours
	return x
}

func (x *letterbox) sql(query string, args ...any) {
	x.t.Helper()
	if err := x.DB.Write(x.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		x.t.Fatalf("%s: %v", query, err)
	}
}

func (x *letterbox) number(query string, args ...any) (n int) {
	x.t.Helper()
	if err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], query, args...)
		return err
	}); err != nil {
		x.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// agree has the first of the mothers agree.
func (x *letterbox) agree(n int) {
	x.t.Helper()
	for i := range n {
		x.done(int64(firstMother+i), "/rundbriefe/zustimmung", "unit", "10", "say", "yes")
	}
}

func (x *letterbox) done(person int64, path string, fields ...string) string {
	x.t.Helper()
	a := x.Site.Post(person, path, fields...)
	if a.Code != http.StatusSeeOther {
		x.t.Fatalf("%s as %d: %d %s", path, person, a.Code, a.Body)
	}
	return a.To
}

// has fails unless a page shows all of the words; those that begin with "!" it must not show.
func (x *letterbox) has(person int64, path string, words ...string) {
	x.t.Helper()
	a := x.Get(person, path)
	if a.Code != http.StatusOK {
		x.t.Errorf("%s as %d: %d", path, person, a.Code)
		return
	}
	for _, w := range words {
		if no, ok := strings.CutPrefix(w, "!"); ok && a.Has(no) {
			x.t.Errorf("%s shows %q to %d", path, no, person)
		} else if !ok && !a.Has(w) {
			x.t.Errorf("%s does not show %q to %d:\n%s", path, w, person, a.Body)
		}
	}
}

func (x *letterbox) code(person int64, path string, want int) {
	x.t.Helper()
	if a := x.Get(person, path); a.Code != want {
		x.t.Errorf("%s as %d: %d, want %d", path, person, a.Code, want)
	}
}

func (x *letterbox) draft(by int64, title string) string {
	x.t.Helper()
	return x.done(by, "/rundbriefe/neu", "uid", title, "unit", "10", "place", "4", "title", title, "body", "Der **Spielplatz** wird umgebaut.")
}

// mails are those to mothers, by address.
func (x *letterbox) mails() map[string][]mail.Message {
	all := map[string][]mail.Message{}
	for _, m := range x.House.Post.Sent() {
		all[m.To] = append(all[m.To], m)
	}
	return all
}

// TestBulletin tells the way of one: parents agree, a member drafts, the chair sends, the house delivers, and the council
// reads numbers and no names.
func TestBulletin(t *testing.T) {
	x := open(t)
	x.has(apptest.Chair, "/rundbriefe", "0 Eltern")
	x.agree(3)
	x.has(apptest.Chair, "/rundbriefe", "weniger als fünf Eltern", "!3 Eltern")
	x.agree(6) // three of them again
	at := x.draft(apptest.Dana, "Spielplatz")
	x.has(apptest.Dana, at, "6 Eltern", "Senden kann, wer das Gremium leitet", "!/senden")
	if a := x.Site.Post(apptest.Dana, at+"/senden"); a.Code != http.StatusForbidden {
		t.Errorf("a member sends: %d", a.Code)
	}
	x.has(apptest.Chair, at, "An 6 Eltern senden", "<strong>Spielplatz</strong>")
	for _, p := range []int64{firstMother, apptest.Ada, apptest.Hanna, apptest.Olga, apptest.Arno} {
		x.code(p, at, http.StatusNotFound) // a draft
	}
	x.done(apptest.Chair, at+"/senden")
	x.done(apptest.Chair, at+"/senden") // by reload
	x.Work(t)
	for i := range mothers {
		address, want := fmt.Sprintf("m%d@example.org", firstMother+i), 1
		if i == mothers-1 {
			want = 0 // has not agreed
		}
		if n := len(x.mails()[address]); n != want {
			t.Errorf("%d mails to %s, want %d", n, address, want)
		}
	}
	if len(x.logged) != 1 || x.logged[0] != "bulletin.sent" {
		t.Errorf("the record: %q", x.logged)
	}
	x.has(firstMother, "/rundbriefe", "Spielplatz", "Zustimmung zurücknehmen")
	x.has(firstMother, at, "<strong>Spielplatz</strong>", "liest Elternbeirat Sonnenblume Ihren Namen", "!Vera", "!Dana")
	x.code(firstMother+mothers-1, at, http.StatusNotFound)
	x.code(apptest.Hanna, at, http.StatusNotFound) // the head of the Kita
	for i := range 5 {
		x.done(int64(firstMother+i), at+"/geoeffnet")
		if i == 3 {
			x.has(apptest.Chair, at, "6 Eltern", "weniger als fünf Eltern")
		}
	}
	x.has(apptest.Dana, at, "fast alle Eltern", "!<dd>5 Eltern", "!Mutter", "!example.org") // 5 of 6 would tell that one has not
	if to := x.done(firstMother, at+"/antwort", "body", "Wo spielen wir solange?"); to != "/gespraech/1" {
		t.Errorf("an answer leads to %s", to)
	}
	if want := fmt.Sprintf("101 10 bulletin 1 Wo spielen wir solange?"); len(x.answers) != 1 || x.answers[0] != want {
		t.Errorf("answers: %q, want %q", x.answers, want)
	}
	if a := x.Site.Post(apptest.Dana, at+"/bearbeiten", "uid", "Spielplatz", "unit", "10", "place", "4", "title", "Anders", "body", "x"); a.Code != http.StatusUnprocessableEntity && a.Code != http.StatusNotFound {
		t.Errorf("what was sent is changed: %d", a.Code)
	}
	x.has(firstMother, at, "!Anders")
}

// TestAgreement: who takes it back hears no more, also of what is on its way, and by the link of a mail without sign-in.
func TestAgreement(t *testing.T) {
	x := open(t)
	x.agree(7)
	at := x.draft(apptest.Chair, "Erster")
	x.done(apptest.Chair, at+"/senden")
	x.done(firstMother, "/rundbriefe/zustimmung", "unit", "10", "say", "end")
	x.sql(`UPDATE guardian SET state = 'ended' WHERE person = ?`, firstMother+1)
	x.Work(t)
	all := x.mails()
	if len(all["m101@example.org"]) != 0 || len(all["m102@example.org"]) != 0 || len(all["m103@example.org"]) != 1 {
		t.Errorf("mails: %v", all)
	}
	m := all["m103@example.org"][0]
	link := strings.TrimPrefix(m.Unsubscribe, apptest.Base)
	if !strings.HasPrefix(link, "/rundbriefe/abmelden/") || !strings.Contains(m.Text, m.Unsubscribe) {
		t.Fatalf("a mail without a way out: %+v", m)
	}
	x.has(apptest.Nobody, link, "keine Rundbriefe mehr von Elternbeirat Sonnenblume", "!M103")
	if n := x.number(`SELECT count(*) FROM bulletin_agreement WHERE withdrawn IS NULL`); n != 6 {
		t.Errorf("a look ends an agreement: %d left, want 6", n)
	}
	r, _ := http.NewRequest("POST", apptest.Base+link, strings.NewReader("List-Unsubscribe=One-Click")) // as RFC 8058 has it: no cookie, no origin
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a := x.Do(apptest.Nobody, r); a.Code != http.StatusSeeOther {
		t.Errorf("one click: %d", a.Code)
	}
	x.has(firstMother+2, "/rundbriefe", "Ja, zustimmen", "Erster") // what was sent remains
	if n := x.number(`SELECT count(*) FROM bulletin_agreement WHERE person = 103 AND withdrawn IS NOT NULL AND words = 1`); n != 1 {
		t.Errorf("the agreement is not kept as it was")
	}
	for _, bad := range []string{"x", link[21:len(link)-2] + "AA", strings.Repeat("A", 43)} {
		x.code(apptest.Nobody, "/rundbriefe/abmelden/"+bad, http.StatusNotFound)
	}
	if a := x.Site.Post(firstMother, "/rundbriefe/zustimmung", "unit", "8", "say", "yes"); a.Code != http.StatusNotFound {
		t.Errorf("agrees to what is no council of hers: %d", a.Code)
	}
	if a := x.Site.Post(apptest.Ada, "/rundbriefe/zustimmung", "unit", "10", "say", "yes"); a.Code != http.StatusSeeOther {
		t.Errorf("a parent of the Kita cannot agree: %d", a.Code)
	}
}

// TestWrong: a bulletin to nobody is not sent; one form sent twice is one draft; what is wrong is said.
func TestWrong(t *testing.T) {
	x := open(t)
	at := x.draft(apptest.Chair, "Leer")
	if again := x.draft(apptest.Chair, "Leer"); again != at {
		t.Errorf("a form sent twice made %s and %s", at, again)
	}
	a := x.Site.Post(apptest.Chair, at+"/senden")
	if a.Code != http.StatusUnprocessableEntity || !a.Has("Hier hat noch niemand zugestimmt") {
		t.Errorf("sent to nobody: %d %s", a.Code, a.Body)
	}
	for _, c := range []struct {
		name  string
		field []string
		want  string
		code  int
	}{
		{"no title", []string{"title", " ", "body", "x", "place", "4"}, "Bitte geben Sie dem Rundbrief einen Titel.", 422},
		{"no words", []string{"title", "x", "body", "", "place", "4"}, "Bitte schreiben Sie, was Sie", 422},
		{"long title", []string{"title", strings.Repeat("x", 121), "body", "x", "place", "4"}, "höchstens 120 Zeichen", 422},
		{"long words", []string{"title", "x", "body", strings.Repeat("x ", 10_001), "place", "4"}, "höchstens 20000 Zeichen", 422},
		{"other parents", []string{"title", "x", "body", "x", "place", "8"}, "an welche Eltern", 422},
		{"50 MB", []string{"title", "x", "body", strings.Repeat("x", 50<<20), "place", "4"}, "zu groß", 413},
		{"another field", []string{"title", "x", "body", "x", "place", "4", "seed", "1"}, "", 400},
	} {
		a := x.Site.Post(apptest.Chair, "/rundbriefe/neu", append(c.field, "uid", c.name, "unit", "10")...)
		if a.Code != c.code || !a.Has(c.want) {
			t.Errorf("%s: %d, want %d and %q", c.name, a.Code, c.code, c.want)
		}
	}
	for _, p := range []int64{apptest.Ada, apptest.Hanna} {
		if a := x.Site.Post(p, "/rundbriefe/neu", "uid", "f", "unit", "10", "place", "4", "title", "x", "body", "x"); a.Code < 400 {
			t.Errorf("%d writes as the council: %d", p, a.Code)
		}
	}
	x.done(apptest.Dana, at+"/verwerfen")
	x.code(apptest.Chair, at, http.StatusNotFound)
}

// TestPace: a council sends as often as the house allows, and is told from when on it may again.
func TestPace(t *testing.T) {
	x := open(t)
	x.agree(5)
	for i := range 4 {
		x.done(apptest.Chair, x.draft(apptest.Chair, fmt.Sprint("Brief ", i))+"/senden")
		x.Clock.Add(24 * time.Hour)
	}
	at := x.draft(apptest.Chair, "Einer zu viel")
	x.has(apptest.Chair, at, "schon 4 Rundbriefe", "ab Mi 1. Apr, 11:12 Uhr") // 30 days after 2 March 9:12 UTC
	if a := x.Site.Post(apptest.Chair, at+"/senden"); a.Code != http.StatusUnprocessableEntity || !a.Has("ab Mi 1. Apr") {
		t.Errorf("the fifth: %d", a.Code)
	}
	x.Clock.Add(26 * 24 * time.Hour)
	x.done(apptest.Chair, at+"/senden")
	err := x.DB.Write(t.Context(), func(tx *store.Tx) error { return x.Settings.Set(tx, settings.BulletinMonth, "10") })
	if err != nil {
		t.Fatal(err)
	}
	x.done(apptest.Chair, x.draft(apptest.Chair, "Noch einer")+"/senden")
}

// TestOnce: a letter that was about to go when the house fell over does not go twice, one that nobody took goes again.
func TestOnce(t *testing.T) {
	x := open(t)
	x.agree(5)
	at := x.draft(apptest.Chair, "Einmal")
	x.done(apptest.Chair, at+"/senden")
	x.House.Post.Fail(fmt.Errorf("no server"))
	x.Work(t)
	if n := x.number(`SELECT count(*) FROM bulletin_recipient WHERE tried IS NOT NULL OR handed IS NOT NULL`); n != 0 {
		t.Errorf("%d letters count as gone while no server took any", n)
	}
	x.House.Post.Fail(nil)
	x.sql(`UPDATE bulletin_recipient SET tried = 1 WHERE person = 101`) // claimed, and then kill -9
	x.Clock.Add(time.Minute)
	x.Work(t)
	x.sql(`INSERT INTO task (kind, ref, arg, due) SELECT 'bulletin.give', person, '1', 0 FROM bulletin_recipient`) // not noted as done
	x.sql(`INSERT INTO task (kind, ref, arg, due) VALUES ('bulletin.spread', 1, '0', 0)`)
	x.Work(t)
	for i := range 5 {
		address, want := fmt.Sprintf("m%d@example.org", firstMother+i), min(i, 1)
		if n := len(x.mails()[address]); n != want {
			t.Errorf("%d mails to %s, want %d", n, address, want)
		}
	}
	x.has(apptest.Chair, at, "weniger als fünf Eltern") // four were handed over
}

// TestNight: nobody is woken.
func TestNight(t *testing.T) {
	x := open(t)
	x.agree(5)
	x.Clock.Add(12 * time.Hour) // 22:12 in Berlin
	x.done(apptest.Chair, x.draft(apptest.Chair, "Spät")+"/senden")
	x.Work(t)
	if n := len(x.House.Post.Sent()); n != 0 {
		t.Errorf("%d mails in the night", n)
	}
	x.Clock.Add(9 * time.Hour)
	x.Work(t)
	if n := len(x.House.Post.Sent()); n != 5 {
		t.Errorf("%d mails in the morning, want 5", n)
	}
}

// TestReport: a parent reports, the office looks, stops the bulletin and later the council, in writing. The head of the
// Kita has no part in it, and nobody learns who it was.
func TestReport(t *testing.T) {
	x := open(t)
	x.agree(5)
	at := x.draft(apptest.Chair, "Werbung")
	x.done(apptest.Chair, at+"/senden")
	x.Work(t)
	for _, p := range []int64{apptest.Olga, apptest.Arno} {
		x.code(p, at, http.StatusNotFound)
		x.code(p, at+"/massnahme", http.StatusNotFound)
	}
	if a := x.Site.Post(firstMother, at+"/melden", "ground", "rules", "words", "kurz"); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a report without a reason: %d", a.Code)
	}
	x.code(firstMother+6, at+"/melden", http.StatusNotFound)
	x.done(firstMother, at+"/melden", "ground", "rules", "words", "Das ist Werbung für einen Laden.")
	if a := x.Site.Post(firstMother, at+"/melden", "ground", "rules", "words", "Das ist Werbung für einen Laden."); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("reported twice: %d", a.Code)
	}
	x.Work(t)
	x.has(apptest.Olga, "/rundbriefe", "Gemeldet: Werbung")
	x.has(apptest.Olga, at+"/massnahme", "Das ist Werbung", "!M101")
	x.has(apptest.Olga, at, "Meldungen ansehen", "<strong>Spielplatz</strong>", "!Zugestellt")
	for _, p := range []int64{apptest.Hanna, apptest.Max, apptest.Greta} {
		if a := x.Get(p, at+"/massnahme"); a.Code == http.StatusOK {
			t.Errorf("%d decides about a council", p)
		}
	}
	if a := x.Site.Post(apptest.Olga, at+"/massnahme", "kind", "stop", "ground", "", "reason", "Werbung ist hier nicht erlaubt."); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("stopped without a ground: %d", a.Code)
	}
	x.done(apptest.Olga, at+"/massnahme", "kind", "stop", "ground", "rules", "reason", "Werbung ist hier nicht erlaubt.")
	x.has(firstMother, at, "wurde angehalten", "!Spielplatz")
	x.has(firstMother, "/rundbriefe", "!Werbung")
	x.has(apptest.Chair, "/rundbriefe", "Werbung ist hier nicht erlaubt.", "angehalten")
	x.done(apptest.Olga, at+"/massnahme", "kind", "suspend", "ground", "law", "reason", "Das Gremium verschickt weiter Werbung.")
	next := x.draft(apptest.Chair, "Nächster")
	if a := x.Site.Post(apptest.Chair, next+"/senden"); a.Code != http.StatusUnprocessableEntity || !a.Has("darf seit dem 2. März 2026 keine") {
		t.Errorf("a suspended council sends: %d", a.Code)
	}
	x.done(apptest.Olga, at+"/massnahme", "kind", "resume", "reason", "Das Gremium hat es zugesagt.")
	x.done(apptest.Chair, next+"/senden")
	if n := x.number(`SELECT count(*) FROM bulletin_report WHERE decided IS NULL`); n != 0 {
		t.Errorf("%d reports are open", n)
	}
}

// TestAsked: the start page asks once for each council that somebody leads; both answers are final.
func TestAsked(t *testing.T) {
	x := open(t)
	f := bulletin.New(x.House.House, bulletin.Wires{})
	part := func(person int64) string {
		t.Helper()
		return x.part(person, f.Start)
	}
	if p := part(firstMother); !strings.Contains(p, "Von Elternbeirat Sonnenblume hören?") || !strings.Contains(p, "Nicht mehr fragen") {
		t.Errorf("a parent is not asked: %s", p)
	}
	if p := part(apptest.Hanna) + part(apptest.Rosa); p != "" {
		t.Errorf("a head is asked: %s", p)
	}
	x.done(firstMother, "/rundbriefe/zustimmung", "unit", "10", "say", "no", "back", "/")
	x.done(firstMother+1, "/rundbriefe/zustimmung", "unit", "10", "say", "yes", "back", "/")
	x.done(firstMother+1, "/rundbriefe/zustimmung", "unit", "10", "say", "end", "back", "//evil.example")
	if p := part(firstMother) + part(firstMother+1); p != "" {
		t.Errorf("asked again: %s", p)
	}
	if p := part(firstMother + 2); p == "" {
		t.Error("another parent is not asked")
	}
	x.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 10, 7, '', 'confirmed', 0)`, firstMother+2)
	if p := part(firstMother + 2); p != "" {
		t.Errorf("who sits in the council is asked: %s", p)
	}
	x.sql(`UPDATE membership SET state = 'ended' WHERE person = ?`, apptest.Chair)
	if p := part(firstMother + 3); p != "" {
		t.Errorf("asked for a council that nobody leads: %s", p)
	}
}

// TestCity: a council of the city writes to all or to one Kita, and cannot work out a small Kita from the sum.
func TestCity(t *testing.T) {
	x := open(t)
	x.sql(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (11, 'u11', 1, 'committee', 'Stadtelternbeirat', 0)`)
	x.sql(`INSERT INTO unit_up (unit, above, depth) VALUES (11, 11, 0), (11, 1, 1)`)
	x.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 11, 8, 'chair', 'confirmed', 0)`, apptest.Chair)
	for i := range mothers {
		x.done(int64(firstMother+i), "/rundbriefe/zustimmung", "unit", "11", "say", "yes")
	}
	x.has(apptest.Chair, "/rundbriefe", "7 Eltern")
	x.sql(`INSERT INTO bulletin_agreement (unit, person, words, at) VALUES (11, 8, 1, 0)`) // Dana: Sonne
	x.sql(`UPDATE child_stay SET unit = 9 WHERE child = 107`)                              // one family moves to Regenbogen
	x.has(apptest.Chair, "/rundbriefe", "mindestens 7 Eltern")
	wide := x.done(apptest.Chair, "/rundbriefe/neu", "uid", "w", "unit", "11", "place", "1", "title", "Alle", "body", "An alle.")
	x.has(apptest.Chair, wide, "mindestens 7 Eltern")
	small := x.done(apptest.Chair, "/rundbriefe/neu", "uid", "s", "unit", "11", "place", "8", "title", "Regenbogen", "body", "An eine.")
	x.has(apptest.Chair, small, "weniger als fünf Eltern")
	x.done(apptest.Chair, wide+"/senden")
	x.done(apptest.Chair, small+"/senden")
	x.Work(t)
	if n := len(x.mails()["m107@example.org"]); n != 2 {
		t.Errorf("%d mails to the mother of Regenbogen, want 2", n)
	}
	x.has(apptest.Chair, small, "weniger als fünf Eltern")
	x.has(apptest.Chair, wide, "mindestens 7 Eltern", "fast alle Eltern", "!8 Eltern") // as many as it was handed to would tell how many more there are
}

// TestFoundAndKept: who was sent a bulletin finds it and no other parent does; after two years nobody knows any more to whom
// it was sent, and the numbers remain.
func TestFoundAndKept(t *testing.T) {
	x := open(t)
	x.agree(6)
	at := x.draft(apptest.Chair, "Spielplatz")
	find := func(person int64, want int) {
		t.Helper()
		if err := x.House.Search.Update(t.Context()); err != nil {
			t.Fatal(err)
		}
		a, err := x.House.Search.Search(t.Context(), x.viewer(person), search.Ask{Query: search.Parse("Spielplatz"), N: 10})
		if err != nil || len(a.Hits) != want {
			t.Errorf("%d finds %d, want %d: %v", person, len(a.Hits), want, err)
		}
	}
	find(firstMother, 0)
	find(apptest.Dana, 1)
	x.done(apptest.Chair, at+"/senden")
	x.Work(t)
	find(firstMother, 1)
	find(firstMother+6, 0)
	find(apptest.Hanna, 0)
	x.done(firstMother, "/rundbriefe/zustimmung", "unit", "10", "say", "end")
	x.Clock.Add(25 * 31 * 24 * time.Hour)
	x.sql(`INSERT INTO task (kind, ref, due) VALUES ('bulletin.keep', 0, 0)`)
	x.once()
	if n := x.number(`SELECT count(*) FROM bulletin_recipient`); n != 0 {
		t.Errorf("%d recipients after two years", n)
	}
	x.has(apptest.Chair, at, "6 Eltern")
	find(firstMother, 0)
	find(apptest.Dana, 1)
	if n := x.number(`SELECT count(*) FROM bulletin_agreement WHERE withdrawn IS NOT NULL`); n != 1 {
		t.Error("a withdrawn agreement cannot be proved any more after two years")
	}
	x.Clock.Add(366 * 24 * time.Hour)
	x.sql(`INSERT INTO task (kind, ref, due) VALUES ('bulletin.keep', 0, 0)`)
	x.once()
	if n := x.number(`SELECT count(*) FROM bulletin_agreement WHERE withdrawn IS NOT NULL`); n != 0 {
		t.Error("a withdrawn agreement is kept for good")
	}
}

// once carries out what is due now, but nothing that becomes due by it.
func (x *letterbox) once() {
	x.t.Helper()
	if _, err := x.Tasks.Once(context.Background()); err != nil {
		x.t.Fatal(err)
	}
}

// TestNoCouncil: the delegate of a Kita without a council writes to nobody.
func TestNoCouncil(t *testing.T) {
	x := open(t)
	x.sql(`UPDATE unit SET until = ? WHERE kind = 'committee'`, x.Now().Unix())
	x.code(apptest.Dana, "/rundbriefe/neu", http.StatusNotFound)
}

// TestNoAnswers: where nobody takes answers, none is lost.
func TestNoAnswers(t *testing.T) {
	x := open(t)
	x.agree(mothers)
	at := x.draft(apptest.Chair, "Ohne Antwort")
	x.done(apptest.Chair, at+"/senden")
	x.Work(t)
	quiet := x.Serve(t, bulletin.New(x.House.House, bulletin.Wires{Log: func(*store.Tx, time.Time, int64, string, int64) error { return nil }}))
	if a := quiet.Get(firstMother, at); a.Code != http.StatusOK || a.Has(at+"/antwort") {
		t.Errorf("an answer is asked for: %d", a.Code)
	}
	if a := quiet.Post(firstMother, at+"/antwort", "body", "Danke"); a.Code != http.StatusNotFound {
		t.Errorf("an answer to nobody: %d", a.Code)
	}
}
