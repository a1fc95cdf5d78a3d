package push

import (
	"context"
	"iter"
	"sync"
)

// noted is after how many messages is noted what became of them.
const noted = 500

// A Job is one message to one subscription.
type Job struct {
	To      Subscription
	Message Message
	Ref     int64 // the sender's own
}

// SendAll hands over many messages, up to 128 at the same time, and tells of each what Send would return. It calls each
// from one goroutine, in the order in which push services answer.
//
// It takes the next job only when it can be sent, so that jobs may read subscriptions in pages, and a sign-in that ends
// meanwhile is not written to any more. A push service that wants less gets nothing: its other messages fail at once
// with the same Until, and hold up nobody else's.
//
// The error is that of a context which ended first. Jobs that were not begun by then are not told of.
func (s *Service) SendAll(ctx context.Context, jobs iter.Seq[Job], each func(Job, error)) error {
	type result struct {
		Job
		err error
	}
	todo, done := make(chan Job), make(chan result)
	go func() {
		defer close(todo)
		for j := range jobs {
			select {
			case todo <- j:
			case <-ctx.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for j := range todo {
				done <- result{j, s.hand(ctx, j.To, j.Message)}
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	var all []sent
	for r := range done {
		each(r.Job, r.err)
		if all = append(all, sent{r.To.Endpoint, r.err}); len(all) == noted {
			s.note(ctx, all)
			all = all[:0]
		}
	}
	s.note(ctx, all)
	return ctx.Err()
}
