package slip

import (
	"context"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

const (
	keepKind  = "slip.keep" // delete answers that have been kept long enough, each night
	keepChunk = 20          // slips whose answers one write deletes: nobody else waits for long
)

// gone is when the answers to a slip are deleted; zero: they have been.
func gone(tx *store.Tx, s *settings.Settings, slip int64) (time.Time, error) {
	span, err := retention.Length(tx, s, retention.Slip)
	if err != nil {
		return time.Time{}, err
	}
	last, err := store.All(tx, store.Value[int64], `SELECT at FROM slip_last WHERE slip = ?`, slip)
	if err != nil || len(last) == 0 {
		return time.Time{}, err
	}
	return span.After(time.Unix(last[0], 0)), nil
}

// due are at most so many slips about which nothing has happened since before, and whose answers nobody has to keep.
func due(tx *store.Tx, before, now time.Time, most int) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT slip FROM slip_last WHERE at <= ? AND slip NOT IN (SELECT slip FROM slip_held WHERE until > ?) ORDER BY slip LIMIT ?`,
		before.Unix(), now.Unix(), most)
}

// Due says which answers go; see retention.Due.
func Due(tx *store.Tx, before, now time.Time) (string, error) {
	all, err := due(tx, before, now, -1)
	return retention.Counted(len(all), "die Antworten auf eine Rückmeldung", "die Antworten auf %d Rückmeldungen"), err
}

// sweep deletes the answers of slips whose time has come. What was asked stays, with its announcement.
func sweep(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			n := 0
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				now := h.Now()
				before, err := retention.Before(tx, h.Settings, retention.Slip, now)
				if err != nil {
					return err
				}
				ids, err := due(tx, before, now, keepChunk)
				if n = len(ids); err != nil {
					return err
				}
				if _, err := tx.Exec(`UPDATE slip SET cleared = ? WHERE announcement IN (SELECT value FROM json_each(?))`, now.Unix(), store.List(ids)); err != nil {
					return err
				}
				gone, err := tx.Exec(`DELETE FROM slip_answer WHERE slip IN (SELECT value FROM json_each(?))`, store.List(ids))
				if err != nil {
					return err
				}
				if err := retention.Noted(tx, now, retention.Slip, int(gone)); err != nil {
					return err
				}
				_, err = tx.Exec(`DELETE FROM slip_trace WHERE slip IN (SELECT value FROM json_each(?))`, store.List(ids))
				return err
			})
			if err != nil || n < keepChunk {
				return err
			}
		}
	}
}
