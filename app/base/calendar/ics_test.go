package calendar

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	ics "github.com/arran4/golang-ical"
)

// sample are dates of all kinds: across both changes of the clocks, with everything that has to be escaped or folded.
func sample(t *testing.T) Calendar {
	t.Helper()
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	day := func(s string) time.Time {
		v, ok := Day(s)
		if !ok {
			t.Fatal(s)
		}
		return v
	}
	rule := func(s string) Rule {
		r, err := ParseRule(s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	changed := at("2026-03-02 07:12")
	return Calendar{Name: "Kita Sonnenblume; Käfer, Bären", About: "Zeile 1\nZeile 2", Events: []Event{
		{UID: "one@nestfunk", Changed: changed, Start: at("2026-03-28 19:00"), End: at("2026-03-28 21:00"), Title: "Elternabend, \\ mit Kuchen; bitte anmelden",
			Place: "Turnhalle", Text: "Bitte mitbringen:\n- Becher\n- " + strings.Repeat("Ä", 200) + " 🙂", URL: "https://kita.example.org/termin/1"},
		{UID: "two@nestfunk", Sequence: 3, Changed: changed, Start: at("2026-03-17 19:30"), End: at("2026-03-17 21:00"), Title: "Chor", Rule: rule("FREQ=WEEKLY;COUNT=4")},
		{UID: "two@nestfunk", Sequence: 3, Changed: changed, Start: at("2026-04-01 18:00"), End: at("2026-04-01 19:00"), Instead: day("2026-03-31").Add(19*time.Hour + 30*time.Minute), Title: "Chor"},
		{UID: "three@nestfunk", Changed: changed, Start: at("2026-10-20 08:00"), End: at("2026-10-20 09:00"), Title: "Frühstück", Rule: rule("FREQ=WEEKLY;UNTIL=20261103"),
			Except: []time.Time{day("2026-10-27").Add(8 * time.Hour)}},
		{UID: "four@nestfunk", Changed: changed, Start: day("2026-12-24"), End: day("2027-01-02"), AllDay: true, Free: true, Title: "Geschlossen"},
		{UID: "five@nestfunk", Changed: changed, Start: at("2026-05-04 09:00"), End: at("2026-05-04 10:00"), Cancelled: true, Title: "Abgesagt: Turnen\x00\x07"},
	}}
}

// instances are what sample stands for, in UTC.
const instances = `2026-03-17T18:30:00Z Chor
2026-03-24T18:30:00Z Chor
2026-03-28T18:00:00Z Elternabend, \ mit Kuchen; bitte anmelden
2026-04-01T16:00:00Z Chor
2026-04-07T17:30:00Z Chor
2026-05-04T07:00:00Z Abgesagt: Turnen
2026-10-20T06:00:00Z Frühstück
2026-11-03T07:00:00Z Frühstück
2026-12-24 Geschlossen
`

func TestWrite(t *testing.T) {
	b := sample(t).Write(zone)
	for line := range bytes.SplitSeq(b, []byte("\r\n")) {
		if len(line) > 75 || bytes.ContainsAny(line, "\r\n\x00\x07") || !bytes.Equal(bytes.ToValidUTF8(line, nil), line) {
			t.Errorf("line %q", line)
		}
	}
	for _, want := range []string{"\r\nUNTIL", "DTSTART;TZID=Europe/Berlin:20260328T190000\r\n", "RRULE:FREQ=WEEKLY;UNTIL=20261103T225959Z\r\n",
		"EXDATE;TZID=Europe/Berlin:20261027T080000\r\n", "RECURRENCE-ID;TZID=Europe/Berlin:20260331T193000\r\n", "DTEND;VALUE=DATE:20270102\r\n",
		"STATUS:CANCELLED\r\n", "SEQUENCE:3\r\n"} {
		if bytes.Contains(b, []byte(want)) == strings.HasPrefix(want, "\r\nUNTIL") {
			t.Errorf("%q in\n%s", want, b)
		}
	}
}

func TestReadWhatWasWritten(t *testing.T) {
	want := sample(t)
	got, problems, err := Read(want.Write(zone), zone)
	if err != nil || len(problems) > 0 || len(got.Events) != len(want.Events) || got.Name != want.Name || got.About != want.About {
		t.Fatalf("%v %v: %+v", problems, err, got)
	}
	for i, e := range got.Events {
		w := want.Events[i]
		if !e.Start.Equal(w.Start) || !e.End.Equal(w.End) || e.AllDay != w.AllDay || e.Title != clean(w.Title) || e.Text != w.Text || e.Place != w.Place ||
			e.Cancelled != w.Cancelled || e.Sequence != w.Sequence || !e.Instead.Equal(w.Instead) || len(e.Except) != len(w.Except) || !e.Changed.Equal(w.Changed) {
			t.Errorf("%d: %+v\nwant %+v", i, e, w)
		}
	}
}

// TestSecondParser has a parser that is none of ours read what we write.
func TestSecondParser(t *testing.T) {
	want := sample(t)
	c, err := ics.ParseCalendar(bytes.NewReader(want.Write(zone)))
	if err != nil {
		t.Fatal(err)
	}
	events := c.Events()
	if len(events) != len(want.Events) {
		t.Fatalf("%d events", len(events))
	}
	for i, e := range events {
		w := want.Events[i]
		start, err := e.GetStartAt()
		if w.AllDay {
			start, err = e.GetAllDayStartAt()
			start = Wall(start)
		}
		if err != nil || !start.Equal(w.Start) {
			t.Errorf("%s starts %v: %v", w.Title, start, err)
		}
		if s := e.GetProperty(ics.ComponentPropertySummary); s == nil || ics.FromText(s.Value) != clean(w.Title) {
			t.Errorf("%q is %+v", w.Title, s)
		}
		if w.Text != "" && ics.FromText(e.GetProperty(ics.ComponentPropertyDescription).Value) != w.Text {
			t.Errorf("the text of %s is not what was written", w.Title)
		}
	}
}

// TestICalJS has ical.js, the parser of Thunderbird, read what we write and work out all instances.
func TestICalJS(t *testing.T) {
	modules := filepath.Join("..", "..", "..", "assets", "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "ical.js")); err != nil {
		t.Skip("assets/node_modules is not here: the calendar was not read by ical.js")
	}
	file := filepath.Join(t.TempDir(), "x.ics")
	if err := os.WriteFile(file, sample(t).Write(zone), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "read.mjs"), file).CombinedOutput()
	if err != nil || string(out) != instances {
		t.Errorf("%v:\n%s\nwant\n%s", err, out, instances)
	}
}

func TestReadRefuses(t *testing.T) {
	const head, foot = "BEGIN:VCALENDAR\r\n", "END:VCALENDAR\r\n"
	event := func(lines string) string {
		return head + "BEGIN:VEVENT\nSUMMARY:Fest\n" + strings.ReplaceAll(lines, "|", "\n") + "\nEND:VEVENT\n" + foot
	}
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "kein Kalender"},
		{"a page", "<!doctype html>", "kein Kalender"},
		{"not UTF-8", head + "X:\xff" + foot, "UTF-8"},
		{"cut off", head + "BEGIN:VEVENT\nSUMMARY:Fest\nDTSTART:20260302T100000", "bricht mitten"},
		{"no start", event("DTEND:20260302T100000"), "keinen Anfang"},
		{"no title", head + "BEGIN:VEVENT\nDTSTART:20260302T100000\nEND:VEVENT\n" + foot, "keinen Titel"},
		{"ends before it begins", event("DTSTART:20260302T100000|DTEND:20260302T090000"), "endet, bevor"},
		{"no such day", event("DTSTART:20260231T100000"), "DTSTART"},
		{"long ago", event("DTSTART:00010101T100000"), "DTSTART"},
		{"rule", event("DTSTART:20260302T100000|RRULE:FREQ=NEVER"), "Wiederholung"},
		{"two rules", event("DTSTART:20260302T100000|RRULE:FREQ=DAILY|RRULE:FREQ=WEEKLY"), "mehrere"},
		{"single days", event("DTSTART:20260302T100000|RDATE:20260303T100000"), "RDATE"},
		{"duration", event("DTSTART:20260302T100000|DURATION:PT"), "DURATION"},
		{"no line", event("DTSTART:20260302T100000|was ist das"), "nicht zu lesen"},
		{"too deep", head + strings.Repeat("BEGIN:X\n", 9), "verschachtelt"},
		{"too many", head + strings.Repeat("BEGIN:VEVENT\nSUMMARY:x\nDTSTART:20260302\nEND:VEVENT\n", MostEvents+1) + foot, "mehr als 5000"},
	} {
		_, problems, err := Read([]byte(c.file), zone)
		if got := fmt.Sprint(problems, err); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestReadZones(t *testing.T) {
	for tz, want := range map[string]string{"Europe/Berlin": "09:00Z", "America/New_York": "15:00Z", "/freeassociation.sourceforge.net/Europe/London": "10:00Z",
		"W. Europe Standard Time": "09:00Z", "Erfunden/Nirgends": "09:00Z", "UTC": "10:00Z", "../../etc/passwd": "09:00Z"} {
		c, problems, err := Read([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=\""+tz+"\":20260302T100000\nDURATION:P1DT2H\nEND:VEVENT\nEND:VCALENDAR\n"), zone)
		if err != nil || len(problems) > 0 || c.Events[0].Start.UTC().Format("15:04Z") != want || c.Events[0].End.Sub(c.Events[0].Start) != 26*time.Hour {
			t.Errorf("%s: %+v %v %v", tz, c.Events, problems, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\\, b\nDTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR"))
	f.Add([]byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\n y\r\nDTSTART:20260302T100000Z\r\nDURATION:P1W\r\nEXDATE:20260302T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, _, err := Read(b, zone)
		if err != nil {
			return
		}
		again, problems, err := Read(c.Write(zone), zone)
		if err != nil || len(problems) > 0 || len(again.Events) != len(c.Events) {
			t.Errorf("%q is written as %q, read as %d events: %v %v", b, c.Write(zone), len(again.Events), problems, err)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	var c Calendar
	start := time.Date(2026, 3, 2, 19, 0, 0, 0, zone)
	for i := range 2000 {
		c.Events = append(c.Events, Event{UID: fmt.Sprint(i), Changed: start, Start: start, End: start, Title: "Elternabend der Käfer", Text: "Bitte bringen Sie einen Becher mit. Es gibt Kuchen."})
	}
	for b.Loop() {
		c.Write(zone)
	}
}

// TestInvitation: what invites and what calls off (RFC 5546) names who invites and who is invited, and nothing of a feed. No
// name becomes another parameter or another line.
func TestInvitation(t *testing.T) {
	start := time.Date(2026, 3, 28, 19, 0, 0, 0, zone)
	e := Event{UID: "m@nestfunk", Sequence: 2, Changed: start, Start: start, End: start.Add(2 * time.Hour), Title: "Sitzung", Cancelled: true,
		Organizer: Party{Name: "Elternbeirat \"Käfer\";X=1\r\nX-EVIL:1", Address: "kita@example.org"},
		Attendees: []Party{{Name: "Ada Demir", Address: "ada@example.org", Answer: Tentative}, {Address: "cem@example.org"}}}
	for _, method := range []string{Request, Cancel} {
		b := Calendar{Method: method, Name: "Feed", Events: []Event{e}}.Write(zone)
		if bytes.Contains(b, []byte("X-WR-CALNAME")) || bytes.Contains(b, []byte("\r\nX-EVIL")) || bytes.Contains(b, []byte("REFRESH")) {
			t.Errorf("%s", b)
		}
		c, err := ics.ParseCalendar(bytes.NewReader(b))
		if err != nil || len(c.Events()) != 1 {
			t.Fatalf("%v: %s", err, b)
		}
		got := c.Events()[0]
		o := got.GetProperty(ics.ComponentPropertyOrganizer)
		if o == nil || o.Value != "mailto:kita@example.org" || len(o.ICalParameters) != 1 || !strings.Contains(o.ICalParameters["CN"][0], "Käfer;X=1") {
			t.Errorf("%+v", o)
		}
		all := got.Attendees()
		if len(all) != 2 || all[0].Email() != "ada@example.org" || all[0].ParticipationStatus() != ics.ParticipationStatusTentative || all[1].ParticipationStatus() != ics.ParticipationStatusNeedsAction {
			t.Errorf("%+v", all)
		}
		if !bytes.Contains(b, []byte("\r\nMETHOD:"+method+"\r\n")) {
			t.Errorf("no %s: %s", method, b)
		}
	}
	if b := (Calendar{}).Write(zone); !bytes.Contains(b, []byte("\r\nMETHOD:PUBLISH\r\n")) {
		t.Errorf("%s", b)
	}
}
