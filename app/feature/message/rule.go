package message

import (
	"strings"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/web"
)

// A Rule is how a unit holds it with messages of families.
type Rule struct {
	Parents bool   // families may begin conversations
	Days    int    // on which answers are expected: the sum of 1 << weekday, Sunday is 0
	Starts  int    // minute of the day from which
	Ends    int    // and until which; 1440: midnight
	Answer  string // given by itself outside of that, Markdown; "": none
	Loose   bool   // nobody has said so: no answer is promised for these hours, they only let devices rest
	Land    string // on whose public holidays no answer is expected; "": on those of all Länder
}

// far is more days than there can be between two times in which answers are expected: holidays may fall on the only weekday.
const far = 28

// usual is the rule where nobody has set any.
func usual() Rule {
	return Rule{Parents: true, Days: 0b0111110, Starts: 7*60 + 30, Ends: 16 * 60,
		Answer: "Danke für Ihre Nachricht. Wir lesen sie, sobald wir wieder da sind. Wenn es eilt, rufen Sie bitte an."}
}

// volunteers is the rule of a committee that has not set any: nobody is at work there, and nobody waits at a desk. The
// devices of the board rest at night.
func volunteers() Rule {
	return Rule{Parents: true, Days: 0b1111111, Starts: 7 * 60, Ends: 22 * 60, Loose: true}
}

// Open reports whether answers are expected at t.
func (r Rule) Open(t time.Time) bool {
	from, to, ok := r.span(t, 0)
	return ok && !t.Before(from) && t.Before(to)
}

// span is when answers are expected on the day of t, moved by some days.
func (r Rule) span(t time.Time, days int) (from, to time.Time, ok bool) {
	at := t.In(web.Zone())
	minute := func(m int) time.Time { return time.Date(at.Year(), at.Month(), at.Day()+days, 0, m, 0, 0, web.Zone()) }
	from, to = minute(r.Starts), minute(r.Ends)
	day := minute(0)
	return from, to, r.Days>>day.Weekday()&1 == 1 && !calendar.IsHoliday(r.Land, calendar.Wall(day))
}

// Since is when the time began in which no answer is expected and in which t lies: the end of the last hours before it. It
// is the zero time where there never are any.
func (r Rule) Since(t time.Time) time.Time {
	for d := 0; d >= -far; d-- {
		if _, to, ok := r.span(t, d); ok && !to.After(t) {
			return to
		}
	}
	return time.Time{}
}

// Next is when the next hours begin; t itself while answers are expected, and where they never are.
func (r Rule) Next(t time.Time) time.Time {
	if r.Open(t) {
		return t
	}
	for d := 0; d <= far; d++ {
		if from, _, ok := r.span(t, d); ok && from.After(t) {
			return from
		}
	}
	return t
}

// weekdays are the days as a person counts them, from Monday on.
func weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// Hours are the hours in words, such as "Mo–Fr, 7:30–16:00 Uhr"; "" where there are none, or none were promised.
func (r Rule) Hours(l *lang.Lang) string {
	if r.Loose {
		return ""
	}
	var parts []string
	for all := weekdays(); len(all) > 0; {
		n := 0
		for n < len(all) && r.Days>>all[n]&1 == 1 {
			n++
		}
		switch {
		case n > 2:
			parts = append(parts, l.ShortWeekday(all[0])+"–"+l.ShortWeekday(all[n-1]))
		case n > 0:
			for _, d := range all[:n] {
				parts = append(parts, l.ShortWeekday(d))
			}
		}
		all = all[max(n, 1):]
	}
	if len(parts) == 0 {
		return ""
	}
	return l.T("%s, %s bis %s", strings.Join(parts, ", "), l.Hour(r.Starts), l.Hour(r.Ends%(24*60)))
}
