package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// sink is a mail server that keeps what it is given.
type sink struct {
	startTLS, auth bool
	answer         func(command string) string // "": the usual
	tls            *tls.Config
	ln             net.Listener

	mu    sync.Mutex
	lines int // connections
	open  []net.Conn
	mails []string   // head and body
	said  [][]string // commands, by connection
}

// serve starts a sink; with implicit TLS if s.tls is set and startTLS is not.
func serve(t *testing.T, s *sink) *sink {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.ln = ln
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			n := s.lines
			s.lines++
			s.said = append(s.said, nil)
			s.open = append(s.open, c)
			s.mu.Unlock()
			wg.Go(func() { s.talk(c, n) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		s.hangUp()
		wg.Wait()
	})
	return s
}

// hangUp ends all connections, as a server does that restarts.
func (s *sink) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		_ = c.Close()
	}
	s.open = nil
}

func (s *sink) port() string {
	_, port, _ := net.SplitHostPort(s.ln.Addr().String())
	return port
}

func (s *sink) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.mails...)
}

// told is everything that a connection has said.
func (s *sink) told(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n >= len(s.said) {
		return ""
	}
	return strings.Join(s.said[n], "\n")
}

func (s *sink) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines
}

func (s *sink) talk(c net.Conn, n int) {
	defer c.Close()
	secure := s.tls != nil && !s.startTLS
	if secure {
		c = tls.Server(c, s.tls)
	}
	in := bufio.NewReader(c)
	say := func(line string) { fmt.Fprint(c, line+"\r\n") }
	say("220 sink")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.said[n] = append(s.said[n], line)
		s.mu.Unlock()
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if s.answer != nil {
			if a := s.answer(line); a != "" {
				say(a)
				if strings.HasPrefix(a, "421") {
					return
				}
				continue
			}
		}
		switch verb {
		case "EHLO":
			lines := []string{"sink", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8"}
			if s.startTLS && !secure {
				lines = append(lines, "STARTTLS")
			}
			if s.auth {
				lines = append(lines, "AUTH PLAIN LOGIN")
			}
			for i, l := range lines {
				sep := "-"
				if i == len(lines)-1 {
					sep = " "
				}
				say("250" + sep + l)
			}
		case "STARTTLS":
			say("220 go ahead")
			t := tls.Server(c, s.tls)
			if t.Handshake() != nil {
				return
			}
			c, in, secure = t, bufio.NewReader(t), true
		case "AUTH":
			say("235 2.7.0 welcome")
		case "DATA":
			say("354 go ahead")
			var mail strings.Builder
			for {
				l, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				mail.WriteString(l)
			}
			if s.answer != nil {
				if a := s.answer("."); a != "" {
					say(a)
					continue
				}
			}
			s.mu.Lock()
			s.mails = append(s.mails, mail.String())
			s.mu.Unlock()
			say("250 2.0.0 queued")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 2.0.0 ok")
		}
	}
}

// certificate makes one for a name, valid until a time, and the roots that trust it.
func certificate(t *testing.T, name string, until time.Time) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-48 * time.Hour),
		NotAfter: until, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}

// office is a house that sends mail, with settings as given.
func office(t *testing.T, values map[string]string) *SMTP {
	t.Helper()
	schema, err := os.ReadFile("../../../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "db"), string(schema))
	if err != nil {
		t.Fatal(err)
	}
	s := &SMTP{DB: db, Settings: settings.New(make([]byte, 32)), Base: &url.URL{Scheme: "https", Host: "kita.example:8443"},
		Now: func() time.Time { return time.Date(2026, 3, 2, 6, 12, 0, 0, time.UTC) }}
	t.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	set(t, s, values)
	return s
}

func set(t *testing.T, s *SMTP, values map[string]string) {
	t.Helper()
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		for name, value := range values {
			if err := s.Settings.Set(tx, name, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// through is the settings for a sink in the clear.
func through(s *sink, more ...string) map[string]string {
	values := map[string]string{settings.MailHost: "127.0.0.1", settings.MailPort: s.port(), settings.MailSecurity: "none",
		settings.MailFrom: "kita@example.org", settings.HouseName: "Kitas in Müsterhausen"}
	for i := 0; i < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	return values
}

func letter() Message {
	return Message{To: "ada@example.org", Name: "Ada Demir", Subject: "Käfer bleibt heute zu", Text: "Bitte bestätigen Sie.\n", HTML: "<p>Bitte bestätigen Sie.</p>",
		Kind: News, Ref: "17-6", Unsubscribe: "https://kita.example/abmelden?t=x", Language: "tr"}
}
