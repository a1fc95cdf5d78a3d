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
	f      func(*Tx) error
	tx     Tx
	err    error
	thrown any
	done   chan struct{}
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

func (db *DB) write(c *conn) {
	defer close(db.stopped)
	defer c.close()
	var group []*job
	for j := range db.jobs {
		group = append(group[:0], j)
	fill:
		for len(group) < batch {
			select {
			case j, ok := <-db.jobs:
				if !ok {
					break fill
				}
				group = append(group, j)
			default:
				break fill
			}
		}
		if err := db.commit(c, group); err != nil {
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
	}
}

func (db *DB) commit(c *conn, group []*job) error {
	if err := c.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, j := range group {
		if err := c.exec(`SAVEPOINT one`); err != nil {
			return errors.Join(err, c.exec(`ROLLBACK`))
		}
		j.tx.c = c
		j.run()
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
	if j.err != nil && strings.Contains(j.err.Error(), "database or disk is full") {
		j.err = full(j.err)
	}
}

// full tells a person that the house cannot write, where that is the reason.
func full(err error) error {
	for _, s := range []string{"disk is full", "disk I/O error", "readonly database", "unable to open database"} {
		if strings.Contains(err.Error(), s) {
			return fmt.Errorf("%w (%w)", fault.New(fault.Full, "Das konnte nicht gespeichert werden, weil der Speicher des Servers voll oder gestört ist. Bitte versuchen Sie es später noch einmal und sagen Sie dem Betrieb Bescheid."), err)
		}
	}
	return err
}
