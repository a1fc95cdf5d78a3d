package calendar

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An Event is a VEVENT: a date, a series of dates, or one of a series that is otherwise (Instead).
type Event struct {
	UID       string
	Sequence  int       // counts changes that matter
	Changed   time.Time // of anything
	Start     time.Time // all-day: a day at midnight in UTC; else a moment, in the zone in which it was set
	End       time.Time // the first moment that is no longer part of it
	AllDay    bool
	Rule      Rule
	Except    []time.Time // starts of instances that are left out, as wall times
	Instead   time.Time   // the start, as a wall time, of the instance of the series whose place this takes; zero: none
	Title     string
	Place     string
	Text      string
	URL       string
	Category  string
	Cancelled bool
	Free      bool // does not make its reader busy: holidays
	Line      int  // at which it begins in the file that it was read from

	Organizer Party   // whoever invites; the zero Party: nobody is invited
	Attendees []Party // who is
}

// A Party is somebody who invites or is invited (RFC 5545, 3.8.4).
type Party struct {
	Name    string
	Address string // of mail
	Answer  Answer // of who is invited
}

// An Answer is what somebody has said to an invitation (PARTSTAT).
type Answer string

// Answers.
const (
	Asked     Answer = "NEEDS-ACTION"
	Accepted  Answer = "ACCEPTED"
	Tentative Answer = "TENTATIVE"
	Declined  Answer = "DECLINED"
)

// Methods of a calendar (RFC 5546).
const (
	Publish = "PUBLISH"
	Request = "REQUEST" // invites, or says that something is otherwise, with a higher sequence
	Cancel  = "CANCEL"
)

// A Calendar is a VCALENDAR.
type Calendar struct {
	Method string // "": Publish
	Name   string
	About  string // where its data come from
	Events []Event
}

// berlin is the zone with the rules that hold since 1996 (Directive 2000/84/EC). The house writes no earlier date.
const berlin = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nX-LIC-LOCATION:Europe/Berlin\r\n" +
	"BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nDTSTART:19960331T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n" +
	"BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nDTSTART:19961027T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n" +
	"END:VTIMEZONE\r\n"

// Write is a calendar as a file. Moments are written in Berlin's time, with its rules. A reader asks again every hour.
func (c Calendar) Write(zone *time.Location) []byte {
	w := writer{b: make([]byte, 0, 1024+512*len(c.Events)), zone: zone}
	w.raw("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Nestfunk//Termine//DE\r\nCALSCALE:GREGORIAN\r\n")
	w.line("METHOD", cmp.Or(c.Method, Publish))
	if c.Method == "" || c.Method == Publish {
		w.text("X-WR-CALNAME", c.Name)
		w.text("X-WR-CALDESC", c.About)
		w.raw("X-WR-TIMEZONE:Europe/Berlin\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n")
	}
	w.raw(berlin)
	for _, e := range c.Events {
		w.event(e)
	}
	w.raw("END:VCALENDAR\r\n")
	return w.b
}

type writer struct {
	b    []byte
	zone *time.Location
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

func (w *writer) event(e Event) {
	w.raw("BEGIN:VEVENT\r\n")
	w.line("UID", e.UID)
	w.line("DTSTAMP", e.Changed.UTC().Format(utc))
	w.line("LAST-MODIFIED", e.Changed.UTC().Format(utc))
	w.line("SEQUENCE", strconv.Itoa(e.Sequence))
	w.at("DTSTART", e.Start, e.AllDay)
	w.at("DTEND", e.End, e.AllDay)
	if r := e.Rule; r.Interval > 0 {
		switch { // UNTIL is a moment where the start has a zone, and a day where it is one (3.3.10)
		case r.Until.IsZero():
		case e.AllDay:
			r.Until, r.UntilDay, r.UntilUTC = midnight(r.Until), true, false
		case r.UntilDay:
			r.Until, r.UntilDay, r.UntilUTC = In(r.Until.Add(24*time.Hour-time.Second), w.zone).UTC(), false, true
		case !r.UntilUTC:
			r.Until, r.UntilUTC = In(r.Until, w.zone).UTC(), true
		}
		w.line("RRULE", r.String())
	}
	for _, t := range e.Except {
		w.wall("EXDATE", t, e.AllDay)
	}
	if !e.Instead.IsZero() {
		w.wall("RECURRENCE-ID", e.Instead, e.AllDay)
	}
	w.text("SUMMARY", e.Title)
	w.text("LOCATION", e.Place)
	w.text("DESCRIPTION", e.Text)
	w.text("CATEGORIES", e.Category)
	if e.URL != "" {
		w.line("URL", e.URL)
	}
	if e.Organizer.Address != "" {
		w.party("ORGANIZER", e.Organizer, "")
	}
	for _, a := range e.Attendees {
		w.party("ATTENDEE", a, ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT="+string(cmp.Or(a.Answer, Asked))+";RSVP=TRUE")
	}
	if e.Cancelled {
		w.raw("STATUS:CANCELLED\r\n")
	} else {
		w.raw("STATUS:CONFIRMED\r\n")
	}
	if e.Free {
		w.raw("TRANSP:TRANSPARENT\r\n")
	}
	w.raw("END:VEVENT\r\n")
}

const utc = "20060102T150405Z"

func (w *writer) at(name string, t time.Time, allDay bool) {
	if !allDay {
		t = Wall(t.In(w.zone))
	}
	w.wall(name, t, allDay)
}

func (w *writer) wall(name string, t time.Time, allDay bool) {
	if allDay {
		w.line(name+";VALUE=DATE", t.Format("20060102"))
		return
	}
	w.line(name+";TZID=Europe/Berlin", t.Format("20060102T150405"))
}

// text writes a property whose value is text; an empty one is left out.
func (w *writer) text(name, s string) {
	if s != "" {
		if strings.ContainsAny(s, "\\;,\r\n") {
			s = escape.Replace(s)
		}
		w.line(name, s)
	}
}

// party writes who takes part. No parameter may hold quotes, so they are left out of names.
func (w *writer) party(name string, p Party, more string) {
	if p.Name != "" {
		more = `;CN="` + strings.ReplaceAll(strings.Join(strings.Fields(p.Name), " "), `"`, "") + `"` + more
	}
	w.line(name+more, "mailto:"+strings.ReplaceAll(p.Address, " ", ""))
}

var escape = strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r\n", "\\n", "\n", "\\n", "\r", "\\n")

// line folds what is longer than 75 bytes (3.1), and never within a letter.
func (w *writer) line(name, value string) {
	name, value = clean(name), clean(value)
	if len(name)+1+len(value) <= 75 {
		w.b = append(append(append(append(w.b, name...), ':'), value...), "\r\n"...)
		return
	}
	room := 75
	for s := name + ":" + value; ; {
		if len(s) <= room {
			w.b = append(append(w.b, s...), "\r\n"...)
			return
		}
		n := room
		for n > 1 && !utf8.RuneStart(s[n]) {
			n--
		}
		w.b = append(append(w.b, s[:n]...), "\r\n "...)
		s, room = s[n:], 74
	}
}

// clean drops what no line may hold.
func clean(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ { // most lines are ASCII
		plain = s[i] >= ' ' && s[i] < 0x7f
	}
	if plain || !strings.ContainsFunc(s, control) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, s)
}

func control(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == utf8.RuneError }
