package absence

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Ward is a child in its group, as somebody sees it who may know of its absences.
type Ward struct {
	ID       int64
	Name     string // given name, and for the team also the family's
	Given    string
	Group    int64
	In       string // name of the group
	Facility int64
	Place    string // name of the facility
	Decides  bool   // the viewer may excuse the child
	Team     bool   // as one of the team, not of the family
}

func (w *Ward) fields() []any {
	return []any{&w.ID, &w.Name, &w.Given, &w.Group, &w.In, &w.Facility, &w.Place, &w.Decides, &w.Team}
}

// wards are the children whom the viewer is told about as a guardian.
func wards(tx *store.Tx, v who.Viewer, now time.Time) ([]Ward, error) {
	return store.All(tx, (*Ward).fields, `
		SELECT c.id, c.given, c.given, u.id, u.name, f.id, f.name, g.decides, 0
		FROM guardian g JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id JOIN unit u ON u.id = s.unit JOIN unit f ON f.id = c.facility
		WHERE g.person = ?1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2 AND s.since <= ?2 AND s.until > ?2
		ORDER BY c.born, c.given, c.id`, v.ID, now.Unix())
}

// ward is a child whose absences the viewer may know, as a guardian or, where team is true, as one of its team. A child
// that has left is not found.
func ward(tx *store.Tx, child int64, v who.Viewer, team bool, now time.Time) (Ward, error) {
	if !team {
		all, err := wards(tx, v, now)
		for _, w := range all {
			if w.ID == child {
				return w, err
			}
		}
		if err == nil {
			err = fault.Gone()
		}
		return Ward{}, err
	}
	return store.One(tx, (*Ward).fields, `
		SELECT c.id, c.given || ' ' || c.family, c.given, u.id, u.name, f.id, f.name, 1, 1
		FROM child c JOIN child_stay s ON s.child = c.id JOIN unit u ON u.id = s.unit JOIN unit f ON f.id = c.facility
		WHERE c.id = ?1 AND s.since <= ?4 AND s.until > ?4 AND EXISTS (
			SELECT 1 FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE p.unit = s.unit AND h.person = ?2 AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4)`,
		child, v.ID, int64(names()), now.Unix())
}

// names are the roles that may know which child does not come.
func names() who.Right { return who.Of(who.Head, who.Staff) }

// either is ward as whatever the viewer is to the child: one of the family first.
func either(tx *store.Tx, child int64, v who.Viewer, now time.Time) (Ward, error) {
	w, err := ward(tx, child, v, false, now)
	if fault.KindOf(err) != fault.NotFound {
		return w, err
	}
	return ward(tx, child, v, true, now)
}

// of lists the absences of a child that end on a day or later, the next first; withdrawn ones not.
func of(tx *store.Tx, child int64, from string) ([]Absence, error) {
	return store.All(tx, (*Absence).fields, `
		SELECT a.id, a.child, c.given, a.first_day, a.last_day, a.reason, a.note, a.late, a.withdrawn
		FROM absence a JOIN child c ON c.id = a.child
		WHERE a.child = ? AND a.last_day >= ? AND a.withdrawn IS NULL ORDER BY a.first_day, a.id`, child, from)
}

// get is an absence that the viewer may see, and the child it is of.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Absence, Ward, error) {
	a, err := read(tx, id)
	if err != nil {
		return a, Ward{}, err
	}
	w, err := either(tx, a.Child, v, now)
	return a, w, err
}

func read(tx *store.Tx, id int64) (Absence, error) {
	return store.One(tx, (*Absence).fields, `
		SELECT a.id, a.child, c.given, a.first_day, a.last_day, a.reason, a.note, a.late, a.withdrawn
		FROM absence a JOIN child c ON c.id = a.child WHERE a.id = ?`, id)
}

// history is what happened to an absence, in order.
func history(tx *store.Tx, id int64) ([]Event, error) {
	return store.All(tx, func(e *Event) []any {
		return []any{&e.Kind, &e.Who, &e.Phoned, (*store.Time)(&e.At), (*store.Time)(&e.Received), &e.FirstDay, &e.LastDay}
	}, `
		SELECT e.kind, coalesce(trim(p.given || ' ' || p.family), 'ehemals im Haus'), e.phoned, e.at, e.received, e.first_day, e.last_day
		FROM absence_event e LEFT JOIN person p ON p.id = e.person WHERE e.absence = ? ORDER BY e.received, e.id`, id)
}

// note writes down what happened to an absence.
func note(tx *store.Tx, a Absence, kind string, v who.Viewer, d Draft, received time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO absence_event (absence, kind, person, phoned, at, received, first_day, last_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, kind, v.ID, d.Team, d.At.Unix(), received.Unix(), a.FirstDay, a.LastDay)
	return err
}
