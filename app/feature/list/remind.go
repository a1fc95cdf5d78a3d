package list

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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
	remindKind = "list.remind" // tell those of a day that it is tomorrow; ref: the list, arg: the day
	tellKind   = "list.tell"   // tell one person; ref: the person, arg: what, the list and the line
)

// What a person is told of.
const (
	soon    = "soon"    // it is tomorrow
	moved   = "moved"   // up from the row of those who wait
	taken   = "taken"   // somebody has taken over what was offered
	removed = "removed" // by those who look after the list
	altered = "altered" // it is at another time, or elsewhere
)

// hour is when one is told on the day before, in minutes: when the shops are still open.
const hour = 16 * 60

// remindNext has those of the next day told on the day before it. What was planned before is forgotten.
func remindNext(tx *store.Tx, h *house.House, id int64) error {
	if err := h.Tasks.Cancel(tx, remindKind, id); err != nil {
		return err
	}
	type row struct {
		remind bool
		day    string
		starts int64
	}
	all, err := store.All(tx, func(r *row) []any { return []any{&r.remind, &r.day, store.Null(&r.starts)} }, `
		SELECT l.remind, coalesce(l.day, ''), z.starts FROM list l JOIN list_line z ON z.list = l.id WHERE l.id = ? ORDER BY z.starts`, id)
	if err != nil {
		return err
	}
	var next string
	var due time.Time
	for _, r := range all {
		if !r.remind {
			return nil
		}
		if r.starts != 0 {
			r.day = house.Local(time.Unix(r.starts, 0)).Format(time.DateOnly)
		}
		if t := at(r.day, hour-24*60); t.After(h.Now()) && (due.IsZero() || t.Before(due)) {
			next, due = r.day, t
		}
	}
	if due.IsZero() {
		return nil
	}
	return h.Tasks.AddAt(tx, remindKind, id, next, due)
}

// remindJob tells everybody who has a place on a day, once for each list: of the first of their lines.
func remindJob(h *house.House) task.Job {
	return task.Job{Kind: remindKind, Run: func(ctx context.Context, id int64, day string) error {
		first, end := at(day, 0), at(day, 24*60)
		if first.IsZero() {
			return task.Drop(fmt.Errorf("remind of %q", day))
		}
		type pair struct{ person, line int64 }
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			if end.After(h.Now()) {
				all, err := store.All(tx, func(p *pair) []any { return []any{&p.person, &p.line} }, `
					WITH t AS MATERIALIZED (
						SELECT e.person, z.id AS line, row_number() OVER (PARTITION BY e.person ORDER BY z.starts, z.rank) AS n
						FROM list l JOIN list_line z ON z.list = l.id JOIN list_entry e ON e.line = z.id
						WHERE l.id = ?1 AND e.state = 'held' AND e.person IS NOT NULL AND (z.starts >= ?2 AND z.starts < ?3 OR z.starts IS NULL AND l.day = ?4))
					SELECT person, line FROM t WHERE n = 1`, id, first.Unix(), end.Unix(), day)
				if err != nil {
					return err
				}
				for _, p := range all {
					if err := tellOne(tx, h, soon, id, p.line, p.person); err != nil {
						return err
					}
				}
			}
			return remindNext(tx, h, id)
		})
	}}
}

// tellOne has a person told, outside their quiet hours.
func tellOne(tx *store.Tx, h *house.House, what string, list, line, person int64) error {
	due, err := notice.At(tx, person, h.Now())
	if err != nil {
		return err
	}
	return h.Tasks.AddAt(tx, tellKind, person, fmt.Sprintf("%s %d %d", what, list, line), due)
}

// tellJob tells one person, where there still is something to tell.
func tellJob(h *house.House) task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, person int64, arg string) error {
		words := strings.Fields(arg)
		if len(words) != 3 {
			return task.Drop(fmt.Errorf("cannot tell %q", arg))
		}
		list, err1 := strconv.ParseInt(words[1], 10, 64)
		line, err2 := strconv.ParseInt(words[2], 10, 64)
		if err1 != nil || err2 != nil {
			return task.Drop(fmt.Errorf("cannot tell %q", arg))
		}
		return notice.Send(ctx, h, person, func(tx *store.Tx, v who.Viewer, w *lang.Lang) (notice.Notice, error) {
			return compose(tx, v, w, words[0], list, line, h.Now())
		})
	}}
}

// compose says what somebody is told of a line; the zero Notice where that is no longer so, and NotFound where they may no
// longer see the list.
func compose(tx *store.Tx, v who.Viewer, w *lang.Lang, what string, list, line int64, now time.Time) (n notice.Notice, err error) {
	l, err := get(tx, list, v, now)
	if err != nil {
		return n, err
	}
	z, err := lineOf(tx, list, line)
	if err != nil && (what != removed || fault.KindOf(err) != fault.NotFound) {
		return n, err
	}
	if what == soon || what == moved || what == altered {
		all, err := entries(tx, list, v, false, now)
		if err != nil {
			return n, err
		}
		has := false
		for _, e := range all {
			has = has || e.Line == line && e.Mine && (e.State == Held || what == altered)
		}
		if !has || !z.Starts.IsZero() && !z.Starts.After(now) {
			return n, nil
		}
	}
	n = notice.Notice{Path: fmt.Sprintf("/liste/%d", list), Tag: fmt.Sprintf("l%d", list), From: l.UnitName, Until: z.Starts}
	if n.Body = z.When(w, now); n.Body == "" {
		n.Body = z.Title
	} else if z.Title != "" {
		n.Body = z.Title + ", " + n.Body
	}
	if z.Room != "" {
		n.Lines = []string{z.Room}
	}
	switch what {
	case soon:
		n.Title = w.T("Erinnerung: %s", l.Title)
	case moved:
		n.Title = w.T("Sie haben einen Platz: %s", l.Title)
	case taken:
		n.Title = w.T("Jemand hat Ihren Platz übernommen: %s", l.Title)
	case altered:
		n.Title = w.T("Geändert: %s", l.Title)
	case removed:
		n.Title = w.T("Ihr Eintrag wurde gestrichen: %s", l.Title)
	}
	return n, nil
}
