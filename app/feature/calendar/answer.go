package calendar

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// States of an answer.
const (
	Yes     = "yes"
	No      = "no"
	Waiting = "waiting" // wants to come, and there is no place yet
)

// An Answer says whether somebody comes.
type Answer struct {
	Person int64
	Name   string // "": not to be told
	State  string // "": none yet
	People int
	Turn   int // of those who wait: how many are before, and this one; 0: does not wait
	At     time.Time
}

func (a *Answer) fields() []any {
	return []any{&a.Person, &a.Name, &a.State, &a.People, &a.Turn, (*store.Time)(&a.At)}
}

// answers lists those of an instance: who comes, who waits in their order, who does not come.
func answers(tx *store.Tx, instance int64) ([]Answer, error) {
	return store.All(tx, (*Answer).fields, `
		SELECT a.person, trim(p.given || ' ' || p.family), a.state, a.people, CASE a.state WHEN 'waiting' THEN
				(SELECT count(*) FROM calendar_answer b WHERE b.instance = a.instance AND b.state = 'waiting' AND b.turn <= a.turn) ELSE 0 END, a.at
		FROM calendar_answer a JOIN person p ON p.id = a.person WHERE a.instance = ?
		ORDER BY CASE a.state WHEN 'yes' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END, CASE a.state WHEN 'waiting' THEN a.turn ELSE 0 END, p.family, p.given, p.id`, instance)
}

// answerOf is a person's; the zero Answer where there is none.
func answerOf(tx *store.Tx, instance, person int64) (Answer, error) {
	a, err := store.One(tx, (*Answer).fields, `
		SELECT a.person, '', a.state, a.people, CASE a.state WHEN 'waiting' THEN
				(SELECT count(*) FROM calendar_answer b WHERE b.instance = a.instance AND b.state = 'waiting' AND b.turn <= a.turn) ELSE 0 END, a.at
		FROM calendar_answer a WHERE a.instance = ? AND a.person = ?`, instance, person)
	if fault.KindOf(err) == fault.NotFound {
		return Answer{}, nil
	}
	return a, err
}

// A Tally counts the people of an instance.
type Tally struct{ Yes, Waiting, No int }

func tally(tx *store.Tx, instance int64) (Tally, error) {
	return store.One(tx, func(c *Tally) []any { return []any{&c.Yes, &c.Waiting, &c.No} }, `
		SELECT coalesce(sum(iif(state = 'yes', people, 0)), 0), coalesce(sum(iif(state = 'waiting', people, 0)), 0), coalesce(sum(iif(state = 'no', 1, 0)), 0)
		FROM calendar_answer WHERE instance = ?`, instance)
}

// Free is how many places are left of some; -1: as many as want.
func (c Tally) Free(places int) int {
	if places == 0 {
		return -1
	}
	return max(0, places-c.Yes)
}

// askable says why nobody can answer any more; nil where one can.
func (t Termin) askable(l *lang.Lang, now time.Time) error {
	switch {
	case !t.Answers:
		return fault.New(fault.Conflict, "Bei diesem Termin wird nicht gefragt, wer kommt.")
	case t.Cancelled:
		return fault.New(fault.Conflict, "%s", l.T("Dieser Termin ist abgesagt."))
	case !t.Starts.After(now):
		return fault.New(fault.Conflict, "%s", l.T("Dieser Termin hat schon begonnen. Antworten sind nicht mehr möglich."))
	case !t.Until().After(now):
		return fault.New(fault.Conflict, "%s", l.T("Antworten waren bis %s möglich.", l.Stamp(house.Local(t.Until()))))
	}
	return nil
}

// answer notes whether a person comes, and with how many people. Where no place is left, the person waits in the order
// of asking; who had a place and asks for more than there are keeps what there was.
func answer(tx *store.Tx, h *house.House, t Termin, v who.Viewer, state string, people int) error {
	l, now := lang.Of(v.Lang), h.Now()
	if err := t.askable(l, now); err != nil {
		return err
	}
	if state != Yes && state != No {
		return fault.At("state", "Bitte wählen Sie, ob Sie kommen.")
	}
	if state == Yes && (people < 1 || people > t.Guests) {
		return fault.At("people", "%s", l.N(t.Guests, "Sie können für höchstens %d Personen zusagen."))
	}
	mine, err := answerOf(tx, t.ID, v.ID)
	if err != nil {
		return err
	}
	if state == No {
		people = 1
	}
	count, err := tally(tx, t.ID)
	if err != nil {
		return err
	}
	if state == Yes && t.Places > 0 {
		free := t.Places - count.Yes
		queue := count.Waiting > 0 && mine.State != Waiting // somebody is before
		if mine.State == Yes {
			free += mine.People
			if people > mine.People && (people > free || queue) {
				return fault.At("people", "%s", l.T("So viele Plätze sind nicht mehr frei. Ihre bisherige Zusage bleibt bestehen."))
			}
		} else if people > free || queue || mine.State == Waiting {
			state = Waiting
		}
	}
	if _, err := tx.Exec(`
		INSERT INTO calendar_answer (instance, person, state, people, turn, at)
		VALUES (?1, ?2, ?3, ?4, 1 + coalesce((SELECT max(turn) FROM calendar_answer WHERE instance = ?1), 0), ?5)
		ON CONFLICT (instance, person) DO UPDATE SET state = excluded.state, people = excluded.people, at = excluded.at,
			turn = CASE WHEN state = 'waiting' AND excluded.state = 'waiting' THEN turn ELSE excluded.turn END`,
		t.ID, v.ID, state, people, now.Unix()); err != nil {
		return err
	}
	tx.After(func() { h.Live.Publish(live.Event{Held: []int64{t.Unit}, Person: v.ID}) })
	return moveUp(tx, h, t.ID, v.ID)
}

// moveUp gives free places to those who wait, strictly in their order: a family of four at the head is not overtaken by
// one person behind it. asker sees it on the page, and is not told; 0: nobody asks.
func moveUp(tx *store.Tx, h *house.House, instance, asker int64) error {
	t, err := plain(tx, instance)
	if err != nil || t.Cancelled || !t.Answers {
		return err
	}
	for {
		next, err := store.All(tx, (*Answer).fields, `
			SELECT person, '', state, people, 0, at FROM calendar_answer WHERE instance = ? AND state = 'waiting' ORDER BY turn LIMIT 1`, instance)
		if err != nil || len(next) == 0 {
			return err
		}
		count, err := tally(tx, instance)
		if err != nil || t.Places > 0 && next[0].People > t.Places-count.Yes {
			return err
		}
		if _, err := tx.Exec(`UPDATE calendar_answer SET state = 'yes' WHERE instance = ? AND person = ?`, instance, next[0].Person); err != nil {
			return err
		}
		if next[0].Person != asker {
			if err := notice.Plan(tx, h, tellKind, next[0].Person, placed, instance); err != nil {
				return err
			}
		}
	}
}

// mayName reports whether v may read who comes: the team of the facility; of a committee's own date its members.
// An office and a carrier see numbers.
func mayName(tx *store.Tx, t Termin, v who.Viewer, now time.Time) (bool, error) {
	right := who.Of(who.Head, who.Staff)
	if t.Kind == org.Committee && t.Roles == council {
		return may(tx, v, t.Unit, now)
	}
	return org.Manages(tx, v.ID, t.Unit, right, now)
}
