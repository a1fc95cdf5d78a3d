package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// Whoever stops the house while it is used loses nothing: what was acknowledged is there, a request that has begun gets its
// answer, and the program ends well within its patience.
//
//	NESTFUNK_KILL=500 go test -run KillGently ./app
func TestKillGently(t *testing.T) {
	t.Parallel()
	trials := kills(2, 10)
	file := apptest.Town(t, apptest.Small)
	inDatabase(t, file, func(db *store.DB) error { // the program has a clock of its own, and people come back today
		return db.Write(t.Context(), func(tx *store.Tx) error {
			now := time.Now()
			_, err := tx.Exec(`UPDATE session SET created = ?1, seen = ?1, expires = ?2`, now.Unix(), now.AddDate(0, 1, 0).Unix())
			return err
		})
	})
	var all logbook
	for trial := range trials {
		s := serve(t, "serve", "--data", filepath.Dir(file), "--listen", "127.0.0.1:0")
		half, finish := begun(t, s, apptest.Small.Parent(trial), apptest.Small.Told())
		all.add(t, use(s, trial, func() {
			time.Sleep(150 * time.Millisecond) // of use
			if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			refused(t, s)
			if answer := finish(); !strings.HasPrefix(answer, "HTTP/1.1 303") {
				t.Errorf("trial %d: a request that had begun got %q", trial, answer)
			}
			stopping := time.Now()
			if err := s.cmd.Wait(); err != nil || time.Since(stopping) > 8*time.Second {
				t.Errorf("trial %d: %v after %s: %s", trial, err, time.Since(stopping), s.errs)
			}
		}))
		all.receipts[half] = true
		inDatabase(t, file, all.compare)
	}
	t.Logf("%d stops: %d confirmations and %d announcements were acknowledged, and all are there", trials, len(all.receipts), len(all.titles))
	if len(all.receipts) < 10*trials {
		t.Errorf("%d confirmations in %d trials: too few to tell anything", len(all.receipts), trials)
	}
}

// begun sends the first half of a confirmation; finish sends the other and returns the first line of the answer.
func begun(t *testing.T, s *server, person, announcement int64) (r receipt, finish func() string) {
	t.Helper()
	at, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", "127.0.0.1:"+at.Port())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	const body = "back=%2F"
	req, err := http.NewRequest("POST", fmt.Sprintf("%s/mitteilung/%d/bestaetigen", s.base, announcement), nil)
	if err != nil {
		t.Fatal(err)
	}
	head := &strings.Builder{}
	fmt.Fprintf(head, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", req.URL.Path, at.Host, len(body))
	if err := apptest.Ask(req, person).Header.Write(head); err != nil {
		t.Fatal(err)
	}
	// The 100 tells that the house is at work on this request: it has asked for the body.
	if _, err := io.WriteString(c, head.String()+"Expect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(c)
	for range 2 { // the status and an empty line
		if line, err := answers.ReadString('\n'); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	return receipt{announcement, person}, func() string {
		if _, err := io.WriteString(c, body); err != nil {
			return err.Error()
		}
		line, err := answers.ReadString('\n')
		if err != nil {
			return err.Error()
		}
		return line
	}
}

// refused waits until the house takes no more connections.
func refused(t *testing.T, s *server) {
	t.Helper()
	at, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; {
		c, err := net.Dial("tcp", "127.0.0.1:"+at.Port())
		if err != nil {
			return
		}
		c.Close()
		if time.Since(begin) > 5*time.Second {
			t.Error("it goes on taking connections")
			return
		}
		time.Sleep(2 * time.Millisecond) // the other process works meanwhile
	}
}

// Of many that are started on one folder at the same moment one serves, and the others say why they do not. That holds for
// a new folder as for one with a house.
func TestProgramOnceAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "house")
	for round := range max(3, trials(3)) {
		var serving atomic.Int64
		var wg sync.WaitGroup
		for range 6 {
			c := program(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			errs := &strings.Builder{}
			c.Stderr = errs
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				line, err := bufio.NewReader(out).ReadString('\n')
				if err == nil && strings.Contains(line, "bereit") {
					serving.Add(1)
					time.Sleep(300 * time.Millisecond) // while the others try
					if err := c.Process.Signal(syscall.SIGTERM); err != nil {
						t.Error(err)
					}
					if err := c.Wait(); err != nil {
						t.Errorf("round %d: %v: %s", round, err, errs)
					}
					return
				}
				if err := c.Wait(); err == nil || !strings.Contains(errs.String(), "läuft schon ein Nestfunk") {
					t.Errorf("round %d: %v: %q", round, err, errs)
				}
			})
		}
		wg.Wait()
		if n := serving.Load(); n != 1 {
			t.Errorf("round %d: %d served at the same time", round, n)
		}
	}
	inDatabase(t, filepath.Join(dir, "nestfunk.db"), (&logbook{}).compare)
}
