package search

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
)

// A token is one word of a text, with the bytes that it takes there.
type token struct {
	word       string // as it is written
	start, end int
	pos        int // 1, 2, 3 …; short words count
}

const longest = 64 // letters; what is longer is no word that somebody looks for

// tokens cuts a text into words: letters and digits. Soft hyphens and the accents of decomposed letters stand within.
func tokens(text string) (all []token) {
	start, pos := -1, 0
	end := func(at int) {
		if start >= 0 && utf8.RuneCountInString(text[start:at]) <= longest {
			all = append(all, token{text[start:at], start, at, pos})
		}
		start = -1
	}
	for i, r := range text {
		in := unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && (unicode.IsMark(r) || r == '\u00ad')
		switch {
		case in && start < 0:
			start, pos = i, pos+1
		case !in && start >= 0:
			end(i)
		}
	}
	end(len(text))
	return all
}

// fold makes one spelling of those that people use for the same word: lower case, no umlauts whether they are written as
// such, as two letters or not at all, ss for ß.
func fold(word string) string {
	var b strings.Builder
	last, before := rune(0), rune(0) // written
	for _, r := range word {
		r = unicode.ToLower(r)
		switch r {
		case '\u00ad', '\u0308': // soft hyphen; the dots of a decomposed umlaut
			continue
		case 'ä', 'à', 'á', 'â':
			r = 'a'
		case 'ö', 'ò', 'ó', 'ô':
			r = 'o'
		case 'ü', 'ù', 'ú', 'û':
			r = 'u'
		case 'é', 'è', 'ê', 'ë':
			r = 'e'
		case 'ç', 'ć', 'č':
			r = 'c'
		case 'ş', 'š':
			r = 's'
		case 'ğ':
			r = 'g'
		case 'ı', 'î', 'í', 'ï':
			r = 'i'
		case 'ł':
			r = 'l'
		case 'ñ', 'ń':
			r = 'n'
		case 'ż', 'ź', 'ž':
			r = 'z'
		case 'ß':
			b.WriteString("s")
			r = 's'
		case 'e': // of ae, oe and ue, but not in "neue", "Quelle", "bauen"
			if last == 'a' || last == 'o' || last == 'u' && !strings.ContainsRune("aeiouq", before) {
				before, last = last, 0
				continue
			}
		}
		b.WriteRune(r)
		before, last = last, r
	}
	return b.String()
}

// stem is the beginning that the forms of a folded word share.
func stem(folded string) string {
	t := analysis.TokenStream{{Term: []byte(folded)}}
	return string(de.NewGermanLightStemmerFilter().Filter(t)[0].Term)
}

// root is the stem of what a word is made from, where that can be seen at its end: "betreu" of Betreuung and betreuen,
// "urheb" of Urheberinnen and Urheber.
func root(folded string) string {
	for _, end := range []string{"ungen", "ung", "innen", "in"} {
		if r, ok := strings.CutSuffix(folded, end); ok && len(r) >= 5 {
			return stem(r)
		}
	}
	return stem(folded)
}

// short are words that stand in every text, folded. Who types only such words finds nothing, and is told so.
const short = ` aber als also am an auch auf aus bei beim bin bis bist da dabei dadurch dafur damit danach daran darauf daraus
 das dass dazu dein deine dem den denn der deren des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch
 ein eine einem einen einer eines er es etwa fur gab gegen geh geht hab habe haben hat hatte hatten hier hin hinter ich ihm ihn
 ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja je jede jedem jeden jeder jedes kann kein keine keinem keinen
 keiner konnen konnte man mehr mein meine meinem meinen meiner mich mir mit muss mussen nach nicht noch nun nur ob oder ohne
 sehr sein seine seinem seinen seiner seit sich sie sind so soll sollen sollte sowie uber um und uns unser unsere unter vom von
 vor wann war waren warum was weil welche welchem welchen welcher welches wenn wer werde werden wie wieder wieviel will wir wird
 wo wohin wozu zu zum zur zwar zwischen `

var isShort = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(short) {
		all[w] = true
	}
	return all
})

// A word as the index knows it.
type form struct {
	stem  string   // "": a short word, which is not kept
	parts []string // what it may be found by as well: stems of its parts, and its root
}

// A german knows the words of a house. Its forms are remembered: a text of a thousand words has hardly fifty new ones.
type german struct {
	compounds *compounds

	mu    sync.RWMutex
	forms map[string]form // by the word as written
}

func newGerman(c *compounds) *german { return &german{compounds: c, forms: map[string]form{}} }

const remembered = 200_000 // forms

func (g *german) form(word string) form {
	g.mu.RLock()
	f, ok := g.forms[word]
	g.mu.RUnlock()
	if ok {
		return f
	}
	f = g.look(word)
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.forms) >= remembered {
		clear(g.forms)
	}
	g.forms[strings.Clone(word)] = f // not the whole text
	return f
}

func (g *german) look(word string) (f form) {
	w := fold(word)
	if isShort()[w] {
		return f
	}
	f.stem = stem(w)
	seen := map[string]bool{f.stem: true}
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			f.parts = append(f.parts, s)
		}
	}
	add(root(w))
	for _, p := range g.compounds.split(w) {
		add(stem(p))
		add(root(p))
	}
	return f
}

// whole is the analysis of a text into stems, and partial that into what else finds its words. Both are what Bleve calls
// an analyzer, and run where Bleve indexes several documents at the same time.
type (
	whole   struct{ g *german }
	partial struct{ g *german }
)

// Analyze implements analysis.Analyzer.
func (a whole) Analyze(text []byte) (all analysis.TokenStream) {
	for _, t := range tokens(string(text)) {
		if f := a.g.form(t.word); f.stem != "" {
			all = append(all, &analysis.Token{Term: []byte(f.stem), Start: t.start, End: t.end, Position: t.pos})
		}
	}
	return all
}

// Analyze implements analysis.Analyzer.
func (a partial) Analyze(text []byte) (all analysis.TokenStream) {
	for _, t := range tokens(string(text)) {
		for _, p := range a.g.form(t.word).parts {
			all = append(all, &analysis.Token{Term: []byte(p), Start: t.start, End: t.end, Position: t.pos})
		}
	}
	return all
}

// fields is the analysis of what is already words: names, marks of rights.
type fields struct{}

// Analyze implements analysis.Analyzer.
func (fields) Analyze(text []byte) (all analysis.TokenStream) {
	for i, w := range strings.Fields(string(text)) {
		all = append(all, &analysis.Token{Term: []byte(w), Position: i + 1})
	}
	return all
}
