// Package mail hands mails to a server and reads which ones came back. It knows no announcement: whoever sends gives a
// Ref, and gets it back with a returned mail. It owns wneessen/go-mail, emersion/go-imap and
// x/net, of which it needs idna.
package mail

import (
	"context"
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
	Reply       string // address to which an answer goes; "": that of the settings
	Calendar    Calendar
}

// A Calendar goes with a mail that invites, or calls off (iMIP, RFC 6047). The zero Calendar is none.
type Calendar struct {
	Method string // REQUEST or CANCEL, as in the file
	File   []byte // iCalendar
}

// A Sender hands mails to a server. Handed over is not proof that somebody has read it.
type Sender interface {
	Send(ctx context.Context, m Message) error
	Configured(ctx context.Context) bool
}

// check refuses what would become another header, another recipient or another command.
func (m Message) check() error {
	for _, s := range []string{m.To, m.Name, m.Subject, m.Ref, m.Unsubscribe, m.Language, m.Reply} {
		if strings.ContainsFunc(s, unicode.IsControl) {
			return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihr Kopf unerlaubte Zeichen enthält."}
		}
	}
	if !Valid(m.To) {
		return &failure{step: recipient, final: true, words: "Diese Mailadresse ist nicht gültig."}
	}
	if m.Reply != "" && !Valid(m.Reply) {
		return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihre Antwortadresse ungültig ist."}
	}
	if m.Ref != "" && !refs.MatchString(m.Ref) {
		return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihr Kennzeichen ungültig ist."}
	}
	if c := m.Calendar; (c.Method != "" || len(c.File) > 0) && (c.Method != "REQUEST" && c.Method != "CANCEL" || len(c.File) == 0) {
		return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihre Kalenderdatei unvollständig ist."}
	}
	if m.Unsubscribe != "" {
		u, err := url.Parse(m.Unsubscribe)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(m.Unsubscribe, "<> ,") {
			return &failure{step: checking, final: true, words: "Die Mail wurde nicht gesendet, weil ihr Abmeldelink ungültig ist."}
		}
	}
	return nil
}

// From is the name and the address under which the house writes, as a calendar names who invites: programs compare the two.
// The address is "" where none is set.
func From(tx *store.Tx, s *settings.Settings) (name, address string, err error) {
	out, err := loadOutgoing(tx, s)
	address, _ = Plain(out.from)
	return oneLine(out.house), address, err
}

// Ready reports whether there is a server to hand mails to.
func Ready(tx *store.Tx, s *settings.Settings) (bool, error) {
	out, err := loadOutgoing(tx, s)
	return out.ready(), err
}
