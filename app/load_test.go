//go:build linux

package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// The load of a town of 100,000 inhabitants on its morning, and what may be asked of the house then.
const (
	lookRate, writeRate = 200, 20 // a second
	times               = 20      // of that is overload
	quickly             = 100 * time.Millisecond
	soon                = time.Second
	noisy               = 20 // in a hundred of the processors that others use: then times tell nothing of the house
)

// A town of 100,000 inhabitants uses the house as on a busy morning, then twenty times as much. The client is an open loop,
// and a bare page of net/http is asked in the same run.
//
//	NESTFUNK_LOAD=10m NESTFUNK_FIGURES=1 go test -count 1 -timeout 30m -run '^TestLoad$' -v ./app
func TestLoad(t *testing.T) {
	during := lasting(t, "NESTFUNK_LOAD", 20*time.Second, 3*time.Second)
	town := loadedTown(t)
	s := serve(t, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
	indexed(t, s)
	for _, w := range underLoad(t, s, town, during) {
		t.Error(w)
	}
	for _, w := range overload(t, s, town, min(during, 30*time.Second)+time.Second) {
		t.Error(w)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d: %s", code, tail(s.errs.String()))
	}
}

// underLoad is what was wrong with the answers on a busy morning.
func underLoad(t testing.TB, s *server, town *loaded, during time.Duration) (wrong []string) {
	page := bare(t, 30_000)
	c, b := newClient(t, s.base), newClient(t, page.base)
	c.drive(t.Context(), newTally(), 50, time.Second, town.look) // first uses of everything
	c.wait()
	looks, writes, plain := newTally(), newTally(), newTally()
	others := neighbours(t, s, page)
	b.drive(t.Context(), plain, writeRate, during, func(int) order { return order{name: "bare", path: "/"} })
	c.drive(t.Context(), looks, lookRate, during, town.look)
	c.drive(t.Context(), writes, writeRate, during, town.write)
	c.wait()
	b.wait()
	l, w, p := looks.all(), writes.all(), plain.all()
	for _, y := range []*tally{looks, writes, plain} {
		t.Log(y.words())
		for what, n := range y.wrong {
			wrong = append(wrong, fmt.Sprintf("%d times %s", n, what))
		}
		if n := len(y.refused); n > 0 {
			wrong = append(wrong, fmt.Sprintf("%d requests were sent away on a busy morning", n))
		}
	}
	if want := int(during.Seconds() * lookRate * 0.99); len(l) < want {
		wrong = append(wrong, fmt.Sprintf("%d pages were answered, want %d", len(l), want))
	}
	words := fmt.Sprintf("Seiten: 99 %% in %.0f ms, Eingaben: 99 %% in %.0f ms, daneben eine leere Seite: %.0f ms; %d Anfragen, %d Fehler", ms(at(l, 990)), ms(at(w, 990)), ms(at(p, 990)), len(l)+len(w), len(wrong))
	busy := others()
	t.Logf("%s in %s; others use %d %% of the machine", words, during, busy)
	if busy > noisy {
		t.Logf("others use %d %% of the machine: times tell nothing", busy)
	} else if at(l, 990) > quickly {
		wrong = append(wrong, fmt.Sprintf("99 of 100 pages within %s, want %s; a bare one %s", at(l, 990), quickly, at(p, 990)))
	}
	if len(wrong) == 0 && busy <= noisy {
		apptest.Figure(t, "load", words)
	}
	return wrong
}

// overload is what was wrong at twenty times the load: who is answered is answered soon, everybody else learns at once that
// they have to come again, streams stay open and hear, the house stays healthy, and all is well as soon as it is over.
func overload(t testing.TB, s *server, town *loaded, during time.Duration) (wrong []string) {
	no := func(format string, a ...any) { wrong = append(wrong, fmt.Sprintf(format, a...)) }
	const streams = 50
	heard, ended := attend(t, s.base, streams)
	page := bare(t, 30_000)
	c, b := newClient(t, s.base), newClient(t, page.base)
	others := neighbours(t, s, page)
	looks, writes, plain, health := newTally(), newTally(), newTally(), newTally()
	b.drive(t.Context(), plain, writeRate, during, func(int) order { return order{name: "bare", path: "/"} })
	b2 := newClient(t, s.base)
	b2.drive(t.Context(), health, 10, during, func(int) order { return order{name: "healthy", path: "/gesund"} })
	c.drive(t.Context(), looks, times*lookRate, during, town.look)
	c.drive(t.Context(), writes, times*writeRate, during, town.write)
	c.wait()
	b.wait()
	b2.wait()
	busy := others()
	for _, y := range []*tally{looks, writes, plain, health} {
		for what, n := range y.wrong {
			no("%d times %s", n, what)
		}
	}
	l, w, p, h := looks.all(), writes.all(), plain.all(), health.all()
	refused := append(append([]time.Duration(nil), looks.refused...), writes.refused...)
	slices.Sort(refused)
	away := refused
	share := func(y *tally) float64 { return 100 * float64(len(y.all())) / float64(len(y.all())+len(y.refused)) }
	words := fmt.Sprintf("%.0f von %.0f Anfragen je Sekunde beantwortet, 99 %% der Seiten in %.0f ms und der Eingaben in %.0f ms; die übrigen erfahren es in der Mitte in %.0f ms, zu 99 %% in %.0f ms; daneben eine leere Seite: %.0f ms",
		float64(len(l)+len(w))/during.Seconds(), float64(len(l)+len(w)+len(away))/during.Seconds(), ms(at(l, 990)), ms(at(w, 990)), ms(at(away, 500)), ms(at(away, 990)), ms(at(p, 990)))
	t.Logf("%s; answered: %.0f %% of pages, %.0f %% of forms; healthy in %s, bare in %s; others use %d %% of the machine", words, share(looks), share(writes), at(h, 990), at(p, 990), busy)
	if busy > noisy {
		t.Logf("others use %d %% of the machine: times tell nothing", busy)
	} else {
		if at(l, 990) > soon || at(w, 990) > soon {
			no("99 of 100 that are answered have to wait %s for a page and %s for a form, want %s", at(l, 990), at(w, 990), soon)
		}
		if at(away, 990) > soon {
			no("99 of 100 that are sent away learn it after %s, want %s", at(away, 990), soon)
		}
		if at(h, 990) > soon {
			no("the house says that it is healthy after %s", at(h, 990))
		}
	}
	if n := len(health.refused); n > 0 {
		no("a supervisor was sent away %d times", n)
	}
	if len(away) > 0 && share(writes) < share(looks) {
		no("%.0f %% of forms were answered, but %.0f %% of pages: forms go first", share(writes), share(looks))
	}
	if n := ended(); n > 0 {
		no("%d of %d streams have ended", n, streams)
	}
	if n := heard(); n == 0 {
		no("no open page has heard of anything")
	}
	// As soon as it is over, all is as before.
	after := newTally()
	c.drive(t.Context(), after, lookRate/2, 2*time.Second, town.look)
	c.wait()
	for what, n := range after.wrong {
		no("afterwards, %d times %s", n, what)
	}
	if n := len(after.refused); n > 0 {
		no("afterwards, %d were sent away", n)
	}
	if len(wrong) == 0 && busy <= noisy {
		apptest.Figure(t, "overload", words)
	}
	return wrong
}

// attend has families keep a page open; the functions count what they have heard, and how many have ended.
func attend(t testing.TB, base string, n int) (heard, ended func() int) {
	t.Helper()
	var told, over atomic.Int64
	ready := make(chan bool, n)
	ctx, cancel := context.WithCancel(t.Context())
	tr := &http.Transport{}
	t.Cleanup(func() { cancel(); tr.CloseIdleConnections() })
	for i := range n {
		r, err := http.NewRequestWithContext(ctx, "GET", base+"/strom", nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer over.Add(1)
			res, err := tr.RoundTrip(apptest.Ask(r, apptest.Load.Parent(i*31)))
			ready <- err == nil && res.StatusCode == http.StatusOK
			if err != nil {
				return
			}
			defer res.Body.Close()
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				if lines.Text() == "event: change" {
					told.Add(1)
				}
			}
		}()
	}
	for range n {
		if !<-ready {
			t.Fatal("a stream does not open")
		}
	}
	return func() int { return int(told.Load()) }, func() int { return int(over.Load()) }
}

// tail is the end of a log.
func tail(s string) string { return s[max(0, len(s)-2_000):] }

// TestLoadBare is the process of a bare page; see bare.
func TestLoadBare(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("NESTFUNK_BARE"))
	if err != nil {
		t.Skip("this is the page beside which TestLoad measures, and nothing by itself")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	page := bytes.Repeat([]byte("x"), n)
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	fmt.Println("http://localhost:" + port)
	t.Fatal(http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })))
}

// neighbours begins to look at what else the machine does; the function it returns says how much of all its processors others
// have used meanwhile, in a hundred.
func neighbours(t testing.TB, ours ...*server) func() int {
	look := func() (all, busy time.Duration) {
		b, err := os.ReadFile("/proc/stat")
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(b), "\n")
		for i, f := range strings.Fields(line)[1:9] { // user nice system idle iowait irq softirq steal
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			d := time.Duration(n) * 10 * time.Millisecond
			if all += d; i != 3 && i != 4 {
				busy += d
			}
		}
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // never fails
		busy -= time.Duration(u.Utime.Nano() + u.Stime.Nano())
		for _, s := range ours {
			busy -= spent(t, s)
		}
		return all, busy
	}
	all, busy := look()
	return func() int {
		a, b := look()
		return int(100 * max(0, b-busy) / max(1, a-all))
	}
}
