package slip

import (
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// has reports whether an announcement asks something.
func has(tx *store.Tx, announcement int64) (bool, error) {
	return store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM slip WHERE announcement = ?)`, announcement)
}

// Of finds the slip of an announcement, whoever asks; NotFound: it asks nothing.
func Of(tx *store.Tx, announcement int64) (Slip, error) {
	s, err := store.One(tx, func(s *Slip) []any {
		return []any{&s.Announcement, &s.Per, (*store.Time)(&s.Deadline), &s.Sign, &s.Both, (*store.Time)(&s.Cleared)}
	}, `SELECT announcement, per, deadline, sign, both, cleared FROM slip WHERE announcement = ?`, announcement)
	if err != nil {
		return s, err
	}
	type row struct {
		Question
		choices string
	}
	all, err := store.All(tx, func(q *row) []any { return []any{&q.ID, &q.Kind, &q.Words, &q.choices, &q.Required} }, `
		SELECT id, kind, words, choices, required FROM slip_question WHERE slip = ? ORDER BY rank`, announcement)
	for _, q := range all {
		if q.choices != "" {
			q.Choices = strings.Split(q.choices, "\n")
		}
		s.Questions = append(s.Questions, q.Question)
	}
	return s, err
}

// Attach has an announcement ask something.
func Attach(tx *store.Tx, h *house.House, s Slip) error {
	if err := s.check(h.Now()); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO slip (announcement, per, deadline, sign, both) VALUES (?, ?, ?, ?, ?)`,
		s.Announcement, s.Per, store.Seconds(s.Deadline), s.Sign, s.Both); err != nil {
		return err
	}
	for i, q := range s.Questions {
		if _, err := tx.Exec(`INSERT INTO slip_question (slip, rank, kind, words, choices, required) VALUES (?, ?, ?, ?, ?, ?)`,
			s.Announcement, i, q.Kind, q.Words, strings.Join(q.Choices, "\n"), q.Required); err != nil {
			return err
		}
	}
	return plan(tx, h, s)
}

// An Answer is what somebody has said last, for a child or for themselves.
type Answer struct {
	ID      int64
	Person  int64
	Name    string // of the person
	Child   int64  // 0: for themselves
	Signed  string
	Drawing string
	Edition int // 1: as it was given first
	At      time.Time
	Values  Values
}

func (a *Answer) fields() []any {
	return []any{&a.ID, &a.Person, &a.Name, store.Null(&a.Child), &a.Signed, &a.Drawing, &a.Edition, (*store.Time)(&a.At)}
}

// answers lists those to a slip: of a person and their children, or of everybody where person is 0.
func answers(tx *store.Tx, slip, person int64) ([]Answer, error) {
	all, err := store.All(tx, (*Answer).fields, `
		SELECT a.id, a.person, p.given || ' ' || p.family, a.child, a.signed, a.drawing, a.edition, a.at
		FROM slip_answer a JOIN person p ON p.id = a.person
		WHERE a.slip = ?1 AND (?2 = 0 OR a.person = ?2 OR a.child IN (SELECT child FROM guardian WHERE person = ?2)) ORDER BY a.at, a.id`, slip, person)
	if err != nil || len(all) == 0 {
		return all, err
	}
	at, ids := map[int64]int{}, make([]int64, len(all))
	for i, a := range all {
		at[a.ID], ids[i], all[i].Values = i, a.ID, Values{}
	}
	type value struct {
		answer, question int64
		value            string
	}
	values, err := store.All(tx, func(v *value) []any { return []any{&v.answer, &v.question, &v.value} }, `
		SELECT v.answer, v.question, v.value FROM json_each(?) j JOIN slip_value v ON v.answer = j.value`, store.List(ids))
	for _, v := range values {
		a := all[at[v.answer]]
		a.Values[v.question] = append(a.Values[v.question], v.value)
	}
	return all, err
}

// ordered puts values of several choices into the order of the slip: the table has them by the letter.
func (s Slip) ordered(v Values) Values {
	for _, q := range s.Questions {
		slices.SortFunc(v[q.ID], func(a, b string) int { return slices.Index(q.Choices, a) - slices.Index(q.Choices, b) })
	}
	return v
}

// A kid is one of the viewer's children for whom they decide, and whom an announcement concerns.
type kid struct {
	ID       int64
	Name     string
	Deciders int // who decide for the child, the viewer among them
}

func kids(tx *store.Tx, announcement int64, v who.Viewer, now time.Time) ([]kid, error) {
	return store.All(tx, func(k *kid) []any { return []any{&k.ID, &k.Name, &k.Deciders} }, `
		SELECT DISTINCT c.id, c.given, (SELECT count(*) FROM guardian o WHERE o.child = c.id AND o.decides = 1 AND o.informed = 1 AND o.state = 'confirmed' AND o.since <= ?3 AND o.until > ?3)
		FROM guardian g JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id
		JOIN unit_up p ON p.unit = s.unit JOIN announcement_audience t ON t.unit = p.above AND t.announcement = ?1
		WHERE g.person = ?2 AND g.decides = 1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?3 AND g.until > ?3
			AND s.since <= ?3 AND s.until > ?3 AND (t.roles & 64) <> 0 ORDER BY c.given, c.id`, announcement, v.ID, now.Unix())
}

// answer notes what the viewer says, for a child or (0) for themselves. What they, or where one answer is enough somebody
// else for the same child, have said before is kept as a trace. The same once more changes nothing.
func answer(tx *store.Tx, h *house.House, s Slip, v who.Viewer, child int64, values Values, g Signature) error {
	l, now := lang.Of(v.Lang), h.Now()
	if err := s.open(l, now); err != nil {
		return err
	}
	if err := g.check(s.Sign, l); err != nil {
		return err
	}
	had, err := answers(tx, s.Announcement, v.ID)
	if err != nil {
		return err
	}
	edition := 1
	for _, a := range had {
		mine := a.Person == v.ID
		if a.Child != child || !mine && s.Both || child == 0 && !mine {
			continue
		}
		if mine && s.ordered(a.Values).same(values, s.Questions) && a.Signed == g.Name && a.Drawing == g.Drawing {
			return nil
		}
		edition = max(edition, a.Edition+1)
		if _, err := tx.Exec(`INSERT INTO slip_trace (slip, person, child, words, at) VALUES (?, ?, nullif(?, 0), ?, ?)`,
			s.Announcement, a.Person, child, s.ordered(a.Values).Words(s.Questions), a.At.Unix()); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM slip_answer WHERE id = ?`, a.ID); err != nil {
			return err
		}
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO slip_answer (slip, person, child, signed, drawing, edition, at) VALUES (?, ?, nullif(?, 0), ?, ?, ?, ?) RETURNING id`,
		s.Announcement, v.ID, child, g.Name, g.Drawing, edition, now.Unix())
	if err != nil {
		return err
	}
	for q, all := range values {
		for _, x := range all {
			if _, err := tx.Exec(`INSERT INTO slip_value (answer, question, value) VALUES (?, ?, ?)`, id, q, x); err != nil {
				return err
			}
		}
	}
	units, err := store.All(tx, store.Value[int64], `
		SELECT DISTINCT p.above FROM announcement_audience t JOIN unit_up p ON p.unit = t.unit WHERE t.announcement = ?`, s.Announcement)
	tx.After(func() { h.Live.Publish(live.Event{Held: units, Person: v.ID}) })
	return err
}

// mayAnswer reports whether the viewer answers a slip, for that child or (0) for themselves.
func mayAnswer(tx *store.Tx, s Slip, v who.Viewer, meant bool, child int64, now time.Time) error {
	if s.Per == PerPerson && meant && child == 0 {
		return nil
	}
	if s.Per == PerChild {
		all, err := kids(tx, s.Announcement, v, now)
		if err != nil || slices.ContainsFunc(all, func(k kid) bool { return k.ID == child }) {
			return err
		}
	}
	return fault.New(fault.Forbidden, "Hier können Sie nicht antworten.")
}

// A trace is what somebody had answered before.
type trace struct {
	Name  string
	Child int64
	Words string
	At    time.Time
}

func traces(tx *store.Tx, slip int64) ([]trace, error) {
	return store.All(tx, func(t *trace) []any { return []any{&t.Name, store.Null(&t.Child), &t.Words, (*store.Time)(&t.At)} }, `
		SELECT p.given || ' ' || p.family, t.child, t.words, t.at FROM slip_trace t JOIN person p ON p.id = t.person WHERE t.slip = ? ORDER BY t.at, t.id`, slip)
}
