// Package search finds what the features of a house keep: one index for all of them, in the data folder.
//
// The index is a cache that may be deleted or broken at any time, and is then made anew from the database. What is to be
// read again is a row of search_change, written in the same transaction as the change; the index keeps the number of the
// last one it has seen together with its documents, so that the two never disagree. While there is no index, the features
// look into their tables themselves: less is found, and nothing fails.
//
// A document carries marks of who may find it (see rights.go). They filter every search, and what is found is checked once
// more against the database before it is shown.
//
// It owns blevesearch/bleve. Words are analysed here (word.go, compound.go): Bleve's own German does not look into
// compounds.
package search

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Doc is what can be found.
type Doc struct {
	Ref    int64     // its id in the table of its feature
	Unit   int64     // whose it is; 0: the house's
	Title  string    // plain text, as Body
	Body   string    // never HTML or Markdown: it is shown in part
	Author string    // for "von:"; "": nobody is named
	At     time.Time // in the house's zone, for "seit:" and the years; zero: of no time
	Path   string    // of its page
	In     string    // title of what it is attached to; "": it stands for itself
	InPath string    // of that
	Files  []int64   // what is attached to it and found where it is
	Public bool      // anybody may find it, also without sign-in
	House  bool      // whoever has a role anywhere
	People []int64   // these people
	Reach  []Reach   // and who else
}

// A Reach says who may find a document: whoever has one of the roles where that reaches the unit. Those who lead the unit
// find it, too, as the view "reach" has it, unless it is Closed. Here: only those who hold the role at the unit itself.
type Reach struct {
	Unit   int64
	Roles  who.Right
	Closed bool
	Here   bool
}

// A Source is a kind of documents, kept by a feature.
type Source struct {
	Kind    string // the feature's word for it, such as "announcement"
	Label   string // the German plural
	Edition string // of documents that stand in the program: another one, and they are read anew; "": they stand in tables

	// All lists the ids of all documents above one, in ascending order, n at the most.
	All func(tx *store.Tx, above int64, n int) ([]int64, error)
	// Docs reads documents as they are now. What is no longer there is missing.
	Docs func(tx *store.Tx, ids []int64) ([]Doc, error)
	// Seen keeps of some ids those that the viewer may see now.
	Seen func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error)
	// With lists which documents are to be read anew with some of another kind; nil: none.
	With func(tx *store.Tx, kind string, ids []int64) ([]int64, error)
	// Look finds what the viewer may see and what has all the words in it, the newest first, n at the most. It is asked
	// while there is no index.
	Look func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error)
}

// An Index answers searches. It needs its sources before it is used.
type Index struct {
	db      *store.DB
	dir     string // "": in memory, for tests
	sources []Source

	work   sync.Mutex   // held by whoever brings it up to date
	mu     sync.RWMutex // of live; held while a search reads
	live   *shelf       // nil: there is none, or it is broken
	broken atomic.Bool  // a search has failed: live is not to be used
	made   atomic.Bool  // anew, and what that took has not been given back
	seen   atomic.Int64 // the last row of search_change that live knows of

	words func() *german // that are known without an index
}

// New is an index in a folder that need not exist; "" keeps it in memory. It is empty until Update.
func New(db *store.DB, dir string) *Index {
	return &Index{db: db, dir: dir, words: sync.OnceValue(func() *german { return newGerman(newCompounds(nil)) })}
}

// Add adds a source, before the first use.
func (x *Index) Add(s ...Source) { x.sources = append(x.sources, s...) }

func (x *Index) source(kind string) *Source {
	i := slices.IndexFunc(x.sources, func(s Source) bool { return s.Kind == kind })
	if i < 0 {
		return nil
	}
	return &x.sources[i]
}

const (
	glance = 250 * time.Millisecond // between two looks whether anything was written
	round  = 5 * time.Second        // between two looks whether the files are still there
	pause  = 30 * time.Second       // after a failure
	settle = 10 * time.Second       // in which Bleve has merged an index that was made anew
)

// Run keeps the index up to date until the context ends, and closes it.
func (x *Index) Run(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	defer x.Close()
	changes, waits, since := int64(-1), 0, 0
	for {
		if waits--; waits <= 0 || x.broken.Load() || x.db.Changes() != changes {
			changes, waits = x.db.Changes(), int(round/glance)
			err := x.Update(ctx)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				slog.Error("search index", "err", err)
				if !rest(ctx, pause) {
					return
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if x.made.Load() {
			if since++; since == int(settle/glance) { // it took as much as all else in the house together
				x.made.Store(false)
				since = 0
				debug.FreeOSMemory()
			}
		}
	}
}

// rest waits, and reports whether the context goes on.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// State says how many changes the index has not read yet, and whether searches use it; without it less is found.
func (x *Index) State(tx *store.Tx) (behind int64, works bool, err error) {
	last, err := store.One(tx, store.Value[int64], `SELECT coalesce(max(seq), 0) FROM search_change`)
	x.mu.RLock()
	works = x.live != nil && !x.broken.Load()
	x.mu.RUnlock()
	return max(0, last-x.seen.Load()), works, err
}

// Close puts the index away; searches go on without it.
func (x *Index) Close() {
	x.work.Lock()
	defer x.work.Unlock()
	x.replace(nil)
}

// replace changes the shelf that searches use, once those that run have ended, and closes the old one.
func (x *Index) replace(s *shelf) {
	x.mu.Lock()
	old := x.live
	x.live = s
	x.broken.Store(false)
	if s != nil {
		x.seen.Store(s.state.Seq)
	}
	x.mu.Unlock()
	if old != nil && old != s {
		if err := old.close(); err != nil {
			slog.Warn("search index: close", "err", err)
		}
	}
}

// Update does what waits: opens the index, makes it anew where there is none or it is broken, and reads what has changed.
func (x *Index) Update(ctx context.Context) error {
	x.work.Lock()
	defer x.work.Unlock()
	if x.live == nil && x.dir != "" {
		s, err := x.open(ctx)
		if err != nil {
			slog.Info("search index is made anew", "why", err)
		}
		if s != nil {
			x.replace(s)
		}
	}
	why := ""
	switch {
	case x.live == nil:
		why = "there is none"
	case x.broken.Load() || !x.live.intact():
		why = "it is broken"
		x.broken.Store(true)
	default:
		err := guard(func() error { return x.follow(ctx, x.live) })
		switch {
		case err == nil && !x.live.outgrown():
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errAnew):
			why = "everything has changed"
		case err == nil:
			why = "the house has grown"
		default:
			slog.Error("search index", "err", err)
			why = "it cannot be changed"
			x.broken.Store(true)
		}
	}
	slog.Debug("search index is made anew", "why", why)
	s, err := x.anew(ctx)
	if err != nil {
		return err
	}
	x.made.Store(true)
	return guard(func() error { return x.follow(ctx, s) }) // what was written meanwhile
}
