package task

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"nestfunk/app/base/store"
)

// together is how many tasks of one kind are carried out at the same time. Each kind has its own: a mail server that does
// not answer holds up no notification. Two tasks with the same kind, ref and argument follow each other, since the
// second finds what the first has left, and together they would send it twice.
const together = 4

// Run carries out what is due until the context ends.
func (q *Queue) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	if err := q.orphans(ctx); err != nil && ctx.Err() == nil {
		slog.Error("outbox", "err", err)
	}
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		begun, err := q.begin(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("outbox", "err", err)
		}
		for _, t := range begun {
			workers.Go(func() {
				err := q.one(ctx, t)
				q.end(t)
				if err == nil {
					q.Wake() // for what waited for it
				} else if ctx.Err() == nil {
					slog.Error("outbox", "err", err)
				}
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-tick.C:
		}
	}
}

// Once carries out what is due, as far as it may be done at the same time, and returns how many tasks that were.
func (q *Queue) Once(ctx context.Context) (int, error) {
	begun, err := q.begin(ctx)
	if err != nil {
		return 0, err
	}
	var workers sync.WaitGroup
	errs := make([]error, len(begun))
	for i, t := range begun {
		workers.Go(func() {
			errs[i] = q.one(ctx, t)
			q.end(t)
		})
	}
	workers.Wait()
	return len(begun), errors.Join(errs...)
}

// begin chooses what is carried out now, of each kind the oldest. Each task that it returns has to be ended.
func (q *Queue) begin(ctx context.Context) (begun []Task, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	err = q.DB.Read(ctx, func(tx *store.Tx) error {
		for _, kind := range slices.Sorted(maps.Keys(q.jobs)) {
			busy := q.busy[kind]
			if len(busy) == together {
				continue
			}
			due, err := store.All(tx, (*Task).fields, `
				SELECT id, kind, ref, arg, due, tries, failure FROM task
				WHERE kind = ? AND due <= ? AND ref || ' ' || arg NOT IN (SELECT value FROM json_each(?)) ORDER BY due, id LIMIT 100`,
				kind, q.Now().Unix(), store.List(slices.Collect(maps.Keys(busy))))
			if err != nil {
				return err
			}
			for _, t := range due {
				if len(q.busy[kind]) < together && !q.busy[kind][t.what()] {
					if q.busy[kind] == nil {
						q.busy[kind] = map[string]bool{}
					}
					q.busy[kind][t.what()] = true
					begun = append(begun, t)
				}
			}
		}
		return nil
	})
	if err != nil {
		for _, t := range begun {
			delete(q.busy[t.Kind], t.what())
		}
		return nil, err
	}
	return begun, nil
}

// what is the task within its kind.
func (t Task) what() string { return strconv.FormatInt(t.Ref, 10) + " " + t.Arg }

func (q *Queue) end(t Task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy[t.Kind], t.what())
}

// orphans has the operator's page show tasks that nobody carries out: those of a newer or older program.
func (q *Queue) orphans(ctx context.Context) error {
	return q.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`
			UPDATE task SET tries = max(tries, 1), failure = 'nobody carries out this kind'
			WHERE kind NOT IN (SELECT value FROM json_each(?)) AND tries = 0`, store.List(slices.Collect(maps.Keys(q.jobs))))
		return err
	})
}

func (q *Queue) one(ctx context.Context, t Task) error {
	j := q.jobs[t.Kind]
	cause := j.Run(ctx, t.Ref, t.Arg)
	if ctx.Err() != nil {
		return ctx.Err() // the house closes; the task stays as it is
	}
	_, final := errors.AsType[dropped](cause)
	if cause != nil && (final || t.Tries >= len(waits)) {
		slog.Warn("task given up", "task", t.ID, "kind", t.Kind, "ref", t.Ref, "err", cause)
		if j.Failed != nil {
			if err := j.Failed(ctx, t.Ref, t.Arg, cause); err != nil {
				return err
			}
		}
		cause = nil
	}
	return q.settle(ctx, t, cause)
}

// settle removes a task that is done, and puts one that failed back.
func (q *Queue) settle(ctx context.Context, t Task, cause error) error {
	return q.DB.Write(ctx, func(tx *store.Tx) error {
		if cause == nil {
			_, err := tx.Exec(`DELETE FROM task WHERE id = ?`, t.ID)
			return err
		}
		wait := waits[min(t.Tries, len(waits)-1)]
		_, err := tx.Exec(`UPDATE task SET tries = tries + 1, due = ?, failure = ? WHERE id = ?`,
			q.Now().Add(wait).Unix(), cause.Error(), t.ID)
		return err
	})
}
