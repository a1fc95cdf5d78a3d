package web

import (
	"net/http/httptest"
	"testing"
	"unicode/utf8"
)

// FuzzCookie: whatever a browser says of itself, a session is the hash of a value or none, and a device has a short name.
func FuzzCookie(f *testing.F) {
	for _, s := range []string{"", "sid=x", "sid=" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sid=a; sid=b", `sid="a b"`, "__Host-sid=\xff", "sid=%00;;=", "Mozilla/5.0 (X11; Linux) Firefox/130.0"} {
		f.Add(s, s)
	}
	s := &Sessions{}
	f.Fuzz(func(t *testing.T, cookie, agent string) {
		r := httptest.NewRequest("GET", "http://localhost/", nil)
		r.Header.Set("Cookie", cookie)
		if h := cookieHash(r, s.Cookie()); h != nil && len(h) != 32 {
			t.Errorf("%q: a hash of %d bytes", cookie, len(h))
		}
		if d := device(agent); len(d) > 100 || !utf8.ValidString(d) {
			t.Errorf("%q is called %q", agent, d)
		}
	})
}
