package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app"
	"nestfunk/app/apptest"
)

// A session is a council that votes and hands over while its house is killed, and what it was told.
type session struct {
	*testing.T
	*server
	client http.Client
	mu     sync.Mutex
	open   map[[2]int64]string    // by ballot and person: the choice that was taken
	sent   map[[2]int64]string    // likewise: those since then of which nobody heard whether they were
	urn    map[string]url.Values  // by address and token: votes that were taken
	closed map[int64]bool         // ballots
	ticks  map[string]map[int]int // by what was done: things, and by whom
	slips  map[string]*ballot     // by address and person: what their browsers keep
	heard  atomic.Int64           // answers
}

// A ballot of a secret vote lies in a browser, and outlives the house.
type ballot struct {
	app.Paperless
	blinded string
	cast    url.Values // nil: not signed yet
}

// do asks as a person (0: nobody); ok is false where the house is gone before it has answered.
func (s *session) do(method string, person int64, path string, fields url.Values) (code int, to, body string, ok bool) {
	r, err := http.NewRequestWithContext(s.Context(), method, s.base+path, strings.NewReader(fields.Encode()))
	if err != nil {
		s.Error(err)
		return 0, "", "", false
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if person != 0 {
		r = apptest.Ask(r, person)
	}
	res, err := s.client.Do(r)
	if err != nil {
		return 0, "", "", false
	}
	b, err := io.ReadAll(res.Body) // an answer that breaks off is none
	_ = res.Body.Close()
	s.heard.Add(1)
	to, _, _ = strings.Cut(res.Header.Get("Location"), "?")
	return res.StatusCode, to, string(b), err == nil
}

func values(fields ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return v
}

// must is a form of the chair that has to be taken; it returns where it leads.
func (s *session) must(path string, fields ...string) string {
	s.T.Helper()
	code, to, body, ok := s.do(http.MethodPost, leader, path, values(fields...))
	if !ok || code != http.StatusSeeOther {
		_, main, _ := strings.Cut(body, "<main")
		s.Fatalf("%s: %v %d %s", path, ok, code, main)
	}
	return to
}

// found is a number on a page of the chair.
func (s *session) found(path, pattern string) string {
	s.T.Helper()
	_, _, body, _ := s.do(http.MethodGet, leader, path, nil)
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		s.Fatalf("%s has no %s", path, pattern)
	}
	return m[1]
}

// stop kills the house.
func (s *session) stop() {
	if err := s.cmd.Process.Kill(); err != nil {
		s.Error(err)
	}
	_ = s.cmd.Wait() // it was killed
}

// convene has a meeting begin with everybody there; it returns the address of its floor.
func (s *session) convene() string {
	to := s.must("/sitzungen/neu", "unit", fmt.Sprint(council), "title", "Sitzung", "day", time.Now().AddDate(0, 0, 1).Format(time.DateOnly), "starts", "19:30", "ends", "21:30")
	at := strings.TrimSuffix(to, "/tagesordnung")
	s.must(at+"/einladen", "late", "1")
	at += "/plenum"
	s.must(at + "/beginn")
	for p := int64(2); p <= members; p++ {
		s.do(http.MethodPost, p, at+"/anwesend", nil)
	}
	s.must(at+"/punkt", "version", s.found(at, `name="version" value="(\d+)"`), "item", s.found(at, `name="item" value="(\d+)"`))
	return at
}

// ask opens a vote of either kind: by circular, and secretly in the meeting.
func (s *session) ask(trial int, plenum string) (votes []string) {
	day := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	at := s.must("/umlaufbeschluesse/neu", "unit", fmt.Sprint(council), "title", fmt.Sprint("Umlauf ", trial), "wording", "Ja.", "cause", "Es eilt.", "closes_day", day, "closes_time", "20:00")
	votes = append(votes, "/abstimmung/"+s.found(at, `/abstimmung/(\d+)/`))
	s.must(plenum+"/antrag", "title", fmt.Sprint("Antrag ", trial), "wording", "Ja.")
	s.must(plenum+"/abstimmung", "motion", fmt.Sprint(trial+1), "how", "secret")
	return append(votes, "/abstimmung/"+s.found(plenum, `data-ballot="(\d+)"`))
}

// finish has every browser send once more what it has, and closes the votes.
func (s *session) finish(votes []string) {
	s.T.Helper()
	if len(votes) == 2 {
		for p := int64(1); p <= members; p += 2 {
			s.secretly(votes[1], p)
			s.secretly(votes[1], p) // and is not counted twice
		}
	}
	for _, at := range votes {
		id, _ := strconv.ParseInt(strings.TrimPrefix(at, "/abstimmung/"), 10, 64)
		if code, _, body, _ := s.do(http.MethodPost, leader, at+"/schliessen", values("back", "/")); code != http.StatusSeeOther && code != http.StatusUnprocessableEntity {
			s.Errorf("close %s: %d %s", at, code, body)
		} else if code == http.StatusSeeOther { // else it was closed before, or has to go on
			s.closed[id] = true
		}
	}
}

// use has all vote and both boards tick until the house is gone. early: the chair closes the votes while it goes on.
func (s *session) use(votes []string, record string, early bool, end func()) {
	var all sync.WaitGroup
	openly, _ := strconv.ParseInt(strings.TrimPrefix(votes[0], "/abstimmung/"), 10, 64)
	for p := int64(2); p <= members; p++ {
		if p%2 == 0 {
			all.Go(func() { s.openly(votes[0], openly, p) })
		} else {
			all.Go(func() { s.secretly(votes[1], p) })
		}
	}
	done := make(chan int, things)
	all.Go(func() {
		defer close(done)
		for i := 1 + len(s.ticks["give"]); i <= things; i++ {
			if !s.tick(record, leader, i, "give") {
				return
			}
			done <- i
		}
	})
	all.Go(func() {
		for i := range done {
			if !s.tick(record, comer, i, "take") {
				return
			}
		}
	})
	if early {
		all.Go(func() {
			if code, _, _, ok := s.do(http.MethodPost, leader, votes[0]+"/schliessen", values("back", "/")); ok && code == http.StatusSeeOther {
				s.note(func() { s.closed[openly] = true })
			}
		})
	}
	end()
	all.Wait()
}

func (s *session) note(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// openly changes a vote over and over.
func (s *session) openly(at string, ballot, p int64) {
	for i := 0; ; i++ {
		choice, key := []string{"yes", "no", "abstain"}[i%3], [2]int64{ballot, p}
		before := ""
		s.note(func() { before = s.sent[key]; s.sent[key] += choice + " " })
		code, _, body, ok := s.do(http.MethodPost, p, at+"/stimme", values("choice", choice, "back", "/"))
		switch {
		case !ok:
			return
		case code == http.StatusSeeOther:
			s.note(func() { s.open[key] = choice; delete(s.sent, key) })
		case code == http.StatusUnprocessableEntity: // it is closed
			s.note(func() { s.sent[key] = before })
			return
		default:
			s.Errorf("%s as %d: %d %s", at, p, code, body)
			return
		}
	}
}

// secretly fetches a ballot and puts it into the urn, as far as that was not acknowledged; and if it was, once more.
func (s *session) secretly(at string, p int64) {
	key := fmt.Sprint(at, " ", p) // "/abstimmung/2" of 23 is not "/abstimmung/22" of 3
	var x *ballot
	s.note(func() { x = s.slips[key] })
	if x == nil {
		_, _, page, ok := s.do(http.MethodGet, p, at, nil)
		if !ok {
			return
		}
		x = &ballot{}
		x.Paperless, x.blinded = app.NewPaperless(s, page)
		s.note(func() { s.slips[key] = x })
	}
	if x.cast == nil {
		code, _, body, ok := s.do(http.MethodPost, p, at+"/stimmzettel", values("blinded", x.blinded))
		if !ok {
			return
		}
		if code != http.StatusOK {
			s.Errorf("%s as %d: %d %s", at, p, code, body)
			return
		}
		x.cast = values(x.Fields(s, []byte(body), []string{"yes", "yes", "no"}[p%3])...)
	}
	code, _, body, ok := s.do(http.MethodPost, 0, at+"/urne", x.cast)
	if !ok {
		return
	}
	if code != http.StatusOK {
		s.Errorf("the urn of %s: %d %s", at, code, body)
		return
	}
	s.note(func() { s.urn[at+" "+string(x.Token)] = x.cast })
}

func (s *session) tick(record string, p int64, i int, deed string) bool {
	code, _, body, ok := s.do(http.MethodPost, p, record+"/punkt", values("item", fmt.Sprint(10000+i), "deed", deed, "words", ""))
	if ok && code != http.StatusSeeOther {
		s.Errorf("%s %d: %d %s", deed, i, code, body)
	}
	if ok && code == http.StatusSeeOther {
		s.note(func() { s.ticks[deed][10000+i] = int(p) })
	}
	return ok && code == http.StatusSeeOther
}
