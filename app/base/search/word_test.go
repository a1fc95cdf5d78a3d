package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"Läuse", "Laeuse", "LÄUSE", "La\u0308use", "läu\u00adse"},
		{"Straße", "Strasse", "STRASSE"},
		{"Gebühren", "Gebuehren", "gebuhren"},
		{"Öffnung", "Oeffnung"},
		{"Yıldız", "Yildiz"},
	} {
		for _, w := range same[1:] {
			if fold(w) != fold(same[0]) {
				t.Errorf("%q is %q, %q is %q", same[0], fold(same[0]), w, fold(w))
			}
		}
	}
	for _, as := range []string{"neue", "quelle", "bauen", "feuer", "steuer", "treue"} {
		if fold(as) != as {
			t.Errorf("%q has no umlaut, but becomes %q", as, fold(as))
		}
	}
}

func TestForms(t *testing.T) {
	for _, same := range [][]string{
		{"Haus", "Häuser", "Hauses", "Häusern"}, {"Kind", "Kinder", "Kindern", "Kindes"}, {"Gruppe", "Gruppen"},
		{"Betreuung", "Betreuungen"}, {"Gebühr", "Gebühren"}, {"Schließtag", "Schließtage", "Schließtagen"},
	} {
		for _, w := range same[1:] {
			if stem(fold(w)) != stem(fold(same[0])) {
				t.Errorf("%s: %s, %s: %s", same[0], stem(fold(same[0])), w, stem(fold(w)))
			}
		}
	}
	if root("betreuung") != root("betreuen") || root("erzieherinnen") != stem("erzieher") {
		t.Errorf("roots: %s, %s, %s", root("betreuung"), root("betreuen"), root("erzieherinnen"))
	}
}

func TestTokens(t *testing.T) {
	var got []string
	text := "§ 22a: Die Kita-Plätze (ab 3\u00a0Jahren) „frei“! " + strings.Repeat("x", longest+1)
	for _, tok := range tokens(text) {
		got = append(got, tok.word)
		if text[tok.start:tok.end] != tok.word {
			t.Errorf("%q stands at %q", tok.word, text[tok.start:tok.end])
		}
	}
	if want := "22a Die Kita Plätze ab 3 Jahren frei"; strings.Join(got, " ") != want {
		t.Errorf("words: %q", got)
	}
}

// everyday are compounds of a Kita with the part by which somebody looks for them.
const everyday = `Kinderbetreuungseinrichtung betreuung|Verpflegungsgebührensatzung gebühr|Elternbeiratssitzung sitzung|Elternbeiratswahl wahl|
Notbetreuungsplätze betreuung|Personalmangel personal|Krankheitswelle krankheit|Masernimpfpflicht pflicht|Masernschutzgesetz schutz|Läusebefall läuse|
Schließtage tag|Sommerferienbetreuung ferien|Eingewöhnungszeit zeit|Bring- und Abholzeiten zeit|Waldkindergarten wald|Vorschulkinder kinder|Geburtstagsfeier feier|
Sankt-Martins-Umzug umzug|Laternenfest fest|Wechselkleidung kleidung|Hausschuhe schuh|Mittagessen mittag|Essensgeld geld|Getränkekasse kasse|Fotoerlaubnis erlaubnis|
Datenschutzerklärung datenschutz|Einverständniserklärung erklärung|Medikamentengabe medikament|Hygieneplan plan|Brandschutzübung brandschutz|Elterngespräche gespräch|
Entwicklungsgespräch gespräch|Sprachförderung förderung|Bastelnachmittag nachmittag|Spielplatzsanierung spielplatz|Gartenaktion garten|Flohmarktstand flohmarkt|
Fördervereinsmitglied mitglied|Jahresbeitrag beitrag|Ganztagsbetreuung betreuung|Krippenplatz platz|Betreuungsschlüssel betreuung|Fachkräftemangel fachkraft|
Streikankündigung streik|Warnstreik streik|Wasserschaden wasser|Heizungsausfall heizung|Stromausfall strom|Zahnarztbesuch zahnarzt|Zahnputzbecher becher|
Schlafraum raum|Turnhallenbelegung turnhalle|Fahrdienst dienst|Busfahrkarte karte|Sonnencreme sonne|Sonnenschutz schutz|Regenjacke jacke|Gummistiefel stiefel|
Kuscheltiertag tag|Waldwoche woche|Teamfortbildung fortbildung|Leitungswechsel leitung|Gruppenzusammenlegung gruppe|Raumvermietung raum|Stadtelternbeirat beirat|
Jugendhilfeausschuss ausschuss|Kitaplatzvergabe vergabe|Aufnahmekriterien aufnahme|Wartelistenplatz warteliste|Bedarfsabfrage bedarf|Umfrageergebnis umfrage|Tagespflegeperson person`

// whole words that must not be taken apart.
const undivided = `Notwendigkeit Diskussion Bringen Einrichtung Erzieherin Kalender Information Schwester Verordnung Angelegenheit Landschaft Gesellschaft
 Wissenschaft Freundlichkeit Vereinbarung Entscheidende Religion Temperatur Kommission`

func TestCompounds(t *testing.T) {
	g := newGerman(newCompounds(nil))
	n, found := 0, 0
	for pair := range strings.SplitSeq(strings.ReplaceAll(everyday, "\n", ""), "|") {
		i := strings.LastIndexByte(pair, ' ')
		words, part := pair[:i], stem(fold(pair[i+1:]))
		n++
		ok := false
		for _, tok := range tokens(words) {
			f := g.form(tok.word)
			ok = ok || f.stem == part || slices.Contains(f.parts, part)
		}
		if ok {
			found++
		} else {
			t.Logf("%s is not found by %s: %v", words, pair[i+1:], g.compounds.split(fold(words)))
		}
	}
	t.Logf("%d of %d compounds are found by a part", found, n)
	if float64(found) < 0.9*float64(n) {
		t.Errorf("only %d of %d", found, n)
	}
	for w := range strings.FieldsSeq(undivided) {
		if p := g.compounds.split(fold(w)); p != nil {
			t.Errorf("%s is taken apart: %v", w, p)
		}
	}
}

// TestTaught: what a house writes about often is a word of its own there.
func TestTaught(t *testing.T) {
	var l lexicon
	for range 3 {
		l.read("Im Chamäleonhaus wohnt das Chamäleon, und jedes Chamäleon ist ein Tier.")
	}
	plain := newCompounds(nil)
	taught := l.nouns(taughtAt, plain)
	if plain.split("chamaleonhaus") != nil || !slices.Equal(newCompounds(taught).cover("chamaleonhaus"), []string{"chamaleon", "haus"}) {
		t.Errorf("taught %v: %v", taught, newCompounds(taught).split("chamaleonhaus"))
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "Läuse", "ß", "\xff", "a\u0308", "Verpflegungsgebührensatzung", "x y\tz", "‮"} {
		f.Add(s)
	}
	g := newGerman(newCompounds(nil))
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, tok := range tokens(s) {
			if tok.start < last || tok.end <= tok.start || s[tok.start:tok.end] != tok.word {
				t.Fatalf("%q: %+v", s, tok)
			}
			last = tok.end
			if form := g.form(tok.word); slices.Contains(form.parts, "") {
				t.Fatalf("%q has an empty part: %q", tok.word, form.parts)
			}
		}
		m := newMarker(g, Parse("kinder "+s), true)
		var all strings.Builder
		for _, p := range m.title(s) {
			all.WriteString(p.Text)
		}
		if utf8.ValidString(s) && strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(s) != all.String() {
			t.Fatalf("%q is shown as %q", s, all.String())
		}
		m.extract(s)
	})
}
