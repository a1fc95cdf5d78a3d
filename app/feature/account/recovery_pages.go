package account

import (
	"net/http"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type recoverPage struct {
	web.Page
	Form  web.Form
	Query string
	Found []Locked
	Open  []Recovery
}

func (f *feature) recoverPage(r *http.Request, v who.Viewer, form web.Form) (recoverPage, error) {
	p := recoverPage{Page: web.NewPage(r, v, "Wiederherstellung").In("de"), Form: form, Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Open, err = f.recoveries(tx, v, 0); err != nil || p.Query == "" {
			return err
		}
		p.Found, err = f.findable(tx, v, 0, p.Query)
		return err
	})
	return p, err
}

// recover is the page of those who let others in again, and German.
func (f *feature) recover(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.recoverPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return pages().Render(w, r, "recover.html", p)
}

func (f *feature) recoverAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, form web.Form, err error) error {
	if !web.Again(err) {
		return err
	}
	p, perr := f.recoverPage(r, v, form.With(err))
	if perr != nil {
		return perr
	}
	return pages().Again(w, r, "recover.html", p)
}

func (f *feature) recoverAsk(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "person")
	if err != nil {
		return err
	}
	var l Locked
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		l, err = f.askRecovery(tx, v, form.ID("person"))
		return err
	})
	if err != nil {
		return f.recoverAgain(w, r, v, form, err)
	}
	return web.Done(w, r, "/wiederherstellung", "Beantragt für "+l.Name+". Jetzt muss eine zweite Person zustimmen, spätestens in 48 Stunden.")
}

// recoverAllow lets somebody in again and shows the letter, this one time.
func (f *feature) recoverAllow(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "request")
	if err != nil {
		return err
	}
	p := printPage{Page: web.NewPage(r, v, "Briefe drucken")}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		letters, unit, err := f.allowRecovery(tx, v, form.ID("request"))
		if err != nil {
			return err
		}
		p.Letters = letters
		p.Unit, err = org.Get(tx, unit)
		return err
	})
	if err != nil {
		return f.recoverAgain(w, r, v, form, err)
	}
	p.Plain = true
	return pages().Render(w, r, "print.html", p)
}

func (f *feature) recoverStop(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "request")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		id := form.ID("request")
		all, err := f.recoveries(tx, v, id)
		if err == nil && (id == 0 || len(all) == 0) {
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		return f.stopRecovery(tx, v.ID, all[0].Person)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/wiederherstellung", "Angehalten.")
}

// stopOwn lets the person stop what others have asked for; half a session is enough to say no.
func (f *feature) stopOwn(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.stopRecovery(tx, v.ID, v.ID) })
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto", "Angehalten. Bitte sagen Sie auch dem Betrieb Ihres Hauses Bescheid.")
}
