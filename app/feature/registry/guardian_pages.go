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
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// addGuardian makes somebody responsible for a child.
func (f *feature) addGuardian(tx *store.Tx, s sent) (string, error) {
	c, err := wardOf(tx, s.v, s.id, who.Registrars, s.now)
	if err != nil {
		return "", err
	}
	others, err := person.Guardians(tx, c.ID)
	if err != nil {
		return "", err
	}
	g := person.Guardian{Child: c.ID, Rank: 1, State: org.Invited}
	for _, o := range others {
		g.Rank = max(g.Rank, o.Rank+1)
	}
	if err := readGuardianForm(s.Form, &g); err != nil {
		return "", err
	}
	if g.Person = s.ID("person"); g.Person != 0 {
		g.State, err = relative(tx, c, others, g.Person, s.now)
	} else {
		g.Person, err = addPerson(tx, s.Form)
	}
	if err != nil {
		return "", err
	}
	id, err := person.AddGuardian(tx, g, s.now)
	if err != nil {
		return "", err
	}
	f.Rights(tx)
	return fmt.Sprintf("/kind/%d", c.ID), f.note(tx, s, "guardian.added", id)
}

// relative is the state in which one of the facility's people becomes a guardian of a child. Who already has a confirmed
// place there needs no letter.
func relative(tx *store.Tx, c person.Child, others []person.Guardian, id int64, now time.Time) (string, error) {
	people, err := peopleOf(tx, c.Facility, true, now)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(people, func(p Choice) bool { return p.ID == id }) {
		return "", fault.At("person", "Bitte wählen Sie eine Person aus der Liste.")
	}
	if slices.ContainsFunc(others, func(o person.Guardian) bool { return o.Person == id }) {
		return "", fault.At("person", "Diese Person steht schon bei diesem Kind.")
	}
	known, err := trusted(tx, id, c.Facility)
	if known {
		return org.Confirmed, err
	}
	return org.Invited, err
}

// readGuardianForm takes over what was typed, but names.
func readGuardianForm(form web.Form, g *person.Guardian) error {
	g.Relation, g.Language = text.Clean(form.Get("relation")), form.Get("language")
	g.Informed, g.Decides = form.On("informed"), form.On("decides")
	var bad fault.Form
	var err error
	if g.Mail, g.Phone, err = contact(form); err != nil {
		for name, words := range fault.Fields(err) {
			bad.Add(name, "%s", words)
		}
	}
	if why := person.CheckLanguage(g.Language); why != "" {
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
	sheet
	Path     []Crumb
	Child    person.Child
	Guardian person.Guardian
	Steps    []Step
	Named    bool // the name may be corrected here
	Data     bool // what the house knows of the person may be looked at
	State    string
}

// Languages are those to choose from, and the one that is stored.
func (p *guardianPage) Languages() []Named { return languages(p.Guardian.Language) }

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
	c, err := wardOf(tx, v, g.Child, who.Registrars, now)
	return g, c, err
}

// guardianSteps are those of a membership; whoever has ended can be invited anew.
func guardianSteps(state string) []Step {
	if state == org.Ended {
		return []Step{{To: org.Invited, Label: "Wieder einladen", Icon: "user-plus", Class: "secondary"}}
	}
	return steps(state)
}

func (f *feature) guardianPage(r *http.Request, v who.Viewer, id int64) (page, error) {
	p := &guardianPage{Page: f.page(r, v, "")}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Guardian, p.Child, err = careFor(tx, v, id, now); err != nil {
			return err
		}
		g, at := p.Guardian, home(p.Child)
		p.Title, p.Steps, p.State = g.Name(), guardianSteps(g.State), mark(g.State)
		p.save(guardianForm(g), Named{g.Name(), "Name"}, Named{g.Relation, "Beziehung"}, Named{g.Mail, "Mail"}, Named{g.Phone, "Telefon"},
			Named{languageWord(g.Language), "Sprache"}, Named{strconv.Itoa(g.Rank), "Reihenfolge"},
			Named{yesNo(g.Informed), "Wird informiert"}, Named{yesNo(g.Decides), "Darf entscheiden"})
		n, err := elsewhere(tx, g.Person, v.ID, now)
		if err != nil {
			return err
		}
		p.Named = n == 0
		if p.Data, err = org.Manages(tx, v.ID, at, who.Clerks, now); err != nil {
			return err
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

func (f *feature) saveGuardian(tx *store.Tx, s sent) (string, error) {
	old, c, err := careFor(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	g := old
	if err := readGuardianForm(s.Form, &g); err != nil {
		return "", err
	}
	if err := unchanged(s, guardianForm(old)); err != nil {
		return "", err
	}
	if err := rename(tx, s, g.Person, old.Given, old.Family); err != nil {
		return "", err
	}
	if err := losing(tx, g.Person, s.now, func() error { return person.CorrectGuardian(tx, g) }); err != nil {
		return "", err
	}
	if g.Informed != old.Informed || g.Decides != old.Decides {
		f.Rights(tx)
	}
	return fmt.Sprintf("/kind/%d", c.ID), f.note(tx, s, "guardian.changed", g.ID)
}

func (f *feature) stepGuardian(tx *store.Tx, s sent) (string, error) {
	g, c, err := careFor(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	if err := still(s, g.State); err != nil {
		return "", err
	}
	to := s.Get("state")
	if err := stepTo(guardianSteps(g.State), to); err != nil {
		return "", err
	}
	if err := losing(tx, g.Person, s.now, func() error { return person.SetGuardianState(tx, g.ID, to, s.now) }); err != nil {
		return "", err
	}
	f.Rights(tx)
	return fmt.Sprintf("/kind/%d", c.ID), f.note(tx, s, "guardian."+to, g.ID)
}
