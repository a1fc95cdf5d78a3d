package operation

import (
	"path/filepath"
	"strings"

	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// A step is what is still to be done before families can come.
type step struct {
	Title, Words string
	Path         string // where; "": at the console
	Command      string // for the console; "": none
}

// steps are those that are left, the most urgent first. p has been filled with the state of the house.
func (f *feature) steps(tx *store.Tx, p indexPage) (all []step, _ error) {
	at, err := f.Settings.Get(tx, settings.HouseAddress)
	if err != nil {
		return nil, err
	}
	if at != "" && at != f.Base.String() {
		all = append(all, step{"Das Haus unter " + at + " erreichbar machen", "Noch läuft es unter " + f.Base.String() +
			". Zeigt der Name im DNS auf diesen Rechner, beenden Sie das Programm. Dieser Befehl richtet dann den Dienst mit Zertifikat ein; mit eigenem Zertifikat oder Proxy steht es im Handbuch.",
			"", "sudo nestfunk install --acme --base " + at + " --data " + filepath.Dir(f.Scratch)})
	}
	if !p.Mail {
		all = append(all, step{"Mailserver einrichten", "Ohne ihn erreichen Mitteilungen nur, wer die App öffnet, und niemand meldet sich per E-Mail an.", "/betrieb/mail", ""})
	}
	if p.Counts.Facilities == 0 {
		all = append(all, step{"Einheiten anlegen", "Träger, Einrichtungen und Gruppen: als Liste einlesen oder einzeln anlegen.", "/einheiten", ""})
	}
	if p.Backup != nil && !p.Backup.Good {
		all = append(all, step{"Sicherung einrichten", p.Backup.Words, "/betrieb/sicherung", ""})
	}
	o, err := f.Settings.Operator(tx)
	if err != nil {
		return nil, err
	}
	body, err := f.written(tx, imprint)
	if err != nil {
		return nil, err
	}
	if o.Name == "" && body == "" {
		all = append(all, step{"Impressum ergänzen", "Das Gesetz verlangt, dass dort steht, wer dieses Haus betreibt.", "/betrieb/haus", ""})
	}
	for _, x := range []step{
		{"Datenschutzerklärung ergänzen", "Ein Entwurf wartet. Markiert ist, was nur Sie wissen.", "/wissen/zweck/" + privacy, ""},
		{"Erklärung zur Barrierefreiheit ergänzen", "Ein Entwurf wartet. Öffentliche Stellen müssen Prüfung, Datum und Durchsetzungsstelle nennen.", "/wissen/zweck/" + accessibility, ""},
	} {
		if body, err = f.written(tx, strings.TrimPrefix(x.Path, "/wissen/zweck/")); err != nil {
			return nil, err
		}
		if body == "" {
			all = append(all, x)
		}
	}
	for _, name := range []string{settings.LawOfficer, settings.LawProcessors} {
		said, err := f.Settings.Get(tx, name)
		if err != nil {
			return nil, err
		}
		if said == "" {
			return append(all, step{"Angaben zum Datenschutz machen", "Wer Datenschutzbeauftragte oder Datenschutzbeauftragter ist und wer für das Haus Daten verarbeitet. Beides steht in der Datenschutzerklärung; auch „niemand“ ist eine Angabe.", "/verzeichnis", ""}), nil
		}
	}
	return all, nil
}
