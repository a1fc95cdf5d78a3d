package calendar

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

const shared = "../../../../shared/data/04-calendar/" // beside the repository; not part of it

var zone = func() *time.Location {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

// TestRules compares with what libical, the reference of many calendars, makes of 146 rules. One of them it has not
// implemented, and says so: the 30th of December in week 1.
func TestRules(t *testing.T) {
	b, err := os.ReadFile(shared + "rrule/icalrecur_test.txt")
	if err != nil {
		t.Skip("../shared/data is not here: 146 rules were not read")
	}
	n := 0
	for block := range strings.SplitSeq(string(b), "\n\n") {
		field := map[string]string{}
		for line := range strings.Lines(block) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && !strings.HasPrefix(line, "#") {
				field[name] = value
			}
		}
		if field["RRULE"] == "" {
			continue
		}
		n++
		r, err := ParseRule(field["RRULE"])
		if err != nil {
			t.Errorf("%s: %v", field["RRULE"], err)
			continue
		}
		layout := "20060102T150405Z"[:len(field["DTSTART"])]
		start, err := time.Parse(layout, field["DTSTART"])
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(field["INSTANCES"], ",")
		if strings.Contains(field["INSTANCES"], "UNIMPLEMENTED") {
			want = []string{"20241230", "20251230"} // of weeks 1 of 2025 and 2026; then the 30th is in week 53, or 1 again only in 2030
			r.Until, _ = Day("2026-12-31")
		}
		got := []string{}
		for at := range r.All(start, len(layout) == 8, time.UTC) {
			s := at.Format(layout)
			if got = append(got, s); len(got) > len(want) {
				break
			}
		}
		if !r.Ends() && len(got) > len(want) {
			got = got[:len(want)]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s from %s:\ngot  %q\nwant %q", field["RRULE"], field["DTSTART"], got, want)
		}
		if at, err := time.Parse(layout, want[len(want)-1]); err == nil { // found as well by who looks there only
			if last := r.Between(start, len(layout) == 8, time.UTC, at, at.Add(1)); len(last) != 1 {
				t.Errorf("%s from %s: at %v there are %v", field["RRULE"], field["DTSTART"], at, last)
			}
		}
		if again, err := ParseRule(r.String()); err != nil || again.String() != r.String() {
			t.Errorf("%s is written as %s: %v", field["RRULE"], r, err)
		}
	}
	if n != 146 {
		t.Errorf("%d rules", n)
	}
}

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		name, rule, start, from, to, want string
	}{
		{"no rule", "", "2026-03-02T19:00", "2026-03-01T00:00", "2026-04-01T00:00", "0302"},
		{"no rule, elsewhere", "", "2026-03-02T19:00", "2026-04-01T00:00", "2026-05-01T00:00", ""},
		{"every second week, long after", "FREQ=WEEKLY;INTERVAL=2", "2020-01-06T19:00", "2026-03-01T00:00", "2026-04-01T00:00", "0309 0323"},
		{"the 31st", "FREQ=MONTHLY", "2026-01-31T10:00", "2026-01-01T00:00", "2026-09-01T00:00", "0131 0331 0531 0731 0831"},
		{"29 February", "FREQ=YEARLY", "2024-02-29T10:00", "2025-01-01T00:00", "2033-01-01T00:00", "0229 0229"},
		{"30 February never comes", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2024-02-28T10:00", "2024-01-01T00:00", "2200-01-01T00:00", ""},
		{"the last Friday", "FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30T10:00", "2026-03-01T00:00", "2026-05-01T00:00", "0327 0424"},
		{"counted from its start", "FREQ=DAILY;COUNT=3", "2026-03-30T10:00", "2026-03-31T00:00", "2027-01-01T00:00", "0331 0401"},
		{"every 400 years", "FREQ=YEARLY;INTERVAL=400", "2026-03-30T10:00", "2026-04-01T00:00", "3000-01-01T00:00", ""},
		{"every second, long after", "FREQ=SECONDLY;INTERVAL=3600", "2026-03-30T10:00", "2030-01-01T00:00", "2030-01-01T02:00", "0101 0101"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r Rule
			if c.rule != "" {
				var err error
				if r, err = ParseRule(c.rule); err != nil {
					t.Fatal(err)
				}
			}
			at := func(s string) time.Time {
				v, err := time.Parse("2006-01-02T15:04", s)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			var got []string
			for _, x := range r.Between(at(c.start), false, zone, at(c.from), at(c.to)) {
				got = append(got, x.Format("0102"))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s", s)
			}
		})
	}
}

// TestUntilIsAMoment: 18:00 in UTC is 20:00 in Berlin's summer, and 19:00 in its winter.
func TestUntilIsAMoment(t *testing.T) {
	start := time.Date(2026, 10, 18, 19, 30, 0, 0, time.UTC)
	for until, want := range map[string]int{"20261025T180000Z": 1, "20261018T180000Z": 1, "20261018T170000Z": 0, "20261025T183000Z": 2} {
		r, err := ParseRule("FREQ=WEEKLY;UNTIL=" + until)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for range r.All(start, false, zone) {
			n++
		}
		if n != want {
			t.Errorf("until %s: %d instances, want %d", until, n, want)
		}
	}
}

func TestParseRuleRefuses(t *testing.T) {
	for _, s := range []string{"", "FREQ", "FREQ=", "FREQ=OFTEN", "INTERVAL=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=-1",
		"FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;BYDAY=XX", "FREQ=DAILY;BYDAY=", "FREQ=MONTHLY;BYDAY=99MO", "FREQ=MONTHLY;BYMONTHDAY=0",
		"FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYMONTH=-1", "FREQ=DAILY;UNTIL=gestern", "FREQ=DAILY;UNTIL=20260101;COUNT=2", "FREQ=DAILY;X=1",
		"FREQ=DAILY;BYHOUR=" + strings.Repeat("1,", 400) + "1"} {
		if r, err := ParseRule(s); err == nil {
			t.Errorf("%q is %v", s, r)
		}
	}
}

func TestClocksChange(t *testing.T) {
	for _, c := range []struct {
		wall, want string
		exists     bool
	}{
		{"2026-03-29T01:59", "2026-03-29T01:59+01:00", true},
		{"2026-03-29T02:00", "2026-03-29T03:00+02:00", false}, // the hour that is skipped
		{"2026-03-29T02:30", "2026-03-29T03:30+02:00", false},
		{"2026-03-29T03:00", "2026-03-29T03:00+02:00", true},
		{"2026-10-25T01:59", "2026-10-25T01:59+02:00", true},
		{"2026-10-25T02:30", "2026-10-25T02:30+02:00", true}, // the hour that comes twice: the first
		{"2026-10-25T03:00", "2026-10-25T03:00+01:00", true},
		{"2026-07-01T12:00", "2026-07-01T12:00+02:00", true},
	} {
		wall, err := time.Parse("2006-01-02T15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := In(wall, zone).Format("2006-01-02T15:04-07:00"); got != c.want || Exists(wall, zone) != c.exists {
			t.Errorf("%s is %s (exists %v)", c.wall, got, Exists(wall, zone))
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3")
	f.Add("FREQ=YEARLY;BYWEEKNO=53;BYSETPOS=-1;UNTIL=20300101T000000Z;WKST=SU")
	f.Add("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
	start := time.Date(2024, 2, 29, 19, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRule(s)
		if err != nil {
			return
		}
		if again, err := ParseRule(r.String()); err != nil || again.String() != r.String() {
			t.Errorf("%q is %q: %v", s, r, err)
		}
		last := time.Time{}
		n := 0
		for at := range r.All(start, false, zone) {
			if at.Before(start) || !at.After(last) {
				t.Errorf("%q: %v after %v", s, at, last)
			}
			if last, n = at, n+1; n == 50 {
				break
			}
		}
	})
}
