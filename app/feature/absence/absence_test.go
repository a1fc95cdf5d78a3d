package absence

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
)

// told is what other features were told.
type told struct {
	notices []Notice
	cares   []string
	logs    []string
}

func site(t *testing.T) (*apptest.House, *apptest.Site, *told) {
	t.Helper()
	h, n := apptest.New(t), &told{}
	return h, h.Serve(t, New(h.House, Wires{
		Log: func(_ *store.Tx, _ time.Time, _ int64, action string, ref int64) error {
			n.logs = append(n.logs, fmt.Sprint(action, " ", ref))
			return nil
		},
		Care: func(_ *store.Tx, child int64, first, last string) error {
			n.cares = append(n.cares, fmt.Sprint(child, " ", first, " ", last))
			return nil
		},
		Tell: func(_ *store.Tx, x Notice) (bool, error) {
			n.notices = append(n.notices, x)
			return true, nil
		},
	})), n
}

// waited sends a form that has waited on a device.
func waited(s *apptest.Site, person int64, path string, span time.Duration, fields ...string) apptest.Answer {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, apptest.Base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Person", fmt.Sprint(person))
	r.Header.Set("X-Waited", fmt.Sprint(span.Milliseconds()))
	return s.Do(person, r)
}

func rows(t *testing.T, h *apptest.House, query string, args ...any) (n int) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const today1 = "2026-03-02" // a Monday

// A morning: two absences at 6:50, one of them without a connection and sent twice at 7:10; the list at 7:30.
func TestMorning(t *testing.T) {
	h, s, n := site(t)
	h.Clock.Add(-22 * time.Minute) // 6:50
	if a := s.Get(apptest.Ada, "/abwesenheit"); !a.Has("Mila heute abmelden") || !a.Has("Emil heute abmelden") || a.Has("Dora") || !a.Has("Bitte bis 8:30 Uhr.") {
		t.Fatal(a.Body)
	}
	if a := s.Post(apptest.Ada, "/abwesenheit", "uid", "0195f5a0-0000-7000-8000-000000000001", "child", "1"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Ada, "/abwesenheit"); !a.Has("Mila ist heute abgemeldet. Die Gruppe sieht es sofort.") || a.Has("Mila heute abmelden") {
		t.Errorf("Ada does not see that it was taken: %s", a.Body)
	}
	h.Clock.Add(20 * time.Minute) // 7:10
	for range 2 {                 // the answer to the first was lost
		a := waited(s, apptest.Cem, "/abwesenheit", 20*time.Minute, "uid", "0195f5a0-0000-7000-8000-000000000002", "child", "3",
			"first_day", today1, "last_day", "2026-03-04", "reason", "ill", "note", "  kommt\nMittwoch  ")
		if a.Code != 303 {
			t.Fatal(a.Code, a.Body)
		}
	}
	if k := rows(t, h, `SELECT count(*) FROM absence`); k != 2 {
		t.Errorf("%d absences, want 2", k)
	}
	if k := rows(t, h, `SELECT count(*) FROM absence_event WHERE person = 7 AND received - at = 1200`); k != 1 {
		t.Errorf("%d entries of Cem that have waited, want 1", k)
	}
	h.Clock.Add(20 * time.Minute) // 7:30
	a := s.Get(apptest.Hanna, "/tagesliste/4")
	for _, want := range []string{`data-count="excused">2<`, `data-count="expected">1<`, "Mila Demir", "abgemeldet", "krank", "Dora Beirat", "0461 113"} {
		if !a.Has(want) {
			t.Errorf("Hanna's list lacks %s", want)
		}
	}
	if a.Has("Emil") || a.Has("Still") {
		t.Error("Hanna's list has a child of another Kita, or who may not be called")
	}
	if a.Header.Get("X-Offline") != "today" {
		t.Error("the list does not rest on the tablet")
	}
	if a := s.Get(apptest.Stefan, "/tagesliste/5"); !a.Has("Mila Demir") || a.Has("Can Yildiz") {
		t.Errorf("Stefan's list: %s", a.Body)
	}
	for _, c := range []struct {
		who  int64
		path string
	}{{apptest.Stefan, "/tagesliste/4"}, {apptest.Stefan, "/tagesliste/6"}, {apptest.Rosa, "/tagesliste/5"}, {apptest.Hanna, "/tagesliste/3"}, {apptest.Hanna, "/tagesliste/10"}} {
		if a := s.Get(c.who, c.path); a.Code != 404 {
			t.Errorf("person %d gets %s: %d", c.who, c.path, a.Code)
		}
	}
	// Both guardians see it, with who entered it; the court's word about Can's other father holds here, too.
	if a := s.Get(apptest.Bert, "/abwesenheit/1"); !a.Has("Mila ist heute abgemeldet") || !a.Has("Ada Demir") {
		t.Errorf("Bert: %d %s", a.Code, a.Body)
	}
	for _, p := range []int64{apptest.Silent, apptest.Cem, apptest.Rosa, apptest.Max, apptest.Olga} {
		if a := s.Get(p, "/abwesenheit/1"); a.Code == 200 {
			t.Errorf("person %d sees Mila's absence", p)
		}
	}
	if len(n.notices) != 0 {
		t.Errorf("told to the team before half past eight: %v", n.notices)
	}
	if fmt.Sprint(n.cares) != "[1 2026-03-02 2026-03-02 3 2026-03-02 2026-03-04]" {
		t.Errorf("coverage was told of %q", n.cares)
	}
}

// What is wrong is said in words that help, and nothing is written.
func TestWrongAbsences(t *testing.T) {
	h, s, _ := site(t)
	for _, c := range []struct {
		name   string
		who    int64
		code   int
		want   string
		fields []string
	}{
		{"yesterday", apptest.Ada, 422, "Dieser Tag ist schon vorbei", []string{"child", "1", "first_day", "2026-03-01", "last_day", "2026-03-03"}},
		{"until before from", apptest.Ada, 422, "Der letzte Tag liegt vor dem ersten", []string{"child", "1", "first_day", "2026-03-05", "last_day", "2026-03-04"}},
		{"three years", apptest.Ada, 422, "länger als ein halbes Jahr", []string{"child", "1", "first_day", today1, "last_day", "2029-03-02"}},
		{"next year", apptest.Ada, 422, "zu weit in der Zukunft", []string{"child", "1", "first_day", "2027-03-02"}},
		{"no day", apptest.Ada, 422, "Bitte geben Sie einen Tag an", []string{"child", "1", "first_day", "2026-02-30"}},
		{"no reason of ours", apptest.Ada, 422, "einen der Gründe", []string{"child", "1", "reason", "covid"}},
		{"a novel", apptest.Ada, 422, "höchstens 300 Zeichen", []string{"child", "1", "note", strings.Repeat("ä", 301)}},
		{"somebody else's child", apptest.Ada, 404, "", []string{"child", "3"}},
		{"no child", apptest.Ada, 404, "", []string{"child", "x"}},
		{"a father who is not told", apptest.Silent, 403, "", []string{"child", "3"}},
		{"a field too many", apptest.Ada, 400, "", []string{"child", "1", "diagnosis", "x"}},
	} {
		if a := s.Post(c.who, "/abwesenheit", c.fields...); a.Code != c.code || !a.Has(c.want) {
			t.Errorf("%s: %d, want %d and %q: %s", c.name, a.Code, c.code, c.want, a.Body)
		}
	}
	if a := waited(s, apptest.Ada, "/abwesenheit", 8*24*time.Hour, "child", "1"); a.Code != 422 || !a.Has("länger als eine Woche") {
		t.Errorf("waited for eight days: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, "/abwesenheit", "child", "1", "first_day", "2026-03-01", "note", "bleibt stehen"); !a.Has(`value="bleibt stehen"`) || !a.Has("<details open>") {
		t.Error("what was typed is gone")
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE child_stay SET until = 100 WHERE child = 1`)
		return errors.Join(err, func() error { _, err := tx.Exec(`UPDATE guardian SET decides = 0 WHERE child = 4`); return err }())
	}); err != nil {
		t.Fatal(err)
	}
	if a := s.Post(apptest.Ada, "/abwesenheit", "child", "1"); a.Code != 404 {
		t.Errorf("a child that has left: %d", a.Code)
	}
	if a := s.Post(apptest.Dana, "/abwesenheit", "child", "4"); a.Code != 422 || !a.Has("nur die anderen Sorgeberechtigten") {
		t.Errorf("a guardian who does not decide: %d %s", a.Code, a.Body)
	}
	if k := rows(t, h, `SELECT count(*) FROM absence`); k != 0 {
		t.Errorf("%d absences were written", k)
	}
}

// What both parents enter becomes one; what is changed or taken back leaves its trace.
func TestChange(t *testing.T) {
	h, s, n := site(t)
	done := func(who int64, path string, fields ...string) {
		t.Helper()
		if a := s.Post(who, path, fields...); a.Code != 303 {
			t.Fatalf("%s: %d %s", path, a.Code, a.Body)
		}
	}
	done(apptest.Ada, "/abwesenheit", "child", "1", "first_day", today1, "last_day", "2026-03-03", "reason", "ill")
	done(apptest.Bert, "/abwesenheit", "child", "1")                                                      // it stands there
	done(apptest.Bert, "/abwesenheit", "child", "1", "first_day", "2026-03-03", "last_day", "2026-03-05") // it becomes longer
	if k := rows(t, h, `SELECT count(*) FROM absence WHERE first_day = '2026-03-02' AND last_day = '2026-03-05' AND reason = 'ill'`); k != 1 {
		t.Fatalf("%d absences from Monday to Thursday", k)
	}
	done(apptest.Ada, "/abwesenheit", "child", "1", "first_day", "2026-03-09", "last_day", "2026-03-10")
	if a := s.Post(apptest.Ada, "/abwesenheit/2", "first_day", "2026-03-04", "last_day", "2026-03-10"); a.Code != 422 || !a.Has("schon abgemeldet") {
		t.Errorf("over another one: %d", a.Code)
	}
	done(apptest.Ada, "/abwesenheit", "child", "1", "first_day", "2026-03-04", "last_day", "2026-03-12") // joins both
	if k := rows(t, h, `SELECT count(*) FROM excused WHERE child = 1 AND first_day = '2026-03-02' AND last_day = '2026-03-12'`); k != 1 {
		t.Errorf("two that were joined: %d", k)
	}
	if k := rows(t, h, `SELECT count(*) FROM excused`); k != 1 {
		t.Errorf("%d are left of two that were joined", k)
	}
	h.Clock.Add(24 * time.Hour) // Tuesday
	a := s.Get(apptest.Bert, "/abwesenheit/1")
	if !a.Has("Mila kommt ab heute wieder") || !a.Has("Geändert") || !a.Has("Bert Demir") {
		t.Errorf("Bert: %s", a.Body)
	}
	if a := s.Post(apptest.Bert, "/abwesenheit/1", "first_day", today1, "last_day", "2026-03-01"); a.Code != 422 {
		t.Errorf("an end before the beginning: %d", a.Code)
	}
	n.cares = nil
	done(apptest.Bert, "/abwesenheit/1/zurueck")
	if a := s.Get(apptest.Bert, "/abwesenheit"); !a.Has("Mila kommt wieder. Die Gruppe sieht es sofort.") {
		t.Errorf("Bert does not see that she comes again: %s", a.Body)
	}
	done(apptest.Stefan, "/tagesliste/5", "child", "1", "kind", "came")
	if k := rows(t, h, `SELECT count(*) FROM excused WHERE child = 1 AND last_day = '2026-03-02'`); k != 1 || len(n.cares) != 1 {
		t.Errorf("what is over is no longer excused, or coverage was not told: %d %q", k, n.cares)
	}
	if a := s.Post(apptest.Ada, "/abwesenheit/1/zurueck"); a.Code != 422 || !a.Has("schon vorbei") {
		t.Errorf("taken back when it is over: %d", a.Code)
	}
	done(apptest.Ada, "/abwesenheit", "child", "1", "first_day", "2026-03-20")
	done(apptest.Ada, "/abwesenheit/3/zurueck")
	if a := s.Get(apptest.Ada, "/abwesenheit"); !a.Has("Mila kommt wieder. Die Gruppe sieht es sofort.") {
		t.Errorf("Ada does not see that it was taken back: %s", a.Body)
	}
	done(apptest.Bert, "/abwesenheit/3/zurueck") // twice is once
	const one = "0195f5a0-0000-7000-8000-000000000009"
	done(apptest.Ada, "/abwesenheit", "child", "1", "first_day", "2026-04-01", "uid", one)
	done(apptest.Ada, "/abwesenheit", "child", "2", "first_day", "2026-04-01", "uid", one)
	if k := rows(t, h, `SELECT count(*) FROM absence WHERE first_day = '2026-04-01'`); k != 2 {
		t.Errorf("%d absences of two children by one uid, want 2", k)
	}
	if k := rows(t, h, `SELECT count(*) FROM absence_event WHERE absence = 3`); k != 2 {
		t.Errorf("%d entries of an absence that was entered and taken back", k)
	}
	if a := s.Get(apptest.Ada, "/abwesenheit/3"); !a.Has("Mila ist nicht mehr abgemeldet.") || a.Has("zurueck") {
		t.Errorf("taken back: %s", a.Body)
	}
}

// After half past eight the team is told, on devices or by mail, without a name; a family that telephones is entered.
func TestLate(t *testing.T) {
	h := apptest.New(t)
	s := h.Serve(t, New(h.House, Wires{Care: func(*store.Tx, int64, string, string) error { return nil }}))
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET mail = 'stefan@example.org' WHERE person = 5`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if a := s.Post(apptest.Ada, "/abwesenheit", "child", "1", "first_day", "2026-03-04"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	h.Clock.Add(2 * time.Hour) // 9:12
	if a := s.Get(apptest.Ada, "/abwesenheit"); !a.Has("Das Team bekommt gleich eine Nachricht.") {
		t.Error("Ada is not told that it is late")
	}
	if a := s.Post(apptest.Ada, "/abwesenheit", "child", "1", "reason", "ill", "note", "Fieber"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Post(apptest.Hanna, "/anwesenheit/4/abmelden", "first_day", today1, "last_day", today1, "reason", "appointment"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Post(apptest.Rosa, "/anwesenheit/4/abmelden", "first_day", today1); a.Code != 404 {
		t.Errorf("Rosa enters for a child of another Kita: %d", a.Code)
	}
	h.Work(t)
	got := map[string]int{}
	for _, m := range h.Post.Sent() {
		got[m.To]++
		if strings.Contains(m.Subject+m.Text, "Mila") || strings.Contains(m.Text, "Fieber") || !strings.HasPrefix(m.Subject, "Spät gemeldet: ") {
			t.Errorf("the mail says %q, %q", m.Subject, m.Text)
		}
	}
	if fmt.Sprint(got) != "map[hanna@example.org:1 stefan@example.org:1]" { // nobody works with the Bären but Hanna herself
		t.Errorf("told: %v", got)
	}
	if k := rows(t, h, `SELECT sum(late) FROM absence`); k != 2 {
		t.Errorf("%d absences are late, want 2", k)
	}
	if a := s.Get(apptest.Dana, "/abwesenheit/3"); !a.Has("Eingetragen nach einem Anruf") || !a.Has("Hanna Leitung") {
		t.Errorf("Dana: %d %s", a.Code, a.Body)
	}
	// In the evening nobody of the team wants to know.
	h.Clock.Add(12 * time.Hour)
	if a := s.Post(apptest.Ada, "/abwesenheit", "child", "1", "note", "morgen wieder"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	h.Work(t)
	if len(h.Post.Sent()) != 2 {
		t.Errorf("%d mails after nine in the evening", len(h.Post.Sent()))
	}
	h.Clock.Add(-12 * time.Hour)
	// Written in time, arrived late: the team is told all the same, but it is not the family's fault.
	if a := waited(s, apptest.Cem, "/abwesenheit", time.Hour, "child", "3"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	h.Work(t)
	if k := rows(t, h, `SELECT late FROM absence WHERE child = 3`); k != 0 || len(h.Post.Sent()) != 3 {
		t.Errorf("late: %d, %d mails", k, len(h.Post.Sent()))
	}
}

// A facility decides by when, and whether families may do it here at all.
func TestRule(t *testing.T) {
	_, s, n := site(t)
	if a := s.Get(apptest.Hanna, "/einheit/4/abwesenheit"); !a.Has(`value="08:30"`) || !a.Has(`value="10"`) || !a.Has("checked") {
		t.Fatal(a.Body)
	}
	for _, c := range []struct {
		want   string
		fields []string
	}{{"Uhrzeit", []string{"latest", "morgens", "years", "5"}}, {"von 1 bis 10", []string{"latest", "07:00", "years", "11"}}} {
		if a := s.Post(apptest.Hanna, "/einheit/4/abwesenheit", c.fields...); a.Code != 422 || !a.Has(c.want) {
			t.Errorf("%v: %d", c.fields, a.Code)
		}
	}
	for _, c := range []struct {
		who  int64
		unit string
	}{{apptest.Rosa, "4"}, {apptest.Hanna, "5"}, {apptest.Greta, "4"}} {
		if a := s.Post(c.who, "/einheit/"+c.unit+"/abwesenheit", "latest", "07:00", "years", "5"); a.Code != 404 {
			t.Errorf("person %d sets the rule of %s: %d", c.who, c.unit, a.Code)
		}
	}
	if a := s.Post(apptest.Max, "/einheit/4/abwesenheit", "latest", "07:00", "years", "5"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if fmt.Sprint(n.logs) != "[absence.ruled 4]" {
		t.Errorf("logged: %q", n.logs)
	}
	if a := s.Get(apptest.Cem, "/abwesenheit"); !a.Has("rufen Sie dort an") && !a.Has("Lütfen orayı arayın") || a.Has(`action="/abwesenheit"`) {
		t.Errorf("Cem may still excuse: %s", a.Body)
	}
	if a := s.Post(apptest.Cem, "/abwesenheit", "child", "3"); a.Code != 422 {
		t.Errorf("Cem excuses where it is off: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, "/anwesenheit/3/abmelden"); a.Code != 303 {
		t.Errorf("Hanna enters for a family: %d", a.Code)
	}
}

func TestDraftCheck(t *testing.T) {
	at := apptest.Start
	for _, c := range []struct {
		name        string
		d           Draft
		from        string
		first, last string
		wrong       string // field
	}{
		{"today", Draft{}, today1, today1, today1, ""},
		{"one day", Draft{FirstDay: "2026-03-05"}, today1, "2026-03-05", "2026-03-05", ""},
		{"the day the clocks change", Draft{FirstDay: "2026-03-29", LastDay: "2026-03-30"}, today1, "2026-03-29", "2026-03-30", ""},
		{"half a year", Draft{LastDay: "2026-09-01"}, today1, today1, "2026-09-01", ""},
		{"a day more", Draft{LastDay: "2026-09-02"}, today1, "", "", "last_day"},
		{"the team, last week", Draft{FirstDay: "2026-02-23", Team: true}, "2026-02-23", "2026-02-23", "2026-02-23", ""},
		{"the team, before that", Draft{FirstDay: "2026-02-22", Team: true}, "2026-02-23", "", "", "first_day"},
		{"not a day", Draft{FirstDay: "morgen", LastDay: "übermorgen"}, today1, "", "", "first_day"},
		{"a year of five digits", Draft{FirstDay: "12026-03-02"}, today1, "", "", "first_day"},
	} {
		c.d.At = at
		err := c.d.check(c.from)
		if c.wrong != "" {
			if fault.Fields(err)[c.wrong] == "" {
				t.Errorf("%s: %v, want something about %s", c.name, err, c.wrong)
			}
			continue
		}
		if err != nil || c.d.FirstDay != c.first || c.d.LastDay != c.last {
			t.Errorf("%s: %s to %s, %v", c.name, c.d.FirstDay, c.d.LastDay, err)
		}
	}
}

func TestWords(t *testing.T) {
	now := apptest.Start
	for _, c := range []struct{ first, last, want string }{
		{"2026-03-02", "2026-03-02", "Mila ist heute abgemeldet."},
		{"2026-02-27", "2026-03-02", "Mila ist heute abgemeldet."},
		{"2026-03-02", "2026-03-06", "Mila ist bis Freitag, 6. März abgemeldet."},
		{"2026-03-04", "2026-03-04", "Mila ist am Mittwoch, 4. März abgemeldet."},
		{"2026-03-04", "2026-03-06", "Mila ist von Mittwoch, 4. März bis Freitag, 6. März abgemeldet."},
		{"2026-02-26", "2026-02-27", "Mila war bis Freitag, 27. Februar abgemeldet."},
		{"2026-02-27", "2026-02-27", "Mila war am Freitag, 27. Februar abgemeldet."},
	} {
		a := Absence{Name: "Mila", FirstDay: c.first, LastDay: c.last}
		if got := a.Words(lang.German(), now); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.first, c.last, got, c.want)
		}
	}
}

// One's data can be taken along, and is forgotten.
func TestPrivacy(t *testing.T) {
	h, s, _ := site(t)
	s.Post(apptest.Ada, "/abwesenheit", "child", "1", "note", "Oma holt")
	s.Post(apptest.Stefan, "/tagesliste/5", "child", "1", "kind", "left", "escort", "Oma")
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		child, err := export(tx, house.Subject{Child: apptest.Mila})
		if e := child.(exported); err != nil || len(e.Absences) != 1 || !strings.Contains(e.Absences[0], "Oma holt") || len(e.Deeds) != 1 || len(e.Entries) != 1 {
			t.Errorf("of the child: %+v %v", child, err)
		}
		of, err := export(tx, house.Subject{Person: apptest.Stefan})
		if e := of.(exported); err != nil || len(e.Deeds) != 1 || strings.Contains(e.Deeds[0], "Oma") || len(e.Absences) != 0 {
			t.Errorf("of the person: %+v %v", of, err)
		}
		return errors.Join(erase(tx, house.Subject{Person: apptest.Stefan}), erase(tx, house.Subject{Child: apptest.Mila}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if k := rows(t, h, `SELECT (SELECT count(*) FROM absence) + (SELECT count(*) FROM absence_event) + (SELECT count(*) FROM absence_deed)`); k != 0 {
		t.Errorf("%d rows are left", k)
	}
}
