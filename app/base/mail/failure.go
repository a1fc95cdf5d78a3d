package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"syscall"
	"unicode"

	"github.com/emersion/go-imap/v2"
)

// A step is how far a mail has come.
type step int

const (
	checking  step = iota // before anything was sent
	setup                 // settings
	connect               // connection and greeting
	login                 // user and password
	sender                // MAIL FROM
	recipient             // RCPT TO
	content               // DATA
)

// A failure tells an operator in German what went wrong. It names no address of a person, since it is kept in the
// outbox and in logs.
type failure struct {
	step  step
	final bool   // no further try can mend it
	words string // complete sentences
	reply string // of the server
	cause error
}

func (f *failure) Error() string {
	if f.reply == "" {
		return f.words
	}
	return f.words + " Antwort des Servers: " + f.reply
}

func (f *failure) Unwrap() error { return f.cause }

// Refused reports whether this recipient, or this mail to them, was refused for good. All else may be tried again.
func Refused(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.final
}

// Words says in German what a server, or the settings for it, made fail; "" for any other error, which is internal.
func Words(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.Error()
	}
	return ""
}

// unreachable explains why no conversation with a server came about.
func unreachable(s server, err error) error {
	f := &failure{step: connect, cause: err}
	where := fmt.Sprintf("%s (Port %d)", s.host, s.port)
	if code, ok := errors.AsType[*textproto.Error](err); ok {
		f.reply = said(code)
	}
	dns, noName := errors.AsType[*net.DNSError](err)
	netErr, isNet := errors.AsType[net.Error](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, otherName := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case noName && dns.IsNotFound:
		f.words = fmt.Sprintf("Einen Server mit dem Namen %s gibt es nicht. Bitte prüfen Sie den Namen.", s.host)
	case noName:
		f.words = fmt.Sprintf("Der Name %s lässt sich gerade nicht auflösen. Vielleicht fehlt die Verbindung zum Internet.", s.host)
	case unknown:
		f.words = fmt.Sprintf("Dem Zertifikat von %s traut dieser Rechner nicht: Es ist selbst ausgestellt oder von einer unbekannten Stelle.", s.host)
	case otherName:
		f.words = fmt.Sprintf("Das Zertifikat gehört nicht zu %s. Bitte geben Sie den Namen ein, auf den das Zertifikat ausgestellt ist.", s.host)
	case isInvalid && invalid.Reason == x509.Expired:
		f.words = fmt.Sprintf("Das Zertifikat von %s ist abgelaufen oder gilt noch nicht.", s.host)
	case isInvalid:
		f.words = fmt.Sprintf("Das Zertifikat von %s ist ungültig.", s.host)
	case noTLS:
		f.words = fmt.Sprintf("%s spricht kein TLS von Anfang an. Bitte wählen Sie STARTTLS oder einen anderen Port.", where)
	case strings.Contains(err.Error(), "STARTTLS"):
		f.words = fmt.Sprintf("%s bietet kein STARTTLS an. Bitte wählen Sie TLS mit dem passenden Port.", where)
	case errors.Is(err, syscall.ECONNREFUSED):
		f.words = fmt.Sprintf("%s nimmt keine Verbindung an. Bitte prüfen Sie Name, Port und Verschlüsselung.", where)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		f.words = fmt.Sprintf("%s ist von hier aus nicht zu erreichen.", where)
	case errors.Is(err, context.DeadlineExceeded), isNet && netErr.Timeout():
		f.words = fmt.Sprintf("%s antwortet nicht. Bitte prüfen Sie Port und Verschlüsselung; vielleicht sperrt auch eine Firewall.", where)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		f.words = fmt.Sprintf("%s hat die Verbindung beendet. Bitte prüfen Sie Port und Verschlüsselung.", where)
	default:
		f.words = fmt.Sprintf("Mit %s kam keine Verbindung zustande.", where)
	}
	return f
}

// refusedLogin explains why a server did not let us in.
func refusedLogin(s server, err error) error {
	f := &failure{step: login, cause: err}
	code, isSMTP := errors.AsType[*textproto.Error](err)
	answer, isIMAP := errors.AsType[*imap.Error](err)
	switch {
	case isSMTP && code.Code >= 500:
		f.words, f.reply = fmt.Sprintf("%s hat Benutzername oder Passwort nicht angenommen.", s.host), said(code)
	case isSMTP:
		f.words, f.reply = fmt.Sprintf("%s lässt gerade keine Anmeldung zu.", s.host), said(code)
	case isIMAP:
		f.words, f.reply = fmt.Sprintf("%s hat Benutzername oder Passwort nicht angenommen.", s.host), clean(answer.Text)
	case strings.Contains(err.Error(), "SMTP AUTH"):
		f.words = fmt.Sprintf("%s bietet keine Anmeldung an, die dieses Programm kennt. Bitte lassen Sie den Benutzernamen leer oder wählen Sie einen anderen Port.", s.host)
	default:
		return unreachable(s, err)
	}
	return f
}

// said is a server's reply as it may be shown and kept.
func said(e *textproto.Error) string { return clean(fmt.Sprintf("%d %s", e.Code, e.Msg)) }

var addresses = regexp.MustCompile(`\S+@\S+`)

func clean(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	s = addresses.ReplaceAllString(s, "…")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
