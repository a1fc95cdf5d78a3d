package youth

import (
	"context"
	"errors"

	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

const (
	cleanKind = "youth.clean" // forget who has not been there for long, each night
	atOnce    = 20            // people whom one write forgets: nobody else waits for long
)

// clean forgets young people after 90 days, and codes that lead nowhere any more.
func clean(h *house.House, of Rooms) func(ctx context.Context) error {
	return func(ctx context.Context) error {
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
			n, err := tx.Exec(`DELETE FROM youth_code WHERE expires <= ? OR used >= uses`, h.Now().Unix())
			if err != nil {
				return err
			}
			return retention.Noted(tx, h.Now(), retention.Youth, int(n))
		})
	}
}

// old forgets people who have not been there for 90 days. Who only reads is seen by the sign-in.
func old(tx *store.Tx, h *house.House, of Rooms) (int, error) {
	type row struct{ room, person int64 }
	all, err := store.All(tx, func(r *row) []any { return []any{&r.room, &r.person} }, `
		SELECT a.room, a.person FROM youth_alias a
		WHERE a.seen <= ?1 AND NOT EXISTS (SELECT 1 FROM session s WHERE s.person = a.person AND s.seen > ?1)
			AND NOT EXISTS (SELECT 1 FROM room_post p WHERE p.author = a.person AND p.at > ?1)
			AND a.person NOT IN (SELECT person FROM held_person WHERE until > ?3) LIMIT ?2`, retention.Usual(retention.Youth).Before(h.Now()).Unix(), atOnce, h.Now().Unix())
	for _, r := range all {
		err = errors.Join(err, dismiss(tx, h, of, r.room, r.person, true))
	}
	if err == nil {
		err = retention.Noted(tx, h.Now(), retention.Youth, len(all))
	}
	return len(all), err
}
