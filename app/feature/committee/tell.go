package committee

import (
	"fmt"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	tellKind = "committee.tell" // tell one person; ref: the person, arg: what, and the term
	recorded = "recorded"       // an election was recorded
)

// tell has everybody who sits in a committee or is going to hear of an election, but whoever has recorded it: nobody
// loses or gains a seat without knowing. Who is new in the house has a letter instead.
func (f *feature) tell(tx *store.Tx, unit, term int64, by who.Viewer) error {
	people, err := store.All(tx, store.Value[int64], `
		SELECT person FROM committee_seat WHERE unit = ?1 AND since <= ?2 AND until > ?2
		UNION
		SELECT m.person FROM committee_change c JOIN membership m ON m.id = c.membership WHERE c.term = ?3 AND m.state = 'confirmed'`,
		unit, f.Now().Unix(), term)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p == by.ID {
			continue
		}
		if err := notice.Plan(tx, f.House, tellKind, p, recorded, term); err != nil {
			return err
		}
	}
	return nil
}

func tellJob(h *house.House) task.Job {
	return notice.Job(h, tellKind, func(tx *store.Tx, v who.Viewer, l *lang.Lang, _ string, term int64) (notice.Notice, error) {
		t, err := committee.GetTerm(tx, term) // not found once it was taken back
		if err != nil {
			return notice.Notice{}, err
		}
		if _, _, err := committee.Must(tx, v, t.Unit, committee.Around, h.Now()); err != nil {
			return notice.Notice{}, err
		}
		u, err := org.Get(tx, t.Unit)
		return notice.Notice{Title: l.T("Eine Wahl ist eingetragen: %s", u.Name), Body: l.T("Amtszeit %s", t.Name), Path: path(u.ID), From: u.Name,
			Tag: fmt.Sprintf("wahl%d", u.ID)}, err
	})
}
