package app_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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

// TestKillCouncil: a council votes, openly and secretly, and hands over, while kill -9 ends the house at any moment. Each vote
// that was acknowledged counts once, results are the sums of the votes, no number of the book is missing or there twice, and no
// tick is lost. Each vote is one of four deaths. At last a vote, a tick and a number are taken away, and the check has to notice each.
func TestKillCouncil(t *testing.T) {
	t.Parallel()
	trials := max(2, kills(8, 20))
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
	rounds := (trials + round - 1) / round
	given, taken := len(s.ticks["give"]), len(s.ticks["take"])
	if len(s.open) < 8*rounds || len(s.urn) < 8*rounds || given < trials || taken < max(1, trials/2) {
		t.Fatalf("%d open votes, %d secret, %d and %d ticks in %d trials: too few to tell anything", len(s.open), len(s.urn), given, taken, trials)
	}
	planted := errors.New("back to what it was")
	inDatabase(t, file, func(db *store.DB) error {
		if err := db.Read(t.Context(), s.check); err != nil {
			return err
		}
		for _, q := range []string{
			`DELETE FROM ballot_urn WHERE token = (SELECT min(token) FROM ballot_urn)`,
			`UPDATE ballot_voter SET choice = '' WHERE id = (SELECT min(id) FROM ballot_voter WHERE choice <> '')`,
			`UPDATE ballot SET ayes = ayes + 1 WHERE id = (SELECT min(id) FROM ballot WHERE state = 'closed')`,
			// One that was acknowledged: of the others nobody knows.
			fmt.Sprintf(`UPDATE handover_item SET given = NULL WHERE id = %d`, slices.Min(slices.Collect(maps.Keys(s.ticks["give"])))),
			fmt.Sprintf(`UPDATE handover_item SET taken = NULL WHERE id = %d`, slices.Min(slices.Collect(maps.Keys(s.ticks["take"])))),
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
	if !t.Failed() {
		apptest.Figure(t, "kill-council", fmt.Sprintf("%d Abbrüche, %d offene und %d geheime Stimmen, keine verloren oder doppelt", trials, len(s.open), len(s.urn)))
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
