// Package list (Liste) lets people put themselves down: for what they bring, for a shift, for an appointment.
//
// Who stands on a list is read by those who look after it; other parents read how many places are left, unless the list
// says otherwise. Places are given in the order of asking. Whoever comes too late waits, and moves up by itself.
package list

import (
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/who"
)

const (
	maxTitle  = 120
	maxBody   = 8000
	maxLines  = 500
	maxPlaces = 1000
	maxNote   = 200
)

// Kinds of a list.
const (
	Bring = "bring" // what everybody brings
	Shift = "shift" // who helps when
	Slot  = "slot"  // whose turn is when
)

// Whose entries a list has.
const (
	PerPerson = "person"
	PerChild  = "child"
)

// A List is a Liste as a viewer sees it.
type List struct {
	ID       int64
	Unit     int64
	UnitName string
	Author   string // "ehemals im Haus" where the person has left
	Kind     string
	Title    string
	Body     string // Markdown
	Council  bool   // the parents' council made it, and reads the names
	Per      string
	Most     int       // lines for each; 0: as many as they want
	Names    bool      // all who see it read them
	Day      string    // YYYY-MM-DD, when what is brought is wanted; "": not told
	Closes   time.Time // zero: when the last line begins
	Closed   time.Time // by hand; zero: not
	Remind   bool

	Last  time.Time // when the last line begins; zero: no line has a time
	Meant bool      // the viewer may put themselves down
	Edit  bool      // ... change the list
	Reads bool      // ... read who stands on it
	Count Count
}

// Count says how full a list is.
type Count struct{ Lines, Places, Held, Waiting, Mine int }

// Free are the places that are left.
func (c Count) Free() int { return max(0, c.Places-c.Held) }

// Until is when it closes by itself; zero: never.
func (l List) Until() time.Time {
	if !l.Closes.IsZero() {
		return l.Closes
	}
	if l.Last.IsZero() && l.Day != "" {
		return at(l.Day, 24*60-1)
	}
	return l.Last
}

// Open reports whether one can put oneself down.
func (l List) Open(now time.Time) bool {
	return l.Closed.IsZero() && (l.Until().IsZero() || l.Until().After(now))
}

// Shows reports whether the viewer reads names.
func (l List) Shows() bool { return l.Names || l.Reads }

// closed says why nothing can be changed any more; nil where it can.
func (l List) closed(w *lang.Lang, now time.Time) error {
	switch {
	case l.Open(now):
		return nil
	case !l.Closed.IsZero():
		return fault.New(fault.Conflict, "%s", w.T("Diese Liste ist geschlossen. Bitte sprechen Sie %s direkt an.", l.UnitName))
	}
	return fault.New(fault.Conflict, "%s", w.T("Eintragen war bis %s möglich. Bitte sprechen Sie %s direkt an.", w.Stamp(house.Local(l.Until())), l.UnitName))
}

// A Draft is what an author has written so far.
type Draft struct {
	UID    string // made with the form: the same form sent twice is one list
	Unit   int64
	Units  []int64 // for which, with all below them
	Roles  who.Right
	Kind   string
	Title  string
	Body   string // Markdown
	Per    string
	Most   int // 0: as many as they want
	Names  bool
	Day    string    // "": not told
	Closes time.Time // zero: when the last line begins
	Remind bool
	Lines  []Line
}

// check says what is wrong with a draft at a time.
func (d Draft) check(now time.Time) error {
	var f fault.Form
	checkWords(&f, d.Title, d.Body)
	if len(d.Units) == 0 {
		f.Add("audience", "Bitte wählen Sie, für wen die Liste ist.")
	}
	if all := org.Addressed(func(string) bool { return true }); d.Roles == 0 || d.Roles&^all != 0 {
		f.Add("role", "Bitte wählen Sie, wer sich eintragen kann.")
	}
	if d.Kind != Bring && d.Kind != Shift && d.Kind != Slot {
		f.Add("kind", "Bitte wählen Sie, was für eine Liste es ist.")
	}
	switch {
	case d.Per != PerPerson && d.Per != PerChild:
		f.Add("per", "Bitte wählen Sie, wer auf der Liste steht.")
	case d.Per == PerChild && !d.Roles.Has(who.Parent):
		f.Add("per", "Kinder trägt nur ein, wer Eltern anspricht.")
	}
	if d.Most < 0 || d.Most > maxLines {
		f.Add("most", "Bitte geben Sie eine Zahl von 1 bis %d an, oder lassen Sie das Feld leer.", maxLines)
	}
	if !d.Closes.IsZero() && !d.Closes.After(now) {
		f.Add("closes", "Diese Zeit liegt schon in der Vergangenheit.")
	}
	if d.Day != "" && !at(d.Day, 24*60).After(now) {
		f.Add("day", "Dieser Tag liegt schon in der Vergangenheit.")
	}
	if len(d.Lines) == 0 {
		f.Add("lines", "Bitte geben Sie mindestens eine Zeile ein.")
	}
	checkLines(&f, d.Lines)
	return f.Err()
}

func checkWords(f *fault.Form, title, body string) {
	switch {
	case strings.TrimSpace(title) == "":
		f.Add("title", "Bitte geben Sie der Liste einen Titel.")
	case utf8.RuneCountInString(title) > maxTitle:
		f.Add("title", "Der Titel darf höchstens %d Zeichen haben.", maxTitle)
	}
	if utf8.RuneCountInString(body) > maxBody {
		f.Add("body", "Der Text darf höchstens %d Zeichen haben.", maxBody)
	}
}

// at is a minute of a day in the house's zone; the zero time where there is no such day.
func at(day string, minute int) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, minute, 0, 0, house.Local(t).Location())
}
