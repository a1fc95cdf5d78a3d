//go:build linux

package app_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// allBack is within which all pages that were open as a house was restarted are connected again.
const allBack = 30 * time.Second

// TestLoadReturn: a house is restarted while many pages are open. All come back, not all at once, and hear
// of what happened while they were away.
//
//	NESTFUNK_CONNECTIONS=9000 NESTFUNK_FIGURES=1 go test -count 1 -run '^TestLoadReturn$' -v ./app
func TestLoadReturn(t *testing.T) {
	n := connections(500, 100)
	t.Parallel()
	town := loadedTown(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "serve", "--data", town.dir, "--listen", at)
	p := &pages{base: s.base}
	for i := range n {
		p.stay(t, apptest.Load.Parent(i*31))
	}
	waitFor(t, "all pages to be open", func() bool { return p.open.Load() == int64(n) })
	if code := s.stop(); code != 0 {
		t.Fatalf("it ends with %d: %s", code, s.errs)
	}
	waitFor(t, "all pages to notice", func() bool { return p.open.Load() == 0 })

	p.heard.Store(0)
	s = serve(t, "serve", "--data", town.dir, "--listen", at)
	began := time.Now()
	if code, body := form(t, s, apptest.Load.Clerk(), "/mitteilungen/neu", "unit", "1", "audience", "1", "role", "parent", "title", "An alle", "body", "Text"); code != http.StatusSeeOther {
		t.Fatalf("the announcement: %d %.300s", code, body)
	}
	for p.heard.Load() < int64(n) && time.Since(began) < allBack {
		time.Sleep(20 * time.Millisecond) // the other process works
	}
	took := time.Since(began)
	if p.open.Load() < int64(n) || p.heard.Load() < int64(n) {
		t.Fatalf("%s after a restart %d of %d pages are connected, and %d have heard", took, p.open.Load(), n, p.heard.Load())
	}
	words := fmt.Sprintf("%d offene Seiten, nach %.1f s alle wieder verbunden und auf dem Stand, höchstens %d in einer Sekunde", n, took.Seconds(), p.most(began))
	t.Log(words)
	apptest.Figure(t, "return", words)
}

// pages are open in the browsers of many.
type pages struct {
	base        string
	open, heard atomic.Int64 // pages; the second: that were told of a change since they came back
	came        [60]atomic.Int64
}

// stay keeps a page open as a browser does: what breaks off it asks for again, as late as the house has said, with the mark
// of what it knows.
func (p *pages) stay(t *testing.T, person int64) {
	t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	go func() {
		retry, mark := time.Second, ""
		for t.Context().Err() == nil {
			p.once(t.Context(), tr, person, &retry, &mark)
			select {
			case <-t.Context().Done():
			case <-time.After(retry):
			}
		}
	}()
}

func (p *pages) once(ctx context.Context, tr *http.Transport, person int64, retry *time.Duration, mark *string) {
	r, err := http.NewRequestWithContext(ctx, "GET", p.base+"/strom", nil)
	if err != nil {
		return
	}
	if *mark != "" {
		r.Header.Set("Last-Event-ID", *mark)
	}
	res, err := tr.RoundTrip(apptest.Ask(r, person))
	if err != nil {
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return
	}
	p.open.Add(1)
	defer p.open.Add(-1)
	told := false
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); {
		case name == "retry":
			if ms, err := strconv.Atoi(value); err == nil {
				*retry = time.Duration(ms) * time.Millisecond
			}
		case name == "id":
			*mark = value
		case name == "event" && !told:
			told = true
			p.came[time.Now().Unix()%int64(len(p.came))].Add(1)
			p.heard.Add(1)
		}
	}
}

// most is how many came back within the same second, since a time not a minute ago.
func (p *pages) most(since time.Time) (most int64) {
	for at := since.Unix(); at <= time.Now().Unix(); at++ {
		most = max(most, p.came[at%int64(len(p.came))].Load())
	}
	return most
}
