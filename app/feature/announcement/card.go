package announcement

import (
	"html/template"
	"slices"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Card is an announcement as a viewer sees it.
type Card struct {
	Announcement
	Closure *Closure // nil: it is not of a closure
	Kids    []kid    // the viewer's children whom it concerns
	Care    []Care   // what was asked for them
	Left    int      // places of emergency care that are free
	Leads   bool     // the viewer may see numbers
	Names   bool     // ... and children
	Way     string   // over which channel the viewer came to it: push; "": no other than the app
	Files   []files.File
	Asks    bool   // something is to be answered
	Only    string // path of the page it stands on; "": the start page

	Gap template.HTML // stands for what differs between readers while a card is rendered to be kept
}

// A kid is one of the viewer's children.
type kid struct {
	ID    int64
	Name  string
	Group string
	Place string // the facility
}

// Heading is the title, in a language and as of now where it is a closure.
func (c Card) Heading(l *lang.Lang, now time.Time) string {
	if c.Kind == DrillKind {
		return l.T("Probealarm: Bitte bestätigen Sie")
	}
	if c.Closure == nil || c.Replaced != 0 {
		return c.Title
	}
	if c.Closure.State == Running && c.ID != c.Closure.ID {
		return l.T("Die Schließung von %s dauert länger", isolated(l, c.Closure.Subject(l)))
	}
	return c.Closure.Title(l, now)
}

// Urgent reports whether it belongs at the top: a closure that is running or
// coming, or something that has to be confirmed.
func (c Card) Urgent(now time.Time) bool {
	return c.Replaced == 0 && (c.Closure != nil && c.Closure.Now(now) || c.Waits(now))
}

// MayAsk reports whether a place can be asked for.
func (c Card) MayAsk(now time.Time) bool {
	return c.Closure != nil && c.Closure.Now(now) && len(c.Care) > 0
}

// cards lists what the viewer may see, dressed for the page.
func (f feature) cards(tx *store.Tx, v who.Viewer, before time.Time, beforeID int64, n int) ([]Card, error) {
	all, err := feed(tx, v, f.Now(), before, beforeID, n)
	if err != nil {
		return nil, err
	}
	return f.dress(tx, v, all)
}

// dress adds what else a card shows.
func (f feature) dress(tx *store.Tx, v who.Viewer, all []Announcement) ([]Card, error) {
	if len(all) == 0 {
		return nil, nil
	}
	now := f.Now()
	mine, err := f.shelf.kids(tx, v, now)
	if err != nil {
		return nil, err
	}
	kids := map[int64]kid{}
	for _, k := range mine {
		kids[k.ID] = k.kid
	}
	since := slices.MinFunc(all, func(a, b Announcement) int { return a.Published.Compare(b.Published) }).Published
	about, err := f.shelf.concerned(tx, v, mine, now, since)
	if err != nil {
		return nil, err
	}
	cards := make([]Card, len(all))
	for i, a := range all {
		c := Card{Announcement: a}
		var err error
		if c.Files, err = f.shelf.files(tx, a.ID); err != nil {
			return nil, err
		}
		for _, x := range f.Extras {
			has, err := x.Has(tx, a.ID)
			if err != nil {
				return nil, err
			}
			c.Asks = c.Asks || has
		}
		for _, id := range about[a.ID] {
			if k, ok := kids[id]; ok {
				c.Kids = append(c.Kids, k)
			}
		}
		if a.Closure != 0 {
			facts, err := f.shelf.closure(tx, a.Closure)
			if err != nil {
				return nil, err
			}
			c.Closure = &facts
			if facts.Places > 0 {
				n, err := taken(tx, facts.ID)
				if err != nil {
					return nil, err
				}
				c.Left = max(0, facts.Places-n)
			}
			if len(c.Kids) > 0 && facts.Now(now) && a.Replaced == 0 {
				if c.Care, err = myCare(tx, a.Closure, v, now); err != nil {
					return nil, err
				}
			}
		}
		if v.May(who.Team) && a.Confirm {
			us, err := store.All(tx, store.Value[int64], `SELECT unit FROM announcement_audience WHERE announcement = ?`, a.ID)
			if err != nil {
				return nil, err
			}
			for _, u := range us {
				leads, err := leads(tx, v, u, who.Team, now)
				if err != nil {
					return nil, err
				}
				c.Leads = c.Leads || leads
			}
		}
		cards[i] = c
	}
	return cards, nil
}

// leads reports whether the viewer holds one of the roles above, at or below a unit.
func leads(tx *store.Tx, v who.Viewer, unit int64, roles who.Right, now time.Time) (bool, error) {
	ok, err := org.Manages(tx, v.ID, unit, roles, now)
	if ok || err != nil {
		return ok, err
	}
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM holding h JOIN unit_up p ON p.unit = h.unit
		WHERE h.person = ?1 AND p.above = ?2 AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4`,
		v.ID, unit, int64(roles), now.Unix())
	return n > 0, err
}
