package front

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Who asks is who connects; a proxy that was named is believed about the one before it, and nobody about anything else.
func TestHandler(t *testing.T) {
	near, far := []string{"127.0.0.1", "::1"}, []string{"10.0.0.0/24", "2001:db8::/32"}
	for _, c := range []struct {
		name    string
		proxies []string
		peer    string
		path    string
		headers []string // name and value in turn
		from    string   // "": refused
	}{
		{"nobody is named", nil, "203.0.113.7:1", "/", []string{"X-Forwarded-For", "198.51.100.1"}, "203.0.113.7:1"},
		{"this machine for itself", nil, "127.0.0.1:1", "/", nil, "127.0.0.1:1"},
		{"this machine for somebody", nil, "127.0.0.1:1", "/", []string{"X-Forwarded-For", "198.51.100.1"}, "0.0.0.0:1"},
		{"in other words", nil, "[::1]:1", "/", []string{"Forwarded", "for=198.51.100.1"}, "0.0.0.0:1"},
		{"one proxy", near, "127.0.0.1:1", "/", []string{"X-Forwarded-For", "198.51.100.1"}, "198.51.100.1:1"},
		{"the right-most counts", near, "127.0.0.1:1", "/", []string{"X-Forwarded-For", "127.0.0.1, 192.0.2.9, 198.51.100.1"}, "198.51.100.1:1"},
		{"over several lines", near, "127.0.0.1:1", "/", []string{"X-Forwarded-For", "192.0.2.9", "X-Forwarded-For", "198.51.100.1"}, "198.51.100.1:1"},
		{"behind each other", far, "10.0.0.1:1", "/", []string{"X-Forwarded-For", "192.0.2.9, 198.51.100.1, 10.0.0.2, 2001:db8::1"}, "198.51.100.1:1"},
		{"mapped", far, "[::ffff:10.0.0.1]:1", "/", []string{"X-Forwarded-For", "::ffff:198.51.100.1"}, "198.51.100.1:1"},
		{"with ports", near, "127.0.0.1:1", "/", []string{"X-Forwarded-For", "198.51.100.1:4711"}, "198.51.100.1:1"},
		{"version 6", near, "127.0.0.1:1", "/", []string{"X-Forwarded-For", "2001:db8:1::7"}, "[2001:db8:1::7]:1"},
		{"nonsense", far, "10.0.0.1:1", "/", []string{"X-Forwarded-For", "198.51.100.1, unknown"}, "10.0.0.1:1"},
		{"nonsense before the last proxy", far, "10.0.0.1:1", "/", []string{"X-Forwarded-For", "198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2:1"},
		{"nothing said", near, "127.0.0.1:1", "/", nil, "127.0.0.1:1"},
		{"said otherwise", near, "127.0.0.1:1", "/", []string{"Forwarded", "for=198.51.100.1", "X-Real-Ip", "198.51.100.1", "X_Forwarded_For", "198.51.100.1"}, "127.0.0.1:1"},
		{"only proxies", far, "10.0.0.1:1", "/", []string{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}, "10.0.0.3:1"},
		{"past the proxy", far, "198.51.100.1:1", "/", []string{"X-Forwarded-For", "127.0.0.1"}, ""},
		{"past the proxy, quietly", far, "198.51.100.1:1", "/gesund", nil, ""},
		{"this machine past a far proxy", far, "127.0.0.1:1", "/", nil, ""},
		{"a supervisor", far, "127.0.0.1:1", "/gesund", nil, "127.0.0.1:1"},
		{"figures", far, "[::1]:1", "/metrics", nil, "[::1]:1"},
		{"no address", nil, "pipe", "/", nil, ""},
	} {
		p := &Plan{}
		if c.proxies != nil {
			var err error
			if p.proxies, err = networks(c.proxies); err != nil {
				t.Fatal(err)
			}
		}
		r := httptest.NewRequest("GET", c.path, nil)
		r.RemoteAddr = c.peer
		for i := 0; i < len(c.headers); i += 2 {
			r.Header[c.headers[i]] = append(r.Header[c.headers[i]], c.headers[i+1])
		}
		got := ""
		p.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = r.RemoteAddr
			for name := range r.Header {
				t.Errorf("%s: %s has come through", c.name, name)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.from {
			t.Errorf("%s: from %q, want %q", c.name, got, c.from)
		}
	}
}

// In whatever way somebody writes for whom a request is, it does not come through; everything else does.
func TestDrop(t *testing.T) {
	for name, gone := range map[string]bool{"X-Forwarded-For": true, "X-Forwarded-Host": true, "X-Forwarded-Proto": true, "X-Forwarded": true, "Forwarded": true, "X-Real-Ip": true,
		"X_forwarded_for": true, "X_FORWARDED-for": true, "x-forwarded-for": true, "True-Client-Ip": true, "Cf-Connecting-Ip": true, "X-Cluster-Client-Ip": true, "X-Original-Url": true,
		"X_real_ip": true, "Via": false, "X-Live": false, "X-Person": false, "Cookie": false} {
		h := http.Header{name: {"1"}}
		if found := drop(h); found != gone || (len(h) == 0) != gone {
			t.Errorf("%s: %t %v", name, found, h)
		}
	}
}

// FuzzClient: whatever stands in the header, whoever asks is either named in it, or the proxy itself.
func FuzzClient(f *testing.F) {
	f.Add("198.51.100.1, 10.0.0.2")
	f.Add(",,unknown, [::1]:80")
	f.Add("::ffff:10.0.0.9%eth0")
	p := &Plan{}
	p.proxies, _ = networks([]string{"10.0.0.0/24"})
	peer := p.proxies[0].Addr().Next()
	f.Fuzz(func(t *testing.T, said string) {
		got := p.client(peer, []string{said})
		switch {
		case !got.IsValid() || got.Zone() != "" || got.Is4In6():
			t.Errorf("%q: %v", said, got)
		case !p.named(got) && !strings.ContainsAny(said, ".:"):
			t.Errorf("%q: %v is not in it", said, got)
		case !p.named(p.client(peer, []string{said + ", 10.0.0.5"})) != !p.named(got):
			t.Errorf("%q: one more proxy changes who asks", said)
		}
	})
}
