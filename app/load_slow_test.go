//go:build linux

package app_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// connections is how many a test opens: what the environment says, or some hundreds in CI, or a few.
func connections(ci, short int) int {
	if n, err := strconv.Atoi(os.Getenv("NESTFUNK_CONNECTIONS")); err == nil {
		return n
	}
	if os.Getenv("CI") != "" {
		return ci
	}
	return short
}

// TestLoadSlow: many clients that send their head, their body, or take their answer next to not at all. All
// are cut off within 12 seconds, the memory of the house stays, and everybody else does not notice.
//
//	NESTFUNK_CONNECTIONS=2000 NESTFUNK_FIGURES=1 go test -count 1 -run '^TestLoadSlow$' -v ./app
func TestLoadSlow(t *testing.T) {
	n := connections(60, 60)
	t.Parallel()
	town := loadedTown(t)
	s := serve(t, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
	indexed(t, s)
	for _, w := range slowly(t, s, town, n) {
		t.Error(w)
	}
}

func slowly(t testing.TB, s *server, town *loaded, n int) (wrong []string) {
	c, warm, y := newClient(t, s.base), newTally(), newTally()
	c.drive(t.Context(), warm, 50, 2*time.Second, town.look)
	c.wait()
	before := resident(t, s)
	others := neighbours(t, s)
	began := time.Now()
	var wg sync.WaitGroup
	var mu sync.Mutex
	kinds := []string{"head", "body", "large body", "answer"}
	longest := map[string]time.Duration{}
	most := 0.0
	done := make(chan bool)
	const every = 5 * time.Millisecond // one more comes, as slowhttptest has it: all at once are a rush of another kind
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for i := range n {
			<-tick.C
			kind := kinds[i%len(kinds)]
			wg.Go(func() {
				lasts, err := dawdle(s.base, kind, apptest.Load.Parent(i))
				mu.Lock()
				defer mu.Unlock()
				if longest[kind] = max(longest[kind], lasts); err != nil {
					wrong = append(wrong, kind+": "+err.Error())
				}
			})
		}
		wg.Wait()
		close(done)
	}()
	c.drive(t.Context(), y, 20, 10*time.Second+time.Duration(n)*every, town.look)
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		select {
		case <-tick.C:
			most = max(most, resident(t, s))
			continue
		case <-done:
			tick.Stop()
		}
		break
	}
	c.wait()
	busy, all := others(), y.all()
	for what, k := range y.wrong {
		wrong = append(wrong, fmt.Sprintf("everybody else: %d times %s", k, what))
	}
	if len(y.refused) > 0 {
		wrong = append(wrong, fmt.Sprintf("%d others were sent away", len(y.refused)))
	}
	cut := time.Duration(0)
	for kind, lasts := range longest {
		limit := 13 * time.Second // some of it is the start of all of them
		if busy > noisy {
			limit *= 2
		}
		if cut = max(cut, lasts); lasts > limit {
			wrong = append(wrong, fmt.Sprintf("a slow %s was not cut off within %s", kind, limit))
		}
	}
	// A page that is not taken is there until it is cut off.
	if grown, may := most-before, max(50<<20, float64(n<<16)); grown > may {
		wrong = append(wrong, fmt.Sprintf("memory has grown by %.0f MB", grown/(1<<20)))
	}
	if busy > noisy {
		t.Logf("others use %d %% of the machine: times tell nothing", busy)
	} else if at(all, 990) > quickly {
		wrong = append(wrong, fmt.Sprintf("99 of 100 others wait %s, want %s", at(all, 990), quickly))
	}
	words := fmt.Sprintf("%d langsame Verbindungen, alle nach höchstens %.0f s beendet; für andere 99 %% der Seiten in %.0f ms; Speicher +%.0f MB", n, cut.Seconds(), ms(at(all, 990)), (most-before)/(1<<20))
	t.Logf("%s (%v, in all %s)", words, longest, time.Since(began))
	if len(wrong) == 0 {
		apptest.Figure(t, "slow", words)
	}
	return wrong
}

// dawdle is a slow client. It returns how long the house has put up with it.
func dawdle(base, kind string, person int64) (time.Duration, error) {
	host := strings.TrimPrefix(base, "http://")
	conn, err := net.Dial("tcp", strings.Replace(host, "localhost", "127.0.0.1", 1))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	began := time.Now()
	end := began.Add(40 * time.Second)
	_ = conn.SetDeadline(end)
	head := fmt.Sprintf("Host: %s\r\nCookie: sid=%s\r\nSec-Fetch-Site: same-origin\r\n", host, apptest.Cookie(person))
	form := "POST /abwesenheit HTTP/1.1\r\n" + head + "Content-Type: application/x-www-form-urlencoded\r\n"
	drip := "X-A: b\r\n"
	switch kind {
	case "head":
		form = "GET / HTTP/1.1\r\n" + head
	case "body":
		form, drip = form+"Content-Length: 8000\r\n\r\n", "a"
	case "large body":
		form, drip = form+"Content-Length: 200000\r\n\r\n"+strings.Repeat("a", 1_000), "a"
	case "answer":
		// A large file again and again, without reading any: what the system keeps of them is full after some MB, and then
		// the house does not even read what is asked.
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		ask := strings.Repeat("GET "+largest()+" HTTP/1.1\r\n"+head+"\r\n", 10)
		for time.Now().Before(end) {
			if _, err := io.WriteString(conn, ask); err != nil {
				break // cut off
			}
		}
		return time.Since(began), nil
	}
	if _, err := io.WriteString(conn, form); err != nil {
		return 0, err
	}
	gone := make(chan bool)
	go func() {
		_, _ = io.Copy(io.Discard, conn) // until it is closed
		close(gone)
	}()
	for tick := time.NewTicker(500 * time.Millisecond); ; {
		select {
		case <-gone:
			tick.Stop()
			return time.Since(began), nil
		case <-tick.C:
			_, _ = io.WriteString(conn, drip) // it may be closed
		}
	}
}

// largest is the address of the largest file that a page loads.
var largest = sync.OnceValue(func() string {
	name, most := "", int64(0)
	all, _ := filepath.Glob(filepath.Join(apptest.Root(), "assets/dist/*")) // the pattern is good
	for _, path := range all {
		if info, err := os.Stat(path); err == nil && info.Size() > most {
			name, most = filepath.Base(path), info.Size()
		}
	}
	return "/a/" + name
})

// TestLoadCrowd: many pages are open at once, and none is dropped; and whoever opens more connections than
// the process may have keeps nobody out for longer than a request may take to begin.
//
//	NESTFUNK_CONNECTIONS=9000 NESTFUNK_FIGURES=1 go test -count 1 -run '^TestLoadCrowd$' -v ./app
func TestLoadCrowd(t *testing.T) {
	n := connections(500, 100)
	t.Parallel()
	town := loadedTown(t)
	s := serve(t, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
	indexed(t, s)
	for _, w := range crowded(t, s, town, n) {
		t.Error(w)
	}
	s.stop()

	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range shutOut(t, file, town, 350) {
		t.Error(w)
	}
}

// crowded is what is wrong while n pages are open.
func crowded(t testing.TB, s *server, town *loaded, n int) (wrong []string) {
	c, y := newClient(t, s.base), newTally()
	c.drive(t.Context(), newTally(), 50, time.Second, town.look)
	c.wait()
	before := resident(t, s)
	heard, ended := attend(t, s.base, n)
	at0 := resident(t, s)
	size := apptest.Load
	all := order{"An alle", size.Clerk(), "/mitteilungen/neu", map[string][]string{"unit": {"1"}, "audience": {"1"}, "role": {"parent"}, "title": {"An alle"}, "body": {"Text"}}}
	began := time.Now()
	c.drive(t.Context(), y, 1, time.Second, func(int) order { return all })
	c.wait()
	for range 300 {
		if heard() >= n {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	told := time.Since(began)
	c.drive(t.Context(), y, 50, 2*time.Second, town.look)
	c.wait()
	for what, k := range y.wrong {
		wrong = append(wrong, fmt.Sprintf("%d times %s", k, what))
	}
	if k := heard(); k < n {
		wrong = append(wrong, fmt.Sprintf("%d of %d open pages have heard", k, n))
	}
	if k := ended(); k > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %d streams have ended", k, n))
	}
	each := (at0 - before) / float64(n)
	if n >= 1_000 && each > 100_000 { // of few, it is what the first ones have grown
		wrong = append(wrong, fmt.Sprintf("an open page takes %.0f KB", each/1e3))
	}
	words := fmt.Sprintf("%d offene Seiten, keine abgebrochen; alle erfahren eine Mitteilung nach %.0f ms; %.0f KB je Seite", n, ms(told), each/1e3)
	t.Log(words)
	if len(wrong) == 0 {
		apptest.Figure(t, "crowd", words)
	}
	return wrong
}

// shutOut is what is wrong in a house that may open 300 files when somebody opens more connections and says nothing.
func shutOut(t testing.TB, file string, town *loaded, n int) (wrong []string) {
	sh := exec.CommandContext(t.Context(), "/bin/sh", "-c", `ulimit -n 300 && exec "$0" "$@"`, file, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
	sh.Dir = apptest.Root()
	s := begin(t, sh)
	s.get("/gesund")
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	for range n {
		c, err := net.Dial("tcp", strings.Replace(strings.TrimPrefix(s.base, "http://"), "localhost", "127.0.0.1", 1))
		if err != nil {
			return append(wrong, err.Error())
		}
		open = append(open, c)
	}
	if left, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid)); err != nil || len(left) > 250 {
		wrong = append(wrong, fmt.Sprintf("the connections leave the house %d of 300 files, %v", 300-len(left), err))
	}
	began := time.Now()
	for {
		c := newClient(t, s.base)
		c.Timeout = time.Second
		res, err := c.Get(s.base + "/anmelden")
		if err == nil {
			_ = res.Body.Close()
			break
		}
		if time.Since(began) > 15*time.Second {
			return append(wrong, "silent connections keep everybody out for 15 seconds")
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("with %d silent connections and 300 files, the house answers again after %s", n, time.Since(began))
	return wrong
}
