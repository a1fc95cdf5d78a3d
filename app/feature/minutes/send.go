package minutes

import (
	"slices"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// content is what the minutes would hold if they were sent now.
func (f *feature) content(tx *store.Tx, m Minutes, v who.Viewer) (Content, map[int64]Text, error) {
	r, err := f.record(tx, m.Meeting, m.Keeper, v)
	if err != nil {
		return Content{}, nil, err
	}
	all, err := texts(tx, m.ID)
	c := Content{Record: r, Texts: map[int64]string{}}
	for item, t := range all {
		if _, ok := r.item(item); ok && t.Body != "" { // what was written about an item that was taken off stays with the draft
			c.Texts[item] = t.Body
		}
	}
	return c, all, err
}

// send sends the minutes to the members of the committee: the first time the draft, later a revision that says why.
func (f *feature) send(tx *store.Tx, id int64, v who.Viewer, why string) error {
	now := f.Now()
	m, err := led(tx, id, v, now)
	if err == nil {
		err = m.open()
	}
	if err != nil {
		return err
	}
	if m.Busy(v.ID, now) {
		return fault.New(fault.Conflict, "Gerade schreibt %s. Bitte sprechen Sie sich ab, oder übernehmen Sie.", m.Hand)
	}
	c, _, err := f.content(tx, m, v)
	if err != nil {
		return err
	}
	if r := c.Record; r.Running() || r.Began.IsZero() && now.Before(r.Starts) {
		return fault.New(fault.Conflict, "Die Sitzung ist noch nicht zu Ende.")
	}
	b, err := c.bytes()
	if err != nil {
		return err
	}
	number := 1
	if m.State == Sent {
		if why, err = words("why", why); err != nil {
			return err
		}
		last, err := latest(tx, id)
		if err != nil {
			return err
		}
		if last.Content == string(b) {
			return fault.New(fault.Conflict, "Seit der letzten Fassung hat sich nichts geändert.")
		}
		number = last.Number + 1
	} else {
		why = ""
	}
	if _, err := tx.Exec(`INSERT INTO minutes_revision (minutes, number, content, why, author, at) VALUES (?, ?, ?, ?, ?, ?)`, id, number, string(b), why, v.ID, now.Unix()); err != nil {
		return err
	}
	rules, err := committee.RulesOf(tx, m.Unit)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`
		UPDATE minutes SET state = 'sent', title = ?2, held = ?3, public = ?4, sent = coalesce(sent, ?5), until = coalesce(until, ?6), writer = NULL, changed = ?5 WHERE id = ?1`,
		id, c.Record.Title, c.Record.Held().Unix(), c.Record.Public, now.Unix(), days(now, rules.Objection).Unix()); err != nil {
		return err
	}
	what, action := newsSent, "minutes.sent"
	if number > 1 {
		what, action = newsRevised, "minutes.revised"
	}
	if number == 1 && f.wires.Propose != nil {
		m.Held = c.Record.Held()
		if err := f.wires.Propose(tx, v, m.Unit, id, "Genehmigung: "+m.Name()); err != nil {
			return err
		}
	}
	if err := f.members(tx, m.Unit, id, v.ID, what); err != nil {
		return err
	}
	return f.done(tx, m, v, action)
}

// done notes for the record what was done, has the search read the minutes anew, and open pages look again.
func (f *feature) done(tx *store.Tx, m Minutes, v who.Viewer, action string) error {
	if err := found(tx, m.ID); err != nil {
		return err
	}
	if err := f.told(tx, m.Unit); err != nil {
		return err
	}
	return f.log(tx, f.Now(), v.ID, action, m.ID)
}

// members has all who sit in the committee told, but one.
func (f *feature) members(tx *store.Tx, unit, id, but int64, what news) error {
	seats, err := committee.Seats(tx, unit, f.Now())
	if err != nil {
		return err
	}
	for _, s := range seats {
		if s.Person != but {
			if err := f.tell(tx, id, s.Person, what); err != nil {
				return err
			}
		}
	}
	return nil
}

// leaders are those who lead among some seats, the secretary first: minutes are theirs before all others.
func leaders(seats []committee.Seat) (people []int64) {
	for _, office := range []committee.Office{committee.Secretary, committee.Chair, committee.Deputy} {
		for _, s := range seats {
			if s.Office == office && !slices.Contains(people, s.Person) {
				people = append(people, s.Person)
			}
		}
	}
	return people
}
