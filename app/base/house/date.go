package house

import (
	"time"

	"nestfunk/app/base/who"
)

// Kinds of dates.
const (
	Event    = "event"    // Termin
	Closed   = "closed"   // Schließung: known shortly before
	Closing  = "closing"  // Schließtag: of the year's plan
	Vacation = "vacation" // Schulferien
	Holiday  = "holiday"  // Feiertag
)

// A Date is something that is on, as a calendar shows it.
type Date struct {
	Kind      string
	Starts    time.Time
	Ends      time.Time // the first moment after it
	AllDay    bool      // it begins and ends at midnight in the house's zone
	Title     string    // in the viewer's language where it has one
	Place     string
	Path      string // "": it has no page
	Unit      int64  // whose it is; 0: of the Land
	UnitName  string
	Units     []int64   // for whom: these and all below them; empty: for everybody
	Roles     who.Right // and which roles there; 0: all
	Child     int64     // whose alone it is of the viewer's children; 0: nobody's, and Units says for whom
	Cancelled bool

	UID      string // the same in every calendar
	Sequence int    // counts changes that matter
	Changed  time.Time
}

// Over reports whether it is past.
func (d Date) Over(now time.Time) bool {
	return !d.Ends.After(now) && !(d.Ends.Equal(d.Starts) && d.Starts.Equal(now))
}
