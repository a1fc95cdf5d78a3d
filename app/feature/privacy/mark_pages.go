package privacy

import (
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/hold"
	"nestfunk/app/base/house"
	"nestfunk/app/base/law"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type marksPage struct {
	web.Page
	Law           law.Profile
	Holds, Limits []hold.Hold
	Units         []org.Unit // that the viewer may hold
	May           bool
	Form          web.Form
}

func (f *feature) marksPage(r *http.Request, v who.Viewer) (marksPage, error) {
	p := marksPage{Page: web.NewPage(r, v, "Vermerke").In("de"), May: v.May(who.Clerks)}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		all, err := hold.List(tx, f.Now())
		if err != nil {
			return err
		}
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		whole, err := wholeHouse(tx, v)
		if err != nil {
			return err
		}
		for _, h := range all {
			if err := f.mayMark(tx, v, h); err != nil {
				if k := fault.KindOf(err); k != fault.NotFound && k != fault.Forbidden {
					return err
				}
				if !whole {
					continue
				}
				h = nameless(h)
			}
			if h.Kind == hold.Keep {
				p.Holds = append(p.Holds, h)
			} else {
				p.Limits = append(p.Limits, h)
			}
		}
		if p.May {
			p.Units, err = holdable(tx, v, f.Now())
		}
		return err
	})
	return p, err
}

// nameless is a mark as those read it who audit the house: why, but not on whom.
func nameless(h hold.Hold) hold.Hold {
	switch {
	case h.Child != 0:
		h.Name = "ein Kind"
	case h.Person != 0:
		h.Name = "eine Person"
	}
	h.Person, h.Child = 0, 0
	return h
}

// mayMark is nil for whoever looks after what a mark is about.
func (f *feature) mayMark(tx *store.Tx, v who.Viewer, h hold.Hold) error {
	if h.Unit != 0 {
		return org.Must(tx, v, h.Unit, who.Clerks, f.Now())
	}
	x, err := find(tx, v, house.Subject{Person: h.Person, Child: h.Child}, f.Now())
	if err == nil {
		err = x.whole()
	}
	return err
}

// marks lists legal holds and restrictions.
func (f *feature) marks(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.marksPage(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "marks.html", p)
}

// until reads the day up to which a mark holds; "": it is open.
func until(form web.Form) (time.Time, error) {
	s := form.Get("until")
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, web.Zone())
	if err != nil {
		return t, fault.At("until", "Das ist kein Datum.")
	}
	return t.AddDate(0, 0, 1), nil // to the end of that day
}

// holdUnit sets a legal hold on all who are or were in a unit.
func (f *feature) holdUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "unit", "reason", "until")
	if err != nil {
		return err
	}
	end, err := until(form)
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			h := hold.Hold{Kind: hold.Keep, Unit: form.ID("unit"), Reason: form.Get("reason")}
			if err := f.mayMark(tx, v, h); err != nil {
				return err
			}
			id, err := hold.Set(tx, h, v.ID, end, f.Now())
			if err != nil {
				return err
			}
			return f.log(tx, f.Now(), v.ID, "hold.set", id)
		})
	}
	if web.Again(err) {
		p, perr := f.marksPage(r, v)
		if perr != nil {
			return perr
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "marks.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/vermerke", "Der Vermerk gilt ab jetzt.")
}

// mark sets a legal hold or a restriction on a person or a child.
func (f *feature) mark(of func(int64) house.Subject, kind string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		form, err := web.ReadForm(r, "reason", "until")
		if err != nil {
			return err
		}
		s := of(id)
		end, err := until(form)
		if err == nil {
			err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.setMark(tx, v, s, kind, form.Get("reason"), end) })
		}
		switch {
		case web.Again(err):
			return f.again(w, r, v, s, kind, form, err)
		case err != nil:
			return err
		}
		return web.Done(w, r, path(s)+"/daten", "Der Vermerk gilt ab jetzt.")
	}
}

func (f *feature) setMark(tx *store.Tx, v who.Viewer, s house.Subject, kind, reason string, end time.Time) error {
	x, err := find(tx, v, s, f.Now())
	if err != nil {
		return err
	}
	if err := x.whole(); err != nil {
		return err
	}
	action := "hold.set"
	if kind == hold.Limit {
		action = "limit.set"
		switch {
		case x.Limited():
			return fault.New(fault.Conflict, "Die Verarbeitung ist schon eingeschränkt.")
		case len(x.Ties) > 0:
			return fault.New(fault.Conflict, "%s gehört noch zum Haus: Ohne diese Daten könnte es niemanden betreuen oder erreichen. Einschränken lässt sich, wer gegangen ist.", x.Name)
		}
	}
	if x.Gone {
		return x.erasable(v)
	}
	id, err := hold.Set(tx, hold.Hold{Kind: kind, Person: s.Person, Child: s.Child, Reason: reason}, v.ID, end, f.Now())
	if err != nil {
		return err
	}
	if err := f.log(tx, f.Now(), v.ID, action, id); err != nil {
		return err
	}
	f.Rights(tx)
	return nil
}

// lift ends a mark.
func (f *feature) lift(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		h, err := hold.Get(tx, id)
		if err != nil {
			return err
		}
		if err := f.mayMark(tx, v, h); err != nil {
			return err
		}
		if err := hold.Lift(tx, id, v.ID, f.Now()); err != nil {
			return err
		}
		f.Rights(tx)
		if h.Kind == hold.Limit {
			return f.log(tx, f.Now(), v.ID, "limit.lifted", id)
		}
		return f.log(tx, f.Now(), v.ID, "hold.lifted", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/vermerke", "Aufgehoben.")
}
