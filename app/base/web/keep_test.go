package web

import (
	"net/http/httptest"
	"testing"

	"nestfunk/app/base/who"
)

func TestKeepOffline(t *testing.T) {
	for _, c := range []struct {
		name         string
		v            who.Viewer
		keep, person string
	}{
		{"one's own device", who.Viewer{ID: 6}, "keep", "6"},
		{"a shared one", who.Viewer{ID: 6, Shared: true}, "", ""},
		{"nobody", who.Viewer{}, "", ""},
	} {
		w := httptest.NewRecorder()
		KeepOffline(w, c.v)
		if k, p := w.Header().Get("X-Offline"), w.Header().Get("X-Person"); k != c.keep || p != c.person {
			t.Errorf("%s: %q %q, want %q %q", c.name, k, p, c.keep, c.person)
		}
	}
}
