package committee

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"

	"github.com/google/uuid"
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

// check says what is wrong with a term by itself and beside the others of its committee.
func (t Term) check(tx *store.Tx) error {
	if !t.Starts.Before(t.Ends) {
		return fault.At("ends", "Das Ende liegt vor dem Beginn.")
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM committee_term WHERE unit = ? AND starts < ? AND ends > ? AND id <> ?`, t.Unit, t.Ends.Unix(), t.Starts.Unix(), t.ID)
	if err == nil && n > 0 {
		err = fault.At("starts", "Diese Amtszeit überschneidet sich mit einer anderen.")
	}
	return err
}

// AddTerm begins a term. One that overlaps another is refused: where it begins before the planned end of the one before,
// that is given another end first (EndTerm). Without a UID it gets one.
func AddTerm(tx *store.Tx, t Term) (int64, error) {
	if err := t.check(tx); err != nil {
		return 0, err
	}
	if t.UID == "" {
		t.UID = uuid.Must(uuid.NewV7()).String()
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO committee_term (uid, unit, name, elected, starts, ends, changed) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		t.UID, t.Unit, t.Name, t.Elected, t.Starts.Unix(), t.Ends.Unix(), t.Changed.Unix())
}

// EndTerm gives a term another end. One that would then overlap another is refused.
func EndTerm(tx *store.Tx, id int64, ends, now time.Time) error {
	t, err := GetTerm(tx, id)
	if err != nil {
		return err
	}
	t.Ends, t.Changed = ends, now
	return SetTerm(tx, t)
}

// GetTerm finds one.
func GetTerm(tx *store.Tx, id int64) (Term, error) {
	return store.One(tx, (*Term).fields, `SELECT id, uid, unit, name, elected, starts, ends, changed FROM committee_term WHERE id = ?`, id)
}

// SetTerm corrects name, days and times of a term, under the same rules as AddTerm.
func SetTerm(tx *store.Tx, t Term) error {
	if err := t.check(tx); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE committee_term SET name = ?, elected = ?, starts = ?, ends = ?, changed = ? WHERE id = ?`,
		t.Name, t.Elected, t.Starts.Unix(), t.Ends.Unix(), t.Changed.Unix(), t.ID)
	return err
}

// DropTerm removes a term, for one that was recorded by mistake and has not begun.
func DropTerm(tx *store.Tx, id int64, now time.Time) error {
	n, err := tx.Exec(`DELETE FROM committee_term WHERE id = ? AND starts > ?`, id, now.Unix())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Diese Amtszeit hat schon begonnen. Sie bleibt, wie sie ist.")
	}
	return err
}
