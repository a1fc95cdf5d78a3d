package app

import (
	"strings"

	"nestfunk/app/apptest"
	"nestfunk/app/base/who"
)

const falke = 18 // a young person in the youth room of Sonne; see story

// people are all of the test house, with the roles that they have there as one reads them in apptest: written down a
// second time, so that a mistake in how the house works them out is seen. Waiting: no confirmed and current role.
var people = []struct {
	id   int64
	name string
	is   who.Right
}{
	{apptest.Nobody, "niemand", 1 << who.Nobody},
	{apptest.Arno, "Arno", 1 << who.Admin},
	{apptest.Olga, "Olga", 1 << who.Office},
	{apptest.Max, "Max A", 1 << who.Manager},
	{apptest.Greta, "Greta B", 1 << who.Manager},
	{apptest.Hanna, "Hanna A", 1 << who.Head},
	{apptest.Rosa, "Rosa B", 1 << who.Head},
	{apptest.Stefan, "Stefan", 1 << who.Staff},
	{apptest.Ada, "Ada", 1 << who.Parent},
	{apptest.Bert, "Bert", 1 << who.Parent},
	{apptest.Cem, "Cem", 1 << who.Parent},
	{apptest.Dana, "Dana", 1<<who.Parent | 1<<who.Delegate},
	{apptest.Chair, "Vera", 1 << who.Chair},
	{apptest.Auditor, "Doris", 1 << who.Auditor},
	{falke, "Falke", 1 << who.Youth},            // came in with a code
	{apptest.Invited, "Ina", 1 << who.Waiting},  // invited
	{apptest.Former, "Fritz", 1 << who.Waiting}, // ended
	{apptest.Locked, "Lutz", 1 << who.Waiting},  // suspended
	{apptest.Silent, "Stan", 1 << who.Waiting},  // a guardian who is not to be informed
}

// rights say who may come where, written down a second time: a door is opened here as well, or it is a mistake.
//
//	A Betrieb  O Verwaltung  M Trägerverwaltung  H Leitung  S Fachkraft  P Eltern  D Elternbeirat
//	C Vorsitz  Y junger Mensch  X Datenschutz  W noch nicht freigegeben  N niemand
//	F halb angemeldet  T Gruppentablet
var rights = specification(`
	A             GET/betrieb GET/betrieb/mail POST/betrieb/mail POST/betrieb/mail/test POST/betrieb/mail/postfach
	A             POST/betrieb/mail/postfach/test GET/betrieb/haus POST/betrieb/haus GET/betrieb/verbindungen
	A             GET/betrieb/sms POST/betrieb/sms POST/betrieb/sms/test
	A             GET/betrieb/sicherung POST/betrieb/sicherung POST/betrieb/sicherung/jetzt POST/betrieb/sicherung/frueher POST/betrieb/sicherung/schluessel POST/betrieb/sicherung/schluessel/entfernen
	A             GET/betrieb/pruefung POST/betrieb/pruefung POST/betrieb/pruefung/token POST/betrieb/pruefung/erledigt POST/betrieb/pruefung/uhr
	A             POST/betrieb/selbsttest GET/betrieb/stufen POST/betrieb/stufen
	A             GET/betrieb/zweiter-faktor POST/betrieb/zweiter-faktor
	A             GET/betrieb/anbieter POST/betrieb/anbieter POST/betrieb/anbieter/entfernen
	AO            GET/einheiten/einlesen POST/einheiten/einlesen
	AMH           GET/einheiten/familien POST/einheiten/familien POST/einheit/:id/kind POST/kind/:id POST/kind/:id/gruppe
	AMH           POST/kind/:id/abmelden POST/kind/:id/sorge GET/sorge/:id POST/sorge/:id POST/sorge/:id/zustand
	AMH           GET/einheit/:id/briefe POST/einheit/:id/briefe
	AOMH          GET/einheiten/vorschau/:token POST/einheiten/vorschau/:token POST/einheiten/vorschau/:token/verwerfen
	A             POST/konto/name
	P             GET/abwesenheit POST/abwesenheit
	HSP           GET/abwesenheit/:id POST/abwesenheit/:id POST/abwesenheit/:id/zurueck
	HS            GET/tagesliste/:id POST/tagesliste/:id GET/anwesenheit/:id POST/anwesenheit/:id POST/anwesenheit/:id/abmelden
	OMHS          GET/tageslisten GET/abwesenheiten GET/abwesenheiten.csv
	MH            GET/einheit/:id/abwesenheit POST/einheit/:id/abwesenheit
	AM            GET/person/:id/daten POST/person/:id/auskunft POST/person/:id/loeschen POST/person/:id/sperren POST/person/:id/einschraenken
	AM            GET/kind/:id/daten POST/kind/:id/auskunft POST/kind/:id/loeschen POST/kind/:id/sperren POST/kind/:id/einschraenken
	AM            GET/loeschung/:id POST/loeschung/:id/vorlegen POST/loeschung/:id/freigeben POST/loeschung/:id/ablehnen POST/vermerke POST/vermerk/:id/aufheben
	AOMX          GET/datenschutz/vorlagen GET/datenschutz/vorlage/:name
	AX            GET/betrieb/vorfall POST/betrieb/vorfall GET/betrieb/vorfall/:id POST/betrieb/vorfall/:id POST/betrieb/vorfall/:id/schritt
	AX            POST/betrieb/vorfall/:id/ende GET/betrieb/vorfall/:id/betroffene POST/betrieb/vorfall/:id/betroffene
	AX            GET/betrieb/vorfall/:id/meldung GET/betrieb/vorfall/:id/brief GET/betrieb/vorfall/:id/bericht
	OMHSP         GET/einwilligungen
	P             POST/einwilligungen
	OMHS          GET/einwilligung/:id
	OMH           GET/einwilligungen/neu POST/einwilligungen/neu POST/einwilligung/:id/text POST/einwilligung/:id/beenden
	MHS           POST/einwilligung/:id/papier
	AMX           GET/loeschungen GET/vermerke
	AOMHSPDCXW    POST/konto/daten/loeschen POST/konto/daten/zuruecknehmen
	AOMH          POST/einheit/:id/neu GET/einheit/:id/bearbeiten POST/einheit/:id/bearbeiten POST/einheit/:id/verschieben
	AOMH          POST/einheit/:id/zusammenlegen POST/einheit/:id/beenden POST/einheit/:id/oeffnen POST/einheit/:id/mitglied
	AOMH          GET/mitgliedschaft/:id POST/mitgliedschaft/:id POST/mitgliedschaft/:id/zustand
	HS            POST/mitteilung/:id/anruf POST/schliessung/:id/platz
	AMHS          GET/kind/:id
	OMHS          GET/mitteilungen/neu POST/mitteilungen/neu GET/mitteilungen/vorlagen POST/mitteilungen/vorlagen
	AOX           GET/verzeichnis GET/verzeichnis.json GET/verzeichnis/fristen GET/verzeichnis/geloescht
	A             GET/verzeichnis/angaben POST/verzeichnis/angaben
	X             GET/protokollierung POST/protokollierung/pruefen POST/protokollierung/mitnehmen
	OMH           GET/probealarm POST/probealarm
	OMHS          GET/erreichbarkeit POST/mitteilung/:id/erinnern
	OMHS          POST/mitteilungen/vorlagen/entfernen GET/mitteilung/:id/stand
	OMHS          GET/schliessungen GET/schliessungen.csv GET/schliessungen/neu POST/schliessungen/neu
	OMHS          POST/schliessung/:id/aufheben POST/schliessung/:id/absagen POST/schliessung/:id/verlaengern
	AOMHS         GET/einheiten GET/einheit/:id
	P             POST/schliessung/:id/notbetreuung
	AOMHSPDCX     GET/mitteilungen GET/mitteilung/:id POST/mitteilung/:id/bestaetigen POST/mitteilung/:id/gesehen GET/schliessung/:id
	AOMHSPDCYXW   GET/
	AOMHSPDCYXWT  GET/strom
	T             GET/am-tablet POST/am-tablet POST/am-tablet/entsperren POST/am-tablet/sperren
	AOMHSPDCYXWN  GET/am-tablet/einrichten POST/am-tablet/einrichten
	MH            GET/tablets POST/tablets/neu POST/tablet/:id/beenden
	HS            GET/konto/pin POST/konto/pin
	AM            GET/wiederherstellung POST/wiederherstellung POST/wiederherstellung/erlauben POST/wiederherstellung/anhalten
	AOMHSPDCXWF   POST/konto/wiederherstellung/anhalten
	AOMHSPDCYXWF  POST/konto/abmelden
	AOMHSPDCXW    GET/willkommen POST/willkommen/mail POST/willkommen/passwort
	AOMHSPDCXW    GET/konto POST/konto/sprache POST/konto/geraet POST/konto/geraete GET/konto/nachweis POST/konto/nachweis
	AOMHSPDCXW    GET/konto/wege POST/konto/wege
	AOMHSPDCXW    GET/konto/daten POST/konto/daten
	AOMHSPDCXW    POST/konto/mail POST/konto/mail/entfernen POST/konto/passwort POST/konto/passwort/entfernen
	AOMHSPDCXW    POST/konto/zweiter-schritt/codes POST/konto/zweiter-schritt/entfernen POST/konto/passkey/entfernen
	AOMHSPDCXWF   GET/konto/zweiter-schritt POST/konto/zweiter-schritt POST/konto/passkey/start POST/konto/passkey
	AOMHSPDCXWF   GET/konto/zweiter-faktor POST/konto/nachweis/passkey/start POST/konto/nachweis/passkey
	F             POST/konto/zweiter-faktor
	AOMHSPDCXW    POST/konto/anbieter POST/konto/anbieter/entfernen
	AOMHSPDCYXWNF GET/l/:token POST/l/:token GET/anmelden/anbieter/:id GET/anmelden/anbieter/:id/zurueck POST/anmelden/anbieter/:id/zurueck
	AOMHSPDCYXWN  POST/anmelden/anbieter/:id/abmelden
	AOMHSPDCYXWN  GET/datei/:id GET/datei/:id/klein
	OMHS          POST/teilen
	AOMHSPDCXW    GET/geraet GET/geraet/hinweis POST/geraet/hinweis GET/geraet/vorrat
	AOMHSPDCXW    GET/geraet/schluessel POST/geraet/push POST/geraet/push/ende POST/geraet/gezeigt
	AOMHSPDCYXWNFT GET/manifest.webmanifest GET/sw.js GET/offline GET/offline/abgemeldet
	AOMHSPDCYXWN  POST/geraet/geteilt
	AOMHSPDCYXWN  GET/oparl GET/oparl/v1.1 GET/oparl/v1.1/ GET/oparl/v1.1/:kind GET/oparl/v1.1/:kind/:uid GET/oparl/v1.1/:kind/:uid/:list
	AOMHSPDCYXWN  GET/gremium/:id/ratssitzungen.ics GET/ratsgremium/:id GET/ratssitzung/:id GET/vorlage/:id
	AOMHSPDCYXWN  GET/barriere POST/barriere
	AO            GET/barrieren GET/barriere/:id POST/barriere/:id
	AO            GET/ratsinformationen GET/ratsinformationen/einlesen POST/ratsinformationen/einlesen POST/ratsinformation/:id/entfernen
	AO            GET/ratsinformationen/vorschau/:token POST/ratsinformationen/vorschau/:token POST/ratsinformationen/vorschau/:token/verwerfen
	AOMHSPDCYXWNFT GET/gesund GET/robots.txt GET/impressum GET/datenschutz GET/barrierefreiheit GET/handbuch GET/handbuch/:slug
	AOMHSPDCYXWN  GET/menue GET/suche GET/metrics GET/datenschutz/fassungen GET/datenschutz/fassung/:id
	AOMHSPDCYXWN  GET/anmelden POST/anmelden/link GET/anmelden/link POST/anmelden/passwort POST/anmelden/passkey/start
	AOMHSPDCYXWN  GET/anmelden/zweiter-schritt POST/anmelden/zweiter-schritt
	AOMHSPDCYXWN  POST/anmelden/passkey POST/anmelden/rolle GET/i POST/i GET/abgemeldet
	AOMHSPDCYXWN  GET/b/:token POST/b/:token GET/b/:token/abmelden POST/b/:token/abmelden
	AOMHSPDCYXWN  POST/sms/bericht/:token
	AOMHSDC       GET/wissen/neu POST/wissen/neu GET/wissen/zweck/:purpose POST/archiv/:id/einstellungen GET/seite/:id/bearbeiten POST/seite/:id/bearbeiten
	AOMHSDC       GET/seite/:id/fassungen GET/fassung/:id POST/fassung/:id/wiederherstellen POST/fassung/:id/freigeben
	AOMHSDC       GET/seite/:id/einrichten POST/seite/:id/verschieben POST/seite/:id/leser POST/seite/:id/entfernen POST/seite/:id/zurueckholen
	AOMHSDC       POST/seite/:id/entwurf POST/seite/:id/entwurf/verwerfen POST/wissen/ansicht POST/wissen/datei GET/wissen/titel GET/seite/:id/dateien POST/seite/:id/dateien
	AOMHSDC       POST/seite/:id/pflicht POST/seite/:id/pruefung POST/seite/:id/richtig POST/seite/:id/vorlage POST/seite/:id/reihe
	AOMHSDC       GET/seite/:id/umziehen POST/seite/:id/umziehen POST/fassung/:id/zurueck
	OMHC          GET/seite/:id/leserliste POST/seite/:id/erinnern
	AOMHSPDCX     POST/seite/:id/gelesen
	AOMHSPDCYXWN  GET/wissen GET/seite/:id GET/archiv/:id
	AOMHSPDCX     GET/archiv/:id/herunterladen GET/archiv/:id/buch
	AOMHSDC       GET/archiv/:id/einlesen POST/archiv/:id/einlesen GET/wissen/vorschau/:token POST/wissen/vorschau/:token POST/wissen/vorschau/:token/verwerfen
	AOMHSPDCYXWN  GET/termine GET/termine.ics GET/termin/:id GET/termin/:id/datei GET/kalender/:token
	OMHSDC        GET/termine/neu POST/termine/neu GET/termine/einlesen POST/termine/einlesen GET/termine/vorschau/:token POST/termine/vorschau/:token
	OMHSDC        GET/termin/:id/antworten GET/termin/:id/antworten.csv GET/termin/:id/bearbeiten POST/termin/:id/bearbeiten POST/termin/:id/absagen
	AOMHSPDCX     POST/termin/:id/antwort GET/konto/kalender POST/konto/kalender POST/konto/kalender/beenden GET/schliesstage GET/schliessplan/:id
	OMH           POST/schliesstage POST/schliessplan/:id POST/schliessplan/:id/tag POST/schliessplan/:id/entfernen POST/schliessplan/:id/veroeffentlichen
	A             GET/betrieb/kalender POST/betrieb/kalender POST/betrieb/kalender/ferien
	AOMHSPDCYXWN  GET/gremien GET/gremium/:id
	C             GET/gremium/:id/regeln POST/gremium/:id/regeln
	AOMHC         GET/gremium/:id/wahl POST/gremium/:id/wahl POST/gremium/:id/wahl/zuruecknehmen
	PDC           POST/gremium/:id/kandidatur
	AOMHSPDCXW    POST/gremium/:id/kontakt
	AOMHSPDCXW    GET/nachrichten GET/gespraech/:id POST/gespraech/:id POST/gespraech/:id/gelesen
	OMHSPDC       GET/nachrichten/neu POST/nachrichten/neu GET/nachricht/:id/bearbeiten POST/nachricht/:id/bearbeiten POST/nachricht/:id/entfernen
	OMHSC         POST/gespraech/:id/kuemmern POST/gespraech/:id/schliessen
	AOMHC         GET/einheit/:id/nachrichten POST/einheit/:id/nachrichten
	A             GET/betrieb/nachrichten POST/betrieb/nachrichten
	AOMHSPDCX     GET/listen GET/liste/:id POST/liste/:id/eintragen POST/liste/:id/austragen POST/liste/:id/freigeben POST/liste/:id/uebernehmen
	OMHSDC        GET/listen/neu POST/listen/neu GET/liste/:id/bearbeiten POST/liste/:id/bearbeiten POST/liste/:id/schliessen POST/liste/:id/entfernen
	OMHSDC        GET/liste/:id/aushang GET/liste/:id/tabelle
	AOMHSPDCYXWN  GET/sitzungen GET/sitzung/:id GET/sitzung/:id/datei GET/gremium/:id/sitzungen.ics
	C             GET/sitzungen/neu POST/sitzungen/neu GET/sitzung/:id/bearbeiten POST/sitzung/:id/bearbeiten POST/sitzung/:id/absagen POST/sitzung/:id/loeschen
	C             GET/sitzung/:id/einladen POST/sitzung/:id/einladen GET/sitzung/:id/tagesordnung POST/sitzung/:id/tagesordnung
	C             GET/tagesordnungspunkt/:id POST/tagesordnungspunkt/:id GET/terminfindungen/neu POST/terminfindungen/neu
	C             POST/terminfindung/:id/schliessen POST/vorschlag/:id/entscheiden
	DC            POST/sitzung/:id/antwort GET/vorschlaege GET/vorschlaege/neu POST/vorschlaege/neu POST/vorschlag/:id/zurueckziehen
	DC            GET/terminfindung/:id POST/terminfindung/:id/antwort
	AOMHSPDCX     GET/rundbriefe GET/rundbrief/:id
	P             POST/rundbriefe/zustimmung POST/rundbrief/:id/geoeffnet POST/rundbrief/:id/antwort GET/rundbrief/:id/melden POST/rundbrief/:id/melden
	DC            GET/rundbriefe/neu POST/rundbriefe/neu GET/rundbrief/:id/bearbeiten POST/rundbrief/:id/bearbeiten
	DC            POST/rundbrief/:id/senden POST/rundbrief/:id/verwerfen
	AO            GET/rundbrief/:id/massnahme POST/rundbrief/:id/massnahme
	AOMHSPDCXW    GET/gremium/:id/uebergabe GET/uebergabe/:id GET/uebergabe/:id/buch POST/uebergabe/:id/punkt POST/uebergabe/:id/unterschrift
	C             POST/gremium/:id/uebergabe POST/uebergabe/:id/alle POST/uebergabe/:id/nachtrag POST/uebergabe/:id/verwerfen POST/uebergabe/:id/zip
	DC            GET/gremium/:id/uebergabe/buch POST/gremium/:id/uebergabe/zip
	AOMHSPDCYXWN  GET/rundbriefe/abmelden/:token POST/rundbriefe/abmelden/:token
	OMHS          GET/rueckmeldung/:id GET/rueckmeldung/:id/tabelle POST/rueckmeldung/:id/erinnern
	AOMHSPDCX     POST/rueckmeldung/:id/antwort
	DC            GET/sitzung/:id/plenum GET/sitzung/:id/leinwand POST/sitzung/:id/plenum/anwesend POST/sitzung/:id/plenum/rede
	DC            POST/sitzung/:id/plenum/antrag POST/sitzung/:id/plenum/wortlaut POST/sitzung/:id/plenum/unterstuetzen POST/sitzung/:id/plenum/zurueckziehen POST/sitzung/:id/plenum/aufgabe
	C             POST/sitzung/:id/plenum/beginn POST/sitzung/:id/plenum/ende POST/sitzung/:id/plenum/weiter POST/sitzung/:id/plenum/punkt
	C             POST/sitzung/:id/plenum/uhr POST/sitzung/:id/plenum/redeliste POST/sitzung/:id/plenum/abstimmung
	DC            GET/abstimmung/:id POST/abstimmung/:id/stimme POST/abstimmung/:id/stimmzettel POST/abstimmung/:id/zaehlung
	C             POST/abstimmung/:id/ausgabe POST/abstimmung/:id/papier POST/abstimmung/:id/schliessen POST/abstimmung/:id/verlaengern POST/abstimmung/:id/zurueckziehen
	AOMHSPDCYXWN  POST/abstimmung/:id/urne
	AOMHSPDCYX    GET/raeume GET/raum/:id POST/raum/:id/netiquette POST/raum/:id/neuigkeiten GET/raum/:id/neu POST/raum/:id/neu
	AOMHSPDCYX    GET/raum/:id/verlassen POST/raum/:id/verlassen GET/thema/:id POST/thema/:id/antwort POST/thema/:id/folgen POST/thema/:id/geloest
	AOMHSPDCYX    GET/beitrag/:id POST/beitrag/:id/rueckmeldung GET/beitrag/:id/bearbeiten POST/beitrag/:id/bearbeiten POST/beitrag/:id/entfernen
	AOMHSPDCYX    GET/beitrag/:id/melden POST/beitrag/:id/melden GET/meldung/:id
	OMHSC         GET/raeume/neu POST/raeume/neu GET/raum/:id/einstellungen POST/raum/:id/einstellungen POST/raum/:id/schliessen GET/raum/:id/moderation
	OMHSC         POST/thema/:id/oben GET/thema/:id/massnahme POST/thema/:id/massnahme
	OMHSC         GET/beitrag/:id/massnahme POST/beitrag/:id/massnahme POST/beitrag/:id/inordnung POST/massnahme/:id/antwort
	OMHS          GET/raum/:id/jugend POST/raum/:id/code POST/raum/:id/code/zurueckziehen POST/raum/:id/alter POST/raum/:id/entlassen
	AOMHSPDCYXW   GET/massnahme/:id POST/massnahme/:id/widerspruch
	AOMHSPDCYXWN  GET/jugend POST/jugend GET/jugend/hilfe GET/jugend/zurueck POST/jugend/zurueck
	Y             GET/jugend/woerter
	AOMHSPDCYXWN  GET/beschluesse GET/beschluesse/buch GET/beschluesse/tabelle GET/beschluss/:id GET/gremium/:id/beschluesse.atom
	DC            GET/beschluesse/nachtragen POST/beschluesse/nachtragen POST/beschluss/:id/gilt POST/beschluss/:id/ende POST/beschluss/:id/streichen
	DC            GET/umlaufbeschluesse/neu POST/umlaufbeschluesse/neu GET/umlaufbeschluss/:id POST/umlaufbeschluss/:id/widerspruch POST/umlaufbeschluss/:id/zurueckziehen
	DC            GET/aufgaben GET/aufgaben/neu POST/aufgaben/neu GET/aufgabe/:id POST/aufgabe/:id POST/aufgabe/:id/uebernehmen POST/aufgabe/:id/erledigt
	DC            POST/aufgabe/:id/fallenlassen POST/aufgabe/:id/wieder POST/aufgabe/:id/notiz
	AOMHSPDCYXWN  GET/protokolle GET/protokoll/:id GET/protokoll/:id/text
	DC            POST/protokolle/neu GET/protokoll/:id/schreiben POST/protokoll/:id/schreiben POST/protokoll/:id/stift POST/protokoll/:id/beiseite
	DC            GET/protokoll/:id/fassungen POST/protokoll/:id/fuehrung POST/protokoll/:id/versenden POST/protokoll/:id/einwand
	DC            POST/protokoll/:id/antwort POST/protokoll/:id/genehmigen POST/protokoll/:id/berichtigung
	AOMHSPDCYXWN  GET/demo/post GET/demo/brief/:id
`)

func specification(text string) map[string]who.Right {
	all := map[string]who.Right{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for i, w := range words {
			for _, role := range words[0] {
				if i > 0 {
					all[w] |= 1 << strings.IndexRune("NAOMHSPDCYXWFT", role)
				}
			}
		}
	}
	return all
}

// secrets are names that some people must never read, in any page.
var secrets = []struct {
	who   []int64
	names []string
}{
	{[]int64{apptest.Greta, apptest.Rosa}, []string{"Mila", "Can", "Dora", "Yildiz", "Cem", "Bert", "Dana", "Stefan"}}, // carrier B of A
	{[]int64{apptest.Max, apptest.Hanna, apptest.Stefan, apptest.Bert, apptest.Dana, apptest.Chair, apptest.Cem},
		[]string{"Emil", "Rosa", "Greta"}}, // carrier A of B; Emil is Mila's brother
	{[]int64{apptest.Stefan}, []string{"Can", "Dora", "Yildiz"}}, // of the other group
	{[]int64{apptest.Ada, apptest.Bert}, []string{"Can", "Dora", "Yildiz", "Cem"}},
	{[]int64{apptest.Cem}, []string{"Mila", "Dora", "Demir", "Stan"}},
	{[]int64{apptest.Dana, apptest.Chair}, []string{"Mila", "Can", "Demir", "Yildiz"}},
	{[]int64{falke}, []string{"Ada", "Cem", "Bert", "Dana", "Stefan", "Max", "Olga", "Arno", "Rosa", "Greta"}},
	{[]int64{apptest.Auditor, apptest.Nobody, apptest.Invited, apptest.Former, apptest.Locked, apptest.Silent, falke},
		[]string{"Mila", "Emil", "Can", "Dora", "Demir", "Yildiz"}},
}

// A carrier has people and what only they may look at, by the first word of its page. Ada, who has a child with
// either, and whoever stands above both are left out.
type carrier struct {
	people []int64
	owns   map[string]string
}

var carriers = [2]carrier{
	{[]int64{apptest.Max, apptest.Hanna, apptest.Stefan, apptest.Bert, apptest.Cem, apptest.Dana}, map[string]string{
		"einheit": "3 4 5 6 10", "kind": "1 3 4", "sorge": "1 2 4 5 6", "mitgliedschaft": "3 4 5 6 9 10 11 13", "person": "3 4 5 7 8 11 12 13 14 15 17", "mitteilung": "1 2", "gremium": "10", "schliessung": "1", "datei": "1", "seite": "2", "archiv": "3 4 10", "fassung": "2", "tagesliste": "4 5 6", "anwesenheit": "1 3 4", "abwesenheit": "1", "termin": "1 3", "schliessplan": "1", "gespraech": "1 3", "nachricht": "1 4", "liste": "1", "rueckmeldung": "2", "raum": "1 3", "thema": "1 3", "beitrag": "1 2 4 5", "massnahme": "1 2", "meldung": "1", "beschluss": "1", "umlaufbeschluss": "1", "aufgabe": "1", "sitzung": "1", "tagesordnungspunkt": "1", "vorschlag": "1", "terminfindung": "1", "rundbrief": "1 2", "uebergabe": "1"}},
	{[]int64{apptest.Greta, apptest.Rosa}, map[string]string{
		"einheit": "7 8 9", "kind": "2", "sorge": "3", "mitgliedschaft": "7 8", "person": "9 10", "mitteilung": "3 4", "schliessung": "3", "datei": "2", "seite": "3", "archiv": "7 8", "fassung": "3", "tagesliste": "8 9", "anwesenheit": "2", "abwesenheit": "2", "termin": "2", "schliessplan": "2", "gespraech": "2", "nachricht": "3", "liste": "2", "rueckmeldung": "4", "raum": "2", "thema": "2", "beitrag": "3"}},
}
