package demo

import (
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/account"
)

// The people on the cards. Their family names occur nowhere else in the town.
var (
	operator = human{"Kim", "Johannsen", "de"}
	official = human{"Birte", "Claußen", "de"}
	auditor  = human{"Wiebke", "Tüchsen", "de"}
	manager  = human{"Thorsten", "Brodersen", "de"}
	head     = human{"Antje", "Detlefsen", "de"}
	staff    = human{"Jule", "Hinrichsen", "de"}
	parent   = human{"Elif", "Yıldırım", "de"}
	partner  = human{"Emre", "Yıldırım", "tr"}
	delegate = human{"Jonte", "Momsen", "de"}
	worker   = human{"Mattis", "Feddersen", "de"}
	falcon   = human{given: "Falke"} // an alias
)

// Cards are the people as whom one can look at the town.
func Cards(tx *store.Tx) ([]account.Card, error) {
	var all []account.Card
	for _, c := range []struct {
		human
		role, words string
	}{
		{parent, who.Parent.Word(), "Zwei Kinder in zwei Kitas. Heute ist eine Gruppe geschlossen: lesen und bestätigen."},
		{head, who.Head.Word(), "Leitung der KiTa Bullerbü. Wer ist erreicht, wen muss ich anrufen?"},
		{staff, who.Staff.Word(), "Fachkraft bei den Hummeln. Schreibt an die eigene Gruppe und telefoniert nach."},
		{manager, who.Manager.Word(), "Trägerverwaltung mit acht Kitas. Briefe, Listen, Schließungsbuch."},
		{official, who.Office.Word(), "Jugendamt. Erreicht alle Familien der Stadt, sieht Zahlen und keine Namen."},
		{delegate, who.Delegate.Word(), "Elternbeirat der KiTa Bullerbü und selbst Vater."},
		{worker, "Jugendarbeit", "Fachkraft im Jugendtreff Süd. Gibt Codes aus und liest, was junge Menschen schreiben."},
		{falcon, "junger Mensch", "Im Jugendraum, nur unter einem selbst gewählten Namen. Neu hinein geht es mit dem Code " + Entrance[:4] + "-" + Entrance[4:] + "."},
		{operator, who.Admin.Word(), "Betreibt das Programm: Einheiten, Menschen, Mailserver."},
		{auditor, who.Auditor.Word(), "Datenschutzbeauftragte der Stadt. Verzeichnis, Fristen, Löschungen, Protokoll, Vorlagen."},
	} {
		id, err := store.One(tx, store.Value[int64], `SELECT id FROM person WHERE given = ? AND family = ?`, c.given, c.family)
		if fault.KindOf(err) == fault.NotFound {
			continue // the town was made by an older program
		}
		if err != nil {
			return nil, err
		}
		all = append(all, account.Card{Person: id, Role: c.role, Name: strings.TrimSpace(c.given + " " + c.family), Words: c.words})
	}
	return all, nil
}
