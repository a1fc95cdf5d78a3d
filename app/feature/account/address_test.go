package account

import (
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// A domain with umlauts is one address, however it is typed, and is shown as people write it.
func TestAddressWithUmlauts(t *testing.T) {
	x := serve(t)
	a := x.Site.Post(apptest.Ada, "/konto/mail", "mail", "Ada@Kita-Größe.de")
	x.mustGo(a, "/konto")
	if a := x.Get(apptest.Ada, "/konto"); !a.Has("ada@kita-größe.de geschickt") {
		t.Error("the page does not say where the link went")
	}
	at := x.mailed()
	if to := x.Post.Sent()[0].To; to != "ada@xn--kita-gre-wya3u.de" {
		t.Errorf("the mail goes to %q", to)
	}
	x.Cookies[apptest.Nobody] = x.Cookies[apptest.Ada]
	x.mustGo(x.post(at), "/")
	if a := x.Get(apptest.Ada, "/konto"); !a.Has("<b>ada@kita-größe.de</b>") || strings.Contains(a.Body, "<b>ada@xn--") {
		t.Error("the address is not shown as it was typed")
	}
	x.mustGo(x.Site.Post(apptest.Ada, "/konto/passwort", "password", "vier bunte Enten"), "/konto")
	x.Clock.Add(time.Hour) // three links an hour for one address
	for _, typed := range []string{"ada@kita-größe.de", "ADA@KITA-GRÖßE.DE", "ada@xn--kita-gre-wya3u.de"} {
		x.other()
		x.post("/anmelden/link", "mail", typed)
		x.mustGo(x.post(x.mailed()), "/")
		x.other()
		x.mustGo(x.post("/anmelden/passwort", "mail", typed, "password", "vier bunte Enten"), "/")
		if got := x.signedIn(); got != "Ada Demir" {
			t.Errorf("%s: signed in as %q", typed, got)
		}
	}
	if a := x.post("/anmelden/link", "mail", "müller@kita-größe.de"); a.Code != 422 || !a.Has("Vor dem @ gehen keine Umlaute") {
		t.Errorf("umlaut before the @: %d", a.Code)
	}
}
