package front

import (
	"context"
	"log/slog"
	"net"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// manage gets a certificate and has it renewed from now on, without waiting for it: a house whose authority is away
// still starts, and browsers are told by a failed handshake. The log has what goes wrong, and so has the doctor.
func (d *Door) manage(ctx context.Context, folder string) error {
	quiet := zap.NewNop() // what matters comes as an event
	var magic *certmagic.Config
	d.cache = certmagic.NewCache(certmagic.CacheOptions{Logger: quiet, RenewCheckInterval: d.pace,
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil }})
	host := d.Base.Hostname()
	magic = certmagic.New(d.cache, certmagic.Config{Storage: &certmagic.FileStorage{Path: folder}, DefaultServerName: host, Logger: quiet,
		OnEvent: d.event, OCSP: certmagic.OCSPConfig{DisableStapling: true}}) // it would ask one more server
	at, _, _ := net.SplitHostPort(d.listen) // Check has read it
	issuer := certmagic.ACMEIssuer{CA: d.acme.directory, TrustedRoots: d.acme.roots, Agreed: true, ListenHost: at, Logger: quiet,
		AltTLSALPNPort: port(d.ln.Addr().String()), DisableHTTPChallenge: d.plain == nil, DisableTLSALPNChallenge: d.silent}
	if d.plain != nil {
		issuer.AltHTTPPort = port(d.plain.Addr().String())
	}
	d.issuer = certmagic.NewACMEIssuer(magic, issuer)
	magic.Issuers = []certmagic.Issuer{d.issuer}
	d.config = magic
	return magic.ManageAsync(ctx, []string{host})
}

// event tells the log what became of a certificate.
func (d *Door) event(_ context.Context, name string, data map[string]any) error {
	renewal, _ := data["renewal"].(bool)
	switch name {
	case "cert_obtained":
		slog.Info("certificate obtained", "renewal", renewal)
	case "cert_failed":
		slog.Error("no certificate; it is tried again", "renewal", renewal, "err", data["error"])
	default:
		return nil
	}
	if d.told != nil {
		d.told(name, renewal)
	}
	return nil
}
