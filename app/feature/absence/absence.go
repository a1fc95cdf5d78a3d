// Package absence (Abwesenheit): a guardian says in two taps that a child does not come, and the group works through its
// list of the day (Tagesliste): who is expected, excused, here, gone.
//
// A reason is coarse and never asked for: no diagnosis stands in the house. Nothing of it can be searched for. Who told
// the house what and when is kept, whoever entered it: both guardians see it. What is written without a connection counts
// from when it was written.
//
// The list keeps deeds (Tat), not states: what was tapped on two tablets without a connection is joined by the time of the
// deed, the last one decides, and all stay on record. An undo is a deed as well.
package absence

import (
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

const (
	maxNote = 300                // characters
	ahead   = 183                // days: how far an absence may reach
	behind  = 7                  // days: how late the team may enter one
	waits   = 7 * 24 * time.Hour // for so long a form may have waited on a device
)

// A Reason is why a child does not come, as coarse as the law on health data wants it. "": not told.
type Reason string

// The reasons, in the order of the form.
const (
	Unsaid      Reason = ""
	Ill         Reason = "ill"
	Holiday     Reason = "holiday"
	Appointment Reason = "appointment"
	Other       Reason = "other"
)

// reasons are all that can be chosen.
func reasons() []Reason { return []Reason{Unsaid, Ill, Holiday, Appointment, Other} }

// Word is the reason in a language.
func (r Reason) Word(l *lang.Lang) string {
	switch r {
	case Ill:
		return l.T("krank")
	case Holiday:
		return l.T("Urlaub")
	case Appointment:
		return l.T("Termin")
	case Other:
		return l.T("anderer Grund")
	}
	return l.T("keine Angabe")
}

// An Absence is that a child does not come on some days.
type Absence struct {
	ID       int64
	Child    int64
	Name     string // given name of the child
	FirstDay string // YYYY-MM-DD
	LastDay  string
	Reason   Reason
	Note     string // "": none
	Late     bool   // told too late on the first day

	Withdrawn time.Time // zero: it holds
}

func (a *Absence) fields() []any {
	return []any{&a.ID, &a.Child, &a.Name, &a.FirstDay, &a.LastDay, &a.Reason, &a.Note, &a.Late, (*store.Time)(&a.Withdrawn)}
}

// Over reports whether it lies behind us.
func (a Absence) Over(now time.Time) bool { return a.LastDay < today(now) || !a.Withdrawn.IsZero() }

// Now reports whether the child is absent today.
func (a Absence) Now(now time.Time) bool {
	t := today(now)
	return a.Withdrawn.IsZero() && a.FirstDay <= t && a.LastDay >= t
}

// Begun reports whether its first day is over, so that it cannot be taken back as a whole.
func (a Absence) Begun(now time.Time) bool { return a.FirstDay < today(now) }

// Words say it in a sentence, in a language.
func (a Absence) Words(l *lang.Lang, now time.Time) string {
	t := today(now)
	first, last := l.Day(noon(a.FirstDay)), l.Day(noon(a.LastDay))
	switch {
	case !a.Withdrawn.IsZero():
		return l.T("%s ist nicht mehr abgemeldet.", a.Name)
	case a.LastDay < t && a.FirstDay == a.LastDay:
		return l.T("%s war am %s abgemeldet.", a.Name, last)
	case a.LastDay < t:
		return l.T("%s war bis %s abgemeldet.", a.Name, last)
	case a.FirstDay <= t && a.LastDay == t:
		return l.T("%s ist heute abgemeldet.", a.Name)
	case a.FirstDay <= t:
		return l.T("%s ist bis %s abgemeldet.", a.Name, last)
	case a.FirstDay == a.LastDay:
		return l.T("%s ist am %s abgemeldet.", a.Name, first)
	}
	return l.T("%s ist von %s bis %s abgemeldet.", a.Name, first, last)
}

// An Event is what happened to an absence.
type Event struct {
	Kind     string // entered, changed or withdrawn
	Who      string // "ehemals im Haus" where the person has left
	Phoned   bool   // entered by the team for a family that telephoned
	At       time.Time
	Received time.Time
	FirstDay string
	LastDay  string
}

// Words are the kind of an event.
func (e Event) Words(l *lang.Lang) string {
	switch {
	case e.Kind == "withdrawn":
		return l.T("Zurückgenommen")
	case e.Kind == "changed":
		return l.T("Geändert")
	case e.Phoned:
		return l.T("Eingetragen nach einem Anruf")
	}
	return l.T("Eingetragen")
}

// Waited reports whether it had to wait for a connection.
func (e Event) Waited() bool { return e.Received.Sub(e.At) > time.Minute }

// A Draft is what somebody wants to enter or change.
type Draft struct {
	UID      string // made with the form
	FirstDay string // "": today
	LastDay  string // "": the first day
	Reason   Reason
	Note     string
	Team     bool      // by the team, for a family
	At       time.Time // when it was written
}

// check says what is wrong with a draft, and fills in the days that were left out. From is the first day that may be
// chosen.
func (d *Draft) check(from string) error {
	var f fault.Form
	t := today(d.At)
	if d.FirstDay == "" {
		d.FirstDay = t
	}
	if d.LastDay == "" {
		d.LastDay = max(d.FirstDay, from)
	}
	_, err1 := time.Parse(time.DateOnly, d.FirstDay)
	_, err2 := time.Parse(time.DateOnly, d.LastDay)
	switch {
	case err1 != nil:
		f.Add("first_day", "Bitte geben Sie einen Tag an, zum Beispiel %s.", noon(t).Format("02.01.2006"))
	case d.FirstDay < from && d.Team:
		f.Add("first_day", "Dieser Tag liegt zu weit zurück. Nachtragen können Sie bis zu %d Tage.", behind)
	case d.FirstDay < from:
		f.Add("first_day", "Dieser Tag ist schon vorbei. Abmelden können Sie ab heute.")
	case d.FirstDay > plus(t, ahead):
		f.Add("first_day", "Dieser Tag liegt zu weit in der Zukunft. Abmelden können Sie bis zum %s.", noon(plus(t, ahead)).Format("02.01.2006"))
	}
	switch {
	case err2 != nil:
		f.Add("last_day", "Bitte geben Sie einen Tag an, zum Beispiel %s.", noon(t).Format("02.01.2006"))
	case err1 == nil && d.LastDay < d.FirstDay:
		f.Add("last_day", "Der letzte Tag liegt vor dem ersten.")
	case d.LastDay > plus(t, ahead):
		f.Add("last_day", "Das ist länger als ein halbes Jahr. Bitte sprechen Sie mit der Leitung Ihrer Einrichtung.")
	}
	switch d.Reason {
	case Unsaid, Ill, Holiday, Appointment, Other:
	default:
		f.Add("reason", "Bitte wählen Sie einen der Gründe.")
	}
	if utf8.RuneCountInString(d.Note) > maxNote {
		f.Add("note", "Die Notiz darf höchstens %d Zeichen haben.", maxNote)
	}
	return f.Err()
}

// tooOld refuses what has waited on a device for so long that nobody remembers it.
func tooOld(at, received time.Time) error {
	if received.Sub(at) > waits {
		return fault.New(fault.Conflict, "Diese Eingabe hat länger als eine Woche auf Ihrem Gerät gewartet und zählt nicht mehr.")
	}
	return nil
}

// today is the day of a time in the house's zone.
func today(t time.Time) string { return house.Local(t).Format(time.DateOnly) }

// minute is the minute of the day of a time in the house's zone.
func minute(t time.Time) int {
	l := house.Local(t)
	return l.Hour()*60 + l.Minute()
}

// noon is the middle of a day: on no day do clocks change then. What is no day is the zero time.
func noon(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly+" 15", day+" 12", web.Zone())
	if err != nil {
		return time.Time{}
	}
	return t
}

// plus is a day some days later.
func plus(day string, days int) string { return noon(day).AddDate(0, 0, days).Format(time.DateOnly) }

// oneLine makes one line of what was typed.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
