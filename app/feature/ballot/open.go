package ballot

import (
	"nestfunk/app/base/fault"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// vote notes what somebody chooses in an open vote, as often as they like until it ends.
func (f *feature) vote(tx *store.Tx, id int64, v who.Viewer, c Choice) error {
	if err := c.check(); err != nil {
		return err
	}
	b, x, err := f.mayVote(tx, id, v)
	if err != nil {
		return err
	}
	if !b.Open() {
		return fault.New(fault.Conflict, "Diese Abstimmung ist nicht offen.")
	}
	if err := b.takes(f.Now()); err != nil || x.Choice == c {
		return err
	}
	if _, err := tx.Exec(`UPDATE ballot_voter SET choice = ? WHERE ballot = ? AND person = ?`, c, id, v.ID); err != nil {
		return err
	}
	if x.Choice == "" {
		return f.turnout(tx, b)
	}
	return nil
}

// turnout tells open pages how many have voted: those who lead at once, all others when everybody has. A thousand pages that
// looked again with every vote would be a million looks.
func (f *feature) turnout(tx *store.Tx, b ballot) error {
	left, err := store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM ballot_voter WHERE ballot = ? AND choice = '')`, b.ID)
	if err != nil {
		return err
	}
	if !left {
		return f.tell(tx, b)
	}
	now := f.Now().Unix()
	lead, err := store.All(tx, store.Value[int64], `
		SELECT DISTINCT person FROM committee_seat WHERE unit = ?1 AND since <= ?2 AND until > ?2 AND office IN ('chair', 'deputy', 'secretary')`, b.Unit, now)
	tx.After(func() {
		for _, p := range lead {
			f.Live.Publish(live.Event{Person: p})
		}
	})
	return err
}
