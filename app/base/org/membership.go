package org

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// States of a membership and of a guardian. Only Confirmed gives rights.
const (
	Invited   = "invited"  // has a letter
	Accepted  = "accepted" // has used it; the house wants a second look
	Confirmed = "confirmed"
	Suspended = "suspended"
	Ended     = "ended"
)

// A Membership is a role, somewhere, for a term [Since, Until).
type Membership struct {
	ID       int64
	Person   int64
	Given    string
	Family   string
	Unit     int64
	UnitName string
	Role     who.Role
	Office   string
	State    string
	Mail     string
	Phone    string
	Since    time.Time
	Until    int64 // store.Forever: open
}

// Ended reports whether the term is over.
func (m Membership) Ended(now time.Time) bool { return m.State == Ended || m.Until <= now.Unix() }

func (m *Membership) fields() []any {
	return []any{&m.ID, &m.Person, &m.Given, &m.Family, &m.Unit, &m.UnitName, &m.Role, &m.Office, &m.State, &m.Mail, &m.Phone,
		(*store.Time)(&m.Since), &m.Until}
}

// Members lists the memberships at a unit, current ones first.
func Members(tx *store.Tx, unit int64) ([]Membership, error) {
	return store.All(tx, (*Membership).fields, `
		SELECT m.id, m.person, p.given, p.family, m.unit, u.name, m.role, m.office, m.state, m.mail, m.phone, m.since, m.until
		FROM membership m JOIN person p ON p.id = m.person JOIN unit u ON u.id = m.unit
		WHERE m.unit = ? ORDER BY m.state = 'ended', m.role, p.family, p.given`, unit)
}

// MembershipsOf lists what a person holds or held anywhere.
func MembershipsOf(tx *store.Tx, person int64) ([]Membership, error) {
	return store.All(tx, (*Membership).fields, `
		SELECT m.id, m.person, p.given, p.family, m.unit, u.name, m.role, m.office, m.state, m.mail, m.phone, m.since, m.until
		FROM membership m JOIN person p ON p.id = m.person JOIN unit u ON u.id = m.unit
		WHERE m.person = ? ORDER BY m.state = 'ended', m.role, u.name`, person)
}

// GetMembership finds one.
func GetMembership(tx *store.Tx, id int64) (Membership, error) {
	return store.One(tx, (*Membership).fields, `
		SELECT m.id, m.person, p.given, p.family, m.unit, u.name, m.role, m.office, m.state, m.mail, m.phone, m.since, m.until
		FROM membership m JOIN person p ON p.id = m.person JOIN unit u ON u.id = m.unit WHERE m.id = ?`, id)
}

// Appoint adds a membership. A term of the same role at the same unit that
// overlaps is refused, and so is a second holder of an office that only one has.
func Appoint(tx *store.Tx, m Membership) (int64, error) {
	if m.Until == 0 {
		m.Until = store.Forever
	}
	if err := single(tx, m); err != nil {
		return 0, err
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM membership WHERE person = ? AND unit = ? AND role = ? AND state <> 'ended' AND since < ? AND until > ?`,
		m.Person, m.Unit, m.Role, m.Until, m.Since.Unix())
	if err != nil {
		return 0, err
	}
	if n > 0 {
		return 0, fault.At("role", "Diese Person hat diese Rolle hier in dieser Zeit schon.")
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO membership (person, unit, role, office, state, mail, phone, since, until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		m.Person, m.Unit, m.Role, m.Office, m.State, m.Mail, m.Phone, m.Since.Unix(), m.Until)
}

// single refuses what makes a second chair, secretary or treasurer of a committee at the same time.
func single(tx *store.Tx, m Membership) error {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM membership WHERE unit = ?1 AND office = ?2 AND id <> ?3 AND state <> 'ended' AND since < ?4 AND until > ?5
		AND office IN ('chair', 'secretary', 'treasurer')`, m.Unit, m.Office, m.ID, m.Until, m.Since.Unix())
	if err == nil && n > 0 {
		err = fault.At("office", "Dieses Amt hat in dieser Zeit schon jemand. Beenden Sie zuerst die andere Amtszeit.")
	}
	return err
}

// SetState moves a membership on; ending it also ends its term.
func SetState(tx *store.Tx, id int64, state string, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE membership SET state = ?1, until = CASE WHEN ?1 = 'ended' THEN max(since + 1, min(until, ?2)) ELSE until END WHERE id = ?3`,
		state, now.Unix(), id)
	return err
}

// Join hands all memberships of one person to another, who has turned out to be
// the same. A term in which the other holds that role there already ends.
func Join(tx *store.Tx, from, into int64, now time.Time) error {
	if from == into {
		return nil
	}
	if _, err := tx.Exec(`
		UPDATE membership SET person = ?1 WHERE person = ?2 AND NOT EXISTS (
			SELECT 1 FROM membership o WHERE o.person = ?1 AND o.unit = membership.unit AND o.role = membership.role
			AND o.state <> 'ended' AND o.since < membership.until AND o.until > membership.since)`, into, from); err != nil {
		return err
	}
	_, err := tx.Exec(`
		UPDATE membership SET state = 'ended', until = max(since + 1, min(until, ?)) WHERE person = ? AND state <> 'ended'`, now.Unix(), from)
	return err
}

// Locked reports whether a person's role at a unit is locked.
func Locked(tx *store.Tx, person, unit int64, role who.Role, now time.Time) (bool, error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM membership WHERE person = ? AND unit = ? AND role = ? AND state = 'suspended' AND until > ?`, person, unit, int64(role), now.Unix())
	return n > 0, err
}

// SetTerm changes from when to when a membership holds. Terms of one role do not overlap.
func SetTerm(tx *store.Tx, id int64, since time.Time, until int64) error {
	if since.Unix() >= until {
		return fault.At("until", "Das Ende liegt vor dem Beginn.")
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM membership m JOIN membership o ON o.person = m.person AND o.unit = m.unit AND o.role = m.role AND o.id <> m.id
		WHERE m.id = ? AND o.state <> 'ended' AND o.since < ? AND o.until > ?`, id, until, since.Unix())
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.At("since", "Diese Person hat diese Rolle hier in dieser Zeit schon.")
	}
	m, err := GetMembership(tx, id)
	if err != nil {
		return err
	}
	m.Since, m.Until = since, until
	if err := single(tx, m); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE membership SET since = ?, until = ? WHERE id = ?`, since.Unix(), until, id)
	return err
}

// Forget ends what a person holds and removes how the units reached it; that
// somebody held the role remains.
func Forget(tx *store.Tx, person int64, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE membership SET state = 'ended', until = max(since + 1, min(until, ?)), mail = '', phone = '' WHERE person = ?`, now.Unix(), person)
	return err
}

// SetContact notes how the unit reaches a member.
func SetContact(tx *store.Tx, id int64, mail, phone string) error {
	_, err := tx.Exec(`UPDATE membership SET mail = ?, phone = ? WHERE id = ?`, mail, phone, id)
	return err
}

// Holdings lists the confirmed and current roles of a person.
func Holdings(tx *store.Tx, person int64, now time.Time) ([]who.Holding, error) {
	return store.All(tx, holding, `
		SELECT DISTINCT role, unit FROM holding WHERE person = ?1 AND since <= ?2 AND until > ?2 ORDER BY role, unit`, person, now.Unix())
}

// A Term is a confirmed role with the time in which it holds.
type Term struct {
	who.Holding
	Since, Until int64
}

// Terms lists what Holdings would, at any time.
func Terms(tx *store.Tx, person int64) ([]Term, error) {
	return store.All(tx, func(t *Term) []any { return []any{&t.Role, &t.Unit, &t.Since, &t.Until} }, `
		SELECT role, unit, since, until FROM holding WHERE person = ? ORDER BY role, unit`, person)
}

func holding(h *who.Holding) []any { return []any{&h.Role, &h.Unit} }

// Reach lists the units that the person's roles reach: an audience that names
// one of them may concern the person.
func Reach(tx *store.Tx, person int64, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT unit FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2`, person, now.Unix())
}

// Manages reports whether the person holds one of the roles at the unit or above it.
func Manages(tx *store.Tx, person, unit int64, roles who.Right, now time.Time) (bool, error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM holding h JOIN unit_up p ON p.above = h.unit
		WHERE h.person = ? AND p.unit = ? AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4`, person, unit, int64(roles), now.Unix())
	return n > 0, err
}

// Must is Manages as a fault: a unit that the viewer does not manage is not found.
func Must(tx *store.Tx, v who.Viewer, unit int64, roles who.Right, now time.Time) error {
	ok, err := Manages(tx, v.ID, unit, roles, now)
	if err == nil && !ok {
		err = fault.Gone()
	}
	return err
}

// Viewer is the person as one who asks: name, language and roles. NotFound for
// a person who does not exist.
func Viewer(tx *store.Tx, person int64, now time.Time) (who.Viewer, error) {
	v, err := named(tx, person)
	if err != nil {
		return v, err
	}
	v.Holds, err = Holdings(tx, person, now)
	return v, err
}

func named(tx *store.Tx, person int64) (who.Viewer, error) {
	return store.One(tx, func(v *who.Viewer) []any { return []any{&v.ID, &v.Given, &v.Family, &v.Lang} }, `
		SELECT id, given, family, language FROM person WHERE id = ?`, person)
}

// Viewers keeps in memory who people are, what they hold and what that reaches: every request asks.
type Viewers struct {
	kept  store.Keep[int64, somebody]
	reach store.Keep[who.Holding, []int64]
}

type somebody struct {
	who.Viewer // without Holds
	terms      []Term
}

// NewViewers keeps those of 20,000 people.
func NewViewers(db *store.DB) *Viewers {
	return &Viewers{
		kept: store.Keep[int64, somebody]{DB: db, Most: 20_000,
			Tables: []string{"person", "membership", "guardian", "child", "child_stay", "unit"}},
		reach: store.Keep[who.Holding, []int64]{DB: db, Most: 5_000, Tables: []string{"unit", "unit_up"}},
	}
}

// Reach is as the function Reach, for what the viewer holds. The parents of a group share what is kept.
func (vs *Viewers) Reach(tx *store.Tx, v who.Viewer) (units []int64, err error) {
	for _, h := range v.Holds {
		all, err := vs.reach.Get(tx, h, func() ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT above FROM unit_up WHERE unit = ?1
				UNION SELECT unit FROM unit_up WHERE above = ?1 AND ?2 IN (1, 2, 3, 4, 5, 10)`, h.Unit, h.Role)
		})
		if err != nil {
			return nil, err
		}
		units = append(units, all...)
	}
	slices.Sort(units)
	return slices.Compact(units), nil
}

// Viewer is as the function Viewer.
func (vs *Viewers) Viewer(tx *store.Tx, person int64, now time.Time) (who.Viewer, error) {
	s, err := vs.kept.Get(tx, person, func() (s somebody, err error) {
		if s.Viewer, err = named(tx, person); err != nil {
			return s, err
		}
		s.terms, err = Terms(tx, person)
		return s, err
	})
	v, at := s.Viewer, now.Unix()
	for _, t := range s.terms {
		if t.Since <= at && t.Until > at && !slices.Contains(v.Holds, t.Holding) {
			v.Holds = append(v.Holds, t.Holding)
		}
	}
	return v, err
}

// Vanish removes all that a person holds or held, as if it had never been: for those who were here under an alias only.
func Vanish(tx *store.Tx, person int64) error {
	_, err := tx.Exec(`DELETE FROM membership WHERE person = ?`, person)
	return err
}
