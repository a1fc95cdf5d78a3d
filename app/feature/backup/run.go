package backup

import (
	"context"
	"errors"
	"time"

	"nestfunk/app/base/backup"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
)

const (
	runKind   = "backup.run"
	watchKind = "backup.watch"
	retry     = time.Hour // after a run that failed
)

// job makes a snapshot and plans the next run. What goes wrong is a row and not a task that is tried again: servers are away
// for longer than that.
func (f *feature) job() task.Job {
	return task.Job{
		Kind: runKind,
		Run: func(ctx context.Context, _ int64, _ string) error {
			p, err := f.read(ctx)
			if err != nil || p.Target == "" {
				return err
			}
			r, err := f.now(ctx, p)
			if ctx.Err() != nil {
				return err // the house closes
			}
			next := time.Duration(p.Every) * time.Hour
			if err != nil {
				next = min(next, retry)
			}
			return f.DB.Write(ctx, func(tx *store.Tx) error { return f.next(tx, r.Began.Add(next)) })
		},
		Failed: func(ctx context.Context, _ int64, _ string, _ error) error {
			return f.DB.Write(ctx, func(tx *store.Tx) error { return f.next(tx, f.Now().Add(retry)) })
		},
	}
}

func (f *feature) read(ctx context.Context) (p plan, err error) {
	err = f.DB.Read(ctx, func(tx *store.Tx) error { p, err = f.plan(tx); return err })
	return p, err
}

// next plans a run unless one is planned.
func (f *feature) next(tx *store.Tx, at time.Time) error {
	n, err := waiting(tx, runKind, f.Now())
	if err != nil || n > 0 {
		return err
	}
	return f.Tasks.AddAt(tx, runKind, 0, "", at)
}

// now makes a snapshot as planned, and a row of it.
func (f *feature) now(ctx context.Context, p plan) (r Run, err error) {
	r.Began, r.Target = f.Now(), p.Target
	if err := f.DB.Write(ctx, func(tx *store.Tx) (err error) { r.ID, err = begin(tx, p.Target, r.Began); return err }); err != nil {
		return r, err
	}
	did, err := Make(ctx, f.House, p.Target, p.secret, public(p.keys), f.deleted)
	r.Ended, r.Database, r.Files, r.Sent, r.Open = f.Now(), did.Database, did.Files, did.Sent, did.Open
	if err != nil {
		r.Failure = words(err)
	}
	return r, errors.Join(err, f.DB.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error { return end(tx, r) }))
}

// allowed refuses to send an open copy away from the machine, for n who could open it.
func allowed(target string, n int) error {
	if n == 0 && !local(target) {
		return fault.At("target", "Für ein Ziel außerhalb dieses Rechners braucht es zuerst einen Sicherungsschlüssel: Unverschlüsselt verlässt keine Sicherung das Haus.")
	}
	return nil
}

// Make makes a snapshot of a house in a target.
func Make(ctx context.Context, h *house.House, target string, with backup.Secret, public []string,
	deleted func(*store.Tx) ([]backup.Deletion, error)) (r backup.Report, err error) {
	if err := allowed(target, len(public)); err != nil {
		return r, err
	}
	t, err := backup.Open(ctx, target, with)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	x, err := source(ctx, h, deleted)
	if err != nil {
		return r, err
	}
	return backup.Make(ctx, x, t, public)
}

// watch writes to the operators, once a day, while the last good run is too old. What an upgrade has copied is given up
// when a snapshot would be.
func (f *feature) watch() (task.Job, func(context.Context) error) {
	return f.Tasks.Nightly(watchKind, 7*time.Hour, web.Zone(), func(ctx context.Context) error {
		if err := f.DB.DropEarlier(f.Now().Add(-backup.Longest)); err != nil {
			return err
		}
		return f.DB.Write(ctx, func(tx *store.Tx) error {
			s, err := f.state(tx)
			if err != nil || !s.Late {
				return err
			}
			return f.warn(tx, "Die Sicherung ist überfällig. "+s.Words())
		})
	})
}

// A State is how old the last snapshot is.
type State struct {
	Set  bool // there is a target
	Last time.Time
	Late bool
	Open bool   // nothing is encrypted
	Why  string // what went wrong in the last run; "": nothing
	Left string // where backups lie that are older than they may be; "": nowhere
}

// Words says it in a sentence.
func (s State) Words() string {
	switch {
	case !s.Set:
		return "Es ist keine eingerichtet. Geht der Rechner kaputt, ist alles weg."
	case s.Last.IsZero() && s.Why == "":
		return "Noch ist keine gelaufen."
	case s.Last.IsZero():
		return "Noch ist keine gelungen. " + s.Why
	}
	t := house.Local(s.Last)
	words := "Die letzte ist vom " + t.Format("02.01.2006, 15:04") + " Uhr."
	if s.Why != "" {
		words += " Danach ging es schief: " + s.Why
	}
	if s.Left != "" {
		words += " " + s.Left
	}
	return words
}

func (f *feature) state(tx *store.Tx) (s State, err error) {
	p, err := f.plan(tx)
	if err != nil {
		return s, err
	}
	s.Set, s.Open = p.Target != "", len(p.keys) == 0
	if s.Last, err = lastGood(tx); err != nil {
		return s, err
	}
	all, err := runs(tx, 1)
	if err != nil {
		return s, err
	}
	began := f.begun
	if len(all) > 0 {
		s.Why = all[0].Failure
		began = time.Time{}
	}
	s.Late = s.Set && late(s.Last, began, p.Every, f.Now())
	former, err := f.former(tx)
	s.Left = left(former)
	return s, err
}

// start plans what no request asks for.
func (f *feature) start(night func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		p, err := f.read(ctx)
		if err != nil {
			return err
		}
		if p.Target != "" {
			err := f.DB.Write(ctx, func(tx *store.Tx) error {
				last, err := lastGood(tx)
				if err != nil {
					return err
				}
				at := last.Add(time.Duration(p.Every) * time.Hour)
				if now := f.Now(); at.Before(now) {
					at = now.Add(time.Minute)
				}
				return f.next(tx, at)
			})
			if err != nil {
				return err
			}
		}
		return night(ctx)
	}
}
