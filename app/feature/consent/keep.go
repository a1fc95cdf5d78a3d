package consent

import (
	"context"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

const (
	keepKind  = "consent.keep"
	keepChunk = 200
)

// sweep forgets answers that have ended so long ago that nobody asks what was right then, except for whom a legal hold covers.
func sweep(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for n := keepChunk; n == keepChunk; {
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				now := h.Now()
				ids, err := store.All(tx, store.Value[int64], `
					SELECT id FROM consent WHERE min(until, coalesce(withdrawn, until)) < ?1
						AND coalesce(child, 0) NOT IN (SELECT child FROM held_child WHERE until > ?2)
						AND coalesce(giver, 0) NOT IN (SELECT person FROM held_person WHERE until > ?2) ORDER BY id LIMIT ?3`,
					retention.Usual(retention.Consent).Before(now).Unix(), now.Unix(), keepChunk)
				if n = len(ids); err != nil {
					return err
				}
				if err := drop(tx, ids); err != nil {
					return err
				}
				return retention.Noted(tx, now, retention.Consent, len(ids))
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// drop removes answers with their papers.
func drop(tx *store.Tx, ids []int64) error {
	attached, err := files.IDs(tx, owner, ids)
	if err != nil {
		return err
	}
	for ref, all := range attached {
		for _, x := range all {
			if err := files.Remove(tx, owner, ref, x); err != nil {
				return err
			}
		}
	}
	_, err = tx.Exec(`DELETE FROM consent WHERE id IN (SELECT value FROM json_each(?))`, store.List(ids))
	return err
}
