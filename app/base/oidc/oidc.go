package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A Flow is a sign-in that has begun: three random values that the browser which began it keeps, and nobody else sees.
// The provider gets the state as it is, the nonce as it is, and of the verifier only its hash (PKCE, S256).
type Flow struct{ State, Nonce, Verifier string }

// A Wish says how the provider is to look at the person.
type Wish struct {
	Anew bool   // even where it knows the browser: a proof of who is there now
	How  string // words for acr_values; "": as it likes
}

// Begin is the address at the provider to which the browser goes, and to which house it comes back.
func (c *Client) Begin(ctx context.Context, p Provider, back string, f Flow, w Wish) (string, error) {
	k, err := c.find(ctx, p)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if w.Anew {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	if w.How != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", w.How))
	}
	return k.config(p, back).AuthCodeURL(f.State, options...), nil
}

func (k *known) config(p Provider, back string) *oauth2.Config {
	to := k.provider.Endpoint()
	to.AuthStyle = k.style // trying both, as x/oauth2 would, spends the code
	return &oauth2.Config{ClientID: p.Client, ClientSecret: p.Secret, Endpoint: to, RedirectURL: back, Scopes: []string{oidc.ScopeOpenID}}
}

// A Subject is whom a provider means. It holds neither a name nor a mail address nor a role: those are the house's own.
type Subject struct {
	ID      string    // for good, and of this provider alone
	Proved  time.Time // when it last looked at the person; zero: it does not say
	How     []string  // by which means: all words of acr and amr
	Session string    // its own name of the sign-in; "": none
}

// Finish turns the code of a browser that came back into whom the provider means.
func (c *Client) Finish(ctx context.Context, p Provider, back string, f Flow, code string) (s Subject, err error) {
	k, err := c.find(ctx, p)
	if err != nil {
		return s, err
	}
	ctx = oidc.ClientContext(ctx, k.http)
	t, err := k.config(p, back).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return s, exchange(err)
	}
	raw, _ := t.Extra("id_token").(string)
	if raw == "" {
		return s, fmt.Errorf("%w: there is none", ErrToken)
	}
	id, err := k.verifier(c, p).Verify(ctx, raw)
	if err != nil {
		return s, verification(err)
	}
	return c.subject(p, f, id)
}

// verifier looks at signature, issuer, audience and both ends of a token's time.
func (k *known) verifier(c *Client, p Provider) *oidc.IDTokenVerifier {
	return k.provider.Verifier(&oidc.Config{ClientID: p.Client, Now: func() time.Time { return c.Now().Add(-skew) }})
}

// exchange is an error of the token endpoint without what it answered, which may hold a token.
func exchange(err error) error {
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		kind := ErrDown
		if e.Response != nil && e.Response.StatusCode/100 == 4 && e.ErrorCode == "invalid_grant" {
			kind = ErrToken
		}
		return fmt.Errorf("%w: exchange of the code: %.60q", kind, e.ErrorCode)
	}
	return fmt.Errorf("%w: exchange of the code: %w", ErrDown, short{err})
}

// verification is an error of go-oidc, which does not tell a token that is wrong from keys that cannot be fetched but in
// its words.
func verification(err error) error {
	if strings.Contains(err.Error(), "fetching keys") {
		return fmt.Errorf("%w: %w", ErrDown, short{err})
	}
	return fmt.Errorf("%w: %w", ErrToken, short{err})
}

// short is an error of go-oidc with its beginning only, since it may quote a whole answer.
type short struct{ error }

func (s short) Error() string { return fmt.Sprintf("%.200q", s.error.Error()) }

func (s short) Unwrap() error { return s.error }

// claims is what go-oidc leaves to us.
type claims struct {
	Party   string          `json:"azp"`
	Proved  float64         `json:"auth_time"`
	Class   string          `json:"acr"`
	Means   json.RawMessage `json:"amr"` // a list; of some a single word
	Session string          `json:"sid"`
}

// subject looks at what go-oidc does not: OpenID Connect Core 1.0, section 3.1.3.7.
func (c *Client) subject(p Provider, f Flow, id *oidc.IDToken) (s Subject, err error) {
	var more claims
	if err := id.Claims(&more); err != nil {
		return s, fmt.Errorf("%w: %w", ErrToken, err)
	}
	now := c.Now()
	switch {
	case f.Nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1:
		return s, fmt.Errorf("%w: another nonce", ErrToken)
	case id.Subject == "" || len(id.Subject) > 255:
		return s, fmt.Errorf("%w: no subject", ErrToken)
	case more.Party != "" && more.Party != p.Client, len(id.Audience) > 1 && more.Party == "":
		return s, fmt.Errorf("%w: made for somebody else", ErrToken)
	case id.IssuedAt.After(now.Add(skew)):
		return s, fmt.Errorf("%w: issued in the future", ErrToken)
	case id.IssuedAt.Before(now.Add(-time.Hour)):
		return s, fmt.Errorf("%w: issued long ago", ErrToken)
	}
	s = Subject{ID: id.Subject, Session: more.Session}
	if more.Proved > 0 && more.Proved < 1<<40 {
		s.Proved = time.Unix(int64(more.Proved), 0)
	}
	if s.Proved.After(now) { // its clock is a little ahead
		s.Proved = now
	}
	var list []string
	if json.Unmarshal(more.Means, &list) != nil {
		var one string
		_ = json.Unmarshal(more.Means, &one) // neither: no means
		list = []string{one}
	}
	s.How = slices.DeleteFunc(append(list, more.Class), func(w string) bool { return w == "" })
	return s, nil
}

// A Goodbye is what a provider says when somebody has signed out there (OpenID Connect Back-Channel Logout 1.0). One of
// ID and Session may be empty.
type Goodbye struct {
	ID, Session string
	At          time.Time
}

// Goodbye reads a logout token. It holds for sign-ins from before it was issued, so nothing comes of sending it twice.
func (c *Client) Goodbye(ctx context.Context, p Provider, raw string) (g Goodbye, err error) {
	k, err := c.find(ctx, p)
	if err != nil {
		return g, err
	}
	t, err := k.verifier(c, p).VerifyLogout(oidc.ClientContext(ctx, k.http), raw)
	if err != nil {
		return g, verification(err)
	}
	now := c.Now()
	if t.IssuedAt.After(now.Add(skew)) || t.IssuedAt.Before(now.Add(-time.Hour)) || t.Subject == "" && t.SessionID == "" {
		return g, fmt.Errorf("%w: an old farewell, or one of nobody", ErrToken)
	}
	return Goodbye{t.Subject, t.SessionID, t.IssuedAt}, nil
}
