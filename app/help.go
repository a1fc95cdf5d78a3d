package app

import "strings"

// FacilitiesHelp says what a list of facilities looks like.
const FacilitiesHelp = `Die Datei ist CSV mit Komma oder Semikolon, in UTF-8 oder Windows-1252. Die erste Zeile nennt die Spalten, in beliebiger Reihenfolge:

  city           Stadt (nötig)
  source_id      Kennung der Einrichtung in dieser Liste (nötig)
  name           Name (nötig; leer: Straße oder Stadtteil)
  kind, carrier  Art und Träger
  street, house_no, plz, district, lat, lon, phone, website
  places_total, places_u3, places_ue3
  age_min_months, age_max_months, opening_hours
  groups_total, groups_detail (JSON: {"group_0_3": 1})
  barrier_free, integrative, languages, concept

Wer die Datei noch einmal einliest, verdoppelt nichts. Was in einer neueren Datei fehlt, wird genannt und bleibt. Ist eine Zeile falsch, wird nichts übernommen. Mit --skip-bad wird nur diese Zeile ausgelassen. Der Befehl geht auch, während das Haus läuft.`

// FamiliesHelp says what a list of families looks like; the handbook says the same.
const FamiliesHelp = `Eine Zeile ist ein Kind. Die Datei ist CSV mit Komma oder Semikolon, in UTF-8 oder Windows-1252. Die erste Zeile nennt die Spalten, in beliebiger Reihenfolge:

  facility       Einrichtung: ihre source_id oder ihr genauer Name (nötig)
  group          Gruppe (nötig für neue Kinder)
  given, family  Vor- und Nachname des Kindes (nötig)
  child_ref      eigene Nummer des Kindes; sonst zählen Name und Geburtstag
  born           Geburtstag, 2021-03-09 oder 9.3.2021
  language       Sprache der Familie als Kürzel: de, en, tr, uk, ru, ar, pl
  g1_given, g1_family, g1_relation, g1_mail, g1_phone, g1_language
                 erste sorgeberechtigte Person; g2_ bis g4_ ebenso
  g1_informed    bekommt Mitteilungen: ja oder nein (leer: ja)
  g1_decides     entscheidet, etwa über Notbetreuung: ja oder nein (leer: ja)

Wer die Datei noch einmal einliest, verdoppelt nichts; leere Felder ändern nichts. Was in einer neueren Datei fehlt, wird genannt und bleibt. Ist eine Zeile falsch, wird nichts übernommen. Mit --skip-bad wird nur diese Zeile ausgelassen. Der Befehl geht auch, während das Haus läuft.`

// OParlHelp says what objects look like that can be imported.
const OParlHelp = `Gelesen wird, was Ratsinformationssysteme nach OParl 1.1 oder 1.0 ausgeben (https://oparl.org): jede Datei, deren Name auf .json, .jsonl oder .ndjson endet. Eine .json-Datei ist ein Objekt, eine Liste von Objekten oder eine Listenseite („data“); eine .jsonl-Datei hat in jeder Zeile ein Objekt. Aus dem Netz holt Nestfunk nichts: Laden Sie die Dateien vorher herunter.

Gremien werden Gremien des Hauses; Sitzungen, Tagesordnungen, Ergebnisse und Vorlagen sind dann für alle zu lesen. Dateien bleiben bei der Quelle, mit ihrer Adresse.

Wer dasselbe noch einmal einliest, verdoppelt nichts. Ist ein Objekt falsch, wird nichts übernommen. Mit --skip-bad wird nur dieses ausgelassen. Verweise auf Objekte, die es hier nicht gibt, bleiben als Adresse erhalten und werden gezählt. Der Befehl geht auch, während das Haus läuft.`

// German turns the words of the command line's library into German ones.
func German(s string) string {
	return strings.NewReplacer("Usage:", "Aufruf:", "Arguments:", "Angaben:", "Flags:", "Optionen:", "Commands:", "Befehle:",
		"Show context-sensitive help.", "Diese Hilfe.", "<command>", "<Befehl>", "[flags]", "[Optionen]",
		`Run "`, `Mehr zeigt: `, `" for more information on a command.`, "", `" for more information.`, "",
		"unknown flag", "unbekannte Option", "unexpected argument", "unerwartete Angabe", "missing flags", "es fehlt",
		"bool value must be true, 1, yes, false, 0 or no but got", "erwartet wird true oder false statt", "(from envar", "(aus der Umgebung:", "expected one of", "es fehlt eines von", "expected string value but got", "erwartet wird ein Wert statt", "expected", "es fehlt",
		", did you mean", "; gemeint ist vielleicht", " or ", " oder ").Replace(s)
}
