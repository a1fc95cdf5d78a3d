package room

import (
	"context"
	"errors"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

const (
	cleanKind = "room.clean" // delete what has been kept long enough, each night
	atOnce    = 20           // topics that one write deletes: nobody else waits for long
)

// clean deletes topics whose time has come and, in youth rooms, single posts after 90 days, but for those in which somebody has
// written whom a legal hold covers.
func clean(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for _, step := range []func(tx *store.Tx, h *house.House) (int, error){oldTopics, oldPosts} {
			for n := atOnce; n == atOnce; {
				err := h.DB.Write(ctx, func(tx *store.Tx) (err error) {
					n, err = step(tx, h)
					return err
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// oldTopics deletes topics in which nobody has written for as long as their room keeps them.
func oldTopics(tx *store.Tx, h *house.House) (int, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT t.id FROM room o JOIN room_topic t ON t.room = o.id WHERE t.latest <= ?1 - o.keep * 86400
			AND t.id NOT IN (SELECT p.topic FROM held_person x JOIN room_post p ON p.author = x.person WHERE x.until > ?1) LIMIT ?2`, h.Now().Unix(), atOnce)
	for _, id := range ids {
		err = errors.Join(err, drop(tx, id))
	}
	if err == nil {
		err = retention.Noted(tx, h.Now(), retention.Room, len(ids))
	}
	return len(ids), err
}

// drop deletes a topic with all that is in it.
func drop(tx *store.Tx, topic int64) error {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM room_post WHERE topic = ?`, topic)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE room_topic SET solved = NULL WHERE id = ?`, topic); err != nil {
		return err
	}
	for _, p := range ids {
		if err := erasePost(tx, p); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM room_topic WHERE id = ?`, topic); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, topic)
}

// erasePost deletes a post with its files.
func erasePost(tx *store.Tx, post int64) error {
	all, err := files.IDs(tx, owner, []int64{post})
	if err != nil {
		return err
	}
	for _, id := range all[post] {
		if err := files.Remove(tx, owner, post, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE room_topic SET solved = NULL WHERE solved = ?`, post); err != nil {
		return err
	}
	if err := unname(tx, post); err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM room_post WHERE id = ?`, post)
	return err
}

// oldPosts deletes what was written in youth rooms so long ago, and what moderators did about it then.
func oldPosts(tx *store.Tx, h *house.House) (int, error) {
	limit := retention.Usual(retention.Youth).Before(h.Now()).Unix()
	type row struct{ id, topic int64 }
	all, err := store.All(tx, func(r *row) []any { return []any{&r.id, &r.topic} }, `
		SELECT p.id, p.topic FROM room o JOIN room_topic t ON t.room = o.id JOIN room_post p ON p.topic = t.id
		WHERE o.youth = 1 AND p.at <= ?1 AND coalesce(p.author, 0) NOT IN (SELECT person FROM held_person WHERE until > ?2) LIMIT ?3`, limit, h.Now().Unix(), atOnce)
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		if err := erasePost(tx, r.id); err != nil {
			return 0, err
		}
		left, err := store.One(tx, store.Value[int], `SELECT count(*) FROM room_post WHERE topic = ?`, r.topic)
		if err == nil && left == 0 {
			err = drop(tx, r.topic)
		} else if err == nil {
			err = changed(tx, h, r.topic)
		}
		if err != nil {
			return 0, err
		}
	}
	n, err := tx.Exec(`DELETE FROM room_action WHERE at <= ? AND room IN (SELECT id FROM room WHERE youth = 1)
		AND NOT EXISTS (SELECT 1 FROM held_person x WHERE x.until > ? AND x.person IN (room_action.person, moderator, answerer))`, limit, h.Now().Unix())
	if err != nil {
		return 0, err
	}
	return len(all), retention.Noted(tx, h.Now(), retention.Youth, len(all)+int(n))
}
