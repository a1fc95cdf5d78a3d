// Package handbook (Handbuch) shows the pages of assets/handbook: what people, heads and operators need to know about
// the house. They are part of the program, so that they always fit it, and are shown without sign-in.
package handbook

import (
	"embed"
	"html/template"
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/assets/handbook"
)

//go:embed *.html
var files embed.FS

// A sheet is one page of the handbook.
type sheet struct {
	handbook.Page
	HTML       template.HTML
	Prev, Next *handbook.Page // nil: there is none
}

type feature struct {
	pages  *web.Pages
	sheets []sheet
}

// New makes the feature. The pages are rendered once.
func New() house.Feature {
	f := feature{pages: web.Parse(files)}
	all := handbook.Pages()
	for i, p := range all {
		s := sheet{Page: p, HTML: text.Page(p.Body)}
		if i > 0 {
			s.Prev = &all[i-1]
		}
		if i+1 < len(all) {
			s.Next = &all[i+1]
		}
		f.sheets = append(f.sheets, s)
	}
	return house.Feature{
		Name:   "handbook",
		Search: []search.Source{source(all)},
		Routes: []web.Route{
			web.Get("/handbuch", who.Anyone, f.index),
			web.Get("/handbuch/:slug", who.Anyone, f.show),
		},
	}
}

type indexPage struct {
	web.Page
	Sheets []sheet
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.pages.Render(w, r, "index.html", indexPage{web.NewPage(r, v, "Handbuch").In("de"), f.sheets})
}

type showPage struct {
	web.Page
	Sheet sheet
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	for _, s := range f.sheets {
		if s.Slug == web.Word(r, "slug") {
			return f.pages.Render(w, r, "show.html", showPage{web.NewPage(r, v, s.Title).In("de"), s})
		}
	}
	return fault.Gone()
}
