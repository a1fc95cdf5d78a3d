// Package floor (Plenum) runs a meeting: who is there and whether that is enough, whose turn it is, who wants to speak, what is
// moved and how it is worded. What is planned before is the plan of meetings', how people vote is the ballots', what was
// decided is kept by the resolutions: they are wires.
//
// Whoever sits in the committee sees all of it on a device of their own, follows without reloading, checks in, asks to speak
// and words motions. Those who lead do the rest. Each of their deeds names the step that was on their screen, so that two who
// press "next" at once move one item.
//
// What is decided without quorum is none: a vote does not begin without it.
package floor

import (
	"html/template"
	"slices"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Meeting is what the floor has to know of one.
type Meeting struct {
	ID       int64
	Unit     int64
	UnitName string
	Title    string
	Starts   time.Time
	State    string // invited and planned: may begin; running; ended; cancelled
	Public   bool
	Level    committee.Level // how far the viewer may look into it
	Rules    committee.Rules
	Items    []Item
	Entitled []int64         // people with a vote
	Instead  map[int64]int64 // for whom substitutes come; each is in Entitled in the place of that member
	Excused  []int64         // people who declined

	seats []committee.Seat // filled in by the floor
}

// Leads reports whether the viewer runs the meeting.
func (m Meeting) Leads() bool { return m.Level == committee.Leading }

// Item is one of the agenda; false for none.
func (m Meeting) Item(id int64) (Item, bool) {
	i := slices.IndexFunc(m.Items, func(i Item) bool { return i.ID == id })
	if i < 0 {
		return Item{}, false
	}
	return m.Items[i], true
}

// An Item is a Tagesordnungspunkt.
type Item struct {
	ID     int64
	Number string
	Title  string
	Public bool
	Length int // minutes that it should take; 0: not told
}

// A Ballot is a vote about to begin.
type Ballot struct {
	Unit    int64
	Motion  int64
	Title   string
	Wording string
	Secret  bool
	Paper   bool
	Voters  []int64
	Votes   int // of the committee
	Rules   committee.Rules
	Path    string
}

// A Vote is how one on a motion stands. Its tally is empty while it goes on.
type Vote struct {
	ID        int64
	Motion    int64
	Open      bool
	Secret    bool
	Paper     bool
	Withdrawn bool // ended without a result
	committee.Tally
	Quorate bool
	Carried bool
	Names   []string // "Ada Demir: Ja", of a vote by name that is closed
}

// A Decision is a motion that was carried.
type Decision struct {
	Motion  int64
	Unit    int64
	Meeting int64
	Item    int64
	Place   string // "Sitzung am 3. März 2026, TOP 4"
	Title   string
	Wording string
	Public  bool
	Tally   committee.Tally
	At      time.Time
}

// A Task is one that came up in a meeting.
type Task struct {
	UID     string
	Unit    int64
	Meeting int64
	Item    int64
	Place   string
	Owner   int64 // 0: nobody yet
	Title   string
	Due     string // day; "": some time
}

// Wires are what the floor needs of others. All but Log are needed.
type Wires struct {
	Log     house.Log
	Meeting func(tx *store.Tx, id int64, v who.Viewer) (Meeting, error) // as the viewer may see it, else not found
	Begin   func(tx *store.Tx, v who.Viewer, id int64) error
	End     func(tx *store.Tx, v who.Viewer, id int64) error
	Resume  func(tx *store.Tx, v who.Viewer, id int64) error   // takes back an end
	Reach   func(tx *store.Tx, v who.Viewer, item int64) error // its turn has come
	Vote    func(tx *store.Tx, v who.Viewer, b Ballot) error
	Votes   func(tx *store.Tx, motion int64) ([]Vote, error) // the newest first
	Panel   func(tx *store.Tx, p web.Page, motion int64) (template.HTML, error)
	Decided func(tx *store.Tx, d Decision) error
	Task    func(tx *store.Tx, v who.Viewer, t Task) error
	Number  func(tx *store.Tx, item int64) (string, error) // of an item on its agenda
}

// States of an item and of a motion. Their texts are stored.
const (
	Open      = "open" // gone back from: still to come
	Current   = "current"
	Done      = "done"
	Postponed = "postponed"

	Worded    = "worded"
	Voting    = "voting"
	Carried   = "carried"
	Rejected  = "rejected"
	Withdrawn = "withdrawn"
)

// back is how long an end can be taken back.
const back = 10 * time.Minute

// A Floor is a meeting as it runs. The zero Floor has not begun.
type Floor struct {
	Meeting  int64
	Unit     int64
	Version  int64
	Chair    int64 // 0: ehemals im Haus
	Began    time.Time
	Ended    time.Time // zero: it runs
	Votes    int
	Item     int64     // 0: none
	Timer    time.Time // zero: none is set
	Shut     bool
	Fresh    bool
	Arrivals bool
}

func (f *Floor) fields() []any {
	return []any{&f.Meeting, &f.Unit, &f.Version, &f.Chair, (*store.Time)(&f.Began), (*store.Time)(&f.Ended), &f.Votes, &f.Item, (*store.Time)(&f.Timer), &f.Shut, &f.Fresh, &f.Arrivals}
}

// Runs reports whether it has begun and not ended.
func (f Floor) Runs() bool { return !f.Began.IsZero() && f.Ended.IsZero() }

// running says why nothing can be done any more, or not yet.
func (f Floor) running() error {
	switch {
	case f.Began.IsZero():
		return fault.New(fault.Conflict, "Die Sitzung hat noch nicht begonnen.")
	case !f.Ended.IsZero():
		return fault.New(fault.Conflict, "Die Sitzung ist beendet. Daran lässt sich nichts mehr ändern.")
	}
	return nil
}

// A Presence is somebody who is or was there.
type Presence struct {
	Person  int64  // 0: ehemals im Haus
	Name    string // "": ehemals im Haus
	Votes   bool
	Instead int64  // whose vote it is; 0: their own, or none
	For     string // name of that member; "": none
	Since   time.Time
	Until   time.Time // zero: still there, or to the end
}

func (p *Presence) fields() []any {
	return []any{&p.Person, &p.Name, &p.Votes, &p.Instead, &p.For, (*store.Time)(&p.Since), (*store.Time)(&p.Until)}
}

// counted are presences, of which only those who are there now and still entitled have a vote: a seat may end while the
// meeting runs. What was stays as it was.
func counted(all []Presence, m Meeting) []Presence {
	votes := map[int64]bool{} // whose
	for _, p := range m.Entitled {
		if of := m.Instead[p]; of != 0 {
			p = of
		}
		votes[p] = true
	}
	some := slices.Clone(all)
	for i, p := range some {
		if p.Until.IsZero() {
			some[i].Votes = p.Votes && votes[p.holder()]
		}
	}
	return some
}

// holder is whose vote it is, if it is one.
func (p Presence) holder() int64 {
	if p.Instead != 0 {
		return p.Instead
	}
	return p.Person
}

// present counts the votes that are there now.
func present(all []Presence) (n int) {
	for _, p := range all {
		if p.Votes && p.Until.IsZero() {
			n++
		}
	}
	return n
}

// A Speaker waits to speak, or speaks.
type Speaker struct {
	ID     int64
	Person int64
	Name   string
	Asked  time.Time
	Called time.Time // zero: waits
	Before int       // how often that person has spoken in this meeting
}

func (s *Speaker) fields() []any {
	return []any{&s.ID, &s.Person, &s.Name, (*store.Time)(&s.Asked), (*store.Time)(&s.Called), &s.Before}
}

// queue puts speakers in order: who speaks, then as they asked; with fresh, those who have not spoken yet come first.
func queue(all []Speaker, fresh bool) []Speaker {
	slices.SortStableFunc(all, func(a, b Speaker) int {
		waits := func(s Speaker) int {
			switch {
			case !s.Called.IsZero():
				return 0
			case fresh && s.Before > 0:
				return 2
			}
			return 1
		}
		return waits(a) - waits(b)
	})
	return all
}

// A Motion is an Antrag.
type Motion struct {
	ID      int64
	UID     string
	Meeting int64
	Unit    int64
	Item    int64
	Amends  int64 // 0: none
	Base    int   // edition of that one which it would change; 0: none
	Title   string
	Wording string // Markdown
	Mover   int64
	By      string // name of who moved it; "": ehemals im Haus
	Second  string // name of who supports it; "": nobody yet, or ehemals im Haus
	Writer  int64  // who worded it last; 0: ehemals im Haus
	Wrote   string // name of that person
	Public  bool
	State   string
	Edition int
	Created time.Time
	Changed time.Time
}

func (m *Motion) fields() []any {
	return []any{&m.ID, &m.UID, &m.Meeting, &m.Unit, &m.Item, &m.Amends, &m.Base, &m.Title, &m.Wording, &m.Mover, &m.By, &m.Second, &m.Writer, &m.Wrote,
		&m.Public, &m.State, &m.Edition,
		(*store.Time)(&m.Created), (*store.Time)(&m.Changed)}
}

// Word is the German word of a state.
func (m Motion) Word() string {
	return map[string]string{Worded: "wird beraten", Voting: "Abstimmung läuft", Carried: "angenommen", Rejected: "abgelehnt", Withdrawn: "zurückgezogen"}[m.State]
}

const (
	maxTitle   = 200
	maxWording = 8000
)

// check says field by field what is wrong with the words of a motion.
func (m Motion) check() error {
	var f fault.Form
	if n := utf8.RuneCountInString(m.Title); n == 0 || n > maxTitle {
		f.Add("title", "Bitte geben Sie dem Antrag einen Titel von höchstens %d Zeichen.", maxTitle)
	}
	if n := utf8.RuneCountInString(m.Wording); n == 0 || n > maxWording {
		f.Add("wording", "Bitte schreiben Sie auf, was beschlossen werden soll, mit höchstens %d Zeichen.", maxWording)
	} else if err := text.Check(m.Wording); err != nil {
		f.Add("wording", "%s", fault.Words(err))
	}
	return f.Err()
}

// pen is how long the words of a motion belong to who has written them last.
const pen = 20 * time.Second

// Writes is the name of somebody else who is wording the motion at the moment; "": nobody is.
func (m Motion) Writes(v int64, now time.Time) string {
	if m.Writer == v || m.Edition == 1 || m.Wrote == "" || now.Sub(m.Changed) >= pen {
		return ""
	}
	return m.Wrote
}

// editable says why a motion cannot be worded anew.
func (m Motion) editable() error {
	if m.State != Worded {
		return fault.New(fault.Conflict, "Über diesen Antrag wird abgestimmt oder ist schon entschieden. Er lässt sich nicht mehr ändern.")
	}
	return nil
}
