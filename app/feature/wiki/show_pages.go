package wiki

import (
	"cmp"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Crumb is a page above.
type Crumb struct {
	ID    int64
	Title string
}

type showPage struct {
	web.Page
	Of      Page
	HTML    template.HTML
	Above   []Crumb
	Below   []Node
	Files   []files.File
	URL     string
	Summary string
	Author  string // of what is shown; "": not told to readers, or nobody
	Care    Care
	Reading Reading
	Back    Return // of the latest revision, for writers
	Due     bool   // somebody should look whether it still holds
	List    bool   // the viewer may see who has read it
}

// DueOn is the day since which it is due.
func (p showPage) DueOn() string { return germanDay(p.Of.Review) }

// Word says who reads the page.
func (p showPage) Word() string { return p.Of.Access.Word(p.Of.Kind) }

// Hidden reports that readers see nothing yet; Waiting that there is something newer.
func (p showPage) Hidden() bool { return p.Of.Shown == 0 }

// Waiting reports that a newer revision is not released.
func (p showPage) Waiting() bool { return p.Of.Shown != 0 && p.Of.Shown != p.Of.Latest }

// Print reports whether the viewer may have the page, with what stands below it, as a book.
func (p showPage) Print() bool {
	return p.Viewer.May(who.Member) && !p.Hidden() && p.Of.Removed.IsZero()
}

func (f *feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, p := pathID(r), showPage{Page: web.NewPage(r, v, "")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		now := f.Now()
		if p.Of, err = get(tx, id, v, now); err != nil {
			return err
		}
		if p.HTML, err = body(tx, p.Of, v, now); err != nil {
			return err
		}
		around, err := nodes(tx, p.Of.Unit, p.Of.ID, v, p.Of.set)
		if err != nil {
			return err
		}
		p.place(around)
		rev, err := revision(tx, cmp.Or(p.Of.Shown, p.Of.Latest))
		if err != nil {
			return err
		}
		if p.Files, err = enclosed(tx, id, rev.ID); err != nil {
			return err
		}
		p.Summary = text.Words(rev.Body, 160)
		if p.Of.Write {
			p.Author = rev.Name
		}
		return p.look(tx, v, now)
	})
	if err != nil {
		return unknown(w, r, v, err)
	}
	p.Title, p.URL = p.Of.Title, f.URL(p.Of.Path())
	if p.Reading.Waits {
		p.Live = "/strom" // the bell counts what is confirmed here, and what waited on a device may be confirmed by itself
	}
	if p.Of.Access == Public {
		w.Header().Set("Last-Modified", p.Of.Changed.UTC().Format(http.TimeFormat))
	}
	return f.pages.Render(w, r, "show.html", p)
}

// look adds what keeps the page true.
func (p *showPage) look(tx *store.Tx, v who.Viewer, now time.Time) (err error) {
	if p.Care, err = careOf(tx, p.Of.ID); err != nil {
		return err
	}
	if p.Care.Asks != AskNone && v.ID != 0 {
		if p.Reading, err = reading(tx, p.Of.ID, v.ID, now); err != nil {
			return err
		}
		p.List = p.Of.set["board"] || p.Reading.Asked && v.May(1<<who.Head|1<<who.Manager) // "board" is given to Listers alone
	}
	if !p.Of.Write {
		return nil
	}
	p.Due = p.Of.Due(now)
	if p.Of.Shown != p.Of.Latest {
		p.Back, err = returned(tx, p.Of.Latest)
	}
	return err
}

// unknown asks whoever is not signed in and does not find a page to sign in: others may see it.
func unknown(w http.ResponseWriter, r *http.Request, v who.Viewer, err error) error {
	if fault.KindOf(err) == fault.NotFound && v.ID == 0 {
		return web.Done(w, r, "/anmelden?weiter="+r.URL.Path)
	}
	return err
}

// place finds what stands above and below the page.
func (p *showPage) place(nodes []Node) {
	by := map[int64]Node{}
	for _, n := range nodes {
		by[n.ID] = n
		if n.Parent == p.Of.ID {
			p.Below = append(p.Below, n)
		}
	}
	for at := p.Of.Parent; at != 0 && len(p.Above) < mostDeep; at = by[at].Parent {
		if n, ok := by[at]; ok {
			p.Above = append([]Crumb{{n.ID, n.Title}}, p.Above...)
		}
	}
}
