package search

import (
	"strings"
	"unicode/utf8"
)

// A Piece is a part of a text that is shown; Hit: it is what was looked for.
type Piece struct {
	Text string
	Hit  bool
}

const (
	extractLetters = 220     // of a text that are shown
	extractBytes   = 200_000 // of a text in which the best place is looked for
	extractHits    = 400     // words found in a text, after which no better place is looked for
)

// A marker finds the words of a query in texts.
type marker struct {
	g     *german
	stems map[string]bool
	begin string // of words: what somebody is still typing; "": nothing
	near  []string
}

func newMarker(g *german, q Query, similar bool) *marker {
	m := &marker{g: g, stems: map[string]bool{}}
	for i, t := range q.Terms {
		if t.Not {
			continue
		}
		ws := tokens(t.Text)
		for j, w := range ws {
			f := g.form(w.word)
			if f.stem == "" {
				continue
			}
			folded := fold(w.word)
			m.stems[f.stem], m.stems[root(folded)] = true, true
			if !t.Phrase && i == len(q.Terms)-1 && j == len(ws)-1 && utf8.RuneCountInString(folded) >= prefixAtMost {
				m.begin = folded
			}
			if similar {
				m.near = append(m.near, nearStems(folded)...)
				for _, p := range g.compounds.cover(folded) {
					m.stems[stem(p)] = true
				}
			}
		}
	}
	return m
}

// hit reports whether a word of a text is one of the query, or has one in it; weight is more for the first.
func (m *marker) hit(word string) (weight int) {
	f := m.g.form(word)
	if f.stem == "" {
		return 0
	}
	if m.stems[f.stem] {
		return 3
	}
	if m.begin != "" && strings.HasPrefix(f.stem, m.begin) {
		return 2
	}
	for _, p := range f.parts {
		if m.stems[p] {
			return 2
		}
	}
	for _, n := range m.near {
		if almost(n, f.stem) {
			return 1
		}
	}
	return 0
}

// almost is the rule of builder.almost: a letter or two are different, and not the first.
func almost(a, b string) bool {
	edits := slips(a)
	return a[0] == b[0] && distance(a, b, edits) <= edits
}

// distance is how many letters must be changed, added or removed to make b of a; more than most is most+1.
func distance(a, b string, most int) int {
	r, s := []rune(a), []rune(b)
	if d := len(r) - len(s); d > most || -d > most {
		return most + 1
	}
	row := make([]int, len(s)+1)
	for j := range row {
		row[j] = j
	}
	for i := range r {
		diagonal := row[0]
		row[0] = i + 1
		for j := range s {
			cost := diagonal
			if r[i] != s[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(s)]
}

// A span is a word of a text that was found.
type span struct{ start, end, weight int }

func (m *marker) spans(text string) (all []span) {
	for _, t := range tokens(text) {
		if w := m.hit(t.word); w > 0 {
			if all = append(all, span{t.start, t.end, w}); len(all) >= extractHits {
				break
			}
		}
	}
	return all
}

// title marks all of a text.
func (m *marker) title(text string) []Piece { return pieces(text, m.spans(text)) }

// extract is the place of a text with most of what was looked for, in one line; where nothing is found its beginning.
func (m *marker) extract(text string) []Piece {
	if len(text) > extractBytes {
		text = strings.ToValidUTF8(text[:extractBytes], "")
	}
	spans := m.spans(text)
	from, to := 0, 0 // of spans
	for best, i, j, weight := 0, 0, 0, 0; j < len(spans); j++ {
		weight += spans[j].weight
		for spans[j].end-spans[i].start > extractLetters {
			weight -= spans[i].weight
			i++
		}
		if weight > best {
			best, from, to = weight, i, j+1
		}
	}
	start, end := 0, 0
	if to > 0 {
		start, end = spans[from].start, spans[to-1].end
		spans = spans[from:to]
	}
	room := max(0, extractLetters-(end-start))
	begin := backTo(text, start, room/3)
	finish := forwardTo(text, max(end, begin), room-(start-begin))
	line := text[begin:finish]
	for i := range spans {
		spans[i].start -= begin
		spans[i].end -= begin
	}
	out := pieces(line, spans)
	if begin > 0 {
		out = append([]Piece{{Text: "… "}}, out...)
	}
	if finish < len(text) {
		out = append(out, Piece{Text: " …"})
	}
	return out
}

// backTo finds the beginning of a word at most so many bytes before at.
func backTo(text string, at, room int) int {
	if at <= room {
		return 0
	}
	if i := strings.IndexAny(text[at-room:at], " \n"); i >= 0 {
		return at - room + i + 1
	}
	return at
}

// forwardTo finds the end of a word at most so many bytes behind at.
func forwardTo(text string, at, room int) int {
	if len(text)-at <= room {
		return len(text)
	}
	if i := strings.LastIndexAny(text[at:at+room+1], " \n"); i >= 0 {
		return at + i
	}
	return at
}

// pieces cuts a text at its spans; line ends become spaces.
func pieces(text string, spans []span) (all []Piece) {
	add := func(s string, hit bool) {
		if s = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\t' || r == '\r' {
				return ' '
			}
			return r
		}, s); s != "" {
			all = append(all, Piece{s, hit})
		}
	}
	at := 0
	for _, s := range spans {
		add(text[at:s.start], false)
		add(text[s.start:s.end], true)
		at = s.end
	}
	add(text[at:], false)
	return all
}
