//go:build linux

package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A loaded town is a data folder with a town of 100,000 inhabitants, where everybody was signed in today.
type loaded struct {
	dir      string
	families []household
	next     atomic.Int64 // no deed is done twice
}

type household struct{ person, child, facility, group int64 }

func loadedTown(t testing.TB) *loaded {
	t.Helper()
	file := apptest.Town(t, apptest.Load)
	l := &loaded{dir: filepath.Dir(file)}
	inDatabase(t, file, func(db *store.DB) error {
		return db.Write(t.Context(), func(tx *store.Tx) (err error) {
			if _, err = tx.Exec(`UPDATE session SET created = ?1, seen = ?1`, time.Now().Unix()); err != nil {
				return err
			}
			l.families, err = store.All(tx, func(f *household) []any { return []any{&f.person, &f.child, &f.facility, &f.group} }, `
				SELECT min(g.person), c.id, c.facility, s.unit FROM child c JOIN child_stay s ON s.child = c.id JOIN guardian g ON g.child = c.id
				WHERE g.state = 'confirmed' GROUP BY c.id`)
			return err
		})
	})
	return l
}

// An order is one request that a person makes, as their browser would.
type order struct {
	name   string
	person int64 // 0: nobody is signed in
	path   string
	form   url.Values // nil: only to look
}

// look is what people look at, in a mix: most are parents on their start page.
func (l *loaded) look(i int) order {
	size := apptest.Load
	n := i * 7919
	parent, head, f := size.Parent(n), size.Head(n%size.Facilities), l.families[n%len(l.families)]
	switch k := i % 50; {
	case k < 16:
		return order{"Start, Eltern", parent, "/", nil}
	case k < 19:
		return order{"Start, Leitung", head, "/", nil}
	case k < 20:
		return order{"Start, Amt", size.Clerk(), "/", nil}
	case k < 27:
		return order{"Mitteilungen", parent, "/mitteilungen", nil}
	case k < 33:
		return order{"Mitteilung", parent, fmt.Sprintf("/mitteilung/%d", size.Told()), nil}
	case k < 38:
		return order{"Nachrichten", parent, "/nachrichten", nil}
	case k < 39:
		return order{"Nachrichten, Leitung", head, "/nachrichten", nil}
	case k < 42:
		return order{"Termine", parent, "/termine", nil}
	case k < 44:
		return order{"Suche", parent, "/suche?q=" + url.QueryEscape([...]string{"Sommerfest", "Garten", "Hygiene", "Läuse", "Einladung"}[i/50%5]), nil}
	case k < 46:
		return order{"Abwesenheit", f.person, "/abwesenheit", nil}
	case k < 48:
		return order{"Tagesliste", size.Head(int(f.facility - size.Facility(0))), fmt.Sprintf("/tagesliste/%d", f.group), nil}
	case k < 49:
		return order{"Handbuch", 0, "/handbuch", nil}
	}
	return order{"Anmelden", 0, "/anmelden", nil}
}

// write is what people write: most confirm, some report a child absent or write to the team, and now and then a head tells
// a facility something.
func (l *loaded) write(int) order {
	size := apptest.Load
	i := int(l.next.Add(1))
	f, uid := l.families[i*7919%len(l.families)], fmt.Sprintf("0195f5a0-0000-7000-8000-%012d", i)
	switch k := i * 37 % 100; {
	case k < 60:
		return order{"Bestätigen", size.Parent(i * 7919), fmt.Sprintf("/mitteilung/%d/bestaetigen", size.Told()), url.Values{"back": {"/"}}}
	case k < 85:
		day := time.Now().AddDate(0, 0, 1+i/len(l.families)).Format(time.DateOnly)
		return order{"Abmelden", f.person, "/abwesenheit", url.Values{"uid": {uid}, "child": {fmt.Sprint(f.child)}, "first_day": {day}, "last_day": {day}}}
	case k < 99:
		return order{"Nachricht", f.person, "/nachrichten/neu", url.Values{"kind": {"team"}, "to": {fmt.Sprintf("%d-%d", f.child, f.facility)}, "title": {"Frage"}, "body": {"Wann ist morgen Schluss?"}}}
	}
	facility := i % size.Facilities
	at := fmt.Sprint(size.Facility(facility))
	return order{"Mitteilen", size.Head(facility), "/mitteilungen/neu", url.Values{"unit": {at}, "audience": {at}, "role": {"parent"}, "title": {fmt.Sprint("Neues ", i)}, "body": {"Morgen gehen wir in den Garten."}}}
}

// A tally is what became of requests. Times are from when each was due, so that waiting for a slow house counts.
type tally struct {
	mu      sync.Mutex
	took    map[string][]time.Duration // that were answered, by name
	refused []time.Duration            // with 429 or 503
	wrong   map[string]int             // anything else
}

func newTally() *tally { return &tally{took: map[string][]time.Duration{}, wrong: map[string]int{}} }

// all are the times of those that were answered, shortest first.
func (y *tally) all() (all []time.Duration) {
	for _, x := range y.took {
		all = append(all, x...)
	}
	slices.Sort(all)
	return all
}

// at is the time within which so many of a thousand lie.
func at(sorted []time.Duration, thousandth int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*thousandth/1000)]
}

// words are the slowest kinds of requests.
func (y *tally) words() string {
	var b strings.Builder
	for name, x := range y.took {
		slices.Sort(x)
		fmt.Fprintf(&b, "\n%22s %6d: p50 %6.1f ms, p99 %6.1f ms, max %6.1f ms", name, len(x), ms(at(x, 500)), ms(at(x, 990)), ms(x[len(x)-1]))
	}
	return b.String()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// A client sends requests when they are due, whether or not earlier ones have been answered: an open loop.
type client struct {
	http.Client
	base string
	wg   sync.WaitGroup
}

func newClient(t testing.TB, base string) *client {
	// With more connections than the process may open, it would be those that are measured: see TestLoadCrowd.
	tr := &http.Transport{MaxConnsPerHost: 4096, MaxIdleConnsPerHost: 4096, MaxIdleConns: 4096, DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &client{base: base, Client: http.Client{Transport: tr, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// drive sends so many orders a second, for a while, without waiting for the answers: see wait.
func (c *client) drive(ctx context.Context, y *tally, rate float64, during time.Duration, next func(i int) order) {
	c.wg.Go(func() {
		began := time.Now()
		for i := 0; ; i++ {
			due := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
			if due.Sub(began) >= during || ctx.Err() != nil {
				return
			}
			time.Sleep(time.Until(due))
			o := next(i)
			c.wg.Go(func() { c.send(ctx, y, o, due) })
		}
	})
}

func (c *client) wait() { c.wg.Wait() }

func (c *client) send(ctx context.Context, y *tally, o order, due time.Time) {
	method, body := http.MethodGet, io.Reader(nil)
	if o.form != nil {
		method, body = http.MethodPost, strings.NewReader(o.form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+o.path, body)
	if err != nil {
		y.note(o.name, 0, due, err)
		return
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("Accept-Encoding", "gzip")
	if o.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if o.person != 0 {
		r = apptest.Ask(r, o.person)
	}
	res, err := c.Do(r)
	if err != nil {
		y.note(o.name, 0, due, err)
		return
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	y.note(o.name, res.StatusCode, due, err)
	if want := http.StatusOK; o.form != nil && res.StatusCode == want { // a form that is shown again was not taken
		y.note(o.name, 0, due, fmt.Errorf("not taken"))
	}
}

func (y *tally) note(name string, code int, due time.Time, err error) {
	took := time.Since(due)
	y.mu.Lock()
	defer y.mu.Unlock()
	switch {
	case err != nil:
		y.wrong[name+": "+err.Error()]++
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		y.refused = append(y.refused, took)
	case code >= 400:
		y.wrong[name+": "+strconv.Itoa(code)]++
	default:
		y.took[name] = append(y.took[name], took)
	}
}

// bare is a page of net/http in a process of its own, with so many bytes: what this machine does to any answer at this moment.
func bare(t testing.TB, bytes int) *server {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestLoadBare$")
	c.Env = append(os.Environ(), "NESTFUNK_BARE="+strconv.Itoa(bytes))
	return begin(t, c)
}

// indexed waits until the house has read the town into its search.
func indexed(t testing.TB, s *server) {
	t.Helper()
	for range 600 {
		if v := gauges(t, s); v["nestfunk_index_behind"] == 0 && v["nestfunk_index_up"] == 1 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the house has not read the town into its search within a minute")
}

// gauges are what the house tells Prometheus.
func gauges(t testing.TB, s *server) map[string]float64 {
	t.Helper()
	_, text := s.get("/metrics")
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if f, err := strconv.ParseFloat(value, 64); err == nil && !strings.HasPrefix(name, "#") {
			all[name] = f
		}
	}
	if len(all) == 0 {
		t.Fatalf("no metrics: %s", text)
	}
	return all
}

// lasting is how long a run takes: what the environment says, or a little in CI, or next to nothing.
func lasting(t testing.TB, name string, ci, short time.Duration) time.Duration {
	t.Helper()
	if s := os.Getenv(name); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if os.Getenv("CI") != "" {
		return ci
	}
	return short
}
