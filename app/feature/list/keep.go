package list

import (
	"context"
	"time"

	"nestfunk/app/base/house"
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
	months, err := s.Number(tx, settings.ListKeep, settings.UsualListKeep)
	if err != nil {
		return time.Time{}, err
	}
	last, err := store.One(tx, store.Value[int64], `SELECT at FROM list_last WHERE list = ?`, list)
	return time.Unix(last, 0).AddDate(0, months, 0), err
}

// sweep deletes the lists whose time has come, with all that stands on them.
func sweep(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			n := 0
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				months, err := h.Settings.Number(tx, settings.ListKeep, settings.UsualListKeep)
				if err != nil {
					return err
				}
				ids, err := store.All(tx, store.Value[int64], `
					DELETE FROM list WHERE id IN (SELECT list FROM list_last WHERE at <= ? ORDER BY list LIMIT ?) RETURNING id`,
					h.Now().AddDate(0, -months, 0).Unix(), keepChunk)
				if n = len(ids); err != nil {
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
