package list

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// TestMistakes: wrong lists are not made, and nothing typed is lost.
func TestMistakes(t *testing.T) {
	w := newTown(t)
	for _, c := range []struct {
		name string
		form []string
		says string
	}{
		{"no lines", []string{"unit", "4", "audience", "4", "role", "parent", "kind", "bring", "per", "person", "title", "Ohne alles"}, "mindestens eine Zeile"},
		{"a shift without an end", []string{"unit", "4", "audience", "4", "role", "parent", "kind", "shift", "per", "person", "title", "Ohne alles",
			"line_id", "0", "line_title", "Aufbau", "line_day", "2026-03-06", "line_starts", "10:00", "line_ends", "", "line_room", "", "line_places", "2"}, "Zeile 1: Bitte geben Sie Tag, Anfang und Ende an."},
		{"no kind", []string{"unit", "4", "audience", "4", "role", "parent", "kind", "x", "per", "person", "title", "Ohne alles"}, "was für eine Liste"},
		{"children for the team", []string{"unit", "4", "audience", "4", "role", "team", "kind", "bring", "lines", "x", "per", "child", "title", "Ohne alles"}, "Kinder trägt nur ein"},
		{"already over", []string{"unit", "4", "audience", "4", "role", "parent", "kind", "bring", "lines", "x", "per", "person", "title", "Ohne alles", "closes_day", "2026-03-01"}, "Vergangenheit"},
	} {
		a := w.Post(apptest.Hanna, "/listen/neu", c.form...)
		if a.Code != 422 || !a.Has(c.says) || !a.Has("Ohne alles") {
			t.Errorf("%s: %d %s", c.name, a.Code, words(a.Body))
		}
	}
	for _, c := range []struct {
		name   string
		person int64
		form   []string
		status int
	}{
		{"a unit of others", apptest.Rosa, bring(), 404},
		{"an audience of others", apptest.Hanna, bring("audience", "8"), 404},
		{"a parent", apptest.Ada, bring(), 403},
		{"the council to the team", apptest.Dana, bring("role", "team"), 422},
		{"the council to another house", apptest.Dana, bring("audience", "3"), 404},
		{"a field that there is not", apptest.Hanna, bring("x", "y"), 400},
	} {
		if a := w.Post(c.person, "/listen/neu", c.form...); a.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, a.Code, c.status, words(a.Body))
		}
	}
	// the same form twice is one list
	form := bring("uid", "01900000-0000-7000-8000-000000000000")
	if one, two := w.made(apptest.Hanna, form...), w.made(apptest.Hanna, form...); one != two {
		t.Errorf("%s and %s", one, two)
	}
}

// TestCouncilList: a list of the parents' council is read by its members, and says so before anybody enters.
func TestCouncilList(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Chair, bring("title", "Flohmarkt")...)
	w.sees(apptest.Ada, at, true, "und der Elternbeirat")
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "1")
	w.sees(apptest.Dana, at, true, "Ada Demir")
	w.sees(apptest.Cem, at, false, "Demir")
	team := w.made(apptest.Hanna, bring()...)
	w.posts(apptest.Ada, team+"/eintragen", 303, "line", "3")
	w.sees(apptest.Dana, team, false, "Demir")
	w.posts(apptest.Dana, team+"/schliessen", 403)
	if a := w.Get(apptest.Dana, team+"/tabelle"); a.Code != 403 {
		t.Errorf("%d", a.Code)
	}
}

// TestChange: a list is changed without losing who stands on it.
func TestChange(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, bring()...)
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "1", "places", "2")
	w.posts(apptest.Cem, at+"/eintragen", 303, "line", "2")
	w.posts(apptest.Bert, at+"/eintragen", 303, "line", "1", "places", "1")
	lines := func(first, cake, salad string, more ...string) []string {
		return append([]string{"title", "Sommerfest", "line_id", "1", "line_title", first, "line_places", cake, "line_day", "", "line_starts", "", "line_ends", "", "line_room", "",
			"line_id", "2", "line_title", "Salat", "line_places", salad, "line_day", "", "line_starts", "", "line_ends", "", "line_room", ""}, more...)
	}
	if a := w.posts(apptest.Hanna, at+"/bearbeiten", 422, lines("Kuchen und Torte", "1", "1")...); !a.Has("schon 2 Plätze") || !a.Has("Kuchen und Torte") {
		t.Error(words(a.Body))
	}
	w.posts(apptest.Hanna, at+"/bearbeiten", 303, lines("Kuchen und Torte", "3", "1", "gone", "2")...)
	w.sees(apptest.Bert, at, true, "Ihr Eintrag") // there is room now
	w.sees(apptest.Cem, at, false, "Salat")
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 1 || sent[0].To != "cem@example.org" {
		t.Errorf("who loses a line is told: %+v", sent)
	}
	w.posts(apptest.Max, at+"/entfernen", 409)
	w.posts(apptest.Hanna, at+"/austragen", 303, "entry", "1")
	w.posts(apptest.Hanna, at+"/austragen", 303, "entry", "3")
	w.posts(apptest.Hanna, at+"/entfernen", 303)
	if a := w.Get(apptest.Ada, at); a.Code != 404 {
		t.Errorf("%d", a.Code)
	}
}

// TestKeep: a list is deleted some months after anything last happened on it, and not before; and it says when.
func TestKeep(t *testing.T) {
	w := newTown(t)
	if err := w.f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	party := w.made(apptest.Hanna, bring()...) // on 6 March
	w.posts(apptest.Ada, party+"/eintragen", 303, "line", "1")
	open := w.made(apptest.Hanna, "unit", "4", "audience", "4", "role", "parent", "kind", "bring", "per", "person", "title", "Fahrdienst", "lines", "Fahren: 9")
	w.sees(apptest.Hanna, party, true, "Diese Liste wird am 7. September 2026 gelöscht.")
	w.sees(apptest.Ada, party, false, "gelöscht")
	to := func(month time.Month, day int) {
		t.Helper()
		w.h.Clock.Add(time.Date(2026, month, day, 4, 0, 0, 0, time.UTC).Sub(w.h.Now()))
		w.h.Work(t)
	}
	to(8, 20)
	w.posts(apptest.Cem, open+"/eintragen", 303, "line", "3") // is still in use
	to(9, 6)
	w.sees(apptest.Ada, party, true, "Kuchen")
	to(9, 7)
	if a := w.Get(apptest.Hanna, party); a.Code != 404 {
		t.Errorf("%d", a.Code)
	}
	w.sees(apptest.Cem, open, true, "Fahren")
	w.write(`INSERT INTO setting (name, value) VALUES ('list.keep', '1')`)
	to(9, 19)
	w.sees(apptest.Cem, open, true, "Fahren")
	to(9, 20)
	if a := w.Get(apptest.Hanna, open); a.Code != 404 {
		t.Errorf("%d", a.Code)
	}
	if err := w.h.DB.Read(t.Context(), func(tx *store.Tx) error {
		left, err := store.All(tx, store.Value[string], `
			SELECT kind FROM task WHERE kind LIKE 'list.%' UNION ALL SELECT 'an entry' FROM list_entry UNION ALL SELECT 'an audience' FROM list_audience`)
		if fmt.Sprint(left) != "[list.keep]" { // the next night, once
			t.Errorf("left are %q", left)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestTable: the workbook has a row for each entry and for each line without one.
func TestTable(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, bring()...)
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "1", "note", "=1+1")
	a := w.Get(apptest.Hanna, at+"/tabelle")
	z, err := zip.NewReader(strings.NewReader(a.Body), int64(len(a.Body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{">Ada Demir<", ">=1+1<", ">Salat<", ">hat einen Platz<"} {
		if !strings.Contains(string(b), s) {
			t.Errorf("%s is missing in %s", s, b)
		}
	}
	if strings.Count(string(b), "<row ") != 3 {
		t.Errorf("%s", b)
	}
}
