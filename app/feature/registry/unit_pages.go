package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Kid is a child of a group, with those who are to be called.
type Kid struct {
	person.Child
	Guardians []Adult
}

// An Adult is a guardian to be called.
type Adult struct{ person.Guardian }

// Dial is the phone number for a link.
func (a Adult) Dial() string { return dial(a.Phone) }

// A Member is a membership as its unit sees it.
type Member struct {
	org.Membership
	Change bool // the viewer may
	Over   bool
}

// Term says from when to when.
func (m Member) Term() string {
	s := "seit " + germanDay(dayOf(m.Since))
	if m.Until != store.Forever {
		s += " bis " + germanDay(lastDayOf(m.Until))
	}
	return s
}

// Word is the role, in a committee the office.
func (m Member) Word() string {
	for _, o := range offices() {
		if o.Value == m.Office {
			return o.Label
		}
	}
	return m.Role.Word()
}

// Dial is the phone number for a link.
func (m Member) Dial() string { return dial(m.Phone) }

type unitPage struct {
	web.Page
	May     May
	Path    []Crumb
	Unit    org.Unit
	Ended   bool
	Facts   org.Facts
	Parts   []Part
	Members []Member
	Past    []Member
	Kids    []Kid
	Former  []person.Child
	Kinds   []org.Kind // to add here
	People  []Choice   // to give a role
	Groups  []Choice   // to take a child in
	Offices []Named
	Form    web.Form
	Sent    string // which form is shown again: unit, member or child; "": none
}

// FormOf is what was sent of one of the page's forms, and else an empty one.
func (p unitPage) FormOf(name string) web.Form {
	if p.Sent == name {
		return p.Form
	}
	return web.Form{}
}

// Dial is the facility's phone number for a link.
func (p unitPage) Dial() string { return dial(p.Facts.Phone) }

// HasFacts reports whether anything is known of the facility.
func (p unitPage) HasFacts() bool {
	x := p.Facts
	return x.PlacesTotal >= 0 || x.Street+x.Postcode+x.Phone+x.OpeningHours+x.Kind+x.Languages+x.Concept+x.Website != ""
}

// RoleChoices are the roles to hand out, the most frequent first.
func (p unitPage) RoleChoices() (all []Choice) {
	for _, r := range p.May.Roles {
		all = append(all, Choice{int64(r), r.Word()})
	}
	return all
}

// A Named value is one of a list, or of a form, with its German name.
type Named struct{ Value, Label string }

// offices of a committee; the first three share the right of the chair.
func offices() []Named {
	return []Named{{"chair", "Vorsitz"}, {"deputy", "Stellvertretung"}, {"secretary", "Schriftführung"},
		{"treasurer", "Kasse"}, {"delegate", "Mitglied"}, {"substitute", "Ersatzmitglied"}}
}

func officeRole(office string) who.Role {
	switch office {
	case "chair", "deputy", "secretary":
		return who.Chair
	case "treasurer", "delegate", "substitute":
		return who.Delegate
	}
	return who.Nobody
}

// A Crumb is a unit above; only those that the viewer may see lead anywhere.
type Crumb struct {
	ID   int64
	Name string
	Open bool
}

func crumbs(tx *store.Tx, v who.Viewer, unit int64, now time.Time) ([]Crumb, error) {
	path, err := org.Path(tx, unit)
	if err != nil {
		return nil, err
	}
	var all []Crumb
	for _, u := range path {
		at, err := rolesAt(tx, v.ID, u.ID, now)
		if err != nil {
			return nil, err
		}
		all = append(all, Crumb{u.ID, u.Name, at&visitors != 0})
	}
	return all, nil
}

func (f *feature) unit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.unitPage(r, v, id)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "unit.html", p)
}

// unitAgain shows the page of a unit with a form that could not be accepted.
func (f *feature) unitAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, sent string, form web.Form, cause error) error {
	p, err := f.unitPage(r, v, id)
	if err != nil {
		return err
	}
	p.Form, p.Sent = form.With(cause), sent
	return f.pages.Again(w, r, "unit.html", p)
}

func (f *feature) unitPage(r *http.Request, v who.Viewer, id int64) (unitPage, error) {
	p := unitPage{Page: f.page(r, v, ""), Offices: offices()}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Unit, err = org.Get(tx, id); err != nil {
			return err
		}
		if p.May, err = mayAt(tx, v, p.Unit, now); err != nil {
			return err
		}
		if p.Path, err = crumbs(tx, v, id, now); err != nil {
			return err
		}
		p.Path = p.Path[:len(p.Path)-1]
		p.Title, p.Ended = p.Unit.Name, p.Unit.Ended(now)
		if p.Facts, err = factsOf(tx, id); err != nil {
			return err
		}
		rows, err := below(tx, id, now)
		if err != nil {
			return err
		}
		p.Parts = parts(p.Unit, rows, now)
		for _, k := range p.Unit.Kind.Below() {
			if p.May.Keep && !p.Ended {
				p.Kinds = append(p.Kinds, k)
			}
		}
		ms, err := org.Members(tx, id)
		if err != nil {
			return err
		}
		for _, m := range ms {
			x := Member{m, p.May.Keep && slices.Contains(p.May.Roles, m.Role), m.Ended(now)}
			if !p.May.Keep {
				x.Mail, x.Phone = "", ""
			}
			if x.Over {
				p.Past = append(p.Past, x)
			} else {
				p.Members = append(p.Members, x)
			}
		}
		if !p.May.Keep {
			p.Past = nil
		}
		if err := p.loadKids(tx, now); err != nil {
			return err
		}
		if len(p.May.Roles) > 0 && p.May.Keep && !p.Ended {
			p.People, err = peopleOf(tx, circle(p.Unit), p.May.Families, now)
			return err
		}
		return nil
	})
	return p, err
}

// circle is the unit among whose people a new member is looked for first: a
// group's are those of its facility, a committee's those of what it belongs to.
func circle(u org.Unit) int64 {
	if u.Kind == org.Committee || u.Kind == org.Group || u.Kind == org.Office {
		return u.Parent
	}
	return u.ID
}

func (p *unitPage) loadKids(tx *store.Tx, now time.Time) error {
	if !p.May.Watch || p.Unit.Kind != org.Facility && p.Unit.Kind != org.Group {
		return nil
	}
	kids, err := person.ChildrenIn(tx, p.Unit.ID, now)
	if err != nil {
		return err
	}
	gs, err := guardiansIn(tx, p.Unit.ID, now)
	if err != nil {
		return err
	}
	of := map[int64][]Adult{}
	for _, g := range gs {
		of[g.Child] = append(of[g.Child], Adult{g})
	}
	for _, c := range kids {
		p.Kids = append(p.Kids, Kid{c, of[c.ID]})
	}
	if !p.May.Families {
		return nil
	}
	if p.Unit.Kind == org.Facility {
		if p.Former, err = formerOf(tx, p.Unit.ID, now); err != nil {
			return err
		}
	}
	if p.Ended {
		return nil
	}
	p.Groups, err = groupsBelow(tx, p.Unit.ID, now)
	return err
}

// addUnit makes a unit below another.
func (f *feature) addUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "kind", "name")
	if err != nil {
		return err
	}
	var to int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		u, _, err := keeper(tx, v, id, f.Now())
		if err != nil {
			return err
		}
		kind := org.Kind(form.Get("kind"))
		if u.Ended(f.Now()) || !slices.Contains(u.Kind.Below(), kind) {
			return fault.At("kind", "Bitte wählen Sie, was hier entstehen soll.")
		}
		name, err := unitName(tx, form.Get("name"), u.ID, 0, kind, f.Now())
		if err != nil {
			return err
		}
		to, err = org.Add(tx, org.Unit{Parent: u.ID, Kind: kind, Name: name, City: u.City}, f.Now())
		if err == nil && kind == org.Facility {
			err = org.SetFacts(tx, to, noFacts())
		}
		return err
	})
	if web.Again(err) {
		return f.unitAgain(w, r, v, id, "unit", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d", to), "Angelegt.")
}

// factsOf are the facts of a unit, or those of one that nobody has told anything about.
func factsOf(tx *store.Tx, unit int64) (org.Facts, error) {
	x, err := org.FactsOf(tx, unit)
	if fault.KindOf(err) == fault.NotFound {
		return noFacts(), nil
	}
	return x, err
}

func noFacts() org.Facts {
	return org.Facts{PlacesTotal: -1, PlacesU3: -1, PlacesUe3: -1, AgeMinMonths: -1, AgeMaxMonths: -1}
}

// unitName makes sure that a name is one, and tells units of a kind apart.
func unitName(tx *store.Tx, name string, parent, but int64, kind org.Kind, now time.Time) (string, error) {
	name = strings.Join(strings.Fields(clean(name)), " ")
	if name == "" {
		return "", fault.At("name", "Bitte geben Sie einen Namen ein.")
	}
	if len(name) > 300 || strings.ContainsFunc(name, unreadable) {
		return "", fault.At("name", "Dieser Name ist zu lang oder enthält Zeichen, die nicht in einen Namen gehören.")
	}
	if parent == 0 {
		return name, nil
	}
	others, err := org.Children(tx, parent)
	if err != nil {
		return "", err
	}
	for _, o := range others {
		if o.ID != but && o.Kind == kind && o.Name == name && !o.Ended(now) {
			return "", fault.At("name", "„%s“ gibt es hier schon.", name)
		}
	}
	return name, nil
}
