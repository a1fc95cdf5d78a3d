package app

import (
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// beside is what is on next for somebody, on the start page.
func (w *asking) beside(person int64) (part string) {
	w.t.Helper()
	i := slices.IndexFunc(w.all, func(f house.Feature) bool { return f.Name == "calendar" })
	if err := w.h.DB.Read(w.t.Context(), func(tx *store.Tx) error {
		v, err := org.Viewer(tx, person, w.h.Now())
		if err != nil {
			return err
		}
		html, err := w.all[i].Beside(tx, web.Page{Viewer: v, Lang: "de", Now: w.h.Now()})
		part = string(html)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return part
}

// TestOwnPlacesAreDates: what one brings, and when it is one's turn, stands in the own calendar, on the start page and in the
// feed; who waits, and other families, see nothing of it there.
func TestOwnPlacesAreDates(t *testing.T) {
	w := newAsking(t)
	made := func(fields ...string) string {
		t.Helper()
		a := w.Post(apptest.Hanna, "/listen/neu", append([]string{"unit", "4", "audience", "4", "role", "parent"}, fields...)...)
		if a.Code != 303 {
			t.Fatalf("%d: %s", a.Code, said(a.Body))
		}
		return a.To
	}
	enter := func(person int64, at string, fields ...string) {
		t.Helper()
		if a := w.Post(person, at+"/eintragen", fields...); a.Code != 303 {
			t.Fatalf("%d: %s", a.Code, said(a.Body))
		}
	}
	party := made("kind", "bring", "per", "person", "title", "Sommerfest", "lines", "Kuchen: 2\nSalat", "day", "2026-03-06")
	talks := made("kind", "slot", "per", "child", "title", "Elterngespräche", "slot_day", "2026-03-09", "slot_starts", "14:00", "slot_ends", "15:15",
		"slot_length", "20", "slot_break", "5", "slot_room", "Büro")
	w.sees(apptest.Ada, "/termine", false, "Sommerfest") // before she has put herself down
	enter(apptest.Ada, party, "line", "1", "places", "2")
	enter(apptest.Ada, party, "line", "2")
	enter(apptest.Cem, party, "line", "2") // and waits
	enter(apptest.Ada, talks, "line", "4", "child", "1")
	const bring = "Sommerfest: 2 × Kuchen, Salat"
	for _, path := range []string{"/termine", "/termine?ansicht=liste"} {
		w.sees(apptest.Ada, path, true, bring)
		w.sees(apptest.Ada, path, true, "Elterngespräche")
		w.sees(apptest.Bert, path, true, "Elterngespräche") // he decides for Mila, too
		w.sees(apptest.Bert, path, false, "Sommerfest")
		for _, p := range []int64{apptest.Cem, apptest.Hanna, apptest.Rosa} {
			w.sees(p, path, false, "Sommerfest")
			w.sees(p, path, false, "Elterngespräche")
		}
	}
	w.sees(apptest.Ada, "/termine?ansicht=liste&kind=1", true, "Mila")   // of one child
	w.sees(apptest.Ada, "/termine?ansicht=liste&kind=2", false, "Mila:") // Emil has no appointment
	w.sees(apptest.Ada, "/termine?ansicht=liste&kind=2", false, "Elterngespräche")

	w.Post(apptest.Ada, "/konto/kalender")
	_, feed, _ := strings.Cut(w.Get(apptest.Ada, "/konto/kalender").Body, apptest.Base)
	feed, _, _ = strings.Cut(feed, "<")
	a := w.Get(apptest.Nobody, feed)
	for _, line := range []string{"SUMMARY:Elterngespräche\r\nLOCATION:Büro\r\n", "DTSTART;TZID=Europe/Berlin:20260309T142500\r\nDTEND;TZID=Europe/Berlin:20260309T144500\r\n",
		`SUMMARY:Sommerfest: 2 × Kuchen\, Salat`, "DTSTART;VALUE=DATE:20260306\r\nDTEND;VALUE=DATE:20260307\r\n"} {
		if !a.Has(line) {
			t.Errorf("%q is not in the feed: %d %s", line, a.Code, a.Body)
		}
	}

	next := func(person int64, want bool, what string) {
		t.Helper()
		if part := w.beside(person); strings.Contains(part, what) != want {
			t.Errorf("%q is on the start page of %d: %v: %s", what, person, !want, part)
		}
	}
	next(apptest.Ada, true, bring)
	next(apptest.Bert, true, "Elterngespräche")
	next(apptest.Cem, false, "Sommerfest")
	if a.Has("Mila") {
		t.Error("the feed names a child")
	}
	// Given back, it is gone at once, also from what is kept in memory; and Cem has it.
	w.Post(apptest.Ada, party+"/austragen", "entry", "2")
	next(apptest.Ada, false, "Salat")
	next(apptest.Ada, true, "Sommerfest: 2 × Kuchen")
	next(apptest.Cem, true, "Sommerfest: Salat")
	// A list that one may no longer see is none of one's own.
	if err := w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE child_stay SET until = ? WHERE child = 1`, w.h.Now().Unix())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	w.sees(apptest.Bert, "/termine", false, "Elterngespräche")
}
