package announcement

import (
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// After its time nobody can say any more who got and confirmed an announcement; its words stay, and it asks nobody again.
func TestClearedAnnouncement(t *testing.T) {
	h := apptest.New(t)
	f := New(h.House, Wires{})
	s := h.Serve(t, f)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := closeKaefer(t, s, 2)
	h.Work(t)
	if a := s.Post(apptest.Ada, "/mitteilung/"+id+"/bestaetigen", "back", "/"); a.Code != 303 {
		t.Fatalf("confirm: %d", a.Code)
	}
	left := func() (n int) {
		t.Helper()
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			n, err = store.One(tx, store.Value[int], `SELECT (SELECT count(*) FROM announcement_receipt) + (SELECT count(*) FROM announcement_asked) + (SELECT count(*) FROM announcement_delivery)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	stand := "/mitteilung/" + id + "/stand"
	h.Clock.Add(700 * 24 * time.Hour)
	h.Work(t)
	if a := s.Get(apptest.Hanna, stand); left() == 0 || !a.Has("1 von 1 Kindern") {
		t.Errorf("it went too early: %d rows\n%s", left(), a.Body)
	}
	h.Clock.Add(60 * 24 * time.Hour)
	h.Work(t)
	if n := left(); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	if a := s.Get(apptest.Hanna, stand); a.Code != 404 {
		t.Errorf("there is nothing to count: %d\n%s", a.Code, a.Body)
	}
	for _, path := range []string{"/", "/mitteilungen", "/mitteilung/" + id, "/schliessung/" + id, "/schliessungen", "/schliessungen?von=2026-01-01"} {
		if a := s.Get(apptest.Hanna, path); a.Code != 200 || a.Has("/stand") {
			t.Errorf("%s leads to it: %d\n%s", path, a.Code, a.Body)
		}
	}
	if a := s.Get(apptest.Ada, "/mitteilung/"+id); a.Code != 200 || a.Has("Gelesen bestätigen") {
		t.Errorf("it asks again: %d\n%s", a.Code, a.Body)
	}
}
