package web

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"nestfunk/app/base/who"
)

// A gate lets so many requests be worked on at a time, has others wait for a moment, and sends away what is too much. It
// holds no place while the house waits for a client: neither while a body comes in nor while an answer goes out. So slow
// clients cost no places.
//
// It is the adaptive LIFO with controlled delay of B. Maurer, "Fail at Scale", ACM Queue 13 (2015) no. 8, after CoDel (RFC
// 8289). A queue that empties again and again is a burst, such as a thousand pages that hear of one change: all are served,
// in their order. A queue that does not is overload: then a short wait is all there is, and the newest goes first, since who
// has waited long has given up. Of those who wait, a form with a session goes first, then pages with one, then all others,
// crawlers among them. Who has half of the places from one address goes behind everybody else: that shuts nobody out, also
// not a town hall behind one address.
type gate struct {
	now func() time.Time

	mu       sync.Mutex
	free     int
	share    int // of the places: half
	held     map[string]int
	waiting  [ranks][]*turn // oldest first
	queued   map[string]int // of them, by address
	waits    int
	standing time.Time // since when somebody has been waiting; zero: nobody is
	served   int
	refused  int // in all; told of them the log has
	told     int
	said     time.Time

	large chan struct{} // bodies that are more than a form
	busy  func(w http.ResponseWriter, r *http.Request)
}

const (
	placesEach = 16                     // requests in work for each processor: some of them wait for the disk
	mostWait   = 4096                   // a thousand pages of a meeting and their forms are a burst; half of them from one address
	mostLarge  = 64                     // bodies above smallBody that come in at a time
	burst      = 2 * time.Second        // as long as the queue may stand before it is overload
	patience   = 700 * time.Millisecond // of those who wait in a burst; a form, a ballot without a session too, has as much as a burst lasts
	hasty      = 50 * time.Millisecond  // and in overload
	smallBody  = 16 << 10
)

// Ranks of those who wait.
const (
	deeds     = iota // forms of somebody with a session: confirmations, absences, messages
	looks            // pages for somebody with a session
	strangers        // all others
	ranks
)

// A turn is somebody who waits.
type turn struct {
	from string        // address; "": nobody knows, or this machine, where a proxy may be
	open chan struct{} // closed when it is their turn
}

func newGate(now func() time.Time, places int) *gate {
	return &gate{now: now, free: places, share: max(1, places/2), held: map[string]int{}, queued: map[string]int{}, large: make(chan struct{}, mostLarge)}
}

// around lets requests of a route through to h. Streams wait for changes and not for the house: they pass, and so does
// what supervisors ask for.
func (g *gate) around(rt *Route, h http.Handler) http.Handler {
	if rt != nil && (rt.open || rt.Path == healthPath || rt.Path == metricsPath) {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength < 0 || r.ContentLength > smallBody {
			select {
			case g.large <- struct{}{}:
				defer func() { <-g.large }()
			default:
				g.sendAway(w, r)
				return
			}
		}
		control := http.NewResponseController(w)
		if n := r.ContentLength; n > 0 && n <= smallBody { // it is there as a rule, and its sender waits only once
			r = r.WithContext(r.Context()) // the server looks at the body of its own, to know what is unread
			r.Body = g.whole(r.Body, control)
		}
		from := origin(r)
		rank, longest := rankOf(r), patience
		if r.Method == http.MethodPost { // who has done something waits rather than do it again
			longest = burst
		}
		if !g.enter(r.Context(), rank, from, longest) {
			g.sendAway(w, r)
			return
		}
		v := &visit{ResponseWriter: w, gate: g, rank: rank, from: from, inside: true, control: control}
		defer v.leave()
		if rt != nil && rt.stream { // a file may take long; each piece has its time
			_ = v.control.SetWriteDeadline(time.Time{})
		}
		if r.ContentLength < 0 || r.ContentLength > smallBody {
			r = r.WithContext(r.Context())
			r.Body = &arriving{pace: pace{from: r.Body, control: control, now: g.now}, visit: v}
		}
		h.ServeHTTP(v, r)
	})
}

// sendAway asks somebody to come again. What they still want to send is not waited for.
func (g *gate) sendAway(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength < 0 || r.ContentLength > smallBody {
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)) // a recorder in a test has none
	}
	g.busy(w, r)
}

func rankOf(r *http.Request) int {
	switch {
	case !hasSession(r):
		return strangers
	case r.Method == http.MethodPost:
		return deeds
	}
	return looks
}

// hasSession reports whether a request says so. Whether it is true costs a look into the database, which is what there is
// too little of: who invents one is sent behind the others by the address.
func hasSession(r *http.Request) bool {
	for _, name := range []string{"__Host-sid", "sid"} {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			return true
		}
	}
	return false
}

// origin is whom a place is counted for.
func origin(r *http.Request) string {
	a := Address(r)
	if a == "" || loopback(a) {
		return ""
	}
	return who.Network(a)
}

// enter waits for a place, and reports whether there was one.
func (g *gate) enter(ctx context.Context, rank int, from string, longest time.Duration) bool {
	g.mu.Lock()
	if g.free > 0 {
		g.take(from)
		g.mu.Unlock()
		return true
	}
	if g.waits >= mostWait || from != "" && g.queued[from] >= mostWait/2 {
		g.refuse()
		g.mu.Unlock()
		return false
	}
	t := g.queue(rank, from)
	g.mu.Unlock()

	timer := time.NewTimer(hasty)
	defer timer.Stop()
	for waited := hasty; ; waited += patience - hasty {
		select {
		case <-t.open:
			return true
		case <-ctx.Done():
			return g.giveUp(rank, t)
		case <-timer.C:
			g.mu.Lock()
			over := g.overloaded()
			g.mu.Unlock()
			if over || waited >= longest {
				return g.giveUp(rank, t)
			}
			timer.Reset(patience - hasty)
		}
	}
}

// giveUp takes somebody out of the queue, and reports whether they had been let in meanwhile.
func (g *gate) giveUp(rank int, t *turn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.remove(rank, t) {
		return true
	}
	g.refuse()
	return false
}

// again is enter for somebody who has left in between and is owed an answer: who has waited in vain gets a place on top.
func (g *gate) again(rank int, from string) {
	g.mu.Lock()
	if g.free > 0 {
		g.take(from)
		g.mu.Unlock()
		return
	}
	t := g.queue(rank, from)
	g.mu.Unlock()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-t.open:
	case <-timer.C:
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.remove(rank, t) {
			g.take(from)
		}
	}
}

// queue has somebody wait.
func (g *gate) queue(rank int, from string) *turn {
	t := &turn{from, make(chan struct{})}
	g.waiting[rank] = append(g.waiting[rank], t)
	if from != "" {
		g.queued[from]++
	}
	if g.waits++; g.standing.IsZero() {
		g.standing = g.now()
	}
	return t
}

// remove takes somebody out of the queue, and reports whether they were still in it.
func (g *gate) remove(rank int, t *turn) bool {
	i := slices.Index(g.waiting[rank], t)
	if i < 0 {
		return false
	}
	g.waiting[rank] = slices.Delete(g.waiting[rank], i, i+1)
	if t.from != "" {
		if g.queued[t.from]--; g.queued[t.from] == 0 {
			delete(g.queued, t.from)
		}
	}
	if g.waits--; g.waits == 0 {
		g.standing = time.Time{}
	}
	return true
}

func (g *gate) take(from string) {
	g.free--
	if from != "" {
		g.held[from]++
	}
}

// leave gives a place back, and to whoever is next.
func (g *gate) leave(from string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free++
	if from != "" {
		if g.held[from]--; g.held[from] == 0 {
			delete(g.held, from)
		}
	}
	for g.free > 0 && g.waits > 0 {
		rank, t := g.next()
		g.remove(rank, t)
		g.take(t.from)
		close(t.open)
	}
}

// next chooses among those who wait. Of eight places one is for pages and one for strangers even if there are forms enough:
// a form that is never shown is never sent, and who is signed out wants to come in.
func (g *gate) next() (rank int, t *turn) {
	order := [ranks]int{deeds, looks, strangers}
	switch g.served++; g.served % 8 {
	case 3:
		order = [ranks]int{looks, deeds, strangers}
	case 7:
		order = [ranks]int{strangers, deeds, looks}
	}
	newest := g.overloaded()
	for _, k := range order {
		for j := range g.waiting[k] {
			at := g.waiting[k][j]
			if newest {
				at = g.waiting[k][len(g.waiting[k])-1-j]
			}
			if at.from == "" || g.held[at.from] < g.share {
				return k, at
			}
			if t == nil {
				rank, t = k, at
			}
		}
	}
	return rank, t
}

func (g *gate) overloaded() bool {
	return !g.standing.IsZero() && g.now().Sub(g.standing) > burst
}

// refuse counts who is sent away, and says so now and then: a line for each would be load itself.
func (g *gate) refuse() {
	g.refused++
	if now := g.now(); now.Sub(g.said) >= 10*time.Second {
		slog.Warn("more requests than the house can answer; they were asked to come again", "how many since the last line", g.refused-g.told)
		g.said, g.told = now, g.refused
	}
}

// retryAfter spreads those who come again over some seconds.
func (g *gate) retryAfter() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strconv.Itoa(2 + g.refused%7)
}
