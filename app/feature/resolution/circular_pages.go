package resolution

import (
	"fmt"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type inquiryPage struct {
	formPage
	Votes int // of the committee
	Rules committee.Rules
}

// prepare is the form for a circular resolution; not found where nobody may begin one.
func (f feature) prepare(r *http.Request, v who.Viewer, unit int64, form web.Form) (p inquiryPage, err error) {
	p = inquiryPage{formPage: formPage{Page: page(r, v, "Umlaufbeschluss"), Form: form}}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Unit, _, err = committee.Must(tx, v, unit, committee.Leading, p.Now); err != nil {
			return err
		}
		if p.Rules, err = committee.RulesOf(tx, unit); err != nil {
			return err
		}
		if !p.Rules.Circular || f.wires.Vote == nil {
			return fault.Gone()
		}
		seats, err := committee.Seats(tx, unit, p.Now)
		p.Votes = len(committee.Voters(seats))
		return err
	})
	return p, err
}

func (f feature) circularForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.prepare(r, v, unitOf(r), web.Form{})
	if err != nil {
		return err
	}
	p.Form.Set("uid", newUID())
	p.Form.Set("public", "1")
	p.Form.Set("closes_day", house.Local(p.Now).AddDate(0, 0, 7).Format(time.DateOnly))
	p.Form.Set("closes_time", "20:00")
	return f.pages.Render(w, r, "inquiry.html", p)
}

func (f feature) ask(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "unit", "title", "wording", "cause", "closes_day", "closes_time", "public", "until", "replaces")
	if err != nil {
		return err
	}
	q := Inquiry{UID: form.Get("uid"), Unit: form.ID("unit"), Title: form.Get("title"), Wording: form.Get("wording"), Cause: form.Get("cause"),
		Public: form.On("public"), Until: form.Get("until"), Replaces: form.Get("replaces")}
	zone := house.Local(f.Now()).Location()
	q.Closes, _ = time.ParseInLocation("2006-01-02 15:04", form.Get("closes_day")+" "+form.Get("closes_time"), zone) // the zero time, which is refused, for none
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if id, err = ask(tx, f.House, f.wires.Vote, v, q); err != nil {
			return err
		}
		return f.wires.Log(tx, f.Now(), v.ID, "circular.asked", id)
	})
	if web.Again(err) {
		p, e := f.prepare(r, v, q.Unit, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "inquiry.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/umlaufbeschluss/%d", id), "Die Abstimmung läuft. Alle, die eine Stimme haben, bekommen Bescheid.")
}

type circularPage struct {
	web.Page
	It       Circular
	Unit     org.Unit
	Lead     bool
	Open     bool
	Wording  template.HTML
	Cause    template.HTML
	Vote     template.HTML // where one votes and sees how it went; "": the house cannot vote
	Given    int           // votes so far
	Book     Resolution    // that it became; the zero Resolution: none
	Replaces Resolution    // what that replaces; likewise
	Form     web.Form
}

func (f feature) lookCircular(r *http.Request, v who.Viewer, form web.Form) (p circularPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = circularPage{Page: page(r, v, ""), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		var level committee.Level
		if p.It, level, err = getCircular(tx, id, v, p.Now); err != nil {
			return err
		}
		turnout, err := f.wires.Vote.see(tx, &p.It)
		if err != nil {
			return err
		}
		p.Lead, p.Open, p.Given = level == committee.Leading, p.It.Open(p.Now) && f.wires.Vote != nil, turnout.Given
		for of, at := range map[int64]*Resolution{p.It.Resolution: &p.Book, p.It.Replaces: &p.Replaces} {
			if of == 0 {
				continue
			}
			if *at, err = find(tx, of); err != nil {
				return err
			}
		}
		if f.wires.Vote == nil {
			return nil
		}
		p.Vote, err = f.wires.Vote.Panel(tx, p.Page, id)
		return err
	})
	p.Title, p.Live = p.It.Title, "/strom"
	p.Wording, p.Cause = text.HTML(p.It.Wording), text.HTML(p.It.Cause)
	return p, err
}

func (f feature) circular(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.lookCircular(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "circular.html", p)
}

// changeCircular reads a form, opens a circular resolution of a committee in which the viewer sits, and lets do change it.
func (f feature) changeCircular(w http.ResponseWriter, r *http.Request, v who.Viewer, action, words string, known []string,
	do func(tx *store.Tx, c Circular, level committee.Level, form web.Form) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		c, level, err := getCircular(tx, id, v, f.Now())
		if err == nil && f.wires.Vote == nil {
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		if _, err := f.wires.Vote.see(tx, &c); err != nil {
			return err
		}
		if err := do(tx, c, level, form); err != nil {
			return err
		}
		return f.wires.Log(tx, f.Now(), v.ID, action, id)
	})
	if web.Again(err) {
		p, e := f.lookCircular(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "circular.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/umlaufbeschluss/%d", id), words)
}

func (f feature) object(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.changeCircular(w, r, v, "circular.stopped", "Die Abstimmung ist beendet. Der Antrag kommt in die nächste Sitzung.", []string{"objection"},
		func(tx *store.Tx, c Circular, _ committee.Level, form web.Form) error {
			return object(tx, f.House, f.wires, v, c, form.Get("objection"))
		})
}

func (f feature) withdraw(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.changeCircular(w, r, v, "circular.withdrawn", "Der Umlaufbeschluss ist zurückgezogen.", nil,
		func(tx *store.Tx, c Circular, level committee.Level, _ web.Form) error {
			if level != committee.Leading {
				return fault.New(fault.Forbidden, "Zurückziehen kann nur, wer das Gremium leitet. Sie können widersprechen.")
			}
			return withdraw(tx, f.House, f.wires, v, c)
		})
}
