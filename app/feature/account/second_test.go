package account

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"

	"github.com/pquerna/otp/totp"
)

const stefansWord, adasWord = "drei alte Drachen", "vier bunte Enten"

// password gives a person an address and a password.
func (x town) password(person int64, mail, word string) {
	x.t.Helper()
	x.verified(person, mail)
	x.mustGo(x.Site.Post(person, "/konto/passwort", "password", word), "/konto")
}

var (
	ticketField = regexp.MustCompile(`name="ticket" value="([^"]+)"`)
	appLink     = regexp.MustCompile(`otpauth://totp/[^"]*secret=([A-Z2-7]{32})`)
	spareCode   = regexp.MustCompile(`<code>([0-9A-Z-]{19})</code>`)
)

// offer is what a page for setting up shows: a ticket, and the secret for the app.
func (x town) offer(a apptest.Answer) (ticket, secret string) {
	x.t.Helper()
	m, s := ticketField.FindStringSubmatch(a.Body), appLink.FindStringSubmatch(a.Body)
	if a.Code != 200 && a.Code != 422 || m == nil || s == nil || !a.Has(`class="qr"`) {
		x.t.Fatalf("%d: nothing to set up\n%s", a.Code, a.Body)
	}
	return html.UnescapeString(m[1]), s[1]
}

// app is the code that the app shows now.
func (x town) app(secret string) string {
	x.t.Helper()
	code, err := totp.GenerateCode(secret, x.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	return code
}

func (x town) spares(a apptest.Answer) (all []string) {
	x.t.Helper()
	for _, m := range spareCode.FindAllStringSubmatch(a.Body, -1) {
		all = append(all, m[1])
	}
	if a.Code != 200 || len(all) != spares {
		x.t.Fatalf("%d: %d printed codes\n%s", a.Code, len(all), a.Body)
	}
	return all
}

// protect sets a person's second step up. Its first code is used.
func (x town) protect(person int64) (secret string, codes []string) {
	x.t.Helper()
	ticket, secret := x.offer(x.Get(person, "/konto/zweiter-schritt"))
	codes = x.spares(x.Site.Post(person, "/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)))
	x.Clock.Add(stepSeconds * time.Second)
	return secret, codes
}

// half signs Ada in as far as the password leads.
func (x town) half() {
	x.t.Helper()
	x.other()
	x.mustGo(x.post("/anmelden/passwort", "mail", "ada@example.org", "password", adasWord, "weiter", "/konto"), "/anmelden/zweiter-schritt")
	if a := x.Get(apptest.Nobody, "/anmelden/zweiter-schritt"); a.Code != 200 || !a.Has(`name="code"`) || x.signedIn() != "" {
		x.t.Fatalf("after the password: %d, signed in as %q", a.Code, x.signedIn())
	}
}

func TestSecondStep(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	secret, _ := x.protect(apptest.Ada)
	if n := x.count(`SELECT count(*) FROM account_totp WHERE instr(secret, ?) > 0`, secret); n != 0 {
		t.Error("the secret lies in the database in clear")
	}
	x.half()
	code := x.app(secret)
	if a := x.post("/anmelden/zweiter-schritt", "code", not(code, 0)); a.Code != 422 || !a.Has("stimmt nicht") || x.signedIn() != "" {
		t.Errorf("a wrong code: %d", a.Code)
	}
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", code[:3]+" "+code[3:]), "/konto")
	if got := x.signedIn(); got != "Ada Demir" {
		t.Errorf("signed in as %q", got)
	}
	x.half()
	if a := x.post("/anmelden/zweiter-schritt", "code", code); a.Code != 422 || x.signedIn() != "" {
		t.Errorf("the same code once more: %d", a.Code)
	}
	x.Clock.Add(stepSeconds * time.Second)
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", x.app(secret)), "/konto")

	// A link by mail is another way in, and stays one.
	x.other()
	x.post("/anmelden/link", "mail", "ada@example.org")
	x.mustGo(x.post(x.mailed()), "/")
}

func TestSecondStepIsNotGuessed(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	secret, _ := x.protect(apptest.Ada)
	x.half()
	for i := range secondOf().N {
		x.post("/anmelden/zweiter-schritt", "code", not(x.app(secret), i))
	}
	x.half() // the password once more is no fresh start
	if a := x.post("/anmelden/zweiter-schritt", "code", x.app(secret)); a.Code != 422 || !a.Has("zu viele Versuche") || x.signedIn() != "" {
		t.Errorf("after five wrong codes: %d", a.Code)
	}
	x.Clock.Add(secondOf().In)
	x.half()
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", x.app(secret)), "/konto")
}

func TestSecondStepWithoutThePassword(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	secret, _ := x.protect(apptest.Ada)
	x.mustGo(x.Get(apptest.Nobody, "/anmelden/zweiter-schritt"), "/anmelden")
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", x.app(secret)), "/anmelden")
	x.half()
	x.Clock.Add(secondFor)
	x.mustGo(x.Get(apptest.Nobody, "/anmelden/zweiter-schritt"), "/anmelden")
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", x.app(secret)), "/anmelden")
	x.half()
	x.Clock.Add(time.Second)
	x.Site.Post(apptest.Ada, "/konto/passwort", "password", "fünf graue Gänse") // meanwhile
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", x.app(secret)), "/anmelden")
	if got := x.signedIn(); got != "" {
		t.Errorf("signed in as %q", got)
	}
}

func TestPrintedCodes(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	_, codes := x.protect(apptest.Ada)
	x.half()
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", codes[0]), "/konto")
	if a := x.Get(apptest.Nobody, "/konto"); !a.Has("Ausgedruckte Codes übrig: 9") {
		t.Error("the account does not say how many are left")
	}
	x.half()
	if a := x.post("/anmelden/zweiter-schritt", "code", codes[0]); a.Code != 422 || x.signedIn() != "" {
		t.Errorf("used twice: %d", a.Code)
	}
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", strings.ToLower(strings.ReplaceAll(codes[1], "-", " "))), "/konto")

	fresh := x.spares(x.Site.Post(apptest.Ada, "/konto/zweiter-schritt/codes"))
	if got := x.signedIn(); got != "" {
		t.Error("new codes leave other sessions open")
	}
	x.half()
	if a := x.post("/anmelden/zweiter-schritt", "code", codes[2]); a.Code != 422 {
		t.Errorf("an old one after new ones were printed: %d", a.Code)
	}
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", fresh[9]), "/konto")
	if a := x.Site.Post(apptest.Cem, "/konto/zweiter-schritt/codes"); a.Code != http.StatusNotFound {
		t.Errorf("codes for who has no second step: %d", a.Code)
	}
}

func TestSecondStepIsSetUpByItsOwner(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	x.password(apptest.Cem, "cem@example.org", "sechs rote Rosen")
	ticket, secret := x.offer(x.Get(apptest.Cem, "/konto/zweiter-schritt"))
	if a := x.Site.Post(apptest.Ada, "/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)); a.To != "/konto/zweiter-schritt" || strings.Contains(a.Body, secret) {
		t.Errorf("with the ticket of another: %d", a.Code)
	}
	ticket, secret = x.offer(x.Get(apptest.Ada, "/konto/zweiter-schritt"))
	x.Clock.Add(enrolFor)
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)), "/konto/zweiter-schritt")
	a := x.Get(apptest.Ada, "/konto/zweiter-schritt")
	if _, again := x.offer(a); again == secret || !a.Has("zu lange gedauert") {
		t.Error("an old secret is shown once more, or nobody says why")
	}
	if n := x.count(`SELECT count(*) FROM account_totp`); n != 0 {
		t.Fatalf("%d second steps", n)
	}
	ticket, secret = x.offer(x.Get(apptest.Ada, "/konto/zweiter-schritt"))
	x.spares(x.Site.Post(apptest.Ada, "/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)))
	if a := x.Site.Post(apptest.Ada, "/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)); a.Code != http.StatusConflict {
		t.Errorf("sent twice: %d", a.Code)
	}
	x.mustGo(x.Get(apptest.Bert, "/konto/zweiter-schritt"), "/konto") // without a password there is nothing to add to
}

// Whoever has a new phone, or whose codes the house cannot check any more, sets them up anew: the old ones end then, and not
// before. A new picture is shown to nobody who has not just proved to be the same.
func TestSecondStepOnAnotherPhone(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	old, codes := x.protect(apptest.Ada)
	x.half()
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", codes[0]), "/konto")
	if a := x.Get(apptest.Nobody, "/konto"); !a.Has(`href="/konto/zweiter-schritt"`) {
		t.Error("the account leads nowhere")
	}
	ticket, secret := x.offer(x.Get(apptest.Nobody, "/konto/zweiter-schritt"))
	if a := x.post("/konto/zweiter-schritt", "ticket", ticket, "code", x.app(old)); a.Code != 422 || x.count(`SELECT count(*) FROM account_spare`) != spares-1 {
		t.Errorf("with a code of the old phone: %d", a.Code)
	}
	x.spares(x.post("/konto/zweiter-schritt", "ticket", ticket, "code", x.app(secret)))
	x.Clock.Add(stepSeconds * time.Second)
	x.half()
	if a := x.post("/anmelden/zweiter-schritt", "code", x.app(old)); a.Code != 422 || x.signedIn() != "" {
		t.Errorf("in with the old phone: %d", a.Code)
	}
	x.mustGo(x.post("/anmelden/zweiter-schritt", "code", x.app(secret)), "/konto")

	x.stale()
	x.mustGo(x.post("/konto/zweiter-schritt", "ticket", "x", "code", "123456"), "/konto/zweiter-schritt")
	if a := x.Get(apptest.Nobody, "/konto/zweiter-schritt"); a.Has("otpauth:") || !strings.HasPrefix(a.To, "/konto/nachweis") {
		t.Errorf("a picture for somebody who has proved nothing: %d %s", a.Code, a.To)
	}
}

func TestStep(t *testing.T) {
	const rfc = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890", RFC 6238, appendix B
	for _, c := range []struct {
		name, code string
		at, last   int64
		step       int64 // 0: none
	}{
		{"first of the standard", "287082", 59, 0, 1},
		{"second of the standard", "081804", 1111111109, 0, 37037036},
		{"third of the standard", "050471", 1111111111, 0, 37037037},
		{"one step late", "081804", 1111111109 + 30, 0, 37037036},
		{"one step early", "081804", 1111111109 - 30, 0, 37037036},
		{"two steps late", "081804", 1111111109 + 60, 0, 0},
		{"two steps early", "081804", 1111111109 - 60, 0, 0},
		{"used", "081804", 1111111109, 37037036, 0},
		{"older than a used one", "081804", 1111111109, 37037037, 0},
		{"after an older one", "081804", 1111111109, 37037035, 37037036},
		{"short", "81804", 1111111109, 0, 0},
		{"empty", "", 1111111109, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			step, ok := stepOf(rfc, c.code, c.last, time.Unix(c.at, 0))
			if step != c.step || ok != (c.step != 0) {
				t.Errorf("%d %v, want %d", step, ok, c.step)
			}
		})
	}
}
