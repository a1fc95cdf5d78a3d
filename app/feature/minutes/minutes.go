// Package minutes (Protokoll) writes down what a meeting was about and what it decided.
//
// What the house knows of a meeting (who was there, the agenda, motions as they were worded, results) are facts, which
// nobody types. Beside them, one person at a time writes; whoever takes the pen over loses nothing, and neither does who
// had it. Minutes are written as a draft, sent to the members, who may object, and approved in a later meeting. Approved,
// they never change: the database refuses it, and a SHA-256 shows what was done behind its back. What turns out to be
// wrong later is corrected by a note beside them (Berichtigung).
package minutes

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/text"
)

// A State is how far minutes are. Its text is stored.
type State string

// States.
const (
	Draft    State = "draft"    // who may write reads it
	Sent     State = "sent"     // its members read it, and may object for some days
	Approved State = "approved" // it never changes; what is public in it is read by all around
)

// Minutes are those of one meeting.
type Minutes struct {
	ID       int64
	UID      string
	Unit     int64
	UnitName string
	Meeting  int64
	Title    string // of the meeting
	Held     time.Time
	Public   bool // the meeting was
	State    State
	Due      time.Time
	Keeper   int64     // who writes beside the board; 0: nobody
	Pen      int64     // counts who took the pen
	Writer   int64     // who has it; 0: nobody
	Hand     string    // the writer's name
	Written  time.Time // last sign of the writer
	Sent     time.Time // zero: not yet
	Until    time.Time // members may object before that
	Approved time.Time
	Place    int64  // the meeting that approved them; 0: none
	Session  string // what that was called
	Hash     []byte
	Shown    []byte    // hash of the public version
	Broken   time.Time // zero: they fit their hash
	Changed  time.Time

	Level  committee.Level // of who asks
	Writes bool            // who asks may write
}

// Path is that of the page.
func (m Minutes) Path() string { return path(m.ID) }

func path(id int64) string { return fmt.Sprintf("/protokoll/%d", id) }

// Leads reports whether who asks sends, answers and approves.
func (m Minutes) Leads() bool { return m.Level == committee.Leading }

// Whole reports whether who asks reads everything, and not only what is public.
func (m Minutes) Whole() bool { return m.Level >= committee.Inside }

// Late reports whether they should have been sent by now.
func (m Minutes) Late(now time.Time) bool { return m.State == Draft && !now.Before(m.Due) }

// Objecting reports whether members may still object.
func (m Minutes) Objecting(now time.Time) bool { return m.State == Sent && now.Before(m.Until) }

// Name is what the minutes are called among others.
func (m Minutes) Name() string { return "Protokoll vom " + lang.German().DayYear(house.Local(m.Held)) }

// Last is the day before the deadline, as people say it: "bis 14. März".
func (m Minutes) Last() time.Time { return m.Until.Add(-time.Second) }

// DueDay is the last day on which they are sent in time.
func (m Minutes) DueDay() time.Time { return m.Due.Add(-time.Second) }

// Word says in German how far they are.
func (m Minutes) Word(now time.Time) string {
	switch {
	case m.State == Approved:
		return "Genehmigt"
	case m.Objecting(now):
		return "Versandt, Einwände möglich"
	case m.State == Sent:
		return "Versandt, wartet auf Genehmigung"
	case m.Late(now):
		return "Entwurf, überfällig"
	}
	return "Entwurf"
}

// open says why nothing can be written any more; nil where it can.
func (m Minutes) open() error {
	if m.State == Approved {
		return fault.New(fault.Conflict, "Dieses Protokoll ist genehmigt und ändert sich nicht mehr. Was falsch ist, steht als Berichtigung daneben.")
	}
	return nil
}

// holds is for how long nobody has to ask who has the pen: then it is taken as if it lay there.
const holds = 10 * time.Minute

// Busy reports whether somebody else is writing.
func (m Minutes) Busy(person int64, now time.Time) bool {
	return m.Writer != 0 && m.Writer != person && now.Before(m.Written.Add(holds))
}

// days is the end of the day some days after a moment, in the house's zone: who has 14 days has 14 whole days.
func days(at time.Time, n int) time.Time {
	t := house.Local(at)
	return time.Date(t.Year(), t.Month(), t.Day()+n+1, 0, 0, 0, 0, t.Location())
}

const (
	mostBody  = 20_000 // letters of the text of an item
	mostWords = 2_000  // of an objection, a reason or a note
)

// checkBody says what is wrong with the text of an item.
func checkBody(body string) error {
	if utf8.RuneCountInString(body) > mostBody {
		return fault.New(fault.Invalid, "Ein Text ist zu lang: höchstens %d Zeichen je Punkt.", mostBody)
	}
	return text.Check(body)
}

// words checks a short text of a field: an objection, a reason, a note.
func words(field, s string) (string, error) {
	s = strings.TrimSpace(text.Clean(s))
	if s == "" {
		return "", fault.At(field, "Bitte schreiben Sie etwas.")
	}
	if utf8.RuneCountInString(s) > mostWords {
		return "", fault.At(field, "Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", mostWords)
	}
	return s, nil
}

// An Objection (Einwand) is what a member says against minutes that were sent.
type Objection struct {
	ID       int64
	Minutes  int64
	Item     int64
	Body     string
	Person   int64 // 0: ehemals im Haus
	Name     string
	At       time.Time
	Answer   string // "": none yet
	Reason   string
	Answered time.Time
}

// Answers to an objection.
const (
	Taken   = "taken"   // the minutes are, or will be, corrected
	Refused = "refused" // with a reason
)

// A Note (Berichtigung) stands beside approved minutes.
type Note struct {
	Item   int64
	Public bool
	Body   string
	Name   string
	At     time.Time
}

// nobody is who was here once.
const nobody = "ehemals im Haus"

func nameOr(name string) string { return cmp.Or(strings.TrimSpace(name), nobody) }
