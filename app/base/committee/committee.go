// Package committee knows what every feature of committees (Gremien) needs: who sits in one, by which rules it works, and
// how far somebody may look into it. A committee is a unit; who holds which office is a membership with a term.
package committee

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Council are the roles that sit in committees.
const Council = who.Right(1<<who.Delegate | 1<<who.Chair)

// Found is the kind of a committee in the search index. Whoever names, closes or moves one has it read anew.
const Found = "committee"

// An Office (Amt) is what somebody is in a committee. Its text is stored.
type Office string

// Offices. Chair, deputy and secretary lead: they share the right of the chair.
const (
	Chair      Office = "chair"
	Deputy     Office = "deputy"
	Secretary  Office = "secretary"
	Treasurer  Office = "treasurer"
	Member     Office = "delegate"
	Substitute Office = "substitute"
)

// Offices are all, as a list of members shows them.
func Offices() []Office { return []Office{Chair, Deputy, Secretary, Treasurer, Member, Substitute} }

// Word is the German name of an office; "" for none.
func (o Office) Word() string {
	switch o {
	case Chair:
		return "Vorsitz"
	case Deputy:
		return "Stellvertretung"
	case Secretary:
		return "Schriftführung"
	case Treasurer:
		return "Kasse"
	case Member:
		return "Mitglied"
	case Substitute:
		return "Ersatzmitglied"
	}
	return ""
}

// Role is what the office lets its holder do; Nobody for what is no office.
func (o Office) Role() who.Role {
	switch o {
	case Chair, Deputy, Secretary:
		return who.Chair
	case Treasurer, Member, Substitute:
		return who.Delegate
	}
	return who.Nobody
}

// Votes reports whether the office has a vote of its own: a substitute has none before standing in for somebody.
func (o Office) Votes() bool { return o.Role() != who.Nobody && o != Substitute }

// A Level is how far somebody may look into a committee. A higher one has all of the lower.
type Level int

// Levels.
const (
	None    Level = iota
	Open          // what the committee shows to everybody in the world
	Around        // whom it speaks for, and who sat in it: what is public to them
	Inside        // who sits in it
	Leading       // chair, deputy, secretary
)

// A Seat is somebody who sits in a committee, for a term [Since, Until).
type Seat struct {
	Unit   int64
	Person int64
	Given  string
	Family string
	Office Office
	Since  time.Time
	Until  int64 // store.Forever: open
}

// Name is given and family name.
func (s Seat) Name() string { return who.Viewer{Given: s.Given, Family: s.Family}.Name() }

func (s *Seat) fields() []any {
	return []any{&s.Unit, &s.Person, &s.Given, &s.Family, &s.Office, (*store.Time)(&s.Since), &s.Until}
}

// Seats lists who sits in a committee at a moment, by office and name; each person once, with the highest office. The
// delegates of a facility sit in its committee.
func Seats(tx *store.Tx, unit int64, at time.Time) ([]Seat, error) {
	all, err := store.All(tx, (*Seat).fields, `
		SELECT s.unit, s.person, p.given, p.family, s.office, s.since, s.until FROM committee_seat s JOIN person p ON p.id = s.person
		WHERE s.unit = ?1 AND s.since <= ?2 AND s.until > ?2
		ORDER BY instr('chair deputy secretary treasurer delegate substitute', s.office), p.family, p.given, s.person, s.since`, unit, at.Unix())
	seen := map[int64]bool{}
	once := all[:0]
	for _, s := range all {
		if !seen[s.Person] {
			seen[s.Person] = true
			once = append(once, s)
		}
	}
	return once, err
}

// Voters are the people in a list of seats who have a vote of their own.
func Voters(seats []Seat) (people []int64) {
	for _, s := range seats {
		if s.Office.Votes() {
			people = append(people, s.Person)
		}
	}
	return people
}

// LevelOf is how far a viewer may look into a committee now; None also for a unit that is no committee.
func LevelOf(tx *store.Tx, v who.Viewer, unit int64, now time.Time) (Level, error) {
	return store.One(tx, store.Value[Level], `
		SELECT CASE
			WHEN u.kind <> 'committee' THEN 0
			WHEN EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = u.id AND s.person = ?2 AND s.since <= ?3 AND s.until > ?3
				AND s.office IN ('chair', 'deputy', 'secretary')) THEN 4
			WHEN EXISTS (SELECT 1 FROM committee_seat s WHERE s.unit = u.id AND s.person = ?2 AND s.since <= ?3 AND s.until > ?3) THEN 3
			WHEN EXISTS (SELECT 1 FROM committee_around a WHERE a.unit = u.id AND a.person = ?2 AND a.since <= ?3 AND a.until > ?3) THEN 2
			WHEN EXISTS (SELECT 1 FROM committee c WHERE c.unit = u.id AND c.public = 1) THEN 1
			ELSE 0 END
		FROM unit u WHERE u.id = ?1`, unit, v.ID, now.Unix())
}

// Must is the committee into which a viewer may look as far as the level says; for all others it is not found.
func Must(tx *store.Tx, v who.Viewer, unit int64, least Level, now time.Time) (org.Unit, Level, error) {
	level, err := LevelOf(tx, v, unit, now)
	if err == nil && (level < least || level == None) {
		err = fault.Gone()
	}
	if err != nil {
		return org.Unit{}, None, err
	}
	u, err := org.Get(tx, unit)
	return u, level, err
}

// Of lists the committees in which a person sits now, by name.
func Of(tx *store.Tx, person int64, now time.Time) ([]org.Unit, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT DISTINCT u.id FROM committee_seat s JOIN unit u ON u.id = s.unit
		WHERE s.person = ?1 AND s.since <= ?2 AND s.until > ?2 ORDER BY u.name, u.id`, person, now.Unix())
	if err != nil {
		return nil, err
	}
	return units(tx, ids)
}

// ByRole lists the committees in which a viewer sits as a delegate of a facility, without an office of the committee itself.
func ByRole(tx *store.Tx, v who.Viewer) (all []int64, err error) {
	for _, u := range v.Units(who.Of(who.Delegate)) {
		more, err := store.All(tx, store.Value[int64], `SELECT id FROM unit WHERE parent = ? AND kind = 'committee'`, u)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// Seen lists the committees into which a person may look at all, by name; for person 0 those that are public.
func Seen(tx *store.Tx, person int64, now time.Time) ([]org.Unit, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT u.id FROM unit u WHERE u.id IN (
			SELECT s.unit FROM committee_seat s WHERE s.person = ?1 AND s.since <= ?2 AND s.until > ?2
			UNION SELECT a.unit FROM committee_around a WHERE a.person = ?1 AND a.since <= ?2 AND a.until > ?2
			UNION SELECT c.unit FROM committee c WHERE c.public = 1)
		ORDER BY u.name, u.id`, person, now.Unix())
	if err != nil {
		return nil, err
	}
	return units(tx, ids)
}

func units(tx *store.Tx, ids []int64) (all []org.Unit, err error) {
	for _, id := range ids {
		u, err := org.Get(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// Reach says to the search who finds a document of a committee that is kept at a level; nil for Open, which is search.Doc.Public.
func Reach(u org.Unit, level Level) []search.Reach {
	inside := []search.Reach{{Unit: u.ID, Roles: Council, Here: true}, {Unit: u.Parent, Roles: who.Of(who.Delegate), Here: true}}
	switch level {
	case Leading:
		return []search.Reach{{Unit: u.ID, Roles: who.Of(who.Chair), Here: true}}
	case Inside:
		return inside
	case Around:
		return append(inside, search.Reach{Unit: u.Parent, Roles: who.Member &^ (1<<who.Admin | 1<<who.Auditor), Closed: true})
	}
	return nil
}
