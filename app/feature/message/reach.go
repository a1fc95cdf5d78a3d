package message

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Desk is a team to which a guardian may write about a child.
type Desk struct {
	Child int64
	Kid   string
	Unit  int64
	Kind  org.Kind
	Name  string
	Open  bool // it takes messages of families
	Rule  Rule
}

// desks lists whom a guardian may write to: for each child the group's team, the head and the office of the carrier.
func desks(tx *store.Tx, v who.Viewer, now time.Time) ([]Desk, error) {
	all, err := store.All(tx, func(d *Desk) []any { return []any{&d.Child, &d.Kid, &d.Unit, &d.Kind, &d.Name} }, `
		SELECT k.id, k.given, u.id, u.kind, u.name
		FROM guardian g JOIN child k ON k.id = g.child JOIN child_stay s ON s.child = k.id JOIN unit_up p ON p.unit = s.unit JOIN unit u ON u.id = p.above
		WHERE g.person = ?1 AND g.state = 'confirmed' AND g.informed = 1 AND g.since <= ?2 AND g.until > ?2 AND s.since <= ?2 AND s.until > ?2
			AND u.kind IN ('group', 'facility', 'carrier')
			AND EXISTS (SELECT 1 FROM message_team t WHERE t.unit = u.id AND t.since <= ?2 AND t.until > ?2)
		ORDER BY k.born, k.id, p.depth`, v.ID, now.Unix())
	for i := range all {
		if all[i].Rule, err = ruleOf(tx, all[i].Unit); err != nil {
			return nil, err
		}
		all[i].Open = all[i].Rule.Parents
	}
	return all, err
}

// A Team is one that one can write to, or for which one writes.
type Team struct {
	Unit  int64
	Kind  org.Kind
	Name  string
	Above string // name of the unit above; "": none
}

func (t *Team) fields() []any { return []any{&t.Unit, &t.Kind, &t.Name, &t.Above} }

// mine lists the teams that the viewer is of.
func mine(tx *store.Tx, v who.Viewer, now time.Time) ([]Team, error) {
	return store.All(tx, (*Team).fields, `
		SELECT u.id, u.kind, u.name, coalesce(a.name, '') FROM unit u LEFT JOIN unit a ON a.id = u.parent
		WHERE u.id IN (SELECT unit FROM message_team WHERE person = ?1 AND since <= ?2 AND until > ?2)
		ORDER BY u.kind = 'group', u.name, u.id`, v.ID, now.Unix())
}

// ofTeam is nil where the viewer is of the team of a unit.
func ofTeam(tx *store.Tx, v who.Viewer, unit int64, now time.Time) error {
	all, err := mine(tx, v, now)
	if err == nil && !slices.ContainsFunc(all, func(t Team) bool { return t.Unit == unit }) {
		err = fault.Gone()
	}
	return err
}

// teams lists all teams of the house that have somebody in them; of the boards of committees those that speak for the viewer.
func teams(tx *store.Tx, v who.Viewer, now time.Time) ([]Team, error) {
	return store.All(tx, (*Team).fields, `
		SELECT u.id, u.kind, u.name, coalesce(a.name, '') FROM unit u LEFT JOIN unit a ON a.id = u.parent
		WHERE u.until > ?1 AND u.id IN (SELECT unit FROM message_team WHERE since <= ?1 AND until > ?1)
			AND (u.kind <> 'committee' OR u.id IN (SELECT unit FROM committee_around WHERE person = ?2 AND since <= ?1 AND until > ?1))
		ORDER BY CASE u.kind WHEN 'city' THEN 0 WHEN 'carrier' THEN 1 ELSE 2 END, CASE u.kind WHEN 'group' THEN a.name ELSE u.name END, u.kind, u.name, u.id`, now.Unix(), v.ID)
}

// A Board leads a committee, and can be written to.
type Board struct {
	Team
	Rule Rule
}

// boards lists those of the committees that speak for the viewer, but not the viewer's own.
func boards(tx *store.Tx, v who.Viewer, now time.Time) ([]Board, error) {
	all, err := store.All(tx, func(b *Board) []any { return b.fields() }, `
		SELECT u.id, u.kind, u.name, coalesce(a.name, '') FROM unit u LEFT JOIN unit a ON a.id = u.parent
		WHERE u.until > ?2 AND u.id IN (SELECT unit FROM committee_around WHERE person = ?1 AND since <= ?2 AND until > ?2)
			AND EXISTS (SELECT 1 FROM message_team t WHERE t.unit = u.id AND t.since <= ?2 AND t.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM message_team t WHERE t.unit = u.id AND t.person = ?1 AND t.since <= ?2 AND t.until > ?2)
		ORDER BY u.name, u.id`, v.ID, now.Unix())
	for i := range all {
		if all[i].Rule, err = ruleOf(tx, all[i].Unit); err != nil {
			return nil, err
		}
	}
	return all, err
}

// A Colleague is somebody of the team of the same carrier, or of the same office.
type Colleague struct {
	ID    int64
	Name  string
	Where string // a unit at which the person has a role
}

// colleagues lists to whom of the team the viewer may write: one carrier does not learn who works for another.
func colleagues(tx *store.Tx, v who.Viewer, now time.Time) ([]Colleague, error) {
	return store.All(tx, func(c *Colleague) []any { return []any{&c.ID, &c.Name, &c.Where} }, `
		WITH own AS MATERIALIZED (
			SELECT unit, role FROM holding WHERE person = ?1 AND role IN (2, 3, 4, 5) AND since <= ?2 AND until > ?2),
		top AS MATERIALIZED ( -- the highest that is no city: carriers, and facilities that have none
			SELECT a.id FROM own JOIN unit_up p ON p.unit = own.unit JOIN unit a ON a.id = p.above JOIN unit c ON c.id = a.parent AND c.kind = 'city'
			WHERE own.role <> 2 AND a.kind IN ('carrier', 'facility')),
		near (person, unit) AS (
			SELECT m.person, m.unit FROM top JOIN unit_up p ON p.above = top.id JOIN membership m ON m.unit = p.unit
			WHERE m.role IN (3, 4, 5) AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2
			UNION
			SELECT t.person, t.unit FROM own JOIN message_team t ON t.unit = own.unit WHERE own.role = 2 AND t.since <= ?2 AND t.until > ?2)
		SELECT n.id, trim(n.given || ' ' || n.family), min(u.name) FROM near JOIN person n ON n.id = near.person JOIN unit u ON u.id = near.unit
		WHERE n.id <> ?1 GROUP BY n.id ORDER BY n.family, n.given, n.id`, v.ID, now.Unix())
}

// A Kid is a child whose family a team may write to.
type Kid struct {
	ID      int64
	Name    string
	Group   string
	Reached int // guardians who can be written to
}

// kids lists the children of a group's or a facility's team. Who stands above knows no families.
func kids(tx *store.Tx, unit int64, now time.Time) ([]Kid, error) {
	return store.All(tx, func(k *Kid) []any { return []any{&k.ID, &k.Name, &k.Group, &k.Reached} }, `
		SELECT k.id, trim(k.given || ' ' || k.family), g.name, (
			SELECT count(*) FROM guardian o WHERE o.child = k.id AND o.state = 'confirmed' AND o.informed = 1 AND o.since <= ?2 AND o.until > ?2)
		FROM unit t JOIN unit_up p ON p.above = t.id JOIN child_stay s ON s.unit = p.unit AND s.since <= ?2 AND s.until > ?2
		JOIN child k ON k.id = s.child JOIN unit g ON g.id = s.unit
		WHERE t.id = ?1 AND t.kind IN ('group', 'facility') ORDER BY g.name, k.given, k.family, k.id`, unit, now.Unix())
}

// A Guardian is one to whom a team writes about a child.
type Guardian struct{ Person, Child int64 }

// guardians lists those of some children of a team who may be written to, each once.
func guardians(tx *store.Tx, unit int64, children []int64, now time.Time) ([]Guardian, error) {
	return store.All(tx, func(g *Guardian) []any { return []any{&g.Person, &g.Child} }, `
		SELECT g.person, min(g.child)
		FROM unit t JOIN unit_up p ON p.above = t.id JOIN child_stay s ON s.unit = p.unit AND s.since <= ?3 AND s.until > ?3
		JOIN guardian g ON g.child = s.child AND g.state = 'confirmed' AND g.informed = 1 AND g.since <= ?3 AND g.until > ?3
		WHERE t.id = ?1 AND t.kind IN ('group', 'facility') AND s.child IN (SELECT value FROM json_each(?2))
		GROUP BY g.person ORDER BY min(g.child), g.person`, unit, store.List(children), now.Unix())
}
