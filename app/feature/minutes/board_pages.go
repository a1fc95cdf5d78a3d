package minutes

import (
	"net/http"

	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// again shows the page of minutes with the form that was wrong; nil, where err is none of a form.
func (f *feature) again(w http.ResponseWriter, r *http.Request, v who.Viewer, form web.Form, err error) error {
	if !web.Again(err) {
		return err
	}
	p, e := f.look(r, v, form.With(err))
	if e != nil {
		return e
	}
	return f.pages.Again(w, r, "show.html", p)
}

// act is a form of the page of minutes: it does something in a transaction and leads back with some words.
func (f *feature) act(w http.ResponseWriter, r *http.Request, v who.Viewer, said string, do func(tx *store.Tx, id int64, form web.Form) error, known ...string) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	if err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return do(tx, id, form) }); err != nil {
		return f.again(w, r, v, form, err)
	}
	return web.Done(w, r, path(id), said)
}

func (f *feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "meeting")
	if err != nil {
		return err
	}
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if id, err = f.begin(tx, v, form.ID("meeting")); err != nil {
			return err
		}
		m, err := get(tx, id, v, f.Now())
		if err != nil || m.State == Approved || m.Busy(v.ID, f.Now()) {
			return err
		}
		return f.take(tx, id, v, false) // who begins writes
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, path(id)+"/schreiben")
}

func (f *feature) name(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.act(w, r, v, "Gespeichert.", func(tx *store.Tx, id int64, form web.Form) error {
		return f.setKeeper(tx, id, v, form.ID("keeper"))
	}, "keeper")
}

func (f *feature) dispatch(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.act(w, r, v, "Das Protokoll ist an die Mitglieder versandt.", func(tx *store.Tx, id int64, form web.Form) error {
		return f.send(tx, id, v, form.Raw("why"))
	}, "why")
}

func (f *feature) complain(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.act(w, r, v, "Ihr Einwand ist eingegangen.", func(tx *store.Tx, id int64, form web.Form) error {
		return f.object(tx, id, v, form.ID("item"), form.Raw("body"))
	}, "item", "body")
}

func (f *feature) reply(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.act(w, r, v, "Die Antwort ist gespeichert.", func(tx *store.Tx, id int64, form web.Form) error {
		return f.answer(tx, id, form.ID("objection"), v, form.Get("answer"), form.Get("reason"))
	}, "objection", "answer", "reason")
}

func (f *feature) pass(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.act(w, r, v, "Das Protokoll ist genehmigt und ändert sich nicht mehr.", func(tx *store.Tx, id int64, form web.Form) error {
		return f.approve(tx, v, id, form.ID("meeting"))
	}, "meeting")
}

func (f *feature) correct(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.act(w, r, v, "Die Berichtigung steht beim Protokoll.", func(tx *store.Tx, id int64, form web.Form) error {
		return f.note(tx, id, v, form.ID("item"), form.Raw("body"), form.On("public"))
	}, "item", "body", "public")
}
