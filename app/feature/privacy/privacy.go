// Package privacy (Auskunft und Löschen) tells people what the house knows of
// them, and forgets those who have left (GDPR Art. 15, 17 and 20).
//
// Every feature knows what it keeps and exports and erases it itself; this one
// asks them all. For the tables of base it answers itself, and last: what still
// refers to a subject when all others are done keeps a row without a name.
//
// What is handed out never names others: a child's data says that there are
// guardians, not who they are, since one parent may be hidden from the other.
// Nobody forgets anybody alone: somebody asks, one person looks at a dry run and passes it on, and another one confirms.
// A legal hold (base/hold) stands against it.
//
// Nor does one carrier read what another has kept: whoever looks after only
// some of the places of a person passes the request on.
package privacy

import (
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/hold"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A subject is the person or child of a page.
type subject struct {
	house.Subject
	Name  string
	Gone  bool        // forgotten already
	Holds []hold.Hold // why nothing of it may go
	Limit hold.Hold   // the restriction; zero: there is none
	Ties  []string    // what has to end first, in German
	Whole bool        // the viewer looks after every place of the subject
	With  []string    // names of those who are forgotten together with a child, since nothing else ties them to the house
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
	if x.Holds, err = hold.On(tx, s.Person, s.Child, now); err != nil {
		return x, err
	}
	if x.Limit, _, err = hold.Limited(tx, s.Person, s.Child, now); err != nil {
		return x, err
	}
	if x.Ties, err = ties(tx, s, now); err != nil || s.Child == 0 {
		return x, err
	}
	with, err := followers(tx, s.Child)
	for _, p := range with {
		x.With, x.with = append(x.With, p.Name()), append(x.with, p.ID)
		held, e := hold.On(tx, p.ID, 0, now) // who goes along may be held, too
		for _, h := range held {
			if !slices.ContainsFunc(x.Holds, func(o hold.Hold) bool { return o.ID == h.ID }) {
				x.Holds = append(x.Holds, h)
			}
		}
		if err = e; err != nil {
			return x, err
		}
	}
	return x, err
}

// Limited reports whether the subject's data are kept and not used.
func (x subject) Limited() bool { return x.Limit.ID != 0 }

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
	case len(x.Holds) > 0:
		h := x.Holds[0]
		return fault.New(fault.Conflict, "Ein Vermerk verbietet das Löschen (%s): %s. Heben Sie ihn erst auf, wenn der Grund weggefallen ist.", h.Name, strings.TrimRight(h.Reason, "."))
	case len(x.Ties) > 0:
		return fault.New(fault.Conflict, "%s gehört noch zum Haus. Beenden Sie zuerst: %s.", x.Name, strings.Join(x.Ties, ", "))
	}
	return nil
}
