package calendar

import (
	"iter"
	"slices"
	"time"
)

// Limits of a rule that says little and would go on for ever.
const (
	idle    = 100_000 // periods without an instance, after which there is none
	horizon = 200     // years after the start
)

// All lists the instances of a rule that begins at a wall time, in order. allDay: it begins on a day, and parts of a
// rule that name an hour mean nothing. Without a rule there is one. It ends by itself: after the rule's end, after 200
// years, or where nothing comes any more (the 30th of February).
func (r Rule) All(start time.Time, allDay bool, zone *time.Location) iter.Seq[time.Time] {
	return r.from(start, allDay, zone, start)
}

// Between lists the instances whose start lies in [from, to), wall times. It looks at no more than it must.
func (r Rule) Between(start time.Time, allDay bool, zone *time.Location, from, to time.Time) (all []time.Time) {
	for t := range r.from(start, allDay, zone, from) {
		if !t.Before(to) {
			break
		}
		if !t.Before(from) {
			all = append(all, t)
		}
	}
	return all
}

// from is All, and may leave out what is before a time.
func (r Rule) from(start time.Time, allDay bool, zone *time.Location, after time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if r.Interval == 0 {
			yield(start)
			return
		}
		x := newExpansion(r, start, allDay)
		end := start.AddDate(horizon, 0, 0)
		count, empty := 0, 0
		i := 0
		if r.Count == 0 && after.After(start) {
			i = x.periodBefore(after)
		}
		for ; empty < idle; i++ {
			first, all := x.period(i)
			if first.After(end) {
				return
			}
			empty++
			for _, t := range all {
				if t.Before(start) {
					continue
				}
				if r.over(t, zone) {
					return
				}
				empty = 0
				if !yield(t) {
					return
				}
				if count++; count == r.Count {
					return
				}
			}
		}
	}
}

// over reports whether a wall time is after the rule's end.
func (r Rule) over(t time.Time, zone *time.Location) bool {
	switch {
	case r.Until.IsZero():
		return false
	case r.UntilDay:
		return !t.Before(r.Until.AddDate(0, 0, 1))
	case r.UntilUTC:
		return In(t, zone).After(r.Until)
	}
	return t.After(r.Until)
}

// An expansion is a rule with what its start adds to it.
type expansion struct {
	Rule
	start time.Time
	times []time.Duration // of a day; nil where the rule begins anew within a day
	weeks bool            // a year is one of weeks: from the first day of week 1 on
	year  int             // the first, of weeks
	month []int           // as in Rule, and what follows from the start
	day   []int
	on    []Weekday
}

func newExpansion(r Rule, start time.Time, allDay bool) *expansion {
	x := &expansion{Rule: r, start: start, month: r.Month, day: r.MonthDay, on: r.Weekdays}
	if allDay {
		x.Hour, x.Minute, x.Second = nil, nil, nil
	}
	x.weeks = r.Freq == Yearly && r.Week != nil
	none := x.day == nil && x.on == nil && r.YearDay == nil
	switch {
	case r.Freq == Yearly && x.weeks && none, r.Freq == Weekly && x.on == nil:
		x.on = []Weekday{{Day: start.Weekday()}}
	case r.Freq == Yearly && none:
		x.day = []int{start.Day()}
		if x.month == nil {
			x.month = []int{int(start.Month())}
		}
	case r.Freq == Monthly && none:
		x.day = []int{start.Day()}
	}
	if r.Freq == Yearly && x.month == nil && x.day != nil && x.on == nil && r.YearDay == nil && !x.weeks {
		x.month = []int{int(start.Month())} // a day of the month, once a year: as libical has it; RFC 5545 would also allow all twelve
	}
	if r.Freq >= Daily {
		x.times = x.clock(start, Daily)
	}
	// A start that is no instance itself leaves open which year every other year is counted from: libical takes that of its date.
	x.year = weekYear(start, r.WeekStart)
	if r.Interval > 1 && !x.has(midnight(start)) {
		x.year = start.Year()
	}
	return x
}

// clock lists the times of a day that the rule names; what it does not name is as at a time. What is finer than freq
// is expanded, all else is as it is.
func (x *expansion) clock(at time.Time, freq Freq) (all []time.Duration) {
	pick := func(list []int, own int, coarse bool) []int {
		if list == nil || !coarse {
			return []int{own}
		}
		return list
	}
	for _, h := range pick(x.Hour, at.Hour(), freq > Hourly) {
		for _, m := range pick(x.Minute, at.Minute(), freq > Minutely) {
			for _, s := range pick(x.Second, at.Second(), freq > Secondly) {
				all = append(all, time.Duration(h)*time.Hour+time.Duration(m)*time.Minute+time.Duration(s)*time.Second)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// periodBefore is the number of a period that begins before a time, and no later than the one in which it lies.
func (x *expansion) periodBefore(t time.Time) int {
	var n int
	switch x.Freq {
	case Yearly:
		n = t.Year() - x.start.Year() - 1
	case Monthly:
		n = (t.Year()-x.start.Year())*12 + int(t.Month()) - int(x.start.Month())
	case Weekly:
		n = int(t.Sub(x.start)/(7*24*time.Hour)) - 1
	case Daily:
		n = int(t.Sub(x.start)/(24*time.Hour)) - 1
	case Hourly:
		n = int(t.Sub(x.start)/time.Hour) - 1
	case Minutely:
		n = int(t.Sub(x.start)/time.Minute) - 1
	case Secondly:
		n = int(t.Sub(x.start)/time.Second) - 1
	}
	return max(0, n/x.Interval)
}

// period is the i-th, by its begin, with the instances in it.
func (x *expansion) period(i int) (first time.Time, all []time.Time) {
	i *= x.Interval
	day := midnight(x.start)
	var n int // days
	switch x.Freq {
	case Yearly:
		first = time.Date(x.start.Year()+i, 1, 1, 0, 0, 0, 0, time.UTC)
		if x.weeks {
			first = weekOne(x.year+i, x.WeekStart)
			n = int(weekOne(x.year+i+1, x.WeekStart).Sub(first) / (24 * time.Hour))
		} else {
			n = int(first.AddDate(1, 0, 0).Sub(first) / (24 * time.Hour))
		}
	case Monthly:
		first = time.Date(x.start.Year(), x.start.Month()+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
		if x.month != nil && !slices.Contains(x.month, int(first.Month())) {
			return first, nil
		}
		n = lastOfMonth(first)
	case Weekly:
		first, n = weekBegin(day, x.WeekStart).AddDate(0, 0, 7*i), 7
	case Daily:
		first, n = day.AddDate(0, 0, i), 1
	default:
		step := [...]time.Duration{time.Second, time.Minute, time.Hour}[x.Freq]
		first = x.start.Truncate(step).Add(time.Duration(i) * step)
		at := first.Add(x.start.Sub(x.start.Truncate(step)))
		if x.has(midnight(at)) && x.within(at) {
			for _, d := range x.clock(at, x.Freq) {
				all = append(all, midnight(at).Add(d))
			}
		}
		return first, x.positions(all)
	}
	for d := range n {
		if t := first.AddDate(0, 0, d); x.has(t) {
			for _, at := range x.times {
				all = append(all, t.Add(at))
			}
		}
	}
	return first, x.positions(all)
}

// within applies what limits a rule that begins anew within a day.
func (x *expansion) within(t time.Time) bool {
	return (x.Hour == nil || slices.Contains(x.Hour, t.Hour())) &&
		(x.Minute == nil || x.Freq > Minutely || slices.Contains(x.Minute, t.Minute())) &&
		(x.Second == nil || x.Freq > Secondly || slices.Contains(x.Second, t.Second()))
}

// positions keeps of the instances of a period those that BYSETPOS names.
func (x *expansion) positions(all []time.Time) (some []time.Time) {
	if x.SetPos == nil {
		return all
	}
	for i, t := range all {
		if slices.Contains(x.SetPos, i+1) || slices.Contains(x.SetPos, i-len(all)) {
			some = append(some, t)
		}
	}
	return some
}

// has reports whether the rule names a day.
func (x *expansion) has(t time.Time) bool {
	if x.month != nil && !slices.Contains(x.month, int(t.Month())) {
		return false
	}
	if x.day != nil && !slices.Contains(x.day, t.Day()) && !slices.Contains(x.day, t.Day()-lastOfMonth(t)-1) {
		return false
	}
	if x.YearDay != nil {
		length := time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
		if !slices.Contains(x.YearDay, t.YearDay()) && !slices.Contains(x.YearDay, t.YearDay()-length-1) {
			return false
		}
	}
	if x.Week != nil {
		year := weekYear(t, x.WeekStart)
		first := weekOne(year, x.WeekStart)
		week := int(t.Sub(first)/(7*24*time.Hour)) + 1
		weeks := int(weekOne(year+1, x.WeekStart).Sub(first) / (7 * 24 * time.Hour))
		if !slices.Contains(x.Week, week) && !slices.Contains(x.Week, week-weeks-1) {
			return false
		}
	}
	return x.on == nil || slices.ContainsFunc(x.on, func(w Weekday) bool { return x.names(w, t) })
}

// names reports whether a weekday of the rule is this day.
func (x *expansion) names(w Weekday, t time.Time) bool {
	if t.Weekday() != w.Day {
		return false
	}
	if w.N == 0 || x.Freq < Monthly || x.weeks {
		return true
	}
	at, length := t.Day(), lastOfMonth(t)
	if x.Freq == Yearly && x.Month == nil {
		at, length = t.YearDay(), time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	}
	return w.N == (at-1)/7+1 || w.N == -((length-at)/7+1)
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func lastOfMonth(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// weekBegin is the first day of the week in which a day lies.
func weekBegin(day time.Time, start time.Weekday) time.Time {
	return day.AddDate(0, 0, -int((day.Weekday()-start+7)%7))
}

// weekOne is the first day of the first week of a year: the one that has at least four of its days (ISO 8601).
func weekOne(year int, start time.Weekday) time.Time {
	return weekBegin(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC), start)
}

// weekYear is the year to whose weeks a day belongs.
func weekYear(t time.Time, start time.Weekday) int {
	day := midnight(t)
	switch {
	case day.Before(weekOne(day.Year(), start)):
		return day.Year() - 1
	case !day.Before(weekOne(day.Year()+1, start)):
		return day.Year() + 1
	}
	return day.Year()
}
