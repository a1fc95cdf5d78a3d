package text

import (
	"slices"
	"strings"
	"sync"
)

// Nouns are 256 short German nouns that one can remember, spell and read out on the telephone: a byte each.
func Nouns() []string { return slices.Clone(nouns()) }

var nouns = sync.OnceValue(func() []string {
	return strings.Fields(`
		apfel ampel anker arzt auge bach ball bank baum beere berg bett biene birne blatt blitz blume boot brief brot bucht
		buch bus dach dampf decke deich delfin diele dom dorf dose drache dünen ecke eiche eimer eis elch ente erbse erde esel
		eule faden falke farn feder feige feld fels fenster ferse feuer fisch flagge floh flöte flug fluss fohlen folge
		forelle frosch fuchs funke gabel gans garten gast geige gipfel giraffe glas glocke gold graben gras grille gurke hafen
		hafer hagel hahn halle hammer hand hase haus hecht hecke heft heide held herbst herz himmel hirsch hof holz honig hose
		hügel hummel hund hut igel insel jacke januar juni kabel käfer kahn kaktus kamel kamm kanne karte kasse kater katze
		kegel kerze kette kiefer kiesel kino kirsche kissen kiste klee knopf koch koffer kohle komet korb korn kran kranz
		kreide kreis krone küche kugel kuh kürbis lachs lama lampe land laterne laub leiter lerche licht linde linse löffel
		löwe luchs luft lupe mai mais mantel markt maus meer melone messer milch minze mond moos morgen möwe mücke mühle
		muschel mütze nadel nagel nase nebel nelke nest netz nuss obst ofen ohr olive onkel orgel otter paket palme papier
		park pause perle pferd pilz pinsel pirat platz pudel pulli quelle rabe rad rakete rasen regen reh reis rind ring robbe
		rose rübe ruder saft salat salz sand sattel schaf schal schiff schnee schuh schwan see segel seife seil sessel socke
		sofa sommer sonne spaten specht spiegel stadt stall stein stern stiefel storch strand stuhl tafel`)
})
