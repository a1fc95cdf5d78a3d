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
	w.sees(apptest.Cem, at(first), true, "ersetzt durch 2026-02")
	w.sees(apptest.Cem, at(second), true, "ersetzt durch 2026-03")
	w.sees(apptest.Cem, at(second), true, `href="`+at(first)+`"`)
	w.sees(apptest.Cem, at(third), true, "in Kraft")
	w.sees(apptest.Cem, book, false, "Kuchenkasse")
	w.sees(apptest.Cem, book, true, "Vereinskasse")
	w.sees(apptest.Cem, book+"&filter=alle", true, "Kuchenkasse")

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
	w.sees(apptest.Cem, at(other), true, "aufgehoben")
	w.sees(apptest.Cem, at(other), false, "2026-06") // nobody learns of what is not theirs
	w.sees(apptest.Cem, at(other), true, "überholt")
	if !slices.Contains(w.log, "resolution.ended") {
		t.Errorf("the record: %q", w.log)
	}
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

// TestLate: what is older than the house is entered by hand, with the number that it had.
func TestLate(t *testing.T) {
	w := newTown(t)
	w.take(Decision{Origin: "a"})
	form := func(more ...string) []string {
		return append([]string{"unit", "10", "title", "Satzung", "wording", "Der Beirat gibt sich **diese** Satzung.", "public", "1"}, more...)
	}
	enter := "/beschluesse/nachtragen"
	w.status(apptest.Chair, enter+"?unit=10", 200)
	w.status(apptest.Dana, enter+"?unit=10", 404)
	a := w.posts(apptest.Chair, enter, 303, form("uid", "u1", "day", "2024-05-06", "number", "2024-05", "place", "Sitzung im Mai", "yes", "7", "no", "0", "abstain", "1")...)
	if b := w.posts(apptest.Chair, enter, 303, form("uid", "u1", "day", "2024-05-06", "number", "2024-05")...); b.To != a.To {
		t.Errorf("the form sent twice: %s and %s", a.To, b.To)
	}
	w.sees(apptest.Ada, a.To, true, "nachgetragen")
	w.sees(apptest.Ada, a.To, true, "2024-05")
	w.sees(apptest.Ada, a.To, true, "7 ja, 0 nein, 1 enthalten")
	w.sees(apptest.Ada, a.To, true, "<strong>diese</strong>")
	w.posts(apptest.Chair, enter, 303, form("uid", "u2", "day", "2024-12-31", "number", "9")...) // the old book has holes
	w.posts(apptest.Chair, enter, 303, form("uid", "u3", "day", "2024-01-01")...)
	w.sees(apptest.Ada, book, true, "2024-10")
	for i, c := range []struct {
		name, field, words string
		fields             []string
	}{
		{"no title", "title", "Titel", []string{"day", "2024-05-06", "title", " "}},
		{"a long title", "title", "200 Zeichen", []string{"day", "2024-05-06", "title", strings.Repeat("x", 201)}},
		{"no words", "wording", "Wortlaut", []string{"day", "2024-05-06", "wording", ""}},
		{"words that cannot be shown", "wording", "darstellen", []string{"day", "2024-05-06", "wording", strings.Repeat("[", 9000)}},
		{"no day", "day", "Tag", []string{"day", "30. Februar"}},
		{"tomorrow", "day", "Zukunft", []string{"day", "2026-03-03"}},
		{"ends before it begins", "until", "vor dem Beschluss", []string{"day", "2024-05-06", "until", "2024-05-05"}},
		{"a number of another year", "number", "von 2023", []string{"day", "2024-05-06", "number", "2023-05"}},
		{"no number", "number", "wie 2024-05", []string{"day", "2024-05-06", "number", "fünf"}},
		{"a number that there is", "number", "gibt es schon", []string{"day", "2024-05-06", "number", "5"}},
		{"a hole in this year", "number", "2026-02", []string{"day", "2026-01-06", "number", "2026-07"}},
		{"votes that are none", "yes", "Zahl", []string{"day", "2024-05-06", "yes", "viele"}},
		{"fewer than none", "no", "Zahlen von 0", []string{"day", "2024-05-06", "no", "-1"}},
	} {
		fields := map[string]string{"unit": "10", "uid": fmt.Sprint("w", i), "title": "Satzung", "wording": "So."}
		for j := 0; j < len(c.fields); j += 2 {
			fields[c.fields[j]] = c.fields[j+1]
		}
		var list []string
		for k, v := range fields {
			list = append(list, k, v)
		}
		if a := w.posts(apptest.Chair, enter, 422, list...); !a.Has(c.words) || !a.Has(`id="`+c.field+`-error"`) && !a.Has(`id="yes-error"`) {
			t.Errorf("%s: %s", c.name, words(a.Body))
		}
	}
	// in this year it is the next
	w.posts(apptest.Chair, enter, 303, form("uid", "u4", "day", "2026-01-06", "number", "2")...)
	if _, n := w.take(Decision{Origin: "b"}); n != "2026-03" {
		t.Errorf("then comes %s", n)
	}

	// entered by mistake: the words go, the number stays
	w.posts(apptest.Chair, "/beschluss/1/streichen", 422)
	w.posts(apptest.Chair, a.To+"/streichen", 303)
	w.status(apptest.Chair, a.To, 404)
	w.sees(apptest.Ada, book+"&filter=alle", true, "2024-05")
	w.sees(apptest.Ada, book+"&filter=alle", true, "gestrichen")
	w.sees(apptest.Ada, book, false, "2024-05")
	w.posts(apptest.Chair, enter, 422, form("uid", "u5", "day", "2024-05-06", "number", "2024-05")...)
}

// TestBook: the book is read by year, page by page, by words and number, on paper and in a spreadsheet.
func TestBook(t *testing.T) {
	w := newTown(t)
	for i := range perPage + 5 {
		w.take(Decision{Origin: fmt.Sprint(i), Title: fmt.Sprintf("Thema %03d", i), Wording: "Es wird =gerechnet.", Public: true})
	}
	a := w.Get(apptest.Ada, book)
	if a.Has("Thema 004") || !a.Has("Thema 005") || !a.Has("Thema 054") {
		t.Errorf("the first page: %s", words(a.Body))
	}
	more := regexp.MustCompile(`/beschluesse\?unit=10&amp;vor=[0-9-]+`).FindString(a.Body)
	b := w.Get(apptest.Ada, strings.ReplaceAll(more, "&amp;", "&"))
	if !b.Has("Thema 004") || !b.Has("Thema 000") || b.Has("Thema 005") || b.Has("Ältere Beschlüsse") {
		t.Errorf("the second page %s: %s", more, words(b.Body))
	}
	w.sees(apptest.Ada, book+"&q=thema+017", true, "2026-18")
	w.sees(apptest.Ada, book+"&q=thema+017", false, "2026-19")
	w.sees(apptest.Ada, book+"&q=2026-19", true, "Thema 018")
	w.sees(apptest.Ada, book+"&q=Quatsch", true, "Kein Beschluss passt dazu.")
	w.status(apptest.Ada, book+"&vor=gestern", 404)
	paper := w.Get(apptest.Ada, "/beschluesse/buch?unit=10")
	if !paper.Has("Thema 000") || !paper.Has("Thema 054") || !paper.Has(`href="#b1"`) {
		t.Errorf("on paper: %s", words(paper.Body))
	}
	table := w.Get(apptest.Ada, "/beschluesse/tabelle?unit=10&q=017")
	if lines := strings.Split(strings.TrimSpace(table.Body), "\n"); len(lines) != 2 || !strings.Contains(lines[1], "2026-18;2026-03-02;Thema 017") {
		t.Errorf("the table: %q", table.Body)
	}
	w.status(apptest.Ada, "/beschluesse/buch", 200) // there is one council
	w.status(apptest.Nobody, "/beschluesse/buch", 404)
	w.sees(apptest.Nobody, "/beschluesse", true, "kein Gremium")
}

// TestCouncil: the page of a committee has the latest that hold, and its board leaves all of them.
func TestCouncil(t *testing.T) {
	w := newTown(t)
	part := func(level committee.Level) string {
		t.Helper()
		var s string
		w.write(func(tx *store.Tx) error {
			u, _, err := committee.Must(tx, who.Viewer{ID: apptest.Chair}, apptest.Council, committee.Inside, w.h.Now())
			if err != nil {
				return err
			}
			p := pageOf(who.Viewer{ID: apptest.Chair}, w.h.Now())
			html, err := w.f.Council(tx, p, house.Council{Unit: u, Rules: committee.Usual(apptest.Council), Level: level})
			s = string(html)
			return err
		})
		return s
	}
	if s := part(committee.Around); s != "" {
		t.Errorf("nothing is decided: %s", s)
	}
	if s := part(committee.Leading); !strings.Contains(s, "/umlaufbeschluesse/neu?unit=10") {
		t.Errorf("for those who lead: %s", s)
	}
	w.take(Decision{Origin: "a", Title: "Erstes", Public: true})
	w.take(Decision{Origin: "b", Title: "Geheimes"})
	w.take(Decision{Origin: "c", Title: "Befristetes", Public: true, Until: "2026-05-01"})
	if s := part(committee.Around); !strings.Contains(s, "Erstes") || strings.Contains(s, "Geheimes") || strings.Contains(s, "/neu") {
		t.Errorf("for those around: %s", s)
	}
	if s := part(committee.Inside); !strings.Contains(s, "Geheimes") || strings.Contains(s, "/neu") {
		t.Errorf("for members: %s", s)
	}
	w.write(func(tx *store.Tx) error {
		all, err := w.f.Legacy(tx, who.Viewer{ID: apptest.Dana}, apptest.Council)
		if len(all) != 3 || all[0].Title != "2026-03 Befristetes" || all[0].Note == "" || all[0].Due.IsZero() || all[2].Path != "/beschluss/1" {
			t.Errorf("the legacy: %+v", all)
		}
		if none, e := w.f.Legacy(tx, who.Viewer{ID: apptest.Cem}, apptest.Council); len(none) != 0 || e != nil {
			t.Errorf("the legacy of somebody else: %+v %v", none, e)
		}
		return err
	})
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
