package bulletin

import (
	"context"

	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

const (
	keepKind  = "bulletin.keep" // forget to whom bulletins were sent, and agreements that were withdrawn, each night
	keepChunk = 20              // bulletins whose recipients one write forgets: nobody else waits for long

	// A withdrawn agreement is kept as long as somebody may have to prove it (GDPR Art. 7 (1), § 195 BGB).
	withdrawnYears = 3
)

// sweep forgets to whom bulletins were sent that have been kept long enough. Their words and numbers are the council's, and stay.
func sweep(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			n := 0
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				months, err := h.Settings.Number(tx, settings.BulletinKeep, settings.UsualBulletinKeep)
				if err != nil {
					return err
				}
				ids, err := store.All(tx, store.Value[int64], `
					UPDATE bulletin SET
						handed = (SELECT count(*) FROM bulletin_recipient r WHERE r.bulletin = bulletin.id AND r.handed IS NOT NULL),
						opened = (SELECT count(*) FROM bulletin_recipient r WHERE r.bulletin = bulletin.id AND r.opened IS NOT NULL)
					WHERE id IN (SELECT id FROM bulletin WHERE sent <= ? AND handed IS NULL ORDER BY sent LIMIT ?) RETURNING id`,
					h.Now().AddDate(0, -months, 0).Unix(), keepChunk)
				if n = len(ids); err != nil {
					return err
				}
				if _, err := tx.Exec(`DELETE FROM bulletin_recipient WHERE bulletin IN (SELECT value FROM json_each(?))`, store.List(ids)); err != nil {
					return err
				}
				if _, err := tx.Exec(`DELETE FROM bulletin_agreement WHERE withdrawn <= ?`, h.Now().AddDate(-withdrawnYears, 0, 0).Unix()); err != nil {
					return err
				}
				return search.Changed(tx, foundKind, ids...)
			})
			if err != nil || n < keepChunk {
				return err
			}
		}
	}
}
