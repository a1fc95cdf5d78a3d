package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// city is a test house whose people can sign in by a provider, which is Nr. 1.
type city struct {
	town
	*apptest.Provider
}

func openCity(t testing.TB, fields ...string) city {
	t.Helper()
	x := serve(t)
	c := city{x, apptest.NewProvider(t, x.Now)}
	all := append([]string{"name", "Mit dem Konto der Stadt", "issuer", c.URL, "client", c.Client, "secret", c.Secret, "inside", "127.0.0.1"}, fields...)
	if a := x.Site.Post(apptest.Arno, "/betrieb/anbieter", all...); a.Code != 303 {
		t.Fatal(a.Code, wordsOf(a))
	}
	return c
}

// set saves other settings of the provider.
func (c city) set(fields ...string) {
	c.t.Helper()
	all := append([]string{"id", "1", "name", "Mit dem Konto der Stadt", "client", c.Client, "inside", "127.0.0.1"}, fields...)
	if a := c.Site.Post(apptest.Arno, "/betrieb/anbieter", all...); a.Code != 303 {
		c.t.Fatal(a.Code, wordsOf(a))
	}
}

var alert = regexp.MustCompile(`class="error"[^>]*>(?s:(.*?))</p>`)

func wordsOf(a apptest.Answer) string {
	if m := alert.FindStringSubmatch(a.Body); m != nil {
		return strings.TrimSpace(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[1], ""))
	}
	return a.Body
}

// out sends somebody's browser to the provider, and returns where it comes back.
func (c city) out(person int64, next string) string {
	c.t.Helper()
	a := c.Get(person, "/anmelden/anbieter/1?weiter="+url.QueryEscape(next))
	if a.Code != 303 || !strings.HasPrefix(a.To, c.URL) {
		c.t.Fatalf("%d %s: %s", a.Code, a.To, wordsOf(a))
	}
	return c.Come(a.To)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// in opens the page to which the provider sends a browser, and presses its button.
func (c city) in(person int64, back string) apptest.Answer {
	c.t.Helper()
	a := c.Get(person, back)
	var fields []string
	for _, m := range hiddenField.FindAllStringSubmatch(a.Body, -1) {
		fields = append(fields, m[1], html.UnescapeString(m[2]))
	}
	path, _, _ := strings.Cut(back, "?")
	return c.Site.Post(person, path, fields...)
}

// link links a person who is signed in to whom the provider means.
func (c city) link(person int64) {
	c.t.Helper()
	a := c.Site.Post(person, "/konto/anbieter", "provider", "1", "weiter", "/konto")
	m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(c.URL) + `/authorize[^"]*)"`).FindStringSubmatch(a.Body)
	if m == nil {
		c.t.Fatal(a.Code, a.To, wordsOf(a))
	}
	if a := c.in(person, c.Come(html.UnescapeString(m[1]))); a.To != "/konto" {
		c.t.Fatal(a.Code, a.To, wordsOf(a))
	}
}

// identified links a person without any page.
func identified(person int64, subject string) func(tx *store.Tx) error {
	return func(tx *store.Tx) error { return identify(tx, person, 1, subject, apptest.Start) }
}

func (c city) membership(person int64) int64 {
	return int64(c.count(`SELECT id FROM membership WHERE person = ?`, person))
}

func (c city) sessions() int { return c.count(`SELECT count(*) FROM session`) }

// TestProvider: somebody with a way in links an account of the city once, and from then on comes in by it.
func TestProvider(t *testing.T) {
	c := openCity(t)
	if a := c.Get(apptest.Nobody, "/anmelden"); !a.Has(`href="/anmelden/anbieter/1?weiter=%2f"`) || !a.Has("Mit dem Konto der Stadt") {
		t.Errorf("the page has no button:\n%s", a.Body)
	}
	// Nobody is let in whom nobody has linked, whatever mail address or role the token names.
	a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/"))
	if a.Code != 422 || !a.Has("Dieses Haus kennt Ihr Konto noch nicht") || c.sessions() != 0 {
		t.Fatalf("%d, %d sessions: %s", a.Code, c.sessions(), a.Body)
	}
	c.link(apptest.Stefan)
	if a := c.Get(apptest.Stefan, "/konto"); !a.Has(`action="/konto/anbieter/entfernen"`) || a.Has(`action="/konto/anbieter">`) {
		t.Error("the account does not show the link")
	}
	c.other()
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/?x=1")); a.Code != 303 || a.To != "/?x=1" {
		t.Fatalf("%d %s: %s", a.Code, a.To, wordsOf(a))
	}
	if a := c.Get(apptest.Nobody, "/"); !a.Has("Stefan") {
		t.Errorf("came in as %s", a.Body)
	}
	if got := strings.Join(*c.log, ", "); !strings.Contains(got, "5 identity.linked 1") || !strings.Contains(got, "5 session.began 0") {
		t.Error(got)
	}
	// Another person cannot take the same account, and Stefan no second one.
	a = c.Site.Post(apptest.Hanna, "/konto/anbieter", "provider", "1", "weiter", "/konto")
	m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(c.URL) + `/authorize[^"]*)"`).FindStringSubmatch(a.Body)
	if a := c.in(apptest.Hanna, c.Come(html.UnescapeString(m[1]))); a.Code != 422 || !a.Has("Dieses Konto ist schon mit einem anderen Zugang verbunden.") {
		t.Error(a.Code, wordsOf(a))
	}
	// Where it is the second factor as well, and the only one, it stays: else a mailbox alone would set up the next.
	c.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE account_provider SET second = 1`)
		return err
	})
	if a := c.Site.Post(apptest.Stefan, "/konto/anbieter/entfernen", "provider", "1", "sure", "1"); a.Code != 422 || !a.Has("Richten Sie zuerst einen anderen ein") {
		t.Error(a.Code, wordsOf(a))
	}
	c.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE account_provider SET second = 0`)
		return err
	})
	// It ends with the link, and so do the sessions of other browsers.
	if a := c.Site.Post(apptest.Stefan, "/konto/anbieter/entfernen", "provider", "1", "sure", "1"); a.Code != 303 || c.sessions() != 0 {
		t.Error(a.Code, wordsOf(a), c.sessions())
	}
	c.other()
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/")); a.Code != 422 || c.sessions() != 0 {
		t.Error(a.Code)
	}
}

// TestProviderByLetter: whoever has no way in yet redeems the letter first, and then links.
func TestProviderByLetter(t *testing.T) {
	c := openCity(t)
	code := c.letter(0, c.membership(apptest.Invited))
	a := c.Site.Post(apptest.Nobody, "/i", "code", code)
	if a.To != "/willkommen" {
		t.Fatal(a.Code, wordsOf(a))
	}
	if a := c.Get(apptest.Nobody, "/willkommen"); !a.Has(`action="/konto/anbieter"`) || !a.Has("Mit dem Konto der Stadt") {
		t.Error("the page after the letter does not offer the provider")
	}
	c.link(apptest.Nobody) // the browser of the letter
	c.other()
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/konto")); a.To != "/konto" {
		t.Fatal(a.Code, wordsOf(a))
	}
	if n := c.count(`SELECT count(*) FROM session WHERE person = ?`, apptest.Invited); n != 2 {
		t.Error(n)
	}
}

// TestProviderHostile: none of these lets anybody in, nor does any hang or fill the memory.
func TestProviderHostile(t *testing.T) {
	set := func(name string, value any) func(c city) {
		return func(c city) { c.Claims = func(m map[string]any) { m[name] = value } }
	}
	at := func(name string, d time.Duration) func(c city) {
		return func(c city) { c.Claims = func(m map[string]any) { m[name] = c.Now().Add(d).Unix() } }
	}
	on := func(path string, h http.HandlerFunc) func(c city) {
		return func(c city) {
			c.Serve = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == path {
					h(w, r)
				}
				return r.URL.Path == path
			}
		}
	}
	huge := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for range 3 << 10 {
			if _, err := fmt.Fprintf(w, "%1024s", " "); err != nil {
				return
			}
		}
		_, _ = w.Write([]byte(`{}`))
	}
	c := openCity(t)
	c.write(identified(apptest.Arno, c.Subject))
	const again, down = "hat nicht geklappt", "geht gerade nicht"
	for _, x := range []struct {
		name  string
		words string
		spoil func(c city)
	}{
		{"nothing wrong", "", func(city) {}}, // the others fail for what is wrong with them
		{"clock a minute behind", "", at("iat", time.Minute)},
		{"expired a minute ago", "", at("exp", -time.Minute)},
		{"own audience among others", "", func(c city) {
			c.Claims = func(m map[string]any) { m["aud"], m["azp"] = []string{"other", c.Client}, c.Client }
		}},
		{"keys rotated", "", func(c city) { c.Rotate() }},

		{"wrong nonce", again, set("nonce", "abc")},
		{"no nonce", again, func(c city) { c.Claims = func(m map[string]any) { delete(m, "nonce") } }},
		{"wrong audience", again, set("aud", "other")},
		{"no audience", again, func(c city) { c.Claims = func(m map[string]any) { delete(m, "aud") } }},
		{"wrong issuer", again, set("iss", "https://evil.example")},
		{"issuer with a slash", again, func(c city) { c.Claims = func(m map[string]any) { m["iss"] = c.URL + "/" } }},
		{"expired", again, at("exp", -3*time.Minute)},
		{"no expiry", again, func(c city) { c.Claims = func(m map[string]any) { delete(m, "exp") } }},
		{"not yet valid", again, at("nbf", 10*time.Minute)},
		{"issued in the future", again, at("iat", 5*time.Minute)},
		{"issued long ago", again, at("iat", -2*time.Hour)},
		{"no subject", again, func(c city) { c.Claims = func(m map[string]any) { delete(m, "sub") } }},
		{"empty subject", again, set("sub", "")},
		{"huge subject", again, set("sub", strings.Repeat("x", 256))},
		{"subject of another type", again, set("sub", 248289761001)},
		{"azp of another", again, set("azp", "other")},
		{"several audiences, no azp", again, func(c city) { c.Claims = func(m map[string]any) { m["aud"] = []string{"other", c.Client} } }},
		{"alg none", again, func(c city) {
			c.Header, c.Sign = func(m map[string]any) { m["alg"] = "none" }, func(string) []byte { return nil }
		}},
		{"no signature", again, func(c city) { c.Sign = func(string) []byte { return nil } }},
		{"HS256 with the public key", again, func(c city) {
			c.Header = func(m map[string]any) { m["alg"] = "HS256" }
			c.Sign = func(s string) []byte {
				key, _ := x509.MarshalPKIXPublicKey(c.Key())
				h := hmac.New(sha256.New, key)
				h.Write([]byte(s))
				return h.Sum(nil)
			}
		}},
		{"HS256 with the client's secret", again, func(c city) {
			c.Header = func(m map[string]any) { m["alg"] = "HS256" }
			c.Sign = func(s string) []byte {
				h := hmac.New(sha256.New, []byte(c.Secret))
				h.Write([]byte(s))
				return h.Sum(nil)
			}
		}},
		{"unknown kid", again, func(c city) {
			old := apptest.NewProvider(t, c.Now) // its key is none of c's
			c.Header = func(m map[string]any) { m["kid"] = "99" }
			c.Sign = func(s string) []byte { return []byte(old.Token(map[string]any{"s": s})) }
		}},
		{"key of another, in the header", again, func(c city) {
			c.Header = func(m map[string]any) {
				m["jwk"] = map[string]any{"kty": "oct", "k": "AAAA"}
				m["alg"] = "HS256"
			}
			c.Sign = func(s string) []byte {
				h := hmac.New(sha256.New, []byte{0, 0, 0})
				h.Write([]byte(s))
				return h.Sum(nil)
			}
		}},
		{"no token", down, on("/token", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"token_type":"Bearer"}`))
		})},
		{"token without id_token", again, on("/token", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"access_token":"x","token_type":"Bearer"}`))
		})},
		{"token that is none", again, on("/token", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"access_token":"x","token_type":"Bearer","id_token":"a.b.c"}`))
		})},
		{"token endpoint broken", down, on("/token", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })},
		{"token endpoint huge", down, on("/token", huge)},
		{"token endpoint leads elsewhere", down, on("/token", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", 307) })},
		{"keys gone", down, on("/keys", http.NotFound)},
		{"keys huge", down, on("/keys", huge)},
		{"keys lead elsewhere", down, on("/keys", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", 302) })},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.Claims, c.Header, c.Sign, c.Serve = nil, nil, nil, nil
			c.Rotate() // so that keys are fetched
			c.other()
			elsewhere, before, said := 0, c.sessions(), len(*c.log)
			x.spoil(c)
			if spoilt := c.Serve; spoilt != nil {
				c.Serve = func(w http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path == "/elsewhere" {
						elsewhere++
					}
					return spoilt(w, r)
				}
			}
			a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/"))
			if x.words == "" {
				if a.Code != 303 || c.sessions() != before+1 {
					t.Errorf("%d: %s", a.Code, wordsOf(a))
				}
				return
			}
			if a.Code != 422 || !strings.Contains(wordsOf(a), x.words) || c.sessions() != before || elsewhere != 0 {
				t.Errorf("%d, %d sessions, %d requests elsewhere: %s", a.Code, c.sessions()-before, elsewhere, wordsOf(a))
			}
			if got := strings.Join((*c.log)[said:], ", "); got != "0 session.refused 0" {
				t.Errorf("in the record: %s", got)
			}
		})
	}
}

// TestProviderTrip: who ends a sign-in is the browser that began it, once, with what it was told.
func TestProviderTrip(t *testing.T) {
	c := openCity(t)
	c.write(identified(apptest.Arno, c.Subject))
	refused := func(name string, a apptest.Answer) {
		t.Helper()
		if a.Code != 422 || c.sessions() != 0 {
			t.Errorf("%s: %d %s, %d sessions", name, a.Code, a.To, c.sessions())
		}
	}
	back := c.out(apptest.Nobody, "/")
	c.other()
	refused("another browser", c.in(apptest.Nobody, back))

	back = c.out(apptest.Nobody, "/")
	refused("another state", c.in(apptest.Nobody, strings.Replace(back, "state=", "state=x", 1)))
	refused("the trip is over then", c.in(apptest.Nobody, back))

	back = c.out(apptest.Nobody, "/")
	mine := c.Cookies[apptest.Nobody]
	c.other()
	stranger := c.out(apptest.Nobody, "/") // an attacker's own sign-in, given to somebody else's browser
	c.Cookies[apptest.Nobody] = mine
	refused("an attacker's answer", c.in(apptest.Nobody, stranger))
	c.Cookies[apptest.Nobody] = mine
	refused("an attacker's code under one's own state", c.in(apptest.Nobody, regexp.MustCompile(`code=\w+`).ReplaceAllString(back, regexp.MustCompile(`code=\w+`).FindString(stranger))))

	back = c.out(apptest.Nobody, "/")
	refused("another issuer has answered", c.in(apptest.Nobody, regexp.MustCompile(`iss=[^&]+`).ReplaceAllString(back, "iss=https%3A%2F%2Fevil.example")))

	back = c.out(apptest.Nobody, "/")
	c.Clock.Add(11 * time.Minute)
	refused("too late", c.in(apptest.Nobody, back))

	refused("no code", c.Get(apptest.Nobody, "/anmelden/anbieter/1/zurueck?error=access_denied&error_description=<b>Ruf+0900+an"))
	if a := c.Get(apptest.Nobody, "/anmelden/anbieter/1/zurueck?error=x&error_description=Ruf+0900+an"); a.Has("0900") {
		t.Error("the page says what a stranger has written")
	}

	back = c.out(apptest.Nobody, "https://evil.example/")
	mine = c.Cookies[apptest.Nobody]
	if a := c.in(apptest.Nobody, back); a.Code != 303 || a.To != "/" {
		t.Fatal(a.Code, a.To, wordsOf(a))
	}
	c.Cookies[apptest.Nobody] = mine
	if a := c.in(apptest.Nobody, back); a.Code != 422 || c.sessions() != 1 {
		t.Errorf("the same answer twice: %d, %d sessions", a.Code, c.sessions())
	}
	// A lax provider takes a code twice; the house does not.
	if n := c.count(`SELECT count(*) FROM account_ceremony`); n == 0 {
		t.Error("no trace of the trip that has ended")
	}
	// Looking at the page changes nothing: mail programs and virus scanners follow links.
	c.other()
	back = c.out(apptest.Nobody, "/")
	asked := c.Asked.Load()
	c.Get(apptest.Nobody, back)
	if c.Asked.Load() != asked || c.sessions() != 1 {
		t.Error("a look at the page has signed somebody in")
	}
}

// TestProviderSecond: a provider counts as second step only where its operator says so, and as it says.
func TestProviderSecond(t *testing.T) {
	for _, x := range []struct {
		name   string
		fields []string
		claims map[string]any
		want   bool // lets in at once
	}{
		{"nothing set", nil, map[string]any{"amr": []string{"mfa"}, "acr": "mfa"}, false},
		{"always", []string{"second", "1"}, nil, true},
		{"amr", []string{"second", "1", "means", "mfa  otp"}, map[string]any{"amr": []string{"pwd", "otp"}}, true},
		{"amr as a word", []string{"second", "1", "means", "mfa"}, map[string]any{"amr": "mfa"}, true},
		{"acr", []string{"second", "1", "means", "gold"}, map[string]any{"acr": "gold"}, true},
		{"only a password", []string{"second", "1", "means", "mfa otp"}, map[string]any{"amr": []string{"pwd"}, "acr": "1"}, false},
		{"says nothing", []string{"second", "1", "means", "mfa"}, nil, false},
		{"amr that is none", []string{"second", "1", "means", "mfa"}, map[string]any{"amr": map[string]any{"mfa": true}}, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := openCity(t, x.fields...)
			c.write(identified(apptest.Stefan, c.Subject))
			c.password(apptest.Stefan, "stefan@example.org", stefansWord)
			code, _ := c.protect(apptest.Stefan)
			c.Claims = func(m map[string]any) {
				for k, v := range x.claims {
					m[k] = v
				}
			}
			a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/konto"))
			if got := c.sessions() == 1; got != x.want || !got && a.To != "/anmelden/zweiter-schritt" {
				t.Fatalf("%d %s, %d sessions", a.Code, a.To, c.sessions())
			}
			if x.want {
				return
			}
			if a := c.Site.Post(apptest.Nobody, "/anmelden/zweiter-schritt", "code", "000000"); a.Code != 422 || c.sessions() != 0 {
				t.Error("a wrong code:", a.Code)
			}
			if a := c.Site.Post(apptest.Nobody, "/anmelden/zweiter-schritt", "code", c.app(code)); a.To != "/konto" || c.sessions() != 1 {
				t.Error("the right code:", a.Code, a.To, wordsOf(a))
			}
			if n := c.count(`SELECT count(*) FROM account_federated f JOIN session s ON s.id = f.session WHERE f.subject = ?`, c.Subject); n != 1 {
				t.Error("nobody knows by which provider the session began")
			}
		})
	}
}

// TestProviderProof: a sign-in at the provider from this morning is no proof of who sits here now.
func TestProviderProof(t *testing.T) {
	c := openCity(t)
	c.write(identified(apptest.Stefan, c.Subject))
	c.Claims = func(m map[string]any) { m["auth_time"] = c.Now().Add(-3 * time.Hour).Unix() }
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/konto")); a.To != "/konto" {
		t.Fatal(a.Code, wordsOf(a))
	}
	if a := c.Site.Post(apptest.Nobody, "/konto/passwort", "mail", "stefan@example.org", "password", "drei kleine Igel"); a.Code != 422 || !a.Has(`href="/anmelden/anbieter/1?weiter=`) {
		t.Errorf("an old sign-in proves something, or nobody can prove it at the provider: %d %s", a.Code, a.To)
	}
	to := c.Get(apptest.Nobody, "/anmelden/anbieter/1?weiter=/konto").To
	if !strings.Contains(to, "prompt=login") || !strings.Contains(to, "max_age=0") {
		t.Error("the provider is not asked to look again: " + to)
	}
	if a := c.in(apptest.Nobody, c.Come(to)); a.Code != 422 || !strings.Contains(wordsOf(a), "nicht, dass Sie sich dort gerade angemeldet haben") {
		t.Error("the provider's old word counts:", a.Code, wordsOf(a))
	}
	c.Claims = func(m map[string]any) { delete(m, "auth_time") }
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/konto")); a.Code != 422 {
		t.Error("no word at all counts:", a.Code)
	}
	c.Claims = nil
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/konto")); a.To != "/konto" {
		t.Fatal(a.Code, wordsOf(a))
	}
	if a := c.Site.Post(apptest.Nobody, "/konto/passwort", "mail", "stefan@example.org", "password", "drei kleine Igel"); a.Code != 303 || a.To != "/konto" {
		t.Errorf("a new sign-in proves nothing: %d %s %s", a.Code, a.To, wordsOf(a))
	}
}

// TestProviderDown: the page says what to do, and people still come in by other ways; nobody waits long, and the next
// one not at all.
func TestProviderDown(t *testing.T) {
	c := openCity(t)
	gone := func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	c.Serve = gone
	if a := c.Get(apptest.Nobody, "/anmelden/anbieter/1"); a.Code != 303 {
		t.Error("what it said when it was set up does not hold any more:", a.Code)
	}
	c.Clock.Add(2 * time.Hour) // longer than its description is kept
	if a := c.Get(apptest.Nobody, "/anmelden/anbieter/1"); a.Code != 303 {
		t.Error("an old description is better than none:", a.Code)
	}
	x := city{serve(t), c.Provider}
	c.Serve = nil
	if a := x.Site.Post(apptest.Arno, "/betrieb/anbieter", "name", "Stadt", "issuer", c.URL, "client", c.Client, "inside", "127.0.0.1"); a.Code != 303 {
		t.Fatal(wordsOf(a))
	}
	f := x.House.Serve(t, New(x.House.House, nil, noLog, nil)) // a program that has just started
	c.Serve = gone
	for i := range 3 {
		before := c.Asked.Load()
		a := f.Get(apptest.Nobody, "/anmelden/anbieter/1?weiter=/konto")
		if a.Code != 422 || !a.Has("Die Anmeldung über diesen Anbieter geht gerade nicht.") || !a.Has(`action="/anmelden/passwort"`) || !a.Has(`value="/konto"`) {
			t.Errorf("%d: %s", a.Code, wordsOf(a))
		}
		if n := c.Asked.Load() - before; n != 1 && i == 0 || n != 0 && i > 0 {
			t.Errorf("the provider was asked %d times at try %d", n, i)
		}
	}
	c.Serve = nil
	x.Clock.Add(11 * time.Second)
	if a := f.Get(apptest.Nobody, "/anmelden/anbieter/1"); a.Code != 303 {
		t.Error("it is up again:", a.Code)
	}
}

// TestProviderFarewell: whoever signs out at the provider is signed out here, and nobody else is.
func TestProviderFarewell(t *testing.T) {
	c := openCity(t)
	c.write(identified(apptest.Stefan, c.Subject))
	c.Claims = func(m map[string]any) { m["sid"] = "s1" }
	enter := func() {
		t.Helper()
		c.other()
		if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/")); a.To != "/" {
			t.Fatal(a.Code, wordsOf(a))
		}
	}
	enter()
	const event = "http://schemas.openid.net/event/backchannel-logout"
	claims := func(change ...any) map[string]any {
		now := c.Now().Unix()
		m := map[string]any{"iss": c.URL, "aud": c.Client, "iat": now, "exp": now + 120, "jti": "j", "sub": c.Subject, "sid": "s1", "events": map[string]any{event: map[string]any{}}}
		for i := 0; i+1 < len(change); i += 2 {
			if m[change[i].(string)] = change[i+1]; change[i+1] == nil {
				delete(m, change[i].(string))
			}
		}
		return m
	}
	say := func(token string) apptest.Answer {
		r, err := http.NewRequestWithContext(context.Background(), "POST", apptest.Base+"/anmelden/anbieter/1/abmelden", strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = "203.0.113.5:1"
		c.other()
		return c.Do(apptest.Nobody, r)
	}
	for name, token := range map[string]string{
		"nothing":          "",
		"no token":         "a.b.c",
		"an id token":      c.Token(claims("nonce", "n", "events", nil)),
		"with a nonce":     c.Token(claims("nonce", "n")),
		"of another":       c.Token(claims("aud", "other")),
		"another issuer":   c.Token(claims("iss", "https://evil.example")),
		"expired":          c.Token(claims("exp", c.Now().Add(-5*time.Minute).Unix())),
		"of nobody":        c.Token(claims("sub", nil, "sid", nil)),
		"without its name": c.Token(claims("jti", nil)),
		"of the future":    c.Token(claims("iat", c.Now().Add(time.Hour).Unix())),
	} {
		if a := say(token); a.Code != 400 || c.sessions() != 1 {
			t.Errorf("%s: %d, %d sessions", name, a.Code, c.sessions())
		}
	}
	if a := say(c.Token(claims("sid", "s2"))); a.Code != 200 || c.sessions() != 1 {
		t.Error("another sign-in of the same person:", a.Code, c.sessions())
	}
	if a := say(c.Token(claims("sub", "somebody"))); a.Code != 200 || c.sessions() != 1 {
		t.Error("somebody else:", a.Code, c.sessions())
	}
	good := c.Token(claims())
	if a := say(good); a.Code != 200 || c.sessions() != 0 {
		t.Error("the farewell:", a.Code, c.sessions(), a.Body)
	}
	c.Clock.Add(time.Minute)
	enter()
	if a := say(good); a.Code != 200 || c.sessions() != 1 {
		t.Error("the same once more ends a later sign-in:", a.Code, c.sessions())
	}
	if a := say(c.Token(claims("sub", nil))); a.Code != 200 || c.sessions() != 0 {
		t.Error("by the name of the sign-in alone:", a.Code, c.sessions())
	}
}
