// Package task is the outbox: a side effect is a row, written in the same
// transaction as its cause and carried out afterwards. Nothing is sent that
// was rolled back, nothing is lost in a crash, and all is tried again with a
// limit and a reason.
package task

import (
	"context"
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
	DB  *store.DB
	Now func() time.Time
	// Held reports whether the clock is not to be believed: then what goes by age stands still. nil: it always is.
	Held func(ctx context.Context) (bool, error)
	jobs map[string]Job
	wake chan struct{}

	mu   sync.Mutex
	busy map[string]map[string]bool // what is being carried out: by kind, ref and argument
}

// New makes a queue; Handle gives it its jobs before Run.
func New(db *store.DB, now func() time.Time) *Queue {
	return &Queue{DB: db, Now: now, jobs: map[string]Job{}, wake: make(chan struct{}, 1), busy: map[string]map[string]bool{}}
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
