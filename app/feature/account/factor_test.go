package account

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// strict is a house in which nobody has a grace.
func strict(t testing.TB) town {
	t.Helper()
	x := serve(t)
	x.write(func(tx *store.Tx) error { return setDeadline(tx, x.Settings, 0, x.Now()) })
	return x
}

// byLink signs somebody in with a link by mail, in a new browser.
func (x town) byLink(mail string) {
	x.t.Helper()
	x.other()
	x.Clock.Add(time.Hour) // of each address three
	x.mustGo(x.post("/anmelden/link", "mail", mail), "/anmelden/link")
	if a := x.post(x.mailed()); a.Code != http.StatusSeeOther {
		x.t.Fatalf("the link: %d\n%s", a.Code, a.Body)
	}
}

const wall = "/konto/zweiter-faktor?weiter=%2F"

// Stefan is staff and has a mailbox. He comes in by a link, and sees nothing before there is a second factor.
func TestTeamSetsASecondFactorUp(t *testing.T) {
	x := strict(t)
	x.verified(apptest.Stefan, "stefan@example.org")
	x.byLink("stefan@example.org")
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	x.mustGo(x.Get(apptest.Nobody, "/konto"), "/konto/zweiter-faktor?weiter=%2Fkonto")
	if a := x.post("/konto/mail", "mail", "neu@example.org"); a.Code != http.StatusForbidden {
		t.Errorf("half a session changes the account: %d", a.Code)
	}
	a := x.Get(apptest.Nobody, wall)
	if a.Code != 200 || !a.Has("Daten vieler Familien") || !a.Has("data-passkey=\"register\"") || !a.Has("/konto/zweiter-schritt") || a.Has("Später") {
		t.Fatalf("%d, does not say how:\n%s", a.Code, a.Body)
	}
	if strings.Index(a.Body, "data-passkey") > strings.Index(a.Body, "/konto/zweiter-schritt") {
		t.Error("the passkey is not offered first")
	}
	ticket, secret := x.offer(x.Get(apptest.Nobody, "/konto/zweiter-schritt"))
	if a := x.post("/konto/zweiter-schritt", "ticket", ticket, "code", not(x.app(secret), 0)); a.Code != 422 {
		t.Errorf("a wrong first code: %d", a.Code)
	}
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	codes := x.spares(x.post("/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)))
	if got := x.signedIn(); got != "Stefan Fachkraft" {
		t.Errorf("with a second factor he is %q", got)
	}
	for _, c := range codes {
		if n := x.count(`SELECT count(*) FROM account_spare WHERE hash = ?`, strings.ReplaceAll(c, "-", "")); n != 0 {
			t.Error("a printed code lies in the database as it is")
		}
	}

	// The next time the link asks for it, and no code counts twice.
	x.byLink("stefan@example.org")
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	if a := x.Get(apptest.Nobody, wall); !a.Has(`name="code"`) || a.Has("/konto/passkey/start") {
		t.Errorf("asks for nothing:\n%s", a.Body)
	}
	if a := x.post("/konto/passkey/start"); a.Code != http.StatusForbidden {
		t.Errorf("another factor instead of the one that there is: %d", a.Code)
	}
	if a := x.Get(apptest.Nobody, "/konto/zweiter-schritt"); a.Code != http.StatusForbidden {
		t.Errorf("another app instead of the one that there is: %d", a.Code)
	}
	code := x.app(secret)
	if a := x.post("/konto/zweiter-faktor", "code", not(code, 0)); a.Code != 422 || x.signedIn() != "" {
		t.Errorf("a wrong code: %d", a.Code)
	}
	x.mustGo(x.post("/konto/zweiter-faktor", "code", code, "weiter", "/konto"), "/konto")
	if got := x.signedIn(); got != "Stefan Fachkraft" {
		t.Errorf("signed in as %q", got)
	}
	x.byLink("stefan@example.org")
	x.Clock.Add(-time.Hour)
	if a := x.post("/konto/zweiter-faktor", "code", code); a.Code != 422 || x.signedIn() != "" {
		t.Errorf("the same code once more: %d", a.Code)
	}
	x.Clock.Add(time.Hour)
	x.mustGo(x.post("/konto/zweiter-faktor", "code", codes[3], "weiter", "https://böse.example"), "/")
	if got := x.signedIn(); got != "Stefan Fachkraft" {
		t.Errorf("with a printed code: %q", got)
	}
}

// Half a session that is old cannot set anything up: whoever finds the screen does not get in.
func TestOldHalfSession(t *testing.T) {
	x := strict(t)
	x.verified(apptest.Stefan, "stefan@example.org")
	x.byLink("stefan@example.org")
	ticket, secret := x.offer(x.Get(apptest.Nobody, "/konto/zweiter-schritt"))
	x.Clock.Add(enrolFor + time.Second)
	for _, a := range []struct {
		what string
		code int
	}{
		{"page", x.Get(apptest.Nobody, "/konto/zweiter-schritt").Code},
		{"code", x.post("/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)).Code},
		{"passkey", x.post("/konto/passkey/start").Code},
	} {
		if a.code != http.StatusForbidden {
			t.Errorf("%s: %d", a.what, a.code)
		}
	}
	x.mustGo(x.post("/konto/abmelden"), "/abgemeldet")
}

func TestTeamSetsAPasskeyUp(t *testing.T) {
	x := strict(t)
	x.verified(apptest.Hanna, "hanna@example.org")
	x.byLink("hanna@example.org")
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	key := newAuthenticator(t)
	if r := x.register(apptest.Nobody, key); r.Code != 200 || x.signedIn() != "Hanna Leitung" {
		t.Fatalf("%d %s, signed in as %q", r.Code, r.Body, x.signedIn())
	}
	if a := x.Get(apptest.Nobody, wall); a.Code != 200 || !a.Has("/konto/zweiter-schritt/codes") {
		t.Errorf("no codes are offered: %d", a.Code)
	}
	codes := x.spares(x.post("/konto/zweiter-schritt/codes"))
	x.mustGo(x.Get(apptest.Nobody, wall), "/")
	x.other()
	if r := x.login(key); r.Code != 200 || x.signedIn() != "Hanna Leitung" {
		t.Errorf("by passkey: %d, %q", r.Code, x.signedIn())
	}

	x.byLink("hanna@example.org")
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	o := x.post("/konto/nachweis/passkey/start?weiter=/konto")
	foreign := newAuthenticator(t)
	x.register(apptest.Rosa, foreign)
	if r := x.post("/konto/nachweis/passkey", "credential", foreign.get(o.Body)); r.Code != http.StatusForbidden || x.signedIn() != "" {
		t.Errorf("with another's passkey: %d", r.Code)
	}
	o = x.post("/konto/nachweis/passkey/start?weiter=/konto")
	if r := x.post("/konto/nachweis/passkey", "credential", key.get(o.Body)); r.Code != 200 || r.Body != `{"to":"/konto"}` || x.signedIn() != "Hanna Leitung" {
		t.Errorf("link and passkey: %d %s, %q", r.Code, r.Body, x.signedIn())
	}
	x.byLink("hanna@example.org")
	x.mustGo(x.post("/konto/zweiter-faktor", "code", codes[0]), "/")
	if x.signedIn() != "Hanna Leitung" {
		t.Error("a printed code does not stand for a lost passkey")
	}
}

// A mother becomes a member of the team: her next page asks for a second factor, and her own passkey without PIN is none.
func TestNewRoleWantsASecondFactor(t *testing.T) {
	x := strict(t)
	x.verified(apptest.Ada, "ada@example.org")
	weak := newAuthenticator(t)
	weak.verifies = false
	x.register(apptest.Ada, weak)
	x.byLink("ada@example.org")
	if got := x.signedIn(); got != "Ada Demir" {
		t.Fatalf("a mother is %q", got)
	}
	x.write(func(tx *store.Tx) error {
		_, err := org.Appoint(tx, org.Membership{Person: apptest.Ada, Unit: apptest.Kaefer, Role: who.Staff, State: org.Confirmed, Since: x.Now()})
		return err
	})
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	if a := x.Get(apptest.Nobody, wall); !a.Has(`data-passkey="register"`) {
		t.Error("she cannot set anything up")
	}
}

// The operator gives those who are there some days; who comes later has none.
func TestGrace(t *testing.T) {
	x := strict(t)
	for _, days := range []string{"", "-1", "91", "x"} {
		if a := x.Site.Post(apptest.Arno, "/betrieb/zweiter-faktor", "days", days); a.Code != 422 || !a.Has("0 bis 90") {
			t.Errorf("%q days: %d", days, a.Code)
		}
	}
	x.mustGo(x.Site.Post(apptest.Arno, "/betrieb/zweiter-faktor", "days", "14"), "/betrieb/zweiter-faktor")
	if !slices.Contains(*x.log, "1 second.grace 14") {
		t.Errorf("log: %v", *x.log)
	}
	x.verified(apptest.Stefan, "stefan@example.org")
	x.verified(apptest.Ada, "ada@example.org")
	x.byLink("stefan@example.org")
	if a := x.Get(apptest.Nobody, wall); x.signedIn() != "Stefan Fachkraft" || !a.Has("ab dem 16. März 2026") || !a.Has("Später") {
		t.Errorf("within the grace he is %q", x.signedIn())
	}
	if a := x.Get(apptest.Arno, "/betrieb/zweiter-faktor"); !a.Has("Stefan Fachkraft") || !a.Has("Frist bis") || a.Has("Ada") || a.Has("Lutz") {
		t.Error("the list of who lacks one")
	}
	x.write(func(tx *store.Tx) error {
		_, err := org.Appoint(tx, org.Membership{Person: apptest.Ada, Unit: apptest.Kaefer, Role: who.Staff, State: org.Confirmed, Since: x.Now()})
		return err
	})
	x.byLink("ada@example.org")
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	x.Clock.Add(14 * 24 * time.Hour)
	x.byLink("stefan@example.org")
	x.mustGo(x.Get(apptest.Nobody, "/"), wall)
	x.mustGo(x.Site.Post(apptest.Arno, "/betrieb/zweiter-faktor", "days", "0"), "/betrieb/zweiter-faktor")

	ticket, secret := x.offer(x.Get(apptest.Nobody, "/konto/zweiter-schritt"))
	x.spares(x.post("/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)))
	if a := x.Get(apptest.Arno, "/betrieb/zweiter-faktor"); a.Has("Stefan Fachkraft") || !a.Has("Ada Demir") {
		t.Error("the list is not of now")
	}
}

func TestLastFactorStaysWithTheRole(t *testing.T) {
	x := strict(t)
	x.verified(apptest.Stefan, "stefan@example.org")
	key := newAuthenticator(t)
	x.register(apptest.Stefan, key)
	if a := x.Site.Post(apptest.Stefan, "/konto/passkey/entfernen", "passkey", hexOf(key.id), "sure", "1"); a.Code != 422 || !a.Has("Solange Sie diese Aufgabe haben") {
		t.Errorf("the last one goes: %d", a.Code)
	}
	x.protect(apptest.Stefan)
	x.mustGo(x.Site.Post(apptest.Stefan, "/konto/passkey/entfernen", "passkey", hexOf(key.id)), "/konto")
	if a := x.Site.Post(apptest.Stefan, "/konto/zweiter-schritt/entfernen", "second", "1", "sure", "1"); a.Code != 422 {
		t.Errorf("the last one goes: %d", a.Code)
	}
	x.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET until = ? WHERE person = 5`, x.Now().Unix())
		return err
	})
	x.mustGo(x.Site.Post(apptest.Stefan, "/konto/zweiter-schritt/entfernen", "second", "1"), "/konto")
	if n := x.count(`SELECT (SELECT count(*) FROM account_totp) + (SELECT count(*) FROM account_spare)`); n != 0 {
		t.Errorf("%d rows stay", n)
	}
	x.verified(apptest.Ada, "ada@example.org")
	x.protect(apptest.Ada)
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/zweiter-schritt/entfernen", "second", "1"), "/konto") // a mother
}

// In a demonstration everybody is one click away.
func TestDemoHasNoSecondFactor(t *testing.T) {
	h := apptest.New(t)
	h.Demo = true
	cards := func(*store.Tx) ([]Card, error) { return []Card{{Person: apptest.Hanna}}, nil }
	x := town{h, h.Serve(t, New(h.House, cards, noLog, nil), home()), h.Post, nil, t}
	x.write(func(tx *store.Tx) error { return setDeadline(tx, x.Settings, 0, x.Now()) })
	x.mustGo(x.post("/anmelden/rolle", "person", "4"), "/")
	if got := x.signedIn(); got != "Hanna Leitung" {
		t.Errorf("signed in as %q", got)
	}
}
