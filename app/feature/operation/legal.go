package operation

import (
	"embed"
	"html/template"
	"net/http"

	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
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

// A Notice is what the program itself says of the data that the house has.
type Notice func(tx *store.Tx) (template.HTML, error)

// A legalPage is a public page. Its text is German, whatever the language around it.
type legalPage struct {
	web.Page
	Body    template.HTML
	By      settings.Operator // where nobody has written a page of their own
	Notices []template.HTML   // what others have made
	Demo    bool
	Report  bool // tells how to report a barrier
}

func (f *feature) imprint(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	notices := []template.HTML{text.Page(words("notices"))}
	if f.Demo {
		notices = append([]template.HTML{text.Page(words("demo"))}, notices...)
	}
	return f.legal(w, r, v, "Impressum", imprint, words("imprint-none"), notices...)
}

func (f *feature) privacy(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	var notices []template.HTML
	if f.notice != nil {
		err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
			n, err := f.notice(tx)
			if n != "" {
				notices = append(notices, n)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return f.legal(w, r, v, "Datenschutz", privacy, words("privacy-none")+"\n"+words("privacy"), notices...)
}

func (f *feature) accessibility(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.legal(w, r, v, "Barrierefreiheit", accessibility, words("accessibility-none")+words("accessibility"))
}

// legal shows what was written for a purpose, or what stands in for it.
func (f *feature) legal(w http.ResponseWriter, r *http.Request, v who.Viewer, title, purpose, instead string, notices ...template.HTML) error {
	p := legalPage{Page: web.NewPage(r, v, title), Notices: notices, Demo: f.Demo, Report: purpose == accessibility}
	p.Title = p.L().T(title)
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Body, err = f.written(tx, purpose); err != nil || p.Body != "" {
			return err
		}
		p.By, err = f.Settings.Operator(tx)
		return err
	})
	if err != nil {
		return err
	}
	if p.Body == "" && (p.By.Name == "" || purpose != imprint) {
		p.Body = text.Page(instead)
	}
	return f.pages.Render(w, r, "legal.html", p)
}
