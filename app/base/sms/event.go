package sms

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// An event is what a provider tells: what became of an SMS, or what somebody has sent.
type event struct {
	id     string // of the SMS that is reported on; "": somebody has sent something
	number string // E.164, of whom it is about; "": the provider does not say
	state  string // delivered, failed, or "" for a step on the way
	why    string // German, of failed
	text   string // that was sent
}

// take notes an event. The same event may come several times. A TooMany fault asks for it once more a little later: the
// answer to the SMS has not been noted yet.
func (e event) take(tx *store.Tx, now time.Time, told Told) error {
	if e.id == "" {
		return e.heard(tx, now)
	}
	if e.state == "" {
		return nil
	}
	found, err := find(tx, ids(e.id), e.number, now)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		early, err := underway(tx, now)
		if err == nil && early {
			err = fault.New(fault.TooMany, "Diese SMS ist noch unterwegs. Bitte melden Sie das gleich noch einmal.")
		}
		return err // otherwise it is somebody else's
	}
	r := found[0]
	if r.state == "delivered" || r.state == e.state {
		return nil
	}
	if err := turn(tx, r.id, e.state, e.why); err != nil || r.ref == "" || told == nil {
		return err
	}
	return told(tx, r.ref, e.state, e.why)
}

// heard obeys STOPP and START, and nothing else: nobody reads what comes by SMS.
func (e event) heard(tx *store.Tx, now time.Time) error {
	if e.number == "" {
		return nil
	}
	switch command(e.text) {
	case "stop":
		return stop(tx, e.number, now)
	case "start":
		return start(tx, e.number)
	}
	return nil
}

// command finds out what an SMS wants: "stop", "start" or "". The first word decides: "Stopp bitte" is one, "bitte nicht
// stoppen" is none.
func command(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "stop", "stopp", "ende", "stopall", "abmelden", "unsubscribe", "cancel":
		return "stop"
	case "start", "anmelden":
		return "start"
	}
	return ""
}

// ids are the ways to write a provider's id: many SMPP servers answer in hexadecimal and report in decimal, or the other
// way round (SMPP 3.4 leaves it open).
func ids(id string) []string {
	all := []string{id}
	if n, err := strconv.ParseUint(id, 10, 64); err == nil {
		hex := strconv.FormatUint(n, 16)
		all = append(all, hex, strings.ToUpper(hex))
	}
	if n, err := strconv.ParseUint(id, 16, 64); err == nil {
		all = append(all, strconv.FormatUint(n, 10))
	}
	return all
}

// whys are German words for the ends of an SMS that did not arrive.
const (
	whyExpired  = "Das Handy war zu lange nicht zu erreichen."
	whyAbsent   = "Die Nummer ist nicht zu erreichen, oder es gibt sie nicht (mehr)."
	whyRejected = "Der Netzbetreiber hat die SMS abgelehnt."
	whyFailed   = "Die SMS ließ sich nicht zustellen."
)
