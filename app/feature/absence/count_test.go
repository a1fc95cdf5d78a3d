package absence

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// Each night the days that are over are counted, and what is too old is forgotten; the numbers stay.
func TestNight(t *testing.T) {
	h := apptest.New(t)
	f := New(h.House, Wires{Care: func(*store.Tx, int64, string, string) error { return nil }})
	s := h.Serve(t, f)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	more(t, h)
	s.Post(apptest.Ada, "/abwesenheit", "child", "1", "last_day", "2026-03-03", "reason", "ill", "note", "Oma holt")
	s.Post(apptest.Stefan, "/tagesliste/5", "child", "11", "kind", Left, "escort", "Oma")
	if a := s.Get(apptest.Hanna, "/abwesenheiten"); !a.Has("Noch gibt es keine Zahlen") {
		t.Error("numbers before the first night")
	}
	h.Work(t)
	for range 7 {
		h.Clock.Add(24 * time.Hour)
		h.Work(t)
	}
	if k := rows(t, h, `SELECT count(*) FROM absence_count WHERE unit = 5 AND day >= '2026-03-02' AND children = 5 AND day NOT IN ('2026-03-07', '2026-03-08')`); k != 5 {
		t.Errorf("%d working days of the Käfer, want 5", k)
	}
	if k := rows(t, h, `SELECT count(*) FROM absence_count WHERE day IN ('2026-03-07', '2026-03-08')`); k != 0 {
		t.Errorf("a weekend was counted: %d", k)
	}
	a := s.Get(apptest.Hanna, "/abwesenheiten?je=woche&ab=2026-03-02")
	for _, want := range []string{"Woche ab 02.03.2026", `<th scope="row">Käfer`, `<td class="r">25</td><td class="r">23</td><td class="r">2</td><td class="r">8,0 %</td><td class="r">2</td><td class="r">0</td>`, `class="bar-rect"`} {
		if !a.Has(want) {
			t.Errorf("Hanna's numbers lack %s:\n%s", want, a.Body)
		}
	}
	const shield = "Zahlen unter 5 bleiben verborgen"
	if a.Has(shield) {
		t.Error("Hanna is told that something is hidden from her")
	}
	if a := s.Get(apptest.Stefan, "/abwesenheiten?je=woche"); a.Has("Bären") {
		t.Error("Stefan sees the numbers of the other group")
	}
	// Max knows no names: 35 days of children, two of them excused.
	a = s.Get(apptest.Max, "/abwesenheiten?je=woche&ab=2026-03-02")
	if !a.Has("Kita Sonnenblume") || a.Has("Käfer") || !a.Has(shield) || !a.Has(`<td class="r">35</td><td class="r">unter 5</td><td class="r">unter 5</td><td class="r">–</td><td class="r">unter 5</td>`) {
		t.Errorf("Max: %s", a.Body)
	}
	csv := s.Get(apptest.Max, "/abwesenheiten.csv?je=woche")
	if !strings.HasPrefix(csv.Body, "\uFEFFWoche ab;Einrichtung;Gruppe;") || !csv.Has("2026-03-02;Kita Sonnenblume;;35;unter 5;unter 5;unter 5") || csv.Has("Regenbogen") {
		t.Errorf("Max's table: %s", csv.Body)
	}
	if csv := s.Get(apptest.Hanna, "/abwesenheiten.csv?je=monat"); !csv.Has("2026-03-01;Kita Sonnenblume;Käfer;") {
		t.Errorf("Hanna's table: %s", csv.Body)
	}

	words := func(when string, want string) {
		t.Helper()
		var got string
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			got, err = store.One(tx, store.Value[string], `
				SELECT coalesce((SELECT reason || '/' || note FROM absence), 'gone') || ' ' || coalesce((SELECT kind || '/' || escort FROM absence_deed), 'gone')`)
			return err
		})
		if err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", when, got, want, err)
		}
	}
	words("after a week", "ill/Oma holt left/Oma")
	h.Clock.Add(30 * 24 * time.Hour)
	h.Work(t)
	words("after five weeks", "ill/ left/")
	h.Clock.Add(340 * 24 * time.Hour)
	h.Work(t)
	words("after a year", "/ left/")
	h.Clock.Add(9 * 366 * 24 * time.Hour)
	h.Work(t)
	words("after ten years and more", "gone gone")
	if k := rows(t, h, `SELECT sum(ill) FROM absence_count WHERE day < '2026-04-01'`); k != 2 {
		t.Errorf("the numbers have changed: %d days of illness", k)
	}
	if k := rows(t, h, `SELECT count(*) FROM task WHERE kind = 'absence.night'`); k != 1 {
		t.Errorf("%d nights are planned", k)
	}
}

// A day on which nobody, or one facility, was open as the calendar says is not counted: no child was expected.
func TestNightLeavesOutClosedDays(t *testing.T) {
	h := apptest.New(t)
	late := false // it has become known
	f := New(h.House, Wires{
		Care: func(*store.Tx, int64, string, string) error { return nil },
		Shut: func(_ *store.Tx, day string) (bool, []int64, error) {
			switch {
			case day == "2026-03-03", late && day == "2026-03-02":
				return true, nil, nil
			case day == "2026-03-04":
				return false, []int64{apptest.Sonne}, nil
			}
			return false, nil, nil
		},
	})
	h.Serve(t, f)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Work(t)
	for range 4 {
		h.Clock.Add(24 * time.Hour)
		h.Work(t)
	}
	for day, want := range map[string]int{"2026-03-02": 3, "2026-03-03": 0, "2026-03-04": 1, "2026-03-05": 3} {
		if n := rows(t, h, `SELECT count(*) FROM absence_count WHERE day = ?`, day); n != want {
			t.Errorf("%s: %d groups were counted, want %d", day, n, want)
		}
	}
	if n := rows(t, h, `SELECT count(*) FROM absence_count c JOIN unit_up p ON p.unit = c.unit WHERE p.above = ? AND c.day = '2026-03-04'`, apptest.Sonne); n != 0 {
		t.Errorf("the closed facility has numbers: %d", n)
	}
	late = true
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	if n := rows(t, h, `SELECT count(*) FROM absence_count WHERE day = '2026-03-02'`); n != 0 {
		t.Errorf("a day keeps %d numbers that was a holiday", n)
	}
}

// No number that is shown to those without names, and no difference of two, is from one to four.
func TestShield(t *testing.T) {
	for _, c := range []struct {
		name string
		t    Tally
		want string // days excused ill holiday appointment others late
	}{
		{"few children", Tally{Most: 4, Days: 80, Excused: 20, Ill: 20}, "-1 -1 -1 -1 -1 -1 -1"},
		{"nobody", Tally{Most: 20, Days: 100}, "100 0 0 0 0 0 0"},
		{"few excused", Tally{Most: 20, Days: 100, Excused: 4, Ill: 4}, "100 -1 -1 -1 -1 -1 0"},
		{"one reason of few", Tally{Most: 20, Days: 100, Excused: 12, Ill: 8, Holiday: 4}, "100 12 -1 -1 -1 -1 0"},
		{"enough", Tally{Most: 20, Days: 100, Excused: 16, Ill: 11, Holiday: 5, Late: 3}, "100 16 11 5 0 0 -1"},
	} {
		x := c.t.shield()
		if got := fmt.Sprint(x.Days, x.Excused, x.Ill, x.Holiday, x.Appointment, x.Others, x.Late); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestPeriods(t *testing.T) {
	for day, want := range map[string][2]string{
		"2026-03-02": {"2026-03-02", "2026-03-01"}, // a Monday
		"2026-03-01": {"2026-02-23", "2026-03-01"}, // a Sunday
		"2027-01-01": {"2026-12-28", "2027-01-01"},
		"2026-03-29": {"2026-03-23", "2026-03-01"}, // a day of 23 hours
	} {
		if w, m := period(day, true), period(day, false); w != want[0] || m != want[1] {
			t.Errorf("%s: week %s, month %s, want %v", day, w, m, want)
		}
	}
	if all := periods(apptest.Start, false, 12); all[0] != "2025-04-01" || all[11] != "2026-03-01" {
		t.Errorf("months: %v", all)
	}
	if all := periods(apptest.Start, true, 12); all[0] != "2025-12-15" || all[11] != "2026-03-02" {
		t.Errorf("weeks: %v", all)
	}
}
