// Package registry (Stammdaten) looks after units, people and children, and
// reads lists of facilities and families.
//
// A list is the whole truth about what stands in it and says nothing about
// what does not: what a newer file lacks is reported and stays. What was
// corrected by hand stays as well, until the list itself says something new
// about it. Importing never makes one person of two: that happens when
// somebody redeems a second letter.
package registry

import (
	"embed"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

type feature struct {
	*house.House
	pages   *web.Pages
	uploads *uploads
}

// New makes the feature.
func New(h *house.House) house.Feature {
	f := &feature{House: h, pages: web.Parse(files), uploads: &uploads{}}
	const importers = 1<<who.Admin | 1<<who.Office
	return house.Feature{
		Name: "registry",
		Nav:  []web.NavItem{{Path: "/einheiten", Label: "Stammdaten", Icon: "network", Right: who.Keepers | who.Of(who.Staff)}},
		Routes: []web.Route{
			web.Get("/einheiten", visitors, f.index),
			web.Get("/einheiten/einlesen", importers, f.facilitiesForm),
			web.Upload("/einheiten/einlesen", importers, f.uploadFacilities),
			web.Get("/einheiten/familien", families, f.familiesForm),
			web.Upload("/einheiten/familien", families, f.uploadFamilies),
			web.Get("/einheiten/vorschau/:token", who.Keepers, f.preview),
			web.Post("/einheiten/vorschau/:token", who.Keepers, f.accept),
			web.Post("/einheiten/vorschau/:token/verwerfen", who.Keepers, f.discard),
			web.Get("/einheit/:id", visitors, f.unit),
			web.Post("/einheit/:id/neu", who.Keepers, f.addUnit),
			web.Get("/einheit/:id/bearbeiten", who.Keepers, f.editUnit),
			web.Post("/einheit/:id/bearbeiten", who.Keepers, f.saveUnit),
			web.Post("/einheit/:id/verschieben", who.Keepers, f.moveUnit),
			web.Post("/einheit/:id/zusammenlegen", who.Keepers, f.mergeUnit),
			web.Post("/einheit/:id/beenden", who.Keepers, f.endUnit),
			web.Post("/einheit/:id/oeffnen", who.Keepers, f.reopenUnit),
			web.Post("/einheit/:id/mitglied", who.Keepers, f.appoint),
			web.Get("/mitgliedschaft/:id", who.Keepers, f.membership),
			web.Post("/mitgliedschaft/:id", who.Keepers, f.saveMembership),
			web.Post("/mitgliedschaft/:id/zustand", who.Keepers, f.stepMembership),
			web.Post("/einheit/:id/kind", families, f.addChild),
			web.Get("/kind/:id", families|1<<who.Staff, f.child),
			web.Post("/kind/:id", families, f.saveChild),
			web.Post("/kind/:id/gruppe", families, f.moveChild),
			web.Post("/kind/:id/abmelden", families, f.endChild),
			web.Post("/kind/:id/sorge", families, f.addGuardian),
			web.Get("/sorge/:id", families, f.guardian),
			web.Post("/sorge/:id", families, f.saveGuardian),
			web.Post("/sorge/:id/zustand", families, f.stepGuardian),
		},
		Export: export,
		Erase:  func(tx *store.Tx, s house.Subject) error { return erase(tx, s, h.Now()) },
	}
}

// rights tells every open page that somebody's rights have changed.
func (f *feature) rights(tx *store.Tx) {
	tx.After(func() { f.Live.Publish(live.Event{Rights: true}) })
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	if s.Child != 0 {
		return exportChild(tx, s.Child)
	}
	p, err := person.Get(tx, s.Person)
	if err != nil {
		return nil, err
	}
	ms, err := org.MembershipsOf(tx, s.Person)
	if err != nil {
		return nil, err
	}
	roles := []heldRole{}
	for _, m := range ms {
		roles = append(roles, heldRole{m.UnitName, m.Role.Word(), StateWord(m.State), m.Mail, m.Phone, m.Since, end(m.Until)})
	}
	care, err := careBy(tx, s.Person)
	return map[string]any{"given": p.Given, "family": p.Family, "language": p.Language, "memberships": roles, "guardian": care}, err
}

func exportChild(tx *store.Tx, id int64) (any, error) {
	c, err := person.GetChild(tx, id, time.Time{})
	if err != nil {
		return nil, err
	}
	stays, err := staysOf(tx, id)
	if err != nil {
		return nil, err
	}
	type stay struct {
		Unit     string     `json:"group"`
		Facility string     `json:"facility"`
		Since    time.Time  `json:"since"`
		Until    *time.Time `json:"until,omitempty"`
	}
	in := []stay{}
	for _, s := range stays {
		in = append(in, stay{s.Name, s.Above, s.Since, end(s.until)})
	}
	gs, err := person.Guardians(tx, id)
	if err != nil {
		return nil, err
	}
	care := []careOf{}
	for _, g := range gs {
		care = append(care, careOf{Guardian: g.Name(), Relation: g.Relation, Rank: g.Rank, Informed: g.Informed, Decides: g.Decides,
			State: StateWord(g.State), Mail: g.Mail, Phone: g.Phone, Language: g.Language})
	}
	return map[string]any{"given": c.Given, "family": c.Family, "born": c.Born, "ref": c.Ref, "stays": in, "guardians": care}, nil
}

func end(until int64) *time.Time {
	if until == store.Forever {
		return nil
	}
	t := time.Unix(until, 0).UTC()
	return &t
}

// erase removes a subject from the base tables. It comes after the erasing of
// all features: what still refers to the subject then keeps a row without a name.
func erase(tx *store.Tx, s house.Subject, now time.Time) error {
	if s.Child != 0 {
		return person.ForgetChild(tx, s.Child, now)
	}
	if err := web.EndSessions(tx, s.Person, nil); err != nil {
		return err
	}
	if err := org.Forget(tx, s.Person, now); err != nil {
		return err
	}
	return person.Forget(tx, s.Person)
}
