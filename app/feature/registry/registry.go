// Package registry (Stammdaten) looks after units, people and children by hand.
// Who looks after a unit looks after all below it, and hands out no role above
// the own one. Lists are read by intake.
package registry

import (
	"embed"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

type feature struct {
	*house.House
	log   house.Log
	uses  Uses
	pages *web.Pages
}

// A Use is what may need the consent of a family, and whether it may be done with a child now.
type Use struct {
	Words string
	May   bool
}

// Uses lists those of a child; a feature of its own asks families.
type Uses func(tx *store.Tx, child int64, now time.Time) ([]Use, error)

// New makes the feature.
func New(h *house.House, log house.Log, uses Uses) house.Feature {
	f := &feature{House: h, log: log, uses: uses, pages: web.Parse(files)}
	unit, edit := view{"unit.html", f.unitPage}, view{"edit.html", f.editPage}
	child, guardian, member := view{"child.html", f.childPage}, view{"guardian.html", f.guardianPage}, view{"membership.html", f.membershipPage}
	return house.Feature{
		Name: "registry",
		Nav:  []web.NavItem{{Path: "/einheiten", Label: "Stammdaten", Icon: "network", Right: visitors}},
		Routes: []web.Route{
			web.Get("/einheiten", visitors, f.index),
			web.Get("/einheit/:id", visitors, f.show(unit)),
			web.Post("/einheit/:id/neu", who.Keepers, f.take(unit, "unit", "Angelegt.", f.addUnit, "kind", "name")),
			web.Proved(web.Post("/einheit/:id/mitglied", who.Keepers, f.take(unit, "member", "Eingetragen.", f.appoint,
				"person", "given", "family", "mail", "phone", "language", "role", "office", "since", "until"))),
			web.Post("/einheit/:id/kind", who.Registrars, f.take(unit, "child", "Aufgenommen. Tragen Sie jetzt bitte die Sorgeberechtigten ein.", f.addChild,
				"given", "family", "born", "ref", "group")),
			web.Get("/einheit/:id/bearbeiten", who.Keepers, f.show(edit)),
			web.Post("/einheit/:id/bearbeiten", who.Keepers, f.take(edit, "save", "Gespeichert.", f.saveUnit, saved()...)),
			web.Proved(web.Post("/einheit/:id/verschieben", who.Keepers, f.take(edit, "move", "Verschoben.", f.moveUnit, "was", "parent"))),
			web.Proved(web.Post("/einheit/:id/zusammenlegen", who.Keepers, f.take(edit, "merge", "Zusammengelegt.", f.mergeUnit, "was", "into"))),
			web.Post("/einheit/:id/beenden", who.Keepers, f.take(edit, "end", "Beendet.", f.endUnit, "was")),
			web.Post("/einheit/:id/oeffnen", who.Keepers, f.take(edit, "end", "Wieder geöffnet.", f.reopenUnit, "was")),
			web.Get("/mitgliedschaft/:id", who.Keepers, f.show(member)),
			web.Proved(web.Post("/mitgliedschaft/:id", who.Keepers, f.take(member, "save", "Gespeichert.", f.saveMembership,
				"was", "given", "family", "mail", "phone", "since", "until"))),
			web.Proved(web.Post("/mitgliedschaft/:id/zustand", who.Keepers, f.take(member, "step", "Gespeichert.", f.stepMembership, "was", "state"))),
			web.Get("/kind/:id", watchers, f.show(child)),
			web.Post("/kind/:id", who.Registrars, f.take(child, "save", "Gespeichert.", f.saveChild, "was", "given", "family", "born", "ref")),
			web.Post("/kind/:id/gruppe", who.Registrars, f.take(child, "move", "Die Gruppe ist gewechselt.", f.moveChild, "was", "group")),
			web.Post("/kind/:id/abmelden", who.Registrars, f.take(child, "move", "Abgemeldet. Die Familie sieht die Mitteilungen der Gruppe nicht mehr.", f.endChild, "was")),
			web.Proved(web.Post("/kind/:id/sorge", who.Registrars, f.take(child, "guardian", "Eingetragen.", f.addGuardian,
				"person", "given", "family", "relation", "mail", "phone", "language", "informed", "decides"))),
			web.Get("/sorge/:id", who.Registrars, f.show(guardian)),
			web.Proved(web.Post("/sorge/:id", who.Registrars, f.take(guardian, "save", "Gespeichert.", f.saveGuardian,
				"was", "given", "family", "relation", "mail", "phone", "language", "rank", "informed", "decides"))),
			web.Proved(web.Post("/sorge/:id/zustand", who.Registrars, f.take(guardian, "step", "Gespeichert.", f.stepGuardian, "was", "state"))),
		},
	}
}
