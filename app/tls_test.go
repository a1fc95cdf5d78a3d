package app_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A house with a certificate of its own, from its first start to its end: encrypted, with HSTS and cookies that go nowhere
// else; who comes unencrypted is sent on, and what a stranger says of where they come from is nobody's word.
func TestServeEncrypted(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir, "kita.example.org")
	at := make([]string, 2) // free a moment ago
	for i := range at {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		at[i] = ln.Addr().String()
		if err := ln.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// What stands in the environment counts as what is typed.
	s := serveWith(t, func(c *exec.Cmd) {
		c.Env = append(os.Environ(), "NESTFUNK_BASE=https://kita.example.org", "NESTFUNK_CERT="+cert, "NESTFUNK_KEY="+key, "NESTFUNK_DATA="+filepath.Join(dir, "haus"))
	}, "serve", "--listen", at[0], "--http", at[1])
	if s.base != "https://kita.example.org" || !strings.HasPrefix(s.link, s.base+"/l/") {
		t.Fatalf("it is at %s, the link is %s", s.base, s.link)
	}
	pem, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	jar, _ := cookiejar.New(nil) // never fails
	s.Client = http.Client{Jar: jar, Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			to := at[0]
			if strings.HasSuffix(addr, ":80") {
				to = at[1]
			}
			return new(net.Dialer).DialContext(ctx, network, to)
		}}}
	defer s.CloseIdleConnections()
	res, err := s.Get("http://kita.example.org/anmelden") // sent on, and then too early
	if err != nil {
		t.Fatal(err)
	}
	if code, body := read(t, res); !waits(code, body) || res.Request.URL.String() != s.base+"/anmelden" || res.ProtoMajor != 2 ||
		res.Header.Get("Strict-Transport-Security") != "max-age=63072000; includeSubDomains" {
		t.Errorf("%s %s: %d %v", res.Proto, res.Request.URL, code, res.Header)
	}
	if code, body := s.post(s.link, answers()); code != 200 || !strings.Contains(body, "Richten Sie einen zweiten Faktor ein") {
		t.Fatalf("the answers: %d %s", code, body)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.base+"/betrieb", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := jar.Cookies(r.URL); len(c) != 1 || c[0].Name != "__Host-sid" {
		t.Errorf("the cookies are %v", c)
	}
	if res, err = s.Do(r); err != nil {
		t.Fatal(err)
	}
	if code, body := read(t, res); code != 200 || strings.Contains(body, "erreichbar machen") {
		t.Errorf("/betrieb: %d", code)
	}
	// The figures are for this machine, but not for whoever passes on for somebody else.
	for said, want := range map[string]int{"": 200, "127.0.0.1": 404, "192.0.2.1": 404} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "https://kita.example.org/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "localhost"
		if said != "" {
			r.Header["X_Forwarded_For"] = []string{said}
		}
		res, err := s.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if code, _ := read(t, res); code != want {
			t.Errorf("/metrics, passed on for %q: %d, want %d", said, code, want)
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ended with %d: %s", code, s.errs)
	}
}
