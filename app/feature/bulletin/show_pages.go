package bulletin

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type showPage struct {
	web.Page
	It     Bulletin
	HTML   template.HTML
	Inside bool // the viewer sits in the council
	Leads  bool
	Reach  Number // of a draft: to how many it would go now
	Why    string // why it cannot be sent; "": it can
	Left   int    // how many the council may still send
	Fate   Fate
	Judge  bool // the viewer looks at what was reported of it
	Agreed bool // the viewer still wants to hear from the council
	Reply  bool // the viewer can answer
	Form   web.Form
}

// look prepares the page of a bulletin, with what was typed into a form of it.
func (f feature) look(r *http.Request, v who.Viewer, id int64, form web.Form) (p showPage, err error) {
	p = showPage{Page: web.NewPage(r, v, ""), Form: form}
	now := f.Now()
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		b, level, err := get(tx, id, v, now)
		if err != nil {
			return err
		}
		p.It, p.Title, p.Inside, p.Leads = b, b.Title, level >= committee.Inside, level >= committee.Leading
		if p.Judge, err = reported(tx, id); err == nil && p.Judge {
			p.Judge, err = org.Manages(tx, v.ID, b.Unit, Judges, now)
		}
		if err != nil {
			return err
		}
		if b.Stopped.IsZero() || p.Inside || p.Judge {
			s, err := shown(tx, b)
			if err != nil {
				return err
			}
			p.HTML = template.HTML(s)
		}
		switch {
		case !b.Sent.IsZero() && p.Inside:
			p.Fate, err = fate(tx, b)
		case b.Sent.IsZero():
			if p.Reach, _, err = counted(tx, b.Unit, b.Place, now); err != nil {
				return err
			}
			var pc Pace
			if pc, err = pace(tx, f.House, b.Unit); err != nil {
				return err
			}
			p.Left = pc.Left()
			err = allowed(tx, f.House, b.Unit)
			if fault.KindOf(err) == fault.Conflict {
				p.Why, err = fault.Words(err), nil
			}
		}
		if err != nil || !b.Mine {
			return err
		}
		p.Agreed, err = entitled(tx, b.Unit, b.Place, v.ID, now)
		p.Reply = f.Answer != nil && b.Stopped.IsZero()
		return err
	})
	return p, err
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.look(r, v, id, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

// refused shows a bulletin with the reason why something about it could not be done.
func (f feature) refused(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, cause error) error {
	p, err := f.look(r, v, id, web.Form{})
	if err != nil {
		return err
	}
	p.Form = p.Form.With(cause)
	return f.pages.Again(w, r, "show.html", p)
}

// opened is sent by the page once it has been on the screen.
func (f feature) opened(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		b, _, err := get(tx, id, v, f.Now())
		if err == nil && !b.Mine {
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		return opened(tx, id, v.ID, f.Now())
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, path(id))
}

// answer takes what a parent writes to the council: under their name, as the page says.
func (f feature) answer(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "body")
	if err != nil {
		return err
	}
	if f.Answer == nil {
		return fault.Gone()
	}
	body := form.Get("body")
	to := ""
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		b, _, err := get(tx, id, v, f.Now())
		if err == nil && (!b.Mine || !b.Stopped.IsZero()) {
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		if n := utf8.RuneCountInString(body); strings.TrimSpace(body) == "" {
			return fault.At("body", "Bitte schreiben Sie etwas.")
		} else if n > maxAnswer {
			return fault.At("body", "Die Antwort darf höchstens %d Zeichen haben.", maxAnswer)
		}
		to, err = f.Answer(tx, v, b.Unit, fmt.Sprintf("bulletin %d", id), body)
		return err
	})
	if web.Again(err) {
		p, e := f.look(r, v, id, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, to, lang.Of(v.Lang).T("Ihre Antwort ist angekommen."))
}
