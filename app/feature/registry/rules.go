package registry

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// visitors come to see their own groups as well.
const visitors = who.Keepers | 1<<who.Staff

// watchers read the names of families: staff those of their own groups.
const watchers = who.Registrars | 1<<who.Staff

// May is what a viewer may do at one unit.
type May struct {
	Keep     bool       // rename, correct, add below
	End      bool       // move, end, reopen: a matter of whoever looks after the unit above
	Watch    bool       // read the families of groups
	Families bool       // and change them
	Letters  bool       // print invitation letters
	Roles    []who.Role // to hand out here
}

// mayAt finds what the viewer may do at a unit; a unit that does not concern the viewer is not found.
func mayAt(tx *store.Tx, v who.Viewer, u org.Unit, now time.Time) (May, error) {
	at, err := rolesAt(tx, v.ID, u.ID, now)
	if err != nil {
		return May{}, err
	}
	place := u.Kind == org.Facility || u.Kind == org.Group
	if at&who.Keepers == 0 && !(place && at.Has(who.Staff)) {
		return May{}, fault.Gone()
	}
	m := May{Keep: at&who.Keepers != 0, Watch: at&(watchers) != 0, Families: at&who.Registrars != 0}
	m.Letters = m.Families && place
	for _, r := range u.Kind.Roles() {
		if at&r.Granters() != 0 {
			m.Roles = append(m.Roles, r)
		}
	}
	if u.Parent != 0 {
		above, err := rolesAt(tx, v.ID, u.Parent, now)
		if err != nil {
			return May{}, err
		}
		m.End = above&who.Keepers != 0
	}
	return m, nil
}

// keeper finds a unit and makes sure that the viewer looks after it.
func keeper(tx *store.Tx, v who.Viewer, id int64, now time.Time) (org.Unit, May, error) {
	u, err := org.Get(tx, id)
	if err != nil {
		return u, May{}, err
	}
	m, err := mayAt(tx, v, u, now)
	if err == nil && !m.Keep {
		err = fault.Gone()
	}
	return u, m, err
}

// A Step is a change of the state of a membership or a guardian.
type Step struct{ To, Label, Icon, Class string }

// steps lists where a state may go from here. Suspending and confirming again
// needs no letter; whoever has ended gets a new one.
func steps(state string) []Step {
	var (
		confirm = Step{To: org.Confirmed, Label: "Freigeben", Icon: "check", Class: "primary"}
		resume  = Step{To: org.Confirmed, Label: "Sperre aufheben", Icon: "lock-open", Class: "secondary"}
		suspend = Step{To: org.Suspended, Label: "Sperren", Icon: "lock", Class: "secondary"}
		end     = Step{To: org.Ended, Label: "Beenden", Icon: "user-minus", Class: "danger"}
	)
	switch state {
	case org.Invited:
		return []Step{end}
	case org.Accepted:
		return []Step{confirm, suspend, end}
	case org.Confirmed:
		return []Step{suspend, end}
	case org.Suspended:
		return []Step{resume, end}
	}
	return nil
}

func stepTo(all []Step, state string) error {
	if !slices.ContainsFunc(all, func(s Step) bool { return s.To == state }) {
		return fault.New(fault.Conflict, "Das geht in diesem Zustand nicht. Vielleicht hat gerade jemand anderes etwas geändert.")
	}
	return nil
}

// losing runs do and signs the person out everywhere if it costs them a right:
// whoever holds the device then has to come in anew.
func losing(tx *store.Tx, person int64, now time.Time, do func() error) error {
	before, err := org.Holdings(tx, person, now)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	after, err := org.Holdings(tx, person, now)
	if err != nil {
		return err
	}
	for _, h := range before {
		if !slices.Contains(after, h) {
			return web.EndSessions(tx, person, nil)
		}
	}
	return nil
}

// firstDay and lastDay turn days of a form into a term: the last day counts.
func firstDay(s string, now time.Time) (time.Time, error) {
	if s == "" {
		s = now.In(web.Zone()).Format(time.DateOnly)
	}
	d, _ := person.Day(s)
	t, err := time.ParseInLocation(time.DateOnly, d, web.Zone())
	if err != nil || t.Year() < 1950 || t.Year() > 2200 {
		return t, fault.At("since", "Das ist kein Datum.")
	}
	return t, nil
}

func lastDay(s string) (int64, error) {
	if s == "" {
		return store.Forever, nil
	}
	d, _ := person.Day(s)
	t, err := time.ParseInLocation(time.DateOnly, d, web.Zone())
	if err != nil || t.Year() < 1950 || t.Year() > 2200 {
		return 0, fault.At("until", "Das ist kein Datum.")
	}
	return t.AddDate(0, 0, 1).Unix(), nil
}

// dayOf and lastDayOf are what a form shows of a term.
func dayOf(t time.Time) string { return t.In(web.Zone()).Format(time.DateOnly) }

func lastDayOf(until int64) string {
	if until == store.Forever {
		return ""
	}
	return dayOf(time.Unix(until-1, 0))
}

// germanDay is a day of the database as a person reads it: 9.3.2021.
func germanDay(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.Format("2.1.2006")
}
