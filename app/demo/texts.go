package demo

import (
	"fmt"
	"time"

	"nestfunk/app/base/lang"
)

// A text is a title and its Markdown. {tag} is a day some time after it was published, {gruppe} is where.
type text struct {
	title, body string
	confirm     bool
}

// seasonal is what a Kita writes at this time of the year.
func seasonal(m time.Month) text {
	switch m {
	case time.September, time.October, time.November:
		return text{"Laternenfest am {tag}", "Wir treffen uns um **17 Uhr** im Hof der Kita, singen gemeinsam und ziehen dann durch die Straßen.\n\n" +
			"- Laternen bitte mit Stab und **LED-Licht**, keine Kerzen\n- warme Schuhe, der Boden ist feucht\n- Punsch und Brezeln gibt es gegen eine kleine Spende\n\n" +
			"Wer mag, bringt Großeltern mit. Wir freuen uns auf Sie!", false}
	case time.December, time.January:
		return text{"Plätzchen backen am {tag}", "Am Vormittag backen wir in allen Gruppen. Bitte geben Sie Ihrem Kind eine **Schürze** und eine kleine Dose mit.\n\n" +
			"Wenn Ihr Kind etwas nicht verträgt, sagen Sie es bitte morgens in der Gruppe.", false}
	case time.February, time.March:
		return text{"Wir feiern Fasching am {tag}", "Alle Kinder dürfen verkleidet kommen. Bitte **keine Spielzeugwaffen** und keine langen Umhänge.\n\nFürs Büfett hängt eine Liste im Flur.", false}
	case time.April, time.May:
		return text{"Garteneinsatz am {tag}", "Unsere Beete brauchen Hilfe. Von **9 bis 12 Uhr** graben, pflanzen und streichen wir. Handschuhe und Spaten sind willkommen.\n\nFür Kaffee und Würstchen ist gesorgt.", false}
	case time.June, time.July:
		return text{"Sommerfest am {tag}", "Von **15 bis 18 Uhr** wird gefeiert: Wasserbahn, Zirkus der Vorschulkinder, Kuchen vom Elternbeirat.\n\nBitte denken Sie an Sonnenschutz und Wechselkleidung.", false}
	}
	return text{"Eingewöhnung der neuen Kinder ab {tag}", "In den nächsten Wochen kommen neue Kinder zu uns. Bitte verabschieden Sie sich morgens kurz, damit es in den Gruppen ruhig bleibt. Danke!", false}
}

// ofFacility is what heads write to all families.
var ofFacility = []text{
	{"Elternabend am {tag}", "Wir laden Sie herzlich ein: **{tag}, 19:30 Uhr**, im großen Raum.\n\n1. Wie der Tag bei uns verläuft\n2. Wahl des Elternbeirats\n3. Ihre Fragen\n\n" +
		"Bitte bestätigen Sie kurz, damit wir genug Stühle haben.", true},
	{"Der Fotograf kommt am {tag}", "Es gibt Einzelbilder und ein Gruppenbild. Wenn Ihr Kind **nicht** fotografiert werden soll, sagen Sie es bitte bis zum Tag davor in der Gruppe.\n\nGeschwister können sich zusammen fotografieren lassen.", true},
	{"Schließtage im kommenden Jahr", "Das Team hat die Schließtage mit dem Elternbeirat abgestimmt:\n\n| Anlass | Tage |\n|---|---|\n| Brückentag nach Himmelfahrt | 1 |\n| Sommerferien | 10 |\n| Fortbildung | 2 |\n| Weihnachten bis Neujahr | 4 |\n\nBitte bestätigen Sie, dass Sie die Tage notiert haben.", true},
	{"Zahnarzt in der Kita am {tag}", "Das Gesundheitsamt schaut den Kindern in den Mund. Das tut nicht weh und dauert eine Minute. Bitte geben Sie das **Bonusheft** mit, wenn Sie eines haben.", false},
	{"Bitte nicht vor der Einfahrt halten", "Gestern kam der Rettungswagen nicht durch. Bitte nutzen Sie die Parkbuchten, auch wenn es nur **zwei Minuten** sind.", false},
	{"Flohmarkt des Elternbeirats am {tag}", "Kleidung, Bücher, Spielzeug: Tische vergibt der Elternbeirat, **5 Euro** gehen an die Kinder. Aufbau ab 9 Uhr.", false},
	{"Verstärkung im Team", "Seit Montag gehört Frau Lorenzen zu uns. Sie arbeitet in allen Gruppen und stellt sich Ihnen gern an der Tür vor.", false},
	{"Waldtag am {tag}", "Wir sind von **8:30 bis 13 Uhr** im Wald. Ihr Kind braucht feste Schuhe, eine Regenhose und ein Frühstück ohne Süßes. Danach bitte nach Zecken schauen.", false},
}

// ofGroup is what staff write to the families of their group.
var ofGroup = []text{
	{"Kopfläuse in der Gruppe {gruppe}", "Bei uns sind **Kopfläuse** aufgetreten. Bitte sehen Sie heute Abend die Haare aller Familienmitglieder durch.\n\nWer Läuse findet, behandelt sofort und sagt uns Bescheid. Nach der ersten Behandlung darf Ihr Kind wiederkommen.", true},
	{"Ausflug auf den Museumsberg am {tag}", "Die {gruppe} fahren mit dem Bus zum Museumsberg. Bitte seien Sie bis **8:15 Uhr** da und geben Sie einen kleinen Rucksack mit Getränk mit.", true},
	{"Wechselkleidung prüfen", "In vielen Fächern ist nichts Passendes mehr. Bitte schauen Sie beim Abholen nach: Unterwäsche, Hose, Pullover, Socken.", false},
	{"Wir suchen leere Kartons", "Die {gruppe} bauen eine Stadt. Wir brauchen Kartons, Rollen und Deckel, sauber und ohne Klammern. Die Kiste steht vor der Tür.", false},
	{"Scharlach in der Gruppe {gruppe}", "Ein Kind hat **Scharlach**. Anzeichen sind Halsschmerzen, Fieber und ein feiner Ausschlag. Bitte gehen Sie dann zum Arzt und sagen Sie uns Bescheid.", true},
	{"Danke fürs Frühstück!", "Das Büfett war großartig. Drei Dosen und ein Kuchenblech warten noch auf ihre Besitzer.", false},
}

// A past closure: which facility, of how many groups (0: all of it), how many working days ago, for how many days.
type shutdown struct {
	kita, groups, ago, days int
	starts, ends            int // minutes of the day; 0: opening or closing
	reason, words           string
	places                  int
	evening                 bool // told the evening before
	share                   int  // of the children, in percent
	pace                    time.Duration
	then                    string // reopened, extended
}

var shutdowns = []shutdown{
	{0, 1, 20, 1, 0, 0, "illness", "Zwei Kolleginnen sind krank.", 4, false, 96, 11 * time.Minute, ""},
	{1, 0, 19, 1, 14 * 60, 0, "training", "Das ganze Team übt Erste Hilfe am Kind.", 0, true, 100, 95 * time.Minute, ""},
	{2, 2, 17, 2, 0, 0, "infection", "Magen und Darm in zwei Gruppen. Bitte lassen Sie Ihr Kind zwei Tage nach dem letzten Erbrechen zu Hause.", 0, false, 92, 18 * time.Minute, ""},
	{3, 1, 16, 1, 0, 0, "staff", "Uns fehlt heute eine Vertretung.", 5, false, 88, 14 * time.Minute, "extended"},
	{4, 0, 14, 1, 0, 0, "water", "Die Heizung ist ausgefallen, es sind 13 Grad in den Räumen.", 0, false, 97, 9 * time.Minute, "reopened"},
	{5, 1, 13, 1, 0, 9 * 60, "illness", "Wir öffnen später, bis die Vertretung da ist.", 0, false, 90, 13 * time.Minute, ""},
	{6, 2, 11, 1, 0, 0, "illness", "Vier von neun Fachkräften sind krank.", 6, false, 95, 12 * time.Minute, ""},
	{7, 0, 10, 1, 0, 0, "weather", "Sturmwarnung: Die Naturgruppen bleiben zu Hause.", 0, true, 100, 70 * time.Minute, ""},
	{8, 1, 8, 1, 13 * 60, 0, "staff", "Nachmittags reicht das Team nicht für alle Gruppen.", 3, false, 93, 21 * time.Minute, ""},
	{9, 0, 6, 1, 0, 0, "building", "Wasserrohrbruch im Keller, der Strom ist abgestellt.", 0, false, 98, 8 * time.Minute, ""},
	{10, 2, 4, 2, 0, 0, "strike", "Aufruf zum Warnstreik. Zwei Gruppen können wir öffnen.", 10, true, 91, 55 * time.Minute, ""},
	{11, 1, 3, 1, 0, 0, "illness", "Heute Nacht hat es die halbe Gruppe erwischt, auch die Großen.", 2, false, 94, 16 * time.Minute, ""},
}

// year is the Kita year that begins after a day.
func year(t time.Time) string {
	y := t.Year()
	if t.Month() >= time.August {
		y++
	}
	return fmt.Sprintf("%d/%02d", y, (y+1)%100)
}

func wordedDay(t time.Time) string { return lang.German().Day(t) }
