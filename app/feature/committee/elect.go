package committee

import (
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// elect records an election. A term that was recorded before and has not begun is replaced: instead is its id, 0 where the
// one who writes knows of none.
func (f *feature) elect(tx *store.Tx, v who.Viewer, e Election, instead int64) error {
	now := f.Now()
	if _, _, err := mayElect(tx, v, e.Unit, now); err != nil {
		return err
	}
	if err := e.check(now); err != nil {
		return err
	}
	choice, err := choosable(tx, e.Unit, now) // before what was recorded is taken back: who was elected then may be now
	if err != nil {
		return err
	}
	action, uid := "committee.elected", ""
	switch was, err := upcoming(tx, e.Unit, now); {
	case fault.KindOf(err) == fault.NotFound && instead == 0:
	case fault.KindOf(err) == fault.NotFound:
		return fault.New(fault.Conflict, "Diese Amtszeit hat inzwischen begonnen oder wurde zurückgenommen. Bitte laden Sie die Seite neu.")
	case err != nil:
		return err
	case was.ID != instead:
		return fault.New(fault.Conflict, "Inzwischen hat jemand anderes eine Wahl eingetragen. Bitte laden Sie die Seite neu.")
	default:
		if err := undo(tx, was, now); err != nil {
			return err
		}
		action, uid = "committee.corrected", was.UID
	}
	id, err := begin(tx, e, uid, now)
	if err != nil {
		return err
	}
	if err := pass(tx, e, id, choice); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM committee_candidate WHERE unit = ?`, e.Unit); err != nil {
		return err
	}
	if err := planElection(tx, e.Unit, ""); err != nil {
		return err
	}
	if err := search.Changed(tx, committee.Found, e.Unit); err != nil {
		return err
	}
	if err := f.tell(tx, e.Unit, id, v); err != nil {
		return err
	}
	f.Rights(tx)
	return f.log(tx, now, v.ID, action, e.Unit)
}

// withdraw takes an election back whose term has not begun.
func (f *feature) withdraw(tx *store.Tx, v who.Viewer, unit, term int64) error {
	now := f.Now()
	if _, _, err := mayElect(tx, v, unit, now); err != nil {
		return err
	}
	was, err := upcoming(tx, unit, now)
	if fault.KindOf(err) == fault.NotFound || err == nil && was.ID != term {
		return fault.New(fault.Conflict, "Diese Amtszeit hat inzwischen begonnen oder wurde zurückgenommen. Bitte laden Sie die Seite neu.")
	}
	if err != nil {
		return err
	}
	if err := undo(tx, was, now); err != nil {
		return err
	}
	f.Rights(tx)
	return f.log(tx, now, v.ID, "committee.withdrawn", unit)
}

// begin adds the term of an election. Where it begins before the planned end of the one before, that ends with it.
func begin(tx *store.Tx, e Election, uid string, now time.Time) (int64, error) {
	starts, ends := e.term()
	elected, _ := person.Day(e.Elected)
	before, err := committee.TermAt(tx, e.Unit, starts.Add(-time.Second))
	known := err == nil
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return 0, err
	}
	if known && before.Ends.After(starts) {
		if err := committee.EndTerm(tx, before.ID, starts, now); err != nil {
			return 0, err
		}
	}
	id, err := committee.AddTerm(tx, committee.Term{UID: uid, Unit: e.Unit, Name: e.Name, Elected: elected, Starts: starts, Ends: ends, Changed: now})
	if err != nil || !known || !before.Ends.After(starts) {
		return id, err
	}
	_, err = tx.Exec(`INSERT INTO committee_moved (term, before, ends) VALUES (?, ?, ?)`, id, before.ID, before.Ends.Unix())
	return id, err
}

// pass ends what the old board holds at the midnight of the change and begins what the new one holds. Who keeps an office
// keeps the membership, for longer.
func pass(tx *store.Tx, e Election, term int64, choice []known) error {
	starts, ends := e.term()
	rules, err := committee.RulesOf(tx, e.Unit)
	if err != nil {
		return err
	}
	until := ends.AddDate(0, rules.Provisional, 0).Unix()
	held, err := sitting(tx, e.Unit, starts)
	if err != nil {
		return err
	}
	holders := ranked(e.Holders)
	keeps := func(m org.Membership) int {
		return slices.IndexFunc(holders, func(x Holder) bool {
			return x.Person == m.Person && m.Unit == e.Unit && string(x.Office) == m.Office && !m.Since.After(starts)
		})
	}
	kept := map[int]org.Membership{}
	for _, m := range held { // first what ends: an office is free before it is taken
		if i := keeps(m); i >= 0 {
			kept[i] = m
			continue
		}
		if err := change(tx, term, m, false); err != nil {
			return err
		}
		if m.Since.Before(starts) {
			err = org.SetTerm(tx, m.ID, m.Since, starts.Unix())
		} else {
			err = org.SetState(tx, m.ID, org.Ended, starts)
		}
		if err != nil {
			return err
		}
	}
	for i, x := range holders {
		if x.Office == "" {
			continue
		}
		m, ok := kept[i]
		if !ok && slices.ContainsFunc(held, func(m org.Membership) bool { return m.Person == x.Person && m.State == org.Suspended }) {
			return fault.At(field("office", i), "Diese Person ist hier gesperrt. Bitte fragen Sie, wer die Stammdaten pflegt.")
		}
		if ok {
			if err = change(tx, term, m, false); err == nil {
				err = org.SetTerm(tx, m.ID, m.Since, until)
			}
		} else {
			before := org.Membership{Mail: x.Mail}
			if j := slices.IndexFunc(held, func(m org.Membership) bool { return m.Person == x.Person }); j >= 0 {
				before = held[j] // is reached as before
			}
			m.ID, err = appoint(tx, e.Unit, x, choice, org.Membership{Mail: before.Mail, Phone: before.Phone, Since: starts, Until: until})
			if err == nil {
				err = change(tx, term, m, true)
			}
		}
		if err != nil {
			return err
		}
		if err := committee.SetRank(tx, m.ID, x.Rank); err != nil {
			return err
		}
	}
	return nil
}

// sitting lists the memberships that an election ends or prolongs: those in the committee, and where the facility has no
// other committee, those of its delegates, who sit in it as well.
func sitting(tx *store.Tx, unit int64, at time.Time) (all []org.Membership, err error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT m.id FROM membership m WHERE m.unit = ?1 AND m.role IN (7, 8) AND m.state <> 'ended' AND m.until > ?2
		UNION ALL
		SELECT m.id FROM unit u JOIN membership m ON m.unit = u.parent AND m.role = 7
		WHERE u.id = ?1 AND m.state <> 'ended' AND m.until > ?2
			AND NOT EXISTS (SELECT 1 FROM unit o WHERE o.parent = u.parent AND o.kind = 'committee' AND o.id <> u.id AND o.until > ?2)`, unit, at.Unix())
	for _, id := range ids {
		m, err := org.GetMembership(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, err
}

// change remembers how a membership was before an election changed it.
func change(tx *store.Tx, term int64, m org.Membership, made bool) error {
	if made {
		_, err := tx.Exec(`INSERT INTO committee_change (term, membership, until, rank) VALUES (?, ?, NULL, 0)`, term, m.ID)
		return err
	}
	rank, err := committee.RankOf(tx, m.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO committee_change (term, membership, until, rank) VALUES (?, ?, ?, ?)`, term, m.ID, m.Until, rank)
	return err
}

// appoint gives somebody an office, for the term and with the address of m. Who is known here already has it from the first
// moment on, everybody else with a letter.
func appoint(tx *store.Tx, unit int64, x Holder, choice []known, m org.Membership) (int64, error) {
	m.Person, m.Unit, m.Role, m.Office, m.State = x.Person, unit, x.Office.Role(), string(x.Office), org.Invited
	if x.Person == 0 {
		id, err := person.Add(tx, person.Person{Given: x.Given, Family: x.Family, Language: "de"})
		if err != nil {
			return 0, err
		}
		m.Person = id
		return org.Appoint(tx, m)
	}
	if !slices.ContainsFunc(choice, func(k known) bool { return k.Person == x.Person }) {
		return 0, fault.At("holders", "Bitte wählen Sie nur Personen aus der Liste.")
	}
	trusted, err := store.One(tx, store.Value[int], `
		SELECT (SELECT count(*) FROM committee_seat WHERE person = ?1 AND unit = ?2) + (SELECT count(*) FROM committee_around WHERE person = ?1 AND unit = ?2)`, x.Person, unit)
	if err != nil {
		return 0, err
	}
	if trusted > 0 {
		m.State = org.Confirmed
	}
	return org.Appoint(tx, m)
}

// undo takes back what recording an election has changed.
func undo(tx *store.Tx, t committee.Term, now time.Time) error {
	type row struct {
		membership, until int64
		rank              int
		made              bool
	}
	all, err := store.All(tx, func(r *row) []any { return []any{&r.membership, &r.until, &r.rank, &r.made} }, `
		SELECT membership, coalesce(until, 0), rank, until IS NULL FROM committee_change WHERE term = ? ORDER BY until IS NOT NULL, membership`, t.ID)
	if err != nil {
		return err
	}
	for _, r := range all { // first what was made: it holds offices that the others had
		m, err := org.GetMembership(tx, r.membership)
		if err != nil {
			return err
		}
		switch {
		case r.made:
			err = org.SetState(tx, m.ID, org.Ended, now)
		case m.State == org.Ended: // for another reason since
		default:
			err = org.SetTerm(tx, m.ID, m.Since, r.until)
		}
		if err != nil {
			return err
		}
		if err := committee.SetRank(tx, m.ID, r.rank); err != nil {
			return err
		}
	}
	moved, err := store.All(tx, func(m *moved) []any { return []any{&m.before, (*store.Time)(&m.ends)} }, `
		SELECT before, ends FROM committee_moved WHERE term = ?`, t.ID)
	if err != nil {
		return err
	}
	if err := committee.DropTerm(tx, t.ID, now); err != nil {
		return err
	}
	for _, m := range moved {
		if err := committee.EndTerm(tx, m.before, m.ends, now); err != nil {
			return err
		}
	}
	return nil
}

// moved is a term whose planned end an election has moved.
type moved struct {
	before int64
	ends   time.Time
}
