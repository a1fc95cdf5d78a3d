package account

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// TestProviderSettings: what an operator can set, and what not.
func TestProviderSettings(t *testing.T) {
	c := openCity(t)
	page := c.Get(apptest.Arno, "/betrieb/anbieter?id=1")
	for _, words := range []string{"/anmelden/anbieter/1/zurueck", "/anmelden/anbieter/1/abmelden", c.URL, `value="nestfunk"`, "Eines ist gespeichert"} {
		if !page.Has(words) {
			t.Errorf("the page does not show %s", words)
		}
	}
	if page.Has("geheim +") || c.count(`SELECT count(*) FROM account_provider WHERE instr(secret, 'geheim') OR secret NOT LIKE 'v1:%'`) != 0 {
		t.Error("the secret can be read")
	}
	for _, x := range []struct {
		name, words string
		fields      []string
	}{
		{"no name", "1 bis 60 Zeichen", []string{"issuer", c.URL, "inside", "127.0.0.1"}},
		{"no address", "keine Adresse eines Anbieters", []string{"name", "x"}},
		{"no issuer", "keine Adresse eines Anbieters", []string{"name", "x", "issuer", "stadt"}},
		{"with a query", "keine Adresse eines Anbieters", []string{"name", "x", "issuer", "https://a.example/?x"}},
		{"with a password", "keine Adresse eines Anbieters", []string{"name", "x", "issuer", "https://a:b@a.example/"}},
		{"open line", "https://", []string{"name", "x", "issuer", "http://a.example"}},
		{"open line on a private address", "https://", []string{"name", "x", "issuer", "http://10.0.0.1", "inside", "10.0.0.1"}},
		{"open line here, not named", "https://", []string{"name", "x", "issuer", c.URL}},
		{"a file", "https://", []string{"name", "x", "issuer", "file://a/etc/passwd"}},
		{"network that is none", "IP-Adressen oder Netze", []string{"name", "x", "issuer", c.URL, "inside", "intern"}},
		{"all networks", "IP-Adressen oder Netze", []string{"name", "x", "issuer", c.URL, "inside", "0.0.0.0/0"}},
		{"the secrets of a cloud", "IP-Adressen oder Netze", []string{"name", "x", "issuer", c.URL, "inside", "169.254.169.254"}},
		{"client with a space", "Diese Kennung", []string{"name", "x", "issuer", c.URL, "client", "a b", "inside", "127.0.0.1"}},
		{"twice", "gibt es hier schon", []string{"name", "x", "issuer", c.URL, "client", "a", "inside", "127.0.0.1"}},
		{"not quite its name", "beschreibt sich kein Anbieter", []string{"name", "x", "issuer", c.URL + "/", "client", "a", "inside", "127.0.0.1"}},
		{"nobody there", "antwortet nicht", []string{"name", "x", "issuer", "http://127.0.0.1:1", "client", "a", "inside", "127.0.0.1"}},
	} {
		if a := c.Site.Post(apptest.Arno, "/betrieb/anbieter", x.fields...); a.Code != 422 || !strings.Contains(a.Body, x.words) {
			t.Errorf("%s: %d %s", x.name, a.Code, wordsOf(a))
		}
	}
	if n := c.count(`SELECT count(*) FROM account_provider`); n != 1 {
		t.Errorf("%d providers", n)
	}
	// The issuer stays: ids of people are its own.
	c.set("issuer", "https://evil.example", "second", "1")
	if n := c.count(`SELECT count(*) FROM account_provider WHERE issuer = ? AND second = 1 AND secret <> ''`, c.URL); n != 1 {
		t.Error("the issuer changed, or the secret went")
	}
	c.set("nosecret", "1")
	if n := c.count(`SELECT count(*) FROM account_provider WHERE secret = ''`); n != 1 {
		t.Error("the secret stayed")
	}
	// Only whoever runs the whole house, and only after a proof.
	for _, person := range []int64{apptest.Max, apptest.Hanna, apptest.Ada, apptest.Olga} {
		if a := c.Site.Post(person, "/betrieb/anbieter", "id", "1", "name", "x"); a.Code != 403 {
			t.Errorf("person %d: %d", person, a.Code)
		}
	}
	// It goes after a warning, and takes the ways in and the sessions with it.
	c.set("secret", c.Secret)
	c.link(apptest.Stefan)
	c.other()
	if a := c.in(apptest.Nobody, c.out(apptest.Nobody, "/")); a.To != "/" {
		t.Fatal(wordsOf(a))
	}
	if a := c.Site.Post(apptest.Arno, "/betrieb/anbieter/entfernen", "provider", "1"); a.Code != 422 || !a.Has("Ein Mensch meldet") || c.sessions() != 1 {
		t.Error(a.Code, wordsOf(a))
	}
	if a := c.Site.Post(apptest.Arno, "/betrieb/anbieter/entfernen", "provider", "1", "sure", "1"); a.Code != 303 || c.sessions() != 0 || c.count(`SELECT count(*) FROM account_identity`) != 0 {
		t.Error(a.Code, wordsOf(a))
	}
	if a := c.Get(apptest.Nobody, "/anmelden/anbieter/1"); a.Code != 404 {
		t.Error(a.Code)
	}
	if got := strings.Join(*c.log, ", "); !strings.HasPrefix(got, "1 provider.saved 1, ") || !strings.HasSuffix(got, "1 provider.removed 1") {
		t.Error(got)
	}
}

// TestProviderUnready: a provider without an id for the house is not offered, and neither is it asked with a secret that
// cannot be read any more.
func TestProviderUnready(t *testing.T) {
	c := openCity(t)
	c.Client = ""
	c.set()
	if a := c.Get(apptest.Nobody, "/anmelden"); a.Has("/anmelden/anbieter/") {
		t.Error("offered without an id")
	}
	if a := c.Get(apptest.Nobody, "/anmelden/anbieter/1"); a.Code != 404 {
		t.Error(a.Code)
	}
	c.Client = "nestfunk"
	c.set()
	key := make([]byte, 32)
	key[0] = 1
	c.House.Settings = settings.New(key) // restored without the key file
	site := c.House.Serve(t, New(c.House.House, nil, noLog, nil))
	if a := site.Get(apptest.Arno, "/betrieb/anbieter"); !a.Has("Kennwort nicht lesbar") {
		t.Error("the operator is not told")
	}
	if a := site.Get(apptest.Nobody, "/anmelden/anbieter/1"); a.Code != 422 || !a.Has(`action="/anmelden/passwort"`) {
		t.Error(a.Code, wordsOf(a))
	}
}

// TestProviderDescription: what a provider says of itself does not lead the house astray.
func TestProviderDescription(t *testing.T) {
	x := serve(t)
	p := apptest.NewProvider(t, x.Now)
	touched := 0
	try := func(change func(m map[string]any)) apptest.Answer {
		p.Serve = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/.well-known/openid-configuration" {
				touched++
				return false
			}
			m := p.Discovery()
			change(m)
			w.Header().Set("Content-Type", "application/json")
			p.Answer(w, m)
			return true
		}
		return x.Site.Post(apptest.Arno, "/betrieb/anbieter", "name", "Stadt", "issuer", p.URL, "client", "c", "inside", "127.0.0.1")
	}
	for name, change := range map[string]func(m map[string]any){
		"another issuer":   func(m map[string]any) { m["issuer"] = "https://evil.example" },
		"no issuer":        func(m map[string]any) { delete(m, "issuer") },
		"keys in the open": func(m map[string]any) { m["jwks_uri"] = "http://10.0.0.1/keys" },
		"keys in a file":   func(m map[string]any) { m["jwks_uri"] = "file:///etc/passwd" },
		"no keys":          func(m map[string]any) { delete(m, "jwks_uri") },
		"script":           func(m map[string]any) { m["authorization_endpoint"] = "javascript:alert(1)" },
		"token to others":  func(m map[string]any) { m["token_endpoint"] = "http://evil.example/token" },
		"with a password":  func(m map[string]any) { m["token_endpoint"] = "https://a:b@evil.example/token" },
		"no codes":         func(m map[string]any) { m["response_types_supported"] = []string{"id_token"} },
		"PKCE in plain":    func(m map[string]any) { m["code_challenge_methods_supported"] = []string{"plain"} },
	} {
		if a := try(change); a.Code != 422 || !a.Has("beschreibt sich kein Anbieter") {
			t.Errorf("%s: %d %s", name, a.Code, wordsOf(a))
		}
	}
	if touched != 0 || x.count(`SELECT count(*) FROM account_provider`) != 0 {
		t.Error("something was believed")
	}
	if a := try(func(map[string]any) {}); a.Code != 303 {
		t.Error("nothing wrong:", a.Code, wordsOf(a))
	}
}

// TestProviderIsForgotten: a person takes the link out of the house.
func TestProviderIsForgotten(t *testing.T) {
	c := openCity(t)
	c.write(identified(apptest.Stefan, c.Subject))
	c.write(func(tx *store.Tx) error {
		out, err := export(tx, subject(apptest.Stefan))
		if s := strings.ToLower(jsonOf(t, out)); err == nil && (!strings.Contains(s, c.Subject) || !strings.Contains(s, `"issuer":"`+c.URL)) {
			t.Errorf("the export holds no link: %s", s)
		}
		if err != nil {
			return err
		}
		return erase(tx, subject(apptest.Stefan))
	})
	if n := c.count(`SELECT count(*) FROM account_identity`); n != 0 {
		t.Error(n)
	}
}

func subject(person int64) house.Subject { return house.Subject{Person: person} }

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
