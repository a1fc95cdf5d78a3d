package absence

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// few is the number below which numbers could betray somebody to those who may not know names.
const few = 5

// A counted is the numbers of a group on a day.
type counted struct {
	Unit, Children, Ill, Holiday, Appointment, Other, Late int64
}

func (c *counted) fields() []any {
	return []any{&c.Unit, &c.Children, &c.Ill, &c.Holiday, &c.Appointment, &c.Other, &c.Late}
}

// chunk is how many groups are written down at once: nobody else waits for more than a few milliseconds.
const chunk = 200

// count writes down the numbers of all groups that were open on a day that is over.
func count(ctx context.Context, db *store.DB, day string, shut Shut) error {
	var all []counted
	var nobody bool // was open
	var facilities []int64
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		if nobody, facilities, err = shut(tx, day); err != nil || nobody {
			return err
		}
		all, err = store.All(tx, (*counted).fields, `
			SELECT s.unit, count(*), sum(a.reason IS 'ill'), sum(a.reason IS 'holiday'), sum(a.reason IS 'appointment'),
				sum(a.id IS NOT NULL AND a.reason NOT IN ('ill', 'holiday', 'appointment')), sum(a.late IS 1 AND a.first_day = ?1)
			FROM child_stay s LEFT JOIN absence a ON a.id = (
				SELECT x.id FROM absence x WHERE x.child = s.child AND x.last_day >= ?1 AND x.first_day <= ?1 AND x.withdrawn IS NULL ORDER BY x.id LIMIT 1)
			WHERE s.since <= ?2 AND s.until > ?2 AND s.unit NOT IN (SELECT p.unit FROM json_each(?3) x JOIN unit_up p ON p.above = x.value)
			GROUP BY s.unit`, day, noon(day).Unix(), store.List(facilities))
		return err
	})
	if err != nil {
		return err
	}
	if nobody || len(facilities) > 0 { // it may have become known after the day was counted
		if err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`
				DELETE FROM absence_count WHERE day = ?1 AND (?2 OR unit IN (SELECT p.unit FROM json_each(?3) x JOIN unit_up p ON p.above = x.value))`,
				day, nobody, store.List(facilities))
			return err
		}); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(all, chunk) {
		list, err := json.Marshal(part)
		if err != nil {
			return err
		}
		if err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`
				INSERT INTO absence_count (day, unit, children, ill, holiday, appointment, other, late)
				SELECT ?1, value ->> 'Unit', value ->> 'Children', value ->> 'Ill', value ->> 'Holiday', value ->> 'Appointment', value ->> 'Other', value ->> 'Late'
				FROM json_each(?2) WHERE true
				ON CONFLICT (unit, day) DO UPDATE SET children = excluded.children, ill = excluded.ill, holiday = excluded.holiday,
					appointment = excluded.appointment, other = excluded.other, late = excluded.late`, day, string(list))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func weekend(day string) bool {
	w := noon(day).Weekday()
	return w == time.Saturday || w == time.Sunday
}

// Tally is the days of children in a unit and a week or month. A number below zero is one that must not be shown.
type Tally struct {
	Period string // first day of the week or month
	Unit   int64
	Name   string // of the group, or of the facility for those who may not know names
	Within string // name of the facility; "": Name is one
	Most   int    // children on the fullest day

	Days                              int // of children who belong to the unit
	Excused                           int
	Ill, Holiday, Appointment, Others int
	Late                              int
}

// hidden stands for a number that must not be shown.
const hidden = -1

// Expected is the days on which children were expected.
func (t Tally) Expected() int {
	if t.Days == hidden || t.Excused == hidden {
		return hidden
	}
	return t.Days - t.Excused
}

// Share is the part of the days that was excused, in tenths of a percent; hidden where that must not be known.
func (t Tally) Share() int {
	if t.Days <= 0 || t.Excused == hidden {
		return hidden
	}
	return t.Excused * 1000 / t.Days
}

// shield hides what could betray a child to somebody who may not know names: a unit with few children as a whole, and
// numbers from one to four. Where a single reason is hidden all are, or the sum would tell.
func (t Tally) shield() Tally {
	small := func(n int) bool { return n > 0 && n < few }
	if t.Most < few {
		t.Days, t.Excused, t.Late, t.Ill, t.Holiday, t.Appointment, t.Others = hidden, hidden, hidden, hidden, hidden, hidden, hidden
		return t
	}
	if small(t.Late) {
		t.Late = hidden
	}
	if small(t.Excused) {
		t.Excused = hidden
	}
	if t.Excused == hidden || small(t.Ill) || small(t.Holiday) || small(t.Appointment) || small(t.Others) {
		t.Ill, t.Holiday, t.Appointment, t.Others = hidden, hidden, hidden, hidden
	}
	return t
}

// A dated is the numbers of a group on a day.
type dated struct {
	day, name, within string
	unit, facility    int64
	named             bool // the viewer may know the children
	n                 [6]int
}

// tallies are the numbers of what the viewer looks after, since a day, by week or month: of groups where the viewer may
// know names, of facilities for all others.
func tallies(tx *store.Tx, v who.Viewer, since string, weekly bool, now time.Time) ([]Tally, error) {
	all, err := store.All(tx, func(d *dated) []any {
		return []any{&d.day, &d.unit, &d.name, &d.facility, &d.within, &d.named, &d.n[0], &d.n[1], &d.n[2], &d.n[3], &d.n[4], &d.n[5]}
	}, `
		WITH mine (unit, named) AS MATERIALIZED (
			SELECT p.unit, max((?3 & (1 << h.role)) <> 0) FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4 GROUP BY p.unit)
		SELECT c.day, c.unit, u.name, f.id, f.name, m.named, c.children, c.ill, c.holiday, c.appointment, c.other, c.late
		FROM mine m JOIN absence_count c ON c.unit = m.unit AND c.day >= ?5 JOIN unit u ON u.id = c.unit JOIN unit f ON f.id = u.parent
		ORDER BY c.day`, v.ID, int64(who.Team), int64(names()), now.Unix(), since)
	if err != nil {
		return nil, err
	}
	return sumUp(all, weekly), nil
}

// sumUp adds days up by period and unit, and shields what has to be; the latest period first.
func sumUp(all []dated, weekly bool) []Tally {
	type key struct {
		period string
		unit   int64
	}
	type full struct {
		key
		day string
	}
	at, sizes := map[key]int{}, map[full]int{}
	var list []Tally
	var named []bool
	for _, d := range all {
		k := key{period(d.day, weekly), d.facility}
		t := Tally{Period: k.period, Unit: d.facility, Name: d.within}
		if d.named {
			k.unit = d.unit
			t.Unit, t.Name, t.Within = d.unit, d.name, d.within
		}
		i, ok := at[k]
		if !ok {
			i = len(list)
			at[k] = i
			list, named = append(list, t), append(named, d.named)
		}
		x := &list[i]
		sizes[full{k, d.day}] += d.n[0]
		x.Most = max(x.Most, sizes[full{k, d.day}])
		x.Days += d.n[0]
		x.Ill += d.n[1]
		x.Holiday += d.n[2]
		x.Appointment += d.n[3]
		x.Others += d.n[4]
		x.Late += d.n[5]
		x.Excused += d.n[1] + d.n[2] + d.n[3] + d.n[4]
	}
	for i := range list {
		if !named[i] {
			list[i] = list[i].shield()
		}
	}
	slices.SortStableFunc(list, func(a, b Tally) int {
		return cmp.Or(-cmp.Compare(a.Period, b.Period), cmp.Compare(a.Within, b.Within), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Unit, b.Unit))
	})
	return list
}

// period is the first day of the week or month of a day.
func period(day string, weekly bool) string {
	if !weekly {
		return day[:len("2006-01")] + "-01"
	}
	return plus(day, -(int(noon(day).Weekday())+6)%7)
}

// periods are the first days of the latest weeks or months, the present one last.
func periods(now time.Time, weekly bool, n int) (all []string) {
	p := period(today(now), weekly)
	for range n {
		all = append(all, p)
		p = period(plus(p, -1), weekly)
	}
	slices.Reverse(all)
	return all
}

// A bar is a week or month of the plot.
type bar struct {
	Label      string
	Value      string  // "": nothing is known, or must not be
	X, Y, W, H float64 // of the rectangle, in the plot's units
	Middle     float64
}

// plot draws the share of excused days by period, of all units of which it may be known.
func plot(all []Tally, now time.Time, weekly bool) (bars []bar, top int) {
	ps := periods(now, weekly, 12)
	shares := make([]int, len(ps))
	for i, p := range ps {
		var sum Tally
		for _, t := range all {
			if t.Period == p && t.Share() != hidden {
				sum.Days += t.Days
				sum.Excused += t.Excused
			}
		}
		shares[i] = sum.Share()
		top = max(top, shares[i])
	}
	const width, height = 600.0, 140.0
	for i, p := range ps {
		b := bar{Label: lang.German().ShortMonth(noon(p)), W: width/12 - 12, X: float64(i)*width/12 + 6}
		if weekly {
			b.Label = noon(p).Format("2.1.")
		}
		b.Middle = b.X + b.W/2
		if b.Y = height + 20; shares[i] != hidden {
			b.Value = percent(shares[i])
			b.H = height * float64(shares[i]) / float64(max(top, 1))
			b.Y = height - b.H + 20
		}
		bars = append(bars, b)
	}
	return bars, top
}
