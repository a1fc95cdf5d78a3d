package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// town is a test house with this feature.
type town struct {
	*apptest.House
	*apptest.Site
	Post *apptest.Post
	log  *[]string // what operators have done to people, and who came in
	t    testing.TB
}

// noLog is for stories in which no operator does anything to anybody.
func noLog(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
	for _, deed := range []string{"recovery.", "provider.", "house.", "second.grace", "letter.printed"} {
		if strings.HasPrefix(action, deed) {
			return errors.New("a line in the log")
		}
	}
	return nil
}

func serve(t testing.TB) town {
	t.Helper()
	h := apptest.New(t)
	log := new([]string)
	note := func(_ *store.Tx, _ time.Time, operator int64, action string, person int64) error {
		*log = append(*log, fmt.Sprint(operator, " ", action, " ", person))
		return nil
	}
	return town{h, h.Serve(t, New(h.House, nil, note, nil), home()), h.Post, log, t}
}

// home is a start page that says who looks at it.
func home() house.Feature {
	return house.Feature{Name: "home", Routes: []web.Route{web.Get("/", who.Member, func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		_, err := w.Write([]byte("Guten Tag " + v.Name()))
		return err
	})}}
}

func (x town) write(f func(tx *store.Tx) error) {
	x.t.Helper()
	if err := x.DB.Write(context.Background(), f); err != nil {
		x.t.Fatal(err)
	}
}

func (x town) count(query string, args ...any) (n int) {
	x.t.Helper()
	err := x.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], query, args...)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

// other makes the next requests of nobody come from another browser.
func (x town) other() { x.Cookies[apptest.Nobody] = nil }

// from sends a form of nobody from another network.
func (x town) from(ip, path string, fields ...string) apptest.Answer {
	x.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", apptest.Base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = ip + ":1234"
	return x.Do(apptest.Nobody, r)
}

// signedIn reports who the browser of nobody is, by its start page.
func (x town) signedIn() string {
	x.t.Helper()
	a := x.Get(apptest.Nobody, "/")
	_, name, _ := strings.Cut(a.Body, "Guten Tag ")
	return name
}

func (x town) mustGo(a apptest.Answer, to string) {
	x.t.Helper()
	if a.Code != http.StatusSeeOther || a.To != to {
		x.t.Fatalf("%d to %q, want 303 to %q\n%s", a.Code, a.To, to, a.Body)
	}
}

func (x town) verified(person int64, mail string) {
	x.t.Helper()
	x.write(func(tx *store.Tx) error { return verify(tx, person, mail, x.Now()) })
}

var token = regexp.MustCompile(apptest.Base + `(/l/[A-Za-z0-9_-]{22}\S*)`)

// mailed is the path of the link in the latest mail.
func (x town) mailed() string {
	x.t.Helper()
	x.Work(x.t)
	sent := x.Post.Sent()
	if len(sent) == 0 {
		x.t.Fatal("no mail")
	}
	m := token.FindStringSubmatch(sent[len(sent)-1].Text)
	if m == nil {
		x.t.Fatalf("no link in %q", sent[len(sent)-1].Text)
	}
	return m[1]
}

func (x town) post(path string, fields ...string) apptest.Answer {
	x.t.Helper()
	return x.Site.Post(apptest.Nobody, path, fields...)
}

func TestAddressIsProved(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Bert, "bert@example.org")
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/mail", "mail", "neu@example.org"), "/konto")
	if x.count(`SELECT count(*) FROM account_mail WHERE person = 6`) != 0 {
		t.Fatal("the address counts before it was proved")
	}
	at := x.mailed()
	x.Cookies[apptest.Nobody] = x.Cookies[apptest.Ada]
	x.mustGo(x.post(at, "weiter", "/konto"), "/konto")
	if x.count(`SELECT count(*) FROM account_mail WHERE person = 6 AND mail = 'neu@example.org'`) != 1 || x.signedIn() != "Ada Demir" {
		t.Error("the address does not count")
	}
	x.Site.Post(apptest.Ada, "/konto/mail", "mail", "bert@example.org")
	at = x.mailed()
	if a := x.post(at); a.Code != http.StatusConflict {
		t.Errorf("the address of another: %d", a.Code)
	}
	if x.count(`SELECT count(*) FROM account_mail WHERE person = 11 AND mail = 'bert@example.org'`) != 1 {
		t.Error("Bert has lost the address")
	}
}

func TestChangeEndsOtherSessions(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	in := func() { x.other(); x.post("/anmelden/link", "mail", "ada@example.org"); x.post(x.mailed()) }
	in()
	phone := x.Cookies[apptest.Nobody]
	in()
	tablet := x.Cookies[apptest.Nobody]
	x.mustGo(x.post("/konto/passwort", "password", "vier bunte Enten"), "/konto")
	if got := x.signedIn(); got != "Ada Demir" {
		t.Error("the session that made the change has ended")
	}
	x.Cookies[apptest.Nobody] = phone
	if got := x.signedIn(); got != "" {
		t.Error("another session goes on")
	}

	// Later a change needs a new proof.
	x.Cookies[apptest.Nobody] = tablet
	x.Clock.Add(who.ProofLife + time.Second)
	x.proving(x.post("/konto/passwort/entfernen", "password", "1"))
	x.proving(x.post("/konto/mail", "mail", "neu@example.org"))
	x.mustGo(x.post("/anmelden/passwort", "mail", "ada@example.org", "password", "vier bunte Enten", "weiter", "/konto"), "/konto")
	x.mustGo(x.post("/konto/passwort/entfernen", "password", "1"), "/konto")
}

func TestLastWayIsNotRemovedSilently(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	a := x.Site.Post(apptest.Ada, "/konto/mail/entfernen", "mail", "ada@example.org")
	if a.Code != 422 || !a.Has("letzte Möglichkeit") || x.count(`SELECT count(*) FROM account_mail WHERE person = 6`) != 1 {
		t.Errorf("the last address goes without a word: %d", a.Code)
	}
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/mail/entfernen", "mail", "ada@example.org", "sure", "1"), "/konto")
	if a := x.Site.Post(apptest.Cem, "/konto/mail/entfernen", "mail", "ada@example.org"); a.Code != http.StatusNotFound {
		t.Errorf("what is not there: %d", a.Code)
	}
}

func TestDevices(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	for range 2 {
		x.other()
		x.post("/anmelden/link", "mail", "ada@example.org")
		x.post(x.mailed())
	}
	a := x.Get(apptest.Nobody, "/konto")
	ids := regexp.MustCompile(`name="session" value="([0-9a-f]{64})"`).FindAllStringSubmatch(a.Body, -1)
	if len(ids) != 2 || !a.Has("dieses Gerät") || !a.Has("Alle anderen abmelden") {
		t.Fatalf("%d devices", len(ids))
	}
	x.Site.Post(apptest.Cem, "/konto/geraet", "session", ids[0][1])
	x.Site.Post(apptest.Cem, "/konto/geraet", "session", ids[1][1])
	if x.count(`SELECT count(*) FROM session WHERE person = 6`) != 2 {
		t.Fatal("Cem has signed Ada out")
	}
	if a := x.post("/konto/geraet", "session", ids[0][1]+"zz"); a.Code != http.StatusNotFound || x.count(`SELECT count(*) FROM session WHERE person = 6`) != 2 {
		t.Errorf("what begins like the name of a session: %d", a.Code)
	}
	x.mustGo(x.post("/konto/geraete"), "/konto")
	if x.count(`SELECT count(*) FROM session WHERE person = 6`) != 1 || x.signedIn() != "Ada Demir" {
		t.Error("not exactly the others were signed out")
	}
	out := x.post("/konto/abmelden")
	x.mustGo(out, "/abgemeldet")
	if out.Header.Get("Clear-Site-Data") == "" || x.signedIn() != "" || x.count(`SELECT count(*) FROM session`) != 0 {
		t.Error("still signed in")
	}
	if a := x.Get(apptest.Nobody, "/abgemeldet"); a.Code != 200 {
		t.Errorf("the page after it: %d", a.Code)
	}
}

func TestAccountPage(t *testing.T) {
	x := serve(t)
	a := x.Get(apptest.Ada, "/konto")
	for _, want := range []string{"Mila Demir", "Emil Demir", "Käfer", "freigegeben", "Türkçe"} {
		if !a.Has(want) {
			t.Errorf("Ada's page lacks %q", want)
		}
	}
	if a.Has("Yildiz") || a.Has("Bert") {
		t.Error("Ada's page names others")
	}
	if a := x.Get(apptest.Silent, "/konto"); a.Has("Can") {
		t.Error("who is not to be informed of a child reads of it")
	}
	for id, want := range map[int64]string{apptest.Invited: "Code eingeben", apptest.Locked: "gesperrt", apptest.Former: "beendet"} {
		if a := x.Get(id, "/konto"); a.Code != 200 || !a.Has(want) {
			t.Errorf("person %d: %d, lacks %q", id, a.Code, want)
		}
	}
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/sprache", "language", "tr"), "/konto")
	if a := x.Get(apptest.Ada, "/konto"); !a.Has(`lang="tr"`) {
		t.Error("the page is not Turkish")
	}
	if a := x.Site.Post(apptest.Ada, "/konto/sprache", "language", "xx"); a.Code != 422 {
		t.Errorf("a language of no people: %d", a.Code)
	}
}

// Whose custody is not whole reads what the letter was about, but not where the child is; whose custody is over reads that
// it is.
func TestAccountPageOfHalves(t *testing.T) {
	for set, want := range map[string][2]string{
		`state = 'invited'`:                      {"Brief noch nicht eingelöst", "Mila"},
		`state = 'accepted'`:                     {"wird noch geprüft", "Mila"},
		`state = 'suspended'`:                    {"gesperrt", "Mila"},
		`since = 8000000000`:                     {"freigegeben", "Mila"},
		`state = 'ended', until = 100`:           {"beendet", ""},
		`until = 100`:                            {"beendet", ""}, // ran out
		`state = 'suspended', until = 1000`:      {"beendet", ""},
		`state = 'confirmed', rank = 2`:          {"freigegeben", "Mila, Käfer"},
		`state = 'confirmed', informed = 0`:      {"", ""},
		`state = 'ended', informed = 0, rank =2`: {"", ""},
	} {
		x := serve(t)
		x.write(func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE guardian SET ` + set + ` WHERE person = 11`)
			return err
		})
		a := x.Get(apptest.Bert, "/konto")
		if a.Code != 200 || !a.Has(want[0]) {
			t.Errorf("%s: %d, no %q", set, a.Code, want[0])
		}
		for _, w := range []string{"Mila", "Käfer"} {
			if a.Has(w) != strings.Contains(want[1], w) {
				t.Errorf("%s: %q is there: %v", set, w, a.Has(w))
			}
		}
	}
}

func TestExportAndErase(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.Site.Post(apptest.Ada, "/konto/passwort", "password", "vier bunte Enten")
	x.write(func(tx *store.Tx) error {
		if _, err := invite(tx, 1, 0, apptest.Hanna, x.Now()); err != nil { // to Ada
			return err
		}
		_, err := invite(tx, 2, 0, apptest.Ada, x.Now()) // by Ada
		return err
	})
	f := New(x.House.House, nil, noLog, nil)
	x.write(func(tx *store.Tx) error {
		for _, s := range []house.Subject{{Person: apptest.Ada}, {Child: apptest.Mila}} {
			if _, err := f.Export(tx, s); err != nil {
				return err
			}
		}
		return f.Erase(tx, house.Subject{Person: apptest.Ada})
	})
	for _, q := range []string{`SELECT count(*) FROM account_mail`, `SELECT count(*) FROM account_password`, `SELECT count(*) FROM account_link`,
		`SELECT count(*) FROM session`, `SELECT count(*) FROM account_invitation WHERE author = 6 OR guardian = 1`} {
		if n := x.count(q); n != 0 {
			t.Errorf("%s: %d", q, n)
		}
	}
	x.write(func(tx *store.Tx) error { return f.Erase(tx, house.Subject{Child: apptest.Mila}) })
	if n := x.count(`SELECT count(*) FROM account_invitation`); n != 0 {
		t.Errorf("%d letters for a child that is gone", n)
	}
}

// newPerson makes a person who is guardian of a child, invited.
func (x town) newGuardian(name string, child int64) (id, guardian int64) {
	x.t.Helper()
	x.write(func(tx *store.Tx) (err error) {
		if id, err = person.Add(tx, person.Person{Given: name}); err != nil {
			return err
		}
		guardian, err = person.AddGuardian(tx, person.Guardian{Child: child, Person: id, Rank: 3, Informed: true, Decides: true, State: org.Invited, Language: "tr"}, x.Now())
		return err
	})
	return id, guardian
}

func TestEveryChangeEndsSessions(t *testing.T) {
	for name, change := range map[string]func(x town){
		"passkey added": func(x town) { x.register(apptest.Ada, newAuthenticator(x.t.(*testing.T))) },
		"password set":  func(x town) { x.Site.Post(apptest.Ada, "/konto/passwort", "password", "vier bunte Enten") },
		"address proved": func(x town) {
			x.Site.Post(apptest.Ada, "/konto/mail", "mail", "neu@example.org")
			phone := x.Cookies[apptest.Nobody]
			x.Cookies[apptest.Nobody] = x.Cookies[apptest.Ada]
			x.post(x.mailed())
			x.Cookies[apptest.Nobody] = phone
		},
		"address removed": func(x town) {
			x.Site.Post(apptest.Ada, "/konto/mail/entfernen", "mail", "ada@example.org", "sure", "1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := serve(t)
			x.verified(apptest.Ada, "ada@example.org")
			x.post("/anmelden/link", "mail", "ada@example.org")
			x.post(x.mailed())
			if x.signedIn() != "Ada Demir" {
				t.Fatal("not signed in")
			}
			change(x)
			if x.signedIn() != "" {
				t.Error("an old session goes on")
			}
		})
	}
}

// Everybody reads the own name. Whoever runs the house has nobody above who would correct it.
func TestName(t *testing.T) {
	x := serve(t)
	for _, p := range []int64{apptest.Ada, apptest.Hanna, apptest.Former} {
		if a := x.Get(p, "/konto"); !a.Has("Ihr Name") || a.Has("/konto/name") || !a.Has("Ihre Einrichtung berichtigt ihn") {
			t.Errorf("person %d:\n%s", p, a.Body)
		}
		if a := x.Site.Post(p, "/konto/name", "given", "X", "family", "Y"); a.Code != 403 {
			t.Errorf("person %d: %d", p, a.Code)
		}
	}
	x.write(func(tx *store.Tx) error { // the administrator of one carrier is appointed by another
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 1, 'confirmed', 0)`, apptest.Greta, apptest.CarrierB)
		return err
	})
	if a := x.Get(apptest.Greta, "/konto"); a.Has("/konto/name") {
		t.Error("a carrier's administrator is offered a new name")
	}
	if a := x.Site.Post(apptest.Greta, "/konto/name", "given", "X", "family", "Y"); a.Code != 403 {
		t.Errorf("a carrier's administrator: %d", a.Code)
	}
	if a := x.Get(apptest.Arno, "/konto"); !a.Has(`value="Arno"`) {
		t.Errorf("the operator:\n%s", a.Body)
	}
	for name, c := range map[string][2]string{"empty": {" ", ""}, "long": {"Petra", strings.Repeat("x", 201)}} {
		if a := x.Site.Post(apptest.Arno, "/konto/name", "given", c[0], "family", c[1]); a.Code != 422 || !a.Has("family-error") || !a.Has(`value="`+c[1]+`"`) {
			t.Errorf("%s: %d\n%s", name, a.Code, a.Body)
		}
	}
	x.mustGo(x.Site.Post(apptest.Arno, "/konto/name", "given", " Petra ", "family", "Muster"), "/konto")
	if a := x.Get(apptest.Arno, "/konto"); !a.Has(`value="Petra"`) || !a.Has(`value="Muster"`) {
		t.Errorf("afterwards:\n%s", a.Body)
	}
}
