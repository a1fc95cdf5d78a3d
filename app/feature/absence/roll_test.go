package absence

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// What counts is worked out from deeds in any order of arrival.
func TestSettle(t *testing.T) {
	at := func(minute int) time.Time { return apptest.Start.Add(time.Duration(minute) * time.Minute) }
	came := func(id int64, uid string, minute int) Deed { return Deed{id: id, UID: uid, Kind: Came, At: at(minute)} }
	left := func(id int64, uid string, minute int) Deed {
		return Deed{id: id, UID: uid, Kind: Left, At: at(minute), Escort: "Oma"}
	}
	instead := func(d Deed, of string) Deed { d.Instead = of; return d }
	for _, c := range []struct {
		name       string
		absence    int64
		deeds      []Deed
		state      string
		came, left int // minutes; -1: not
	}{
		{"nothing", 0, nil, Expected, -1, -1},
		{"excused", 7, nil, Excused, -1, -1},
		{"excused, and comes", 7, []Deed{came(1, "a", 5)}, Here, 5, -1},
		{"comes and goes", 0, []Deed{came(1, "a", 5), left(2, "b", 300)}, Gone, 5, 300},
		{"the second arrives first", 0, []Deed{left(1, "b", 300), came(2, "a", 5)}, Gone, 5, 300},
		{"two tablets, the later deed counts", 0, []Deed{came(2, "b", 7), came(1, "a", 9)}, Here, 9, -1},
		{"in the same second, the later arrival", 0, []Deed{left(2, "b", 5), came(1, "a", 5)}, Gone, 5, 5},
		{"comes again", 0, []Deed{came(1, "a", 5), left(2, "b", 100), came(3, "c", 200)}, Here, 200, -1},
		{"undone", 0, []Deed{came(1, "a", 5), instead(Deed{id: 2, UID: "b", Kind: Void, At: at(6)}, "a")}, Expected, -1, -1},
		{"undone before it arrives", 7, []Deed{instead(Deed{id: 1, UID: "b", Kind: Void, At: at(6)}, "a"), came(2, "a", 5)}, Excused, -1, -1},
		{"going undone", 0, []Deed{came(1, "a", 5), left(2, "b", 100), instead(Deed{id: 3, UID: "c", Kind: Void, At: at(101)}, "b")}, Here, 5, -1},
		{"corrected", 0, []Deed{came(1, "a", 50), instead(came(2, "b", 5), "a"), left(3, "c", 100)}, Gone, 5, 100},
		{"corrected twice", 0, []Deed{came(1, "a", 50), instead(came(2, "b", 5), "a"), instead(came(3, "c", 6), "b")}, Here, 6, -1},
	} {
		l := Line{Absence: c.absence, Deeds: c.deeds}
		l.settle()
		minutes := func(x time.Time) int {
			if x.IsZero() {
				return -1
			}
			return int(x.Sub(apptest.Start).Minutes())
		}
		if l.State() != c.state || minutes(l.Came) != c.came || minutes(l.Left) != c.left || len(l.Deeds) != len(c.deeds) || (l.Escort != "") != (c.state == Gone) {
			t.Errorf("%s: %s, %d to %d, %q", c.name, l.State(), minutes(l.Came), minutes(l.Left), l.Escort)
		}
	}
}

// A day at the door: one tap each, an undo, two tablets without a connection, and the head's correction with its trace.
func TestDay(t *testing.T) {
	h, s, _ := site(t)
	tap := func(who int64, list, child int, kind, uid, instead string) {
		t.Helper()
		if a := s.Post(who, fmt.Sprintf("/tagesliste/%d", list), "uid", uid, "child", fmt.Sprint(child), "kind", kind, "instead", instead); a.Code != 303 {
			t.Fatalf("%s: %d %s", kind, a.Code, a.Body)
		}
	}
	const a1, a2, a3, a4 = "0195f5a0-0000-7000-8000-00000000000a", "0195f5a0-0000-7000-8000-00000000000b", "0195f5a0-0000-7000-8000-00000000000c", "0195f5a0-0000-7000-8000-00000000000d"
	var stefan = listen(t, h, apptest.Stefan)
	var ada = listen(t, h, apptest.Ada)
	tap(apptest.Stefan, 5, apptest.Mila, Came, a1, "") // 7:12
	for name, l := range map[string]*live.Listener{"Stefan": stefan, "Ada": ada} {
		if !l.News().Changed {
			t.Errorf("%s's open page does not hear of it", name)
		}
	}
	tap(apptest.Stefan, 5, apptest.Mila, Came, a1, "") // the same tap again
	h.Clock.Add(8 * time.Hour)                         // 15:12
	tap(apptest.Hanna, 4, apptest.Mila, Left, a2, "")
	tap(apptest.Hanna, 4, apptest.Mila, Void, a3, a2)
	if a := s.Get(apptest.Stefan, "/tagesliste/5"); !a.Has(`data-state="here"`) || !a.Has("da seit 7:12 Uhr") {
		t.Errorf("after the undo: %s", a.Body)
	}
	// Another tablet had no connection since noon.
	if a := waited(s, apptest.Stefan, "/tagesliste/5", 3*time.Hour, "uid", a4, "child", "1", "kind", Left); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Stefan, "/tagesliste/5"); !a.Has("gegangen 12:12 Uhr") || !a.Has(`data-count="gone">1<`) {
		t.Errorf("after what had waited: %s", a.Body)
	}
	if k := rows(t, h, `SELECT count(*) FROM absence_deed`); k != 4 {
		t.Errorf("%d deeds, want 4", k)
	}
	// Who picked her up may be added by anybody of the team, another time only by the head.
	fix := func(who int64, fields ...string) apptest.Answer {
		return s.Post(who, "/anwesenheit/1", append([]string{"instead", a4, "kind", Left, "tag", today1}, fields...)...)
	}
	if a := fix(apptest.Stefan, "at", "12:30"); a.Code != 422 || !a.Has("Zeiten berichtigt die Leitung") {
		t.Errorf("Stefan corrects a time: %d %s", a.Code, a.Body)
	}
	if a := fix(apptest.Hanna, "at", "später"); a.Code != 422 || !a.Has("Uhrzeit") {
		t.Errorf("no time: %d", a.Code)
	}
	if a := fix(apptest.Hanna, "at", "23:59"); a.Code != 422 || !a.Has("in der Zukunft") {
		t.Errorf("a time to come: %d %s", a.Code, a.Body)
	}
	if a := fix(apptest.Stefan, "at", "12:12", "escort", " Oma  Demir "); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := fix(apptest.Hanna, "at", "12:30"); a.Code != 422 || !a.Has("inzwischen schon geändert") {
		t.Errorf("the same deed corrected once more: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/anwesenheit/1"); !a.Has("abgeholt von Oma Demir") || !a.Has("<del>") || !a.Has("ohne Verbindung getippt") || !a.Has("Gegangen (berichtigt)") {
		t.Errorf("the trace: %s", a.Body)
	}
	if a := s.Post(apptest.Hanna, "/anwesenheit/1", "tag", today1, "kind", Came, "at", "13:00"); a.Code != 303 {
		t.Errorf("added later: %d", a.Code)
	}
	if a := s.Post(apptest.Stefan, "/anwesenheit/1", "tag", today1, "kind", Came, "at", "13:00"); a.Code != 422 {
		t.Errorf("Stefan adds a time: %d", a.Code)
	}
	// The day after, the list of the day is still there, and only to be read.
	h.Clock.Add(20 * time.Hour)
	if a := s.Get(apptest.Stefan, "/tagesliste/5?tag="+today1); !a.Has("da seit 13:00 Uhr") || a.Has("data-tap") || a.Header.Get("X-Offline") != "" {
		t.Errorf("yesterday: %s", a.Body)
	}
	if a := s.Get(apptest.Stefan, "/tagesliste/5"); !a.Has(`data-count="expected">1<`) {
		t.Errorf("today: %s", a.Body)
	}
	if a := s.Get(apptest.Stefan, "/tagesliste/5?tag=9999-01-01"); a.Code != 200 || !a.Has("data-tap") {
		t.Errorf("a day to come: %d", a.Code)
	}
}

// A device fetches what its person may open: the form of one's own children, the lists of one's own groups.
func TestAhead(t *testing.T) {
	h, _, _ := site(t)
	for person, want := range map[int64][]string{
		apptest.Ada:    {"/abwesenheit"},
		apptest.Stefan: {"/tagesliste/5"},
		apptest.Hanna:  {"/tagesliste/4"},
		apptest.Max:    nil,
	} {
		var got []string
		err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			v, err := org.Viewer(tx, person, h.Now())
			if err != nil {
				return err
			}
			all, err := Ahead(tx, v, h.Now())
			for _, p := range all {
				path, _, _ := strings.Cut(p, "#")
				got = append(got, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("person %d: %v, want %v", person, got, want)
		}
	}
}

func listen(t *testing.T, h *apptest.House, person int64) *live.Listener {
	t.Helper()
	var l *live.Listener
	err := h.DB.Read(context.Background(), func(tx *store.Tx) error {
		v, err := org.Viewer(tx, person, h.Now())
		l = h.Live.Listen(v, nil, h.Live.Mark())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.News()
	return l
}

func TestWrongTaps(t *testing.T) {
	h, s, _ := site(t)
	for _, c := range []struct {
		name   string
		who    int64
		path   string
		code   int
		fields []string
	}{
		{"another group's child", apptest.Stefan, "/tagesliste/5", 404, []string{"child", "3", "kind", Came}},
		{"another Kita's child", apptest.Hanna, "/tagesliste/4", 404, []string{"child", "2", "kind", Came}},
		{"another Kita's list", apptest.Hanna, "/tagesliste/8", 404, []string{"child", "1", "kind", Came}},
		{"nothing done", apptest.Stefan, "/tagesliste/5", 400, []string{"child", "1", "kind", "slept"}},
		{"nothing to undo", apptest.Stefan, "/tagesliste/5", 409, []string{"child", "1", "kind", Void}},
		{"a novel", apptest.Stefan, "/tagesliste/5", 422, []string{"child", "1", "kind", Left, "escort", strings.Repeat("x", 81)}},
		{"a mother", apptest.Ada, "/tagesliste/5", 403, []string{"child", "1", "kind", Came}},
		{"somebody suspended", apptest.Locked, "/tagesliste/5", 403, []string{"child", "1", "kind", Came}},
		{"a carrier", apptest.Max, "/tagesliste/5", 403, []string{"child", "1", "kind", Came}},
		{"a deed of nobody", apptest.Hanna, "/anwesenheit/1", 422, []string{"kind", Left, "at", "07:00", "instead", "0195f5a0-0000-7000-8000-00000000000a"}},
		{"before the child was here", apptest.Hanna, "/anwesenheit/1", 404, []string{"tag", "1969-12-30", "kind", Came, "at", "07:00"}},
	} {
		if a := s.Post(c.who, c.path, c.fields...); a.Code != c.code {
			t.Errorf("%s: %d, want %d: %s", c.name, a.Code, c.code, a.Body)
		}
	}
	if a := waited(s, apptest.Stefan, "/tagesliste/5", 8*24*time.Hour, "child", "1", "kind", Came); a.Code != 409 {
		t.Errorf("waited for eight days: %d", a.Code)
	}
	if k := rows(t, h, `SELECT count(*) FROM absence_deed`); k != 0 {
		t.Errorf("%d deeds were written", k)
	}
}

// Whoever leads from above sees numbers and no names; a Kita with few children has none.
func TestNumbersFromAbove(t *testing.T) {
	h, s, _ := site(t)
	s.Post(apptest.Stefan, "/tagesliste/5", "child", "1", "kind", Came)
	for _, p := range []int64{apptest.Max, apptest.Olga} {
		a := s.Get(p, "/tageslisten")
		if a.Code != 200 || !a.Has("Kita Sonnenblume") || !a.Has("weniger als fünf Kinder") || a.Has("/tagesliste/") || a.Has("Mila") || a.Has("data-live=") {
			t.Errorf("person %d: %s", p, a.Body)
		}
	}
	if a := s.Get(apptest.Max, "/tageslisten"); a.Has("Regenbogen") {
		t.Error("Max sees the other carrier")
	}
	more(t, h)
	if a := s.Get(apptest.Max, "/tageslisten"); !a.Has(`<td class="r">7</td><td class="r">1</td><td class="r">6</td><td class="r">0</td><td class="r">0</td>`) {
		t.Errorf("Max: %s", a.Body)
	}
	if a := s.Get(apptest.Hanna, "/tageslisten"); !a.Has("1 da, 6 erwartet, 0 abgemeldet") || !a.Has(`href="/tagesliste/4"`) || !a.Has(`href="/tagesliste/6"`) {
		t.Errorf("Hanna: %s", a.Body)
	}
	if a := s.Get(apptest.Stefan, "/tageslisten"); a.Has(`/tagesliste/4"`) || a.Has("Bären") || a.Has("Heute in Zahlen") || !a.Has("data-live=") {
		t.Errorf("Stefan: %s", a.Body)
	}
}

// more gives the Käfer four more children.
func more(t *testing.T, h *apptest.House) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO child (id, uid, facility, given, family) VALUES (11, 'x1', 4, 'A', 'A'), (12, 'x2', 4, 'B', 'B'), (13, 'x3', 4, 'C', 'C'), (14, 'x4', 4, 'D', 'D')`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO child_stay (child, since, unit) VALUES (11, 0, 5), (12, 0, 5), (13, 0, 5), (14, 0, 5)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
