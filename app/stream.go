package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

const (
	keepEvery  = 25 * time.Second       // proxies close what is silent for a minute, phones earlier
	restBefore = 500 * time.Millisecond // between two changes: a city that confirms at seven must not reload a page 100 times a second
	backlog    = 8                      // events that may wait; after more, anything may have happened
)

// stream tells an open page, as server-sent events, that something has changed. It carries no content.
func (a *App) stream(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	s := &listener{app: a, r: r, w: w, rc: http.NewResponseController(w), c: make(chan live.Event, backlog)}
	if err := s.join(v); err != nil {
		return err
	}
	defer func() { s.leave() }()
	// The server's deadline for reading a request would end the stream. A test's recorder has none.
	_ = s.rc.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	// Pages come back one by one after a restart, not all in the same second. The id tells a
	// page that comes back from a new one: it may have missed something.
	first := fmt.Sprintf("id: 1\nretry: %d\n: ok\n\n", 2000+v.ID*7919%6000)
	if r.Header.Get("Last-Event-ID") != "" {
		first += change
	}
	if !s.write(first) {
		return nil
	}
	keep := time.NewTicker(keepEvery)
	defer keep.Stop()
	events, rested := s.c, (<-chan time.Time)(nil)
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-a.closing:
			return nil
		case <-rested:
			events, rested = s.c, nil
		case e := <-events:
			if !s.tell(e) {
				return nil
			}
			events, rested = nil, time.After(restBefore)
		case <-keep.C:
			if !s.write(": keep\n\n") {
				return nil
			}
		}
	}
}

const change = "event: change\ndata: 1\n\n"

// A listener is one open stream.
type listener struct {
	app   *App
	r     *http.Request
	w     http.ResponseWriter
	rc    *http.ResponseController
	v     who.Viewer
	c     chan live.Event
	leave func()
}

// join has the hub know the stream as one of v; it knows it twice for a moment rather than not at all.
func (s *listener) join(v who.Viewer) error {
	reach := map[int64]bool{}
	err := s.app.house.DB.Read(context.WithoutCancel(s.r.Context()), func(tx *store.Tx) error {
		ids, err := org.Reach(tx, v.ID, s.app.house.Now())
		for _, id := range ids {
			reach[id] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	old := s.leave
	s.v, s.leave = v, s.app.house.Live.Join(&live.Listener{Viewer: v, Reach: reach, C: s.c})
	if old != nil {
		old()
	}
	return nil
}

// tell passes on an event and all that wait behind it. It reports whether the stream goes on.
func (s *listener) tell(e live.Event) bool {
	rights, n := e.Rights, 1
	for waiting := true; waiting; {
		select {
		case e := <-s.c:
			rights, n = rights || e.Rights, n+1
		default:
			waiting = false
		}
	}
	if !rights && n < backlog {
		return s.write(change)
	}
	v, err := s.app.look(context.WithoutCancel(s.r.Context()), s.v.Session, false)
	if err != nil || v.ID != s.v.ID || len(v.Holds) == 0 && len(s.v.Holds) > 0 {
		s.write(change) // the page looks for itself, and learns that it may no longer
		return false
	}
	same := n == 1 && slices.Equal(v.Holds, s.v.Holds)
	if err := s.join(v); err != nil {
		return false
	}
	return same || s.write(change)
}

func (s *listener) write(text string) bool {
	// A phone that left the network without a word must not hold us for long. The house's clock may stand still, so a
	// timer ends the write, with a deadline of long ago.
	stuck := time.AfterFunc(20*time.Second, func() { _ = s.rc.SetWriteDeadline(time.Unix(1, 0)) })
	defer stuck.Stop()
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.rc.Flush() == nil
}
