package calendar

import (
	"slices"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// A Termin is one instance of a date, as a viewer sees it.
type Termin struct {
	ID        int64 // of the instance
	Date      int64
	UID       string
	Unit      int64
	UnitName  string
	Kind      org.Kind // of the unit
	Title     string
	Place     string
	Link      string
	Body      string // Markdown
	AllDay    bool
	Rule      string // "": once
	Roles     who.Right
	Public    bool
	Answers   bool
	Places    int // 0: as many as want
	Guests    int
	Closes    int // minutes before the start
	Remind    int // minutes before the start; 0: never
	Sequence  int
	Changed   time.Time
	Slot      int64
	Starts    time.Time
	Ends      time.Time
	Moved     bool
	Cancelled bool
	Reason    string
}

func (t *Termin) fields() []any {
	return []any{&t.ID, &t.Date, &t.UID, &t.Unit, &t.UnitName, &t.Kind, &t.Title, &t.Place, &t.Link, &t.Body, &t.AllDay, &t.Rule, &t.Roles,
		&t.Public, &t.Answers, &t.Places, &t.Guests, &t.Closes, &t.Remind, &t.Sequence, (*store.Time)(&t.Changed), &t.Slot,
		(*store.Time)(&t.Starts), (*store.Time)(&t.Ends), &t.Moved, &t.Cancelled, &t.Reason}
}

// rule is how it comes back.
func (t Termin) rule() calendar.Rule {
	r, err := calendar.ParseRule(t.Rule)
	if err != nil {
		return calendar.Rule{} // "": once
	}
	return r
}

// Until is the moment up to which one can answer.
func (t Termin) Until() time.Time { return t.Starts.Add(-time.Duration(t.Closes) * time.Minute) }

// get finds an instance that v may see.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Termin, error) {
	return store.One(tx, (*Termin).fields, `
		SELECT i.id, c.id, c.uid, c.unit, n.name, n.kind, c.title, coalesce(nullif(i.place, ''), c.place), c.link, c.body, c.all_day, c.rule, c.roles,
			c.public, c.answers, coalesce(c.places, 0), c.guests, c.closes, c.remind, c.sequence, c.changed, i.slot, i.starts, i.ends, i.moved, i.cancelled, i.reason
		FROM calendar_instance i JOIN calendar_date c ON c.id = i.date JOIN unit n ON n.id = c.unit
		WHERE i.id = ?1 AND (c.public = 1
			OR EXISTS (SELECT 1 FROM reach u CROSS JOIN calendar_audience t ON t.unit = u.unit AND t.date = c.id
				WHERE u.person = ?2 AND u.since <= ?3 AND u.until > ?3 AND (t.roles & u.mask) <> 0)
			OR EXISTS (SELECT 1 FROM holding h JOIN unit_up p ON p.above = h.unit
				WHERE h.person = ?2 AND p.unit = c.unit AND h.since <= ?3 AND h.until > ?3
					AND ((?4 & (1 << h.role)) <> 0 OR n.kind = 'committee' AND p.depth <= 1 AND (?5 & (1 << h.role)) <> 0)))`,
		id, v.ID, now.Unix(), int64(who.Team), int64(council))
}

// plain finds an instance for the house itself.
func plain(tx *store.Tx, id int64) (Termin, error) {
	return store.One(tx, (*Termin).fields, `
		SELECT i.id, c.id, c.uid, c.unit, n.name, n.kind, c.title, coalesce(nullif(i.place, ''), c.place), c.link, c.body, c.all_day, c.rule, c.roles,
			c.public, c.answers, coalesce(c.places, 0), c.guests, c.closes, c.remind, c.sequence, c.changed, i.slot, i.starts, i.ends, i.moved, i.cancelled, i.reason
		FROM calendar_instance i JOIN calendar_date c ON c.id = i.date JOIN unit n ON n.id = c.unit WHERE i.id = ?`, id)
}

// series lists all instances of a date, in order.
func series(tx *store.Tx, date int64) ([]Termin, error) {
	return store.All(tx, (*Termin).fields, `
		SELECT i.id, c.id, c.uid, c.unit, n.name, n.kind, c.title, coalesce(nullif(i.place, ''), c.place), c.link, c.body, c.all_day, c.rule, c.roles,
			c.public, c.answers, coalesce(c.places, 0), c.guests, c.closes, c.remind, c.sequence, c.changed, i.slot, i.starts, i.ends, i.moved, i.cancelled, i.reason
		FROM calendar_instance i JOIN calendar_date c ON c.id = i.date JOIN unit n ON n.id = c.unit WHERE c.id = ? ORDER BY i.slot`, date)
}

// may reports whether v writes the dates of a unit: the team there or above; of a committee also its members, who may
// hold their role at the unit that elected them.
func may(tx *store.Tx, v who.Viewer, unit int64, now time.Time) (bool, error) {
	return store.One(tx, store.Value[bool], `
		SELECT EXISTS (
			SELECT 1 FROM holding h JOIN unit_up p ON p.above = h.unit JOIN unit u ON u.id = p.unit
			WHERE h.person = ?1 AND p.unit = ?2 AND h.since <= ?3 AND h.until > ?3
				AND ((?4 & (1 << h.role)) <> 0 OR u.kind = 'committee' AND p.depth <= 1 AND (?5 & (1 << h.role)) <> 0))`,
		v.ID, unit, now.Unix(), int64(who.Team), int64(council))
}

func must(tx *store.Tx, v who.Viewer, unit int64, now time.Time) error {
	ok, err := may(tx, v, unit, now)
	if err == nil && !ok {
		err = fault.Gone()
	}
	return err
}

// written finds an instance that v may change.
func written(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Termin, error) {
	t, err := get(tx, id, v, now)
	if err != nil {
		return t, err
	}
	ok, err := may(tx, v, t.Unit, now)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "Diesen Termin dürfen Sie sehen, aber nicht ändern.")
	}
	return t, err
}

// places lists the units for which v may make dates, the highest first.
func places(tx *store.Tx, v who.Viewer, now time.Time) ([]org.Unit, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT DISTINCT u.id FROM holding h JOIN unit_up p ON p.above = h.unit JOIN unit u ON u.id = p.unit
		WHERE h.person = ?1 AND h.since <= ?2 AND h.until > ?2 AND u.until > ?2 AND p.depth <= 1 AND u.kind <> 'office'
			AND ((?3 & (1 << h.role)) <> 0 AND (p.depth = 0 OR u.kind IN ('group', 'committee'))
				OR u.kind = 'committee' AND (?4 & (1 << h.role)) <> 0)
		ORDER BY CASE u.kind WHEN 'city' THEN 0 WHEN 'carrier' THEN 1 WHEN 'facility' THEN 2 ELSE 3 END, u.name, u.id LIMIT 200`,
		v.ID, now.Unix(), int64(who.Team), int64(council))
	if err != nil {
		return nil, err
	}
	all := make([]org.Unit, len(ids))
	for i, id := range ids {
		if all[i], err = org.Get(tx, id); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Add makes a date. v must be allowed to for its unit, and for those that it is for.
func Add(tx *store.Tx, h *house.House, v who.Viewer, d Draft) (instance int64, err error) {
	now := h.Now()
	if err := settle(tx, v, &d, now); err != nil {
		return 0, err
	}
	d.bound()
	if uuid.Validate(d.UID) != nil {
		d.UID = newUID()
	}
	date, err := store.One(tx, store.Value[int64], `
		INSERT INTO calendar_date (uid, unit, author, title, place, link, body, all_day, rule, roles, public, answers, places, guests, closes, remind, source, created, changed)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, nullif(?13, 0), ?14, ?15, ?16, ?17, ?18, ?18) RETURNING id`,
		d.UID, d.Unit, v.ID, d.Title, d.Place, d.Link, d.Body, d.AllDay, d.Rule.String(), int64(d.Roles), d.Public, d.Answers, d.Places,
		max(1, d.Guests), d.Closes, d.Remind, d.Source, now.Unix())
	if err != nil {
		return 0, err
	}
	for i, w := range d.instances() {
		id, err := insert(tx, date, w)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			instance = id
		}
	}
	return instance, publish(tx, h, date, d)
}

func insert(tx *store.Tx, date int64, w when) (int64, error) {
	return store.One(tx, store.Value[int64], `
		INSERT INTO calendar_instance (date, slot, starts, ends) VALUES (?, ?, ?, ?) RETURNING id`, date, w.slot.Unix(), w.starts, w.ends)
}

// settle checks a draft, and that v may make it. A committee's date is for its members, wherever they hold their role.
func settle(tx *store.Tx, v who.Viewer, d *Draft, now time.Time) error {
	u, err := org.Get(tx, d.Unit)
	if err != nil {
		return err
	}
	if u.Kind == org.Committee && d.Roles == council {
		d.Units = []int64{u.ID, u.Parent}
	} else {
		d.Units = slices.Compact(slices.Sorted(slices.Values(d.Units)))
		for _, x := range d.Units {
			if x == u.ID && u.Kind == org.Committee {
				continue
			}
			if err := org.Must(tx, v, x, who.Team, now); err != nil {
				return err
			}
		}
	}
	if err := must(tx, v, d.Unit, now); err != nil {
		return err
	}
	return d.check()
}

// publish writes for whom a date is, has it found, reminds, and tells open pages.
func publish(tx *store.Tx, h *house.House, date int64, d Draft) error {
	if _, err := tx.Exec(`DELETE FROM calendar_audience WHERE date = ?`, date); err != nil {
		return err
	}
	for _, u := range d.Units {
		if _, err := tx.Exec(`
			INSERT INTO calendar_audience (unit, until, date, since, roles)
			SELECT ?1, max(ends), ?2, min(starts), ?3 FROM calendar_instance WHERE date = ?2 HAVING count(*) > 0`, u, date, int64(d.Roles)); err != nil {
			return err
		}
	}
	if err := search.Changed(tx, foundKind, date); err != nil {
		return err
	}
	if err := remindNext(tx, h, date); err != nil {
		return err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: d.Units}) })
	return nil
}

// sent finds what the viewer has already made with a form; 0: nothing.
func sent(tx *store.Tx, uid string, v who.Viewer) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `
		SELECT i.id FROM calendar_date c JOIN calendar_instance i ON i.date = c.id WHERE c.uid = ? AND c.author = ? ORDER BY i.slot LIMIT 1`, uid, v.ID)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// meantFor lists the units that a date is for.
func meantFor(tx *store.Tx, date int64) ([]int64, error) {
	return store.All(tx, store.Value[int64], `SELECT unit FROM calendar_audience WHERE date = ? ORDER BY unit`, date)
}

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

// draftOf is a date as a form shows it again, beginning with one of its instances.
func draftOf(tx *store.Tx, t Termin) (d Draft, err error) {
	d = Draft{Unit: t.Unit, Roles: t.Roles, Public: t.Public, Title: t.Title, Place: t.Place, Link: t.Link, Body: t.Body, AllDay: t.AllDay,
		Rule: t.rule(), Answers: t.Answers, Places: t.Places, Guests: t.Guests, Closes: t.Closes, Remind: t.Remind}
	d.setTime(t.Starts, t.Ends)
	d.Units, err = meantFor(tx, t.Date)
	return d, err
}

// setTime puts a time into a draft.
func (d *Draft) setTime(starts, ends time.Time) {
	s, e := calendar.Wall(house.Local(starts)), calendar.Wall(house.Local(ends))
	if d.AllDay {
		e = e.AddDate(0, 0, -1)
	}
	d.Day, d.LastDay = s.Format(time.DateOnly), e.Format(time.DateOnly)
	d.Starts, d.Ends = s.Hour()*60+s.Minute(), e.Hour()*60+e.Minute()
	if !d.AllDay && d.Ends == 0 && e.After(s) { // until midnight: 24:00 of the day before
		d.LastDay, d.Ends = e.AddDate(0, 0, -1).Format(time.DateOnly), 24*60
	}
}

// zone is that of the house.
func zone() *time.Location { return web.Zone() }
