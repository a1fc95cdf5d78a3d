package front

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// opened serves what flags say, and ends with the test.
func opened(t *testing.T, f Flags, ready func(*Door)) *Door {
	t.Helper()
	p, err := f.Check()
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	if ready != nil {
		ready(d)
	}
	if err := d.Begin(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto+" "+r.Host) })}
	done := make(chan error, 1)
	go func() { done <- d.Serve(srv) }()
	t.Cleanup(func() {
		if err := srv.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		_ = srv.Close() // a test's context has ended by now
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
	return d
}

// hello is what a browser sees of the house: the certificate that it shows for its name.
func (d *Door) hello(t *testing.T, c *tls.Config) (*x509.Certificate, error) {
	t.Helper()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", d.ln.Addr().String(), c)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// A certificate of one's own is shown, in TLS 1.2 or later only, and the next one as soon as both of its files are there.
func TestOwnCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, "kita.example.org", 1, time.Now())
	d := opened(t, Flags{Listen: "127.0.0.1:0", Base: house, Cert: cert, Key: key, HTTP: "127.0.0.1:0"}, nil)
	blind := &tls.Config{InsecureSkipVerify: true, ServerName: "kita.example.org"}
	serial := func() int64 {
		t.Helper()
		c, err := d.hello(t, blind)
		if err != nil {
			t.Fatal(err)
		}
		return c.SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Errorf("the first is %d", n)
	}
	for _, old := range []*tls.Config{{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}} {
		if c, err := d.hello(t, old); err == nil {
			t.Errorf("%x %x was spoken: %v", old.MaxVersion, old.CipherSuites, c.Subject)
		}
	}
	// The next certificate comes without its key, then the key.
	next, nextKey := issue(t, t.TempDir(), "kita.example.org", 2, time.Now())
	for _, c := range []struct {
		from, to string
		want     int64
	}{{next, cert, 1}, {nextKey, key, 2}} {
		b, err := os.ReadFile(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.to, b, 0o600); err != nil {
			t.Fatal(err)
		}
		later := time.Now().Add(time.Duration(c.want) * time.Hour)
		if err := os.Chtimes(c.to, later, later); err != nil {
			t.Fatal(err)
		}
		if n := serial(); n != c.want {
			t.Errorf("after %s there is %d, want %d", c.from, n, c.want)
		}
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("without its file there is %d", n)
	}
	// Browsers get HTTP/2.
	roots := x509.NewCertPool()
	c, err := d.hello(t, blind)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(c)
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "kita.example.org"}}}
	defer client.CloseIdleConnections()
	res, err := client.Get("https://" + d.ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || string(b) != "HTTP/2.0 "+d.ln.Addr().String() {
		t.Errorf("%s %v", b, err)
	}
}

// Who comes unencrypted is sent to the one address of the house, whatever they call it.
func TestOnward(t *testing.T) {
	cert, key := issue(t, t.TempDir(), "kita.example.org", 1, time.Now())
	d := opened(t, Flags{Listen: "127.0.0.1:0", Base: house, Cert: cert, Key: key, HTTP: "127.0.0.1:0"}, nil)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	for _, c := range []struct {
		method, host, path string
		code               int
		to                 string
	}{
		{"GET", "kita.example.org", "/wissen/7?seite=2", 308, house + "/wissen/7?seite=2"},
		{"HEAD", "kita.example.org", "/", 308, house + "/"},
		{"GET", "boese.example", "/x", 308, house + "/x"},
		{"GET", "kita.example.org", "//boese.example/x", 308, house + "//boese.example/x"},
		{"GET", "kita.example.org", "/a%2Fb", 308, house + "/a%2Fb"},
		{"GET", "kita.example.org", "/.well-known/acme-challenge/abc", 308, house + "/.well-known/acme-challenge/abc"},
		{"POST", "kita.example.org", "/anmelden", 400, ""},
		{"DELETE", "kita.example.org", "/", 400, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+d.plain.Addr().String()+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // it was only looked at
		if res.StatusCode != c.code || res.Header.Get("Location") != c.to {
			t.Errorf("%s %s at %s: %d %s", c.method, c.path, c.host, res.StatusCode, res.Header.Get("Location"))
		}
	}
}
