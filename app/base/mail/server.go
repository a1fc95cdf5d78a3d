package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"strconv"
	"time"

	"nestfunk/app/base/dial"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

const timeout = 20 * time.Second // of every step with a server

// server is where and how to sign in. It is a value, so that two can be compared.
type server struct {
	host     string
	port     int
	security string // tls, starttls or none
	user     string
	password string
	lost     bool // the password is stored, but sealed with another key
}

func (s server) addr() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// check refuses to talk in the clear to any machine but this one.
func (s server) check() error {
	switch {
	case s.host == "":
		return &failure{step: setup, words: "Es ist kein Mailserver eingerichtet."}
	case s.lost:
		return &failure{step: setup, words: "Das gespeicherte Passwort lässt sich nicht mehr lesen, weil die Schlüsseldatei fehlt oder eine andere ist. Bitte geben Sie es neu ein."}
	case s.security != "tls" && s.security != "starttls" && !Loopback(s.host):
		return &failure{step: setup, words: "Ohne Verschlüsselung wird nur ein Mailserver auf demselben Rechner benutzt. Bitte wählen Sie TLS oder STARTTLS."}
	}
	return nil
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// outgoing is a server with what stands in every mail.
type outgoing struct {
	server
	house, from, reply string
}

func (o outgoing) ready() bool { return o.check() == nil && o.from != "" }

func loadOutgoing(tx *store.Tx, s *settings.Settings) (o outgoing, err error) {
	o.server, err = load(tx, s, serverNames{settings.MailHost, settings.MailPort, settings.MailSecurity, settings.MailUser, settings.MailPassword},
		map[string]int{"tls": 465, "starttls": 587, "none": 25})
	if err != nil {
		return o, err
	}
	for name, v := range map[string]*string{settings.HouseName: &o.house, settings.MailFrom: &o.from, settings.MailReply: &o.reply} {
		if *v, err = s.Get(tx, name); err != nil {
			return o, err
		}
	}
	return o, nil
}

func loadBounces(tx *store.Tx, s *settings.Settings) (server, error) {
	return load(tx, s, serverNames{settings.BounceHost, settings.BouncePort, settings.BounceSecurity, settings.BounceUser, settings.BouncePassword},
		map[string]int{"tls": 993, "starttls": 143, "none": 143})
}

type serverNames struct{ host, port, security, user, password string }

func load(tx *store.Tx, s *settings.Settings, n serverNames, ports map[string]int) (v server, err error) {
	var port string
	for name, p := range map[string]*string{n.host: &v.host, n.port: &port, n.security: &v.security, n.user: &v.user} {
		if *p, err = s.Get(tx, name); err != nil {
			return v, err
		}
	}
	if v.security == "" {
		v.security = "starttls"
	}
	if v.port, err = strconv.Atoi(port); err != nil {
		v.port = ports[v.security]
	}
	if v.password, err = s.Secret(tx, n.password); err != nil {
		return v, err
	}
	lost, err := s.Lost(tx)
	for _, name := range lost {
		v.lost = v.lost || name == n.password
	}
	return v, err
}

// dial opens the connection, with TLS from the start where the server wants it so.
func (s server) dial(ctx context.Context, roots *x509.CertPool) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	d := dial.To(dial.Server, nil)
	if s.security != "tls" {
		return d.DialContext(ctx, "tcp", s.addr())
	}
	t := tls.Dialer{NetDialer: d, Config: s.tls(roots)}
	return t.DialContext(ctx, "tcp", s.addr())
}

func (s server) tls(roots *x509.CertPool) *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: roots, MinVersion: tls.VersionTLS12}
}
