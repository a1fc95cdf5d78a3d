package device

import (
	"encoding/json"
	"net/http"

	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/assets"
)

// A manifest is what a browser wants to know of an app (W3C Web Application Manifest).
type manifest struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	ShortName  string     `json:"short_name"`
	Lang       string     `json:"lang"`
	Dir        string     `json:"dir"`
	StartURL   string     `json:"start_url"`
	Scope      string     `json:"scope"`
	Display    string     `json:"display"`
	Theme      string     `json:"theme_color"`
	Background string     `json:"background_color"`
	Icons      []icon     `json:"icons"`
	Shortcuts  []shortcut `json:"shortcuts"`
	Share      *share     `json:"share_target,omitempty"` // nil: nothing can be handed over to it
}

// A share is where a device sends what its owner hands over from another app (W3C Web Share Target).
type share struct {
	Action   string `json:"action"`
	Method   string `json:"method"`
	Encoding string `json:"enctype"`
	Params   params `json:"params"`
}

type params struct {
	Files []accepted `json:"files"`
}

type accepted struct {
	Name   string   `json:"name"` // of the field
	Accept []string `json:"accept"`
}

type icon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"` // "": any
}

type shortcut struct {
	Name  string `json:"name"`
	URL   string `json:"url"`
	Icons []icon `json:"icons"`
}

const paper = "#f9f5ef" // as layout.html has it: the colour of the page

// manifest describes the house as an app, with shortcuts to where its reader may go.
func (f feature) manifest(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := web.NewPage(r, v, "")
	png := func(name, size, purpose string) icon {
		return icon{assets.URL(name + "-" + size + ".png"), size + "x" + size, "image/png", purpose}
	}
	m := manifest{ID: "/", Name: "Nestfunk – " + p.House, ShortName: "Nestfunk", Lang: p.Lang, Dir: p.Dir,
		StartURL: "/?quelle=app", Scope: "/", Display: "standalone", Theme: paper, Background: paper,
		Icons: []icon{
			png("icon", "192", ""), png("icon", "512", ""), {assets.URL("icon.svg"), "any", "image/svg+xml", ""},
			png("mask", "192", "maskable"), png("mask", "512", "maskable"), {assets.URL("mask.svg"), "any", "image/svg+xml", "maskable"},
		}}
	add := func(name, url string) {
		m.Shortcuts = append(m.Shortcuts, shortcut{name, url, []icon{png("icon", "192", "")}})
	}
	add(p.L().T("Mitteilungen"), "/mitteilungen")
	if v.May(who.Team) {
		add(p.L().T("Schließungen"), "/schliessungen")
		m.Share = &share{"/teilen", "POST", "multipart/form-data", params{[]accepted{{"upload", []string{"image/*", "application/pdf"}}}}}
	}
	add(p.L().T("Ihr Konto"), "/konto")
	w.Header().Set("Content-Type", "application/manifest+json")
	return json.NewEncoder(w).Encode(m)
}

// worker is the service worker. It must stand at the top, since it may answer for what lies below its own address only.
// Browsers ask for it anew on each visit, and it is never kept: a house that is brought up to date is up to date.
func worker(w http.ResponseWriter, _ *http.Request, _ who.Viewer) error {
	b, err := assets.File("sw.js")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, err = w.Write(b)
	return err
}
