package reachability

import (
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// contactOf is what the house has to reach a person with, whoever knows it: a guardianship, a membership, or the
// person's own sign-in.
func contactOf(tx *store.Tx, person int64, now time.Time) (contact, error) {
	c, err := store.One(tx, func(c *contact) []any { return []any{&c.Person, &c.Mail, &c.Phone, &c.Devices} }, `
		SELECT p.id,
			coalesce(nullif((SELECT max(g.mail) FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' AND g.until > ?2), ''),
				nullif((SELECT max(m.mail) FROM membership m WHERE m.person = p.id AND m.state = 'confirmed' AND m.until > ?2), ''),
				(SELECT min(k.mail) FROM account_mail k WHERE k.person = p.id AND k.verified > 0), ''),
			coalesce((SELECT max(g.phone) FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' AND g.until > ?2), ''),
			(SELECT count(*) FROM push_subscription d WHERE d.person = p.id)
		FROM person p WHERE p.id = ?1`, person, now.Unix())
	if err != nil {
		return c, err
	}
	c.Stopped, err = stopped(tx, c.Phone)
	return c, err
}

func stopped(tx *store.Tx, phone string) (bool, error) {
	number := sms.Number(phone)
	if number == "" {
		return false, nil
	}
	return sms.Stopped(tx, number)
}

// waysOf are a person's own channels. texts: the house can send SMS.
func waysOf(tx *store.Tx, person int64, texts bool, now time.Time) ([]Way, error) {
	c, err := contactOf(tx, person, now)
	if err != nil {
		return nil, err
	}
	proofs, err := channel.ProofsOf(tx, person)
	return c.ways(proofs, texts, now), err
}

// families lists those of the groups where the viewer holds one of the roles. texts: the house can send SMS.
func families(tx *store.Tx, v who.Viewer, roles who.Right, texts bool, now time.Time) ([]Family, error) {
	all, err := store.All(tx, func(f *Family) []any { return []any{&f.Child, &f.Name, &f.Group, &f.Facility} }, `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3)
		SELECT c.id, c.given || ' ' || c.family, u.name, coalesce(f.name, u.name)
		FROM mine JOIN child_stay s ON s.unit = mine.unit JOIN child c ON c.id = s.child JOIN unit u ON u.id = s.unit
		LEFT JOIN unit f ON f.id = u.parent AND f.kind = 'facility'
		WHERE s.since <= ?3 AND s.until > ?3 ORDER BY u.name, c.family, c.given, c.id`, v.ID, int64(roles), now.Unix())
	if err != nil || len(all) == 0 {
		return nil, err
	}
	at := map[int64]int{}
	for i, f := range all {
		at[f.Child] = i
	}
	guardians, err := store.All(tx, func(g *Guardian) []any {
		return []any{&g.child, &g.Person, &g.Name, &g.Access, &g.Mail, &g.Phone, &g.Devices, &g.Stopped}
	}, `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3)
		SELECT s.child, g.person, p.given || ' ' || p.family, g.state = 'confirmed',
			coalesce(nullif(g.mail, ''), (SELECT min(k.mail) FROM account_mail k WHERE k.person = g.person AND k.verified > 0), ''), g.phone,
			(SELECT count(*) FROM push_subscription d WHERE d.person = g.person), 0
		FROM mine JOIN child_stay s ON s.unit = mine.unit JOIN guardian g ON g.child = s.child JOIN person p ON p.id = g.person
		WHERE s.since <= ?3 AND s.until > ?3 AND g.informed = 1 AND g.state IN ('invited', 'accepted', 'confirmed') AND g.since <= ?3 AND g.until > ?3
		ORDER BY s.child, g.rank, g.id`, v.ID, int64(roles), now.Unix())
	if err != nil {
		return nil, err
	}
	proofs, err := proofsOf(tx, guardians)
	if err != nil {
		return nil, err
	}
	stops, err := store.All(tx, store.Value[string], `SELECT number FROM sms_stop`)
	if err != nil {
		return nil, err
	}
	for _, g := range guardians {
		number := sms.Number(g.Phone)
		g.Stopped = number != "" && slices.Contains(stops, number)
		g.Ways = g.ways(proofs[g.Person], texts, now)
		f := &all[at[g.child]]
		f.Guardians = append(f.Guardians, g)
	}
	return all, nil
}

func proofsOf(tx *store.Tx, guardians []Guardian) (map[int64][]channel.Proof, error) {
	people := make([]int64, len(guardians))
	for i, g := range guardians {
		people[i] = g.Person
	}
	type row struct {
		person int64
		channel.Proof
	}
	all, err := store.All(tx, func(r *row) []any {
		return []any{&r.person, &r.Channel, &r.Address, (*store.Time)(&r.Handed), (*store.Time)(&r.Proved), (*store.Time)(&r.Failed), &r.Reason}
	}, `
		SELECT person, channel, address, handed, proved, failed, reason FROM channel_proof
		WHERE person IN (SELECT value FROM json_each(?))`, store.List(people))
	m := map[int64][]channel.Proof{}
	for _, r := range all {
		m[r.person] = append(m[r.person], r.Proof)
	}
	return m, err
}

// A Part is the families of one group or facility, in numbers.
type Part struct {
	Name string
	Counts
}

// parts counts families by what name says of each, in the order of the names.
func parts(all []Family, name func(Family) string) (list []Part, sum Counts) {
	at := map[string]int{}
	for _, f := range all {
		i, ok := at[name(f)]
		if !ok {
			i = len(list)
			at[name(f)] = i
			list = append(list, Part{Name: name(f)})
		}
		class := f.Class()
		list[i].add(class)
		sum.add(class)
	}
	slices.SortFunc(list, func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	return list, sum
}
