// Package front is the front door of a house: at which addresses it listens, who encrypts, and whose word counts about
// where a request comes from. It owns caddyserver/certmagic. Nothing is guessed: what contradicts itself, or would have
// people send passwords in the clear, is refused before anything is opened.
package front

import (
	"cmp"
	"crypto/x509"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
)

// Flags say how a house is reached. Who encrypts is said in one of three ways: ACME, Cert and Key, or Proxy. Without any
// the house is there for its own machine only.
type Flags struct {
	Listen    string   `help:"Adresse, an der Anfragen ankommen, sonst 127.0.0.1:8080 und mit --acme oder --cert :443." placeholder:"ADRESSE" env:"NESTFUNK_LISTEN"`
	Base      string   `help:"Öffentliche Adresse, zum Beispiel https://kita.example.org." placeholder:"URL" env:"NESTFUNK_BASE"`
	ACME      bool     `name:"acme" help:"Das Zertifikat bei Let's Encrypt holen und erneuern. Damit stimmen Sie dessen Bedingungen zu." env:"NESTFUNK_ACME"`
	ACMEURL   string   `name:"acme-url" help:"Verzeichnis einer anderen Zertifizierungsstelle, die ACME spricht." placeholder:"URL" env:"NESTFUNK_ACME_URL"`
	ACMERoots string   `name:"acme-roots" help:"Wurzelzertifikate dieser Stelle, wenn der Rechner sie nicht kennt." placeholder:"DATEI" env:"NESTFUNK_ACME_ROOTS"`
	Cert      string   `help:"Eigenes Zertifikat mit seiner Kette (PEM). Wird neu gelesen, wenn sich die Datei ändert." placeholder:"DATEI" env:"NESTFUNK_CERT"`
	Key       string   `help:"Der Schlüssel dazu (PEM)." placeholder:"DATEI" env:"NESTFUNK_KEY"`
	Proxy     []string `help:"Adresse oder Netz des Proxys, der verschlüsselt, zum Beispiel 127.0.0.1. Mehrere mit Komma." placeholder:"NETZ" env:"NESTFUNK_PROXY"`
	HTTP      string   `name:"http" help:"Adresse, die unverschlüsselte Anfragen auf --base weiterleitet, sonst Port 80, wenn --listen Port 443 hat; aus: keine." placeholder:"ADRESSE" env:"NESTFUNK_HTTP"`
}

// Args are the flags as they are written, without those that say what holds anyway.
func (f Flags) Args() (args []string) {
	for _, a := range [][2]string{{"--listen", f.Listen}, {"--base", strings.TrimSuffix(f.Base, "/")}, {"--acme-url", f.ACMEURL}, {"--acme-roots", f.ACMERoots},
		{"--cert", f.Cert}, {"--key", f.Key}, {"--proxy", strings.Join(f.Proxy, ",")}, {"--http", f.HTTP}} {
		if a[1] != "" {
			args = append(args, a[0], a[1])
		}
	}
	if f.ACME {
		args = append(args, "--acme")
	}
	return args
}

// LetsEncrypt is the directory that --acme asks.
const LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// off is the value of --http for none.
const off = "aus"

// A Plan is what Flags mean, once they were found to make sense.
type Plan struct {
	base    *url.URL // nil: http://localhost and the port
	listen  string
	http    string // address of the redirection; "": none
	pair    *pair  // own certificate; nil: none
	acme    *authority
	proxies []netip.Prefix // of which one encrypts; nil: none
}

// authority gives certificates.
type authority struct {
	directory string
	roots     *x509.CertPool // nil: the machine's
}

// Low reports whether a port is used that only root may open.
func (p *Plan) Low() bool {
	for _, at := range []string{p.listen, p.http} {
		if n := port(at); n > 0 && n < 1024 {
			return true
		}
	}
	return false
}

// Local reports whether nobody but this machine reaches the house.
func (f Flags) Local() bool { return loopback(f.at()) }

// at is where to listen.
func (f Flags) at() string {
	switch {
	case f.Listen != "":
		return f.Listen
	case f.ACME || f.Cert != "" || f.Key != "":
		return ":443"
	}
	return "127.0.0.1:8080"
}

// Check reads the files that are named, and nothing else. The error is one sentence for whoever has typed the flags.
func (f Flags) Check() (*Plan, error) {
	own := f.Cert != "" || f.Key != ""
	f.Listen = f.at()
	p := &Plan{listen: f.Listen}
	if !address(f.Listen) {
		return nil, wrong("--listen ist eine Adresse mit Port von 0 bis 65535, zum Beispiel 127.0.0.1:8080 oder :443.")
	}
	var err error
	if f.Base != "" {
		if p.base, err = Public(f.Base); err != nil {
			return nil, err
		}
	}
	secure := p.base != nil && p.base.Scheme == "https"
	switch {
	case f.ACME && own:
		return nil, wrong("--acme holt ein Zertifikat, --cert bringt eines mit. Bitte geben Sie nur eines von beiden an.")
	case f.Proxy != nil && (f.ACME || own):
		return nil, wrong("Entweder verschlüsselt das Haus selbst oder der Proxy. Bitte geben Sie --proxy ohne --acme, --cert und --key an.")
	case f.Cert != "" && f.Key == "":
		return nil, wrong("Zu --cert gehört mit --key die Datei mit dem Schlüssel.")
	case f.Key != "" && f.Cert == "":
		return nil, wrong("Zu --key gehört mit --cert die Datei mit dem Zertifikat.")
	case (f.ACME || own || f.Proxy != nil) && p.base == nil:
		return nil, wrong("Wer von außen erreichbar sein soll, braucht mit --base seine öffentliche Adresse, zum Beispiel --base https://kita.example.org.")
	case (f.ACME || own || f.Proxy != nil) && !secure:
		return nil, wrong("%s gilt nur auf diesem Rechner und ohne Verschlüsselung. Bitte geben Sie mit --base eine Adresse mit https:// an oder lassen Sie --acme, --cert und --proxy weg.", f.Base)
	case !f.ACME && (f.ACMEURL != "" || f.ACMERoots != ""):
		return nil, wrong("--acme-url und --acme-roots gelten nur zusammen mit --acme.")
	case !f.ACME && !own && f.HTTP != "":
		return nil, wrong("--http gilt nur, wenn das Haus selbst verschlüsselt: zusammen mit --acme oder mit --cert und --key.")
	case f.ACME || own || f.Proxy != nil:
	case secure:
		return nil, wrong("Bitte sagen Sie, wer %s verschlüsselt: --acme holt ein Zertifikat, --cert und --key nennen ein eigenes, --proxy nennt den Proxy davor, zum Beispiel --proxy 127.0.0.1.", p.base)
	case !loopback(f.Listen) && p.base == nil:
		return nil, wrong("Wer von außen erreichbar sein soll, braucht mit --base seine öffentliche Adresse, zum Beispiel --base https://kita.example.org.")
	case !loopback(f.Listen):
		return nil, wrong("Unverschlüsselt ist ein Haus nur auf diesem Rechner erlaubt, zum Beispiel mit --listen 127.0.0.1:8080.")
	}
	if f.Proxy != nil {
		p.proxies, err = networks(f.Proxy)
		return p, err
	}
	if f.ACME || own {
		if p.http, err = f.plain(); err != nil {
			return nil, err
		}
	}
	if own {
		p.pair = &pair{cert: f.Cert, key: f.Key}
		return p, p.pair.first(p.base.Hostname())
	}
	if f.ACME {
		p.acme, err = f.authority(p)
	}
	return p, err
}

// plain is where unencrypted requests are sent on.
func (f Flags) plain() (string, error) {
	host, _, _ := net.SplitHostPort(f.Listen)
	switch n := port(f.Listen); {
	case n == 80:
		return "", wrong("Auf Port 80 erwartet niemand TLS. Bitte geben Sie --listen :443 an; Port 80 leitet dann von selbst weiter.")
	case f.HTTP == off || f.HTTP == "" && n != 443:
		return "", nil
	case f.HTTP == "":
		return net.JoinHostPort(host, "80"), nil
	case !address(f.HTTP):
		return "", wrong("--http ist eine Adresse mit Port, zum Beispiel :80, oder „aus“.")
	case port(f.HTTP) == n && n > 0:
		return "", wrong("--listen und --http brauchen verschiedene Ports.")
	}
	return f.HTTP, nil
}

func (f Flags) authority(p *Plan) (*authority, error) {
	a := &authority{directory: LetsEncrypt}
	host := p.base.Hostname()
	_, ip := netip.ParseAddr(host)
	switch u, err := url.Parse(f.ACMEURL); {
	case f.ACMERoots != "" && f.ACMEURL == "":
		return nil, wrong("--acme-roots gehört zu --acme-url. Let's Encrypt kennt der Rechner auch so.")
	case f.ACMEURL != "" && (err != nil || u.Scheme != "https" || u.Host == ""):
		return nil, wrong("--acme-url ist die Adresse eines ACME-Verzeichnisses und beginnt mit https://.")
	case ip == nil || !strings.Contains(host, "."):
		return nil, wrong("Für %s stellt niemand ein Zertifikat aus. Bitte geben Sie mit --base einen Namen an, der im Internet gilt.", host)
	case f.ACMEURL == "" && loopback(f.Listen):
		return nil, wrong("Unter %s erreicht Let's Encrypt das Haus nicht. Bitte geben Sie --listen :443 an.", f.Listen)
	case f.HTTP == "" && port(f.Listen) != 443:
		return nil, wrong("Die Zertifizierungsstelle fragt auf Port 80 und 443 nach. Bitte geben Sie --listen :443 an, oder mit --http, wo Port 80 ankommt.")
	}
	if f.ACMEURL != "" {
		a.directory = f.ACMEURL
	}
	if f.ACMERoots != "" {
		pem, err := os.ReadFile(f.ACMERoots)
		a.roots = x509.NewCertPool()
		if err != nil || !a.roots.AppendCertsFromPEM(pem) {
			return nil, wrong("In %s stehen keine Zertifikate, die sich lesen lassen.", f.ACMERoots)
		}
	}
	return a, nil
}

// Public reads the address by which people know a house: with https and without a path, or http://localhost.
func Public(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return nil, wrong("--base ist die öffentliche Adresse ohne Pfad und beginnt mit https://, zum Beispiel https://kita.example.org.")
	}
	if n, err := strconv.ParseUint(cmp.Or(u.Port(), "443"), 10, 16); err != nil || n == 0 || strings.HasSuffix(u.Host, ":") {
		return nil, wrong("--base nennt nach dem Doppelpunkt einen Port von 1 bis 65535, oder keinen.")
	}
	host := strings.ToLower(u.Host) // as browsers write it
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	name := (&url.URL{Host: host}).Hostname()
	if _, err := netip.ParseAddr(name); err != nil && !regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$`).MatchString(name) {
		return nil, wrong("%s ist kein Name, den Browser senden. Umlaute schreiben Sie als xn--…, und am Ende steht kein Punkt.", name)
	}
	return &url.URL{Scheme: u.Scheme, Host: host}, nil
}

// networks are those of proxies. A network with everybody in it would have everybody believed.
func networks(words []string) (all []netip.Prefix, err error) {
	for _, w := range words {
		n, err := netip.ParsePrefix(w)
		if a, e := netip.ParseAddr(w); e == nil && a.Zone() == "" {
			n, err = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
		}
		switch {
		case err != nil:
			return nil, wrong("--proxy nennt eine Adresse oder ein Netz, zum Beispiel 127.0.0.1 oder 10.0.0.0/24; „%s“ ist keines von beiden.", w)
		case n.Bits() < 8:
			return nil, wrong("Das Netz %s ist zu groß: Wer darin ist, dürfte behaupten, woher eine Anfrage kommt.", w)
		}
		all = append(all, n.Masked())
	}
	return all, nil
}

func wrong(words string, args ...any) error { return fault.New(fault.Invalid, words, args...) }

// address reports whether one can listen at s.
func address(s string) bool {
	_, p, err := net.SplitHostPort(s)
	return err == nil && regexp.MustCompile(`^\d{1,5}$`).MatchString(p) && port(s) >= 0
}

// port is that of an address; -1: there is none.
func port(s string) int {
	a, err := netip.ParseAddrPort("[::]:" + s[strings.LastIndexByte(s, ':')+1:])
	if err != nil {
		return -1
	}
	return int(a.Port())
}

// loopback reports whether only this machine reaches an address.
func loopback(s string) bool {
	host, _, err := net.SplitHostPort(s)
	a, bad := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || bad == nil && a.Unmap().IsLoopback())
}
