package person

import (
	"strings"
	"time"

	"nestfunk/app/base/store"
)

// Gone is the name of whom the house no longer knows, where something that
// must be kept still refers to them.
const Gone = "ehemals im Haus"

// Forget removes a person as guardian and, if nothing refers to the person any
// more, the person as well; otherwise only the name goes.
func Forget(tx *store.Tx, id int64) error {
	if _, err := tx.Exec(`DELETE FROM guardian WHERE person = ?`, id); err != nil {
		return err
	}
	if err := forgetBefore(tx, id, 0); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM person WHERE id = ?`, id)
	if !referred(err) {
		return err
	}
	_, err = tx.Exec(`UPDATE person SET given = '', family = ?, language = 'de' WHERE id = ?`, Gone, id)
	return err
}

// ForgetChild is Forget for a child.
func ForgetChild(tx *store.Tx, id int64, now time.Time) error {
	if _, err := tx.Exec(`DELETE FROM guardian WHERE child = ?`, id); err != nil {
		return err
	}
	if err := forgetBefore(tx, 0, id); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM child WHERE id = ?`, id)
	if !referred(err) {
		return err
	}
	if _, err := tx.Exec(`UPDATE child_stay SET until = max(since, min(until, ?)) WHERE child = ?`, now.Unix(), id); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE child SET given = ?, family = '', born = '', ref = '' WHERE id = ?`, Gone, id)
	return err
}

// referred reports that a row could not be deleted because another names it.
func referred(err error) bool {
	return err != nil && strings.Contains(err.Error(), "FOREIGN KEY constraint failed")
}
