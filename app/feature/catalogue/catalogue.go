// Package catalogue (Datenschutz) shows what the data catalogue of the schema says (base/catalogue): the record of processing
// activities for those who answer for it, the tables of the privacy notice for everybody, and the rules by which the house
// forgets. What went, night by night, stands beside them.
//
// All is made from the schema, from the periods that the house really deletes by (base/retention), from the law that the house
// is under (base/law), and from what the operator has said of itself. So it cannot say anything else than the program does,
// and where the operator has not said something it says that this is missing.
//
// The notice has editions: whenever it says something else than before, the new words are kept with their day.
package catalogue

import (
	"strings"

	"nestfunk/app/base/catalogue"
	"nestfunk/app/base/law"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// A Record is the record of processing activities.
type Record struct {
	House      string     `json:"house"`
	Law        string     `json:"law"`
	Basis      string     `json:"basis"` // of the record itself
	Controller string     `json:"controller"`
	Officer    string     `json:"officer"`
	Authority  string     `json:"authority"`
	Processors string     `json:"processors"`
	Transfers  string     `json:"transfers"`
	Measures   []string   `json:"measures"`
	Activities []Activity `json:"activities"`
}

// Lines are those of a text of the operator's.
func (r Record) Lines(s string) []string { return strings.Split(s, "\n") }

// An Activity is one of its entries.
type Activity struct {
	Name     string `json:"name"`
	Subjects string `json:"subjects"`
	Rows     []Row  `json:"rows"`
}

// A Row is what is said of some data.
type Row struct {
	Data       string `json:"data"`
	Purpose    string `json:"purpose"`
	Basis      string `json:"basis"`
	Kept       string `json:"kept"`
	Recipients string `json:"recipients"`
}

// missing stands where the operator has not said anything yet.
const missing = "noch nicht angegeben"

// transfers is what the program itself sends to third countries.
const transfers = "Das Programm selbst sendet nichts dorthin. Wer Mitteilungen auf dem eigenen Gerät einschaltet, bekommt sie über den Push-Dienst des Browsers " +
	"(Google, Apple, Mozilla oder Microsoft, auch in den USA). Dieser erfährt die Adresse des Browsers und den Zeitpunkt; der Inhalt ist verschlüsselt."

// record makes the record of a house.
func record(tx *store.Tx, s *settings.Settings, all catalogue.Catalogue, name string) (Record, law.Profile, error) {
	p, err := law.Of(tx, s)
	if err != nil {
		return Record{}, p, err
	}
	r := Record{House: name, Law: p.Law, Basis: p.Record, Measures: measures(), Transfers: transfers}
	for _, x := range []struct {
		name    string
		into    *string
		instead string
	}{{settings.LawOfficer, &r.Officer, missing}, {settings.LawAuthority, &r.Authority, p.Authority},
		{settings.LawProcessors, &r.Processors, missing}} {
		if *x.into, err = s.Get(tx, x.name); err != nil {
			return r, p, err
		}
		if *x.into == "" {
			*x.into = x.instead
		}
	}
	if r.Controller, err = s.Controller(tx); err != nil {
		return r, p, err
	}
	if r.Controller == "" {
		r.Controller = missing
	}
	rules, err := retention.Rules(tx, s)
	if err != nil {
		return r, p, err
	}
	r.Activities = activities(all, p, rules)
	return r, p, nil
}

// activities says a catalogue in German. The same twice within an activity is said once.
func activities(all catalogue.Catalogue, p law.Profile, rules []retention.Rule) (list []Activity) {
	kept := map[retention.Class]string{}
	for _, r := range rules {
		kept[r.Class] = r.Words()
	}
	for _, a := range all {
		if a.Name == "" {
			continue
		}
		x := Activity{Name: a.Name, Subjects: join(a.Subjects, subjects())}
		said := map[Row]bool{}
		for _, t := range a.Tables {
			for _, e := range t.Entries {
				row := Row{upper(e.Data), upper(e.Purpose), p.Basis(e.Basis), upper(kept[e.Class]), upper(join(e.Recipients, recipients()))}
				if !said[row] {
					said[row] = true
					x.Rows = append(x.Rows, row)
				}
			}
		}
		list = append(list, x)
	}
	return list
}

func join(keys []catalogue.Key, words map[catalogue.Key]string) string {
	var all []string
	for _, k := range keys {
		all = append(all, words[k])
	}
	return strings.Join(all, ", ")
}

// upper begins a sentence.
func upper(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// recipients are who gets to see something, in words that everybody knows.
func recipients() map[catalogue.Key]string {
	return map[catalogue.Key]string{
		"nobody":     "niemand, nur das Programm",
		"self":       "die Person selbst",
		"family":     "Sorgeberechtigte des Kindes",
		"team":       "Fachkräfte und Leitung der Einrichtung",
		"registrars": "Trägerverwaltung und Leitung",
		"auditor":    "Datenschutzbeauftragte",
		"operators":  "Betrieb des Hauses",
		"members":    "Mitglieder des Gremiums",
		"audience":   "wer dazugehört, wie es beim Schreiben steht",
		"public":     "alle, auch ohne Anmeldung",
		"providers":  "beauftragte Dienste für Mail, SMS und Push",
	}
}

// subjects are whose data it is.
func subjects() map[catalogue.Key]string {
	return map[catalogue.Key]string{
		"children":  "Kinder",
		"guardians": "Sorgeberechtigte",
		"staff":     "Beschäftigte",
		"members":   "Mitglieder von Gremien",
		"youth":     "Jugendliche",
		"operators": "Betrieb des Hauses",
		"anybody":   "alle",
	}
}

// measures are what the program itself does for the security of processing; what the operator does stands in its own papers.
func measures() []string {
	return []string{
		"Verschlüsselte Übertragung (TLS); ohne sie nimmt das Haus keine Anmeldung von außen an",
		"Rechte nach Rolle und Einheit, bei jeder Anfrage neu geprüft; wer nichts zu sehen hat, erfährt auch nicht, dass es etwas gibt",
		"Zweiter Schritt beim Anmelden und kurze Sitzungen für das Team",
		"Passwörter nur als Prüfwert (Argon2id), Geheimnisse versiegelt mit einem Schlüssel außerhalb der Datenbank",
		"Protokoll wer wann was getan hat, als Kette von Prüfsummen, jede Nacht geprüft",
		"Verschlüsselte Sicherungen, jede zur Probe zurückgeholt; höchstens 35 Tage aufbewahrt",
		"Gelöschtes wird in der Datenbankdatei überschrieben und aus dem Suchindex entfernt",
		"Keine Verbindung zu Dritten außer den eingerichteten Diensten; keine Werbung, keine Messung der Nutzung",
	}
}
