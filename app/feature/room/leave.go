package room

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// Leave takes somebody out of a room. What the person wrote stays without a name, or goes.
func Leave(tx *store.Tx, h *house.House, room, id int64, words bool) error {
	mine, err := store.All(tx, store.Value[int64], `
		SELECT p.id FROM room_topic t JOIN room_post p ON p.topic = t.id WHERE t.room = ? AND p.author = ?`, room, id)
	if err != nil {
		return err
	}
	for _, p := range mine {
		if words {
			err = strip(tx, p)
		}
		if err == nil {
			_, err = tx.Exec(`UPDATE room_post SET author = NULL, alias = '' WHERE id = ?`, p)
		}
		if err != nil {
			return err
		}
	}
	for _, q := range []func() (int64, error){
		func() (int64, error) {
			return tx.Exec(`UPDATE room_topic SET author = NULL WHERE room = ? AND author = ?`, room, id)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_follow WHERE person = ? AND topic IN (SELECT id FROM room_topic WHERE room = ?)`, id, room)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_mention WHERE person = ? AND post IN (SELECT p.id FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE t.room = ?)`, id, room)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_reaction WHERE person = ? AND post IN (SELECT p.id FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE t.room = ?)`, id, room)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_member WHERE room = ? AND person = ?`, room, id)
		},
	} {
		if _, err := q(); err != nil {
			return err
		}
	}
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM room_topic WHERE room = ?`, room)
	if err != nil {
		return err
	}
	for _, t := range ids {
		if err := changed(tx, h, t); err != nil {
			return err
		}
	}
	return nil
}
