package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/store"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
)

// A shelf is one index on the disk. An index that is made anew stands beside the old one under the next number.
type shelf struct {
	bleve   bleve.Index
	dir     string // "": in memory
	state   state
	trimmed int64    // up to which change the table was trimmed
	least   [2]int64 // bytes of its files of one name, see lengths
	g       *german
}

// state is what the index knows of itself, written together with its documents.
type state struct {
	Seq, Mark int64             // the last change that it has seen
	Layout    int               // of the program that made it
	Editions  map[string]string // of the sources
	Taught    []string          // the nouns of the house
	Docs      uint64            // when they were taught
}

const (
	layout   = 2 // raise it when documents are analysed or kept differently
	stateKey = "state"
	patience = time.Second // with Bleve, which may wait for a goroutine that is gone
	tap      = 100 * time.Millisecond
)

// guard turns what a damaged file does to whoever reads it into an error. For goroutines of Bleve's own see memory.go.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the index is damaged: %v", p)
		}
	}()
	return f()
}

// create makes an empty shelf.
func create(dir string) (*shelf, error) {
	m := bleve.NewIndexMapping()
	m.ScoringModel = index.BM25Scoring
	b, err := bleve.NewUsing(dir, m, scorch.Name, scorch.Name, config())
	if err != nil {
		return nil, fmt.Errorf("create search index: %w", err)
	}
	return &shelf{bleve: b, dir: dir}, nil
}

// open finds the newest index that is whole and belongs to this database and this program; without one it returns nil, and
// why. What else lies there is removed.
func (x *Index) open(ctx context.Context) (*shelf, error) {
	numbers, err := x.numbers()
	if err != nil {
		return nil, err
	}
	var why error
	var found *shelf
	for _, n := range slices.Backward(numbers) {
		dir := x.path(n)
		if found == nil {
			err := guard(func() (err error) {
				found, err = x.openOne(ctx, dir)
				return err
			})
			if err == nil {
				continue
			}
			found, why = nil, errors.Join(why, err)
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return found, why
}

func (x *Index) path(n int) string { return filepath.Join(x.dir, strconv.Itoa(n)) }

// numbers are those of the indexes in the folder.
func (x *Index) numbers() (all []int, err error) {
	entries, err := os.ReadDir(x.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, err
}

func (x *Index) openOne(ctx context.Context, dir string) (*shelf, error) {
	b, err := bleve.OpenUsing(dir, config())
	if err != nil {
		return nil, err
	}
	s := &shelf{bleve: b, dir: dir}
	err = s.load()
	if err == nil {
		err = errors.Join(x.fits(ctx, s), s.lengths())
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *shelf) load() error {
	b, err := s.bleve.GetInternal([]byte(stateKey))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &s.state); err != nil {
		return fmt.Errorf("the index was never finished: %w", err)
	}
	s.g = newGerman(newCompounds(s.state.Taught))
	return nil
}

// fits compares the index with the program and the database.
func (x *Index) fits(ctx context.Context, s *shelf) error {
	if s.state.Layout != layout {
		return errors.New("the index was made by another program")
	}
	for _, src := range x.sources {
		if s.state.Editions[src.Kind] != src.Edition {
			return fmt.Errorf("the program has other documents of kind %s", src.Kind)
		}
	}
	return x.db.Read(ctx, func(tx *store.Tx) error {
		ok, err := knows(tx, s.state.Seq, s.state.Mark)
		if err == nil && !ok {
			err = errors.New("the index belongs to another database")
		}
		return err
	})
}

// join makes one segment of all, which is read faster.
func (s *shelf) join(ctx context.Context) error {
	in, err := s.bleve.Advanced()
	if err != nil {
		return err
	}
	if sc, ok := in.(*scorch.Scorch); ok && s.dir != "" {
		return sc.ForceMerge(ctx, nil)
	}
	return nil
}

// intact reports whether the files are still there and as long as they should be: what is held in memory does not tell.
func (s *shelf) intact() bool { return guard(s.lengths) == nil }

// write hands a batch over, and waits until it is kept or Bleve's persister has met an error: one that has ended tells
// nobody else.
func (s *shelf) write(b *bleve.Batch) error {
	before := s.troubles()
	done := make(chan error, 1)
	go func() { done <- guard(func() error { return s.bleve.Batch(b) }) }()
	tick := time.NewTicker(tap)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			if s.troubles() > before {
				return errors.New("the index can no longer be written")
			}
		}
	}
}

// troubles counts the errors of Bleve's own goroutines.
func (s *shelf) troubles() uint64 {
	in, err := s.bleve.Advanced()
	if err != nil {
		return 0
	}
	if sc, ok := in.(*scorch.Scorch); ok {
		n, _ := sc.StatsMap()["TotOnErrors"].(uint64)
		return n
	}
	return 0
}

// outgrown reports whether the house has so many more documents than when its words were gathered that there are new
// ones worth knowing.
func (s *shelf) outgrown() bool {
	n, err := s.bleve.DocCount()
	return err == nil && n >= 200 && n >= 2*s.state.Docs
}

// close puts the shelf away. One that is broken may refuse, or never answer; nothing is lost but memory.
func (s *shelf) close() error {
	done := make(chan error, 1)
	go func() { done <- guard(s.bleve.Close) }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return errors.New("the index cannot be closed, and is left alone")
	}
}

// next is where a new index goes.
func (x *Index) next() (string, error) {
	if x.dir == "" {
		return "", nil
	}
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return "", err
	}
	all, err := x.numbers()
	if err != nil || len(all) == 0 {
		return x.path(1), err
	}
	return x.path(all[len(all)-1] + 1), nil
}

// tidy removes all indexes but one.
func (x *Index) tidy(keep string) error {
	all, err := x.numbers()
	if err != nil || x.dir == "" {
		return err
	}
	for _, n := range all {
		if p := x.path(n); !strings.EqualFold(p, keep) {
			err = errors.Join(err, os.RemoveAll(p))
		}
	}
	return err
}
