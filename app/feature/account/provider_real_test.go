package account

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// realProvider is a certified library's own example server. It is built outside this module: it would bring fifteen
// others into go.mod for this one test.
const realProvider = "github.com/zitadel/oidc/v3/example/server@v3.51.17"

// startReal builds and starts it for one address of ours, and returns its issuer. Without the network it cannot be built.
func startReal(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a real provider is not built in a short run")
	}
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "install", realProvider)
	build.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: no real provider could be built, is there no network? %v\n%s", err, out)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, filepath.Join(dir, "server"))
	run.Env = append(os.Environ(), "PORT="+port, "REDIRECT_URI="+apptest.Base+"/anmelden/anbieter/1/zurueck")
	run.Stdout, run.Stderr = io.Discard, io.Discard
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = run.Wait() // it was killed
	})
	issuer := "http://localhost:" + port + "/"
	for begin := time.Now(); ; {
		a, err := http.Get(issuer + ".well-known/openid-configuration")
		if err == nil {
			a.Body.Close()
			return issuer
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond) // another process: nothing here tells when it listens
	}
}

// TestProviderReal signs in by a provider that somebody else has written, with its own page for name and password.
func TestProviderReal(t *testing.T) {
	issuer := startReal(t)
	x := serve(t)
	x.Clock.Add(time.Since(x.Now())) // its tokens carry the real time
	c := city{x, &apptest.Provider{URL: issuer}}
	set := []string{"name", "Stadt", "issuer", issuer, "client", "web", "secret", "secret", "inside", "127.0.0.1, ::1"}
	if a := x.Site.Post(apptest.Arno, "/betrieb/anbieter", set...); a.Code != 303 {
		t.Fatal(a.Code, wordsOf(a))
	}
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), apptest.Base) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	// visit signs in at the provider, and returns where it sends the browser.
	visit := func(to, name string) string {
		t.Helper()
		a, err := browser.Get(to)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(a.Body)
		if err := a.Body.Close(); err != nil {
			t.Fatal(err)
		}
		id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindSubmatch(body)
		if err != nil || id == nil {
			t.Fatalf("%v, %s: %s", err, a.Status, body)
		}
		a, err = browser.PostForm(issuer+"login/username", url.Values{"id": {string(id[1])}, "username": {name}, "password": {"verysecure"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(a.Header.Get("Location"), apptest.Base)
	}
	const first, second = "test-user@localhost", "test-user2"
	a := x.Site.Post(apptest.Stefan, "/konto/anbieter", "provider", "1", "weiter", "/konto")
	m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(issuer) + `auth\?[^"]*)"`).FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatal(a.Code, a.To, wordsOf(a))
	}
	if a := c.in(apptest.Stefan, visit(strings.ReplaceAll(m[1], "&amp;", "&"), first)); a.To != "/konto" {
		t.Fatal(a.Code, wordsOf(a))
	}
	if a := c.in(apptest.Nobody, visit(x.Get(apptest.Nobody, "/anmelden/anbieter/1").To, second)); a.Code != 422 || c.sessions() != 0 {
		t.Error("somebody else of the same provider:", a.Code, wordsOf(a))
	}
	if a := c.in(apptest.Nobody, visit(x.Get(apptest.Nobody, "/anmelden/anbieter/1?weiter=/konto").To, first)); a.To != "/konto" || !strings.HasPrefix(x.signedIn(), "Stefan") {
		t.Fatal(a.Code, a.To, wordsOf(a))
	}
	// The provider is asked to look again, and says when it has.
	to := x.Get(apptest.Nobody, "/anmelden/anbieter/1?weiter=/konto").To
	if a := c.in(apptest.Nobody, visit(to, first)); !strings.Contains(to, "max_age=0") || a.To != "/konto" {
		t.Error("a proof:", to, a.Code, wordsOf(a))
	}
	// A wrong secret lets nobody in.
	if a := x.Site.Post(apptest.Arno, "/betrieb/anbieter", "id", "1", "name", "Stadt", "client", "web", "secret", "falsch", "inside", "127.0.0.1 ::1"); a.Code != 303 {
		t.Fatal(wordsOf(a))
	}
	x.other()
	if a := c.in(apptest.Nobody, visit(x.Get(apptest.Nobody, "/anmelden/anbieter/1").To, first)); a.Code != 422 || x.signedIn() != "" {
		t.Error("with a wrong secret:", a.Code, wordsOf(a))
	}
}
