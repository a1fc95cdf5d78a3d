package announcement

import (
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/web"
)

// States of a closure.
const (
	Running   = "running"
	Reopened  = "reopened"
	Cancelled = "cancelled"
)

// A Closure (Schließung) says that a facility or some of its groups are
// closed, wholly or for some hours, on some days.
type Closure struct {
	ID       int64 // of its first announcement
	Facility int64
	Name     string   // of the facility
	Groups   []string // names; empty: the whole facility
	Whole    bool
	FirstDay string // YYYY-MM-DD in the house's zone
	LastDay  string
	Starts   *int // minutes of the day from which it is closed; nil: from opening
	Ends     *int // minutes of the day until which it is closed; nil: until closing
	Reason   string
	Words    string
	Places   int // of emergency care; 0: none
	For      string
	Rule     string // "first" asked, or the "head" decides
	State    string
	Version  int
}

// A reason is why a facility closes. The words are those of the catalogue.
type reason struct{ Code, Words, Icon string }

func reasons() []reason {
	return []reason{
		{Code: "illness", Words: "Krankheit im Team", Icon: "thermometer"},
		{Code: "staff", Words: "Personalmangel", Icon: "users"},
		{Code: "infection", Words: "Ansteckende Krankheit", Icon: "bug"},
		{Code: "building", Words: "Gebäudeschaden", Icon: "construction"},
		{Code: "water", Words: "Wasser oder Heizung", Icon: "droplets"},
		{Code: "weather", Words: "Unwetter", Icon: "cloud-lightning"},
		{Code: "strike", Words: "Streik", Icon: "megaphone"},
		{Code: "training", Words: "Fortbildung", Icon: "graduation-cap"},
		{Code: "holidays", Words: "Ferien", Icon: "sun"},
		{Code: "other", Words: "Anderer Grund", Icon: "circle-help"},
	}
}

func reasonOf(code string) (reason, bool) {
	for _, r := range reasons() {
		if r.Code == code {
			return r, true
		}
	}
	return reason{}, false
}

// maxClosure is how many days a closure may last; more is a holiday plan.
const maxClosure = 60

func (c Closure) check(now time.Time) error {
	var f fault.Form
	first, err1 := day(c.FirstDay)
	last, err2 := day(c.LastDay)
	today := house.Local(now).Format(time.DateOnly)
	switch {
	case err1 != nil:
		f.Add("first_day", "Bitte geben Sie einen Tag an.")
	case err2 != nil:
		f.Add("last_day", "Bitte geben Sie einen Tag an.")
	case c.LastDay < c.FirstDay:
		f.Add("last_day", "Der letzte Tag liegt vor dem ersten.")
	case c.LastDay < today:
		f.Add("last_day", "Dieser Tag ist schon vorbei.")
	case last.Sub(first) > maxClosure*24*time.Hour:
		f.Add("last_day", "Eine Schließung kann höchstens %d Tage dauern.", maxClosure)
	case c.Starts != nil && c.Ends != nil && *c.Ends <= *c.Starts:
		f.Add("ends", "Das Ende liegt vor dem Anfang.")
	case c.FirstDay == c.LastDay && !c.until().After(now):
		f.Add("ends", "Diese Zeit ist schon vorbei.")
	}
	if _, ok := reasonOf(c.Reason); !ok {
		f.Add("reason", "Bitte wählen Sie einen Grund.")
	}
	if c.Reason == "other" && strings.TrimSpace(c.Words) == "" {
		f.Add("words", "Bitte schreiben Sie kurz, warum.")
	}
	if utf8.RuneCountInString(c.Words) > 1000 {
		f.Add("words", "Der Text darf höchstens 1000 Zeichen haben.")
	}
	if c.Places < 0 || c.Places > 500 {
		f.Add("places", "Bitte geben Sie eine Zahl von 0 bis 500 an.")
	}
	if utf8.RuneCountInString(c.For) > 200 {
		f.Add("places_for", "Der Text darf höchstens 200 Zeichen haben.")
	}
	if c.Rule != "first" && c.Rule != "head" {
		f.Add("rule", "Bitte wählen Sie, wer die Plätze vergibt.")
	}
	return f.Err()
}

func day(s string) (time.Time, error) { return time.ParseInLocation(time.DateOnly, s, web.Zone()) }

// at is a minute of a day in the house's zone, as a moment. Where the clocks
// change, the minute is read off the wall: 14:00 is always 14:00.
func at(d string, minute int) time.Time {
	t, err := day(d)
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, minute, 0, 0, web.Zone())
}

// from is when the closure begins.
func (c Closure) from() time.Time {
	if c.Starts != nil {
		return at(c.FirstDay, *c.Starts)
	}
	return at(c.FirstDay, 0)
}

// until is when the closure ends.
func (c Closure) until() time.Time {
	if c.Ends != nil {
		return at(c.LastDay, *c.Ends)
	}
	return at(c.LastDay, 24*60)
}

// Now reports whether it is closed at a moment, or will be.
func (c Closure) Now(now time.Time) bool { return c.State == Running && now.Before(c.until()) }

// Subject names what is closed, in a language: the facility, one group, or several.
func (c Closure) Subject(l *lang.Lang) string {
	switch {
	case c.Whole || len(c.Groups) == 0:
		return c.Name
	case len(c.Groups) == 1:
		g := c.Groups[0]
		for _, s := range []string{"gruppe", "krippe", "hort", "kindergarten", "alters"} {
			if strings.Contains(strings.ToLower(g), s) {
				return g
			}
		}
		return l.T("Gruppe %s", g)
	}
	return c.Name + " (" + strings.Join(c.Groups, ", ") + ")"
}

// Title says it in one line, in a language, as of a moment.
func (c Closure) Title(l *lang.Lang, now time.Time) string {
	today := house.Local(now).Format(time.DateOnly)
	tomorrow := house.Local(now).AddDate(0, 0, 1).Format(time.DateOnly)
	s := isolated(l, c.Subject(l))
	is := c.FirstDay == today || c.FirstDay < today && c.LastDay >= today
	switch {
	case c.State == Cancelled:
		return l.T("Die Schließung von %s fällt aus", s)
	case c.State == Reopened:
		return l.T("%s ist wieder geöffnet", s)
	case c.Starts != nil && c.Ends == nil && is:
		return l.T("%s schließt heute um %s", s, l.Hour(*c.Starts))
	case c.Starts != nil && c.Ends == nil:
		return l.T("%s schließt früher", s)
	case c.Ends != nil && c.Starts == nil && is:
		return l.T("%s öffnet heute erst um %s", s, l.Hour(*c.Ends))
	case c.Ends != nil && c.Starts == nil:
		return l.T("%s öffnet später", s)
	case is:
		return l.T("%s bleibt heute geschlossen", s)
	case c.FirstDay == tomorrow:
		return l.T("%s bleibt morgen geschlossen", s)
	}
	return l.T("%s bleibt geschlossen", s)
}

// isolated keeps a German name together inside a line that runs the other way
// (Unicode Bidirectional Algorithm, UAX #9: first strong isolate).
func isolated(l *lang.Lang, s string) string {
	if l.Dir == "rtl" {
		return "\u2068" + s + "\u2069"
	}
	return s
}

// Span says when, in a language.
func (c Closure) Span(l *lang.Lang, now time.Time) string {
	return l.Span(c.FirstDay, c.LastDay, c.Starts, c.Ends, house.Local(now))
}

// Why is the reason in a language; the head's own words stay as they are.
func (c Closure) Why(l *lang.Lang) string {
	r, _ := reasonOf(c.Reason)
	return l.T(r.Words)
}

// Icon stands for the reason.
func (c Closure) Icon() string {
	r, ok := reasonOf(c.Reason)
	if !ok {
		return "circle-help"
	}
	return r.Icon
}

// days counts the weekdays of the closure.
func (c Closure) days() (n int) {
	first, err := day(c.FirstDay)
	if err != nil {
		return 0
	}
	for d := first; d.Format(time.DateOnly) <= c.LastDay; d = d.AddDate(0, 0, 1) {
		if d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
			n++
		}
	}
	return n
}

// hours counts the closed hours: whole days as opening hours, in minutes of
// the day, which are 7:30 to 16:30 where nothing else is known.
func (c Closure) hours(opens, closes int) float64 {
	from, to := opens, closes
	if c.Starts != nil {
		from = max(from, *c.Starts)
	}
	if c.Ends != nil {
		to = min(to, *c.Ends)
	}
	return float64(c.days()*max(0, to-from)) / 60
}
