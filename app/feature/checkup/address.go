package checkup

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
)

const (
	patience = 10 * time.Second    // with a name server, and with our own address
	renewal  = 14 * 24 * time.Hour // certificates are renewed a month before they end; later, something is wrong
)

// address looks from outside whether browsers get here: name, certificate. roots nil: the machine's.
func address(ctx context.Context, r *Report, base *url.URL, roots *x509.CertPool, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	host := base.Hostname()
	if base.Scheme != "https" {
		if mail.Loopback(host) {
			r.add("address", "Adresse", Fine, "%s gilt nur auf diesem Rechner.", base)
			return
		}
		r.add("address", "Adresse", Broken, "%s ist nicht verschlüsselt.", base)
		return
	}
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		r.add("address", "Adresse", Broken, "Der Name %s führt nirgendwohin. Bitte prüfen Sie den Eintrag im DNS.", host)
		return
	}
	d := tls.Dialer{Config: &tls.Config{RootCAs: roots, Time: func() time.Time { return now }}}
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, cmp.Or(base.Port(), "443")))
	if err != nil {
		if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
			r.add("address", "Adresse", Hint, "Das Zertifikat von %s hat eine Stelle ausgestellt, die dieser Rechner nicht kennt. Ob Browser sie kennen, weiß er nicht.", host)
			return
		}
		if _, ok := err.(*tls.CertificateVerificationError); ok {
			r.add("address", "Adresse", Broken, "Das Zertifikat von %s gilt nicht: abgelaufen oder für einen anderen Namen.", host)
			return
		}
		r.add("address", "Adresse", Broken, "Unter %s antwortet niemand mit TLS. Bitte prüfen Sie Proxy und Firewall.", base)
		return
	}
	defer c.Close() // it was only looked at
	ends := c.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter
	day := house.Local(ends).Format("02.01.2006")
	if ends.Sub(now) < renewal {
		r.add("address", "Adresse", Hint, "Das Zertifikat von %s endet am %s und ist noch nicht erneuert.", host, day)
		return
	}
	r.add("address", "Adresse", Fine, "%s antwortet, das Zertifikat gilt bis %s.", base, day)
}
