package list

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A town is a house with lists.
type town struct {
	*apptest.Site
	h *apptest.House
	t testing.TB
	f house.Feature
}

func newTown(t testing.TB) *town {
	h := apptest.New(t)
	f := New(h.House)
	return &town{h.Serve(t, f), h, t, f}
}

// made makes a list and returns where it is.
func (w *town) made(person int64, fields ...string) string {
	w.t.Helper()
	a := w.Post(person, "/listen/neu", fields...)
	if a.Code != 303 {
		w.t.Fatalf("%d: %s", a.Code, words(a.Body))
	}
	return a.To
}

// posts sends a form and wants a status.
func (w *town) posts(person int64, path string, status int, fields ...string) apptest.Answer {
	w.t.Helper()
	a := w.Post(person, path, fields...)
	if a.Code != status {
		w.t.Fatalf("%d: %s of %q: %d, want %d: %s", person, path, fields, a.Code, status, words(a.Body))
	}
	return a
}

func (w *town) sees(person int64, path string, want bool, what string) {
	w.t.Helper()
	if a := w.Get(person, path); a.Has(what) != want {
		w.t.Errorf("%d at %s: %q is there: %v (%d)\n%s", person, path, what, !want, a.Code, words(a.Body))
	}
}

func (w *town) write(query string, args ...any) {
	w.t.Helper()
	if err := w.h.DB.Write(w.t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		w.t.Fatal(err)
	}
}

func words(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<main"+main, " ")), " ")
}

// bring is a form for what is brought to the summer party of Sonne.
func bring(more ...string) []string {
	return append([]string{"unit", "4", "audience", "4", "role", "parent", "kind", "bring", "per", "person", "title", "Sommerfest",
		"lines", "Kuchen: 2\nSalat", "day", "2026-03-06", "remind", "1"}, more...)
}

// talks is a form for parent interviews of Käfer: three of 20 minutes.
func talks(more ...string) []string {
	return append([]string{"unit", "5", "audience", "5", "role", "parent", "kind", "slot", "per", "child", "title", "Elterngespräche", "remind", "1",
		"slot_day", "2026-03-09", "slot_starts", "14:00", "slot_ends", "15:15", "slot_length", "20", "slot_break", "5", "slot_room", "Büro"}, more...)
}

// TestBringList: places go in the order of asking, who comes too late waits and moves up, and nobody reads names but the
// team.
func TestBringList(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, bring()...)
	w.sees(apptest.Ada, "/listen", true, "noch 3 frei")
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "1", "places", "2", "note", "Apfelkuchen")
	w.sees(apptest.Ada, at, true, "Apfelkuchen")
	w.posts(apptest.Cem, at+"/eintragen", 303, "line", "1", "places", "1", "note", "Baklava")
	w.sees(apptest.Hanna, at, true, "wartet</span>")
	for _, secret := range []string{"Ada", "Demir", "Apfelkuchen"} {
		w.sees(apptest.Cem, at, false, secret)
		w.sees(apptest.Max, at, false, secret) // a carrier sees numbers
		w.sees(apptest.Hanna, at, true, secret)
	}
	w.sees(apptest.Max, at, true, "1 warte")
	if a := w.Get(apptest.Rosa, at); a.Code != 404 {
		t.Errorf("another carrier: %d", a.Code)
	}
	// fewer places of the first: the second moves up and is told
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "1", "places", "1", "note", "Apfelkuchen")
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 1 || sent[0].To != "cem@example.org" || !strings.Contains(sent[0].Subject, "Sommerfest") {
		t.Errorf("who moves up is told: %+v", sent)
	}
	// and cannot have more than there are
	a := w.posts(apptest.Ada, at+"/eintragen", 422, "line", "1", "places", "2", "note", "Käsekuchen")
	if !a.Has("nicht mehr frei") || !a.Has("Käsekuchen") {
		t.Errorf("what was typed is lost: %s", words(a.Body))
	}
	w.posts(apptest.Ada, at+"/eintragen", 422, "line", "1", "places", "3")
	w.posts(apptest.Ada, at+"/eintragen", 422, "line", "2", "places", "1", "note", strings.Repeat("x", 201))
	w.posts(apptest.Ada, at+"/eintragen", 404, "line", "99")
	w.posts(apptest.Hanna, at+"/eintragen", 403, "line", "2") // the list is for parents
	w.posts(apptest.Cem, at+"/austragen", 404, "entry", "1")  // another's
	w.posts(apptest.Hanna, at+"/austragen", 303, "entry", "2")
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 2 || sent[1].To != "cem@example.org" {
		t.Errorf("who was struck is told: %+v", sent)
	}
}

// TestTheLastPlace: of two hundred who want the last place at once one has it, and the others stand in order.
func TestTheLastPlace(t *testing.T) {
	w := newTown(t)
	w.made(apptest.Hanna, bring()...)
	const n = 200
	w.write(`WITH RECURSIVE k(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM k WHERE i < 1000 + ?)
		INSERT INTO person (id, uid, given, family, language) SELECT i, 'x' || i, 'Nr', i, 'de' FROM k`, n)
	var l List
	if err := w.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		l, err = get(tx, 1, who.Viewer{ID: apptest.Ada}, w.h.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	states := make([]string, n)
	errs := make([]error, n)
	for i := range n {
		all.Go(func() {
			errs[i] = w.h.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
				states[i], err = enter(tx, w.h.House, l, who.Viewer{ID: int64(1001 + i)}, Wish{Line: 2, Places: 1})
				return err
			})
		})
	}
	all.Wait()
	held := 0
	for i, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
		if states[i] == Held {
			held++
		}
	}
	var list []Entry
	if err := w.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		list, err = entries(tx, 1, who.Viewer{ID: apptest.Hanna}, true, w.h.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if held != 1 || len(list) != n || list[0].State != Held {
		t.Fatalf("%d have the place, of %d; the first are %+v", held, len(list), list[:3])
	}
	for i, e := range list[1:] {
		if e.State != Waiting || e.Turn != i+1 {
			t.Errorf("%d: %+v", i, e)
		}
	}
	// the same for an offered place: all want it, one takes it over
	w.write(`DELETE FROM list_entry WHERE state = 'waiting'`)
	w.write(`UPDATE list_entry SET offered = 1, person = ?`, apptest.Ada)
	for i := range n {
		all.Go(func() {
			errs[i] = w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
				return take(tx, w.h.House, l, who.Viewer{ID: int64(1001 + i)}, list[0].ID, 0)
			})
		})
	}
	all.Wait()
	got := 0
	for _, err := range errs {
		switch {
		case err == nil:
			got++
		case fault.KindOf(err) != fault.Conflict:
			t.Error(err)
		}
	}
	if got != 1 {
		t.Errorf("%d have taken over one place", got)
	}
}

// TestTheLastSlot: of two hundred requests for one appointment one gets it, and the others stand in one row without a gap;
// a child whose parents both ask has one entry.
func TestTheLastSlot(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Stefan, talks("slot_ends", "14:20")...)
	const n = 100 // children of two parents each
	for _, q := range []string{
		`INSERT INTO child (id, uid, facility, given, family, born) SELECT 1000 + value, 'k' || value, 4, 'Kind', value, '2022-01-01' FROM json_each(?)`,
		`INSERT INTO child_stay (child, since, unit) SELECT 1000 + value, 0, 5 FROM json_each(?)`,
		`INSERT INTO person (id, uid, given, family, language) SELECT 1000 + 2 * j.value + p.value, 'x' || j.value || '-' || p.value, 'Nr', j.value, 'de' FROM json_each(?) j, json_each('[0, 1]') p`,
		`INSERT INTO guardian (child, person, relation, rank, informed, decides, state, mail, phone, language, since)
			SELECT 1000 + j.value, 1000 + 2 * j.value + p.value, '', 1 + p.value, 1, 1, 'confirmed', '', '', 'de', 0 FROM json_each(?) j, json_each('[0, 1]') p`,
	} {
		numbers := make([]int64, n)
		for i := range numbers {
			numbers[i] = int64(i + 1)
		}
		w.write(q, store.List(numbers))
	}
	var all sync.WaitGroup
	codes := make([]int, 2*n)
	for i := range codes {
		all.Go(func() {
			codes[i] = w.Post(int64(1002+i), at+"/eintragen", "line", "1", "child", fmt.Sprint(1001+i/2)).Code
		})
	}
	all.Wait()
	for i, c := range codes {
		if c != 303 {
			t.Fatalf("request %d: %d", i, c)
		}
	}
	var list []Entry
	if err := w.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		list, err = entries(tx, 1, who.Viewer{ID: apptest.Stefan}, true, w.h.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(list) != n || list[0].State != Held {
		t.Fatalf("%d entries of %d children, the first is %+v", len(list), n, list[0])
	}
	for i, e := range list[1:] {
		if e.State != Waiting || e.Turn != i+1 {
			t.Errorf("%d: %+v", i, e)
		}
	}
}

// TestInterviews: a child has one appointment, either parent can move it, and it can be handed on.
func TestInterviews(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Stefan, talks()...)
	w.write(`INSERT INTO account_mail (mail, person, verified) VALUES ('bert@example.org', 11, 1)`)
	a := w.Get(apptest.Ada, at)
	for _, s := range []string{"von 14 bis 14:20 Uhr", "von 14:25 bis 14:45 Uhr", "von 14:50 bis 15:10 Uhr", "Büro"} {
		if !a.Has(s) {
			t.Errorf("%q is missing: %s", s, words(a.Body))
		}
	}
	w.posts(apptest.Ada, at+"/eintragen", 422, "line", "1")               // which child?
	w.posts(apptest.Ada, at+"/eintragen", 403, "line", "1", "child", "2") // Emil is in another house
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "1", "child", "1") // Mila
	w.sees(apptest.Bert, at, true, "Mila")                                // her father sees it
	if a := w.posts(apptest.Bert, at+"/eintragen", 422, "line", "2", "child", "1"); !a.Has("Geben Sie zuerst einen Platz zurück") {
		t.Error(words(a.Body))
	}
	w.posts(apptest.Bert, at+"/eintragen", 303, "line", "2", "child", "1", "instead", "1") // and moves it
	// a second child of the group, for somebody to hand it on to
	w.write(`UPDATE child_stay SET unit = 5 WHERE child = 3`)
	w.posts(apptest.Cem, at+"/eintragen", 303, "line", "1", "child", "3")
	if a := w.posts(apptest.Cem, at+"/eintragen", 422, "line", "2", "child", "3", "instead", "3"); !a.Has("error-summary") {
		t.Error(words(a.Body))
	}
	w.posts(apptest.Cem, at+"/uebernehmen", 422, "entry", "2", "child", "3") // nobody has offered it
	w.posts(apptest.Cem, at+"/freigeben", 404, "entry", "2", "on", "1")      // it is not his
	w.posts(apptest.Cem, at+"/austragen", 303, "entry", "3")
	w.posts(apptest.Ada, at+"/freigeben", 303, "entry", "2", "on", "1")
	w.sees(apptest.Cem, at, false, "Mila")
	w.posts(apptest.Cem, at+"/uebernehmen", 303, "entry", "2", "child", "3")
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 1 || sent[0].Subject != "Jemand hat Ihren Platz übernommen: Elterngespräche" {
		t.Errorf("%+v", sent)
	}
	w.posts(apptest.Ada, at+"/freigeben", 404, "entry", "2", "on", "1")
	w.sees(apptest.Stefan, at+"/aushang", true, "Can Yildiz")
	w.sees(apptest.Stefan, at+"/aushang?namen=0", false, "Yildiz")
	// tomorrow's are reminded of, in the afternoon
	w.h.Clock.Add(6*24*time.Hour + 9*time.Hour)
	w.h.Work(t)
	w.h.Work(t)
	if sent := w.h.Post.Sent(); len(sent) != 2 || sent[1].To != "cem@example.org" || !strings.Contains(sent[1].Text, "14:25") {
		t.Errorf("%+v", sent)
	}
}

// TestOfferWhileOthersWait: who waits does not have to be faster than others.
func TestOfferWhileOthersWait(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, bring()...)
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "2")
	w.posts(apptest.Bert, at+"/eintragen", 303, "line", "2")
	w.posts(apptest.Ada, at+"/freigeben", 303, "entry", "1", "on", "1")
	w.sees(apptest.Bert, at, true, "Ihr Eintrag")
	w.sees(apptest.Ada, at, false, "Ihr Eintrag")
}

// TestClosing: a list that was closed while its form was open, and one whose time has passed, say so.
func TestClosing(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Hanna, bring("closes_day", "2026-03-04", "closes_time", "12:00")...)
	w.posts(apptest.Ada, at+"/eintragen", 303, "line", "2")
	w.posts(apptest.Hanna, at+"/schliessen", 303)
	a := w.posts(apptest.Ada, at+"/eintragen", 422, "line", "1", "places", "2", "note", "Möhrenkuchen")
	if !a.Has("Diese Liste ist geschlossen. Bitte sprechen Sie Kita Sonnenblume direkt an.") {
		t.Error(words(a.Body))
	}
	w.posts(apptest.Ada, at+"/austragen", 422, "entry", "1")
	w.posts(apptest.Hanna, at+"/schliessen", 303, "open", "1")
	w.h.Clock.Add(3 * 24 * time.Hour)
	if a := w.posts(apptest.Ada, at+"/eintragen", 422, "line", "1", "places", "1"); !a.Has("Eintragen war bis Mi 4. März, 12:00 Uhr möglich.") {
		t.Error(words(a.Body))
	}
	w.sees(apptest.Ada, "/listen", true, "Frühere Listen")
	w.posts(apptest.Ada, at+"/schliessen", 403)
}
