package privacy

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

// A Deletion is that a person or a child was forgotten.
type Deletion struct {
	Kind string // person or child
	UID  string
	At   time.Time
}

func (d *Deletion) fields() []any { return []any{&d.Kind, &d.UID, (*store.Time)(&d.At)} }

// Deletions lists who was forgotten in the last weeks, by uid.
func Deletions(tx *store.Tx) ([]Deletion, error) {
	return store.All(tx, (*Deletion).fields, `SELECT kind, uid, at FROM privacy_deletion ORDER BY at, kind, uid`)
}

// eraseForGood erases a subject, and notes it for a restore of an earlier state.
func (f *feature) eraseForGood(tx *store.Tx, s house.Subject) error {
	d, err := store.One(tx, (*Deletion).fields, `
		SELECT 'person', uid, 0 FROM person WHERE id = ?1 AND ?2 = 0 UNION ALL SELECT 'child', uid, 0 FROM child WHERE id = ?2`, s.Person, s.Child)
	if err != nil {
		return err
	}
	d.At = f.Now()
	if err := f.erase(tx, s); err != nil {
		return err
	}
	return note(tx, d)
}

func note(tx *store.Tx, d Deletion) error {
	_, err := tx.Exec(`INSERT INTO privacy_deletion (kind, uid, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, d.Kind, d.UID, d.At.Unix())
	return err
}

// Sweep lets go of deletions that no backup can bring back, and returns how many.
func Sweep(tx *store.Tx, now time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM privacy_deletion WHERE at < ?`, retention.Usual(retention.Backup).Before(now).Unix())
	return int(n), err
}

// Again forgets, in a house that was restored, who had been forgotten since; all are its features. It returns how many
// were still there.
func Again(tx *store.Tx, h *house.House, all []house.Feature, list []Deletion) (n int, err error) {
	f := &feature{House: h, others: all}
	for _, d := range list {
		s, err := store.One(tx, func(s *house.Subject) []any { return []any{&s.Person, &s.Child} }, `
			SELECT id, 0 FROM person WHERE uid = ?2 AND ?1 = 'person' UNION ALL SELECT 0, id FROM child WHERE uid = ?2 AND ?1 = 'child'`, d.Kind, d.UID)
		if fault.KindOf(err) == fault.NotFound {
			continue // came after the snapshot
		}
		if err != nil {
			return n, err
		}
		if err := f.erase(tx, s); err != nil {
			return n, err
		}
		if err := note(tx, d); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
