package announcement

import (
	"testing"
	"time"

	"nestfunk/app/base/lang"
)

// Days and hours of a closure are read off the wall, whatever the clocks do.
// In 2026 they go forward on 29 March and back on 25 October.
func TestClosureAcrossClockChanges(t *testing.T) {
	clock := func(h, m int) *int { n := h*60 + m; return &n }
	for _, test := range []struct {
		name         string
		first, last  string
		starts, ends *int
		from, until  string // UTC
		length       time.Duration
		now          string // UTC
		title, span  string
	}{
		{"winter", "2026-03-27", "2026-03-27", clock(14, 0), nil, "2026-03-27 13:00", "2026-03-27 23:00", 10 * time.Hour,
			"2026-03-27 05:20", "Kita Sonne schließt heute um 14 Uhr", "heute ab 14 Uhr"},
		{"summer", "2026-03-30", "2026-03-30", clock(14, 0), nil, "2026-03-30 12:00", "2026-03-30 22:00", 10 * time.Hour,
			"2026-03-30 04:20", "Kita Sonne schließt heute um 14 Uhr", "heute ab 14 Uhr"},
		{"the day of 23 hours", "2026-03-29", "2026-03-29", nil, nil, "2026-03-28 23:00", "2026-03-29 22:00", 23 * time.Hour,
			"2026-03-28 22:30", "Kita Sonne bleibt morgen geschlossen", "morgen, 29. März, ganztägig"},
		{"the day of 23 hours, right after midnight", "2026-03-29", "2026-03-29", nil, nil, "2026-03-28 23:00", "2026-03-29 22:00", 23 * time.Hour,
			"2026-03-28 23:01", "Kita Sonne bleibt heute geschlossen", "heute, ganztägig"},
		{"afternoon of the day of 23 hours", "2026-03-29", "2026-03-29", clock(14, 0), clock(16, 30), "2026-03-29 12:00", "2026-03-29 14:30", 150 * time.Minute,
			"2026-03-29 10:00", "Kita Sonne bleibt heute geschlossen", "heute von 14 bis 16:30 Uhr"},
		{"the day of 25 hours", "2026-10-25", "2026-10-25", nil, nil, "2026-10-24 22:00", "2026-10-25 23:00", 25 * time.Hour,
			"2026-10-24 21:30", "Kita Sonne bleibt morgen geschlossen", "morgen, 25. Oktober, ganztägig"},
		{"the last hour of the day of 25 hours", "2026-10-25", "2026-10-25", nil, nil, "2026-10-24 22:00", "2026-10-25 23:00", 25 * time.Hour,
			"2026-10-25 22:59", "Kita Sonne bleibt heute geschlossen", "heute, ganztägig"},
		{"tomorrow, seen from the day of 25 hours", "2026-10-26", "2026-10-26", nil, clock(9, 0), "2026-10-25 23:00", "2026-10-26 08:00", 9 * time.Hour,
			"2026-10-25 22:59", "Kita Sonne öffnet später", "morgen, 26. Oktober, bis 9 Uhr"},
		{"four days over the change to summer", "2026-03-27", "2026-03-30", clock(7, 30), clock(12, 0), "2026-03-27 06:30", "2026-03-30 10:00", 75*time.Hour + 30*time.Minute,
			"2026-03-26 12:00", "Kita Sonne bleibt morgen geschlossen", "morgen, 27. März, bis Montag, 30. März, täglich von 7:30 bis 12 Uhr"},
		{"four days over the change to winter", "2026-10-23", "2026-10-26", nil, nil, "2026-10-22 22:00", "2026-10-26 23:00", 97 * time.Hour,
			"2026-10-25 12:00", "Kita Sonne bleibt heute geschlossen", "Freitag, 23. Oktober, bis morgen, 26. Oktober, ganztägig"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Closure{Name: "Kita Sonne", Whole: true, FirstDay: test.first, LastDay: test.last, Starts: test.starts, Ends: test.ends, State: Running}
			utc := func(at time.Time) string { return at.UTC().Format("2006-01-02 15:04") }
			if got := utc(c.from()); got != test.from {
				t.Errorf("from %s, want %s", got, test.from)
			}
			if got := utc(c.until()); got != test.until {
				t.Errorf("until %s, want %s", got, test.until)
			}
			if got := c.until().Sub(c.from()); got != test.length {
				t.Errorf("lasts %s, want %s", got, test.length)
			}
			if !c.Now(c.until().Add(-time.Second)) || c.Now(c.until()) {
				t.Error("it does not end at its end")
			}
			now, err := time.Parse("2006-01-02 15:04", test.now)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Title(lang.German(), now); got != test.title {
				t.Errorf("title %q, want %q", got, test.title)
			}
			if got := c.Span(lang.German(), now); got != test.span {
				t.Errorf("span %q, want %q", got, test.span)
			}
		})
	}
}

// An hour that the clock skips, or has twice, is some moment of that night: nothing breaks, and order is kept.
func TestHoursThatAreNone(t *testing.T) {
	for _, d := range []string{"2026-03-29", "2026-10-25"} {
		last := at(d, 0)
		for m := 30; m <= 24*60; m += 30 {
			now := at(d, m)
			if now.Before(last) && m != 3*60 { // 2:30 of the skipped hour may be told as 3:30
				t.Errorf("%s %d:%02d is %s, before %s", d, m/60, m%60, now, last)
			}
			last = now
		}
	}
}
