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
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// ward finds a child whom the viewer may look after, or with look only see.
// Where a child is decides: who had it before does not see it any more.
func wardOf(tx *store.Tx, v who.Viewer, id int64, right who.Right, now time.Time) (person.Child, error) {
	c, err := person.GetChild(tx, id, now)
	if err != nil {
		return c, err
	}
	at := c.Group
	if at == 0 {
		at = c.Facility
	}
	return c, org.Must(tx, v, at, right, now)
}

type childPage struct {
	web.Page
	Path      []Crumb
	Child     person.Child
	Keep      bool // may change
	Guardians []Adult
	Past      []Adult
	Stays     []Stay
	Groups    []Choice // to move to
	People    []Choice // to become guardians
	Form      web.Form
	Sent      string // which form is shown again: save, move or guardian
	Was       string
	Place     string // hash of where the child is
	Stored    []Named
}

// Birthday is the child's, as a person reads it.
func (p childPage) Birthday() string { return germanDay(p.Child.Born) }

// FormOf is what was sent of one of the page's forms, and else how it begins.
func (p childPage) FormOf(name string) (f web.Form) {
	switch {
	case p.Sent == name:
		return p.Form
	case name == "save":
		f.Values = childForm(p.Child).Values
	case name == "guardian":
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

func (f *feature) childPage(r *http.Request, v who.Viewer, id int64) (childPage, error) {
	p := childPage{Page: f.page(r, v, "")}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Child, err = wardOf(tx, v, id, families|1<<who.Staff, now); err != nil {
			return err
		}
		c := p.Child
		if _, err := wardOf(tx, v, id, families, now); err == nil {
			p.Keep = true
		}
		at := c.Group
		if at == 0 {
			at = c.Facility
		}
		if p.Path, err = crumbs(tx, v, at, now); err != nil {
			return err
		}
		p.Title, p.Form = c.Name(), childForm(c)
		p.Was, p.Place = mark(p.Form.Values), mark(c.Group)
		p.Stored = []Named{{c.Name(), "Name"}, {germanDay(c.Born), "Geboren"}, {c.Ref, "Nummer"}, {c.GroupName, "Gruppe"}}
		gs, err := person.Guardians(tx, id)
		if err != nil {
			return err
		}
		for _, g := range gs {
			switch {
			case g.State == org.Ended && p.Keep:
				p.Past = append(p.Past, Adult{g})
			case g.State != org.Ended:
				p.Guardians = append(p.Guardians, Adult{g})
			}
		}
		if !p.Keep {
			return nil
		}
		kept, err := keptBy(tx, v.ID, families, now)
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

func (f *feature) child(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.childPage(r, v, id)
	if err != nil {
		return err
	}
	p.Stored = nil
	return f.pages.Render(w, r, "child.html", p)
}

func (f *feature) childAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, sent string, form web.Form, cause error) error {
	p, err := f.childPage(r, v, id)
	if err != nil {
		return err
	}
	if sent == "move" {
		form = p.Form
	}
	p.Form, p.Sent = form.With(cause), sent
	if fault.KindOf(cause) != fault.Conflict {
		p.Stored = nil
	}
	return f.pages.Again(w, r, "child.html", p)
}

// addChild takes a child in.
func (f *feature) addChild(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "given", "family", "born", "ref", "group")
	if err != nil {
		return err
	}
	var to int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		u, may, err := keeper(tx, v, id, now)
		if err != nil {
			return err
		}
		if !may.Families || u.Kind != org.Facility && u.Kind != org.Group {
			return fault.Gone()
		}
		home, err := org.FacilityOf(tx, id)
		if err != nil {
			return err
		}
		c := person.Child{Facility: home.ID, Group: form.ID("group")}
		if err := readChild(tx, form, &c, now); err != nil {
			return err
		}
		groups, err := groupsBelow(tx, id, now)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(groups, func(g Choice) bool { return g.ID == c.Group }) {
			return fault.At("group", "Bitte wählen Sie eine Gruppe.")
		}
		to, err = person.AddChild(tx, c, now)
		return err
	})
	if web.Again(err) {
		return f.unitAgain(w, r, v, id, "child", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/kind/%d", to), "Aufgenommen. Tragen Sie jetzt bitte die Sorgeberechtigten ein.")
}

// readChild takes over what was typed, and keeps children apart for imports.
func readChild(tx *store.Tx, form web.Form, c *person.Child, now time.Time) error {
	c.Given, c.Family, c.Ref = clean(form.Get("given")), clean(form.Get("family")), clean(form.Get("ref"))
	var bad fault.Form
	checkNames(&bad, c.Given, c.Family)
	c.Born, _ = day(form.Get("born"))
	if why := checkBorn(c.Born, now); why != "" {
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

func (f *feature) saveChild(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "was", "given", "family", "born", "ref")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		c, err := wardOf(tx, v, id, families, now)
		if err != nil {
			return err
		}
		was := mark(childForm(c).Values)
		if err := readChild(tx, form, &c, now); err != nil {
			return err
		}
		if err := unchanged(form, was); err != nil {
			return err
		}
		return person.CorrectChild(tx, c)
	})
	if web.Again(err) {
		return f.childAgain(w, r, v, id, "save", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/kind/%d", id), "Gespeichert.")
}

func (f *feature) moveChild(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.resettle(w, r, v, "Die Gruppe ist gewechselt.", func(tx *store.Tx, c person.Child, to int64) error {
		kept, err := keptBy(tx, v.ID, families, f.Now())
		if err != nil {
			return err
		}
		groups, err := groupsFor(tx, c, kept, f.Now())
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(groups, func(g Choice) bool { return g.ID == to }) {
			return fault.At("group", "Bitte wählen Sie eine Gruppe.")
		}
		return person.MoveChild(tx, c.ID, to, f.Now())
	})
}

func (f *feature) endChild(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.resettle(w, r, v, "Abgemeldet. Die Familie sieht die Mitteilungen der Gruppe nicht mehr.", func(tx *store.Tx, c person.Child, _ int64) error {
		return person.MoveChild(tx, c.ID, 0, f.Now())
	})
}

// resettle changes where a child is.
func (f *feature) resettle(w http.ResponseWriter, r *http.Request, v who.Viewer, done string, do func(*store.Tx, person.Child, int64) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "was", "group")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		c, err := wardOf(tx, v, id, families, f.Now())
		if err != nil {
			return err
		}
		if form.Get("was") != mark(c.Group) {
			return fault.New(fault.Conflict, "Inzwischen hat jemand anderes die Gruppe geändert. Bitte sehen Sie nach, ob es noch nötig ist.")
		}
		f.rights(tx)
		return do(tx, c, form.ID("group"))
	})
	if web.Again(err) {
		return f.childAgain(w, r, v, id, "move", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/kind/%d", id), done)
}
