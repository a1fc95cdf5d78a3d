package floor

import (
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// A Record is what happened in a meeting, for its minutes.
type Record struct {
	Began, Ended time.Time // zero: not yet
	Chair        string    // who opened it; "": ehemals im Haus
	Votes        int       // of the committee
	Present      int       // of these at the beginning
	Attendance   []Presence
	Excused      []int64           // who let it be known in the meeting that they do not come, and did not
	Items        map[int64][]Moved // by item of the agenda
}

// A Moved is a motion with the votes on it that are over, the newest first.
type Moved struct {
	Motion
	Votes []Vote
}

// Recorded is the record of a meeting; a zero Record of one that has not begun. Votes are asked of whoever keeps them.
func Recorded(tx *store.Tx, meeting int64, votes func(tx *store.Tx, motion int64) ([]Vote, error)) (r Record, err error) {
	f, err := get(tx, meeting)
	if err != nil || f.Began.IsZero() {
		return r, err
	}
	r = Record{Began: f.Began, Ended: f.Ended, Votes: f.Votes, Items: map[int64][]Moved{}}
	if r.Attendance, err = presences(tx, meeting); err != nil {
		return r, err
	}
	if r.Excused, err = store.All(tx, store.Value[int64], `
		SELECT person FROM floor_excused x WHERE meeting = ? AND person IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM floor_presence p WHERE p.meeting = x.meeting AND p.person = x.person) ORDER BY person`, meeting); err != nil {
		return r, err
	}
	opening := f.Began.Add(10 * time.Minute)
	there := map[int64]bool{} // whose votes
	for _, p := range r.Attendance {
		if p.Person == f.Chair {
			r.Chair = p.Name
		}
		switch {
		case !p.Votes || !p.Since.Before(opening): // not counted in at the opening
		case p.Person == 0 && !p.Until.IsZero() && p.Until.Before(opening): // may be one who came back
		case p.Person == 0:
			r.Present++
		default: // once, however often they went out, or somebody came for them
			there[p.holder()] = true
		}
	}
	r.Present += len(there)
	all, err := motions(tx, meeting)
	if err != nil {
		return r, err
	}
	for _, m := range all {
		x := Moved{Motion: m}
		if x.Votes, err = votes(tx, m.ID); err != nil {
			return r, err
		}
		r.Items[m.Item] = append(r.Items[m.Item], x)
	}
	return r, nil
}

func localDay(t time.Time) string { return house.Local(t).Format("02.01.2006") }
