package calendar

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
)

// A Freq is how often a rule begins anew.
type Freq int

const (
	Secondly Freq = iota
	Minutely
	Hourly
	Daily
	Weekly
	Monthly
	Yearly
)

// freqs are the names of RFC 5545, in the order of the constants.
var freqs = [...]string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

// days are the names of weekdays, in the order of time.Weekday.
var days = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// A Weekday is one of a rule: the N-th of its month or year, from the end where N is negative; 0: each.
type Weekday struct {
	N   int
	Day time.Weekday
}

// A Rule says how a date comes back: RRULE of RFC 5545, 3.3.10. The zero Rule does not.
type Rule struct {
	Freq      Freq
	Interval  int       // 0: there is no rule; 1: every
	Count     int       // instances; 0: not limited
	Until     time.Time // the last instance is not after it; zero: not limited
	UntilUTC  bool      // Until is a moment; else a wall time
	UntilDay  bool      // Until is a day; the whole of it counts
	Second    []int
	Minute    []int
	Hour      []int
	Weekdays  []Weekday
	MonthDay  []int // from the end where negative, as all that follow
	YearDay   []int
	Week      []int
	Month     []int
	SetPos    []int
	WeekStart time.Weekday // Parse gives Monday where nothing is said
}

// Ends reports whether the rule has a last instance.
func (r Rule) Ends() bool { return r.Count > 0 || !r.Until.IsZero() }

// most is how many numbers a list of a rule may have: as many as there are days in a year.
const most = 366

// mostTimes is how many times of a day a rule may name.
const mostTimes = 5_000

// ParseRule reads the value of an RRULE. What is wrong with it is said in German.
func ParseRule(s string) (r Rule, err error) {
	r = Rule{Interval: 1, Freq: -1, WeekStart: time.Monday}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.Trim(strings.ToUpper(strings.TrimSpace(s)), ";"), ";") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || seen[name] || strings.Count(value, ",") >= most {
			return Rule{}, badRule(part)
		}
		seen[name] = true
		switch name {
		case "FREQ":
			r.Freq = Freq(slices.Index(freqs[:], value))
			ok = r.Freq >= 0
		case "INTERVAL":
			r.Interval, ok = number(value, 1, 10_000)
		case "COUNT":
			r.Count, ok = number(value, 1, 1_000_000)
		case "UNTIL":
			ok = r.until(value)
		case "BYSECOND":
			r.Second, ok = numbers(value, 0, 60, false)
		case "BYMINUTE":
			r.Minute, ok = numbers(value, 0, 59, false)
		case "BYHOUR":
			r.Hour, ok = numbers(value, 0, 23, false)
		case "BYDAY":
			r.Weekdays, ok = weekdays(value)
		case "BYMONTHDAY":
			r.MonthDay, ok = numbers(value, 1, 31, true)
		case "BYYEARDAY":
			r.YearDay, ok = numbers(value, 1, 366, true)
		case "BYWEEKNO":
			r.Week, ok = numbers(value, 1, 53, true)
		case "BYMONTH":
			r.Month, ok = numbers(value, 1, 12, false)
		case "BYSETPOS":
			r.SetPos, ok = numbers(value, 1, 366, true)
		case "WKST":
			i := slices.Index(days[:], value)
			r.WeekStart, ok = time.Weekday(i), i >= 0
		default:
			ok = false
		}
		if !ok {
			return Rule{}, badRule(part)
		}
	}
	if r.Freq < 0 {
		return Rule{}, badRule(s)
	}
	if max(1, len(r.Hour))*max(1, len(r.Minute))*max(1, len(r.Second)) > mostTimes {
		return Rule{}, badRule(s)
	}
	if r.Count > 0 && !r.Until.IsZero() { // 3.3.10: they must not occur together
		return Rule{}, fault.New(fault.Invalid, "Eine Wiederholung endet entweder an einem Tag oder nach einer Zahl von Terminen, nicht beides.")
	}
	return r, nil
}

func badRule(part string) error {
	if len(part) > 40 {
		part = part[:40]
	}
	return fault.New(fault.Invalid, "Die Wiederholung ist nicht zu verstehen: %q.", part)
}

func (r *Rule) until(s string) (ok bool) {
	var err error
	switch len(s) {
	case len("20060102"):
		r.Until, err = time.Parse("20060102", s)
		r.UntilDay = true
	case len("20060102T150405"):
		r.Until, err = time.Parse("20060102T150405", s)
	default:
		r.Until, err = time.Parse("20060102T150405Z", s)
		r.UntilUTC = true
	}
	return err == nil
}

func number(s string, low, high int) (int, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(s, "+"))
	return n, err == nil && n >= low && n <= high
}

// numbers reads a list; signed: numbers may count from the end.
func numbers(s string, low, high int, signed bool) (all []int, ok bool) {
	for part := range strings.SplitSeq(s, ",") {
		digits, negative := strings.CutPrefix(part, "-")
		n, ok := number(digits, low, high)
		if !ok || negative && !signed {
			return nil, false
		}
		if negative {
			n = -n
		}
		all = append(all, n)
	}
	return all, true
}

func weekdays(s string) (all []Weekday, ok bool) {
	for part := range strings.SplitSeq(s, ",") {
		if len(part) < 2 {
			return nil, false
		}
		i := slices.Index(days[:], part[len(part)-2:])
		w := Weekday{Day: time.Weekday(i)}
		if n := part[:len(part)-2]; n != "" {
			list, ok := numbers(n, 1, 53, true)
			if !ok {
				return nil, false
			}
			w.N = list[0]
		}
		if i < 0 {
			return nil, false
		}
		all = append(all, w)
	}
	return all, true
}

// String is the value of an RRULE; "" for the zero Rule.
func (r Rule) String() string {
	if r.Interval == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("FREQ=" + freqs[r.Freq])
	if r.Interval > 1 {
		b.WriteString(";INTERVAL=" + strconv.Itoa(r.Interval))
	}
	if r.Count > 0 {
		b.WriteString(";COUNT=" + strconv.Itoa(r.Count))
	}
	switch {
	case r.Until.IsZero():
	case r.UntilDay:
		b.WriteString(";UNTIL=" + r.Until.Format("20060102"))
	case r.UntilUTC:
		b.WriteString(";UNTIL=" + r.Until.Format("20060102T150405Z"))
	default:
		b.WriteString(";UNTIL=" + r.Until.Format("20060102T150405"))
	}
	for _, l := range []struct {
		name string
		list []int
	}{{"BYSECOND", r.Second}, {"BYMINUTE", r.Minute}, {"BYHOUR", r.Hour}, {"BYMONTH", r.Month}, {"BYWEEKNO", r.Week},
		{"BYYEARDAY", r.YearDay}, {"BYMONTHDAY", r.MonthDay}} {
		for i, n := range l.list {
			b.WriteString(separator(i, l.name) + strconv.Itoa(n))
		}
	}
	for i, w := range r.Weekdays {
		b.WriteString(separator(i, "BYDAY"))
		if w.N != 0 {
			b.WriteString(strconv.Itoa(w.N))
		}
		b.WriteString(days[w.Day])
	}
	for i, n := range r.SetPos {
		b.WriteString(separator(i, "BYSETPOS") + strconv.Itoa(n))
	}
	if r.WeekStart != time.Monday {
		b.WriteString(";WKST=" + days[r.WeekStart])
	}
	return b.String()
}

func separator(i int, name string) string {
	if i > 0 {
		return ","
	}
	return ";" + name + "="
}
