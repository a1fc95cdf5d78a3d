package announcement

import (
	"fmt"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// excuse writes down that a child is absent, and has closures look at it, as whoever keeps absences does.
func excuse(t *testing.T, h *apptest.House, child int64, first, last string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO absence (uid, child, first_day, last_day, reason, note, late) VALUES (?, ?, ?, ?, 'ill', 'Fieber', 0)`,
			fmt.Sprint(child, first), child, first, last); err != nil {
			return err
		}
		return Absent(h.House)(tx, child, first, last)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A child that would not have come on any day of a closure counts as settled, and nobody is asked to telephone. One that
// comes again before the end is to be reached like all others.
func TestExcusedIsSettled(t *testing.T) {
	h, s := site(t)
	excuse(t, h, apptest.Mila, "2026-03-02", "2026-03-06")
	excuse(t, h, apptest.Can, "2026-03-02", "2026-03-02") // comes on the second day
	if a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "whole", "1", "when", "span", "first_day", "2026-03-02", "last_day", "2026-03-03",
		"hours", "all", "reason", "illness", "rule", "first", "confirm", "1"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	h.Work(t)
	a := s.Get(apptest.Hanna, "/mitteilung/1/stand")
	for _, want := range []string{"Abgemeldet (1)", "1 abgemeldet", "Noch anrufen (2)", `<dt>Abgemeldet</dt><dd class="num">1</dd>`, "33&nbsp;%"} {
		if !a.Has(want) {
			t.Errorf("Hanna's coverage lacks %q", want)
		}
	}
	if a.Has("Fieber") || a.Has("krank") {
		t.Error("the coverage tells why a child is absent")
	}
	if a := s.Get(apptest.Max, "/mitteilung/1/stand"); !a.Has("1 abgemeldet") || a.Has("Mila") {
		t.Errorf("Max: %s", a.Body)
	}
	// Neither a reminder nor a call is for Mila's parents any more.
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		left, err := missing(tx, 1, []int64{apptest.Ada, apptest.Bert, apptest.Cem, apptest.Dana}, h.Now())
		if err != nil {
			return err
		}
		if left[apptest.Ada].family || left[apptest.Bert].family || !left[apptest.Cem].family || !left[apptest.Dana].family {
			t.Errorf("left to reach: %+v", left)
		}
		all, err := callers(tx, 1, 0, h.Now())
		for _, c := range all {
			if c.person == apptest.Hanna && c.open != 2 {
				t.Errorf("Hanna is to call %d families, want 2", c.open)
			}
			if c.person == apptest.Stefan {
				t.Error("Stefan is to call, but his only child is excused")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// A confirmation is more than an excuse.
	if a := s.Post(apptest.Ada, "/mitteilung/1/bestaetigen"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	if a := s.Get(apptest.Hanna, "/mitteilung/1/stand"); a.Has("Abgemeldet (1)") || !a.Has("Erreicht (1)") {
		t.Error("who has confirmed is not reached")
	}
}

// An excused child needs no place, and the next in the line has it.
func TestExcusedGivesItsPlaceBack(t *testing.T) {
	h, s := site(t)
	if a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "whole", "1", "when", "today",
		"hours", "all", "reason", "illness", "rule", "first", "confirm", "1", "care", "1", "places", "1"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	h.Work(t)
	want := func(who, child int64) apptest.Answer {
		return s.Post(who, "/schliessung/1/notbetreuung", "child", fmt.Sprint(child), "want", "place")
	}
	want(apptest.Ada, apptest.Mila)
	want(apptest.Cem, apptest.Can)
	excuse(t, h, apptest.Mila, "2026-03-02", "2026-03-02")
	states := func() (s string) {
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			s, err = store.One(tx, store.Value[string], `SELECT group_concat(child || state, ' ') FROM (SELECT child, state FROM announcement_care ORDER BY child)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if got := states(); got != "1home 3given" {
		t.Errorf("places: %s", got)
	}
	want(apptest.Ada, apptest.Mila)
	if a := s.Get(apptest.Ada, "/schliessung/1"); !a.Has("Nehmen Sie zuerst die Abmeldung zurück") {
		t.Errorf("an excused child asks for a place: %s", a.Body)
	}
	excuse(t, h, apptest.Dora, "2026-03-02", "2026-03-02") // has never asked
	if got := states(); got != "1home 3given" {
		t.Errorf("places: %s", got)
	}
}
