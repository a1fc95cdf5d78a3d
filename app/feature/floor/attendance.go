package floor

import (
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// presences are all of a meeting, in the order of names.
func presences(tx *store.Tx, meeting int64) ([]Presence, error) {
	return store.All(tx, (*Presence).fields, `
		SELECT coalesce(p.id, 0), coalesce(trim(p.given || ' ' || p.family), ''), x.votes, coalesce(i.id, 0), coalesce(trim(i.given || ' ' || i.family), ''), x.since, x.until
		FROM floor_presence x LEFT JOIN person p ON p.id = x.person LEFT JOIN person i ON i.id = x.instead
		WHERE x.meeting = ? ORDER BY p.family, p.given, p.id, x.since`, meeting)
}

// here is somebody who is there now; false for who is not.
func here(tx *store.Tx, meeting, person int64) (Presence, bool, error) {
	return first(store.All(tx, (*Presence).fields, `
		SELECT person, '', votes, coalesce(instead, 0), '', since, until FROM floor_presence WHERE meeting = ? AND person = ? AND until IS NULL`, meeting, person))
}

// standIn is who is there with the vote of somebody else; false for nobody.
func standIn(tx *store.Tx, meeting, member int64) (Presence, bool, error) {
	return first(store.All(tx, (*Presence).fields, `
		SELECT person, '', votes, instead, '', since, until FROM floor_presence
		WHERE instead = ? AND meeting = ? AND votes = 1 AND until IS NULL AND person IS NOT NULL`, member, meeting))
}

// There reports whether somebody is in the room in which a motion is decided.
func There(tx *store.Tx, motion, person int64) (bool, error) {
	return store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM floor_motion m JOIN floor_presence p ON p.meeting = m.meeting WHERE m.id = ? AND p.person = ? AND p.until IS NULL)`, motion, person)
}

func first(all []Presence, err error) (Presence, bool, error) {
	if err != nil || len(all) == 0 {
		return Presence{}, false, err
	}
	return all[0], true, nil
}

// seat is that of a person; false for who has none.
func (m Meeting) seat(person int64) (committee.Seat, bool) {
	i := slices.IndexFunc(m.seats, func(s committee.Seat) bool { return s.Person == person })
	if i < 0 {
		return committee.Seat{}, false
	}
	return m.seats[i], true
}

// A Member is somebody who could be there.
type Member struct {
	Person  int64
	Name    string
	Office  committee.Office
	Votes   bool
	For     string // name of the member whose vote it is; "": their own, or none
	Here    bool
	Since   time.Time
	Excused bool
	Stands  bool // is there without a vote, and could have one of somebody who is not
}

// members are those who sit in the committee, with who is there.
func members(tx *store.Tx, m Meeting, there []Presence) (all []Member, err error) {
	excused, err := excused(tx, m)
	if err != nil {
		return nil, err
	}
	votes, now := map[int64]bool{}, map[int64]Presence{}
	for _, p := range m.Entitled {
		votes[p] = true
	}
	for _, p := range there {
		if p.Until.IsZero() {
			now[p.Person] = p
		}
	}
	for _, s := range m.seats {
		x := Member{Person: s.Person, Name: s.Name(), Office: s.Office, Votes: votes[s.Person], Excused: excused[s.Person]}
		if p, ok := now[s.Person]; ok {
			x.Here, x.Since, x.Votes, x.For = true, p.Since, p.Votes, p.For
		}
		x.Stands = m.Rules.Substitutes && s.Office == committee.Substitute && !x.Votes
		all = append(all, x)
	}
	return all, nil
}

// excused are the people who have let it be known that they do not come.
func excused(tx *store.Tx, m Meeting) (map[int64]bool, error) {
	here, err := store.All(tx, store.Value[int64], `SELECT person FROM floor_excused WHERE meeting = ? AND person IS NOT NULL`, m.ID)
	all := map[int64]bool{}
	for _, p := range append(here, m.Excused...) {
		all[p] = true
	}
	return all, err
}

// arrive notes that somebody is there; who is there already is. A member takes the vote back from whoever stood in.
func arrive(tx *store.Tx, h *house.House, m Meeting, person int64) error {
	if _, there, err := here(tx, m.ID, person); err != nil || there {
		return err
	}
	seat, _ := m.seat(person) // attend has looked; who begins may have none, and is there without a vote
	votes, instead := seat.Office.Votes(), int64(0)
	if !votes && m.Instead[person] != 0 { // comes for somebody who is not there, and whom nobody else stands in for
		member, there, err := here(tx, m.ID, m.Instead[person])
		if err != nil {
			return err
		}
		_, other, err := standIn(tx, m.ID, m.Instead[person])
		if err != nil {
			return err
		}
		if votes = !other && !(there && member.Votes); votes {
			instead = m.Instead[person]
		}
	}
	other, stands, err := standIn(tx, m.ID, person)
	if err != nil {
		return err
	}
	if stands {
		if err := entitle(tx, m.ID, other.Person, false, 0, h.Now()); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM floor_excused WHERE meeting = ? AND person = ?`, m.ID, person); err != nil {
		return err
	}
	told(tx, h, m.Unit)
	return enter(tx, m.ID, person, votes, instead, h.Now())
}

func enter(tx *store.Tx, meeting, person int64, votes bool, instead int64, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO floor_presence (meeting, person, votes, instead, since) VALUES (?, ?, ?, nullif(?, 0), ?)`, meeting, person, votes, instead, now.Unix())
	return err
}

// entitle gives somebody who is there a vote or takes it, from now on.
func entitle(tx *store.Tx, meeting, person int64, votes bool, instead int64, now time.Time) error {
	n, err := tx.Exec(`
		UPDATE floor_presence SET votes = ?, instead = nullif(?, 0) WHERE meeting = ? AND person = ? AND until IS NULL AND since = ?`,
		votes, instead, meeting, person, now.Unix())
	if err != nil || n > 0 {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_presence SET until = ? WHERE meeting = ? AND person = ? AND until IS NULL`, now.Unix(), meeting, person); err != nil {
		return err
	}
	return enter(tx, meeting, person, votes, instead, now)
}

// stand has a substitute vote in the place of a member who is not there.
func stand(tx *store.Tx, h *house.House, m Meeting, person, member int64) error {
	sub, ok := m.seat(person)
	of, known := m.seat(member)
	if !ok || !known {
		return fault.Gone()
	}
	now, there, err := here(tx, m.ID, person)
	if err != nil {
		return err
	}
	_, came, err := here(tx, m.ID, member)
	if err != nil {
		return err
	}
	_, taken, err := standIn(tx, m.ID, member)
	if err != nil {
		return err
	}
	switch {
	case !m.Rules.Substitutes || sub.Office != committee.Substitute || now.Votes:
		return fault.New(fault.Conflict, "%s kann niemanden vertreten.", sub.Name())
	case !of.Office.Votes() || came:
		return fault.New(fault.Conflict, "%s ist da oder hat keine Stimme.", of.Name())
	case taken:
		return fault.New(fault.Conflict, "%s wird schon vertreten.", of.Name())
	}
	told(tx, h, m.Unit)
	if there {
		return entitle(tx, m.ID, person, true, member, h.Now())
	}
	return enter(tx, m.ID, person, true, member, h.Now())
}

// leave notes that somebody has gone. Who came less than a minute ago was not there: it was a slip of the finger.
func leave(tx *store.Tx, h *house.House, m Meeting, person int64) error {
	now := h.Now()
	if _, err := tx.Exec(`DELETE FROM floor_presence WHERE meeting = ? AND person = ? AND until IS NULL AND since > ?`, m.ID, person, now.Add(-time.Minute).Unix()); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_presence SET until = ? WHERE meeting = ? AND person = ? AND until IS NULL`, now.Unix(), m.ID, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM floor_speaker WHERE meeting = ? AND person = ? AND called IS NULL`, m.ID, person); err != nil {
		return err
	}
	told(tx, h, m.Unit)
	return nil
}

// excuse notes that somebody has let it be known that they do not come, or that this was an error.
func excuse(tx *store.Tx, h *house.House, m Meeting, person int64, does bool) error {
	told(tx, h, m.Unit)
	if !does {
		_, err := tx.Exec(`DELETE FROM floor_excused WHERE meeting = ? AND person = ?`, m.ID, person)
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO floor_excused (meeting, person) SELECT ?1, ?2
		WHERE NOT EXISTS (SELECT 1 FROM floor_presence WHERE meeting = ?1 AND person = ?2 AND until IS NULL) ON CONFLICT DO NOTHING`, m.ID, person)
	return err
}
