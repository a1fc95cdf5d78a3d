package list

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestReadLines(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Kuchen: 8", "Kuchen 8"},
		{"8 x Kuchen\n3× Salat", "Kuchen 8, Salat 3"},
		{"- Grill\n\n  * Kohle : 2 \r\n", "Grill 1, Kohle 2"},
		{"Um 10:30 Aufbau", "Um 10:30 Aufbau 1"},
		{"Kuchen: viele", "Kuchen: viele 1"},
		{"Saft: 0", "Saft 0"}, // is refused
		{"8", "8 1"},
		{" \n\t\n", ""},
	} {
		var got []string
		for _, l := range ReadLines(c.in) {
			got = append(got, fmt.Sprint(l.Title, " ", l.Places))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%q is %q, want %q", c.in, s, c.want)
		}
	}
}

// TestSlotsAtTheChangeOfClocks: on 29 March 2026 two o'clock is followed by three.
func TestSlotsAtTheChangeOfClocks(t *testing.T) {
	for _, c := range []struct {
		name              string
		day               string
		from, to, len, of int
		want              int
		hours             time.Duration // from the first to the end of the last
	}{
		{"an afternoon", "2026-03-09", 14 * 60, 16 * 60, 30, 0, 4, 2 * time.Hour},
		{"with breaks", "2026-03-09", 14 * 60, 16 * 60, 30, 10, 3, 110 * time.Minute},
		{"what is left is too short", "2026-03-09", 14 * 60, 14*60 + 50, 30, 0, 1, 30 * time.Minute},
		{"spring", "2026-03-29", 1 * 60, 4 * 60, 60, 0, 3, 2 * time.Hour},
		{"autumn", "2026-10-25", 1 * 60, 4 * 60, 60, 0, 3, 4 * time.Hour},
		{"no such day", "2026-02-30", 0, 60, 20, 0, 0, 0},
		{"no length", "2026-03-09", 0, 60, 0, 0, 0, 0},
	} {
		all := Slots(c.day, c.from, c.to, c.len, c.of, "", 1)
		if len(all) != c.want {
			t.Errorf("%s: %d", c.name, len(all))
			continue
		}
		if c.want > 0 {
			if d := all[len(all)-1].Ends.Sub(all[0].Starts); d != c.hours {
				t.Errorf("%s: %v, want %v", c.name, d, c.hours)
			}
		}
	}
}

func FuzzReadLines(f *testing.F) {
	f.Add("Kuchen: 8\n8 x Salat")
	f.Add(": 1\n99999999999: 99999999999")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range ReadLines(s) {
			if strings.TrimSpace(l.Title) == "" || strings.ContainsAny(l.Title, "\n\r") || l.Places < 0 {
				t.Errorf("%q: %+v", s, l)
			}
		}
	})
}
