package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A door is a gate before a house where everything takes a while.
type door struct {
	*gate
	h http.Handler

	mu       sync.Mutex
	in, most int
	waits    map[string][]time.Duration // of those who were answered, by name
	refused  map[string][]time.Duration
}

func newDoor(places int, takes time.Duration) *door {
	d := &door{gate: newGate(time.Now, places), waits: map[string][]time.Duration{}, refused: map[string][]time.Duration{}}
	d.busy = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	d.h = d.around(&Route{Method: "GET", Path: "/"}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.in++
		d.most = max(d.most, d.in)
		d.mu.Unlock()
		time.Sleep(takes)
		d.mu.Lock()
		d.in--
		d.mu.Unlock()
		_, _ = io.WriteString(w, "ok")
	}))
	return d
}

// ask sends one request; from is an address, "": this machine.
func (d *door) ask(name, method, from string, session bool) {
	r := httptest.NewRequest(method, "/", nil)
	r.RemoteAddr = "127.0.0.1:1"
	if from != "" {
		r.RemoteAddr = from + ":1"
	}
	if session {
		r.AddCookie(&http.Cookie{Name: "sid", Value: "x"})
	}
	at, w := time.Now(), httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	d.mu.Lock()
	defer d.mu.Unlock()
	if took := time.Since(at); w.Code == http.StatusOK {
		d.waits[name] = append(d.waits[name], took)
	} else {
		d.refused[name] = append(d.refused[name], took)
	}
}

// flood has requests come at a rate, for a while.
func (d *door) flood(wg *sync.WaitGroup, each, during time.Duration, ask func(i int)) {
	wg.Go(func() {
		for i := range int(during / each) {
			wg.Go(func() { ask(i) })
			time.Sleep(each)
		}
	})
}

// A thousand pages that hear of one change are a burst: nobody is sent away.
func TestGateServesABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(32, 15*time.Millisecond)
		var wg sync.WaitGroup
		for range 1_000 {
			wg.Go(func() { d.ask("page", "GET", "", true) })
		}
		wg.Wait()
		if len(d.waits["page"]) != 1_000 || d.most != 32 {
			t.Errorf("%d of 1000 were served, at most %d at a time", len(d.waits["page"]), d.most)
		}
	})
}

// Five hundred votes within a moment are a burst that may take longer than who only looks would wait. A secret one comes
// without a session.
func TestGateServesFormsOfABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(16, 60*time.Millisecond)
		var wg sync.WaitGroup
		for i := range 500 {
			wg.Go(func() { d.ask("vote", "POST", "", i%2 == 0) })
		}
		wg.Wait()
		if n := len(d.refused["vote"]); n > 0 {
			t.Errorf("%d of 500 votes were sent away", n)
		}
	})
}

// At four times what the house can do, the excess learns so at once, what is served is served soon, forms go first, and
// neither pages nor strangers are shut out.
func TestGateInOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(10, 10*time.Millisecond) // a thousand a second
		var wg sync.WaitGroup
		d.flood(&wg, time.Second/400, 8*time.Second, func(int) { d.ask("form", "POST", "", true) })
		d.flood(&wg, time.Second/2_000, 8*time.Second, func(int) { d.ask("page", "GET", "", true) })
		d.flood(&wg, time.Second/2_000, 8*time.Second, func(int) { d.ask("stranger", "GET", "", false) })
		wg.Wait()
		served := 0
		for name, all := range d.waits {
			served += len(all)
			for _, took := range all {
				if took > time.Second {
					t.Fatalf("a %s was answered after %s", name, took)
				}
			}
		}
		if served < 7_500 || d.most > 10 {
			t.Errorf("%d answered in 8 s, %d at a time", served, d.most)
		}
		late := 0
		for _, took := range append(d.refused["page"], d.refused["stranger"]...) {
			if took > hasty {
				late++
			}
		}
		if all := len(d.refused["page"]) + len(d.refused["stranger"]); all < 20_000 || late > all/3 { // those of the first two seconds
			t.Errorf("%d sent away, %d of them after more than %s", all, late, hasty)
		}
		if n := len(d.refused["form"]); n > len(d.waits["form"])/20 {
			t.Errorf("%d of %d forms were sent away", n, n+len(d.waits["form"]))
		}
		if a, b := len(d.waits["page"]), len(d.waits["stranger"]); a < 500 || b < 500 || a < b {
			t.Errorf("%d pages and %d strangers were served", a, b)
		}
	})
}

// Who floods from one address goes behind everybody else; a town hall behind one address that is alone has all places.
func TestGateSharesByAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(10, 10*time.Millisecond)
		var wg sync.WaitGroup
		d.flood(&wg, time.Second/4_000, 6*time.Second, func(int) { d.ask("flood", "POST", "203.0.113.7", true) })
		d.flood(&wg, time.Second/400, 6*time.Second, func(i int) { d.ask("others", "GET", fmt.Sprintf("198.18.%d.1", i%250), true) })
		wg.Wait()
		if n := len(d.refused["others"]); n > len(d.waits["others"])/50 {
			t.Errorf("%d of %d others were sent away because of one address", n, n+len(d.waits["others"]))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(10, 10*time.Millisecond)
		var wg sync.WaitGroup
		d.flood(&wg, time.Second/950, 2*time.Second, func(int) { d.ask("hall", "GET", "203.0.113.7", true) })
		wg.Wait()
		if n := len(d.refused["hall"]); n > 0 {
			t.Errorf("a town hall within what the house can do: %d sent away", n)
		}
		if len(d.held) != 0 || d.free != 10 {
			t.Errorf("places left behind: %v, %d free", d.held, d.free)
		}
	})
}

// A slow is a client that neither sends nor takes.
type slow struct {
	http.ResponseWriter
	cut  chan struct{}
	once sync.Once
}

func (s *slow) SetReadDeadline(time.Time) error  { s.once.Do(func() { close(s.cut) }); return nil }
func (s *slow) SetWriteDeadline(time.Time) error { s.once.Do(func() { close(s.cut) }); return nil }
func (s *slow) Read([]byte) (int, error)         { <-s.cut; return 0, io.ErrUnexpectedEOF }
func (s *slow) Write([]byte) (int, error)        { <-s.cut; return 0, io.ErrShortWrite }
func (s *slow) Close() error                     { return nil }

// Slow clients hold no place, and not for long.
func TestGateAndSlowClients(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"body":   func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) },
		"answer": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 4_000)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate(time.Now, 1)
				g.busy = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
				at, sent := g.around(nil, h), time.Now()
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						s := &slow{ResponseWriter: httptest.NewRecorder(), cut: make(chan struct{})}
						at.ServeHTTP(s, httptest.NewRequest("POST", "/", s))
					})
				}
				time.Sleep(9 * time.Second)
				w := httptest.NewRecorder()
				g.around(nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
				if w.Code != 200 || time.Since(sent) > 9*time.Second {
					t.Errorf("while 20 are slow, another gets %d after %s", w.Code, time.Since(sent)-9*time.Second)
				}
				wg.Wait()
				if took := time.Since(sent); took > 12*time.Second {
					t.Errorf("the slow ones were cut after %s", took)
				}
				if g.free != 1 || len(g.held) != 0 {
					t.Errorf("%d places of 1 are free, held %v", g.free, g.held)
				}
			})
		})
	}
}

// Bodies larger than a form come in only so many at a time.
func TestGateAndLargeBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(time.Now, 4)
		refused := 0
		g.busy = func(w http.ResponseWriter, _ *http.Request) { refused++; w.WriteHeader(http.StatusServiceUnavailable) }
		at := g.around(nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) }))
		var wg sync.WaitGroup
		for i := range mostLarge + 2 {
			if i == mostLarge {
				synctest.Wait()
			}
			s := &slow{ResponseWriter: httptest.NewRecorder(), cut: make(chan struct{})}
			r := httptest.NewRequest("POST", "/", s)
			if r.ContentLength = -1; i%2 == 0 {
				r.ContentLength = 1 << 20
			}
			if i < mostLarge {
				wg.Go(func() { at.ServeHTTP(s, r) })
			} else {
				at.ServeHTTP(s, r)
			}
		}
		if refused != 2 {
			t.Errorf("%d refused, want 2", refused)
		}
		wg.Wait()
	})
}

// Who is sent away gets a small page, and a script a line; health and streams pass.
func TestBusyHouse(t *testing.T) {
	s := &Site{Now: time.Now, Base: &url.URL{Scheme: "https", Host: "example.org"}}
	g := newGate(time.Now, 1)
	g.busy = s.tooBusy(g)
	g.free = 0
	g.waits = mostWait
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	get := func(rt *Route, method string, header ...string) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest(method, "/", nil), httptest.NewRecorder()
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		g.around(rt, ok).ServeHTTP(w, r)
		return w
	}
	browser := []string{"Accept", "text/html,*/*;q=0.8", "Accept-Encoding", "gzip, br", "Accept-Language", "de-DE"}
	for _, method := range []string{"GET", "POST"} {
		w := get(&Route{Path: "/"}, method, browser...)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" || w.Body.Len() > 3_000 {
			t.Errorf("%s: %d %v with %d bytes", method, w.Code, w.Header(), w.Body.Len())
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		if !strings.Contains(page, "Gerade ist viel los") || !strings.Contains(page, "app.css") && !strings.Contains(page, "app-") ||
			strings.Contains(page, "Laden Sie diese Seite neu") != (method == "POST") || strings.Contains(page, "Noch einmal versuchen") != (method == "GET") {
			t.Errorf("%s: %s", method, page)
		}
	}
	if w := get(&Route{Path: "/"}, "GET", append(browser[:4:4], "Accept-Language", "tr")...); w.Body.Len() < 500 || w.Code != 503 {
		t.Errorf("Turkish: %d", w.Code)
	}
	for _, script := range []string{"X-Live", "X-Fragment"} {
		if w := get(nil, "POST", append(browser, script, "1")...); w.Code != 503 || !strings.HasPrefix(w.Body.String(), "Sehr viele Menschen") || w.Body.Len() > 200 {
			t.Errorf("%s: %d %s", script, w.Code, w.Body)
		}
	}
	for _, rt := range []*Route{{Path: healthPath}, {Path: metricsPath}, {Path: "/strom", open: true}} {
		if w := get(rt, "GET"); w.Code != 200 {
			t.Errorf("%s: %d", rt.Path, w.Code)
		}
	}
}
