package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// An asking is a house whose announcements ask something.
type asking struct {
	*apptest.Site
	h   *apptest.House
	t   testing.TB
	all []house.Feature
}

func newAsking(t testing.TB) *asking {
	h := apptest.New(t)
	all := features(h.House, nil)
	return &asking{h.Serve(t, all...), h, t, all}
}

// trip is the form of an announcement to the families of Sonne that asks two questions.
func trip(more ...string) []string {
	return append([]string{"go", "send", "unit", "4", "audience", "4", "role", "parent", "title", "Ausflug", "body", "In den Wald.",
		"slip", "1", "slip_per", "child", "slip_words", "Kommt Ihr Kind mit?", "slip_kind", "one", "slip_choices", "Ja\nNein", "slip_required", "1",
		"slip_words", "Wie viele Brote?", "slip_kind", "number", "slip_choices", "", "slip_required", "0",
		"slip_words", "", "slip_kind", "one", "slip_choices", "Ja\nNein", "slip_required", "1"}, more...)
}

func (w *asking) asked(person int64, fields ...string) {
	w.t.Helper()
	if a := w.Post(person, "/mitteilungen/neu", fields...); a.Code != 303 {
		w.t.Fatalf("%d: %s", a.Code, said(a.Body))
	}
}

func (w *asking) answers(person int64, status int, fields ...string) apptest.Answer {
	w.t.Helper()
	a := w.Post(person, "/rueckmeldung/1/antwort", fields...)
	if a.Code != status {
		w.t.Fatalf("%d answers %q: %d, want %d: %s", person, fields, a.Code, status, said(a.Body))
	}
	return a
}

func (w *asking) sees(person int64, path string, want bool, what string) {
	w.t.Helper()
	if a := w.Get(person, path); a.Has(what) != want {
		w.t.Errorf("%d at %s: %q is there: %v (%d)\n%s", person, path, what, !want, a.Code, said(a.Body))
	}
}

// TestTrip: one of two parents answers for their child, the other can change that, and what was said before stays.
func TestTrip(t *testing.T) {
	w := newAsking(t)
	w.asked(apptest.Hanna, trip("confirm", "1")...)
	w.sees(apptest.Ada, "/mitteilungen", true, "Zur Rückmeldung")
	w.sees(apptest.Ada, "/mitteilung/1", true, "Rückmeldung für Mila")
	w.sees(apptest.Ada, "/mitteilung/1", false, "für Emil") // is in another house
	if a := w.answers(apptest.Ada, 422, "child", "1", "q2", "viele"); !a.Has("Bitte beantworten Sie diese Frage.") || !a.Has("Bitte geben Sie eine Zahl ein.") || !a.Has(`value="viele"`) {
		t.Error(said(a.Body))
	}
	w.answers(apptest.Ada, 422, "child", "1", "q1", "Vielleicht")
	w.answers(apptest.Ada, 403, "child", "2", "q1", "Ja") // a child who is not asked
	w.answers(apptest.Ada, 403, "child", "3", "q1", "Ja") // another's
	w.answers(apptest.Hanna, 403, "child", "1", "q1", "Ja")
	w.answers(apptest.Rosa, 404, "child", "2", "q1", "Ja")
	w.answers(apptest.Ada, 400, "child", "1", "q1", "Ja", "q99", "x")
	w.answers(apptest.Ada, 303, "child", "1", "q1", "Ja", "q2", "3")
	w.answers(apptest.Ada, 303, "child", "1", "q1", "Ja", "q2", "3") // from the outbox, once more
	w.sees(apptest.Ada, "/mitteilung/1", true, "Bestätigt heute")    // an answer confirms
	w.sees(apptest.Hanna, "/rueckmeldung/1", false, "Frühere Antworten")
	w.answers(apptest.Bert, 303, "child", "1", "q1", "Nein")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "Frühere Antworten")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "Wie viele Brote?: 3")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "von 3 haben geantwortet")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, `aria-label="Ja: 0, Nein: 1"`)
	w.answers(apptest.Cem, 303, "child", "3", "q1", "Ja", "q2", "2")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "Can Yildiz")
	w.sees(apptest.Max, "/rueckmeldung/1", true, "<b>2</b> zusammen")
	for _, name := range []string{"Mila", "Can", "Yildiz"} {
		w.sees(apptest.Max, "/rueckmeldung/1", false, name) // a carrier reads numbers
	}
	if a := w.Get(apptest.Max, "/rueckmeldung/1/tabelle"); a.Code != 403 {
		t.Errorf("%d", a.Code)
	}
	if a := w.Get(apptest.Rosa, "/rueckmeldung/1"); a.Code != 404 {
		t.Errorf("%d", a.Code)
	}
	if a := w.Get(apptest.Hanna, "/rueckmeldung/1/tabelle?als=csv"); !a.Has("Can Yildiz;Bären;beantwortet;Ja;2;Cem Yildiz;2026-03-02 07:12;") {
		t.Error(a.Body)
	}
	if a := w.Get(apptest.Hanna, "/rueckmeldung/1/tabelle"); !strings.HasPrefix(a.Body, "PK") {
		t.Errorf("%d %.20q", a.Code, a.Body)
	}
}

// TestBothMustAgree: where the announcement wants it, an answer counts when all who decide have given the same.
func TestBothMustAgree(t *testing.T) {
	w := newAsking(t)
	w.asked(apptest.Hanna, trip("slip_both", "1", "slip_sign", "draw")...)
	w.sees(apptest.Ada, "/mitteilung/1", true, "0 von 2")
	w.answers(apptest.Ada, 422, "child", "1", "q1", "Ja")                                                 // without a signature
	w.answers(apptest.Ada, 422, "child", "1", "q1", "Ja", "drawing", `M1 1L2 2"/><script>`)               // that is none
	w.answers(apptest.Ada, 422, "child", "1", "q1", "Ja", "drawing", "M1 1"+strings.Repeat("L1 1", 2001)) // that is too long
	w.answers(apptest.Ada, 303, "child", "1", "q1", "Ja", "drawing", "M10 10L20 30M40 40L50 50L60 60")    // by hand
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "1 von 2")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, `aria-label="Ja: 0, Nein: 0"`)
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, `d="M10 10L20 30M40 40L50 50L60 60"`)
	w.answers(apptest.Bert, 303, "child", "1", "q1", "Nein", "signed", "Bert Demir")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "uneinig")
	w.sees(apptest.Ada, "/mitteilung/1", true, "Die Antworten der Sorgeberechtigten sind verschieden.")
	w.answers(apptest.Bert, 303, "child", "1", "q1", "Ja", "signed", "Bert Demir")
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, `aria-label="Ja: 1, Nein: 0"`)
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "Frühere Antworten")
	w.answers(apptest.Cem, 303, "child", "3", "q1", "Ja", "signed", "Cem") // who decides alone
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, `aria-label="Ja: 2, Nein: 0"`)
}

// TestReminders: only those who have not answered are reminded, by hand and in the evening before the deadline; then it is
// too late, and that is said.
func TestReminders(t *testing.T) {
	w := newAsking(t)
	w.asked(apptest.Hanna, trip("slip_deadline_day", "2026-03-05", "slip_deadline_time", "12:00")...)
	w.h.Work(t)
	begun := len(w.h.Post.Sent())
	w.answers(apptest.Ada, 303, "child", "1", "q1", "Ja")
	w.Post(apptest.Hanna, "/rueckmeldung/1/erinnern")
	w.Post(apptest.Hanna, "/rueckmeldung/1/erinnern") // a colleague had the same idea
	w.h.Work(t)
	sent := w.h.Post.Sent()[begun:]
	if len(sent) != 1 || sent[0].To != "cem@example.org" {
		t.Fatalf("%+v", sent)
	}
	w.h.Clock.Add(2*24*time.Hour + 11*time.Hour) // Wednesday, 18:12
	w.h.Work(t)
	sent = w.h.Post.Sent()[begun:]
	n := 0
	for _, m := range sent {
		if strings.Contains(m.Text, "/mitteilung/1") && m.To == "ada@example.org" && !strings.Contains(m.Text, "Zusammenfassung") {
			t.Errorf("who has answered is reminded: %+v", m)
		}
		if m.To == "cem@example.org" && m.Subject == sent[0].Subject {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d reminders: %+v", n, sent)
	}
	w.h.Clock.Add(24 * time.Hour)
	if a := w.answers(apptest.Bert, 422, "child", "1", "q1", "Nein"); !a.Has("Antworten war bis Do 5. März, 12:00 Uhr möglich.") {
		t.Error(said(a.Body))
	}
}

// TestForOneself: the team is asked for itself, and its carrier reads who comes.
func TestForOneself(t *testing.T) {
	w := newAsking(t)
	w.asked(apptest.Max, "go", "send", "unit", "3", "audience", "3", "role", "team", "title", "Betriebsausflug", "body", "",
		"slip", "1", "slip_per", "person", "slip_sign", "name", "slip_words", "Was essen Sie?", "slip_kind", "many", "slip_choices", "Suppe\nSalat\nSuppe", "slip_required", "0")
	w.answers(apptest.Stefan, 422, "child", "0", "q1", "Salat")
	w.answers(apptest.Stefan, 303, "child", "0", "q1", "Salat", "q1", "Suppe", "signed", "Stefan Fachkraft")
	w.sees(apptest.Max, "/rueckmeldung/1", true, "Stefan Fachkraft")
	w.sees(apptest.Max, "/rueckmeldung/1", true, "Suppe, Salat")
	w.sees(apptest.Max, "/rueckmeldung/1", true, "von 2 haben geantwortet")
	w.sees(apptest.Hanna, "/mitteilung/1", true, "Ihre Rückmeldung")
	w.answers(apptest.Ada, 404, "child", "0", "q1", "Salat")
}

// TestWrongSlips: an announcement whose questions cannot be asked is not published, and nothing typed is lost.
func TestWrongSlips(t *testing.T) {
	w := newAsking(t)
	base := []string{"go", "send", "unit", "4", "audience", "4", "role", "parent", "title", "Ausflug", "slip", "1", "slip_per", "child"}
	for _, c := range []struct {
		name string
		form []string
		says string
	}{
		{"no question", nil, "Bitte stellen Sie 1 bis 20 Fragen."},
		{"one choice", []string{"slip_words", "Kommt er?", "slip_kind", "one", "slip_choices", "Ja", "slip_required", "1"}, "Frage 1: Bitte geben Sie"},
		{"no such kind", []string{"slip_words", "Kommt er?", "slip_kind", "x", "slip_choices", "", "slip_required", "1"}, "wie geantwortet wird"},
		{"a deadline in the past", []string{"slip_words", "Kommt er?", "slip_kind", "text", "slip_choices", "", "slip_required", "1", "slip_deadline_day", "2026-03-01"}, "Vergangenheit"},
		{"no such day", []string{"slip_words", "Kommt er?", "slip_kind", "text", "slip_choices", "", "slip_required", "1", "slip_deadline_day", "2026-02-30"}, "die es gibt"},
	} {
		a := w.Post(apptest.Hanna, "/mitteilungen/neu", append(base, c.form...)...)
		if a.Code != 422 || !a.Has(c.says) || c.form != nil && !a.Has("Kommt er?") {
			t.Errorf("%s: %d %s", c.name, a.Code, said(a.Body))
		}
	}
	w.sees(apptest.Ada, "/mitteilungen", false, "Ausflug")
}

// TestManyAnswers: the page of results of a facility counts each child once, however many have answered.
func TestManyAnswers(t *testing.T) {
	w := newAsking(t)
	const n = 60
	err := w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
		for i := range n {
			id := int64(1001 + i)
			for _, q := range []string{
				`INSERT INTO person (id, uid, given, family, language) VALUES (?1, 'x' || ?1, 'Nr', ?1, 'de')`,
				`INSERT INTO child (id, uid, facility, given, family, born) VALUES (?1, 'k' || ?1, 4, 'Kind', ?1, '2022-01-01')`,
				`INSERT INTO child_stay (child, since, unit) VALUES (?1, 0, 5)`,
				`INSERT INTO guardian (child, person, relation, rank, informed, decides, state, mail, phone, language, since) VALUES (?1, ?1, '', 1, 1, 1, 'confirmed', '', '', 'de', 0)`,
			} {
				if _, err := tx.Exec(q, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.asked(apptest.Hanna, trip()...)
	for i := range n {
		choice := "Ja"
		if i%3 == 0 {
			choice = "Nein"
		}
		w.answers(int64(1001+i), 303, "child", fmt.Sprint(1001+i), "q1", choice, "q2", "2")
	}
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, `aria-label="Ja: 40, Nein: 20"`)
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "<b>120</b> zusammen")
}

// TestAnswersAreKept: answers are deleted some months after the deadline, and that is said; what was asked stays.
func TestAnswersAreKept(t *testing.T) {
	w := newAsking(t)
	for _, f := range w.all {
		if f.Name == "slip" {
			if err := f.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.asked(apptest.Hanna, trip("slip_deadline_day", "2026-03-05", "slip_deadline_time", "12:00", "slip_sign", "draw")...)
	w.answers(apptest.Ada, 303, "child", "1", "q1", "Ja", "drawing", "M1 1L2 2")
	w.answers(apptest.Bert, 303, "child", "1", "q1", "Nein", "signed", "Bert Demir") // and what was said before is a trace
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "Die Antworten werden am 5. März 2028 gelöscht.")
	to := func(day int) {
		t.Helper()
		w.h.Clock.Add(time.Date(2028, 3, day, 4, 0, 0, 0, time.UTC).Sub(w.h.Now()))
		w.h.Work(t)
	}
	to(5)
	w.sees(apptest.Hanna, "/rueckmeldung/1", true, "Frühere Antworten")
	to(6)
	a := w.Get(apptest.Hanna, "/rueckmeldung/1")
	if !a.Has("Die Antworten wurden am 6. März 2028 gelöscht.") || a.Has("Mila") || a.Has("haben geantwortet") {
		t.Error(said(a.Body))
	}
	w.sees(apptest.Ada, "/mitteilung/1", true, "In den Wald.")
	w.answers(apptest.Ada, 422, "child", "1", "q1", "Ja")
	if err := w.h.DB.Read(t.Context(), func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `
			SELECT (SELECT count(*) FROM slip_answer) + (SELECT count(*) FROM slip_value) + (SELECT count(*) FROM slip_trace)`)
		if n != 0 {
			t.Errorf("%d rows are left", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
