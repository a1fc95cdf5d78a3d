package consent

import (
	"testing"
	"time"

	"nestfunk/app/base/web"
)

func TestSettle(t *testing.T) {
	yes := func(id int64) vote { return vote{id, true} }
	no := func(id int64) vote { return vote{id, false} }
	for name, c := range map[string]struct {
		votes       []vote
		deciders    []int64
		both, grown bool
		want        State
	}{
		"nobody":                             {nil, []int64{1, 2}, true, false, Open},
		"one is enough":                      {[]vote{yes(1)}, []int64{1, 2}, false, false, Given},
		"one of two":                         {[]vote{yes(1)}, []int64{1, 2}, true, false, Half},
		"both":                               {[]vote{yes(1), yes(2)}, []int64{1, 2}, true, false, Given},
		"who is alone signs alone":           {[]vote{yes(1)}, []int64{1}, true, false, Given},
		"a no counts where one is enough":    {[]vote{yes(1), no(2)}, []int64{1, 2}, false, false, Refused},
		"a no counts where two are needed":   {[]vote{yes(1), no(2)}, []int64{1, 2}, true, false, Refused},
		"who decides no more has no yes":     {[]vote{yes(3)}, []int64{1, 2}, false, false, Open},
		"who decides no more has no no":      {[]vote{yes(1), no(3)}, []int64{1, 2}, false, false, Given},
		"nobody decides":                     {[]vote{yes(3)}, nil, true, false, Open},
		"parents of a young person":          {[]vote{yes(1), yes(2)}, []int64{1, 2}, true, true, Alone},
		"a young person says yes":            {[]vote{no(1), yes(0)}, []int64{1, 2}, true, true, Given},
		"a young person says no":             {[]vote{yes(1), no(0)}, []int64{1, 2}, true, true, Refused},
		"a child's own paper counts nothing": {[]vote{yes(0)}, []int64{1, 2}, false, false, Open},
	} {
		if got := settle(c.votes, c.deciders, c.both, c.grown); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestYearEnd(t *testing.T) {
	for at, want := range map[string]string{"2026-03-02": "2026-08-01", "2026-05-31": "2026-08-01", "2026-06-01": "2027-08-01", "2026-08-01": "2027-08-01", "2026-12-31": "2027-08-01"} {
		day, _ := time.ParseInLocation(time.DateOnly, at, web.Zone())
		if got := yearEnd(day).Format(time.DateOnly); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

func TestGrown(t *testing.T) {
	now := time.Date(2026, 3, 2, 6, 12, 0, 0, time.UTC)
	for born, want := range map[string]bool{"2010-03-02": true, "2010-03-03": false, "": false, "gestern": false} {
		if grown(born, 16, now) != want {
			t.Errorf("%q: %v", born, !want)
		}
	}
}
