package search_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A box is a source that keeps its documents in memory.
type box struct {
	docs   []search.Doc
	hidden map[int64]bool // what nobody may see any more, whatever the index says
}

func (b *box) source(kind string) search.Source {
	find := func(id int64) (search.Doc, bool) {
		i, ok := slices.BinarySearchFunc(b.docs, id, func(d search.Doc, id int64) int { return int(d.Ref - id) })
		if !ok {
			return search.Doc{}, false
		}
		return b.docs[i], true
	}
	return search.Source{Kind: kind, Label: "Texte",
		All: func(_ *store.Tx, above int64, n int) (ids []int64, err error) {
			i, _ := slices.BinarySearchFunc(b.docs, above+1, func(d search.Doc, id int64) int { return int(d.Ref - id) })
			for _, d := range b.docs[i:min(i+n, len(b.docs))] {
				ids = append(ids, d.Ref)
			}
			return ids, nil
		},
		Docs: func(_ *store.Tx, ids []int64) (docs []search.Doc, err error) {
			for _, id := range ids {
				if d, ok := find(id); ok {
					docs = append(docs, d)
				}
			}
			return docs, nil
		},
		Seen: func(_ *store.Tx, _ who.Viewer, ids []int64) ([]int64, error) {
			return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return b.hidden[id] }), nil
		},
		Look: func(_ *store.Tx, _ who.Viewer, words []string, n int) (ids []int64, err error) {
			for _, d := range slices.Backward(b.docs) {
				if !b.hidden[d.Ref] && !slices.ContainsFunc(words, func(w string) bool {
					return !strings.Contains(strings.ToLower(d.Title+" "+d.Body), strings.ToLower(w))
				}) {
					ids = append(ids, d.Ref)
				}
			}
			return ids[:min(n, len(ids))], nil
		},
	}
}

// index is an up-to-date index of public documents.
func index(t testing.TB, docs ...search.Doc) (*search.Index, *box) {
	t.Helper()
	b := &box{docs: docs, hidden: map[int64]bool{}}
	for i := range b.docs {
		b.docs[i].Public = b.docs[i].Public || b.docs[i].Reach == nil
		if b.docs[i].Ref == 0 {
			b.docs[i].Ref = int64(i + 1)
		}
	}
	x := search.New(apptest.DB(t), "")
	x.Add(b.source("text"))
	update(t, x)
	t.Cleanup(x.Close)
	return x, b
}

func update(t testing.TB, x *search.Index) {
	t.Helper()
	if err := x.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func ask(t testing.TB, x *search.Index, v who.Viewer, words string) search.Answer {
	t.Helper()
	a, err := x.Search(context.Background(), v, search.Ask{Query: search.Parse(words), N: 10})
	if err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	return a
}

// refs are the documents found, best first.
func refs(a search.Answer) (all []int64) {
	for _, h := range a.Hits {
		all = append(all, h.Ref)
	}
	return all
}

// What is for the house is found by whoever holds a role in it; a young person's alias is none, and neither is a role that
// nobody has confirmed yet.
func TestForTheHouse(t *testing.T) {
	x, _ := index(t, search.Doc{Title: "Hausordnung", House: true, Reach: []search.Reach{}}, search.Doc{Title: "Hausordnung der Stadt", Public: true})
	for _, c := range []struct {
		name string
		v    who.Viewer
		want []int64
	}{
		{"a mother", who.Viewer{ID: 6, Holds: []who.Holding{{Role: who.Parent, Unit: 5}}}, []int64{1, 2}},
		{"a young person", who.Viewer{ID: 7, Holds: []who.Holding{{Role: who.Youth, Unit: 5}}}, []int64{2}},
		{"without a role", who.Viewer{ID: 9}, []int64{2}},
		{"before the second factor", who.Viewer{ID: 6, Half: true, Holds: []who.Holding{{Role: who.Parent, Unit: 5}}}, []int64{2}},
		{"nobody", who.Viewer{}, []int64{2}},
	} {
		got := refs(ask(t, x, c.v, "Hausordnung"))
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s finds %v, want %v", c.name, got, c.want)
		}
	}
}
