package oidc

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestEndless: a provider that goes on talking, or says nothing at all, holds nobody up for long.
func TestEndless(t *testing.T) {
	for name, talk := range map[string]http.HandlerFunc{
		"drop by drop": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(" ")); err != nil || http.NewResponseController(w).Flush() != nil {
					return
				}
			}
		},
		"silent":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"headers": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(talk)
			defer srv.Close()
			defer srv.CloseClientConnections()
			c := &Client{Now: time.Now, Wait: 200 * time.Millisecond}
			begin := time.Now()
			err := c.Try(t.Context(), Provider{Issuer: srv.URL, Client: "c", Inside: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
			if err == nil || time.Since(begin) > 5*time.Second {
				t.Errorf("after %s: %v", time.Since(begin), err)
			}
		})
	}
}

// TestBodyIsLimited: an answer that is too large is an error, not a cut one.
func TestBodyIsLimited(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"issuer":"` + strings.Repeat(" ", most) + `"}`)) // the other side hangs up
	}))
	defer srv.Close()
	c := client([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, time.Second)
	a, err := c.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	n, b := 0, make([]byte, 1<<16)
	for err == nil {
		var m int
		m, err = a.Body.Read(b)
		n += m
	}
	if n != most || !strings.Contains(err.Error(), "too large") {
		t.Errorf("%d bytes, then %v", n, err)
	}
}

// TestWhoHasGone: that somebody did not wait says nothing of the provider.
func TestWhoHasGone(t *testing.T) {
	c := &Client{Now: time.Now}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p := Provider{Issuer: "https://192.0.2.1", Client: "c"}
	if _, err := c.find(ctx, p); !errors.Is(err, ErrDown) || len(c.known) != 0 {
		t.Errorf("%v, and %d are known", err, len(c.known))
	}
}

// TestDescriptionLeadsInside: a provider on the internet cannot have the house ask a machine in its own network.
func TestDescriptionLeadsInside(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c := client(nil, time.Second)
	if a, err := c.Get("https://" + ln.Addr().String()); err == nil || !strings.Contains(err.Error(), "no address that the house connects to") {
		if err == nil {
			a.Body.Close()
		}
		t.Error(err)
	}
}
