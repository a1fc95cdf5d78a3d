package assignment

import (
	"fmt"
	"net/http"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// change reads a form, opens a task that the viewer sees, and lets do change it. What went wrong is said on its page.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, action, words string, known []string,
	do func(tx *store.Tx, a Assignment, level committee.Level, form web.Form) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, append(known, "back")...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		a, level, err := get(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if err := do(tx, a, level, form); err != nil || action == "" {
			return err
		}
		return f.log(tx, f.Now(), v.ID, action, id)
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
	to := fmt.Sprintf("/aufgabe/%d", id)
	if back := form.Get("back"); back != "" {
		to = web.Own(back)
	}
	return web.Done(w, r, to, words)
}

// others is the answer to whoever wants to change what others have taken on.
func others() error {
	return fault.New(fault.Forbidden, "Das ändern, wer die Aufgabe übernommen oder angelegt hat, und wer das Gremium leitet.")
}

func (f feature) edit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "task.changed", "Gespeichert.", fields(), func(tx *store.Tx, a Assignment, level committee.Level, form web.Form) error {
		if !a.mayEdit(v, level) {
			return others()
		}
		return edit(tx, f.House, v, a, draft(form))
	})
}

func (f feature) take(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "task.changed", "Danke! Die Aufgabe ist jetzt Ihre.", nil, func(tx *store.Tx, a Assignment, _ committee.Level, _ web.Form) error {
		return take(tx, f.House, v, a)
	})
}

func (f feature) done(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "task.done", "Erledigt. Danke!", nil, func(tx *store.Tx, a Assignment, level committee.Level, _ web.Form) error {
		if !a.mayDo(v, level) {
			return others()
		}
		return finish(tx, f.House, v, a, Done, "")
	})
}

func (f feature) drop(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "task.dropped", "Die Aufgabe ist von der Liste.", []string{"reason"}, func(tx *store.Tx, a Assignment, level committee.Level, form web.Form) error {
		if !a.mayEdit(v, level) {
			return others()
		}
		return finish(tx, f.House, v, a, Dropped, form.Get("reason"))
	})
}

func (f feature) again(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "task.reopened", "Die Aufgabe ist wieder offen.", nil, func(tx *store.Tx, a Assignment, level committee.Level, _ web.Form) error {
		if !a.mayDo(v, level) {
			return others()
		}
		return reopen(tx, f.House, a)
	})
}

// note adds a note. It is no change of the committee's, and the record has none of it.
func (f feature) note(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "", "Notiert.", []string{"note"}, func(tx *store.Tx, a Assignment, _ committee.Level, form web.Form) error {
		return note(tx, f.House, v, a, form.Get("note"))
	})
}
