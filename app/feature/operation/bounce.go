package operation

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const (
	bouncesKind  = "bounces"
	bouncesEvery = 5 * time.Minute
)

// visit is the last look into the mailbox; kept in memory, since the next one comes in minutes.
type visit struct {
	At    time.Time
	Found int
	Words string // what went wrong; "": nothing
}

func (f *feature) job() task.Job {
	return task.Job{Kind: bouncesKind, Run: f.collect, Failed: func(ctx context.Context, _ int64, _ string, _ error) error {
		return f.DB.Write(ctx, func(tx *store.Tx) error { return f.nextVisit(tx, bouncesEvery) })
	}}
}

// collect looks into the mailbox and plans the next look. A mailbox that fails is no failed task: it would be tried
// again ever more seldom, and given up in the end.
func (f *feature) collect(ctx context.Context, _ int64, _ string) error {
	if !f.bounces.Configured(ctx) {
		return nil // saving the settings begins the round again
	}
	if _, err := f.look(ctx); err != nil {
		slog.Warn("bounce mailbox", "err", err)
	}
	return f.DB.Write(ctx, func(tx *store.Tx) error { return f.nextVisit(tx, bouncesEvery) })
}

func (f *feature) look(ctx context.Context) (int, error) {
	n, err := f.bounces.Fetch(ctx, func(b mail.Bounce) error {
		return f.DB.Write(ctx, func(tx *store.Tx) error { return f.bounced(tx, b.Ref, b.Recipient, b.Why) })
	})
	last := visit{At: f.Now(), Found: n}
	if err != nil {
		last.Words = cmp.Or(mail.Words(err), fault.Words(err))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = last
	return n, err
}

func (f *feature) lastVisit() visit {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// nextVisit plans a look unless one is planned: a task may run twice, but the round must not become two.
func (f *feature) nextVisit(tx *store.Tx, in time.Duration) error {
	now := f.Now()
	if n, err := waitingBounces(tx, now); err != nil || n > 0 {
		return err
	}
	return f.Tasks.AddAt(tx, bouncesKind, 0, "", now.Add(in))
}
