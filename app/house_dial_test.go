package app

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"go/ast"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app/base/backup"
	"nestfunk/app/base/dial"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/oidc"
)

// indoors are ways to write an address in the house or in its own network, where a stranger must not have it connect to.
var indoors = []string{
	"127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001",
	"0177.1", "127.0.0.1.", "127.00.00.01", "127.0.0.01", "localhost", "LOCALHOST", "localhost.", "ip6-localhost", "localhost.localdomain", "::1", "0:0:0:0:0:0:0:1",
	"::ffff:127.0.0.1", "::ffff:7f00:1", "0000::1", "127。0。0。1", "①②⑦.⓪.⓪.①", "10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.255.254", "192.168.0.1", "::ffff:10.0.0.1",
	"::ffff:192.168.1.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "100.64.0.1", "100.127.255.254", "fc00::1", "fd12:3456:789a::1", "fd00:ec2::254",
}

// nowhere are ways to write an address that no server of anybody has.
var nowhere = []string{
	"169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::169.254.169.254",
	"fe80::1", "fe80::1%lo", "fec0::1", "0.0.0.0", "0", "::", "0.1.2.3", "::127.0.0.1", "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b:1::7f00:1", "224.0.0.1", "239.255.255.250",
	"255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "ff02::1", "ff0e::1", "100::1", "2001:db8::1", "3fff::1", "5f00::1",
}

// TestDial has the house connect to a machine in its own network by every way to write its address, wherever a person can
// name one: no connection comes about, nor is one tried.
func TestDial(t *testing.T) {
	if n := len(indoors) + len(nowhere); n < 60 {
		t.Errorf("only %d addresses", n)
	}
	old := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(old)
	met, port := listen(t)
	places := []struct {
		name    string
		own     bool // an operator's own server may stand indoors
		connect func(ctx context.Context, host string) error
	}{
		{"what strangers name", false, func(ctx context.Context, host string) error { return connect(ctx, dial.Internet, host, "443") }},
		{"provider of sign-ins", false, func(ctx context.Context, host string) error {
			c := oidc.Client{Now: time.Now}
			return c.Try(ctx, oidc.Provider{Issuer: "https://" + net.JoinHostPort(host, port), Client: "c"})
		}},
		{"keys of a provider", false, func(ctx context.Context, host string) error { return connect(ctx, dial.Inside(nil), host, port) }},
		{"provider, another machine named", false, func(ctx context.Context, host string) error {
			return connect(ctx, dial.Inside([]netip.Prefix{netip.MustParsePrefix("10.9.9.9/32")}), host, port)
		}},
		{"mail and SMS server", true, func(ctx context.Context, host string) error { return connect(ctx, dial.Server, host, port) }},
		{"backup over SFTP", true, func(ctx context.Context, host string) error {
			return putAt(ctx, "sftp://u@"+net.JoinHostPort(host, port)+"/x")
		}},
		{"backup to S3", true, func(ctx context.Context, host string) error {
			return putAt(ctx, "s3://"+net.JoinHostPort(host, port)+"/bucket/x")
		}},
	}
	for _, p := range places {
		all := slices.Concat(indoors, nowhere)
		if p.own {
			all = nowhere
		}
		for _, host := range all {
			ctx, end := context.WithTimeout(t.Context(), 3*time.Second)
			err := p.connect(ctx, host)
			end()
			if n := met.Swap(0); n != 0 || !untried(err) {
				t.Errorf("%s, %s: %d connections, %v", p.name, host, n, err)
			}
		}
	}
	// The listener of this test can be met, and what the operator names can be reached.
	if err := connect(t.Context(), dial.Server, "127.0.0.1", port); err != nil || met.Swap(0) != 1 {
		t.Error(err)
	}
	if err := connect(t.Context(), dial.Inside([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}), "localhost", port); err != nil || met.Swap(0) != 1 {
		t.Error(err)
	}
	for _, ok := range []string{"10.9.9.9:636", "[fd00::1]:22", "192.168.1.5:25", "127.0.0.1:25", "[::1]:25", "142.250.185.106:465", "100.64.1.1:22"} {
		if !dial.Server(netip.MustParseAddrPort(ok)) {
			t.Errorf("an operator's server cannot stand at %s", ok)
		}
	}
}

// listen counts who connects to a port of this machine, on all of its addresses.
func listen(t *testing.T) (*atomic.Int64, string) {
	t.Helper()
	ln, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	met := new(atomic.Int64)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			met.Add(1)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return met, port
}

func connect(ctx context.Context, rule dial.Rule, host, port string) error {
	c, err := dial.To(rule, nil).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	one := make([]byte, 1)
	_, _ = c.Read(one) // until the other side has counted and hung up
	return c.Close()
}

func putAt(ctx context.Context, address string) error {
	with := backup.Secret{Password: "p", Host: "ssh-ed25519 " + base64.StdEncoding.EncodeToString([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"+strings.Repeat("k", 32)))}
	if strings.HasPrefix(address, "s3:") {
		with.Key = "k"
	}
	at, err := backup.Open(ctx, address, with)
	if err != nil {
		return err
	}
	err = at.Put(ctx, "x", strings.NewReader("x"), 1)
	return errors.Join(err, at.Close())
}

// untried reports whether an error comes from before a connection is tried: from a dialer that may not, or since there is
// no such name.
func untried(err error) bool {
	if err == nil {
		return false
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok || fault.Fields(err)["issuer"] != "" { // an operator reads no more than that
		return true
	}
	return strings.Contains(err.Error(), "Das ist kein Ziel") || strings.Contains(err.Error(), "no address that the house connects to") || strings.Contains(err.Error(), "no such host")
}

// TestDialersAreOne: only base/dial makes connections, so that no place forgets to look where it goes.
func TestDialersAreOne(t *testing.T) {
	tell(t, dialers(code()))
	bites(t, "a dialer", dialers(parseOne("app/base/x/x.go", "package x\nimport \"net\"\nvar d net.Dialer")), "connects")
	bites(t, "a pointer to one", dialers(parseOne("app/base/x/x.go", "package x\nimport \"net\"\nvar d = &net.Dialer{}")), "connects")
	bites(t, "a call", dialers(parseOne("app/base/x/x.go", "package x\nimport \"net/http\"\nfunc f() { http.Get(\"\") }")), "connects")
	bites(t, "an open client", dialers(parseOne("app/base/x/x.go", "package x\nimport \"net/http\"\nvar c = http.DefaultClient")), "connects")
	bites(t, "a test", dialers(parseOne("app/base/x/x_test.go", "package x\nimport \"net\"\nvar d net.Dialer")), "")
}

// dialers finds what connects without base/dial. Those that go to no address that a person names are listed.
func dialers(tree []source) (wrong []string) {
	known := []string{
		"app/control.go",                 // to the socket in the data folder
		"app/feature/checkup/address.go", // to the house itself
		"app/base/sms/seven.go",          // to one address that stands in the program
		"app/base/dial/dial.go",
	}
	for _, s := range tree {
		if s.test || slices.Contains(known, s.name) {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			x, ok := n.(*ast.SelectorExpr)
			if ok && slices.Contains([]string{"net.Dialer", "net.Dial", "net.DialTimeout", "net.DialTCP", "net.DialUDP", "tls.Dial", "http.DefaultClient", "http.DefaultTransport",
				"http.Get", "http.Post", "http.PostForm", "http.Head", "smtp.Dial", "ssh.Dial", "smtp.SendMail"}, callee(x)) {
				wrong = append(wrong, fmt.Sprintf("%s: %s connects without base/dial", s.at(x), callee(x)))
			}
			return true
		})
	}
	return wrong
}
