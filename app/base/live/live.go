// Package live tells open pages that something has changed.
//
// It carries no content: a page that hears of a change fetches itself anew, so
// that its rights are checked where they always are.
//
// Events are counted. Every page carries a mark: the number at which it was
// made, before its data were read. Its stream begins there, and begins again
// where it broke, so that nothing is missed. Since only "something has changed"
// is told, the hub needs no list of events: it remembers for each unit and
// person the number of the last one.
package live

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"nestfunk/app/base/who"
)

// An Event says whom a change concerns. The zero Event concerns nobody.
type Event struct {
	Units  []int64 // whoever has a role that reaches one of these
	Held   []int64 // whoever holds a role of the team at one of these
	Person int64   // whose own pages look again who they are; 0: nobody
	Rights bool    // rights have changed: everybody is to look who they are
}

// A topic is what a page listens to.
type topic struct {
	kind kind
	id   int64 // of the unit or person; 0 for rights
}

type kind byte

const (
	reached kind = iota
	held
	person
	rights
)

func (e Event) topics() (all []topic) {
	for _, u := range e.Units {
		all = append(all, topic{reached, u})
	}
	for _, u := range e.Held {
		all = append(all, topic{held, u})
	}
	if e.Person != 0 {
		all = append(all, topic{person, e.Person})
	}
	if e.Rights {
		all = append(all, topic{rights, 0})
	}
	return all
}

// A Hub knows the open pages.
type Hub struct {
	run   string       // tells the marks of this hub from those of the process before
	count atomic.Int64 // of events

	mu   sync.Mutex
	last map[topic]int64 // the number of the latest event
	open map[topic]map[*Listener]bool
}

// New is a hub that has heard of nothing.
func New() *Hub {
	return &Hub{run: rand.Text()[:8], last: map[topic]int64{}, open: map[topic]map[*Listener]bool{}}
}

// Mark names this moment: whatever is published later is told to a page that begins here. What was published before is
// in the database, and is seen by whoever reads it after this call.
func (h *Hub) Mark() string { return h.mark(h.count.Load()) }

func (h *Hub) mark(n int64) string { return h.run + "-" + strconv.FormatInt(n, 36) }

// parse is the number of a mark; false for one that is not of this hub.
func (h *Hub) parse(mark string) (int64, bool) {
	digits, ok := strings.CutPrefix(mark, h.run+"-")
	n, err := strconv.ParseInt(digits, 36, 64)
	return n, ok && err == nil && n >= 0 && n <= h.count.Load()
}

// Publish tells every page that the event concerns. It waits for none.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.count.Add(1)
	for _, t := range e.topics() {
		h.last[t] = n
		for l := range h.open[t] {
			l.hear(t)
		}
	}
}

// News is what a page has not been told yet.
type News struct {
	Changed bool   // what it shows
	Rights  bool   // perhaps who its viewer is
	Mark    string // all before it is told with this
}

// A Listener is one open page.
type Listener struct {
	hub    *Hub
	c      chan struct{}
	topics []topic
	news   News // without Mark; guarded by the hub's mu
}

// Listen adds an open page. Its first news are what has happened since a mark; "" is now, and after a mark that the hub
// does not know anything may have happened.
func (h *Hub) Listen(v who.Viewer, reach []int64, since string) *Listener {
	l := &Listener{hub: h, c: make(chan struct{}, 1)}
	l.Move(v, reach, since)
	return l
}

// Move has the page listen to what concerns its viewer as looked up after a mark. Reach are the units that the viewer's
// roles reach.
func (l *Listener) Move(v who.Viewer, reach []int64, since string) {
	topics := []topic{{rights, 0}, {person, v.ID}}
	for _, u := range reach {
		topics = append(topics, topic{reached, u})
	}
	for _, u := range v.Units(who.Team | who.Of(who.Tablet)) {
		topics = append(topics, topic{held, u})
	}
	h := l.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	l.leave()
	l.topics = topics
	for _, t := range topics {
		if h.open[t] == nil {
			h.open[t] = map[*Listener]bool{}
		}
		h.open[t][l] = true
	}
	n, ok := h.parse(since)
	switch {
	case ok:
		for _, t := range topics {
			if h.last[t] > n {
				l.hear(t)
			}
		}
	case since == "":
		l.hear(topic{rights, 0}) // they may have changed since the viewer was looked up
	default:
		l.hear(topic{person, v.ID})
	}
}

// Close forgets the page.
func (l *Listener) Close() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.leave()
}

func (l *Listener) leave() {
	for _, t := range l.topics {
		delete(l.hub.open[t], l)
		if len(l.hub.open[t]) == 0 {
			delete(l.hub.open, t)
		}
	}
}

func (l *Listener) hear(t topic) {
	l.news.Changed = l.news.Changed || t.kind != rights
	l.news.Rights = l.news.Rights || t.kind == rights || t.kind == person
	select {
	case l.c <- struct{}{}:
	default: // it has not yet looked at what waits
	}
}

// C receives when there are News.
func (l *Listener) C() <-chan struct{} { return l.c }

// News hands over what waits.
func (l *Listener) News() News {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	n := l.news
	n.Mark = l.hub.mark(l.hub.count.Load())
	l.news = News{}
	return n
}
