package oparl

import (
	"fmt"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/oparl"
)

// A Report is what an import has done, or would do.
type Report struct {
	New       int                `json:"new"`       // objects, also those within others
	Changed   int                `json:"changed"`   //
	Same      int                `json:"same"`      //
	Refused   []Refused          `json:"refused"`   //
	Types     map[oparl.Type]int `json:"types"`     // new, changed and same by type
	Elsewhere int                `json:"elsewhere"` // addresses of objects that are neither in the files nor in the house
	Notes     []string           `json:"notes"`     // German
	more      int                // refusals and notes that are not listed
}

// Refused is an object that was not taken, with all within it.
type Refused struct {
	File string `json:"file"`
	Line int    `json:"line"`
	ID   string `json:"id"`  // "": it has none
	Why  string `json:"why"` // German
}

const mostTold = 500 // refusals, and as many notes

func (r *Report) refuse(x Refused) {
	if len(r.Refused) < mostTold {
		r.Refused = append(r.Refused, x)
	} else {
		r.more++
	}
}

// Refusals is how many objects were not taken.
func (r Report) Refusals() int { return len(r.Refused) + r.more }

func (r *Report) note(words string, args ...any) {
	if len(r.Notes) < mostTold {
		r.Notes = append(r.Notes, fmt.Sprintf(words, args...))
	}
}

// A Count is how many objects of a type there are.
type Count struct {
	Word string // German, the plural
	N    int
}

// Counts are the objects that were taken, by type, those that people ask for first.
func (r Report) Counts() (all []Count) {
	for _, t := range []oparl.Type{oparl.System, oparl.Body, oparl.Organization, oparl.Meeting, oparl.AgendaItem, oparl.Paper, oparl.Consultation,
		oparl.File, oparl.Person, oparl.Membership, oparl.LegislativeTerm, oparl.Location} {
		if n := r.Types[t]; n > 0 {
			all = append(all, Count{plural(t), n})
		}
	}
	return all
}

func plural(t oparl.Type) string {
	switch t {
	case oparl.System:
		return "Systeme"
	case oparl.Body:
		return "Körperschaften"
	case oparl.Organization:
		return "Gremien und Organisationen"
	case oparl.Meeting:
		return "Sitzungen"
	case oparl.AgendaItem:
		return "Tagesordnungspunkte"
	case oparl.Paper:
		return "Vorlagen"
	case oparl.Consultation:
		return "Beratungen"
	case oparl.File:
		return "Dateien"
	case oparl.Person:
		return "Personen"
	case oparl.Membership:
		return "Mitgliedschaften"
	case oparl.LegislativeTerm:
		return "Wahlperioden"
	}
	return "Orte"
}

// Told is the report for people, in lines; failed: nothing was read in.
func (r Report) Told(failed bool) string {
	var b strings.Builder
	if !failed {
		fmt.Fprintf(&b, "%d neu, %d geändert, %d unverändert, %d abgelehnt\n", r.New, r.Changed, r.Same, r.Refusals())
	}
	for i, c := range r.Counts() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d %s", c.N, c.Word)
	}
	if len(r.Types) > 0 {
		b.WriteByte('\n')
	}
	for _, x := range r.Refused {
		fmt.Fprintf(&b, "%s abgelehnt: %s\n", x.At(), x.Why)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "Hinweis: %s\n", n)
	}
	if r.Elsewhere > 0 {
		fmt.Fprintf(&b, "Hinweis: %s\n", r.Outside())
	}
	return b.String()
}

// At is where a refused object stands.
func (x Refused) At() string {
	at := fmt.Sprintf("%s, Zeile %d", x.File, x.Line)
	if x.ID != "" {
		at += ", " + x.ID
	}
	return at
}

// Outside says what becomes of references to what is not here; "": there are none.
func (r Report) Outside() string {
	switch r.Elsewhere {
	case 0:
		return ""
	case 1:
		return "Ein Verweis führt zu einem Objekt, das weder in den Dateien noch im Haus steht. Er bleibt als Adresse seiner Quelle erhalten."
	}
	return fmt.Sprintf("%d Verweise führen zu Objekten, die weder in den Dateien noch im Haus stehen. Sie bleiben als Adressen ihrer Quelle erhalten.", r.Elsewhere)
}

// verdict is what refused objects mean for all others.
func (r Report) verdict() error {
	switch n := r.Refusals(); n {
	case 0:
		return nil
	case 1:
		return fault.New(fault.Invalid, "%s kann nicht übernommen werden: %s Es wurde nichts geändert.", r.Refused[0].At(), r.Refused[0].Why)
	default:
		return fault.New(fault.Invalid, "%d Objekte können nicht übernommen werden. Das erste steht in %s: %s Es wurde nichts geändert.", n, r.Refused[0].At(), r.Refused[0].Why)
	}
}
