package audit

import (
	"context"
	"time"

	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

// Check verifies the record and notes what came out; warn is told of what is wrong and was not known to be. It returns the
// chain as it then stands, and how many rows it has.
func Check(ctx context.Context, db *store.DB, now func() time.Time, warn func(tx *store.Tx, words string) error) (Chain, int, error) {
	n, wrong, err := Verify(ctx, db)
	if err != nil {
		return Chain{}, 0, err
	}
	var c Chain
	err = db.Write(ctx, func(tx *store.Tx) error {
		before, err := State(tx)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(`UPDATE audit_chain SET checked = ?, failure = ?`, now().Unix(), wrong); err != nil {
			return err
		}
		if wrong != "" && wrong != before.Failure {
			if err := warn(tx, wrong); err != nil {
				return err
			}
		}
		c, err = State(tx)
		return err
	})
	return c, n, err
}

// Keep shortens addresses after seven days and removes rows after 12 months, a piece at a time: others want to write. While
// an incident runs it does nothing.
func Keep(ctx context.Context, db *store.DB, now time.Time) error {
	still := false
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		still, err = Frozen(tx)
		return err
	})
	if err != nil || still {
		return err
	}
	for more := true; more; {
		err := db.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(`UPDATE audit_chain SET shortened = max(shortened, ?)`, now.Unix()); err != nil {
				return err
			}
			n, err := tx.Exec(`UPDATE audit SET address = NULL, salt = NULL
				WHERE id IN (SELECT id FROM audit WHERE address IS NOT NULL AND at <= ? ORDER BY id LIMIT ?)`, retention.Usual(retention.Week).Before(now).Unix(), piece)
			if more = n == piece; err != nil {
				return err
			}
			return retention.Noted(tx, now, retention.Week, int(n))
		})
		if err != nil {
			return err
		}
	}
	for more := true; more; {
		err := db.Write(ctx, func(tx *store.Tx) (err error) {
			more, err = prune(tx, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Frozen reports whether an incident runs: then nothing goes that tells what happened.
func Frozen(tx *store.Tx) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM frozen`)
	return n > 0, err
}

// prune removes a piece of the rows before the first one that is not old enough, so that no gap comes to be.
func prune(tx *store.Tx, now time.Time) (more bool, err error) {
	c, err := State(tx)
	if err != nil {
		return false, err
	}
	base, err := store.One(tx, store.Value[int64], `
		SELECT coalesce(max(id), 0) FROM audit WHERE id <= ?1 AND id < coalesce((SELECT id FROM audit WHERE +at > ?2 ORDER BY id LIMIT 1), ?1 + 1)`,
		c.Base+piece, retention.Usual(retention.Record).Before(now).Unix())
	if err != nil {
		return false, err
	}
	if base <= c.Base {
		return false, retention.Noted(tx, now, retention.Record, 0)
	}
	if _, err := tx.Exec(`UPDATE audit_chain SET pruned = ?1, base = ?2, base_hash = (SELECT hash FROM audit WHERE id = ?2)`, now.Unix(), base); err != nil {
		return false, err
	}
	n, err := tx.Exec(`DELETE FROM audit WHERE id <= ?`, base)
	if err != nil {
		return false, err
	}
	return n == piece, retention.Noted(tx, now, retention.Record, int(n))
}
