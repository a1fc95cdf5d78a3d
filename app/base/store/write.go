package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"nestfunk/app/base/fault"
)

// batch is how many writes are committed together at the most. One commit
// waits for the disk once, so a group costs hardly more than a single write.
const batch = 200

type job struct {
	f      func(*Tx) error // nil: the log is emptied instead
	tx     Tx
	err    error
	thrown any
	done   chan struct{}
	alone  func(*conn) // instead of f, between two transactions
}

// Write runs f alone, and keeps its changes only if f returns nil. It returns
// when they are on the disk. Functions of several callers are committed as a
// group; each has its own savepoint, so that one that fails takes none with it.
// f must be short: everybody else waits.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{f: f, tx: Tx{ctx: context.WithoutCancel(ctx)}, done: make(chan struct{})}
	db.jobs <- j
	<-j.done // it may already have happened: an answer is owed, whoever still listens
	if j.thrown != nil {
		panic(j.thrown)
	}
	return j.err
}

// Purge moves all that is in the log of the database into its file and empties the log. What was deleted before is then in
// neither: the file is overwritten with zeros where something was. It waits for readers, and everybody who writes waits for it.
func (db *DB) Purge(ctx context.Context) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	db.alone(func(c *conn) {
		if err = db.Lost(); err != nil {
			return
		}
		var busy, log, done int
		if err = c.ask(`PRAGMA wal_checkpoint(NOOP)`, &busy, &log, &done); err == nil {
			db.absorb(max(0, done), log)
			err = c.ask(`PRAGMA wal_checkpoint(TRUNCATE)`, &busy, &log, &done)
		}
		if err == nil && busy != 0 {
			err = errors.New("the log of the database is in use")
		}
		db.heed(err)
	})
	return err
}

func (db *DB) write(c *conn) {
	defer close(db.stopped)
	defer c.close()
	var group []*job
	for j := range db.jobs {
		var last *job // that is no transaction
		if group = group[:0]; j.alone != nil {
			last = j
		} else {
			group = append(group, j)
		}
	fill:
		for last == nil && len(group) < batch {
			select {
			case j, ok := <-db.jobs:
				if !ok {
					break fill
				}
				if j.alone != nil {
					last = j
					break fill
				}
				group = append(group, j)
			default:
				break fill
			}
		}
		if err := db.commit(c, group); err != nil {
			db.heed(err)
			err = full(err)
			for _, j := range group {
				if j.err == nil && j.thrown == nil {
					j.err = err
				}
			}
		}
		for _, j := range group {
			if j.err == nil && j.thrown == nil {
				db.changes.Add(j.tx.n)
				db.tables.change(j.tx.changed)
				for _, f := range j.tx.after {
					f()
				}
			}
			close(j.done)
		}
		db.checkpoint(c, ahead)
		if last != nil {
			last.alone(c)
			close(last.done)
		}
	}
}

func (db *DB) commit(c *conn, group []*job) error {
	if err := db.Lost(); err != nil || len(group) == 0 {
		return err
	}
	if err := c.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, j := range group {
		if err := c.exec(`SAVEPOINT one`); err != nil {
			return errors.Join(err, c.exec(`ROLLBACK`))
		}
		j.tx.c = c
		j.run()
		if j.tx.dead != nil { // the whole group is gone, whatever j makes of it
			_ = c.exec(`ROLLBACK`) // SQLite may have done so already
			return j.tx.dead
		}
		if j.err != nil || j.thrown != nil {
			if err := c.exec(`ROLLBACK TO one`); err != nil {
				return errors.Join(err, c.exec(`ROLLBACK`))
			}
		}
		if err := c.exec(`RELEASE one`); err != nil {
			return errors.Join(err, c.exec(`ROLLBACK`))
		}
	}
	if err := c.exec(`COMMIT`); err != nil {
		_ = c.exec(`ROLLBACK`) // SQLite may have done so already
		return err
	}
	return nil
}

func (j *job) run() {
	defer func() {
		if p := recover(); p != nil {
			j.thrown = fmt.Sprintf("in a transaction: %v", p)
		}
	}()
	j.err = j.f(&j.tx)
	if j.err != nil && j.tx.dead != nil {
		j.err = full(j.err)
	}
}

// full tells a person that the house cannot write, where that is the reason. What the disk has refused to sync lies in the
// log all the same: the next start may find it there, and only then it is known.
func full(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err // it has been said
	}
	if unsynced(err) && !errors.Is(err, ErrLost) {
		return fmt.Errorf("%w (%w)", fault.New(fault.Full, "Der Speicher des Servers ist gestört. Es ist nicht sicher, ob das gespeichert ist. Bitte sehen Sie später nach, bevor Sie es noch einmal versuchen, und sagen Sie dem Betrieb Bescheid."), err)
	}
	for _, s := range []string{"disk is full", "disk I/O error", "readonly database", "unable to open database"} {
		if strings.Contains(err.Error(), s) {
			return fmt.Errorf("%w (%w)", fault.New(fault.Full, "Das konnte nicht gespeichert werden, weil der Speicher des Servers voll oder gestört ist. Bitte versuchen Sie es später noch einmal und sagen Sie dem Betrieb Bescheid."), err)
		}
	}
	return err
}
