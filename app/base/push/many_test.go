package push_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/push"
)

// TestSendAll: many messages, of which some fail, each told of once.
func TestSendAll(t *testing.T) {
	h := open(t)
	s := h.PushService(t)
	const n = 1200
	var subs []push.Subscription
	var mu sync.Mutex
	var under, most int         // way
	full := make(chan struct{}) // closed when as many are under way as may be
	once := sync.OnceFunc(func() { close(full) })
	count := func(d int) int {
		mu.Lock()
		defer mu.Unlock()
		under += d
		most = max(most, under)
		return under
	}
	taken := func(w http.ResponseWriter, r *http.Request) {
		if count(1) == 128 {
			once()
		}
		defer count(-1)
		select {
		case <-full:
			w.WriteHeader(201)
		case <-r.Context().Done():
		}
	}
	ada, cem, dana := s.Browser(apptest.PushAnswer(410)), s.Browser(taken), s.Browser(taken)
	h.subscribe(apptest.Ada, h.signIn(apptest.Ada), ada)
	h.subscribe(apptest.Cem, h.signIn(apptest.Cem), cem)
	h.subscribe(apptest.Dana, h.signIn(apptest.Dana), dana)
	subs = append(subs, h.parse(ada), h.parse(cem))
	for i := len(subs); i < n-1; i++ {
		answer := taken
		if i%100 == 0 {
			answer = apptest.PushAnswer(500)
		}
		subs = append(subs, h.parse(s.Browser(answer)))
	}
	subs = append(subs, h.parse(dana))
	jobs := func(yield func(push.Job) bool) {
		for i, sub := range subs {
			m := news()
			m.Title = fmt.Sprint(i)
			if !yield(push.Job{To: sub, Message: m, Ref: int64(i)}) {
				return
			}
		}
	}
	told, results := map[int64]int{}, map[string]int{}
	err := h.Push.SendAll(t.Context(), jobs, func(j push.Job, err error) {
		told[j.Ref]++
		if j.To.Endpoint != subs[j.Ref].Endpoint {
			t.Errorf("job %d came back with another subscription", j.Ref)
		}
		switch {
		case err == nil:
			results["taken"]++
		case push.Gone(err):
			results["gone"]++
		case !push.Refused(err):
			results["later"]++
		default:
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != n || results["gone"] != 1 || results["later"] != 11 || results["taken"] != n-12 {
		t.Errorf("told of %d: %v", len(told), results)
	}
	for ref, times := range told {
		if times != 1 {
			t.Errorf("job %d was told of %d times", ref, times)
		}
	}
	if most != 128 {
		t.Errorf("%d at the same time", most)
	}
	if got := cem.Titles(); !slices.Equal(got, []string{"1"}) {
		t.Errorf("Cem got %q", got)
	}
	if len(h.of(apptest.Ada)) != 0 {
		t.Error("what is gone was not forgotten")
	}
	if all := h.of(apptest.Cem, apptest.Dana); len(all) != 2 || !all[0].Handed.Equal(h.Now()) || !all[1].Handed.Equal(h.Now()) {
		t.Errorf("Cem and Dana: %+v", all)
	}
}

// TestSendAllStops: a push service that wants less holds up nobody, and an end of the context ends all.
func TestSendAllStops(t *testing.T) {
	h := open(t)
	s := h.PushService(t)
	many := func(n int, b *apptest.PushBrowser) iter.Seq[push.Job] {
		return func(yield func(push.Job) bool) {
			for range n {
				if !yield(push.Job{To: h.parse(b), Message: news()}) {
					return
				}
			}
		}
	}
	busy := s.Browser(apptest.PushAnswer(429, "Retry-After", "30"))
	n := 0
	err := h.Push.SendAll(t.Context(), many(1000, busy), func(_ push.Job, err error) {
		n++
		if !push.Until(err).Equal(h.Now().Add(30 * time.Second)) {
			t.Error(err)
		}
	})
	if err != nil || n != 1000 {
		t.Errorf("told of %d: %v", n, err)
	}
	if asked := len(busy.Got()); asked == 0 || asked > 128 {
		t.Errorf("asked %d times after it had wanted less", asked)
	}

	h.Clock.Add(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	var once sync.Once
	hangs := s.Browser(func(_ http.ResponseWriter, r *http.Request) {
		once.Do(cancel)
		<-r.Context().Done()
	})
	n = 0
	err = h.Push.SendAll(ctx, many(1_000_000, hangs), func(_ push.Job, err error) {
		n++
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	if !errors.Is(err, context.Canceled) || n == 0 || n > 10_000 {
		t.Errorf("told of %d: %v", n, err)
	}
}
