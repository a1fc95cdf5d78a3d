package catalogue

import (
	"html/template"
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A shownNotice is a notice as it is rendered.
type shownNotice struct {
	Notice  Notice
	Edition *Edition // which holds it; nil: it is newer than the last
	Old     bool     // another has come since
}

// part is the notice as it is now; "" in a house that has not begun yet.
func (f *feature) part(tx *store.Tx) (template.HTML, error) {
	n, err := f.notice(tx)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	x := shownNotice{Notice: n}
	e, err := latest(tx, n)
	if err == nil {
		x.Edition = &e
	} else if fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	return f.pages.Part("edition.html", "notice", "de", x)
}

type editionsPage struct {
	web.Page
	Editions []Edition
}

func (f *feature) editions(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := editionsPage{Page: f.page(r, v, "Fassungen der Datenschutzhinweise")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Editions, err = editions(tx)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "editions.html", p)
}

type editionPage struct {
	web.Page
	Shown template.HTML
}

func (f *feature) edition(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := editionPage{Page: f.page(r, v, "Datenschutzhinweise")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		e, n, err := edition(tx, id)
		if err != nil {
			return err
		}
		all, err := editions(tx)
		if err != nil {
			return err
		}
		p.Shown, err = f.pages.Part("edition.html", "notice", "de", shownNotice{n, &e, all[0].ID != e.ID})
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "edition.html", p)
}
