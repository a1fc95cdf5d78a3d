package app_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
)

// Whatever was acknowledged is there after kill -9 at any moment. Clients confirm
// and publish, each keeps its own log of the answers it got, the process is
// killed, and what the database holds is compared with the logs.
//
//	NESTFUNK_KILL=50 go test -run Kill ./app
func TestKill(t *testing.T) {
	t.Parallel()
	trials := kills(5, 100)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	file := apptest.Town(t, apptest.Small)
	inDatabase(t, file, func(db *store.DB) error { // the program has a clock of its own, and people come back today
		return db.Write(t.Context(), func(tx *store.Tx) error {
			now := time.Now()
			_, err := tx.Exec(`UPDATE session SET created = ?1, seen = ?1, expires = ?2`, now.Unix(), now.AddDate(0, 1, 0).Unix())
			return err
		})
	})
	var all logbook
	var ready []time.Duration // again
	for trial := range trials {
		began := time.Now()
		s := serve(t, "serve", "--data", filepath.Dir(file), "--listen", "127.0.0.1:0")
		if code, body := s.get("/gesund"); code != 200 {
			t.Fatalf("trial %d: after the restart: %d %s", trial, code, body)
		}
		ready = append(ready, time.Since(began))
		life := time.Duration(20+chance.IntN(250)) * time.Millisecond
		before := len(all.receipts)
		all.add(t, use(s, trial, func() {
			time.Sleep(life)
			if err := s.cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			_ = s.cmd.Wait() // it was killed
		}))
		if trial == 0 && len(all.receipts) == before {
			t.Log("nothing was confirmed in the first trial")
		}
		inDatabase(t, file, all.compare)
	}
	if len(all.receipts) < 10*trials || len(all.titles) == 0 {
		t.Errorf("%d confirmations and %d announcements in %d trials: too few to tell anything", len(all.receipts), len(all.titles), trials)
	}
	slices.Sort(ready)
	late := ready[(len(ready)*99+99)/100-1]
	if os.Getenv("NESTFUNK_KILL") != "" && late > 2*time.Second { // otherwise other tests take the machine
		t.Errorf("99 of 100 times it is ready again after %s, want 2 s", late)
	}
	if !t.Failed() {
		apptest.Figure(t, "kill", fmt.Sprintf("%d Abbrüche, %d zugesagte Bestätigungen und %d Mitteilungen, keine verloren; wieder bereit nach %d ms (99 %%)", trials, len(all.receipts), len(all.titles), late.Milliseconds()))
	}
	t.Logf("%d trials: %d confirmations and %d announcements were acknowledged, and all are there", trials, len(all.receipts), len(all.titles))
}

type receipt struct{ announcement, person int64 }

// A logbook is what the house has acknowledged.
type logbook struct {
	receipts map[receipt]bool
	titles   map[int64]string
	denied   map[string]bool // titles and receipts that were said not to be kept; false: perhaps
	wrong    []string        // answers that nobody should get
	refused  int             // answers that say that nothing was kept, or that nobody knows
}

func (l *logbook) clear() {
	l.receipts, l.titles, l.denied = map[receipt]bool{}, map[int64]string{}, map[string]bool{}
}

// deny notes what the house has said not to keep, with its answer.
func (l *logbook) deny(what, page string) {
	l.refused++
	page = html.UnescapeString(page)
	l.doubt(what, !slices.ContainsFunc(lang.All(), func(of *lang.Lang) bool { return strings.Contains(page, of.T(unsure)) }))
}

func (l *logbook) doubt(what string, sure bool) {
	was, ok := l.denied[what]
	l.denied[what] = (was || !ok) && sure
}

// unsure is what somebody reads whose commit the disk has refused to sync: the next start may find it.
const unsure = "Der Speicher des Servers ist gestört. Es ist nicht sicher, ob das gespeichert ist. Bitte sehen Sie später nach, bevor Sie es noch einmal versuchen, und sagen Sie dem Betrieb Bescheid."

func (l *logbook) add(t *testing.T, more []logbook) {
	t.Helper()
	if err := l.note(more); err != nil {
		t.Error(err)
	}
}

// use has clients confirm and publish until the house is gone, and returns what each has noted.
func use(s *server, trial int, end func()) []logbook { return load(s, trial, false, end) }

// load is use where a house that says that it cannot keep something is no fault, and until end has returned.
func load(s *server, trial int, refuses bool, end func()) []logbook {
	const clients = 16
	size := apptest.Small
	var latest, next atomic.Int64
	var over atomic.Bool
	latest.Store(size.Told())
	logs := make([]logbook, clients)
	var wg sync.WaitGroup
	tr := &http.Transport{MaxIdleConnsPerHost: clients}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(person int64, path string, fields url.Values) (*http.Response, string, error) {
		r, err := http.NewRequest("POST", s.base+path, strings.NewReader(fields.Encode()))
		if err != nil {
			return nil, "", err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := client.Do(apptest.Ask(r, person))
		if err != nil {
			return nil, "", err
		}
		b, err := io.ReadAll(res.Body) // an answer that breaks off is none
		_ = res.Body.Close()
		return res, string(b), err
	}
	id := regexp.MustCompile(`^/mitteilung/(\d+)/`)
	for i := range logs {
		l := &logs[i]
		l.clear()
		wg.Go(func() {
			for !over.Load() {
				n := next.Add(1)
				if n%50 == 1 {
					title := fmt.Sprintf("Trial %d, %d", trial, n)
					res, said, err := post(size.Clerk(), "/mitteilungen/neu", url.Values{"unit": {"1"}, "audience": {"1"}, "role": {"parent"},
						"title": {title}, "body": {"Text"}, "confirm": {"1"}})
					if err != nil {
						return
					}
					m := id.FindStringSubmatch(res.Header.Get("Location"))
					if refuses && res.StatusCode >= 500 {
						l.deny(title, said)
						continue
					}
					if res.StatusCode != 303 || m == nil {
						l.wrong = append(l.wrong, "publish: "+res.Status)
						return
					}
					a, _ := strconv.ParseInt(m[1], 10, 64)
					l.titles[a] = title
					latest.Store(a)
					continue
				}
				r := receipt{latest.Load(), size.Parent(int(n))}
				res, said, err := post(r.person, fmt.Sprintf("/mitteilung/%d/bestaetigen", r.announcement), url.Values{"back": {"/"}})
				if err != nil {
					return
				}
				if refuses && res.StatusCode >= 500 {
					l.deny(fmt.Sprint(r), said)
					continue
				}
				if res.StatusCode != 303 {
					l.wrong = append(l.wrong, "confirm: "+res.Status)
					return
				}
				l.receipts[r] = true
			}
		})
	}
	end()
	over.Store(true)
	wg.Wait()
	return logs
}

// compare looks for everything in the log, and whether the database is whole.
func (l *logbook) compare(db *store.DB) error {
	return db.Read(context.Background(), func(tx *store.Tx) error {
		for _, q := range []func() ([]string, error){
			func() ([]string, error) { return store.All(tx, store.Value[string], `PRAGMA integrity_check`) },
			func() ([]string, error) {
				return store.All(tx, store.Value[string], `SELECT 'ok' UNION ALL SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check`)
			},
		} {
			words, err := q()
			if err != nil {
				return err
			}
			if len(words) != 1 || words[0] != "ok" {
				return fmt.Errorf("the database is broken: %q", words)
			}
		}
		have, err := store.All(tx, func(r *receipt) []any { return []any{&r.announcement, &r.person} }, `SELECT announcement, person FROM announcement_receipt`)
		if err != nil {
			return err
		}
		kept := map[receipt]bool{}
		for _, r := range have {
			kept[r] = true
		}
		for r := range l.receipts {
			if !kept[r] {
				return fmt.Errorf("person %d was told that announcement %d is confirmed, and it is not", r.person, r.announcement)
			}
		}
		for id, title := range l.titles {
			got, err := store.One(tx, store.Value[string], `SELECT title FROM announcement WHERE id = ?`, id)
			if err != nil || got != title {
				return fmt.Errorf("announcement %d: %q, want %q: %w", id, got, title, err)
			}
		}
		titles, err := store.All(tx, store.Value[string], `SELECT title FROM announcement`)
		if err != nil {
			return err
		}
		for _, what := range titles {
			if l.denied[what] {
				return fmt.Errorf("%q was said not to be kept, and is there", what)
			}
		}
		for r := range kept { // of what was published meanwhile: the town has others
			if _, ours := l.titles[r.announcement]; ours && !l.receipts[r] && l.denied[fmt.Sprint(r)] {
				return fmt.Errorf("person %d was told that announcement %d is not confirmed, and it is", r.person, r.announcement)
			}
		}
		return nil
	})
}

func inDatabase(t testing.TB, file string, f func(*store.DB) error) {
	t.Helper()
	db, err := store.Open(t.Context(), file, apptest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	if err := f(db); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// kills is how many times a harness kills the house: few, more in CI, or as many as NESTFUNK_KILL says.
func kills(few, ci int) int {
	if n, err := strconv.Atoi(os.Getenv("NESTFUNK_KILL")); err == nil {
		return n
	}
	switch {
	case testing.Short():
		return 1
	case os.Getenv("CI") != "":
		return ci
	}
	return few
}
