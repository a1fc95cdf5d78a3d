package web

import (
	"net/http/httptest"
	"testing"
	"time"

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

// A page that names other families rests for a day at most, and on no device that others use.
func TestKeepToday(t *testing.T) {
	for v, want := range map[*who.Viewer]string{{ID: 5}: "today", {ID: 5, Shared: true}: "", {}: ""} {
		w := httptest.NewRecorder()
		KeepToday(w, *v)
		if got := w.Header().Get("X-Offline"); got != want {
			t.Errorf("%+v: %q, want %q", *v, got, want)
		}
	}
}

func TestWritten(t *testing.T) {
	now := time.Date(2026, 3, 2, 7, 10, 0, 0, time.UTC)
	for header, want := range map[string]time.Time{
		"":                     now,
		"0":                    now,
		"1200000":              now.Add(-20 * time.Minute),
		"-1200000":             now, // nobody presses a button in the future
		"20 min":               now,
		"9223372036854775807":  now,
		"99999999999999999999": now,
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("X-Waited", header)
		if got := Written(r, now); !got.Equal(want) {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
