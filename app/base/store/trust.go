package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"modernc.org/sqlite"
)

// trust is whether what is acknowledged is safe. When the disk has refused a sync, nobody knows what of the writes before
// lies on it: the kernel counts them as written, and a second sync says yes to nothing. So the first refusal ends all
// writing until the house is opened anew.
type trust struct {
	mu      sync.Mutex
	why     error
	lost    chan struct{}
	trouble func(error)
}

// ErrLost is that of writes after the disk has refused a sync.
var ErrLost = errors.New("disk I/O error: the disk refused a sync before")

// Lose ends all writing, because a sync has failed: one of SQLite's, or of somebody who keeps files beside it.
func (db *DB) Lose(why error) {
	db.trust.mu.Lock()
	defer db.trust.mu.Unlock()
	if db.trust.why == nil {
		db.trust.why = fmt.Errorf("%w: %w", ErrLost, why)
		slog.Error("the disk refuses to keep what is written; nothing is acknowledged any more", "err", why)
		close(db.trust.lost)
	}
}

// Losing is closed when a sync has failed; whoever serves the house ends it then.
func (db *DB) Losing() <-chan struct{} { return db.trust.lost }

// Lost is why nothing can be written until the house is opened anew; nil: it can.
func (db *DB) Lost() error {
	db.trust.mu.Lock()
	defer db.trust.mu.Unlock()
	return db.trust.why
}

// Trouble has f told of each write that the disk has refused, before whoever asked for it.
func (db *DB) Trouble(f func(error)) {
	db.trust.mu.Lock()
	defer db.trust.mu.Unlock()
	db.trust.trouble = f
}

// Primary and extended result codes of SQLite: https://sqlite.org/rescode.html
const (
	codeNoMemory  = 7
	codeReadOnly  = 8
	codeInterrupt = 9
	codeIO        = 10
	codeCorrupt   = 11
	codeFull      = 13
	codeOpen      = 14

	codeSync    = codeIO | 4<<8
	codeDirSync = codeIO | 5<<8
)

// unsynced reports whether an error is that of a sync which the disk has refused.
func unsynced(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == codeSync || e.Code() == codeDirSync)
}

// heed notes what an error says of the disk.
func (db *DB) heed(err error) {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return
	}
	if unsynced(err) {
		db.Lose(err)
	}
	switch e.Code() & 0xff {
	case codeReadOnly, codeIO, codeFull, codeOpen:
		db.Refused(err)
	}
}

// Refused tells whom Trouble names that the disk has refused a write beside the database.
func (db *DB) Refused(err error) {
	db.trust.mu.Lock()
	f := db.trust.trouble
	db.trust.mu.Unlock()
	if f != nil {
		f(err)
	}
}

// heed notes an error after which SQLite may have rolled the transaction back by itself.
func (tx *Tx) heed(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case codeNoMemory, codeInterrupt, codeIO, codeCorrupt, codeFull:
			tx.dead = err
		}
	}
	return err
}

// ahead is how many pages the log may be ahead of the file before they are copied.
const ahead = 1000

// checkpoint copies the log into the file once it is long enough. SQLite would do so by itself, and say nothing when the
// disk refuses the sync after it: then the log would be overwritten, and what it held be nowhere.
func (db *DB) checkpoint(c *conn, enough int) {
	if db.Lost() != nil {
		return
	}
	there := db.sums == nil || db.sums.note()
	if !there {
		enough = 1 // what nobody finds any more by its name is copied while we still have it
	}
	var busy, log, done int
	err := c.ask(`PRAGMA wal_checkpoint(NOOP)`, &busy, &log, &done)
	if err == nil && log-done >= enough {
		db.absorb(done, log)
		err = c.ask(`PRAGMA wal_checkpoint(PASSIVE)`, &busy, &log, &done)
	}
	if err != nil {
		slog.Warn("the log of the database cannot be copied into its file; later again", "err", err)
		db.heed(err)
	}
	if !there {
		db.hurt(filesGone)
		db.Lose(errors.New("the files of the database were removed or replaced"))
	}
}

// absorb notes the sums of pages that are copied out of the log.
func (db *DB) absorb(from, to int) {
	if db.sums == nil || to <= from {
		return
	}
	if err := db.sums.absorb(from, to); err != nil {
		db.sums.drop(err)
		db.sums = nil
	}
}

func (c *conn) ask(query string, to ...any) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	return s.QueryRow().Scan(to...)
}

// settle copies what an earlier process has left in the log into the file. That process may have ended because of a sync
// that failed: the log then reads well, and may lie nowhere but in memory.
func (db *DB) settle(ctx context.Context, file string) error {
	ask := func(query string) (log, done int, err error) {
		err = db.writer.QueryRowContext(ctx, query).Scan(new(int), &log, &done)
		return log, done, err
	}
	log, done, err := ask(`PRAGMA wal_checkpoint(NOOP)`)
	if err == nil {
		if db.sums, err = openSums(file); err != nil {
			slog.Warn("the database is opened without sums of its pages", "err", err)
			db.sums = nil
		}
		if db.sums != nil && len(db.sums.of) > 0 {
			db.absorb(max(0, done), log)
		}
		log, done, err = ask(`PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	if _, ok := errors.AsType[*sqlite.Error](err); ok && !unsynced(err) {
		slog.Warn("the log of the database cannot be copied into its file; later again", "err", err) // such as a full disk
		log, done, err = 1, 0, nil
	}
	if err != nil || db.sums == nil {
		return err
	}
	if len(db.sums.of) == 0 && log > max(0, done) {
		err = errors.New("the log is in use")
	} else {
		err = db.sums.begin()
	}
	if err != nil {
		db.sums.drop(err)
		db.sums = nil
	}
	return nil
}

// close copies all of the log into the file, which alone then holds everything and can be copied.
func (db *DB) close() error {
	var log, done int
	err := db.writer.QueryRow(`PRAGMA wal_checkpoint(NOOP)`).Scan(new(int), &log, &done)
	if err == nil {
		db.absorb(max(0, done), log)
		err = db.writer.QueryRow(`PRAGMA wal_checkpoint(TRUNCATE)`).Scan(new(int), &log, &done)
	}
	err = errors.Join(err, db.writer.Close())
	switch {
	case db.sums == nil:
	case err == nil && log <= 0:
		err = db.sums.end()
	default:
		err = errors.Join(err, db.sums.close())
	}
	return err
}
