// Package privacy (Auskunft und Löschen) tells people what the house knows of
// them, and forgets those who have left (GDPR Art. 15, 17 and 20).
//
// Every feature knows what it keeps and exports and erases it itself; this one
// asks them all. For the tables of base it answers itself, and last: what still
// refers to a subject when all others are done keeps a row without a name.
//
// What is handed out never names others: a child's data says that there are
// guardians, not who they are, since one parent may be hidden from the other.
// Nor does one carrier read what another has kept: whoever looks after only
// some of the places of a person passes the request on.
package privacy

import (
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A subject is the person or child of a page.
type subject struct {
	house.Subject
	Name  string
	Gone  bool     // forgotten already
	Ties  []string // what has to end first, in German
	Whole bool     // the viewer looks after every place of the subject
	With  []string // names of those who are forgotten together with a child, since nothing else ties them to the house
	with  []int64
}

// find is a subject as v may see it; one whom v does not look after anywhere is not found.
func find(tx *store.Tx, v who.Viewer, s house.Subject, now time.Time) (x subject, err error) {
	if x, err = named(tx, s); err != nil {
		return x, err
	}
	in, out, err := places(tx, s, v.ID, now)
	if err == nil && in+out == 0 { // tied to nothing: whoever runs the house
		in, err = roots(tx, v.ID, now)
	}
	if err == nil && in == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return x, err
	}
	x.Whole = out == 0
	if x.Ties, err = ties(tx, s, now); err != nil || s.Child == 0 {
		return x, err
	}
	with, err := followers(tx, s.Child)
	for _, p := range with {
		x.With, x.with = append(x.With, p.Name()), append(x.with, p.ID)
	}
	return x, err
}

// whole is a Forbidden fault for whoever looks after only some of the subject's places.
func (x subject) whole() error {
	if !x.Whole {
		return fault.New(fault.Forbidden, "Hier sind auch Einheiten beteiligt, für die Sie nicht zuständig sind. Das macht der Betrieb des Hauses.")
	}
	return nil
}

// erasable says why a subject cannot be forgotten yet. Who runs the house holds a role, so the last of them stays.
func (x subject) erasable(v who.Viewer) error {
	switch {
	case x.Gone:
		return fault.New(fault.Conflict, "Diese Daten sind schon gelöscht.")
	case x.Person == v.ID:
		return fault.New(fault.Conflict, "Sich selbst können Sie nicht löschen.")
	case len(x.Ties) > 0:
		return fault.New(fault.Conflict, "%s gehört noch zum Haus. Beenden Sie zuerst: %s.", x.Name, strings.Join(x.Ties, ", "))
	}
	return nil
}
