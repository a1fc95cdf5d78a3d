package message

import (
	"testing"
	"time"

	"nestfunk/app/base/lang"
	"nestfunk/app/base/web"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, web.Zone())
	if err != nil {
		panic(err)
	}
	return t
}

// 2026-03-02 is a Monday; the clock changes on Sunday, 2026-03-29.
func TestRule(t *testing.T) {
	night := Rule{Days: 1<<time.Saturday | 1<<time.Sunday, Starts: 0, Ends: 24 * 60}
	for _, c := range []struct {
		name        string
		rule        Rule
		now         string
		open        bool
		since, next string // "": never
	}{
		{"before", usual(), "2026-03-02 07:29", false, "2026-02-27 16:00", "2026-03-02 07:30"},
		{"begins", usual(), "2026-03-02 07:30", true, "2026-02-27 16:00", "2026-03-02 07:30"},
		{"last minute", usual(), "2026-03-02 15:59", true, "2026-02-27 16:00", "2026-03-02 15:59"},
		{"ends", usual(), "2026-03-02 16:00", false, "2026-03-02 16:00", "2026-03-03 07:30"},
		{"weekend", usual(), "2026-03-07 12:00", false, "2026-03-06 16:00", "2026-03-09 07:30"},
		{"the clock changes", usual(), "2026-03-29 02:30", false, "2026-03-27 16:00", "2026-03-30 07:30"},
		{"all day", night, "2026-03-08 23:59", true, "2026-03-08 00:00", "2026-03-08 23:59"},
		{"after all day", night, "2026-03-09 00:00", false, "2026-03-09 00:00", "2026-03-14 00:00"},
		{"one day a week", Rule{Days: 1 << time.Monday, Starts: 600, Ends: 660}, "2026-03-02 11:00", false, "2026-03-02 11:00", "2026-03-09 10:00"},
		{"Good Friday and Easter", usual(), "2026-04-03 10:00", false, "2026-04-02 16:00", "2026-04-07 07:30"},
		{"a holiday elsewhere", usual(), "2026-06-04 10:00", true, "2026-06-03 16:00", "2026-06-04 10:00"},
		{"Corpus Christi", Rule{Days: 0b0111110, Starts: 450, Ends: 960, Land: "BY"}, "2026-06-04 10:00", false, "2026-06-03 16:00", "2026-06-05 07:30"},
		{"two Fridays in a row", Rule{Days: 1 << time.Friday, Starts: 600, Ends: 660}, "2020-12-25 10:30", false, "2020-12-18 11:00", "2021-01-08 10:00"},
		{"never", Rule{Starts: 600, Ends: 660}, "2026-03-02 11:00", false, "", "2026-03-02 11:00"},
	} {
		now := at(c.now)
		since := ""
		if s := c.rule.Since(now); !s.IsZero() {
			since = s.Format("2006-01-02 15:04")
		}
		if c.rule.Open(now) != c.open || since != c.since || !c.rule.Next(now).Equal(at(c.next)) {
			t.Errorf("%s: open %v, since %s, next %v", c.name, c.rule.Open(now), since, c.rule.Next(now))
		}
	}
}

func TestHours(t *testing.T) {
	for want, r := range map[string]Rule{
		"Mo–Fr, 7:30 Uhr bis 16 Uhr":     usual(),
		"Mo, Di, Do–So, 0 Uhr bis 0 Uhr": {Days: 0b1110111, Ends: 24 * 60},
		"Mi, 10 Uhr bis 11 Uhr":          {Days: 1 << time.Wednesday, Starts: 600, Ends: 660},
		"":                               {Starts: 600, Ends: 660},
	} {
		if got := r.Hours(lang.German()); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Security.md 2.2: the end of the Kita year and twelve months.
func TestDue(t *testing.T) {
	for _, c := range []struct {
		written, due string
		months       int
	}{
		{"2026-03-02 07:12", "2027-08-01 00:00", 12}, {"2026-07-31 23:59", "2027-08-01 00:00", 12}, {"2026-08-01 00:00", "2028-08-01 00:00", 12},
		{"2026-12-31 10:00", "2027-08-01 00:00", 0}, {"2026-01-01 10:00", "2027-01-01 00:00", 5},
	} {
		written, want := at(c.written), at(c.due)
		if got := due(written, c.months); !got.Equal(want) {
			t.Errorf("%s and %d months: %v", c.written, c.months, got)
		}
		if before := want.Add(-time.Second); cutoff(before, c.months).After(written) || !cutoff(want, c.months).After(written) {
			t.Errorf("%s and %d months: due %v, but the cutoff is %v, and then %v", c.written, c.months, want, cutoff(before, c.months), cutoff(want, c.months))
		}
	}
}
