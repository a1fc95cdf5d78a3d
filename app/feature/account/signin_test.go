package account

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

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
	x := town{h, h.Serve(t, New(h.House, nil, func(tx *store.Tx, at time.Time, by int64, action string, ref int64) error {
		if action == "house.founded" {
			return nil
		}
		return noLog(tx, at, by, action, ref)
	}, nil)), h.Post, nil, t}
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
	if a := x.Get(apptest.Nobody, at); a.Code != 200 || !a.Has("Wer betreibt es") || !a.Has(`value="Stadt Neu"`) || !a.Has(`value="`+apptest.Base+`"`) {
		t.Errorf("the questions: %d %s", a.Code, a.Body)
	}
	three := []string{"name", "Stadt Neu", "address", apptest.Base, "operator_name", "Stadt Neu", "operator_street", "Markt 1", "operator_place", "12345 Neu", "operator_person", "Rosa Rath",
		"operator_mail", "kita@neu.example"}
	if a := x.post(at, three[:len(three)-2]...); a.Code != 422 {
		t.Errorf("half of the answers: %d", a.Code)
	}
	x.Clock.Add(consoleFor)
	if a := x.post(at, three...); a.Code != 404 || !a.Has("nestfunk link") {
		t.Errorf("after an hour: %d", a.Code)
	}
	at, _ = first()
	x.mustGo(x.post(at, three...), "/willkommen")
	if a := x.post(at, three...); a.Code != 404 {
		t.Errorf("for the second time: %d", a.Code)
	}
	if got := x.count(`SELECT count(*) FROM setting WHERE name = 'house.address'`); got != 0 {
		t.Error("the address that the house has is kept as one that it lacks")
	}
	if _, ok := first(); ok {
		t.Error("a first link while the operator is signed in")
	}
	x.Clock.Add(2 * time.Hour) // of which an operator's sign-in lasts a quarter without use
	if _, ok := first(); !ok {
		t.Error("no first link for who has no way in")
	}
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

// Who came in and who did not is on record: the person where the house knows one, and nothing of what was typed.
func TestSignInsAreOnRecord(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	_, codes := x.protect(apptest.Ada)
	*x.log = nil
	x.post("/anmelden/passwort", "mail", "ada@example.org", "password", "falsch falsch")
	x.post("/anmelden/passwort", "mail", "niemand@example.org", "password", "falsch falsch")
	x.half()
	x.post("/anmelden/zweiter-schritt", "code", "000 000")
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", codes[0]), "/konto")
	x.mustGo(x.post("/konto/abmelden"), "/abgemeldet")
	x.login(newAuthenticator(t))
	want := []string{"6 session.refused 0", "0 session.refused 0", "6 session.refused 0", "6 session.began 0", "6 session.ended 0", "0 session.refused 0"}
	if !slices.Equal(*x.log, want) {
		t.Errorf("log: %q\nwant %q", *x.log, want)
	}
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

func TestDemoCards(t *testing.T) {
	cards := func(*store.Tx) ([]Card, error) {
		return []Card{{apptest.Ada, "Mutter", "Ada Demir", "zwei Kinder"}}, nil
	}
	h := apptest.New(t)
	x := town{h, h.Serve(t, New(h.House, cards, noLog, nil)), h.Post, nil, t} // cards, but no demo
	if a := x.post("/anmelden/rolle", "person", "6"); a.Code != http.StatusNotFound {
		t.Errorf("a normal house lets one in as anybody: %d", a.Code)
	}
	if a := x.Get(apptest.Nobody, "/anmelden"); a.Has("ansehen") || a.Has("Ada") {
		t.Error("a normal house shows the demo's people")
	}

	h = apptest.New(t)
	h.Demo = true
	x = town{h, h.Serve(t, New(h.House, cards, noLog, nil)), h.Post, nil, t}
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
