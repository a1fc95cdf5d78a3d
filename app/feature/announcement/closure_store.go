package announcement

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func (c *Closure) fields() []any {
	return []any{&c.ID, &c.Facility, &c.Name, &c.Whole, &c.FirstDay, &c.LastDay, &c.Starts, &c.Ends, &c.Reason, &c.Words,
		&c.Places, &c.For, &c.Rule, &c.State, &c.Version}
}

// closureOf finds the facts of a closure by its first announcement. Whether
// the viewer may see them is decided by that announcement.
func closureOf(tx *store.Tx, id int64) (Closure, error) {
	c, err := store.One(tx, (*Closure).fields, `
		SELECT c.announcement, c.facility, u.name, c.whole, c.first_day, c.last_day, c.starts, c.ends, c.reason, c.words,
			c.places, c.places_for, c.rule, c.state, c.version
		FROM announcement_closure c JOIN unit u ON u.id = c.facility WHERE c.announcement = ?`, id)
	if err != nil || c.Whole {
		return c, err
	}
	c.Groups, err = store.All(tx, store.Value[string], `
		SELECT u.name FROM announcement_audience t JOIN unit u ON u.id = t.unit WHERE t.announcement = ? ORDER BY u.name`, id)
	return c, err
}

// A ClosureDraft is what the head has filled in.
type ClosureDraft struct {
	Closure
	GroupIDs []int64 // of the facility; empty: the whole of it
	Confirm  bool    // families are to confirm; the usual case
	UID      string  // as in Draft
}

// Close publishes a closure and returns its id, which is also that of its
// first announcement. The viewer must hold a role of the team at or above
// every group that is closed.
func Close(tx *store.Tx, h *house.House, v who.Viewer, d ClosureDraft) (int64, error) {
	now := h.Now()
	f, err := org.Get(tx, d.Facility)
	if err != nil || f.Kind != org.Facility || f.Ended(now) {
		return 0, notFound()
	}
	d.Name, d.Whole, d.State = f.Name, len(d.GroupIDs) == 0, Running
	units := d.GroupIDs
	if d.Whole {
		units = []int64{f.ID}
	}
	d.Groups = nil
	for _, g := range d.GroupIDs {
		u, err := org.Get(tx, g)
		if err != nil || u.Parent != f.ID || u.Kind != org.Group || u.Ended(now) {
			return 0, notFound()
		}
		d.Groups = append(d.Groups, u.Name)
	}
	if err := d.check(now); err != nil {
		return 0, err
	}
	draft := Draft{Unit: f.ID, Units: units, Roles: closureRoles(), Title: cut(d.Title(lang.German(), now)), Body: d.Words,
		Confirm: d.Confirm, Expires: d.until(), UID: d.UID, kind: ClosureKind, began: true}
	draft.soon(d.Closure, now)
	id, err := Publish(tx, h, v, draft)
	if fault.KindOf(err) == fault.NotFound {
		draft.Unit = units[0] // staff of one group may send for that group, though not for the facility
		id, err = Publish(tx, h, v, draft)
	}
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`
		INSERT INTO announcement_closure (announcement, facility, whole, first_day, last_day, starts, ends, reason, words, places, places_for, rule, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running')`,
		id, f.ID, d.Whole, d.FirstDay, d.LastDay, d.Starts, d.Ends, d.Reason, d.Words, d.Places, d.For, d.Rule); err != nil {
		return 0, err
	}
	return id, note(tx, id, id, "opened", v, now, d.Closure)
}

// closureRoles: the families, and everybody who works there; whoever leads sees it anyway.
func closureRoles() who.Right { return who.Of(who.Parent, who.Staff, who.Head) }

func cut(s string) string {
	r := []rune(s)
	if len(r) > maxTitle {
		return string(r[:maxTitle-1]) + "…"
	}
	return s
}

func note(tx *store.Tx, closure, announcement int64, kind string, v who.Viewer, now time.Time, c Closure) error {
	_, err := tx.Exec(`
		INSERT INTO announcement_event (closure, announcement, kind, person, at, first_day, last_day, starts, ends)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, closure, announcement, kind, v.ID, now.Unix(), c.FirstDay, c.LastDay, c.Starts, c.Ends)
	return err
}

// follow changes a running closure and tells the same audience. Version is
// that of the page on which the viewer decided: who comes second is told.
func follow(tx *store.Tx, h *house.House, v who.Viewer, id int64, version int, kind string, change func(*Closure) error, words string) (int64, error) {
	now := h.Now()
	first, err := plain(tx, id)
	if err != nil {
		return 0, err
	}
	us, err := units(tx, id)
	if err != nil {
		return 0, err
	}
	ids := make([]int64, len(us))
	for i, u := range us {
		ids[i] = u.ID
		if err := org.Must(tx, v, u.ID, who.Team, now); err != nil {
			return 0, err
		}
	}
	c, err := closureOf(tx, id)
	if err != nil {
		return 0, err
	}
	if c.State != Running || c.Version != version {
		return 0, fault.New(fault.Conflict, "Inzwischen hat jemand anders diese Schließung geändert. Bitte prüfen Sie den neuen Stand.")
	}
	if err := change(&c); err != nil {
		return 0, err
	}
	title := c.Title(lang.German(), now)
	if kind == "extended" {
		l := lang.German()
		title = l.T("Die Schließung von %s dauert länger", c.Subject(l))
		if err := c.check(now); err != nil {
			return 0, err
		}
	}
	expires := c.until()
	if c.State != Running { // an all-clear is read until tomorrow night
		expires = at(house.Local(now).AddDate(0, 0, 1).Format(time.DateOnly), 24*60)
	}
	draft := Draft{Unit: first.Unit, Units: ids, Roles: first.Roles, Title: cut(title), Body: words,
		Confirm: first.Confirm && c.State == Running, Expires: expires, kind: ClosureKind, closure: id}
	draft.soon(c, now)
	next, err := Publish(tx, h, v, draft)
	if err != nil {
		return 0, err
	}
	if err := halt(tx, h, id, now); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE announcement SET replaced = ? WHERE closure = ? AND id <> ?`, next, id, next); err != nil {
		return 0, err
	}
	old, err := store.All(tx, store.Value[int64], `SELECT id FROM announcement WHERE closure = ? AND id <> ?`, id, next)
	if err != nil {
		return 0, err
	}
	if err := search.Changed(tx, foundKind, old...); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`
		UPDATE announcement_closure SET first_day = ?, last_day = ?, starts = ?, ends = ?, state = ?, version = version + 1 WHERE announcement = ?`,
		c.FirstDay, c.LastDay, c.Starts, c.Ends, c.State, id); err != nil {
		return 0, err
	}
	return next, note(tx, id, next, kind, v, now, c)
}

// Reopen ends a closure before its time.
func Reopen(tx *store.Tx, h *house.House, v who.Viewer, id int64, version int, words string) (int64, error) {
	return follow(tx, h, v, id, version, "reopened", func(c *Closure) error { c.State = Reopened; return nil }, words)
}

// Cancel takes back a closure that has not begun.
func Cancel(tx *store.Tx, h *house.House, v who.Viewer, id int64, version int, words string) (int64, error) {
	return follow(tx, h, v, id, version, "cancelled", func(c *Closure) error {
		if !h.Now().Before(c.from()) {
			return fault.New(fault.Conflict, "Diese Schließung hat schon begonnen. Sie können sie nur noch aufheben.")
		}
		c.State = Cancelled
		return nil
	}, words)
}

// Extend has a closure last longer, to a day and, if ends is not nil, a minute of it.
func Extend(tx *store.Tx, h *house.House, v who.Viewer, id int64, version int, lastDay string, ends *int, words string) (int64, error) {
	return follow(tx, h, v, id, version, "extended", func(c *Closure) error {
		was := c.until()
		c.LastDay, c.Ends = lastDay, ends
		if _, err := day(lastDay); err != nil {
			return fault.At("last_day", "Bitte geben Sie einen Tag an.")
		}
		if !c.until().After(was) {
			return fault.At("last_day", "Das ist nicht länger als bisher.")
		}
		return nil
	}, words)
}

// An Event is what happened to a closure.
type Event struct {
	Kind         string
	Who          string
	At           time.Time
	Announcement int64
	FirstDay     string
	LastDay      string
	Starts, Ends *int
	now          time.Time
}

// Span says from when to when it held from then on.
func (e Event) Span() string {
	return Closure{FirstDay: e.FirstDay, LastDay: e.LastDay, Starts: e.Starts, Ends: e.Ends}.Span(lang.German(), e.now)
}

// Words says what happened.
func (e Event) Words() string {
	return map[string]string{"opened": "Gemeldet", "extended": "Verlängert", "reopened": "Aufgehoben", "cancelled": "Abgesagt"}[e.Kind]
}

func events(tx *store.Tx, id int64, now time.Time) ([]Event, error) {
	return store.All(tx, func(e *Event) []any {
		e.now = now
		return []any{&e.Kind, &e.Who, (*store.Time)(&e.At), &e.Announcement, &e.FirstDay, &e.LastDay, &e.Starts, &e.Ends}
	}, `
		SELECT e.kind, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), e.at, e.announcement, e.first_day, e.last_day, e.starts, e.ends
		FROM announcement_event e LEFT JOIN person p ON p.id = e.person WHERE e.closure = ? ORDER BY e.id`, id)
}
