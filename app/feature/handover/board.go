package handover

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Seat says in which boards a viewer sits, as a handover has them.
type seat struct {
	Leaving bool // leads the committee now, and the day of change has not come
	Coming  bool // will lead it from then on, or does
}

// May reports whether the viewer may read the record at all.
func (s seat) May() bool { return s.Leaving || s.Coming }

// in reports whether the viewer sits in a board.
func (s seat) in(side Side) bool { return side == Leaving && s.Leaving || side == Coming && s.Coming }

// seatOf finds where a viewer sits. Whoever is appointed for a later term sits in the coming board from that moment on.
func seatOf(tx *store.Tx, v who.Viewer, unit int64, changes, now time.Time) (s seat, err error) {
	level, err := committee.LevelOf(tx, v, unit, now)
	if err != nil {
		return s, err
	}
	s.Leaving = level >= committee.Leading && now.Before(changes)
	if !now.Before(changes) {
		s.Coming = level >= committee.Leading
		return s, nil
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM committee_seat s WHERE s.unit = ?1 AND s.person = ?2 AND s.since <= ?3 AND s.until > ?3 AND s.office IN ('chair', 'deputy', 'secretary')`,
		unit, v.ID, changes.Unix())
	s.Coming = n > 0
	return s, err
}

// board lists the people of a board: those who lead the committee at a moment.
func board(tx *store.Tx, unit int64, at time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT s.person FROM committee_seat s WHERE s.unit = ?1 AND s.since <= ?2 AND s.until > ?2 AND s.office IN ('chair', 'deputy', 'secretary') ORDER BY s.person`,
		unit, at.Unix())
}

// suggested is the day of the next change: when the next term begins, or else when the present one ends; zero: nobody knows.
func suggested(tx *store.Tx, unit int64, now time.Time) (time.Time, error) {
	terms, err := committee.Terms(tx, unit)
	if err != nil {
		return time.Time{}, err
	}
	var next time.Time
	for _, t := range terms {
		if t.Starts.After(now) && (next.IsZero() || t.Starts.Before(next)) {
			next = t.Starts
		}
	}
	if !next.IsZero() {
		return next, nil
	}
	t, err := committee.TermAt(tx, unit, now)
	if fault.KindOf(err) == fault.NotFound {
		return time.Time{}, nil
	}
	if err != nil || !t.Ends.After(now) {
		return time.Time{}, err
	}
	return t.Ends, nil
}
