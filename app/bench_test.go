//go:build unix

package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// The benchmarks of the whole house, in a town of 100,000 people. Targets stand in the issue; no test depends on time.
//
//	go test -run xxx -bench . ./app ./app/feature/announcement
//
// On a machine that is shared, cpu-µs tells more than the time on the wall.

// city is an open house with a town in it, at the time at which the town stands.
func city(b *testing.B, base string) (*App, http.Handler) {
	b.Helper()
	dir, err := openFolder(filepath.Dir(apptest.Town(b, apptest.Full)))
	if err != nil {
		b.Fatal(err)
	}
	u, err := url.Parse(base)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	ctx := context.Background()
	a, err := open(ctx, Options{Schema: apptest.Schema(), Now: func() time.Time { return apptest.Start.Add(time.Since(began)) }}, dir, u)
	if err == nil {
		err = a.furnish(ctx)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.house.DB.Close(); dir.Close() })
	return a, a.site()
}

// quiet sends the log nowhere, though it is written.
func quiet(b *testing.B) {
	b.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(null, nil)))
	b.Cleanup(func() { slog.SetDefault(old); null.Close() })
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// times runs f again and again, and reports the middle, and what a processor spends. It returns the middle.
func times(b *testing.B, f func(i int)) time.Duration {
	b.Helper()
	var all []time.Duration
	for i := range 50 {
		f(i)
	}
	spent, n := cpu(b), 0
	for b.Loop() {
		at := time.Now()
		f(n)
		all = append(all, time.Since(at))
		n++
	}
	spent = cpu(b) - spent
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(spent.Nanoseconds())/1000/float64(n), "cpu-µs")
	return all[len(all)/2]
}

// The whole start page: session, rights, frame, query, template. Target: under 3,000 µs.
func BenchmarkStart(b *testing.B) {
	quiet(b)
	_, site := city(b, apptest.Base)
	size := apptest.Full
	for _, c := range []struct {
		name string
		who  func(i int) int64
	}{
		{"parent", func(i int) int64 { return size.Parent(i * 7919) }},
		{"head", func(i int) int64 { return size.Head(i % 50) }},
		{"office", func(int) int64 { return size.Clerk() }},
	} {
		b.Run(c.name, func(b *testing.B) {
			bytes := 0
			middle := times(b, func(i int) {
				w := httptest.NewRecorder()
				site.ServeHTTP(w, apptest.Ask(httptest.NewRequest("GET", apptest.Base+"/", nil), c.who(i)))
				if w.Code != 200 || bytes == 0 && strings.Count(w.Body.String(), "<article") < 10 {
					b.Fatal(w.Code, w.Body)
				}
				bytes = w.Body.Len()
			})
			b.ReportMetric(float64(bytes), "bytes")
			if c.name == "parent" {
				apptest.Figure(b, "start", strings.Replace(fmt.Sprintf("%.1f ms in der Mitte", float64(middle.Microseconds())/1000), ".", ",", 1))
			}
		})
	}
}

// 64 parents at a time confirm, each with a cookie, through the real route, and each answer waits for the disk.
// Beside it: how often the same disk takes a small write for certain. Target: 5,000/s.
func BenchmarkConfirm(b *testing.B) {
	quiet(b)
	_, site := city(b, apptest.Base)
	size := apptest.Full
	const clients = 64
	path := fmt.Sprintf("/mitteilung/%d/bestaetigen", size.Told())
	var next, done atomic.Int64
	next.Store(-1)
	spent, from := cpu(b), time.Now()
	until := from.Add(3 * time.Second)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Now().Before(until) {
				i := int(next.Add(1))
				r := httptest.NewRequest("POST", apptest.Base+path, strings.NewReader("back=/"))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				w := httptest.NewRecorder()
				site.ServeHTTP(w, apptest.Ask(r, size.Parent(i)))
				if w.Code != http.StatusSeeOther {
					b.Error(w.Code, w.Body)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(from).Seconds()
	b.ReportMetric(float64(done.Load())/took, "confirmations/s")
	b.ReportMetric(float64((cpu(b)-spent).Microseconds())/float64(done.Load()), "cpu-µs")
	b.ReportMetric(fsyncs(b), "fsync/s")
	b.ReportMetric(0, "ns/op")
}

// fsyncs is how often a second the disk takes a small write for certain.
func fsyncs(b *testing.B) float64 {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	n, from := 0, time.Now()
	for ; time.Since(from) < time.Second; n++ {
		if _, err := f.WriteAt(make([]byte, 4096), int64(n%64)*4096); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(from).Seconds()
}

// The start page over HTTP beside a bare handler that answers the same number of bytes, in one run with wrk.
// Target: at least 1/12.
func BenchmarkStartHTTP(b *testing.B) {
	if _, err := exec.LookPath("wrk"); err != nil {
		b.Skip("wrk is not installed (Debian: apt-get install wrk)")
	}
	quiet(b)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	base := "http://localhost:" + port
	_, site := city(b, base)
	w := httptest.NewRecorder()
	site.ServeHTTP(w, apptest.Ask(httptest.NewRequest("GET", base+"/", nil), apptest.Full.Parent(7919)))
	if w.Code != 200 {
		b.Fatal(w.Code, w.Body)
	}
	same := bytes.Repeat([]byte("x"), w.Body.Len())
	mux := http.NewServeMux()
	mux.Handle("/", site)
	mux.HandleFunc("/bare", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(same) })
	srv := &http.Server{Handler: mux}
	go func() { _ = srv.Serve(ln) }()
	defer srv.Close()

	// Each request is another parent's.
	var cookies []string
	for i := range 500 {
		cookies = append(cookies, strconv.Quote(apptest.Cookie(apptest.Full.Parent(i*7919))))
	}
	script := filepath.Join(b.TempDir(), "parents.lua")
	lua := "local c, i = {" + strings.Join(cookies, ",") + "}, 0\nrequest = function()\n\ti = i % #c + 1\n" +
		"\treturn wrk.format('GET', nil, {Cookie = 'sid=' .. c[i]})\nend\n"
	if err := os.WriteFile(script, []byte(lua), 0o600); err != nil {
		b.Fatal(err)
	}
	wrk := func(path, seconds string) (rate, each float64) {
		spent := cpu(b)
		out, err := exec.Command("wrk", "-t1", "-c16", "-d"+seconds, "-s", script, base+path).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("Non-2xx")) {
			b.Fatalf("%v %s", err, out)
		}
		spent = cpu(b) - spent
		number := func(re string) float64 {
			m := regexp.MustCompile(re).FindSubmatch(out)
			if m == nil {
				b.Fatalf("%s", out)
			}
			f, _ := strconv.ParseFloat(string(m[1]), 64)
			return f
		}
		return number(`Requests/sec: *([\d.]+)`), float64(spent.Microseconds()) / number(`(\d+) requests in`)
	}
	wrk("/", "2s") // warm
	// One after the other and again, so that a neighbour on the machine hits both.
	var start, bare, startCPU, bareCPU float64
	const rounds = 3
	for range rounds {
		r, c := wrk("/", "3s")
		start, startCPU = start+r/rounds, startCPU+c/rounds
		r, c = wrk("/bare", "1s")
		bare, bareCPU = bare+r/rounds, bareCPU+c/rounds
	}
	b.ReportMetric(start, "start/s")
	b.ReportMetric(bare, "bare/s")
	b.ReportMetric(bare/start, "bare/start")
	b.ReportMetric(startCPU, "start-cpu-µs")
	b.ReportMetric(bareCPU, "bare-cpu-µs")
	b.ReportMetric(float64(len(same)), "bytes")
	b.ReportMetric(0, "ns/op")
}
