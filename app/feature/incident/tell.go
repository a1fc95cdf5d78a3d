package incident

import (
	"context"
	"fmt"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	clockKind = "incident.clock" // ref is the incident: all who answer for it are told how much time is left
	tellKind  = "incident.tell"  // ref is the person, the argument the incident
)

// marks are how long before the deadline those who answer for it are told again.
func marks() []time.Duration {
	return []time.Duration{48 * time.Hour, 24 * time.Hour, 6 * time.Hour, time.Hour, 0}
}

// wind has the clock run.
func wind(tx *store.Tx, h *house.House, i Incident) error {
	if err := h.Tasks.Add(tx, clockKind, i.ID, ""); err != nil {
		return err
	}
	for _, m := range marks() {
		if at := i.Deadline().Add(-m); at.After(h.Now()) {
			if err := h.Tasks.AddAt(tx, clockKind, i.ID, "", at); err != nil {
				return err
			}
		}
	}
	return nil
}

// jobs are the clock, and who hears it. Nobody's quiet hours count: the term does not know them.
func jobs(h *house.House) []task.Job {
	return []task.Job{
		{Kind: clockKind, Run: func(ctx context.Context, id int64, _ string) error {
			return h.DB.Write(ctx, func(tx *store.Tx) error {
				i, err := get(tx, id)
				if err != nil || !i.Runs() || i.Settled() {
					return err
				}
				people, err := answering(tx, h.Now())
				for _, p := range people {
					if err == nil {
						err = h.Tasks.Add(tx, tellKind, p, fmt.Sprint(id))
					}
				}
				return err
			})
		}},
		{Kind: tellKind, Run: func(ctx context.Context, person int64, arg string) error {
			return notice.Send(ctx, h, person, func(tx *store.Tx, v who.Viewer, _ *lang.Lang) (n notice.Notice, err error) {
				var id int64
				if _, err := fmt.Sscan(arg, &id); err != nil {
					return n, task.Drop(err)
				}
				i, err := get(tx, id)
				if err != nil || !i.Runs() || i.Settled() || need(tx, v) != nil {
					return n, err
				}
				n = notice.Notice{Title: "Datenschutz-Vorfall: " + i.Left(h.Now()), Body: "Meldung an die Aufsicht bis " + house.Local(i.Deadline()).Format("2.1.2006, 15:04") + " Uhr.",
					Path: i.Path(), Tag: fmt.Sprintf("v%d", id)}
				n.From, err = h.Settings.Get(tx, "house.name")
				return n, err
			})
		}},
	}
}
