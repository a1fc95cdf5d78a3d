package resolution

import (
	"html/template"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// States of a circular resolution. Their text is stored.
const (
	Running   = "open"
	Carried   = "carried"
	Rejected  = "rejected"
	Inquorate = "inquorate" // too few took part
	Stopped   = "stopped"   // a member wants to talk about it
	Withdrawn = "withdrawn"
)

const (
	shortest = 24 * time.Hour // between the question and the end of the vote
	longest  = 90 * 24 * time.Hour
)

// A Circular (Umlaufbeschluss) is what a committee decides between two meetings, everybody for themselves. Who had a vote
// when it began is asked. Each of them may object to the way itself: then it is decided in the next meeting.
type Circular struct {
	ID         int64
	UID        string
	Unit       int64
	UnitName   string
	Author     string // "ehemals im Haus" where the person has left
	Title      string
	Wording    string // Markdown
	Cause      string // why it cannot wait; Markdown
	Public     bool   // of the resolution that it may become
	Until      string // last day of that; "": until further notice
	Replaces   int64  // what that replaces; 0: nothing
	Opened     time.Time
	Closes     time.Time
	Votes      int // of the committee
	Quorum     int // percent of them that must take part
	Majority   committee.Majority
	State      string
	Ended      time.Time // zero: it runs
	Tally      committee.Tally
	Objector   string // "": nobody has objected
	Objection  string
	Resolution int64 // that it became; 0: none
	Asked      bool  // the viewer may vote
}

// Open reports whether one can vote.
func (c Circular) Open(now time.Time) bool { return c.State == Running && c.Closes.After(now) }

// Needs is how many votes must be given.
func (c Circular) Needs() int {
	n := 1
	for !(committee.Rules{Quorum: c.Quorum}).Quorate(n, c.Votes) {
		n++
	}
	return n
}

// outcome is what a vote has made of it: too few may have taken part, and a tie is a no. Nobody is present, so that an
// absolute majority is one of all votes.
func (c Circular) outcome(t committee.Tally) string {
	t.Present = c.Votes
	switch {
	case !(committee.Rules{Quorum: c.Quorum}).Quorate(t.Cast(), c.Votes):
		return Inquorate
	case c.Majority.Carried(t):
		return Carried
	}
	return Rejected
}

// Word says how it stands.
func (c Circular) Word() string {
	switch c.State {
	case Carried:
		return "angenommen"
	case Rejected:
		return "abgelehnt"
	case Inquorate:
		return "gescheitert: zu wenige haben abgestimmt"
	case Stopped:
		return "kommt in die nächste Sitzung"
	case Withdrawn:
		return "zurückgezogen"
	}
	return "läuft"
}

// Result is how the vote went; "" where it has not come to an end.
func (c Circular) Result() string {
	switch c.State {
	case Carried, Rejected, Inquorate:
		return votes(lang.German(), c.Tally)
	}
	return ""
}

// An Inquiry is a circular resolution as somebody writes it down.
type Inquiry struct {
	UID                   string // of the form
	Unit                  int64
	Title, Wording, Cause string
	Public                bool
	Until                 string
	Replaces              string // number of a resolution; "": none
	Closes                time.Time
}

// check says field by field what is wrong with it at a time.
func (q Inquiry) check(now time.Time) error {
	var f fault.Form
	if n := utf8.RuneCountInString(q.Title); n == 0 || n > maxTitle {
		f.Add("title", "Bitte geben Sie dem Beschluss einen Titel von höchstens %d Zeichen.", maxTitle)
	}
	if n := utf8.RuneCountInString(q.Wording); n == 0 || n > maxWording {
		f.Add("wording", "Bitte schreiben Sie den Wortlaut auf, mit höchstens %d Zeichen.", maxWording)
	} else if err := text.Check(q.Wording); err != nil {
		f.Add("wording", "%s", fault.Words(err))
	}
	if n := utf8.RuneCountInString(q.Cause); n == 0 || n > maxWording {
		f.Add("cause", "Bitte schreiben Sie, warum das nicht bis zur nächsten Sitzung warten kann, mit höchstens %d Zeichen.", maxWording)
	} else if err := text.Check(q.Cause); err != nil {
		f.Add("cause", "%s", fault.Words(err))
	}
	switch {
	case q.Closes.IsZero():
		f.Add("closes", "Bitte geben Sie an, bis wann abgestimmt wird.")
	case q.Closes.Before(now.Add(shortest)):
		f.Add("closes", "Bitte lassen Sie mindestens einen ganzen Tag Zeit.")
	case q.Closes.After(now.Add(longest)):
		f.Add("closes", "So lange wartet niemand: Bitte enden Sie in den nächsten %d Tagen.", int(longest/(24*time.Hour)))
	}
	checkUntil(&f, q.Until, house.Local(q.Closes).Format(time.DateOnly))
	return f.Err()
}

// A Ballot is the vote that a circular resolution wants.
type Ballot struct {
	Circular       int64
	Unit           int64
	Title, Wording string
	Voters         []int64 // who may vote
	Votes          int     // all of the committee
	Closes         time.Time
	Rules          committee.Rules
	Path           string
}

// An Outcome is how the vote on a circular resolution has ended.
type Outcome struct {
	Circular int64
	Tally    committee.Tally
	At       time.Time
}

// A Proposal is something for the next meeting of a committee.
type Proposal struct {
	Circular    int64
	Title, Body string // Body is Markdown
}

// Propose puts something on the next agenda, as the viewer or, where that is the zero Viewer, as the house itself.
type Propose func(tx *store.Tx, v who.Viewer, unit int64, p Proposal) error

// A Vote is how the house votes. It is open: everybody sees in the end who has voted how.
type Vote struct {
	Open     func(tx *store.Tx, v who.Viewer, b Ballot) error
	Withdraw func(tx *store.Tx, v who.Viewer, circular int64, reason string) error // the viewer may be any member: one objection is enough
	Of       func(tx *store.Tx, circular int64) (Turnout, error)
	Panel    func(tx *store.Tx, p web.Page, circular int64) (template.HTML, error) // part of a page on which one votes
}

// A Turnout (Beteiligung) is how far a vote is.
type Turnout struct {
	Closes  time.Time // it may have been put off; zero: as it was planned
	Given   int       // votes so far
	Missing []int64   // who may vote and has not
}

// see brings a circular resolution that runs to the state of its vote. A nil Vote knows none.
func (vote *Vote) see(tx *store.Tx, c *Circular) (Turnout, error) {
	if vote == nil || c.State != Running {
		return Turnout{}, nil
	}
	t, err := vote.Of(tx, c.ID)
	if !t.Closes.IsZero() {
		c.Closes = t.Closes
	}
	return t, err
}

// Wires are what resolutions need of other features.
type Wires struct {
	Log     house.Log
	Vote    *Vote   // nil: there are no circular resolutions
	Propose Propose // nil: nothing is put on an agenda
	// Address is where a meeting and one of its items are published; "": they are not. nil: none is.
	Address func(tx *store.Tx, a oparl.Addresses, meeting, item int64) (string, string, error)
}
