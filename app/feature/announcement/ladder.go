package announcement

import (
	"context"
	"errors"
	"slices"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const stepKind = "announcement.step" // a step of the ladder has come; the argument is its channel

// soon decides how urgent a closure is: one of today climbs the ladder of a
// closure of today, and one of today or tomorrow breaks through quiet hours.
func (d *Draft) soon(c Closure, now time.Time) {
	day := func(n int) time.Time { return at(house.Local(now).AddDate(0, 0, n).Format(time.DateOnly), 0) }
	d.urgent = c.from().Before(day(2))
	d.today = c.from().Before(day(1))
}

// climb chooses the draft's ladder, as the house has it at this moment.
func (d *Draft) climb(tx *store.Tx, h *house.House) (err error) {
	kind := channel.News
	switch {
	case d.kind == DrillKind || d.kind == ClosureKind && d.today:
		kind = channel.Urgent
	case d.kind == ClosureKind:
		kind = channel.Planned
	case d.Confirm:
		kind = channel.Confirm
	}
	d.ladder, err = channel.Load(tx, h.Settings, kind)
	for _, ch := range d.without {
		d.ladder = d.ladder.Without(ch)
	}
	if !d.Confirm {
		d.ladder = d.ladder.Once()
	}
	return err
}

// schedule has the later steps come. Without confirmation nobody is outstanding, and there are none.
func (d *Draft) schedule(tx *store.Tx, h *house.House, id int64) error {
	if !d.Confirm {
		return nil
	}
	for _, s := range d.ladder {
		if s.After == 0 && s.Channel != channel.Call {
			continue
		}
		at := h.Now().Add(s.After)
		if !d.today && d.kind != DrillKind { // what is not of today reminds nobody at night
			at = channel.Wish{QuietFrom: 20 * 60, QuietUntil: 6 * 60}.Quiet(at)
		}
		if err := h.Tasks.AddAt(tx, stepKind, id, s.Channel, at); err != nil {
			return err
		}
	}
	return nil
}

// ladderOf is the ladder of an announcement, as it was when it was published.
func ladderOf(tx *store.Tx, id int64) (channel.Ladder, error) {
	s, err := store.One(tx, store.Value[string], `SELECT ladder FROM announcement WHERE id = ?`, id)
	if err != nil {
		return nil, err
	}
	return channel.Parse(s)
}

// halt stops every step and every delivery of a closure that still waits: what it told is no longer true.
func halt(tx *store.Tx, h *house.House, closure int64, now time.Time) error {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM announcement WHERE closure = ? AND replaced IS NULL AND id < (
		SELECT max(id) FROM announcement WHERE closure = ?)`, closure, closure)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := h.Tasks.Cancel(tx, stepKind, id); err != nil {
			return err
		}
		if _, err := tx.Exec(`
			UPDATE announcement_delivery SET state = 'skipped', reason = 'durch eine neuere Mitteilung ersetzt', at = ?, again = 0
			WHERE announcement = ? AND state = 'waiting'`, now.Unix(), id); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE announcement_delivery SET again = 0 WHERE announcement = ? AND again = 1`, id); err != nil {
			return err
		}
	}
	return nil
}

// stepJob takes a step of the ladder, with those whose confirmation is still missing.
func stepJob(h *house.House) task.Job {
	return task.Job{Kind: stepKind, Run: func(ctx context.Context, id int64, ch string) error {
		a, err := loaded(ctx, h, id)
		if err != nil || past(a, h.Now()) {
			return err
		}
		if !a.Frozen {
			return errNotFrozen
		}
		if ch == channel.Call {
			return toCall(ctx, h, a)
		}
		left, err := outstanding(ctx, h, a, ch)
		if err != nil || len(left) == 0 {
			return err
		}
		if ch == channel.Remind {
			if err = remind(ctx, h, a, left); err != nil {
				return err
			}
		} else if err := deliver(ctx, h, a, ch, left, h.Now()); err != nil {
			return err
		}
		return shout(ctx, h, id)
	}}
}

// errNotFrozen has the step come again: who is asked is still being written down.
var errNotFrozen = errors.New("who is asked is not complete")

// outstanding lists the recipients whose confirmation is still missing and whom a channel can tell.
func outstanding(ctx context.Context, h *house.House, a Announcement, ch string) (left []recipient, err error) {
	now := h.Now()
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		left, err = leftOf(tx, a.ID, ch, now)
		return err
	})
	return left, err
}

func leftOf(tx *store.Tx, id int64, ch string, now time.Time) ([]recipient, error) {
	all, err := recipients(tx, id, now)
	if err != nil {
		return nil, err
	}
	people := make([]int64, len(all))
	for i, r := range all {
		people[i] = r.Person
	}
	left, err := missing(tx, id, people, now)
	return slices.DeleteFunc(all, func(r recipient) bool { return !left[r.Person].over(ch) }), err
}

// A lack is whose confirmation is missing: nobody has been reached for one of the person's children, or, where all have
// been, the person is also of the team, which answers for itself.
type lack struct {
	person       int64
	family, team bool
}

// over reports whether a channel is for what is missing: SMS are for families.
func (l lack) over(ch string) bool { return l.family || l.team && ch != channel.SMS }

// missing tells of some people whose confirmation is missing. It begins with the people: what one confirmation sets off
// must not look at a whole city.
func missing(tx *store.Tx, id int64, people []int64, now time.Time) (map[int64]lack, error) {
	if len(people) == 0 {
		return nil, nil // as JSON, no list is one NULL
	}
	all, err := store.All(tx, func(l *lack) []any { return []any{&l.person, &l.family, &l.team} }, `
		WITH p (person, family) AS MATERIALIZED (
			SELECT j.value, EXISTS (
				SELECT 1 FROM guardian g CROSS JOIN announcement_asked a ON a.announcement = ?1 AND a.child = g.child
				WHERE g.person = j.value AND g.state = 'confirmed' AND g.informed = 1 AND g.since <= ?3 AND g.until > ?3 AND a.gone IS NULL
					AND NOT EXISTS (SELECT 1 FROM announcement_call c WHERE c.announcement = ?1 AND c.child = a.child AND c.reached = 1)
					AND NOT EXISTS (SELECT 1 FROM announcement n JOIN announcement_closure x ON x.announcement = n.closure
						JOIN excused e ON e.child = a.child AND e.first_day <= x.first_day AND e.last_day >= x.last_day WHERE n.id = ?1)
					AND NOT EXISTS (SELECT 1 FROM guardian o CROSS JOIN announcement_receipt r ON r.announcement = ?1 AND r.person = o.person
						WHERE o.child = a.child AND o.state = 'confirmed' AND o.informed = 1))
			FROM json_each(?2) j)
		SELECT person, family, NOT family
			AND NOT EXISTS (SELECT 1 FROM announcement_receipt r WHERE r.announcement = ?1 AND r.person = p.person)
			AND EXISTS (SELECT 1 FROM membership m WHERE m.person = p.person AND m.state = 'confirmed')
		FROM p`, id, store.List(people), now.Unix())
	m := map[int64]lack{}
	for _, l := range all {
		if l.team && err == nil {
			l.team, err = meansPerson(tx, id, l.person, anyRole&^who.Of(who.Parent), now)
		}
		m[l.person] = l
	}
	return m, err
}

// remind has push and mail told again to those who are left. What is not urgent rings in nobody's quiet hours.
func remind(ctx context.Context, h *house.House, a Announcement, left []recipient) error {
	now := h.Now()
	rows := make([]planned, len(left))
	dues := map[int64]bool{0: true}
	for i, r := range left {
		rows[i].Person = r.Person
		if q := r.wish.Quiet(now); !a.Pressing && q.After(now) {
			rows[i].Due = q.Unix()
			dues[q.Unix()] = true
		}
	}
	if err := inChunks(ctx, h, rows, func(tx *store.Tx, part string) error {
		_, err := tx.Exec(`
			UPDATE announcement_delivery SET again = 1, due = iif(channel = 'push', j.value ->> 'Due', due) FROM json_each(?2) j
			WHERE announcement = ?1 AND person = j.value ->> 'Person' AND channel IN ('push', 'mail') AND state IN ('handed', 'delivered')`, a.ID, part)
		return err
	}); err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		if err := h.Tasks.Add(tx, mailKind, a.ID, ""); err != nil {
			return err
		}
		for due := range dues {
			if err := wake(tx, h, a.ID, channel.Push, due); err != nil {
				return err
			}
		}
		return nil
	})
}

// shout has the pages that show the coverage look again.
func shout(ctx context.Context, h *house.House, id int64) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		held, err := above(tx, id)
		tx.After(func() { h.Live.Publish(live.Event{Held: held}) })
		return err
	})
}
