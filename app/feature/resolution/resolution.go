// Package resolution (Beschluss) keeps what committees have decided: a book with a number for each resolution, counted by
// committee and year. What the members alone may read stands in the same book, and is seen by nobody else.
//
// A resolution is never changed. It ends by its own last day, or by a later one that replaces or repeals it.
package resolution

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/text"
)

const (
	maxTitle   = 200
	maxWording = 20_000
	maxReason  = 500
	maxPlace   = 200
	maxVotes   = 10_000
)

// What a later resolution does to an earlier one. Their text is stored.
const (
	Replaced = "replaced"
	Repealed = "repealed"
)

// A Resolution is one as it stands in the book.
type Resolution struct {
	ID       int64
	UID      string
	Unit     int64
	UnitName string
	Year     int
	Number   int
	Late     bool // entered by hand
	Title    string
	Wording  string // Markdown
	Public   bool
	Meeting  int64  // 0: none is known
	Item     int64  // of its agenda; 0: none is known
	Place    string // both in words; "": not known
	Counted  bool   // Tally says how the vote went
	Tally    committee.Tally
	Decided  time.Time
	Until    string // last day on which it holds; "": until further notice
	By       Later  // the zero Later: none has ended it
	Reason   string // why it was repealed; may be empty
	Changed  time.Time
	Deleted  time.Time // zero: it is there
}

// Later is a resolution that has ended another.
type Later struct {
	ID      int64
	Fate    string // Replaced or Repealed
	Year    int
	Number  int
	Public  bool
	Decided time.Time
}

// Name is the number with the year: "2026-07".
func (r Resolution) Name() string { return name(r.Year, r.Number) }

// Name is the number with the year.
func (l Later) Name() string { return name(l.Year, l.Number) }

func name(year, number int) string { return fmt.Sprintf("%d-%02d", year, number) }

// readName reads a number with its year; ok is false for what is none.
func readName(s string) (year, number int, ok bool) {
	y, n, found := strings.Cut(strings.TrimSpace(s), "-")
	year, err1 := strconv.Atoi(y)
	number, err2 := strconv.Atoi(n)
	return year, number, found && err1 == nil && err2 == nil && year > 0 && number > 0
}

// level is how far one must be able to look into a committee to read it.
func (r Resolution) level() committee.Level {
	if r.Public {
		return committee.Open
	}
	return committee.Inside
}

// A State is whether a resolution holds.
type State int

// States.
const (
	InForce State = iota
	Expired       // its last day is over
	IsReplaced
	IsRepealed
	Removed
)

// State is the state at a moment. A day ends at midnight in the house's zone.
func (r Resolution) State(now time.Time) State {
	ended := r.By.ID != 0 && !r.By.Decided.After(now)
	switch {
	case !r.Deleted.IsZero():
		return Removed
	case ended && r.By.Fate == Replaced:
		return IsReplaced
	case ended:
		return IsRepealed
	case r.Until != "" && r.Until < today(now):
		return Expired
	}
	return InForce
}

// today is the day in the house's zone.
func today(now time.Time) string { return house.Local(now).Format(time.DateOnly) }

// dayOf is the midnight with which a day begins in the house's zone; the zero time where there is no such day.
func dayOf(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, house.Local(t).Location())
}

// Words says how it stands with a resolution, to whoever sees as much as inside says.
func (r Resolution) Words(l *lang.Lang, now time.Time, inside bool) string {
	hidden := !r.By.Public && !inside
	switch r.State(now) {
	case Removed:
		return l.T("gestrichen")
	case IsReplaced:
		if hidden {
			return l.T("ersetzt")
		}
		return l.T("ersetzt durch %s", r.By.Name())
	case IsRepealed:
		if hidden {
			return l.T("aufgehoben")
		}
		return l.T("aufgehoben durch %s", r.By.Name())
	case Expired:
		return l.T("galt bis %s", l.DayYear(dayOf(r.Until)))
	}
	if r.Until != "" {
		return l.T("gilt bis %s", l.DayYear(dayOf(r.Until)))
	}
	return l.T("in Kraft")
}

// Result is how the vote went; "" where nobody knows.
func (r Resolution) Result(l *lang.Lang) string {
	if !r.Counted {
		return ""
	}
	return votes(l, r.Tally)
}

func votes(l *lang.Lang, t committee.Tally) string {
	s := l.T("%d ja, %d nein, %d enthalten", t.Yes, t.No, t.Abstain)
	if t.Invalid > 0 {
		s += ", " + l.T("%d ungültig", t.Invalid)
	}
	return s
}

// A Decision is what a committee has decided just now, by a motion that was carried or a circular resolution.
type Decision struct {
	Origin   string // what it comes from, such as "motion 17": the same twice is one resolution
	Unit     int64
	Meeting  int64  // 0: between two meetings
	Item     int64  // of its agenda; 0: none
	Place    string // both in words: "Sitzung am 3. März 2026, TOP 4"
	Title    string // "": the beginning of the wording
	Wording  string // Markdown
	Tally    committee.Tally
	At       time.Time
	Public   bool
	Until    string // last day on which it holds; "": until further notice
	Replaces int64  // 0: none
	Repeals  int64  // 0: none
	Reason   string // why it repeals that
}

// check says field by field what is wrong with a decision.
func (d Decision) check() error {
	var f fault.Form
	if n := utf8.RuneCountInString(d.Title); n == 0 || n > maxTitle {
		f.Add("title", "Bitte geben Sie dem Beschluss einen Titel von höchstens %d Zeichen.", maxTitle)
	}
	if n := utf8.RuneCountInString(d.Wording); n == 0 || n > maxWording {
		f.Add("wording", "Bitte schreiben Sie den Wortlaut auf, mit höchstens %d Zeichen.", maxWording)
	} else if err := text.Check(d.Wording); err != nil {
		f.Add("wording", "%s", fault.Words(err))
	}
	if utf8.RuneCountInString(d.Place) > maxPlace {
		f.Add("place", "Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", maxPlace)
	}
	checkUntil(&f, d.Until, house.Local(d.At).Format(time.DateOnly))
	for _, n := range []int{d.Tally.Yes, d.Tally.No, d.Tally.Abstain, d.Tally.Invalid} {
		if n < 0 || n > maxVotes {
			f.Add("yes", "Bitte geben Sie Zahlen von 0 bis %d ein.", maxVotes)
		}
	}
	return f.Err()
}

// checkUntil says what is wrong with the last day of a resolution of a day.
func checkUntil(f *fault.Form, until, decided string) {
	switch {
	case until == "":
	case dayOf(until).IsZero():
		f.Add("until", "Bitte geben Sie einen Tag an, den es gibt.")
	case until < decided:
		f.Add("until", "Dieser Tag liegt vor dem Beschluss.")
	}
}
