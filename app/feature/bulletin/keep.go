package bulletin

import (
	"context"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

const (
	keepKind  = "bulletin.keep" // forget to whom bulletins were sent, and agreements that were withdrawn, each night
	keepChunk = 20              // bulletins whose recipients one write forgets: nobody else waits for long
)

// due are at most so many bulletins that were sent before, and whose recipients nobody has to keep.
func due(tx *store.Tx, before, now time.Time, most int) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT id FROM bulletin WHERE sent <= ? AND handed IS NULL
			AND id NOT IN (SELECT r.bulletin FROM held_person x JOIN bulletin_recipient r ON r.person = x.person WHERE x.until > ?) ORDER BY sent LIMIT ?`,
		before.Unix(), now.Unix(), most)
}

// Due says whose recipients go; see retention.Due.
func Due(tx *store.Tx, before, now time.Time) (string, error) {
	all, err := due(tx, before, now, -1)
	return retention.Counted(len(all), "die Namen der Empfänger eines Rundbriefs", "die Namen der Empfänger von %d Rundbriefen"), err
}

// sweep forgets to whom bulletins were sent that have been kept long enough. Their words and numbers are the council's, and stay.
func sweep(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			n := 0
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				before, err := retention.Before(tx, h.Settings, retention.Bulletin, h.Now())
				if err != nil {
					return err
				}
				ids, err := due(tx, before, h.Now(), keepChunk)
				if n = len(ids); err != nil {
					return err
				}
				if _, err := tx.Exec(`
					UPDATE bulletin SET
						handed = (SELECT count(*) FROM bulletin_recipient r WHERE r.bulletin = bulletin.id AND r.handed IS NOT NULL),
						opened = (SELECT count(*) FROM bulletin_recipient r WHERE r.bulletin = bulletin.id AND r.opened IS NOT NULL)
					WHERE id IN (SELECT value FROM json_each(?))`, store.List(ids)); err != nil {
					return err
				}
				gone, err := tx.Exec(`DELETE FROM bulletin_recipient WHERE bulletin IN (SELECT value FROM json_each(?))`, store.List(ids))
				if err == nil {
					err = retention.Noted(tx, h.Now(), retention.Bulletin, int(gone))
				}
				if err == nil {
					err = withdrawn(tx, h)
				}
				if err != nil {
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

// withdrawn lets go of agreements that were withdrawn so long ago that nobody has to prove them any more (GDPR Art. 7 (1)).
func withdrawn(tx *store.Tx, h *house.House) error {
	before, err := retention.Before(tx, h.Settings, retention.Consent, h.Now())
	if err != nil {
		return err
	}
	gone, err := tx.Exec(`DELETE FROM bulletin_agreement WHERE withdrawn <= ? AND person NOT IN (SELECT person FROM held_person WHERE until > ?)`,
		before.Unix(), h.Now().Unix())
	if err != nil {
		return err
	}
	return retention.Noted(tx, h.Now(), retention.Consent, int(gone))
}
