package announcement

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// families puts n children into the group Käfer, each with one guardian; persons 1001 and following.
func families(t *testing.T, h *apptest.House, n int) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		for _, q := range []string{
			`WITH RECURSIVE n (i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + ?)
			INSERT INTO person (id, uid, given, family) SELECT i, 'n' || i, 'Vorname' || i, 'Nachname' FROM n`,
			`WITH RECURSIVE n (i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + ?)
			INSERT INTO child (id, uid, facility, given, family) SELECT i, 'n' || i, 4, 'Kind' || i, 'Nachname' FROM n`,
			`WITH RECURSIVE n (i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + ?)
			INSERT INTO child_stay (child, since, unit) SELECT i, 0, 5 FROM n`,
			`WITH RECURSIVE n (i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + ?)
			INSERT INTO guardian (child, person, state, mail, since) SELECT i, i, 'confirmed', 'familie' || i || '@example.org', 0 FROM n`,
		} {
			if _, err := tx.Exec(q, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type asking struct {
	child int64
	state string
	turn  int
}

func places(t *testing.T, h *apptest.House, closure string) (all []asking) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.All(tx, func(p *asking) []any { return []any{&p.child, &p.state, &p.turn} }, `
			SELECT child, state, turn FROM announcement_care WHERE closure = ? ORDER BY turn`, closure)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// 200 families ask for the last place at the same time: one gets it, and when
// it is given back, the first of those who wait gets it and is told.
func TestLastPlace(t *testing.T) {
	const n = 200
	h, s := site(t)
	families(t, h, n)
	id := closeKaefer(t, s, 1)
	h.Work(t)
	before := len(h.Post.Sent())

	begin := make(chan struct{})
	var wg sync.WaitGroup
	for p := int64(1001); p < 1001+n; p++ {
		wg.Go(func() {
			<-begin
			a := s.Post(p, "/schliessung/"+id+"/notbetreuung", "child", fmt.Sprint(p), "want", "place", "back", "/")
			if a.Code != 303 {
				t.Errorf("person %d: %d %s", p, a.Code, a.Body)
			}
		})
	}
	close(begin)
	wg.Wait()
	all := places(t, h, id)
	if len(all) != n {
		t.Fatalf("%d of %d requests are there", len(all), n)
	}
	for i, p := range all {
		want := InLine
		if i == 0 {
			want = Given
		}
		if p.state != want || p.turn != i+1 {
			t.Errorf("child %d has %q and turn %d, want %q and %d", p.child, p.state, p.turn, want, i+1)
		}
	}
	last := all[n-1].child
	if a := s.Get(last, "/"); !a.Has("Sie stehen auf Platz 199 der Warteliste") {
		t.Errorf("the last in the line reads: %s", a.Body)
	}

	first, second := all[0].child, all[1].child
	if a := s.Post(first, "/schliessung/"+id+"/notbetreuung", "child", fmt.Sprint(first), "want", "home"); a.Code != 303 {
		t.Fatalf("give back: %d %s", a.Code, a.Body)
	}
	h.Work(t)
	h.Work(t)
	given := 0
	for _, p := range places(t, h, id) {
		if p.state == Given {
			given++
			if p.child != second {
				t.Errorf("child %d moved up, and %d was first in the line", p.child, second)
			}
		}
	}
	if given != 1 {
		t.Errorf("%d places are given", given)
	}
	told := h.Post.Sent()[before:]
	if len(told) != 1 || told[0].To != fmt.Sprintf("familie%d@example.org", second) || !strings.Contains(told[0].Text, fmt.Sprintf("Sie haben einen Platz für Kind%d", second)) {
		t.Errorf("mails: %+v", told)
	}
	if a := s.Get(second, "/"); !a.Has(fmt.Sprintf("Sie haben einen Platz für Kind%d", second)) {
		t.Errorf("the page of who moved up: %s", a.Body)
	}
	if a := s.Get(last, "/"); !a.Has("Sie stehen auf Platz 198 der Warteliste") {
		t.Errorf("the last in the line reads then: %s", a.Body)
	}
}

// Two heads reopen at the same moment: it happens once, and the second is told.
func TestTwoReopen(t *testing.T) {
	h, s := site(t)
	id := closeKaefer(t, s, 1)
	h.Work(t)
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error { // Rosa stands in for the head
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 4, 'confirmed', 0)`, apptest.Rosa, apptest.Sonne)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f := New(h.House, Wires{})
	other := h.Serve(t, f) // each has a browser
	answers := make([]apptest.Answer, 2)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i, one := range []struct {
		site   *apptest.Site
		person int64
	}{{s, apptest.Hanna}, {other, apptest.Rosa}} {
		wg.Go(func() {
			<-begin
			answers[i] = one.site.Post(one.person, "/schliessung/"+id+"/aufheben", "version", "1", "words", "Wir sind wieder da")
		})
	}
	close(begin)
	wg.Wait()
	done, told := 0, 0
	for _, a := range answers {
		switch {
		case a.Code == 303:
			done++
		case a.Code == 422 && a.Has("Inzwischen hat jemand anders diese Schließung geändert") && a.Has("ist wieder geöffnet"):
			told++
		default:
			t.Errorf("%d %s", a.Code, a.Body)
		}
	}
	if done != 1 || told != 1 {
		t.Errorf("%d have reopened, %d were told", done, told)
	}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM announcement_event WHERE closure = ? AND kind = 'reopened'`, id)
		if n != 1 {
			t.Errorf("it was reopened %d times", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The mail server is down for an hour: afterwards every mail goes out, once.
func TestMailServerIsDown(t *testing.T) {
	h, s := site(t)
	h.Post.Fail(errors.New("connection refused"))
	id := closeKaefer(t, s, 1)
	stand := "/mitteilung/" + id + "/stand"
	for range 60 {
		h.Work(t)
		if n := len(h.Post.Sent()); n > 0 {
			t.Fatalf("%d mails went out through a server that is down", n)
		}
		if a := s.Get(apptest.Hanna, stand); !a.Has(`<span class="tag">wird zugestellt</span>`) {
			t.Fatalf("coverage while it is down: %s", a.Body)
		}
		h.Clock.Add(time.Minute)
	}
	if got := states(t, h, id); got["waiting"] == 0 || got["handed"] > 0 || got["failed"] > 0 {
		t.Errorf("while it is down: %v", got)
	}
	h.Post.Fail(nil)
	for range 60 { // tries are half an hour apart by now
		h.Work(t)
		h.Clock.Add(time.Minute)
	}
	times := map[string]int{}
	for _, m := range h.Post.Sent() {
		if m.Ref != "" { // not the word to the head that the list of those to call begins
			times[m.To]++
		}
	}
	if len(times) == 0 || times["ada@example.org"] != 1 {
		t.Errorf("mails: %v", times)
	}
	for to, n := range times {
		if n != 1 {
			t.Errorf("%d mails to %s", n, to)
		}
	}
	if got := states(t, h, id); got["waiting"] > 0 || got["handed"] != len(times) {
		t.Errorf("afterwards: %v", got)
	}
	if a := s.Get(apptest.Hanna, stand); !a.Has(`<span class="tag info">zugestellt, nicht bestätigt</span>`) {
		t.Errorf("coverage afterwards: %s", a.Body)
	}
}

func states(t *testing.T, h *apptest.House, id string) map[string]int {
	t.Helper()
	type line struct {
		state string
		n     int
	}
	all := map[string]int{}
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := store.All(tx, func(l *line) []any { return []any{&l.state, &l.n} }, `
			SELECT state, count(*) FROM announcement_delivery WHERE announcement = ? AND channel = 'mail' GROUP BY state`, id)
		for _, l := range rows {
			all[l.state] = l.n
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
