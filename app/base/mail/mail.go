// Package mail hands mails to a server and reads which ones came back. It knows no announcement: whoever sends gives a
// Ref, and gets it back with a returned mail. It owns wneessen/go-mail and emersion/go-imap.
package mail

import (
	"context"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// Kinds of mails.
const (
	Closure = "closure"
	News    = "news"
	SignIn  = "signin"
	Test    = "test"
)

// A Message is one mail to one person.
type Message struct {
	To, Name    string // address, and name where it is known
	Subject     string
	Text, HTML  string // HTML may be empty
	Kind        string
	Ref         string // "announcement-person": letters, digits and hyphens; "": nobody wants to know whether it came back
	Unsubscribe string // URL for one click (RFC 8058); "": none. Ignored on closures: nobody can do without them
	Language    string // BCP 47; "": German
	Urgent      bool
}

// A Sender hands mails to a server. Handed over is not proof that somebody has read it.
type Sender interface {
	Send(ctx context.Context, m Message) error
	Configured(ctx context.Context) bool
}

// Valid reports whether an address can be written to. It is stricter than the standard: what nobody has but attackers
// (quotes, comments, blanks) is refused.
func Valid(address string) bool {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Name != "" || a.Address != address || len(address) > 254 {
		return false
	}
	local, domain, _ := strings.Cut(address, "@")
	return len(local) <= 64 && hostname(domain) && strings.Contains(domain, ".") && !strings.ContainsFunc(local, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]@`, r)
	})
}

// Host reports whether s can be the name or the number of a server.
func Host(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || hostname(s)
}

func hostname(s string) bool {
	return s != "" && len(s) <= 253 && s[0] != '.' && s[0] != '-' && !strings.Contains(s, "..") && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// check refuses what would become another header, another recipient or another command.
func (m Message) check() error {
	for _, s := range []string{m.To, m.Name, m.Subject, m.Ref, m.Unsubscribe, m.Language} {
		if strings.ContainsFunc(s, unicode.IsControl) {
			return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihr Kopf unerlaubte Zeichen enthält."}
		}
	}
	if !Valid(m.To) {
		return &failure{step: recipient, final: true, words: "Diese Mailadresse ist nicht gültig."}
	}
	if m.Ref != "" && !refs.MatchString(m.Ref) {
		return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihr Kennzeichen ungültig ist."}
	}
	if m.Unsubscribe != "" {
		u, err := url.Parse(m.Unsubscribe)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(m.Unsubscribe, "<> ,") {
			return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihr Abmeldelink ungültig ist."}
		}
	}
	return nil
}

// Ready reports whether there is a server to hand mails to.
func Ready(tx *store.Tx, s *settings.Settings) (bool, error) {
	out, err := loadOutgoing(tx, s)
	return out.ready(), err
}
