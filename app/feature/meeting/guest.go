package meeting

import (
	"slices"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Answers to an invitation, and to the times of a poll.
const (
	Yes   = "yes"
	Maybe = "maybe" // in a poll: notfalls
	No    = "no"
)

// A Guest is somebody who is invited to a meeting.
type Guest struct {
	Person   int64
	Name     string
	Office   committee.Office // "": sits there no more
	Instead  int64            // for whom a substitute comes; 0: a member
	For      string           // their name
	Answer   string           // "": none yet
	Note     string
	Answered time.Time
	Released time.Time // no longer needed, or no longer a member; zero: is invited
	Sent     int       // sequence of the last message; -1: none yet
}

func (g *Guest) fields() []any {
	return []any{&g.Person, &g.Name, &g.Instead, &g.For, &g.Answer, &g.Note, (*store.Time)(&g.Answered), (*store.Time)(&g.Released), &g.Sent}
}

// guests are all who were ever invited to a meeting, with the offices of its members.
func guests(tx *store.Tx, m Meeting) ([]Guest, error) {
	all, err := store.All(tx, (*Guest).fields, `
		SELECT g.person, trim(p.given || ' ' || p.family), coalesce(g.instead, 0), coalesce(trim(i.given || ' ' || i.family), ''), g.answer, g.note,
			g.answered, g.released, g.sent
		FROM meeting_guest g JOIN person p ON p.id = g.person LEFT JOIN person i ON i.id = g.instead
		WHERE g.meeting = ? ORDER BY p.family, p.given, p.id`, m.ID)
	if err != nil {
		return nil, err
	}
	seats, err := committee.Seats(tx, m.Unit, m.Starts)
	if err != nil {
		return nil, err
	}
	rank := map[int64]int{}
	for n, s := range seats {
		rank[s.Person] = n - len(seats) // below 0: before whoever has no seat
		if i := slices.IndexFunc(all, func(g Guest) bool { return g.Person == s.Person }); i >= 0 {
			all[i].Office = s.Office
		}
	}
	slices.SortStableFunc(all, func(a, b Guest) int { return rank[a.Person] - rank[b.Person] })
	return all, nil
}

// guest is one of those who are invited; NotFound for all others.
func guest(tx *store.Tx, meeting, person int64) (Guest, error) {
	return store.One(tx, (*Guest).fields, `
		SELECT g.person, trim(p.given || ' ' || p.family), coalesce(g.instead, 0), coalesce(trim(i.given || ' ' || i.family), ''), g.answer, g.note,
			g.answered, g.released, g.sent
		FROM meeting_guest g JOIN person p ON p.id = g.person LEFT JOIN person i ON i.id = g.instead
		WHERE g.meeting = ? AND g.person = ? AND g.released IS NULL`, meeting, person)
}

// Entitled are the people who vote in a meeting: the seats with a vote, and in the place of who declined the substitute that
// was asked. Who declined and found none may still come, and keeps the vote.
func Entitled(tx *store.Tx, meeting int64) ([]int64, error) {
	m, err := plain(tx, meeting)
	if err != nil {
		return nil, err
	}
	seats, err := committee.Seats(tx, m.Unit, m.Starts)
	if err != nil {
		return nil, err
	}
	all, err := guests(tx, m)
	if err != nil {
		return nil, err
	}
	voters := committee.Voters(seats)
	for n, person := range voters {
		if s, ok := standing(all, person); ok && declined(all, person) && !slices.Contains(voters, s.Person) {
			voters[n] = s.Person
		}
	}
	return voters, nil
}

// declined reports whether somebody does not come.
func declined(all []Guest, person int64) bool {
	return slices.ContainsFunc(all, func(g Guest) bool { return g.Person == person && g.Answer == No && g.Released.IsZero() })
}

// standing is who stands in for somebody: a substitute that is asked and has not declined.
func standing(all []Guest, person int64) (Guest, bool) {
	i := slices.IndexFunc(all, func(g Guest) bool { return g.Instead == person && g.Released.IsZero() && g.Answer != No })
	if i < 0 {
		return Guest{}, false
	}
	return all[i], true
}

// Excused are the people who declined an invitation to a meeting.
func Excused(tx *store.Tx, meeting int64) ([]int64, error) {
	return store.All(tx, store.Value[int64], `SELECT person FROM meeting_guest WHERE meeting = ? AND answer = 'no' AND released IS NULL ORDER BY person`, meeting)
}

// Substituted says for whom the substitutes that are invited to a meeting come.
func Substituted(tx *store.Tx, meeting int64) (map[int64]int64, error) {
	type pair struct{ person, instead int64 }
	all, err := store.All(tx, func(p *pair) []any { return []any{&p.person, &p.instead} }, `
		SELECT person, instead FROM meeting_guest WHERE meeting = ? AND instead IS NOT NULL AND released IS NULL`, meeting)
	of := map[int64]int64{}
	for _, p := range all {
		of[p.person] = p.instead
	}
	return of, err
}

// admit invites whoever has a seat with a vote and is not invited yet, and releases members who have left the committee.
func admit(tx *store.Tx, m Meeting, now time.Time) error {
	seats, err := committee.Seats(tx, m.Unit, m.Starts)
	if err != nil {
		return err
	}
	voters := committee.Voters(seats)
	for _, p := range voters {
		if _, err := tx.Exec(`
			INSERT INTO meeting_guest (meeting, person) VALUES (?, ?)
			ON CONFLICT DO UPDATE SET released = NULL, instead = NULL WHERE released IS NOT NULL OR instead IS NOT NULL`, m.ID, p); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`
		UPDATE meeting_guest SET released = ?1 WHERE meeting = ?2 AND instead IS NULL AND released IS NULL AND person NOT IN (SELECT value FROM json_each(?3))`,
		now.Unix(), m.ID, store.List(voters))
	return err
}

// fill has each who declined be stood in for by one substitute: the first in order who is free. Who is no longer needed is
// released. It returns whom it has invited and whom it has released.
func fill(tx *store.Tx, m Meeting, now time.Time) (asked, freed []int64, err error) {
	rules, err := committee.RulesOf(tx, m.Unit)
	if err != nil {
		return nil, nil, err
	}
	all, err := guests(tx, m)
	if err != nil {
		return nil, nil, err
	}
	for n, g := range all { // those who come themselves
		if g.Instead != 0 && g.Released.IsZero() && !declined(all, g.Instead) {
			if _, err := tx.Exec(`UPDATE meeting_guest SET released = ? WHERE meeting = ? AND person = ?`, now.Unix(), m.ID, g.Person); err != nil {
				return nil, nil, err
			}
			all[n].Released = now
			if g.Answer != No { // who declined does not wait to hear it
				freed = append(freed, g.Person)
			}
		}
	}
	if !rules.Substitutes {
		return nil, freed, nil
	}
	row, err := committee.Substitutes(tx, m.Unit, m.Starts)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range all {
		if g.Instead != 0 || !g.Released.IsZero() || g.Answer != No || !g.Office.Votes() {
			continue
		}
		if _, ok := standing(all, g.Person); ok {
			continue
		}
		next := slices.IndexFunc(row, func(p int64) bool {
			return !slices.ContainsFunc(all, func(x Guest) bool { return x.Person == p && (x.Answer == No || x.Released.IsZero()) })
		})
		if next < 0 {
			return asked, freed, nil // nobody is left
		}
		// Who was free only a moment ago comes, for another.
		if _, err := tx.Exec(`
			INSERT INTO meeting_guest (meeting, person, instead) VALUES (?1, ?2, ?3)
			ON CONFLICT DO UPDATE SET instead = ?3, released = NULL, sent = -1, answer = iif(?4, answer, ''), note = iif(?4, note, ''),
				answered = iif(?4, answered, NULL)`, m.ID, row[next], g.Person, slices.Contains(freed, row[next])); err != nil {
			return nil, nil, err
		}
		asked = append(asked, row[next])
		freed = slices.DeleteFunc(freed, func(p int64) bool { return p == row[next] })
		all = slices.DeleteFunc(all, func(x Guest) bool { return x.Person == row[next] })
		all = append(all, Guest{Person: row[next], Instead: g.Person})
	}
	return asked, freed, nil
}

// reply notes whether the viewer comes. Where a member with a vote declines, the next substitute is invited; where that
// member comes after all, the substitute is thanked.
func reply(tx *store.Tx, h *house.House, m Meeting, v who.Viewer, answer, note string) error {
	l, now := lang.Of(v.Lang), h.Now()
	switch {
	case m.State == Cancelled:
		return fault.New(fault.Conflict, "%s", l.T("Diese Sitzung ist abgesagt."))
	case m.State != Invited || !m.Starts.After(now):
		return fault.New(fault.Conflict, "%s", l.T("Zu dieser Sitzung kann man nicht (mehr) zu- oder absagen."))
	case answer != Yes && answer != No && answer != Maybe:
		return fault.At("answer", "%s", l.T("Bitte wählen Sie eine Antwort."))
	case utf8.RuneCountInString(note) > maxLine:
		return fault.At("note", "%s", l.T("Bitte schreiben Sie weniger."))
	}
	if _, err := guest(tx, m.ID, v.ID); err != nil || !m.Sits() {
		if fault.KindOf(err) == fault.NotFound || err == nil {
			return fault.New(fault.Conflict, "%s", l.T("Sie sind zu dieser Sitzung nicht eingeladen."))
		}
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting_guest SET answer = ?, note = ?, answered = ? WHERE meeting = ? AND person = ?`,
		answer, note, now.Unix(), m.ID, v.ID); err != nil {
		return err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{m.Unit}, Person: v.ID}) })
	return refill(tx, h, m)
}

// refill looks who is needed, and has those told who are, or no longer.
func refill(tx *store.Tx, h *house.House, m Meeting) error {
	asked, freed, err := fill(tx, m, h.Now())
	if err != nil {
		return err
	}
	for _, p := range asked {
		if err := letter(tx, h, m, p, invite); err != nil {
			return err
		}
	}
	for _, p := range freed {
		if err := letter(tx, h, m, p, thanks); err != nil {
			return err
		}
	}
	return nil
}

// unreachable are the names of those whom no mail and no device of theirs reaches: they have to be invited in another way.
func unreachable(tx *store.Tx, seats []committee.Seat, now time.Time) (names []string, err error) {
	for _, s := range seats {
		address, _, err := channel.Reached(tx, s.Person, now)
		if err != nil {
			return nil, err
		}
		wish, err := channel.WishOf(tx, s.Person)
		if err != nil {
			return nil, err
		}
		devices, err := push.Of(tx, now, s.Person)
		if err != nil {
			return nil, err
		}
		if (address == "" || wish.Mail == channel.Never) && (len(devices) == 0 || !wish.Push) {
			names = append(names, s.Name())
		}
	}
	return names, nil
}
