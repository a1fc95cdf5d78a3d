package org

import (
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Circle is who can be addressed at a unit, with the words of a form.
type Circle struct {
	Roles who.Right
	Code  string
	Words string
}

// Circles are all.
func Circles() []Circle {
	return []Circle{
		{who.Of(who.Parent), "parent", "Eltern"},
		{who.Of(who.Staff, who.Head), "team", "Fachkräfte und Leitungen"},
		{who.Of(who.Head, who.Manager), "heads", "Leitungen und Träger"},
		{who.Of(who.Delegate, who.Chair), "council", "Elternbeirat"},
	}
}

// Addressed are the roles of those circles whose code is in a form.
func Addressed(has func(code string) bool) (r who.Right) {
	for _, c := range Circles() {
		if has(c.Code) {
			r |= c.Roles
		}
	}
	return r
}

// Addressable lists what may be addressed from a unit: itself with all below, and single units below.
func Addressable(tx *store.Tx, u Unit, now time.Time) ([]Unit, error) {
	all := []Unit{u}
	var kind Kind
	switch u.Kind {
	case City:
		kind = Carrier
	case Carrier:
		kind = Facility
	case Facility:
		kind = Group
	default:
		return all, nil
	}
	below, err := Below(tx, u.ID, kind, now)
	return append(all, below...), err
}
