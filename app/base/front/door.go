package front

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/caddyserver/certmagic"
)

// A Door is a plan whose addresses are open.
type Door struct {
	*Plan
	Base *url.URL // where people reach the house, without a path

	ln, plain net.Listener                     // plain nil: there is no redirection
	pace      time.Duration                    // between looks at the certificate's age; 0: certmagic's
	told      func(event string, renewal bool) // of a certificate; nil: nobody
	silent    bool                             // TLS-ALPN-01 is left out
	cache     *certmagic.Cache                 // nil, as are the next two: no ACME
	config    *certmagic.Config
	issuer    *certmagic.ACMEIssuer
	send      *http.Server // of plain
}

// Refused is an address that cannot be opened.
type Refused struct {
	Flag, Address string
	Err           error
}

func (r *Refused) Error() string { return r.Flag + " " + r.Address + ": " + r.Err.Error() }

// Unwrap is why.
func (r *Refused) Unwrap() error { return r.Err }

// Open opens the addresses. The error is a *Refused.
func (p *Plan) Open() (*Door, error) {
	d := &Door{Plan: p, Base: p.base}
	var err error
	if d.ln, err = net.Listen("tcp", p.listen); err != nil {
		return nil, &Refused{"--listen", p.listen, err}
	}
	if p.http != "" {
		if d.plain, err = net.Listen("tcp", p.http); err != nil {
			return nil, errors.Join(&Refused{"--http", p.http, err}, d.ln.Close())
		}
	}
	if d.Base == nil {
		d.Base = &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", number(d.ln.Addr()))} // passkeys refuse addresses
	}
	return d, nil
}

func number(a net.Addr) string {
	_, port, _ := net.SplitHostPort(a.String()) // it is that of a listener
	return port
}

// Authority is the directory of who gives the certificate; "": nobody is asked.
func (d *Door) Authority() string {
	if d.acme == nil {
		return ""
	}
	return d.acme.directory
}

// Begin gets a certificate, if it has to come from an authority, into a folder, and sends unencrypted requests on. Close
// ends both.
func (d *Door) Begin(ctx context.Context, folder string) error {
	if d.acme != nil {
		if err := d.manage(ctx, folder); err != nil {
			return err
		}
	}
	if d.plain != nil {
		d.send = &http.Server{Handler: d.onward(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
			IdleTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
		go func() {
			if err := d.send.Serve(d.plain); !errors.Is(err, http.ErrServerClosed) {
				slog.Error("redirection ended", "err", err)
			}
		}()
	}
	return nil
}

// Serve answers until srv is shut down. Begin comes before it.
func (d *Door) Serve(srv *http.Server) error {
	srv.Handler = d.Handler(srv.Handler)
	switch {
	case d.pair != nil:
		srv.TLSConfig = modern()
		srv.TLSConfig.GetCertificate = d.pair.get
	case d.acme == nil:
		return srv.Serve(d.ln)
	default:
		srv.TLSConfig = modern()
		srv.TLSConfig.GetCertificate = d.config.GetCertificate
		srv.TLSConfig.NextProtos = append(srv.TLSConfig.NextProtos, "acme-tls/1")
	}
	return srv.ServeTLS(d.ln, "", "")
}

// Close ends what Begin has begun, and closes the addresses.
func (d *Door) Close() error {
	if d.cache != nil {
		d.cache.Stop()
		d.cache = nil
	}
	var err error
	if d.send != nil {
		err = d.send.Close()
	} else if d.plain != nil {
		err = d.plain.Close()
	}
	if e := d.ln.Close(); !errors.Is(e, net.ErrClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// modern is what browsers since 2018 speak: TLS 1.3, and 1.2 with forward secrecy and without CBC.
func modern() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, CipherSuites: []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256}}
}

// onward answers unencrypted requests: the authority's, and with the address of the house, whatever the request calls it.
func (d *Door) onward() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.issuer.HandleHTTPChallenge(w, r) { // false for nil
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Connection", "close")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Hier geht es nur verschlüsselt weiter: "+d.Base.String(), http.StatusBadRequest)
			return
		}
		to := *d.Base
		to.Path, to.RawPath, to.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
		http.Redirect(w, r, to.String(), http.StatusPermanentRedirect)
	})
}
