package catalogue

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

const (
	nightKind = "catalogue.night" // let go of what is over by its own time, and say what went
	shown     = 90                // days of nights on the page
)

// night comes when all others have let go of what was old. It has go what is over by its own time, keeps the notice if it has
// changed, wipes what is left of what went, and says in the program's log what that was: numbers, never names.
func (f *feature) night(ctx context.Context) error {
	for _, s := range f.Sweeps {
		err := f.DB.Write(ctx, func(tx *store.Tx) error {
			c, n, err := s(tx, f.Now())
			if err != nil {
				return err
			}
			return retention.Noted(tx, f.Now(), c, n)
		})
		if err != nil {
			return err
		}
	}
	if err := f.DB.Write(ctx, func(tx *store.Tx) error { return retention.Prune(tx, f.Now()) }); err != nil {
		return err
	}
	if err := f.DB.Write(ctx, f.keep); err != nil {
		return err
	}
	if err := f.wipe(ctx); err != nil {
		return err
	}
	return f.DB.Read(ctx, func(tx *store.Tx) error {
		runs, err := retention.Runs(tx, house.Local(f.Now()).AddDate(0, 0, -1).Format(time.DateOnly))
		for _, r := range runs {
			if r.Gone > 0 {
				slog.Info("deleted by rule", "day", r.Day, "class", r.Class, "gone", r.Gone)
			}
		}
		return err
	})
}

// wipe sees to it that nothing is left of what went since yesterday: the log of the database is emptied, and the search index,
// which keeps the words of deleted documents until it happens to join its parts, is made anew.
func (f *feature) wipe(ctx context.Context) error {
	err := f.DB.Write(ctx, func(tx *store.Tx) error {
		runs, err := retention.Runs(tx, house.Local(f.Now()).AddDate(0, 0, -1).Format(time.DateOnly))
		if err != nil {
			return err
		}
		for _, r := range runs {
			if r.Gone > 0 && !slices.Contains(wordless(), r.Class) {
				return search.Moved(tx)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.DB.Purge(ctx)
}

// wordless are the classes of which nothing is ever in the search index.
func wordless() []retention.Class {
	return []retention.Class{retention.Minutes, retention.Session, retention.Week, retention.Record, retention.Backup, retention.SMS, retention.Log,
		retention.Note, retention.Reason, retention.Roll, retention.Consent, retention.Announcement, retention.Bulletin, retention.Slip}
}

// A night is what went on a day.
type night struct {
	Day  string
	At   time.Time // noon of the day
	Gone []went
	Sum  int
}

// A went is what went of a class.
type went struct {
	Name string
	N    int
}

// nights are runs by their days. What was looked for and not there is counted, but not listed.
func nights(runs []retention.Run, rules []retention.Rule) (all []night) {
	names := map[retention.Class]string{}
	for _, r := range rules {
		names[r.Class] = r.Name
	}
	for _, r := range runs {
		if len(all) == 0 || all[len(all)-1].Day != r.Day {
			at, _ := time.ParseInLocation(time.DateOnly, r.Day, time.UTC) // as Noted writes it
			all = append(all, night{Day: r.Day, At: at.Add(12 * time.Hour)})
		}
		n := &all[len(all)-1]
		if n.Sum += r.Gone; r.Gone > 0 {
			n.Gone = append(n.Gone, went{names[r.Class], r.Gone})
		}
	}
	return all
}
