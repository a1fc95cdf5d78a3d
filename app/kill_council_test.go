package app_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app"
	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// What the council of a killed house does: its chair is person 1, its members are up to 24, the coming chair is 31.
const (
	council = 20
	leader  = 1
	comer   = 31
	members = 24
	things  = 4000 // that the one board leaves to the other
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

// TestKillCouncil: a council votes, openly and secretly, and hands over, while kill -9 ends the house at any moment. Each vote
// that was acknowledged counts once, results are the sums of the votes, no number of the book is missing or there twice, and no
// tick is lost. At last a vote, a tick and a number are taken away, and the check has to notice each.
func TestKillCouncil(t *testing.T) {
	trials := 20
	if n, err := strconv.Atoi(os.Getenv("NESTFUNK_KILL")); err == nil {
		trials = n
	}
	if testing.Short() {
		trials = 2
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	file := apptest.Town(t, apptest.Small)
	inDatabase(t, file, func(db *store.DB) error { return db.Write(t.Context(), found) })
	tr := &http.Transport{MaxIdleConnsPerHost: 32}
	defer tr.CloseIdleConnections()
	s := &session{T: t, client: http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		open: map[[2]int64]string{}, sent: map[[2]int64]string{}, urn: map[string]url.Values{}, closed: map[int64]bool{},
		ticks: map[string]map[int]int{"give": {}, "take": {}}, slips: map[string]*ballot{}}
	args := []string{"serve", "--data", filepath.Dir(file), "--listen", "127.0.0.1:0"}
	s.server = serve(t, args...)
	plenum := s.convene()
	record := s.must(fmt.Sprintf("/gremium/%d/uebergabe", council), "changes", time.Now().AddDate(0, 2, 0).Format(time.DateOnly))
	s.stop()
	inDatabase(t, file, func(db *store.DB) error { // so many things that they last
		return db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
				INSERT INTO handover_item (id, handover, kind, ref, title, note, path) SELECT 10000 + i, (SELECT max(id) FROM handover), 'topic', 'n ' || i, 'Ding ' || i, '', '' FROM n`, things)
			return err
		})
	})
	const round = 4 // so many times the house is killed in one vote
	var votes []string
	for trial := range trials {
		s.server = serve(t, args...)
		if trial%round == 0 {
			s.finish(votes)
			votes = s.ask(trial/round, plenum)
		}
		most := s.heard.Load() + 20 + chance.Int64N(60)
		s.use(votes, record, trial%round == round-1, func() {
			for begin := time.Now(); s.heard.Load() < most && time.Since(begin) < 2*time.Second; {
				time.Sleep(time.Duration(chance.Int64N(int64(5 * time.Millisecond))))
			}
			s.stop()
		})
		inDatabase(t, file, func(db *store.DB) error { return db.Read(t.Context(), s.check) })
	}
	s.server = serve(t, args...)
	s.finish(votes)
	s.stop()
	planted := errors.New("back to what it was")
	inDatabase(t, file, func(db *store.DB) error {
		if err := db.Read(t.Context(), s.check); err != nil {
			return err
		}
		for _, q := range []string{
			`DELETE FROM ballot_urn WHERE token = (SELECT min(token) FROM ballot_urn)`,
			`UPDATE ballot_voter SET choice = '' WHERE id = (SELECT min(id) FROM ballot_voter WHERE choice <> '')`,
			`UPDATE ballot SET ayes = ayes + 1 WHERE id = (SELECT min(id) FROM ballot WHERE state = 'closed')`,
			`UPDATE handover_item SET given = NULL WHERE id = (SELECT min(id) FROM handover_item WHERE given IS NOT NULL AND kind = 'topic')`,
			`UPDATE handover_item SET taken = NULL WHERE id = (SELECT min(id) FROM handover_item WHERE taken IS NOT NULL)`,
			`UPDATE resolution SET number = number + 1000 WHERE id = (SELECT min(id) FROM resolution)`,
			`UPDATE resolution SET origin = 'nothing' WHERE id = (SELECT max(id) FROM resolution)`,
		} {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				n, err := tx.Exec(q)
				if err == nil && n != 1 {
					err = fmt.Errorf("%s: %d rows", q, n)
				}
				if err != nil {
					return err
				}
				if err := s.check(tx); err != nil {
					t.Logf("noticed: %v", err)
				} else {
					t.Errorf("nobody notices: %s", q)
				}
				return planted
			})
			if !errors.Is(err, planted) {
				return err
			}
		}
		return nil
	})
	rounds := (trials + round - 1) / round
	given, taken := len(s.ticks["give"]), len(s.ticks["take"])
	if len(s.open) < 8*rounds || len(s.urn) < 8*rounds || given < trials || taken < trials/2 {
		t.Errorf("%d open votes, %d secret, %d and %d ticks in %d trials: too few to tell anything", len(s.open), len(s.urn), given, taken, trials)
	}
	t.Logf("%d trials: %d open votes, %d secret ones, %d results, %d and %d ticks were acknowledged, and all are there", trials, len(s.open), len(s.urn), len(s.closed), given, taken)
}

// found makes the council.
func found(tx *store.Tx) error {
	now := time.Now()
	for _, q := range []struct {
		words string
		args  []any
	}{
		{`UPDATE session SET created = ?1, seen = ?1, expires = ?2`, []any{now.Unix(), now.AddDate(0, 1, 0).Unix()}},
		{`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (?, 'rat', 1000, 'committee', 'Beirat', 0)`, []any{council}},
		{`INSERT INTO unit_up (unit, above, depth) SELECT ?1, above, depth + 1 FROM unit_up WHERE unit = 1000 UNION ALL SELECT ?1, ?1, 0`, []any{council}},
		{`DELETE FROM membership WHERE unit = 1000 AND role = 7`, nil},
		{`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, ?, 8, 'chair', 'confirmed', 0)`, []any{leader, council}},
		{`INSERT INTO membership (person, unit, role, office, state, since) SELECT id, ?, 7, 'delegate', 'confirmed', 0 FROM person WHERE id BETWEEN 2 AND ?`, []any{council, members}},
		{`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, ?, 8, 'chair', 'confirmed', ?)`, []any{comer, council, now.AddDate(0, 1, 0).Unix()}},
	} {
		if _, err := tx.Exec(q.words, q.args...); err != nil {
			return fmt.Errorf("%s: %w", q.words, err)
		}
	}
	return nil
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
		}
		s.closed[id] = true
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
	key := fmt.Sprint(at, p)
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

// check compares what the house holds with what it has acknowledged; it returns the first thing that is wrong.
func (s *session) check(tx *store.Tx) error {
	n, err := store.One(tx, store.Value[string], `SELECT group_concat(integrity_check) FROM pragma_integrity_check`)
	if err == nil && n != "ok" {
		err = fmt.Errorf("the database is broken: %s", n)
	}
	if err != nil {
		return err
	}
	for key, choice := range s.open {
		got, err := store.One(tx, store.Value[string], `SELECT group_concat(choice) FROM ballot_voter WHERE ballot = ? AND person = ?`, key[0], key[1])
		if err != nil {
			return err
		}
		if got != choice && (got == "" || !strings.Contains(s.sent[key], got)) {
			return fmt.Errorf("person %d has voted %q in %d, the house has %q", key[1], choice, key[0], got)
		}
	}
	for key, cast := range s.urn {
		at, token, _ := strings.Cut(key, " ")
		hash := sha256.Sum256([]byte(token))
		got, err := store.One(tx, store.Value[string], `SELECT coalesce(group_concat(choice), '') FROM ballot_urn WHERE ballot = ? AND token = ?`, strings.TrimPrefix(at, "/abstimmung/"), hash[:])
		if err != nil {
			return err
		}
		if got != cast.Get("choice") {
			return fmt.Errorf("a vote %q for %s in the urn is %q", cast.Get("choice"), at, got)
		}
	}
	for deed, all := range s.ticks {
		column := map[string]string{"give": "given IS NOT NULL AND giver", "take": "taken IS NOT NULL AND taker"}[deed]
		for item, by := range all {
			ok, err := store.One(tx, store.Value[bool], `SELECT coalesce(`+column+` = ?, 0) FROM handover_item WHERE id = ?`, by, item)
			if err != nil {
				return err
			}
			if !ok {
				return fmt.Errorf("%s of %d is not there", deed, item)
			}
		}
	}
	wrong, err := store.All(tx, store.Value[string], `
		WITH result AS (SELECT b.id, b.kind || ' ' || b.ref AS origin, b.ayes, b.noes, b.abstained, b.carried,
			(SELECT count(*) FROM ballot_urn u WHERE u.ballot = b.id AND u.choice = 'yes') + (SELECT count(*) FROM ballot_voter v WHERE v.ballot = b.id AND v.choice = 'yes') AS yes,
			(SELECT count(*) FROM ballot_urn u WHERE u.ballot = b.id AND u.choice = 'no') + (SELECT count(*) FROM ballot_voter v WHERE v.ballot = b.id AND v.choice = 'no') AS no,
			(SELECT count(*) FROM ballot_urn u WHERE u.ballot = b.id AND u.choice = 'abstain') + (SELECT count(*) FROM ballot_voter v WHERE v.ballot = b.id AND v.choice = 'abstain') AS neither
			FROM ballot b WHERE b.state = 'closed')
		SELECT 'the result of ' || id || ' is not the sum of its votes' FROM result WHERE ayes <> yes OR noes <> no OR abstained <> neither
		UNION ALL SELECT 'the urn of ' || b.id || ' has more votes than ballots' FROM ballot b WHERE b.secret = 1
			AND (SELECT count(*) FROM ballot_urn u WHERE u.ballot = b.id) > (SELECT count(*) FROM ballot_voter v WHERE v.ballot = b.id AND v.took <> '')
		UNION ALL SELECT origin || ' was carried and stands in the book ' || (SELECT count(*) FROM resolution r WHERE r.origin = result.origin) || ' times' FROM result
			WHERE carried <> (SELECT count(*) FROM resolution r WHERE r.origin = result.origin)
		UNION ALL SELECT 'the numbers of ' || year || ' have a gap' FROM resolution GROUP BY unit, year HAVING count(*) <> max(number) OR count(DISTINCT number) <> max(number)`)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("%q", wrong)
	}
	if err != nil {
		return err
	}
	for id := range s.closed {
		state, err := store.One(tx, store.Value[string], `SELECT state FROM ballot WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if state != "closed" {
			return fmt.Errorf("vote %d was closed, and is %q", id, state)
		}
	}
	return nil
}
