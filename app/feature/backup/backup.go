// Package backup (Sicherung) keeps copies of the house elsewhere: when, where to, and with whose keys. How is base/backup's.
//
// A run is a row, so that the operator sees what came to an end and what did not. Whoever looks after the house is written
// to when the last good run is too old, whatever the reason: a disk that is full, a server that is away, nobody who set it up
// again after it was moved.
package backup

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"time"

	"nestfunk/app/base/backup"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// A Key is somebody who can open the backups.
type Key struct {
	ID      int64
	Public  string
	Holder  string
	Created time.Time
}

func (k *Key) fields() []any { return []any{&k.ID, &k.Public, &k.Holder, (*store.Time)(&k.Created)} }

// A Run is one that has ended, or has not.
type Run struct {
	ID       int64
	Began    time.Time
	Ended    time.Time // zero: it runs, or was killed
	Target   string
	Failure  string // "": none
	Database int64
	Files    int
	Sent     int64
	Open     bool
}

func (r *Run) fields() []any {
	return []any{&r.ID, (*store.Time)(&r.Began), (*store.Time)(&r.Ended), &r.Target, &r.Failure, &r.Database, &r.Files, &r.Sent, &r.Open}
}

// Good reports whether the run made a snapshot.
func (r Run) Good() bool { return !r.Ended.IsZero() && r.Failure == "" }

// intervals are the hours between two runs that one may choose.
func intervals() []int { return []int{1, 6, 24} }

// grace is how much later than planned a run may be before somebody is written to.
const grace = 3 * time.Hour

// late reports whether the last good run is too old; last is zero where there was none since the target was set.
func late(last, since time.Time, every int, now time.Time) bool {
	if last.Before(since) {
		last = since
	}
	return now.Sub(last) > time.Duration(every)*time.Hour+grace
}

// plan is what the operator has set.
type plan struct {
	Target string // "": nothing
	Every  int    // hours
	Host   string
	secret backup.Secret
	keys   []Key
}

func (f *feature) plan(tx *store.Tx) (p plan, err error) {
	for name, to := range map[string]*string{settings.BackupTarget: &p.Target, settings.BackupHost: &p.Host} {
		if *to, err = f.Settings.Get(tx, name); err != nil {
			return p, err
		}
	}
	p.secret.Host = p.Host
	for name, to := range map[string]*string{settings.BackupKey: &p.secret.Key, settings.BackupPassword: &p.secret.Password} {
		if *to, err = f.Settings.Secret(tx, name); err != nil {
			return p, err
		}
	}
	if p.Every, err = f.Settings.Number(tx, settings.BackupEvery, 1); err != nil {
		return p, err
	}
	p.keys, err = keys(tx)
	return p, err
}

// public are the halves of keys that encrypt.
func public(all []Key) (to []string) {
	for _, k := range all {
		to = append(to, k.Public)
	}
	return to
}

// made is the value of a setting that the house makes itself, once.
func made(tx *store.Tx, s *settings.Settings, name string, read func(*store.Tx, string) (string, error)) (string, error) {
	v, err := read(tx, name)
	if err != nil || v != "" {
		return v, err
	}
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	v = hex.EncodeToString(b)
	return v, s.Set(tx, name, v)
}

// source is what a snapshot of the house is made of.
func source(ctx context.Context, h *house.House, deleted func(*store.Tx) ([]backup.Deletion, error)) (x backup.House, err error) {
	x = backup.House{DB: h.DB, Program: h.Version, Scratch: filepath.Join(h.Scratch, "backup"), File: h.Files.Content, Deleted: deleted, Now: h.Now}
	if x.Still, err = h.Tasks.Still(ctx); err != nil {
		return x, err
	}
	err = h.DB.Write(ctx, func(tx *store.Tx) error {
		if x.ID, err = made(tx, h.Settings, settings.BackupHouse, h.Settings.Get); err != nil {
			return err
		}
		secret, err := made(tx, h.Settings, settings.BackupNames, h.Settings.Secret)
		if err != nil {
			return err
		}
		x.Secret, err = hex.DecodeString(secret)
		return err
	})
	return x, err
}

// words is what an operator may read of an error.
func words(err error) string {
	if fault.KindOf(err) != fault.Internal {
		return fault.Words(err)
	}
	s := err.Error()
	return s[:min(len(s), 500)]
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + " GB"
	case n >= 1<<20:
		return strconv.FormatInt(n>>20, 10) + " MB"
	}
	return strconv.FormatInt((n+1023)>>10, 10) + " KB"
}

// Public are the public halves of the house's own keys.
func Public(ctx context.Context, h *house.House) (to []string, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := keys(tx)
		to = public(all)
		return err
	})
	return to, err
}
