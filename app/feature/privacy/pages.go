package privacy

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	log    house.Log
	others []house.Feature
	pages  *web.Pages
}

// New makes the feature. Others are all other features of the house.
func New(h *house.House, log house.Log, others []house.Feature) house.Feature {
	f := &feature{h, log, others, web.Parse(html)}
	person := func(id int64) house.Subject { return house.Subject{Person: id} }
	child := func(id int64) house.Subject { return house.Subject{Child: id} }
	return house.Feature{
		Name: "privacy",
		Routes: []web.Route{
			web.Get("/konto/daten", who.SignedIn, f.mine),
			web.Post("/konto/daten", who.SignedIn, f.download),
			web.Get("/person/:id/daten", who.Clerks, f.show(person)),
			web.Post("/person/:id/auskunft", who.Clerks, f.answer(person, "person.exported")),
			web.Post("/person/:id/loeschen", who.Clerks, f.forget(person, "person.erased")),
			web.Get("/kind/:id/daten", who.Clerks, f.show(child)),
			web.Post("/kind/:id/auskunft", who.Clerks, f.answer(child, "child.exported")),
			web.Post("/kind/:id/loeschen", who.Clerks, f.forget(child, "child.erased")),
		},
		Export: export,
		Erase:  f.eraseBase,
	}
}

// A file is costly to make, and all that somebody who sits down at another's screen could want (security.md 6.7).
func ownFile() web.Limit   { return web.Limit{Name: "export own", N: 3, In: 24 * time.Hour} }
func clerkFile() web.Limit { return web.Limit{Name: "export clerk", N: 20, In: 24 * time.Hour} }

// prove sends the viewer to prove who it is, and then back.
func prove(w http.ResponseWriter, r *http.Request, back string) error {
	return web.Done(w, r, "/konto/nachweis?weiter="+back)
}

type minePage struct {
	web.Page
	Form   web.Form
	Wards  []string // names of the children who are in the file
	Proved bool
}

func (f *feature) minePage(r *http.Request, v who.Viewer) (minePage, error) {
	p := minePage{Page: web.NewPage(r, v, "Ihre Daten"), Proved: v.Proved(f.Now())}
	p.Title = p.L().T("Ihre Daten")
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		kids, err := wards(tx, v.ID, f.Now())
		for _, c := range kids {
			p.Wards = append(p.Wards, c.Name())
		}
		return err
	})
	return p, err
}

func (f *feature) mine(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.minePage(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "mine.html", p)
}

// download answers with the file itself: it is made for this answer and kept nowhere.
func (f *feature) download(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if !v.Proved(f.Now()) {
		return prove(w, r, "/konto/daten")
	}
	err = f.Limits.Take(ownFile(), strconv.FormatInt(v.ID, 10))
	if web.Again(err) {
		p, perr := f.minePage(r, v)
		if perr != nil {
			return perr
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "mine.html", p)
	}
	var x file
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		x, err = f.own(tx, v.ID)
		return err
	})
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), v.ID, "account.exported", v.ID) })
	}
	if err != nil {
		return err
	}
	return x.send(w)
}

type subjectPage struct {
	web.Page
	Subject subject
	Path    string // of the subject
	Form    web.Form
	Sent    string // which form is shown again: export or erase; "": none
	Proved  bool
}

func path(s house.Subject) string {
	if s.Child != 0 {
		return fmt.Sprintf("/kind/%d", s.Child)
	}
	return fmt.Sprintf("/person/%d", s.Person)
}

// subjectPage is in German, the language of those who keep the data of others.
func (f *feature) subjectPage(r *http.Request, v who.Viewer, s house.Subject) (subjectPage, error) {
	p := subjectPage{Page: web.NewPage(r, v, "").In("de"), Path: path(s), Proved: v.Proved(f.Now())}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Subject, err = find(tx, v, s, f.Now())
		return err
	})
	p.Title = "Auskunft und Löschen: " + p.Subject.Name
	return p, err
}

func (f *feature) again(w http.ResponseWriter, r *http.Request, v who.Viewer, s house.Subject, sent string, form web.Form, cause error) error {
	p, err := f.subjectPage(r, v, s)
	if err != nil {
		return err
	}
	p.Sent, p.Form = sent, form.With(cause)
	return f.pages.Again(w, r, "subject.html", p)
}

// show tells what can be done with a subject's data.
func (f *feature) show(of func(int64) house.Subject) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		p, err := f.subjectPage(r, v, of(id))
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "subject.html", p)
	}
}

// answer makes the file of a subject for whoever has asked at the desk.
func (f *feature) answer(of func(int64) house.Subject, action string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		form, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		s, x := of(id), file{}
		err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
			known, err := find(tx, v, s, f.Now())
			if err == nil {
				err = known.whole()
			}
			if err == nil {
				err = f.proved(v)
			}
			if err == nil {
				err = f.Limits.Take(clerkFile(), strconv.FormatInt(v.ID, 10))
			}
			if err == nil {
				x, err = f.gather(tx, s)
			}
			return err
		})
		if err == nil { // no file without a line in the log
			err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), v.ID, action, id) })
		}
		switch {
		case fault.KindOf(err) == fault.SignIn:
			return prove(w, r, path(s)+"/daten")
		case web.Again(err):
			return f.again(w, r, v, s, "export", form, err)
		case err != nil:
			return err
		}
		return x.send(w)
	}
}

// proved is a SignIn fault for whoever has not proved lately who it is.
func (f *feature) proved(v who.Viewer) error {
	if !v.Proved(f.Now()) {
		return fault.New(fault.SignIn, "Bitte melden Sie sich dafür noch einmal an.")
	}
	return nil
}

// forget erases a subject that has left, for good.
func (f *feature) forget(of func(int64) house.Subject, action string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		form, err := web.ReadForm(r, "sure")
		if err != nil {
			return err
		}
		s := of(id)
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.forgetNow(tx, v, s, form.On("sure"), action) })
		switch {
		case fault.KindOf(err) == fault.SignIn:
			return prove(w, r, path(s)+"/daten")
		case web.Again(err):
			return f.again(w, r, v, s, "erase", form, err)
		case err != nil:
			return err
		}
		return web.Done(w, r, "/einheiten", "Gelöscht.")
	}
}

func (f *feature) forgetNow(tx *store.Tx, v who.Viewer, s house.Subject, sure bool, action string) error {
	x, err := find(tx, v, s, f.Now())
	if err != nil {
		return err
	}
	if err := x.whole(); err != nil {
		return err
	}
	if err := f.proved(v); err != nil {
		return err
	}
	if err := x.erasable(v); err != nil {
		return err
	}
	if !sure {
		return fault.At("sure", "Bitte bestätigen Sie, dass Sie endgültig löschen möchten.")
	}
	if err := f.eraseForGood(tx, s); err != nil {
		return err
	}
	if err := f.log(tx, f.Now(), v.ID, action, s.Person+s.Child); err != nil {
		return err
	}
	for _, id := range x.with {
		if err := f.eraseForGood(tx, house.Subject{Person: id}); err != nil {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "person.erased", id); err != nil {
			return err
		}
	}
	f.Rights(tx)
	return nil
}
