package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"nestfunk/app/base/store"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
)

// The fields of a document in the index. Texts are not stored: what is shown comes from the database.
const (
	fieldTitle      = "title"      // stems, with their places for phrases
	fieldBody       = "body"       // the same
	fieldTitleParts = "titleparts" // what else finds the words of the title: parts of compounds, roots
	fieldBodyParts  = "bodyparts"
	fieldMay        = "may"   // see rights.go
	fieldFacet      = "facet" // what hits are counted by: kind, unit and year, each behind its sign
	fieldUnder      = "under" // the unit and all above it
	fieldBy         = "by"    // names of the author, folded
	fieldMonth      = "month" // 2026-03
)

// The signs before the words of fieldFacet. One field is read three times as fast as three.
const (
	ofKind = "k:"
	ofUnit = "u:"
	ofYear = "y:"
)

const chunk = 500 // documents that are read and indexed together

// A filler writes documents into a shelf, as one transaction sees them.
type filler struct {
	x     *Index
	tx    *store.Tx
	s     *shelf
	batch *bleve.Batch
	up    map[int64][]int64
}

func (x *Index) filler(tx *store.Tx, s *shelf) *filler {
	return &filler{x, tx, s, s.bleve.NewBatch(), map[int64][]int64{}}
}

func (f *filler) above(unit int64) ([]int64, error) {
	if up, ok := f.up[unit]; ok {
		return up, nil
	}
	up, err := above(f.tx, unit)
	f.up[unit] = up
	return up, err
}

func docID(kind string, ref int64) string { return fmt.Sprintf("%s:%d", kind, ref) }

// refresh indexes documents of a kind as they are now, and removes those that are gone. A kind that nobody keeps any more
// has no documents.
func (f *filler) refresh(kind string, refs []int64) error {
	src := f.x.source(kind)
	gone := map[int64]bool{}
	for _, ref := range refs {
		gone[ref] = true
	}
	if src != nil {
		docs, err := src.Docs(f.tx, refs)
		if err != nil {
			return fmt.Errorf("read documents of kind %s: %w", kind, err)
		}
		for _, d := range docs {
			delete(gone, d.Ref)
			if err := f.add(kind, d); err != nil {
				return err
			}
		}
	}
	for ref := range gone {
		f.batch.Delete(docID(kind, ref))
	}
	return nil
}

func (f *filler) add(kind string, d Doc) error {
	may, err := finders(d, f.above)
	if err != nil {
		return err
	}
	doc := document.NewDocument(docID(kind, d.Ref))
	g := f.s.g
	places := index.IndexField | index.IncludeTermVectors
	doc.AddField(document.NewTextFieldCustom(fieldTitle, nil, []byte(d.Title), places, whole{g}))
	doc.AddField(document.NewTextFieldCustom(fieldBody, nil, []byte(d.Body), places, whole{g}))
	doc.AddField(document.NewTextFieldCustom(fieldTitleParts, nil, []byte(d.Title), index.IndexField, partial{g}))
	doc.AddField(document.NewTextFieldCustom(fieldBodyParts, nil, []byte(d.Body), index.IndexField, partial{g}))
	words := func(name string, more index.FieldIndexingOptions, w ...string) {
		if len(w) > 0 {
			doc.AddField(document.NewTextFieldCustom(name, nil, []byte(strings.Join(w, " ")), index.IndexField|index.SkipFreqNorm|more, fields{}))
		}
	}
	words(fieldMay, 0, may...)
	counted := []string{ofKind + kind}
	if d.Unit != 0 {
		up, err := f.above(d.Unit)
		if err != nil {
			return err
		}
		var under []string
		for _, u := range up {
			under = append(under, fmt.Sprint(u))
		}
		words(fieldUnder, 0, under...)
		counted = append(counted, ofUnit+fmt.Sprint(d.Unit))
	}
	words(fieldBy, 0, names(d.Author)...)
	if !d.At.IsZero() {
		words(fieldMonth, 0, d.At.Format("2006-01"))
		counted = append(counted, ofYear+d.At.Format("2006"))
	}
	words(fieldFacet, index.DocValues, counted...)
	return f.batch.IndexAdvanced(doc)
}

// names are the words of a name, folded.
func names(name string) (all []string) {
	for _, t := range tokens(name) {
		all = append(all, fold(t.word))
	}
	return all
}

// commit writes what was added, and the state that comes with it.
func (f *filler) commit(next state) error {
	b, err := json.Marshal(next)
	if err != nil {
		return err
	}
	f.batch.SetInternal([]byte(stateKey), b)
	if err := f.s.write(f.batch); err != nil {
		return fmt.Errorf("write search index: %w", err)
	}
	f.s.state = next
	return nil
}

// anew makes a new shelf of everything, beside the one that is used meanwhile.
func (x *Index) anew(ctx context.Context) (s *shelf, err error) {
	var begin change
	err = x.db.Read(ctx, func(tx *store.Tx) (err error) {
		begin, err = last(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	st := state{Seq: begin.Seq, Mark: begin.Mark, Layout: layout, Editions: map[string]string{}}
	for _, src := range x.sources {
		st.Editions[src.Kind] = src.Edition
	}
	if st.Taught, st.Docs, err = x.learn(ctx); err != nil {
		return nil, err
	}
	dir, err := x.next()
	if err != nil {
		return nil, err
	}
	if s, err = create(dir); err != nil {
		return nil, err
	}
	s.g = newGerman(newCompounds(st.Taught))
	for i := range x.sources {
		src := &x.sources[i]
		err = x.walk(ctx, src, func(tx *store.Tx, refs []int64) error {
			f := x.filler(tx, s)
			if err := f.refresh(src.Kind, refs); err != nil {
				return err
			}
			return s.write(f.batch)
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("make search index: %w", err), s.close())
		}
	}
	f := x.filler(nil, s)
	if err := guard(func() error { return f.commit(st) }); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := guard(func() error { return errors.Join(s.join(ctx), s.lengths()) }); err != nil {
		return nil, errors.Join(err, s.close())
	}
	// The old one goes when nobody reads it any more, or it is already gone.
	x.replace(s)
	return s, x.tidy(dir)
}

// walk gives f the ids of all documents of a source, some at a time.
func (x *Index) walk(ctx context.Context, src *Source, f func(tx *store.Tx, refs []int64) error) error {
	above := int64(-1)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		var refs []int64
		err := x.db.Read(ctx, func(tx *store.Tx) (err error) {
			if refs, err = src.All(tx, above, chunk); err != nil || len(refs) == 0 {
				return err
			}
			return f(tx, refs)
		})
		if err != nil || len(refs) == 0 {
			return err
		}
		above = refs[len(refs)-1]
	}
}

const taughtAt = 3 // times that a word must occur to be taken for a noun

// learn gathers the nouns of the house's own texts, and counts these.
func (x *Index) learn(ctx context.Context) (taught []string, docs uint64, err error) {
	var l lexicon
	for i := range x.sources {
		src := &x.sources[i]
		err := x.walk(ctx, src, func(tx *store.Tx, refs []int64) error {
			all, err := src.Docs(tx, refs)
			for _, d := range all {
				docs++
				l.read(d.Body)
			}
			return err
		})
		if err != nil {
			return nil, 0, fmt.Errorf("learn words: %w", err)
		}
	}
	return l.nouns(taughtAt, newCompounds(nil)), docs, nil
}
