// Package calendar (Termine) keeps what is on: dates of units, once or again and again, with answers and reminders;
// the days of a year on which facilities close; and the holidays of the Land. Its pages and its feeds show the dates of
// all features (house.Feature.Dates).
//
// A series is worked out when it is saved: each instance (the row of one time) can be moved, cancelled and answered for
// itself, and no page has to calculate. So every series has an end, three years on at the latest.
package calendar

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// Writers may make dates: the team where they may announce, and a committee's members for their committee.
const Writers = who.Team | council

const council = who.Right(1<<who.Delegate | 1<<who.Chair)

const (
	maxTitle     = 120
	maxBody      = 8000
	maxDays      = 60  // of one date; more is a plan
	maxInstances = 400 // of a series
	maxYears     = 3   // from its first instance to its last
	maxPlaces    = 10_000
)

// A Draft is a date as it was written down.
type Draft struct {
	Unit    int64   // whose it is
	Units   []int64 // for whom, with all below them; a committee's is for its members
	Roles   who.Right
	Public  bool
	Title   string
	Place   string
	Link    string
	Body    string // Markdown
	AllDay  bool
	Day     string // YYYY-MM-DD
	LastDay string // "": the same
	Starts  int    // minute of the day; -1: not told
	Ends    int
	Rule    calendar.Rule
	Answers bool
	Places  int    // 0: as many as want
	Guests  int    // people of one answer at the most
	Closes  int    // minutes before the start after which nobody can answer
	Remind  int    // minutes before the start; 0: nobody is reminded
	UID     string // of a form: sent twice, it is one date; "": a new one
	Source  string // UID in a file
	Except  []time.Time
}

// starts is the wall time of the first instance, and how long each lasts on the wall.
func (d Draft) starts() (wall time.Time, length time.Duration) {
	first, _ := calendar.Day(d.Day)
	last, ok := calendar.Day(d.LastDay)
	if !ok {
		last = first
	}
	if d.AllDay {
		return first, last.AddDate(0, 0, 1).Sub(first)
	}
	wall = first.Add(time.Duration(d.Starts) * time.Minute)
	return wall, last.Add(time.Duration(d.Ends) * time.Minute).Sub(wall)
}

// check says what is wrong with a draft.
func (d Draft) check() error {
	var f fault.Form
	switch n := utf8.RuneCountInString(d.Title); {
	case strings.TrimSpace(d.Title) == "":
		f.Add("title", "Bitte geben Sie dem Termin einen Titel.")
	case n > maxTitle:
		f.Add("title", "Der Titel darf höchstens %d Zeichen haben.", maxTitle)
	}
	if utf8.RuneCountInString(d.Place) > 200 {
		f.Add("place", "Bitte kürzen Sie den Ort auf 200 Zeichen.")
	}
	if u, err := url.Parse(d.Link); d.Link != "" && (err != nil || u.Scheme != "https" || u.Host == "" || len(d.Link) > 500) {
		f.Add("link", "Bitte geben Sie eine Adresse an, die mit https:// beginnt.")
	}
	if utf8.RuneCountInString(d.Body) > maxBody {
		f.Add("body", "Der Text darf höchstens %d Zeichen haben.", maxBody)
	}
	if len(d.Units) == 0 {
		f.Add("audience", "Bitte wählen Sie, für wen der Termin ist.")
	}
	if d.Roles == 0 || d.Roles&^addressed() != 0 {
		f.Add("role", "Bitte wählen Sie, wer den Termin sieht.")
	}
	d.checkTime(&f)
	if d.Answers {
		switch {
		case d.Places < 0 || d.Places > maxPlaces:
			f.Add("places", "Bitte geben Sie eine Zahl von 1 bis %d an, oder lassen Sie das Feld leer.", maxPlaces)
		case d.Guests < 1 || d.Guests > 50:
			f.Add("guests", "Bitte geben Sie eine Zahl von 1 bis 50 an.")
		case d.Places > 0 && d.Guests > d.Places:
			f.Add("guests", "So viele Plätze gibt es nicht.")
		}
	}
	return f.Err()
}

func (d Draft) checkTime(f *fault.Form) {
	first, ok := calendar.Day(d.Day)
	last := first
	if ok && d.LastDay != "" {
		if last, ok = calendar.Day(d.LastDay); !ok {
			f.Add("last_day", "Diesen Tag gibt es nicht.")
			return
		}
	}
	switch {
	case !ok:
		f.Add("day", "Bitte geben Sie einen Tag an, den es gibt.")
		return
	case first.Year() < 2000 || first.Year() > 2100:
		f.Add("day", "Bitte geben Sie einen Tag zwischen 2000 und 2100 an.")
		return
	case last.Before(first):
		f.Add("last_day", "Der letzte Tag liegt vor dem ersten.")
		return
	case last.Sub(first) > maxDays*24*time.Hour:
		f.Add("last_day", "Ein Termin kann höchstens %d Tage dauern.", maxDays)
		return
	}
	if !d.AllDay {
		wall, length := d.starts()
		switch {
		case d.Starts < 0 || d.Starts >= 24*60:
			f.Add("starts", "Bitte geben Sie an, wann der Termin beginnt, oder wählen Sie „ganztägig“.")
			return
		case d.Ends < 0 || d.Ends > 24*60:
			f.Add("ends", "Bitte geben Sie an, wann der Termin endet.")
			return
		case length < 0:
			f.Add("ends", "Das Ende liegt vor dem Anfang.")
			return
		case !calendar.Exists(wall, web.Zone()):
			f.Add("starts", "Diese Uhrzeit gibt es an dem Tag nicht: In der Nacht werden die Uhren von 2 auf 3 Uhr vorgestellt.")
			return
		}
	}
	d.checkRule(f, first)
}

func (d Draft) checkRule(f *fault.Form, first time.Time) {
	r := d.Rule
	if r.Interval == 0 {
		return
	}
	switch {
	case !r.Ends():
		f.Add("until", "Bitte sagen Sie, wann die Reihe endet.")
	case !r.Until.IsZero() && r.Until.Before(first):
		f.Add("until", "Die Reihe endet, bevor sie beginnt.")
	case r.Freq == calendar.Monthly && slices.ContainsFunc(r.MonthDay, func(n int) bool { return n > 28 }),
		r.Freq == calendar.Monthly && r.MonthDay == nil && r.Weekdays == nil && first.Day() > 28:
		f.Add("repeat", "Nicht jeder Monat hat einen %d. Wählen Sie „am letzten Tag jedes Monats“ oder einen früheren Tag.", first.Day())
	case r.Freq == calendar.Yearly && r.MonthDay == nil && r.Weekdays == nil && first.Month() == time.February && first.Day() == 29:
		f.Add("repeat", "Den 29. Februar gibt es nur alle vier Jahre. Bitte wählen Sie den 28. Februar oder den 1. März.")
	default:
		all := d.slots(maxInstances + 1)
		switch {
		case len(all) == 0:
			f.Add("repeat", "Mit dieser Wiederholung gibt es keinen einzigen Termin.")
		case len(all) > maxInstances:
			f.Add("until", "Diese Reihe hätte mehr als %d Termine. Bitte lassen Sie sie früher enden.", maxInstances)
		case all[len(all)-1].After(first.AddDate(maxYears, 0, 1)):
			f.Add("until", "Eine Reihe kann höchstens %d Jahre dauern.", maxYears)
		}
	}
}

// slots are the wall times of the first instances, n at the most.
func (d Draft) slots(n int) (all []time.Time) {
	wall, _ := d.starts()
	for t := range d.Rule.All(wall, d.AllDay, web.Zone()) {
		if len(all) == n {
			break
		}
		if !slices.ContainsFunc(d.Except, t.Equal) {
			all = append(all, t)
		}
	}
	return all
}

// A when is the time of an instance, in Unix seconds.
type when struct {
	slot   time.Time // wall time
	starts int64
	ends   int64
}

// at is the instance that begins at a wall time. It lasts as long on the wall as the first: from 19 to 21 o'clock, also
// in a night in which the clocks change.
func (d Draft) at(slot time.Time) when {
	_, length := d.starts()
	return when{slot, calendar.In(slot, web.Zone()).Unix(), calendar.In(slot.Add(length), web.Zone()).Unix()}
}

// instances are all of a checked draft.
func (d Draft) instances() (all []when) {
	for _, slot := range d.slots(maxInstances) {
		all = append(all, d.at(slot))
	}
	return all
}

// repeats are the ways in which the form lets a date come back, beginning with a day.
func repeats() []choice {
	return []choice{{"", "einmal"}, {"daily", "jeden Tag"}, {"weekly", "jede Woche"}, {"fortnight", "alle zwei Wochen"},
		{"monthday", "jeden Monat am gleichen Tag"}, {"monthweek", "jeden Monat am gleichen Wochentag, zum Beispiel am zweiten Dienstag"},
		{"monthlast", "am letzten Tag jedes Monats"}, {"yearly", "jedes Jahr"}}
}

// A choice is one of a form.
type choice struct{ Value, Label string }

// ruleOf is the rule that a choice means for a first day; false for an unknown one.
func ruleOf(repeat string, first time.Time) (r calendar.Rule, ok bool) {
	r = calendar.Rule{Interval: 1, WeekStart: time.Monday}
	switch repeat {
	case "":
		return calendar.Rule{}, true
	case "daily":
		r.Freq = calendar.Daily
	case "weekly":
		r.Freq = calendar.Weekly
	case "fortnight":
		r.Freq, r.Interval = calendar.Weekly, 2
	case "monthday":
		r.Freq = calendar.Monthly
	case "monthweek":
		n := (first.Day()-1)/7 + 1
		if n == 5 { // not every month has five
			n = -1
		}
		r.Freq, r.Weekdays = calendar.Monthly, []calendar.Weekday{{N: n, Day: first.Weekday()}}
	case "monthlast":
		r.Freq, r.MonthDay = calendar.Monthly, []int{-1}
	case "yearly":
		r.Freq = calendar.Yearly
	default:
		return r, false
	}
	return r, true
}

// repeatOf is the choice of a form that a rule comes from; "own": none of them.
func repeatOf(r calendar.Rule, first time.Time) string {
	if r.Interval == 0 {
		return ""
	}
	r.Until, r.UntilDay, r.UntilUTC, r.Count = time.Time{}, false, false, 0
	for _, c := range repeats() {
		if same, ok := ruleOf(c.Value, first); ok && same.String() == r.String() {
			return c.Value
		}
	}
	return "own"
}

// Words says how a date comes back, in a language; "" where it does not.
func Words(r calendar.Rule, l *lang.Lang) string {
	if r.Interval == 0 {
		return ""
	}
	s := l.T("Nach eigener Regel")
	plain := r.SetPos == nil && r.Month == nil && r.YearDay == nil && r.Week == nil
	switch {
	case !plain:
	case r.Freq == calendar.Daily && r.Interval == 1:
		s = l.T("Jeden Tag")
	case r.Freq == calendar.Weekly && r.Interval == 1:
		s = l.T("Jede Woche")
	case r.Freq == calendar.Weekly && r.Interval == 2:
		s = l.T("Alle zwei Wochen")
	case r.Freq == calendar.Monthly && r.Interval == 1:
		s = l.T("Jeden Monat")
	case r.Freq == calendar.Yearly && r.Interval == 1:
		s = l.T("Jedes Jahr")
	}
	if !r.Until.IsZero() {
		s += ", " + l.T("bis %s", l.DayYear(r.Until))
	}
	return s
}

// audience are the roles that a date can be for, with the words of the form.
func audience() []roleChoice {
	return []roleChoice{
		{who.Of(who.Parent), "parent", "Eltern"},
		{who.Of(who.Staff, who.Head), "team", "Fachkräfte und Leitungen"},
		{who.Of(who.Head, who.Manager), "heads", "Leitungen und Träger"},
		{council, "council", "Elternbeirat"},
	}
}

type roleChoice struct {
	Roles who.Right
	Code  string
	Words string
}

func addressed() (r who.Right) {
	for _, c := range audience() {
		r |= c.Roles
	}
	return r
}

func rolesOf(has func(code string) bool) (r who.Right) {
	for _, c := range audience() {
		if has(c.Code) {
			r |= c.Roles
		}
	}
	return r
}
