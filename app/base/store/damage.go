package store

import (
	"context"
	"errors"
	"hash/crc64"
	"io"
	"slices"
	"sync"
)

// damage is what was found since the database was opened.
type damage struct {
	mu    sync.Mutex
	words []string // German
}

const filesGone = "Die Dateien der Datenbank wurden im Betrieb entfernt oder ersetzt. Das Haus hat gesichert, was es noch hatte, und wurde neu geöffnet."

// hurt notes damage.
func (db *DB) hurt(words string) {
	db.damage.mu.Lock()
	defer db.damage.mu.Unlock()
	if !slices.Contains(db.damage.words, words) {
		db.damage.words = append(db.damage.words, words)
	}
}

// Damaged is what was found as the database was opened or used, in German; empty: nothing.
func (db *DB) Damaged() []string {
	db.damage.mu.Lock()
	defer db.damage.mu.Unlock()
	return slices.Clone(db.damage.words)
}

// A Scan is what the file of the database looks like.
type Scan struct {
	Pages  int      // that were compared; 0: there are no sums to compare them with
	Wrong  []int    // pages that are not what was written
	Short  int      // pages that are missing at the end
	Tables []string // that the wrong pages belong to, as far as can be told; "" is none
}

// Good reports whether nothing is wrong.
func (s Scan) Good() bool { return len(s.Wrong) == 0 && s.Short == 0 }

// Scan compares all pages of the database's file with what was written. It cannot tell what waits in the log, nor what a
// program has written there that wanted it.
func (db *DB) Scan(ctx context.Context) (s Scan, err error) {
	var of []uint64
	var suspects []int
	var sums *sums
	db.alone(func(c *conn) { // what waits is copied first
		if db.checkpoint(c, 1); db.sums != nil {
			sums, of = db.sums, slices.Clone(db.sums.of)
		}
	})
	if len(of) == 0 {
		return s, nil
	}
	s.Pages = len(of)
	read := 0
	err = sums.pages(len(of), func(no int, page []byte) {
		read = no
		if crc64.Checksum(page, sumTable) != of[no-1] {
			suspects = append(suspects, no)
		}
	})
	if err != nil && !errors.Is(err, io.EOF) {
		return s, err
	}
	if read == len(of) && len(suspects) == 0 || ctx.Err() != nil {
		return s, ctx.Err()
	}
	// Others have written meanwhile. Between two transactions nobody does.
	db.alone(func(c *conn) { err = db.sure(c, &s, suspects) })
	if err == nil && len(s.Wrong) > 0 {
		s.Tables = db.tablesOf(ctx, s.Wrong)
	}
	return s, err
}

// sure looks at suspects again while nobody writes.
func (db *DB) sure(c *conn, s *Scan, suspects []int) error {
	if db.sums == nil {
		return errors.New("the sums are gone")
	}
	info, err := db.sums.main.Stat()
	if err != nil {
		return err
	}
	have := int(info.Size() / int64(db.sums.size))
	var busy, log, done int
	if err := c.ask(`PRAGMA wal_checkpoint(NOOP)`, &busy, &log, &done); err != nil {
		return err
	}
	waiting := map[int]bool{} // whoever reads these gets them from the log
	if log > max(0, done) {
		if err := db.sums.frames(max(0, done), log, func(no, _ int, _ []byte) { waiting[no] = true }); err != nil {
			return err
		}
	}
	for no := have + 1; no <= len(db.sums.of); no++ {
		if !waiting[no] {
			s.Short++
		}
	}
	b := make([]byte, db.sums.size)
	for _, no := range suspects {
		if no > min(have, len(db.sums.of)) || waiting[no] {
			continue
		}
		if _, err := db.sums.main.ReadAt(b, int64(no-1)*int64(len(b))); err != nil {
			return err
		}
		if crc64.Checksum(b, sumTable) != db.sums.of[no-1] {
			s.Wrong = append(s.Wrong, no)
		}
	}
	return nil
}

// alone has f run between two transactions.
func (db *DB) alone(f func(*conn)) {
	j := &job{alone: f, done: make(chan struct{})}
	db.jobs <- j
	<-j.done
}

// tablesOf names the tables and indexes of pages, as far as SQLite finds its way.
func (db *DB) tablesOf(ctx context.Context, pages []int) (names []string) {
	_ = db.Read(ctx, func(tx *Tx) (err error) { // what cannot be told is left out
		names, err = All(tx, Value[string], `
			SELECT DISTINCT coalesce((SELECT tbl_name FROM sqlite_schema s WHERE s.name = d.name), d.name) FROM dbstat d
			WHERE d.pageno IN (SELECT value FROM json_each(?)) ORDER BY 1`, List(int64s(pages)))
		return err
	})
	return names
}

func int64s(all []int) (list []int64) {
	for _, n := range all {
		list = append(list, int64(n))
	}
	return list
}
