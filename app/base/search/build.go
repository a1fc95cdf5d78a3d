package search

import (
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/search/query"
)

// How much a word counts where it is found. What is written so comes before what only has it as a part.
const (
	inTitle      = 4
	inBody       = 1
	partOfTitle  = 1.2
	partOfBody   = 0.25
	rootInBody   = 0.4 // "betreuen" for "Betreuung"
	prefixTitle  = 1.5
	prefixBody   = 0.2
	prefixAtMost = 3 // letters that a beginning must have; fewer begin too many words
)

// builder turns a query into one of Bleve's.
type builder struct {
	g       *german
	similar bool // nothing was found as typed: words that are almost the same, and any of them, will do
}

func term(field, word string, boost float64) query.Query {
	q := query.NewTermQuery(word)
	q.SetField(field)
	q.SetBoost(boost)
	return q
}

func anyOf(qs ...query.Query) query.Query {
	if len(qs) == 1 {
		return qs[0]
	}
	return query.NewDisjunctionQuery(qs)
}

func allOf(qs ...query.Query) query.Query {
	if len(qs) == 1 {
		return qs[0]
	}
	return query.NewConjunctionQuery(qs)
}

// words builds what q asks of the text; nil: nothing that an index could find, only short words perhaps.
func (b builder) words(q Query) query.Query {
	var want, not []query.Query
	for i, t := range q.Terms {
		switch {
		case t.Phrase:
			if p := b.phrase(t.Text); p != nil {
				if t.Not {
					not = append(not, p)
				} else {
					want = append(want, p)
				}
			}
		case t.Not:
			for _, w := range tokens(t.Text) {
				if f := b.g.form(w.word); f.stem != "" {
					not = append(not, term(fieldTitle, f.stem, 1), term(fieldBody, f.stem, 1))
				}
			}
		default:
			ws := tokens(t.Text)
			for j, w := range ws {
				typing := i == len(q.Terms)-1 && j == len(ws)-1
				if p := b.word(w.word, typing); p != nil {
					want = append(want, p)
				}
			}
		}
	}
	if len(want) == 0 && len(not) == 0 {
		return nil
	}
	if len(want) == 0 {
		want = append(want, query.NewMatchAllQuery())
	}
	some := query.NewDisjunctionQuery(want)
	some.SetMin(b.least(len(want)))
	if len(not) == 0 {
		return some
	}
	return query.NewBooleanQuery([]query.Query{some}, nil, not)
}

// least is how many of n words must be there: of a few all, of a question some: the more, the better it ranks.
func (b builder) least(n int) float64 {
	switch {
	case b.similar:
		return 1
	case n <= 3:
		return float64(n)
	}
	return float64(max(1, n/4))
}

// word finds one; nil for a short one.
func (b builder) word(w string, typing bool) query.Query {
	f := b.g.form(w)
	if f.stem == "" {
		return nil
	}
	qs := []query.Query{
		term(fieldTitle, f.stem, inTitle), term(fieldBody, f.stem, inBody),
		term(fieldTitleParts, f.stem, partOfTitle), term(fieldBodyParts, f.stem, partOfBody),
	}
	if r := root(f.stem); r != f.stem {
		qs = append(qs, term(fieldTitle, r, partOfTitle), term(fieldBody, r, rootInBody),
			term(fieldTitleParts, r, partOfTitle/2), term(fieldBodyParts, r, partOfBody/2))
	}
	folded := fold(w)
	if typing && utf8.RuneCountInString(folded) >= prefixAtMost {
		for _, p := range []struct {
			field string
			boost float64
		}{{fieldTitle, prefixTitle}, {fieldBody, prefixBody}} {
			q := query.NewPrefixQuery(folded)
			q.SetField(p.field)
			q.SetBoost(p.boost)
			qs = append(qs, q)
		}
	}
	if b.similar {
		qs = append(qs, b.almost(folded, f.stem)...)
	}
	return anyOf(qs...)
}

// almost finds words that differ by a letter or two, and the parts of a compound that nobody has written as one word.
func (b builder) almost(folded, stem string) (qs []query.Query) {
	n := utf8.RuneCountInString(stem)
	if n >= 4 {
		edits := 1
		if n >= 8 {
			edits = 2
		}
		for _, f := range []struct {
			name  string
			boost float64
		}{{fieldTitle, 2}, {fieldBody, 0.5}, {fieldTitleParts, 0.5}, {fieldBodyParts, 0.1}} {
			q := query.NewFuzzyQuery(stem)
			q.SetField(f.name)
			q.SetFuzziness(edits)
			q.SetPrefix(1)
			q.SetBoost(f.boost)
			qs = append(qs, q)
		}
	}
	var parts []query.Query
	for _, p := range b.g.compounds.cover(folded) {
		if f := b.g.form(p); f.stem != "" {
			parts = append(parts, anyOf(term(fieldTitle, f.stem, 2), term(fieldBody, f.stem, 0.5),
				term(fieldTitleParts, f.stem, 0.6), term(fieldBodyParts, f.stem, 0.2)))
		}
	}
	if len(parts) > 1 {
		qs = append(qs, allOf(parts...))
	}
	return qs
}

// phrase finds words beside each other; short ones between them may be any.
func (b builder) phrase(text string) query.Query {
	var terms []string
	last := 0
	for _, t := range tokens(text) {
		f := b.g.form(t.word)
		if f.stem == "" {
			continue
		}
		for len(terms) > 0 && last+1 < t.pos {
			terms = append(terms, "")
			last++
		}
		terms = append(terms, f.stem)
		last = t.pos
	}
	if len(terms) == 0 {
		return nil
	}
	var qs []query.Query
	for _, f := range []struct {
		name  string
		boost float64
	}{{fieldTitle, inTitle}, {fieldBody, inBody}} {
		if len(terms) == 1 {
			qs = append(qs, term(f.name, terms[0], f.boost))
			continue
		}
		q := query.NewPhraseQuery(terms, f.name)
		q.SetBoost(f.boost)
		qs = append(qs, q)
	}
	return anyOf(qs...)
}
