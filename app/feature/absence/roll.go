package absence

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
)

// States of a child on the list of a day.
const (
	Expected = "expected"
	Excused  = "excused"
	Here     = "here"
	Gone     = "gone"
)

// Kinds of a deed.
const (
	Came = "came"
	Left = "left"
	Void = "void" // takes another one back
)

const maxEscort = 80 // characters

// A Deed is a tap on the list of a day, or a correction of one.
type Deed struct {
	id       int64
	UID      string
	Child    int64
	Kind     string
	At       time.Time
	Received time.Time
	Who      string // whose tap it was; "ehemals im Haus" where the person has left
	Escort   string // who picked the child up; "": not told
	Instead  string // uid of the deed that this one stands for; "": none
	Device   string // the shared tablet on which it was tapped; "": the person's own

	Dead bool // another one stands for it
}

// Words say what was done.
func (d Deed) Words() string {
	switch {
	case d.Kind == Void:
		return "Rückgängig gemacht"
	case d.Kind == Came && d.Instead != "":
		return "Gekommen (berichtigt)"
	case d.Kind == Came:
		return "Gekommen"
	case d.Instead != "":
		return "Gegangen (berichtigt)"
	}
	return "Gegangen"
}

// Waited reports whether it had to wait for a connection.
func (d Deed) Waited() bool { return d.Instead == "" && d.Received.Sub(d.At) > time.Minute }

// check says what is wrong with a deed at a time.
func (d Deed) check(now time.Time) error {
	switch {
	case d.Kind != Came && d.Kind != Left && d.Kind != Void:
		return fault.New(fault.Malformed, "Das versteht diese Liste nicht.")
	case d.Kind == Void && d.Instead == "":
		return fault.New(fault.Conflict, "Hier gibt es nichts rückgängig zu machen.")
	case utf8.RuneCountInString(d.Escort) > maxEscort:
		return fault.At("escort", "Das darf höchstens %d Zeichen haben.", maxEscort)
	case d.At.After(now):
		return fault.At("at", "Diese Uhrzeit liegt in der Zukunft.")
	}
	return nil
}

// A Line is a child on the list of a day.
type Line struct {
	Child   int64
	Given   string
	Family  string
	Group   int64
	In      string // name of the group
	Absence int64  // 0: not excused
	Reason  Reason
	Note    string
	Until   string // last day of the absence

	Came, Left time.Time // zero: not, or not any more
	Escort     string
	Last       string // uid of the deed that counts; "": none
	Deeds      []Deed // all of the day, by time
	Contacts   []Contact
}

// Name is given and family name.
func (l Line) Name() string { return strings.TrimSpace(l.Given + " " + l.Family) }

// A Contact is a guardian to be called.
type Contact struct {
	child    int64
	Name     string
	Relation string
	Phone    string // "": none
}

// State is where the child is, as far as the list knows.
func (l Line) State() string {
	switch {
	case l.Last != "" && l.Left.IsZero():
		return Here
	case l.Last != "":
		return Gone
	case l.Absence != 0:
		return Excused
	}
	return Expected
}

// Word is the reason of an absence.
func (l Line) Word() string {
	if l.Reason == Unsaid {
		return "abgemeldet"
	}
	return l.Reason.Word(lang.German())
}

// settle works out from the deeds of a line what counts: those for which no other one stands, by the time of the deed.
func (l *Line) settle() {
	slices.SortFunc(l.Deeds, func(a, b Deed) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.id, b.id)) })
	dead := map[string]bool{}
	for _, d := range l.Deeds {
		dead[d.Instead] = true // also before it has arrived itself
	}
	l.Came, l.Left, l.Escort, l.Last = time.Time{}, time.Time{}, "", ""
	for i := range l.Deeds {
		d := &l.Deeds[i]
		if d.Dead = dead[d.UID]; d.Dead || d.Kind == Void {
			continue
		}
		l.Last = d.UID
		if d.Kind == Came {
			l.Came, l.Left, l.Escort = d.At, time.Time{}, ""
		} else {
			l.Left, l.Escort = d.At, d.Escort
		}
	}
}

// Numbers count children by state.
type Numbers struct{ Children, Expected, Excused, Here, Gone int }

func (n *Numbers) add(state string, children int) {
	n.Children += children
	*map[string]*int{Expected: &n.Expected, Excused: &n.Excused, Here: &n.Here, Gone: &n.Gone}[state] += children
}

// numbers count lines.
func numbers(all []Line) (n Numbers) {
	for _, l := range all {
		n.add(l.State(), 1)
	}
	return n
}
