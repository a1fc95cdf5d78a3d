// Package slip (Rückmeldung) asks something with an announcement: whether a child comes along, who drives, what somebody
// eats. One answers once for each child, or for oneself, and can change that until the deadline; what was answered before
// stays readable.
//
// Whoever answers has read the announcement: an answer confirms it, where it wants to be confirmed.
package slip

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/text"
)

// Kinds of a question.
const (
	One    = "one"    // of some choices
	Many   = "many"   // of them, or none
	Number = "number" // from 0
	Text   = "text"
)

// For whom one answers.
const (
	PerChild  = "child"
	PerPerson = "person"
)

// How an answer is signed.
const (
	Unsigned = ""
	Typed    = "name" // with one's name
	Drawn    = "draw" // by hand, or with one's name where somebody cannot draw
)

const (
	maxQuestions = 20
	maxChoices   = 20
	maxWords     = 300
	maxText      = 1000
	maxNumber    = 1_000_000
	maxDrawing   = 8000
)

// A Slip is what an announcement asks.
type Slip struct {
	Announcement int64
	Per          string
	Deadline     time.Time // zero: while the announcement holds
	Sign         string
	Both         bool      // all who decide for a child must answer, and the same
	Cleared      time.Time // when the answers were deleted; zero: they are there
	Questions    []Question
}

// A Question is one of a slip.
type Question struct {
	ID       int64
	Kind     string
	Words    string
	Choices  []string // of One and Many
	Required bool
}

// Field is the name of the question's field.
func (q Question) Field() string { return "q" + strconv.FormatInt(q.ID, 10) }

// open says why nobody can answer any more; nil where one can.
func (s Slip) open(l *lang.Lang, now time.Time) error {
	end := s.Deadline
	if end.IsZero() {
		end = s.Cleared
	}
	if end.IsZero() || s.Cleared.IsZero() && now.Before(end) {
		return nil
	}
	return fault.New(fault.Conflict, "%s", l.T("Antworten war bis %s möglich. Bitte rufen Sie in der Einrichtung an.", l.Stamp(house.Local(end))))
}

// check says what is wrong with a slip at a time; every fault is one of the field "slip_questions" or "slip_deadline".
func (s Slip) check(now time.Time) error {
	var f fault.Form
	if n := len(s.Questions); n == 0 || n > maxQuestions {
		f.Add("slip_questions", "Bitte stellen Sie 1 bis %d Fragen.", maxQuestions)
	}
	for i, q := range s.Questions {
		switch {
		case q.Words == "" || utf8.RuneCountInString(q.Words) > maxWords:
			f.Add("slip_questions", "Frage %d hat keine Worte, oder mehr als %d Zeichen.", i+1, maxWords)
		case !slices.Contains([]string{One, Many, Number, Text}, q.Kind):
			f.Add("slip_questions", "Frage %d: Bitte wählen Sie, wie geantwortet wird.", i+1)
		case (q.Kind == One || q.Kind == Many) && (len(q.Choices) < 2 && q.Kind == One || len(q.Choices) == 0 || len(q.Choices) > maxChoices):
			f.Add("slip_questions", "Frage %d: Bitte geben Sie bis zu %d Antworten zur Auswahl, eine je Zeile.", i+1, maxChoices)
		}
		for _, c := range q.Choices {
			if utf8.RuneCountInString(c) > maxWords {
				f.Add("slip_questions", "Frage %d: Eine Antwort darf höchstens %d Zeichen haben.", i+1, maxWords)
			}
		}
	}
	if !s.Deadline.IsZero() && !s.Deadline.After(now) {
		f.Add("slip_deadline", "Diese Zeit liegt schon in der Vergangenheit.")
	}
	if s.Per != PerChild && s.Per != PerPerson || s.Both && s.Per != PerChild || !slices.Contains([]string{Unsigned, Typed, Drawn}, s.Sign) {
		f.Add("slip_questions", "Bitte wählen Sie, für wen geantwortet wird.")
	}
	return f.Err()
}

// choices reads what can be chosen, one a line, each once.
func choices(s string) (all []string) {
	for line := range strings.Lines(s) {
		if c := text.Line(line); c != "" && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// Values are the answers to the questions of a slip, by question.
type Values map[int64][]string

// same reports whether two people have answered the same.
func (v Values) same(o Values, all []Question) bool {
	for _, q := range all {
		if !slices.Equal(v[q.ID], o[q.ID]) {
			return false
		}
	}
	return true
}

// Words are the answers for people, one question a line.
func (v Values) Words(all []Question) string {
	var b strings.Builder
	for _, q := range all {
		fmt.Fprintf(&b, "%s: %s\n", q.Words, strings.Join(v[q.ID], ", "))
	}
	return b.String()
}

// read takes the answers from a form; get are the values of a field. Every fault is one of the question's field.
func (s Slip) read(l *lang.Lang, get func(field string) []string) (Values, error) {
	var f fault.Form
	all := Values{}
	for _, q := range s.Questions {
		var given []string
		for _, x := range get(q.Field()) {
			if x = strings.TrimSpace(x); x != "" && !slices.Contains(given, x) {
				given = append(given, x)
			}
		}
		if len(given) == 0 {
			if q.Required {
				f.Add(q.Field(), "%s", l.T("Bitte beantworten Sie diese Frage."))
			}
			continue
		}
		switch q.Kind {
		case One, Many:
			given = slices.DeleteFunc(slices.Clone(q.Choices), func(c string) bool { return !slices.Contains(given, c) }) // in the order of the slip
			if len(given) == 0 || q.Kind == One && len(given) != 1 {
				f.Add(q.Field(), "%s", l.T("Bitte beantworten Sie diese Frage."))
			}
		case Number:
			n, err := strconv.Atoi(given[0])
			if err != nil || n < 0 || n > maxNumber {
				f.Add(q.Field(), "%s", l.T("Bitte geben Sie eine Zahl ein."))
			}
			given = []string{strconv.Itoa(n)}
		case Text:
			given = []string{text.Clean(given[0])}
			if utf8.RuneCountInString(given[0]) > maxText {
				f.Add(q.Field(), "%s", l.T("Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", maxText))
			}
		}
		all[q.ID] = given
	}
	return all, f.Err()
}

// A Signature says who has answered: by name, and perhaps by hand.
type Signature struct{ Name, Drawing string }

// stroke is a path of straight lines in a field of 300 × 100: all that a signature needs, and nothing that a browser runs.
var stroke = regexp.MustCompile(`^(M[0-9]{1,3} [0-9]{1,3}(L[0-9]{1,3} [0-9]{1,3})+)+$`)

// check says what is wrong with a signature. One that is drawn needs no name, and who cannot draw types it.
func (g Signature) check(sign string, l *lang.Lang) error {
	switch {
	case utf8.RuneCountInString(g.Name) > 120:
		return fault.At("signed", "%s", l.T("Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", 120))
	case g.Drawing != "" && (sign != Drawn || len(g.Drawing) > maxDrawing || !stroke.MatchString(g.Drawing)):
		return fault.At("signed", "%s", l.T("Ihre Unterschrift ist nicht lesbar. Bitte zeichnen Sie noch einmal, oder geben Sie Ihren Namen ein."))
	case sign != Unsigned && g.Name == "" && g.Drawing == "":
		return fault.At("signed", "%s", l.T("Bitte unterschreiben Sie mit Ihrem Namen."))
	}
	return nil
}
