package store

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nestfunk/app/base/fault"
)

const thing = `CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;`

func opened(t *testing.T) (*DB, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "db")
	db, err := Open(context.Background(), file, thing)
	if err != nil {
		t.Fatal(err)
	}
	return db, file
}

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *Tx) (err error) {
		n, err = One(tx, Value[int], `SELECT count(*) FROM thing`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A write that fails, or panics, takes no other of its group with it.
func TestGroupCommit(t *testing.T) {
	db, _ := opened(t)
	defer db.Close()
	bad := errors.New("bad")
	var wg sync.WaitGroup
	var mu sync.Mutex
	done, after := 0, 0
	for i := range 300 {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil && i%10 != 1 {
					t.Errorf("write %d panics: %v", i, p)
				}
			}()
			err := db.Write(t.Context(), func(tx *Tx) error {
				tx.After(func() { mu.Lock(); after++; mu.Unlock() })
				if _, err := tx.Exec(`INSERT INTO thing (name) VALUES (?)`, i); err != nil {
					return err
				}
				switch i % 10 {
				case 0:
					return bad
				case 1:
					panic("worse")
				}
				return nil
			})
			if i%10 == 0 != errors.Is(err, bad) {
				t.Errorf("write %d: %v", i, err)
			}
			if err == nil {
				mu.Lock()
				done++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if n := count(t, db); n != 240 || done != 240 || after != 240 {
		t.Errorf("%d rows, %d done, %d told; want 240", n, done, after)
	}
}

func TestReadersDoNotWrite(t *testing.T) {
	db, _ := opened(t)
	defer db.Close()
	err := db.Read(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO thing (name) VALUES ('x')`)
		return err
	})
	if err == nil || count(t, db) != 0 {
		t.Errorf("a reader writes: %v", err)
	}
	if err := db.Read(t.Context(), func(tx *Tx) error {
		_, err := One(tx, Value[string], `SELECT name FROM thing WHERE id = 7`)
		return err
	}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no row: %v", err)
	}
}

func TestShape(t *testing.T) {
	db, file := opened(t)
	if err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO thing (name) VALUES ('kept')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, schema, want string }{
		{"the same", thing, ""},
		{"the same, written differently", "CREATE TABLE thing (id INTEGER PRIMARY KEY, -- why\n name TEXT NOT NULL UNIQUE) STRICT;", ""},
		{"another", strings.Replace(thing, "name", "word", 1), "in keiner Version"},
		{"one more", thing + "CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT;", "in keiner Version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, err := Open(context.Background(), file, test.schema)
			if err == nil {
				if n := count(t, db); n != 1 {
					t.Errorf("%d rows", n)
				}
				db.Close()
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
