package calendar

import (
	"fmt"
	"net/http"
	"strconv"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// runs refuses whoever does not run the whole house: the Land is everybody's.
func (f feature) runs(tx *store.Tx, v who.Viewer) error {
	root, err := org.Root(tx)
	if err != nil {
		return err
	}
	ok, err := org.Manages(tx, v.ID, root.ID, who.Of(who.Admin), f.Now())
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "Das kann nur ändern, wer das ganze Haus betreibt.")
	}
	return err
}

func (f feature) saveLand(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "land")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.runs(tx, v); err != nil {
			return err
		}
		if _, ok := calendar.LandOf(form.Get("land")); !ok && form.Get("land") != "" {
			return fault.At("land", "Bitte wählen Sie ein Land aus der Liste.")
		}
		if err := f.Settings.Set(tx, settings.Land, form.Get("land")); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "calendar.land", 0)
	})
	if web.Again(err) {
		p, e := f.landOf(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "land.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/kalender", "Gespeichert.")
}

// takeVacations replaces the school holidays of the house's Land by those of a file.
func (f feature) takeVacations(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "source")
	var all []vacation
	var problems []calendar.Problem
	if err == nil {
		err = f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.runs(tx, v) })
	}
	var b []byte
	if err == nil {
		b, err = upFile(r)
	}
	if err == nil {
		err = f.Limits.Take(reading(), strconv.FormatInt(v.ID, 10))
	}
	if err == nil {
		all, problems, err = readVacations(b)
	}
	if err == nil && len(form.Get("source")) > 500 {
		err = fault.At("source", "Bitte kürzen Sie die Quelle.")
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			land, err := f.land(tx)
			if err != nil {
				return err
			}
			if land.Code == "" {
				return fault.New(fault.Conflict, "Bitte wählen Sie zuerst das Land.")
			}
			if err := f.Settings.Set(tx, settings.HolidaySource, form.Get("source")); err != nil {
				return err
			}
			if err := setVacations(tx, land.Code, all); err != nil {
				return err
			}
			return f.log(tx, f.Now(), v.ID, "calendar.vacations", 0)
		})
	}
	if web.Again(err) {
		p, e := f.landOf(r, v, web.Form{})
		if e != nil {
			return e
		}
		p.Form.Set("source", form.Get("source"))
		p.Form = atFile(p.Form, err)
		return f.pages.Again(w, r, "land.html", p)
	}
	if err != nil {
		return err
	}
	words := fmt.Sprintf("Eingelesen: %d.", len(all))
	if len(problems) > 0 {
		words += fmt.Sprintf(" Nicht zu lesen: %d.", len(problems))
	}
	return web.Done(w, r, "/betrieb/kalender", words)
}
