package resolution

import (
	"fmt"
	"net/http"
	"strconv"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// page begins a page of those who work in a committee: in German.
func page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

// change reads a form, opens a resolution of a committee that the viewer leads, and lets do change it. What went wrong is said
// on the page itself.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, action string, known []string,
	do func(tx *store.Tx, x Resolution, form web.Form) (to, words string, err error)) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	var to, words string
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		x, level, err := get(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if level != committee.Leading {
			return fault.New(fault.Forbidden, "Das Beschlussbuch führen Vorsitz, Stellvertretung und Schriftführung.")
		}
		if to, words, err = do(tx, x, form); err != nil {
			return err
		}
		return f.wires.Log(tx, f.Now(), v.ID, action, id)
	})
	if web.Again(err) {
		p, e := f.look(r, v, form)
		if e != nil {
			return e
		}
		p.Form = p.Form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, to, words)
}

func (f feature) arrange(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "resolution.arranged", []string{"until", "public"}, func(tx *store.Tx, x Resolution, form web.Form) (string, string, error) {
		err := arrange(tx, f.House, x, form.Get("until"), form.On("public"))
		return fmt.Sprintf("/beschluss/%d", x.ID), "Das ist vermerkt.", err
	})
}

func (f feature) finish(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "resolution.ended", []string{"fate", "by", "reason"}, func(tx *store.Tx, x Resolution, form web.Form) (string, string, error) {
		err := finish(tx, f.House, x, form.Get("fate"), form.Get("by"), form.Get("reason"))
		return fmt.Sprintf("/beschluss/%d", x.ID), "Das ist vermerkt.", err
	})
}

func (f feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "resolution.removed", nil, func(tx *store.Tx, x Resolution, _ web.Form) (string, string, error) {
		err := remove(tx, f.House, x)
		return fmt.Sprintf("/beschluesse?unit=%d", x.Unit), "Der Beschluss ist gestrichen. Seine Nummer bleibt frei.", err
	})
}

type formPage struct {
	web.Page
	Form web.Form
	Unit org.Unit
}

// leading is the committee that the address or the form names, where the viewer leads it.
func (f feature) leading(r *http.Request, v who.Viewer, unit int64) (u org.Unit, err error) {
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		u, _, err = committee.Must(tx, v, unit, committee.Leading, f.Now())
		return err
	})
	return u, err
}

func unitOf(r *http.Request) int64 {
	unit, _ := strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0, which is no committee, for what is no number
	return unit
}

func (f feature) lateForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	u, err := f.leading(r, v, unitOf(r))
	if err != nil {
		return err
	}
	p := formPage{Page: page(r, v, "Beschluss nachtragen"), Unit: u}
	p.Form.Set("uid", newUID())
	p.Form.Set("public", "1")
	return f.pages.Render(w, r, "late.html", p)
}

func (f feature) enter(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "unit", "day", "number", "title", "wording", "place", "yes", "no", "abstain", "public", "until")
	if err != nil {
		return err
	}
	u, err := f.leading(r, v, form.ID("unit"))
	if err != nil {
		return err
	}
	l := Late{Day: form.Get("day"), Number: form.Get("number"), Decision: Decision{Origin: "form " + form.Get("uid"), Unit: u.ID, Title: form.Get("title"),
		Wording: form.Get("wording"), Place: form.Get("place"), Public: form.On("public"), Until: form.Get("until")}}
	var wrong fault.Form
	for field, n := range map[string]*int{"yes": &l.Tally.Yes, "no": &l.Tally.No, "abstain": &l.Tally.Abstain} {
		if s := form.Get(field); s != "" {
			if *n, err = strconv.Atoi(s); err != nil {
				wrong.Add(field, "Bitte geben Sie eine Zahl ein.")
			}
		}
	}
	l.Tally.Present = l.Tally.Cast()
	var id int64
	if err = wrong.Err(); err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if id, err = enter(tx, f.House, v, l); err != nil {
				return err
			}
			return f.wires.Log(tx, f.Now(), v.ID, "resolution.entered", id)
		})
	}
	if web.Again(err) {
		p := formPage{Page: page(r, v, "Beschluss nachtragen"), Unit: u, Form: form.With(err)}
		return f.pages.Again(w, r, "late.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/beschluss/%d", id), "Der Beschluss steht im Buch.")
}
