// Package meeting (Sitzung) plans the meetings of committees: finds a day, makes the agenda of what members propose and of
// what was left over, invites as the rules of the committee want it, and knows who comes and who stands in for whom.
//
// Those who lead a committee plan and invite. Whoever sits in it reads all, proposes and answers. Whom it speaks for reads of
// a meeting that is public, once it is invited to, the time, the place and the items that are public; of one that is not,
// nothing.
package meeting

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/web"
)

const (
	maxTitle = 120
	maxLine  = 200
	maxBody  = 8000
)

// States of a meeting.
const (
	Planned   = "planned"
	Invited   = "invited"
	Running   = "running"
	Ended     = "ended"
	Cancelled = "cancelled"
)

// A Meeting is a Sitzung as a viewer sees it.
type Meeting struct {
	ID       int64
	UID      string
	Unit     int64
	UnitName string
	Title    string
	Starts   time.Time
	Ends     time.Time // as planned
	Place    string    // "": not told
	Online   string    // https URL, for members; "": none
	Body     string    // Markdown of the invitation, for members
	Public   bool      // whom the committee speaks for may know of it, and read its public items
	State    string
	Reason   string    // why it was cancelled
	Sequence int       // of what was sent last
	Invited  time.Time // when the invitation went out first; zero: not yet
	Told     time.Time // when it went out last, or that it is cancelled
	Late     bool      // the invitation went out too late
	Began    time.Time // zero: not yet
	Ended    time.Time
	Created  time.Time
	Changed  time.Time
	Moved    time.Time // when what an invitation says was changed last
	Deleted  time.Time // zero: not

	Level committee.Level // how far the viewer may look into it
}

// Leads reports whether the viewer may plan, invite and cancel.
func (m Meeting) Leads() bool { return m.Level == committee.Leading }

// Sits reports whether the viewer is a member.
func (m Meeting) Sits() bool { return m.Level >= committee.Inside }

// Word is the German word of a state.
func (m Meeting) Word() string {
	return map[string]string{Planned: "in Planung", Invited: "eingeladen", Running: "läuft", Ended: "beendet", Cancelled: "abgesagt"}[m.State]
}

// Open reports whether it can still be changed: it has neither begun nor been cancelled.
func (m Meeting) Open() bool { return m.State == Planned || m.State == Invited }

// Stale reports whether those who were invited do not know the latest.
func (m Meeting) Stale() bool { return m.State == Invited && m.Moved.After(m.Told) }

// open says why a meeting cannot be changed any more.
func (m Meeting) open() error {
	switch m.State {
	case Cancelled:
		return fault.New(fault.Conflict, "Diese Sitzung ist abgesagt. Daran lässt sich nichts mehr ändern.")
	case Running:
		return fault.New(fault.Conflict, "Diese Sitzung hat schon begonnen.")
	case Ended:
		return fault.New(fault.Conflict, "Diese Sitzung ist beendet.")
	}
	return nil
}

// A Draft is what is typed of a meeting.
type Draft struct {
	UID    string // of the form, so that one that is sent twice makes one meeting; "": none
	Unit   int64
	Title  string
	Day    string // YYYY-MM-DD
	Starts int    // minute of the day, as Ends; -1: none
	Ends   int    // before Starts: on the day after
	Place  string
	Online string
	Body   string
	Public bool
}

// check says field by field what is wrong.
func (d Draft) check(now time.Time) (starts, ends time.Time, err error) {
	var f fault.Form
	switch n := utf8.RuneCountInString(d.Title); {
	case n == 0:
		f.Add("title", "Bitte geben Sie der Sitzung einen Titel.")
	case n > maxTitle:
		f.Add("title", "Der Titel kann höchstens %d Zeichen haben.", maxTitle)
	case strings.ContainsAny(d.Title, "\n\r"):
		f.Add("title", "Der Titel muss in einer Zeile stehen.")
	}
	if utf8.RuneCountInString(d.Place) > maxLine {
		f.Add("place", "Der Ort kann höchstens %d Zeichen haben.", maxLine)
	}
	if u, err := url.Parse(d.Online); d.Online != "" && (err != nil || u.Scheme != "https" || u.Host == "" || len(d.Online) > 500) {
		f.Add("online", "Bitte geben Sie eine Adresse an, die mit https:// beginnt.")
	}
	if utf8.RuneCountInString(d.Body) > maxBody {
		f.Add("body", "Der Text kann höchstens %d Zeichen haben.", maxBody)
	}
	starts, ends = span(d.Day, d.Starts, d.Ends, now, &f)
	return starts, ends, f.Err()
}

// span is when something is, or says what is wrong with it. What ends before it begins, on the clock, is refused: councils
// do not meet over midnight.
func span(day string, from, to int, now time.Time, f *fault.Form) (starts, ends time.Time) {
	d, ok := calendar.Day(day)
	switch {
	case !ok || d.Year() < 2000 || d.Year() > 2100:
		f.Add("day", "Bitte geben Sie einen Tag an, den es gibt.")
		return
	case from < 0 || from >= 24*60:
		f.Add("starts", "Bitte geben Sie an, wann die Sitzung beginnt.")
		return
	case to < 0 || to > 24*60:
		f.Add("ends", "Bitte geben Sie an, wann die Sitzung endet.")
		return
	case to <= from:
		f.Add("ends", "Das Ende liegt vor dem Beginn.")
		return
	}
	wall := func(minute int) time.Time { return d.Add(time.Duration(minute) * time.Minute) }
	if !calendar.Exists(wall(from), web.Zone()) {
		f.Add("starts", "Diese Uhrzeit gibt es an dem Tag nicht: In der Nacht werden die Uhren von 2 auf 3 Uhr vorgestellt.")
		return
	}
	starts, ends = calendar.In(wall(from), web.Zone()), calendar.In(wall(to), web.Zone())
	if !starts.After(now) {
		f.Add("day", "Dieser Zeitpunkt ist schon vorbei.")
	}
	return starts, ends
}

// clock reads a time of the day as minutes; -1 where there is none.
func clock(s string) int {
	t, err := time.Parse("15:04", s)
	if err != nil {
		if s == "24:00" {
			return 24 * 60
		}
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

// day is the local day of a moment, as a midnight in UTC.
func day(t time.Time) time.Time {
	y, m, d := house.Local(t).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
