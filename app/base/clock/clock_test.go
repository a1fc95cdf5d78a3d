package clock_test

import (
	"slices"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/clock"
	"nestfunk/app/base/store"
)

const day = 24 * time.Hour

type step struct {
	add    time.Duration
	synced bool
	yes    bool // an operator says so, before
	held   bool
}

// D11: what goes by age stands still after a leap of more than a day, and goes on when a second source or an operator says
// so. An hour more or less, a leap day, summer time and a clock that stands still change nothing.
func TestHeld(t *testing.T) {
	for name, steps := range map[string][]step{
		"stuck":                   {{0, false, false, false}, {0, false, false, false}},
		"an hour more":            {{time.Hour, false, false, false}},
		"an hour less":            {{-time.Hour, false, false, false}, {time.Hour, false, false, false}},
		"each hour of three days": slices.Repeat([]step{{time.Hour, false, false, false}}, 72),
		"ten years more":          {{3650 * day, false, false, true}, {time.Hour, false, false, true}},
		"and back":                {{3650 * day, false, false, true}, {-3650 * day, false, false, false}},
		"and a time server":       {{3650 * day, false, false, true}, {0, true, false, false}},
		"with a time server":      {{3650 * day, true, false, false}},
		"and an operator":         {{3650 * day, false, false, true}, {0, false, true, false}, {time.Hour, false, false, false}},
		"ten years less":          {{-3650 * day, false, false, true}, {time.Hour, false, false, true}},
		"and forward again":       {{-3650 * day, false, false, true}, {3650 * day, false, false, true}, {0, true, false, true}, {0, false, true, false}},
		"away for a week":         {{7 * day, false, false, true}, {0, false, true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			h := apptest.New(t)
			warned, synced := 0, false
			g := &clock.Guard{DB: h.DB, Settings: h.Settings, Now: h.Now, Synced: func() bool { return synced },
				Warn: func(*store.Tx, string) error { warned++; return nil }}
			if held, err := g.Held(t.Context()); held || err != nil {
				t.Fatalf("a new house: %v, %v", held, err)
			}
			was, changes := false, 0
			for i, s := range steps {
				h.Clock.Add(s.add)
				if s.yes {
					if err := h.DB.Write(t.Context(), g.Believe); err != nil {
						t.Fatal(err)
					}
				}
				synced = s.synced
				held, err := g.Held(t.Context())
				if held != s.held || err != nil {
					t.Errorf("step %d: held %v, want %v, %v", i, held, s.held, err)
				}
				if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
					words, err := g.State(tx)
					if (words != "") != s.held {
						t.Errorf("step %d: it says %q", i, words)
					}
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if held && !was {
					changes++
				}
				was = held
			}
			if warned != changes {
				t.Errorf("operators were written to %d times, want %d", warned, changes)
			}
		})
	}
}
