// Package handbook (Handbuch) shows the pages of assets/handbook: what people, heads and operators need to know about
// the house. They are part of the program, so that they always fit it, and are shown without sign-in.
package handbook

import (
	"embed"
	"html/template"
	"net/http"
	"slices"

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
	Right      who.Right // whom it concerns before others
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
		s := sheet{Page: p, Right: concerns(p.For), HTML: text.Resolve(text.Archive(p.Body), func(string) (string, bool) { return "", false })}
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
			web.Get("/handbuch", who.Whoever, f.index),
			web.Get("/handbuch/:slug", who.Whoever, f.show),
		},
	}
}

// concerns is the right of roles by their German words; none: everybody.
func concerns(words []string) (r who.Right) {
	if words == nil {
		return who.Anyone
	}
	for _, role := range who.Roles() {
		if slices.Contains(words, role.Word()) {
			r |= who.Of(role)
		}
	}
	return r
}

type indexPage struct {
	web.Page
	Mine, Others []sheet // what concerns the viewer, and what is there besides
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Handbuch").In("de")}
	for _, s := range f.sheets {
		if v.ID != 0 && v.May(s.Right) {
			p.Mine = append(p.Mine, s)
		} else {
			p.Others = append(p.Others, s)
		}
	}
	return f.pages.Render(w, r, "index.html", p)
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
