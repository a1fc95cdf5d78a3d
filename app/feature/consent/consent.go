// Package consent (Einwilligungen) asks families what needs their agreement, keeps what they say with the version of the
// text that they read, and tells other features whether a purpose holds for a child.
//
// Saying no, or taking a yes back, is the same one tap as saying yes, and counts from then on: whether something holds is
// worked out each time it is asked. A yes ends with the Kita year. Where a purpose wants all custodians, the yes of one is
// half of it, and the others are told; a no of one always counts. From 16 (by the law of the Protestant church 14) a young person decides alone, on paper, since
// children do not sign in; a carrier may set a lower age for a purpose.
//
// Other consents of the house (a council's bulletin, contacts, youth rooms) stay where they are given, and are listed here.
package consent

import (
	"slices"
	"time"

	"nestfunk/app/base/web"
)

// The kinds of purposes: what other features ask for.
const (
	Inside   = "inside"   // photos that stay in the facility
	Outside  = "outside"  // photos that others see
	Outing   = "outing"   // lists of names for outings
	Contacts = "contacts" // list of contacts of a group
	Other    = "other"
)

// A State is how it stands with a purpose for a child or an adult.
type State string

const (
	Open    State = "open"    // nobody has answered
	Half    State = "half"    // one signature, and another is missing
	Given   State = "given"   // it holds
	Refused State = "refused" // somebody has said no
	Alone   State = "alone"   // the young person decides, and has not yet
)

// Word is the German of a state, for the team.
func (s State) Word() string {
	return map[State]string{Open: "offen", Half: "eine Unterschrift fehlt", Given: "ja", Refused: "nein", Alone: "entscheidet selbst, offen"}[s]
}

// A vote is the answer of somebody that counts now.
type vote struct {
	giver int64 // 0: the young person
	yes   bool
}

// settle works out how it stands. Deciders are the custodians who decide; both: all of them have to sign; grown: the young
// person decides alone.
func settle(votes []vote, deciders []int64, both, grown bool) State {
	if grown {
		for _, v := range votes {
			switch {
			case v.giver != 0:
			case v.yes:
				return Given
			default:
				return Refused
			}
		}
		return Alone
	}
	signed := 0
	for _, v := range votes {
		switch {
		case !slices.Contains(deciders, v.giver): // does not decide any more
		case !v.yes:
			return Refused
		default:
			signed++
		}
	}
	switch {
	case signed == 0:
		return Open
	case both && signed < len(deciders):
		return Half
	}
	return Given
}

// grown reports whether somebody born on a day is at least so old; "": nobody has told, and it is not.
func grown(born string, age int, now time.Time) bool {
	t, err := time.ParseInLocation(time.DateOnly, born, web.Zone())
	return err == nil && !t.AddDate(age, 0, 0).After(now)
}

// yearEnd is when an answer ends: with the Kita year, on the 31st of July. In its last two months families answer for the
// next one.
func yearEnd(at time.Time) time.Time {
	at = at.In(web.Zone())
	year := at.Year()
	if at.Month() >= time.June {
		year++
	}
	return time.Date(year, time.August, 1, 0, 0, 0, 0, web.Zone())
}

// A draft is a purpose to begin with; a house changes its words as it needs.
type draft struct {
	Kind, Title, Words string
	Both               bool
}

func drafts() []draft {
	return []draft{
		{Inside, "Fotos in der Einrichtung", "Wir dürfen Ihr Kind im Alltag fotografieren. Die Bilder hängen in der Gruppe, liegen in der Bildungsmappe und bleiben im Haus.\n\nWer zustimmt, kann es jederzeit zurücknehmen. Ihr Kind hat keinen Nachteil, wenn Sie nein sagen.", false},
		{Outside, "Fotos nach außen", "Wir dürfen Bilder, auf denen Ihr Kind zu erkennen ist, nach außen zeigen: auf der Internetseite der Einrichtung, in der Zeitung oder auf Aushängen.\n\nWas im Internet steht, können andere kopieren; ganz zurückholen lässt es sich nicht. Nehmen Sie die Einwilligung zurück, zeigen wir die Bilder nicht mehr. Ihr Kind hat keinen Nachteil, wenn Sie nein sagen.", true},
		{Outing, "Namensliste bei Ausflügen", "Bei Ausflügen geben wir dem Ziel (zum Beispiel Museum, Schwimmbad, Busunternehmen) vorab den Namen und das Alter Ihres Kindes, wenn es danach fragt.\n\nDas Ziel soll die Liste nach dem Ausflug vernichten. Ihr Kind darf auch ohne Ihre Zustimmung mit; wir melden es dann ohne Namen an.", false},
		{Contacts, "Kontaktliste der Gruppe", "Ihr Name und Ihre Telefonnummer stehen auf einer Liste, die alle Familien der Gruppe bekommen.\n\nWer zustimmt, kann es jederzeit zurücknehmen; auf der nächsten Liste fehlen Sie dann.", false},
		{Other, "", "", false},
	}
}
