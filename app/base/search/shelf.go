package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

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
	trimmed int64 // up to which change the table was trimmed
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
	openMark = "open" // a file that is there while the index is in use
)

// guard turns what a damaged file does to whoever reads it into an error. Goroutines of Bleve's own are not covered: a
// truncated file can still end the process, and is found at the next start.
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
	b, err := bleve.NewUsing(dir, m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, fmt.Errorf("create search index: %w", err)
	}
	s := &shelf{bleve: b, dir: dir}
	return s, s.inUse()
}

func (s *shelf) inUse() error {
	if s.dir == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(s.dir, openMark), nil, 0o600)
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
	if _, err := os.Stat(filepath.Join(dir, openMark)); err == nil { // the process ended without closing it
		if err := check(dir); err != nil {
			return nil, err
		}
	}
	b, err := bleve.OpenUsing(dir, map[string]any{"bolt_timeout": "1s"})
	if err != nil {
		return nil, err
	}
	s := &shelf{bleve: b, dir: dir}
	err = s.load()
	if err == nil {
		err = x.fits(ctx, s)
	}
	if err == nil {
		err = s.inUse()
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

// check reads all segments of an index that was not closed, and compares their checksums: what a crash has cut off or torn
// would otherwise end this process, too.
func check(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "store", "*.zap"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := checksum(name); err != nil {
			return err
		}
	}
	return nil
}

// checksum compares the last four bytes of a segment with the CRC of all others, as Bleve writes it.
func checksum(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < 4 {
		return fmt.Errorf("%s is cut off", filepath.Base(name))
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyN(sum, f, info.Size()-4); err != nil {
		return err
	}
	want := make([]byte, 4)
	if _, err := io.ReadFull(f, want); err != nil {
		return err
	}
	if string(sum.Sum(nil)) != string(want) {
		return fmt.Errorf("%s is damaged", filepath.Base(name))
	}
	return nil
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

// intact reports whether the files are still there and as long as they should be. What is mapped into memory is only
// missed when somebody reads it.
func (s *shelf) intact() bool {
	if s.dir == "" {
		return true
	}
	for _, name := range []string{openMark, "index_meta.json", "store/root.bolt"} {
		if _, err := os.Stat(filepath.Join(s.dir, name)); err != nil {
			return false
		}
	}
	return guard(func() error {
		n, err := s.bleve.DocCount()
		if err == nil && n > 0 {
			err = s.probe()
		}
		return err
	}) == nil
}

// probe asks the smallest of all questions.
func (s *shelf) probe() error {
	q := bleve.NewTermQuery(public)
	q.SetField(fieldMay)
	_, err := s.bleve.Search(bleve.NewSearchRequestOptions(q, 1, 0, false))
	return err
}

// outgrown reports whether the house has so many more documents than when its words were gathered that there are new
// ones worth knowing.
func (s *shelf) outgrown() bool {
	n, err := s.bleve.DocCount()
	return err == nil && n >= 200 && n >= 2*s.state.Docs
}

// close puts the shelf away. One that is broken may refuse; nothing is lost.
func (s *shelf) close() error {
	err := guard(s.bleve.Close)
	if err == nil && s.dir != "" {
		err = os.Remove(filepath.Join(s.dir, openMark))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return err
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
