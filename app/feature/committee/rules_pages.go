package committee

import (
	"net/http"
	"strconv"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type rulesPage struct {
	web.Page
	Unit       org.Unit
	Form       web.Form
	Majorities []choice
	Given      bool // it has given itself rules already
}

// A choice is one of a form.
type choice struct{ Value, Label string }

func majorities() (all []choice) {
	for _, m := range []committee.Majority{committee.Simple, committee.Absolute, committee.TwoThirds} {
		all = append(all, choice{string(m), m.Word()})
	}
	return all
}

// The numbers and boxes of the form.
func numbers(r *committee.Rules) map[string]*int {
	return map[string]*int{"notice": &r.Notice, "quorum": &r.Quorum, "minutes": &r.Minutes, "objection": &r.Objection, "provisional": &r.Provisional}
}

func boxes(r *committee.Rules) map[string]*bool {
	return map[string]*bool{"public": &r.Public, "working": &r.Working, "substitutes": &r.Substitutes, "circular": &r.Circular}
}

// readRules are the rules of a form. What is no number is out of range, and refused as such.
func readRules(unit int64, form web.Form) committee.Rules {
	r := committee.Rules{Unit: unit, Majority: committee.Majority(form.Get("majority"))}
	for name, to := range numbers(&r) {
		n, err := strconv.Atoi(form.Get(name))
		if *to = n; err != nil {
			*to = -1
		}
	}
	for name, to := range boxes(&r) {
		*to = form.On(name)
	}
	return r
}

func (f *feature) rulesAt(r *http.Request, v who.Viewer, form web.Form) (p rulesPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = rulesPage{Page: web.NewPage(r, v, "Geschäftsordnung").In("de"), Form: form, Majorities: majorities()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Unit, _, err = committee.Must(tx, v, id, committee.Leading, f.Now()); err != nil {
			return err
		}
		if p.Given, err = committee.Given(tx, id); err != nil || p.Form.Values != nil {
			return err
		}
		rules, err := committee.RulesOf(tx, id)
		if err != nil {
			return err
		}
		for name, n := range numbers(&rules) {
			p.Form.Set(name, strconv.Itoa(*n))
		}
		for name, on := range boxes(&rules) {
			if *on {
				p.Form.Set(name, "1")
			}
		}
		p.Form.Set("majority", string(rules.Majority))
		day, err := plannedElection(tx, id)
		p.Form.Set("election", day)
		return err
	})
	return p, err
}

func (f *feature) rulesForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.rulesAt(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "rules.html", p)
}

func (f *feature) saveRules(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "public", "notice", "working", "quorum", "majority", "minutes", "objection", "substitutes", "circular", "provisional", "election")
	if err != nil {
		return err
	}
	rules := readRules(id, form)
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, _, err := committee.Must(tx, v, id, committee.Leading, f.Now()); err != nil {
			return err
		}
		if err := rules.Check(); err != nil {
			return err
		}
		if err := checkElection(form.Get("election")); err != nil {
			return err
		}
		day, _ := person.Day(form.Get("election"))
		if err := planElection(tx, id, day); err != nil {
			return err
		}
		before, err := committee.RulesOf(tx, id)
		if err != nil {
			return err
		}
		if err := committee.SetRules(tx, rules); err != nil {
			return err
		}
		if before.Public != rules.Public { // all that it keeps is found by others now
			err = search.Moved(tx)
		} else {
			err = search.Changed(tx, committee.Found, id)
		}
		if err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "committee.rules", id)
	})
	if web.Again(err) {
		p, e := f.rulesAt(r, v, form)
		if e != nil {
			return e
		}
		p.Form = p.Form.With(err)
		return f.pages.Again(w, r, "rules.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, path(id), "Gespeichert.")
}

// checkElection says what is wrong with the day of the next election; "" is none.
func checkElection(day string) error {
	if _, ok := midnight(day); day != "" && !ok {
		return fault.At("election", "Das ist kein Datum.")
	}
	return nil
}
