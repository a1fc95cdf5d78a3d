package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// addGuardian makes somebody responsible for a child.
func (f *feature) addGuardian(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "person", "given", "family", "relation", "mail", "phone", "language", "informed", "decides")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		c, err := wardOf(tx, v, id, families, now)
		if err != nil {
			return err
		}
		others, err := person.Guardians(tx, id)
		if err != nil {
			return err
		}
		g := person.Guardian{Child: id, Rank: 1, State: org.Invited}
		for _, o := range others {
			g.Rank = max(g.Rank, o.Rank+1)
		}
		if err := readGuardianForm(form, &g); err != nil {
			return err
		}
		if g.Person = form.ID("person"); g.Person != 0 {
			people, err := peopleOf(tx, c.Facility, true, now)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(people, func(p Choice) bool { return p.ID == g.Person }) {
				return fault.At("person", "Bitte wählen Sie eine Person aus der Liste.")
			}
			if slices.ContainsFunc(others, func(o person.Guardian) bool { return o.Person == g.Person }) {
				return fault.At("person", "Diese Person steht schon bei diesem Kind.")
			}
			known, err := trusted(tx, g.Person, c.Facility)
			if err != nil {
				return err
			}
			if known {
				g.State = org.Confirmed
			}
		} else {
			p, err := newPerson(form)
			if err != nil {
				return err
			}
			if g.Person, err = person.Add(tx, p); err != nil {
				return err
			}
		}
		f.rights(tx)
		_, err = person.AddGuardian(tx, g, now)
		return err
	})
	if web.Again(err) {
		return f.childAgain(w, r, v, id, "guardian", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/kind/%d", id), "Eingetragen.")
}

// readGuardianForm takes over what was typed, but names.
func readGuardianForm(form web.Form, g *person.Guardian) error {
	g.Relation, g.Language = clean(form.Get("relation")), form.Get("language")
	g.Informed, g.Decides = form.On("informed"), form.On("decides")
	var bad fault.Form
	var err error
	if g.Mail, g.Phone, err = contact(form); err != nil {
		for name, words := range fault.Fields(err) {
			bad.Add(name, "%s", words)
		}
	}
	if why := checkLanguage(g.Language); why != "" {
		bad.Add("language", "%s", why)
	}
	if g.Language == "" {
		g.Language = "de"
	}
	if len(g.Relation) > 200 {
		bad.Add("relation", "Das ist zu lang.")
	}
	if s := form.Get("rank"); s != "" {
		if g.Rank, err = strconv.Atoi(s); err != nil || g.Rank < 1 || g.Rank > 20 {
			bad.Add("rank", "Bitte geben Sie eine Zahl von 1 bis 20 ein.")
		}
	}
	return bad.Err()
}

type guardianPage struct {
	web.Page
	Path     []Crumb
	Child    person.Child
	Guardian person.Guardian
	Steps    []Step
	Named    bool // the name may be corrected here
	Form     web.Form
	Was      string
	State    string
	Stored   []Named
}

func guardianForm(g person.Guardian) (f web.Form) {
	for name, value := range map[string]string{"given": g.Given, "family": g.Family, "relation": g.Relation, "mail": g.Mail,
		"phone": g.Phone, "language": g.Language, "rank": strconv.Itoa(g.Rank), "informed": box(g.Informed), "decides": box(g.Decides)} {
		f.Set(name, value)
	}
	return f
}

func box(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// careFor finds a guardian of a child whom the viewer looks after.
func careFor(tx *store.Tx, v who.Viewer, id int64, now time.Time) (person.Guardian, person.Child, error) {
	g, err := person.GetGuardian(tx, id)
	if err != nil {
		return g, person.Child{}, err
	}
	c, err := wardOf(tx, v, g.Child, families, now)
	return g, c, err
}

// guardianSteps are those of a membership; whoever has ended can be invited anew.
func guardianSteps(state string) []Step {
	if state == org.Ended {
		return []Step{{To: org.Invited, Label: "Wieder einladen", Icon: "user-plus", Class: "secondary"}}
	}
	return steps(state)
}

func (f *feature) guardianPage(r *http.Request, v who.Viewer, id int64) (guardianPage, error) {
	p := guardianPage{Page: f.page(r, v, "")}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Guardian, p.Child, err = careFor(tx, v, id, now); err != nil {
			return err
		}
		g := p.Guardian
		p.Title, p.Steps, p.Form = g.Name(), guardianSteps(g.State), guardianForm(g)
		p.Was, p.State = mark(p.Form.Values), mark(g.State)
		p.Stored = []Named{{g.Name(), "Name"}, {g.Relation, "Beziehung"}, {g.Mail, "Mail"}, {g.Phone, "Telefon"}, {g.Language, "Sprache"},
			{strconv.Itoa(g.Rank), "Reihenfolge"}, {yesNo(g.Informed), "Wird informiert"}, {yesNo(g.Decides), "Darf entscheiden"}}
		n, err := elsewhere(tx, g.Person, v.ID, now)
		if err != nil {
			return err
		}
		p.Named = n == 0
		at := p.Child.Group
		if at == 0 {
			at = p.Child.Facility
		}
		p.Path, err = crumbs(tx, v, at, now)
		return err
	})
	return p, err
}

func yesNo(b bool) string {
	if b {
		return "ja"
	}
	return "nein"
}

func (f *feature) guardian(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.guardianPage(r, v, id)
	if err != nil {
		return err
	}
	p.Stored = nil
	return f.pages.Render(w, r, "guardian.html", p)
}

func (f *feature) guardianAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, form *web.Form, cause error) error {
	p, err := f.guardianPage(r, v, id)
	if err != nil {
		return err
	}
	if form == nil {
		form = &p.Form
	}
	if p.Form = form.With(cause); fault.KindOf(cause) != fault.Conflict {
		p.Stored = nil
	}
	return f.pages.Again(w, r, "guardian.html", p)
}

func (f *feature) saveGuardian(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "was", "given", "family", "relation", "mail", "phone", "language", "rank", "informed", "decides")
	if err != nil {
		return err
	}
	var child int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		g, c, err := careFor(tx, v, id, now)
		if err != nil {
			return err
		}
		child = c.ID
		was := mark(guardianForm(g).Values)
		old := g
		if err := readGuardianForm(form, &g); err != nil {
			return err
		}
		if err := unchanged(form, was); err != nil {
			return err
		}
		if err := rename(tx, v, form, g.Person, old.Given, old.Family, now); err != nil {
			return err
		}
		if g.Informed != old.Informed || g.Decides != old.Decides {
			f.rights(tx)
		}
		return losing(tx, g.Person, now, func() error { return person.CorrectGuardian(tx, g) })
	})
	if web.Again(err) {
		return f.guardianAgain(w, r, v, id, &form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/kind/%d", child), "Gespeichert.")
}

func (f *feature) stepGuardian(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "was", "state")
	if err != nil {
		return err
	}
	var child int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		g, c, err := careFor(tx, v, id, now)
		if err != nil {
			return err
		}
		child = c.ID
		if form.Get("was") != mark(g.State) {
			return fault.New(fault.Conflict, "Inzwischen hat jemand anderes hier etwas geändert. Bitte sehen Sie nach, ob es noch nötig ist.")
		}
		if err := stepTo(guardianSteps(g.State), form.Get("state")); err != nil {
			return err
		}
		f.rights(tx)
		return losing(tx, g.Person, now, func() error { return person.SetGuardianState(tx, id, form.Get("state"), now) })
	})
	if web.Again(err) {
		return f.guardianAgain(w, r, v, id, nil, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/kind/%d", child), "Gespeichert.")
}
