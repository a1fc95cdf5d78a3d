package resolution

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A town is a house with a council that decides.
type town struct {
	*apptest.Site
	h    *apptest.House
	t    testing.TB
	f    house.Feature
	box  *box
	next []Proposal // for the next agenda
	log  []string
}

func newTown(t testing.TB) *town {
	w := &town{h: apptest.New(t), t: t}
	w.box = &box{w: w, votes: map[int64]map[int64]string{}}
	w.f = New(w.h.House, Wires{Vote: w.box.wires(), Propose: w.propose, Log: func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
		w.log = append(w.log, action)
		return nil
	}})
	w.Site = w.h.Serve(t, w.f)
	return w
}

func (w *town) propose(_ *store.Tx, _ who.Viewer, _ int64, p Proposal) error {
	w.next = append(w.next, p)
	return nil
}

func (w *town) write(f func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.h.DB.Write(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) sql(query string, args ...any) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err })
}

// open has anybody read what is public in the council.
func (w *town) open() {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		r := committee.Usual(apptest.Council)
		r.Public = true
		return committee.SetRules(tx, r)
	})
}

// take decides something now.
func (w *town) take(d Decision) (id int64, number string) {
	w.t.Helper()
	if d.Unit == 0 {
		d.Unit = apptest.Council
	}
	if d.At.IsZero() {
		d.At = w.h.Now()
	}
	if d.Title == "" {
		d.Title = "Beschluss zu " + d.Origin
	}
	if d.Wording == "" {
		d.Wording = "Der Elternbeirat beschließt " + d.Origin + "."
	}
	w.write(func(tx *store.Tx) (err error) {
		id, number, err = Take(tx, w.h.House, d)
		return err
	})
	return id, number
}

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

func (w *town) status(person int64, path string, want int) {
	w.t.Helper()
	if a := w.Get(person, path); a.Code != want {
		w.t.Errorf("%d at %s: %d, want %d", person, path, a.Code, want)
	}
}

func words(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<main"+main, " ")), " ")
}

func berlin(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, house.Local(time.Now()).Location())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

const book = "/beschluesse?unit=10"

// TestNumbers: 200 decisions at the same time get the numbers from 1 to 200, each once, and a motion that is told twice has one.
func TestNumbers(t *testing.T) {
	w := newTown(t)
	const n = 200
	names := make([]string, 2*n)
	var all sync.WaitGroup
	for i := range names {
		all.Go(func() {
			err := w.h.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
				_, names[i], err = Take(tx, w.h.House, Decision{Origin: fmt.Sprint("motion ", i%n), Unit: apptest.Council, Wording: "So.", At: w.h.Now()})
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range n {
		if names[i] != names[i+n] {
			t.Errorf("motion %d is %s and %s", i, names[i], names[i+n])
		}
	}
	slices.Sort(names)
	got := slices.Compact(names)
	for i := range n {
		if want := name(2026, i+1); !slices.Contains(got, want) || len(got) != n {
			t.Fatalf("%d numbers, %s is missing: %v", len(got), want, !slices.Contains(got, want))
		}
	}
	// a decision that comes to nothing leaves no gap
	err := w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
		if _, _, err := Take(tx, w.h.House, Decision{Origin: "motion 998", Unit: apptest.Council, Wording: "Doch nicht.", At: w.h.Now()}); err != nil {
			return err
		}
		return fault.Gone()
	})
	if _, number := w.take(Decision{Origin: "motion 999"}); fault.KindOf(err) != fault.NotFound || number != "2026-201" {
		t.Errorf("after a decision that was taken back comes %s (%v)", number, err)
	}
}

// TestYear: the numbers of a year begin with its first minute in the house, not in Greenwich.
func TestYear(t *testing.T) {
	w := newTown(t)
	w.h.Clock.Add(berlin(t, "2026-12-31 23:59:59").Sub(w.h.Now()))
	if _, n := w.take(Decision{Origin: "a"}); n != "2026-01" {
		t.Errorf("the last second: %s", n)
	}
	w.h.Clock.Add(time.Second) // in Greenwich it is still 23:00
	if _, n := w.take(Decision{Origin: "b"}); n != "2027-01" {
		t.Errorf("midnight: %s", n)
	}
	// what was decided last year and is noted now belongs there
	if _, n := w.take(Decision{Origin: "c", At: berlin(t, "2026-12-31 20:00:00")}); n != "2026-02" {
		t.Errorf("noted later: %s", n)
	}
	if _, n := w.take(Decision{Origin: "d"}); n != "2027-02" {
		t.Errorf("goes on: %s", n)
	}
}

// TestExpiry: the last day of a resolution ends at midnight in the house.
func TestExpiry(t *testing.T) {
	w := newTown(t)
	id, _ := w.take(Decision{Origin: "a", Title: "Probezeit für das Buffet", Public: true, Until: "2026-03-29"}) // in that night the clocks change
	at := fmt.Sprintf("/beschluss/%d", id)
	w.h.Clock.Add(berlin(t, "2026-03-29 23:59:59").Sub(w.h.Now()))
	w.sees(apptest.Cem, at, true, "29")
	w.sees(apptest.Dana, at, true, "gilt bis")
	w.sees(apptest.Dana, book, true, "Probezeit")
	w.h.Clock.Add(time.Second)
	w.sees(apptest.Dana, at, true, "galt bis")
	w.sees(apptest.Dana, book, false, "Probezeit")
	w.sees(apptest.Dana, book+"&filter=alle", true, "Probezeit")
}

// TestReplaced: what a later resolution replaces says by which, as a chain, and leaves the book of what is in force. A circle is
// refused, and so is what makes no sense.
func TestReplaced(t *testing.T) {
	w := newTown(t)
	first, _ := w.take(Decision{Origin: "a", Title: "Kuchenkasse", Public: true})
	second, _ := w.take(Decision{Origin: "b", Title: "Kasse für Feste", Public: true, Replaces: first})
	third, name3 := w.take(Decision{Origin: "c", Title: "Vereinskasse", Public: true, Replaces: second})
	at := func(id int64) string { return fmt.Sprintf("/beschluss/%d", id) }
	w.sees(apptest.Bert, at(first), true, "ersetzt durch 2026-02")
	w.sees(apptest.Bert, at(second), true, "ersetzt durch 2026-03")
	w.sees(apptest.Bert, at(second), true, `href="`+at(first)+`"`)
	w.sees(apptest.Bert, at(third), true, "in Kraft")
	w.sees(apptest.Bert, book, false, "Kuchenkasse")
	w.sees(apptest.Bert, book, true, "Vereinskasse")
	w.sees(apptest.Bert, book+"&filter=alle", true, "Kuchenkasse")

	// the first end counts, and the decision holds all the same
	late, _ := w.take(Decision{Origin: "d", Title: "Noch eine Kasse", Replaces: first})
	w.sees(apptest.Dana, at(first), true, "ersetzt durch 2026-02")
	w.sees(apptest.Dana, at(late), true, "in Kraft")
	other, _ := w.take(Decision{Origin: "e", Title: "Laternen", Public: true})
	for _, c := range []struct {
		name, path string
		status     int
		words      string
		fields     []string
	}{
		{"a circle", at(third), 422, "Kreis", []string{"fate", "replaced", "by", "2026-01"}},
		{"itself", at(third), 422, "selbst", []string{"fate", "replaced", "by", name3}},
		{"no such number", at(third), 422, "gibt es nicht", []string{"fate", "replaced", "by", "2026-77"}},
		{"no number", at(third), 422, "gibt es nicht", []string{"fate", "replaced", "by", "die alte"}},
		{"ended already", at(first), 422, "schon durch 2026-02", []string{"fate", "replaced", "by", "2026-05"}},
		{"without a reason", at(other), 422, "warum er aufgehoben", []string{"fate", "repealed", "by", "2026-05"}},
		{"neither", at(other), 422, "ersetzt oder aufgehoben", []string{"by", "2026-05"}},
	} {
		if a := w.posts(apptest.Chair, c.path+"/ende", c.status, c.fields...); !a.Has(c.words) {
			t.Errorf("%s: %s", c.name, words(a.Body))
		}
	}
	w.h.Clock.Add(time.Hour)
	w.take(Decision{Origin: "f", Title: "Aufräumen", Wording: "2026-05 ist überholt."}) // only members read it
	w.posts(apptest.Dana, at(other)+"/ende", 403, "fate", "repealed", "by", "2026-06", "reason", "überholt")
	w.posts(apptest.Chair, at(other)+"/ende", 303, "fate", "repealed", "by", "2026-06", "reason", "überholt")
	w.sees(apptest.Dana, at(other), true, "aufgehoben durch 2026-06")
	w.sees(apptest.Bert, at(other), true, "aufgehoben")
	w.sees(apptest.Bert, at(other), false, "2026-06") // nobody learns of what is not theirs
	w.sees(apptest.Bert, at(other), true, "überholt")
	if !slices.Contains(w.log, "resolution.ended") {
		t.Errorf("the record: %q", w.log)
	}
	// nor does one of another committee, or one that was struck
	w.write(func(tx *store.Tx) error {
		for _, q := range []string{`UPDATE resolution SET unit = 1 WHERE id = ?`, `UPDATE resolution SET unit = 10, deleted = 1 WHERE id = ?`} {
			if _, err := tx.Exec(q, late); err != nil {
				return err
			}
			if err := end(tx, third, late, Replaced, "", w.h.Now()); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s, and it ends another: %v", q, err)
			}
		}
		return nil
	})
	// an older one ends none
	w.write(func(tx *store.Tx) error {
		if err := end(tx, other+1, first, Replaced, "", w.h.Now()); fault.Fields(err)["by"] == "" {
			t.Errorf("an older one replaces a later one: %v", err)
		}
		return nil
	})
}

// TestWhoReads: members read all, those whom the council speaks for what is public, the world only of a public council, and who
// has left no more than that.
func TestWhoReads(t *testing.T) {
	w := newTown(t)
	public, _ := w.take(Decision{Origin: "a", Title: "Sommerfest am 4. Juli", Public: true, Meeting: 7, Place: "Sitzung am 2. März 2026, TOP 3",
		Tally: committee.Tally{Yes: 5, No: 1, Abstain: 2, Present: 8}})
	secret, _ := w.take(Decision{Origin: "b", Title: "Geschenk zum Abschied"})
	w.sql(`INSERT INTO membership (person, unit, role, office, state, since, until) VALUES (7, 10, 7, 'delegate', 'confirmed', 0, ?)`, w.h.Now().Unix()) // Cem sat there until now
	at := func(id int64) string { return fmt.Sprintf("/beschluss/%d", id) }
	for _, c := range []struct {
		person         int64
		public, secret int
	}{{apptest.Chair, 200, 200}, {apptest.Dana, 200, 200}, {apptest.Ada, 200, 404}, {apptest.Cem, 200, 404}, {apptest.Hanna, 200, 404}, {apptest.Arno, 404, 404},
		{apptest.Rosa, 404, 404}, {apptest.Nobody, 404, 404}} {
		w.status(c.person, at(public), c.public)
		w.status(c.person, at(secret), c.secret)
		for _, path := range []string{book, book + "&filter=alle", "/beschluesse/buch?unit=10", "/beschluesse/tabelle?unit=10", "/beschluesse?unit=10&q=Geschenk"} {
			a := w.Get(c.person, path)
			if seen := a.Has("Geschenk zum Abschied"); seen != (c.secret == 200) || a.Code != c.public {
				t.Errorf("%d at %s: %d, reads what is secret: %v", c.person, path, a.Code, seen)
			}
		}
	}
	w.sees(apptest.Ada, at(public), true, "5 ja, 1 nein, 2 enthalten")
	w.sees(apptest.Ada, at(public), true, `href="/sitzung/7"`)
	w.status(apptest.Nobody, "/gremium/10/beschluesse.atom", 404)
	w.open()
	w.status(apptest.Nobody, at(public), 200)
	w.status(apptest.Nobody, at(secret), 404)
	w.status(apptest.Rosa, at(secret), 404)
	w.sees(apptest.Nobody, "/beschluesse", true, "Sommerfest am 4. Juli") // the only council there is
	// what is shown to more people stays so
	w.posts(apptest.Chair, at(secret)+"/gilt", 303, "public", "1", "until", "")
	w.posts(apptest.Chair, at(secret)+"/gilt", 303, "until", "2026-04-01")
	w.sees(apptest.Nobody, at(secret), true, "gilt bis")
	w.posts(apptest.Chair, at(secret)+"/gilt", 422, "until", "2026-02-01")
	w.posts(apptest.Chair, at(secret)+"/gilt", 422, "until", "morgen")
	w.posts(apptest.Ada, at(secret)+"/gilt", 403, "until", "")
}

func TestState(t *testing.T) {
	now := apptest.Start
	for _, c := range []struct {
		name string
		r    Resolution
		want State
		says string
	}{
		{"holds", Resolution{}, InForce, "in Kraft"},
		{"until today", Resolution{Until: "2026-03-02"}, InForce, "gilt bis 2. März 2026"},
		{"until yesterday", Resolution{Until: "2026-03-01"}, Expired, "galt bis 1. März 2026"},
		{"replaced", Resolution{By: Later{ID: 1, Fate: Replaced, Year: 2026, Number: 9, Public: true, Decided: now}}, IsReplaced, "ersetzt durch 2026-09"},
		{"replaced by what is secret", Resolution{By: Later{ID: 1, Fate: Replaced, Year: 2026, Number: 9, Decided: now}}, IsReplaced, "ersetzt"},
		{"repealed by what is secret", Resolution{By: Later{ID: 1, Fate: Repealed, Year: 2026, Number: 9, Decided: now}}, IsRepealed, "aufgehoben"},
		{"replaced in a minute", Resolution{By: Later{ID: 1, Fate: Replaced, Decided: now.Add(time.Minute)}}, InForce, "in Kraft"},
		{"struck", Resolution{Deleted: now, Until: "2026-03-01"}, Removed, "gestrichen"},
	} {
		if got := c.r.State(now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if got := c.r.Words(lang.German(), now, false); got != c.says {
			t.Errorf("%s: %q, want %q", c.name, got, c.says)
		}
	}
}

func FuzzReadName(f *testing.F) {
	for _, s := range []string{"2026-07", " 2026-7 ", "-1-2", "2026", "2026-", "99999999999999999999-1", "2026-07-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		year, number, ok := readName(s)
		if y, n, again := readName(name(year, number)); ok && (y != year || n != number || !again) {
			t.Errorf("%q is %d and %d, and then %d and %d", s, year, number, y, n)
		}
	})
}

// viewer is a person as one who asks; the zero Viewer is nobody.
func viewer(t testing.TB, tx *store.Tx, w *town, person int64) who.Viewer {
	t.Helper()
	if person == apptest.Nobody {
		return who.Viewer{}
	}
	v, err := org.Viewer(tx, person, w.h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return v
}
