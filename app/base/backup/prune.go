package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// How long snapshots are kept: each for two days, one a day for two weeks, one a week for five. Then whoever was deleted
// has gone from the backups, too.
const (
	everyFor = 2 * 24 * time.Hour
	dailyFor = 14 * 24 * time.Hour
	Longest  = 35 * 24 * time.Hour
)

// kept chooses from snapshots, the newest first, those to keep: always the newest, and of a day and of a week the last.
func kept(all []time.Time, now time.Time) (keep []time.Time) {
	seen := map[string]bool{}
	for i, at := range all {
		age, span := now.Sub(at), ""
		switch {
		case i == 0 || age < everyFor:
			span = at.Format(stamp)
		case age < dailyFor:
			span = at.UTC().Format(time.DateOnly)
		case age < Longest:
			year, week := at.UTC().ISOWeek()
			span = fmt.Sprintf("%d-W%d", year, week)
		default:
			continue
		}
		if !seen[span] {
			seen[span] = true
			keep = append(keep, at)
		}
	}
	return keep
}

// young is how old a blob that no snapshot needs has to be before it goes: another run may be about to need it.
const young = 24 * time.Hour

// Prune removes the snapshots that need not be kept any more, and the blobs that none needs.
func Prune(ctx context.Context, t Target, now time.Time) (removed int, err error) {
	if f, ok := t.(folder); ok {
		if err := f.tidy(now.Add(-young)); err != nil {
			return 0, err
		}
	}
	all, err := times(t)
	if err != nil {
		return 0, err
	}
	keep := map[time.Time]bool{}
	for _, at := range kept(all, now) {
		keep[at] = true
	}
	for _, at := range all {
		if keep[at] {
			continue
		}
		name := Snapshot{At: at}.name()
		if err := t.Remove(ctx, name); err != nil { // first: without it its names are nobody's
			return removed, err
		}
		removed++
	}
	needed := map[string]bool{}
	for at := range keep {
		b, err := get(ctx, t, Snapshot{At: at}.name()+namesEnd)
		if err != nil {
			return removed, err
		}
		lines, err := parseNames(b)
		if err != nil {
			return removed, err // rather keep too much
		}
		for _, l := range lines {
			needed[l.name] = true
		}
	}
	var idle []string
	for _, in := range []string{snapshots, blobs} {
		err := t.List(in, func(o Object) error {
			base := path.Base(o.Name)
			if in == blobs && needed[base] || now.Sub(o.Changed) < young {
				return nil
			}
			if in == snapshots {
				at, err := time.Parse(stamp+namesEnd, base)
				if err != nil || keep[at] {
					return nil
				}
			}
			idle = append(idle, o.Name)
			return nil
		})
		if err != nil {
			return removed, err
		}
	}
	for _, name := range idle {
		if err := t.Remove(ctx, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
	}
	return removed, nil
}
