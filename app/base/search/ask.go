package search

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
)

// An Ask is a query with what was chosen beside it.
type Ask struct {
	Query
	Kind string // "": all
	Unit int64  // with all below it; 0: all
	Year string // "": all
	From int    // hits that are left out, of earlier pages
	N    int    // hits that are wanted
}

// An Answer is what the viewer may see of what was found.
type Answer struct {
	Hits                []Hit
	Total               int     // hits on all pages; -1: nobody has counted
	More                bool    // there is a next page
	Kinds, Units, Years []Facet // how many hits there are of each; empty where nobody has counted
	Similar             bool    // nothing was found as it was typed
	Plain               bool    // without the index: only words that are written just so
}

// A Hit is a document that was found.
type Hit struct {
	Doc
	Kind, Label string // of its source
	UnitName    string // "": the house's
	Title, Text []Piece
}

// A Facet counts hits.
type Facet struct {
	Value string // of Kind, Unit or Year in an Ask
	Label string
	Count int
}

const (
	mostFacets = 8      // of one kind
	allFacets  = 10_000 // of all kinds, of which most are units
)

// Search answers. What it returns the viewer may see at this moment. It fails only if the database does.
func (x *Index) Search(ctx context.Context, v who.Viewer, ask Ask) (a Answer, err error) {
	err = x.db.Read(ctx, func(tx *store.Tx) error {
		seen := x.seen.Load() // before the index is asked
		s, err := x.scope(tx, v, ask)
		if err != nil {
			return err
		}
		found, g, ok := x.ask(ask, s)
		if !ok {
			return x.plain(tx, v, ask, s, &a)
		}
		a = Answer{Total: found.total, More: found.total > ask.From+ask.N, Similar: found.similar}
		if a.Hits, err = x.show(tx, v, found.ids, newMarker(g, ask.Query, found.similar)); err != nil {
			return err
		}
		behind, err := store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM search_change WHERE seq > ?)`, seen)
		if err != nil {
			return err
		}
		if behind { // who may find a document may have changed
			a.Total = -1
			return nil
		}
		a.Kinds, a.Years = x.kinds(found.kinds), years(found.years)
		a.Units, err = units(tx, found.units)
		return err
	})
	return a, err
}

// A scope is where to look.
type scope struct {
	may   []string
	units [][]string // each: one of these
	empty bool       // nothing can be found: there is no such unit
}

func (x *Index) scope(tx *store.Tx, v who.Viewer, ask Ask) (s scope, err error) {
	if s.may, err = finds(tx, v); err != nil {
		return s, err
	}
	if ask.Unit != 0 {
		s.units = append(s.units, []string{strconv.FormatInt(ask.Unit, 10)})
	}
	for _, in := range ask.In {
		ids, err := named(tx, in)
		if err != nil {
			return s, err
		}
		s.empty = s.empty || len(ids) == 0
		s.units = append(s.units, ids)
	}
	return s, nil
}

type unitName struct {
	id   int64
	name string
}

// named finds the units whose names have all the words, or words that begin so.
func named(tx *store.Tx, words string) (ids []string, err error) {
	all, err := store.All(tx, func(u *unitName) []any { return []any{&u.id, &u.name} }, `SELECT id, name FROM unit`)
	want := names(words)
	for _, u := range all {
		have := names(u.name)
		if len(want) > 0 && !slices.ContainsFunc(want, func(w string) bool {
			return !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) })
		}) {
			ids = append(ids, strconv.FormatInt(u.id, 10))
		}
	}
	return ids[:min(len(ids), 50)], err
}

// found is what the index says.
type found struct {
	ids                 []string
	total               int
	similar             bool
	kinds, units, years []Facet
}

// ask asks the index; false: there is none, or it is broken.
func (x *Index) ask(ask Ask, s scope) (f found, g *german, ok bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.live == nil || x.broken.Load() {
		return f, nil, false
	}
	g = x.live.g
	if s.empty || ask.Empty() {
		return f, g, true
	}
	err := guard(func() (err error) {
		f, err = x.live.find(ask, s, builder{g: g})
		if err == nil && f.total == 0 && len(ask.Terms) > 0 {
			b := builder{g: g, similar: true}
			if b.unknown, err = x.live.unknown(ask, s.may, g); err != nil {
				return err
			}
			if f, err = x.live.find(ask, s, b); err == nil {
				f.similar = f.total > 0
			}
		}
		return err
	})
	if err != nil {
		if !x.broken.Swap(true) {
			slog.Error("search index is broken, and is made anew", "err", err)
		}
		return f, nil, false
	}
	return f, g, true
}

// find runs one query.
func (s *shelf) find(ask Ask, sc scope, b builder) (f found, err error) {
	text := b.words(ask.Query)
	filters := []query.Query{terms(fieldMay, sc.may)}
	for _, u := range sc.units {
		filters = append(filters, terms(fieldUnder, u))
	}
	if ask.Kind != "" {
		filters = append(filters, term(fieldFacet, ofKind+ask.Kind, 1))
	}
	if ask.Year != "" {
		filters = append(filters, term(fieldFacet, ofYear+ask.Year, 1))
	}
	for _, by := range ask.By {
		for _, n := range names(by) {
			filters = append(filters, term(fieldBy, n, 1))
		}
	}
	if ask.Since != "" {
		r := query.NewTermRangeQuery(ask.Since, "")
		r.SetField(fieldMonth)
		filters = append(filters, r)
	}
	if text == nil {
		if len(ask.Terms) > 0 { // only short words
			return f, nil
		}
		text = query.NewMatchAllQuery()
	}
	q := query.NewBooleanQuery([]query.Query{text}, nil, nil)
	q.AddFilter(allOf(filters...))
	req := bleve.NewSearchRequestOptions(q, ask.N, ask.From, false)
	req.AddFacet(fieldFacet, bleve.NewFacetRequest(fieldFacet, allFacets))
	res, err := s.bleve.Search(req)
	if err != nil {
		return f, err
	}
	if res.Status != nil && res.Status.Failed > 0 {
		return f, fmt.Errorf("%v", res.Status.Errors)
	}
	for _, h := range res.Hits {
		f.ids = append(f.ids, h.ID)
	}
	f.total = int(res.Total)
	f.kinds, f.units, f.years = facets(res.Facets, ofKind), facets(res.Facets, ofUnit), facets(res.Facets, ofYear)
	return f, nil
}

// unknown are the words of a query that stand nowhere in what the viewer may find.
func (s *shelf) unknown(ask Ask, may []string, g *german) (map[string]bool, error) {
	words := map[string]bool{}
	for _, t := range ask.Terms {
		if t.Not || t.Phrase {
			continue
		}
		for _, w := range tokens(t.Text) {
			text := builder{g: g}.word(w.word, false)
			if text == nil {
				continue
			}
			q := query.NewBooleanQuery([]query.Query{text}, nil, nil)
			q.AddFilter(terms(fieldMay, may))
			res, err := s.bleve.Search(bleve.NewSearchRequestOptions(q, 0, 0, false))
			if err != nil {
				return nil, err
			}
			words[fold(w.word)] = res.Total == 0
		}
	}
	return words, nil
}

// terms finds any of some words.
func terms(field string, words []string) query.Query {
	qs := make([]query.Query, len(words))
	for i, w := range words {
		qs[i] = term(field, w, 1)
	}
	return anyOf(qs...)
}

// facets are the most frequent of those with a sign. All are counted together: each count of Bleve's reads all hits.
func facets(all search.FacetResults, sign string) (some []Facet) {
	r := all[fieldFacet]
	if r == nil || r.Terms == nil {
		return nil
	}
	for _, t := range r.Terms.Terms() {
		if value, ok := strings.CutPrefix(t.Term, sign); ok && len(some) < mostFacets {
			some = append(some, Facet{Value: value, Count: t.Count})
		}
	}
	return some
}

func (x *Index) kinds(all []Facet) (known []Facet) {
	for _, f := range all {
		if s := x.source(f.Value); s != nil {
			f.Label = s.Label
			known = append(known, f)
		}
	}
	return known
}

func years(all []Facet) []Facet {
	for i := range all {
		all[i].Label = all[i].Value
	}
	slices.SortFunc(all, func(a, b Facet) int { return cmp.Compare(b.Value, a.Value) })
	return all
}

// units gives the counted units their names; one that is gone is left out.
func units(tx *store.Tx, all []Facet) (known []Facet, err error) {
	for _, f := range all {
		id, err := strconv.ParseInt(f.Value, 10, 64)
		if err != nil {
			return nil, err
		}
		names, err := store.All(tx, store.Value[string], `SELECT name FROM unit WHERE id = ?`, id)
		if err != nil {
			return nil, err
		}
		if len(names) == 1 {
			f.Label = names[0]
			known = append(known, f)
		}
	}
	return known, nil
}

// show reads what was found from the database, in the same order, as far as the viewer may see it now.
func (x *Index) show(tx *store.Tx, v who.Viewer, ids []string, m *marker) (hits []Hit, err error) {
	refs := map[string][]int64{}
	for _, id := range ids {
		kind, ref, err := split(id)
		if err != nil {
			return nil, err
		}
		refs[kind] = append(refs[kind], ref)
	}
	seen := map[string]Hit{}
	for i := range x.sources {
		s := &x.sources[i]
		if len(refs[s.Kind]) == 0 {
			continue
		}
		may, err := s.Seen(tx, v, refs[s.Kind])
		if err != nil {
			return nil, err
		}
		docs, err := s.Docs(tx, may)
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			seen[docID(s.Kind, d.Ref)] = Hit{Doc: d, Kind: s.Kind, Label: s.Label}
		}
	}
	for _, id := range ids {
		h, ok := seen[id]
		if !ok {
			continue
		}
		if h.Unit != 0 {
			names, err := store.All(tx, store.Value[string], `SELECT name FROM unit WHERE id = ?`, h.Unit)
			if err != nil {
				return nil, err
			}
			h.UnitName = strings.Join(names, "")
		}
		h.Title, h.Text = m.title(h.Doc.Title), m.extract(h.Doc.Body)
		hits = append(hits, h)
	}
	return hits, nil
}

func split(id string) (kind string, ref int64, err error) {
	kind, n, _ := strings.Cut(id, ":")
	ref, err = strconv.ParseInt(n, 10, 64)
	if err != nil {
		return "", 0, fmt.Errorf("the index has a document %q", id)
	}
	return kind, ref, nil
}
