package committee

import (
	"fmt"

	"nestfunk/app/base/committee"
)

// days counts days in a sentence that wants them after a preposition: "1 Tag", "7 Tagen".
func days(n int, working bool) string {
	word := map[bool]string{false: "Tag", true: "Werktag"}[working]
	if n != 1 {
		word += "en"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// sentences are rules in plain words, as everybody reads them on the page of the committee. They are German: what
// counts is what the committee has decided, and that is in German.
func sentences(r committee.Rules) (all []string) {
	add := func(s string, args ...any) { all = append(all, fmt.Sprintf(s, args...)) }
	if r.Notice > 0 {
		add("Zu einer Sitzung wird mit einer Frist von mindestens %s eingeladen.", days(r.Notice, r.Working))
	}
	switch {
	case r.Quorum == 50:
		add("Das Gremium kann beschließen, wenn mindestens die Hälfte der Stimmen da ist.")
	case r.Quorum > 0:
		add("Das Gremium kann beschließen, wenn mindestens %d Prozent der Stimmen da sind.", r.Quorum)
	default:
		add("Das Gremium kann beschließen, egal wie viele da sind.")
	}
	switch r.Majority {
	case committee.Absolute:
		add("Angenommen ist, wofür mehr als die Hälfte der Anwesenden stimmt.")
	case committee.TwoThirds:
		add("Angenommen ist, was zwei Drittel der Ja- und Nein-Stimmen bekommt.")
	default:
		add("Angenommen ist, was mehr Ja als Nein bekommt. Bei Gleichstand ist es abgelehnt.")
	}
	if r.Circular {
		add("Zwischen den Sitzungen kann schriftlich beschlossen werden.")
	}
	if r.Substitutes {
		add("Wer nicht kann, wird von einem Ersatzmitglied vertreten.")
	}
	if r.Minutes > 0 {
		add("Das Protokoll ist nach %s fertig.", days(r.Minutes, false))
	}
	if r.Objection > 0 {
		add("Einwände dagegen sind innerhalb von %s möglich.", days(r.Objection, false))
	}
	if r.Provisional > 0 {
		word := "Monate"
		if r.Provisional == 1 {
			word = "Monat"
		}
		add("Gibt es nach der Amtszeit noch keine neue Wahl, macht der Vorstand kommissarisch weiter, höchstens %d %s.", r.Provisional, word)
	}
	if r.Public {
		add("Was öffentlich ist, darf jeder lesen, auch ohne Anmeldung.")
	}
	return all
}
