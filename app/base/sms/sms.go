// Package sms hands text messages to a provider and takes what the provider reports: delivered, not delivered, and
// STOPP from whoever wants none. It knows no announcement: whoever sends gives a Ref, and gets it back with a report.
// It owns linxGnu/gosmpp, of which it uses what reads and writes the messages of SMPP 3.4.
//
// Two ways lead out: the HTTP interface of seven.io, and SMPP, which every other provider speaks. An SMS costs money and
// cannot be taken back, so each is claimed as a row before it goes: nothing goes out twice because a task was repeated,
// and the sum of a day is exact.
//
// When a connection breaks between the text and its receipt, nobody knows whether the SMS goes out. It is then not sent
// again for a quarter of an hour, in which a report may still come; after that it is, since being told twice that a Kita
// is closed does less harm than not being told.
package sms

import (
	"context"
	"regexp"
	"strings"
	"unicode"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// Kinds of text messages.
const (
	Closure = "closure"
	News    = "news"
	Test    = "test"
)

// MaxParts is how long a text may be: what is longer belongs on the page that it links to.
const MaxParts = 6

// A Message is one SMS to one person.
type Message struct {
	To       string // E.164, as Number returns it
	Text     string
	Kind     string
	Ref      string // "announcement-person", both numbers; "": nobody wants to know what became of it
	Language string // of Text, BCP 47; "": German
}

// A Sender hands text messages to a provider. Handed over is not proof that somebody has read it. What has a Ref is
// sent once: a second call for the same Ref and number returns what became of the first.
type Sender interface {
	Send(ctx context.Context, m Message) error
	Configured(ctx context.Context) bool
}

// Told is told what became of an SMS that had a Ref: state is "delivered" or "failed", why is German and "" when
// delivered. A state is told once; a failed SMS may still be delivered later.
type Told func(tx *store.Tx, ref, state, why string) error

// check refuses what no provider could send.
func (m Message) check() error {
	switch {
	case !e164.MatchString(m.To):
		return &failure{step: refused, words: "Das ist keine gültige Telefonnummer."}
	case !Mobile(m.To):
		return &failure{step: refused, words: "Das ist keine Mobilnummer."}
	case strings.TrimSpace(m.Text) == "":
		return &failure{step: refused, words: "Die SMS wurde nicht gesendet, weil sie keinen Text hat."}
	case strings.ContainsFunc(m.Text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' }):
		return &failure{step: refused, words: "Die SMS wurde nicht gesendet, weil ihr Text unerlaubte Zeichen enthält."}
	case Parts(m.Text) > MaxParts:
		return &failure{step: refused, words: "Die SMS wurde nicht gesendet, weil ihr Text zu lang ist."}
	case m.Ref != "" && !refs.MatchString(m.Ref):
		return &failure{step: refused, words: "Die SMS wurde nicht gesendet, weil ihr Kennzeichen ungültig ist."}
	}
	return nil
}

var (
	e164 = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)
	refs = regexp.MustCompile(`^[0-9]{1,19}-[0-9]{1,19}$`)
)

// Ready reports whether there is a provider to hand text messages to.
func Ready(tx *store.Tx, s *settings.Settings) (bool, error) {
	c, err := load(tx, s)
	return err == nil && c.check() == nil, err
}
