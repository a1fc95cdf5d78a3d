package account

import (
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type factorPage struct {
	web.Page
	Form     web.Form
	Next     string
	Passkeys bool      // the house takes them
	Passkey  bool      // the person has one
	Code     bool      // the person has an app, or printed codes
	Set      bool      // there is a second factor
	Until    time.Time // it may wait; zero: not
	Recovery Recovery  // that others have asked for; the zero value: none

	Elsewhere []Identity // providers by which the person signs in
}

// factor is the page before all others for whoever holds a role that wants a second factor: it asks for it, or says how
// to set one up, and why.
func (f *feature) factor(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.factorPage(r, v, web.Form{}, r.URL.Query().Get("weiter"))
	if err != nil {
		return err
	}
	if p.Set && !v.Half || v.Held()&who.Guarded == 0 {
		if p.Set && !p.Code { // a passkey without printed codes: the only moment to think of them
			return pages().Render(w, r, "factor_spares.html", p)
		}
		return web.Done(w, r, p.Next)
	}
	return pages().Render(w, r, "factor.html", p)
}

func (f *feature) factorPage(r *http.Request, v who.Viewer, form web.Form, next string) (factorPage, error) {
	p := factorPage{Page: web.NewPage(r, v, "Zweiter Faktor"), Form: form, Next: web.Own(next), Passkeys: f.keys != nil}
	p.Plain = true
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		have, err := ways(tx, v.ID)
		if err != nil {
			return err
		}
		n, err := factors(tx, v.ID)
		if err != nil {
			return err
		}
		p.Set, p.Passkey, p.Code = n > 0, len(have.Passkeys) > 0, !have.Second.Since.IsZero() || have.Second.Left > 0
		p.Elsewhere = have.Elsewhere
		if p.Recovery, err = recovering(tx, v.ID, f.Now()); err != nil {
			return err
		}
		p.Until, err = f.grace(tx, v)
		return err
	})
	return p, err
}

// showFactor takes a code of the app, or a printed one.
func (f *feature) showFactor(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code", "weiter")
	if err != nil {
		return err
	}
	_, err = f.useCode(r, v.ID, form.Get("code"))
	if web.Again(err) {
		form.Set("code")
		p, perr := f.factorPage(r, v, form.With(err), form.Get("weiter"))
		if perr != nil {
			return perr
		}
		return pages().Again(w, r, "factor.html", p)
	}
	if err != nil {
		return err
	}
	if err := f.renew(w, r, &v, web.Strong); err != nil {
		return err
	}
	return web.Done(w, r, web.Own(form.Get("weiter")))
}

// adding checks that the viewer may get another way to sign in. Half a session may, as long as it is new and there is
// no second factor that it could show.
func (f *feature) adding(r *http.Request, v who.Viewer) (have Ways, err error) {
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if have, err = ways(tx, v.ID); err != nil || !v.Half {
			return err
		}
		n, err := factors(tx, v.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Forbidden, "Bitte zeigen Sie zuerst den zweiten Faktor, den Sie schon haben.")
		}
		in, err := web.OpenSession(tx, v.Session, f.Now())
		if err == nil && f.Now().Sub(in.Created) > enrolFor {
			err = fault.New(fault.Forbidden, "Das hat zu lange gedauert. Bitte melden Sie sich ab und noch einmal an.")
		}
		return err
	})
	return have, err
}

type lackPage struct {
	web.Page
	Form  web.Form
	Lacks []Lack
	More  bool
	Until time.Time // zero: no grace
	Days  string
	Whole bool // the viewer runs the whole house, and may set the grace
}

// lacking is the operator's page, and German.
func (f *feature) lacking(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.lackPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return pages().Render(w, r, "lacking.html", p)
}

func (f *feature) lackPage(r *http.Request, v who.Viewer, form web.Form) (lackPage, error) {
	p := lackPage{Page: web.NewPage(r, v, "Zweiter Faktor").In("de"), Form: form, Days: form.Get("days")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Lacks, err = f.lacks(tx, v.ID); err != nil {
			return err
		}
		if _, p.Until, err = deadline(tx, f.Settings); err != nil {
			return err
		}
		p.Whole, err = operates(tx, v)
		return err
	})
	if !f.Now().Before(p.Until) {
		p.Until = time.Time{}
	}
	p.More = len(p.Lacks) == mostFound
	return p, err
}

// setGrace gives whoever has a role today some days to set a second factor up.
func (f *feature) setGrace(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "days")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if ok, err := operates(tx, v); err != nil || !ok {
			if err == nil {
				err = fault.New(fault.Forbidden, "Die Frist setzt, wer das ganze Haus betreibt.")
			}
			return err
		}
		days, err := strconv.Atoi(form.Get("days"))
		if err != nil {
			days = -1
		}
		if err := setDeadline(tx, f.Settings, days, f.Now()); err != nil {
			return err
		}
		f.Rights(tx)
		return f.log(tx, f.Now(), v.ID, "second.grace", int64(days))
	})
	if web.Again(err) {
		p, perr := f.lackPage(r, v, form.With(err))
		if perr != nil {
			return perr
		}
		return pages().Again(w, r, "lacking.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/zweiter-faktor", "Gespeichert.")
}
