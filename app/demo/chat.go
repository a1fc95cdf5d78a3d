package demo

import (
	"context"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/room"
)

// headsTalk is what those who lead Kitas ask each other, whoever runs them.
func (t *town) headsTalk() chat {
	head := func(i int) int64 { return t.kitas[i].head.ID }
	return chat{t.official, room.Plan{Unit: t.city, Units: []int64{t.city}, Roles: who.Of(who.Head, who.Manager), Name: "Leitungen aller Kitas", Keep: 730,
		About: "Fragen, die sich überall stellen, über alle Träger hinweg."}, []said{
		{by: t.official.ID, at: t.ago(19, 9, 10), title: "Wozu dieser Raum da ist", pinned: true,
			body: "Hier fragen sich die Leitungen gegenseitig, egal bei welchem Träger.\n\n- Namen von Kindern und Kolleginnen gehören nicht hierher.\n- Wenn eine Antwort vielen hilft, bitte auf „Ins Wissen“ tippen. Dann steht sie als Seite im Archiv und geht nicht verloren."},
		{by: head(3), at: t.ago(12, 10, 25), title: "Läuse: ab wann darf ein Kind wieder kommen?",
			body: "Wir haben gerade zwei Meinungen im Team. Verlangt ihr ein Attest, oder reicht euch das Wort der Eltern?"},
		{by: head(4), at: t.ago(12, 11, 40), helped: true, react: map[int64]string{head(3): "thanks", head(1): "helps", head(5): "helps"},
			body: "Kein Attest. Nach der ersten Behandlung darf das Kind am nächsten Tag wieder kommen, die Eltern bestätigen sie uns schriftlich. Nach acht bis zehn Tagen fragen wir nach der zweiten."},
		{by: t.official.ID, at: t.ago(12, 14, 5), body: "So halten es die meisten Häuser in der Stadt. Ein Attest ist nur üblich, wenn ein Kind innerhalb von vier Wochen noch einmal betroffen ist."},
		{by: head(6), at: t.ago(8, 8, 50), title: "Wer hat Erfahrung mit einem Lastenrad?",
			body: "Wir überlegen, ein Rad für sechs Kinder anzuschaffen. Lohnt sich das, und wer darf es fahren?"},
		{by: head(2), at: t.ago(8, 12, 15), react: map[int64]string{head(7): "question"},
			body: "Unseres ist seit zwei Jahren jeden Tag unterwegs. Wichtig war uns eine Einweisung mit Unterschrift und eine Liste, wer fahren darf. Ihr könnt es gern einmal ausprobieren."},
		{by: t.official.ID, at: t.ago(5, 15, 20), title: "Fortbildung Kinderschutz: noch Plätze frei",
			body: "Für den zweiten Termin sind noch sechs Plätze frei. Die Anmeldung läuft wie immer über das Jugendamt."},
		{by: t.kitas[0].head.ID, at: t.ago(3, 9, 30), title: "Vertretung in den Ferien",
			body: "Bei uns sind zwei Fachkräfte gleichzeitig weg. Wie regelt ihr die Vertretung, ohne Gruppen zu schließen?"},
		{by: head(1), at: t.ago(3, 10, 45), helped: true, page: "Vertretung in den Ferien", react: map[int64]string{t.kitas[0].head.ID: "thanks", head(2): "agree", head(4): "helps"},
			body: "Wir haben mit zwei Nachbarkitas einen gemeinsamen Plan:\n\n1. Sechs Wochen vor den Ferien trägt jede Kita ihre Lücken ein.\n2. Wer Luft hat, leiht eine Kraft für höchstens drei Tage.\n3. Die Familien erfahren eine Woche vorher, wer kommt, mit Bild und Namen.\n\nDie Träger haben das in einer Vereinbarung geregelt, damit die Versicherung gilt."},
		{by: head(2), at: t.ago(2, 8, 20), body: "Das würden wir gern übernehmen. Wer führt bei euch den Plan?"},
		{by: head(1), at: t.ago(2, 9, 5), body: "Reihum, jedes Jahr eine andere Kita. Ich schicke euch unsere Vorlage."},
	}}
}

// parentsTalk is what the families of the first Kita say, among themselves and with its head.
func (t *town) parentsTalk(mother int64) chat {
	k := t.kitas[0]
	return chat{k.head, room.Plan{Unit: k.id, Units: []int64{k.id}, Roles: who.Of(who.Parent), Name: "Eltern der " + k.name, Keep: 365,
		About: "Zum Beispiel: Fahrgemeinschaften, Flohmarkt, Tipps."}, []said{
		{by: mother, at: t.ago(7, 20, 10), title: "Fahrradhelm zu verschenken", body: "Größe 48, kaum getragen. Wer mag ihn haben?"},
		{by: t.delegate, at: t.ago(6, 7, 35), helped: true, body: "Sehr gern! Ich hole ihn morgen beim Abholen."},
		{by: k.head.ID, at: t.ago(4, 13, 15), title: "Ausflug in den Wald: wer begleitet uns?",
			body: "Wir brauchen noch zwei Erwachsene, die vorn und hinten mitgehen. Um 12 Uhr sind wir zurück."},
		{by: mother, at: t.ago(4, 17, 50), react: map[int64]string{k.head.ID: "thanks"}, body: "Ich komme mit."},
	}}
}

// councilTalk makes the council of the north, which its chair moderates and nobody from above reads along in.
func (t *town) councilTalk(ctx context.Context) (chat, error) {
	t.clock.set(t.ago(20, 19, 30))
	others := []int64{t.kitas[1].groups[0].children[1].parents[0], t.kitas[2].groups[0].children[0].parents[0], t.kitas[3].groups[0].children[0].parents[0]}
	var unit int64
	var chair who.Viewer
	err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if unit, err = org.Add(tx, org.Unit{Parent: t.city, Kind: org.Committee, Name: "Elternbeirat Nord"}, t.Now()); err != nil {
			return err
		}
		for i, p := range append(others, t.delegate) {
			m := org.Membership{Person: p, Unit: unit, Role: who.Delegate, Office: "delegate", State: org.Confirmed, Since: t.Now()}
			switch {
			case i == 0:
				m.Role, m.Office = who.Chair, "chair"
			case p == t.delegate:
				m.Role, m.Office = who.Chair, "secretary"
			}
			if _, err := org.Appoint(tx, m); err != nil {
				return err
			}
		}
		chair, err = org.Viewer(tx, others[0], t.Now())
		return err
	})
	t.north, t.chair, t.members = unit, chair, append(others[1:len(others):len(others)], t.delegate)
	return chat{chair, room.Plan{Unit: unit, Units: []int64{unit}, Roles: who.Of(who.Delegate, who.Chair), Name: "Elternbeirat Nord", Keep: 730,
		About: "Die Elternbeiräte von vier Kitas im Norden der Stadt."}, []said{
		{by: others[0], at: t.ago(18, 20, 15), title: "Verkehr am Morgen", body: "Vor drei unserer Kitas wird morgens auf dem Gehweg gehalten. Wollen wir der Stadt gemeinsam schreiben?"},
		{by: t.delegate, at: t.ago(17, 21, 5), react: map[int64]string{others[0]: "agree", others[2]: "agree"},
			body: "Ja, unbedingt. Bei uns hat eine Mutter eine Woche lang gezählt: im Schnitt elf Autos zwischen 7:30 und 8 Uhr. Das gehört in den Brief."},
		{by: others[1], at: t.ago(17, 21, 40), body: "Wir zählen nächste Woche auch. Ich mache einen Entwurf, wenn ihr mir die Zahlen schickt."},
		{by: others[2], at: t.ago(6, 19, 20), title: "Essensgeld: wie ist das bei euch?", body: "Bei uns soll es um 8 Euro im Monat steigen. Habt ihr vorher mitreden können?"},
		{by: others[0], at: t.ago(6, 20, 45), helped: true, react: map[int64]string{others[2]: "thanks", t.delegate: "helps"},
			body: "Ja. Der Beirat wird vor solchen Änderungen angehört, das steht im Kita-Gesetz des Landes. Bittet den Träger um die Kalkulation, dann redet es sich leichter."},
	}}, err
}
