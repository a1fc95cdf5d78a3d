package calendar

import (
	"slices"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A kid is one of the viewer's children, with the units that it belongs to.
type kid struct {
	ID    int64
	Name  string
	units []int64
}

// kidsOf lists the children of whom v is told.
func kidsOf(tx *store.Tx, v who.Viewer, now time.Time) ([]kid, error) {
	type row struct {
		kid
		unit int64
	}
	rows, err := store.All(tx, func(r *row) []any { return []any{&r.ID, &r.Name, &r.unit} }, `
		SELECT c.id, c.given, p.above
		FROM guardian g JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id JOIN unit_up p ON p.unit = s.unit
		WHERE g.person = ?1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2 AND s.since <= ?2 AND s.until > ?2
		ORDER BY c.born, c.given, c.id`, v.ID, now.Unix())
	var all []kid
	for _, r := range rows {
		if len(all) == 0 || all[len(all)-1].ID != r.ID {
			all = append(all, r.kid)
		}
		k := &all[len(all)-1]
		k.units = append(k.units, r.unit)
	}
	return all, err
}

// concerns lists the children that a date is for; none where it is for everybody.
func concerns(kids []kid, d house.Date) (all []kid) {
	if d.Roles != 0 && !d.Roles.Has(who.Parent) {
		return nil
	}
	for _, k := range kids {
		if k.ID == d.Child || slices.ContainsFunc(d.Units, func(u int64) bool { return slices.Contains(k.units, u) }) {
			all = append(all, k)
		}
	}
	return all
}

// concerned lists the viewer's children that an instance is for.
func concerned(tx *store.Tx, v who.Viewer, t Termin, now time.Time) ([]kid, error) {
	kids, err := kidsOf(tx, v, now)
	if err != nil || len(kids) == 0 {
		return nil, err
	}
	units, err := meantFor(tx, t.Date)
	return concerns(kids, house.Date{Units: units, Roles: t.Roles}), err
}

// An entry is a date on a page.
type entry struct {
	house.Date
	Kids []kid
	When string // "19:30 Uhr", or the days
}

// A cell is a day in the table of a month.
type cell struct {
	Day   time.Time // wall time
	Out   bool      // of another month
	Today bool
	Free  string // the public holiday; "": none
	All   []entry
}

// Key is the day's date.
func (c cell) Key() string { return c.Day.Format(time.DateOnly) }

// A sheet is a month with its weeks, and its days on which something is on.
type sheet struct {
	Weeks [][]cell
	Days  []cell
}

// spanOf is the first moment of the weeks that a month touches, and the first after them.
func spanOf(month time.Time) (from, to time.Time) {
	first := month.AddDate(0, 0, -int((month.Weekday()+6)%7))
	last := month.AddDate(0, 1, 0)
	last = last.AddDate(0, 0, int((8-last.Weekday())%7))
	return first, last
}

// lay puts dates into the weeks of a month. month and today are days as wall times.
func lay(l *lang.Lang, all []entry, month, today time.Time) (s sheet) {
	from, to := spanOf(month)
	at := map[string]*cell{}
	for d := from; d.Before(to); d = d.AddDate(0, 0, 7) {
		week := make([]cell, 7)
		for i := range week {
			x := d.AddDate(0, 0, i)
			week[i] = cell{Day: x, Out: x.Month() != month.Month(), Today: x.Equal(today)}
			at[week[i].Key()] = &week[i]
		}
		s.Weeks = append(s.Weeks, week)
	}
	listed := map[string][]entry{}
	for _, e := range all {
		first, last := calendar.Wall(house.Local(e.Starts)), calendar.Wall(house.Local(e.Ends))
		if !last.After(first) {
			last = first.Add(time.Second)
		}
		shown := false
		for d := midnight(first); d.Before(last); d = d.AddDate(0, 0, 1) {
			c := at[d.Format(time.DateOnly)]
			if c == nil {
				continue
			}
			if e.Kind == house.Holiday {
				c.Free = e.Title
			}
			c.All = append(c.All, e)
			if !shown && !c.Out { // in the list once, on its first day of this month
				listed[c.Key()] = append(listed[c.Key()], e)
				shown = true
			}
		}
	}
	for d := month; d.Month() == month.Month(); d = d.AddDate(0, 0, 1) {
		key := d.Format(time.DateOnly)
		if es := listed[key]; es != nil {
			s.Days = append(s.Days, cell{Day: d, Today: d.Equal(today), All: es})
		}
	}
	return s
}

// whenOf says when a date is within its day; of several days, until when.
func whenOf(l *lang.Lang, d house.Date, now time.Time) string {
	s, e := house.Local(d.Starts), house.Local(d.Ends)
	same := s.Format(time.DateOnly) == e.Format(time.DateOnly)
	switch {
	case d.AllDay && !e.After(s.AddDate(0, 0, 1)):
		return ""
	case d.AllDay:
		return l.T("bis %s", l.ShortDay(e.AddDate(0, 0, -1)))
	case same && e.After(s):
		return l.Hours(s.Hour()*60+s.Minute(), e.Hour()*60+e.Minute())
	case same:
		return l.Clock(s)
	}
	return l.Clock(s) + " – " + l.When(house.Local(now), e)
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
