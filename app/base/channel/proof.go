package channel

import (
	"strings"
	"time"

	"nestfunk/app/base/store"
)

// A Proof is what is known of one channel to one person at one address.
type Proof struct {
	Channel string
	Address string    // lower case; "": the person's devices
	Handed  time.Time // last taken by a server, which proves little; zero: never
	Proved  time.Time // last shown by a device, opened, or reported as received; zero: never
	Failed  time.Time // last refused or returned; zero: never
	Reason  string    // of the last failure
}

func (p *Proof) fields() []any {
	return []any{&p.Channel, &p.Address, (*store.Time)(&p.Handed), (*store.Time)(&p.Proved), (*store.Time)(&p.Failed), &p.Reason}
}

// States of a channel.
const (
	Proven  = "proven"  // it has reached the person
	Taken   = "taken"   // a server took it, and nothing came back
	Untried = "untried" // there is an address, and nothing has been sent there yet
	Broken  = "broken"  // the last message was refused or came back
	Blocked = "blocked" // the person does not want it
	None    = "none"    // no address, no device
)

const (
	fresh  = 183 * 24 * time.Hour // a proof is good for half a year
	settle = 48 * time.Hour       // in which a mail comes back, if it does
)

// State is how much the channel can be relied on.
func (p Proof) State(now time.Time) string {
	// A server that takes the next mail to an address from which one came back proves nothing, until that one has not.
	mended := p.Handed.After(p.Failed) && now.Sub(p.Handed) > settle
	switch {
	case !p.Failed.IsZero() && !p.Proved.After(p.Failed) && !mended:
		return Broken
	case !p.Proved.IsZero() && now.Sub(p.Proved) < fresh:
		return Proven
	case !p.Handed.IsZero():
		return Taken
	}
	return Untried
}

// ProofsOf lists what is known of a person's channels.
func ProofsOf(tx *store.Tx, person int64) ([]Proof, error) {
	return store.All(tx, (*Proof).fields, `
		SELECT channel, address, handed, proved, failed, reason FROM channel_proof WHERE person = ? ORDER BY channel, address`, person)
}

// Handed notes that a server has taken a message.
func Handed(tx *store.Tx, person int64, channel, address string, at time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO channel_proof (person, channel, address, handed) VALUES (?, ?, ?, ?)
		ON CONFLICT (person, channel, address) DO UPDATE SET handed = max(coalesce(handed, 0), excluded.handed)`,
		person, channel, strings.ToLower(address), at.Unix())
	return err
}

// Proved notes that a message has reached the person.
func Proved(tx *store.Tx, person int64, channel, address string, at time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO channel_proof (person, channel, address, proved) VALUES (?, ?, ?, ?)
		ON CONFLICT (person, channel, address) DO UPDATE SET proved = max(coalesce(proved, 0), excluded.proved)`,
		person, channel, strings.ToLower(address), at.Unix())
	return err
}

// Failed notes that a message was refused or came back, and why, in German.
func Failed(tx *store.Tx, person int64, channel, address, reason string, at time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO channel_proof (person, channel, address, failed, reason) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (person, channel, address) DO UPDATE SET failed = max(coalesce(failed, 0), excluded.failed), reason = excluded.reason`,
		person, channel, strings.ToLower(address), at.Unix(), reason)
	return err
}
