package message

import (
	"context"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

const (
	keepKind  = "message.keep" // delete what is to be deleted, every night
	keepChunk = 50             // conversations that one write deletes or warns
	keepMost  = 120
	notice    = 14 * 24 * time.Hour // for so long a conversation says that it will be deleted
)

// kept is for how many months after the end of its Kita year a conversation is kept.
func kept(tx *store.Tx, s *settings.Settings) (int, error) {
	span, err := retention.Length(tx, s, retention.Message)
	return span.Months, err
}

// due is when a conversation is to be deleted in which something was written last at a time: so many months after the Kita
// year ends in which that lies, which is on the 31st of July.
func due(at time.Time, months int) time.Time {
	at = at.In(web.Zone())
	year := at.Year()
	if at.Month() >= time.August {
		year++
	}
	return time.Date(year, time.August+time.Month(months), 1, 0, 0, 0, 0, web.Zone())
}

// cutoff is before when something was written last in all that is due at a time.
func cutoff(t time.Time, months int) time.Time {
	begin := time.Date(t.In(web.Zone()).Year()+1, time.August, 1, 0, 0, 0, 0, web.Zone())
	for due(begin.AddDate(0, 0, -1), months).After(t) {
		begin = begin.AddDate(-1, 0, 0)
	}
	return begin
}

// ends is when a conversation that says so will be deleted.
func (c Conversation) ends(months int) time.Time {
	told, by := c.Warned.Add(notice), due(c.At, months)
	if told.After(by) {
		return told
	}
	return by
}

// keep deletes the conversations that are due and have said so for two weeks, and has others say so.
func keep(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for n := keepChunk; n == keepChunk; {
			err := h.DB.Write(ctx, func(tx *store.Tx) (err error) {
				n, err = sweep(tx, h)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// sweep does a part of what is to be done, and returns how many conversations it has changed.
func sweep(tx *store.Tx, h *house.House) (int, error) {
	now := h.Now()
	months, err := kept(tx, h.Settings)
	if err != nil {
		return 0, err
	}
	soon := cutoff(now.Add(notice), months).Unix()
	if _, err := tx.Exec(`UPDATE message_conversation SET warned = NULL WHERE warned IS NOT NULL AND at >= ?`, soon); err != nil { // it is kept for longer since
		return 0, err
	}
	gone, err := store.All(tx, store.Value[int64], `
		SELECT id FROM message_conversation WHERE at < ?1 AND warned <= ?2 AND id NOT IN (SELECT conversation FROM message_held WHERE until > ?3)
		ORDER BY id LIMIT ?4`,
		cutoff(now, months).Unix(), now.Add(-notice).Unix(), now.Unix(), keepChunk)
	if err != nil {
		return 0, err
	}
	for _, id := range gone {
		if err := drop(tx, id); err != nil {
			return 0, err
		}
	}
	if err := retention.Noted(tx, now, retention.Message, len(gone)); err != nil {
		return 0, err
	}
	warned, err := store.All(tx, store.Value[int64], `
		UPDATE message_conversation SET warned = ?1 WHERE id IN (
			SELECT id FROM message_conversation WHERE at < ?2 AND warned IS NULL AND id NOT IN (SELECT conversation FROM message_held WHERE until > ?1)
			ORDER BY id LIMIT ?3) RETURNING id`, now.Unix(), soon, keepChunk)
	if err != nil {
		return 0, err
	}
	for _, id := range warned {
		if err := shout(tx, h, id); err != nil {
			return 0, err
		}
	}
	return max(len(gone), len(warned)), nil
}

// drop removes a conversation with all that is in it.
func drop(tx *store.Tx, id int64) error {
	all, err := store.All(tx, store.Value[int64], `SELECT id FROM message WHERE conversation = ?`, id)
	if err != nil {
		return err
	}
	attached, err := files.IDs(tx, owner, all)
	if err != nil {
		return err
	}
	for m, xs := range attached {
		for _, x := range xs {
			if err := files.Remove(tx, owner, m, x); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec(`DELETE FROM message_conversation WHERE id = ?`, id); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, all...)
}
