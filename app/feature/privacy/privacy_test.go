package privacy_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/privacy"
)

// A town is a house with this feature, what it writes down, and another feature that it asks.
type town struct {
	*apptest.Site
	House  *apptest.House
	t      *testing.T
	log    []string
	erased []house.Subject // by the other feature, which must come first
}

func serve(t *testing.T) *town {
	t.Helper()
	x := &town{House: apptest.New(t), t: t}
	other := house.Feature{Name: "wiki",
		Export: func(_ *store.Tx, s house.Subject) (any, error) { return fmt.Sprint("page of ", s), nil },
		Erase: func(tx *store.Tx, s house.Subject) error {
			x.erased = append(x.erased, s)
			n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM person WHERE id = ?1 UNION ALL SELECT count(*) FROM child WHERE id = ?2 ORDER BY 1 DESC LIMIT 1`, s.Person, s.Child)
			if n != 1 {
				t.Errorf("%v is gone before the others were asked", s)
			}
			return err
		}}
	log := func(_ *store.Tx, _ time.Time, person int64, action string, ref int64) error {
		x.log = append(x.log, fmt.Sprint(person, " ", action, " ", ref))
		return nil
	}
	x.Site = x.House.Serve(t, privacy.New(x.House.House, log, []house.Feature{other, {Name: "home"}}))
	return x
}

func (x *town) sql(query string, args ...any) {
	x.t.Helper()
	err := x.House.DB.Write(x.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *town) count(query string, args ...any) (n int) {
	x.t.Helper()
	err := x.House.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], query, args...)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

// wrote fails unless this is what was written down since the last time.
func (x *town) wrote(want ...string) {
	x.t.Helper()
	if !slices.Equal(x.log, want) {
		x.t.Errorf("%q is written down, want %q", x.log, want)
	}
	x.log = nil
}

// old has a person sign in, and then time pass until that proves nothing any more.
func (x *town) old(person int64) {
	x.t.Helper()
	w := httptest.NewRecorder()
	if err := x.House.Sessions.SignIn(w, httptest.NewRequest("POST", apptest.Base+"/", nil), person); err != nil {
		x.t.Fatal(err)
	}
	x.Cookies[apptest.Nobody] = w.Result().Cookies()
	x.House.Clock.Add(who.ProofLife + time.Second)
}

func TestOwnData(t *testing.T) {
	x := serve(t)
	a := x.Get(apptest.Ada, "/konto/daten")
	if a.Code != 200 || !a.Has("Mila Demir") || !a.Has("Emil Demir") || a.Has("Can") {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	before := x.House.DB.Changes()
	a = x.Post(apptest.Ada, "/konto/daten")
	if a.Code != 200 || a.Header.Get("Content-Disposition") != `attachment; filename="nestfunk-2026-03-02.json"` || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		t.Fatalf("%d %v", a.Code, a.Header)
	}
	var file struct {
		House    string
		Made     time.Time
		Person   map[string]any
		Children []map[string]any
	}
	if err := json.Unmarshal([]byte(a.Body), &file); err != nil {
		t.Fatal(err)
	}
	if file.House != "Stadt Musterhausen" || !file.Made.Equal(apptest.Start) || len(file.Children) != 2 || file.Person["wiki"] != "page of {6 0}" || file.Children[1]["wiki"] != "page of {0 2}" {
		t.Errorf("%+v", file)
	}
	for _, w := range []string{"ada@example.org", "0461 111", "Mutter", "Käfer", "Frösche", "2022-05-01"} {
		if !a.Has(w) {
			t.Errorf("the file lacks %q:\n%s", w, a.Body)
		}
	}
	for _, w := range []string{"Bert", "0461 112", "Can", "Cem"} { // the other parent's number is not hers
		if a.Has(w) {
			t.Errorf("the file tells of %q:\n%s", w, a.Body)
		}
	}
	if x.House.DB.Changes() != before {
		t.Error("looking at one's data writes")
	}
	// Three a day.
	x.Post(apptest.Ada, "/konto/daten")
	x.Post(apptest.Ada, "/konto/daten")
	if a := x.Post(apptest.Ada, "/konto/daten"); a.Code != 422 || !a.Has("24 Stunden") || a.Has("0461") {
		t.Errorf("a fourth time: %d\n%s", a.Code, a.Body)
	}
	if a := x.Post(apptest.Bert, "/konto/daten"); a.Code != 200 {
		t.Errorf("somebody else: %d", a.Code)
	}
	x.House.Clock.Add(24 * time.Hour)
	if a := x.Post(apptest.Ada, "/konto/daten"); a.Code != 200 {
		t.Errorf("the next day: %d", a.Code)
	}
}

// Whom a court keeps from a child reads nothing of it here either, and whoever does not decide takes no file of it along.
func TestWhoseChildren(t *testing.T) {
	x := serve(t)
	if a := x.Post(apptest.Silent, "/konto/daten"); a.Code != 200 || !a.Has("still@example.org") || a.Has("Can") || a.Has("Bären") || a.Has("Yildiz") {
		t.Errorf("who is not to be informed:\n%s", a.Body)
	}
	for name, set := range map[string]string{"does not decide": "decides = 0", "is not to be informed": "informed = 0", "is locked": "state = 'suspended'",
		"has ended": "state = 'ended'", "still waits": "state = 'accepted'", "term is over": "until = 1"} {
		t.Run(name, func(t *testing.T) {
			x := serve(t)
			x.sql(`UPDATE guardian SET ` + set + ` WHERE person = 7`)
			if a := x.Post(apptest.Cem, "/konto/daten"); a.Code != 200 || a.Has("2021-07-03") || a.Has(`"children"`) {
				t.Errorf("%d\n%s", a.Code, a.Body)
			}
		})
	}
	x.sql(`UPDATE child_stay SET until = 1 WHERE child = 3`)
	if a := x.Post(apptest.Cem, "/konto/daten"); !a.Has("2021-07-03") {
		t.Errorf("a child who has left is still his:\n%s", a.Body)
	}
}

func TestProof(t *testing.T) {
	x := serve(t)
	for _, c := range []struct {
		person     int64
		path, back string
		fields     []string
	}{
		{apptest.Ada, "/konto/daten", "/konto/daten", nil},
		{apptest.Arno, "/person/13/auskunft", "/person/13/daten", nil},
		{apptest.Arno, "/person/13/loeschen", "/person/13/daten", []string{"sure", "1"}},
		{apptest.Arno, "/kind/1/auskunft", "/kind/1/daten", nil},
		{apptest.Arno, "/kind/1/loeschen", "/kind/1/daten", []string{"sure", "1"}},
	} {
		x.old(c.person)
		if a := x.Get(apptest.Nobody, c.back); a.Code != 200 || !a.Has("/konto/nachweis?weiter=") || a.Has(`action="`+c.path) {
			t.Errorf("the page offers it without a proof: %d\n%s", a.Code, a.Body)
		}
		if a := x.Post(apptest.Nobody, c.path, c.fields...); a.Code != 303 || a.To != "/konto/nachweis?weiter="+c.back {
			t.Errorf("POST %s long after signing in: %d %q", c.path, a.Code, a.To)
		}
	}
	x.wrote()
	if len(x.erased) > 0 {
		t.Errorf("erased %v", x.erased)
	}
}

// A request at the desk is answered by whoever looks after all places of the person, and of nobody else.
func TestWhoAnswers(t *testing.T) {
	x := serve(t)
	for _, c := range []struct {
		path  string
		may   []int64 // make the file
		part  []int64 // know the subject, but not all of its places
		words string
	}{
		{"/person/7", []int64{apptest.Arno, apptest.Max}, nil, "cem@example.org"},
		{"/person/6", []int64{apptest.Arno}, []int64{apptest.Max, apptest.Greta}, "ada@example.org"}, // a child with either carrier
		{"/person/4", []int64{apptest.Arno, apptest.Max}, nil, "hanna@example.org"},
		{"/person/2", []int64{apptest.Arno}, nil, "Jugendamt"},
		{"/kind/1", []int64{apptest.Arno, apptest.Max}, nil, "Käfer"},
		{"/kind/2", []int64{apptest.Arno, apptest.Greta}, nil, "Frösche"},
	} {
		for p := int64(apptest.Nobody); p <= apptest.Chair; p++ {
			x.log = nil
			page, file := x.Get(p, c.path+"/daten"), x.Post(p, c.path+"/auskunft")
			switch {
			case slices.Contains(c.may, p):
				if page.Code != 200 || file.Code != 200 || !file.Has(c.words) {
					t.Errorf("%s as %d: %d, %d\n%s", c.path, p, page.Code, file.Code, file.Body)
				}
				_, id, _ := strings.Cut(c.path[1:], "/")
				x.wrote(fmt.Sprintf("%d %s.exported %s", p, kind(c.path), id))
			case slices.Contains(c.part, p):
				if page.Code != 200 || !page.Has("macht deshalb der Betrieb") || page.Has("<form") || file.Code != 403 || x.Post(p, c.path+"/loeschen", "sure", "1").Code != 403 {
					t.Errorf("%s as %d: %d, %d", c.path, p, page.Code, file.Code)
				}
				x.wrote()
			default:
				if page.Code == 200 || file.Code == 200 || page.Has("<form") {
					t.Errorf("%s as %d: %d, %d", c.path, p, page.Code, file.Code)
				}
				x.wrote()
			}
		}
	}
	if a := x.Get(apptest.Arno, "/person/999/daten"); a.Code != 404 {
		t.Errorf("nobody: %d", a.Code)
	}
	// A child that came from the other carrier has a past that this one does not read.
	x.sql(`UPDATE child_stay SET until = 100 WHERE child = 2`)
	x.sql(`INSERT INTO child_stay (child, since, unit) VALUES (2, 100, 5)`)
	x.sql(`UPDATE child SET facility = 4 WHERE id = 2`)
	if a := x.Post(apptest.Max, "/kind/2/auskunft"); a.Code != 403 {
		t.Errorf("the carrier that has the child now: %d\n%s", a.Code, a.Body)
	}
	for range 30 {
		if a := x.Post(apptest.Max, "/kind/1/auskunft"); a.Code == 422 && a.Has("Stunden") {
			return
		}
	}
	t.Error("a clerk may carry off the whole house")
}

func kind(path string) string {
	if strings.HasPrefix(path, "/kind/") {
		return "child"
	}
	return "person"
}

func TestWhoStays(t *testing.T) {
	x := serve(t)
	erase := func(by int64, path string) apptest.Answer { return x.Post(by, path+"/loeschen", "sure", "1") }
	for name, c := range map[string]struct {
		by    int64
		path  string
		words string
	}{
		"with a role":              {apptest.Max, "/person/4", "Leitung, Kita Sonnenblume"},
		"invited":                  {apptest.Max, "/person/12", "Fachkraft, Kita Sonnenblume"},
		"locked":                   {apptest.Max, "/person/14", "Fachkraft, Käfer"},
		"with a child":             {apptest.Max, "/person/7", "Sorge für Can Yildiz"},
		"not informed of a child":  {apptest.Max, "/person/15", "Sorge für Can Yildiz"},
		"oneself, who is the last": {apptest.Arno, "/person/1", "Sich selbst"},
		"a child in a group":       {apptest.Max, "/kind/3", "Platz in der Gruppe „Bären“"},
	} {
		if a := erase(c.by, c.path); a.Code != 422 || !a.Has(c.words) {
			t.Errorf("%s: %d\n%s", name, a.Code, a.Body)
		}
	}
	if a := x.Get(apptest.Max, "/person/4/daten"); !a.Has("Vor dem Löschen muss beendet sein") || a.Has(`name="sure"`) {
		t.Errorf("the page offers what cannot be:\n%s", a.Body)
	}
	if a := erase(apptest.Greta, "/person/13"); a.Code != 404 {
		t.Errorf("by another carrier: %d", a.Code)
	}
	for _, p := range []int64{apptest.Olga, apptest.Hanna, apptest.Auditor, apptest.Ada} {
		if a := erase(p, "/person/13"); a.Code != 403 {
			t.Errorf("by %d: %d", p, a.Code)
		}
	}
	x.wrote()
	if len(x.erased) > 0 {
		t.Errorf("erased %v", x.erased)
	}
}

func TestForgetAPerson(t *testing.T) {
	x := serve(t)
	x.old(apptest.Former) // is signed in
	if a := x.Get(apptest.Max, "/person/13/daten"); a.Code != 200 || !a.Has("Fritz Früher") || !a.Has("ehemals im Haus") || !a.Has("lässt sich nicht zurücknehmen") {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	if a := x.Post(apptest.Max, "/person/13/loeschen"); a.Code != 422 || !a.Has("Bitte bestätigen Sie") || !a.Has(`aria-invalid="true"`) {
		t.Errorf("without a word: %d\n%s", a.Code, a.Body)
	}
	x.wrote()
	if a := x.Post(apptest.Max, "/person/13/loeschen", "sure", "1"); a.Code != 303 || a.To != "/einheiten" {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.wrote("3 person.erased 13")
	if want := []house.Subject{{Person: 13}}; !slices.Equal(x.erased, want) {
		t.Errorf("the others were asked for %v", x.erased)
	}
	if n := x.count(`SELECT count(*) FROM person WHERE id = 13 AND given = '' AND family = 'ehemals im Haus'`); n != 1 {
		t.Error("who held a role keeps a row without a name")
	}
	if n := x.count(`SELECT count(*) FROM session WHERE person = 13`); n != 0 {
		t.Error("still signed in")
	}
	if a := x.Get(apptest.Max, "/person/13/daten"); !a.Has("schon gelöscht") || a.Has("<form") {
		t.Errorf("afterwards:\n%s", a.Body)
	}
	if a := x.Post(apptest.Max, "/person/13/loeschen", "sure", "1"); a.Code != 422 || !a.Has("schon gelöscht") {
		t.Errorf("once more: %d", a.Code)
	}
	x.wrote()
}

// With a child go those whom nothing else ties to the house; a father who has another child stays.
func TestForgetAChild(t *testing.T) {
	x := serve(t)
	x.sql(`UPDATE child_stay SET until = 100 WHERE child = 1`)
	a := x.Get(apptest.Max, "/kind/1/daten")
	if a.Code != 200 || !a.Has("<li>Bert Demir</li>") || a.Has("<li>Ada Demir</li>") {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	if a := x.Post(apptest.Max, "/kind/1/loeschen", "sure", "1"); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.wrote("3 child.erased 1", "3 person.erased 11")
	if want := []house.Subject{{Child: 1}, {Person: 11}}; !slices.Equal(x.erased, want) {
		t.Errorf("the others were asked for %v", x.erased)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM child WHERE id = 1`:                      0,
		`SELECT count(*) FROM child_stay WHERE child = 1`:              0,
		`SELECT count(*) FROM guardian WHERE child = 1`:                0,
		`SELECT count(*) FROM person WHERE id = 11`:                    0,
		`SELECT count(*) FROM person WHERE id = 6 AND given = 'Ada'`:   1,
		`SELECT count(*) FROM guardian WHERE person = 6 AND child = 2`: 1,
	} {
		if n := x.count(query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	if a := x.Get(apptest.Max, "/kind/1/daten"); a.Code != 404 {
		t.Errorf("afterwards: %d", a.Code)
	}
}

// Whom nothing ties to the house any more is found by whoever runs it, and by nobody else.
func TestForgetAStranger(t *testing.T) {
	x := serve(t)
	x.sql(`INSERT INTO person (id, uid, given, family) VALUES (99, 'p99', 'Ohne', 'Haus')`)
	if a := x.Get(apptest.Max, "/person/99/daten"); a.Code != 404 {
		t.Errorf("a carrier: %d", a.Code)
	}
	if a := x.Post(apptest.Arno, "/person/99/loeschen", "sure", "1"); a.Code != 303 || x.count(`SELECT count(*) FROM person WHERE id = 99`) != 0 {
		t.Errorf("%d", a.Code)
	}
}

// What must be kept may still refer to a child: then a row without a name stays.
func TestWhatIsKept(t *testing.T) {
	x := serve(t)
	x.sql(`INSERT INTO announcement (id, uid, unit, kind, title, body, html, renderer, roles, confirm, published, token, urgent, ladder) VALUES (1, 'a', 4, 'news', 'x', '', '', 1, 0, 0, 0, x'00', 0, '')`)
	x.sql(`INSERT INTO announcement_asked (announcement, child, unit, asked) VALUES (1, 4, 6, 0)`)
	x.sql(`UPDATE child_stay SET until = 100 WHERE child = 4`)
	if a := x.Post(apptest.Arno, "/kind/4/loeschen", "sure", "1"); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	if n := x.count(`SELECT count(*) FROM child WHERE id = 4 AND given = 'ehemals im Haus' AND family || born || ref = ''`); n != 1 {
		t.Error("Dora has a name")
	}
	if n := x.count(`SELECT count(*) FROM guardian WHERE child = 4`); n != 0 {
		t.Error("Dora has a guardian")
	}
	if n := x.count(`SELECT count(*) FROM person WHERE id = 8 AND given = 'Dana'`); n != 1 {
		t.Error("Dana is a delegate still")
	}
}

// A restore of an earlier state forgets again who was forgotten since, and nobody else.
func TestForgottenAgain(t *testing.T) {
	x := serve(t)
	x.sql(`UPDATE child_stay SET until = 1 WHERE child = 4`)
	if a := x.Post(apptest.Arno, "/kind/4/loeschen", "sure", "1"); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	var list []privacy.Deletion
	err := x.House.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		list, err = privacy.Deletions(tx)
		return err
	})
	if err != nil || len(list) != 1 || list[0].Kind != "child" || list[0].UID != "c4" || !list[0].At.Equal(x.House.Now()) {
		t.Fatalf("%+v %v", list, err)
	}
	restored := serve(t) // where the child still is
	n := 0
	err = restored.House.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		n, err = privacy.Again(tx, restored.House.House, nil, append(list, privacy.Deletion{Kind: "person", UID: "came later", At: x.House.Now()}))
		return err
	})
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if restored.count(`SELECT count(*) FROM child WHERE given = 'Dora'`) != 0 || restored.count(`SELECT count(*) FROM child WHERE given = 'Mila'`) != 1 {
		t.Error("not the one who was forgotten")
	}
	if restored.count(`SELECT count(*) FROM privacy_deletion`) != 1 {
		t.Error("a restore of that would not know")
	}
}
