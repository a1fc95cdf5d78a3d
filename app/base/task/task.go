// Package task is the outbox: a side effect is a row, written in the same
// transaction as its cause and carried out afterwards. Nothing is sent that
// was rolled back, nothing is lost in a crash, and all is tried again with a
// limit and a reason.
package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"nestfunk/app/base/store"
)

// A Job carries out the tasks of one kind. Run may be called twice for the
// same task, when the machine fails between the deed and its record; it looks
// first whether there is still something to do.
type Job struct {
	Kind string
	Run  func(ctx context.Context, ref int64, arg string) error
	// Failed is told when the last try has failed; may be nil.
	Failed func(ctx context.Context, ref int64, arg string, cause error) error
}

// Drop wraps an error that no further try can mend.
func Drop(err error) error { return dropped{err} }

type dropped struct{ error }

func (d dropped) Unwrap() error { return d.error }

// waits between tries: an hour without a mail server must not cost a mail.
var waits = [...]time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour}

// A Queue carries tasks out, several at a time.
type Queue struct {
	DB   *store.DB
	Now  func() time.Time
	jobs map[string]Job
	wake chan struct{}
}

// New makes a queue; Handle gives it its jobs before Run.
func New(db *store.DB, now func() time.Time) *Queue {
	return &Queue{DB: db, Now: now, jobs: map[string]Job{}, wake: make(chan struct{}, 1)}
}

// Handle adds a job.
func (q *Queue) Handle(j Job) { q.jobs[j.Kind] = j }

// Add writes a task that is due at once.
func (q *Queue) Add(tx *store.Tx, kind string, ref int64, arg string) error {
	return q.AddAt(tx, kind, ref, arg, q.Now())
}

// AddAt writes a task that is due at a time.
func (q *Queue) AddAt(tx *store.Tx, kind string, ref int64, arg string, due time.Time) error {
	_, err := tx.Exec(`INSERT INTO task (kind, ref, arg, due) VALUES (?, ?, ?, ?)`, kind, ref, arg, due.Unix())
	tx.After(q.Wake)
	return err
}

// Cancel removes what still waits of a kind about ref.
func (q *Queue) Cancel(tx *store.Tx, kind string, ref int64) error {
	_, err := tx.Exec(`DELETE FROM task WHERE kind = ? AND ref = ?`, kind, ref)
	return err
}

// Wake has the queue look for tasks now.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// A Task is a side effect that is still owed.
type Task struct {
	ID      int64
	Kind    string
	Ref     int64
	Arg     string
	Due     time.Time
	Tries   int
	Failure string
}

func (t *Task) fields() []any {
	return []any{&t.ID, &t.Kind, &t.Ref, &t.Arg, (*store.Time)(&t.Due), &t.Tries, &t.Failure}
}

// Open lists tasks that failed at least once, for the operator's page.
func Open(tx *store.Tx) ([]Task, error) {
	return store.All(tx, (*Task).fields, `
		SELECT id, kind, ref, arg, due, tries, failure FROM task WHERE tries > 0 ORDER BY due LIMIT 100`)
}

// Count is the number of tasks that wait.
func Count(tx *store.Tx) (int, error) {
	return store.One(tx, store.Value[int], `SELECT count(*) FROM task`)
}

const together = 4 // tasks carried out at the same time

// Run carries out what is due until the context ends.
func (q *Queue) Run(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		n, err := q.Once(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("outbox", "err", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-tick.C:
		}
	}
}

// Once carries out at most a hundred tasks that are due, and returns how many.
func (q *Queue) Once(ctx context.Context) (int, error) {
	var due []Task
	err := q.DB.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = store.All(tx, (*Task).fields, `
			SELECT id, kind, ref, arg, due, tries, failure FROM task WHERE due <= ? ORDER BY due, id LIMIT 100`, q.Now().Unix())
		return err
	})
	if err != nil {
		return 0, err
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, together)
	errs := make([]error, len(due))
	for i, t := range due {
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = q.one(ctx, t)
		})
	}
	wg.Wait()
	return len(due), errors.Join(errs...)
}

func (q *Queue) one(ctx context.Context, t Task) error {
	j, ok := q.jobs[t.Kind]
	if !ok {
		return q.settle(ctx, t, fmt.Errorf("nobody carries out %q", t.Kind))
	}
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
