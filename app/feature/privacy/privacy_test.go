package privacy_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
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
			tx.After(func() { x.erased = append(x.erased, s) }) // and not in a dry run
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

// unzipped is what is in the ZIP of an answer, by name.
func unzipped(t *testing.T, a apptest.Answer) map[string]string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(a.Body), int64(len(a.Body)))
	if err != nil {
		t.Fatalf("%d: %v", a.Code, err)
	}
	all := map[string]string{}
	for _, x := range z.File {
		r, err := x.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[x.Name] = string(b)
	}
	return all
}

// data is the part for programs.
func data(t *testing.T, a apptest.Answer) apptest.Answer {
	t.Helper()
	if a.Code == 200 && a.Header.Get("Content-Type") == "application/zip" {
		a.Body = unzipped(t, a)["daten.json"]
	}
	return a
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
	if a.Code != 200 || a.Header.Get("Content-Disposition") != `attachment; filename="nestfunk-2026-03-02.zip"` || a.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %v", a.Code, a.Header)
	}
	if page := unzipped(t, a)["lesen.html"]; !strings.Contains(page, "<h2>Kind: Mila Demir</h2>") || !strings.Contains(page, "Käfer") || strings.Contains(page, "Bert") {
		t.Errorf("the page to read:\n%s", page)
	}
	a = data(t, a)
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
	if a := data(t, x.Post(apptest.Silent, "/konto/daten")); a.Code != 200 || !a.Has("still@example.org") || a.Has("Can") || a.Has("Bären") || a.Has("Yildiz") {
		t.Errorf("who is not to be informed:\n%s", a.Body)
	}
	for name, set := range map[string]string{"does not decide": "decides = 0", "is not to be informed": "informed = 0", "is locked": "state = 'suspended'",
		"has ended": "state = 'ended'", "still waits": "state = 'accepted'", "term is over": "until = 1"} {
		t.Run(name, func(t *testing.T) {
			x := serve(t)
			x.sql(`UPDATE guardian SET ` + set + ` WHERE person = 7`)
			if a := data(t, x.Post(apptest.Cem, "/konto/daten")); a.Code != 200 || a.Has("2021-07-03") || a.Has(`"children"`) {
				t.Errorf("%d\n%s", a.Code, a.Body)
			}
		})
	}
	x.sql(`UPDATE child_stay SET until = 1 WHERE child = 3`)
	if a := data(t, x.Post(apptest.Cem, "/konto/daten")); !a.Has("2021-07-03") {
		t.Errorf("a child who has left is still his:\n%s", a.Body)
	}
}

func TestProof(t *testing.T) {
	x := serve(t)
	x.forgotten(apptest.Max, apptest.Max, "/person/13") // looks, and passes it on
	x.log = nil
	for _, c := range []struct {
		person     int64
		path, back string
		fields     []string
	}{
		{apptest.Ada, "/konto/daten", "/konto/daten", nil},
		{apptest.Arno, "/person/13/auskunft", "/person/13/daten", nil},
		{apptest.Arno, "/loeschung/1/freigeben", "/loeschung/1", []string{"sure", "1"}},
		{apptest.Arno, "/kind/1/auskunft", "/kind/1/daten", nil},
	} {
		x.old(c.person)
		if a := x.Get(apptest.Nobody, c.back); a.Code != 200 || !a.Has("/konto/nachweis?weiter=") || a.Has(`action="`+c.path+`"`) {
			t.Errorf("the page offers it without a proof: %d\n%s", a.Code, a.Body)
		}
		if a := x.Post(apptest.Nobody, c.path, c.fields...); a.Code != 403 {
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
			page, file := x.Get(p, c.path+"/daten"), data(t, x.Post(p, c.path+"/auskunft"))
			switch {
			case slices.Contains(c.may, p):
				if page.Code != 200 || file.Code != 200 || !file.Has(c.words) {
					t.Errorf("%s as %d: %d, %d\n%s", c.path, p, page.Code, file.Code, file.Body)
				}
				_, id, _ := strings.Cut(c.path[1:], "/")
				x.wrote(fmt.Sprintf("%d %s.exported %s", p, kind(c.path), id))
			case slices.Contains(c.part, p):
				if page.Code != 200 || !page.Has("macht deshalb der Betrieb") || page.Has("<form") || file.Code != 403 || x.Post(p, c.path+"/loeschen").Code != 403 {
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

// forgotten has two people of the house forget a subject: one passes it on, the other confirms. It returns the last answer.
func (x *town) forgotten(first, second int64, path string) apptest.Answer {
	x.t.Helper()
	a := x.Post(first, path+"/loeschen")
	if a.Code != 303 {
		return a
	}
	at := a.To
	if a := x.Post(first, at+"/vorlegen"); a.Code != 303 {
		return a
	}
	return x.Post(second, at+"/freigeben", "sure", "1")
}

func TestWhoStays(t *testing.T) {
	x := serve(t)
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
		"oneself, who is the last": {apptest.Arno, "/person/1", "Für sich selbst"},
		"a child in a group":       {apptest.Max, "/kind/3", "Platz in der Gruppe „Bären“"},
	} {
		if a := x.forgotten(c.by, apptest.Arno, c.path); a.Code != 422 && a.Code != 409 || !a.Has(c.words) {
			t.Errorf("%s: %d\n%s", name, a.Code, a.Body)
		}
	}
	if a := x.Get(apptest.Max, "/person/4/daten"); !a.Has("Vor dem Löschen muss beendet sein") {
		t.Errorf("the page does not tell what has to end:\n%s", a.Body)
	}
	if a := x.forgotten(apptest.Greta, apptest.Arno, "/person/13"); a.Code != 404 {
		t.Errorf("by another carrier: %d", a.Code)
	}
	for _, p := range []int64{apptest.Olga, apptest.Hanna, apptest.Auditor, apptest.Ada} {
		if a := x.forgotten(p, apptest.Arno, "/person/13"); a.Code != 403 {
			t.Errorf("by %d: %d", p, a.Code)
		}
	}
	if len(x.erased) > 0 {
		t.Errorf("erased %v", x.erased)
	}
}

// TestFourEyes: nobody forgets anybody alone, and what is left of a request are numbers.
func TestFourEyes(t *testing.T) {
	x := serve(t)
	x.old(apptest.Former) // is signed in
	if a := x.Get(apptest.Max, "/person/13/daten"); a.Code != 200 || !a.Has("Fritz Früher") || !a.Has("Niemand löscht allein") {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	a := x.Post(apptest.Max, "/person/13/loeschen", "words", "Brief von Herrn Früher")
	if a.Code != 303 || a.To != "/loeschung/1" {
		t.Fatalf("%d %s\n%s", a.Code, a.To, a.Body)
	}
	if a := x.Post(apptest.Arno, "/person/13/loeschen"); a.Code != 422 || !a.Has("Dafür gibt es schon") {
		t.Errorf("a second request: %d", a.Code)
	}
	before := x.House.DB.Changes()
	page := x.Get(apptest.Max, "/loeschung/1")
	for _, w := range []string{"Fritz Früher", "Brief von Herrn Früher", "Angemeldete Geräte", "Dass jemand eine Rolle hatte", "Kennung ohne Namen", "Zur Freigabe vorlegen"} {
		if !page.Has(w) {
			t.Errorf("the dry run lacks %q:\n%s", w, page.Body)
		}
	}
	if x.House.DB.Changes() != before || x.count(`SELECT count(*) FROM session WHERE person = 13`) != 1 || x.count(`SELECT count(*) FROM person WHERE id = 13 AND given = 'Fritz'`) != 1 {
		t.Fatal("a dry run is not taken back")
	}
	refused := func(by int64, words string) {
		t.Helper()
		if a := x.Post(by, "/loeschung/1/freigeben", "sure", "1"); a.Code != 403 && a.Code != 404 && a.Code != 409 && a.Code != 422 || !a.Has(words) {
			t.Errorf("confirmed by %d: %d\n%s", by, a.Code, a.Body)
		}
	}
	refused(apptest.Arno, "noch niemand geprüft")
	x.wrote("3 erasure.asked 1")
	if a := x.Post(apptest.Arno, "/loeschung/1/vorlegen"); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	x.wrote("1 erasure.checked 1")
	refused(apptest.Arno, "selbst vorgelegt")
	refused(apptest.Max, "selbst aufgenommen") // took it down, and is not a second one
	refused(apptest.Greta, "")
	refused(apptest.Hanna, "")
	if len(x.erased) > 0 {
		t.Fatalf("erased %v", x.erased)
	}
	x.sql(`INSERT INTO membership (person, unit, role, state, since) VALUES (17, 3, 3, 'confirmed', 0)`) // another manager of CarrierA
	if a := x.Post(apptest.Chair, "/loeschung/1/freigeben"); a.Code != 422 || !a.Has("Bitte bestätigen Sie") || !a.Has(`aria-invalid="true"`) {
		t.Errorf("without a word: %d\n%s", a.Code, a.Body)
	}
	if a := x.Post(apptest.Chair, "/loeschung/1/freigeben", "sure", "1"); a.Code != 303 || a.To != "/loeschungen" {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.wrote("17 person.erased 13", "17 erasure.confirmed 1")
	if want := []house.Subject{{Person: 13}}; !slices.Equal(x.erased, want) {
		t.Errorf("the others were asked for %v", x.erased)
	}
	if n := x.count(`SELECT count(*) FROM person WHERE id = 13 AND given = '' AND family = 'ehemals im Haus'`); n != 1 {
		t.Error("who held a role keeps a row without a name")
	}
	if n := x.count(`SELECT count(*) FROM session WHERE person = 13`); n != 0 {
		t.Error("still signed in")
	}
	if n := x.count(`SELECT count(*) FROM privacy_request WHERE id = 1 AND state = 'done' AND person IS NULL AND words = '' AND numbers LIKE '%Angemeldete Geräte%'`); n != 1 {
		t.Error("what is left of the request is not numbers alone")
	}
	if a := x.Get(apptest.Arno, "/loeschungen"); !a.Has("gelöscht am") || a.Has("Fritz") || !a.Has("Angemeldete Geräte") {
		t.Errorf("the log:\n%s", a.Body)
	}
	if a := x.Get(apptest.Max, "/person/13/daten"); !a.Has("schon gelöscht") || a.Has("<form") {
		t.Errorf("afterwards:\n%s", a.Body)
	}
	refused(apptest.Arno, "schon erledigt")
	refused(apptest.Chair, "Das gibt es hier nicht") // nor who has confirmed it
}

// TestAskedFor: people ask for themselves and for children for whom they decide, take it back, and hear why not.
func TestAskedFor(t *testing.T) {
	x := serve(t)
	if a := x.Post(apptest.Ada, "/konto/daten/loeschen", "child", "3"); a.Code != 404 {
		t.Errorf("for another's child: %d", a.Code)
	}
	if a := x.Post(apptest.Ada, "/konto/daten/loeschen", "child", "1", "words", "Wir ziehen um"); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	x.wrote("6 erasure.asked 1")
	x.House.Work(t)
	if n := len(x.House.Post.Sent()); n != 1 || x.House.Post.Sent()[0].To != "arno@example.org" {
		t.Errorf("who may look after it is told: %v", x.House.Post.Sent())
	}
	if a := x.Get(apptest.Ada, "/konto/daten"); !a.Has("Verlangt am") || !a.Has("Mila Demir") {
		t.Errorf("her page:\n%s", a.Body)
	}
	if a := x.Post(apptest.Bert, "/konto/daten/zuruecknehmen", "request", "1"); a.Code != 404 {
		t.Errorf("the other parent takes it back: %d", a.Code)
	}
	if a := x.Post(apptest.Max, "/loeschung/1/vorlegen"); a.Code != 422 || !a.Has("gehört noch zum Haus") {
		t.Errorf("of a child in a group: %d\n%s", a.Code, a.Body)
	}
	if a := x.Post(apptest.Max, "/loeschung/1/ablehnen"); a.Code != 422 || !a.Has("warum nicht gelöscht wird") {
		t.Errorf("refused without a reason: %d", a.Code)
	}
	if a := x.Post(apptest.Max, "/loeschung/1/ablehnen", "reason", "Mila ist noch in der Gruppe."); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	x.wrote("3 erasure.refused 1")
	x.House.Work(t)
	last := x.House.Post.Sent()[len(x.House.Post.Sent())-1]
	if last.To != "ada@example.org" || last.Subject != "Ihr Verlangen nach Löschung wurde abgelehnt" || strings.Contains(last.Text, "Mila") {
		t.Errorf("%+v", last)
	}
	if a := x.Post(apptest.Ada, "/konto/daten/loeschen"); a.Code != 303 {
		t.Fatalf("for herself: %d", a.Code)
	}
	if a := x.Post(apptest.Ada, "/konto/daten/zuruecknehmen", "request", "2"); a.Code != 303 || x.count(`SELECT count(*) FROM privacy_request WHERE id = 2 AND state = 'withdrawn'`) != 1 {
		t.Errorf("taken back: %d", a.Code)
	}
}

// TestOwnErasure: nobody decides on what they have asked for themselves, and nobody reads of it whom it does not concern.
func TestOwnErasure(t *testing.T) {
	x := serve(t)
	x.sql(`UPDATE membership SET until = 1 WHERE person = 10`) // else her role is in the way
	x.sql(`INSERT INTO membership (person, unit, role, state, since, until) VALUES (10, 1, ?, 'confirmed', 0, 9223372036854775807)`, who.Admin)
	if a := x.Post(apptest.Rosa, "/konto/daten/loeschen"); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if a := x.Post(apptest.Rosa, "/loeschung/1/ablehnen", "reason", "Ich habe es mir anders überlegt."); a.Code != 403 {
		t.Errorf("refused by herself: %d", a.Code)
	}
	x.sql(`UPDATE privacy_request SET state = 'checked', checker = ?, checked = 1`, apptest.Arno)
	if a := x.Post(apptest.Rosa, "/loeschung/1/freigeben", "sure", "1"); a.Code != 403 || !a.Has("Über die eigene Löschung entscheiden andere") {
		t.Errorf("confirmed by herself: %d", a.Code)
	}
	x.sql(`UPDATE privacy_request SET person = 13`) // what she asks for somebody else
	if a := x.Post(apptest.Rosa, "/loeschung/1/freigeben", "sure", "1"); a.Code != 403 || !a.Has("Sie haben das selbst verlangt") {
		t.Errorf("confirmed by who asks: %d\n%s", a.Code, a.Body)
	}
	if a := x.Get(apptest.Arno, "/loeschungen"); !a.Has("/loeschung/1") {
		t.Errorf("the operator's list: %d", a.Code)
	}
	if a := x.Get(apptest.Greta, "/loeschungen"); !a.Has("Niemand wartet auf eine Löschung.") {
		t.Errorf("the list of another carrier: %d", a.Code)
	}
}

// TestLaw: the pages name the law that the house is under, and no other.
func TestLaw(t *testing.T) {
	x := serve(t)
	for _, c := range []struct{ key, has, lacks string }{{"public", "DSGVO", "KDG"}, {"catholic", "KDG", "DSGVO"}, {"protestant", "DSG-EKD", "DSGVO"}} {
		x.sql(`INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)`, settings.LawProfile, c.key)
		for _, path := range []string{"/person/13/daten", "/loeschungen", "/vermerke"} {
			a := x.Get(apptest.Max, path)
			if _, page, _ := strings.Cut(a.Body, "<main"); a.Code != 200 || !strings.Contains(page, c.has) || strings.Contains(page, c.lacks) {
				t.Errorf("%s under %s: %d", path, c.key, a.Code)
			}
		}
	}
}

// A request that is done says who asked: Greta of another carrier, and whoever audits it, do not read that a mother of
// Kita Sonnenblume did.
func TestDoneIsForTheWholeHouse(t *testing.T) {
	x := serve(t)
	x.sql(`UPDATE child_stay SET until = 100 WHERE child = 1`)
	x.sql(`INSERT INTO membership (person, unit, role, state, since) VALUES (17, 7, 10, 'confirmed', 0)`) // audits CarrierB
	if a := x.Post(apptest.Bert, "/konto/daten/loeschen", "child", "1"); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	for _, p := range []int64{apptest.Greta, apptest.Chair} {
		if a := x.Get(p, "/loeschungen"); a.Has("Nr. 1") {
			t.Errorf("%d reads of a request that waits:\n%s", p, a.Body)
		}
	}
	x.Post(apptest.Max, "/loeschung/1/vorlegen")
	x.sql(`INSERT INTO guardian (child, person, state, since) VALUES (2, 11, 'confirmed', 0)`) // Bert stays in the house
	if a := x.Post(apptest.Arno, "/loeschung/1/freigeben", "sure", "1"); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	if a := x.Get(apptest.Arno, "/loeschung/1"); a.Code != 200 || !a.Has("Bert Demir") {
		t.Errorf("who runs the house: %d\n%s", a.Code, a.Body)
	}
	for _, p := range []int64{apptest.Greta, apptest.Max} {
		if a := x.Get(p, "/loeschung/1"); a.Code != 404 || a.Has("Bert") {
			t.Errorf("%d reads it: %d\n%s", p, a.Code, a.Body)
		}
	}
	for _, p := range []int64{apptest.Greta, apptest.Max, apptest.Chair} {
		if a := x.Get(p, "/loeschungen"); a.Code != 200 || a.Has("Nr. 1") {
			t.Errorf("%d has it in the list: %d\n%s", p, a.Code, a.Body)
		}
	}
	if a := x.Get(apptest.Auditor, "/loeschungen"); !a.Has("Nr. 1") || a.Has("Bert") {
		t.Errorf("who audits the house:\n%s", a.Body)
	}
}

// Who audits reads why something is held, and not on whom; another carrier does not even read that there is a mark.
func TestMarksWithoutNames(t *testing.T) {
	x := serve(t)
	for path, reason := range map[string]string{"/person/11/sperren": "Verfahren läuft", "/kind/3/sperren": "Akte wird geprüft"} {
		if a := x.Post(apptest.Max, path, "reason", reason); a.Code != 303 {
			t.Fatalf("%s: %d", path, a.Code)
		}
	}
	a := x.Get(apptest.Auditor, "/vermerke")
	for _, w := range []string{"Verfahren läuft", "eine Person", "Akte wird geprüft", "ein Kind"} {
		if !a.Has(w) {
			t.Errorf("%q is missing:\n%s", w, a.Body)
		}
	}
	for _, w := range []string{"Bert", "Demir", "/person/11", "Yildiz", "/kind/3"} {
		if a.Has(w) {
			t.Errorf("the auditor reads %q", w)
		}
	}
	if a := x.Get(apptest.Arno, "/vermerke"); !a.Has("Bert Demir") || !a.Has("/kind/3") {
		t.Errorf("who runs the house:\n%s", a.Body)
	}
	if a := x.Post(apptest.Arno, "/person/6/sperren", "reason", "Streit"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	if a := x.Get(apptest.Greta, "/person/6/daten"); a.Code != 200 || a.Has("Löschsperre") { // Ada has a child in either carrier
		t.Errorf("another carrier: %d\n%s", a.Code, a.Body)
	}
}

// A father who is held does not go along with his child.
func TestHeldDoesNotGoAlong(t *testing.T) {
	x := serve(t)
	x.sql(`UPDATE child_stay SET until = 100 WHERE child = 1`)
	if a := x.Post(apptest.Arno, "/person/11/sperren", "reason", "Verfahren läuft"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	if a := x.forgotten(apptest.Max, apptest.Arno, "/kind/1"); a.Code != 422 || !a.Has("Ein Vermerk verbietet das Löschen (Bert Demir)") || len(x.erased) > 0 {
		t.Errorf("%d %v\n%s", a.Code, x.erased, a.Body)
	}
	if a := x.Post(apptest.Arno, "/vermerk/1/aufheben"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	x.Post(apptest.Max, "/loeschung/1/vorlegen")
	if a := x.Post(apptest.Arno, "/loeschung/1/freigeben", "sure", "1"); a.Code != 303 || !slices.Contains(x.erased, house.Subject{Person: apptest.Bert}) {
		t.Errorf("afterwards: %d %v\n%s", a.Code, x.erased, a.Body)
	}
}

// TestLegalHold: what a mark covers is not forgotten, whoever asks, until somebody lifts it.
func TestLegalHold(t *testing.T) {
	for name, set := range map[string][]string{
		"of the person": {"/person/13/sperren", "reason", "Verfahren läuft"},
		"of the unit":   {"/vermerke", "unit", "3", "reason", "Verfahren läuft"},
	} {
		x := serve(t)
		if a := x.Post(apptest.Max, set[0], "reason", " "); a.Code != 422 && a.Code != 404 {
			t.Errorf("%s without a reason: %d", name, a.Code)
		}
		if a := x.Post(apptest.Max, set[0], set[1:]...); a.Code != 303 {
			t.Fatalf("%s: %d\n%s", name, a.Code, a.Body)
		}
		if a := x.forgotten(apptest.Max, apptest.Arno, "/person/13"); a.Code != 422 || !a.Has("Ein Vermerk verbietet das Löschen") || len(x.erased) > 0 {
			t.Errorf("%s: %d %v\n%s", name, a.Code, x.erased, a.Body)
		}
		if a := x.Get(apptest.Max, "/vermerke"); !a.Has("Verfahren läuft") {
			t.Errorf("%s is not listed: %d", name, a.Code)
		}
		if a := x.Get(apptest.Greta, "/vermerke"); a.Has("Verfahren läuft") {
			t.Errorf("%s is listed for another carrier", name)
		}
		if a := x.Post(apptest.Greta, "/vermerke", "unit", "3", "reason", "Auch hier"); a.Code != 404 {
			t.Errorf("%s: set by another carrier: %d", name, a.Code)
		}
		if a := x.Post(apptest.Greta, "/vermerk/1/aufheben"); a.Code != 404 {
			t.Errorf("%s: lifted by another carrier: %d", name, a.Code)
		}
		if a := x.Get(apptest.Auditor, "/vermerke"); !a.Has("Verfahren läuft") || a.Has("<form") {
			t.Errorf("%s: the auditor's page:\n%s", name, a.Body)
		}
		if a := x.Post(apptest.Arno, "/vermerk/1/aufheben"); a.Code != 303 {
			t.Errorf("%s: %d", name, a.Code)
		}
		if a := x.Post(apptest.Max, "/loeschung/1/vorlegen"); a.Code != 303 {
			t.Errorf("%s: afterwards: %d\n%s", name, a.Code, a.Body)
		}
		if a := x.Post(apptest.Arno, "/loeschung/1/freigeben", "sure", "1"); a.Code != 303 {
			t.Errorf("%s: afterwards: %d\n%s", name, a.Code, a.Body)
		}
	}
	x := serve(t)
	if a := x.Post(apptest.Max, "/person/13/sperren", "reason", "Bis Dienstag", "until", "2026-03-03"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	x.House.Clock.Add(49 * time.Hour)
	if a := x.forgotten(apptest.Max, apptest.Arno, "/person/13"); a.Code != 303 {
		t.Errorf("when its time is over: %d\n%s", a.Code, a.Body)
	}
}

// With a child go those whom nothing else ties to the house; a father who has another child stays.
func TestForgetAChild(t *testing.T) {
	x := serve(t)
	x.old(apptest.Ada) // her device knows of Mila
	x.sql(`UPDATE child_stay SET until = 100 WHERE child = 1`)
	a := x.Get(apptest.Max, "/kind/1/daten")
	if a.Code != 200 || !a.Has("<li>Bert Demir</li>") || a.Has("<li>Ada Demir</li>") {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.forgotten(apptest.Max, apptest.Max, "/kind/1") // looks, and passes it on
	x.erased, x.log = nil, nil
	if a := x.Post(apptest.Arno, "/loeschung/1/freigeben", "sure", "1"); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	x.wrote("1 child.erased 1", "1 person.erased 11", "1 erasure.confirmed 1")
	if want := []house.Subject{{Child: 1}, {Person: 11}}; !slices.Equal(x.erased, want) {
		t.Errorf("the others were asked for %v", x.erased)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM child WHERE id = 1`:                      0,
		`SELECT count(*) FROM child_stay WHERE child = 1`:              0,
		`SELECT count(*) FROM guardian WHERE child = 1`:                0,
		`SELECT count(*) FROM session WHERE person = 6`:                0,
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
	x.sql(`UPDATE membership SET role = 1, unit = 1 WHERE person = 2`) // a second one
	x.sql(`INSERT INTO person (id, uid, given, family) VALUES (99, 'p99', 'Ohne', 'Haus')`)
	if a := x.Get(apptest.Max, "/person/99/daten"); a.Code != 404 {
		t.Errorf("a carrier: %d", a.Code)
	}
	if a := x.forgotten(apptest.Arno, apptest.Olga, "/person/99"); a.Code != 303 || x.count(`SELECT count(*) FROM person WHERE id = 99`) != 0 {
		t.Errorf("%d", a.Code)
	}
}

// What must be kept may still refer to a child: then a row without a name stays.
func TestWhatIsKept(t *testing.T) {
	x := serve(t)
	x.sql(`INSERT INTO announcement (id, uid, unit, kind, title, body, html, renderer, roles, confirm, published, token, urgent, ladder) VALUES (1, 'a', 4, 'news', 'x', '', '', 1, 0, 0, 0, x'00', 0, '')`)
	x.sql(`INSERT INTO announcement_asked (announcement, child, unit, asked) VALUES (1, 4, 6, 0)`)
	x.sql(`UPDATE child_stay SET until = 100 WHERE child = 4`)
	if a := x.forgotten(apptest.Max, apptest.Arno, "/kind/4"); a.Code != 303 {
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
	if a := x.forgotten(apptest.Max, apptest.Arno, "/kind/4"); a.Code != 303 {
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
