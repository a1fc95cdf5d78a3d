package calendar

import (
	"slices"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Scopes of a change to a series.
const (
	one       = "eins"
	following = "folgende" // this one and all that come after it
	whole     = "alle"
)

// bound gives a rule its last day: a number of instances becomes the day of the last of them. So a series can be cut
// anywhere.
func (d *Draft) bound() {
	if d.Rule.Interval == 0 {
		return
	}
	all := d.slots(maxInstances)
	last := all[len(all)-1]
	d.Rule.Count, d.Rule.UntilUTC, d.Rule.UntilDay = 0, false, true
	d.Rule.Until = time.Date(last.Year(), last.Month(), last.Day(), 0, 0, 0, 0, time.UTC)
}

// move puts one instance of a series at another time or place.
func move(tx *store.Tx, h *house.House, v who.Viewer, t Termin, d Draft) error {
	var f fault.Form
	d.Rule = calendar.Rule{}
	if d.checkTime(&f); f.Err() != nil {
		return f.Err()
	}
	if err := open(t); err != nil {
		return err
	}
	wall, _ := d.starts()
	w := d.at(wall)
	if _, err := tx.Exec(`
		UPDATE calendar_instance SET starts = ?, ends = ?, place = CASE ? WHEN (SELECT place FROM calendar_date WHERE id = date) THEN '' ELSE ? END, moved = 1
		WHERE id = ?`, w.starts, w.ends, d.Place, d.Place, t.ID); err != nil {
		return err
	}
	return changed(tx, h, t.Date, []int64{t.ID})
}

// open refuses what is cancelled already.
func open(t Termin) error {
	if t.Cancelled {
		return fault.New(fault.Conflict, "Dieser Termin ist schon abgesagt.")
	}
	return nil
}

// changed counts a change of a date, tells those who come to some of its instances, and everybody's pages.
func changed(tx *store.Tx, h *house.House, date int64, instances []int64) error {
	if _, err := tx.Exec(`UPDATE calendar_date SET sequence = sequence + 1, changed = ? WHERE id = ?`, h.Now().Unix(), date); err != nil {
		return err
	}
	all, err := series(tx, date)
	if err != nil || len(all) == 0 {
		return err
	}
	d, err := draftOf(tx, all[0])
	if err != nil {
		return err
	}
	if err := publish(tx, h, date, d); err != nil {
		return err
	}
	return tell(tx, h, told, instances)
}

// rewrite changes a date from one of its instances on; whole: all of it. Of a series it makes two where that is not
// the first.
func rewrite(tx *store.Tx, h *house.House, v who.Viewer, t Termin, d Draft, scope string) error {
	now := h.Now()
	d.Unit = t.Unit // a date stays with its unit
	if err := settle(tx, v, &d, now); err != nil {
		return err
	}
	d.bound()
	if err := open(t); err != nil {
		return err
	}
	date := t.Date
	if scope == following && t.Rule != "" {
		var err error
		if date, err = split(tx, h, t); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`
		UPDATE calendar_date SET title = ?, place = ?, link = ?, body = ?, all_day = ?, rule = ?, roles = ?, public = ?, answers = ?,
			places = nullif(?, 0), guests = ?, closes = ?, remind = ? WHERE id = ?`,
		d.Title, d.Place, d.Link, d.Body, d.AllDay, d.Rule.String(), int64(d.Roles), d.Public, d.Answers, d.Places, max(1, d.Guests), d.Closes, d.Remind, date); err != nil {
		return err
	}
	moved, err := refit(tx, date, d)
	if err != nil {
		return err
	}
	if t.Title != d.Title || t.Place != d.Place {
		if moved, err = store.All(tx, store.Value[int64], `SELECT id FROM calendar_instance WHERE date = ?`, date); err != nil {
			return err
		}
	}
	// The audience first: who is told is looked at by it.
	if _, err := tx.Exec(`DELETE FROM calendar_audience WHERE date = ?`, date); err != nil {
		return err
	}
	if err := publish(tx, h, date, d); err != nil {
		return err
	}
	if err := changed(tx, h, date, moved); err != nil {
		return err
	}
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM calendar_instance WHERE date = ? AND starts > ? AND cancelled = 0`, date, now.Unix())
	if err != nil {
		return err
	}
	for _, id := range ids { // there may be more places now
		if err := moveUp(tx, h, id, 0); err != nil {
			return err
		}
	}
	return nil
}

// split ends a series before an instance, and begins another there with all that follows.
func split(tx *store.Tx, h *house.House, t Termin) (date int64, err error) {
	all, err := series(tx, t.Date)
	if err != nil || all[0].ID == t.ID {
		return t.Date, err
	}
	if date, err = store.One(tx, store.Value[int64], `
		INSERT INTO calendar_date (uid, unit, author, title, place, link, body, all_day, rule, roles, public, answers, places, guests, closes, remind, created, changed)
		SELECT ?1, unit, author, title, place, link, body, all_day, rule, roles, public, answers, places, guests, closes, remind, ?2, ?2
		FROM calendar_date WHERE id = ?3 RETURNING id`, newUID(), h.Now().Unix(), t.Date); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE calendar_instance SET date = ? WHERE date = ? AND slot >= ?`, date, t.Date, t.Slot); err != nil {
		return 0, err
	}
	r := t.rule()
	before := time.Unix(t.Slot, 0).UTC().AddDate(0, 0, -1)
	r.Until, r.UntilDay = time.Date(before.Year(), before.Month(), before.Day(), 0, 0, 0, 0, time.UTC), true
	if _, err := tx.Exec(`UPDATE calendar_date SET rule = ? WHERE id = ?`, r.String(), t.Date); err != nil {
		return 0, err
	}
	return date, changed(tx, h, t.Date, nil)
}

// refit gives a date the instances of a draft, and returns those that are at another time now. Who has answered keeps
// the instance of the same day; where no day is the same, that of the same turn. What is left over is cancelled where
// somebody has answered, and else removed.
func refit(tx *store.Tx, date int64, d Draft) (moved []int64, err error) {
	old, err := series(tx, date)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`UPDATE calendar_instance SET slot = -id WHERE date = ?`, date); err != nil { // so that none is in another's way
		return nil, err
	}
	day := func(slot int64) int64 { return slot / (24 * 60 * 60) }
	want := d.instances()
	put := func(t Termin, w when, keep bool) error {
		if keep && t.Moved {
			_, err := tx.Exec(`UPDATE calendar_instance SET slot = ? WHERE id = ?`, w.slot.Unix(), t.ID)
			return err
		}
		if t.Starts.Unix() != w.starts || t.Ends.Unix() != w.ends {
			moved = append(moved, t.ID)
		}
		_, err := tx.Exec(`UPDATE calendar_instance SET slot = ?, starts = ?, ends = ?, place = '', moved = 0 WHERE id = ?`, w.slot.Unix(), w.starts, w.ends, t.ID)
		return err
	}
	var left []Termin
	for _, t := range old {
		i := slices.IndexFunc(want, func(w when) bool { return day(w.slot.Unix()) == day(t.Slot) })
		if i < 0 {
			left = append(left, t)
			continue
		}
		if err := put(t, want[i], true); err != nil {
			return nil, err
		}
		want = slices.Delete(want, i, i+1)
	}
	for i, w := range want {
		if i < len(left) {
			err = put(left[i], w, false)
		} else {
			_, err = insert(tx, date, w)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, t := range left[min(len(want), len(left)):] {
		moved = append(moved, t.ID)
		n, err := tx.Exec(`
			UPDATE calendar_instance SET slot = ?, cancelled = 1, reason = 'Die Reihe wurde geändert.'
			WHERE id = ? AND EXISTS (SELECT 1 FROM calendar_answer a WHERE a.instance = calendar_instance.id)`, t.Slot, t.ID)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if _, err := tx.Exec(`DELETE FROM calendar_instance WHERE id = ?`, t.ID); err != nil {
				return nil, err
			}
		}
	}
	return moved, nil
}

// cancel calls off an instance, and those that scope names, that are not over.
func cancel(tx *store.Tx, h *house.House, t Termin, scope, reason string) error {
	if err := open(t); err != nil {
		return err
	}
	now := h.Now()
	if !t.Ends.After(now) {
		return fault.New(fault.Conflict, "Dieser Termin ist schon vorbei.")
	}
	all, err := series(tx, t.Date)
	if err != nil {
		return err
	}
	var ids []int64
	for _, x := range all {
		if x.Cancelled || !x.Ends.After(now) || x.ID != t.ID && (scope == one || scope == following && x.Slot < t.Slot) {
			continue
		}
		ids = append(ids, x.ID)
		if _, err := tx.Exec(`UPDATE calendar_instance SET cancelled = 1, reason = ? WHERE id = ?`, reason, x.ID); err != nil {
			return err
		}
	}
	if err := search.Changed(tx, foundKind, t.Date); err != nil {
		return err
	}
	return changed(tx, h, t.Date, ids)
}
