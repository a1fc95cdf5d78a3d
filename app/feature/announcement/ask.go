package announcement

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const (
	askKind  = "announcement.ask"  // freeze who is asked, and begin to tell them
	joinKind = "announcement.join" // look who came to or left the audience

	chunk = 200 // rows in one write: nobody else waits for more than a few milliseconds
)

// askJob writes, in chunks, which children are asked and which person gets a
// mail. It may be repeated: what stands there already stays.
func askJob(h *house.House) task.Job {
	return task.Job{Kind: askKind, Run: func(ctx context.Context, id int64, _ string) error {
		a, err := loaded(ctx, h, id)
		if err != nil {
			return err
		}
		if a.Confirm {
			if err := freeze(ctx, h, a); err != nil {
				return err
			}
		}
		if err := begin(ctx, h, a); err != nil {
			return err
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(`UPDATE announcement SET frozen = 1 WHERE id = ?`, id); err != nil {
				return err
			}
			held, err := above(tx, id)
			tx.After(func() { h.Live.Publish(live.Event{Held: held}) })
			return err
		})
	}}
}

func loaded(ctx context.Context, h *house.House, id int64) (a Announcement, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = plain(tx, id)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		err = task.Drop(err)
	}
	return a, err
}

// asked is a child in its group.
type asked struct{ Child, Unit int64 }

// meantChildren lists the children of an audience as it is now.
func meantChildren(tx *store.Tx, id int64, now time.Time) ([]asked, error) {
	return store.All(tx, func(a *asked) []any { return []any{&a.Child, &a.Unit} }, `
		SELECT DISTINCT s.child, s.unit
		FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit
		WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 AND s.since <= ?2 AND s.until > ?2 ORDER BY s.child`, id, now.Unix())
}

func freeze(ctx context.Context, h *house.House, a Announcement) error {
	now := h.Now()
	var all []asked
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = meantChildren(tx, a.ID, now)
		return err
	})
	if err != nil {
		return err
	}
	return inChunks(ctx, h, all, func(tx *store.Tx, part string) error {
		_, err := tx.Exec(`
			INSERT INTO announcement_asked (announcement, child, unit, asked)
			SELECT ?1, value ->> 'Child', value ->> 'Unit', ?2 FROM json_each(?3) WHERE true
			ON CONFLICT (announcement, child) DO UPDATE SET gone = NULL WHERE gone IS NOT NULL`, a.ID, now.Unix(), part)
		return err
	})
}

// inChunks has rows written two hundred at a time, as one statement with a JSON list: everybody else who
// writes waits for one chunk at the most, and a statement for each row would take four times as long.
func inChunks[T any](ctx context.Context, h *house.House, all []T, write func(tx *store.Tx, part string) error) error {
	for part := range slices.Chunk(all, chunk) {
		b, err := json.Marshal(part)
		if err != nil {
			return err
		}
		if err := h.DB.Write(ctx, func(tx *store.Tx) error { return write(tx, string(b)) }); err != nil {
			return err
		}
	}
	return nil
}

// joinJob adds families that came to the audience of a running announcement,
// and marks those that left; nothing is deleted. It comes back every ten minutes.
func joinJob(h *house.House) task.Job {
	return task.Job{Kind: joinKind, Run: func(ctx context.Context, _ int64, _ string) error {
		now := h.Now()
		var running []Announcement
		err := h.DB.Read(ctx, func(tx *store.Tx) error {
			ids, err := store.All(tx, store.Value[int64], `
				SELECT id FROM announcement WHERE confirm = 1 AND frozen = 1 AND replaced IS NULL AND published > ?
				AND (expires IS NULL OR expires > ?)`, now.AddDate(0, 0, -30).Unix(), now.Unix())
			for _, id := range ids {
				a, err := plain(tx, id)
				if err != nil {
					return err
				}
				running = append(running, a)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range running {
			if err := renew(ctx, h, a); err != nil {
				return err
			}
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error { return h.Tasks.AddAt(tx, joinKind, 0, "", now.Add(10*time.Minute)) })
	}}
}

func renew(ctx context.Context, h *house.House, a Announcement) error {
	var now []asked
	var had []int64
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if now, err = meantChildren(tx, a.ID, h.Now()); err != nil {
			return err
		}
		had, err = store.All(tx, store.Value[int64], `SELECT child FROM announcement_asked WHERE announcement = ? AND gone IS NULL`, a.ID)
		return err
	})
	if err != nil {
		return err
	}
	here := map[int64]bool{}
	for _, c := range now {
		here[c.Child] = true
	}
	left := slices.DeleteFunc(had, func(c int64) bool { return here[c] })
	if len(now) == len(had)-len(left) && len(left) == 0 {
		return nil
	}
	for part := range slices.Chunk(left, chunk) {
		if err := h.DB.Write(ctx, func(tx *store.Tx) error {
			for _, c := range part {
				if _, err := tx.Exec(`UPDATE announcement_asked SET gone = ? WHERE announcement = ? AND child = ?`, h.Now().Unix(), a.ID, c); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if err := freeze(ctx, h, a); err != nil {
		return err
	}
	return begin(ctx, h, a)
}

// start has the returning job run, once.
func start(ctx context.Context, h *house.House) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ?`, joinKind)
		if err != nil || n > 0 {
			return err
		}
		return h.Tasks.Add(tx, joinKind, 0, "")
	})
}
