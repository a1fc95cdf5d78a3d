package backup

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

func keys(tx *store.Tx) ([]Key, error) {
	return store.All(tx, (*Key).fields, `SELECT id, public, holder, created FROM backup_key ORDER BY id`)
}

func addKey(tx *store.Tx, k Key) error {
	_, err := tx.Exec(`INSERT INTO backup_key (public, holder, created) VALUES (?, ?, ?)`, k.Public, k.Holder, k.Created.Unix())
	return err
}

func removeKey(tx *store.Tx, id int64) error {
	n, err := tx.Exec(`DELETE FROM backup_key WHERE id = ?`, id)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// runs are the last ones, the newest first.
func runs(tx *store.Tx, most int) ([]Run, error) {
	return store.All(tx, (*Run).fields, `
		SELECT id, began, ended, target, failure, database, files, sent, open FROM backup_run ORDER BY id DESC LIMIT ?`, most)
}

// lastGood is when the last run that made a snapshot began; zero where there was none.
func lastGood(tx *store.Tx) (at time.Time, err error) {
	n, err := store.One(tx, store.Value[int64], `SELECT coalesce(max(began), 0) FROM backup_run WHERE failure = '' AND ended IS NOT NULL`)
	if n == 0 {
		return at, err
	}
	return time.Unix(n, 0), err
}

func begin(tx *store.Tx, target string, now time.Time) (int64, error) {
	// what was killed has not ended: it says so from the next one on
	if _, err := tx.Exec(`UPDATE backup_run SET ended = ?, failure = 'Das Programm wurde mitten in der Sicherung beendet.' WHERE ended IS NULL`, now.Unix()); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`DELETE FROM backup_run WHERE began < ?`, retention.Usual(retention.Record).Before(now).Unix()); err != nil {
		return 0, err
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO backup_run (began, target, failure, database, files, sent, open) VALUES (?, ?, '', 0, 0, 0, 0) RETURNING id`, now.Unix(), target)
}

func end(tx *store.Tx, r Run) error {
	_, err := tx.Exec(`UPDATE backup_run SET ended = ?, failure = ?, database = ?, files = ?, sent = ?, open = ? WHERE id = ?`,
		r.Ended.Unix(), r.Failure, r.Database, r.Files, r.Sent, r.Open, r.ID)
	return err
}

// waiting counts the runs that are still to come.
func waiting(tx *store.Tx, kind string, now time.Time) (int, error) {
	return store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND due > ?`, kind, now.Unix())
}
