package lang

import (
	"strconv"
	"strings"
	"time"
)

// calendar is how one language says days and times. Patterns name what they want in braces:
// {weekday} {day} {month} {year} for days, {at} {first} {last} for worded days, {time} {start} {end} for clock times.
type calendar struct {
	weekdays, weekdaysShort [7]string  // from Sunday, as time.Weekday counts
	months, monthsShort     [12]string // in the case that stands beside a day

	day, dayYear, weekdayYear string
	short, shortYear          string

	hour2 bool   // 07:12 instead of 7:12
	bare  bool   // a full hour is said without minutes
	clock string // of {time}

	comma, gap string // between a date and what follows it; between a single word and that

	today, tomorrow, yesterday string
	dated                      string // tomorrow with its date, of {at} {day} {month}

	allDay, daily     string
	from, until, both string // of {start} {end}
	span              string // of {first} {last}
}

// Day is "Mittwoch, 7. Oktober".
func (l *Lang) Day(t time.Time) string { return l.cal.date(l.cal.day, t) }

// DayYear is "7. Oktober 2026".
func (l *Lang) DayYear(t time.Time) string { return l.cal.date(l.cal.dayYear, t) }

// ShortDay is "Mi 7. Okt".
func (l *Lang) ShortDay(t time.Time) string { return l.cal.shortDate(l.cal.short, t) }

// Stamp is "Mi 7. Okt, 7:12 Uhr": a moment in words that stay true however late they are read.
func (l *Lang) Stamp(t time.Time) string { return l.ShortDay(t) + l.cal.comma + l.Clock(t) }

// ShortMonth is "Okt".
func (l *Lang) ShortMonth(t time.Time) string { return l.cal.monthsShort[t.Month()-1] }

// ShortWeekday is the short name of a weekday, such as "Mo".
func (l *Lang) ShortWeekday(d time.Weekday) string { return l.cal.weekdaysShort[d] }

// Clock is "7:12 Uhr".
func (l *Lang) Clock(t time.Time) string {
	return fill(l.cal.clock, "{time}", l.cal.digits(t.Hour()*60+t.Minute(), false))
}

// Hour words minutes since midnight for a sentence: "14 Uhr", "14:30 Uhr".
func (l *Lang) Hour(min int) string {
	return fill(l.cal.clock, "{time}", l.cal.digits(min, l.cal.bare))
}

// Hours words a span of a day in minutes since midnight: "von 19 bis 21:30 Uhr".
func (l *Lang) Hours(start, end int) string { return l.cal.hours(&start, &end) }

// When is "heute, 7:12 Uhr", "gestern, 20:41 Uhr", "Mi 7. Okt, 7:12 Uhr", with the year if it is another.
func (l *Lang) When(now, t time.Time) string {
	at, ok := l.cal.near(now, t)
	if !ok {
		at = l.cal.shortDate(pick(now.Year() == t.Year(), l.cal.short, l.cal.shortYear), t)
	}
	return at + l.cal.comma + l.Clock(t)
}

// Span words when something is closed. Days are YYYY-MM-DD; minutes count from local midnight and hold on every day of
// the span (nil: from opening, until closing). An empty last day is the first.
func (l *Lang) Span(firstDay, lastDay string, startMin, endMin *int, now time.Time) string {
	c := &l.cal
	if lastDay == "" {
		lastDay = firstDay
	}
	first, err1 := time.ParseInLocation(time.DateOnly, firstDay, now.Location())
	last, err2 := time.ParseInLocation(time.DateOnly, lastDay, now.Location())
	if err1 != nil || err2 != nil { // not ours to judge; show what is there
		return strings.TrimSpace(firstDay + " – " + lastDay)
	}
	wholeDay := startMin == nil && endMin == nil
	at, dated := c.point(now, first)
	if firstDay != lastDay {
		to, _ := c.point(now, last)
		at = fill(c.span, "{first}", at, "{last}", to)
		if !wholeDay {
			at += c.comma + c.daily
		}
		dated = false
	}
	if wholeDay || dated {
		return at + c.comma + c.hours(startMin, endMin)
	}
	return at + c.gap + c.hours(startMin, endMin)
}

func (c *calendar) hours(start, end *int) string {
	switch {
	case start == nil && end == nil:
		return c.allDay
	case end == nil:
		return fill(c.from, "{start}", c.digits(*start, c.bare))
	case start == nil:
		return fill(c.until, "{end}", c.digits(*end, c.bare))
	}
	return fill(c.both, "{start}", c.digits(*start, c.bare), "{end}", c.digits(*end, c.bare))
}

// point names a day as Span does: "heute", "morgen, 8. Oktober", "Donnerstag, 8. Oktober"; and whether a date is in it.
// Tomorrow carries its date, because a message is often read a day late.
func (c *calendar) point(now, t time.Time) (string, bool) {
	near, ok := c.near(now, t)
	switch {
	case ok && near == c.today:
		return near, false
	case ok:
		return fill(c.dated, "{at}", near, "{day}", strconv.Itoa(t.Day()), "{month}", c.months[t.Month()-1]), true
	}
	return c.date(pick(now.Year() == t.Year(), c.day, c.weekdayYear), t), true
}

func (c *calendar) near(now, t time.Time) (string, bool) {
	y, m, d := now.Date()
	for i, word := range []string{c.yesterday, c.today, c.tomorrow} {
		// AddDate of the date, not 24 hours: a day may have 23 or 25.
		if time.Date(y, m, d+i-1, 12, 0, 0, 0, time.UTC).Format(time.DateOnly) == t.Format(time.DateOnly) {
			return word, true
		}
	}
	return "", false
}

func (c *calendar) date(pattern string, t time.Time) string {
	return fill(pattern, "{weekday}", c.weekdays[t.Weekday()], "{day}", strconv.Itoa(t.Day()),
		"{month}", c.months[t.Month()-1], "{year}", strconv.Itoa(t.Year()))
}

func (c *calendar) shortDate(pattern string, t time.Time) string {
	return fill(pattern, "{weekday}", c.weekdaysShort[t.Weekday()], "{day}", strconv.Itoa(t.Day()),
		"{month}", c.monthsShort[t.Month()-1], "{year}", strconv.Itoa(t.Year()))
}

func (c *calendar) digits(min int, bare bool) string {
	h, m := strconv.Itoa(min/60), strconv.Itoa(min%60)
	if bare && min%60 == 0 {
		return h
	}
	if c.hour2 && len(h) == 1 {
		h = "0" + h
	}
	if len(m) == 1 {
		m = "0" + m
	}
	return h + ":" + m
}

// fill puts words in the gaps of a pattern; no word has a gap of its own. A strings.Replacer takes longer to make than to use.
func fill(pattern string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		pattern = strings.ReplaceAll(pattern, pairs[i], pairs[i+1])
	}
	return pattern
}

func pick(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}
