package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"nestfunk/app/base/who"
)

// Where a request comes from is known to what it changes, but not of young people, and not where nobody may know who it was.
func TestAddressOfARequest(t *testing.T) {
	var got string
	note := func(_ http.ResponseWriter, r *http.Request, _ who.Viewer) error {
		got = who.Address(r.Context())
		return nil
	}
	var viewer who.Viewer
	s := &Site{Routes: []Route{Get("/offen", who.Anyone, note), Quiet(Get("/urne", who.Anyone, note))}, Now: time.Now, Mark: func() string { return "" },
		Base: &url.URL{Scheme: "http", Host: "localhost"}, Viewer: func(*http.Request) (who.Viewer, error) { return viewer, nil }}
	h := s.Handler()
	as := func(role who.Role) who.Viewer { return who.Viewer{ID: 5, Holds: []who.Holding{{Role: role, Unit: 1}}} }
	for _, c := range []struct {
		name, path string
		viewer     who.Viewer
		want       string
	}{
		{"a parent", "/offen", as(who.Parent), "203.0.113.77"},
		{"nobody", "/offen", who.Viewer{}, "203.0.113.77"},
		{"a young person", "/offen", as(who.Youth), ""},
		{"a secret vote", "/urne", as(who.Parent), ""},
	} {
		r := httptest.NewRequest("GET", "http://localhost"+c.path, nil)
		r.RemoteAddr = "203.0.113.77:4711"
		got, viewer = "-", c.viewer
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
