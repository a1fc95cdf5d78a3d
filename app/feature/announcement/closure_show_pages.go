package announcement

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type closureShowPage struct {
	web.Page
	Card    Card
	Closure Closure
	Events  []Event
	All     []Care // what families asked for; only for the team of the facility
	Taken   int
	Names   bool
	Leads   bool
	Form    web.Form
	Begun   bool
	Counts  *Coverage
	Last    int64 // its latest announcement
}

func (f feature) showClosure(r *http.Request, v who.Viewer, form web.Form) (p closureShowPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = closureShowPage{Page: web.NewPage(r, v, ""), Form: form}
	p.Live = "/strom"
	now := f.Now()
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		a, err := get(tx, id, v, now)
		if err != nil {
			return err
		}
		if a.Closure != id {
			return notFound()
		}
		p.Last = id
		last := a
		if a.Replaced != 0 {
			p.Last = a.Replaced
			if last, err = get(tx, a.Replaced, v, now); err != nil {
				return err
			}
		}
		cards, err := f.dress(tx, v, []Announcement{last})
		if err != nil {
			return err
		}
		p.Card = cards[0]
		p.Card.Only = r.URL.Path
		p.Closure = *p.Card.Closure
		if p.Card.Care == nil {
			if p.Card.Care, err = myCare(tx, id, v, now); err != nil {
				return err
			}
		}
		if p.Events, err = events(tx, id, now); err != nil {
			return err
		}
		if p.Taken, err = taken(tx, id); err != nil {
			return err
		}
		p.Names = mayName(tx, p.Closure, v, now) == nil
		if p.Names {
			if p.All, err = allCare(tx, id); err != nil {
				return err
			}
		}
		us, err := units(tx, id)
		if err != nil {
			return err
		}
		p.Leads = true
		for _, u := range us {
			ok, err := org.Manages(tx, v.ID, u.ID, who.Team, now)
			if err != nil {
				return err
			}
			p.Leads = p.Leads && ok
		}
		if last.Confirm {
			c, err := covered(tx, last.ID, v, who.Team, now)
			if err != nil {
				return err
			}
			if c.Children > 0 {
				p.Counts = &c
			}
		}
		return nil
	})
	p.Begun = !now.Before(p.Closure.from())
	p.Title = p.Card.Heading(p.L(), now)
	if p.Form.Values == nil {
		p.Form.Set("last_day", p.Closure.LastDay)
	}
	return p, err
}

func (f feature) closure(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.showClosure(r, v, web.Form{})
	if err != nil {
		return err
	}
	if !p.Names { // the page of the team names children of other families
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "closure.html", p)
}

// change carries out one of the three changes of a closure.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, done string,
	do func(tx *store.Tx, id int64, form web.Form) (int64, error)) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "version", "words", "last_day", "hours", "ends")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := get(tx, id, v, f.Now()); err != nil {
			return err
		}
		_, err := do(tx, id, form)
		return err
	})
	if web.Again(err) {
		p, e := f.showClosure(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "closure.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/schliessung/%d", id), done)
}

func (f feature) reopen(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Die Schließung ist aufgehoben. Alle Familien sehen es jetzt.", func(tx *store.Tx, id int64, form web.Form) (int64, error) {
		return Reopen(tx, f.House, v, id, int(form.ID("version")), form.Get("words"))
	})
}

func (f feature) cancel(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Die Schließung ist abgesagt. Alle Familien sehen es jetzt.", func(tx *store.Tx, id int64, form web.Form) (int64, error) {
		return Cancel(tx, f.House, v, id, int(form.ID("version")), form.Get("words"))
	})
}

func (f feature) extend(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Die Schließung ist verlängert. Alle Familien sehen es jetzt.", func(tx *store.Tx, id int64, form web.Form) (int64, error) {
		var ends *int
		if form.Get("ends") != "" {
			var wrong fault.Form
			if ends = minutes(form, &wrong, "ends"); wrong.Err() != nil {
				return 0, wrong.Err()
			}
		}
		return Extend(tx, f.House, v, id, int(form.ID("version")), form.Get("last_day"), ends, form.Get("words"))
	})
}

// want is a guardian's request for a child; the answer stands on the page that follows.
func (f feature) want(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "child", "want", "back")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		return want(tx, f.House, id, form.ID("child"), v, form.Get("want"))
	})
	if web.Again(err) {
		return web.Done(w, r, fmt.Sprintf("/schliessung/%d", id), fault.Words(err))
	}
	if err != nil {
		return err
	}
	to := fmt.Sprintf("/schliessung/%d", id)
	if b := form.Get("back"); b != "" {
		to = web.Own(b)
	}
	return web.Done(w, r, to)
}

func (f feature) decide(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "child", "state")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		return decide(tx, f.House, id, form.ID("child"), v, form.Get("state"))
	})
	if web.Again(err) {
		return web.Done(w, r, fmt.Sprintf("/schliessung/%d", id), fault.Words(err))
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/schliessung/%d", id), "Gespeichert. Die Familie bekommt Bescheid.")
}

// German is for the texts that the team reads.
func (c Closure) German(now time.Time) string {
	return strings.TrimSpace(c.Span(lang.German(), now))
}
