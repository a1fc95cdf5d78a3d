package sms

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"
	"unicode"
)

// A step is how far an SMS has come when something failed.
type step int

const (
	unsent  step = iota // it has not gone out, and may be tried again
	refused             // it will never go out
	blocked             // refused, because the number has sent STOPP
	limited             // refused, because the day's SMS are used up
	unknown             // it may have gone out
)

// A failure tells an operator in German what went wrong. It names no number of a person, since it is kept in the outbox
// and in logs.
type failure struct {
	step  step
	words string // complete sentences
	reply string // of the provider
	cause error
}

func (f *failure) Error() string {
	if f.reply == "" {
		return f.words
	}
	return f.words + " Antwort des Anbieters: " + f.reply
}

func (f *failure) Unwrap() error { return f.cause }

// NumberBlocked is the error of a Sender for a number that has sent STOPP.
func NumberBlocked() error {
	return &failure{step: blocked, words: "SMS gesperrt: Von dieser Nummer kam STOPP."}
}

// NumberRefused is the error of a Sender whose provider does not take the number.
func NumberRefused() error {
	return &failure{step: refused, words: "Der SMS-Anbieter hat diese Nummer abgelehnt."}
}

// LimitReached is the error of a Sender when the day's SMS are used up.
func LimitReached(most int) error {
	return &failure{step: limited, words: fmt.Sprintf("Tagesgrenze erreicht: An einem Tag gehen höchstens %d SMS hinaus.", most)}
}

func stepOf(err error) (step, bool) {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		return unsent, false
	}
	return f.step, true
}

// Refused reports that this SMS was refused for good: by the provider, by STOPP or by the limit of the day. All else may
// be tried again.
func Refused(err error) bool {
	s, ok := stepOf(err)
	return ok && (s == refused || s == blocked || s == limited)
}

// Blocked reports that the number has sent STOPP. No SMS goes there any more, not even of a closure; whoever leads the
// facility has to know.
func Blocked(err error) bool { s, ok := stepOf(err); return ok && s == blocked }

// Limited reports that the limit of the day is reached.
func Limited(err error) bool { s, ok := stepOf(err); return ok && s == limited }

// Words says in German what a provider, or the settings for it, made fail; "" for any other error, which is internal.
func Words(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.Error()
	}
	return ""
}

// unreachable explains why no conversation with a provider came about.
func unreachable(host string, err error) *failure {
	f := &failure{cause: err}
	dns, noName := errors.AsType[*net.DNSError](err)
	netErr, isNet := errors.AsType[net.Error](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, otherName := errors.AsType[x509.HostnameError](err)
	switch {
	case noName && dns.IsNotFound:
		f.words = fmt.Sprintf("Einen Server mit dem Namen %s gibt es nicht. Bitte prüfen Sie den Namen.", host)
	case noName:
		f.words = fmt.Sprintf("Der Name %s lässt sich gerade nicht auflösen. Vielleicht fehlt die Verbindung zum Internet.", host)
	case otherName:
		f.words = fmt.Sprintf("Das Zertifikat gehört nicht zu %s. Bitte geben Sie den Namen ein, auf den das Zertifikat ausgestellt ist.", host)
	case certificate:
		f.words = fmt.Sprintf("Dem Zertifikat von %s traut dieser Rechner nicht.", host)
	case noTLS:
		f.words = fmt.Sprintf("%s spricht auf diesem Port kein TLS. Bitte prüfen Sie Port und Verschlüsselung.", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		f.words = fmt.Sprintf("%s nimmt keine Verbindung an. Bitte prüfen Sie Name, Port und Verschlüsselung.", host)
	case errors.Is(err, context.DeadlineExceeded), isNet && netErr.Timeout():
		f.words = fmt.Sprintf("%s antwortet nicht. Bitte prüfen Sie Port und Verschlüsselung; vielleicht sperrt auch eine Firewall.", host)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		f.words = fmt.Sprintf("%s hat die Verbindung beendet. Bitte prüfen Sie Port und Verschlüsselung.", host)
	default:
		f.words = fmt.Sprintf("Mit %s kam keine Verbindung zustande.", host)
	}
	return f
}

var numbers = regexp.MustCompile(`\+?[0-9][0-9 /-]{5,}[0-9]`)

// clean is what a provider says as it may be shown and kept: in one line, short, without numbers of persons.
func clean(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	s = numbers.ReplaceAllString(s, "…")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
