package privacy

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/hold"
	"nestfunk/app/base/house"
	"nestfunk/app/base/law"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
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

// readers may look what was asked, held and done. Of subjects that they do not look after they read no names.
const readers = who.Clerks | 1<<who.Auditor

// New makes the feature. Others are all other features of the house.
func New(h *house.House, log house.Log, others []house.Feature) house.Feature {
	f := &feature{h, log, others, web.Parse(html)}
	grown := func(id int64) house.Subject { return house.Subject{Person: id} }
	child := func(id int64) house.Subject { return house.Subject{Child: id} }
	return house.Feature{
		Name: "privacy",
		Routes: []web.Route{
			web.Get("/konto/daten", who.SignedIn, f.mine),
			web.Proved(web.Post("/konto/daten", who.SignedIn, f.download)),
			web.Get("/person/:id/daten", who.Clerks, f.show(grown)),
			web.Proved(web.Post("/person/:id/auskunft", who.Clerks, f.answer(grown, "person.exported"))),
			web.Proved(web.Post("/person/:id/loeschen", who.Clerks, f.desk(grown))),
			web.Proved(web.Post("/person/:id/sperren", who.Clerks, f.mark(grown, hold.Keep))),
			web.Proved(web.Post("/person/:id/einschraenken", who.Clerks, f.mark(grown, hold.Limit))),
			web.Get("/kind/:id/daten", who.Clerks, f.show(child)),
			web.Proved(web.Post("/kind/:id/auskunft", who.Clerks, f.answer(child, "child.exported"))),
			web.Proved(web.Post("/kind/:id/loeschen", who.Clerks, f.desk(child))),
			web.Proved(web.Post("/kind/:id/sperren", who.Clerks, f.mark(child, hold.Keep))),
			web.Proved(web.Post("/kind/:id/einschraenken", who.Clerks, f.mark(child, hold.Limit))),
			web.Proved(web.Post("/konto/daten/loeschen", who.SignedIn, f.askOwn)),
			web.Post("/konto/daten/zuruecknehmen", who.SignedIn, f.takeBack),
			web.Get("/loeschungen", readers, f.requests),
			web.Get("/loeschung/:id", who.Clerks, f.request),
			web.Post("/loeschung/:id/vorlegen", who.Clerks, f.pass),
			web.Proved(web.Post("/loeschung/:id/freigeben", who.Clerks, f.confirmed)),
			web.Post("/loeschung/:id/ablehnen", who.Clerks, f.refuse),
			web.Get("/vermerke", readers, f.marks),
			web.Proved(web.Post("/vermerke", who.Clerks, f.holdUnit)),
			web.Proved(web.Post("/vermerk/:id/aufheben", who.Clerks, f.lift)),
		},
		Jobs:   []task.Job{f.tellJob()},
		Export: f.export,
		Erase:  f.eraseBase,
	}
}

// A file is costly to make, and all that somebody who sits down at another's screen could want.
func ownFile() web.Limit   { return web.Limit{Name: "export own", N: 3, In: 24 * time.Hour} }
func clerkFile() web.Limit { return web.Limit{Name: "export clerk", N: 20, In: 24 * time.Hour} }

type minePage struct {
	web.Page
	Form   web.Form
	Wards  []person.Child // children who are in the file
	Asked  []ownRequest   // that wait
	Sent   string         // which form is shown again: export or erase; "": none
	Proved bool
}

func (f *feature) minePage(r *http.Request, v who.Viewer) (minePage, error) {
	p := minePage{Page: web.NewPage(r, v, "Ihre Daten"), Proved: v.Proved(f.Now())}
	p.Title = p.L().T("Ihre Daten")
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		kids, err := wards(tx, v.ID, f.Now())
		if err != nil {
			return err
		}
		p.Wards = kids
		p.Asked, err = ownRequests(tx, v.ID)
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
	err = f.Limits.Take(ownFile(), strconv.FormatInt(v.ID, 10))
	if web.Again(err) {
		p, perr := f.minePage(r, v)
		if perr != nil {
			return perr
		}
		p.Form, p.Sent = form.With(err), "export"
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
	return f.send(w, x)
}

type subjectPage struct {
	web.Page
	Law     law.Profile
	Subject subject
	Path    string // of the subject
	Form    web.Form
	Asked   request // that waits; zero: none
	Before  []person.Before
	Sent    string // which form is shown again: export, erase, keep or limit; "": none
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
		if p.Subject, err = find(tx, v, s, f.Now()); err != nil || !p.Subject.Whole {
			return err
		}
		if p.Asked, err = runningFor(tx, s); err != nil {
			return err
		}
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		p.Before, err = person.History(tx, s.Person, s.Child)
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
		case web.Again(err):
			return f.again(w, r, v, s, "export", form, err)
		case err != nil:
			return err
		}
		return f.send(w, x)
	}
}
