package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// fresh are the routes that want a proof of at most five minutes ago, written down a second time: what takes data out of
// the house, lets somebody in or gives them more, or cannot be taken back.
func fresh() map[string]bool {
	all := map[string]bool{}
	for path := range strings.FieldsSeq(`
		POST/konto/daten POST/person/:id/auskunft POST/kind/:id/auskunft POST/protokollierung/mitnehmen
		GET/liste/:id/tabelle GET/rueckmeldung/:id/tabelle GET/termin/:id/antworten.csv
		GET/archiv/:id/herunterladen POST/einheit/:id/verschieben POST/einheit/:id/zusammenlegen
		POST/gremium/:id/uebergabe/zip POST/uebergabe/:id/zip POST/einheit/:id/briefe

		POST/einheit/:id/mitglied POST/mitgliedschaft/:id POST/mitgliedschaft/:id/zustand
		POST/gremium/:id/wahl POST/gremium/:id/wahl/zuruecknehmen POST/einheiten/vorschau/:token
		POST/kind/:id/sorge POST/sorge/:id POST/sorge/:id/zustand
		POST/person/:id/loeschen POST/kind/:id/loeschen

		POST/betrieb/sicherung POST/betrieb/sicherung/frueher POST/betrieb/sicherung/schluessel POST/betrieb/sicherung/schluessel/entfernen
		POST/betrieb/mail POST/betrieb/mail/postfach POST/betrieb/sms POST/betrieb/pruefung/token POST/betrieb/zweiter-faktor

		POST/willkommen/mail POST/willkommen/passwort
		POST/konto/mail POST/konto/mail/entfernen POST/konto/passwort POST/konto/passwort/entfernen POST/konto/nachweis
		GET/konto/zweiter-schritt POST/konto/zweiter-schritt/codes POST/konto/zweiter-schritt/entfernen
		POST/konto/passkey/start POST/konto/passkey/entfernen
		POST/konto/anbieter POST/konto/anbieter/entfernen POST/betrieb/anbieter POST/betrieb/anbieter/entfernen
		POST/person/:id/sperren POST/person/:id/einschraenken POST/kind/:id/sperren POST/kind/:id/einschraenken
		POST/konto/daten/loeschen POST/loeschung/:id/freigeben POST/vermerke POST/vermerk/:id/aufheben
		POST/tablets/neu POST/konto/pin POST/wiederherstellung POST/wiederherstellung/erlauben
	`) {
		all[path] = true
	}
	return all
}

// grave are words of addresses behind which there is something that wants a proof; others are exempted by name.
func grave(r web.Route) bool {
	switch r.Method + r.Path {
	case "POST/raum/:id/entlassen", "POST/konto/passkey", "POST/konto/zweiter-schritt", "POST/konto/zweiter-faktor", "POST/anmelden/passkey", "POST/anmelden/passwort",
		"POST/anmelden/zweiter-schritt", "POST/anmelden/passkey/start", "POST/konto/nachweis/passkey", "POST/konto/nachweis/passkey/start":
		return false
	}
	if r.Method != http.MethodPost || strings.HasPrefix(r.Path, "/sitzung") {
		return strings.HasSuffix(r.Path, "/antworten.csv")
	}
	for _, w := range []string{"auskunft", "/person/", "/sorge", "mitglied", "mitnehmen", "schluessel", "passwort", "passkey", "/zip", "/briefe", "zweiter-"} {
		if strings.Contains(r.Path, w) {
			return true
		}
	}
	return false
}

// TestFresh compares routes with the list above, and asks each of them in an old session.
func TestFresh(t *testing.T) {
	h := newHouse(t)
	tell(t, freshness(h.routes, fresh()))
	h.story()
	n := 0
	for _, rt := range h.routes {
		if rt.Fresh == web.NotFresh {
			continue
		}
		for _, p := range people {
			if p.is&rt.Right == 0 || p.id == apptest.Nobody || p.id == apptest.Silent { // who has no way to sign in yet has nothing to prove it with
				continue
			}
			path := strings.NewReplacer(":id", "1", ":token", h.tokens["/einheiten/"]).Replace(rt.Path)
			cookie := h.cookie(p.id)
			h.Clock.Add(who.ProofLife + time.Second)
			var r *http.Request
			if rt.Method == http.MethodGet {
				r = httptest.NewRequest(rt.Method, apptest.Base+path, nil)
			} else {
				r = h.form(p.id, path)
			}
			r.AddCookie(cookie)
			w := httptest.NewRecorder()
			before := h.DB.Changes()
			h.handler.ServeHTTP(w, r)
			asks := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/konto/nachweis?weiter=") ||
				w.Code == http.StatusUnprocessableEntity && strings.Contains(w.Body.String(), `name="proof.kept"`)
			if n++; !asks || h.DB.Changes() != before {
				t.Errorf("%s%s as %s, long after signing in: %d, %d rows", rt.Method, path, p.name, w.Code, h.DB.Changes()-before)
			}
			h.sql(`DELETE FROM session`)
		}
	}
	if n < 150 {
		t.Errorf("only %d requests", n)
	}
}

// freshness finds routes that want a proof and do not stand in the list, and the other way round.
func freshness(routes []web.Route, want map[string]bool) (wrong []string) {
	there := map[string]bool{}
	for _, r := range routes {
		name := r.Method + r.Path
		there[name] = true
		switch is := r.Fresh != web.NotFresh; {
		case is != want[name]:
			wrong = append(wrong, fmt.Sprintf("%s wants a proof: %v, in the list: %v", name, is, want[name]))
		case !is && grave(r):
			wrong = append(wrong, name+" wants no proof, and sounds as if it should")
		}
	}
	for name := range want {
		if !there[name] {
			wrong = append(wrong, name+" is not there")
		}
	}
	return wrong
}

func TestFreshBites(t *testing.T) {
	list := map[string]bool{"POST/konto/mail": true}
	mail := web.Post("/konto/mail", who.SignedIn, nil)
	for _, c := range []struct {
		name   string
		routes []web.Route
		want   int
	}{
		{"as it should be", []web.Route{web.Proved(mail)}, 0},
		{"a proof is not asked for any more", []web.Route{mail}, 1},
		{"a new route that sounds grave", []web.Route{web.Proved(mail), web.Post("/hund/:id/auskunft", who.Clerks, nil)}, 1},
		{"a proof that nobody has written down", []web.Route{web.Proved(mail), web.Proved(web.Post("/hund", who.Clerks, nil))}, 1},
		{"a route has gone", nil, 1},
	} {
		if wrong := freshness(c.routes, list); len(wrong) != c.want {
			t.Errorf("%s: %q", c.name, wrong)
		}
	}
}

// Half a session comes nowhere but to the second factor: asked of every route.
func TestHalfASession(t *testing.T) {
	h := newHouse(t)
	h.story()
	h.sql(`DELETE FROM setting WHERE name LIKE 'second.%'`) // no grace
	n := 0
	for _, person := range []int64{apptest.Arno, apptest.Stefan} {
		b := h.as(person)
		for _, rt := range h.routes {
			if rt.Right.Has(who.Half) {
				continue
			}
			path := strings.NewReplacer(":id", "4", ":token", "x", ":slug", "x", ":kind", "x", ":uid", "x", ":list", "x", ":purpose", "x").Replace(rt.Path)
			before := h.DB.Changes()
			w := b.ask(rt.Method, path)
			led := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/konto/zweiter-faktor?weiter=")
			if n++; !led && w.Code != http.StatusForbidden || led != (rt.Method == http.MethodGet) || h.DB.Changes() != before {
				t.Errorf("person %d, %s %s: %d %s, %d rows", person, rt.Method, path, w.Code, w.Header().Get("Location"), h.DB.Changes()-before)
			}
		}
	}
	if n < 600 {
		t.Errorf("only %d requests", n)
	}
}
