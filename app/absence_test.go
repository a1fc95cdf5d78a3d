package app

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// page is what a person reads at a path.
func (f *full) page(person int64, path string) string {
	f.t.Helper()
	w := f.do(person, httptest.NewRequest("GET", apptest.Base+path, nil))
	if w.Code != 200 {
		f.t.Fatalf("%s as %d: %d %s", path, person, w.Code, said(w.Body.String()))
	}
	return said(w.Body.String())
}

// talks are the paths of the conversations of a person, the latest first.
func (f *full) talks(person int64) []string {
	f.t.Helper()
	w := f.do(person, httptest.NewRequest("GET", apptest.Base+"/nachrichten", nil))
	return regexp.MustCompile(`/gespraech/\d+`).FindAllString(w.Body.String(), -1)
}

// A child is excused after the hour of the Kita: the team of the group has a conversation about it with the mother, who is
// told so. What she says about it later goes there, too; in it stands neither a reason nor her note.
func TestLateAbsenceIsAMessage(t *testing.T) {
	f := newHouse(t)
	f.Clock.Add(93 * time.Minute) // 8:45; the Kita wants to know it by 8:30
	form := []string{"uid", "0195f5a0-0000-7000-8000-000000000001", "child", "1", "reason", "ill", "note", "hohes Fieber"}
	f.done(apptest.Ada, "/abwesenheit", form...)
	f.done(apptest.Ada, "/abwesenheit", form...) // the answer to the first was lost, and the device sends it again
	if p := f.page(apptest.Ada, "/abwesenheit"); !strings.Contains(p, "Ihre Meldung kam nach 8:30 Uhr. Das Team hat eine Nachricht bekommen.") {
		t.Errorf("Ada is not told that it was late: %s", p)
	}
	var at string
	for _, p := range []int64{apptest.Ada, apptest.Stefan, apptest.Hanna} {
		all := f.talks(p)
		if len(all) != 1 {
			t.Fatalf("%d has %d conversations, want 1", p, len(all))
		}
		at = all[0]
		page := f.page(p, at)
		for _, want := range []string{"Abwesenheit Mila, Mo 2. März", "Ada Demir", "Mila ist heute abgemeldet.", "Gemeldet um 8:45 Uhr, nach 8:30 Uhr.", "Abmeldung ansehen"} {
			if !strings.Contains(page, want) {
				t.Errorf("%d does not read %q: %s", p, want, page)
			}
		}
		if strings.Contains(page, "Fieber") || strings.Contains(page, "krank") || strings.Count(page, "abgemeldet") != 1 {
			t.Errorf("%d reads too much: %s", p, page)
		}
	}
	for _, p := range []int64{apptest.Bert, apptest.Cem, apptest.Max, apptest.Rosa} {
		if all := f.talks(p); len(all) != 0 {
			t.Errorf("%d reads of it, too: %v", p, all)
		}
	}
	f.Work(t)
	for _, m := range f.Post.Sent() {
		if strings.Contains(m.Subject, "Spät gemeldet") || strings.Contains(m.Subject+m.Text, "Mila") {
			t.Errorf("mail to %s, %q: %s", m.To, m.Subject, m.Text)
		}
	}
	f.done(apptest.Stefan, at, "uid", "", "body", "Gute Besserung!")
	f.done(apptest.Stefan, at+"/schliessen", "closed", "1")
	f.Clock.Add(15 * time.Minute)
	f.done(apptest.Ada, "/abwesenheit/1/zurueck")
	if all := f.talks(apptest.Stefan); len(all) != 1 {
		t.Fatalf("taken back in another conversation: %v", all)
	}
	if p := f.page(apptest.Stefan, at); !strings.Contains(p, "Mila kommt wieder.") || !strings.Contains(p, "Gespräch schließen") {
		t.Errorf("Stefan does not read that Mila comes: %s", p)
	}
	// What is entered after a telephone call has nobody's words: the house does not put words into anybody's mouth.
	f.done(apptest.Stefan, "/anwesenheit/1/abmelden", "first_day", "2026-03-02")
	if p := f.page(apptest.Ada, at); strings.Count(p, "abgemeldet") != 1 || len(f.talks(apptest.Ada)) != 1 {
		t.Errorf("what Stefan has entered stands there as Ada's words: %s", p)
	}
}

// Where families may not write, the absence is taken all the same, and the team hears of it on the way on which it did
// before there were messages.
func TestLateAbsenceWhereNobodyMayWrite(t *testing.T) {
	f := newHouse(t)
	f.done(apptest.Max, "/einheit/3/nachrichten", "go", "save", "day", "1", "starts", "08:00", "ends", "16:00")
	f.sql(`UPDATE membership SET mail = 'stefan@example.org' WHERE person = 5`)
	f.Clock.Add(2 * time.Hour)
	f.done(apptest.Ada, "/abwesenheit", "child", "1")
	f.Work(t)
	if n := len(f.talks(apptest.Ada)) + len(f.talks(apptest.Stefan)); n != 0 {
		t.Errorf("%d conversations", n)
	}
	if p := f.page(apptest.Stefan, "/tagesliste/5"); !strings.Contains(p, "abgemeldet") {
		t.Errorf("the list of the day: %s", p)
	}
	told := map[string]string{}
	for _, m := range f.Post.Sent() {
		told[m.To] += m.Subject
	}
	if told["stefan@example.org"] != "Spät gemeldet: Käfer" || told["hanna@example.org"] != "Spät gemeldet: Käfer" || len(told) != 2 {
		t.Errorf("told: %v", told)
	}
}
