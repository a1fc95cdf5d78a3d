package mail

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/settings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// mailbox is an IMAP server with one inbox, and a Bounces that reads it.
type mailbox struct {
	user *imapmemserver.User
	*Bounces
	smtp *SMTP
}

func newMailbox(t *testing.T, security string) *mailbox {
	t.Helper()
	cert, roots := certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	user := imapmemserver.NewUser("kita", "geheim")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	options := &imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps:   imap.CapSet{imap.CapIMAP4rev1: {}},
		Logger: log.New(io.Discard, "", 0),
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	switch security {
	case "tls":
		ln = tls.NewListener(ln, cert)
	case "starttls":
		options.TLSConfig = cert
	case "none":
		options.InsecureAuth = true
	}
	srv := imapserver.New(options)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	s := office(t, map[string]string{settings.BounceHost: "127.0.0.1", settings.BouncePort: port, settings.BounceSecurity: security,
		settings.BounceUser: "kita", settings.BouncePassword: "geheim"})
	return &mailbox{user, &Bounces{DB: s.DB, Settings: s.Settings, RootCAs: roots}, s}
}

// drop puts an example into the inbox, with the mark of this house where it has ours.
func (m *mailbox) drop(t *testing.T, name, ref string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "bounce", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	if ref != "" {
		raw = bytes.ReplaceAll(raw, []byte("17-6.0123456789abcdef"), []byte(ref+"."+m.Settings.Mark(markPurpose, ref)))
	}
	raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
	if _, err := m.user.Append("INBOX", literal{bytes.NewReader(raw), int64(len(raw))}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

type literal struct {
	io.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

func (m *mailbox) unseen(t *testing.T) uint32 {
	t.Helper()
	s, err := m.user.Status("INBOX", &imap.StatusOptions{NumUnseen: true})
	if err != nil {
		t.Fatal(err)
	}
	return *s.NumUnseen
}

func TestFetchSecurity(t *testing.T) {
	for _, security := range []string{"starttls", "none"} {
		m := newMailbox(t, security)
		m.drop(t, "postfix", "17-6")
		if n, err := m.Fetch(t.Context(), func(Bounce) error { return nil }); n != 1 || err != nil {
			t.Errorf("%s: %d, %v", security, n, err)
		}
	}
}

func TestFetch(t *testing.T) {
	m := newMailbox(t, "tls")
	m.drop(t, "postfix", "17-6")
	m.drop(t, "holiday", "17-6") // left to whoever reads the mailbox
	m.drop(t, "exchange", "17-7")
	m.drop(t, "postfix-delayed", "17-8") // not yet lost
	m.drop(t, "other-house", "")         // not ours
	m.drop(t, "exim", "")                // says it is ours, with a mark that we have not made
	var refs []string
	note := func(b Bounce) error {
		refs = append(refs, b.Ref+" "+b.Recipient+" "+b.Why)
		return nil
	}
	n, err := m.Fetch(t.Context(), note)
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	want := "17-6 ada@example.com Diese Mailadresse gibt es nicht (mehr).\n17-7 ada@example.com Das Postfach ist voll."
	if got := strings.Join(refs, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if n := m.unseen(t); n != 3 {
		t.Errorf("%d unseen, want holiday, other house and forgery", n)
	}
	m.drop(t, "postfix", "17-9")
	if n, err := m.Fetch(t.Context(), note); err != nil || n != 1 || len(refs) != 3 {
		t.Errorf("second visit: %d, %v, %v", n, err, refs)
	}
	if n, err := m.Fetch(t.Context(), note); err != nil || n != 0 {
		t.Errorf("third visit: %d, %v", n, err)
	}
}

// What could not be noted comes again, also after a restart.
func TestFetchAgain(t *testing.T) {
	m := newMailbox(t, "tls")
	m.drop(t, "postfix", "17-6")
	broken := errors.New("disk is full")
	if _, err := m.Fetch(t.Context(), func(Bounce) error { return broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if n := m.unseen(t); n != 1 {
		t.Error("marked as seen, though nobody has noted it")
	}
	if n, err := m.Fetch(t.Context(), func(Bounce) error { return nil }); n != 1 || err != nil {
		t.Error(n, err)
	}
}

func TestFetchFails(t *testing.T) {
	for name, c := range map[string]struct{ setting, value, want string }{
		"password":   {settings.BouncePassword, "falsch", "Benutzername oder Passwort"},
		"not set up": {settings.BounceHost, "", "kein Postfach"},
		"nobody":     {settings.BouncePort, "1", "nimmt keine Verbindung an"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMailbox(t, "tls")
			set(t, m.smtp, map[string]string{c.setting: c.value})
			_, err := m.Fetch(t.Context(), nil)
			if err == nil || !strings.Contains(Words(err), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
	t.Run("no starttls", func(t *testing.T) {
		m := newMailbox(t, "none")
		set(t, m.smtp, map[string]string{settings.BounceSecurity: "starttls"})
		if _, err := m.Fetch(t.Context(), nil); err == nil || !strings.Contains(Words(err), "bietet kein STARTTLS an") {
			t.Error(err)
		}
	})
	t.Run("certificate", func(t *testing.T) {
		m := newMailbox(t, "tls")
		m.RootCAs = nil
		if _, err := m.Fetch(t.Context(), nil); err == nil || !strings.Contains(Words(err), "traut dieser Rechner nicht") {
			t.Error(err)
		}
	})
}
