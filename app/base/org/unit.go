// Package org keeps the tree of units (Einheiten) and who holds which role in it.
package org

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// A Kind is what a unit is.
type Kind string

const (
	City      Kind = "city"
	Office    Kind = "office"
	Carrier   Kind = "carrier"
	Facility  Kind = "facility"
	Group     Kind = "group"
	Committee Kind = "committee"
)

// Word is the German name of a kind.
func (k Kind) Word() string {
	switch k {
	case City:
		return "Kommune"
	case Office:
		return "Amt"
	case Carrier:
		return "Träger"
	case Facility:
		return "Einrichtung"
	case Group:
		return "Gruppe"
	}
	return "Gremium"
}

// Below lists what kinds a unit of this kind may hold.
func (k Kind) Below() []Kind {
	switch k {
	case City:
		return []Kind{Office, Carrier, Facility, Committee}
	case Carrier:
		return []Kind{Facility, Committee}
	case Facility:
		return []Kind{Group, Committee}
	}
	return nil
}

// Roles lists the roles that can be held at a unit of this kind.
func (k Kind) Roles() []who.Role {
	switch k {
	case City:
		return []who.Role{who.Admin, who.Office, who.Auditor}
	case Office:
		return []who.Role{who.Office}
	case Carrier:
		return []who.Role{who.Manager, who.Admin, who.Auditor}
	case Facility:
		return []who.Role{who.Head, who.Staff, who.Delegate}
	case Group:
		return []who.Role{who.Staff}
	}
	return []who.Role{who.Delegate, who.Chair}
}

// A Unit is a place in the tree.
type Unit struct {
	ID     int64
	UID    string
	Parent int64 // 0: the root
	Kind   Kind
	Name   string
	City   string
	Source string // "": entered by hand
	Until  int64  // store.Forever: open
	Since  time.Time
}

// Ended reports whether the unit is no longer run.
func (u Unit) Ended(now time.Time) bool { return u.Until <= now.Unix() }

func (u *Unit) fields() []any {
	return []any{&u.ID, &u.UID, store.Null(&u.Parent), &u.Kind, &u.Name, &u.City, &u.Source, &u.Until, (*store.Time)(&u.Since)}
}

// Get finds a unit, whether or not it has ended.
func Get(tx *store.Tx, id int64) (Unit, error) {
	return store.One(tx, (*Unit).fields, `
		SELECT id, uid, parent, kind, name, city, coalesce(source, ''), until, since FROM unit WHERE id = ?`, id)
}

// Root is the unit above all others; NotFound in an empty house.
func Root(tx *store.Tx) (Unit, error) {
	return store.One(tx, (*Unit).fields, `
		SELECT id, uid, parent, kind, name, city, coalesce(source, ''), until, since FROM unit WHERE parent IS NULL ORDER BY id LIMIT 1`)
}

// Children lists the units directly below one, by kind and name; those that have ended last.
func Children(tx *store.Tx, id int64) ([]Unit, error) {
	return store.All(tx, (*Unit).fields, `
		SELECT id, uid, parent, kind, name, city, coalesce(source, ''), until, since FROM unit
		WHERE parent = ? ORDER BY until < 9223372036854775807, kind, name`, id)
}

// Path lists the units above one from the root down, and the unit itself.
func Path(tx *store.Tx, id int64) ([]Unit, error) {
	return store.All(tx, (*Unit).fields, `
		SELECT u.id, u.uid, u.parent, u.kind, u.name, u.city, coalesce(u.source, ''), u.until, u.since
		FROM unit_up p JOIN unit u ON u.id = p.above WHERE p.unit = ? ORDER BY p.depth DESC`, id)
}

// Below lists the current units of a kind at or below one, by name.
func Below(tx *store.Tx, id int64, kind Kind, now time.Time) ([]Unit, error) {
	return store.All(tx, (*Unit).fields, `
		SELECT u.id, u.uid, u.parent, u.kind, u.name, u.city, coalesce(u.source, ''), u.until, u.since
		FROM unit_up p JOIN unit u ON u.id = p.unit
		WHERE p.above = ? AND u.kind = ? AND u.until > ? ORDER BY u.name, u.id`, id, string(kind), now.Unix())
}

// FacilityOf is the facility that a group lies in, or the facility itself; NotFound above facilities.
func FacilityOf(tx *store.Tx, id int64) (Unit, error) {
	return store.One(tx, (*Unit).fields, `
		SELECT u.id, u.uid, u.parent, u.kind, u.name, u.city, coalesce(u.source, ''), u.until, u.since
		FROM unit_up p JOIN unit u ON u.id = p.above WHERE p.unit = ? AND u.kind = 'facility'`, id)
}

// Add puts a unit into the tree. Parent 0 is for the root alone.
func Add(tx *store.Tx, u Unit, now time.Time) (int64, error) {
	if u.Name == "" {
		return 0, fault.At("name", "Bitte geben Sie einen Namen ein.")
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO unit (uid, parent, kind, name, city, source, since)
		VALUES (?, nullif(?, 0), ?, ?, ?, nullif(?, ''), ?) RETURNING id`,
		newUID(), u.Parent, string(u.Kind), u.Name, u.City, u.Source, now.Unix())
	if err != nil {
		return 0, err
	}
	return id, lift(tx, id, u.Parent)
}

// lift writes the rows of unit_up of a unit that has none below it yet.
func lift(tx *store.Tx, id, parent int64) error {
	_, err := tx.Exec(`
		INSERT INTO unit_up (unit, above, depth)
		SELECT ?1, ?1, 0 UNION ALL SELECT ?1, above, depth + 1 FROM unit_up WHERE unit = ?2`, id, parent)
	return err
}

// Rename gives a unit another name.
func Rename(tx *store.Tx, id int64, name string) error {
	if name == "" {
		return fault.At("name", "Bitte geben Sie einen Namen ein.")
	}
	_, err := tx.Exec(`UPDATE unit SET name = ? WHERE id = ?`, name, id)
	return err
}

// Move hangs a unit, with all below it, under another. It refuses a place
// below itself and one of a kind that cannot hold it.
func Move(tx *store.Tx, id, parent int64) error {
	u, err := Get(tx, id)
	if err != nil {
		return err
	}
	p, err := Get(tx, parent)
	if err != nil {
		return err
	}
	ok := false
	for _, k := range p.Kind.Below() {
		ok = ok || k == u.Kind
	}
	under, err := store.One(tx, store.Value[int], `SELECT count(*) FROM unit_up WHERE unit = ? AND above = ?`, parent, id)
	if err != nil {
		return err
	}
	if !ok || under > 0 || u.Parent == 0 {
		return fault.At("parent", "„%s“ kann nicht unter „%s“ stehen.", u.Name, p.Name)
	}
	return hang(tx, id, parent)
}

// hang puts a unit with all below it under another, without asking whether that makes sense.
func hang(tx *store.Tx, id, parent int64) error {
	if _, err := tx.Exec(`UPDATE unit SET parent = ? WHERE id = ?`, parent, id); err != nil {
		return err
	}
	// Take the subtree off everything above it, then hang it under the new parent.
	if _, err := tx.Exec(`
		DELETE FROM unit_up WHERE unit IN (SELECT unit FROM unit_up WHERE above = ?1)
		AND above IN (SELECT above FROM unit_up WHERE unit = ?1 AND above <> ?1)`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`
		INSERT INTO unit_up (unit, above, depth)
		SELECT below.unit, up.above, below.depth + up.depth + 1
		FROM unit_up below, unit_up up WHERE below.above = ? AND up.unit = ?`, id, parent); err != nil {
		return err
	}
	return search.Moved(tx)
}

// End closes a unit from now on; a facility with children in it, or a unit
// with current ones below, is refused.
func End(tx *store.Tx, id int64, now time.Time) error {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM unit_up p JOIN child_stay s ON s.unit = p.unit
		WHERE p.above = ? AND s.since <= ? AND s.until > ?`, id, now.Unix(), now.Unix())
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "Hier sind noch %d Kinder eingetragen. Verlegen oder beenden Sie zuerst deren Plätze.", n)
	}
	_, err = tx.Exec(`
		UPDATE unit SET until = ? WHERE until > ? AND id IN (SELECT unit FROM unit_up WHERE above = ?)`, now.Unix(), now.Unix(), id)
	return err
}

// Reopen takes the end of a unit back, and of all below it that ended together with it.
func Reopen(tx *store.Tx, id int64) error {
	_, err := tx.Exec(`
		UPDATE unit SET until = ?1 WHERE id IN (SELECT unit FROM unit_up WHERE above = ?2)
		AND until = (SELECT until FROM unit WHERE id = ?2)`, store.Forever, id)
	return err
}

// SetCity says which city the root of a house is, for the key of imports.
func SetCity(tx *store.Tx, id int64, city string) error {
	_, err := tx.Exec(`UPDATE unit SET city = ? WHERE id = ? AND parent IS NULL`, city, id)
	return err
}

// Merge moves everything that hangs under one carrier to another and ends the
// first. The first then hangs under the other, so that an import that still
// uses its name finds what became of it.
func Merge(tx *store.Tx, from, into int64, now time.Time) error {
	a, err := Get(tx, from)
	if err != nil {
		return err
	}
	b, err := Get(tx, into)
	if err != nil {
		return err
	}
	if a.Kind != Carrier || b.Kind != Carrier || from == into || a.Ended(now) || b.Ended(now) {
		return fault.At("into", "Zusammenlegen lassen sich nur zwei verschiedene Träger, die nicht beendet sind.")
	}
	kids, err := Children(tx, from)
	if err != nil {
		return err
	}
	for _, k := range kids {
		if err := hang(tx, k.ID, into); err != nil {
			return err
		}
	}
	// Terms of one role do not overlap: whoever holds the same role at both keeps one.
	if _, err := tx.Exec(`
		UPDATE membership SET unit = ?1 WHERE unit = ?2 AND NOT EXISTS (
			SELECT 1 FROM membership o WHERE o.unit = ?1 AND o.person = membership.person AND o.role = membership.role
			AND o.state <> 'ended' AND o.since < membership.until AND o.until > membership.since)`, into, from); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE membership SET state = 'ended', until = max(since + 1, min(until, ?)) WHERE unit = ?`, now.Unix(), from); err != nil {
		return err
	}
	if err := End(tx, from, now); err != nil {
		return err
	}
	return hang(tx, from, into)
}

func newUID() string { return uuid.Must(uuid.NewV7()).String() }
