package committee

import (
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// mayElect finds a committee whose elections the viewer records: its board, and where nobody leads it those who look after
// the unit above and may see it. For all others it is not found.
func mayElect(tx *store.Tx, v who.Viewer, unit int64, now time.Time) (org.Unit, committee.Level, error) {
	u, level, err := committee.Must(tx, v, unit, committee.Around, now)
	if err != nil || level == committee.Leading {
		return u, level, err
	}
	seats, err := committee.Seats(tx, unit, now)
	if err != nil {
		return u, level, err
	}
	if slices.ContainsFunc(seats, func(s committee.Seat) bool { return s.Office.Role() == who.Chair }) {
		return u, level, fault.Gone()
	}
	return u, level, org.Must(tx, v, unit, who.Keepers, now)
}

// A known person can be chosen in an election.
type known struct {
	Holder
	Now       committee.Office // held at the moment; "": none
	Candidate bool
}

// Name is given and family name.
func (k known) Name() string { return strings.TrimSpace(k.Given + " " + k.Family) }

// choosable lists who can be chosen: those who sit in the committee or will, and those who want to.
func choosable(tx *store.Tx, unit int64, now time.Time) ([]known, error) {
	seats, err := committee.Seats(tx, unit, now)
	if err != nil {
		return nil, err
	}
	var all []known
	for _, s := range seats {
		all = append(all, known{Holder: Holder{Person: s.Person, Given: s.Given, Family: s.Family}, Now: s.Office})
	}
	add := func(more []known) {
		for _, k := range more {
			if !slices.ContainsFunc(all, func(x known) bool { return x.Person == k.Person }) {
				all = append(all, k)
			}
		}
	}
	coming, err := store.All(tx, func(k *known) []any { return []any{&k.Person, &k.Given, &k.Family} }, `
		SELECT DISTINCT p.id, p.given, p.family FROM membership m JOIN person p ON p.id = m.person
		WHERE m.unit = ? AND m.state IN ('invited', 'accepted', 'confirmed') AND m.until > ? ORDER BY p.family, p.given, p.id`, unit, now.Unix())
	if err != nil {
		return nil, err
	}
	add(coming)
	want, err := candidates(tx, unit, now)
	add(want)
	return all, err
}

// candidates lists who wants to be elected and still belongs to those for whom the committee speaks.
func candidates(tx *store.Tx, unit int64, now time.Time) ([]known, error) {
	all, err := store.All(tx, func(k *known) []any { return []any{&k.Person, &k.Given, &k.Family} }, `
		SELECT p.id, p.given, p.family FROM committee_candidate c JOIN person p ON p.id = c.person
		WHERE c.unit = ?1 AND EXISTS (SELECT 1 FROM committee_around a WHERE a.unit = c.unit AND a.person = c.person AND a.since <= ?2 AND a.until > ?2)
		ORDER BY p.family, p.given, p.id`, unit, now.Unix())
	for i := range all {
		all[i].Candidate = true
	}
	return all, err
}

// stands reports whether a person wants to be elected.
func stands(tx *store.Tx, unit, person int64) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM committee_candidate WHERE unit = ? AND person = ?`, unit, person)
	return n > 0, err
}

// stand notes that the viewer wants to be elected, or no longer does.
func stand(tx *store.Tx, v who.Viewer, unit int64, wants bool, now time.Time) error {
	if _, _, err := committee.Must(tx, v, unit, committee.Around, now); err != nil {
		return err
	}
	if !wants {
		_, err := tx.Exec(`DELETE FROM committee_candidate WHERE unit = ? AND person = ?`, unit, v.ID)
		return err
	}
	_, err := tx.Exec(`INSERT INTO committee_candidate (unit, person, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, unit, v.ID, now.Unix())
	return err
}

// plannedElection is the day of the next election; "": none is known.
func plannedElection(tx *store.Tx, unit int64) (string, error) {
	return store.One(tx, store.Value[string], `SELECT coalesce((SELECT election FROM committee_plan WHERE unit = ?), '')`, unit)
}

// planElection notes the day of the next election; "": none is known.
func planElection(tx *store.Tx, unit int64, day string) error {
	if day == "" {
		_, err := tx.Exec(`DELETE FROM committee_plan WHERE unit = ?`, unit)
		return err
	}
	_, err := tx.Exec(`INSERT INTO committee_plan (unit, election) VALUES (?, ?) ON CONFLICT (unit) DO UPDATE SET election = excluded.election`, unit, day)
	return err
}

// upcoming is the term that was recorded and has not begun; NotFound: there is none.
func upcoming(tx *store.Tx, unit int64, now time.Time) (committee.Term, error) {
	all, err := committee.Terms(tx, unit)
	if err != nil {
		return committee.Term{}, err
	}
	if len(all) == 0 || !all[0].Starts.After(now) {
		return committee.Term{}, fault.Gone()
	}
	return all[0], nil
}

// elected lists who was elected for a term that has not begun.
func elected(tx *store.Tx, t committee.Term) ([]Holder, error) {
	return store.All(tx, func(x *Holder) []any { return []any{&x.Person, &x.Given, &x.Family, &x.Mail, &x.Office, &x.Rank} }, `
		SELECT p.id, p.given, p.family, m.mail, m.office, coalesce(r.rank, 0) FROM committee_change c JOIN membership m ON m.id = c.membership
		JOIN person p ON p.id = m.person LEFT JOIN committee_substitute r ON r.membership = m.id
		WHERE c.term = ?1 AND m.unit = ?2 AND m.state <> 'ended' AND m.until > ?3
		ORDER BY instr('chair deputy secretary treasurer delegate substitute', m.office), r.rank, p.family, p.given, p.id`, t.ID, t.Unit, t.Starts.Unix())
}
