package list

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// closing is until when one can put oneself down; zero: not told.
func closing(form web.Form, f *fault.Form) time.Time {
	day := form.Get("closes_day")
	if day == "" {
		return time.Time{}
	}
	m := 24*60 - 1 // the whole day
	if s := form.Get("closes_time"); s != "" {
		var ok bool
		if m, ok = minute(s); !ok {
			f.Add("closes", "Bitte geben Sie eine Uhrzeit an.")
		}
	}
	t := at(day, m)
	if t.IsZero() {
		f.Add("closes", "Bitte geben Sie einen Tag an, den es gibt.")
	}
	return t
}

type editPage struct {
	web.Page
	It     List
	Form   web.Form
	Shifts []shift
	Timed  bool // lines have times
}

func (f feature) editPage(r *http.Request, v who.Viewer, form web.Form) (p editPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = editPage{Page: web.NewPage(r, v, "Liste ändern"), Form: form, Shifts: shifts(form)}
	fresh := form.Values == nil
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = edited(tx, id, v, f.Now()); err != nil {
			return err
		}
		all, err := lines(tx, id)
		for _, l := range all {
			if fresh {
				p.Shifts = append(p.Shifts, typed(l))
			}
		}
		for i, s := range p.Shifts {
			for _, l := range all {
				if l.ID == s.ID {
					p.Shifts[i].Held = l.Held
				}
			}
		}
		return err
	})
	if fresh {
		p.Form.Set("title", p.It.Title)
		p.Form.Set("body", p.It.Body)
		if t := p.It.Closes; !t.IsZero() {
			p.Form.Set("closes_day", house.Local(t).Format(time.DateOnly))
			p.Form.Set("closes_time", house.Local(t).Format("15:04"))
		}
		p.Form.Set("day", p.It.Day)
		if p.It.Names {
			p.Form.Set("names", "1")
		}
		if p.It.Remind {
			p.Form.Set("remind", "1")
		}
	}
	p.Timed = p.It.Kind != Bring
	for range 2 {
		if len(p.Shifts) < maxLines {
			p.Shifts = append(p.Shifts, shift{})
		}
	}
	return p, err
}

func (f feature) editForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.editPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "edit.html", p)
}

func (f feature) edit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, append(shiftFields(), "title", "body", "names", "day", "closes_day", "closes_time", "remind", "gone")...)
	if err != nil {
		return err
	}
	var wrong fault.Form
	d := Draft{Title: text.Line(form.Get("title")), Body: form.Get("body"), Names: form.On("names"), Remind: form.On("remind"), Day: form.Get("day"),
		Closes: closing(form, &wrong)}
	if d.Day != "" && at(d.Day, 0).IsZero() {
		wrong.Add("day", "Bitte geben Sie einen Tag an, den es gibt.")
	}
	gone := form.IDs("gone")
	for i, s := range shifts(form) {
		if !s.blank() && !slices.Contains(gone, s.ID) {
			d.Lines = append(d.Lines, s.line(i+1, &wrong))
		}
	}
	if err = wrong.Err(); err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			l, err := edited(tx, id, v, f.Now())
			if err != nil {
				return err
			}
			return change(tx, f.House, v, l, d, gone)
		})
	}
	if web.Again(err) {
		p, e := f.editPage(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/liste/%d", id), "Die Liste ist geändert.")
}

// shut closes a list by hand, or opens it again.
func (f feature) shut(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, []string{"open"}, func(tx *store.Tx, l List, form web.Form) (string, error) {
		if _, err := edited(tx, l.ID, v, f.Now()); err != nil {
			return "", err
		}
		words := "Die Liste ist geschlossen. Niemand kann sich mehr ein- oder austragen."
		if form.On("open") {
			words = "Die Liste ist wieder offen."
		}
		return words, closeList(tx, f.House, v, l, form.On("open"))
	})
}

func (f feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		l, err := edited(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		return drop(tx, f.House, l)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/listen", "Die Liste ist entfernt.")
}
