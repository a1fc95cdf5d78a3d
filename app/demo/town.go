package demo

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/announcement"
	"nestfunk/app/feature/registry"
	"nestfunk/assets/demo"
)

// The facilities that have families; the others have a head. The first is the one that is partly closed today.
var peopled = []string{
	"kita-bullerbue-schleibogen-flensburg",
	"kita-schwedenheim-helenenallee-flensburg",
	"kita-kinderhaus-marientreppe-flensburg",
	"kita-sol-lie-meisenstrasse-flensburg",
	"kita-schulgasse-flensburg",
	"kita-st-gertrud-marienhoelzungsweg-flensburg",
	"kita-villa-kaethe-roonstrasse-flensburg",
	"hofkita-boreasmuehle-flensburg",
	"kita-ingrid-hjemmet-alter-kupfermuehlenweg-flensburg",
	"kita-im-hof-adelbylund-flensburg",
	"kita-engelsby-brahmsstrasse-flensburg",
	"kita-muerwiker-garten-wasserlooser-weg-flensburg",
}

// What groups are called; lists only count them.
var groupNames = []string{"Hummeln", "Seesterne", "Füchse", "Möwen", "Igel", "Robben"}

// closed are the groups of the first facility that stay closed today, and how many children each has: 50 in all, so
// that 31 are 62 %.
var closed = map[string]int{"Hummeln": 17, "Seesterne": 17, "Füchse": 16}

// A clock is moved through the month.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time  { return time.Unix(c.at.Load(), 0) }
func (c *clock) set(t time.Time) { c.at.Store(t.Unix()) }

// A town is the house while it is being filled.
type town struct {
	*house.House // at the clock's time
	clock        *clock
	crowd        *crowd
	today        time.Time // now, in the house's zone
	city, office int64
	official     who.Viewer
	leaders      []int64 // managers and heads, but for those on the cards
	kitas        []*kita
	carriers     map[int64]*carrier
	serve        poster
}

type carrier struct {
	id      int64
	name    string
	manager who.Viewer
}

// A kita is a facility with families.
type kita struct {
	id      int64
	name    string
	carrier *carrier
	head    who.Viewer
	groups  []*group
}

type group struct {
	id       int64
	name     string
	staff    who.Viewer
	children []*child
}

type child struct {
	id int64
	human
	parents []int64 // who have access
	quiet   bool    // nobody has confirmed anything today
}

// Fill makes the town in an empty house.
func Fill(ctx context.Context, h *house.House, post *Post) error {
	t := &town{clock: &clock{}, today: house.Local(h.Now()), carriers: map[int64]*carrier{}}
	var err error
	if t.crowd, err = newCrowd(); err != nil {
		return err
	}
	// The same house at another time: nobody listens, and the mails are those of then.
	past := *h
	past.Now = t.clock.now
	past.Live = &live.Hub{}
	past.Tasks = task.New(h.DB, past.Now)
	then := NewPost(past.Now)
	past.Mail = then
	t.House = &past
	f, _ := announcement.New(t.House) // what returns again and again begins with the real house
	for _, j := range f.Jobs {
		past.Tasks.Handle(j)
	}
	t.serve = serving(t.House, f.Routes)

	t.clock.set(t.today.AddDate(-1, -1, 0))
	if err := h.DB.Write(ctx, t.settle); err != nil {
		return fmt.Errorf("make the town: %w", err)
	}
	for i, k := range t.kitas {
		if err := h.DB.Write(ctx, func(tx *store.Tx) error { return t.fillKita(tx, k, i == 0) }); err != nil {
			return fmt.Errorf("fill %s: %w", k.name, err)
		}
	}
	if err := h.DB.Write(ctx, t.families); err != nil {
		return fmt.Errorf("make the families of the cards: %w", err)
	}
	if err := t.month(ctx); err != nil {
		return fmt.Errorf("let a month pass: %w", err)
	}
	post.take(then)
	return nil
}

// settle makes the places, and who works there without a group of their own.
func (t *town) settle(tx *store.Tx) error {
	now := t.Now()
	rep, err := registry.ImportFacilities(tx, demo.Facilities(), registry.Options{AddCity: true}, now)
	if err != nil {
		return err
	}
	root, err := org.Root(tx)
	if err != nil {
		return err
	}
	if t.city = root.ID; rep.New == 0 {
		return fmt.Errorf("the list of facilities was empty")
	}
	if err := t.Settings.Set(tx, settings.HouseName, "Stadt "+root.Name); err != nil {
		return err
	}
	if err := t.Settings.Set(tx, settings.Imprint, "**Vorführung.** Dieses Haus gibt es nicht.\n\n"+demo.Source); err != nil {
		return err
	}
	if err := t.Settings.Set(tx, settings.MailDetails, "1"); err != nil {
		return err
	}
	if t.office, err = org.Add(tx, org.Unit{Parent: t.city, Kind: org.Office, Name: "Jugendamt"}, now); err != nil {
		return err
	}
	if _, err := t.appoint(tx, operator, t.city, who.Admin); err != nil {
		return err
	}
	if t.official, err = t.appoint(tx, official, t.office, who.Office); err != nil {
		return err
	}
	facilities, err := org.Below(tx, t.city, org.Facility, now)
	if err != nil {
		return err
	}
	found := map[string]*kita{}
	for _, f := range facilities {
		c, err := t.carrier(tx, f.Parent)
		if err != nil {
			return err
		}
		k := &kita{id: f.ID, name: f.Name, carrier: c}
		h := t.crowd.adult(t.native(c), t.crowd.chance(80))
		if f.Source == peopled[0] {
			h = head
		}
		if k.head, err = t.appoint(tx, h, f.ID, who.Head); err != nil {
			return err
		}
		if h != head {
			t.leaders = append(t.leaders, k.head.ID)
		}
		found[f.Source] = k
	}
	for _, source := range peopled {
		k := found[source]
		if k == nil {
			return fmt.Errorf("there is no facility %s in the list", source)
		}
		t.kitas = append(t.kitas, k)
	}
	return nil
}

// native is the language of those who work for a carrier.
func (t *town) native(c *carrier) string {
	if c != nil && (strings.Contains(c.name, "Dansk") || strings.Contains(c.name, "danske")) {
		return "da"
	}
	return "de"
}

// carrier finds a carrier; nil where the city stands directly above.
func (t *town) carrier(tx *store.Tx, unit int64) (*carrier, error) {
	if c := t.carriers[unit]; c != nil {
		return c, nil
	}
	u, err := org.Get(tx, unit)
	if err != nil || u.Kind != org.Carrier {
		return nil, err
	}
	c := &carrier{id: u.ID, name: u.Name}
	t.carriers[unit] = c
	h := t.crowd.adult(t.native(c), t.crowd.chance(50))
	if strings.HasPrefix(u.Name, "Adelby1") { // which runs the first of those with families
		h = manager
	}
	if c.manager, err = t.appoint(tx, h, u.ID, who.Manager); h != manager {
		t.leaders = append(t.leaders, c.manager.ID)
	}
	return c, err
}

// appoint gives a new person a role.
func (t *town) appoint(tx *store.Tx, h human, unit int64, role who.Role) (who.Viewer, error) {
	id, err := person.Add(tx, person.Person{Given: h.given, Family: h.family, Language: h.spoken()})
	if err != nil {
		return who.Viewer{}, err
	}
	return who.Viewer{ID: id}, t.also(tx, id, h, unit, role)
}

func (t *town) also(tx *store.Tx, id int64, h human, unit int64, role who.Role) error {
	_, err := org.Appoint(tx, org.Membership{Person: id, Unit: unit, Role: role, State: org.Confirmed, Mail: t.crowd.mail(h), Phone: t.crowd.number(),
		Since: t.Now()})
	return err
}

// fillKita names the groups of a facility and fills them.
func (t *town) fillKita(tx *store.Tx, k *kita, first bool) error {
	now := t.Now()
	units, err := org.Below(tx, k.id, org.Group, now)
	if err != nil {
		return err
	}
	if len(units) > len(groupNames) {
		return fmt.Errorf("%d groups, and only %d names", len(units), len(groupNames))
	}
	for i, u := range units {
		name := groupNames[i]
		if err := org.Rename(tx, u.ID, name); err != nil {
			return err
		}
		g := &group{id: u.ID, name: name}
		k.groups = append(k.groups, g)
		for n := range 2 {
			h := t.crowd.adult(t.native(k.carrier), t.crowd.chance(85))
			if first && i == 0 && n == 0 {
				h = staff
			}
			v, err := t.appoint(tx, h, g.id, who.Staff)
			if err != nil {
				return err
			}
			if n == 0 {
				g.staff = v
			}
		}
		from, years := 3, 3 // Kindergarten
		switch {
		case strings.HasPrefix(u.Name, "Krippe"):
			from, years = 1, 2
		case strings.HasPrefix(u.Name, "Hort"):
			from, years = 6, 4
		case strings.HasPrefix(u.Name, "Alters"):
			from, years = 1, 5
		}
		n := 12 + t.crowd.IntN(7)
		if first && closed[name] != 0 {
			n = closed[name]
			if name == "Hummeln" {
				n-- // the child of the card
			}
			if name == "Füchse" {
				n-- // the child of the delegate
			}
		}
		for range n {
			if err := t.addChild(tx, k, g, from, years); err != nil {
				return err
			}
		}
	}
	if first {
		return t.exceptions(tx, k)
	}
	return nil
}

// addChild makes a child with one to three guardians; one in eight has a brother or sister in another group.
func (t *town) addChild(tx *store.Tx, k *kita, g *group, from, years int) error {
	language := t.crowd.language()
	family := t.crowd.one(t.crowd.names[language].Families)
	var older *child
	if o := k.groups[t.crowd.IntN(len(k.groups))]; o != g && t.crowd.chance(16) && (closed[o.name] == 0 || closed[g.name] == 0) {
		older = o.children[t.crowd.IntN(len(o.children))]
		language, family = older.language, older.family
	}
	c, err := t.newChild(tx, g, t.crowd.child(language, family), t.crowd.born(t.today, from, years))
	if err != nil {
		return err
	}
	if older == nil {
		return t.guardians(tx, c)
	}
	all, err := person.Guardians(tx, older.id)
	if err != nil {
		return err
	}
	for _, x := range all {
		x.Child = c.id
		if _, err := person.AddGuardian(tx, x, t.Now()); err != nil {
			return err
		}
	}
	c.parents = older.parents
	return nil
}

func (t *town) newChild(tx *store.Tx, g *group, h human, born string) (*child, error) {
	f, err := org.FacilityOf(tx, g.id)
	if err != nil {
		return nil, err
	}
	id, err := person.AddChild(tx, person.Child{Facility: f.ID, Given: h.given, Family: h.family, Born: born, Group: g.id}, t.Now())
	c := &child{id: id, human: h}
	g.children = append(g.children, c)
	return c, err
}

// guardians makes those who are responsible for a child.
func (t *town) guardians(tx *store.Tx, c *child) error {
	n := 2
	switch {
	case t.crowd.chance(20):
		n = 1
	case t.crowd.chance(12):
		n = 3
	}
	for i := range n {
		woman := i != 1
		h := t.crowd.adult(c.language, woman)
		if t.crowd.chance(80) {
			h.family = c.family
		}
		g := person.Guardian{Relation: []string{"Mutter", "Vater", "Großmutter"}[i], Rank: i + 1, Decides: i < 2, State: org.Confirmed}
		if i > 0 && t.crowd.chance(12) {
			g.State = org.Invited // the letter lies on the kitchen table
		}
		if err := t.guard(tx, c, h, g); err != nil {
			return err
		}
	}
	return nil
}

// guard ties a new person to a child.
func (t *town) guard(tx *store.Tx, c *child, h human, g person.Guardian) (err error) {
	if g.Person, err = person.Add(tx, person.Person{Given: h.given, Family: h.family, Language: h.spoken()}); err != nil {
		return err
	}
	g.Child, g.Informed, g.Language, g.Phone = c.id, true, h.spoken(), t.crowd.number()
	if g.Rank == 1 || t.crowd.chance(75) {
		g.Mail = t.crowd.mail(h)
	}
	if g.State == org.Confirmed {
		c.parents = append(c.parents, g.Person)
	}
	_, err = person.AddGuardian(tx, g, t.Now())
	return err
}

// exceptions are families as every Kita has them: an address with a slip in it, a letter that nobody has opened, no
// mail address at all, and a father whom a court wants left out.
func (t *town) exceptions(tx *store.Tx, k *kita) error {
	some := k.groups[1].children
	for i, change := range []func(*person.Guardian) error{
		func(g *person.Guardian) error { g.Mail, _, _ = strings.Cut(g.Mail+"@example.org", ".org"); return nil },
		func(g *person.Guardian) error { return person.SetGuardianState(tx, g.ID, org.Invited, t.Now()) },
		func(g *person.Guardian) error { g.Mail = ""; return nil },
		func(g *person.Guardian) error { g.Informed = g.Relation != "Vater"; return nil },
	} {
		c := some[2+3*i]
		c.quiet = i < 3
		switch {
		case i == 1:
			c.parents = nil
		case i == 3:
			c.parents = c.parents[:1]
		}
		all, err := person.Guardians(tx, c.id)
		if err != nil {
			return err
		}
		for _, g := range all {
			if err := change(&g); err != nil {
				return err
			}
			if err := person.CorrectGuardian(tx, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// families are those of the cards: one with two children in two facilities, and the delegate's.
func (t *town) families(tx *store.Tx) error {
	here, there := t.kitas[0], t.kitas[1]
	mila, err := t.newChild(tx, here.groups[0], human{"Mila", parent.family, "de"}, t.today.AddDate(-4, -2, 0).Format(time.DateOnly))
	if err != nil {
		return err
	}
	mila.quiet = true
	for i, h := range []human{parent, partner} {
		g := person.Guardian{Relation: []string{"Mutter", "Vater"}[i], Rank: i + 1, Decides: true, State: org.Confirmed}
		if err := t.guard(tx, mila, h, g); err != nil {
			return err
		}
	}
	deniz, err := t.newChild(tx, there.groups[0], human{"Deniz", parent.family, "de"}, t.today.AddDate(-2, -5, 0).Format(time.DateOnly))
	if err != nil {
		return err
	}
	mila.parents = mila.parents[:1] // he leaves it to her
	deniz.parents = mila.parents
	both, err := person.Guardians(tx, mila.id)
	if err != nil {
		return err
	}
	for _, g := range both {
		g.Child = deniz.id
		if _, err := person.AddGuardian(tx, g, t.Now()); err != nil {
			return err
		}
	}
	bo, err := t.newChild(tx, here.groups[2], human{"Bo", delegate.family, "de"}, t.today.AddDate(-5, 3, 0).Format(time.DateOnly))
	if err != nil {
		return err
	}
	if err := t.guard(tx, bo, delegate, person.Guardian{Relation: "Vater", Rank: 1, Decides: true, State: org.Confirmed}); err != nil {
		return err
	}
	council, err := org.Add(tx, org.Unit{Parent: here.id, Kind: org.Committee, Name: "Elternbeirat " + here.name}, t.Now())
	if err != nil {
		return err
	}
	for _, unit := range []int64{here.id, council} {
		if err := t.also(tx, bo.parents[0], delegate, unit, who.Delegate); err != nil {
			return err
		}
	}
	return nil
}
