package account

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

var linkCode = regexp.MustCompile(`dir="ltr"><b>(\d{3}) (\d{3})</b>`)

// asked has Ada's browser ask for a link; it returns what that browser shows, and where the link leads.
func (x town) asked() (code, at string) {
	x.t.Helper()
	x.mustGo(x.post("/anmelden/link", "mail", "ada@example.org"), "/anmelden/link")
	a := x.Get(apptest.Nobody, "/anmelden/link")
	m := linkCode.FindStringSubmatch(a.Body)
	if m == nil {
		x.t.Fatalf("no code:\n%s", a.Body)
	}
	return m[1] + m[2], x.mailed()
}

// not is a code that is wrong.
func not(code string, i int) string {
	return fmt.Sprintf("%06d", (int(code[5]-'0')+i+1)%10+100_000*(int(code[0]-'0')+i+1)%1_000_000)
}

// The mail is opened where it is read: there the code of the first screen is asked for, and there one is signed in.
func TestLinkOnAnotherDevice(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	code, at := x.asked()
	office := x.Cookies[apptest.Nobody]
	x.other()
	before := x.DB.Changes()
	if a := x.Get(apptest.Nobody, at); a.Code != 200 || !a.Has(`name="code"`) || !a.Has("Hat Ihnen jemand den Code gesagt") || a.Has(code) {
		t.Fatalf("in another browser: %d\n%s", a.Code, a.Body)
	}
	if x.DB.Changes() != before {
		t.Error("looking at the link changed something")
	}
	if a := x.post(at); a.Code != 422 || x.signedIn() != "" {
		t.Errorf("without the code: %d", a.Code)
	}
	if a := x.post(at, "code", not(code, 0), "weiter", "/konto"); a.Code != 422 || !a.Has("stimmt nicht") || !a.Has(`value="/konto"`) || x.signedIn() != "" {
		t.Errorf("with a wrong code: %d", a.Code)
	}
	x.mustGo(x.post(at, "code", code[:3]+" "+code[3:], "weiter", "/konto"), "/konto")
	if got := x.signedIn(); got != "Ada Demir" {
		t.Errorf("signed in as %q", got)
	}

	// Whoever has asked and told the code, a phisher perhaps, has nothing of it.
	x.Cookies[apptest.Nobody] = office
	if got := x.signedIn(); got != "" {
		t.Errorf("the browser that asked is signed in as %q", got)
	}
	for name, fields := range map[string][]string{"by the browser that asked": nil, "with the code": {"code", code}} {
		if a := x.post(at, fields...); a.Code != http.StatusNotFound || x.signedIn() != "" {
			t.Errorf("used twice, %s: %d", name, a.Code)
		}
	}
}

func TestLinkCodeIsNotGuessed(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	code, at := x.asked()
	office := x.Cookies[apptest.Nobody]
	x.other()
	for i := range codeTries {
		want := 422
		if i == codeTries-1 {
			want = http.StatusNotFound
		}
		if a := x.post(at, "code", not(code, i)); a.Code != want || x.signedIn() != "" {
			t.Errorf("wrong code %d: %d, want %d", i+1, a.Code, want)
		}
	}
	if a := x.post(at, "code", code); a.Code != http.StatusNotFound || x.signedIn() != "" {
		t.Errorf("the right code after %d wrong ones: %d", codeTries, a.Code)
	}
	x.Cookies[apptest.Nobody] = office
	if a := x.post(at); a.Code != http.StatusNotFound || x.signedIn() != "" {
		t.Errorf("the browser that asked, after %d wrong codes: %d", codeTries, a.Code)
	}
}

func TestLinkCodeEnds(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	code, at := x.asked()
	x.other()
	x.Clock.Add(mailFor)
	if a := x.post(at, "code", code); a.Code != http.StatusNotFound || x.signedIn() != "" {
		t.Errorf("after ten minutes: %d", a.Code)
	}
}

// A code belongs to the browser that asked: that of another opens no link of it.
func TestLinkCodeOfAnotherBrowser(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	_, at := x.asked()
	x.other()
	other, _ := x.asked() // a phisher, who asks for the same address and knows the own code
	if a := x.post(at, "code", other); a.Code != 422 || x.signedIn() != "" {
		t.Errorf("%d", a.Code)
	}
}

// Whoever adds an address of somebody else must not lead them into the own account: such a link has no code.
func TestProofOfAnAddressStaysInItsBrowser(t *testing.T) {
	x := serve(t)
	x.Site.Post(apptest.Cem, "/konto/mail", "mail", "ada@example.org")
	at := x.mailed()
	x.Cookies[apptest.Nobody] = x.Cookies[apptest.Cem]
	code := strings.Join(linkCode.FindStringSubmatch(x.Get(apptest.Nobody, "/anmelden/link").Body)[1:], "")
	x.other() // Ada reads the mail
	if a := x.Get(apptest.Nobody, at); a.Code != http.StatusForbidden || a.Has(`name="code"`) || !a.Has("anderen Browser") {
		t.Errorf("her browser is asked for a code: %d", a.Code)
	}
	if a := x.post(at, "code", code); a.Code != http.StatusForbidden || x.signedIn() != "" {
		t.Errorf("%d, signed in as %q", a.Code, x.signedIn())
	}
	if n := x.count(`SELECT count(*) FROM account_mail`); n != 0 {
		t.Error("Cem has Ada's address")
	}
}

// Who is known only from a carrier's list needs a letter; the page says so to everybody, and shows everybody a code.
func TestLinkPageTellsStrangersNothing(t *testing.T) {
	x := serve(t)
	x.verified(apptest.Ada, "ada@example.org")
	var pages []string
	for _, mail := range []string{"ada@example.org", "cem@example.org", "niemand@example.org"} {
		x.other()
		x.mustGo(x.post("/anmelden/link", "mail", mail), "/anmelden/link")
		a := x.Get(apptest.Nobody, "/anmelden/link")
		if !a.Has("Beim ersten Mal brauchen Sie den Brief") || !a.Has(`href="/i"`) {
			t.Errorf("%s: the page does not tell of the letter", mail)
		}
		pages = append(pages, linkCode.ReplaceAllString(a.Body, "CODE"))
	}
	if pages[0] != pages[1] || pages[0] != pages[2] || !strings.Contains(pages[0], "CODE") {
		t.Error("the page tells whether an address is known")
	}
	x.Work(t)
	if n := len(x.Post.Sent()); n != 1 {
		t.Errorf("%d mails, want one, to Ada", n)
	}
	x.other()
	if a := x.Get(apptest.Nobody, "/anmelden/link"); a.Code != 200 || a.Has("CODE") || linkCode.MatchString(a.Body) {
		t.Error("a code for a browser that has asked for nothing")
	}
}
