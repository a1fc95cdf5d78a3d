// Package search (Suche) is the one box that finds what all features keep: base/search does the finding, the features say
// what there is and who may see it.
package search

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

type feature struct {
	*house.House
	pages *web.Pages
}

// New makes the feature.
func New(h *house.House) house.Feature {
	f := feature{h, web.Parse(files)}
	return house.Feature{
		Name:   "search",
		Routes: []web.Route{web.Get("/suche", who.Anyone, f.index)},
	}
}

const (
	pageSize = 10
	lastPage = 20 // who has not found it on these asks another way
	patience = 5 * time.Second
)

// limit is for whoever asks: a search costs more than a page.
func limit() web.Limit { return web.Limit{Name: "search", N: 60, In: time.Minute} }

type indexPage struct {
	web.Page
	Query  string
	Kind   string // chosen; "": all
	Unit   int64  // chosen; 0: all
	Year   string // chosen; "": all
	Answer search.Answer
	Asked  bool
	Facets []facet
	Older  string // path of the next page; "": none
	Newer  string // of the one before
}

// A facet is a way to make the list of hits shorter, or longer again.
type facet struct {
	search.Facet
	To     string
	Chosen bool
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	values := r.URL.Query()
	p := indexPage{Page: web.NewPage(r, v, "Suche"), Kind: values.Get("art"), Year: values.Get("jahr")}
	p.Unit, _ = strconv.ParseInt(values.Get("einheit"), 10, 64) // 0: all
	no, _ := strconv.Atoi(values.Get("seite"))                  // 0: the first
	no = max(0, min(no, lastPage-1))
	q := search.Parse(values.Get("q"))
	if p.Query = q.String(); !q.Empty() {
		who := strconv.FormatInt(v.ID, 10)
		if v.ID == 0 {
			who = web.Prefix(r)
		}
		if err := f.Limits.Take(limit(), who); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		var err error
		p.Asked = true
		p.Answer, err = f.Search.Search(ctx, v, search.Ask{Query: q, Kind: p.Kind, Unit: p.Unit, Year: p.Year, From: no * pageSize, N: pageSize})
		if err != nil {
			return err
		}
		p.facets()
		if p.Answer.More && no+1 < lastPage {
			p.Older = p.at("seite", strconv.Itoa(no+1))
		}
		if no > 0 {
			p.Newer = p.at("seite", strconv.Itoa(no-1))
		}
	}
	return f.pages.Render(w, r, "index.html", p)
}

// at is the page with one thing changed, and from its beginning unless that is the thing.
func (p indexPage) at(key, value string) string {
	u := url.Values{"q": {p.Query}}
	set := func(k, v string) {
		if k == key {
			v = value
		}
		if v != "" && v != "0" {
			u.Set(k, v)
		}
	}
	set("art", p.Kind)
	set("einheit", strconv.FormatInt(p.Unit, 10))
	set("jahr", p.Year)
	set("seite", "")
	return "/suche?" + u.Encode()
}

// facets offers what divides the hits; of what all have in common only the chosen one, to be taken back.
func (p *indexPage) facets() {
	add := func(key, chosen string, all []search.Facet) {
		i := slices.IndexFunc(all, func(f search.Facet) bool { return f.Value == chosen })
		switch {
		case i >= 0:
			p.Facets = append(p.Facets, facet{all[i], p.at(key, ""), true})
		case chosen != "" && chosen != "0":
			p.Facets = append(p.Facets, facet{search.Facet{Label: "Alles zeigen"}, p.at(key, ""), true})
		case len(all) > 1:
			for _, f := range all {
				p.Facets = append(p.Facets, facet{f, p.at(key, f.Value), false})
			}
		}
	}
	add("art", p.Kind, p.Answer.Kinds)
	add("einheit", strconv.FormatInt(p.Unit, 10), p.Answer.Units)
	add("jahr", p.Year, p.Answer.Years)
}
