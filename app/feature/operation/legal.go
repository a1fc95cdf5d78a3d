package operation

import (
	"embed"
	"html/template"
	"net/http"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// The legal pages stand in the archive of the city once somebody has written them (Seeds). Until then they say what the
// program itself does, and promise nothing else: *-none.md. What both have in common stands once.
//
//go:embed legal/*.md
var legal embed.FS

// words are those of a file of legal/.
func words(name string) string {
	b, err := legal.ReadFile("legal/" + name + ".md")
	if err != nil {
		panic(err) // it is part of the binary
	}
	return string(b)
}

// What a legal page is there for.
const (
	imprint       = "imprint"
	privacy       = "privacy"
	accessibility = "accessibility"
)

// Seeds are the legal pages as they wait to be completed.
func Seeds() []house.Seed {
	return []house.Seed{
		{Purpose: imprint, Title: "Impressum", Body: words("imprint-seed")},
		{Purpose: privacy, Title: "Datenschutzerklärung", Body: words("privacy-seed") + words("privacy")},
		{Purpose: accessibility, Title: "Erklärung zur Barrierefreiheit", Body: words("accessibility-seed") + words("accessibility")},
	}
}

// A Written finds what somebody has written for a purpose; "": nobody has yet.
type Written func(tx *store.Tx, purpose string) (template.HTML, error)

// A legalPage is a public page. Its text is German, whatever the language around it.
type legalPage struct {
	web.Page
	Body    template.HTML
	Notices []template.HTML // what others have made
	Demo    bool
}

func (f *feature) imprint(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	notices := []template.HTML{text.Page(words("notices"))}
	if f.Demo {
		notices = append([]template.HTML{text.Page(words("demo"))}, notices...)
	}
	return f.legal(w, r, v, "Impressum", imprint, words("imprint-none"), notices...)
}

func (f *feature) privacy(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.legal(w, r, v, "Datenschutz", privacy, words("privacy-none")+"\n"+words("privacy"))
}

func (f *feature) accessibility(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.legal(w, r, v, "Barrierefreiheit", accessibility, words("accessibility"))
}

// legal shows what was written for a purpose, or what stands in for it.
func (f *feature) legal(w http.ResponseWriter, r *http.Request, v who.Viewer, title, purpose, instead string, notices ...template.HTML) error {
	p := legalPage{Page: web.NewPage(r, v, title), Notices: notices, Demo: f.Demo}
	p.Title = p.L().T(title)
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Body, err = f.written(tx, purpose)
		return err
	})
	if err != nil {
		return err
	}
	if p.Body == "" {
		p.Body = text.Page(instead)
	}
	return f.pages.Render(w, r, "legal.html", p)
}
