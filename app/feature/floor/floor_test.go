package floor

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A hall is a house with this feature, one meeting of the council of nine, and small stand-ins for what is planned, voted and
// kept elsewhere.
type hall struct {
	*apptest.Site
	h  *apptest.House
	t  testing.TB
	mu sync.Mutex // wires run in transactions, tests between them

	state   string
	votes   []Vote
	decided []Decision
	tasks   []Task
	reached []int64
	excused []int64
	instead map[int64]int64
}

const theMeeting = 1

// Members of the council: the chair, Dana as delegate of the Kita, and seven more.
var sitting = []int64{apptest.Chair, apptest.Dana, apptest.Ada, apptest.Cem, apptest.Bert, apptest.Greta, apptest.Rosa, apptest.Max, apptest.Stefan}

func newHall(t testing.TB) *hall {
	t.Helper()
	x := &hall{h: apptest.New(t), t: t, state: "invited"}
	for _, p := range sitting[2:] {
		x.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, ?, 7, 'delegate', 'confirmed', 0)`, p, apptest.Council)
	}
	f, _ := New(x.h.House, x.wires())
	x.Site = x.h.Serve(t, f)
	return x
}

func (x *hall) wires() Wires {
	var w Wires
	w = Wires{
		Log: func(*store.Tx, time.Time, int64, string, int64) error { return nil },
		Meeting: func(tx *store.Tx, id int64, v who.Viewer) (m Meeting, err error) {
			if id != theMeeting {
				return m, fault.Gone()
			}
			u, level, err := committee.Must(tx, v, apptest.Council, committee.Open, x.h.Now())
			if err != nil {
				return m, err
			}
			seats, err := committee.Seats(tx, u.ID, x.h.Now())
			if err != nil {
				return m, err
			}
			m = Meeting{ID: id, Unit: u.ID, UnitName: u.Name, Title: "Sitzung im März", Starts: x.h.Now(), State: x.state, Public: true, Level: level, Excused: x.excused,
				Items:    []Item{{ID: 11, Number: "1", Title: "Begrüßung", Public: true}, {ID: 12, Number: "2", Title: "Sommerfest", Public: true}, {ID: 13, Number: "3", Title: "Personal"}},
				Entitled: committee.Voters(seats), Instead: x.instead}
			for sub, of := range x.instead {
				m.Entitled[slices.Index(m.Entitled, of)] = sub
			}
			m.Rules, err = committee.RulesOf(tx, u.ID)
			return m, err
		},
		Begin:  func(*store.Tx, who.Viewer, int64) error { x.state = "running"; return nil },
		End:    func(*store.Tx, who.Viewer, int64) error { x.state = "ended"; return nil },
		Resume: func(*store.Tx, who.Viewer, int64) error { x.state = "running"; return nil },
		Reach:  func(_ *store.Tx, _ who.Viewer, item int64) error { x.reached = append(x.reached, item); return nil },
		Vote: func(_ *store.Tx, _ who.Viewer, b Ballot) error {
			x.votes = append(x.votes, Vote{ID: int64(len(x.votes) + 1), Motion: b.Motion, Open: true, Secret: b.Secret, Paper: b.Paper, Tally: committee.Tally{Present: len(b.Voters)}})
			return nil
		},
		Votes: func(_ *store.Tx, motion int64) (all []Vote, err error) {
			for _, v := range slices.Backward(x.votes) {
				if v.Motion == motion {
					all = append(all, v)
				}
			}
			return all, nil
		},
		Panel: func(_ *store.Tx, p web.Page, motion int64) (template.HTML, error) {
			return template.HTML(fmt.Sprintf("<p>Abstimmung über %d</p>", motion)), nil
		},
		Decided: func(_ *store.Tx, d Decision) error { x.decided = append(x.decided, d); return nil },
		Task:    func(_ *store.Tx, _ who.Viewer, d Task) error { x.tasks = append(x.tasks, d); return nil },
		Number: func(_ *store.Tx, item int64) (string, error) {
			return fmt.Sprint(item - 10), nil
		},
	}
	return w
}

func (x *hall) sql(query string, args ...any) {
	x.t.Helper()
	err := x.h.DB.Write(x.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *hall) number(query string, args ...any) (n int64) {
	x.t.Helper()
	err := x.h.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int64], query, args...)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

// version is the step that is on the screens now.
func (x *hall) version() string { return fmt.Sprint(x.number(`SELECT version FROM floor`)) }

const at = "/sitzung/1/plenum"

// must posts a deed that has to be done.
func (x *hall) must(person int64, path string, fields ...string) {
	x.t.Helper()
	if a := x.Post(person, at+path, fields...); a.Code != 303 {
		x.t.Fatalf("%s: %d %s", path, a.Code, wrong(a.Body))
	}
}

// refused posts a deed that must not be done.
func (x *hall) refused(person int64, code int, words, path string, fields ...string) {
	x.t.Helper()
	if a := x.Post(person, at+path, fields...); a.Code != code || !a.Has(words) {
		x.t.Errorf("%s %q: %d %s", path, fields, a.Code, wrong(a.Body))
	}
}

// wrong is what a page says is wrong.
func wrong(body string) string {
	_, s, _ := strings.Cut(body, `class="error-summary"`)
	s, _, _ = strings.Cut(s, "</div>")
	return s
}

// tally is a vote of all who are there.
func (x *hall) tally(yes, no int) committee.Tally {
	return committee.Tally{Yes: yes, No: no, Present: x.votes[len(x.votes)-1].Present}
}

// closes ends the last vote, as its owner does.
func (x *hall) closes(t committee.Tally, withdrawn bool) {
	x.t.Helper()
	v := &x.votes[len(x.votes)-1]
	v.Open, v.Tally, v.Carried = false, t, !withdrawn && committee.Simple.Carried(t)
	err := x.h.DB.Write(x.t.Context(), func(tx *store.Tx) error { return Voted(tx, x.h.House, *v, withdrawn, x.wires()) })
	if err != nil {
		x.t.Fatal(err)
	}
}

// A meeting of nine from the opening to the end: too few at first, a motion and its amendment, a tie, a secret vote.
func TestMeeting(t *testing.T) {
	x := newHall(t)
	if a := x.Get(apptest.Dana, at); !a.Has("noch nicht begonnen") || a.Has("Sitzung beginnen") {
		t.Error(a.Body)
	}
	x.must(apptest.Chair, "/beginn")
	for _, p := range []int64{apptest.Dana, apptest.Ada} {
		x.must(p, "/anwesend", "kind", "came")
	}
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	x.must(apptest.Ada, "/antrag", "uid", "01890000-0000-7000-8000-000000000001", "title", "Sommerfest", "wording", "Der Elternbeirat richtet am 3. Juli ein Sommerfest aus.")
	x.must(apptest.Ada, "/antrag", "uid", "01890000-0000-7000-8000-000000000001", "title", "Sommerfest", "wording", "Der Elternbeirat richtet am 3. Juli ein Sommerfest aus.") // sent twice
	if n := x.number(`SELECT count(*) FROM floor_motion`); n != 1 {
		t.Fatalf("%d motions", n)
	}
	a := x.Get(apptest.Dana, at)
	if !a.Has("3 von 9 Stimmen") || !a.Has("nicht beschlussfähig") || !a.Has("von Ada Demir") || !a.Has("3. Juli") {
		t.Error(a.Body)
	}
	x.refused(apptest.Chair, 422, "nicht beschlussfähig: 3 von 9", "/abstimmung", "motion", "1", "how", "open")
	for _, p := range []int64{apptest.Cem, apptest.Bert} { // late, and enough
		x.must(apptest.Chair, "/anwesend", "person", fmt.Sprint(p), "kind", "came")
	}
	if a := x.Get(apptest.Dana, at); !a.Has("5 von 9 Stimmen") || a.Has("nicht beschlussfähig") {
		t.Error(a.Body)
	}

	x.must(apptest.Dana, "/antrag", "wording", "Der Elternbeirat richtet am 10. Juli ein Sommerfest aus.", "title", "Eine Woche später", "amends", "1")
	x.must(apptest.Chair, "/abstimmung", "motion", "2", "how", "open")
	x.refused(apptest.Chair, 422, "läuft schon eine Abstimmung", "/abstimmung", "motion", "1", "how", "open")
	x.refused(apptest.Chair, 422, "läuft noch", "/punkt", "item", "13", "version", x.version())
	x.refused(apptest.Dana, 422, "nicht mehr ändern", "/wortlaut", "motion", "2", "edition", "1", "wording", "anders")
	if a := x.Get(apptest.Dana, at); !a.Has("Abstimmung über 2") {
		t.Error(a.Body)
	}
	x.closes(committee.Tally{Yes: 3, No: 1, Abstain: 1, Present: 5}, false)
	if a := x.Get(apptest.Dana, at); !a.Has("10. Juli") || a.Has("3. Juli") || len(x.decided) != 0 {
		t.Errorf("the amendment words the motion, and is no resolution itself: %+v\n%s", x.decided, a.Body)
	}
	x.must(apptest.Chair, "/abstimmung", "motion", "1", "how", "open")
	x.closes(committee.Tally{Yes: 2, No: 2, Abstain: 1, Present: 5}, false) // a tie
	if a := x.Get(apptest.Dana, at); !a.Has("abgelehnt") || len(x.decided) != 0 {
		t.Errorf("a tie: %+v", x.decided)
	}

	x.must(apptest.Chair, "/punkt", "item", "13", "version", x.version())
	x.must(apptest.Chair, "/antrag", "wording", "Der Elternbeirat bittet den Träger um eine zweite Kraft.", "for", fmt.Sprint(apptest.Bert))
	x.must(apptest.Chair, "/abstimmung", "motion", "3", "how", "secret")
	x.closes(committee.Tally{}, true) // opened by mistake
	x.must(apptest.Chair, "/abstimmung", "motion", "3", "how", "secret")
	x.closes(committee.Tally{Yes: 5, Present: 5}, false)
	if len(x.decided) != 1 || x.decided[0].Place != "Sitzung am 02.03.2026, TOP 3" || x.decided[0].Public || x.decided[0].Tally.Yes != 5 {
		t.Errorf("%+v", x.decided)
	}
	x.must(apptest.Ada, "/aufgabe", "title", "Brief schreiben", "owner", fmt.Sprint(apptest.Ada), "due", "2026-03-20")
	if len(x.tasks) != 1 || x.tasks[0].Place != "Sitzung am 02.03.2026, TOP 3" || x.tasks[0].Owner != apptest.Ada {
		t.Errorf("%+v", x.tasks)
	}
	x.h.Clock.Add(time.Hour)
	x.must(apptest.Ada, "/anwesend", "kind", "left")
	x.must(apptest.Chair, "/ende", "version", x.version())
	if x.state != "ended" || !slices.Equal(x.reached, []int64{12, 13}) {
		t.Error(x.state, x.reached)
	}
	x.refused(apptest.Ada, 422, "beendet", "/antrag", "wording", "Noch etwas")
	x.h.Clock.Add(9 * time.Minute)
	x.must(apptest.Chair, "/weiter")
	x.must(apptest.Chair, "/ende", "version", x.version())
	x.h.Clock.Add(11 * time.Minute)
	x.refused(apptest.Chair, 422, "ersten zehn Minuten", "/weiter")
	if a := x.Get(apptest.Chair, at); a.Code != 200 || a.Has("Sitzung leiten") {
		t.Errorf("%d: there is nothing left to lead: %s", a.Code, a.Body)
	}

	var r Record
	err := x.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		r, err = Recorded(tx, theMeeting, x.wires().Votes)
		return err
	})
	if err != nil || r.Chair != "Vera Vorsitz" || r.Votes != 9 || r.Present != 5 || len(r.Attendance) != 5 || r.Ended.IsZero() {
		t.Fatalf("%+v %v", r, err)
	}
	if m := r.Items[13]; len(m) != 1 || m[0].By != "Bert Demir" || m[0].State != Carried || len(m[0].Votes) != 2 || !m[0].Votes[0].Carried {
		t.Errorf("%+v", m)
	}
	for _, p := range r.Attendance {
		if (p.Name == "Ada Demir") == p.Until.IsZero() {
			t.Errorf("%+v", p)
		}
	}
}

// Nobody but members sees the floor, and only those who lead this committee lead it.
func TestWhoMay(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	for _, p := range []int64{apptest.Hanna, apptest.Olga, apptest.Arno, apptest.Former} {
		if a := x.Get(p, at); a.Code != 403 && a.Code != 404 {
			t.Errorf("person %d: %d", p, a.Code)
		}
	}
	x.sql(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (20, 'u20', 8, 'committee', 'Elternbeirat Regenbogen', 0)`)
	x.sql(`INSERT INTO unit_up (unit, above, depth) VALUES (20, 20, 0), (20, 8, 1), (20, 7, 2), (20, 1, 3)`)
	x.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 20, 8, 'chair', 'confirmed', 0)`, apptest.Dana)
	for _, c := range []struct {
		path   string
		fields []string
	}{{"/ende", []string{"version", "2"}}, {"/punkt", []string{"item", "13", "version", "2"}}, {"/uhr", []string{"minutes", "3", "version", "2"}},
		{"/redeliste", []string{"kind", "shut", "version", "2"}}, {"/anwesend", []string{"person", "6", "kind", "came"}}} {
		x.refused(apptest.Dana, 403, "", c.path, c.fields...) // she leads another committee
	}
	x.must(apptest.Chair, "/antrag", "wording", "Der Elternbeirat dankt.")
	x.refused(apptest.Ada, 403, "", "/zurueckziehen", "motion", "1")
	x.refused(apptest.Ada, 403, "", "/wortlaut", "motion", "1", "edition", "1", "wording", "anders")
	x.refused(apptest.Chair, 404, "", "/anwesend", "person", fmt.Sprint(apptest.Hanna), "kind", "came") // who has no seat
	x.refused(apptest.Chair, 404, "", "/anwesend", "person", fmt.Sprint(apptest.Hanna), "kind", "left")
	x.refused(apptest.Chair, 404, "", "/antrag", "wording", "Wir danken.", "for", fmt.Sprint(apptest.Hanna))
	x.refused(apptest.Chair, 404, "", "/punkt", "item", "99", "version", x.version())
}

// Two who press "next" at once move one step, and a motion that two word at once loses nothing.
func TestTogether(t *testing.T) {
	x := newHall(t)
	x.refused(apptest.Ada, 422, "noch nicht begonnen", "/rede", "kind", "yes")
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Chair, "/beginn")
	v := x.version()
	x.must(apptest.Chair, "/punkt", "item", "11", "version", v)
	x.refused(apptest.Chair, 422, "Inzwischen hat jemand anderes weitergemacht", "/punkt", "item", "12", "version", v)
	if n := x.number(`SELECT item FROM floor`); n != 11 {
		t.Errorf("item %d", n)
	}
	x.must(apptest.Ada, "/antrag", "wording", "Eins")
	x.must(apptest.Chair, "/wortlaut", "motion", "1", "edition", "1", "wording", "Zwei")
	x.refused(apptest.Ada, 422, "Vera Vorsitz schreibt gerade", "/wortlaut", "motion", "1", "edition", "2", "wording", "Drei und viel mehr")
	x.h.Clock.Add(pen)
	a := x.Post(apptest.Ada, at+"/wortlaut", "motion", "1", "edition", "1", "wording", "Drei und viel mehr")
	if a.Code != 422 || !a.Has("Drei und viel mehr") || !a.Has("jemand anderes den Wortlaut") {
		t.Errorf("what was typed is lost: %d %s", a.Code, wrong(a.Body))
	}
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() { x.Post(apptest.Cem, at+"/anwesend", "kind", "came") })
	}
	wait.Wait()
	if n := x.number(`SELECT count(*) FROM floor_presence WHERE person = ?`, apptest.Cem); n != 1 {
		t.Errorf("he is there %d times", n)
	}
}

// Members ask to speak; whoever has not spoken yet can come first; a new item begins anew.
func TestSpeakers(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Chair, "/punkt", "item", "11", "version", x.version())
	x.refused(apptest.Ada, 422, "als anwesend eingetragen", "/rede", "kind", "yes")
	for _, p := range []int64{apptest.Ada, apptest.Cem, apptest.Bert} {
		x.must(p, "/anwesend", "kind", "came")
	}
	names := func() (all []string) {
		err := x.h.DB.Read(t.Context(), func(tx *store.Tx) error {
			f, err := get(tx, theMeeting)
			if err != nil {
				return err
			}
			list, err := speakers(tx, f)
			for _, s := range list {
				all = append(all, s.Name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	x.must(apptest.Ada, "/rede", "kind", "yes")
	x.must(apptest.Ada, "/rede", "kind", "yes")
	x.must(apptest.Chair, "/redeliste", "kind", "call", "person", "1", "version", x.version())
	x.must(apptest.Chair, "/redeliste", "kind", "done", "version", x.version())
	x.h.Clock.Add(time.Minute)
	x.must(apptest.Ada, "/rede", "kind", "yes")
	x.h.Clock.Add(time.Minute)
	x.must(apptest.Cem, "/rede", "kind", "yes")
	if got := names(); !slices.Equal(got, []string{"Ada Demir", "Cem Yildiz"}) {
		t.Error(got)
	}
	x.must(apptest.Chair, "/redeliste", "kind", "fresh", "version", x.version())
	if got := names(); !slices.Equal(got, []string{"Cem Yildiz", "Ada Demir"}) {
		t.Error(got)
	}
	x.must(apptest.Chair, "/redeliste", "kind", "shut", "version", x.version())
	x.refused(apptest.Bert, 422, "geschlossen", "/rede", "kind", "yes")
	x.must(apptest.Cem, "/rede", "kind", "no")
	x.must(apptest.Chair, "/punkt", "item", "12", "was", "postponed", "version", x.version())
	if got := names(); len(got) != 0 {
		t.Error(got)
	}
	a := x.Get(apptest.Ada, at)
	if !a.Has("vertagt") {
		t.Error(a.Body)
	}
	x.must(apptest.Chair, "/uhr", "minutes", "3", "version", x.version())
	if a := x.Get(apptest.Ada, "/sitzung/1/leinwand"); !a.Has("7:17") || !a.Has("Sommerfest") || a.Has("Ich möchte reden") {
		t.Error(a.Body)
	}
	x.refused(apptest.Chair, 422, "höchstens 180", "/uhr", "minutes", "999", "version", x.version())
}

func TestWrongMotions(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	x.refused(apptest.Ada, 422, "zuerst einen Punkt", "/antrag", "wording", "Etwas")
	x.must(apptest.Chair, "/punkt", "item", "11", "version", x.version())
	x.refused(apptest.Ada, 422, "was beschlossen werden soll", "/antrag", "wording", " ")
	x.refused(apptest.Ada, 422, "höchstens 8000", "/antrag", "wording", strings.Repeat("x", 8001))
	x.refused(apptest.Ada, 422, "lässt sich nicht mehr ändern", "/antrag", "wording", "x", "amends", "77")
	x.must(apptest.Ada, "/antrag", "wording", "Etwas")
	x.refused(apptest.Chair, 422, "wie abgestimmt wird", "/abstimmung", "motion", "1", "how", "laut")
	x.must(apptest.Ada, "/zurueckziehen", "motion", "1")
	x.refused(apptest.Chair, 422, "nicht mehr ändern", "/abstimmung", "motion", "1", "how", "open")
	if a := x.Get(apptest.Dana, at); !a.Has("zurückgezogen") {
		t.Error(a.Body)
	}
}

// TestCounted: whose seat has ended while the meeting runs counts for no quorum and gets no vote, and whoever goes out and
// comes back at the opening is counted once.
func TestCounted(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	for _, p := range []int64{apptest.Dana, apptest.Ada, apptest.Cem, apptest.Bert} {
		x.must(p, "/anwesend", "kind", "came")
	}
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	x.must(apptest.Ada, "/antrag", "wording", "Es gibt ein Fest.")
	x.h.Clock.Add(2 * time.Minute)
	x.must(apptest.Bert, "/anwesend", "kind", "left")
	x.must(apptest.Bert, "/anwesend", "kind", "came")
	record := func() (r Record) {
		err := x.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			r, err = Recorded(tx, theMeeting, x.wires().Votes)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := record(); r.Present != 5 {
		t.Errorf("%d votes at the opening, want 5", r.Present)
	}
	if a := x.Get(apptest.Dana, at); !a.Has("5 von 9 Stimmen, beschlussfähig") {
		t.Error("five of nine are no quorum")
	}
	for i, c := range []struct {
		person, motion int64
		want           bool
	}{{apptest.Ada, 1, true}, {apptest.Bert, 1, true}, {apptest.Greta, 1, false}, {apptest.Ada, 2, false}} {
		err := x.h.DB.Read(t.Context(), func(tx *store.Tx) error {
			got, err := There(tx, c.motion, c.person)
			if got != c.want {
				t.Errorf("case %d: there %v, want %v", i, got, c.want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	x.sql(`UPDATE membership SET state = 'ended', until = ? WHERE person = ? AND unit = ?`, x.h.Now().Unix(), apptest.Cem, apptest.Council)
	if a := x.Get(apptest.Dana, at); !a.Has("4 von 9 Stimmen, nicht beschlussfähig") {
		t.Error("a seat that has ended counts")
	}
	x.refused(apptest.Chair, 422, "nicht beschlussfähig: 4 von 9", "/abstimmung", "motion", "1", "how", "open")
	x.sql(`UPDATE floor_presence SET person = NULL WHERE person = ?`, apptest.Bert) // is forgotten
	if r := record(); r.Present != 5 {
		t.Errorf("%d votes at the opening, one of them ehemals im Haus, want 5", r.Present)
	}
}

// TestAmendsElsewhere: what is moved where the public is shut out changes no public motion.
func TestAmendsElsewhere(t *testing.T) {
	x := newHall(t)
	x.must(apptest.Chair, "/beginn")
	x.must(apptest.Chair, "/punkt", "item", "12", "version", x.version())
	x.must(apptest.Ada, "/antrag", "wording", "Es gibt ein Fest.")
	x.must(apptest.Chair, "/punkt", "item", "13", "version", x.version())
	x.refused(apptest.Ada, 422, "lässt sich nicht mehr ändern", "/antrag", "wording", "Es gibt ein Fest ohne Frau K.", "amends", "1")
	x.must(apptest.Ada, "/antrag", "wording", "Eine Rüge")
}
