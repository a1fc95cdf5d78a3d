package wiki

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
)

const stillRight = "Noch richtig"

// TestReview is the story of a page that somebody looks after: told once when the day has come, each month again, until
// somebody says that it still holds.
func TestReview(t *testing.T) {
	h, s := serve(t)
	accounts(t, h)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Hygieneplan", "Hände waschen.")
	if a := s.Post(apptest.Hanna, at+"/pruefung", "owner", "5", "every", "6", "review", "2026-03-05"); a.To != at {
		t.Fatalf("%d %s", a.Code, main(a.Body))
	}
	told := func(want ...int64) {
		t.Helper()
		h.Work(t)
		if got := mailed(h, "Bitte prüfen: Hygieneplan"); !slices.Equal(got, people(want...)) {
			t.Errorf("on %s told %v, want %v", today(h.Now()), got, people(want...))
		}
	}
	pass := func(days int) {
		for range days {
			h.Clock.Add(24 * time.Hour)
			h.Work(t)
		}
	}
	told()
	pass(2)
	told()
	if s.Get(apptest.Stefan, at).Has(stillRight) {
		t.Error("it is due too early")
	}
	pass(1) // 5 March
	told(apptest.Stefan)
	pass(20)
	told(apptest.Stefan)
	pass(12)
	told(apptest.Stefan, apptest.Stefan)
	if a := s.Get(apptest.Hanna, at); !a.Has("Zur Prüfung fällig seit 05.03.2026") || !a.Has(stillRight) {
		t.Errorf("the page: %s", main(a.Body))
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); !a.Has("Zur Prüfung fällig") || !a.Has("zuständig: Stefan Fachkraft") {
		t.Errorf("the list: %s", main(a.Body))
	}
	for _, path := range []string{at, "/archiv/4"} {
		if a := s.Get(apptest.Ada, path); a.Has("fällig") || a.Has("Stefan") || a.Has(stillRight) {
			t.Errorf("Ada reads at %s: %s", path, main(a.Body))
		}
	}
	if a := s.Post(apptest.Ada, at+"/richtig"); a.Code == 303 {
		t.Error("Ada says that it holds")
	}
	if s.Post(apptest.Stefan, at+"/richtig"); s.Get(apptest.Stefan, at).Has(stillRight) {
		t.Error("it is still due")
	}
	if a := s.Get(apptest.Ada, at); !a.Has("Geprüft am ") {
		t.Errorf("Ada does not read when: %s", main(a.Body))
	}
	if a := s.Get(apptest.Stefan, at+"/einrichten"); !a.Has(`value="2026-10-06"`) { // in half a year
		t.Errorf("the next day: %s", main(a.Body))
	}
	pass(40)
	told(apptest.Stefan, apptest.Stefan)
}

// TestReviewWithoutOwner: where nobody is named, or who was has left, the nearest who lead the unit are told.
func TestReviewWithoutOwner(t *testing.T) {
	for _, c := range []struct {
		name           string
		by, unit, owns int64
		left           bool
		access         Access
		want           []int64
	}{
		{"nobody", apptest.Hanna, apptest.Sonne, 0, false, Around, []int64{apptest.Hanna}},
		{"who has left", apptest.Hanna, apptest.Sonne, apptest.Stefan, true, Around, []int64{apptest.Hanna}},
		{"who no longer reads it", apptest.Hanna, apptest.Sonne, apptest.Stefan, false, Board, []int64{apptest.Hanna}},
		{"carrier", apptest.Max, apptest.CarrierA, 0, false, Around, []int64{apptest.Max}},
		{"committee", apptest.Dana, apptest.Council, 0, false, Around, []int64{apptest.Chair}},
		{"office", apptest.Olga, apptest.Office, 0, false, Staff, []int64{apptest.Olga}},
	} {
		h, s := serve(t)
		accounts(t, h)
		at := write(t, s, c.by, c.unit, c.access, "Plan", "x")
		change(t, h, `UPDATE wiki_page SET owner = nullif(?, 0), review = '2026-03-02'`, c.owns)
		if c.left {
			change(t, h, `UPDATE membership SET until = ? WHERE person = ?`, h.Now().Unix(), c.owns)
		}
		h.Clock.Add(24 * time.Hour) // the next morning
		h.Work(t)
		if got := mailed(h, "Bitte prüfen: "); !slices.Equal(got, people(c.want...)) {
			t.Errorf("%s: told %v, want %v", c.name, got, people(c.want...))
		}
		if !s.Get(c.by, at).Has(stillRight) {
			t.Errorf("%s: not due", c.name)
		}
	}
}

// TestReviewOfBin: what lies in the bin reminds nobody.
func TestReviewOfBin(t *testing.T) {
	h, s := serve(t)
	accounts(t, h)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Plan", "x")
	s.Post(apptest.Hanna, at+"/pruefung", "owner", "4", "every", "0", "review", "2026-03-02")
	s.Post(apptest.Hanna, at+"/entfernen")
	h.Work(t)
	h.Clock.Add(24 * time.Hour)
	h.Work(t)
	if got := mailed(h, ""); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

func TestPlan(t *testing.T) {
	now := apptest.Start
	writers := []Person{{apptest.Hanna, "Hanna Leitung"}}
	for _, c := range []struct {
		name string
		plan plan
		day  string
		bad  string
	}{
		{"never", plan{}, "", ""},
		{"once", plan{Day: "2026-12-01"}, "2026-12-01", ""},
		{"today", plan{Day: "2026-03-02"}, "2026-03-02", ""},
		{"each year from now on", plan{Owner: apptest.Hanna, Every: 12}, "2027-03-02", ""},
		{"yesterday", plan{Day: "2026-03-01"}, "", "Vergangenheit"},
		{"no day", plan{Day: "bald"}, "", "einen Tag"},
		{"far away", plan{Day: "9999-01-01"}, "", "einen Tag"},
		{"every week", plan{Every: 1}, "", "wie oft"},
		{"somebody else", plan{Owner: apptest.Ada}, "", "hier schreiben darf"},
	} {
		err := c.plan.check(writers, now)
		switch {
		case c.bad == "" && (err != nil || c.plan.Day != c.day):
			t.Errorf("%s: %q, %v", c.name, c.plan.Day, err)
		case c.bad != "" && !strings.Contains(strings.Join(slices.Collect(maps.Values(fault.Fields(err))), " "), c.bad):
			t.Errorf("%s: %v", c.name, fault.Fields(err))
		}
	}
}
