package wiki

import (
	"html/template"
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type revisionsPage struct {
	web.Page
	Of   Page
	List []Revision
}

func (f *feature) revisions(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := revisionsPage{Page: f.page(r, v, "Fassungen")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Of, err = written(tx, id, v, f.Now()); err != nil {
			return err
		}
		p.List, err = revisions(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "revisions.html", p)
}

type revisionPage struct {
	web.Page
	Of      Page
	Rev     Revision
	Old     Revision // zero: this is the first
	Diff    template.HTML
	HTML    template.HTML
	Files   []files.File // below it
	Waits   bool         // readers do not see it yet
	Release bool         // the viewer may release it
	Back    Return
	Who     []Person // who may release it, from nearest by
	Form    web.Form // that sends it back
}

// Readers says for whom the page is.
func (p revisionPage) Readers() string { return p.Of.Access.Word(p.Of.Kind) }

// of finds the revision of a path, and its page, which v may write.
func (f *feature) of(tx *store.Tx, r *http.Request, v who.Viewer) (rev Revision, p Page, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return rev, p, err
	}
	if rev, err = revision(tx, id); err != nil {
		return rev, p, err
	}
	if p, err = get(tx, rev.Page, v, f.Now()); err == nil && !p.Write {
		err = fault.Gone()
	}
	return rev, p, err
}

func (f *feature) revision(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.revise(w, r, v, web.Form{})
}

// revise shows a revision, again with a form that was sent.
func (f *feature) revise(w http.ResponseWriter, r *http.Request, v who.Viewer, form web.Form) error {
	p := revisionPage{Page: f.page(r, v, "Fassung"), Form: form}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Rev, p.Of, err = f.of(tx, r, v); err != nil {
			return err
		}
		if p.Old, err = before(tx, p.Rev); err != nil {
			return err
		}
		if p.Files, err = enclosed(tx, p.Of.ID, p.Rev.ID); err != nil {
			return err
		}
		was, err := enclosed(tx, p.Of.ID, p.Old.ID)
		if err != nil {
			return err
		}
		old, now := readable(p.Old.Body, was), readable(p.Rev.Body, p.Files)
		if p.Old.ID != 0 && p.Old.Title != p.Rev.Title {
			old, now = p.Old.Title+"\n\n"+old, p.Rev.Title+"\n\n"+now
		}
		p.Diff = diffHTML(difference(old, now))
		if p.Waits = p.Rev.ID == p.Of.Latest && p.Rev.Released.IsZero(); p.Waits {
			p.Release = mayRelease(tx, p.Of, p.Rev, v) == nil
			if p.Back, err = returned(tx, p.Rev.ID); err != nil {
				return err
			}
			if p.Who, err = nearest(tx, p.Of.Unit, p.Of.Kind, p.Of.Access == Board, p.Rev.Author, f.Now()); err != nil {
				return err
			}
		}
		p.HTML, err = linked(tx, text.Archive(p.Rev.Body), p.Of, v, f.Now())
		return err
	})
	if err != nil {
		return err
	}
	if form.Values != nil {
		return f.pages.Again(w, r, "revision.html", p)
	}
	return f.pages.Render(w, r, "revision.html", p)
}

// restore saves an earlier revision once more; what came between stays in the list.
func (f *feature) restore(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	var of Page
	waits := false
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		rev, p, err := f.of(tx, r, v)
		if err != nil {
			return err
		}
		of = p
		if rev.ID == p.Latest {
			return nil
		}
		if waits, err = approves(tx, p.Unit); err != nil {
			return err
		}
		now, err := revise(tx, p.ID, rev.Text, v.ID, !waits, f.Now())
		if err != nil {
			return err
		}
		below, err := enclosed(tx, p.ID, rev.ID)
		if err != nil {
			return err
		}
		if err := enclose(tx, p.ID, now, numbers(below)); err != nil {
			return err
		}
		if waits {
			if err := await(tx, f.House, p.ID, v); err != nil {
				return err
			}
		}
		return f.log(tx, f.Now(), v.ID, "page.changed", p.ID)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(of.ID), of.saved(waits))
}

func (f *feature) release(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	var id int64
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		rev, p, err := f.of(tx, r, v)
		if err != nil {
			return err
		}
		id = p.ID
		if err := mayRelease(tx, p, rev, v); err != nil {
			return err
		}
		if err := show(tx, p.ID, rev, v.ID, f.Now()); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "page.released", p.ID)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id), "Freigegeben.")
}
