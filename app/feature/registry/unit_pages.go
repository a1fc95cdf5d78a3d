package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Kid is a child of a group, with those who are to be called.
type Kid struct {
	person.Child
	Guardians []person.Guardian
}

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

type unitPage struct {
	web.Page
	sheet
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
	Kinds   []Named  // to add here
	People  []Choice // to give a role
	Groups  []Choice // to take a child in
	Offices []Named
}

// Languages are those to choose from.
func (p *unitPage) Languages() []Named { return languages("de") }

// HasFacts reports whether anything is known of the facility.
func (p *unitPage) HasFacts() bool {
	x := p.Facts
	return x.PlacesTotal >= 0 || x.Street+x.Postcode+x.Phone+x.OpeningHours+x.Kind+x.Languages+x.Concept+x.Website != ""
}

// RoleChoices are the roles to hand out, the most frequent first.
func (p *unitPage) RoleChoices() (all []Choice) {
	for _, r := range p.May.Roles {
		all = append(all, Choice{int64(r), r.Word()})
	}
	return all
}

// offices of a committee.
func offices() (all []Named) {
	for _, o := range committee.Offices() {
		all = append(all, Named{string(o), o.Word()})
	}
	return all
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

func (f *feature) unitPage(r *http.Request, v who.Viewer, id int64) (page, error) {
	p := &unitPage{Page: f.page(r, v, ""), Offices: offices()}
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
				p.Kinds = append(p.Kinds, Named{string(k), k.Word()})
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
		if p.Past, err = visible(tx, v, id, now, p.Past, func(m Member) (int64, int64) { return m.Person, 0 }); err != nil {
			return err
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
	gs, err := person.GuardiansIn(tx, p.Unit.ID, now)
	if err != nil {
		return err
	}
	of := map[int64][]person.Guardian{}
	for _, g := range gs {
		of[g.Child] = append(of[g.Child], g)
	}
	for _, c := range kids {
		p.Kids = append(p.Kids, Kid{c, of[c.ID]})
	}
	if !p.May.Families {
		return nil
	}
	if p.Unit.Kind == org.Facility {
		if p.Former, err = person.ChildrenFormer(tx, p.Unit.ID, now); err != nil {
			return err
		}
		if p.Former, err = visible(tx, p.Viewer, p.Unit.ID, now, p.Former, func(c person.Child) (int64, int64) { return 0, c.ID }); err != nil {
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
func (f *feature) addUnit(tx *store.Tx, s sent) (string, error) {
	u, _, err := keeper(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	kind := org.Kind(s.Get("kind"))
	if u.Ended(s.now) || !slices.Contains(u.Kind.Below(), kind) {
		return "", fault.At("kind", "Bitte wählen Sie, was hier entstehen soll.")
	}
	name, err := unitName(tx, s.Get("name"), u.ID, 0, kind, s.now)
	if err != nil {
		return "", err
	}
	id, err := org.Add(tx, org.Unit{Parent: u.ID, Kind: kind, Name: name, City: u.City}, s.now)
	if err == nil && kind == org.Facility {
		err = org.SetFacts(tx, id, noFacts())
	}
	if err == nil {
		err = refind(tx, kind, id)
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/einheit/%d", id), f.note(tx, s, "unit.added", id)
}

// refind has a unit found under its name: of all kinds only committees have a page that one looks for.
func refind(tx *store.Tx, kind org.Kind, id int64) error {
	if kind != org.Committee {
		return nil
	}
	return search.Changed(tx, committee.Found, id)
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
	name = strings.Join(strings.Fields(text.Clean(name)), " ")
	if name == "" {
		return "", fault.At("name", "Bitte geben Sie einen Namen ein.")
	}
	if len(name) > 300 || strings.ContainsFunc(name, text.Unreadable) {
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
