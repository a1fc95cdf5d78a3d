package announcement

import (
	"context"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

const (
	keepKind  = "announcement.keep" // forget who got and confirmed announcements, each night
	keepChunk = 20                  // announcements that one write clears: nobody else waits for long
)

// clearOld forgets who got, was asked for, confirmed and was called about announcements that ended long enough ago. Their words
// stay, and ask nobody any more. Where a legal hold covers one of those people or children, and while an incident has records
// frozen, all of it stays.
func clearOld(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for n := keepChunk; n == keepChunk; {
			err := h.DB.Write(ctx, func(tx *store.Tx) (err error) {
				n, err = clearSome(tx, h)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// due are at most so many announcements that ended before, whose receipts are there and nobody has to keep.
func due(tx *store.Tx, before, now time.Time, most int) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT id FROM announcement a WHERE cleared IS NULL AND published <= ?1 AND coalesce(expires, 0) <= ?1 AND coalesce(confirm_by, 0) <= ?1
			AND NOT EXISTS (SELECT 1 FROM frozen)
			AND NOT EXISTS (SELECT 1 FROM held_person x JOIN announcement_receipt r ON r.announcement = a.id AND r.person = x.person WHERE x.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM held_person x JOIN announcement_delivery d ON d.announcement = a.id AND d.person = x.person WHERE x.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM held_person x JOIN announcement_call c ON c.announcement = a.id AND c.caller = x.person WHERE x.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM held_person x JOIN announcement_care e ON e.closure = a.id AND e.person = x.person WHERE x.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM held_child x JOIN announcement_asked q ON q.announcement = a.id AND q.child = x.child WHERE x.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM held_child x JOIN announcement_call c ON c.announcement = a.id AND c.child = x.child WHERE x.until > ?2)
			AND NOT EXISTS (SELECT 1 FROM held_child x JOIN announcement_care e ON e.closure = a.id AND e.child = x.child WHERE x.until > ?2)
		ORDER BY published LIMIT ?3`, before.Unix(), now.Unix(), most)
}

// Due says whose receipts go; see retention.Due.
func Due(tx *store.Tx, before, now time.Time) (string, error) {
	all, err := due(tx, before, now, -1)
	return retention.Counted(len(all), "die Bestätigungen einer Mitteilung", "die Bestätigungen von %d Mitteilungen"), err
}

// clearSome clears up to keepChunk announcements, and returns how many.
func clearSome(tx *store.Tx, h *house.House) (int, error) {
	now := h.Now()
	before, err := retention.Before(tx, h.Settings, retention.Announcement, now)
	if err != nil {
		return 0, err
	}
	ids, err := due(tx, before, now, keepChunk)
	if err != nil {
		return 0, err
	}
	list, gone := store.List(ids), 0
	if _, err := tx.Exec(`UPDATE announcement SET cleared = ?, confirm = 0 WHERE id IN (SELECT value FROM json_each(?))`, now.Unix(), list); err != nil {
		return 0, err
	}
	for _, q := range []func() (int64, error){
		func() (int64, error) {
			return tx.Exec(`DELETE FROM announcement_receipt WHERE announcement IN (SELECT value FROM json_each(?))`, list)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM announcement_delivery WHERE announcement IN (SELECT value FROM json_each(?))`, list)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM announcement_asked WHERE announcement IN (SELECT value FROM json_each(?))`, list)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM announcement_call WHERE announcement IN (SELECT value FROM json_each(?))`, list)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM announcement_care WHERE closure IN (SELECT value FROM json_each(?))`, list)
		},
	} {
		n, err := q()
		if err != nil {
			return 0, err
		}
		gone += int(n)
	}
	return len(ids), retention.Noted(tx, now, retention.Announcement, gone)
}
