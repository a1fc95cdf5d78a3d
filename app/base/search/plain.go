package search

import (
	"slices"
	"strconv"
	"strings"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// plain searches without the index: the tables of the features, the newest first.
func (x *Index) plain(tx *store.Tx, v who.Viewer, ask Ask, s scope, a *Answer) error {
	*a = Answer{Total: -1, Plain: true}
	words := ask.words()
	if len(words) == 0 || s.empty {
		return nil
	}
	var hits []Hit
	m := newMarker(x.words(), ask.Query, false)
	for i := range x.sources {
		src := &x.sources[i]
		if ask.Kind != "" && ask.Kind != src.Kind {
			continue
		}
		refs, err := src.Look(tx, v, words, ask.From+ask.N+1)
		if err != nil {
			return err
		}
		var ids []string
		for _, ref := range refs {
			ids = append(ids, docID(src.Kind, ref))
		}
		some, err := x.show(tx, v, ids, m)
		if err != nil {
			return err
		}
		for _, h := range some {
			ok, err := ask.fits(tx, h, s)
			if err != nil {
				return err
			}
			if ok {
				hits = append(hits, h)
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return b.At.Compare(a.At) })
	a.More = len(hits) > ask.From+ask.N
	a.Hits = hits[min(ask.From, len(hits)):min(ask.From+ask.N, len(hits))]
	return nil
}

// fits checks what the index would have filtered.
func (ask Ask) fits(tx *store.Tx, h Hit, s scope) (bool, error) {
	if ask.Year != "" && h.At.Format("2006") != ask.Year || ask.Since != "" && h.At.Format("2006-01") < ask.Since {
		return false, nil
	}
	for _, by := range ask.By {
		for _, n := range names(by) {
			if !slices.Contains(names(h.Author), n) {
				return false, nil
			}
		}
	}
	for _, t := range ask.Terms {
		if t.Not && strings.Contains(fold(h.Doc.Title+" "+h.Body), fold(t.Text)) {
			return false, nil
		}
	}
	if len(s.units) == 0 {
		return true, nil
	}
	up, err := above(tx, h.Unit)
	for _, of := range s.units {
		if !slices.ContainsFunc(up, func(u int64) bool { return slices.Contains(of, strconv.FormatInt(u, 10)) }) {
			return false, err
		}
	}
	return true, err
}
