package store

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// few is how many trials a harness makes by itself; NESTFUNK_FAULT has it make more.
func few(n int) int {
	if more, err := strconv.Atoi(os.Getenv("NESTFUNK_FAULT")); err == nil {
		return max(n, more)
	}
	return n
}

// grown is a database of some hundred pages, in use.
func grown(t *testing.T) (db *DB, file string) {
	t.Helper()
	db, file = opened(t)
	grow(t, db, 0, 300)
	return db, file
}

func grow(t *testing.T, db *DB, from, n int) {
	t.Helper()
	for i := 0; i < n; i += 20 {
		if err := db.Write(t.Context(), func(tx *Tx) error {
			for k := i; k < min(n, i+20); k++ {
				if _, err := tx.Exec(`INSERT INTO thing (name) VALUES (?)`, fmt.Sprint(from+k, strings.Repeat("x", 5000))); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func scan(t *testing.T, db *DB) Scan {
	t.Helper()
	s, err := db.Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A file that nobody has damaged is good, also while it is written, after a crash and when it has become shorter.
func TestScanGood(t *testing.T) {
	db, file := grown(t)
	for i := range 20 {
		grow(t, db, 1000*(i+1), 40)
		if s := scan(t, db); !s.Good() || s.Pages < 300 {
			t.Fatalf("round %d: %+v", i, s)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		grow(t, db, 100_000, 1500)
	}()
	for range 30 {
		if s := scan(t, db); !s.Good() {
			t.Fatalf("while others write: %+v", s)
		}
	}
	<-done
	// A crash: the files as they lie there, with a log.
	grow(t, db, 200_000, 700)
	crashed := filepath.Join(t.TempDir(), "db")
	for _, end := range []string{"", walEnd, sumsEnd} {
		b, err := os.ReadFile(file + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(crashed+end, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(t.Context(), crashed, thing)
	if err != nil {
		t.Fatal(err)
	}
	if s := scan(t, again); !s.Good() || s.Pages == 0 || len(again.Damaged()) > 0 {
		t.Errorf("after a crash: %+v %q", s, again.Damaged())
	}
	for range 3 {
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if again, err = Open(t.Context(), crashed, thing); err != nil {
			t.Fatal(err)
		}
		if s := scan(t, again); !s.Good() || s.Pages == 0 || len(again.Damaged()) > 0 {
			t.Errorf("opened anew: %+v %q", s, again.Damaged())
		}
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// D8: one bit that has turned over, a page of zeros, a page of another place, an end that is missing: all are found.
func TestScanDamage(t *testing.T) {
	trials := few(60)
	db, file := grown(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(file + sumsEnd)
	if err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	const page = 4096
	found, byCheck, tried := 0, 0, 0
	for i := range trials {
		b := bytes.Clone(whole)
		at := page * (2 + chance.IntN(len(b)/page-2)) // the first pages are read to open it at all
		switch i % 4 {
		case 0:
			b[at+chance.IntN(page)] ^= 1 << chance.IntN(8)
		case 1:
			clear(b[at : at+page])
		case 2:
			copy(b[at:at+page], whole[page*(1+chance.IntN(len(b)/page-1)):])
		case 3:
			b = b[:at]
		}
		if bytes.Equal(b, whole) {
			continue
		}
		tried++
		name := filepath.Join(t.TempDir(), "db")
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name+sumsEnd, sums, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Check(t.Context(), name); err != nil {
			byCheck++
		}
		db, err := Open(t.Context(), name, thing)
		if err != nil {
			found++ // it does not open: nobody is served
			continue
		}
		if s, err := db.Scan(t.Context()); err != nil || !s.Good() {
			found++
		} else {
			t.Errorf("damage %d at %d is not found", i%4, at)
		}
		_ = db.Close() // it is broken
	}
	t.Logf("%d damaged, %d found; quick_check alone finds %d", tried, found, byCheck)
}

// The log of another day is not read, and one that is gone is missed.
func TestScanLog(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(wal string) error
		open bool // the process was killed
		want []string
	}{
		{"killed", func(string) error { return nil }, true, nil},
		{"log deleted", os.Remove, true, []string{logLost}},
		{"log emptied", func(wal string) error { return os.Truncate(wal, 0) }, true, []string{logLost}},
		{"log of another day", strange, true, []string{logStrange, logLost}},
		{"log of another day beside one that was closed", strange, false, []string{logStrange}},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, file := grown(t)
			name := filepath.Join(t.TempDir(), "db")
			if !c.open {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			for _, end := range []string{"", walEnd, sumsEnd} {
				b, err := os.ReadFile(file + end)
				if os.IsNotExist(err) {
					continue
				}
				if err == nil {
					err = os.WriteFile(name+end, b, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if c.open {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.harm(name + walEnd); err != nil {
				t.Fatal(err)
			}
			again, err := Open(t.Context(), name, thing)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if got := again.Damaged(); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if err := again.Read(t.Context(), func(tx *Tx) error {
				_, err := One(tx, Value[int], `SELECT count(*) FROM thing WHERE name LIKE 'fremd%'`)
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

// strange puts the log of another database in a log's place.
func strange(wal string) error {
	dir, err := os.MkdirTemp("", "strange")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	db, err := Open(context.Background(), filepath.Join(dir, "db"), thing)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Write(context.Background(), func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO thing (name) VALUES ('fremd')`)
		return err
	}); err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(dir, "db") + walEnd)
	if err != nil {
		return err
	}
	return os.WriteFile(wal, b, 0o600)
}

// Files that are taken away while the house is open: what was acknowledged is in the file, and nothing more is acknowledged.
func TestFilesGone(t *testing.T) {
	db, file := grown(t)
	if err := os.Remove(file + walEnd); err != nil {
		t.Fatal(err)
	}
	write := func(name string) error {
		return db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(`INSERT INTO thing (name) VALUES (?)`, name)
			return err
		})
	}
	want := 300
	if write("noch") == nil { // the keeper of the log may have been quicker
		want++
	}
	if write("verloren") == nil {
		t.Error("what goes nowhere is acknowledged")
	}
	if len(db.Damaged()) != 1 {
		t.Errorf("damage: %q", db.Damaged())
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(copied, b, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), copied, thing)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Read(t.Context(), func(tx *Tx) error {
		n, err := One(tx, Value[int], `SELECT count(*) FROM thing`)
		if n != want {
			t.Errorf("%d rows are kept, want %d", n, want)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
