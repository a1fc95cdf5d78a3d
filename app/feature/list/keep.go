package list

import (
	"context"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

const (
	keepKind  = "list.keep" // delete lists that have been kept long enough, each night
	keepChunk = 50          // lists that one write deletes: nobody else waits for long
)

// gone is when a list is deleted, unless something happens on it before.
func gone(tx *store.Tx, s *settings.Settings, list int64) (time.Time, error) {
	span, err := retention.Length(tx, s, retention.List)
	if err != nil {
		return time.Time{}, err
	}
	last, err := store.One(tx, store.Value[int64], `SELECT at FROM list_last WHERE list = ?`, list)
	return span.After(time.Unix(last, 0)), err
}

// due are at most so many lists that were untouched since before, and that nobody has to keep.
func due(tx *store.Tx, before, now time.Time, most int) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT list FROM list_last WHERE at <= ? AND list NOT IN (SELECT list FROM list_held WHERE until > ?) ORDER BY list LIMIT ?`,
		before.Unix(), now.Unix(), most)
}

// Due says which lists go; see retention.Due.
func Due(tx *store.Tx, before, now time.Time) (string, error) {
	all, err := due(tx, before, now, -1)
	return retention.Counted(len(all), "eine Liste", "%d Listen"), err
}

// sweep deletes the lists whose time has come, with all that stands on them.
func sweep(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			n := 0
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				before, err := retention.Before(tx, h.Settings, retention.List, h.Now())
				if err != nil {
					return err
				}
				ids, err := due(tx, before, h.Now(), keepChunk)
				if n = len(ids); err != nil {
					return err
				}
				if _, err := tx.Exec(`DELETE FROM list WHERE id IN (SELECT value FROM json_each(?))`, store.List(ids)); err != nil {
					return err
				}
				if err := retention.Noted(tx, h.Now(), retention.List, n); err != nil {
					return err
				}
				for _, id := range ids {
					if err := h.Tasks.Cancel(tx, remindKind, id); err != nil {
						return err
					}
				}
				return search.Changed(tx, foundKind, ids...)
			})
			if err != nil || n < keepChunk {
				return err
			}
		}
	}
}
