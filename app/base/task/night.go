package task

import (
	"context"
	"time"

	"nestfunk/app/base/store"
)

// Nightly makes work that is done once a night: its job, and what has the first night come once the house is open. at is a
// time of the day on the clocks of a zone, such as 3h20m. What fails goes on in the next night.
func (q *Queue) Nightly(kind string, at time.Duration, zone *time.Location, work func(ctx context.Context) error) (Job, func(ctx context.Context) error) {
	plan := func(ctx context.Context) error {
		return q.DB.Write(ctx, func(tx *store.Tx) error {
			now := q.Now()
			n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND due > ?`, kind, now.Unix())
			if err != nil || n > 0 { // an earlier run was not noted as done
				return err
			}
			return q.AddAt(tx, kind, 0, "", next(now.In(zone), at))
		})
	}
	return Job{
		Kind: kind,
		Run: func(ctx context.Context, _ int64, _ string) error {
			held, err := q.Still(ctx)
			if err == nil && !held {
				err = work(ctx)
			}
			if err != nil {
				return err
			}
			return plan(ctx)
		},
		Failed: func(ctx context.Context, _ int64, _ string, _ error) error { return plan(ctx) },
	}, plan
}

// Still reports whether what goes by age has to stand still now, because the clock is not believed.
func (q *Queue) Still(ctx context.Context) (bool, error) {
	if q.Held == nil {
		return false, nil
	}
	return q.Held(ctx)
}

// next is when clocks show a time of the day the next time after now.
func next(now time.Time, at time.Duration) time.Time {
	for day := now.Day(); ; day++ {
		if t := time.Date(now.Year(), now.Month(), day, 0, 0, int(at/time.Second), 0, now.Location()); t.After(now) {
			return t
		}
	}
}
