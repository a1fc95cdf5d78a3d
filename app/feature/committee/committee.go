// Package committee (Gremium) is the face of a committee: who holds which office, by which rules it works, how elections
// pass it on, and how those for whom it speaks reach its board.
//
// Rights pass by the terms of memberships alone: an election writes when the old ones end and the new ones begin, and
// nothing has to run at midnight. Where no election follows, the old board goes on kommissarisch for as many months as
// the rules say, because its memberships last that much longer than the term was planned.
//
// Nobody chooses from the families of a facility: whoever wants to be elected says so first, and all others are written
// down by name and get a letter, as in the registry. So no list ever shows a family that did not agree.
package committee

import (
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/person"
	"nestfunk/app/base/web"
)

const (
	maxName  = 40 // of a term
	maxYears = 6  // for which somebody is elected
	maxRows  = 60 // of the form of an election
)

// An Election (Wahl) is what was decided: a term, and who holds which office in it.
type Election struct {
	Unit    int64
	Name    string // of the term: "2026/27"
	Elected string // day of the election
	Starts  string // first day of the term
	Ends    string // its last day
	Holders []Holder
}

// A Holder is somebody who was elected: a person of the house, or a name and perhaps a mail address. Without an office it
// is somebody who might have been.
type Holder struct {
	Person int64 // 0: by name
	Given  string
	Family string
	Mail   string
	Office committee.Office
	Rank   int // of substitutes, from 1; 0: after those who have one, in the order of the list
}

// empty reports whether nothing was written into a row of the form.
func (x Holder) empty() bool {
	return x.Person == 0 && x.Given == "" && x.Family == "" && x.Mail == "" && x.Office == "" && x.Rank == 0
}

// midnight is the beginning of a day of a form in the house's zone; false for what is no day.
func midnight(day string) (time.Time, bool) {
	d, _ := person.Day(day)
	t, err := time.ParseInLocation(time.DateOnly, d, web.Zone())
	return t, err == nil && t.Year() >= 1950 && t.Year() <= 2200
}

// term is the time from the first to the end of the last day.
func (e Election) term() (starts, ends time.Time) {
	starts, _ = midnight(e.Starts)
	last, _ := midnight(e.Ends)
	return starts, last.AddDate(0, 0, 1)
}

// check says field by field what is wrong with an election by itself. The rows of the form are counted from 0.
func (e Election) check(now time.Time) error {
	var bad fault.Form
	switch n := utf8.RuneCountInString(e.Name); {
	case n == 0:
		bad.Add("name", "Bitte geben Sie der Amtszeit einen Namen, zum Beispiel 2026/27.")
	case n > maxName:
		bad.Add("name", "Der Name darf höchstens %d Zeichen haben.", maxName)
	}
	elected, okElected := midnight(e.Elected)
	starts, okStarts := midnight(e.Starts)
	last, okEnds := midnight(e.Ends)
	switch {
	case !okElected:
		bad.Add("elected", "Bitte geben Sie den Tag der Wahl an.")
	case elected.After(now):
		bad.Add("elected", "Dieser Tag kommt erst noch. Bitte tragen Sie die Wahl ein, wenn sie war.")
	}
	switch {
	case !okStarts:
		bad.Add("starts", "Bitte geben Sie an, wann die Amtszeit beginnt.")
	case okElected && starts.Before(elected):
		bad.Add("starts", "Die Amtszeit beginnt vor der Wahl.")
	}
	switch {
	case !okEnds:
		bad.Add("ends", "Bitte geben Sie an, wann die Amtszeit endet.")
	case okStarts && last.Before(starts):
		bad.Add("ends", "Das Ende liegt vor dem Beginn.")
	case okStarts && last.After(starts.AddDate(maxYears, 0, 0)):
		bad.Add("ends", "Eine Amtszeit dauert höchstens %d Jahre.", maxYears)
	}
	e.checkHolders(&bad)
	return bad.Err()
}

func (e Election) checkHolders(bad *fault.Form) {
	if len(e.Holders) > maxRows {
		bad.Add("holders", "Das sind mehr als %d Personen.", maxRows)
		return
	}
	offices, ranks, people, names := map[committee.Office]bool{}, map[int]bool{}, map[int64]bool{}, map[string]bool{}
	for i, x := range e.Holders {
		if x.empty() {
			continue
		}
		if x.Person == 0 {
			e.checkName(bad, i, x, names)
		}
		switch {
		case x.Office == "" && x.Person == 0:
			bad.Add(field("office", i), "Bitte wählen Sie ein Amt, oder leeren Sie die Zeile.")
		case x.Office == "":
			continue
		case x.Office.Word() == "":
			bad.Add(field("office", i), "Dieses Amt gibt es nicht.")
		case single(x.Office) && offices[x.Office]:
			bad.Add(field("office", i), "%s: Dieses Amt kann nur eine Person haben.", x.Office.Word())
		case x.Person != 0 && people[x.Person]:
			bad.Add(field("office", i), "Diese Person steht zweimal da.")
		}
		offices[x.Office], people[x.Person] = true, true
		switch {
		case x.Rank < 0 || x.Rank > 99:
			bad.Add(field("rank", i), "Bitte geben Sie eine Zahl von 1 bis 99 ein.")
		case x.Rank > 0 && x.Office != committee.Substitute:
			bad.Add(field("rank", i), "Eine Reihenfolge haben nur Ersatzmitglieder.")
		case x.Rank > 0 && ranks[x.Rank]:
			bad.Add(field("rank", i), "Diesen Platz hat schon jemand anderes.")
		}
		ranks[x.Rank] = true
	}
	if !offices[committee.Chair] {
		bad.Add("holders", "Bitte wählen Sie, wer den Vorsitz hat.")
	}
}

func (e Election) checkName(bad *fault.Form, i int, x Holder, names map[string]bool) {
	switch {
	case x.Given == "":
		bad.Add(field("given", i), "Bitte geben Sie den Vornamen ein.")
	case x.Family == "":
		bad.Add(field("family", i), "Bitte geben Sie den Nachnamen ein.")
	case len(x.Given) > 200 || len(x.Family) > 200:
		bad.Add(field("given", i), "Dieser Name ist zu lang.")
	}
	if why := person.CheckMail(x.Mail); why != "" {
		bad.Add(field("mail", i), "%s", why)
	}
	name := strings.ToLower(x.Given + " " + x.Family)
	if names[name] {
		bad.Add(field("given", i), "Diese Person steht zweimal da.")
	}
	names[name] = true
}

// single reports whether only one person at a time holds an office.
func single(o committee.Office) bool {
	return o == committee.Chair || o == committee.Secretary || o == committee.Treasurer
}

// ranked are the holders with the places of substitutes filled in: those who were given one first.
func ranked(all []Holder) []Holder {
	next := 0
	for _, x := range all {
		next = max(next, x.Rank)
	}
	for i := range all {
		if all[i].Office == committee.Substitute && all[i].Rank == 0 {
			next++
			all[i].Rank = next
		}
	}
	return all
}
