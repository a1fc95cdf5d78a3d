package minutes

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/store"
)

// TestUnchangeable: approved minutes refuse every form of the house, and every statement that would change them.
func TestUnchangeable(t *testing.T) {
	s := newTown(t)
	s.sent()
	s.must(dana, "/protokoll/1/einwand", "item", "7", "body", "Der Tag fehlt.")
	s.must(vera, "/protokoll/1/antwort", "objection", "1", "answer", "refused", "reason", "Er steht da.")
	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	s.must(vera, "/protokoll/1/genehmigen", "meeting", "42")
	s.must(vera, "/protokoll/1/berichtigung", "item", "7", "body", "Es war doch der 5. Juni.")
	before := s.Get(dana, "/protokoll/1/text").Body

	for _, form := range []struct {
		path   string
		fields []string
	}{
		{"versenden", []string{"why", "Noch etwas"}}, {"genehmigen", []string{"meeting", "42"}}, {"einwand", []string{"item", "7", "body", "Nein"}},
		{"antwort", []string{"objection", "1", "answer", "taken"}}, {"fuehrung", []string{"keeper", "8"}},
	} {
		s.refused(vera, http.StatusUnprocessableEntity, "ändert sich nicht mehr", "/protokoll/1/"+form.path, form.fields...)
	}
	for _, form := range []struct {
		path   string
		fields []string
	}{
		{"schreiben", []string{"pen", "1", "form", "x", "no", "9", "base-7", "1-000000000000", "body-7", "Anders"}},
		{"beiseite", []string{"aside", "1", "do", "in"}},
	} {
		s.refused(vera, http.StatusConflict, "ändert sich nicht mehr", "/protokoll/1/"+form.path, form.fields...)
	}
	if a := s.Post(vera, "/protokoll/1/stift", "do", "over"); a.Code != http.StatusSeeOther || !strings.Contains(said(s.Get(vera, "/protokoll/1").Body), "ändert sich nicht mehr") {
		t.Errorf("the pen of approved minutes: %d", a.Code)
	}
	if a := s.Get(vera, "/protokoll/1/schreiben"); a.Code != http.StatusSeeOther {
		t.Errorf("the sheet of approved minutes: %d", a.Code)
	}
	if to := s.Post(vera, "/protokolle/neu", "meeting", "41").To; to != "/protokoll/1/schreiben" {
		t.Errorf("begun anew: %s", to)
	}

	for _, q := range []string{
		`UPDATE minutes SET state = 'sent', approved = NULL, hash = NULL, shown = NULL WHERE id = 1`,
		`UPDATE minutes SET hash = zeroblob(32) WHERE id = 1`,
		`UPDATE minutes SET shown = zeroblob(32) WHERE id = 1`,
		`UPDATE minutes SET title = 'Anders' WHERE id = 1`,
		`UPDATE minutes SET held = 0 WHERE id = 1`,
		`UPDATE minutes SET public = 0 WHERE id = 1`,
		`UPDATE minutes SET unit = 4 WHERE id = 1`,
		`UPDATE minutes SET meeting = 99 WHERE id = 1`,
		`UPDATE minutes SET place = 99 WHERE id = 1`,
		`UPDATE minutes SET session = 'Woanders' WHERE id = 1`,
		`UPDATE minutes SET approved = 1 WHERE id = 1`,
		`UPDATE minutes SET id = 2 WHERE id = 1`,
		`UPDATE minutes SET approver = 8 WHERE id = 1`,
		`UPDATE minutes SET keeper = 8 WHERE id = 1`,
		`UPDATE minutes SET writer = 17 WHERE id = 1`,
		`DELETE FROM minutes WHERE id = 1`,
		`INSERT OR REPLACE INTO minutes (id, uid, unit, meeting, title, held, public, state, due, created, changed) VALUES (1, 'x', 10, 99, 'Anders', 0, 1, 'draft', 0, 0, 0)`,
		`INSERT OR REPLACE INTO minutes (id, uid, unit, meeting, title, held, public, state, due, created, changed) VALUES (9, 'x', 10, 41, 'Anders', 0, 1, 'draft', 0, 0, 0)`,
		`UPDATE minutes_revision SET content = '{}' WHERE minutes = 1`,
		`UPDATE minutes_revision SET why = 'Anders' WHERE minutes = 1`,
		`UPDATE minutes_revision SET at = 0 WHERE minutes = 1`,
		`UPDATE minutes_revision SET author = 8 WHERE minutes = 1`,
		`DELETE FROM minutes_revision WHERE minutes = 1`,
		`INSERT INTO minutes_revision (minutes, number, content, why, at) VALUES (1, 2, '{}', 'Anders', 0)`,
		`INSERT OR REPLACE INTO minutes_revision (minutes, number, content, why, at) VALUES (1, 1, '{}', '', 0)`,
		`UPDATE minutes_text SET body = 'Anders' WHERE minutes = 1`,
		`INSERT INTO minutes_text (minutes, item, version, body, form, no, at) VALUES (1, 99, 1, 'Anders', '', 0, 0)`,
		`DELETE FROM minutes_text WHERE minutes = 1`,
		`UPDATE minutes_objection SET answer = 'taken' WHERE minutes = 1`,
		`UPDATE minutes_objection SET body = 'Anders' WHERE minutes = 1`,
		`DELETE FROM minutes_objection WHERE minutes = 1`,
		`INSERT INTO minutes_objection (minutes, item, body, at) VALUES (1, 0, 'Noch einer', 0)`,
		`UPDATE minutes_note SET body = 'Anders'`,
		`UPDATE minutes_note SET public = 1 - public`,
		`DELETE FROM minutes_note`,
	} {
		err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(q)
			return err
		})
		if err == nil {
			t.Errorf("done: %s", q)
		} else if !strings.Contains(err.Error(), "change") && !strings.Contains(err.Error(), "stay") && !strings.Contains(err.Error(), "objected") {
			t.Errorf("%s: %v", q, err)
		}
	}
	if got := s.Get(dana, "/protokoll/1/text").Body; got != before {
		t.Errorf("the text has changed:\n%s", got)
	}
	if page := said(s.Get(dana, "/protokoll/1").Body); strings.Contains(page, "verändert:") {
		t.Errorf("nothing has changed, and yet: %s", page)
	}
}

// behind changes something behind the back of the triggers, as somebody with the file of the database could.
func (s *town) behind(query string, args ...any) {
	s.t.Helper()
	for _, name := range []string{"minutes_final", "minutes_revision_final"} {
		s.sql(`DROP TRIGGER IF EXISTS ` + name)
	}
	s.sql(query, args...)
}

// TestDamage: one byte that is changed in the database is shown at once, and found in the night.
func TestDamage(t *testing.T) {
	for _, c := range []struct{ name, query string }{
		{"a word of the text", `UPDATE minutes_revision SET content = replace(content, '5. Juni', '6. Juni')`},
		{"a result", `UPDATE minutes_revision SET content = replace(content, '"yes":2', '"yes":3')`},
		{"who was there", `UPDATE minutes_revision SET content = replace(content, 'Bert Demir', 'Cem Yildiz')`},
		{"what is public", `UPDATE minutes_revision SET content = replace(content, '"title":"Beschwerde einer Familie"', '"title":"Beschwerde einer Familie","public":true')`},
		{"a blank outside of any value", `UPDATE minutes_revision SET content = replace(content, '{"record"', '{ "record"')`},
		{"a field that nobody knows", `UPDATE minutes_revision SET content = replace(content, '{"record"', '{"x":1,"record"')`},
		{"no JSON", `UPDATE minutes_revision SET content = substr(content, 2)`},
		{"nothing", `UPDATE minutes_revision SET content = ''`},
		{"the hash", `UPDATE minutes SET hash = zeroblob(32)`},
		{"the hash of the public version", `UPDATE minutes SET shown = zeroblob(32)`},
		{"the day of the approval", `UPDATE minutes SET approved = approved + 1`},
		{"the meeting that approved", `UPDATE minutes SET session = session || '!'`},
		{"the title", `UPDATE minutes SET title = title || '!'`},
		{"the day", `UPDATE minutes SET held = held + 1`},
		{"who may read", `UPDATE minutes SET public = 0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTown(t)
			s.approved()
			s.Work(t)
			n := len(s.House.Post.Sent())
			if page := said(s.Get(vera, "/protokoll/1").Body); strings.Contains(page, "Prüfsumme stimmt nicht") {
				t.Fatalf("before: %s", page)
			}
			s.behind(c.query)
			for _, person := range []int64{vera, dana} {
				if a := s.Get(person, "/protokoll/1"); a.Code != 200 || !strings.Contains(said(a.Body), "Prüfsumme stimmt nicht") {
					t.Errorf("%d is not told: %d %s", person, a.Code, said(a.Body))
				}
			}
			if a := s.Get(ada, "/protokoll/1"); a.Code == 200 && !strings.Contains(said(a.Body), "Prüfsumme stimmt nicht") || a.Has("Quaste") {
				t.Errorf("a mother reads: %d %s", a.Code, said(a.Body))
			}
			if a := s.Get(dana, "/protokoll/1/text"); a.Code >= 500 {
				t.Errorf("the file: %d", a.Code)
			}
			s.night()
			mails := s.House.Post.Sent()[n:]
			if len(mails) != 2 || !strings.Contains(mails[0].Subject, "wurde verändert") {
				t.Errorf("the board is told: %v", mails)
			}
			s.night()
			if more := s.House.Post.Sent()[n:]; len(more) != 2 {
				t.Errorf("told %d times", len(more))
			}
			if list := said(s.Get(vera, "/protokolle?unit=10").Body); !strings.Contains(list, "Verändert") {
				t.Errorf("the list: %s", list)
			}
		})
	}
}

// night has a night pass, and what was to be told told.
func (s *town) night() {
	s.t.Helper()
	f := &feature{House: s.House.House, wires: s.wires(), log: s.wires().Log}
	if err := f.night(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.Clock.Add(12 * time.Hour) // quiet hours are over
	s.Work(s.t)
}
