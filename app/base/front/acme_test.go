package front

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// pebbleVersion is that of the authority by Let's Encrypt against which they test clients of ACME.
const pebbleVersion = "github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.1"

var pebble = sync.OnceValues(func() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "nestfunk-test", "pebble-2.10.1") // built once on each machine
	file := filepath.Join(dir, "pebble")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "go", "install", pebbleVersion)
	c.Dir, c.Env = os.TempDir(), append(os.Environ(), "GOBIN="+dir, "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", errors.New(string(bytes.TrimSpace(out)))
	}
	return file, nil
})

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// names is a name server, over TCP as pebble asks it, for which every name leads to this machine.
func names(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for resolve(c) == nil {
				}
			}()
		}
	}()
	return ln.Addr().String()
}

// resolve answers one question: RFC 1035, 4.2.2.
func resolve(c io.ReadWriter) error {
	var size uint16
	if err := binary.Read(c, binary.BigEndian, &size); err != nil {
		return err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(c, b); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil {
		return err
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	for _, q := range m.Questions {
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}})
		}
	}
	b, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	return err
}

// A caller is pebble at work.
type caller struct{ directory, roots, management string }

// authorityFor starts pebble for a house at two addresses. Its certificates are valid for so many seconds.
func authorityFor(t *testing.T, listen, plain string, valid int) caller {
	t.Helper()
	file, err := pebble()
	if err != nil {
		t.Skipf("no ACME authority to test against: %s cannot be built: %v", pebbleVersion, err)
	}
	dir := t.TempDir()
	cert, key := issue(t, dir, "pebble.example.org", 9, time.Now())
	at, management := free(t), free(t)
	config := map[string]any{"pebble": map[string]any{"listenAddress": at, "managementListenAddress": management, "certificate": cert, "privateKey": key,
		"httpPort": port(plain), "tlsPort": port(listen), "profiles": map[string]any{"default": map[string]any{"description": "short", "validityPeriod": valid}}}}
	b, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(file, "-config", name, "-dnsserver", names(t), "-strict")
	c.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=5")
	var out bytes.Buffer
	ready, w := io.Pipe()
	c.Stdout, c.Stderr = io.MultiWriter(&out, w), io.MultiWriter(&out, w)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = w.Close()
		_ = c.Wait()
		if t.Failed() {
			t.Log(out.String())
		}
	})
	// It says when it listens.
	seen, chunk := "", make([]byte, 4096)
	for !strings.Contains(seen, "ACME directory available") {
		n, err := ready.Read(chunk)
		if err != nil {
			t.Fatal(err)
		}
		seen += string(chunk[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, ready) }()
	return caller{"https://" + at + "/dir", cert, management}
}

// chain is whom those trust who trust pebble: its root is another one after each start.
func (c caller) chain(t *testing.T) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(c.roots)
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	all := x509.NewCertPool()
	res, err := client.Get("https://" + c.management + "/roots/0")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || !all.AppendCertsFromPEM(b) {
		t.Fatal(err)
	}
	return all
}

// A house without a certificate gets one, and the next before that one ends, on either of the two ways; all the time it
// answers.
func TestACME(t *testing.T) {
	for way, name := range map[string]string{"HTTP-01": "kita.example.org", "TLS-ALPN-01": "hort.example.org"} { // certmagic knows one challenge for each name
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			listen, plain := free(t), free(t)
			ca := authorityFor(t, listen, plain, 12)
			f := Flags{Listen: listen, Base: "https://" + name, ACME: true, ACMEURL: ca.directory, ACMERoots: ca.roots, HTTP: plain}
			if way == "TLS-ALPN-01" {
				f.HTTP = off
			}
			events := make(chan string, 10)
			d := opened(t, f, func(d *Door) {
				d.pace = 500 * time.Millisecond
				d.told = func(event string, renewal bool) { events <- event + " " + strconv.FormatBool(renewal) }
				d.silent = way == "HTTP-01"
			})
			patience, cancel := context.WithTimeout(t.Context(), 40*time.Second)
			defer cancel()
			next := func(want string) {
				t.Helper()
				select {
				case got := <-events:
					if got != want {
						t.Fatalf("%s, want %s", got, want)
					}
				case <-patience.Done():
					t.Fatalf("no %s", want)
				}
			}
			next("cert_obtained false")
			trust := &tls.Config{RootCAs: ca.chain(t), ServerName: name}
			first := d.shown(patience, t, trust, nil)
			if _, err := d.hello(t, &tls.Config{InsecureSkipVerify: true, ServerName: "andere.example.org"}); err == nil {
				t.Error("there is a certificate for another name")
			}
			next("cert_obtained true")
			if second := d.shown(patience, t, trust, first); second.NotAfter.Before(first.NotAfter) {
				t.Errorf("the next one ends %s, the first %s", second.NotAfter, first.NotAfter)
			}
		})
	}
}

// shown is the certificate that a browser sees, and trusts, once it is another one than before: it is in use a moment
// after it was obtained. Once there is one, there always is one.
func (d *Door) shown(ctx context.Context, t *testing.T, trust *tls.Config, before *x509.Certificate) *x509.Certificate {
	t.Helper()
	for ctx.Err() == nil {
		c, err := d.hello(t, trust)
		if err == nil && !c.Equal(before) {
			return c
		}
		if err != nil && before != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("no other certificate is shown")
	return nil
}

// An authority that is not there keeps no house from starting; its log has it, and people are not served in the clear.
func TestACMEAway(t *testing.T) {
	told := make(chan string, 10)
	d := opened(t, Flags{Listen: free(t), Base: house, ACME: true, ACMEURL: "https://" + free(t) + "/dir", HTTP: off}, func(d *Door) {
		d.told = func(event string, _ bool) {
			select {
			case told <- event:
			default:
			}
		}
	})
	if _, err := d.hello(t, &tls.Config{InsecureSkipVerify: true, ServerName: "kita.example.org"}); err == nil {
		t.Error("it shows a certificate that it cannot have")
	}
	select {
	case got := <-told:
		if got != "cert_failed" {
			t.Error(got)
		}
	case <-time.After(30 * time.Second):
		t.Error("nobody was told")
	}
}
