package assignment

import (
	"context"
	"fmt"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	nightKind   = "assignment.night" // have those reminded whose tasks are due, each morning
	tellKind    = "assignment.tell"  // tell one person; ref: the person, arg: what, and the task
	remindChunk = 50                 // tasks that one write reminds of: nobody else waits for long
)

// What a person is told of.
const (
	given = "given" // a task has become theirs
	due   = "due"   // it is due soon, or was
)

// remind has those told whose tasks are due soon or late. Of a task that nobody has taken on, those who lead are told.
func remind(h *house.House) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for after := int64(0); ; {
			n := 0
			err := h.DB.Write(ctx, func(tx *store.Tx) error {
				now := h.Now()
				day := today(now)
				ids, err := store.All(tx, store.Value[int64], `
					SELECT id FROM assignment WHERE id > ? AND state = 'open' AND due <= ? ORDER BY id LIMIT ?`, after, plus(day, ahead), remindChunk)
				if n = len(ids); err != nil || n == 0 {
					return err
				}
				after = ids[n-1]
				all, err := read(tx, ids, now)
				if err != nil {
					return err
				}
				for _, a := range all {
					if !a.reminds(day) {
						continue
					}
					if err := remindOf(tx, h, a, now); err != nil {
						return err
					}
					if _, err := tx.Exec(`UPDATE assignment SET reminded = ? WHERE id = ?`, day, a.ID); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil || n < remindChunk {
				return err
			}
		}
	}
}

// remindOf has the owner of a task told that it is due; where nobody owns it, those who lead.
func remindOf(tx *store.Tx, h *house.House, a Assignment, now time.Time) error {
	if a.Owner != 0 {
		return notice.Plan(tx, h, tellKind, a.Owner, due, a.ID)
	}
	seats, err := committee.Seats(tx, a.Unit, now)
	if err != nil {
		return err
	}
	for _, s := range seats {
		if s.Office.Role() == who.Chair {
			if err := notice.Plan(tx, h, tellKind, s.Person, due, a.ID); err != nil {
				return err
			}
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

// compose says what somebody is told of a task; the zero Notice where that is no longer so, and NotFound where they no longer
// sit in the committee.
func compose(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64, now time.Time) (n notice.Notice, err error) {
	a, level, err := get(tx, id, v, now)
	if err != nil || a.State != Pending || a.Owner != v.ID && (a.Owner != 0 || level != committee.Leading || what == given) {
		return n, err
	}
	n = notice.Notice{Path: fmt.Sprintf("/aufgabe/%d", id), Tag: fmt.Sprintf("a%d", id), From: a.UnitName}
	switch {
	case what == given:
		n.Title = l.T("Neue Aufgabe: %s", a.Title)
	case a.Owner == 0:
		n.Title = l.T("Niemand kümmert sich: %s", a.Title)
	case a.Late(now):
		n.Title = l.T("Überfällig: %s", a.Title)
	default:
		n.Title = l.T("Bald fällig: %s", a.Title)
	}
	if a.Due != "" {
		n.Body = l.T("Bis %s.", l.DayYear(a.Day()))
	}
	return n, nil
}
