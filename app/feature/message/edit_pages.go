package message

import (
	"net/http"

	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type editPage struct {
	web.Page
	Message Message
	In      int64 // its conversation
	Form    web.Form
}

func (f feature) editAt(r *http.Request, v who.Viewer, form web.Form) (p editPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = editPage{Page: web.NewPage(r, v, "Nachricht bearbeiten"), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		m, c, err := own(tx, f.House, v, id)
		if m.ID != 0 && web.Again(err) {
			err = nil // it says so when it is sent
		}
		p.Message, p.In = m, c.ID
		return err
	})
	if p.Form.Values == nil {
		p.Form.Set("body", p.Message.body)
	}
	return p, err
}

func (f feature) editForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.editAt(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "edit.html", p)
}

func (f feature) edit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "body")
	if err != nil {
		return err
	}
	var in int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		in, err = Edit(tx, f.House, v, id, form.Raw("body"))
		return err
	})
	if web.Again(err) {
		p, e := f.editAt(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, gespraech(in))
}

func (f feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var in int64
	if err := f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		in, err = Remove(tx, f.House, v, id)
		return err
	}); err != nil {
		return err
	}
	return web.Done(w, r, gespraech(in), "Die Nachricht ist gelöscht.")
}
