package person

import (
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// A Child is looked after in one group at a time.
type Child struct {
	ID        int64
	Facility  int64
	Ref       string // the carrier's own number; "": none
	Given     string
	Family    string
	Born      string // YYYY-MM-DD; "": not told
	Group     int64  // now; 0: in none
	GroupName string
}

// Name is given and family name.
func (c Child) Name() string { return strings.TrimSpace(c.Given + " " + c.Family) }

func (c *Child) fields() []any {
	return []any{&c.ID, &c.Facility, &c.Ref, &c.Given, &c.Family, &c.Born, &c.Group, &c.GroupName}
}

// GetChild finds a child, with its present group.
func GetChild(tx *store.Tx, id int64, now time.Time) (Child, error) {
	return store.One(tx, (*Child).fields, `
		SELECT c.id, c.facility, c.ref, c.given, c.family, c.born, coalesce(s.unit, 0), coalesce(u.name, '')
		FROM child c LEFT JOIN child_stay s ON s.child = c.id AND s.since <= ?2 AND s.until > ?2 LEFT JOIN unit u ON u.id = s.unit
		WHERE c.id = ?1`, id, now.Unix())
}

// ChildrenOf lists the children whom a person is told about.
func ChildrenOf(tx *store.Tx, person int64, now time.Time) ([]Child, error) {
	return store.All(tx, (*Child).fields, `
		SELECT c.id, c.facility, c.ref, c.given, c.family, c.born, s.unit, u.name
		FROM guardian g JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id JOIN unit u ON u.id = s.unit
		WHERE g.person = ?1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2 AND s.since <= ?2 AND s.until > ?2
		ORDER BY c.born, c.given, c.id`, person, now.Unix())
}

// ChildrenIn lists the children who are now in a unit or below it, by name.
func ChildrenIn(tx *store.Tx, unit int64, now time.Time) ([]Child, error) {
	return store.All(tx, (*Child).fields, `
		SELECT c.id, c.facility, c.ref, c.given, c.family, c.born, s.unit, u.name
		FROM unit_up p JOIN child_stay s ON s.unit = p.unit JOIN child c ON c.id = s.child JOIN unit u ON u.id = s.unit
		WHERE p.above = ?1 AND s.since <= ?2 AND s.until > ?2 ORDER BY c.family, c.given, c.id`, unit, now.Unix())
}

// ChildrenKnown lists every child whom a facility knows, also those who have left (Group 0).
func ChildrenKnown(tx *store.Tx, facility int64, now time.Time) ([]Child, error) {
	return store.All(tx, (*Child).fields, `
		SELECT c.id, c.facility, c.ref, c.given, c.family, c.born, coalesce(s.unit, 0), coalesce(u.name, '')
		FROM child c LEFT JOIN child_stay s ON s.child = c.id AND s.until > ? LEFT JOIN unit u ON u.id = s.unit
		WHERE c.facility = ? ORDER BY c.family, c.given, c.id`, now.Unix(), facility)
}

// ChildrenFormer lists the children of a facility who are in no group now.
func ChildrenFormer(tx *store.Tx, facility int64, now time.Time) ([]Child, error) {
	return store.All(tx, (*Child).fields, `
		SELECT c.id, c.facility, c.ref, c.given, c.family, c.born, 0, '' FROM child c
		WHERE c.facility = ? AND NOT EXISTS (SELECT 1 FROM child_stay s WHERE s.child = c.id AND s.until > ?)
		ORDER BY c.family, c.given, c.id LIMIT 500`, facility, now.Unix())
}

// AddChild makes a child and puts it into its group.
func AddChild(tx *store.Tx, c Child, now time.Time) (int64, error) {
	if strings.TrimSpace(c.Given) == "" {
		return 0, fault.At("given", "Bitte geben Sie den Vornamen des Kindes ein.")
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO child (uid, facility, ref, given, family, born) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		newUID(), c.Facility, c.Ref, strings.TrimSpace(c.Given), strings.TrimSpace(c.Family), c.Born)
	if err != nil || c.Group == 0 {
		return id, err
	}
	return id, MoveChild(tx, id, c.Group, now)
}

// CorrectChild changes name, birthday and number, and keeps what they were; by is who says so, 0: a list that was read in.
func CorrectChild(tx *store.Tx, c Child, by int64, now time.Time) error {
	if strings.TrimSpace(c.Given) == "" {
		return fault.At("given", "Bitte geben Sie den Vornamen des Kindes ein.")
	}
	if err := noteChild(tx, c, by, now); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE child SET given = ?, family = ?, born = ?, ref = ? WHERE id = ?`, c.Given, c.Family, c.Born, c.Ref, c.ID)
	return err
}

// MoveChild ends the present stay and begins one in another group, of whatever
// facility. Group 0 only ends the stay. History is kept.
func MoveChild(tx *store.Tx, child, group int64, now time.Time) error {
	if _, err := tx.Exec(`UPDATE child_stay SET until = ? WHERE child = ? AND until > ?`, now.Unix(), child, now.Unix()); err != nil {
		return err
	}
	if group == 0 {
		return nil
	}
	if _, err := tx.Exec(`
		INSERT INTO child_stay (child, since, unit) VALUES (?, ?, ?)
		ON CONFLICT (child, since) DO UPDATE SET unit = excluded.unit, until = 9223372036854775807`, child, now.Unix(), group); err != nil {
		return err
	}
	_, err := tx.Exec(`
		UPDATE child SET facility = (SELECT p.above FROM unit_up p JOIN unit u ON u.id = p.above WHERE p.unit = ? AND u.kind = 'facility')
		WHERE id = ?`, group, child)
	return err
}
