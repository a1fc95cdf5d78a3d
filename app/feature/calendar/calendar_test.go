package calendar

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A town is a house with this feature alone.
type town struct {
	*apptest.Site
	h *apptest.House
	t testing.TB
	f house.Feature
}

func newTown(t testing.TB) *town {
	h := apptest.New(t)
	w := &town{h: h, t: t}
	dates := func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
		return w.f.Dates(tx, v, from, to)
	}
	w.f = New(h.House, dates, func(*store.Tx, time.Time, int64, string, int64) error { return nil })
	w.Site = h.Serve(t, w.f)
	return w
}

// made is a date that has to be made; it returns the page of its first instance.
func (w *town) made(person int64, fields ...string) string {
	w.t.Helper()
	a := w.Post(person, "/termine/neu", fields...)
	if a.Code != 303 {
		w.t.Fatalf("%d: %s", a.Code, words(a.Body))
	}
	return a.To
}

// words are those of a page's errors.
func words(body string) string {
	var all []string
	for part := range strings.SplitSeq(body, `<p class="error"`) {
		part, _, _ = strings.Cut(part, "</p>")
		_, part, _ = strings.Cut(part, "</svg>")
		all = append(all, part)
	}
	return strings.Join(all, " | ")
}

// evening is a form of Hanna's for the parents of her Kita.
func evening(more ...string) []string {
	fields := map[string]string{"unit": "4", "audience": "4", "role": "parent", "title": "Elternabend", "day": "2026-03-10", "starts": "19:30", "ends": "21:00",
		"place": "Turnhalle", "guests": "1", "closes": "0", "remind": "1440"}
	for i := 0; i+1 < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	var list []string
	for name, value := range fields {
		list = append(list, name, value)
	}
	return list
}

func (w *town) sees(person int64, path string, want bool, what string) {
	w.t.Helper()
	if a := w.Get(person, path); a.Has(what) != want {
		w.t.Errorf("%d at %s: %q is there: %v (%d)", person, path, what, !want, a.Code)
	}
}

func TestWhoSeesADate(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, evening()...)
	for person, sees := range map[int64]bool{apptest.Ada: true, apptest.Cem: true, apptest.Dana: true, apptest.Hanna: true, apptest.Stefan: false, // it is for parents
		apptest.Rosa: false, apptest.Greta: false, apptest.Nobody: false, apptest.Silent: false, apptest.Former: false} {
		w.sees(person, "/termine?monat=2026-03", sees, "Elternabend")
		if code := w.Get(person, at).Code; (code == 200) != sees {
			t.Errorf("%d gets %d", person, code)
		}
	}
	w.sees(apptest.Ada, "/termine?ansicht=liste", true, "Elternabend")
	w.sees(apptest.Ada, "/termine?monat=2026-04", false, "Elternabend")
	w.sees(apptest.Ada, "/termine?monat=2026-03&kind=1", true, "Elternabend")  // Mila's
	w.sees(apptest.Ada, "/termine?monat=2026-03&kind=2", false, "Elternabend") // not Emil's
	w.sees(apptest.Ada, "/termine?monat=2026-03&einheit=8", false, "Elternabend")
	w.sees(apptest.Ada, at, true, "von 19:30 bis 21 Uhr")

	w.made(apptest.Hanna, evening("title", "Tag der offenen Tür", "public", "1")...)
	w.sees(apptest.Nobody, "/termine?monat=2026-03", true, "Tag der offenen Tür")
	w.sees(apptest.Nobody, "/termine.ics", true, "SUMMARY:Tag der offenen Tür")
	w.sees(apptest.Nobody, "/termine.ics?einheit=3", true, "Tag der offenen Tür")
	w.sees(apptest.Nobody, "/termine.ics?einheit=8", false, "Tag der offenen Tür")
	w.sees(apptest.Nobody, "/termine.ics", false, "Elternabend")
}

// Whatever a calendar lists can be opened: those who are elected at a Kita see nothing of its team, and writers see what
// they have written.
func TestListedIsSeen(t *testing.T) {
	w := newTown(t)
	for i, c := range []struct {
		person   int64
		audience []string
	}{
		{apptest.Hanna, []string{"role", "team", "title", "Dienstbesprechung"}},
		{apptest.Hanna, []string{"role", "parent"}},
		{apptest.Hanna, []string{"role", "council", "title", "Elternbeirat und Leitung"}},
		{apptest.Stefan, []string{"role", "parent", "unit", "5", "audience", "5"}},
		{apptest.Chair, []string{"role", "parent", "unit", "10", "audience", "10", "title", "Basteln"}},
		{apptest.Olga, []string{"role", "heads", "unit", "1", "audience", "1", "title", "Leitungsrunde"}},
	} {
		if a := w.Post(c.person, "/termine/neu", evening(c.audience...)...); a.Code != 303 {
			t.Fatalf("date %d: %d %s", i, a.Code, words(a.Body))
		}
	}
	for _, person := range []int64{apptest.Ada, apptest.Bert, apptest.Cem, apptest.Dana, apptest.Hanna, apptest.Stefan, apptest.Rosa, apptest.Max, apptest.Olga, apptest.Chair, apptest.Nobody} {
		for _, m := range regexp.MustCompile(`href="(/termin/\d+)"`).FindAllStringSubmatch(w.Get(person, "/termine?ansicht=liste").Body, -1) {
			if a := w.Get(person, m[1]); a.Code != 200 {
				t.Errorf("%d is shown %s in a list and gets %d", person, m[1], a.Code)
			}
		}
	}
	w.sees(apptest.Dana, "/termine?ansicht=liste", false, "Dienstbesprechung")
	w.sees(apptest.Dana, "/termine?ansicht=liste", true, "Elternbeirat und Leitung")
	w.sees(apptest.Chair, "/termine?ansicht=liste", true, "Basteln")
}

func TestWhoMakesDates(t *testing.T) {
	w := newTown(t)
	council := evening("unit", "10", "audience", "10", "role", "council", "title", "Beiratssitzung")
	for _, c := range []struct {
		name   string
		person int64
		fields []string
		code   int
	}{
		{"head", apptest.Hanna, evening(), 303},
		{"group", apptest.Stefan, evening("unit", "5", "audience", "5"), 303},
		{"staff for the whole Kita", apptest.Stefan, evening(), 404},
		{"another's Kita", apptest.Rosa, evening(), 404},
		{"own unit, another's audience", apptest.Rosa, evening("unit", "8"), 404},
		{"chair", apptest.Chair, council, 303},
		{"delegate, elected by the Kita", apptest.Dana, council, 303},
		{"delegate for the Kita", apptest.Dana, evening(), 404},
		{"chair for all parents", apptest.Chair, evening("unit", "10", "audience", "4"), 404},
		{"parent", apptest.Ada, evening(), 403},
		{"nobody", apptest.Nobody, evening(), 403},
	} {
		if a := w.Post(c.person, "/termine/neu", c.fields...); a.Code != c.code {
			t.Errorf("%s: %d %s", c.name, a.Code, words(a.Body))
		}
	}
	for _, person := range []int64{apptest.Chair, apptest.Dana} {
		w.sees(person, "/termine?monat=2026-03", true, "Beiratssitzung")
	}
	w.sees(apptest.Ada, "/termine?monat=2026-03", false, "Beiratssitzung")
}

func TestWrongDates(t *testing.T) {
	w := newTown(t)
	for _, c := range []struct {
		name, want string
		fields     []string
	}{
		{"no title", "einen Titel", evening("title", " ")},
		{"no day", "einen Tag an, den es gibt", evening("day", "2026-02-30")},
		{"long ago", "zwischen 2000", evening("day", "0026-02-03")},
		{"ends before it begins", "Ende liegt vor dem Anfang", evening("ends", "19:00")},
		{"last day before the first", "vor dem ersten", evening("last_day", "2026-03-09")},
		{"too long", "höchstens 60 Tage", evening("last_day", "2026-06-09")},
		{"no time", "wann der Termin beginnt", evening("starts", "")},
		{"the hour that is skipped", "Uhren von 2 auf 3", evening("day", "2026-03-29", "starts", "02:30", "ends", "04:00")},
		{"without an end", "wann die Reihe endet", evening("repeat", "weekly")},
		{"ends before it begins", "bevor sie beginnt", evening("repeat", "weekly", "until", "2026-03-01")},
		{"too many", "mehr als 400", evening("repeat", "daily", "until", "2028-12-31")},
		{"too far", "höchstens 3 Jahre", evening("repeat", "yearly", "until", "2036-12-31")},
		{"the 31st", "einen 31.", evening("day", "2026-03-31", "repeat", "monthday", "until", "2026-12-31")},
		{"29 February", "alle vier Jahre", evening("day", "2028-02-29", "repeat", "yearly", "count", "3")},
		{"no repetition", "eine Wiederholung", evening("repeat", "manchmal")},
		{"no link", "https://", evening("link", "javascript:alert(1)")},
		{"no places", "eine Zahl", evening("answers", "1", "places", "viele")},
		{"too many guests", "So viele Plätze", evening("answers", "1", "places", "2", "guests", "3")},
	} {
		if a := w.Post(apptest.Hanna, "/termine/neu", c.fields...); a.Code != 422 || !strings.Contains(words(a.Body), c.want) {
			t.Errorf("%s: %d %s", c.name, a.Code, words(a.Body))
		}
	}
}

func TestSameFormTwice(t *testing.T) {
	w := newTown(t)
	f := evening("uid", newUID())
	if a, b := w.made(apptest.Hanna, f...), w.made(apptest.Hanna, f...); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

// TestSeries walks a weekly choir across the change of the clocks: one is moved, one is cancelled, and from one on all
// begin later.
func TestSeries(t *testing.T) {
	w := newTown(t)
	first := w.made(apptest.Hanna, evening("title", "Chor", "day", "2026-03-17", "repeat", "weekly", "count", "5", "answers", "1")...)
	ids := w.ids("Chor")
	if len(ids) != 5 {
		t.Fatalf("%d instances", len(ids))
	}
	w.sees(apptest.Ada, first, true, "Jede Woche, bis 14. April 2026")
	w.Post(apptest.Ada, at(ids[1])+"/antwort", "state", "yes")
	w.Post(apptest.Cem, at(ids[4])+"/antwort", "state", "yes")
	if a := w.Post(apptest.Hanna, at(ids[1])+"/bearbeiten", "umfang", "eins", "day", "2026-03-25", "starts", "18:00", "ends", "19:00", "place", "Garten"); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, words(a.Body))
	}
	w.sees(apptest.Ada, at(ids[1]), true, "Mittwoch, 25. März, von 18 bis 19 Uhr")
	w.sees(apptest.Ada, at(ids[1]), true, "Garten")
	w.sees(apptest.Ada, at(ids[0]), false, "Garten")
	w.Post(apptest.Hanna, at(ids[2])+"/absagen", "umfang", "eins", "reason", "Die Chorleiterin ist krank.")
	w.sees(apptest.Ada, at(ids[2]), true, "Die Chorleiterin ist krank.")
	w.sees(apptest.Ada, "/termine?monat=2026-03", true, "abgesagt")

	b := w.Get(apptest.Ada, first+"/datei").Body
	for _, want := range []string{"RRULE:FREQ=WEEKLY;UNTIL=20260414T215959Z", "RECURRENCE-ID;TZID=Europe/Berlin:20260324T193000", "DTSTART;TZID=Europe/Berlin:20260325T180000",
		"RECURRENCE-ID;TZID=Europe/Berlin:20260331T193000", "STATUS:CANCELLED"} {
		if !strings.Contains(b, want) {
			t.Errorf("no %s in\n%s", want, b)
		}
	}

	form := evening("title", "Chor", "umfang", "folgende", "day", "2026-04-07", "starts", "20:00", "ends", "21:30", "repeat", "weekly", "until", "2026-04-21", "answers", "1")
	if a := w.Post(apptest.Hanna, at(ids[3])+"/bearbeiten", form...); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, words(a.Body))
	}
	w.sees(apptest.Ada, at(ids[3]), true, "von 20 bis 21:30 Uhr")
	w.sees(apptest.Ada, at(ids[0]), true, "von 19:30 bis 21 Uhr")
	w.sees(apptest.Ada, at(ids[0]), true, "bis 6. April 2026")
	w.sees(apptest.Cem, at(ids[4]), true, "Geleceğinizi bildirdiniz.") // Cem reads Turkish
	if n := len(w.ids("Chor")); n != 6 {
		t.Errorf("%d instances", n)
	}
	w.h.Work(t)
	got := map[string]bool{}
	for _, m := range w.h.Post.Sent() {
		got[m.To+": "+m.Subject] = true
	}
	if len(got) != 2 || !got["ada@example.org: Geändert: Chor"] || !got["cem@example.org: Değişti: Chor"] {
		t.Errorf("told: %v", got)
	}

	if a := w.Post(apptest.Hanna, at(ids[3])+"/absagen", "umfang", "folgende"); a.Code != 303 {
		t.Errorf("%d", a.Code)
	}
	if a := w.Post(apptest.Hanna, at(ids[3])+"/absagen", "umfang", "folgende"); a.Code != 422 || !a.Has("schon abgesagt") {
		t.Errorf("twice: %d", a.Code)
	}
	w.sees(apptest.Cem, at(ids[4]), true, "iptal edildi")
}

func at(id int64) string { return fmt.Sprintf("/termin/%d", id) }

// ids are the instances of all dates with a title, in order.
func (w *town) ids(title string) (ids []int64) {
	w.t.Helper()
	err := w.h.DB.Read(w.t.Context(), func(tx *store.Tx) (err error) {
		ids, err = store.All(tx, store.Value[int64], `
			SELECT i.id FROM calendar_instance i JOIN calendar_date c ON c.id = i.date WHERE c.title = ? ORDER BY i.slot`, title)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

func (w *town) write(f func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.h.DB.Write(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// inLand says where the house is.
func (w *town) inLand(code string) {
	w.write(func(tx *store.Tx) error { return w.h.Settings.Set(tx, settings.Land, code) })
}

// TestNotTheirs: for another Kita, or for none any more, nobody makes anything.
func TestNotTheirs(t *testing.T) {
	w := newTown(t)
	if a := w.Post(apptest.Hanna, "/termine/neu", evening("unit", "8")...); a.Code != 404 {
		t.Errorf("a date of another Kita: %d", a.Code)
	}
	if a := w.Post(apptest.Hanna, "/schliesstage", "unit", "8", "year", "2026", "allowed", "25", "notice", "8"); a.Code != 404 {
		t.Errorf("a plan of another Kita: %d", a.Code)
	}
	a := w.Upload(apptest.Hanna, "/termine/einlesen", "file", "x.ics", []byte(file1), "unit", "4", "role", "parent")
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET unit = 8 WHERE person = ?`, apptest.Hanna)
		return err
	})
	if b := w.Get(apptest.Hanna, a.To); b.Code != 404 {
		t.Errorf("a calendar for a Kita that she has left: %d", b.Code)
	}
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE unit SET until = ? WHERE kind = 'committee'`, w.h.Now().Unix())
		return err
	})
	if a := w.Get(apptest.Dana, "/termine/neu"); a.Code != 403 || !a.Has("für keine Einheit") {
		t.Errorf("a delegate without a council: %d", a.Code)
	}
	w.sees(apptest.Ada, "/schliesstage", false, `name="allowed"`)
}

// TestForMembers: who has no role takes no page along and is not asked who comes.
func TestForMembers(t *testing.T) {
	w := newTown(t)
	for _, c := range []struct {
		v    who.Viewer
		want int
	}{{who.Viewer{ID: apptest.Invited}, 0}, {who.Viewer{ID: apptest.Ada, Holds: []who.Holding{{Unit: 4, Role: who.Parent}}}, 1}} {
		if all, err := Ahead(nil, c.v, w.h.Now()); err != nil || len(all) != c.want {
			t.Errorf("person %d takes along %q, %v", c.v.ID, all, err)
		}
	}
	at := w.made(apptest.Olga, evening("unit", "1", "audience", "1", "public", "1", "answers", "1")...)
	w.sees(apptest.Ada, at, true, at+"/antwort")
	w.sees(apptest.Nobody, at, false, at+"/antwort")
	w.sees(apptest.Nobody, at, true, "Elternabend")
}
