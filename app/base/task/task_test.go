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
