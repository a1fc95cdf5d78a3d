package assignment

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

func (a *Assignment) fields() []any {
	return []any{&a.ID, &a.UID, &a.Unit, &a.UnitName, store.Null(&a.Meeting), store.Null(&a.Item), &a.Place, store.Null(&a.Owner), &a.Name, store.Null(&a.Author),
		&a.Title, &a.Body, store.Null(&a.Due), &a.State, &a.Reason, (*store.Time)(&a.Ended), &a.Ender, store.Null(&a.Reminded), (*store.Time)(&a.Created), (*store.Time)(&a.Changed)}
}

// read reads tasks by their numbers, in that order. Whose term is over owns none: rights pass with the terms themselves. Who
// sits is asked committee by committee, since the database works the view of seats out for everybody if it is asked by task.
func read(tx *store.Tx, ids []int64, now time.Time) ([]Assignment, error) {
	all, err := store.All(tx, (*Assignment).fields, `
		SELECT a.id, a.uid, a.unit, u.name, a.meeting, a.item, a.place, a.owner, coalesce(trim(p.given || ' ' || p.family), ''), a.author,
			a.title, a.body, a.due, a.state, a.reason, a.ended, coalesce(trim(e.given || ' ' || e.family), ''), a.reminded, a.created, a.changed
		FROM json_each(?) j CROSS JOIN assignment a ON a.id = j.value JOIN unit u ON u.id = a.unit
		LEFT JOIN person p ON p.id = a.owner LEFT JOIN person e ON e.id = a.ender ORDER BY j.key`, store.List(ids))
	if err != nil {
		return nil, err
	}
	seats := map[int64][]committee.Seat{}
	for i := range all {
		a := &all[i]
		if a.Owner == 0 {
			continue
		}
		if seats[a.Unit] == nil {
			if seats[a.Unit], err = committee.Seats(tx, a.Unit, now); err != nil {
				return nil, err
			}
		}
		if !slices.ContainsFunc(seats[a.Unit], func(s committee.Seat) bool { return s.Person == a.Owner }) {
			a.Owner, a.Was, a.Name = 0, a.Name, ""
		}
	}
	return all, nil
}

// find is a task, whoever asks.
func find(tx *store.Tx, id int64, now time.Time) (Assignment, error) {
	all, err := read(tx, []int64{id}, now)
	if err == nil && len(all) == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return Assignment{}, err
	}
	return all[0], nil
}

// get is a task of a committee in which the viewer sits, and how far they may look into that.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Assignment, committee.Level, error) {
	a, err := find(tx, id, now)
	if err != nil {
		return a, committee.None, err
	}
	_, level, err := committee.Must(tx, v, a.Unit, committee.Inside, now)
	return a, level, err
}

// Open lists the tasks of a committee that are neither done nor dropped: they stand on each agenda. Those that are late come
// first, those without a day last. It asks nobody whether they may read it.
func Open(tx *store.Tx, unit int64, now time.Time) ([]Assignment, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT id FROM assignment WHERE unit = ? AND state = 'open' ORDER BY due IS NULL, due, id LIMIT ?`, unit, most)
	if err != nil {
		return nil, err
	}
	return read(tx, ids, now)
}

// Of lists the tasks that were given in a meeting, in their order. It asks nobody whether they may read it.
func Of(tx *store.Tx, meeting int64, now time.Time) ([]Assignment, error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM assignment WHERE meeting = ? ORDER BY id`, meeting)
	if err != nil {
		return nil, err
	}
	return read(tx, ids, now)
}

// most is how many open tasks of a committee are listed: nobody does more.
const most = 500

// past lists those that are done or dropped, the latest first, n after some.
func past(tx *store.Tx, unit int64, n, after int, now time.Time) ([]Assignment, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT id FROM assignment WHERE unit = ? AND state <> 'open' ORDER BY ended DESC, id DESC LIMIT ? OFFSET ?`, unit, n, after)
	if err != nil {
		return nil, err
	}
	return read(tx, ids, now)
}

// Add gives a committee a task. Whoever sits in it may.
func Add(tx *store.Tx, h *house.House, v who.Viewer, d Draft) (int64, error) {
	now := h.Now()
	if _, _, err := committee.Must(tx, v, d.Unit, committee.Inside, now); err != nil {
		return 0, err
	}
	if uuid.Validate(d.UID) != nil {
		d.UID = newUID()
	}
	if id, err := made(tx, d.UID); id != 0 || err != nil {
		return id, err
	}
	d.Title, d.Body, d.Place = text.Line(d.Title), text.Clean(d.Body), text.Line(d.Place)
	if err := d.check(now, ""); err != nil {
		return 0, err
	}
	if err := sits(tx, d.Unit, d.Owner, now); err != nil {
		return 0, err
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO assignment (uid, unit, meeting, item, place, owner, author, title, body, due, state, reason, created, changed)
		VALUES (?1, ?2, nullif(?3, 0), nullif(?4, 0), ?5, nullif(?6, 0), ?7, ?8, ?9, nullif(?10, ''), 'open', '', ?11, ?11) RETURNING id`,
		d.UID, d.Unit, d.Meeting, d.Item, d.Place, d.Owner, v.ID, d.Title, d.Body, d.Due, now.Unix())
	if err != nil {
		return 0, err
	}
	if d.Owner != 0 && d.Owner != v.ID {
		if err := notice.Plan(tx, h, tellKind, d.Owner, given, id); err != nil {
			return 0, err
		}
	}
	return id, changed(tx, h, d.Unit, id)
}

func made(tx *store.Tx, uid string) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM assignment WHERE uid = ?`, uid)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// sits checks that a person sits in a committee; 0 is nobody, and may own every task.
func sits(tx *store.Tx, unit, person int64, now time.Time) error {
	if person == 0 {
		return nil
	}
	seats, err := committee.Seats(tx, unit, now)
	if err == nil && !slices.ContainsFunc(seats, func(s committee.Seat) bool { return s.Person == person }) {
		err = fault.At("owner", "Diese Person sitzt nicht in dem Gremium.")
	}
	return err
}

// changed has the search and open pages look again.
func changed(tx *store.Tx, h *house.House, unit, id int64) error {
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{unit}}) })
	return search.Changed(tx, foundKind, id)
}

// mayEdit reports whether somebody may change a task: who leads, who has taken it on and who has given it.
func (a Assignment) mayEdit(v who.Viewer, level committee.Level) bool {
	return level == committee.Leading || a.Owner == v.ID || a.Author == v.ID
}

// mayDo reports whether somebody may say that a task is done: likewise, and anybody where nobody has taken it on.
func (a Assignment) mayDo(v who.Viewer, level committee.Level) bool {
	return a.Owner == 0 || a.mayEdit(v, level)
}

// edit changes an open task. Its owner is told when it becomes theirs.
func edit(tx *store.Tx, h *house.House, v who.Viewer, a Assignment, d Draft) error {
	now := h.Now()
	d.Title, d.Body = text.Line(d.Title), text.Clean(d.Body)
	if err := d.check(now, a.Due); err != nil {
		return err
	}
	if a.State != Pending {
		return fault.New(fault.Conflict, "Diese Aufgabe ist schon %s.", a.Word())
	}
	if d.Owner != a.Owner {
		if err := sits(tx, a.Unit, d.Owner, now); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`
		UPDATE assignment SET title = ?2, body = ?3, owner = iif(?4, owner, nullif(?5, 0)), due = nullif(?6, ''), changed = ?7,
			reminded = iif(?4 AND coalesce(due, '') = ?6, reminded, NULL) WHERE id = ?1`,
		a.ID, d.Title, d.Body, d.Owner == a.Owner, d.Owner, d.Due, now.Unix()); err != nil {
		return err
	}
	if d.Owner != a.Owner && d.Owner != 0 && d.Owner != v.ID {
		if err := notice.Plan(tx, h, tellKind, d.Owner, given, a.ID); err != nil {
			return err
		}
	}
	return changed(tx, h, a.Unit, a.ID)
}

// take has the viewer take on a task that nobody has.
func take(tx *store.Tx, h *house.House, v who.Viewer, a Assignment) error {
	switch {
	case a.State != Pending:
		return fault.New(fault.Conflict, "Diese Aufgabe ist schon %s.", a.Word())
	case a.Owner == v.ID:
		return nil
	case a.Owner != 0:
		return fault.New(fault.Conflict, "%s hat diese Aufgabe schon übernommen.", a.Name)
	}
	if _, err := tx.Exec(`UPDATE assignment SET owner = ?, reminded = NULL, changed = ? WHERE id = ?`, v.ID, h.Now().Unix(), a.ID); err != nil {
		return err
	}
	return changed(tx, h, a.Unit, a.ID)
}

// finish says that a task is done, or that it is dropped and why. The same once more changes nothing.
func finish(tx *store.Tx, h *house.House, v who.Viewer, a Assignment, state, reason string) error {
	if reason = text.Line(reason); state == Dropped && (reason == "" || utf8.RuneCountInString(reason) > maxTitle) {
		return fault.At("reason", "Bitte schreiben Sie in höchstens %d Zeichen, warum sie nicht mehr zu tun ist.", maxTitle)
	}
	if a.State == state {
		return nil
	}
	if a.State != Pending {
		return fault.New(fault.Conflict, "Diese Aufgabe ist schon %s.", a.Word())
	}
	if _, err := tx.Exec(`UPDATE assignment SET state = ?1, reason = ?2, ended = ?5, ender = ?3, changed = ?5 WHERE id = ?4`,
		state, reason, v.ID, a.ID, h.Now().Unix()); err != nil {
		return err
	}
	return changed(tx, h, a.Unit, a.ID)
}

// reopen takes that back.
func reopen(tx *store.Tx, h *house.House, a Assignment) error {
	if a.State == Pending {
		return nil
	}
	if _, err := tx.Exec(`UPDATE assignment SET state = 'open', reason = '', ended = NULL, ender = NULL, changed = ? WHERE id = ?`, h.Now().Unix(), a.ID); err != nil {
		return err
	}
	return changed(tx, h, a.Unit, a.ID)
}

// note adds a note to a task.
func note(tx *store.Tx, h *house.House, v who.Viewer, a Assignment, body string) error {
	body = text.Clean(body)
	if n := utf8.RuneCountInString(body); n == 0 || n > maxBody {
		return fault.At("note", "Bitte schreiben Sie etwas, mit höchstens %d Zeichen.", maxBody)
	}
	if err := text.Check(body); err != nil {
		return fault.At("note", "%s", fault.Words(err))
	}
	if _, err := tx.Exec(`INSERT INTO assignment_note (assignment, person, body, at) VALUES (?, ?, ?, ?)`, a.ID, v.ID, body, h.Now().Unix()); err != nil {
		return err
	}
	return changed(tx, h, a.Unit, a.ID)
}

// notes lists what was noted about a task, in order.
func notes(tx *store.Tx, id int64) ([]Note, error) {
	return store.All(tx, func(n *Note) []any { return []any{&n.Name, &n.Body, (*store.Time)(&n.At)} }, `
		SELECT coalesce(trim(p.given || ' ' || p.family), 'ehemals im Haus'), n.body, n.at
		FROM assignment_note n LEFT JOIN person p ON p.id = n.person WHERE n.assignment = ? ORDER BY n.at, n.id`, id)
}
