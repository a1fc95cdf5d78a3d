package sms

import (
	"net"
	"net/netip"
	"slices"
	"strconv"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// The drivers, as the settings name them.
const (
	Seven = "seven"
	SMPP  = "smpp"
)

// config is what the operator has set.
type config struct {
	driver string
	from   string // name or number of the sender
	price  int    // of one SMS, in tenths of a cent
	limit  int    // SMS a day
	key    string // of seven.io
	smsc   smsc
	lost   bool // a secret is stored, but sealed with another key
}

// smsc is the server of an SMPP provider, and how to sign in. It is a value, so that two can be compared.
type smsc struct {
	host     string
	port     int
	security string // tls or none
	user     string
	password string
}

func (s smsc) addr() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// Near reports whether a host is this machine or an address of a private network, as behind a VPN: only there does SMPP
// without TLS tell nobody the password and the numbers of families.
func Near(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && (a.IsLoopback() || a.IsPrivate())
}

func load(tx *store.Tx, s *settings.Settings) (c config, err error) {
	var port, price, limit string
	for name, v := range map[string]*string{settings.SMSDriver: &c.driver, settings.SMSFrom: &c.from, settings.SMSPrice: &price,
		settings.SMSLimit: &limit, settings.SMSHost: &c.smsc.host, settings.SMSPort: &port, settings.SMSSecurity: &c.smsc.security,
		settings.SMSUser: &c.smsc.user} {
		if *v, err = s.Get(tx, name); err != nil {
			return c, err
		}
	}
	for name, v := range map[string]*string{settings.SMSKey: &c.key, settings.SMSPassword: &c.smsc.password} {
		if *v, err = s.Secret(tx, name); err != nil {
			return c, err
		}
	}
	for v, text := range map[*int]string{&c.price: price, &c.limit: limit, &c.smsc.port: port} {
		if *v, err = strconv.Atoi(text); err != nil {
			*v = 0 // not set
		}
	}
	if c.smsc.port == 0 {
		c.smsc.port = map[string]int{"tls": 3550, "none": 2775}[c.smsc.security]
	}
	lost, err := s.Lost(tx)
	c.lost = c.driver == Seven && slices.Contains(lost, settings.SMSKey) || c.driver == SMPP && slices.Contains(lost, settings.SMSPassword)
	return c, err
}

// check says what keeps SMS from going out.
func (c config) check() error {
	switch {
	case c.driver != Seven && c.driver != SMPP:
		return &failure{words: "Es ist kein SMS-Versand eingerichtet."}
	case c.lost:
		return &failure{words: "Das gespeicherte Passwort lässt sich nicht mehr lesen, weil die Schlüsseldatei fehlt oder eine andere ist. Bitte geben Sie es neu ein."}
	case c.driver == Seven && c.key == "", c.driver == SMPP && (c.smsc.host == "" || c.smsc.user == ""):
		return &failure{words: "Der SMS-Versand ist nicht vollständig eingerichtet."}
	case c.driver == SMPP && c.smsc.security != "tls" && !Near(c.smsc.host):
		return &failure{words: "Ohne Verschlüsselung wird SMPP nur auf demselben Rechner oder in einem privaten Netz benutzt. Bitte wählen Sie TLS."}
	}
	return nil
}
