package absence

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// Enter excuses a child. What was entered twice is there once: the same form by its uid, and what both guardians write by
// its days, which are joined.
func (f feature) enter(tx *store.Tx, child int64, v who.Viewer, d Draft) (Absence, error) {
	now := f.Now()
	w, err := ward(tx, child, v, d.Team, now)
	if err != nil {
		return Absence{}, err
	}
	sent, err := store.All(tx, store.Value[int64], `SELECT id FROM absence WHERE uid = ?`, uid(d.UID))
	if err != nil {
		return Absence{}, err
	}
	for _, id := range sent {
		if a, err := read(tx, id); err != nil || a.Child == child {
			return a, err
		}
		d.UID = "" // of another child: no form of ours
	}
	rule, err := f.mayExcuse(tx, w)
	if err != nil {
		return Absence{}, err
	}
	if err := tooOld(d.At, now); err != nil {
		return Absence{}, err
	}
	from := today(d.At)
	if d.Team {
		from = plus(from, -behind)
	}
	if err := d.check(from); err != nil {
		return Absence{}, err
	}
	a := Absence{Child: child, Name: w.Given, FirstDay: d.FirstDay, LastDay: d.LastDay, Reason: d.Reason, Note: d.Note}
	a.Late = late(a, d.At, rule)
	there, err := of(tx, child, a.FirstDay)
	if err != nil {
		return a, err
	}
	kind := "entered"
	for _, old := range there {
		switch {
		case old.FirstDay > a.LastDay:
			continue
		case kind == "entered" && old.FirstDay <= a.FirstDay && old.LastDay >= a.LastDay && (a.Reason == Unsaid || a.Reason == old.Reason) && a.Note == "":
			return old, nil // it stands there already
		}
		if kind == "changed" { // a second one that it reaches: the two become one
			if err := f.withdraw(tx, old, v, d, now); err != nil {
				return a, err
			}
		}
		kind = "changed"
		a = old.join(a)
	}
	if kind == "changed" {
		err = f.save(tx, a)
	} else {
		a.ID, err = store.One(tx, store.Value[int64], `
			INSERT INTO absence (uid, child, first_day, last_day, reason, note, late) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			uid(d.UID), child, a.FirstDay, a.LastDay, string(a.Reason), a.Note, a.Late)
	}
	if err == nil {
		err = note(tx, a, kind, v, d, now)
	}
	if err == nil {
		err = f.settle(tx, a, a, w, v, d.At, rule)
	}
	return a, err
}

// join is an absence that was there, with the days and the newer words of another.
func (a Absence) join(b Absence) Absence {
	if b.ID == 0 {
		b.ID = a.ID
	}
	if a.FirstDay <= b.FirstDay {
		b.FirstDay, b.Late = a.FirstDay, a.Late
	}
	b.LastDay = max(a.LastDay, b.LastDay)
	if b.Reason == Unsaid {
		b.Reason = a.Reason
	}
	if b.Note == "" {
		b.Note = a.Note
	}
	return b
}

// late reports whether an absence was told too late on its first day.
func late(a Absence, at time.Time, r Rule) bool {
	t := today(at)
	return a.FirstDay < t || a.FirstDay == t && minute(at) > r.Latest
}

// mayExcuse is the rule of the child's facility, or says why the viewer may not excuse the child.
func (f feature) mayExcuse(tx *store.Tx, w Ward) (Rule, error) {
	r, err := ruleOf(tx, w.Facility)
	switch {
	case err != nil:
	case !w.Decides:
		err = fault.New(fault.Conflict, "Dieses Kind können nur die anderen Sorgeberechtigten abmelden.")
	case !w.Team && !r.Active:
		err = fault.New(fault.Conflict, "Diese Einrichtung nimmt Abmeldungen hier nicht an. Bitte rufen Sie dort an.")
	}
	return r, err
}

// change gives an absence other days, reason and note. Days that are over stay as they were.
func (f feature) change(tx *store.Tx, id int64, v who.Viewer, d Draft) (Absence, error) {
	now := f.Now()
	a, w, err := get(tx, id, v, now)
	if err != nil {
		return a, err
	}
	rule, err := f.mayExcuse(tx, w)
	if err != nil {
		return a, err
	}
	if a.Over(now) {
		return a, fault.New(fault.Conflict, "Diese Abwesenheit ist schon vorbei oder zurückgenommen.")
	}
	d.Team = w.Team
	from := today(d.At)
	if a.Begun(now) {
		from = a.FirstDay
		d.FirstDay = a.FirstDay
		if d.LastDay < plus(today(now), -1) {
			return a, fault.At("last_day", "Was vorbei ist, lässt sich nicht mehr ändern.")
		}
	} else if a.FirstDay < from || d.Team {
		from = min(a.FirstDay, from)
	}
	if err := d.check(from); err != nil {
		return a, err
	}
	was := a
	a.FirstDay, a.LastDay, a.Reason, a.Note = d.FirstDay, d.LastDay, d.Reason, d.Note
	if a == was {
		return a, nil
	}
	clash, err := of(tx, a.Child, a.FirstDay)
	if err != nil {
		return a, err
	}
	for _, o := range clash {
		if o.ID != a.ID && o.FirstDay <= a.LastDay {
			return was, fault.At("last_day", "Für einen Teil dieser Tage ist %s schon abgemeldet.", w.Given)
		}
	}
	if err := f.save(tx, a); err != nil {
		return a, err
	}
	if err := note(tx, a, "changed", v, d, now); err != nil {
		return a, err
	}
	touched := was // what the day's list showed, and will show
	if a.Now(now) {
		touched = a
	}
	return a, f.settle(tx, a, touched, w, v, d.At, rule)
}

func (f feature) save(tx *store.Tx, a Absence) error {
	_, err := tx.Exec(`UPDATE absence SET first_day = ?, last_day = ?, reason = ?, note = ?, late = ? WHERE id = ?`,
		a.FirstDay, a.LastDay, string(a.Reason), a.Note, a.Late, a.ID)
	return err
}

// takeBack has the child come again: the days from today on are no longer excused.
func (f feature) takeBack(tx *store.Tx, id int64, v who.Viewer, at time.Time) (Absence, error) {
	now := f.Now()
	a, w, err := get(tx, id, v, now)
	if err != nil {
		return a, err
	}
	rule, err := f.mayExcuse(tx, w)
	if err != nil || !a.Withdrawn.IsZero() { // taken back twice is taken back once
		return a, err
	}
	if a.Over(now) {
		return a, fault.New(fault.Conflict, "Diese Abwesenheit ist schon vorbei oder zurückgenommen.")
	}
	d := Draft{Team: w.Team, At: at}
	was := a
	if a.Begun(now) {
		a.LastDay = plus(today(now), -1)
		if err = f.save(tx, a); err == nil {
			err = note(tx, a, "changed", v, d, now)
		}
	} else {
		err = f.withdraw(tx, a, v, d, now)
		a.Withdrawn = now
	}
	if err != nil {
		return a, err
	}
	return a, f.settle(tx, a, was, w, v, at, rule)
}

func (f feature) withdraw(tx *store.Tx, a Absence, v who.Viewer, d Draft, now time.Time) error {
	if _, err := tx.Exec(`UPDATE absence SET withdrawn = ? WHERE id = ?`, now.Unix(), a.ID); err != nil {
		return err
	}
	return note(tx, a, "withdrawn", v, d, now)
}

// settle has everybody look again whom a change of an absence concerns, and tells the team where it may have looked at
// the day's list already. Touched are the days that are not as they were; at is when the change was written.
func (f feature) settle(tx *store.Tx, a, touched Absence, w Ward, v who.Viewer, at time.Time, rule Rule) error {
	now := f.Now()
	if err := f.show(tx, w.ID, w.Group, w.Facility); err != nil {
		return err
	}
	if err := f.wires.Care(tx, w.ID, touched.FirstDay, touched.LastDay); err != nil {
		return err
	}
	if touched.Now(now) && minute(now) > rule.Latest {
		return f.tell(tx, a, w, v, at, rule)
	}
	return nil
}

// show has the pages of the child's family, and of the team of its group, look again.
func (f feature) show(tx *store.Tx, child, group, facility int64) error {
	family, err := store.All(tx, store.Value[int64], `
		SELECT person FROM guardian WHERE child = ? AND informed = 1 AND state = 'confirmed'`, child)
	tx.After(func() {
		f.Live.Publish(live.Event{Held: []int64{group, facility}})
		for _, p := range family {
			f.Live.Publish(live.Event{Person: p})
		}
	})
	return err
}

// uid is what came with a form, if it is one, else a new one.
func uid(s string) string {
	if id, err := uuid.Parse(s); err == nil {
		return id.String()
	}
	return uuid.Must(uuid.NewV7()).String()
}
