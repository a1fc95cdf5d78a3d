package announcement

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// Absent is called when a child is excused from some days on, or comes again. Pages of its closures look again, and a
// child that does not come on any day of one gives back its place in emergency care, or in the line for it.
func Absent(h *house.House) func(tx *store.Tx, child int64, firstDay, lastDay string) error {
	return func(tx *store.Tx, child int64, firstDay, lastDay string) error {
		ids, err := store.All(tx, store.Value[int64], `
			SELECT DISTINCT c.announcement
			FROM child_stay s JOIN unit_up p ON p.unit = s.unit JOIN announcement_audience t ON t.unit = p.above
			JOIN announcement_closure c ON c.announcement = t.announcement
			WHERE s.child = ?1 AND s.since <= ?2 AND s.until > ?2 AND t.published > ?3
				AND c.state = 'running' AND c.first_day <= ?5 AND c.last_day >= ?4`,
			child, h.Now().Unix(), h.Now().Add(-planAhead).Unix(), firstDay, lastDay)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := giveBack(tx, h, id, child); err != nil {
				return err
			}
			if err := tell(tx, h, id); err != nil {
				return err
			}
		}
		return nil
	}
}

// planAhead is how long before its first day a closure may have been announced.
const planAhead = 400 * 24 * time.Hour

// giveBack frees the place of a child that would not come anyway.
func giveBack(tx *store.Tx, h *house.House, closure, child int64) error {
	away, err := absent(tx, closure, child)
	if err != nil || !away {
		return err
	}
	was, err := store.One(tx, store.Value[string], `SELECT state FROM announcement_care WHERE closure = ? AND child = ?`, closure, child)
	if fault.KindOf(err) == fault.NotFound || err == nil && was != Given && was != InLine && was != Asked {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE announcement_care SET state = 'home', at = ? WHERE closure = ? AND child = ?`, h.Now().Unix(), closure, child); err != nil {
		return err
	}
	c, err := closureOf(tx, closure)
	if err != nil || was != Given {
		return err
	}
	return moveUp(tx, h, c)
}

// absent reports whether a child is excused on all days of a closure: the same rule as in tally.
func absent(tx *store.Tx, closure, child int64) (bool, error) {
	return store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM announcement_closure x JOIN excused e ON e.first_day <= x.first_day AND e.last_day >= x.last_day
			WHERE x.announcement = ? AND e.child = ?)`, closure, child)
}
