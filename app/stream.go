package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

const (
	keepEvery  = 25 * time.Second       // proxies close what is silent for a minute, phones earlier
	restBefore = 500 * time.Millisecond // between two changes: a city that confirms at seven must not reload a page 100 times a second
)

// stream tells an open page, as server-sent events, that something has changed. It carries no content.
//
// It begins where the page was made, ?seit=MARK, or where it broke, Last-Event-ID; each message has the mark up to
// which all has been told.
func (a *App) stream(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	since := r.Header.Get("Last-Event-ID")
	if since == "" {
		since = r.URL.Query().Get("seit")
	}
	reach, err := a.reach(r.Context(), v)
	if err != nil {
		return err
	}
	s := &listener{app: a, r: r, w: w, rc: http.NewResponseController(w), v: v, page: a.house.Live.Listen(v, reach, since)}
	defer s.page.Close()
	// The server's deadlines for a request would end the stream. A test's recorder has none.
	_ = s.rc.SetReadDeadline(time.Time{})
	_ = s.rc.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	// Pages come back one by one after a restart, not all in the same second.
	if !s.write(fmt.Sprintf("retry: %d\n: ok\n\n", 2000+v.ID*7919%6000)) {
		return nil
	}
	keep := time.NewTicker(keepEvery)
	defer keep.Stop()
	heard, rested := s.page.C(), (<-chan time.Time)(nil)
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-a.closing:
			return nil
		case <-rested:
			heard, rested = s.page.C(), nil
		case <-heard:
			if !s.tell(s.page.News()) {
				return nil
			}
			heard, rested = nil, time.After(restBefore)
		case <-keep.C:
			news := s.page.News()
			news.Rights = true // a term or a session may have ended by itself
			if !s.tell(news) {
				return nil
			}
		}
	}
}

// reach lists the units that the viewer's roles reach, and the committees in which these give a seat.
func (a *App) reach(ctx context.Context, v who.Viewer) (units []int64, err error) {
	if v.Tablet != 0 {
		return v.Units(who.Of(who.Tablet)), nil
	}
	err = a.house.DB.Read(context.WithoutCancel(ctx), func(tx *store.Tx) (err error) {
		if units, err = a.people.Reach(tx, v); err != nil {
			return err
		}
		seats, err := committee.ByRole(tx, v)
		units = append(units, seats...)
		return err
	})
	return units, err
}

// A listener is one open stream.
type listener struct {
	app  *App
	r    *http.Request
	w    http.ResponseWriter
	rc   *http.ResponseController
	v    who.Viewer
	page *live.Listener
}

// tell passes news on, or that there are none. It reports whether the stream goes on.
func (s *listener) tell(news live.News) bool {
	if news.Rights {
		is, same := s.look()
		if !is {
			s.write(change(news)) // the page looks for itself, and learns that it may no longer
			return false
		}
		news.Changed = news.Changed || !same
	}
	if !news.Changed {
		return s.write("id: " + news.Mark + "\n: keep\n\n")
	}
	return s.write(change(news))
}

func change(news live.News) string { return "id: " + news.Mark + "\nevent: change\ndata: 1\n\n" }

// look finds out who the stream speaks to now: is it still somebody, and with the same roles?
func (s *listener) look() (is, same bool) {
	mark := s.app.house.Live.Mark()
	var v who.Viewer
	var err error
	if s.v.Tablet != 0 {
		v, err = s.app.viewer(s.r)
	} else {
		v, err = s.app.look(context.WithoutCancel(s.r.Context()), s.v.Session, false)
	}
	if err != nil || v.ID != s.v.ID || v.Tablet != s.v.Tablet || v.Half != s.v.Half || len(v.Holds) == 0 && len(s.v.Holds) > 0 {
		return false, false
	}
	reach, err := s.app.reach(s.r.Context(), v)
	if err != nil {
		return false, false
	}
	same = slices.Equal(v.Holds, s.v.Holds)
	s.v = v
	s.page.Move(v, reach, mark)
	return true, same
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
