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

// Nouns of German texts, one a line, folded; TestNouns makes the list. The texts: federal laws (bundestag/gesetze) and the
// statutes of Bad Boll (Markdown by RAGSource, CC BY 4.0, "Powered by RAGSource"), which are nobody's as official works
// (§ 5 UrhG); the handbook for youth hackathons by Glaser, Reimer and Seitz for OKF DE and mediale pfade.org (CC BY 4.0); the
// pages of Datenanfragen.de (MIT). No sentence of them is kept, only single words.
//
//go:embed nouns.txt
var nouns string

// Words of the field, which official texts lack or have too rarely, and short ones, which count as parts by exception.
const field = ` abend abfrage abhol abschied adresse affe akte aktion allergie alltag alter ampel amt angebot angst anti antrag apfel armband arzt arzttermin asthma
 atelier auge ausfall ausflug ausgang aushang ausschlag auswahl auszeit auto baby back bad ball bar baren basar bastel bau bauer bauernhof baum becher
 bedarf befall begleitung beirat beitrag beratung beruf besuch bett bewegung bibliothek biene bild birne blase blatt blume boden bohne box brief brille
 bring brot bruder buch bude buffet buhne bunt bus busch butter chor computer creme dach dank dienst diskriminierung dose drachen dreirad drucker
 durchfall eier eimer eingang eingewohnung einkauf einladung eis eltern ende erde erkaltung erlaubnis ernahrung erzieher essen fach fahr fahrrad fahrt
 familien farbe fasching fasten feier fenster ferien ferse fest fett fieber film finger fisch fliege floh flote flucht flur forder form forsche
 fortbildung foto frage freund frosche frost fruh fruhling fruhstuck fuchs fuhrung furst fuss futter gabe gabel ganztag garten gast gebet geburt
 geburtstag gefahr gegenstand gelande geld gemuse gerat gesang geschenk geschichte gesprach gesundheit getranke gewitter glas glocke gras grippe grund
 gruppe gruppen gummi gurt haar hafen hahn halle hals hand handschuh hase haus haushalt haut heft heim heizung hemd herbst herd herz hilfe himmel hitze
 hobby hof holz hort hose hund hunde husten hut hygiene hygienen idee igel impf infekt information inklusion insekt insel instrument integration jacke
 jahr jugend junge kafer kalender kamera karneval karotte karte kartenspiel kartoffel kasse kastanie kater katze keller kerze kind kinder kindergarten
 kiosk kissen kita klang klasse kleid kleidung klingel knete knopf kobold koch kontakt konzept konzert kopf kopflaus korb korper kosten krabbel krank
 krankheit kranz kreide kreis kreuz krippe krippen kuche kuchen kugel kuh kunde kunst kuschel lampe land laterne laternen laub lauf laune laus lause
 leben leit leiter leitung lern lese licht lied liste loffel logopadie luft lunge magen mahlzeit mal maler mangel mantel markt markte marmelade martin
 masern maske matsch maus medikament mehl meise messe milch mitglied mittag mobel mobil monat mond morgen mull mund munze museum musik mutter mutze
 nachmittag nacht nadel nagel name nase natur netz nikolaus norovirus not notfall notiz notruf nudel nuss obst ohr oma opa ordner ordnung osten
 osterhase ostern padagogik paket papier park partner pass pate pause pfand pferd pflanze pflege pilz pinsel plan platte platz polizei portal post
 praktikum praxis preis probe projekt protokoll prufung punkt puppe putz quartier quiz rad rallye ranzen rat raum raupe recht regel regen regenbogen
 reis reise rente rettung ring ritter rock roller rose ruck rucksack ruhe saal saft salat salz sammlung sand sanierung satz satzung schaf schal schale
 scharlach schatten schatz schaukel schere scherz schlaf schlange schliess schliessung schlussel schmerz schmutz schnee schnupfen schokolade schrank
 schreib schrift schuh schul schule schutz schwester schwimm see seife seite sicht signal singe sitz sitzung sofa sommer sonne sonnen sorge spar spass
 spatz speise spende spiel spitze sport sprach sprache sprech springe spritze stadt stadtteil stand stange staub stein stelle stern steuer stiefel
 stift still stimme stirn stoff storung streik streit strom strumpf stufe stuhl stunde suppe tafel tag tage tanz tasche tasse taufe tausch team technik
 tee telefon teller teppich termin test tester text theater thema therapie tier tinte tisch tod tombola ton topf tor tour trag training transport
 trauer traum treff treffen treppe trink trompete tropfen tuch tur turm turn turnen ubung ufer uhr umfrage umwelt umzug unfall unterlage unterricht
 urlaub vater verein verkehr verpflegung versammlung versicherung vertrag vertretung virus vogel vollmond vorhang vorlage vorlese vormittag vorschul
 vorsorge wache waffel wahl wald wand wanderung ware warn warte wasch wasser watte wechsel weg weihnachten weihnachts welle welt wende werk werkstatt
 wette wetter wichtel wiese wild wind windel windeln winter woche wochen wohn wolke wolle wort wunde wunsch wurfel wurst zahl zahn zahnarzt zauber zaun
 zeichen zeichnung zeit zeitung zelt zettel zeugnis ziege ziel zimmer zimt zirkel zirkus zoo zucchini zucker zug zuschuss zwerg zwilling `

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

// split returns the parts of a folded word, parts that stand beside each other as one word, and the parts of parts; nil for
// one that is no compound. "Datenschutzerklärung" is found by "Datenschutz", too.
func (c *compounds) split(word string) (all []string) {
	spans := c.spans(word)
	for i := range spans {
		for j := i; j < len(spans); j++ {
			if i > 0 || j+1 < len(spans) {
				all = append(all, word[spans[i].from:spans[j].to])
			}
		}
		if p := word[spans[i].from:spans[i].to]; utf8.RuneCountInString(p) >= divisible {
			all = append(all, c.split(p)...)
		}
	}
	return all
}

// cover is split without what several parts make.
func (c *compounds) cover(word string) (parts []string) {
	for _, s := range c.spans(word) {
		parts = append(parts, word[s.from:s.to])
	}
	return parts
}

// A cut is where a part of a word stands, in bytes, without its joint.
type cut struct{ from, to int }

// spans finds the fewest parts that cover a word; among as few, those with the longest first ones.
func (c *compounds) spans(word string) (parts []cut) {
	r := []rune(word)
	n := len(r)
	if n < 2*3 {
		return nil
	}
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
			if long := c.part(word[at[i]:at[j]], j == n); long > 0 {
				best[j] = step{best[i].parts + 1, i, at[i] + long}
			}
		}
	}
	for j := n; j > 0; j = best[j].from {
		if best[j].parts == 0 {
			return nil
		}
		parts = append(parts, cut{at[best[j].from], best[j].to})
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
