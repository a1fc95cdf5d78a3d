package front

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"time"

	"nestfunk/app/base/fault"
)

// A pair is a certificate with its key, in two files that somebody else renews.
type pair struct {
	cert, key string // files

	mu   sync.Mutex
	read stamp // of the files as they were read
	bad  stamp // of the files as they could not be read
	got  *tls.Certificate
}

// A stamp tells whether files have changed.
type stamp [2]struct {
	size int64
	at   time.Time
}

func (p *pair) stamp() (s stamp, err error) {
	for i, name := range []string{p.cert, p.key} {
		info, err := os.Stat(name)
		if err != nil {
			return s, err
		}
		s[i].size, s[i].at = info.Size(), info.ModTime()
	}
	return s, nil
}

// first reads the files for the first time, and refuses a certificate that no browser would take for host. One that has
// expired is taken: mails and backups go on while somebody renews it.
func (p *pair) first(host string) error {
	for _, name := range []string{p.cert, p.key} {
		if _, err := os.ReadFile(name); err != nil {
			return wrong("Die Datei %s kann nicht gelesen werden: %s", name, fault.Cause(err))
		}
	}
	if err := p.load(); err != nil {
		return wrong("%s und %s gehören nicht zusammen oder sind kein Zertifikat mit Schlüssel (PEM).", p.cert, p.key)
	}
	if err := p.got.Leaf.VerifyHostname(host); err != nil {
		return wrong("Das Zertifikat in %s gilt nicht für %s.", p.cert, host)
	}
	return nil
}

func (p *pair) load() error {
	s, err := p.stamp()
	if err != nil {
		return err
	}
	c, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return err
	}
	if c.Leaf == nil {
		if c.Leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return err
		}
	}
	p.read, p.got = s, &c
	return nil
}

// get is the certificate for a handshake: the one of the files as they are now or, while they cannot be read or do not
// belong together, the last one that could.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, err := p.stamp()
	if err == nil && s == p.read {
		return p.got, nil
	}
	if err == nil {
		err = p.load()
	}
	switch {
	case err == nil:
		slog.Info("certificate read", "until", p.got.Leaf.NotAfter)
	case s != p.bad || s == (stamp{}):
		p.bad = s
		slog.Error("the new certificate cannot be read; the last one stays", "err", err)
	}
	if p.got == nil {
		return nil, fault.New(fault.Internal, "no certificate")
	}
	return p.got, nil
}
