package app

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// TestLegacy: what a council has in its archive, rooms, calendar and lists stands ready for the next board, and nobody else
// reads it. At midnight the chair, who is a mother of the Kita again, finds nothing of what is not public any more.
func TestLegacy(t *testing.T) {
	h := newHouse(t)
	h.story()
	council := fmt.Sprint(apptest.Council)
	h.sql(`UPDATE wiki_page SET review = '2026-06-01' WHERE unit = 10`)
	h.sql(`INSERT INTO wiki_archive (unit, approve) VALUES (10, 1)`)
	h.done(apptest.Chair, "/wissen/neu", "unit", council, "access", "staff", "title", "Satzung", "body", "Noch ein Entwurf.")
	h.done(apptest.Chair, "/raeume/neu", "unit", council, "kind", "open", "audience", council, "role", "council", "name", "Beirat", "keep", "365")
	h.entered(apptest.Chair, "/raum/4")
	h.done(apptest.Chair, "/raum/4/neu", "uid", "laerm", "title", "Lärm im Hof", "body", "Wer misst?")
	h.done(apptest.Dana, "/listen/neu", "unit", fmt.Sprint(apptest.Sonne), "audience", fmt.Sprint(apptest.Sonne), "role", "parent", "kind", "bring", "per", "person",
		"title", "Kuchen", "lines", "Kuchen: 2", "day", "2026-03-09")
	get := func(person int64, path string) *httptest.ResponseRecorder {
		return h.do(person, httptest.NewRequest("GET", apptest.Base+path, nil))
	}
	ready := get(apptest.Chair, "/gremium/10/uebergabe").Body.String()
	for _, w := range []string{"Hygieneplan 10", "Seite prüfen: Hygieneplan 10", "1. Juni 2026", "Diese Seite hat noch niemand freigegeben.", "Sommerfest 10", "Lärm im Hof", "Liste: Kuchen"} {
		if !strings.Contains(ready, w) {
			t.Errorf("%q does not stand ready:\n%s", w, said(ready))
		}
	}
	for _, w := range []string{"Hygieneplan 4", "Sommerfest 4", "Fahrradhelme", "Buffet"} { // others'
		if strings.Contains(ready, w) {
			t.Errorf("%q is no legacy of the council", w)
		}
	}
	// The other who sits in it has not come into the room.
	if page := get(apptest.Dana, "/gremium/10/uebergabe").Body.String(); strings.Contains(page, "Lärm im Hof") || !strings.Contains(page, "Kuchen") {
		t.Errorf("a member reads: %s", said(page))
	}
	w := h.do(apptest.Chair, h.form(apptest.Chair, "/gremium/10/uebergabe/zip"))
	z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		t.Fatalf("%d: %v", w.Code, err)
	}
	if !slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == "Texte/Hygieneplan 10.md" }) {
		t.Errorf("the ZIP lacks the page of the archive")
	}

	change := time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC)
	h.sql(`INSERT INTO guardian (child, person, state, since) VALUES (?, ?, 'confirmed', 0)`, apptest.Mila, apptest.Chair)
	h.sql(`UPDATE membership SET until = ? WHERE person = ?`, change.Unix(), apptest.Chair)
	inside := []string{"/gremium/10/uebergabe", "/uebergabe/1", "/uebergabe/1/buch", "/seite/4", "/raum/4", "/thema/4", "/rundbrief/2"}
	h.Clock.Add(change.Sub(h.Now()) - time.Minute) // each request signs in anew, which takes a second
	for _, path := range inside {
		if w := get(apptest.Chair, path); w.Code != http.StatusOK {
			t.Errorf("%s before midnight: %d", path, w.Code)
		}
	}
	h.Clock.Add(change.Sub(h.Now()))
	for _, path := range inside {
		if w := get(apptest.Chair, path); w.Code != http.StatusNotFound {
			t.Errorf("%s after midnight: %d, want 404", path, w.Code)
		}
	}
	if w := get(apptest.Chair, "/archiv/10"); strings.Contains(w.Body.String(), "Hygieneplan 10") { // what is for those around the council stays
		t.Error("a mother finds what the council keeps for itself")
	}
	if w := get(apptest.Chair, "/rundbriefe"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Neuer Rundbrief") {
		t.Errorf("a mother's bulletins: %d", w.Code)
	}
}
