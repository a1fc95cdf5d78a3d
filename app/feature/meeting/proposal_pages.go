package meeting

import (
	"html/template"
	"net/http"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// HTML is the text of a proposal.
func (p Proposal) HTML() template.HTML { return text.HTML(p.Body) }

type proposalsPage struct {
	web.Page
	Form    web.Form
	At      int64 // the proposal whose form was sent; 0: none
	Units   []org.Unit
	Unit    org.Unit
	Leads   bool
	Waiting []Proposal
	Decided []Proposal
	Next    []row // meetings onto whose agendas a proposal can go
}

// proposed prepares the page of the proposals of a committee.
func (f feature) proposed(r *http.Request, v who.Viewer, form web.Form, unit int64) (p proposalsPage, err error) {
	p = proposalsPage{Page: web.NewPage(r, v, ""), Form: form}
	p.Title, p.Live = p.L().T("Vorschläge zur Tagesordnung"), "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		if p.Units, err = ledUnits(tx, v, committee.Inside, now); err != nil {
			return err
		}
		if unit == 0 {
			unit = chosen(r, web.Form{}, p.Units)
		}
		u, level, err := committee.Must(tx, v, unit, committee.Inside, now)
		if err != nil {
			return err
		}
		p.Unit, p.Leads = u, level == committee.Leading
		if p.Waiting, err = proposals(tx, unit, true); err != nil {
			return err
		}
		if p.Decided, err = proposals(tx, unit, false); err != nil {
			return err
		}
		next, err := list(tx, v, now, filter{unit: unit, n: 20})
		for _, m := range next {
			if m.Open() {
				p.Next = append(p.Next, row{Meeting: m, When: when(p.L(), m, now)})
			}
		}
		return err
	})
	return p, err
}

func (f feature) proposals(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.proposed(r, v, web.Form{}, 0)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "proposals.html", p)
}

type proposalPage struct {
	web.Page
	Form  web.Form
	Units []org.Unit
	Unit  int64
}

// proposing prepares the form of a proposal.
func (f feature) proposing(r *http.Request, v who.Viewer, form web.Form) (p proposalPage, err error) {
	p = proposalPage{Page: web.NewPage(r, v, ""), Form: form}
	p.Title = p.L().T("Etwas vorschlagen")
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Units, err = ledUnits(tx, v, committee.Inside, f.Now()); err != nil {
			return err
		}
		p.Unit = chosen(r, form, p.Units)
		return nil
	})
	if form.Values == nil {
		p.Form.Set("uid", newUID())
		p.Form.Set("public", "1")
	}
	return p, err
}

func (f feature) newProposalForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.proposing(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "proposal.html", p)
}

func (f feature) propose(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "unit", "title", "body", "public")
	if err != nil {
		return err
	}
	unit := form.ID("unit")
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, err := Propose(tx, f.House, v, unit, Proposal{UID: form.Get("uid"), Title: form.Get("title"), Body: form.Get("body"), Public: form.On("public")})
		return err
	})
	if web.Again(err) {
		p, e := f.proposing(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "proposal.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, vorschlaege(unit), lang.Of(v.Lang).T("Danke! Der Vorsitz entscheidet, und Sie bekommen Bescheid."))
}

// decide takes, postpones or refuses a proposal.
func (f feature) decide(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.settle(w, r, v, []string{"state", "reason", "meeting", "from"}, func(tx *store.Tx, p Proposal, form web.Form) error {
		if err := leads(tx, v, p.Unit, f.Now()); err != nil {
			return err
		}
		var m Meeting
		if form.Get("state") == Taken {
			var err error
			if m, err = led(tx, form.ID("meeting"), v, f.Now()); err != nil {
				return err
			}
		}
		if err := decide(tx, f.House, v, p, m, form.Get("state"), form.Get("reason")); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "proposal.decided", p.ID)
	})
}

func (f feature) withdraw(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.settle(w, r, v, nil, func(tx *store.Tx, p Proposal, _ web.Form) error { return withdraw(tx, f.House, v, p) })
}

// settle reads a form about a proposal, and lets do carry it out. from: the meeting on whose page it stands, to which one
// returns.
func (f feature) settle(w http.ResponseWriter, r *http.Request, v who.Viewer, known []string, do func(tx *store.Tx, p Proposal, form web.Form) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	var p Proposal
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if p, _, err = proposal(tx, id, v, f.Now()); err != nil {
			return err
		}
		return do(tx, p, form)
	})
	if web.Again(err) {
		page, e := f.proposed(r, v, form, p.Unit)
		if e != nil {
			return e
		}
		page.Form, page.At = form.With(err), id
		return f.pages.Again(w, r, "proposals.html", page)
	}
	if err != nil {
		return err
	}
	if from := form.ID("from"); from != 0 {
		return web.Done(w, r, sitzung(from)+"/tagesordnung")
	}
	return web.Done(w, r, vorschlaege(p.Unit))
}
