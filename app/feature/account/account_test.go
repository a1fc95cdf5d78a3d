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
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// town is a test house with this feature.
type town struct {
	*apptest.House
	*apptest.Site
	Post *apptest.Post
	log  *[]string // what operators have done to people
	t    testing.TB
}

// noLog is for stories in which no operator does anything to anybody.
func noLog(*store.Tx, time.Time, int64, string, int64) error { return errors.New("a line in the log") }

func serve(t testing.TB) town {
	t.Helper()
	h := apptest.New(t)
	log := new([]string)
	note := func(_ *store.Tx, _ time.Time, operator int64, action string, person int64) error {
		*log = append(*log, fmt.Sprint(operator, " ", action, " ", person))
		return nil
	}
	start := []web.Route{web.Get("/", who.Member, func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		_, err := w.Write([]byte("Guten Tag " + v.Name()))
		return err
	})}
	return town{h, h.Serve(t, New(h.House, nil, note), house.Feature{Name: "home", Routes: start}), h.Post, log, t}
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

func TestLinkByMail(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.mustGo(x.post("/anmelden/link", "mail", " Ada@Example.org", "weiter", "/konto"), "/anmelden/link")
	at := x.mailed()
	if n := x.count(`SELECT count(*) FROM account_link WHERE hash = ?`, []byte(at[3:25])); n != 0 {
		t.Error("the token lies in the database in clear")
	}
	if m := x.Post.Sent()[0]; strings.Contains(m.Text+m.Subject, "Mila") || !strings.Contains(m.Text, "weiter=%2Fkonto") {
		t.Errorf("mail: %q", m.Text)
	}
	before := x.DB.Changes()
	if a := x.Get(apptest.Nobody, at); a.Code != 200 || !a.Has("<button") {
		t.Fatalf("the page of the link: %d", a.Code)
	}
	if x.DB.Changes() != before || x.signedIn() != "" {
		t.Error("looking at the link changed something")
	}

	mine := x.Cookies[apptest.Nobody]
	x.mustGo(x.post(at, "weiter", "/konto"), "/konto")
	if got := x.signedIn(); got != "Ada Demir" {
		t.Errorf("signed in as %q", got)
	}
	x.Cookies[apptest.Nobody] = mine
	if a := x.post(at); a.Code != http.StatusNotFound || !a.Has("gilt nicht mehr") {
		t.Errorf("used twice: %d", a.Code)
	}
}

func TestLinkEnds(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.post("/anmelden/link", "mail", "ada@example.org")
	at := x.mailed()
	x.Clock.Add(mailFor)
	if a := x.post(at); a.Code != http.StatusNotFound {
		t.Errorf("after ten minutes: %d", a.Code)
	}
}

// A link that comes late is of no use: it is not sent.
func TestMailServerDown(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.Post.Fail(errors.New("connection refused"))
	x.post("/anmelden/link", "mail", "ada@example.org")
	x.Work(t)
	x.Clock.Add(time.Minute)
	x.Post.Fail(nil)
	x.mustGo(x.post(x.mailed()), "/")
	x.Post.Fail(errors.New("connection refused"))
	x.other()
	x.post("/anmelden/link", "mail", "ada@example.org")
	x.Work(t)
	x.Clock.Add(time.Hour)
	x.Post.Fail(nil)
	x.Work(t)
	if n := len(x.Post.Sent()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestLinkNeverLeadsAway(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.post("/anmelden/link", "mail", "ada@example.org", "weiter", "//evil.example/x")
	x.mustGo(x.post(x.mailed(), "weiter", "https://evil.example/"), "/")
}

// A stranger must not learn whether an address is known: not from the answer, and not from what is written.
func TestUnknownAddress(t *testing.T) {
	known, unknown := serve(t), serve(t)
	known.verified(apptest.Ada, "ada@example.org")
	b1, b2 := known.DB.Changes(), unknown.DB.Changes()
	a1 := known.post("/anmelden/link", "mail", "ada@example.org")
	a2 := unknown.post("/anmelden/link", "mail", "ada@example.org")
	if a1.Code != a2.Code || a1.To != a2.To || a1.Body != a2.Body {
		t.Errorf("known %v, unknown %v", a1, a2)
	}
	if n1, n2 := known.DB.Changes()-b1, unknown.DB.Changes()-b2; n1 != n2 {
		t.Errorf("known writes %d rows, unknown %d", n1, n2)
	}
	unknown.Work(t)
	if n := len(unknown.Post.Sent()); n != 0 {
		t.Errorf("%d mails to an unknown address", n)
	}
	if n := unknown.count(`SELECT count(*) FROM task`); n != 0 {
		t.Errorf("%d tasks stay", n)
	}
	// A contact address that nobody has proved is as unknown as any.
	unknown.post("/anmelden/link", "mail", "cem@example.org")
	unknown.Work(t)
	if n := len(unknown.Post.Sent()); n != 0 {
		t.Errorf("%d mails to an address that was never proved", n)
	}
}

func TestLinkLimits(t *testing.T) {
	x := serve(t)
	for i := range 3 {
		if a := x.post("/anmelden/link", "mail", "ada@example.org"); a.Code != http.StatusSeeOther {
			t.Fatalf("try %d: %d", i, a.Code)
		}
	}
	if a := x.post("/anmelden/link", "mail", "ada@example.org"); a.Code != 422 || !a.Has("zu viele Versuche") || !a.Has("ada@example.org") {
		t.Errorf("fourth try: %d", a.Code)
	}
	x.Clock.Add(time.Hour)
	if a := x.post("/anmelden/link", "mail", "ada@example.org"); a.Code != http.StatusSeeOther {
		t.Errorf("an hour later: %d", a.Code)
	}
}

func TestConsoleLink(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Arno, "arno@example.org")
	link := func(mail string) (at string, err error) {
		err = x.DB.Write(t.Context(), func(tx *store.Tx) error {
			at, err = ConsoleLink(tx, x.House.House, mail)
			return err
		})
		return strings.TrimPrefix(at, apptest.Base), err
	}
	at, err := link("ARNO@example.org")
	if err != nil {
		t.Fatal(err)
	}
	x.Clock.Add(consoleFor - time.Second)
	x.mustGo(x.post(at), "/")
	if got := x.signedIn(); got != "Arno Betrieb" {
		t.Errorf("signed in as %q", got)
	}
	x.other()
	if a := x.post(at); a.Code != http.StatusNotFound {
		t.Errorf("used twice: %d", a.Code)
	}
	if at, err = link("arno@example.org"); err != nil {
		t.Fatal(err)
	}
	x.Clock.Add(consoleFor)
	if a := x.post(at); a.Code != http.StatusNotFound {
		t.Errorf("after an hour: %d", a.Code)
	}
	if _, err := link("fremd@example.org"); fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "fremd@example.org") {
		t.Errorf("unknown address: %v", err)
	}
	if _, err := link("kein"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no address: %v", err)
	}
	_ = x.DB.Write(t.Context(), func(tx *store.Tx) error {
		if _, ok, err := FirstLink(tx, x.House.House); ok || err != nil {
			t.Errorf("a first link in a house with an operator: %v %v", ok, err)
		}
		return nil
	})
}

func TestFirstOperator(t *testing.T) {
	db, err := store.Open(t.Context(), t.TempDir()+"/db", apptest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h := apptest.New(t)
	h.DB, h.Sessions.DB, h.Tasks.DB = db, db, db
	x := town{h, h.Serve(t, New(h.House, nil, noLog)), h.Post, nil, t}
	x.write(func(tx *store.Tx) error { return h.Settings.Set(tx, settings.HouseName, "Stadt Neu") })
	first := func() (at string, ok bool) {
		x.write(func(tx *store.Tx) (err error) {
			at, ok, err = FirstLink(tx, h.House)
			return err
		})
		return strings.TrimPrefix(at, apptest.Base), ok
	}
	if _, ok := first(); !ok {
		t.Fatal("no first link")
	}
	at, ok := first() // the program was started once more before anybody came
	if !ok || x.count(`SELECT count(*) FROM person`) != 1 || x.count(`SELECT count(*) FROM unit WHERE name = 'Stadt Neu' AND kind = 'city'`) != 1 {
		t.Fatalf("second start: %v, %d people", ok, x.count(`SELECT count(*) FROM person`))
	}
	x.mustGo(x.post(at), "/")
	if _, ok := first(); ok {
		t.Error("a first link while the operator is signed in")
	}
	x.Clock.Add(365 * 24 * time.Hour) // and never came back
	x.write(func(tx *store.Tx) error {
		at, err := ConsoleLink(tx, h.House, "chef@example.org")
		if err == nil && at == "" {
			t.Error("no link")
		}
		return err
	})
	if n := x.count(`SELECT count(*) FROM account_mail WHERE mail = 'chef@example.org' AND verified > 0`); n != 1 {
		t.Error("the operator has no address")
	}
	if x.count(`SELECT count(*) FROM person`) != 1 {
		t.Error("a second operator was made")
	}
}

func TestPassword(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	if a := x.Site.Post(apptest.Ada, "/konto/passwort", "password", "kurz"); a.Code != 422 || !a.Has("mindestens 10 Zeichen") || strings.Contains(a.Body, `value="kurz"`) {
		t.Errorf("too short: %d", a.Code)
	}
	for _, bad := range []string{"Passwort123", "1234567890", "aaaaaaaaaaaa", "ada@example.org"} {
		if a := x.Site.Post(apptest.Ada, "/konto/passwort", "password", bad); a.Code != 422 {
			t.Errorf("%q: %d", bad, a.Code)
		}
	}
	const good = "vier bunte Enten"
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/passwort", "password", good), "/konto")
	x.mustGo(x.post("/anmelden/passwort", "mail", "ada@example.org", "password", good, "weiter", "/konto"), "/konto")
	if got := x.signedIn(); got != "Ada Demir" {
		t.Errorf("signed in as %q", got)
	}
	x.other()
	a := x.post("/anmelden/passwort", "mail", "ada@example.org", "password", "vier bunte Gänse")
	b := x.post("/anmelden/passwort", "mail", "niemand@example.org", "password", good)
	if a.Code != 422 || b.Code != 422 || strings.ReplaceAll(a.Body, "ada@", "niemand@") != b.Body {
		t.Error("the answers tell whether the address is known")
	}
	for range 4 {
		x.post("/anmelden/passwort", "mail", "ada@example.org", "password", "falsch falsch")
	}
	if a := x.post("/anmelden/passwort", "mail", "ada@example.org", "password", good); a.Code != 422 || !a.Has("zu viele Versuche") {
		t.Errorf("after five wrong ones: %d", a.Code)
	}
	x.Clock.Add(15 * time.Minute)
	x.mustGo(x.post("/anmelden/passwort", "mail", "ada@example.org", "password", good), "/")
}

func TestPasswordHash(t *testing.T) {
	h := newHasher()
	phc, err := h.hash(t.Context(), "vier bunte Enten")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("PHC %q", phc)
	}
	for word, want := range map[string]bool{"vier bunte Enten": true, "vier bunte enten": false, "": false} {
		if ok, err := h.fits(t.Context(), phc, word); ok != want || err != nil {
			t.Errorf("%q fits: %v %v", word, ok, err)
		}
	}
	if ok, err := h.fits(t.Context(), "", "x"); ok || err != nil {
		t.Errorf("nobody's password: %v %v", ok, err)
	}
	if _, err := h.fits(t.Context(), "$2a$10$x", "x"); err == nil {
		t.Error("bcrypt is accepted")
	}
}

// In a house that sends no mails an address is only a name, and gives way to who proves to read it.
func TestPasswordWithoutMail(t *testing.T) {
	x := serve(t)
	x.Post.Off = true
	if a := x.Site.Post(apptest.Ada, "/konto/passwort", "password", "vier bunte Enten"); a.Code != 422 || !a.Has("E-Mail-Adresse ein") {
		t.Errorf("without address: %d", a.Code)
	}
	x.mustGo(x.Site.Post(apptest.Ada, "/willkommen/passwort", "password", "vier bunte Enten", "mail", "ada@example.org"), "/willkommen")
	if a := x.Site.Post(apptest.Cem, "/konto/passwort", "password", "vier bunte Enten", "mail", "ada@example.org"); a.Code != 422 {
		t.Errorf("the same name twice: %d", a.Code)
	}
	x.mustGo(x.post("/anmelden/passwort", "mail", "ada@example.org", "password", "vier bunte Enten"), "/")
	x.other()
	if a := x.post("/anmelden/link", "mail", "ada@example.org"); a.Code != 422 || !a.Has("keine Mails") {
		t.Errorf("a link from a house without mail: %d", a.Code)
	}
	x.verified(apptest.Bert, "ada@example.org")
	if a := x.post("/anmelden/passwort", "mail", "ada@example.org", "password", "vier bunte Enten"); a.Code != 422 {
		t.Errorf("the name still holds: %d", a.Code)
	}
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
	x.mustGo(x.post("/konto/passwort/entfernen", "password", "1"), "/konto/nachweis?weiter=/konto")
	x.mustGo(x.post("/konto/mail", "mail", "neu@example.org"), "/konto/nachweis?weiter=/konto")
	if a := x.Get(apptest.Nobody, "/konto"); a.Has("/konto/passwort/entfernen") || !a.Has("/konto/nachweis") {
		t.Error("the page offers changes without a proof")
	}
	if a := x.Get(apptest.Nobody, "/konto/nachweis?weiter=/konto"); a.Code != 200 || !a.Has("noch einmal") {
		t.Errorf("the proof: %d", a.Code)
	}
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

func TestDemoCards(t *testing.T) {
	cards := func(*store.Tx) ([]Card, error) {
		return []Card{{apptest.Ada, "Mutter", "Ada Demir", "zwei Kinder"}}, nil
	}
	h := apptest.New(t)
	x := town{h, h.Serve(t, New(h.House, cards, noLog)), h.Post, nil, t} // cards, but no demo
	if a := x.post("/anmelden/rolle", "person", "6"); a.Code != http.StatusNotFound {
		t.Errorf("a normal house lets one in as anybody: %d", a.Code)
	}
	if a := x.Get(apptest.Nobody, "/anmelden"); a.Has("ansehen") || a.Has("Ada") {
		t.Error("a normal house shows the demo's people")
	}

	h = apptest.New(t)
	h.Demo = true
	x = town{h, h.Serve(t, New(h.House, cards, noLog)), h.Post, nil, t}
	if a := x.Get(apptest.Nobody, "/anmelden"); !a.Has("Als Mutter ansehen") {
		t.Error("no card")
	}
	if a := x.post("/anmelden/rolle", "person", "1"); a.Code != http.StatusNotFound {
		t.Errorf("somebody without a card: %d", a.Code)
	}
	x.mustGo(x.post("/anmelden/rolle", "person", "6"), "/")
	if x.count(`SELECT count(*) FROM session WHERE person = 6`) != 1 {
		t.Error("not signed in")
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
	f := New(x.House.House, nil, noLog)
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

func TestLinkToARemovedAddress(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.post("/anmelden/link", "mail", "ada@example.org")
	at := x.mailed()
	x.Site.Post(apptest.Ada, "/konto/mail/entfernen", "mail", "ada@example.org", "sure", "1")
	if a := x.post(at); a.Code != http.StatusNotFound || x.signedIn() != "" {
		t.Errorf("%d", a.Code)
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
