// Package ballot (Abstimmung): a committee answers a question with yes, no or abstention. Whoever asks it (a motion, a
// circular resolution) opens the vote, with those who may vote as they are at this moment, and is told the result in the
// transaction that closes it. There are three ways.
//
// An open vote is kept by name. Members see who chose what once it is closed; until then they see a number.
//
// A vote on paper is counted by two people, who do not see what the other has counted. The same twice is the result.
//
// A secret vote uses blind signatures (RFC 9474, RSABSSA-SHA384-PSS-Randomized). The browser of a member makes up a
// token, blinds it and has the house sign it: that is the ballot, and the house notes that this person has got theirs. The
// browser takes the blinding off and sends token, signature and choice without its session: the house sees that it has
// signed the token and cannot tell for whom. Randomized is the variant that RFC 9474 recommends: 32 random bytes come before
// the message, so that a signer who has made a key on purpose learns nothing of it, either (its section 7.3); here the signer
// is who should not know. The key belongs to one vote and is destroyed when that ends, so that a ballot counts nowhere else
// and none can be made later.
//
// # What a secret vote protects from
//
//   - Whoever reads the database, a backup or the log of the house later, its operator included, does not find who chose what.
//     Blinding hides that even from unlimited computing. The urn has neither times nor an order of arrival, a vote
//     is not announced to open pages, and requests to the urn leave no line in the log and no gap in its numbers (web.Quiet).
//   - Nobody votes twice, and nobody votes who may not: each person gets one signature, each token counts once. How many
//     ballots were given out is shown beside how many are in the urn.
//   - A vote that was left out or changed: each voter has a code, and after the end all codes stand there with their choices.
//
// # What it does not protect from
//
//   - Who watches the network or the running program sees requests at the same time from the same address. The browser waits for
//     a moment before it votes, which helps among many and not alone. An operator who copies the database between any two
//     votes can compare the copies; for a while its write-ahead log is such copies.
//   - A house that delivers other scripts, or another key to each voter. Against the latter the page shows a sign of the key, which must
//     be the same for all; it is kept with the result.
//   - An operator who gives out ballots to themselves in the name of somebody who does not vote: that person then reads that theirs has been
//     given out.
//   - Whoever shows their code shows their choice, so votes can be bought or forced, as with any vote from home. When all choose the
//     same, or few vote on paper beside the others, everybody knows.
//   - A device that is not its owner's alone. A ballot waits there until it is cast; a signature that is lost with it is not given
//     out again, since the house could not know whether the first is still used.
package ballot

import (
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
)

// A Choice (Stimme) is what somebody votes. Its text is stored.
type Choice string

// Choices.
const (
	Yes     Choice = "yes"
	No      Choice = "no"
	Abstain Choice = "abstain"
)

// Word is the German name of a choice; "" for none.
func (c Choice) Word() string {
	switch c {
	case Yes:
		return "Ja"
	case No:
		return "Nein"
	case Abstain:
		return "Enthaltung"
	}
	return ""
}

func (c Choice) check() error {
	if c.Word() == "" {
		return fault.New(fault.Malformed, "Bitte wählen Sie Ja, Nein oder Enthaltung.")
	}
	return nil
}

// A State is how far a vote is. Its text is stored.
type State string

// States.
const (
	Running   State = "open"
	Counting  State = "counting" // nobody votes on a screen any more; slips of paper are still counted
	Closed    State = "closed"
	Withdrawn State = "withdrawn"
)

// A Draft is a vote that is about to begin.
type Draft struct {
	Unit    int64
	Kind    string // what is voted on, in the word of its owner, and which: "motion" 17
	Ref     int64
	Title   string
	Wording string // Markdown; may be empty
	Secret  bool   // at most one of the two; neither: open
	Paper   bool
	Voters  []int64 // entitled people
	Votes   int     // all votes of the committee, for the quorum; 0: as many as Voters
	Present int     // votes in the room; 0: as many as Voters
	Closes  time.Time
	Rules   committee.Rules
	Path    string // of the page it belongs to
}

const (
	maxTitle   = 300
	maxWording = 20_000
	maxVoters  = 5_000
)

// check says what is wrong with a draft at a time. Votes and Present are set.
func (d Draft) check(now time.Time) error {
	switch {
	case d.Title == "" || utf8.RuneCountInString(d.Title) > maxTitle:
		return fault.At("title", "Bitte geben Sie der Abstimmung einen Titel mit höchstens %d Zeichen.", maxTitle)
	case utf8.RuneCountInString(d.Wording) > maxWording:
		return fault.At("wording", "Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", maxWording)
	case d.Secret && d.Paper:
		return fault.New(fault.Invalid, "Eine Abstimmung ist geheim am Bildschirm oder auf Papier, nicht beides. Wer nicht am Bildschirm abstimmen kann, bekommt in einer geheimen Abstimmung einen Stimmzettel auf Papier.")
	case len(d.Voters) == 0 || len(d.Voters) > maxVoters:
		return fault.New(fault.Invalid, "Niemand ist stimmberechtigt, oder es sind mehr als %d Personen.", maxVoters)
	case !d.Closes.IsZero() && !d.Closes.After(now):
		return fault.At("closes", "Diese Zeit liegt schon in der Vergangenheit.")
	case !d.Rules.Quorate(d.Present, d.Votes):
		return fault.New(fault.Conflict, "Das Gremium ist nicht beschlussfähig: %d von %d Stimmen sind da, nötig sind %d Prozent. Eine Abstimmung kann so nicht beginnen.", d.Present, d.Votes, d.Rules.Quorum)
	}
	return nil
}

// A Name is who voted how in an open vote. Person is 0, and Name "", for somebody ehemals im Haus.
type Name struct {
	Person int64
	Name   string
	Choice Choice
}

// A Result (Abstimmungsergebnis) is a vote as its owner sees it. Before it is closed, Yes, No and Abstain are 0: nobody knows
// how it stands.
type Result struct {
	ID        int64
	Kind      string
	Ref, Unit int64
	Title     string
	State     State
	Open      bool // one can vote, or slips of paper are being counted
	Secret    bool
	Paper     bool
	committee.Tally
	Given   int       // votes so far
	Quorate bool      // of one that is closed, as is Carried
	Carried bool      // false also where it was not quorate
	Began   time.Time // when it was opened
	Closes  time.Time // zero: by hand
	Closed  time.Time // when it ended; zero: it goes on
	Reason  string    // why it was withdrawn
	Names   []Name    // of an open vote that is closed, by family name
}

// closed is the result of a vote with a tally. Where there is a deadline, nobody is in a room: who answers is present.
func (b ballot) closed(t committee.Tally) (quorate, carried bool) {
	quorate = committee.Rules{Quorum: b.Quorum}.Quorate(b.Present, b.Votes)
	if !b.Closes.IsZero() {
		quorate = committee.Rules{Quorum: b.Quorum}.Quorate(t.Cast(), b.Votes)
	}
	return quorate, quorate && b.Majority.Carried(t)
}

// A ballot is a vote as it is kept.
type ballot struct {
	ID       int64
	Unit     int64
	Kind     string
	Ref      int64
	Path     string
	Title    string
	Wording  string
	Secret   bool
	Paper    bool
	State    State
	Majority committee.Majority
	Quorum   int
	Votes    int
	Present  int
	Handed   int // slips of paper
	Round    int // of counting them
	Opened   time.Time
	Closes   time.Time // zero: by hand
	Ended    time.Time // zero: it goes on
	Reason   string
	Tally    committee.Tally // of a closed one
	Quorate  bool
	Carried  bool
	Modulus  []byte // nil: not secret
}

// Running reports whether it has not ended.
func (b ballot) Running() bool { return b.State == Running || b.State == Counting }

// Open reports whether it is kept by name.
func (b ballot) Open() bool { return !b.Secret && !b.Paper }

// takes is nil as long as votes are taken: a task that is late makes no vote longer.
func (b ballot) takes(now time.Time) error {
	switch {
	case b.State == Withdrawn:
		return fault.New(fault.Conflict, "Diese Abstimmung wurde zurückgezogen.")
	case b.State != Running || !b.Closes.IsZero() && !now.Before(b.Closes):
		return fault.New(fault.Conflict, "Diese Abstimmung ist geschlossen.")
	}
	return nil
}

// counts is nil as long as slips of paper are counted.
func (b ballot) counts() error {
	switch {
	case !b.Running():
		return fault.New(fault.Conflict, "Diese Abstimmung ist geschlossen.")
	case b.Handed == 0:
		return fault.New(fault.Conflict, "Es wurden keine Stimmzettel auf Papier ausgegeben.")
	case b.Secret && b.State == Running:
		return fault.New(fault.Conflict, "Gezählt wird, sobald die Abstimmung geschlossen ist.")
	}
	return nil
}

// Way says in what way it is voted.
func (b ballot) Way() string {
	switch {
	case b.Secret:
		return "geheime Abstimmung"
	case b.Paper:
		return "Abstimmung auf Papier"
	}
	return "offene Abstimmung"
}
