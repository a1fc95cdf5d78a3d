package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/who"
)

// secureSite is a house behind https whose pages end in every way that a page can.
func secureSite() http.Handler {
	public, _ := url.Parse("https://kita.example.org")
	page := func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		return base().Render(w, r, "error.html", struct {
			Page
			Words, Number string
			SignIn        bool
		}{Page: NewPage(r, v, "Seite")})
	}
	s := &Site{Now: time.Now, Base: public, Mark: func() string { return "" }, Routes: []Route{
		Get("/seite", who.Anyone, page),
		Get("/fehler", who.Anyone, func(http.ResponseWriter, *http.Request, who.Viewer) error { return errors.New("broken") }),
		Get("/panik", who.Anyone, func(http.ResponseWriter, *http.Request, who.Viewer) error { panic("broken") }),
		Get("/voll", who.Anyone, func(http.ResponseWriter, *http.Request, who.Viewer) error { return fault.New(fault.Full, "Voll.") }),
		Get("/geheim", who.Member, page),
		Post("/aendern", who.Anyone, func(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
			return Done(w, r, "/seite", "Gespeichert.")
		}),
		Stream("/strom", who.Anyone, func(w http.ResponseWriter, _ *http.Request, _ who.Viewer) error {
			_, err := w.Write([]byte("x"))
			return err
		}),
	}, Viewer: func(r *http.Request) (who.Viewer, error) { return who.Viewer{}, nil },
		Frame: func(*http.Request, who.Viewer) (Frame, error) { return Frame{}, nil }}
	return s.Handler()
}

// TestHeadersOfEveryAnswer: pages, redirects, refusals, errors and panics of a house behind https all carry the headers
// that protect, and what they set as cookies goes over https only.
func TestHeadersOfEveryAnswer(t *testing.T) {
	h := secureSite()
	for _, c := range []struct {
		method, path, host, site, cookie string
		want                             int
	}{
		{"GET", "/seite", "", "none", "", 200},
		{"GET", "/seite", "", "none", "flash=R2VzcGVpY2hlcnQu", 200}, // the flash is cleared
		{"HEAD", "/seite", "", "none", "", 200},
		{"GET", "/geheim", "", "none", "", 303},
		{"GET", "/gibt-es-nicht", "", "none", "", 404},
		{"POST", "/seite", "", "same-origin", "", 404},
		{"DELETE", "/seite", "", "same-origin", "", 404},
		{"OPTIONS", "/seite", "", "cross-site", "", 404},
		{"TRACE", "/seite", "", "none", "", 404},
		{"GET", "/fehler", "", "none", "", 500},
		{"GET", "/panik", "", "none", "", 500},
		{"GET", "/voll", "", "none", "", 507},
		{"POST", "/aendern", "", "same-origin", "", 303},
		{"POST", "/aendern", "", "cross-site", "", 403},
		{"POST", "/aendern", "", "", "sid=x", 403},
		{"GET", "/strom", "", "none", "", 200},
		{"GET", "/seite", "evil.example", "none", "", 421},
		{"POST", "/aendern", "evil.example", "same-origin", "", 421},
		{"GET", "/a/gibt-es-nicht.js", "", "none", "", 404},
	} {
		r := httptest.NewRequest(c.method, "https://kita.example.org"+c.path, nil)
		if c.host != "" {
			r.Host = c.host
		}
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		if c.cookie != "" {
			r.Header.Set("Cookie", c.cookie)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		a, name := w.Result(), c.method+" "+c.path+" "+c.host
		if a.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, a.StatusCode, c.want)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": csp, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Cache-Control": "private, no-store",
		} {
			if got := a.Header.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		for _, c := range a.Cookies() {
			if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: cookie %q", name, c.Raw)
			}
		}
		if strings.Contains(c.cookie, "flash") != (len(a.Cookies()) == 1 && c.method == "GET") && c.path == "/seite" {
			t.Errorf("%s: cookies %v", name, a.Cookies())
		}
		if strings.Contains(w.Body.String(), "broken") || strings.Contains(w.Body.String(), "goroutine") {
			t.Errorf("%s tells what is inside", name)
		}
	}
}
