package wiki

import (
	"net/http"

	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type filesPage struct {
	web.Page
	Of    Page
	Files []files.File
}

// filesOf lists all that belongs to a page, also what only its older revisions show.
func (f *feature) filesOf(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := filesPage{Page: f.page(r, v, "Alle Dateien")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Of, err = written(tx, id, v, f.Now()); err != nil {
			return err
		}
		p.Files, err = files.Of(tx, owner, id)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "files.html", p)
}

// removeFile removes a file for good, from all revisions of a page: a photo that somebody does not want to be seen.
func (f *feature) removeFile(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "file")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := written(tx, id, v, f.Now()); err != nil {
			return err
		}
		if err := files.Remove(tx, owner, id, form.ID("file")); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "page.file.removed", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id)+"/dateien", "Endgültig gelöscht.")
}
