package account

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

var keptField = regexp.MustCompile(`name="proof.kept" value="([^"]+)"`)

// proving is the form that a page keeps while it asks for a proof.
func (x town) proving(a apptest.Answer) string {
	x.t.Helper()
	m := keptField.FindStringSubmatch(a.Body)
	if a.Code != 422 && a.Code != 200 || m == nil || !a.Has("dass Sie es sind") {
		x.t.Fatalf("%d: asks for no proof\n%s", a.Code, a.Body)
	}
	return html.UnescapeString(m[1])
}

func (x town) stale() { x.Clock.Add(who.ProofLife + time.Second) }

// A form is not lost: what was typed is done once the password is right, and the session has a new id then.
func TestProofKeepsTheForm(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	x.mustGo(x.post("/anmelden/passwort", "mail", "ada@example.org", "password", adasWord), "/")
	x.stale()
	const next = "fünf graue Gänse"
	a := x.post("/konto/passwort", "password", next)
	kept := x.proving(a)
	if a.Has(next) || a.Has("Gänse") || a.Has(`role="alert"`) {
		t.Error("the page shows the new password, or that something is wrong")
	}
	if a := x.post("/konto/passwort", "proof.kept", kept, "proof.way", "password", "proof.secret", "falsch falsch"); a.Code != 422 || !a.Has("Passwort stimmt nicht") {
		t.Errorf("a wrong password: %d", a.Code)
	} else {
		kept = x.proving(a)
	}
	before := slices.Clone(x.Cookies[apptest.Nobody])
	x.mustGo(x.post("/konto/passwort", "proof.kept", kept, "proof.way", "password", "proof.secret", adasWord), "/konto")
	if x.signedIn() != "Ada Demir" || !slices.Contains(*x.log, "6 session.proved 0") {
		t.Errorf("signed in as %q, log %v", x.signedIn(), *x.log)
	}
	x.mustGo(x.post("/konto/passwort/entfernen", "password", "1"), "/konto") // five minutes
	after := x.Cookies[apptest.Nobody]
	x.Cookies[apptest.Nobody] = before
	if got := x.signedIn(); got != "" {
		t.Errorf("the id from before the proof still is %q", got)
	}
	x.Cookies[apptest.Nobody] = after
	x.stale()
	x.proving(x.post("/konto/mail/entfernen", "mail", "ada@example.org"))
}

// What a page keeps is good for its person, its address and half an hour.
func TestKeptFormIsBound(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	x.post("/anmelden/passwort", "mail", "ada@example.org", "password", adasWord)
	x.stale()
	kept := x.proving(x.post("/konto/mail/entfernen", "mail", "ada@example.org"))
	proof := []string{"proof.kept", kept, "proof.way", "password", "proof.secret", adasWord}
	if a := x.post("/konto/passwort/entfernen", proof...); a.Code != http.StatusConflict {
		t.Errorf("at another address: %d", a.Code)
	}
	if a := x.Site.Post(apptest.Cem, "/konto/mail/entfernen", proof...); a.Code != http.StatusConflict {
		t.Errorf("of another person: %d", a.Code)
	}
	if a := x.post("/konto/mail/entfernen", "proof.kept", kept[:len(kept)-4]+"AAAA"); a.Code != http.StatusConflict {
		t.Errorf("changed: %d", a.Code)
	}
	x.Clock.Add(formKept)
	if a := x.post("/konto/mail/entfernen", proof...); a.Code != http.StatusConflict {
		t.Errorf("too late: %d", a.Code)
	}
	if x.count(`SELECT count(*) FROM account_mail WHERE person = 6`) != 1 {
		t.Error("something was done")
	}
}

var sixDigits = regexp.MustCompile(`\n(\d{3} \d{3})\n`)

// A mother without passkey and password proves who she is with a code by mail, and keeps the page open.
func TestProofByMail(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.byLink("ada@example.org")
	x.stale()
	kept := x.proving(x.post("/konto/passwort", "password", adasWord))
	a := x.post("/konto/passwort", "proof.kept", kept, "proof.way", "mail")
	if !a.Has("unterwegs") {
		t.Fatalf("%d:\n%s", a.Code, a.Body)
	}
	kept = x.proving(a)
	x.Work(t)
	sent := x.Post.Sent()
	mail := sent[len(sent)-1]
	m := sixDigits.FindStringSubmatch(mail.Text)
	if m == nil || mail.To != "ada@example.org" || strings.Contains(mail.Text, "Mila") || strings.Contains(mail.Subject, m[1]) {
		t.Fatalf("mail %q: %s", mail.Subject, mail.Text)
	}
	code := m[1]
	if a := x.post("/konto/passwort", "proof.kept", kept, "proof.way", "mailed", "proof.secret", not(strings.ReplaceAll(code, " ", ""), 0)); a.Code != 422 || !a.Has("stimmt nicht") {
		t.Errorf("a wrong code: %d", a.Code)
	}
	here := x.Cookies[apptest.Nobody]
	x.byLink("ada@example.org") // another browser of hers
	x.Clock.Add(-time.Hour)
	x.write(func(tx *store.Tx) error { _, err := tx.Exec(`UPDATE session SET fresh = 0`); return err })
	if a := x.post("/konto/passwort", "proof.kept", kept, "proof.way", "mailed", "proof.secret", code); a.Code != 422 {
		t.Errorf("the code in another browser: %d", a.Code)
	}
	x.Cookies[apptest.Nobody] = here
	x.mustGo(x.post("/konto/passwort", "proof.kept", kept, "proof.way", "mailed", "proof.secret", code), "/konto")
	if x.count(`SELECT count(*) FROM account_password WHERE person = 6`) != 1 {
		t.Error("the password was lost on the way")
	}
	x.write(func(tx *store.Tx) error { _, err := tx.Exec(`UPDATE session SET fresh = 0`); return err })
	if a := x.post("/konto/passwort/entfernen", "proof.way", "mailed", "proof.secret", code); a.Code != 422 {
		t.Errorf("the code a second time: %d", a.Code)
	}
	for range proofOf().N {
		x.post("/konto/passwort/entfernen", "proof.way", "mailed", "proof.secret", "000000")
	}
	if a := x.post("/konto/passwort/entfernen", "proof.way", "password", "proof.secret", adasWord); !a.Has("zu viele Versuche") {
		t.Errorf("guessing has no end: %d", a.Code)
	}
}

func TestMailedCodeEnds(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.byLink("ada@example.org")
	x.stale()
	x.post("/konto/passwort", "password", adasWord, "proof.way", "mail")
	x.Clock.Add(3 * codeLasts)
	before := len(x.Post.Sent())
	x.Work(t)
	if len(x.Post.Sent()) != before {
		t.Error("a code is mailed that nobody waits for")
	}
	for i := range proofMailOf().N {
		if a := x.post("/konto/passwort", "password", adasWord, "proof.way", "mail"); i == proofMailOf().N-1 && !a.Has("zu viele Versuche") {
			t.Errorf("mails have no end: %d", a.Code)
		}
	}
}

// Where a passkey was set up, the mailbox alone changes nothing: it lets her in, and no more.
func TestMailboxDoesNotStandForAPasskey(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	key := newAuthenticator(t)
	x.register(apptest.Ada, key)
	x.byLink("ada@example.org")
	if got := x.signedIn(); got != "Ada Demir" {
		t.Fatalf("the link lets in %q", got)
	}
	a := x.post("/konto/passkey/entfernen", "passkey", hexOf(key.id), "sure", "1") // at once
	kept := x.proving(a)
	if a.Has(`value="mail"`) || !a.Has(`data-passkey="login"`) {
		t.Errorf("offers the mailbox:\n%s", a.Body)
	}
	if a := x.post("/konto/passkey/entfernen", "proof.kept", kept, "proof.way", "mail"); a.Code != 422 || a.Has("unterwegs") {
		t.Errorf("sends a code: %d", a.Code)
	}
	o := x.post("/konto/nachweis/passkey/start")
	if r := x.post("/konto/nachweis/passkey", "credential", key.get(o.Body)); r.Code != 200 {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	x.mustGo(x.post("/konto/passkey/entfernen", "proof.kept", kept), "/konto") // as the script sends it
	if x.count(`SELECT count(*) FROM account_passkey`) != 0 {
		t.Error("the form was lost on the way")
	}
}

// A page that wants a proof is led back to; a script is told where to go.
func TestProofBeforeAPage(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	x.post("/anmelden/passwort", "mail", "ada@example.org", "password", adasWord)
	x.mustGo(x.Get(apptest.Nobody, "/konto/nachweis?weiter=/konto/daten"), "/konto/daten") // nothing is missing
	x.stale()
	to := "/konto/nachweis?weiter=%2Fkonto%2Fzweiter-schritt"
	x.mustGo(x.Get(apptest.Nobody, "/konto/zweiter-schritt"), to)
	kept := x.proving(x.Get(apptest.Nobody, to))
	x.mustGo(x.post("/konto/nachweis", "proof.kept", kept, "proof.way", "password", "proof.secret", adasWord), "/konto/zweiter-schritt")
	x.stale()
	r := httptest.NewRequest("POST", apptest.Base+"/konto/passkey/start", nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Dest", "empty")
	r.Header.Set("Referer", apptest.Base+"/konto")
	if a := x.Do(apptest.Nobody, r); a.Code != http.StatusForbidden || a.Body != `{"to":"/konto/nachweis?weiter=%2Fkonto"}` {
		t.Errorf("a script: %d %s", a.Code, a.Body)
	}
	kept = x.proving(x.Get(apptest.Nobody, "/konto/nachweis?weiter=https://böse.example"))
	x.mustGo(x.post("/konto/nachweis", "proof.kept", kept, "proof.way", "password", "proof.secret", adasWord), "/")
}

// Who came in by a letter has nothing to prove anything with yet, and may take the first way to sign in; no more.
func TestProofOfTheFirstWay(t *testing.T) {
	x := serve(t)
	w := httptest.NewRecorder()
	if err := x.Sessions.SignIn(w, httptest.NewRequest("GET", "/", nil), apptest.Ada); err != nil {
		t.Fatal(err)
	}
	x.Cookies[apptest.Nobody] = w.Result().Cookies()
	x.stale()
	if a := x.post("/konto/passwort/entfernen", "password", "1"); !a.Has("noch keinen Weg") {
		t.Errorf("%d:\n%s", a.Code, a.Body)
	}
	x.mustGo(x.post("/konto/mail", "mail", "ada@example.org"), "/konto")
}

// In a demonstration a click is proof enough: anybody may be anybody there.
func TestProofInADemo(t *testing.T) {
	h := apptest.New(t)
	h.Demo = true
	cards := func(*store.Tx) ([]Card, error) { return []Card{{Person: apptest.Hanna}}, nil }
	x := town{h, h.Serve(t, New(h.House, cards, noLog, nil), home()), h.Post, nil, t}
	x.post("/anmelden/rolle", "person", "4")
	x.stale()
	a := x.post("/konto/zweiter-schritt/codes")
	kept := x.proving(a)
	if a := x.post("/konto/zweiter-schritt/codes", "proof.kept", kept, "proof.way", "click"); a.Code != http.StatusNotFound { // there is no second step: so it came through
		t.Errorf("%d", a.Code)
	}

	x = serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	x.byLink("ada@example.org")
	x.stale()
	if a := x.post("/konto/passwort", "password", adasWord, "proof.way", "click"); a.Code != 422 || x.count(`SELECT count(*) FROM account_password`) != 0 {
		t.Errorf("a click in a real house: %d", a.Code)
	}
}
