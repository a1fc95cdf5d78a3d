package store

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestWritten(t *testing.T) {
	for query, want := range map[string]string{
		"INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO UPDATE SET b = 2":                                    "a",
		"\n\t\tINSERT OR IGNORE INTO a (b) SELECT b FROM c":                                                   "a",
		"UPDATE a SET b = (SELECT b FROM c)":                                                                  "a",
		"DELETE FROM a WHERE b IN (SELECT b FROM c)":                                                          "a",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)\nINSERT INTO a (b) SELECT i FROM n": "a",
		"SELECT b FROM a": "",
		"WITH x AS (SELECT b FROM a) SELECT b FROM x": "",
		"BEGIN IMMEDIATE": "",
	} {
		if got := written(query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// What is kept is as new as what was acknowledged.
func TestKeep(t *testing.T) {
	db, _ := opened(t)
	defer db.Close()
	ctx := context.Background()
	loads := 0
	names := Keep[string, int]{DB: db, Tables: []string{"thing"}, Most: 2}
	get := func(tx *Tx, key string) (int, error) {
		return names.Get(tx, key, func() (int, error) {
			loads++
			return One(tx, Value[int], `SELECT count(*) FROM thing WHERE name > ?`, key)
		})
	}
	read := func(key string) (n int) {
		t.Helper()
		if err := db.Read(ctx, func(tx *Tx) (err error) { n, err = get(tx, key); return err }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	write := func(query string, fail error) {
		_ = db.Write(ctx, func(tx *Tx) error {
			if _, err := tx.Exec(query); err != nil {
				t.Error(err)
			}
			return fail
		})
	}
	for _, step := range []struct {
		name        string
		do          func()
		want, loads int
	}{
		{"at first", func() {}, 0, 1},
		{"again", func() {}, 0, 1},
		{"after an insert", func() { write(`INSERT INTO thing (name) VALUES ('a')`, nil) }, 1, 2},
		{"again", func() {}, 1, 2},
		{"after one that was taken back", func() { write(`INSERT INTO thing (name) VALUES ('b')`, errors.New("no")) }, 1, 2},
		{"after a delete", func() { write(`DELETE FROM thing`, nil) }, 0, 3},
		{"after an insert that returns", func() {
			_ = db.Write(ctx, func(tx *Tx) error {
				_, err := One(tx, Value[int64], `INSERT INTO thing (name) VALUES ('d') RETURNING id`)
				return err
			})
		}, 1, 4},
		{"when it was full", func() { read("x"); read("y") }, 1, 7},
	} {
		step.do()
		if n := read(""); n != step.want || loads != step.loads {
			t.Errorf("%s: %d after %d loads, want %d after %d", step.name, n, loads, step.want, step.loads)
		}
	}

	// Who writes sees its own changes, and keeps nothing of them.
	_ = db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`DELETE FROM thing`); err != nil {
			t.Error(err)
		}
		if n, err := get(tx, ""); n != 0 || err != nil {
			t.Errorf("in a write: %d, %v", n, err)
		}
		return errors.New("no")
	})
	if n := read(""); n != 1 {
		t.Errorf("after a write that failed: %d", n)
	}

	// A long read does not hand its old state on.
	if err := db.Read(ctx, func(tx *Tx) error {
		if _, err := One(tx, Value[int], `SELECT count(*) FROM thing`); err != nil {
			return err
		}
		write(`INSERT INTO thing (name) VALUES ('e')`, nil)
		read("") // somebody else has seen it
		_, err := get(tx, "z")
		return err
	}); err != nil {
		t.Error(err)
	}
	before := loads
	if n := read("z"); n != 0 || loads != before+1 {
		t.Errorf("what an old read saw was kept: %d, %d loads", n, loads-before)
	}
	if n := read(""); n != 2 {
		t.Errorf("after all: %d", n)
	}
}

// Whoever comes while somebody reads the same waits for it, and reads it not again.
func TestKeepAtOnce(t *testing.T) {
	db, _ := opened(t)
	defer db.Close()
	names := Keep[int, int]{DB: db, Tables: []string{"thing"}, Most: 2}
	var loads atomic.Int64
	begun, free := make(chan bool), make(chan bool)
	get := func(load func() (int, error)) (n int) {
		if err := db.Read(context.Background(), func(tx *Tx) (err error) { n, err = names.Get(tx, 1, load); return err }); err != nil {
			t.Error(err)
		}
		return n
	}
	var all sync.WaitGroup
	all.Go(func() {
		get(func() (int, error) {
			close(begun)
			<-free
			loads.Add(1)
			return 7, nil
		})
	})
	<-begun
	all.Go(func() { // fails if it reads before the first is done
		if n := get(func() (int, error) { loads.Add(1); return 8, nil }); n != 7 {
			t.Errorf("%d, want what the first has read", n)
		}
	})
	for range 1000 {
		runtime.Gosched()
	}
	close(free)
	all.Wait()
	if n := loads.Load(); n != 1 {
		t.Errorf("%d loads, want 1", n)
	}
}
