package search

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Query is what somebody has typed.
type Query struct {
	Terms []Term
	In    []string // units, by parts of their names; all must fit
	By    []string // authors, the same
	Since string   // "2026-03" or "2026"; "": any time
}

// A Term is a word, or several that must stand beside each other.
type Term struct {
	Text   string // without quotes
	Phrase bool
	Not    bool // must not occur
}

const (
	mostLetters = 300 // of a query; the rest is not read
	mostTerms   = 24
)

// Parse reads a query. Everything means something: there is no wrong one.
//
//	kita platz            both words
//	"freie Plätze"        side by side, with any quotes
//	-hort                 without
//	in:Sonnenblume        of this unit and all below it; in:"Kita Sonnenblume"
//	von:Demir             by this person
//	seit:2026-03          from then on; also seit:2026
func Parse(s string) (q Query) {
	if utf8.RuneCountInString(s) > mostLetters {
		s = string([]rune(s)[:mostLetters])
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	for s = strings.TrimLeftFunc(s, unicode.IsSpace); s != "" && len(q.Terms)+len(q.In)+len(q.By) < mostTerms; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		s = q.next(s)
	}
	return q
}

// next reads one item and returns what follows.
func (q *Query) next(s string) string {
	if key, rest, ok := operator(s); ok {
		value, _, after := item(rest)
		value = clean(value)
		switch {
		case value == "":
		case key == "in":
			q.In = append(q.In, value)
			return after
		case key == "von":
			q.By = append(q.By, value)
			return after
		case month.MatchString(value):
			q.Since = value
			return after
		}
	}
	t := Term{}
	rest := s
	if after, ok := strings.CutPrefix(s, "-"); ok {
		t.Not, rest = true, after
	}
	t.Text, t.Phrase, rest = item(rest)
	t.Text = clean(t.Text)
	if t.Text != "" {
		q.Terms = append(q.Terms, t)
	}
	return rest
}

var month = regexp.MustCompile(`^[12]\d{3}(-(0[1-9]|1[0-2]))?$`)

// operator cuts "in:", "von:" or "seit:" off, in capitals or not.
func operator(s string) (key, rest string, ok bool) {
	for _, key := range []string{"in", "von", "seit"} {
		if n := len(key); len(s) > n+1 && s[n] == ':' && strings.EqualFold(s[:n], key) {
			return key, s[n+1:], true
		}
	}
	return "", s, false
}

// Quotes as keyboards of several countries make them.
const quotes = "\"„“”«»"

// item reads up to the next space, or from quote to quote. A quote that is never closed ends with the text: somebody is
// still typing.
func item(s string) (text string, phrase bool, rest string) {
	if r, n := utf8.DecodeRuneInString(s); strings.ContainsRune(quotes, r) && n > 0 && r != utf8.RuneError {
		s = s[n:]
		if end := strings.IndexAny(s, quotes); end >= 0 {
			_, n := utf8.DecodeRuneInString(s[end:])
			return s[:end], true, s[end+n:]
		}
		return s, true, ""
	}
	end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(quotes, r) })
	if end < 0 {
		return s, false, ""
	}
	return s[:end], false, s[end:]
}

// clean keeps the words of a text, with one space between them, so that what is shown again is what was understood.
func clean(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(quotes, r)
	}), " ")
}

// String writes a query so that Parse reads the same.
func (q Query) String() string {
	var all []string
	quote := func(s string, always bool) string {
		if always || strings.Contains(s, " ") {
			return `"` + s + `"`
		}
		return s
	}
	for _, t := range q.Terms {
		s := quote(t.Text, t.Phrase)
		if t.Not {
			s = "-" + s
		}
		all = append(all, s)
	}
	for _, u := range q.In {
		all = append(all, "in:"+quote(u, false))
	}
	for _, p := range q.By {
		all = append(all, "von:"+quote(p, false))
	}
	if q.Since != "" {
		all = append(all, "seit:"+q.Since)
	}
	return strings.Join(all, " ")
}

// Empty reports whether nothing is asked for.
func (q Query) Empty() bool {
	return len(q.Terms) == 0 && len(q.In) == 0 && len(q.By) == 0 && q.Since == ""
}

// words are what must be there, for a search without the index.
func (q Query) words() (all []string) {
	for _, t := range q.Terms {
		if t.Not {
			continue
		}
		if t.Phrase {
			all = append(all, t.Text)
			continue
		}
		for _, w := range tokens(t.Text) {
			if !isShort()[fold(w.word)] {
				all = append(all, w.word)
			}
		}
	}
	return all
}
