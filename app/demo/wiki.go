package demo

import (
	"fmt"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/wiki"
)

// A sheet is a page of an archive; under is the title of one that was written before it.
type sheet struct {
	title, under string
	access       wiki.Access
	body         string
}

var cityPages = []sheet{
	{"Netiquette", "", wiki.Public, "So gehen wir in diesem Haus miteinander um.\n\n- Wir schreiben, wie wir auch sprechen würden, wenn die anderen im Raum wären.\n- Wir nennen keine Namen von Kindern und zeigen keine Bilder, auf denen man sie erkennt.\n- Wer sich ärgert, schläft eine Nacht darüber.\n\n> [!tipp]\n> Eine kurze Nachfrage klärt mehr als eine lange Nachricht.\n\n## Wenn etwas schiefgeht\n\nWenden Sie sich an die Leitung Ihrer Einrichtung. Sie hilft oder weiß, wer helfen kann."},
	{"Gebühren und Ermäßigung", "", wiki.Around, "Was ein Platz kostet, hängt von den Stunden am Tag ab. Die Beträge sind erfunden.\n\n| Stunden am Tag | im Monat |\n|:---------------|---------:|\n| bis 5 | 145 € |\n| bis 7 | 203 € |\n| bis 9 | 232 € |\n\nFür Geschwister gibt es eine Ermäßigung[^1].\n\n[^1]: Sie gilt, solange beide Kinder betreut werden."},
}

var kitaPages = []sheet{
	{"Eingewöhnung", "", wiki.Public, "Die ersten Wochen sind neu für alle. Sie bleiben anfangs dabei, und Ihr Kind gibt das Tempo vor. Rechnen Sie mit vier bis sechs Wochen.\n\n## Der Ablauf\n\n1. **Kennenlernen.** An den ersten drei Tagen kommen Sie gemeinsam für eine Stunde.\n2. **Erster kurzer Abschied.** Ab dem vierten Tag gehen Sie für höchstens 30 Minuten in den Nebenraum.\n3. **Längere Zeiten.** Ihr Kind isst und schläft bei uns.\n\n## Was Sie mitbringen\n\n- [ ] Wechselkleidung\n- [ ] Hausschuhe\n- [ ] etwas Vertrautes von zu Hause\n\nMehr zu kranken Kindern steht im [[Hygieneplan]]."},
	{"Hygieneplan", "", wiki.Around, "> [!achtung]\n> Kinder mit Fieber ab 38,5 Grad bleiben zu Hause, bis sie einen Tag fieberfrei sind.\n\n## Hände waschen\n\nVor dem Essen, nach der Toilette und wenn wir von draußen kommen.\n\n## Ansteckende Krankheiten\n\nMagen-Darm\n: zwei Tage ohne Beschwerden, dann wieder in die Kita\n\nScharlach\n: 24 Stunden nach Beginn der Behandlung\n\nLäuse\n: nach der ersten Behandlung; siehe [[Läuse]]"},
	{"Läuse", "Hygieneplan", wiki.Around, "Läuse haben nichts mit Sauberkeit zu tun. Bitte sagen Sie uns Bescheid: Nur so können wir andere Familien warnen.\n\n1. Behandeln Sie Ihr Kind mit einem Mittel aus der Apotheke.\n2. Kämmen Sie mit dem Läusekamm.\n3. Wiederholen Sie beides nach neun Tagen."},
	{"Schließtage", "", wiki.Around, "Die Schließtage beschließt der Träger nach Anhörung des Elternbeirats. Siehe auch [[Gebühren und Ermäßigung]] und den [[Ferienplan]]."},
	{"Dienstübergabe", "", wiki.Staff, "Was am Morgen gesagt sein muss:\n\n- [ ] Wer ist krank?\n- [ ] Wer wird heute von jemand anderem abgeholt?\n- [x] Schlüssel für den Garten hängt im Büro."},
}

// archives has the town's people write down what they know.
func (t *town) archives(tx *store.Tx) error {
	t.clock.set(t.ago(17, 15, 0))
	if err := t.write(tx, t.official, t.city, cityPages); err != nil {
		return err
	}
	k := t.kitas[0]
	return t.write(tx, k.head, k.id, kitaPages)
}

func (t *town) write(tx *store.Tx, by who.Viewer, unit int64, all []sheet) error {
	u, err := org.Get(tx, unit)
	if err != nil {
		return err
	}
	ids := map[string]int64{}
	for _, s := range all {
		id, _, err := wiki.Add(tx, by, wiki.Draft{Unit: unit, Parent: ids[s.under], Access: s.access, Text: wiki.Text{Title: s.title, Body: s.body}}, t.Now())
		if err != nil {
			return fmt.Errorf("write %q for %s: %w", s.title, u.Name, err)
		}
		ids[s.title] = id
	}
	return nil
}
