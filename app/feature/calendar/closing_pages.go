package calendar

import (
	"fmt"
	"net/http"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type plansPage struct {
	web.Page
	Form  web.Form
	Plans []Plan
	Units []org.Unit // for which the viewer may begin a plan
}

func (f feature) plansOf(r *http.Request, v who.Viewer, form web.Form) (p plansPage, err error) {
	p = plansPage{Page: web.NewPage(r, v, "Schließtage"), Form: form}
	now := f.Now()
	if form.Values == nil {
		p.Form.Set("year", strconv.Itoa(house.Local(now).AddDate(0, 2, 0).Year()))
		p.Form.Set("allowed", "25")
		p.Form.Set("notice", "8")
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Plans, err = plans(tx, v, now); err != nil {
			return err
		}
		for _, id := range v.Units(who.Leaders) {
			below, err := org.Below(tx, id, org.Facility, now)
			if err != nil {
				return err
			}
			p.Units = append(p.Units, below...)
		}
		return nil
	})
	return p, err
}

func (f feature) plans(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.plansOf(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "plans.html", p)
}

// readPlan reads the numbers of a plan.
func readPlan(form web.Form) (p Plan, err error) {
	var wrong fault.Form
	for name, to := range map[string]*int{"year": &p.Year, "allowed": &p.Allowed, "notice": &p.Notice} {
		if form.Values.Has(name) {
			if *to, err = strconv.Atoi(form.Get(name)); err != nil {
				wrong.Add(name, "Bitte geben Sie eine Zahl an.")
			}
		}
	}
	return p, wrong.Err()
}

func (f feature) addPlan(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "unit", "year", "allowed", "notice")
	if err != nil {
		return err
	}
	var id int64
	p, err := readPlan(form)
	p.Unit = form.ID("unit")
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			id, err = AddPlan(tx, f.House, v, p)
			return err
		})
	}
	if web.Again(err) {
		page, e := f.plansOf(r, v, form)
		if e != nil {
			return e
		}
		page.Form = form.With(err)
		return f.pages.Again(w, r, "plans.html", page)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/schliessplan/%d", id))
}

type planPage struct {
	web.Page
	Form   web.Form
	It     Plan
	Days   []Closing
	Sum    int
	Writes bool
	Land   string
}

func (f feature) planOf(r *http.Request, v who.Viewer, form web.Form) (p planPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = planPage{Page: web.NewPage(r, v, "Schließtage"), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, p.Writes, err = plan(tx, id, v, f.Now()); err != nil {
			return err
		}
		land, err := f.land(tx)
		if err != nil {
			return err
		}
		p.Land = land.Name
		p.Days, p.Sum, err = closingsOf(tx, id, land.Code)
		return err
	})
	p.Live = stream(v)
	return p, err
}

// Span says when something of the plan is.
func (p planPage) Span(c Closing) string { return c.span(p.L()) }

// span says when a closing is, in a language.
func (c Closing) span(l *lang.Lang) string {
	if c.First == c.Last {
		return l.Day(dayOf(c.First))
	}
	return l.Day(dayOf(c.First)) + " – " + l.Day(dayOf(c.Last))
}

func (f feature) plan(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.planOf(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "plan.html", p)
}

// change carries out a change of a plan, and shows its page again with what is wrong.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, words string, known []string, do func(tx *store.Tx, p Plan, form web.Form, land string) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		p, err := ruled(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		land, err := f.land(tx)
		if err != nil {
			return err
		}
		return do(tx, p, form, land.Code)
	})
	if web.Again(err) {
		p, e := f.planOf(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "plan.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/schliessplan/%d", id), words)
}

func (f feature) savePlan(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Gespeichert.", []string{"allowed", "notice"}, func(tx *store.Tx, p Plan, form web.Form, _ string) error {
		n, err := readPlan(form)
		if err != nil {
			return err
		}
		n.Year = p.Year
		if err := n.check(f.Now()); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE calendar_plan SET allowed = ?, notice = ? WHERE id = ?`, n.Allowed, n.Notice, p.ID)
		return err
	})
}

func (f feature) addClosing(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Eingetragen.", []string{"first_day", "last_day", "words", "late"}, func(tx *store.Tx, p Plan, form web.Form, land string) error {
		c := Closing{First: form.Get("first_day"), Last: form.Get("last_day"), Words: form.Get("words")}
		if c.Last == "" {
			c.Last = c.First
		}
		return Close(tx, f.House, p, c, form.On("late"), land)
	})
}

func (f feature) removeClosing(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Entfernt.", []string{"day"}, func(tx *store.Tx, p Plan, form web.Form, _ string) error {
		_, err := tx.Exec(`DELETE FROM calendar_closing WHERE id = ? AND plan = ?`, form.ID("day"), p.ID)
		return err
	})
}

func (f feature) publishPlan(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Der Plan ist veröffentlicht.", nil, func(tx *store.Tx, p Plan, _ web.Form, _ string) error {
		if err := Publish(tx, f.House, p); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "closing.published", p.ID)
	})
}
