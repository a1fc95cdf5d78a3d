package meeting

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"

	ics "github.com/arran4/golang-ical"
)

// is compares lists in any order.
func is(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestInvite: everybody with a vote is written to once for each state of the meeting, with a calendar entry under one UID
// whose sequence rises; and once it is cancelled, that goes to them, too.
func TestInvite(t *testing.T) {
	c := newCouncil(t, Wires{})
	if err := c.h.DB.Write(t.Context(), func(tx *store.Tx) error { return c.h.Settings.Set(tx, settings.MailDetails, "1") }); err != nil {
		t.Fatal(err)
	}
	n := 0
	at := c.made()
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Geheimes; Personal, Sorgen")
	is(t, "planned", c.mails(&n))
	c.posts(apptest.Chair, at+"/einladen", 303)
	const first = ": Einladung: Märzsitzung"
	is(t, "invited", c.mails(&n), "vera"+first, "dana"+first, "ada"+first, "cem: Davet: Märzsitzung")
	is(t, "nothing twice", c.mails(&n))

	c.posts(apptest.Chair, at+"/bearbeiten", 303, evening("day", "2026-03-31", "place", "Aula")...) // after the clocks have changed
	is(t, "a change is told when those who lead say so", c.mails(&n))
	c.sees(apptest.Chair, at, true, "Seit der Einladung hat sich etwas geändert.")
	c.sees(apptest.Ada, at, false, "Seit der Einladung hat sich etwas geändert.")
	c.posts(apptest.Chair, at+"/einladen", 303)
	const second = ": Geändert: Märzsitzung"
	is(t, "changed", c.mails(&n), "vera"+second, "dana"+second, "ada"+second, "cem: Değişti: Märzsitzung")
	c.posts(apptest.Chair, at+"/absagen", 303, "reason", "Wasserschaden")
	const last = ": Abgesagt: Märzsitzung"
	is(t, "cancelled", c.mails(&n), "vera"+last, "dana"+last, "ada"+last, "cem: İptal: Märzsitzung")

	var ada []mail.Message
	for _, m := range c.h.Post.Sent() {
		if m.To == "ada@example.org" {
			ada = append(ada, m)
		}
	}
	if len(ada) != 3 || !strings.Contains(ada[0].Text, "Tagesordnung\n1  Begrüßung") || !strings.Contains(ada[0].Text, c.h.URL(at)) || !strings.Contains(ada[2].Text, "Wasserschaden") {
		t.Fatalf("%+v", ada)
	}
	uid := ""
	for i, want := range []struct{ method, sequence, start, status string }{
		{"REQUEST", "0", "2026-03-17T18:30:00Z", "CONFIRMED"}, {"REQUEST", "1", "2026-03-31T17:30:00Z", "CONFIRMED"}, {"CANCEL", "2", "2026-03-31T17:30:00Z", "CANCELLED"}} {
		m := ada[i].Calendar
		cal, err := ics.ParseCalendar(strings.NewReader(string(m.File)))
		if err != nil || len(cal.Events()) != 1 {
			t.Fatalf("%v: %s", err, m.File)
		}
		method := slices.IndexFunc(cal.CalendarProperties, func(p ics.CalendarProperty) bool { return p.IANAToken == "METHOD" && p.Value == want.method })
		e := cal.Events()[0]
		start, err := e.GetStartAt()
		at := e.Attendees()
		if err != nil || m.Method != want.method || method < 0 || start.UTC().Format(time.RFC3339) != want.start || e.GetProperty(ics.ComponentPropertySequence).Value != want.sequence ||
			e.GetProperty(ics.ComponentPropertyStatus).Value != want.status || len(at) != 1 || at[0].Email() != "ada@example.org" || at[0].ICalParameters["RSVP"][0] != "TRUE" ||
			e.GetProperty(ics.ComponentPropertyOrganizer) == nil {
			t.Errorf("%d: %v\n%s", i, err, m.File)
		}
		if i > 0 && e.Id() != uid {
			t.Errorf("another UID: %s", e.Id())
		}
		uid = e.Id()
		if got := readByICalJS(t, m.File); got != "" && got != want.start+" Elternbeirat Sonnenblume: Märzsitzung\n" {
			t.Errorf("ical.js reads %q", got)
		}
		if strings.Contains(string(m.File), "dana@example.org") || strings.Contains(string(m.File), "Beirat;") {
			t.Errorf("the addresses of others are told: %s", m.File)
		}
	}
	if !strings.Contains(strings.ReplaceAll(string(ada[0].Calendar.File), "\r\n ", ""), `Geheimes\; Personal\, Sorgen`) {
		t.Errorf("no agenda: %s", ada[0].Calendar.File)
	}
}

// readByICalJS is what ical.js makes of a calendar; "": it is not installed here.
func readByICalJS(t *testing.T, file []byte) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(apptest.Root(), "assets", "node_modules", "ical.js")); err != nil {
		t.Log("assets/node_modules is not here: the invitations were not read by ical.js")
		return ""
	}
	name := filepath.Join(t.TempDir(), "x.ics")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "node", filepath.Join(apptest.Root(), "app", "base", "calendar", "testdata", "read.mjs"), name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// TestOnceForEachState: what a mail server refuses is tried again, and only with the latest; a task that is carried out once
// more, since the machine failed after the mail was sent, writes to nobody again.
func TestOnceForEachState(t *testing.T) {
	c := newCouncil(t, Wires{})
	n := 0
	at := c.made()
	c.h.Post.Refuse(func(m mail.Message) error {
		if m.To == "ada@example.org" {
			return errors.New("not now")
		}
		return nil
	})
	c.posts(apptest.Chair, at+"/einladen", 303)
	is(t, "one is away", c.mails(&n), "vera: Einladung: Märzsitzung", "dana: Einladung: Märzsitzung", "cem: Davet: Märzsitzung")
	c.posts(apptest.Chair, at+"/bearbeiten", 303, evening("place", "Aula")...)
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.mails(&n)
	c.h.Post.Refuse(nil)
	c.h.Clock.Add(time.Hour)
	is(t, "she gets the latest, which is her first", c.mails(&n), "ada: Einladung: Märzsitzung")
	for _, sequence := range []string{"0", "1"} {
		c.write(`INSERT INTO task (kind, ref, arg, due) VALUES ('meeting.mail', 6, 'invite 1 ' || ?, 0)`, sequence)
	}
	is(t, "carried out again", c.mails(&n))
	for _, m := range c.h.Post.Sent() {
		if !strings.HasPrefix(m.Ref, "sitzung-1-") {
			t.Errorf("a mail that is tried again would have another id: %q", m.Ref)
		}
	}
	if s := string(c.h.Post.Sent()[0].Calendar.File); strings.Contains(s, "Begrüßung") {
		t.Errorf("mails may not tell more than a title: %s", s)
	}
}

// TestTooLate: an invitation within the notice is asked about before it goes, and the meeting says so from then on.
func TestTooLate(t *testing.T) {
	c := newCouncil(t, Wires{})
	n := 0
	at := c.made("day", "2026-03-09") // seven days: neither the day of the invitation nor that of the meeting counts
	c.sees(apptest.Chair, at+"/einladen", true, "Die Ladungsfrist ist nicht eingehalten.", "spätestens am 1. März 2026")
	if a := c.posts(apptest.Chair, at+"/einladen", 422); !a.Has("Bitte bestätigen Sie, dass Sie trotzdem einladen.") {
		t.Error(words(a.Body))
	}
	is(t, "not confirmed", c.mails(&n))
	c.sees(apptest.Ada, at, false, "Die Ladungsfrist ist nicht eingehalten.")
	c.posts(apptest.Chair, at+"/einladen", 303, "late", "1")
	if len(c.mails(&n)) != 4 {
		t.Error("nobody is invited")
	}
	c.sees(apptest.Ada, at, true, "Die Ladungsfrist ist nicht eingehalten.")
	c.sees(apptest.Hanna, at, false, "Die Ladungsfrist ist nicht eingehalten.")
	// a later day is in time, and the same day is not asked about again
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Noch etwas")
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.posts(apptest.Chair, at+"/bearbeiten", 303, evening("day", "2026-03-10")...)
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.sees(apptest.Ada, at, false, "Die Ladungsfrist ist nicht eingehalten.")
	// working days, with the holidays of the Land: Good Friday and Easter Monday do not count
	c.write(`INSERT INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional) VALUES (10, 0, 5, 1, 50, 'simple', 14, 14, 1, 1, 3)`)
	if err := c.h.DB.Write(t.Context(), func(tx *store.Tx) error { return c.h.Settings.Set(tx, settings.Land, "SH") }); err != nil {
		t.Fatal(err)
	}
	easter := c.made("day", "2026-04-09")
	c.sees(apptest.Chair, easter+"/einladen", true, "endet am 30. März 2026")
}

// TestSubstitutes: who declines is stood in for by the next in order, each told for whom; and who comes after all has the
// substitute thanked and released.
func TestSubstitutes(t *testing.T) {
	c := newCouncil(t, Wires{})
	n := 0
	at := c.made()
	entitled := func(want ...int64) {
		t.Helper()
		err := c.h.DB.Read(t.Context(), func(tx *store.Tx) error {
			got, err := Entitled(tx, 1)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("entitled are %v, want %v", got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	entitled(apptest.Chair, apptest.Dana, apptest.Ada, apptest.Cem)
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.mails(&n)
	c.sees(apptest.Bert, at, false, "Kommen Sie?")
	c.posts(apptest.Ada, at+"/antwort", 303, "answer", "no", "note", "Spätdienst")
	is(t, "the first is asked", c.mails(&n), "bert: Einladung: Märzsitzung")
	c.sees(apptest.Bert, at, true, "Sie sind als Ersatz für Ada Demir eingeladen.")
	c.sees(apptest.Dana, at, true, "Spätdienst", "für Ada Demir")
	entitled(apptest.Chair, apptest.Dana, apptest.Bert, apptest.Cem)
	c.posts(apptest.Bert, at+"/antwort", 303, "answer", "no")
	is(t, "then the second", c.mails(&n), "stan: Einladung: Märzsitzung")
	entitled(apptest.Chair, apptest.Dana, apptest.Silent, apptest.Cem)
	c.posts(apptest.Cem, at+"/antwort", 303, "answer", "no")
	is(t, "nobody is left", c.mails(&n))
	entitled(apptest.Chair, apptest.Dana, apptest.Silent, apptest.Cem)
	c.posts(apptest.Silent, at+"/antwort", 303, "answer", "yes")
	c.posts(apptest.Ada, at+"/antwort", 303, "answer", "yes")
	is(t, "she comes after all, and he stands in for another", c.mails(&n), "stan: Einladung: Märzsitzung")
	c.sees(apptest.Silent, at, true, "Sie sind als Ersatz für Cem Yildiz eingeladen.", "Sie haben zugesagt")
	entitled(apptest.Chair, apptest.Dana, apptest.Ada, apptest.Silent)
	c.posts(apptest.Cem, at+"/antwort", 303, "answer", "maybe")
	is(t, "thanked", c.mails(&n), "stan: Sie werden nicht mehr gebraucht: Märzsitzung")
	entitled(apptest.Chair, apptest.Dana, apptest.Ada, apptest.Cem)
	sent := c.h.Post.Sent()
	if m := sent[len(sent)-1].Calendar; m.Method != "CANCEL" || !strings.Contains(string(m.File), "SEQUENCE:0") {
		t.Errorf("the date stays in his calendar: %s", m.File)
	}
	c.posts(apptest.Silent, at+"/antwort", 422, "answer", "yes")
	// the next message goes to those who are needed
	c.posts(apptest.Chair, at+"/bearbeiten", 303, evening("place", "Aula")...)
	c.posts(apptest.Chair, at+"/einladen", 303)
	is(t, "changed", c.mails(&n), "vera: Geändert: Märzsitzung", "dana: Geändert: Märzsitzung", "ada: Geändert: Märzsitzung", "cem: Değişti: Märzsitzung")

	// a committee without substitutes asks none
	c.write(`INSERT INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional) VALUES (10, 0, 7, 0, 50, 'simple', 14, 14, 0, 1, 3)`)
	c.posts(apptest.Ada, at+"/antwort", 303, "answer", "no")
	is(t, "no substitutes", c.mails(&n))
}

// TestLeft: whoever has left the committee before the mail goes is not written to, and answers no more; the next message leaves
// them out for good.
func TestLeft(t *testing.T) {
	c := newCouncil(t, Wires{})
	n := 0
	at := c.made()
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.write(`UPDATE membership SET until = ? WHERE person = 6`, apptest.Start.Unix())
	is(t, "invited", c.mails(&n), "vera: Einladung: Märzsitzung", "dana: Einladung: Märzsitzung", "cem: Davet: Märzsitzung")
	if a := c.Post(apptest.Ada, at+"/antwort", "answer", "yes"); a.Code == 303 {
		t.Errorf("%d answers: %s", apptest.Ada, words(a.Body))
	}
	c.sees(apptest.Ada, at, false, "Kommen Sie?", "Wer kommt?")
	c.posts(apptest.Chair, at+"/bearbeiten", 303, evening("place", "Aula")...)
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.sees(apptest.Dana, at, false, "Ada Demir")
}
