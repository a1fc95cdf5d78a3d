// Package bulletin (Rundbrief): a parents' council reaches parents without holding their addresses.
//
// A parent agrees, for each council, to hear from it, and takes that back with one tap. The council writes to those who have
// agreed; the house delivers, looking at rights and agreement once more as each letter goes, and hands it over once at the
// most. The council reads numbers, none from one to four, and never who it was: until a parent answers.
//
// Who thinks that a bulletin breaks a law or a rule reports it. The office and the operators of the house look at that, since
// those who run a facility must not decide about the council that speaks for its parents. They read a bulletin only once it
// has been reported, and say in writing why they stop it or a council.
package bulletin

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const (
	maxTitle  = 120
	maxBody   = 20_000
	maxReason = 2000
	maxAnswer = 8000
)

// Judges look at what was reported.
const Judges = who.Right(1<<who.Office | 1<<who.Admin)

// version is that of the words that parents agree to, in _agree.html. It counts up when what they agree to changes.
const version = 1

// window is the time in which a council may send so many bulletins as the house allows.
const window = 30 * 24 * time.Hour

// A Bulletin is a Rundbrief.
type Bulletin struct {
	ID        int64
	UID       string
	Unit      int64 // the committee
	UnitName  string
	Place     int64 // to the parents of this unit
	PlaceName string
	Wide      bool // to all whom the committee speaks for
	Author    string
	Title     string
	Body      string // Markdown
	Changed   time.Time
	Sent      time.Time // zero: a draft
	Went      Number    // to how many
	Stopped   time.Time // zero: it may be read
	Mine      bool      // the viewer is one of those to whom it was sent
}

// A Draft is what a council has written so far.
type Draft struct {
	UID   string // made with the form: the same form sent twice is one draft
	Unit  int64
	Place int64
	Title string
	Body  string // Markdown
}

// check says what is wrong with a draft.
func (d Draft) check() error {
	var f fault.Form
	switch {
	case strings.TrimSpace(d.Title) == "":
		f.Add("title", "Bitte geben Sie dem Rundbrief einen Titel.")
	case utf8.RuneCountInString(d.Title) > maxTitle:
		f.Add("title", "Der Titel darf höchstens %d Zeichen haben.", maxTitle)
	}
	switch {
	case strings.TrimSpace(d.Body) == "":
		f.Add("body", "Bitte schreiben Sie, was Sie den Eltern sagen möchten.")
	case utf8.RuneCountInString(d.Body) > maxBody:
		f.Add("body", "Der Text darf höchstens %d Zeichen haben.", maxBody)
	default:
		if err := text.Check(d.Body); err != nil {
			f.Add("body", "%s", fault.Words(err))
		}
	}
	return f.Err()
}

// A choice is one of several in a form.
type choice struct{ Value, Label string }

// grounds are what a report or a measure rests on.
func grounds() []choice {
	return []choice{
		{"rules", "Verstößt gegen die Regeln des Hauses"},
		{"law", "Verstößt gegen ein Gesetz"},
		{"danger", "Jemand ist in Gefahr"},
	}
}

func groundWords(ground string) string {
	for _, g := range grounds() {
		if g.Value == ground {
			return g.Label
		}
	}
	return ""
}

// reason checks what somebody wrote to explain a report or a measure.
func reason(field, words string) (string, error) {
	words = strings.TrimSpace(words)
	switch n := utf8.RuneCountInString(words); {
	case n < 10:
		return "", fault.At(field, "Bitte begründen Sie das in einem ganzen Satz.")
	case n > maxReason:
		return "", fault.At(field, "Die Begründung darf höchstens %d Zeichen haben.", maxReason)
	}
	return words, nil
}

// few is the number below which a number could betray somebody.
const few = 5

// A Number is how many people, as far as a council may know. The zero Number is nobody.
type Number struct {
	N     int
	Few   bool // from one to four, and N is 0
	Least bool // there are a few more, in facilities whose own number may not be told
	Most  bool // all but a few of those whose number is told beside it, and N is 0
}

// shield is a number of people of one facility, or of what they did, as a council may know it.
func shield(n int) Number {
	if n > 0 && n < few {
		return Number{Few: true}
	}
	return Number{N: n}
}

// of is the number of those among all to whom something happened. Neither they nor the others may be one to four, or be worked
// out of what is told of all.
func of(n int, all Number) Number {
	switch {
	case n > 0 && (n < few || all.Few):
		return Number{Few: true}
	case n > 0 && n > all.N-few && (n < all.N || all.Least):
		return Number{Most: true}
	}
	return Number{N: n}
}

// across is the number of people in several facilities. shown of them are in facilities whose own number may be told, so that
// all less those is the number of the others together.
func across(all, shown int) Number {
	if rest := all - shown; rest > 0 && rest < few {
		n := shield(shown)
		n.Least = shown > 0
		n.Few = n.Few || shown == 0
		return n
	}
	return shield(all)
}

// None reports whether it is nobody.
func (n Number) None() bool { return n == Number{} }

// Words says it to a council, in German.
func (n Number) Words() string {
	switch {
	case n.Few:
		return "weniger als fünf Eltern"
	case n.Most:
		return "fast alle Eltern"
	case n.Least:
		return fmt.Sprintf("mindestens %d Eltern", n.N)
	}
	return fmt.Sprintf("%d Eltern", n.N)
}

// A Pace is how often a council may send.
type Pace struct {
	Most int         // within the window
	Last []time.Time // when it has sent in that time, the earliest first
}

// next is when it may send the next time; now or before: at once.
func (p Pace) next() time.Time {
	if len(p.Last) < p.Most {
		return time.Time{}
	}
	return p.Last[len(p.Last)-p.Most].Add(window)
}

// Left is how many it may still send.
func (p Pace) Left() int { return max(0, p.Most-len(p.Last)) }
