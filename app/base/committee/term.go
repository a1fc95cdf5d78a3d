package committee

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// A Term (Amtszeit) is the time for which a committee was elected.
type Term struct {
	ID      int64
	UID     string
	Unit    int64
	Name    string // "2026/27"
	Elected string // day of the election
	Starts  time.Time
	Ends    time.Time // as planned
	Changed time.Time
}

func (t *Term) fields() []any {
	return []any{&t.ID, &t.UID, &t.Unit, &t.Name, &t.Elected, (*store.Time)(&t.Starts), (*store.Time)(&t.Ends), (*store.Time)(&t.Changed)}
}

// Terms lists those of a committee, the newest first.
func Terms(tx *store.Tx, unit int64) ([]Term, error) {
	return store.All(tx, (*Term).fields, `
		SELECT id, uid, unit, name, elected, starts, ends, changed FROM committee_term WHERE unit = ? ORDER BY starts DESC`, unit)
}

// TermAt is the term of a committee at a moment, also after its planned end as long as none follows; NotFound where there
// was none yet.
func TermAt(tx *store.Tx, unit int64, at time.Time) (Term, error) {
	return store.One(tx, (*Term).fields, `
		SELECT id, uid, unit, name, elected, starts, ends, changed FROM committee_term
		WHERE unit = ? AND starts <= ? ORDER BY starts DESC LIMIT 1`, unit, at.Unix())
}

// Provisional (kommissarisch) reports whether the board goes on after its term.
func (t Term) Provisional(now time.Time) bool { return !t.Ends.IsZero() && !now.Before(t.Ends) }

// AddTerm begins a term. One that overlaps another is refused; it may begin before the planned end of the one before it
// only if it says so by giving that another end.
func AddTerm(tx *store.Tx, t Term) (int64, error) {
	if !t.Starts.Before(t.Ends) {
		return 0, fault.At("ends", "Das Ende liegt vor dem Beginn.")
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM committee_term WHERE unit = ? AND starts < ? AND ends > ?`, t.Unit, t.Ends.Unix(), t.Starts.Unix())
	if err != nil {
		return 0, err
	}
	if n > 0 {
		return 0, fault.At("starts", "Diese Amtszeit überschneidet sich mit einer anderen.")
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO committee_term (uid, unit, name, elected, starts, ends, changed) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		t.UID, t.Unit, t.Name, t.Elected, t.Starts.Unix(), t.Ends.Unix(), t.Changed.Unix())
}

// EndTerm gives a term another end.
func EndTerm(tx *store.Tx, id int64, ends, now time.Time) error {
	n, err := tx.Exec(`UPDATE committee_term SET ends = ?1, changed = ?2 WHERE id = ?3 AND starts < ?1`, ends.Unix(), now.Unix(), id)
	if err == nil && n == 0 {
		err = fault.At("ends", "Das Ende liegt vor dem Beginn.")
	}
	return err
}
