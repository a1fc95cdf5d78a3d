// Package oidc asks a provider (Anbieter) who somebody is, by OpenID Connect 1.0: a city whose staff sign in everywhere
// with one account. It takes nothing from a token but by which id the provider knows the person (sub), when and how it
// has looked, and the name of the sign-in there. It owns coreos/go-oidc and x/oauth2.
package oidc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/dial"
	"nestfunk/app/base/fault"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A Provider is whom to ask.
type Provider struct {
	Issuer string // its address, as it stands in its tokens
	Client string // as which house it knows us
	Secret string // "": none; then PKCE alone proves that who began also ends
	Inside []netip.Prefix
}

// How long a provider may take, how much it may say, how far its clock may be off, and when its own description is read
// again. After a failure nobody asks again for a moment: whoever presses a button twice need not wait twice.
const (
	patience = 10 * time.Second
	most     = 1 << 20
	skew     = 2 * time.Minute
	reread   = time.Hour
	rest     = 10 * time.Second
)

// ErrDown is wrapped where a provider cannot be reached or talks nonsense, ErrToken where what it says of a person does
// not hold.
var (
	ErrDown  = errors.New("the provider does not answer as it should")
	ErrToken = errors.New("the token does not hold")
)

// A Client asks providers. Now must be set.
type Client struct {
	Now  func() time.Time
	Wait time.Duration // for an answer; 0: 10 seconds

	mu    sync.Mutex
	known map[string]*known // by issuer and networks
}

// known is what was read of a provider. It never changes.
type known struct {
	provider *oidc.Provider
	http     *http.Client
	style    oauth2.AuthStyle
	says     says
	read     time.Time
	err      error
}

// says is what the house wants to know of a provider's own description, beyond what go-oidc reads.
type says struct {
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Responses     []string `json:"response_types_supported"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
}

// Check reads the issuer's address as an operator has typed it. It must be https; on the house's own machine, and named
// as such, http will do.
func Check(issuer string, inside []netip.Prefix) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(issuer, "?#\\ \t\r\n") {
		return fault.At("issuer", "Das ist keine Adresse eines Anbieters. Sie sieht so aus: https://anmeldung.beispiel.de/realms/stadt")
	}
	if !safe(u, inside) {
		return fault.At("issuer", "Die Adresse muss mit https:// beginnen.")
	}
	return nil
}

// safe reports whether nobody on the way can read or change what goes to an address.
func safe(u *url.URL, inside []netip.Prefix) bool {
	if u.Host == "" || u.User != nil {
		return false
	}
	a, err := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || err == nil && a.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && here && slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Addr().IsLoopback() })
}

// Try reads the description of a provider now, for whoever sets it up. The fault says what to change.
func (c *Client) Try(ctx context.Context, p Provider) error {
	if err := Check(p.Issuer, p.Inside); err != nil {
		return err
	}
	k, err := c.read(ctx, p)
	if err != nil {
		slog.Warn("a provider of sign-ins was tried", "err", err) // its operator reads the words below
		words := "Unter dieser Adresse beschreibt sich kein Anbieter (OpenID Connect). Bitte prüfen Sie die Adresse: sie muss genau so lauten, wie der Anbieter sie nennt."
		if _, ok := errors.AsType[net.Error](err); ok {
			words = "Der Anbieter antwortet nicht. Steht er in Ihrem eigenen Netz? Dann tragen Sie unten seine IP-Adresse ein."
		}
		return fault.At("issuer", words)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(p, k)
	return nil
}

// find is what is known of a provider; it is read where it is not, or no more.
func (c *Client) find(ctx context.Context, p Provider) (*known, error) {
	c.mu.Lock()
	k := c.known[key(p)]
	c.mu.Unlock()
	now := c.Now()
	if k != nil && now.Sub(k.read) < reread && (k.err == nil || now.Sub(k.read) < rest) {
		return k, k.err
	}
	fresh, err := c.read(ctx, p)
	if err != nil {
		if ctx.Err() != nil && k == nil { // who asked has gone: that says nothing of the provider
			return nil, err
		}
		if k != nil && k.provider != nil { // what it said before still holds
			old := *k
			old.read, old.err = now, nil
			fresh, err = &old, nil
		} else {
			fresh = &known{read: now, err: err}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(p, fresh)
	return fresh, err
}

func (c *Client) keep(p Provider, k *known) {
	if c.known == nil {
		c.known = map[string]*known{}
	}
	c.known[key(p)] = k
}

func key(p Provider) string { return fmt.Sprint(p.Issuer, " ", p.Inside) }

// read fetches a provider's description.
func (c *Client) read(ctx context.Context, p Provider) (*known, error) {
	k := &known{http: client(p.Inside, cmp.Or(c.Wait, patience)), style: oauth2.AuthStyleInHeader, read: c.Now()}
	var err error
	if k.provider, err = oidc.NewProvider(oidc.ClientContext(ctx, k.http), p.Issuer); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDown, short{err})
	}
	if err := k.provider.Claims(&k.says); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDown, short{err})
	}
	for _, address := range []string{k.says.Authorization, k.says.Token, k.says.Keys} {
		u, err := url.Parse(address)
		if err != nil || !safe(u, p.Inside) || u.Fragment != "" {
			return nil, fmt.Errorf("%w: one of its addresses is %.100q", ErrDown, address)
		}
	}
	if len(k.says.Responses) > 0 && !slices.Contains(k.says.Responses, "code") {
		return nil, fmt.Errorf("%w: it gives no codes", ErrDown)
	}
	if len(k.says.Challenges) > 0 && !slices.Contains(k.says.Challenges, "S256") {
		return nil, fmt.Errorf("%w: it knows PKCE, but not S256", ErrDown)
	}
	if p.Secret == "" || slices.Contains(k.says.Methods, "client_secret_post") && !slices.Contains(k.says.Methods, "client_secret_basic") {
		k.style = oauth2.AuthStyleInParams
	}
	return k, nil
}

// client connects to the public internet and to the networks that were named, follows nobody elsewhere, and listens for
// so long and to so much only.
func client(inside []netip.Prefix, wait time.Duration) *http.Client {
	return &http.Client{
		Timeout: wait,
		Transport: limited{&http.Transport{
			Proxy:       nil, // it would connect in our place, to wherever a name leads
			DialContext: dial.To(dial.Inside(inside), nil).DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: dial.Patience, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 16 << 10,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// limited ends an answer with an error where it grows too large.
type limited struct{ http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		a.Body = &body{a.Body, most}
	}
	return a, err
}

type body struct {
	io.ReadCloser
	left int
}

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the answer is too large")
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
