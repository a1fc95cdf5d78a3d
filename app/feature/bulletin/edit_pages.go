package bulletin

import (
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type editPage struct {
	web.Page
	ID       int64 // 0: a new one
	Form     web.Form
	Councils []org.Unit // of the viewer
	Unit     int64
	Wide     org.Unit   // all for whom the council speaks
	Places   []org.Unit // facilities among them, where there is more than one
}

func fields() []string { return []string{"uid", "unit", "place", "title", "body", "go"} }

func readDraft(form web.Form) Draft {
	return Draft{UID: form.Get("uid"), Unit: form.ID("unit"), Place: form.ID("place"), Title: text.Line(form.Get("title")), Body: form.Get("body")}
}

// editing prepares the form; id 0 is a new bulletin.
func (f feature) editing(r *http.Request, v who.Viewer, id int64, form web.Form) (p editPage, err error) {
	p = editPage{Page: web.NewPage(r, v, "Neuer Rundbrief"), ID: id, Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		now := f.Now()
		if p.Councils, err = committee.Of(tx, v.ID, now); err != nil {
			return err
		}
		if p.Unit = form.ID("unit"); p.Unit == 0 {
			p.Unit, _ = strconv.ParseInt(r.URL.Query().Get("gremium"), 10, 64) // 0: the first
		}
		if id != 0 {
			p.Title = "Rundbrief bearbeiten"
			b, level, err := get(tx, id, v, now)
			if err == nil && (level < committee.Inside || !b.Sent.IsZero()) {
				err = fault.Gone()
			}
			if err != nil {
				return err
			}
			p.Unit = b.Unit
			if form.Values == nil {
				p.Form.Set("uid", b.UID)
				p.Form.Set("place", strconv.FormatInt(b.Place, 10))
				p.Form.Set("title", b.Title)
				p.Form.Set("body", b.Body)
			}
		}
		if len(p.Councils) == 0 {
			return fault.Gone()
		}
		i := max(0, slices.IndexFunc(p.Councils, func(u org.Unit) bool { return u.ID == p.Unit }))
		p.Unit = p.Councils[i].ID
		places, err := Places(tx, p.Councils[i], now)
		if err != nil {
			return err
		}
		p.Wide, p.Places = places[0], places[1:]
		return nil
	})
	if err == nil && p.Form.Get("uid") == "" {
		p.Form.Set("uid", newUID())
	}
	if err == nil && p.Form.Get("place") == "" || form.Get("go") == "unit" {
		p.Form.Set("place", strconv.FormatInt(p.Wide.ID, 10))
	}
	return p, err
}

func (f feature) newForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.editing(r, v, 0, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "edit.html", p)
}

func (f feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, fields()...)
	if err != nil {
		return err
	}
	if form.Get("go") == "unit" { // another council: nothing is kept yet
		p, err := f.editing(r, v, 0, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "edit.html", p)
	}
	var id int64
	d := readDraft(form)
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if _, _, err := committee.Must(tx, v, d.Unit, committee.Inside, f.Now()); err != nil {
			return err
		}
		if id, err = made(tx, d.UID, d.Unit); id != 0 || err != nil {
			return err
		}
		id, err = Write(tx, v, 0, d, f.Now())
		return err
	})
	return f.wrote(w, r, v, 0, id, form, err)
}

func (f feature) editForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.editing(r, v, id, web.Form{})
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
	form, err := web.ReadForm(r, fields()...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		b, level, err := get(tx, id, v, f.Now())
		if err == nil && level < committee.Inside {
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		d := readDraft(form)
		d.Unit = b.Unit
		_, err = Write(tx, v, id, d, f.Now())
		return err
	})
	return f.wrote(w, r, v, id, id, form, err)
}

// wrote leads to what was kept, or shows the form again.
func (f feature) wrote(w http.ResponseWriter, r *http.Request, v who.Viewer, form0, id int64, form web.Form, err error) error {
	if web.Again(err) {
		p, e := f.editing(r, v, form0, form)
		if e != nil {
			return e
		}
		p.Form = p.Form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, path(id), "Gespeichert. So sehen ihn die Eltern.")
}

func (f feature) discard(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, level, err := get(tx, id, v, f.Now())
		if err == nil && level < committee.Inside {
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		return discard(tx, id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/rundbriefe", "Der Entwurf ist gelöscht.")
}

func (f feature) send(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return Send(tx, f.House, f.Log, v, id) })
	if fault.KindOf(err) == fault.Conflict {
		return f.refused(w, r, v, id, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, path(id), "Der Rundbrief ist unterwegs. Nachts wartet er, bis die Ruhezeit vorbei ist.")
}
