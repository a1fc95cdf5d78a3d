// Package home has the small pages of the house itself: the menu for phones, and what machines ask every site.
package home

import (
	"embed"
	"io"
	"net/http"

	"nestfunk/app/base/house"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

type feature struct{ pages *web.Pages }

// New makes the feature.
func New() house.Feature {
	f := feature{web.Parse(files)}
	return house.Feature{
		Name: "home",
		Routes: []web.Route{
			web.Get("/menue", who.Anyone, f.menu),
			web.Get("/robots.txt", who.Whoever, robots),
		},
	}
}

type menuPage struct {
	web.Page
	Roles []who.Role // in which the viewer acts
}

func (f feature) menu(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := menuPage{Page: web.NewPage(r, v, "Menü")}
	for _, x := range who.Roles() {
		if v.Roles().Has(x) {
			p.Roles = append(p.Roles, x)
		}
	}
	web.KeepOffline(w, v) // here one signs out, also without a connection
	return f.pages.Render(w, r, "menu.html", p)
}

// robots lets search engines see what anybody sees without signing in, so that families find the house of their city,
// and asks them to stay away from addresses that are somebody's own.
func robots(w http.ResponseWriter, _ *http.Request, _ who.Viewer) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, "User-agent: *\nDisallow: /l/\nDisallow: /b/\nDisallow: /i$\nDisallow: /demo/\nDisallow: /*?\n")
	return err
}
