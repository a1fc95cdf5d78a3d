package slip

import (
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// States of a row.
const (
	Open     = "open"     // nobody has answered
	Half     = "half"     // not all have who must
	Divided  = "divided"  // they have answered differently
	Answered = "answered" // all is said
)

// A Row is a child, or a person, who is asked.
type Row struct {
	Child   int64 // 0: a person
	Person  int64 // 0: a child
	Unit    int64 // the child's group, or where the person is
	Name    string
	Group   string
	Parent  bool // the person is asked as a parent: their name is a family's
	Shown   bool // the viewer may read who it is
	Missing int  // how many still have to answer
	Of      int  // how many have to
	State   string
	Values  Values   // that count; nil: none
	Answers []Answer // of all who have answered
	Traces  []trace
}

// rows are what a slip asks, in the units that the viewer leads, by group and name.
func rows(tx *store.Tx, s Slip, v who.Viewer, now time.Time) ([]Row, error) {
	led, err := org.Kept(tx, v.ID, who.Team, now)
	if err != nil {
		return nil, err
	}
	near, err := org.Kept(tx, v.ID, who.Of(who.Head, who.Staff), now)
	if err != nil {
		return nil, err
	}
	all, err := asked(tx, s, now)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r Row) bool { return !led[r.Unit] })
	given, err := answers(tx, s.Announcement, 0)
	if err != nil {
		return nil, err
	}
	before, err := traces(tx, s.Announcement)
	if err != nil {
		return nil, err
	}
	of := map[[2]int64][]Answer{}
	for _, a := range given {
		a.Values = s.ordered(a.Values)
		k := [2]int64{a.Child, a.Person}
		if a.Child != 0 {
			k[1] = 0
		}
		of[k] = append(of[k], a)
	}
	for i := range all {
		r := &all[i]
		r.Shown = near[r.Unit] || r.Person != 0 && !r.Parent
		r.settle(s, of[[2]int64{r.Child, r.Person}])
		for _, t := range before {
			if r.Child != 0 && t.Child == r.Child {
				r.Traces = append(r.Traces, t)
			}
		}
	}
	return all, nil
}

// settle says where a row stands.
func (r *Row) settle(s Slip, given []Answer) {
	r.Answers = given
	if !s.Both {
		r.Of = 1
	}
	switch n := len(given); {
	case n == 0:
		r.State, r.Missing = Open, max(r.Of, 1)
		return
	case n < r.Of:
		r.State, r.Missing = Half, r.Of-n
		return
	}
	r.Values, r.State = given[len(given)-1].Values, Answered
	for _, a := range given {
		if !a.Values.same(r.Values, s.Questions) {
			r.State, r.Values = Divided, nil
			return
		}
	}
}

// asked lists who is asked as of now: the children of the audience, or its people.
func asked(tx *store.Tx, s Slip, now time.Time) ([]Row, error) {
	fields := func(r *Row) []any { return []any{&r.Child, &r.Person, &r.Unit, &r.Name, &r.Group, &r.Parent, &r.Of} }
	if s.Per == PerChild {
		return store.All(tx, fields, `
			SELECT DISTINCT c.id, 0, s.unit, c.given || ' ' || c.family, u.name, 0,
				(SELECT count(*) FROM guardian g WHERE g.child = c.id AND g.decides = 1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2)
			FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit JOIN child c ON c.id = s.child JOIN unit u ON u.id = s.unit
			WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 AND s.since <= ?2 AND s.until > ?2 ORDER BY u.name, c.family, c.given, c.id`, s.Announcement, now.Unix())
	}
	return store.All(tx, fields, `
		WITH m AS MATERIALIZED (
			SELECT h.person, h.unit, h.role FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN holding h ON h.unit = p.unit
			WHERE t.announcement = ?1 AND (t.roles & (1 << h.role)) <> 0 AND h.since <= ?2 AND h.until > ?2
			UNION
			SELECT h.person, t.unit, h.role FROM announcement_audience t JOIN unit_up p ON p.unit = t.unit AND p.depth > 0 JOIN holding h ON h.unit = p.above
			WHERE t.announcement = ?1 AND (t.roles & (1 << h.role)) <> 0 AND h.role IN (2, 3, 4, 5) AND h.since <= ?2 AND h.until > ?2)
		SELECT 0, m.person, min(m.unit), p.given || ' ' || p.family, min(u.name), min(m.role = 6), 1
		FROM m JOIN person p ON p.id = m.person JOIN unit u ON u.id = m.unit GROUP BY m.person ORDER BY min(u.name), p.family, p.given, p.id`, s.Announcement, now.Unix())
}

// A Tally is what came of a question.
type Tally struct {
	Question
	Bars  []Bar
	Sum   int // of numbers
	Count int // of answers
}

// A Bar is how often something was answered, and where it stands in a picture 360 wide.
type Bar struct {
	Words string
	N     int
	Y, W  float64
}

// barHeight is of one bar with its words.
const barHeight = 46

// Height is that of the picture.
func (t Tally) Height() int { return len(t.Bars)*barHeight + 4 }

// tallies counts the answers of rows.
func tallies(s Slip, rows []Row) (all []Tally) {
	for _, q := range s.Questions {
		t := Tally{Question: q}
		n := map[string]int{}
		for _, r := range rows {
			if len(r.Values[q.ID]) > 0 {
				t.Count++
			}
			for _, x := range r.Values[q.ID] {
				n[x]++
				if q.Kind == Number {
					k, _ := strconv.Atoi(x) // a number, or it had not been taken
					t.Sum += k
				}
			}
		}
		most := 1
		for _, c := range q.Choices {
			most = max(most, n[c])
		}
		for i, c := range q.Choices {
			t.Bars = append(t.Bars, Bar{Words: c, N: n[c], Y: float64(i * barHeight), W: 310 * float64(n[c]) / float64(most)})
		}
		all = append(all, t)
	}
	return all
}

// A Sum counts rows by their state.
type Sum struct{ All, Answered, Half, Divided, Open int }

func sum(rows []Row) (n Sum) {
	for _, r := range rows {
		n.All++
		switch r.State {
		case Answered:
			n.Answered++
		case Half:
			n.Half++
		case Divided:
			n.Divided++
		default:
			n.Open++
		}
	}
	return n
}
