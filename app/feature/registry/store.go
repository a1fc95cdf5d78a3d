package registry

import (
	"strconv"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// rolesAt is the set of roles that a person holds at a unit or above it.
func rolesAt(tx *store.Tx, person, unit int64, now time.Time) (who.Right, error) {
	r, err := store.One(tx, store.Value[int64], `
		SELECT coalesce(sum(DISTINCT 1 << h.role), 0) FROM holding h JOIN unit_up p ON p.above = h.unit
		WHERE h.person = ?1 AND p.unit = ?2 AND h.since <= ?3 AND h.until > ?3`, person, unit, now.Unix())
	return who.Right(r), err
}

// A Row is a unit in a list, with what lies below it.
type Row struct {
	ID         int64
	Kind       org.Kind
	Name       string
	Above      string // name of the unit above
	until      int64
	Facilities int
	Groups     int
	Children   int
	Ended      bool
}

func (r *Row) fields() []any {
	return []any{&r.ID, &r.Kind, &r.Name, &r.Above, &r.until, &r.Facilities, &r.Groups, &r.Children}
}

// below lists the units directly under one.
func below(tx *store.Tx, unit int64, now time.Time) ([]Row, error) {
	return store.All(tx, (*Row).fields, `
		WITH under AS MATERIALIZED (SELECT id FROM unit WHERE parent = ?2),
		units (top, facilities, groups) AS (
			SELECT p.above, sum(x.kind = 'facility'), sum(x.kind = 'group') FROM under t JOIN unit_up p ON p.above = t.id JOIN unit x ON x.id = p.unit
			WHERE p.depth > 0 AND x.until > ?1 GROUP BY p.above),
		kids (top, n) AS (
			SELECT p.above, count(*) FROM under t JOIN unit_up p ON p.above = t.id JOIN child_stay s ON s.unit = p.unit
			WHERE s.since <= ?1 AND s.until > ?1 GROUP BY p.above)
		SELECT u.id, u.kind, u.name, '', u.until, coalesce(n.facilities, 0), coalesce(n.groups, 0), coalesce(k.n, 0)
		FROM unit u LEFT JOIN units n ON n.top = u.id LEFT JOIN kids k ON k.top = u.id
		WHERE u.parent = ?2 ORDER BY u.kind, u.name, u.id`, now.Unix(), unit)
}

// allBelow lists every unit under one by name, for a search; counts are left out.
func allBelow(tx *store.Tx, unit int64) ([]Row, error) {
	return store.All(tx, (*Row).fields, `
		SELECT u.id, u.kind, u.name, coalesce(a.name, ''), u.until, 0, 0, 0
		FROM unit_up p JOIN unit u ON u.id = p.unit LEFT JOIN unit a ON a.id = u.parent
		WHERE p.above = ? ORDER BY u.name, u.id`, unit)
}

// A Choice is a person, or a unit, to choose from a list.
type Choice struct {
	ID   int64
	Name string
}

// Value and Label are those of a Named value.
func (c Choice) Value() string { return strconv.FormatInt(c.ID, 10) }

// Label is what a person reads.
func (c Choice) Label() string { return c.Name }

// A Named value is one of a list, or of a form, with its German name.
type Named struct{ Value, Label string }

func (c *Choice) fields() []any { return []any{&c.ID, &c.Name} }

// peopleOf lists who holds or held a role at a unit or below it, and with families the guardians there.
func peopleOf(tx *store.Tx, unit int64, families bool, now time.Time) ([]Choice, error) {
	return store.All(tx, (*Choice).fields, `
		SELECT p.id, trim(p.given || ' ' || p.family) FROM person p WHERE p.id IN (
			SELECT m.person FROM unit_up x JOIN membership m ON m.unit = x.unit WHERE x.above = ?1 AND m.role <> 9 -- an alias is nobody to give a role to
			UNION
			SELECT g.person FROM unit_up x JOIN child_stay s ON s.unit = x.unit JOIN guardian g ON g.child = s.child
			WHERE ?2 AND x.above = ?1 AND s.until > ?3 AND g.state <> 'ended')
		ORDER BY p.family, p.given, p.id LIMIT 1000`, unit, families, now.Unix())
}

// trusted reports whether a person already holds a confirmed role or guardianship at a unit or below it.
func trusted(tx *store.Tx, person, unit int64) (bool, error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM holding h JOIN unit_up p ON p.unit = h.unit WHERE h.person = ? AND p.above = ?`, person, unit)
	return n > 0, err
}

// elsewhere counts where a person is known outside what a viewer looks after.
func elsewhere(tx *store.Tx, person, viewer int64, now time.Time) (int, error) {
	return store.One(tx, store.Value[int], `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?2 AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4)
		SELECT count(*) FROM (
			SELECT unit FROM membership WHERE person = ?1
			UNION ALL
			SELECT c.facility FROM guardian g JOIN child c ON c.id = g.child WHERE g.person = ?1)
		WHERE unit NOT IN (SELECT unit FROM mine)`, person, viewer, int64(who.Keepers), now.Unix())
}

// admins counts the confirmed and current administrators of the house's roots, but one membership.
func admins(tx *store.Tx, but int64, now time.Time) (int, error) {
	return store.One(tx, store.Value[int], `
		SELECT count(*) FROM membership m JOIN unit u ON u.id = m.unit
		WHERE u.parent IS NULL AND m.role = 1 AND m.state = 'confirmed' AND m.since <= ?1 AND m.until > ?1 AND m.id <> ?2`, now.Unix(), but)
}

// A Stay is a time of a child in a group.
type Stay struct {
	Unit         int64
	Name, Above  string
	Since, Until time.Time
	Open         bool
	Hidden       bool // in a facility that the viewer does not look after
	until        int64
}

func (s *Stay) fields() []any {
	return []any{&s.Unit, &s.Name, &s.Above, (*store.Time)(&s.Since), &s.until}
}

func staysOf(tx *store.Tx, child int64) ([]Stay, error) {
	return store.All(tx, (*Stay).fields, `
		SELECT s.unit, u.name, coalesce(a.name, ''), s.since, s.until
		FROM child_stay s JOIN unit u ON u.id = s.unit LEFT JOIN unit a ON a.id = u.parent WHERE s.child = ? ORDER BY s.since DESC`, child)
}

// groupsBelow lists the open groups at or below a unit, with the name of their facility.
func groupsBelow(tx *store.Tx, unit int64, now time.Time) ([]Choice, error) {
	return store.All(tx, (*Choice).fields, `
		SELECT u.id, a.name || ' – ' || u.name FROM unit_up p JOIN unit u ON u.id = p.unit JOIN unit a ON a.id = u.parent
		WHERE p.above = ? AND u.kind = 'group' AND u.until > ? ORDER BY a.name, u.name LIMIT 500`, unit, now.Unix())
}

// homes lists where a facility may stand: the cities, and their open carriers.
func homes(tx *store.Tx, now time.Time) ([]Choice, error) {
	return store.All(tx, (*Choice).fields, `
		SELECT id, CASE WHEN kind = 'city' THEN name || ' (ohne Träger)' ELSE name END FROM unit
		WHERE kind IN ('city', 'carrier') AND until > ? ORDER BY kind = 'carrier', name`, now.Unix())
}

// namesake counts other children of a facility that an import could not tell from this one.
func namesake(tx *store.Tx, c person.Child) (byRef, byName int, err error) {
	byRef, err = store.One(tx, store.Value[int], `SELECT count(*) FROM child WHERE facility = ? AND ref = ? AND ref <> '' AND id <> ?`, c.Facility, c.Ref, c.ID)
	if err != nil {
		return 0, 0, err
	}
	byName, err = store.One(tx, store.Value[int], `
		SELECT count(*) FROM child WHERE facility = ? AND given = ? AND family = ? AND born = ? AND ref = ? AND id <> ?`,
		c.Facility, c.Given, c.Family, c.Born, c.Ref, c.ID)
	return byRef, byName, err
}
