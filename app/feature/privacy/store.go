package privacy

import (
	"slices"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func named(tx *store.Tx, s house.Subject) (subject, error) {
	if s.Child != 0 {
		c, err := person.GetChild(tx, s.Child, time.Time{})
		return subject{Subject: s, Name: c.Name(), Gone: c.Given == person.Gone}, err
	}
	p, err := person.Get(tx, s.Person)
	return subject{Subject: s, Name: p.Name(), Gone: p.Given == "" && p.Family == person.Gone}, err
}

// places counts the units where a subject is or was known: those that the viewer looks after as a clerk, and others. Of
// a guardian these are also all places where the child has been.
func places(tx *store.Tx, s house.Subject, viewer int64, now time.Time) (in, out int, err error) {
	type count struct{ in, out int }
	n, err := store.One(tx, func(c *count) []any { return []any{&c.in, &c.out} }, `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?3 AND (?4 & (1 << h.role)) <> 0 AND h.since <= ?5 AND h.until > ?5),
		kids (id) AS (SELECT ?2 UNION SELECT child FROM guardian WHERE person = ?1),
		places (unit) AS (
			SELECT unit FROM membership WHERE person = ?1
			UNION SELECT c.facility FROM kids JOIN child c USING (id)
			UNION SELECT s.unit FROM kids JOIN child_stay s ON s.child = kids.id)
		SELECT coalesce(sum(unit IN (SELECT unit FROM mine)), 0), coalesce(sum(unit NOT IN (SELECT unit FROM mine)), 0) FROM places`,
		s.Person, s.Child, viewer, int64(who.Clerks), now.Unix())
	return n.in, n.out, err
}

// roots counts the roots of the house that the viewer runs.
func roots(tx *store.Tx, viewer int64, now time.Time) (int, error) {
	return store.One(tx, store.Value[int], `
		SELECT count(*) FROM holding h JOIN unit u ON u.id = h.unit
		WHERE u.parent IS NULL AND h.person = ?1 AND h.role = 1 AND h.since <= ?2 AND h.until > ?2`, viewer, now.Unix())
}

// wholeHouse reports whether the viewer runs or audits the whole house.
func wholeHouse(tx *store.Tx, v who.Viewer) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM unit WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?))`,
		store.List(v.Units(who.Of(who.Admin, who.Auditor))))
	return n > 0, err
}

// clerks are those who look after a place where a subject is or was known; who of them looks after all of them find knows.
func clerks(tx *store.Tx, s house.Subject, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		WITH kids (id) AS (SELECT ?2 UNION SELECT child FROM guardian WHERE person = ?1),
		places (unit) AS (
			SELECT unit FROM membership WHERE person = ?1
			UNION SELECT c.facility FROM kids JOIN child c USING (id)
			UNION SELECT s.unit FROM kids JOIN child_stay s ON s.child = kids.id
			UNION SELECT id FROM unit WHERE parent IS NULL)
		SELECT DISTINCT m.person FROM places JOIN unit_up p ON p.unit = places.unit JOIN membership m ON m.unit = p.above
		WHERE (?3 & (1 << m.role)) <> 0 AND m.state = 'confirmed' AND m.since <= ?4 AND m.until > ?4 ORDER BY 1`,
		s.Person, s.Child, int64(who.Clerks), now.Unix())
}

// holdable are the units whose people the viewer may put under a legal hold.
func holdable(tx *store.Tx, v who.Viewer, now time.Time) (all []org.Unit, err error) {
	tops, err := org.Tops(tx, v.ID, who.Clerks, now)
	for _, t := range tops {
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if t.Kind == org.Facility || t.Kind == org.Group {
			continue
		}
		more, e := org.Below(tx, t.ID, org.Facility, now)
		all, err = append(all, more...), e
	}
	return all, err
}

// An ownRequest is what somebody has asked that waits.
type ownRequest struct {
	ID    int64
	Child string // name; "": for oneself
	At    time.Time
}

// ownRequests lists them.
func ownRequests(tx *store.Tx, asker int64) ([]ownRequest, error) {
	return store.All(tx, func(o *ownRequest) []any { return []any{&o.ID, &o.Child, (*store.Time)(&o.At)} }, `
		SELECT r.id, coalesce((SELECT trim(given || ' ' || family) FROM child WHERE id = r.child), ''), r.at
		FROM privacy_request r WHERE r.asker = ? AND r.origin <> 'desk' AND r.state IN ('open', 'checked') ORDER BY r.id`, asker)
}

// has reports whether a child is among some.
func has(kids []person.Child, id int64) bool {
	return slices.ContainsFunc(kids, func(c person.Child) bool { return c.ID == id })
}

// ties lists in German what still holds a subject in the house.
func ties(tx *store.Tx, s house.Subject, now time.Time) (all []string, err error) {
	if s.Child != 0 {
		c, err := person.GetChild(tx, s.Child, now)
		if c.Group != 0 {
			all = append(all, "Platz in der Gruppe „"+c.GroupName+"“")
		}
		return all, err
	}
	ms, err := org.MembershipsOf(tx, s.Person)
	if err != nil {
		return nil, err
	}
	for _, m := range ms {
		if !m.Ended(now) {
			all = append(all, m.Role.Word()+", "+m.UnitName)
		}
	}
	kids, err := store.All(tx, store.Value[string], `
		SELECT trim(c.given || ' ' || c.family) FROM guardian g JOIN child c ON c.id = g.child
		WHERE g.person = ? AND g.state <> 'ended' ORDER BY c.id`, s.Person)
	for _, k := range kids {
		all = append(all, "Sorge für "+k)
	}
	return all, err
}

// followers are the guardians of a child whom nothing else ties to the house, and nothing ever did.
func followers(tx *store.Tx, child int64) ([]person.Person, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT g.person FROM guardian g WHERE g.child = ?1
		AND NOT EXISTS (SELECT 1 FROM guardian o WHERE o.person = g.person AND o.child <> ?1)
		AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.person = g.person) ORDER BY g.rank, g.id`, child)
	if err != nil {
		return nil, err
	}
	var all []person.Person
	for _, id := range ids {
		p, err := person.Get(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// wards are the children for whom a person decides, also those who have left. Of a child of whom the person is not to
// be informed nothing is told.
func wards(tx *store.Tx, id int64, now time.Time) ([]person.Child, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT child FROM guardian WHERE person = ?1 AND state = 'confirmed' AND informed = 1 AND decides = 1 AND since <= ?2 AND until > ?2
		ORDER BY child`, id, now.Unix())
	if err != nil {
		return nil, err
	}
	var all []person.Child
	for _, id := range ids {
		c, err := person.GetChild(tx, id, now)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// A role, a stay and so on are what base keeps of a subject, as the file names it.
type role struct {
	Unit  string     `json:"unit"`
	Role  string     `json:"role"`
	State string     `json:"state"`
	Mail  string     `json:"mail,omitempty"`
	Phone string     `json:"phone,omitempty"`
	Since time.Time  `json:"since"`
	Until *time.Time `json:"until,omitempty"` // nil: open
}

type care struct {
	Child    string    `json:"child,omitempty"` // "": not for the reader, or the child whose file this is
	Relation string    `json:"relation"`
	Rank     int       `json:"rank"`
	Informed bool      `json:"informed"`
	Decides  bool      `json:"decides"`
	State    string    `json:"state"`
	Mail     string    `json:"mail,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Language string    `json:"language,omitempty"`
	Since    time.Time `json:"since"`
}

func (c *care) fields() []any {
	return []any{&c.Child, &c.Relation, &c.Rank, &c.Informed, &c.Decides, &c.State, &c.Mail, &c.Phone, &c.Language, (*store.Time)(&c.Since)}
}

type stay struct {
	Group    string     `json:"group"`
	Facility string     `json:"facility"`
	Since    time.Time  `json:"since"`
	Until    *time.Time `json:"until,omitempty"`
	until    int64
}

func (s *stay) fields() []any { return []any{&s.Group, &s.Facility, (*store.Time)(&s.Since), &s.until} }

type device struct {
	Device  string    `json:"device"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
}

func end(until int64) *time.Time {
	if until == store.Forever {
		return nil
	}
	t := time.Unix(until, 0).UTC()
	return &t
}

func exportPerson(tx *store.Tx, s house.Subject) (map[string]any, error) {
	p, err := person.Get(tx, s.Person)
	if err != nil {
		return nil, err
	}
	ms, err := org.MembershipsOf(tx, s.Person)
	if err != nil {
		return nil, err
	}
	roles := []role{}
	for _, m := range ms {
		roles = append(roles, role{m.UnitName, m.Role.Word(), m.State, m.Mail, m.Phone, m.Since, end(m.Until)})
	}
	kids, err := store.All(tx, (*care).fields, `
		SELECT CASE WHEN g.informed = 1 THEN trim(c.given || ' ' || c.family) ELSE '' END, g.relation, g.rank, g.informed, g.decides, g.state,
			g.mail, g.phone, g.language, g.since
		FROM guardian g JOIN child c ON c.id = g.child WHERE g.person = ? ORDER BY g.id`, s.Person)
	if err != nil {
		return nil, err
	}
	devices, err := store.All(tx, func(d *device) []any { return []any{&d.Device, (*store.Time)(&d.Created), (*store.Time)(&d.Seen)} },
		`SELECT device, created, seen FROM session WHERE person = ? ORDER BY created`, s.Person)
	if err != nil {
		return nil, err
	}
	m, err := remarksOf(tx, s)
	return map[string]any{"uid": p.UID, "given": p.Given, "family": p.Family, "language": p.Language,
		"memberships": roles, "guardian": kids, "devices": devices, "corrected": m.corrected, "marks": m.marks, "erasureAsked": m.asked}, err
}

func exportChild(tx *store.Tx, s house.Subject) (map[string]any, error) {
	c, err := person.GetChild(tx, s.Child, time.Time{})
	if err != nil {
		return nil, err
	}
	stays, err := store.All(tx, (*stay).fields, `
		SELECT u.name, coalesce(a.name, ''), s.since, s.until
		FROM child_stay s JOIN unit u ON u.id = s.unit LEFT JOIN unit a ON a.id = u.parent WHERE s.child = ? ORDER BY s.since`, s.Child)
	if err != nil {
		return nil, err
	}
	for i := range stays {
		stays[i].Until = end(stays[i].until)
	}
	guardians, err := store.All(tx, (*care).fields, `
		SELECT '', relation, rank, informed, decides, state, '', '', '', since FROM guardian WHERE child = ? ORDER BY rank, id`, s.Child)
	if err != nil {
		return nil, err
	}
	m, err := remarksOf(tx, s)
	return map[string]any{"given": c.Given, "family": c.Family, "born": c.Born, "ref": c.Ref, "stays": stays, "guardians": guardians,
		"corrected": m.corrected, "marks": m.marks, "erasureAsked": m.asked}, err
}

// Remarks are what privacy and the marks of base/hold keep of a subject. Why data must not go may be about others, and is
// not handed out with them.
type remarks struct{ corrected, marks, asked []string }

func remarksOf(tx *store.Tx, s house.Subject) (m remarks, err error) {
	if m.corrected, err = store.All(tx, store.Value[string], `
		SELECT field || ': ' || before || ', bis ' || datetime(at, 'unixepoch') || 'Z' FROM person_before WHERE person = ?1 OR child = ?2 ORDER BY id`, s.Person, s.Child); err != nil {
		return m, err
	}
	if m.marks, err = store.All(tx, store.Value[string], `
		SELECT CASE kind WHEN 'keep' THEN 'Löschsperre' ELSE 'Verarbeitung eingeschränkt' END || ' seit ' || datetime(since, 'unixepoch') || 'Z'
		FROM hold WHERE person = ?1 OR child = ?2 ORDER BY id`, s.Person, s.Child); err != nil {
		return m, err
	}
	m.asked, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z: ' || state || CASE WHEN asker = ?1 THEN ' ' || words ELSE '' END || CASE reason WHEN '' THEN '' ELSE ' (' || reason || ')' END
		FROM privacy_request WHERE person = ?1 OR child = ?2 OR asker = ?1 AND origin <> 'desk' ORDER BY id`, s.Person, s.Child)
	return m, err
}
