package calendar

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	remindKind = "calendar.remind" // tell those who come that a date is near; ref: the date, arg: the instance
	tellKind   = "calendar.tell"   // tell one person; ref: the person, arg: what and the instance
)

// What a person is told of.
const (
	soon   = "soon"
	told   = "changed" // or cancelled
	placed = "placed"  // moved up from the row of those who wait
)

// remindNext has those who come to the next instance reminded. What was planned before is forgotten.
func remindNext(tx *store.Tx, h *house.House, date int64) error {
	if err := h.Tasks.Cancel(tx, remindKind, date); err != nil {
		return err
	}
	type next struct{ instance, due int64 }
	all, err := store.All(tx, func(n *next) []any { return []any{&n.instance, &n.due} }, `
		SELECT i.id, i.starts - 60 * c.remind FROM calendar_instance i JOIN calendar_date c ON c.id = i.date
		WHERE i.date = ? AND c.remind > 0 AND c.answers = 1 AND i.cancelled = 0 AND i.starts - 60 * c.remind > ? ORDER BY i.starts LIMIT 1`, date, h.Now().Unix())
	if err != nil || len(all) == 0 {
		return err
	}
	return h.Tasks.AddAt(tx, remindKind, date, strconv.FormatInt(all[0].instance, 10), time.Unix(all[0].due, 0))
}

func remindJob(h *house.House) task.Job {
	return task.Job{Kind: remindKind, Run: func(ctx context.Context, date int64, arg string) error {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			t, err := plain(tx, id)
			if fault.KindOf(err) == fault.NotFound {
				return nil // the series goes on without it
			}
			if err == nil && !t.Cancelled && t.Starts.After(h.Now()) {
				err = tell(tx, h, soon, []int64{id})
			}
			if err != nil {
				return err
			}
			return remindNext(tx, h, date)
		})
	}}
}

// tell has everybody told who comes to one of some instances, or waits for it: once each, of the first of them that is
// not over.
func tell(tx *store.Tx, h *house.House, what string, instances []int64) error {
	type pair struct{ person, instance int64 }
	all, err := store.All(tx, func(p *pair) []any { return []any{&p.person, &p.instance} }, `
		WITH t AS MATERIALIZED (
			SELECT a.person, a.instance, row_number() OVER (PARTITION BY a.person ORDER BY i.starts) AS n
			FROM json_each(?1) j CROSS JOIN calendar_instance i ON i.id = j.value JOIN calendar_answer a ON a.instance = i.id
			WHERE i.ends > ?2 AND (a.state = 'yes' OR a.state = 'waiting' AND ?3 <> 'soon'))
		SELECT person, instance FROM t WHERE n = 1`, store.List(instances), h.Now().Unix(), what)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := notice.Plan(tx, h, tellKind, p.person, what, p.instance); err != nil {
			return err
		}
	}
	return nil
}

// tellJob tells one person, where there still is something to tell.
func tellJob(h *house.House) task.Job {
	return notice.Job(h, tellKind, func(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64) (notice.Notice, error) {
		return compose(tx, v, l, what, id, h.Now())
	})
}

// compose says what somebody is told of an instance; the zero Notice where that is no longer so, and NotFound where they may
// no longer see it.
func compose(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64, now time.Time) (n notice.Notice, err error) {
	t, err := get(tx, id, v, now)
	if err != nil {
		return n, err
	}
	a, err := answerOf(tx, id, v.ID)
	if err != nil {
		return n, err
	}
	comes := a.State == Yes || a.State == Waiting && what == told
	if !comes || !t.Ends.After(now) || what != told && t.Cancelled || what == soon && !t.Starts.After(now) {
		return n, nil
	}
	n = notice.Notice{Body: span(l, t.Starts, t.Ends, t.AllDay, now), Lines: []string{t.Place, t.Reason}, Path: fmt.Sprintf("/termin/%d", t.ID),
		From: t.UnitName, Tag: fmt.Sprintf("t%d", t.ID), Until: t.Ends}
	switch {
	case t.Cancelled:
		n.Title = l.T("Abgesagt: %s", t.Title)
	case what == soon:
		n.Title = l.T("Erinnerung: %s", t.Title)
	case what == placed:
		n.Title = l.T("Sie haben einen Platz: %s", t.Title)
	default:
		n.Title = l.T("Geändert: %s", t.Title)
	}
	return n, nil
}
