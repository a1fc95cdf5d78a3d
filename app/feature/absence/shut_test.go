package absence

import (
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A list says that it is closed, for its own group and on that day only.
func TestListsTellThatItIsClosed(t *testing.T) {
	h := apptest.New(t)
	s := h.Serve(t, New(h.House, Wires{
		Care: func(*store.Tx, int64, string, string) error { return nil },
		Dates: func(_ *store.Tx, _ who.Viewer, from, to time.Time) ([]house.Date, error) {
			if !to.Equal(from.AddDate(0, 0, 1)) {
				t.Errorf("asked from %v to %v", from, to)
			}
			if from.After(h.Now()) || !to.After(h.Now()) {
				return nil, nil
			}
			return []house.Date{
				{Kind: house.Closed, Title: "Heute früher Schluss", Path: "/schliessung/9", Units: []int64{5}, Starts: from.Add(13 * time.Hour), Ends: from.Add(17 * time.Hour)},
				{Kind: house.Closing, Title: "Anderswo zu", Units: []int64{6}, AllDay: true},
				{Kind: house.Closing, Title: "Abgesagt", Cancelled: true, AllDay: true},
				{Kind: house.Event, Title: "Elternabend", AllDay: true},
				{Kind: house.Holiday, Title: "Frauentag", AllDay: true},
			}, nil
		},
	}))
	a := s.Get(apptest.Stefan, "/tagesliste/5")
	if !a.Has("Heute früher Schluss") || !a.Has(`href="/schliessung/9"`) || !a.Has("13:00 Uhr") || !a.Has("Frauentag") {
		t.Errorf("the list does not tell that it is closed: %s", a.Body)
	}
	for _, wrong := range []string{"Anderswo zu", "Abgesagt", "Elternabend"} {
		if a.Has(wrong) {
			t.Errorf("the list tells of %q", wrong)
		}
	}
	if a := s.Get(apptest.Stefan, "/tagesliste/5?tag=2026-02-27"); a.Has("Heute früher Schluss") || !a.Has("data-count") {
		t.Errorf("the list of another day: %s", a.Body)
	}
	if a := s.Get(apptest.Stefan, "/tageslisten"); !a.Has("geschlossen") {
		t.Errorf("the lists: %s", a.Body)
	}
}
