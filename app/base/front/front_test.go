package front

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// issue writes a certificate for a name with its key into a folder, valid for an hour from a time on.
func issue(t *testing.T, dir, name string, serial int64, from time.Time) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: from.Add(-time.Hour), NotAfter: from.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, x, x, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: bare}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

const house = "https://kita.example.org"

func TestPublic(t *testing.T) {
	for given, want := range map[string]string{
		"https://Kita.Example.org/":     "https://kita.example.org",
		"https://kita.example.org:443":  "https://kita.example.org",
		"https://kita.example.org:8443": "https://kita.example.org:8443",
		"https://192.0.2.1":             "https://192.0.2.1",
		"https://[2001:db8::1]:8443":    "https://[2001:db8::1]:8443",
		"http://localhost:9000":         "http://localhost:9000",
		"https://xn--kita-1ra.de":       "https://xn--kita-1ra.de",
		"https://kitä.de":               "",
		"https://kita.example.org.":     "",
		"https://kita_nord.example.org": "",
		"http://kita.example.org":       "",
		"https://kita.example.org/haus": "",
		"https://u:p@kita.example.org":  "",
		"https://kita.example.org?a=b":  "",
		"https://kita.example.org#a":    "",
		"kita.example.org":              "",
		"ftp://kita.example.org":        "",
		"https://":                      "",
		"\x00":                          "",
	} {
		u, err := Public(given)
		if want == "" && err == nil || want != "" && (err != nil || u.String() != want) {
			t.Errorf("Public(%q) = %v, %v; want %q", given, u, err, want)
		}
	}
}

// Every combination that makes sense is taken as it is meant, and every other one is refused.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, "kita.example.org", 1, time.Now())
	other, otherKey := issue(t, t.TempDir(), "andere.example.org", 2, time.Now())
	expired, expiredKey := issue(t, t.TempDir(), "kita.example.org", 3, time.Now().AddDate(-1, 0, 0))
	for name, c := range map[string]struct {
		flags        Flags
		words        string // of the refusal; "": none
		listen, http string
		low, local   bool
	}{
		"nothing":                  {Flags{}, "", "127.0.0.1:8080", "", false, true},
		"this machine":             {Flags{Listen: "[::1]:8080", Base: "http://localhost:8080"}, "", "[::1]:8080", "", false, true},
		"ACME":                     {Flags{Base: house, ACME: true}, "", ":443", ":80", true, false},
		"ACME at one address":      {Flags{Base: house, ACME: true, Listen: "192.0.2.1:443"}, "", "192.0.2.1:443", "192.0.2.1:80", true, false},
		"ACME behind a router":     {Flags{Base: house, ACME: true, Listen: ":8443", HTTP: ":8080"}, "", ":8443", ":8080", false, false},
		"ACME without port 80":     {Flags{Base: house, ACME: true, HTTP: "aus"}, "", ":443", "", true, false},
		"another authority":        {Flags{Base: house, ACME: true, ACMEURL: "https://ca.example.org/acme", ACMERoots: cert}, "", ":443", ":80", true, false},
		"own certificate":          {Flags{Base: house, Cert: cert, Key: key}, "", ":443", ":80", true, false},
		"own, elsewhere":           {Flags{Base: house + ":8443", Cert: cert, Key: key, Listen: ":8443"}, "", ":8443", "", false, false},
		"expired":                  {Flags{Base: house, Cert: expired, Key: expiredKey}, "", ":443", ":80", true, false},
		"proxy here":               {Flags{Base: house, Proxy: []string{"127.0.0.1", "::1"}}, "", "127.0.0.1:8080", "", false, true},
		"proxy elsewhere":          {Flags{Base: house, Proxy: []string{"10.0.0.0/24"}, Listen: ":8080"}, "", ":8080", "", false, false},
		"public, no base":          {Flags{Listen: ":8080"}, "braucht mit --base", "", "", false, false},
		"public, no encryption":    {Flags{Listen: "0.0.0.0:8080", Base: "http://localhost:8080"}, "nur auf diesem Rechner erlaubt", "", "", false, false},
		"who encrypts?":            {Flags{Base: house}, "wer https://kita.example.org verschlüsselt", "", "", false, false},
		"ACME and own":             {Flags{Base: house, ACME: true, Cert: cert, Key: key}, "nur eines von beiden", "", "", false, false},
		"ACME and proxy":           {Flags{Base: house, ACME: true, Proxy: []string{"127.0.0.1"}}, "oder der Proxy", "", "", false, false},
		"own and proxy":            {Flags{Base: house, Cert: cert, Key: key, Proxy: []string{"127.0.0.1"}}, "oder der Proxy", "", "", false, false},
		"no key":                   {Flags{Base: house, Cert: cert}, "gehört mit --key", "", "", false, false},
		"no certificate":           {Flags{Base: house, Key: key}, "gehört mit --cert", "", "", false, false},
		"ACME without base":        {Flags{ACME: true}, "braucht mit --base", "", "", false, false},
		"proxy without base":       {Flags{Proxy: []string{"127.0.0.1"}}, "braucht mit --base", "", "", false, false},
		"ACME for localhost":       {Flags{Base: "http://localhost", ACME: true}, "gilt nur auf diesem Rechner", "", "", false, false},
		"proxy for localhost":      {Flags{Base: "http://localhost:8080", Proxy: []string{"127.0.0.1"}}, "gilt nur auf diesem Rechner", "", "", false, false},
		"authority, not asked":     {Flags{Base: house, Cert: cert, Key: key, ACMEURL: "https://ca.example.org"}, "nur zusammen mit --acme", "", "", false, false},
		"roots for Let's Encrypt":  {Flags{Base: house, ACME: true, ACMERoots: cert}, "gehört zu --acme-url", "", "", false, false},
		"authority in the clear":   {Flags{Base: house, ACME: true, ACMEURL: "http://ca.example.org"}, "beginnt mit https://", "", "", false, false},
		"roots that are none":      {Flags{Base: house, ACME: true, ACMEURL: "https://ca.example.org", ACMERoots: key}, "keine Zertifikate", "", "", false, false},
		"roots nowhere":            {Flags{Base: house, ACME: true, ACMEURL: "https://ca.example.org", ACMERoots: dir + "/x"}, "keine Zertifikate", "", "", false, false},
		"ACME for an address":      {Flags{Base: "https://192.0.2.1", ACME: true}, "stellt niemand", "", "", false, false},
		"ACME for no domain":       {Flags{Base: "https://kita", ACME: true}, "stellt niemand", "", "", false, false},
		"ACME where nobody is":     {Flags{Base: house, ACME: true, Listen: "127.0.0.1:443"}, "erreicht Let's Encrypt das Haus nicht", "", "", false, false},
		"ACME at another port":     {Flags{Base: house, ACME: true, Listen: ":8443"}, "auf Port 80 und 443", "", "", false, false},
		"TLS at port 80":           {Flags{Base: house, ACME: true, Listen: ":80"}, "Auf Port 80 erwartet niemand TLS", "", "", false, false},
		"one port for both":        {Flags{Base: house, ACME: true, HTTP: ":443"}, "verschiedene Ports", "", "", false, false},
		"redirection nowhere":      {Flags{Base: house, ACME: true, HTTP: "80"}, "--http ist eine Adresse", "", "", false, false},
		"redirection without TLS":  {Flags{HTTP: ":80"}, "--http gilt nur", "", "", false, false},
		"redirection and proxy":    {Flags{Base: house, Proxy: []string{"127.0.0.1"}, HTTP: ":80"}, "--http gilt nur", "", "", false, false},
		"no file":                  {Flags{Base: house, Cert: dir + "/x", Key: key}, "x kann nicht gelesen werden", "", "", false, false},
		"a folder":                 {Flags{Base: house, Cert: dir, Key: key}, "kann nicht gelesen werden", "", "", false, false},
		"another's key":            {Flags{Base: house, Cert: cert, Key: otherKey}, "gehören nicht zusammen", "", "", false, false},
		"key and certificate":      {Flags{Base: house, Cert: key, Key: cert}, "gehören nicht zusammen", "", "", false, false},
		"for another name":         {Flags{Base: house, Cert: other, Key: otherKey}, "gilt nicht für kita.example.org", "", "", false, false},
		"a proxy by name":          {Flags{Base: house, Proxy: []string{"proxy.example.org"}}, "ist keines von beiden", "", "", false, false},
		"no proxy":                 {Flags{Base: house, Proxy: []string{""}}, "ist keines von beiden", "", "", false, false},
		"half a network":           {Flags{Base: house, Proxy: []string{"10.0.0.0/33"}}, "ist keines von beiden", "", "", false, false},
		"everybody is a proxy":     {Flags{Base: house, Proxy: []string{"0.0.0.0/0"}}, "zu groß", "", "", false, false},
		"everybody else, too":      {Flags{Base: house, Proxy: []string{"127.0.0.1", "::/0"}}, "zu groß", "", "", false, false},
		"no port":                  {Flags{Listen: "127.0.0.1"}, "--listen ist eine Adresse", "", "", false, false},
		"no such port":             {Flags{Listen: "127.0.0.1:99999"}, "--listen ist eine Adresse", "", "", false, false},
		"a port by name":           {Flags{Listen: "127.0.0.1:http"}, "--listen ist eine Adresse", "", "", false, false},
		"every address of version": {Flags{Listen: "[::]:8080"}, "braucht mit --base", "", "", false, false},
	} {
		p, err := c.flags.Check()
		switch {
		case c.words != "":
			if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v, want %q", name, err, c.words)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case p.listen != c.listen || p.http != c.http || p.Low() != c.low || c.flags.Local() != c.local:
			t.Errorf("%s: %q %q low %t local %t", name, p.listen, p.http, p.Low(), c.flags.Local())
		}
	}
}

func TestArgs(t *testing.T) {
	f := Flags{Listen: ":443", Base: house + "/", ACME: true, ACMEURL: "https://ca", ACMERoots: "/r", HTTP: "aus"}
	if got := strings.Join(f.Args(), " "); got != "--listen :443 --base https://kita.example.org --acme-url https://ca --acme-roots /r --http aus --acme" {
		t.Error(got)
	}
	f = Flags{Proxy: []string{"127.0.0.1", "10.0.0.0/8"}, Cert: "/c", Key: "/k"}
	if got := strings.Join(f.Args(), " "); got != "--cert /c --key /k --proxy 127.0.0.1,10.0.0.0/8" {
		t.Error(got)
	}
}

// What is offered has forward secrecy and is authenticated.
func TestModern(t *testing.T) {
	if modern().MinVersion != tls.VersionTLS12 {
		t.Errorf("from version %x on", modern().MinVersion)
	}
	weak := tls.InsecureCipherSuites()
	for _, id := range modern().CipherSuites {
		name := tls.CipherSuiteName(id)
		if slices.ContainsFunc(weak, func(c *tls.CipherSuite) bool { return c.ID == id }) || !strings.HasPrefix(name, "TLS_ECDHE_") || strings.Contains(name, "CBC") {
			t.Error(name)
		}
	}
}
