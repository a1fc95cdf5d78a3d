package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A view is a page of this feature: of a unit, a child, a guardian. All of them have forms, and every form goes the
// same way, so that the rest of the feature says only what is shown and what is changed.
type view struct {
	template string
	make     func(r *http.Request, v who.Viewer, id int64) (page, error)
}

// A page shows a form once more that could not be accepted.
type page interface {
	refuse(name string, form web.Form, cause error)
}

// sent is a form as it came.
type sent struct {
	web.Form
	id  int64 // of the path
	v   who.Viewer
	now time.Time
}

// show is the handler of a view.
func (f *feature) show(x view) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		p, err := x.make(r, v, id)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, x.template, p)
	}
}

// take is the handler of one of a view's forms. It has do change something in one transaction, and goes on to the page
// that do names, with words; or it shows the view again with what was typed.
func (f *feature) take(x view, name, words string, do func(tx *store.Tx, s sent) (to string, err error), fields ...string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		form, err := web.ReadForm(r, fields...)
		if err != nil {
			return err
		}
		to := ""
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			to, err = do(tx, sent{form, id, v, f.Now()})
			return err
		})
		if web.Again(err) {
			p, perr := x.make(r, v, id)
			if perr != nil {
				return perr
			}
			p.refuse(name, form, err)
			return f.pages.Again(w, r, x.template, p)
		}
		if err != nil {
			return err
		}
		return web.Done(w, r, to, words)
	}
}

// note writes down who did what to which row.
func (f *feature) note(tx *store.Tx, s sent, action string, ref int64) error {
	return f.log(tx, s.now, s.v.ID, action, ref)
}

// A sheet is what pages with forms have in common.
type sheet struct {
	Saved web.Form // what is stored, as the form "save" shows it
	Was   string   // hash of Saved
	Form  web.Form // as it was sent, with what is wrong
	Sent  string   // which of the page's forms that was; "": none

	stored   []Named // Saved in words
	conflict bool
}

// save puts on the sheet what is stored, as a form and in words.
func (s *sheet) save(form web.Form, words ...Named) {
	s.Saved, s.Was, s.stored = form, mark(form.Values), words
}

func (s *sheet) refuse(name string, form web.Form, cause error) {
	s.Form, s.Sent, s.conflict = form.With(cause), name, fault.KindOf(cause) == fault.Conflict
}

// FormOf is what was sent of one of the page's forms, and else what is stored.
func (s *sheet) FormOf(name string) web.Form {
	switch name {
	case s.Sent:
		return s.Form
	case "save":
		return s.Saved
	}
	return web.Form{}
}

// Stored is what is saved now, after somebody else was faster; else nil.
func (s *sheet) Stored() []Named {
	if s.conflict && s.Sent == "save" {
		return s.stored
	}
	return nil
}

// mark is a short hash of what a form shows: it tells whether somebody else has changed it meanwhile.
func mark(values ...any) string {
	b, _ := json.Marshal(values) // strings and numbers: nothing can fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// unchanged is a Conflict fault if the form "save" was made from other values.
func unchanged(s sent, now web.Form) error {
	if s.Get("was") != mark(now.Values) {
		return fault.New(fault.Conflict, "Inzwischen hat jemand anderes hier etwas geändert. Unten steht, was jetzt gespeichert ist. Wenn Sie noch einmal speichern, gelten Ihre Eingaben.")
	}
	return nil
}

// still is a Conflict fault if a button was made from other values.
func still(s sent, values ...any) error {
	if s.Get("was") != mark(values...) {
		return fault.New(fault.Conflict, "Inzwischen hat jemand anderes hier etwas geändert. Bitte sehen Sie nach, ob es noch nötig ist.")
	}
	return nil
}
