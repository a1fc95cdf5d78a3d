package absence

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// ruling are the roles that set how a facility takes absences.
func ruling() who.Right { return who.Of(who.Head, who.Manager) }

type rulePage struct {
	web.Page
	Unit org.Unit
	Form web.Form
}

func (f feature) rulePage(r *http.Request, v who.Viewer, form web.Form) (p rulePage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = rulePage{Page: web.NewPage(r, v, "Abwesenheit einrichten"), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Unit, err = f.ruled(tx, id, v); err != nil || form.Values != nil {
			return err
		}
		rule, err := ruleOf(tx, id)
		if rule.Active {
			p.Form.Set("active", "1")
		}
		p.Form.Set("latest", fmt.Sprintf("%02d:%02d", rule.Latest/60, rule.Latest%60))
		p.Form.Set("years", strconv.Itoa(rule.Years))
		return err
	})
	return p, err
}

// ruled is a facility whose rule the viewer may set.
func (f feature) ruled(tx *store.Tx, id int64, v who.Viewer) (org.Unit, error) {
	u, err := place(tx, id, v, ruling(), f.Now())
	if err == nil && u.Kind != org.Facility {
		err = fault.Gone()
	}
	return u, err
}

func (f feature) ruleForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.rulePage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "rule.html", p)
}

func (f feature) setRule(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "active", "latest", "years", "sure")
	if err != nil {
		return err
	}
	rule, err := readRule(form)
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if _, err := f.ruled(tx, id, v); err != nil {
				return err
			}
			before, err := ruleOf(tx, id)
			if err != nil {
				return err
			}
			var ask retention.Ask
			if err := ask.Add(tx, f.Now(), "roll", retention.Span{Years: before.Years}, retention.Span{Years: rule.Years}, due(id)); err != nil {
				return err
			}
			if err := ask.Answered(&form); err != nil {
				return err
			}
			if err := setRule(tx, id, rule); err != nil {
				return err
			}
			return f.wires.Log(tx, f.Now(), v.ID, "absence.ruled", id)
		})
	}
	if web.Again(err) {
		p, e := f.rulePage(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "rule.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d/abwesenheit", id), "Gespeichert.")
}

func readRule(form web.Form) (Rule, error) {
	var wrong fault.Form
	rule := Rule{Active: form.On("active")}
	t, err := time.Parse("15:04", form.Get("latest"))
	if err != nil {
		wrong.Add("latest", "Bitte geben Sie eine Uhrzeit an, zum Beispiel 8:30.")
	}
	rule.Latest = t.Hour()*60 + t.Minute()
	if rule.Years, err = strconv.Atoi(form.Get("years")); err != nil || rule.Years < 1 || rule.Years > 10 {
		wrong.Add("years", "Bitte geben Sie eine Zahl von 1 bis 10 an.")
	}
	return rule, wrong.Err()
}
