package demo

import (
	"strings"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

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
	t.council, t.delegate = council, bo.parents[0]
	if err := t.also(tx, bo.parents[0], delegate, here.id, who.Delegate); err != nil {
		return err
	}
	return t.councils(tx)
}
