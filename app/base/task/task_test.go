package task_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

func owe(t *testing.T, q *task.Queue, kind string, ref int64, arg string) {
	t.Helper()
	if err := q.DB.Write(t.Context(), func(tx *store.Tx) error { return q.Add(tx, kind, ref, arg) }); err != nil {
		t.Fatal(err)
	}
}

// A task that takes long holds up neither another kind nor another of its own; one about the same waits for it.
func TestSlowTask(t *testing.T) {
	q := task.New(apptest.DB(t), func() time.Time { return apptest.Start })
	begun, free := make(chan string, 10), make(chan struct{})
	q.Handle(task.Job{Kind: "slow", Run: func(_ context.Context, ref int64, arg string) error {
		begun <- fmt.Sprint("slow ", ref, arg)
		<-free
		return nil
	}})
	q.Handle(task.Job{Kind: "quick", Run: func(context.Context, int64, string) error {
		begun <- "quick"
		return nil
	}})
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { q.Run(ctx) })
	defer run.Wait()
	defer cancel()

	expect := func(want string) {
		t.Helper()
		select {
		case got := <-begun:
			if got != want {
				t.Errorf("%q is begun, want %q", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%q is not begun", want)
		}
	}
	owe(t, q, "slow", 1, "")
	expect("slow 1")
	owe(t, q, "slow", 1, "")
	owe(t, q, "quick", 1, "")
	expect("quick")
	owe(t, q, "slow", 2, "")
	expect("slow 2")
	owe(t, q, "slow", 1, "b")
	expect("slow 1b")
	select {
	case got := <-begun:
		t.Errorf("%q is begun while another about the same is carried out", got)
	default:
	}
	close(free)
	expect("slow 1")
}

// What no part of the program carries out is not lost in silence.
func TestOrphan(t *testing.T) {
	q := task.New(apptest.DB(t), func() time.Time { return apptest.Start })
	owe(t, q, "unknown", 1, "")
	ctx, cancel := context.WithCancel(t.Context())
	q.Handle(task.Job{Kind: "last", Run: func(context.Context, int64, string) error { cancel(); return nil }})
	owe(t, q, "last", 1, "")
	q.Run(ctx)
	if err := q.DB.Read(t.Context(), func(tx *store.Tx) error {
		all, err := task.Open(tx)
		if len(all) != 1 || all[0].Kind != "unknown" {
			t.Errorf("tasks shown: %+v", all)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// What comes back each night does so once, at its time on the clocks of the zone, also after it has failed.
func TestNightly(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 28, 12, 0, 0, 0, zone) // in the next night the clocks change
	q := task.New(apptest.DB(t), func() time.Time { return now })
	var fail error
	job, begin := q.Nightly("night", 3*time.Hour+20*time.Minute, zone, func(context.Context) error { return fail })
	due := func(want string) {
		t.Helper()
		if err := q.DB.Read(t.Context(), func(tx *store.Tx) error {
			all, err := store.All(tx, store.Value[int64], `SELECT due FROM task WHERE kind = 'night' AND due > ?`, now.Unix())
			if err != nil || len(all) != 1 || time.Unix(all[0], 0).In(zone).Format("2006-01-02 15:04") != want {
				t.Errorf("%v, want %s", all, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the house is opened twice
		if err := begin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	due("2026-03-29 03:20")
	now = time.Date(2026, 3, 29, 3, 20, 0, 0, zone)
	if err := job.Run(t.Context(), 0, ""); err != nil {
		t.Fatal(err)
	}
	due("2026-03-30 03:20")
	now, fail = time.Date(2026, 3, 30, 3, 21, 0, 0, zone), context.DeadlineExceeded
	if err := job.Run(t.Context(), 0, ""); err == nil {
		t.Error("a failure is not told")
	}
	if err := job.Failed(t.Context(), 0, "", fail); err != nil {
		t.Fatal(err)
	}
	due("2026-03-31 03:20")
}

// Who puts off a task cancels it while it is carried out and writes another. The new one is not removed in its place.
func TestPutOff(t *testing.T) {
	q := task.New(apptest.DB(t), func() time.Time { return apptest.Start })
	q.Handle(task.Job{Kind: "remind", Run: func(ctx context.Context, ref int64, _ string) error {
		return q.DB.Write(ctx, func(tx *store.Tx) error {
			if err := q.Cancel(tx, "remind", ref); err != nil {
				return err
			}
			return q.AddAt(tx, "remind", ref, "next", apptest.Start.Add(time.Hour))
		})
	}})
	owe(t, q, "remind", 1, "first")
	if n, err := q.Once(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if err := q.DB.Read(t.Context(), func(tx *store.Tx) error {
		left, err := store.All(tx, store.Value[string], `SELECT arg FROM task`)
		if fmt.Sprint(left) != "[next]" {
			t.Errorf("left are %q", left)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// While the clock is not believed no night's work is done, and the next night is planned all the same.
func TestNightlyHeld(t *testing.T) {
	now := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	q := task.New(apptest.DB(t), func() time.Time { return now })
	held, done := true, 0
	q.Held = func(context.Context) (bool, error) { return held, nil }
	job, begin := q.Nightly("keep", 3*time.Hour, time.UTC, func(context.Context) error { done++; return nil })
	q.Handle(job)
	if err := begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{0, 0, 1} {
		now = now.AddDate(10, 0, 0)
		if n, err := q.Once(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d tasks, %v", n, err)
		}
		if want == 0 && done != 0 {
			t.Fatal("what goes by age was done by a clock that nobody believes")
		}
		if done == 0 {
			held = now.Year() < 2046
		}
	}
	if done != 1 {
		t.Errorf("done %d times, want once the clock is believed", done)
	}
}
