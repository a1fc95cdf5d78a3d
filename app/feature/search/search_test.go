package search_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	page "nestfunk/app/feature/search"
)

// notes are rows of a table that belongs to this test: what a feature with something to find would keep.
func notes(now func() time.Time) house.Feature {
	return house.Feature{Name: "note", Search: []search.Source{{Kind: "note", Label: "Mitteilungen",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT id FROM note WHERE id > ? ORDER BY id LIMIT ?`, above, n)
		},
		Docs: func(tx *store.Tx, ids []int64) (all []search.Doc, err error) {
			for _, id := range ids {
				some, err := store.All(tx, func(d *search.Doc) []any {
					return []any{&d.Ref, &d.Unit, &d.Title, &d.Body, (*store.Time)(&d.At), &d.Public}
				}, `SELECT id, unit, title, body, at, roles = 0 FROM note WHERE id = ?`, id)
				if err != nil {
					return nil, err
				}
				for _, d := range some {
					roles, err := store.One(tx, store.Value[int64], `SELECT roles FROM note WHERE id = ?`, id)
					if err != nil {
						return nil, err
					}
					d.At, d.Path = house.Local(d.At), fmt.Sprintf("/note/%d", d.Ref)
					if !d.Public {
						d.Reach = []search.Reach{{Unit: d.Unit, Roles: who.Right(roles)}}
					}
					all = append(all, d)
				}
			}
			return all, nil
		},
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) (seen []int64, err error) {
			for _, id := range ids {
				n, err := store.One(tx, store.Value[int], `
					SELECT count(*) FROM note n WHERE n.id = ?1 AND (n.roles = 0 OR EXISTS (
						SELECT 1 FROM reach r WHERE r.person = ?2 AND r.unit = n.unit AND r.since <= ?3 AND r.until > ?3 AND (n.roles & r.mask) <> 0))`,
					id, v.ID, now().Unix())
				if err != nil {
					return nil, err
				}
				if n > 0 {
					seen = append(seen, id)
				}
			}
			return seen, nil
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT DISTINCT n.id FROM note n LEFT JOIN reach r ON r.person = ?1 AND r.unit = n.unit AND r.since <= ?2 AND r.until > ?2
				WHERE (n.roles = 0 OR (n.roles & r.mask) <> 0) AND instr(lower(n.title || n.body), lower(?3)) > 0 ORDER BY n.id DESC LIMIT ?4`,
				v.ID, now().Unix(), words[0], n)
		},
	}}}
}

const (
	all      = 0
	parents  = 1 << who.Parent
	staff    = 1 << who.Staff
	delegate = 1 << who.Delegate
)

type site struct {
	*apptest.Site
	h *apptest.House
	t *testing.T
}

// open is a house with notes; its index is up to date.
func open(t *testing.T) *site {
	h := apptest.New(t)
	s := &site{h.Serve(t, notes(h.Now), page.New(h.House)), h, t}
	s.sql(`CREATE TABLE note (id INTEGER PRIMARY KEY, unit INTEGER NOT NULL, roles INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL)`)
	return s
}

func (s *site) sql(query string, args ...any) {
	s.t.Helper()
	if err := s.h.DB.Write(s.t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) note(id, unit, roles int64, title, body string) {
	s.t.Helper()
	s.sql(`INSERT OR REPLACE INTO note (id, unit, roles, title, body, at) VALUES (?, ?, ?, ?, ?, ?)`, id, unit, roles, title, body, s.h.Now().Unix())
	if err := s.h.DB.Write(s.t.Context(), func(tx *store.Tx) error { return search.Changed(tx, "note", id) }); err != nil {
		s.t.Fatal(err)
	}
	s.update()
}

func (s *site) update() {
	s.t.Helper()
	if err := s.h.Search.Update(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func TestOneBox(t *testing.T) {
	s := open(t)
	s.note(1, apptest.Sonne, parents, "Neue Verpflegungsgebührensatzung", "Ab August gilt die <b>neue</b> Satzung für das Mittagessen.")
	s.note(2, apptest.Sonne, parents, "Elternabend", "Es geht um Gebühren & mehr.")
	empty := s.Get(apptest.Ada, "/suche")
	if empty.Code != 200 || !empty.Has("So finden Sie mehr") || empty.Has("Nichts gefunden") {
		t.Errorf("the empty box: %d\n%s", empty.Code, empty.Body)
	}
	a := s.Get(apptest.Ada, "/suche?q=Gebuehr")
	both := strings.Index(a.Body, "/note/2") // the word itself in a text …
	if !a.Has("<mark>Verpflegungsgebührensatzung</mark>") || !a.Has("<mark>Gebühren</mark> &amp; mehr") || both < 0 || !a.Has("Treffer: 2") || !a.Has("Kita Sonnenblume") {
		t.Errorf("hits:\n%s", a.Body)
	}
	if a := s.Get(apptest.Ada, "/suche?q=Mittagessen"); !a.Has("/note/1") || a.Has("<b>neue</b>") {
		t.Errorf("the text is not shown as text:\n%s", a.Body)
	}
	if a := s.Get(apptest.Ada, "/suche?q=Elternabnd"); !a.Has("/note/2") || !a.Has("Genau so steht es nirgends") {
		t.Errorf("a slip of the finger:\n%s", a.Body)
	}
	if a := s.Get(apptest.Ada, "/suche?q=Xylophonkonzert"); !a.Has("Nichts gefunden.") || a.Has("/note/") {
		t.Errorf("nothing:\n%s", a.Body)
	}
	if a := s.Get(apptest.Cem, "/suche?q=Elternabend"); !a.Has("Sonuç: 1") {
		t.Errorf("in Turkish:\n%s", a.Body)
	}
}

// TestNobodyFindsMore asks as everybody, with and without the index: what the view "reach" lets a person see is found, and
// neither hits nor counts tell of anything else.
func TestNobodyFindsMore(t *testing.T) {
	s := open(t)
	s.sql(`UPDATE person SET language = 'de'`)
	id := int64(0)
	for unit := int64(apptest.City); unit <= apptest.Council; unit++ {
		for _, roles := range []int64{all, parents, staff, delegate, parents | staff} {
			id++
			s.note(id, unit, roles, fmt.Sprintf("Quittung Nummer%d", id), "Marmelade")
		}
	}
	may := func(person int64) (n int) {
		err := s.h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			n, err = store.One(tx, store.Value[int], `
				SELECT count(*) FROM note n WHERE n.roles = 0 OR EXISTS (SELECT 1 FROM reach r WHERE r.person = ? AND r.unit = n.unit
					AND r.since <= ? AND r.until > ? AND (n.roles & r.mask) <> 0)`, person, s.h.Now().Unix(), s.h.Now().Unix())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for person := int64(apptest.Nobody); person <= apptest.Chair; person++ {
		if a := s.Get(person, "/suche?q=marmelade"); !a.Has(fmt.Sprintf("Treffer: %d<", may(person))) {
			t.Errorf("person %d may see %d notes:\n%s", person, may(person), a.Body)
		}
	}
	sees := func(person, id int64) (ok bool) {
		err := s.h.DB.Read(t.Context(), func(tx *store.Tx) error {
			seen, err := notes(s.h.Now).Search[0].Seen(tx, who.Viewer{ID: person}, []int64{id})
			ok = len(seen) == 1
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	// A right that has ended ends at once, also while the index has not heard of it.
	before := may(apptest.Stefan)
	s.sql(`UPDATE membership SET state = 'suspended' WHERE person = ?`, apptest.Stefan)
	if a := s.Get(apptest.Stefan, "/suche?q=marmelade"); before <= 10 || !a.Has(fmt.Sprintf("Treffer: %d<", may(apptest.Stefan))) {
		t.Errorf("suspended, after %d:\n%s", before, a.Body)
	}
	// A document whose readers have changed is not shown by the old rule.
	s.sql(`UPDATE note SET roles = ? WHERE id = 1`, staff)
	if a := s.Get(apptest.Nobody, "/suche?q=Nummer1"); a.Has("/note/1\"") {
		t.Errorf("the index lets in whom the database does not:\n%s", a.Body)
	}
	s.h.Search.Close()
	for person := int64(apptest.Nobody); person <= apptest.Chair; person++ {
		for _, n := range []int64{7, 22, 28, 43} {
			a := s.Get(person, fmt.Sprintf("/suche?q=Nummer%d", n))
			if got, want := a.Has(fmt.Sprintf("\"/note/%d\"", n)), sees(person, n); got != want {
				t.Errorf("without the index person %d finds note %d: %v, may see it: %v", person, n, got, want)
			}
			if !a.Has("neu aufgebaut") {
				t.Errorf("person %d is not told that there is no index", person)
			}
		}
	}
}

func TestFacets(t *testing.T) {
	s := open(t)
	for i := range int64(12) {
		s.note(i+1, []int64{apptest.Sonne, apptest.Kaefer}[i%2], parents, fmt.Sprintf("Ausflug %d", i+1), "In den Wald")
	}
	a := s.Get(apptest.Ada, "/suche?q=ausflug")
	if !a.Has("Treffer: 12") || !a.Has("einheit=5&amp;q=ausflug") || !a.Has(">Käfer <span class=\"muted\">6<") || !a.Has("seite=1") {
		t.Errorf("facets:\n%s", a.Body)
	}
	if a := s.Get(apptest.Ada, "/suche?q=ausflug&einheit=5"); !a.Has("Treffer: 6") || !a.Has("Auswahl aufheben") || !a.Has(`name="einheit" value="5"`) {
		t.Errorf("one unit:\n%s", a.Body)
	}
	if a := s.Get(apptest.Ada, "/suche?q=ausflug&seite=1"); strings.Count(a.Body, "/note/") != 2 || !a.Has("Zurück") {
		t.Errorf("the second page:\n%s", a.Body)
	}
	if a := s.Get(apptest.Ada, "/suche?q=in:käfer+wald"); !a.Has("Treffer: 6") {
		t.Errorf("in a unit by its name:\n%s", a.Body)
	}
	for _, odd := range []string{"/suche?q=%00%ff", "/suche?q=" + strings.Repeat("x", 5000), "/suche?q=\"&einheit=x&jahr=y&seite=-9", "/suche?q=-", "/suche?q=die", "/suche?q=wald&einheit=999"} {
		if a := s.Get(apptest.Ada, odd); a.Code != 200 {
			t.Errorf("%.40s: %d", odd, a.Code)
		}
	}
}

func TestLimit(t *testing.T) {
	s := open(t)
	for i := range 60 {
		if a := s.Get(apptest.Ada, "/suche?q=wald"); a.Code != 200 {
			t.Fatalf("search %d: %d", i+1, a.Code)
		}
	}
	if a := s.Get(apptest.Ada, "/suche?q=wald"); a.Code != 429 {
		t.Errorf("the sixty-first search of a minute: %d", a.Code)
	}
	if a := s.Get(apptest.Bert, "/suche?q=wald"); a.Code != 200 {
		t.Errorf("somebody else: %d", a.Code)
	}
	s.h.Clock.Add(time.Minute)
	if a := s.Get(apptest.Ada, "/suche?q=wald"); a.Code != 200 {
		t.Errorf("a minute later: %d", a.Code)
	}
}
