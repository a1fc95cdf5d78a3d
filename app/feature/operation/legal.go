package operation

import (
	_ "embed"
	"html/template"
	"net/http"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// What the pages say until an operator has written something better. They promise nothing that the program does not do.
var (
	//go:embed imprint.md
	noImprint string
	//go:embed privacy.md
	noPrivacy string
	//go:embed accessibility.md
	accessible string
	//go:embed notices.md
	notices string
	//go:embed demo.md
	demoNotices string
)

// A legalPage is a public page. Its text is German, whatever the language around it.
type legalPage struct {
	web.Page
	Body    template.HTML
	Notices []template.HTML // what others have made
	Demo    bool
}

func public(r *http.Request, v who.Viewer, title string) web.Page {
	p := web.NewPage(r, v, title)
	p.Title = p.L().T(title)
	return p
}

func (f *feature) imprint(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := legalPage{Page: public(r, v, "Impressum"), Demo: f.Demo}
	if f.Demo {
		p.Notices = append(p.Notices, text.Page(demoNotices))
	}
	p.Notices = append(p.Notices, text.Page(notices))
	return f.legal(w, r, p, settings.Imprint, noImprint)
}

func (f *feature) privacy(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.legal(w, r, legalPage{Page: public(r, v, "Datenschutz"), Demo: f.Demo}, settings.Privacy, noPrivacy)
}

func (f *feature) accessibility(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := legalPage{Page: public(r, v, "Barrierefreiheit"), Demo: f.Demo, Body: text.Page(accessible)}
	return f.pages.Render(w, r, "legal.html", p)
}

// legal shows a text of the settings, or what stands in for it.
func (f *feature) legal(w http.ResponseWriter, r *http.Request, p legalPage, name, instead string) error {
	var words string
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		words, err = f.Settings.Get(tx, name)
		return err
	})
	if err != nil {
		return err
	}
	if words == "" {
		words = instead
	}
	p.Body = text.Page(words)
	return f.pages.Render(w, r, "legal.html", p)
}
