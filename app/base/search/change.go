package search

import (
	"context"
	"errors"
	"slices"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// Changed has documents read anew, also those that are new or gone, once tx is committed.
func Changed(tx *store.Tx, kind string, refs ...int64) error {
	for _, ref := range refs {
		if _, err := tx.Exec(`INSERT INTO search_change (kind, ref) VALUES (?, ?)`, kind, ref); err != nil {
			return err
		}
	}
	return nil
}

// Moved has everything read anew: units hang elsewhere, and with them who may find what.
func Moved(tx *store.Tx) error { return Changed(tx, everything, 0) }

const everything = "*" // the kind of a change that concerns all documents

// errAnew says that single changes do not suffice.
var errAnew = errors.New("everything is to be read anew")

// A change is a row of search_change.
type change struct {
	Seq  int64
	Mark int64
	Kind string
	Ref  int64
}

func (c *change) fields() []any { return []any{&c.Seq, &c.Mark, &c.Kind, &c.Ref} }

// last is the newest change; the zero change before the first.
func last(tx *store.Tx) (change, error) {
	c, err := store.One(tx, (*change).fields, `SELECT seq, mark, kind, ref FROM search_change ORDER BY seq DESC LIMIT 1`)
	if fault.KindOf(err) == fault.NotFound {
		return change{}, nil
	}
	return c, err
}

// knows reports whether the database is the one in which a change was seen: the row of the last one seen is kept, and a
// database that was restored has another one in its place, or none.
func knows(tx *store.Tx, seq, mark int64) (bool, error) {
	if seq == 0 {
		first, err := store.One(tx, store.Value[int64], `SELECT coalesce(min(seq), 1) FROM search_change`)
		return first == 1, err
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM search_change WHERE seq = ? AND mark = ?`, seq, mark)
	return n == 1, err
}

const (
	atOnce = 500 // changes that are read and indexed together
	stale  = 500 // changes that have been seen, after which they are removed
)

// follow reads what has changed since the shelf was written last.
func (x *Index) follow(ctx context.Context, s *shelf) error {
	for {
		var done bool
		err := x.db.Read(ctx, func(tx *store.Tx) error {
			all, err := store.All(tx, (*change).fields, `
				SELECT seq, mark, kind, ref FROM search_change WHERE seq > ? ORDER BY seq LIMIT ?`, s.state.Seq, atOnce)
			if err != nil || len(all) == 0 {
				done = true
				return err
			}
			refs, order := map[string][]int64{}, []string(nil)
			for _, c := range all {
				if c.Kind == everything {
					return errAnew
				}
				if refs[c.Kind] == nil {
					order = append(order, c.Kind)
				}
				refs[c.Kind] = append(refs[c.Kind], c.Ref)
			}
			for _, kind := range slices.Clone(order) {
				for _, src := range x.sources {
					if src.With == nil {
						continue
					}
					more, err := src.With(tx, kind, refs[kind])
					if err != nil {
						return err
					}
					if len(more) > 0 && refs[src.Kind] == nil {
						order = append(order, src.Kind)
					}
					refs[src.Kind] = append(refs[src.Kind], more...)
				}
			}
			f := x.filler(tx, s)
			for _, kind := range order {
				if err := f.refresh(kind, refs[kind]); err != nil {
					return err
				}
			}
			end := all[len(all)-1]
			next := s.state
			next.Seq, next.Mark = end.Seq, end.Mark
			if err := f.commit(next); err != nil {
				return err
			}
			x.seen.Store(end.Seq)
			return nil
		})
		if err != nil {
			return err
		}
		if done {
			return x.trim(ctx, s)
		}
	}
}

// trim removes the changes that the index has seen, but for the last.
func (x *Index) trim(ctx context.Context, s *shelf) error {
	if s.state.Seq-s.trimmed < stale {
		return nil
	}
	err := x.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM search_change WHERE seq < ?`, s.state.Seq)
		return err
	})
	if err == nil {
		s.trimmed = s.state.Seq
	}
	return err
}
