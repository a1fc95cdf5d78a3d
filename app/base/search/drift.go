package search

import (
	"context"
	"errors"
	"slices"

	"nestfunk/app/base/store"
)

// A Drift is how the index and the database differ, by the names of documents ("wiki:7"). The zero Drift: not at all.
type Drift struct {
	Missing []string // in the database, and not found
	Extra   []string // found, and not in the database
}

// None says that they do not differ.
func (d Drift) None() bool { return len(d.Missing)+len(d.Extra) == 0 }

// ErrNone says that there is no index to compare, or that others write too fast.
var ErrNone = errors.New("there is no index to compare")

const attempts = 10 // to find a moment at which the index has read everything

// Compare reads the names of all documents, in the index and in the database, at a moment at which the index has read all
// changes. An index that differs is made anew by Run. It takes some seconds for 100,000 documents, in which the index reads
// nothing. The error is ErrNone, or what went wrong.
func (x *Index) Compare(ctx context.Context) (d Drift, err error) {
	x.work.Lock()
	defer x.work.Unlock()
	if x.live == nil || x.broken.Load() {
		return d, ErrNone
	}
	for range attempts {
		if err := guard(func() error { return x.follow(ctx, x.live) }); err != nil {
			return d, err
		}
		same := false
		err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
			same, err = store.One(tx, store.Value[bool], `SELECT NOT EXISTS (SELECT 1 FROM search_change WHERE seq > ?)`, x.live.state.Seq)
			if err != nil || !same {
				return err
			}
			d, err = x.drift(tx)
			return err
		})
		if err != nil || same {
			if !d.None() {
				x.broken.Store(true)
			}
			return d, err
		}
	}
	return d, ErrNone
}

// drift compares with what a transaction sees.
func (x *Index) drift(tx *store.Tx) (d Drift, err error) {
	var have map[string]bool
	if err := guard(func() (err error) { have, err = x.live.ids(); return err }); err != nil {
		return d, err
	}
	for i := range x.sources {
		src := &x.sources[i]
		for above := int64(-1); ; {
			refs, err := src.All(tx, above, chunk)
			if err != nil {
				return d, err
			}
			if len(refs) == 0 {
				break
			}
			above = refs[len(refs)-1]
			docs, err := src.Docs(tx, refs)
			if err != nil {
				return d, err
			}
			for _, doc := range docs {
				id := docID(src.Kind, doc.Ref)
				if !have[id] {
					d.Missing = append(d.Missing, id)
				}
				delete(have, id)
			}
		}
	}
	for id := range have {
		d.Extra = append(d.Extra, id)
	}
	slices.Sort(d.Extra)
	return d, nil
}

// ids are the names of all documents of a shelf.
func (s *shelf) ids() (all map[string]bool, err error) {
	in, err := s.bleve.Advanced()
	if err != nil {
		return nil, err
	}
	r, err := in.Reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	docs, err := r.DocIDReaderAll()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, docs.Close()) }()
	all = map[string]bool{}
	for {
		n, err := docs.Next()
		if err != nil || n == nil {
			return all, err
		}
		id, err := r.ExternalID(n)
		if err != nil {
			return nil, err
		}
		all[id] = true
	}
}
