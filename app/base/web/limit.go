package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/who"
)

// Limits count what can be guessed or is costly: codes, passwords, links,
// uploads. Reading and confirming have none, since a whole city opens its
// closure at seven o'clock.
type Limits struct {
	Now func() time.Time

	mu   sync.Mutex
	past map[string]tries
}

// tries are those that count, oldest first.
type tries struct {
	at []time.Time
	in time.Duration // of the limit
}

// A Limit allows so many tries within a time.
type Limit struct {
	Name string
	N    int
	In   time.Duration
}

// Take counts a try of key, or returns a TooMany fault that says when to come back.
func (l *Limits) Take(limit Limit, key string) error {
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.past == nil {
		l.past = map[string]tries{}
	}
	if len(l.past) > 10_000 { // forget what has run out
		for k, t := range l.past {
			if now.Sub(t.at[len(t.at)-1]) > t.in {
				delete(l.past, k)
			}
		}
	}
	k := limit.Name + " " + key
	ts := l.past[k].at
	// A try that is yet to come was made while the clock was ahead: it must not lock anybody out for years.
	for len(ts) > 0 && (now.Sub(ts[0]) >= limit.In || ts[0].Sub(now) > limit.In) {
		ts = ts[1:]
	}
	if len(ts) >= limit.N {
		l.past[k] = tries{ts, limit.In}
		wait := limit.In - now.Sub(ts[0])
		if wait > 2*time.Hour {
			return fault.New(fault.TooMany, "Das waren zu viele Versuche. In %d Stunden geht es wieder.", int((wait+time.Hour-1)/time.Hour))
		}
		return fault.New(fault.TooMany, "Das waren zu viele Versuche. In %d Minuten geht es wieder.", int(wait.Minutes())+1)
	}
	l.past[k] = tries{append(ts, now), limit.In}
	return nil
}

// Forget takes back the tries of a key, after one that was right.
func (l *Limits) Forget(limit Limit, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.past, limit.Name+" "+key)
}

// Prefix is the network a request comes from: /24 or /48, since one household
// or office shares one, and one attacker has many addresses in it.
func Prefix(r *http.Request) string { return who.Network(Address(r)) }

// Address is where a request comes from; "": nobody knows. What proxies say about it has been read and taken away by
// base/front before.
func Address(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || at.Addr().IsUnspecified() {
		return ""
	}
	return at.Addr().Unmap().WithZone("").String()
}
