package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// page begins a page of this feature: in German, the language of the files and
// of those who keep them.
func (f *feature) page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

// A Part is a stretch of a list of units.
type Part struct {
	Title string
	Note  string
	Fold  bool // shown when asked for
	Rows  []Row
}

// many is from how many carriers on a list is folded by letter.
const many = 40

// parts orders the units below one for showing.
func parts(u org.Unit, rows []Row, now time.Time) (all []Part) {
	by := map[org.Kind][]Row{}
	var ended []Row
	for _, r := range rows {
		if r.Ended = r.until <= now.Unix(); r.Ended {
			ended = append(ended, r)
		} else {
			by[r.Kind] = append(by[r.Kind], r)
		}
	}
	for _, k := range []org.Kind{org.Office, org.Committee, org.Carrier, org.Facility, org.Group} {
		rows := by[k]
		if len(rows) == 0 {
			continue
		}
		slices.SortStableFunc(rows, func(a, b Row) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
		p := Part{Title: plural(k), Rows: rows}
		if k == org.Facility && u.Kind == org.City {
			p.Title, p.Note = "Einrichtungen ohne Träger", "Träger fehlt"
		}
		if len(rows) <= many {
			all = append(all, p)
			continue
		}
		all = append(all, letters(p)...)
	}
	if len(ended) > 0 {
		all = append(all, Part{Title: "Beendet", Fold: true, Rows: ended})
	}
	return all
}

// letters folds a long list by the first letter of the names.
func letters(p Part) (all []Part) {
	last := ""
	for _, r := range p.Rows {
		letter := "0–9"
		for _, c := range fold(r.Name) {
			if c >= 'a' && c <= 'z' {
				letter = strings.ToUpper(string(c))
			}
			break
		}
		if letter != last || len(all) == 0 {
			all = append(all, Part{Title: p.Title + ": " + letter, Note: p.Note, Fold: true})
			last = letter
		}
		n := len(all) - 1
		all[n].Rows = append(all[n].Rows, r)
	}
	return all
}

// fold makes names comparable: without case and without marks on letters.
func fold(s string) string { return folding.Replace(strings.ToLower(s)) }

var folding = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss", "ø", "o", "å", "a", "æ", "ae", "é", "e", "è", "e",
	"„", "", "“", "", "\"", "", "»", "", "«", "", "'", "", "(", "")

func plural(k org.Kind) string {
	switch k {
	case org.Office:
		return "Ämter"
	case org.Carrier:
		return "Träger"
	case org.Facility:
		return "Einrichtungen"
	case org.Group:
		return "Gruppen"
	}
	return "Gremien"
}

// Below says in words what lies below a unit.
func (r Row) Below() string {
	var all []string
	for _, c := range []struct {
		n         int
		one, more string
		of        []org.Kind
	}{
		{r.Facilities, "Einrichtung", "Einrichtungen", []org.Kind{org.City, org.Carrier}},
		{r.Groups, "Gruppe", "Gruppen", []org.Kind{org.Facility}},
		{r.Children, "Kind", "Kinder", []org.Kind{org.City, org.Carrier, org.Facility, org.Group}},
	} {
		if c.n == 0 && r.Kind != org.Group || !slices.Contains(c.of, r.Kind) {
			continue
		}
		word := c.more
		if c.n == 1 {
			word = c.one
		}
		all = append(all, fmt.Sprintf("%d %s", c.n, word))
	}
	return strings.Join(all, ", ")
}

// A Top is a unit that the viewer looks after, at the top of the tree.
type Top struct {
	Unit  org.Unit
	Parts []Part
}

type indexPage struct {
	web.Page
	Tops     []Top
	Query    string
	Hits     []Row
	Count    int  // of hits; more than Hits holds
	Importer bool // may read lists of facilities
	Families bool // may read lists of families
}

const mostHits = 100

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: f.page(r, v, "Stammdaten"), Query: strings.TrimSpace(r.URL.Query().Get("q")),
		Importer: v.May(who.Of(who.Admin, who.Office)), Families: v.May(who.Registrars)}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		units, err := org.Tops(tx, v.ID, visitors, now)
		if err != nil {
			return err
		}
		for _, u := range units {
			if p.Query != "" {
				all, err := allBelow(tx, u.ID)
				if err != nil {
					return err
				}
				p.find(all, now)
				continue
			}
			rows, err := below(tx, u.ID, now)
			if err != nil {
				return err
			}
			p.Tops = append(p.Tops, Top{u, parts(u, rows, now)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// find keeps the units that the query names.
func (p *indexPage) find(all []Row, now time.Time) {
	q := fold(p.Query)
	for _, r := range all {
		if !strings.Contains(fold(r.Name), q) {
			continue
		}
		if p.Count++; len(p.Hits) < mostHits {
			r.Ended = r.until <= now.Unix()
			p.Hits = append(p.Hits, r)
		}
	}
}
