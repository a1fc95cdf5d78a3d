//go:build linux

package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// The benchmarks of the program as a process, with the town of 100,000 people in its data folder.
//
//	go test -run xxx -bench 'Begin|Streams' ./app

// opened is a data folder with the town, where everybody was signed in today: the program has a clock of its own.
func opened(b *testing.B) (dir string) {
	b.Helper()
	file := apptest.Town(b, apptest.Full)
	inDatabase(b, file, func(db *store.DB) error {
		return db.Write(b.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE session SET created = ?1, seen = ?1`, time.Now().Unix())
			return err
		})
	})
	return filepath.Dir(file)
}

// resident is the memory that a process has, in bytes.
func resident(b testing.TB, s *server) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var kb float64
		if n, _ := fmt.Sscanf(string(line), "VmRSS: %f kB", &kb); n == 1 {
			return kb * 1024
		}
	}
	b.Fatalf("no VmRSS in %s", text)
	return 0
}

// From nothing to the first healthy answer, and the memory of a house where nothing happens, just after it has read all of
// the town into its search, and after a start with that; from nothing to the first answer
// of a demonstration, which is then made. Targets: 300 ms, 300 MB, 150 MB, 300 ms.
func BenchmarkBegin(b *testing.B) {
	dir := opened(b)
	if _, err := built(); err != nil {
		b.Fatal(err)
	}
	var all, demos []time.Duration
	var idle float64
	first := serve(b, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	indexed(b, first)
	time.Sleep(15 * time.Second) // base/search gives back what that took
	read := resident(b, first)
	if code := first.stop(); code != 0 {
		b.Fatal(code, first.errs)
	}
	for b.Loop() {
		demo, _, took := hurried(b)
		demos = append(demos, took)
		demo.stop()
		at := time.Now()
		s := serve(b, "serve", "--data", dir, "--listen", "127.0.0.1:0")
		if code, body := s.get("/gesund"); code != http.StatusOK {
			b.Fatal(code, body)
		}
		all = append(all, time.Since(at))
		time.Sleep(5 * time.Second)
		idle = max(idle, resident(b, s))
		if code := s.stop(); code != 0 {
			b.Fatal(code, s.errs)
		}
	}
	slices.Sort(all)
	slices.Sort(demos)
	apptest.Figure(b, "begin", fmt.Sprintf("bereit nach %d ms, in Ruhe %.0f MB, nach dem Einlesen %.0f MB; erste Antwort der Vorführung nach %d ms", all[len(all)/2].Milliseconds(), idle/1e6, read/1e6, demos[len(demos)/2].Milliseconds()))
	b.ReportMetric(float64(demos[len(demos)/2].Microseconds())/1000, "demo-ms")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "healthy-ms")
	b.ReportMetric(idle/1e6, "idle-MB")
	b.ReportMetric(read/1e6, "read-MB")
	b.ReportMetric(0, "ns/op")
}

// Ten thousand families have a page open, and the city tells all of them something. The server is a process of its own,
// as the client is: each has 10,000 descriptors. Measured is from the sending of the form to the arrival of each event.
// Target: 99 of 100 within 500 ms.
func BenchmarkStreams(b *testing.B) {
	const streams, rounds = 10_000, 5
	s := serve(b, "serve", "--data", opened(b), "--listen", "127.0.0.1:0")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	if code, body := s.get("/gesund"); code != http.StatusOK { // and all that comes with the first request
		b.Fatal(code, body)
	}
	before := resident(b, s)

	at := time.Now()
	heard, ended := listening(b, port, streams, func(i int) int64 { return apptest.Full.Parent(i * 8) })
	opening := time.Since(at)
	time.Sleep(2 * time.Second)
	each := (resident(b, s) - before) / streams

	var all []time.Duration
	for b.Loop() {
		for round := range rounds {
			at := time.Now()
			form := url.Values{"unit": {"1"}, "audience": {"1"}, "role": {"parent"}, "title": {fmt.Sprint("An alle ", round)}, "body": {"Text"}}
			r := apptest.Ask(newRequest(b, s.base+"/mitteilungen/neu", form), apptest.Full.Clerk())
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				b.Fatal(err)
			}
			if code, body := read(b, res); code != http.StatusSeeOther {
				b.Fatal(code, body)
			}
			told := map[int]bool{}
			for len(told) < streams {
				select {
				case i := <-ended:
					b.Fatalf("stream %d has ended", i)
				case e := <-heard:
					if !told[e.stream] {
						told[e.stream] = true
						all = append(all, e.at.Sub(at))
					}
				}
			}
			time.Sleep(2 * time.Second) // what comes behind: the coverage of those who see it
			for len(heard) > 0 {
				<-heard
			}
		}
	}
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	apptest.Figure(b, "streams", fmt.Sprintf("99 %% in %d ms, %.0f KB je Seite", all[len(all)*99/100].Milliseconds(), each/1e3))
	b.ReportMetric(each/1e3, "KB/stream")
	b.ReportMetric(ms(opening)/streams, "open-ms/stream")
	b.ReportMetric(ms(all[len(all)/2]), "p50-ms")
	b.ReportMetric(ms(all[len(all)*99/100]), "p99-ms")
	b.ReportMetric(ms(all[len(all)-1]), "last-ms")
	b.ReportMetric(0, "ns/op")
}

// A news is that a stream has heard of a change.
type news struct {
	stream int
	at     time.Time
}

// listening opens n streams, each of a person, and returns when all have begun. Ended yields those that come to an end
// before the benchmark does.
func listening(b *testing.B, port string, n int, person func(i int) int64) (heard <-chan news, ended <-chan int) {
	b.Helper()
	told, joined, over := make(chan news, n), make(chan bool, n), make(chan int, n)
	for i := range n {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		if _, err := fmt.Fprintf(c, "GET /strom HTTP/1.1\r\nHost: localhost:%s\r\nCookie: sid=%s\r\n\r\n", port, apptest.Cookie(person(i))); err != nil {
			b.Fatal(err)
		}
		go func() {
			defer func() { over <- i }()
			lines, ready := bufio.NewScanner(c), false
			lines.Buffer(make([]byte, 512), 512)
			for lines.Scan() {
				switch {
				case !ready && lines.Text() == ": keep": // joined, and looked up who it is
					ready = true
					joined <- true
				case lines.Text() == "event: change":
					told <- news{i, time.Now()}
				}
			}
		}()
	}
	for range n {
		select {
		case <-joined:
		case i := <-over:
			b.Fatalf("stream %d ended before it began", i)
		}
	}
	return told, over
}

func newRequest(b *testing.B, at string, form url.Values) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), "POST", at, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}
