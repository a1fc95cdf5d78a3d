package calendar

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
)

// Limits of a file that is read.
const (
	MostEvents = 5_000
	mostLine   = 64 << 10 // bytes, folded lines put together
)

// A Problem is what could not be read of a file, in German.
type Problem struct {
	Line  int
	Words string
}

// Read reads a calendar. zone is that of times whose own zone nobody knows. What is wrong with one event costs that
// event and is told as a Problem; an error means that the file is no calendar, or far too large.
func Read(file []byte, zone *time.Location) (c Calendar, problems []Problem, err error) {
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	if !bytes.HasPrefix(bytes.TrimLeft(bytes.ToUpper(file[:min(len(file), 100)]), " \r\n\t"), []byte("BEGIN:VCALENDAR")) {
		return c, nil, fault.New(fault.Invalid, "Diese Datei ist kein Kalender. Eine Kalenderdatei endet auf .ics und beginnt mit BEGIN:VCALENDAR.")
	}
	if !utf8.Valid(file) {
		return c, nil, fault.New(fault.Invalid, "Diese Datei ist nicht in UTF-8 geschrieben. Bitte speichern Sie den Kalender neu.")
	}
	r := reader{zone: zone, zones: map[string]*time.Location{}}
	for p := range r.properties(file) {
		if err := r.take(p); err != nil {
			return c, nil, err
		}
	}
	if r.event != nil {
		r.problem(r.event.Line, "Die Datei bricht mitten in einem Termin ab.")
	}
	return r.Calendar, r.problems, nil
}

type reader struct {
	Calendar
	zone     *time.Location
	zones    map[string]*time.Location
	problems []Problem
	inside   []string // components that have begun
	event    *draft
}

// A draft is an event that is being read.
type draft struct {
	Event
	ends, lasts bool
	duration    time.Duration
	wrong       string // "": nothing so far
}

func (r *reader) problem(line int, words string) {
	if len(r.problems) < 100 {
		r.problems = append(r.problems, Problem{line, words})
	}
}

// take reads one property.
func (r *reader) take(p property) error {
	switch p.name {
	case "BEGIN":
		name := strings.ToUpper(p.value)
		r.inside = append(r.inside, name)
		if len(r.inside) > 5 {
			return fault.New(fault.Invalid, "Zeile %d: Dieser Kalender ist zu verschachtelt.", p.line)
		}
		if name == "VEVENT" && len(r.inside) == 2 {
			if len(r.Events) >= MostEvents {
				return fault.New(fault.Invalid, "Dieser Kalender hat mehr als %d Termine. Bitte teilen Sie ihn auf.", MostEvents)
			}
			r.event = &draft{Event: Event{Line: p.line}}
		}
		return nil
	case "END":
		if len(r.inside) > 0 {
			r.inside = r.inside[:len(r.inside)-1]
		}
		if strings.EqualFold(p.value, "VEVENT") && r.event != nil && len(r.inside) == 1 {
			r.finish()
		}
		return nil
	}
	switch {
	case r.event != nil && len(r.inside) == 2:
		r.event.take(r, p)
	case len(r.inside) == 1 && p.name == "X-WR-CALNAME":
		r.Name = unescape(p.value)
	case len(r.inside) == 1 && p.name == "X-WR-CALDESC":
		r.About = unescape(p.value)
	case len(r.inside) == 0:
		r.problem(p.line, "Diese Zeile gehört zu nichts.")
	}
	return nil
}

// finish keeps an event, or says what is wrong with it.
func (r *reader) finish() {
	e := r.event
	r.event = nil
	switch {
	case e.lasts:
		e.End = e.Start.Add(e.duration)
	case !e.ends && e.AllDay:
		e.End = e.Start.AddDate(0, 0, 1)
	case !e.ends:
		e.End = e.Start
	}
	if e.AllDay && e.End.Equal(e.Start) { // some write the last day instead of the one after it
		e.End = e.Start.AddDate(0, 0, 1)
	}
	switch {
	case e.wrong != "":
	case e.Start.IsZero():
		e.wrong = "Dieser Termin hat keinen Anfang."
	case e.End.Before(e.Start):
		e.wrong = "Dieser Termin endet, bevor er beginnt."
	case strings.TrimSpace(e.Title) == "":
		e.wrong = "Dieser Termin hat keinen Titel."
	}
	if e.wrong != "" {
		r.problem(e.Line, e.wrong)
		return
	}
	r.Events = append(r.Events, e.Event)
}

func (e *draft) take(r *reader, p property) {
	ok := true
	switch p.name {
	case "UID":
		e.UID = p.value
	case "SUMMARY":
		e.Title = unescape(p.value)
	case "LOCATION":
		e.Place = unescape(p.value)
	case "DESCRIPTION":
		e.Text = unescape(p.value)
	case "CATEGORIES":
		e.Category = unescape(p.value)
	case "URL":
		e.URL = p.value
	case "SEQUENCE":
		e.Sequence, ok = number(p.value, 0, 1<<30)
	case "LAST-MODIFIED", "DTSTAMP":
		if t, err := time.Parse(utc, p.value); err == nil && t.After(e.Changed) {
			e.Changed = t
		}
	case "STATUS":
		e.Cancelled = strings.EqualFold(p.value, "CANCELLED")
	case "TRANSP":
		e.Free = strings.EqualFold(p.value, "TRANSPARENT")
	case "DTSTART":
		e.Start, e.AllDay, ok = r.time(p)
	case "DTEND":
		e.ends = true
		e.End, _, ok = r.time(p)
	case "DURATION":
		e.duration, ok = duration(p.value)
		e.lasts = true
	case "RRULE":
		if e.Rule.Interval > 0 {
			e.wrong = "Dieser Termin hat mehrere Wiederholungen. Das kennt Nestfunk nicht."
			return
		}
		var err error
		if e.Rule, err = ParseRule(p.value); err != nil {
			e.wrong = fault.Words(err)
		}
	case "EXDATE":
		for v := range strings.SplitSeq(p.value, ",") {
			p.value = v
			var t time.Time
			if t, _, ok = r.time(p); !ok || len(e.Except) == 1000 {
				break
			}
			e.Except = append(e.Except, Wall(t))
		}
	case "RDATE":
		e.wrong = "Dieser Termin zählt einzelne Tage auf (RDATE). Das kennt Nestfunk nicht."
	case "RECURRENCE-ID":
		e.Instead, _, ok = r.time(p)
		e.Instead = Wall(e.Instead)
	}
	if !ok {
		e.wrong = "„" + p.name + "“ ist nicht zu lesen."
	}
}

// time reads a day or a moment. A time without a zone is one of the reader's own.
func (r *reader) time(p property) (t time.Time, allDay, ok bool) {
	var err error
	switch {
	case len(p.value) == len("20060102"):
		t, err = time.Parse("20060102", p.value)
		allDay = true
	case strings.HasSuffix(p.value, "Z"):
		t, err = time.Parse(utc, p.value)
		t = t.In(r.zone)
	default:
		t, err = time.Parse("20060102T150405", p.value)
		t = In(t, r.find(p.params["TZID"]))
	}
	return t, allDay, err == nil && t.Year() >= 1900 && t.Year() < 2200
}

// find is a zone by the name in a file.
func (r *reader) find(name string) *time.Location {
	if z, ok := r.zones[name]; ok {
		return z
	}
	zone := r.zone
	if short := strings.TrimPrefix(name, "/"); strings.Contains(short, "/") && !strings.Contains(short, "..") {
		parts := strings.Split(short, "/")
		for i := range parts { // /freeassociation.sourceforge.net/Europe/Berlin
			if z, err := time.LoadLocation(strings.Join(parts[i:], "/")); err == nil && len(parts)-i > 1 {
				zone = z
				break
			}
		}
	} else if name == "UTC" || name == "GMT" {
		zone = time.UTC
	}
	r.zones[name] = zone
	return zone
}

// duration reads the DURATION of RFC 5545: P1W, P1DT2H30M.
func duration(s string) (d time.Duration, ok bool) {
	s, ok = strings.CutPrefix(strings.TrimPrefix(s, "+"), "P")
	n := 0
	digits := false
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	for i := 0; ok && i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n, digits = n*10+int(c-'0'), true
			ok = n <= 100_000
		case c == 'T':
			ok = !digits
		default:
			unit, known := units[c]
			d, ok = d+time.Duration(n)*unit, known && digits
			n, digits = 0, false
		}
	}
	return d, ok && !digits && d > 0
}
