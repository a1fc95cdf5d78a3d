package tablet

import (
	"context"
	"net/http"
	"sync"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Hash makes a string of a secret that can be kept, and Fits compares it with what was typed.
type (
	Hash func(ctx context.Context, secret string) (string, error)
	Fits func(ctx context.Context, kept, typed string) (bool, error)
)

// Turns are who is at which tablet, in memory: a restart locks them all.
type turns struct {
	now func() time.Time
	mu  sync.Mutex
	at  map[int64]turn // by tablet
}

type turn struct {
	person int64
	used   time.Time
}

// who is who is at a tablet; 0: nobody, or not any more. Used tells that it is the person who asks, not the page.
func (t *turns) who(tablet int64, used bool) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, ok := t.at[tablet]
	now := t.now()
	if !ok || now.Sub(x.used) >= idle {
		delete(t.at, tablet)
		return 0
	}
	if used {
		t.at[tablet] = turn{x.person, now}
	}
	return x.person
}

func (t *turns) begin(tablet, person int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = map[int64]turn{}
	}
	t.at[tablet] = turn{person, t.now()}
}

func (t *turns) end(tablet int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.at, tablet)
}

// viewer is a tablet as one who asks: with the person who is at it, if anybody is and still works with the group. One
// that has ended is a tablet without a group.
func (f *feature) viewer(r *http.Request) (v who.Viewer, ok bool, err error) {
	c, err := r.Cookie(f.cookie())
	if err != nil || len(c.Value) != len(newDevice()) {
		return v, false, nil
	}
	byItself := r.Header.Get("X-Live") != "" || r.URL.Path == "/strom" || r.URL.Query().Has("ruhe")
	now := f.Now()
	err = f.DB.Read(context.WithoutCancel(r.Context()), func(tx *store.Tx) error {
		t, err := of(tx, c.Value)
		if err != nil {
			return err
		}
		if ok = true; t.Ended(now) {
			v = who.Viewer{Tablet: t.ID, Lang: "de"}
			return nil
		}
		if id := f.turns.who(t.ID, !byItself); id != 0 {
			can, err := org.Manages(tx, id, t.Unit, workers, now)
			if err != nil {
				return err
			}
			if can {
				if v, err = org.Viewer(tx, id, now); err != nil {
					return err
				}
			}
		}
		v.Tablet, v.Lang, v.Holds, v.Shared = t.ID, "de", []who.Holding{{Role: who.Tablet, Unit: t.Unit}}, true
		return nil
	})
	if fault.KindOf(err) == fault.NotFound { // nobody's cookie
		return who.Viewer{}, false, nil
	}
	return v, ok, err
}
