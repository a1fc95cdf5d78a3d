package assignment

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A town is a house with a council that has something to do.
type town struct {
	*apptest.Site
	h   *apptest.House
	t   testing.TB
	f   house.Feature
	log []string
}

func newTown(t testing.TB) *town {
	w := &town{h: apptest.New(t), t: t}
	w.f = New(w.h.House, func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
		w.log = append(w.log, action)
		return nil
	})
	w.Site = w.h.Serve(t, w.f)
	w.sql(`UPDATE membership SET mail = 'p' || person || '@example.org' WHERE state = 'confirmed'`)
	return w
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

// sit gives somebody a seat in the council, until a time.
func (w *town) sit(person int64, until time.Time) {
	w.t.Helper()
	w.sql(`INSERT INTO membership (person, unit, role, office, state, mail, since, until) VALUES (?1, 10, 7, 'delegate', 'confirmed', 'p' || ?1 || '@example.org', 0, ?2)`, person, until.Unix())
}

func (w *town) posts(person int64, path string, status int, fields ...string) apptest.Answer {
	w.t.Helper()
	a := w.Post(person, path, fields...)
	if a.Code != status {
		w.t.Fatalf("%d: %s of %q: %d, want %d: %s", person, path, fields, a.Code, status, words(a.Body))
	}
	return a
}

// made gives the council a task, and returns where it is.
func (w *town) made(person int64, title string, more ...string) string {
	w.t.Helper()
	return w.posts(person, "/aufgaben/neu", 303, append([]string{"unit", "10", "title", title}, more...)...).To
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

// until moves the clock to a time in the house, and has done what is due.
func (w *town) until(s string) {
	w.t.Helper()
	w.h.Clock.Add(berlin(w.t, s).Sub(w.h.Now()))
	w.h.Work(w.t)
}

// subjects are those of the mails that have come since the last time.
func (w *town) subjects(since *int) (all []string) {
	sent := w.h.Post.Sent()
	for _, m := range sent[*since:] {
		all = append(all, m.To+": "+m.Subject)
	}
	*since = len(sent)
	slices.Sort(all)
	return all
}

func berlin(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, house.Local(time.Now()).Location())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func words(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<main"+main, " ")), " ")
}

// TestTask: a task is given, noted about, done with one tap and taken back; nobody outside the council knows of it.
func TestTask(t *testing.T) {
	w := newTown(t)
	n := 0
	at := w.made(apptest.Chair, "Laternen bestellen", "owner", "8", "due", "2026-03-20", "body", "Bei **Papier-Petersen**.", "uid", "0190b5a4-0000-7000-8000-000000000001")
	if again := w.made(apptest.Chair, "Laternen bestellen", "uid", "0190b5a4-0000-7000-8000-000000000001"); again != at {
		t.Errorf("the form sent twice: %s and %s", at, again)
	}
	w.h.Work(t)
	if got := w.subjects(&n); len(got) != 1 || got[0] != "p8@example.org: Neue Aufgabe: Laternen bestellen" {
		t.Errorf("who is told: %q", got)
	}
	w.status(apptest.Hanna, at, 403)
	w.status(apptest.Ada, at, 403)
	w.sit(apptest.Cem, w.h.Now().Add(time.Hour))
	w.status(apptest.Cem, at, 200)
	for _, offer := range []string{at + `/erledigt"`, at + `/fallenlassen"`, `action="` + at + `"`} {
		w.sees(apptest.Dana, at, true, offer)
		w.sees(apptest.Cem, at, false, offer) // others have taken it on
	}
	w.sees(apptest.Cem, "/aufgaben", false, at+`/erledigt"`)
	w.posts(apptest.Cem, at+"/erledigt", 403)
	w.posts(apptest.Cem, at, 403, "title", "Anders")
	w.posts(apptest.Cem, at+"/notiz", 303, "note", "Ich habe *angerufen*.")
	w.sees(apptest.Dana, at, true, "<em>angerufen</em>")
	w.sees(apptest.Dana, at, true, "<strong>Papier-Petersen</strong>")
	w.sees(apptest.Dana, "/aufgaben", true, "20. März 2026")
	if a := w.posts(apptest.Dana, at+"/erledigt", 303, "back", "/aufgaben"); a.To != "/aufgaben" {
		t.Errorf("back to %s", a.To)
	}
	w.posts(apptest.Dana, at+"/erledigt", 303) // once more
	w.sees(apptest.Chair, "/aufgaben", true, "Dana Beirat")
	w.sees(apptest.Dana, "/aufgaben", true, at+`/wieder"`)
	w.sees(apptest.Cem, "/aufgaben", false, at+`/wieder"`)
	w.sees(apptest.Chair, at, true, "erledigt")
	w.posts(apptest.Dana, at, 422, "title", "Zu spät")
	w.posts(apptest.Dana, at+"/fallenlassen", 422, "reason", "doch nicht")
	w.posts(apptest.Dana, at+"/wieder", 303)
	w.sees(apptest.Chair, at, true, "offen")
	if a := w.posts(apptest.Dana, at+"/erledigt", 303, "back", "https://example.org/"); a.To != "/" {
		t.Errorf("away to %s", a.To)
	}
	w.posts(apptest.Dana, at+"/wieder", 303)
	w.posts(apptest.Dana, at+"/fallenlassen", 422, "reason", " ")
	w.posts(apptest.Dana, at+"/fallenlassen", 303, "reason", "Die Stadt schenkt uns welche.")
	w.sees(apptest.Chair, "/aufgaben?erledigt=10", true, "Die Stadt schenkt uns welche.")
	w.sees(apptest.Chair, "/aufgaben", true, "Sonst ist nichts offen.")
	w.h.Clock.Add(2 * time.Hour) // Cem's term is over
	w.status(apptest.Cem, at, 403)
	w.sees(apptest.Dana, at, true, "Cem Yildiz") // what he noted stays
	want := []string{"task.added", "task.added", "task.done", "task.done", "task.reopened", "task.done", "task.reopened", "task.dropped"}
	if !slices.Equal(w.log, want) {
		t.Errorf("the record: %q", w.log)
	}
}

// TestOwner: a task is taken on by who wants to, waits for somebody when a term ends, and goes on with who is elected again.
func TestOwner(t *testing.T) {
	w := newTown(t)
	w.sit(apptest.Cem, berlin(t, "2026-04-01 00:00:00"))
	at := w.made(apptest.Chair, "Kasse prüfen")
	w.sees(apptest.Cem, at, true, "ohne Zuständige")
	w.posts(apptest.Cem, at+"/uebernehmen", 303)
	w.posts(apptest.Cem, at+"/uebernehmen", 303) // once more
	w.posts(apptest.Dana, at+"/uebernehmen", 422)
	w.sees(apptest.Cem, "/aufgaben", true, "Meine")
	w.until("2026-03-31 23:59:59")
	w.sees(apptest.Dana, at, false, "ohne Zuständige")
	open := func() Assignment {
		t.Helper()
		var all []Assignment
		w.write(func(tx *store.Tx) (err error) {
			all, err = Open(tx, apptest.Council, w.h.Now())
			return err
		})
		if len(all) != 1 {
			t.Fatalf("%+v", all)
		}
		return all[0]
	}
	if a := open(); a.Owner != apptest.Cem || a.Was != "" {
		t.Errorf("before midnight: %+v", a)
	}
	w.until("2026-04-01 00:00:00")
	w.status(apptest.Cem, at, 403)
	if a := open(); a.Owner != 0 || a.Was != "Cem Yildiz" {
		t.Errorf("at midnight: %+v", a)
	}
	w.posts(apptest.Chair, at, 303, "title", "Kasse prüfen", "owner", "0", "body", "Bis zum Sommer.") // who had it is not forgotten
	w.sees(apptest.Dana, at, true, "ohne Zuständige (war: Cem Yildiz)")
	w.write(func(tx *store.Tx) error {
		all, err := w.f.Legacy(tx, who.Viewer{ID: apptest.Dana}, apptest.Council)
		if len(all) != 1 || all[0].Kind != "task" || !strings.Contains(all[0].Note, "war: Cem") || all[0].Path != at {
			t.Errorf("the legacy: %+v", all)
		}
		if none, e := w.f.Legacy(tx, who.Viewer{ID: apptest.Hanna}, apptest.Council); len(none) != 0 || e != nil {
			t.Errorf("the legacy of somebody else: %+v %v", none, e)
		}
		return err
	})
	w.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (7, 10, 7, 'treasurer', 'confirmed', ?)`, w.h.Now().Add(time.Hour).Unix())
	w.h.Clock.Add(time.Hour)
	if a := open(); a.Owner != apptest.Cem {
		t.Errorf("elected again: %+v", a)
	}
	w.posts(apptest.Chair, at, 303, "title", "Kasse prüfen", "owner", "8")
	if a := open(); a.Owner != apptest.Dana {
		t.Errorf("given to another: %+v", a)
	}
	w.posts(apptest.Chair, at, 422, "title", "Kasse prüfen", "owner", "4") // the head of the Kita
}

// TestReminders: three days before its day and each week after it, at a time when one may be told; who leads is told of what
// nobody does.
func TestReminders(t *testing.T) {
	w := newTown(t)
	if err := w.f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := 0
	at := w.made(apptest.Chair, "Bericht schreiben", "owner", "8", "due", "2026-03-30") // in the week before, the clocks change
	w.h.Work(t)
	w.subjects(&n)
	for _, c := range []struct {
		now  string
		want string
	}{
		{"2026-03-26 12:00:00", ""},
		{"2026-03-27 12:00:00", "Bald fällig: Bericht schreiben"},
		{"2026-03-28 12:00:00", ""},
		{"2026-03-30 12:00:00", ""},
		{"2026-03-31 12:00:00", "Überfällig: Bericht schreiben"},
		{"2026-04-01 12:00:00", ""},
		{"2026-04-06 12:00:00", ""},
		{"2026-04-07 12:00:00", "Überfällig: Bericht schreiben"},
		{"2026-04-20 12:00:00", "Überfällig: Bericht schreiben"}, // the house was off for a while
		{"2026-04-21 12:00:00", ""},
	} {
		w.until(c.now)
		got := strings.Join(w.subjects(&n), "\n")
		if c.want == "" && got != "" || c.want != "" && got != "p8@example.org: "+c.want {
			t.Errorf("%s: %q, want %q", c.now, got, c.want)
		}
	}
	// another day is another reminder
	w.posts(apptest.Dana, at, 303, "title", "Bericht schreiben", "owner", "8", "due", "2026-04-23")
	w.until("2026-04-22 12:00:00")
	if got := w.subjects(&n); len(got) != 1 || !strings.Contains(got[0], "Bald fällig") {
		t.Errorf("another day: %q", got)
	}
	w.posts(apptest.Dana, at+"/erledigt", 303)
	w.made(apptest.Dana, "Raum suchen", "due", "2026-04-24")
	w.until("2026-04-23 12:00:00")
	if got := w.subjects(&n); len(got) != 1 || got[0] != "p17@example.org: Niemand kümmert sich: Raum suchen" {
		t.Errorf("nobody's: %q", got)
	}
}

func TestReminds(t *testing.T) {
	for _, c := range []struct {
		name, due, last, day string
		want                 bool
	}{
		{"no day", "", "", "2026-03-02", false},
		{"far away", "2026-03-06", "", "2026-03-02", false},
		{"three days", "2026-03-05", "", "2026-03-02", true},
		{"three days were missed", "2026-03-03", "", "2026-03-02", true},
		{"told", "2026-03-05", "2026-03-02", "2026-03-03", false},
		{"the day itself", "2026-03-05", "2026-03-02", "2026-03-05", false},
		{"the day after", "2026-03-05", "2026-03-02", "2026-03-06", true},
		{"the day after, told on its day", "2026-03-05", "2026-03-05", "2026-03-06", true},
		{"never told", "2026-02-05", "", "2026-03-06", true},
		{"in the week", "2026-03-05", "2026-03-06", "2026-03-12", false},
		{"a week", "2026-03-05", "2026-03-06", "2026-03-13", true},
		{"over a year", "2025-12-30", "2025-12-31", "2026-01-07", true},
	} {
		if got := (Assignment{State: Pending, Due: c.due, Reminded: c.last}).reminds(c.day); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if (Assignment{State: Done, Due: c.due, Reminded: c.last}).reminds(c.day) {
			t.Errorf("%s: reminds of what is done", c.name)
		}
	}
}

// TestWrong: what cannot be is refused, field by field, and nothing that was typed is lost.
func TestWrong(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Chair, "Alt", "due", "2026-03-05")
	for _, c := range []struct{ name, field, value, words string }{
		{"no title", "title", " ", "was zu tun ist"},
		{"a long title", "title", strings.Repeat("x", 201), "200 Zeichen"},
		{"a long text", "body", strings.Repeat("x", 8001), "8000 Zeichen"},
		{"a text that cannot be shown", "body", strings.Repeat("[", 7900), "darstellen"},
		{"no day", "due", "bald", "den es gibt"},
		{"a day that there is not", "due", "2026-02-30", "den es gibt"},
		{"yesterday", "due", "2026-03-01", "Vergangenheit"},
		{"somebody else", "owner", "4", "sitzt nicht"},
		{"nobody that there is", "owner", "999", "sitzt nicht"},
	} {
		fields := map[string]string{"title": "Etwas", "body": "Näheres"}
		fields[c.field] = c.value
		var list []string
		for k, v := range fields {
			list = append(list, k, v)
		}
		a := w.posts(apptest.Chair, "/aufgaben/neu", 422, append(list, "unit", "10")...)
		if !a.Has(c.words) || !a.Has(`id="`+c.field+`-error"`) {
			t.Errorf("%s: %s", c.name, words(a.Body))
		}
		if a := w.posts(apptest.Chair, at, 422, list...); !a.Has(c.words) {
			t.Errorf("%s, changed: %s", c.name, words(a.Body))
		}
	}
	w.posts(apptest.Chair, at+"/notiz", 422, "note", "")
	w.posts(apptest.Chair, "/aufgaben/neu", 404, "unit", "4", "title", "Einer Kita")
	w.status(apptest.Chair, "/aufgabe/99", 404)
	w.status(apptest.Chair, "/aufgaben/neu?unit=4", 404)
	w.status(apptest.Chair, "/aufgaben?erledigt=4", 404)
	w.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (11, 8, 7, '', 'confirmed', 0)`)
	w.status(apptest.Bert, "/aufgaben", 200)
	w.status(apptest.Bert, "/aufgaben/neu", 404) // a delegate of a facility without a council
	// the day that it had may stay, although it is over
	w.h.Clock.Add(10 * 24 * time.Hour)
	w.posts(apptest.Chair, at, 303, "title", "Neu", "due", "2026-03-05")
	w.sees(apptest.Chair, at, true, "überfällig")
}

// TestDates: the days of one's open tasks stand in one's calendar.
func TestDates(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Chair, "Laternen", "owner", "8", "due", "2026-03-29")
	w.made(apptest.Chair, "Für Vera", "owner", "17", "due", "2026-03-29")
	w.made(apptest.Chair, "Irgendwann", "owner", "8")
	dates := func() (all []house.Date) {
		t.Helper()
		w.write(func(tx *store.Tx) (err error) {
			all, err = w.f.Dates(tx, who.Viewer{ID: apptest.Dana}, berlin(t, "2026-03-29 00:00:00"), berlin(t, "2026-03-30 00:00:00"))
			return err
		})
		return all
	}
	all := dates()
	if len(all) != 1 || all[0].Title != "Aufgabe: Laternen" || !all[0].AllDay || all[0].Path != at || all[0].Ends.Sub(all[0].Starts) != 23*time.Hour || !strings.HasSuffix(all[0].UID, "@nestfunk") {
		t.Errorf("%+v", all)
	}
	w.posts(apptest.Dana, at+"/erledigt", 303)
	if all := dates(); len(all) != 0 {
		t.Errorf("done: %+v", all)
	}
}

// TestCouncil: the page of the committee has what is open, the most urgent first, for its members alone.
func TestCouncil(t *testing.T) {
	w := newTown(t)
	for i := range 7 {
		w.made(apptest.Chair, fmt.Sprintf("Sache %d", i), "due", fmt.Sprintf("2026-03-1%d", 9-i))
	}
	part := func(level committee.Level) (s string) {
		t.Helper()
		w.write(func(tx *store.Tx) error {
			u, err := org.Get(tx, apptest.Council)
			if err != nil {
				return err
			}
			p := web.NewPage(httptest.NewRequest("GET", apptest.Base+"/", nil), who.Viewer{ID: apptest.Dana}, "")
			p.Now = w.h.Now()
			html, err := w.f.Council(tx, p, house.Council{Unit: u, Level: level})
			s = string(html)
			return err
		})
		return s
	}
	if s := part(committee.Around); s != "" {
		t.Errorf("for those around: %s", s)
	}
	if s := part(committee.Inside); !strings.Contains(s, "Sache 6") || strings.Contains(s, "Sache 1<") || !strings.Contains(s, "und 2 weitere") {
		t.Errorf("for members: %s", s)
	}
}

// TestFound: members find tasks and what was noted about them, with and without the index.
func TestFound(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Chair, "Laternen bestellen", "body", "In **Rot**.")
	w.posts(apptest.Dana, at+"/notiz", 303, "note", "Petersen liefert.")
	src := w.f.Search[0]
	w.write(func(tx *store.Tx) error {
		for person, want := range map[int64]int{apptest.Dana: 1, apptest.Chair: 1, apptest.Cem: 0, apptest.Hanna: 0} {
			v := who.Viewer{ID: person}
			seen, err := src.Seen(tx, v, []int64{1, 2})
			if err != nil {
				return err
			}
			look, err := src.Look(tx, v, []string{"rot", "laternen"}, 5)
			if len(seen) != want || len(look) != want {
				t.Errorf("%d sees %v and finds %v", person, seen, look)
			}
			if err != nil {
				return err
			}
		}
		ids, err := src.All(tx, 0, 10)
		if err != nil {
			return err
		}
		docs, err := src.Docs(tx, ids)
		if len(docs) != 1 || docs[0].Body != "In Rot.\nPetersen liefert." || docs[0].Public || len(docs[0].Reach) != 2 {
			t.Errorf("%+v", docs)
		}
		return err
	})
}

// TestForget: tasks are the committee's, and lose the name of who is forgotten.
func TestForget(t *testing.T) {
	w := newTown(t)
	at := w.made(apptest.Dana, "Kuchen backen", "owner", "8")
	w.posts(apptest.Dana, at+"/notiz", 303, "note", "Mit Äpfeln.")
	w.posts(apptest.Dana, at+"/erledigt", 303)
	w.write(func(tx *store.Tx) error {
		data, err := w.f.Export(tx, house.Subject{Person: apptest.Dana})
		for _, want := range []string{"Kuchen backen", "übernommen", "angelegt", "beendet", "Mit Äpfeln."} {
			if !strings.Contains(fmt.Sprint(data), want) {
				t.Errorf("the export lacks %q: %v", want, data)
			}
		}
		if err != nil {
			return err
		}
		return w.f.Erase(tx, house.Subject{Person: apptest.Dana})
	})
	w.sees(apptest.Chair, at, true, "Mit Äpfeln.")
	w.sees(apptest.Chair, at, true, "ehemals im Haus")
	w.sees(apptest.Chair, at, false, "Dana")
}
