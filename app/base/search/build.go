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
	similar bool // nothing was found as typed: any of the words will do
	// unknown are words that stand nowhere, folded: in their place those that are almost the same will do.
	unknown map[string]bool
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
	var plain []string // words beside each other
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
			for _, w := range tokens(t.Text) {
				plain = append(plain, w.word)
			}
			if len(q.Terms)-1 > i && !q.Terms[i+1].Phrase && !q.Terms[i+1].Not {
				continue
			}
			want = append(want, b.row(plain, i == len(q.Terms)-1)...)
			plain = nil
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

// row finds each of some words, or in place of two beside each other the word that they make together. Typing: the last
// may go on.
func (b builder) row(words []string, typing bool) (want []query.Query) {
	both := func(i int) query.Query {
		if i < 0 || i+1 >= len(words) || b.g.form(words[i]).stem == "" || b.g.form(words[i+1]).stem == "" {
			return nil
		}
		return b.joined(words[i], words[i+1])
	}
	for i, w := range words {
		q := b.word(w, typing && i == len(words)-1)
		if q == nil {
			continue
		}
		qs := []query.Query{q}
		for _, j := range []query.Query{both(i - 1), both(i)} {
			if j != nil {
				qs = append(qs, j)
			}
		}
		want = append(want, anyOf(qs...))
	}
	return want
}

// joined finds two words that were written as one.
func (b builder) joined(one, two string) query.Query {
	s := stem(fold(one) + fold(two))
	return anyOf(term(fieldTitle, s, inTitle), term(fieldBody, s, inBody), term(fieldTitleParts, s, partOfTitle), term(fieldBodyParts, s, partOfBody))
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
	folded := fold(w)
	if r := root(folded); r != f.stem {
		qs = append(qs, term(fieldTitle, r, partOfTitle), term(fieldBody, r, rootInBody),
			term(fieldTitleParts, r, partOfTitle/2), term(fieldBodyParts, r, partOfBody/2))
	}
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
	if b.unknown[folded] {
		qs = append(qs, b.almost(folded)...)
	}
	return anyOf(qs...)
}

// almost finds words that differ by a letter or two, and the parts of a compound that nobody has written as one word.
func (b builder) almost(folded string) (qs []query.Query) {
	for _, s := range nearStems(folded) {
		edits := slips(s)
		for _, f := range []struct {
			name  string
			boost float64
		}{{fieldTitle, 1}, {fieldBody, 0.3}, {fieldTitleParts, 0.3}, {fieldBodyParts, 0.05}} {
			q := query.NewFuzzyQuery(s)
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

// nearStems are the stems from which a mistyped word may differ: a letter too many at its end hides which form it is.
func nearStems(folded string) []string {
	s := stem(folded)
	if utf8.RuneCountInString(s) < 4 {
		return nil
	}
	r := []rune(folded)
	if t := stem(string(r[:len(r)-1])); t != s && utf8.RuneCountInString(t) >= 4 {
		return []string{s, t}
	}
	return []string{s}
}

// slips is how many letters of a stem may be wrong.
func slips(stem string) int {
	if utf8.RuneCountInString(stem) >= 8 {
		return 2
	}
	return 1
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
