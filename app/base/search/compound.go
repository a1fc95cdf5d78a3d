package search

import (
	"cmp"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Nouns of German laws and statutes, which are nobody's (§ 5 UrhG), one a line, folded. TestNouns makes the list.
//
//go:embed nouns.txt
var nouns string

// Words of the field, which official texts lack or have too rarely, and short ones, which count as parts by exception.
const field = ` abhol abend akte alltag alter amt angebot antrag arzt auto baby back bad bau bar baren bedarf befall beirat beitrag beruf besuch bett bild
 blatt brief bring brot buch bus dienst drucker durchfall eis ende erde erzieher essen fahr fahrrad fahrt familien fach feier ferien fest fett
 fieber film flur foto frosche fruh fruhling fruhstuck ganztag garten gast geld gemuse gruppe gruppen haus haut hilfe herbst herd hof holz hort hund hunde
 hygiene hygienen impf jahr jacke jugend junge kafer kasse kater keller kerze kind kinder kita klasse kleid kleidung koch kopf korb kosten krank krankheit
 krippe krippen kuche kunst land lauf laus lause leit lern lese licht liste markt masern maske mal medikament mittag mobel morgen musik mull mutter nacht name netz not
 nachmittag notiz obst ohr ordnung osten ostern papier pause pass pfand pflege pinsel plan platz post preis probe protokoll punkt putz rad rat raum recht regel regen reis ruhe sand satz
 satzung saal schaf scharlach schlaf schliess schnee schuh schul schule schutz schwimm see seite sitz sommer sonne sonnen spar spass spiel sport sprach sprech stadt stelle stein steuer still stoff strom
 stuhl stunde tag tage tasche tausch tee team teller text theater tier tisch tod topf tor trag trink tuch tur turn uhr umwelt verein verpflegung vater versammlung
 versicherung vertrag vogel vormittag vorlese vorschul wald wahl wand wasch wasser weg weihnachts weihnachten werk wind windel windeln winter woche wochen wohn wort zahn zahl zeit zettel zimmer zoo zucker zug `

// Between two parts may stand one of these.
var joints = []string{"s", "es", "n", "en", "e"}

const (
	shortest  = 4  // letters of a part; field has exceptions
	mostParts = 5  // of a word
	divisible = 10 // letters from which a part is tried to be split again: "Diskussion" is not "Diskus" and "Ion"
)

// Endings are no words of their own where they end another: "Notwendigkeit" is not "Not" and "Wendigkeit".
var endings = []string{"heit", "keit", "schaft", "lich", "ling", "isch", "ende", "ends", "igkeit", "innen", "weise", "fach"}

// compounds splits words such as "Verpflegungsgebührensatzung" into nouns that it knows. The nouns and what may join them
// have to cover the whole word, which is what keeps "Ring" out of "bringen".
type compounds struct {
	nouns map[string]bool // folded; false: only before another part, as "sprach" of "Sprache"
}

// standard are the nouns of the program.
var standard = sync.OnceValue(func() map[string]bool {
	c := compounds{map[string]bool{}}
	for w := range strings.FieldsSeq(nouns) {
		c.add(w)
	}
	for w := range strings.FieldsSeq(field) {
		c.nouns[w] = true
	}
	return c.nouns
})

// newCompounds knows the words of the program, and those that a house has taught, folded.
func newCompounds(taught []string) *compounds {
	c := &compounds{make(map[string]bool, len(standard())+len(taught))}
	for w, all := range standard() {
		c.nouns[w] = all
	}
	for _, w := range taught {
		c.add(w)
	}
	return c
}

func (c *compounds) add(w string) {
	n := utf8.RuneCountInString(w)
	if n < shortest || slices.Contains(endings, w) {
		return
	}
	c.nouns[w] = true
	if s, ok := strings.CutSuffix(w, "e"); ok && n > shortest {
		c.nouns[s] = c.nouns[s]
	}
}

// split returns the parts of a folded word and the parts of these; nil for one that is no compound.
func (c *compounds) split(word string) (all []string) {
	if utf8.RuneCountInString(word) < 2*3 {
		return nil
	}
	for _, p := range c.cover(word) {
		all = append(all, p)
		if utf8.RuneCountInString(p) >= divisible {
			all = append(all, c.split(p)...)
		}
	}
	return all
}

// cover finds the fewest parts that cover a word; among as few, those with the longest first ones.
func (c *compounds) cover(word string) (parts []string) {
	r := []rune(word)
	n := len(r)
	at := make([]int, n+1) // where each letter begins
	for i, x := range r {
		at[i+1] = at[i] + utf8.RuneLen(x)
	}
	type step struct{ parts, from, to int } // to: where the part ends before its joint
	best := make([]step, n+1)               // by how many letters are covered
	for j := 1; j <= n; j++ {
		for i := j - 3; i >= 0; i-- {
			if i > 0 && best[i].parts == 0 || best[i].parts >= mostParts || i == 0 && j == n {
				continue
			}
			if best[j].parts > 0 && best[j].parts <= best[i].parts+1 {
				continue
			}
			if cut := c.part(word[at[i]:at[j]], j == n); cut > 0 {
				best[j] = step{best[i].parts + 1, i, at[i] + cut}
			}
		}
	}
	for j := n; j > 0; j = best[j].from {
		if best[j].parts == 0 {
			return nil
		}
		parts = append(parts, word[at[best[j].from]:best[j].to])
	}
	slices.Reverse(parts)
	return parts
}

// part is how many bytes of s are a noun, the rest being a joint; 0: s is no part. A last part has none.
func (c *compounds) part(s string, last bool) int {
	if all, ok := c.nouns[s]; ok && (all || !last) {
		return len(s)
	}
	if last {
		return c.inflected(s)
	}
	for _, j := range joints {
		if w, ok := strings.CutSuffix(s, j); ok && c.nouns[w] {
			return len(w)
		}
	}
	return 0
}

// inflected finds a last part that stands in the plural or the genitive.
func (c *compounds) inflected(s string) int {
	for _, end := range []string{"en", "es", "er", "ern", "n", "s", "e", "nen"} {
		if w, ok := strings.CutSuffix(s, end); ok && c.nouns[w] {
			return len(w)
		}
	}
	return 0
}

// A lexicon gathers nouns from texts: words that are written with a capital within a sentence.
type lexicon struct {
	counts map[string]int // folded
}

const (
	mostWords = 300_000 // that a lexicon counts; then the rare ones go
	mostNouns = 20_000  // that it teaches
)

func (l *lexicon) read(text string) {
	if l.counts == nil {
		l.counts = map[string]int{}
	}
	last := 0 // where the word before ended
	for i, t := range tokens(text) {
		gap := text[last:t.start]
		last = t.end
		if i == 0 || gap != " " && gap != "-" && gap != ", " || !noun(t.word) {
			continue // the first word of a sentence may be any
		}
		l.counts[fold(t.word)]++
	}
	if len(l.counts) > mostWords {
		for w, n := range l.counts {
			if n == 1 {
				delete(l.counts, w)
			}
		}
	}
}

// noun reports whether a word is written like one: a capital, then small letters.
func noun(word string) bool {
	for i, r := range word {
		if !unicode.IsLetter(r) || (i == 0) != unicode.IsUpper(r) {
			return false
		}
	}
	return true
}

// nouns are the words that occurred at least so many times, in alphabetical order. What c or the shorter ones among them
// split or inflect is left out.
func (l *lexicon) nouns(atLeast int, c *compounds) (all []string) {
	var often []string
	for w, n := range l.counts {
		if r := utf8.RuneCountInString(w); n >= atLeast && r >= shortest && r <= 24 {
			often = append(often, w)
		}
	}
	slices.SortFunc(often, func(a, b string) int { return cmp.Or(l.counts[b]-l.counts[a], strings.Compare(a, b)) })
	often = often[:min(len(often), mostNouns)]
	slices.SortFunc(often, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	grown := newCompounds(nil)
	grown.nouns = maps.Clone(c.nouns)
	for _, w := range often {
		if grown.part(w, false) == 0 && grown.split(w) == nil && !slices.Contains(endings, w) {
			grown.add(w)
			all = append(all, w)
		}
	}
	slices.Sort(all)
	return all
}
