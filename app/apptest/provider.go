package apptest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A Provider is a provider of sign-ins (OpenID Connect) on this machine. It asks nobody: whoever comes is Subject. A test
// may have it do anything wrong.
type Provider struct {
	URL            string // its issuer
	Client, Secret string // of the house; Secret "": none

	Subject string
	Claims  func(map[string]any)                              // changes what a token says; nil: nothing
	Header  func(map[string]any)                              // and its header
	Sign    func(text string) []byte                          // nil: RS256 with the key of the moment
	Serve   func(w http.ResponseWriter, r *http.Request) bool // true: has answered in place of the provider
	Asked   atomic.Int64                                      // requests so far

	t    testing.TB
	now  func() time.Time
	mu   sync.Mutex
	key  *rsa.PrivateKey
	kid  int
	open map[string]url.Values // codes, with what was asked for
}

// NewProvider starts a provider whose clock is now.
func NewProvider(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{Client: "nestfunk", Secret: "geheim + % &", Subject: "248289761001", t: t, now: now, open: map[string]url.Values{}}
	p.Rotate()
	srv := httptest.NewServer(p)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	p.URL = srv.URL
	return p
}

// Rotate gives it a new key; the old one is gone.
func (p *Provider) Rotate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key = keys()[p.kid%2]
	p.kid++
}

// keys are two keys for all providers: to make them takes longer than most tests.
var keys = sync.OnceValue(func() (all [2]*rsa.PrivateKey) {
	for i := range all {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		all[i] = key
	}
	return all
})

// Key is the public key of the moment, as others would read it.
func (p *Provider) Key() *rsa.PublicKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &p.key.PublicKey
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.Asked.Add(1)
	if p.Serve != nil && p.Serve(w, r) {
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		p.Answer(w, p.Discovery())
	case "/keys":
		p.mu.Lock()
		defer p.mu.Unlock()
		p.Answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": fmt.Sprint(p.kid),
			"n": base64url(p.key.N.Bytes()), "e": base64url(big.NewInt(int64(p.key.E)).Bytes())}}})
	case "/authorize":
		q := r.URL.Query()
		if q.Get("response_type") != "code" || q.Get("client_id") != p.Client || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" ||
			q.Get("state") == "" || q.Get("nonce") == "" || q.Get("scope") != "openid" {
			p.t.Errorf("asked for a code with %s", r.URL.RawQuery)
		}
		code := rand.Text()
		p.mu.Lock()
		p.open[code] = q
		p.mu.Unlock()
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}.Encode(), http.StatusFound)
	case "/token":
		p.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

// Discovery is how it describes itself.
func (p *Provider) Discovery() map[string]any {
	return map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "id_token_signing_alg_values_supported": []string{"RS256"}}
}

// Answer writes v as JSON.
func (p *Provider) Answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // who asked may have gone
}

// token takes a code once, from whom it was given to, with the verifier behind its challenge.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // an incomplete one has no code
	p.mu.Lock()
	asked := p.open[r.PostForm.Get("code")]
	delete(p.open, r.PostForm.Get("code"))
	p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	if p.Secret == "" {
		id = r.PostForm.Get("client_id")
	}
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if asked == nil || asked.Get("redirect_uri") != r.PostForm.Get("redirect_uri") || asked.Get("code_challenge") != base64url(sum[:]) || id != p.Client || secret != p.Secret {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	now := p.now().Unix()
	claims := map[string]any{"iss": p.URL, "sub": p.Subject, "aud": p.Client, "exp": now + 300, "iat": now, "nonce": asked.Get("nonce"), "email": "arno@example.org", "roles": []string{"admin"}}
	if asked.Get("max_age") != "" {
		claims["auth_time"] = now
	}
	if p.Claims != nil {
		p.Claims(claims)
	}
	p.Answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.Token(claims)})
}

// Token signs claims.
func (p *Provider) Token(claims map[string]any) string {
	p.mu.Lock()
	header := map[string]any{"alg": "RS256", "typ": "JWT", "kid": fmt.Sprint(p.kid)}
	key := p.key
	p.mu.Unlock()
	if p.Header != nil {
		p.Header(header)
	}
	h, _ := json.Marshal(header) // texts and numbers
	c, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	signed := base64url(h) + "." + base64url(c)
	if p.Sign != nil {
		return signed + "." + base64url(p.Sign(signed))
	}
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return signed + "." + base64url(sig)
}

// Come has a browser go where the house sends it, and returns where the provider sends it back: a path of the house.
func (p *Provider) Come(to string) string {
	p.t.Helper()
	r := httptest.NewRequest("GET", to, nil)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	back, ok := strings.CutPrefix(w.Header().Get("Location"), Base)
	if !ok {
		p.t.Fatalf("the provider sends the browser to %q", w.Header().Get("Location"))
	}
	return back
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
