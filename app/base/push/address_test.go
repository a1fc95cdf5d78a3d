package push

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"nestfunk/app/base/dial"
)

func TestKnown(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc:def":                       true,
		"https://fcm.googleapis.com/wp/abc":                                 true,
		"https://fcm.googleapis.com:443/wp/abc":                             true,
		"https://updates.push.services.mozilla.com/wpush/v2/gAAA":           true,
		"https://web.push.apple.com/QGxyz":                                  true,
		"https://wns2-par02p.notify.windows.com/w/?token=BQYAAABPS6%2f0sal": true,
		"https://db5p.notify.windows.com/w/?token=x":                        true,

		"http://fcm.googleapis.com/wp/abc":                      false,
		"https://fcm.googleapis.com:8443/wp/abc":                false,
		"https://fcm.googleapis.com:80/wp/abc":                  false,
		"https://user@fcm.googleapis.com/wp/abc":                false,
		"https://fcm.googleapis.com@example.org/wp/abc":         false,
		"https://fcm.googleapis.com#@example.org/":              false,
		"https://example.org/https://fcm.googleapis.com/wp/abc": false,
		"https://example.org/?fcm.googleapis.com":               false,
		"https://fcm.googleapis.com.example.org/wp/abc":         false,
		"https://evil-fcm.googleapis.com/":                      false,
		"https://evil.fcm.googleapis.com/":                      false,
		"https://storage.googleapis.com/":                       false,
		"https://FCM.googleapis.com/":                           false,
		"https://fcm.googleapis.com./":                          false,
		"https://notify.windows.com/":                           false, // no service of its own
		"https://evilnotify.windows.com/":                       false,
		"https://.notify.windows.com/":                          false,
		"https://a..notify.windows.com/":                        false,
		"https://notify.windows.com.example.org/":               false,
		"https://a.notify.windows.com.":                         false,
		"https://push.apple.com.example.org/":                   false,
		"https://127.0.0.1/":                                    false,
		"https://[::1]/":                                        false,
		"https://2130706433/":                                   false,
		"https://localhost/":                                    false,
		"https:fcm.googleapis.com/wp/abc":                       false,
		"//fcm.googleapis.com/wp/abc":                           false,
		"ftp://fcm.googleapis.com/":                             false,
		"https://":                                              false,
	} {
		u, err := url.Parse(endpoint)
		if err != nil {
			t.Errorf("%s: %v", endpoint, err)
			continue
		}
		if got := known(u); got != want {
			t.Errorf("%s is known: %v", endpoint, got)
		}
	}
}

// names is a name server that answers every question with the next of some IPv4 addresses, and then with the last.
func names(t *testing.T, asked *atomic.Int32, addresses ...string) *net.Resolver {
	t.Helper()
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		us, them := net.Pipe()
		go func() {
			defer them.Close()
			b := make([]byte, 1024)
			n, err := them.Read(b) // over a stream: two bytes of length first (RFC 1035, 4.2.2)
			if err == nil && n == 2 {
				n, err = them.Read(b[2:])
				n += 2
			}
			if err != nil || n < 2+12+5 {
				return
			}
			q := b[2:n]
			end := 12
			for q[end] != 0 {
				end += int(q[end]) + 1
			}
			end += 5 // the root, type and class
			a := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
			if q[end-3] == 1 { // A; nothing for AAAA
				ip := netip.MustParseAddr(addresses[min(int(asked.Add(1)), len(addresses))-1]).As4()
				a[7] = 1
				a = append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
				a = append(a, ip[:]...)
			}
			_, _ = them.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...)) // who asked may have gone
		}()
		return us, nil
	}}
}

// TestRebinding: a name that leads to another machine at the second question leads nowhere.
func TestRebinding(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	var asked atomic.Int32
	open := &net.Dialer{Resolver: names(t, &asked, "127.0.0.1")}
	if c, err := open.DialContext(t.Context(), "tcp", "fcm.googleapis.com:"+port); err != nil {
		t.Fatal("the name server of this test does not work: ", err)
	} else {
		c.Close()
	}
	for _, c := range []struct {
		name, port string
		addresses  []string
	}{
		{"loopback", "443", []string{"127.0.0.1"}},
		{"its port", port, []string{"127.0.0.1"}},
		{"private", "443", []string{"192.168.0.1"}},
		{"cloud", "443", []string{"169.254.169.254"}},
		{"public, but another port", port, []string{"142.250.185.106"}},
	} {
		asked.Store(0)
		conn, err := dial.To(dial.Internet, names(t, &asked, c.addresses...)).DialContext(t.Context(), "tcp", "fcm.googleapis.com:"+c.port)
		if err == nil {
			conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "no address that the house connects to") || asked.Load() == 0 {
			t.Errorf("%s: %v, asked %d times", c.name, err, asked.Load())
		}
	}
	// Public at the first question, this machine at the second: whoever asks first and then connects is caught.
	asked.Store(0)
	d := dial.To(dial.Internet, names(t, &asked, "142.250.185.106", "127.0.0.1"))
	first, err := d.Resolver.LookupNetIP(t.Context(), "ip4", "fcm.googleapis.com")
	if err != nil || len(first) != 1 || !dial.Public(first[0]) {
		t.Fatal(first, err)
	}
	if conn, err := d.DialContext(t.Context(), "tcp4", "fcm.googleapis.com:443"); err == nil {
		conn.Close()
		t.Error("connected to this machine")
	} else if !strings.Contains(err.Error(), "127.0.0.1:443 is no address") {
		t.Error(err)
	}
}

func TestContentType(t *testing.T) {
	for host, want := range map[string]string{
		"wns2-par02p.notify.windows.com": "application/octet-stream",
		"web.push.apple.com":             "application/notification+json",
		"fcm.googleapis.com":             "application/notification+json",
	} {
		if got := contentType(host); got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
}
