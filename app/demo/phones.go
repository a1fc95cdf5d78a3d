package demo

import (
	"context"

	"nestfunk/app/base/mail"
	"nestfunk/app/base/sms"
)

const smsKind = "sms" // of letters that would have been SMS

// Phones are a provider of SMS that takes everything and delivers nothing: what it was given lies with the mails. It
// refuses numbers that cannot exist, as every provider does.
type Phones struct{ Post *Post }

var _ sms.Sender = Phones{}

// Configured implements sms.Sender.
func (p Phones) Configured(context.Context) bool { return true }

// Send implements sms.Sender.
func (p Phones) Send(_ context.Context, m sms.Message) error {
	p.Post.mu.Lock()
	defer p.Post.mu.Unlock()
	if sms.Number(m.To) != m.To || !sms.Mobile(m.To) {
		p.Post.refused++
		return sms.NumberRefused()
	}
	p.Post.keep(mail.Message{To: m.To, Name: "Handy", Subject: "SMS", Text: m.Text, Kind: smsKind, Ref: m.Ref, Language: m.Language})
	return nil
}
