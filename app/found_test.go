package app

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A finder is a house in which people look for something.
type finder struct{ *full }

// page writes a page, and returns its number.
func (f finder) page(by, unit int64, access, title, body string) int64 {
	f.t.Helper()
	w := f.do(by, f.form(by, "/wissen/neu", "unit", fmt.Sprint(unit), "access", access, "title", title, "body", body))
	id, err := strconv.ParseInt(strings.TrimPrefix(w.Header().Get("Location"), "/seite/"), 10, 64)
	if err != nil {
		f.t.Fatalf("%q by %d: %d %s", title, by, w.Code, said(w.Body.String()))
	}
	return id
}

// save writes a page anew; more are further fields.
func (f finder) save(by, page int64, title, body string, more ...string) {
	f.t.Helper()
	at := fmt.Sprintf("/seite/%d/bearbeiten", page)
	_, rest, _ := strings.Cut(f.get(by, at), `name="base" value="`)
	base, _, _ := strings.Cut(rest, `"`)
	f.done(by, at, append([]string{"title", title, "body", body, "base", base}, more...)...)
}

func (f finder) get(person int64, path string) string {
	f.t.Helper()
	return f.do(person, httptest.NewRequest("GET", apptest.Base+path, nil)).Body.String()
}

// attach puts a text file into the house and attaches it; the text is read once the tasks are done.
func (f finder) attach(by int64, owner string, ref int64, name, text string) int64 {
	f.t.Helper()
	x, err := f.Files.Receive(f.t.Context(), by, name, strings.NewReader(text))
	if err == nil {
		err = f.DB.Write(f.t.Context(), func(tx *store.Tx) error { return files.Attach(tx, by, []int64{x.ID}, owner, ref) })
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return x.ID
}

func (f finder) update() {
	f.t.Helper()
	f.Work(f.t)
	if err := f.Search.Update(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// ask searches as a person who may be nobody.
func (f finder) ask(person int64, words string) search.Answer {
	f.t.Helper()
	var a search.Answer
	err := f.DB.Read(f.t.Context(), func(tx *store.Tx) (err error) {
		var v who.Viewer
		if person != apptest.Nobody {
			if v, err = org.Viewer(tx, person, f.Now()); err != nil {
				return err
			}
		}
		a, err = f.Search.Search(f.t.Context(), v, search.Ask{Query: search.Parse(words), N: 100})
		return err
	})
	if err != nil {
		f.t.Fatalf("%q as %d: %v", words, person, err)
	}
	return a
}

// finds are the paths of what a person finds.
func (f finder) finds(person int64, words string) (paths []string) {
	f.t.Helper()
	for _, h := range f.ask(person, words).Hits {
		paths = append(paths, h.Path)
	}
	slices.Sort(paths)
	return paths
}

// TestWhoFinds: of pages of every kind, and of their files, everybody finds what they may read, and is counted no more.
func TestWhoFinds(t *testing.T) {
	f := finder{newHouse(t)}
	pages := map[int64]int64{} // file of a page
	for i, c := range []struct {
		by, unit int64
		access   string
	}{
		{apptest.Hanna, apptest.Sonne, "board"}, {apptest.Stefan, apptest.Sonne, "staff"}, {apptest.Hanna, apptest.Sonne, "unit"},
		{apptest.Hanna, apptest.Sonne, "house"}, {apptest.Hanna, apptest.Sonne, "public"}, {apptest.Max, apptest.CarrierA, "board"},
		{apptest.Max, apptest.CarrierA, "staff"}, {apptest.Max, apptest.CarrierA, "unit"}, {apptest.Olga, apptest.City, "staff"},
		{apptest.Arno, apptest.City, "staff"}, {apptest.Arno, apptest.City, "unit"}, {apptest.Olga, apptest.City, "board"}, {apptest.Olga, apptest.Office, "staff"},
		{apptest.Olga, apptest.Office, "unit"}, {apptest.Rosa, apptest.Regenbogen, "unit"}, {apptest.Chair, apptest.Council, "board"},
		{apptest.Dana, apptest.Council, "staff"}, {apptest.Chair, apptest.Council, "unit"}, {apptest.Chair, apptest.Council, "house"},
	} {
		title := fmt.Sprintf("Seite %d %s", c.unit, c.access)
		page := f.page(c.by, c.unit, c.access, fmt.Sprintf("%s %d", title, i), "Rhabarber")
		pages[page] = f.attach(c.by, "wiki", page, fmt.Sprintf("Blatt%d.txt", page), fmt.Sprintf("Holundersirup für alle, Exemplar %d", page))
		f.save(c.by, page, title, fmt.Sprintf("Rhabarberkuchen, siehe [Blatt](/datei/%d).", pages[page]))
	}
	f.update()
	pairs := 0
	check := func(state string, counted bool) {
		t.Helper()
		for person := int64(apptest.Nobody); person <= apptest.Chair; person++ {
			var mine, blatt []string
			for _, page := range slices.Sorted(maps.Keys(pages)) {
				path := fmt.Sprintf("/seite/%d", page)
				if w := f.do(person, httptest.NewRequest("GET", apptest.Base+path, nil)); w.Code == 200 {
					if strings.Contains(w.Body.String(), `rel="canonical"`) {
						path += fmt.Sprintf("-seite-%d-public", apptest.Sonne)
					}
					mine, blatt = append(mine, path), append(blatt, fmt.Sprintf("/datei/%d", pages[page]))
				}
			}
			slices.Sort(mine)
			slices.Sort(blatt)
			pairs += len(mine)
			for _, q := range []string{"Rhabarberkuchen", "Rhabarberk", "in:musterhausen Rhabarberkuchen"} {
				if got := f.finds(person, q); !slices.Equal(got, mine) {
					t.Errorf("%s: person %d finds %q with %s, may read %q", state, person, got, q, mine)
				}
			}
			if got := f.finds(person, "Holundersirup"); !slices.Equal(got, blatt) {
				t.Errorf("%s: person %d finds the files %q, may read %q", state, person, got, blatt)
			}
			if !counted {
				continue
			}
			for kind, q := range map[string]string{"wiki": "Rhabarberkuchen", "file": "Holundersirup"} {
				a := f.ask(person, q)
				sum, kinds := 0, 0
				for _, u := range a.Units {
					sum += u.Count
				}
				for _, k := range a.Kinds {
					if k.Value != kind {
						t.Errorf("%s: person %d is told of %v", state, person, k)
					}
					kinds += k.Count
				}
				if a.Total != len(mine) || sum != len(mine) || kinds != len(mine) {
					t.Errorf("%s: person %d may read %d, is told of %d, by unit %d, by kind %d", state, person, len(mine), a.Total, sum, kinds)
				}
			}
		}
	}
	check("as written", true)
	if pairs < 100 || pairs > 250 {
		t.Errorf("%d readers of pages: the story is too simple", pairs)
	}
	f.sql(`UPDATE membership SET state = 'suspended' WHERE person IN (?, ?)`, apptest.Stefan, apptest.Chair)
	f.sql(`UPDATE membership SET until = ? WHERE person = ?`, f.Now().Unix(), apptest.Max)
	f.sql(`UPDATE guardian SET informed = 0 WHERE person = ?`, apptest.Cem)
	check("terms have ended", true)
	f.Search.Close()
	check("without an index", false)
}

// TestFoundAsShown: what is found is what readers see now. A draft, an earlier revision, the bin, a page that fewer may read
// and a file that no shown text names are not found, nor counted, also while the index has not heard of it.
func TestFoundAsShown(t *testing.T) {
	f := finder{newHouse(t)}
	page := f.page(apptest.Hanna, apptest.Sonne, "unit", "Speiseplan", "Es gibt Linseneintopf.")
	f.update()
	none := func(state, words string, persons ...int64) {
		t.Helper()
		for _, p := range persons {
			if a := f.ask(p, words); len(a.Hits) > 0 || a.Total > 0 || len(a.Kinds)+len(a.Units)+len(a.Years) > 0 {
				t.Errorf("%s: person %d finds %d of %d with %s", state, p, len(a.Hits), a.Total, words)
			}
		}
	}
	one := func(state, words string, persons ...int64) search.Hit {
		t.Helper()
		var hit search.Hit
		for _, p := range persons {
			a := f.ask(p, words)
			if len(a.Hits) != 1 {
				t.Fatalf("%s: person %d finds %d with %s", state, p, len(a.Hits), words)
			}
			hit = a.Hits[0]
		}
		return hit
	}
	one("written", "linseneintöpfe", apptest.Ada, apptest.Hanna)
	none("who has written it", "von:hanna Linseneintopf", apptest.Ada)
	f.save(apptest.Hanna, page, "Speiseplan", "Es gibt Milchreis.")
	f.update()
	none("an earlier revision", "Linseneintopf", apptest.Ada, apptest.Hanna)
	one("the next", "Milchreis", apptest.Ada)

	f.done(apptest.Hanna, "/archiv/4/einstellungen", "approve", "1")
	file := f.attach(apptest.Stefan, "wiki", page, "Zutaten.txt", "Safran und Kardamom")
	f.save(apptest.Stefan, page, "Geheimrezept", fmt.Sprintf("Es gibt Grießbrei, siehe [Zutaten](/datei/%d).", file))
	f.update()
	for _, q := range []string{"Grießbrei", "Geheimrezept", "Kardamom", "Zutaten"} {
		none("not released", q, apptest.Ada, apptest.Stefan, apptest.Hanna)
	}
	f.done(apptest.Hanna, "/fassung/3/freigeben")
	f.update()
	one("released", "griessbrei", apptest.Ada)
	hit := one("its file", "kardamon", apptest.Ada) // with a slip
	marked := ""
	for _, p := range hit.Text {
		if p.Hit {
			marked += p.Text
		}
	}
	if hit.Doc.Title != "Zutaten.txt" || hit.In != "Geheimrezept" || hit.InPath != fmt.Sprintf("/seite/%d", page) || hit.UnitName != "Kita Sonnenblume" || hit.Label != "Dateien" || marked != "Kardamom" {
		t.Errorf("the hit: %+v", hit)
	}
	if b := f.get(apptest.Ada, "/suche?q=Kardamom"); !strings.Contains(b, fmt.Sprintf(`href="/datei/%d"`, file)) || !strings.Contains(b, fmt.Sprintf(`<a class="where small" href="/seite/%d">Steht bei: Geheimrezept</a>`, page)) {
		t.Errorf("the page: %s", said(b))
	}

	// Fewer may read it: at once, and the index still has the old marks.
	f.done(apptest.Hanna, fmt.Sprintf("/seite/%d/leser", page), "access", "staff")
	for range 2 {
		none("narrowed", "Grießbrei", apptest.Ada)
		none("narrowed", "Kardamom", apptest.Ada)
		if a := f.ask(apptest.Stefan, "Kardamom"); len(a.Hits) != 1 {
			t.Error("the team does not find the file")
		}
		f.update()
	}
	// Restoring the earlier revision takes the file out of what is shown.
	f.done(apptest.Hanna, "/archiv/4/einstellungen")
	f.done(apptest.Hanna, "/fassung/1/wiederherstellen")
	for range 2 {
		none("restored", "Kardamom", apptest.Stefan, apptest.Hanna)
		f.update()
	}
	one("restored", "Linseneintopf", apptest.Stefan)
	f.done(apptest.Hanna, fmt.Sprintf("/seite/%d/entfernen", page))
	for range 2 {
		none("in the bin", "Linseneintopf", apptest.Stefan, apptest.Hanna)
		f.update()
	}
	f.Search.Close()
	for _, q := range []string{"Linseneintopf", "Grießbrei", "Kardamom", "Milchreis"} {
		none("in the bin, without an index", q, apptest.Stefan, apptest.Hanna)
	}
}

// TestFileOfAnnouncement: a file is found by whom it was sent to, once it has been read.
func TestFileOfAnnouncement(t *testing.T) {
	f := finder{newHouse(t)}
	x, err := f.Files.Receive(t.Context(), apptest.Hanna, "Packliste.txt", strings.NewReader("Betreuungsgutschein und Regenjacke"))
	if err != nil {
		t.Fatal(err)
	}
	f.done(apptest.Hanna, "/mitteilungen/neu", "unit", "4", "audience", "5", "role", "parent", "title", "Ausflug", "body", "Morgen", "file", fmt.Sprint(x.ID))
	if err := f.Search.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := f.finds(apptest.Ada, "Packliste"); len(got) != 1 {
		t.Errorf("by its name, before it was read: %q", got)
	}
	if got := f.finds(apptest.Ada, "Gutschein"); len(got) != 0 {
		t.Errorf("by its text, before it was read: %q", got)
	}
	f.update()
	for person := int64(apptest.Nobody); person <= apptest.Chair; person++ {
		want := f.do(person, httptest.NewRequest("GET", apptest.Base+"/mitteilung/1", nil)).Code == 200
		for _, q := range []string{"Gutschein", "Packliste"} {
			if got := f.finds(person, q); (len(got) == 1) != want {
				t.Errorf("person %d, who sees the announcement: %v, finds %q with %s", person, want, got, q)
			}
		}
	}
}

// TestFoundWithinASecond: what is saved is found within a second, by whoever is allowed to, also without sign-in.
func TestFoundWithinASecond(t *testing.T) {
	f := finder{newHouse(t)}
	f.update()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); f.Search.Run(ctx) }()
	defer func() { stop(); <-ended }()
	for i := range 5 {
		word := fmt.Sprintf("Flohmarkt%d", i)
		page := f.page(apptest.Olga, apptest.City, "public", word, "Am Sonntag.")
		begin := time.Now()
		for !strings.Contains(f.get(apptest.Nobody, "/suche?q="+word), fmt.Sprintf(`href="/seite/%d-`, page)) {
			if time.Since(begin) > time.Second {
				t.Fatal("not found after a second")
			}
			f.Clock.Add(time.Minute) // a person may ask 60 times
		}
		t.Log(time.Since(begin).Round(time.Millisecond))
	}
}
