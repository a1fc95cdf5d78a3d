package committee_test

import (
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

func TestCarried(t *testing.T) {
	for _, x := range []struct {
		name    string
		m       committee.Majority
		t       committee.Tally
		carried bool
	}{
		{"one more", committee.Simple, committee.Tally{Yes: 3, No: 2, Present: 5}, true},
		{"a tie", committee.Simple, committee.Tally{Yes: 3, No: 3, Present: 6}, false},
		{"nobody", committee.Simple, committee.Tally{Present: 6}, false},
		{"one yes, all others abstain", committee.Simple, committee.Tally{Yes: 1, Abstain: 9, Present: 10}, true},
		{"invalid papers count for nothing", committee.Simple, committee.Tally{Yes: 2, No: 1, Invalid: 5, Present: 8}, true},
		{"half of those present", committee.Absolute, committee.Tally{Yes: 3, No: 1, Abstain: 2, Present: 6}, false},
		{"more than half", committee.Absolute, committee.Tally{Yes: 4, No: 1, Present: 7}, true},
		{"who did not vote is present", committee.Absolute, committee.Tally{Yes: 3, Present: 7}, false},
		{"exactly two thirds", committee.TwoThirds, committee.Tally{Yes: 4, No: 2, Present: 9}, true},
		{"a little less", committee.TwoThirds, committee.Tally{Yes: 5, No: 3, Present: 9}, false},
		{"nobody, of two thirds", committee.TwoThirds, committee.Tally{Abstain: 3, Present: 3}, false},
		{"two to one", committee.TwoThirds, committee.Tally{Yes: 2, No: 1, Present: 3}, true},
	} {
		if got := x.m.Carried(x.t); got != x.carried {
			t.Errorf("%s, %s: carried %v", x.m.Word(), x.name, got)
		}
	}
}

func TestQuorate(t *testing.T) {
	for _, x := range []struct {
		quorum, present, votes int
		want                   bool
	}{
		{50, 4, 8, true}, {50, 3, 8, false}, {50, 4, 9, false}, {50, 5, 9, true}, {0, 1, 30, true}, {0, 0, 30, false}, {100, 8, 8, true}, {100, 7, 8, false},
		{67, 2, 3, false}, {66, 2, 3, true}, {50, 0, 0, false},
	} {
		r := committee.Usual(apptest.Council)
		r.Quorum = x.quorum
		if got := r.Quorate(x.present, x.votes); got != x.want {
			t.Errorf("%d %%: %d of %d: %v", x.quorum, x.present, x.votes, got)
		}
	}
}

func TestLatest(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, x := range []struct {
		name          string
		notice        int
		working       bool
		land          string
		meeting, want string
	}{
		{"none", 0, false, "SH", "2026-03-16", "2026-03-16"},
		{"a week", 7, false, "SH", "2026-03-16", "2026-03-08"},
		{"a week over a leap day", 7, false, "SH", "2028-03-04", "2028-02-25"},
		{"over the change of clocks", 7, false, "SH", "2026-04-01", "2026-03-24"},
		{"three working days over a weekend", 3, true, "SH", "2026-03-17", "2026-03-11"},
		// Tuesday after Easter 2026: Monday, Sunday and Good Friday (6, 5 and 3 April) do not count, Thursday does.
		{"three working days over Easter", 3, true, "SH", "2026-04-07", "2026-03-30"},
		{"holidays count where days are days", 3, false, "SH", "2026-04-07", "2026-04-03"},
		{"Epiphany in Stuttgart", 1, true, "BW", "2026-01-07", "2026-01-04"},
		{"and not in Flensburg", 1, true, "SH", "2026-01-07", "2026-01-05"},
		{"between the years", 5, true, "SH", "2026-01-05", "2025-12-23"},
	} {
		r := committee.Usual(apptest.Council)
		r.Notice, r.Working = x.notice, x.working
		if got := r.Latest(day(x.meeting), x.land); !got.Equal(day(x.want)) {
			t.Errorf("%s: %s, want %s", x.name, got.Format(time.DateOnly), x.want)
		}
	}
}

func TestRules(t *testing.T) {
	db := apptest.DB(t)
	for name, x := range map[string]struct {
		change func(r *committee.Rules)
		field  string
	}{
		"a notice of a century": {func(r *committee.Rules) { r.Notice = 36500 }, "notice"},
		"a negative quorum":     {func(r *committee.Rules) { r.Quorum = -1 }, "quorum"},
		"more than all":         {func(r *committee.Rules) { r.Quorum = 101 }, "quorum"},
		"no majority":           {func(r *committee.Rules) { r.Majority = "" }, "majority"},
		"minutes never":         {func(r *committee.Rules) { r.Minutes = 91 }, "minutes"},
		"objections for ever":   {func(r *committee.Rules) { r.Objection = 91 }, "objection"},
		"a board for ever":      {func(r *committee.Rules) { r.Provisional = 13 }, "provisional"},
	} {
		r := committee.Usual(apptest.Council)
		x.change(&r)
		err := db.Write(t.Context(), func(tx *store.Tx) error { return committee.SetRules(tx, r) })
		if fault.Fields(err)[x.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	read(t, db, func(tx *store.Tx) error {
		r, err := committee.RulesOf(tx, apptest.Council)
		if r != committee.Usual(apptest.Council) || err != nil {
			t.Errorf("nobody gave rules: %+v, %v", r, err)
		}
		return nil
	})
	own := committee.Rules{Unit: apptest.Council, Public: true, Notice: 10, Working: true, Quorum: 40, Majority: committee.TwoThirds, Minutes: 21,
		Objection: 7, Provisional: 6}
	write(t, db, func(tx *store.Tx) error { return committee.SetRules(tx, committee.Usual(apptest.Council)) })
	write(t, db, func(tx *store.Tx) error { return committee.SetRules(tx, own) })
	read(t, db, func(tx *store.Tx) error {
		if r, err := committee.RulesOf(tx, apptest.Council); r != own || err != nil {
			t.Errorf("got %+v (%v)", r, err)
		}
		return nil
	})
}
