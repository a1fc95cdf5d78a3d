package minutes

import (
	"html/template"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type panel struct {
	web.Page
	It      Minutes // zero: there are none that the viewer may read
	Meeting int64
	Begin   bool      // the viewer may begin them
	Pass    []Minutes // that this meeting can approve
}

// Panel makes the part of a meeting's page that leads to its minutes, and lets the board note that this meeting approves
// those of an earlier one; "": nothing.
func Panel(h *house.House, w Wires) func(tx *store.Tx, p web.Page, meeting int64) (template.HTML, error) {
	f := feature{House: h, pages: web.Parse(html), wires: w, log: w.Log}
	return f.panel
}

func (f *feature) panel(tx *store.Tx, p web.Page, meeting int64) (template.HTML, error) {
	x := panel{Page: p, Meeting: meeting}
	id, err := of(tx, meeting)
	if err != nil {
		return "", err
	}
	if id != 0 {
		if x.It, err = get(tx, id, p.Viewer, f.Now()); err != nil && fault.KindOf(err) != fault.NotFound {
			return "", err
		}
	}
	r, err := f.record(tx, meeting, 0, p.Viewer)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	if err == nil && !r.Began.IsZero() {
		level, err := committee.LevelOf(tx, p.Viewer, r.Unit, f.Now())
		if err != nil {
			return "", err
		}
		if level == committee.Leading {
			x.Begin = id == 0
			if x.Pass, err = pending(tx, r.Unit, r.Began); err != nil {
				return "", err
			}
		}
	}
	if x.It.ID == 0 && !x.Begin && len(x.Pass) == 0 {
		return "", nil
	}
	return f.pages.Part("show.html", "panel", p.Lang, x)
}

// pending are the minutes of a committee's meetings before a moment that were sent and not approved, the oldest first.
func pending(tx *store.Tx, unit int64, before time.Time) ([]Minutes, error) {
	return store.All(tx, (*Minutes).fields, `
		SELECT m.id, m.uid, m.unit, u.name, m.meeting, m.title, m.held, m.public, m.state, m.due, m.keeper, m.pen, m.writer,
			'', m.written, m.sent, m.until, m.approved, m.place, m.session, m.hash, m.shown, m.broken, m.changed
		FROM minutes m JOIN unit u ON u.id = m.unit WHERE m.unit = ? AND m.state = 'sent' AND m.held < ? ORDER BY m.held, m.id`, unit, before.Unix())
}

type councilPart struct {
	web.Page
	Unit    int64
	Latest  []Minutes
	Overdue []Minutes
}

// shown is how many minutes the page of a committee names.
const shown = 3

// council is the part of the page of a committee: its latest minutes, and to its members those that are overdue.
func (f *feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	x := councilPart{Page: p, Unit: c.Unit.ID}
	all, err := latestOf(tx, c.Unit.ID, c.Level, p.Viewer.ID, shown)
	if err != nil {
		return "", err
	}
	x.Latest = all
	if c.Level >= committee.Inside {
		if x.Overdue, err = overdue(tx, c.Unit.ID, f.Now()); err != nil {
			return "", err
		}
	}
	if len(x.Latest)+len(x.Overdue) == 0 {
		return "", nil
	}
	return f.pages.Part("index.html", "council", p.Lang, x)
}

// latestOf are the minutes of a committee that were sent or approved, and that a viewer may read.
func latestOf(tx *store.Tx, unit int64, level committee.Level, person int64, n int) ([]Minutes, error) {
	all, err := store.All(tx, (*Minutes).fields, `
		SELECT m.id, m.uid, m.unit, u.name, m.meeting, m.title, m.held, m.public, m.state, m.due, m.keeper, m.pen, m.writer,
			'', m.written, m.sent, m.until, m.approved, m.place, m.session, m.hash, m.shown, m.broken, m.changed
		FROM minutes m JOIN unit u ON u.id = m.unit
		WHERE m.unit = ?1 AND (?2 >= 4 OR ?2 = 3 AND (m.state <> 'draft' OR m.keeper = ?3) OR m.state = 'approved' AND m.public = 1)
		ORDER BY m.held DESC, m.id DESC LIMIT ?4`, unit, level, person, n)
	for i := range all {
		all[i].Level, all[i].Writes = level, level == committee.Leading || all[i].Keeper == person && person != 0
	}
	return all, err
}

// overdue are the drafts of a committee that should have been sent.
func overdue(tx *store.Tx, unit int64, now time.Time) ([]Minutes, error) {
	return store.All(tx, (*Minutes).fields, `
		SELECT m.id, m.uid, m.unit, u.name, m.meeting, m.title, m.held, m.public, m.state, m.due, m.keeper, m.pen, m.writer,
			'', m.written, m.sent, m.until, m.approved, m.place, m.session, m.hash, m.shown, m.broken, m.changed
		FROM minutes m JOIN unit u ON u.id = m.unit WHERE m.unit = ? AND m.state = 'draft' AND m.due <= ? ORDER BY m.due, m.id`, unit, now.Unix())
}

// legacy is what a board leaves: minutes that are not written, sent or approved yet.
func (f *feature) legacy(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	if _, _, err := committee.Must(tx, v, unit, committee.Inside, f.Now()); err != nil {
		return nil, err
	}
	type open struct {
		id    int64
		held  time.Time
		due   time.Time
		state State
		waits int
	}
	all, err := store.All(tx, func(o *open) []any {
		return []any{&o.id, (*store.Time)(&o.held), (*store.Time)(&o.due), &o.state, &o.waits}
	}, `
		SELECT m.id, m.held, m.due, m.state, (SELECT count(*) FROM minutes_objection o WHERE o.minutes = m.id AND o.answer = '')
		FROM minutes m WHERE m.unit = ? AND m.state <> 'approved' ORDER BY m.held, m.id`, unit)
	var out []house.Legacy
	for _, o := range all {
		m := Minutes{ID: o.id, Held: o.held, Due: o.due, State: o.state}
		x := house.Legacy{Kind: "missing", Ref: "minutes " + num(o.id), Title: m.Name(), Note: "ist noch nicht genehmigt", Path: m.Path()}
		switch {
		case o.state == Draft:
			x.Note, x.Due = "ist noch nicht versandt", m.DueDay()
		case o.waits > 0:
			x.Note = "ist noch nicht genehmigt; Einwände ohne Antwort: " + num(int64(o.waits))
		}
		out = append(out, x)
	}
	return out, err
}
