package committee_test

import (
	"fmt"
	"html/template"
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
	feature "nestfunk/app/feature/committee"
)

// A site is a house with committees, in which the board of the council of Sonne is Vera alone and Dana its only member. It
// is Monday, the second of March 2026.
type site struct {
	*apptest.House
	at      *apptest.Site
	t       *testing.T
	feature house.Feature
	log     []string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{House: apptest.New(t), t: t}
	s.feature = feature.New(s.House.House, feature.Wires{
		Log: func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
			s.log = append(s.log, action)
			return nil
		},
		Parts: func(_ *store.Tx, p web.Page, c house.Council) ([]template.HTML, error) {
			return []template.HTML{template.HTML("<p>Teil für Stufe " + string(rune('0'+c.Level)) + "</p>")}, nil
		},
	})
	s.at = s.Serve(t, s.feature)
	return s
}

// Get and Post ask as a person.
func (s *site) Get(person int64, path string) apptest.Answer { return s.at.Get(person, path) }

func (s *site) Post(person int64, path string, fields ...string) apptest.Answer {
	return s.at.Post(person, path, fields...)
}

func (s *site) write(do func(tx *store.Tx) error) {
	s.t.Helper()
	if err := s.DB.Write(s.t.Context(), do); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) read(do func(tx *store.Tx) error) {
	s.t.Helper()
	if err := s.DB.Read(s.t.Context(), do); err != nil {
		s.t.Fatal(err)
	}
}

// until moves the clock to a moment.
func (s *site) until(at time.Time) { s.Clock.Add(at.Sub(s.Now())) }

// seats are who sits in the council now, as words.
func (s *site) seats() string {
	s.t.Helper()
	var names []string
	s.read(func(tx *store.Tx) error {
		all, err := committee.Seats(tx, apptest.Council, s.Now())
		for _, x := range all {
			names = append(names, x.Given+" "+string(x.Office))
		}
		return err
	})
	return strings.Join(names, ", ")
}

func midnight(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, web.Zone())
}

const (
	page = "/gremium/10"
	wahl = page + "/wahl"
)

// ballot is the form of an election: each row is person, given, family, mail, office, rank.
func ballot(name, elected, starts, ends string, rows ...[6]string) []string {
	all := []string{"term", "0", "name", name, "elected", elected, "starts", starts, "ends", ends, "go", "save"}
	for _, r := range rows {
		all = append(all, "person", r[0], "given", r[1], "family", r[2], "mail", r[3], "office", r[4], "rank", r[5])
	}
	return all
}

func old(person, office string, rank ...string) [6]string {
	return [6]string{person, "", "", "", office, strings.Join(rank, "")}
}

// with is a form with another value in one field.
func with(form []string, name, value string) []string {
	out := append([]string(nil), form...)
	for i := 0; i < len(out); i += 2 {
		if out[i] == name {
			out[i+1] = value
			return out
		}
	}
	return append(out, name, value)
}

// Everybody sees what the level shows: the world nothing of a council that is not public, and of one that is only its board.
func TestFace(t *testing.T) {
	s := newSite(t)
	for person, want := range map[int64]int{apptest.Nobody: 404, apptest.Arno: 404, apptest.Greta: 404, apptest.Rosa: 404, apptest.Invited: 404, apptest.Silent: 404,
		apptest.Auditor: 404, apptest.Ada: 200, apptest.Hanna: 200, apptest.Stefan: 200, apptest.Max: 200, apptest.Olga: 200, apptest.Dana: 200, apptest.Chair: 200} {
		a := s.Get(person, page)
		if a.Code != want {
			t.Errorf("%d: %d", person, a.Code)
		}
		if list := s.Get(person, "/gremien"); list.Code != 200 || list.Has(page) != (want == 200) {
			t.Errorf("the list of %d: %d", person, list.Code)
		}
	}
	a := s.Get(apptest.Ada, page)
	for _, words := range []string{"Vera Vorsitz", "Dana Beirat", "Teil für Stufe 2", "Dem Vorstand schreiben", "Frist von mindestens 7 Tagen", "Ich lasse mich wählen"} {
		if !a.Has(words) {
			t.Errorf("Ada does not read %q: %s", words, a.Body)
		}
	}
	for _, words := range []string{"Wahl eintragen", "Geschäftsordnung ändern</a>", "Darf man Sie später noch fragen"} {
		if a.Has(words) {
			t.Errorf("Ada reads %q", words)
		}
	}
	if a := s.Get(apptest.Dana, page); !a.Has("Teil für Stufe 3") || !a.Has("Darf man Sie später noch fragen") || a.Has("Wahl eintragen") || a.Has("Ich lasse mich wählen") {
		t.Errorf("Dana reads: %s", a.Body)
	}
	if a := s.Get(apptest.Chair, page); !a.Has("Wahl eintragen") || !a.Has("Geschäftsordnung ändern</a>") || a.Has("Dem Vorstand schreiben") {
		t.Errorf("Vera reads: %s", a.Body)
	}
	if a := s.Get(apptest.Dana, "/gremien"); !a.Has("Hier sind Sie Mitglied") || s.Get(apptest.Ada, "/gremien").Has("Hier sind Sie Mitglied") {
		t.Errorf("Dana's list: %s", a.Body)
	}
	if a := s.Post(apptest.Chair, page+"/regeln", "public", "1", "notice", "10", "quorum", "50", "majority", "two_thirds", "minutes", "14", "objection", "7", "provisional", "2"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Nobody, page); a.Code != 200 || !a.Has("Vera Vorsitz") || a.Has("Dana") || !a.Has("und 1 weiteres Mitglied") || !a.Has("Teil für Stufe 1") || !a.Has("zwei Drittel") {
		t.Errorf("the world reads: %d %s", a.Code, a.Body)
	}
	if a := s.Get(apptest.Nobody, "/gremien"); !a.Has(page) {
		t.Error("the world does not find it")
	}
	if a := s.Get(apptest.Hanna, "/gremium/4"); a.Code != 404 {
		t.Errorf("a facility is no committee: %d", a.Code)
	}
}

// A city has hundreds of councils: they come page by page, and the own ones first.
func TestManyCommittees(t *testing.T) {
	s := newSite(t)
	s.write(func(tx *store.Tx) error {
		for i := range 95 {
			if _, err := org.Add(tx, org.Unit{Parent: apptest.City, Kind: org.Committee, Name: fmt.Sprintf("Beirat %03d", i)}, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	for query, n := range map[string]int{"": 41, "?seite=2": 40, "?seite=3": 15, "?seite=4": 0, "?seite=-1": 41, "?seite=999999999999999999": 41, "?seite=x": 41} {
		a := s.Get(apptest.Dana, "/gremien"+query)
		if got := strings.Count(a.Body, `class="doc"`); a.Code != 200 || got != n || a.Has("Hier sind Sie Mitglied") != (n == 41) || a.Has("?seite=3") != (query == "?seite=2") {
			t.Errorf("/gremien%s: %d, %d rows, want %d", query, a.Code, got, n)
		}
	}
}

// Only the board sets the rules; what is wrong is said at the field, and nothing of the form is lost.
func TestRulesForm(t *testing.T) {
	s := newSite(t)
	good := []string{"notice", "10", "working", "1", "quorum", "60", "majority", "absolute", "minutes", "21", "objection", "7", "provisional", "1", "election", "2026-10-01", "circular", "1"}
	for _, p := range []int64{apptest.Dana, apptest.Hanna, apptest.Olga, apptest.Max, apptest.Arno, apptest.Ada, apptest.Greta} {
		if a := s.Post(p, page+"/regeln", good...); a.Code != 403 && a.Code != 404 {
			t.Errorf("%d sets the rules: %d", p, a.Code)
		}
	}
	if a := s.Get(apptest.Chair, page+"/regeln"); !a.Has("Bisher gelten die üblichen Regeln") {
		t.Errorf("nobody gave rules: %s", a.Body)
	}
	for field, value := range map[string]string{"notice": "-1", "quorum": "viel", "majority": "", "minutes": "1000", "objection": "x", "provisional": "13", "election": "morgen"} {
		a := s.Post(apptest.Chair, page+"/regeln", with(good, field, value)...)
		if a.Code != 422 || !a.Has(`id="`+field+`-error"`) || field != "notice" && !a.Has(`value="10"`) {
			t.Errorf("%s = %q: %d %s", field, value, a.Code, a.Body)
		}
	}
	if a := s.Post(apptest.Chair, page+"/regeln", good...); a.Code != 303 || a.To != page {
		t.Fatal(a.Code, a.Body)
	}
	a := s.Get(apptest.Cem, page)
	if a.Has("10 Werktagen") != true || !a.Has("60 Prozent") || !a.Has("Hälfte der Anwesenden") || !a.Has("höchstens 1 Monat") || a.Has("Ersatzmitglied vertreten") {
		t.Errorf("the rules in words: %s", a.Body)
	}
	if a := s.Get(apptest.Ada, page); !a.Has("Nächste Wahl: 1. Oktober 2026") {
		t.Errorf("the next election: %s", a.Body)
	}
	s.read(func(tx *store.Tx) error {
		for person, n := range map[int64]int{apptest.Ada: 1, apptest.Dana: 1, apptest.Greta: 0, apptest.Silent: 0} {
			v, err := org.Viewer(tx, person, s.Now())
			if err != nil {
				return err
			}
			all, err := s.feature.Dates(tx, v, midnight(2026, 9, 1), midnight(2026, 11, 1))
			if err != nil || len(all) != n {
				t.Errorf("the calendar of %d has %d dates (%v)", person, len(all), err)
			}
		}
		return nil
	})
}

// A member agrees that those who come after may ask; those around never read it, and the consent ends when it is taken back.
func TestContact(t *testing.T) {
	s := newSite(t)
	if a := s.Post(apptest.Dana, page+"/kontakt", "contact", "dana@example.org", "go", "agree"); a.Code != 422 || !a.Has("Ohne Ihr Einverständnis") || !a.Has("dana@example.org") {
		t.Errorf("without consent: %d %s", a.Code, a.Body)
	}
	if a := s.Post(apptest.Dana, page+"/kontakt", "contact", " ", "agreed", "1", "go", "agree"); a.Code != 422 || !a.Has(`id="contact-error"`) {
		t.Errorf("without an address: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, page+"/kontakt", "contact", "ada@example.org", "agreed", "1", "go", "agree"); a.Code != 404 {
		t.Errorf("who never sat there: %d", a.Code)
	}
	if a := s.Post(apptest.Dana, page+"/kontakt", "contact", "0461 4711", "agreed", "1", "go", "agree"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Chair, page); !a.Has("0461 4711") || !a.Has("Diese Menschen dürfen Sie fragen") {
		t.Errorf("the board: %s", a.Body)
	}
	for _, p := range []int64{apptest.Ada, apptest.Hanna, apptest.Olga, apptest.Max} {
		if s.Get(p, page).Has("0461 4711") {
			t.Errorf("%d reads the contact", p)
		}
	}
	legacies := func() string {
		var all []string
		s.read(func(tx *store.Tx) error {
			v, err := org.Viewer(tx, apptest.Chair, s.Now())
			if err != nil {
				return err
			}
			list, err := s.feature.Legacy(tx, v, apptest.Council)
			for _, l := range list {
				all = append(all, l.Kind+": "+l.Title+" "+l.Note)
			}
			return err
		})
		return strings.Join(all, "\n")
	}
	for _, want := range []string{"contact: Dana Beirat 0461 4711", "missing: Es ist keine Amtszeit", "missing: Ein Amt ist nicht besetzt: Kasse", "missing: Es gibt noch keine eigene Geschäftsordnung", "missing: Der Tag der nächsten Wahl"} {
		if !strings.Contains(legacies(), want) {
			t.Errorf("%q is not left: %s", want, legacies())
		}
	}
	s.read(func(tx *store.Tx) error {
		v, err := org.Viewer(tx, apptest.Ada, s.Now())
		if err != nil {
			return err
		}
		if list, err := s.feature.Legacy(tx, v, apptest.Council); err == nil {
			t.Errorf("Ada reads what is left: %v", list)
		}
		x, err := s.feature.Export(tx, house.Subject{Person: apptest.Dana})
		if err != nil || !strings.Contains(apptestWords(x), "0461 4711 (Text 1)") {
			t.Errorf("Dana's export: %v, %v", x, err)
		}
		return nil
	})
	// The seat ends; the consent does not, and Dana takes it back herself.
	s.write(func(tx *store.Tx) error {
		return org.SetTerm(tx, 6, time.Unix(0, 0), s.Now().Unix())
	})
	if a := s.Get(apptest.Chair, page); !a.Has("0461 4711") || strings.Contains(s.seats(), "Dana") {
		t.Errorf("after the term: %s %s", s.seats(), a.Body)
	}
	if a := s.Post(apptest.Dana, page+"/kontakt", "go", "revoke"); a.Code != 303 || s.Get(apptest.Chair, page).Has("0461 4711") || strings.Contains(legacies(), "contact:") {
		t.Errorf("taken back: %d", a.Code)
	}
	if a := s.Post(apptest.Dana, page+"/kontakt", "go", "revoke"); a.Code != 404 {
		t.Errorf("taken back twice: %d", a.Code)
	}
}

// The page of a committee is found by those who may see it.
func TestFound(t *testing.T) {
	s := newSite(t)
	src := s.feature.Search[0]
	s.read(func(tx *store.Tx) error {
		docs, err := src.Docs(tx, []int64{apptest.Council, apptest.Sonne})
		if err != nil || len(docs) != 1 || docs[0].Title != "Elternbeirat Sonnenblume" || docs[0].Public || strings.Contains(docs[0].Body, "Vera") {
			t.Errorf("docs %+v, %v", docs, err)
		}
		for person, n := range map[int64]int{apptest.Ada: 1, apptest.Chair: 1, apptest.Dana: 1, apptest.Hanna: 1, apptest.Greta: 0, apptest.Arno: 0, apptest.Nobody: 0} {
			v := who.Viewer{ID: person}
			seen, err := src.Seen(tx, v, []int64{apptest.Council, apptest.Sonne})
			if err != nil || len(seen) != n {
				t.Errorf("%d sees %v (%v)", person, seen, err)
			}
			if found, err := src.Look(tx, v, []string{"elternbeirat"}, 5); err != nil || len(found) != n {
				t.Errorf("%d finds %v (%v)", person, found, err)
			}
		}
		return nil
	})
}
