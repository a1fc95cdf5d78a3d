// Package channel (Weg) knows how people can be reached: what they wish, what has been proved, and which channel the
// house tries after which. It sends nothing.
package channel

import (
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// The channels, as they are stored.
const (
	App  = "app"  // a page that is open
	Push = "push" // a device on which notifications are allowed
	Mail = "mail"
	SMS  = "sms"
	Call = "call" // the list of those to telephone
)

// What a person wishes of mails about ordinary announcements.
const (
	Now    = "now"
	Digest = "digest" // one mail in the evening
	Never  = "never"
)

// A Wish is how a person wants to be told of what is not urgent. What is urgent comes over every channel at any hour.
type Wish struct {
	Push       bool   // on the devices where it is allowed
	Mail       string // Now, Digest or Never
	QuietFrom  int    // minute of the day from which no device rings
	QuietUntil int    // minute of the day until which; equal to QuietFrom: there are no quiet hours
}

// Usual is the wish of somebody who has not said any.
func Usual() Wish { return Wish{Push: true, Mail: Digest, QuietFrom: 20 * 60, QuietUntil: 7 * 60} }

// fields follow what is selected: all of it is NULL for somebody without a row.
func (w *Wish) fields() []any { return []any{&w.Push, &w.Mail, &w.QuietFrom, &w.QuietUntil} }

// WishOf is what a person wishes.
func WishOf(tx *store.Tx, person int64) (Wish, error) {
	all, err := store.All(tx, (*Wish).fields, `SELECT push, mail, quiet_from, quiet_until FROM channel_wish WHERE person = ?`, person)
	if err != nil || len(all) == 0 {
		return Usual(), err
	}
	return all[0], nil
}

// SetWish notes what a person wishes.
func SetWish(tx *store.Tx, person int64, w Wish) error {
	_, err := tx.Exec(`
		INSERT INTO channel_wish (person, push, mail, quiet_from, quiet_until) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET push = excluded.push, mail = excluded.mail,
			quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until`, person, w.Push, w.Mail, w.QuietFrom, w.QuietUntil)
	return err
}

// Reached is the mail address of a person, "" where none is known, and the language of what is written to them: the address
// of their own sign-in, else what a carrier knows.
func Reached(tx *store.Tx, person int64, now time.Time) (address, language string, err error) {
	type known struct{ address, language string }
	k, err := store.One(tx, func(k *known) []any { return []any{&k.address, &k.language} }, `
		SELECT coalesce((SELECT min(mail) FROM account_mail WHERE person = ?1 AND verified > 0),
				(SELECT max(mail) FROM membership WHERE person = ?1 AND state = 'confirmed' AND since <= ?2 AND until > ?2 AND mail <> ''),
				(SELECT max(mail) FROM guardian WHERE person = ?1 AND state = 'confirmed' AND informed = 1 AND since <= ?2 AND until > ?2 AND mail <> ''), ''),
			coalesce((SELECT language FROM guardian WHERE person = ?1 AND state = 'confirmed' LIMIT 1), language)
		FROM person WHERE id = ?1`, person, now.Unix())
	return k.address, k.language, err
}

// Quiet is when the quiet hours end in which t lies; t itself where it lies in none.
func (w Wish) Quiet(t time.Time) time.Time {
	at := t.In(web.Zone())
	minute := at.Hour()*60 + at.Minute()
	over := w.QuietFrom > w.QuietUntil // they pass midnight
	inside := w.QuietFrom != w.QuietUntil && (minute >= w.QuietFrom && minute < w.QuietUntil ||
		over && (minute >= w.QuietFrom || minute < w.QuietUntil))
	if !inside {
		return t
	}
	day := at.Day()
	if over && minute >= w.QuietFrom {
		day++
	}
	return time.Date(at.Year(), at.Month(), day, 0, w.QuietUntil, 0, 0, web.Zone())
}

// evening is the minute of the day at which the digest is sent.
const evening = 18 * 60

// Evening is when the next digest is sent after t.
func Evening(t time.Time) time.Time {
	at := t.In(web.Zone())
	e := time.Date(at.Year(), at.Month(), at.Day(), 0, evening, 0, 0, web.Zone())
	if !e.After(t) {
		e = time.Date(at.Year(), at.Month(), at.Day()+1, 0, evening, 0, 0, web.Zone())
	}
	return e
}

// Export is what is known of a person's channels.
func Export(tx *store.Tx, person int64) (any, error) {
	type known struct {
		Wish   Wish     `json:"wish"`
		Proofs []string `json:"proofs,omitempty"`
	}
	var k known
	var err error
	if k.Wish, err = WishOf(tx, person); err != nil {
		return nil, err
	}
	k.Proofs, err = store.All(tx, store.Value[string], `
		SELECT channel || ' ' || address || coalesce(' handed ' || datetime(handed, 'unixepoch') || 'Z', '')
			|| coalesce(' proved ' || datetime(proved, 'unixepoch') || 'Z', '')
			|| coalesce(' failed ' || datetime(failed, 'unixepoch') || 'Z ' || reason, '')
		FROM channel_proof WHERE person = ? ORDER BY channel, address`, person)
	return k, err
}

// Erase forgets a person's wishes and proofs.
func Erase(tx *store.Tx, person int64) error {
	if _, err := tx.Exec(`DELETE FROM channel_wish WHERE person = ?`, person); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM channel_proof WHERE person = ?`, person)
	return err
}
