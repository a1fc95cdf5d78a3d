package task

import (
	"testing"
	"time"
)

// The next night is half past four, whatever the clocks do.
func TestNext(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{
		"2026-03-02T07:12:00+01:00": "2026-03-03T04:30:00+01:00",
		"2026-03-03T04:30:00+01:00": "2026-03-04T04:30:00+01:00",
		"2026-10-24T05:00:00+02:00": "2026-10-25T04:30:00+01:00",
		"2026-03-29T01:00:00+01:00": "2026-03-29T04:30:00+02:00",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := next(at.In(zone), 4*time.Hour+30*time.Minute).Format(time.RFC3339); got != want {
			t.Errorf("after %s: %s, want %s", now, got, want)
		}
	}
}
