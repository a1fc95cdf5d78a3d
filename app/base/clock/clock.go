// Package clock notices when the clock of the machine cannot be believed.
//
// What is deleted by age would go years too early when the clock leaps ahead, and so would what was written while it was
// behind, once it is right again. So the house notes what time it has seen. After a leap of more than a day everything that
// goes by age stands still, until a second source agrees, the kernel's word that it follows a time server, or somebody
// who runs the house.
package clock

import (
	"context"
	"strconv"
	"time"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

const (
	leap  = 24 * time.Hour
	often = 10 * time.Minute
)

// A Guard watches the clock of a house. The nil Guard believes it.
type Guard struct {
	DB       *store.DB
	Settings *settings.Settings
	Now      func() time.Time
	Synced   func() bool                            // a second source agrees
	Warn     func(tx *store.Tx, words string) error // writes to those who run the house
}

// What is noted when the clock is not believed.
const (
	ahead  = "ahead"  // it has leapt ahead
	behind = "behind" // it is, or was, behind
)

// Run looks at the clock until the context ends.
func (g *Guard) Run(ctx context.Context, failed func(error)) {
	if g == nil {
		return
	}
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		if _, err := g.Held(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Held looks at the clock and reports whether what goes by age has to stand still.
func (g *Guard) Held(ctx context.Context) (held bool, err error) {
	if g == nil {
		return false, nil
	}
	synced := g.Synced() // asked outside: everybody else waits for a transaction
	now := g.Now()
	err = g.DB.Write(ctx, func(tx *store.Tx) error {
		seen, why, err := g.read(tx)
		if err != nil {
			return err
		}
		next := judge(seen, now, why, synced)
		if held = next != ""; next != why {
			if err := g.Settings.Set(tx, settings.ClockHeld, next); err != nil {
				return err
			}
			if next != "" {
				if err := g.Warn(tx, Words(next)); err != nil {
					return err
				}
			}
		}
		if next != "" || now.Sub(seen) < often {
			return nil
		}
		return g.note(tx, now)
	})
	return held, err
}

// judge says why the clock is not believed; "": it is. why is what was said before, seen the last time that was believed,
// zero in a new house.
func judge(seen, now time.Time, why string, synced bool) string {
	switch {
	case synced && now.After(seen.Add(-leap)): // what was written behind time is not older than it seems by more than a day
		if why == behind {
			return behind
		}
		return ""
	case seen.IsZero():
		return ""
	case now.Before(seen.Add(-leap)):
		return behind
	case why != behind && now.Before(seen.Add(leap)):
		return ""
	case why != "":
		return why
	}
	return ahead
}

// State is why the clock is not believed, in German; "": it is.
func (g *Guard) State(tx *store.Tx) (string, error) {
	if g == nil {
		return "", nil
	}
	_, why, err := g.read(tx)
	return Words(why), err
}

// Believe is the word of somebody who runs the house that the clock is right.
func (g *Guard) Believe(tx *store.Tx) error {
	if err := g.Settings.Set(tx, settings.ClockHeld, ""); err != nil {
		return err
	}
	return g.note(tx, g.Now())
}

func (g *Guard) note(tx *store.Tx, now time.Time) error {
	return g.Settings.Set(tx, settings.ClockSeen, strconv.FormatInt(now.Unix(), 10))
}

func (g *Guard) read(tx *store.Tx) (seen time.Time, why string, err error) {
	s, err := g.Settings.Get(tx, settings.ClockSeen)
	if err != nil {
		return seen, "", err
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		seen = time.Unix(n, 0)
	}
	why, err = g.Settings.Get(tx, settings.ClockHeld)
	return seen, why, err
}

// Words say why the clock is not believed, to whoever runs the house.
func Words(why string) string {
	switch why {
	case ahead:
		return "Die Uhr des Rechners ist um mehr als einen Tag vorgesprungen, und niemand bestätigt das. Bis dahin wird nichts nach Fristen gelöscht. Bitte prüfen Sie das Datum und bestätigen Sie es unter Betrieb, Prüfung."
	case behind:
		return "Die Uhr des Rechners geht oder ging um mehr als einen Tag nach. Was in dieser Zeit geschrieben wurde, trägt ein falsches Datum. Bis jemand das Datum unter Betrieb, Prüfung bestätigt, wird nichts nach Fristen gelöscht."
	}
	return ""
}
