package tablet

import (
	"net/http"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

type dayPage struct {
	web.Page
	Form     web.Form
	Tablet   Tablet
	Team     []Worker // while it is locked
	Chosen   Worker   // whose PIN is asked for; 0: nobody's yet
	Children []Child
	Here     int
	Lock     int // seconds until the page looks whether it is locked
}

// Key is a new name for a tap.
func (dayPage) Key() string { return uuid.Must(uuid.NewV7()).String() }

// day is the only page of a tablet: tiles of the team while nobody is at it, else the list of the day.
func (f *feature) day(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if len(v.Holds) == 0 {
		return f.gone(w, r, v)
	}
	p, err := f.dayPage(r, v, web.Form{}, r.URL.Query().Get("person"))
	if err != nil {
		return err
	}
	if v.ID == 0 {
		return f.pages.Render(w, r, "locked.html", p)
	}
	return f.pages.Render(w, r, "day.html", p)
}

// gone is what a tablet shows that has been ended: nothing, and its browser forgets what it had.
func (f *feature) gone(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if r.Header.Get("X-Live") != "" { // an open page looks again: it finds nothing, and then comes itself
		return fault.Gone()
	}
	w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	http.SetCookie(w, &http.Cookie{Name: f.cookie(), Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: f.Base.Scheme == "https"})
	p := setUpPage{Page: web.NewPage(r, v, "Dieses Gerät ist beendet").In("de")}
	p.Plain = true
	return f.pages.Render(w, r, "gone.html", p)
}

func (f *feature) dayPage(r *http.Request, v who.Viewer, form web.Form, chosen string) (dayPage, error) {
	p := dayPage{Page: web.NewPage(r, v, ""), Form: form, Lock: int(idle.Seconds()) + 1}
	p.Plain, p.Live = true, "/strom"
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Tablet, err = get(tx, v.Tablet); err != nil {
			return err
		}
		if v.ID != 0 {
			p.Children, err = f.Today(tx, p.Tablet.Unit)
			return err
		}
		p.Team, err = team(tx, p.Tablet.Unit, f.Now())
		return err
	})
	p.Title = p.Tablet.In
	for _, x := range p.Team {
		if strconv.FormatInt(x.ID, 10) == chosen {
			p.Chosen = x
		}
	}
	for _, c := range p.Children {
		if c.State == "here" {
			p.Here++
		}
	}
	return p, err
}

// unlock begins somebody's turn at the tablet.
func (f *feature) unlock(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "person", "pin")
	if err != nil {
		return err
	}
	if len(v.Holds) == 0 {
		return f.gone(w, r, v)
	}
	typed := form.Get("pin")
	form.Set("pin") // never shown again
	err = f.open(r, v, form.ID("person"), typed)
	if web.Again(err) {
		v.ID = 0
		p, perr := f.dayPage(r, v, form.With(err), form.Get("person"))
		if perr != nil {
			return perr
		}
		return f.pages.Again(w, r, "locked.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/am-tablet")
}

func (f *feature) open(r *http.Request, v who.Viewer, id int64, typed string) error {
	if err := f.Limits.Take(pinAt(), strconv.FormatInt(v.Tablet, 10)); err != nil {
		return err
	}
	var kept pin
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		t, err := get(tx, v.Tablet)
		if err != nil {
			return err
		}
		all, err := team(tx, t.Unit, f.Now())
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.ID != id {
				continue
			}
			if kept, err = pinOf(tx, id); err != nil {
				return err
			}
			return tried(tx, id, false)
		}
		return fault.Gone()
	})
	if err != nil {
		return err
	}
	ok, err := f.Fits(r.Context(), kept.Hash, typed)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if !ok {
			return f.log(tx, id, "tablet.refused", v.Tablet)
		}
		if err := tried(tx, id, true); err != nil {
			return err
		}
		if err := used(tx, v.Tablet, f.Now()); err != nil {
			return err
		}
		return f.log(tx, id, "tablet.unlocked", v.Tablet)
	})
	switch {
	case err != nil:
		return err
	case !ok && kept.Wrong+1 >= tries:
		return errLocked()
	case !ok:
		return fault.At("pin", "Diese PIN stimmt nicht.")
	}
	f.Limits.Forget(pinAt(), strconv.FormatInt(v.Tablet, 10))
	f.turns.begin(v.Tablet, id)
	return nil
}

// lock ends the turn.
func (f *feature) lock(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	f.turns.end(v.Tablet)
	return web.Done(w, r, "/am-tablet")
}

// tap writes down that a child has come or gone.
func (f *feature) tap(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "child", "kind", "instead")
	if err != nil {
		return err
	}
	if v.ID == 0 || len(v.Holds) == 0 { // locked meanwhile
		return web.Done(w, r, "/am-tablet")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		t, err := get(tx, v.Tablet)
		if err != nil {
			return err
		}
		if err := used(tx, t.ID, f.Now()); err != nil {
			return err
		}
		return f.Tap(tx, v, t.Unit, Tap{form.Get("uid"), form.ID("child"), form.Get("kind"), form.Get("instead"), t.Name})
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/am-tablet")
}
