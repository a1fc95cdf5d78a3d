package youth

import (
	"context"
	"errors"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const (
	cleanKind = "youth.clean" // forget who has not been there for long, each night
	atOnce    = 20            // people whom one write forgets: nobody else waits for long
)

// cleanJob forgets young people after 90 days, and codes that lead nowhere any more. It comes back each night at three.
func cleanJob(h *house.House, of Rooms) task.Job {
	return task.Job{Kind: cleanKind, Run: func(ctx context.Context, _ int64, _ string) error {
		for n := atOnce; n == atOnce; {
			err := h.DB.Write(ctx, func(tx *store.Tx) (err error) {
				n, err = old(tx, h, of)
				return err
			})
			if err != nil {
				return err
			}
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			now := h.Now()
			if _, err := tx.Exec(`DELETE FROM youth_code WHERE expires <= ? OR used >= uses`, now.Unix()); err != nil {
				return err
			}
			n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND due > ?`, cleanKind, now.Unix())
			if err != nil || n > 0 { // an earlier run was not noted as done
				return err
			}
			return h.Tasks.AddAt(tx, cleanKind, 0, "", night(now))
		})
	}}
}

// night is the next three o'clock after now.
func night(now time.Time) time.Time {
	t := house.Local(now)
	n := time.Date(t.Year(), t.Month(), t.Day(), 3, 0, 0, 0, t.Location())
	if !n.After(now) {
		n = time.Date(t.Year(), t.Month(), t.Day()+1, 3, 0, 0, 0, t.Location())
	}
	return n
}

// watch has the returning job run, once.
func watch(ctx context.Context, h *house.House) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ?`, cleanKind)
		if err != nil || n > 0 {
			return err
		}
		return h.Tasks.AddAt(tx, cleanKind, 0, "", night(h.Now()))
	})
}

// old forgets people who have not been there for 90 days. Who only reads is seen by the sign-in.
func old(tx *store.Tx, h *house.House, of Rooms) (int, error) {
	type row struct{ room, person int64 }
	all, err := store.All(tx, func(r *row) []any { return []any{&r.room, &r.person} }, `
		SELECT a.room, a.person FROM youth_alias a
		WHERE a.seen <= ?1 AND NOT EXISTS (SELECT 1 FROM session s WHERE s.person = a.person AND s.seen > ?1)
			AND NOT EXISTS (SELECT 1 FROM room_post p WHERE p.author = a.person AND p.at > ?1) LIMIT ?2`, h.Now().AddDate(0, 0, -keepDays).Unix(), atOnce)
	for _, r := range all {
		err = errors.Join(err, dismiss(tx, h, of, r.room, r.person, true))
	}
	return len(all), err
}
