package absence

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// place is a facility or group whose children the viewer may know.
func place(tx *store.Tx, unit int64, v who.Viewer, roles who.Right, now time.Time) (org.Unit, error) {
	ok, err := org.Manages(tx, v.ID, unit, roles, now)
	if err != nil {
		return org.Unit{}, err
	}
	u, err := org.Get(tx, unit)
	if err == nil && (!ok || u.Kind != org.Facility && u.Kind != org.Group || u.Ended(now)) {
		err = fault.Gone()
	}
	return u, err
}

// roll is the list of a unit for a day, by group and name. At is a time of that day: who is looked after then stands on it.
// The first child only, unless that is 0.
func roll(tx *store.Tx, unit, child int64, at time.Time) ([]Line, error) {
	day := today(at)
	all, err := store.All(tx, func(l *Line) []any {
		return []any{&l.Child, &l.Given, &l.Family, &l.Group, &l.In, &l.Absence, &l.Reason, &l.Note, &l.Until}
	}, `
		SELECT c.id, c.given, c.family, u.id, u.name, coalesce(a.id, 0), coalesce(a.reason, ''), coalesce(a.note, ''), coalesce(a.last_day, '')
		FROM unit_up p JOIN child_stay s ON s.unit = p.unit JOIN child c ON c.id = s.child JOIN unit u ON u.id = s.unit
		LEFT JOIN absence a ON a.id = (
			SELECT x.id FROM absence x WHERE x.child = c.id AND x.last_day >= ?3 AND x.first_day <= ?3 AND x.withdrawn IS NULL ORDER BY x.id LIMIT 1)
		WHERE p.above = ?1 AND s.since <= ?2 AND s.until > ?2 AND (?4 = 0 OR c.id = ?4) ORDER BY u.name, u.id, c.given, c.family, c.id`,
		unit, at.Unix(), day, child)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	index, ids := map[int64]int{}, make([]int64, len(all))
	for i, l := range all {
		index[l.Child], ids[i] = i, l.Child
	}
	deeds, err := store.All(tx, (*Deed).fields, `
		SELECT d.id, d.uid, d.child, d.kind, d.at, d.received, coalesce(trim(w.given || ' ' || w.family), 'ehemals im Haus'), d.escort, d.instead, d.device
		FROM json_each(?) j CROSS JOIN absence_deed d ON d.child = j.value AND d.day = ? LEFT JOIN person w ON w.id = d.person`, store.List(ids), day)
	if err != nil {
		return nil, err
	}
	for _, d := range deeds {
		l := &all[index[d.Child]]
		l.Deeds = append(l.Deeds, d)
	}
	contacts, err := store.All(tx, func(c *Contact) []any { return []any{&c.child, &c.Name, &c.Relation, &c.Phone} }, `
		SELECT g.child, trim(w.given || ' ' || w.family), g.relation, g.phone
		FROM json_each(?1) j CROSS JOIN guardian g ON g.child = j.value AND g.informed = 1 AND g.state IN ('invited', 'accepted', 'confirmed')
			AND g.since <= ?2 AND g.until > ?2
		JOIN person w ON w.id = g.person ORDER BY g.child, g.rank, g.id`, store.List(ids), at.Unix())
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		l := &all[index[c.child]]
		l.Contacts = append(l.Contacts, c)
	}
	for i := range all {
		all[i].settle()
	}
	return all, nil
}

func (d *Deed) fields() []any {
	return []any{&d.id, &d.UID, &d.Child, &d.Kind, (*store.Time)(&d.At), (*store.Time)(&d.Received), &d.Who, &d.Escort, &d.Instead, &d.Device}
}

// do writes a deed down, once however often it comes. It returns the group of the child on that day.
func (f feature) do(tx *store.Tx, v who.Viewer, d Deed) (group int64, err error) {
	if err := d.check(f.Now()); err != nil {
		return 0, err
	}
	if group, err = f.inGroup(tx, d.Child, v, names(), d.At); err != nil {
		return 0, err
	}
	n, err := tx.Exec(`
		INSERT INTO absence_deed (uid, child, day, kind, at, received, person, escort, instead, device) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (uid) DO NOTHING`,
		uid(d.UID), d.Child, today(d.At), d.Kind, d.At.Unix(), f.Now().Unix(), v.ID, d.Escort, d.Instead, d.Device)
	if err != nil || n == 0 {
		return group, err
	}
	facility, err := org.FacilityOf(tx, group)
	if err != nil {
		return 0, err
	}
	return group, f.show(tx, d.Child, group, facility.ID)
}

// inGroup is the group in which a child was at a time, if the viewer holds one of the roles there now.
func (f feature) inGroup(tx *store.Tx, child int64, v who.Viewer, roles who.Right, at time.Time) (int64, error) {
	group, err := store.One(tx, store.Value[int64], `SELECT unit FROM child_stay WHERE child = ?1 AND since <= ?2 AND until > ?2`, child, at.Unix())
	if err != nil {
		return 0, err
	}
	return group, org.Must(tx, v, group, roles, f.Now())
}

// A Total is the numbers of a unit today.
type Total struct {
	org.Unit
	In string // name of the facility of a group; "" for a facility
	Numbers

	Rules bool // the viewer may set how it takes absences
	Shut  bool // it is closed today, or a part of it, or for some hours
}

// totals count the children of today by facility, or by group, below the units where the viewer holds one of the roles.
func totals(tx *store.Tx, v who.Viewer, roles who.Right, now time.Time) ([]Total, error) {
	type row struct {
		unit, facility int64
		name, within   string
		state          string
		n              int
	}
	all, err := store.All(tx, func(r *row) []any {
		return []any{&r.unit, &r.name, &r.facility, &r.within, &r.state, &r.n}
	}, `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3),
		k (child, unit, kind) AS (
			SELECT s.child, s.unit, (
				SELECT d.kind FROM absence_deed d WHERE d.child = s.child AND d.day = ?4 AND d.kind <> 'void'
					AND NOT EXISTS (SELECT 1 FROM absence_deed o WHERE o.instead = d.uid AND o.child = d.child AND o.instead <> '') ORDER BY d.at DESC, d.id DESC LIMIT 1)
			FROM mine m JOIN child_stay s ON s.unit = m.unit WHERE s.since <= ?3 AND s.until > ?3)
		SELECT u.id, u.name, f.id, f.name, CASE k.kind WHEN 'came' THEN 'here' WHEN 'left' THEN 'gone' ELSE
			iif(EXISTS (SELECT 1 FROM excused e WHERE e.child = k.child AND e.first_day <= ?4 AND e.last_day >= ?4), 'excused', 'expected') END, count(*)
		FROM k JOIN unit u ON u.id = k.unit JOIN unit f ON f.id = u.parent GROUP BY u.id, 5 ORDER BY f.name, f.id, u.name, u.id`,
		v.ID, int64(roles), now.Unix(), today(now))
	if err != nil {
		return nil, err
	}
	var list []Total
	at := map[int64]int{}
	add := func(unit int64, kind org.Kind, name, in string, r row) {
		i, ok := at[unit]
		if !ok {
			i = len(list)
			at[unit] = i
			list = append(list, Total{Unit: org.Unit{ID: unit, Kind: kind, Name: name}, In: in})
		}
		list[i].add(r.state, r.n)
	}
	for _, r := range all {
		add(r.facility, org.Facility, r.within, "", r)
		add(r.unit, org.Group, r.name, r.within, r)
	}
	return list, nil
}
