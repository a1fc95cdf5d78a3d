package registry

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// wardOf finds a child whom the viewer may look after, or with look only see.
// Where a child is decides: who had it before does not see it any more.
func wardOf(tx *store.Tx, v who.Viewer, id int64, right who.Right, now time.Time) (person.Child, error) {
	c, err := person.GetChild(tx, id, now)
	if err != nil {
		return c, err
	}
	if err := unlimited(tx, v, 0, id, home(c), now); err != nil {
		return c, err
	}
	return c, org.Must(tx, v, home(c), right, now)
}

// home is where a child belongs: its group, or the facility that it has left.
func home(c person.Child) int64 {
	if c.Group != 0 {
		return c.Group
	}
	return c.Facility
}

type childPage struct {
	web.Page
	sheet
	Path      []Crumb
	Child     person.Child
	Keep      bool // may change
	Data      bool // what the house knows of the child may be looked at
	Guardians []person.Guardian
	Past      []person.Guardian
	Stays     []Stay
	Groups    []Choice // to move to
	People    []Choice // to become guardians
	Place     string   // hash of where the child is
	Uses      []Use    // of a child in a group
}

// Birthday is the child's, as a person reads it.
func (p *childPage) Birthday() string { return germanDay(p.Child.Born) }

// Languages are those to choose from.
func (p *childPage) Languages() []Named { return languages("de") }

// FormOf is that of the sheet; a new guardian is informed and decides unless somebody says otherwise.
func (p *childPage) FormOf(name string) web.Form {
	f := p.sheet.FormOf(name)
	if name == "guardian" && p.Sent != name {
		f.Set("informed", "1")
		f.Set("decides", "1")
	}
	return f
}

func childForm(c person.Child) (f web.Form) {
	f.Set("given", c.Given)
	f.Set("family", c.Family)
	f.Set("born", c.Born)
	f.Set("ref", c.Ref)
	return f
}

func (f *feature) childPage(r *http.Request, v who.Viewer, id int64) (page, error) {
	p := &childPage{Page: f.page(r, v, "")}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Child, err = wardOf(tx, v, id, watchers, now); err != nil {
			return err
		}
		c := p.Child
		if _, err := wardOf(tx, v, id, who.Registrars, now); err == nil {
			p.Keep = true
		}
		if p.Data, err = org.Manages(tx, v.ID, home(c), who.Clerks, now); err != nil {
			return err
		}
		if p.Path, err = crumbs(tx, v, home(c), now); err != nil {
			return err
		}
		p.Title, p.Place = c.Name(), mark(c.Group)
		p.save(childForm(c), Named{c.Name(), "Name"}, Named{germanDay(c.Born), "Geboren"}, Named{c.Ref, "Nummer"}, Named{c.GroupName, "Gruppe"})
		if c.Group != 0 {
			if p.Uses, err = f.uses(tx, id, now); err != nil {
				return err
			}
		}
		gs, err := person.Guardians(tx, id)
		if err != nil {
			return err
		}
		for _, g := range gs {
			switch {
			case g.State == org.Ended && p.Keep:
				p.Past = append(p.Past, g)
			case g.State != org.Ended:
				p.Guardians = append(p.Guardians, g)
			}
		}
		if !p.Keep {
			return nil
		}
		kept, err := org.Kept(tx, v.ID, who.Registrars, now)
		if err != nil {
			return err
		}
		if p.Stays, err = staysOf(tx, id); err != nil {
			return err
		}
		for i := range p.Stays {
			s := &p.Stays[i]
			s.Hidden, s.Open = !kept[s.Unit], s.until == store.Forever
			s.Until = time.Unix(s.until, 0)
		}
		if p.Groups, err = groupsFor(tx, c, kept, now); err != nil {
			return err
		}
		p.People, err = peopleOf(tx, c.Facility, true, now)
		return err
	})
	return p, err
}

// groupsFor lists where a child may go: the groups of its carrier that the viewer looks after.
func groupsFor(tx *store.Tx, c person.Child, kept map[int64]bool, now time.Time) ([]Choice, error) {
	home, err := org.Get(tx, c.Facility)
	if err != nil {
		return nil, err
	}
	above, err := org.Get(tx, home.Parent)
	if err != nil {
		return nil, err
	}
	from := home.ID
	if above.Kind == org.Carrier {
		from = above.ID
	}
	gs, err := groupsBelow(tx, from, now)
	return slices.DeleteFunc(gs, func(g Choice) bool { return !kept[g.ID] || g.ID == c.Group }), err
}

// addChild takes a child in.
func (f *feature) addChild(tx *store.Tx, s sent) (string, error) {
	u, may, err := keeper(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	if !may.Families || u.Kind != org.Facility && u.Kind != org.Group {
		return "", fault.Gone()
	}
	at, err := org.FacilityOf(tx, u.ID)
	if err != nil {
		return "", err
	}
	c := person.Child{Facility: at.ID, Group: s.ID("group")}
	if err := readChild(tx, s.Form, &c, s.now); err != nil {
		return "", err
	}
	groups, err := groupsBelow(tx, u.ID, s.now)
	if err != nil {
		return "", err
	}
	if err := among(groups, c.Group); err != nil {
		return "", err
	}
	id, err := person.AddChild(tx, c, s.now)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/kind/%d", id), f.note(tx, s, "child.added", id)
}

// among makes sure that a group is one of those to choose from.
func among(groups []Choice, id int64) error {
	if !slices.ContainsFunc(groups, func(g Choice) bool { return g.ID == id }) {
		return fault.At("group", "Bitte wählen Sie eine Gruppe.")
	}
	return nil
}

// readChild takes over what was typed, and keeps children apart for imports.
func readChild(tx *store.Tx, form web.Form, c *person.Child, now time.Time) error {
	c.Given, c.Family, c.Ref = text.Clean(form.Get("given")), text.Clean(form.Get("family")), text.Clean(form.Get("ref"))
	var bad fault.Form
	checkNames(&bad, c.Given, c.Family)
	c.Born, _ = person.Day(form.Get("born"))
	if why := person.CheckBorn(c.Born, now); why != "" {
		bad.Add("born", "%s", why)
	}
	if len(c.Ref) > 100 {
		bad.Add("ref", "Das ist zu lang.")
	}
	byRef, byName, err := namesake(tx, *c)
	if err != nil {
		return err
	}
	if byRef > 0 {
		bad.Add("ref", "Diese Nummer hat schon ein anderes Kind der Einrichtung.")
	}
	if byName > 0 {
		bad.Add("given", "Ein Kind mit diesem Namen und Geburtstag ist in dieser Einrichtung schon eingetragen.")
	}
	return bad.Err()
}

func (f *feature) saveChild(tx *store.Tx, s sent) (string, error) {
	c, err := wardOf(tx, s.v, s.id, who.Registrars, s.now)
	if err != nil {
		return "", err
	}
	was := childForm(c)
	if err := readChild(tx, s.Form, &c, s.now); err != nil {
		return "", err
	}
	if err := unchanged(s, was); err != nil {
		return "", err
	}
	if err := person.CorrectChild(tx, c, s.v.ID, s.now); err != nil {
		return "", err
	}
	return fmt.Sprintf("/kind/%d", c.ID), f.note(tx, s, "child.changed", c.ID)
}

func (f *feature) moveChild(tx *store.Tx, s sent) (string, error) {
	return f.resettle(tx, s, "child.moved", func(c person.Child) (int64, error) {
		kept, err := org.Kept(tx, s.v.ID, who.Registrars, s.now)
		if err != nil {
			return 0, err
		}
		groups, err := groupsFor(tx, c, kept, s.now)
		if err != nil {
			return 0, err
		}
		to := s.ID("group")
		return to, among(groups, to)
	})
}

func (f *feature) endChild(tx *store.Tx, s sent) (string, error) {
	return f.resettle(tx, s, "child.left", func(person.Child) (int64, error) { return 0, nil })
}

// resettle changes where a child is; group 0 is nowhere.
func (f *feature) resettle(tx *store.Tx, s sent, action string, group func(person.Child) (int64, error)) (string, error) {
	c, err := wardOf(tx, s.v, s.id, who.Registrars, s.now)
	if err != nil {
		return "", err
	}
	if err := still(s, c.Group); err != nil {
		return "", err
	}
	to, err := group(c)
	if err != nil {
		return "", err
	}
	if err := person.MoveChild(tx, c.ID, to, s.now); err != nil {
		return "", err
	}
	f.Rights(tx)
	return fmt.Sprintf("/kind/%d", c.ID), f.note(tx, s, action, c.ID)
}
