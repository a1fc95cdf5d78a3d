// Package live tells open pages that something has changed.
//
// It carries no content: a page that hears of a change fetches itself anew, so
// that its rights are checked where they always are.
package live

import (
	"slices"
	"sync"

	"nestfunk/app/base/who"
)

// An Event says whom a change concerns. The zero Event concerns nobody.
type Event struct {
	Units  []int64 // whoever has a role that reaches one of these
	Held   []int64 // whoever holds a role of the team at one of these
	Person int64
	Rights bool // rights have changed: everybody is to look who they are
}

// A Listener is one open page.
type Listener struct {
	Viewer who.Viewer
	Reach  map[int64]bool // units that the viewer's roles reach
	C      chan Event     // of capacity 1 or more; an event that does not fit is covered by the one that waits
}

func (l *Listener) concerns(e Event) bool {
	return e.Rights || e.Person != 0 && e.Person == l.Viewer.ID ||
		slices.ContainsFunc(e.Units, func(u int64) bool { return l.Reach[u] }) ||
		slices.ContainsFunc(l.Viewer.Holds, func(h who.Holding) bool { return who.Team.Has(h.Role) && slices.Contains(e.Held, h.Unit) })
}

// A Hub knows the open pages. The zero Hub is ready to use.
type Hub struct {
	mu   sync.Mutex
	open map[*Listener]bool
}

// Join adds a page; the function that it returns removes it again.
func (h *Hub) Join(l *Listener) (leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = map[*Listener]bool{}
	}
	h.open[l] = true
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.open, l)
	}
}

// Publish tells every page that the event concerns.
func (h *Hub) Publish(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.open {
		if l.concerns(e) {
			select {
			case l.C <- e:
			default:
			}
		}
	}
}
