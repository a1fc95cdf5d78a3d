package handover

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/person"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func (h *Handover) fields() []any {
	return []any{&h.ID, &h.Unit, &h.UnitName, (*store.Time)(&h.Changes), (*store.Time)(&h.Begun), &h.Starter}
}

// plain finds a handover; whoever asks looks whether it may be seen.
func plain(tx *store.Tx, id int64) (Handover, error) {
	h, err := store.One(tx, (*Handover).fields, `
		SELECT h.id, h.unit, u.name, h.changes, h.begun, coalesce(trim(p.given || ' ' || p.family), ?2)
		FROM handover h JOIN unit u ON u.id = h.unit LEFT JOIN person p ON p.id = h.starter WHERE h.id = ?1`, id, person.Gone)
	if err != nil {
		return h, err
	}
	h.Signatures, err = store.All(tx, func(s *Signature) []any { return []any{&s.Side, &s.Name, (*store.Time)(&s.At), &s.Text, &s.Hash} }, `
		SELECT s.side, coalesce(trim(p.given || ' ' || p.family), ?2), s.at, s.text, s.hash
		FROM handover_signature s LEFT JOIN person p ON p.id = s.person WHERE s.handover = ?1 ORDER BY s.at, s.side DESC`, id, person.Gone)
	return h, err
}

// get finds a handover that the viewer may see: one of a board in which the viewer sits.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Handover, seat, error) {
	h, err := plain(tx, id)
	if err != nil {
		return h, seat{}, err
	}
	s, err := seatOf(tx, v, h.Unit, h.Changes, now)
	if err == nil && !s.May() {
		err = fault.Gone()
	}
	return h, s, err
}

// of lists the handovers of a committee, the latest first.
func of(tx *store.Tx, unit int64) ([]Handover, error) {
	return store.All(tx, (*Handover).fields, `
		SELECT h.id, h.unit, u.name, h.changes, h.begun, '' FROM handover h JOIN unit u ON u.id = h.unit WHERE h.unit = ? ORDER BY h.changes DESC LIMIT 50`, unit)
}

// items are the things of a handover, in the order in which they were listed.
func items(tx *store.Tx, id int64) ([]Item, error) {
	all, err := store.All(tx, func(x *Item) []any {
		return []any{&x.ID, &x.Kind, &x.Ref, &x.Title, &x.Note, &x.Path, (*store.Time)(&x.Due), &x.Words, &x.Late,
			(*store.Time)(&x.Given), &x.Giver, (*store.Time)(&x.Taken), &x.Taker}
	}, `
		SELECT i.id, i.kind, i.ref, i.title, i.note, i.path, i.due, i.words, i.late,
			i.given, coalesce((SELECT trim(p.given || ' ' || p.family) FROM person p WHERE p.id = i.giver), ?2),
			i.taken, coalesce((SELECT trim(p.given || ' ' || p.family) FROM person p WHERE p.id = i.taker), ?2)
		FROM handover_item i WHERE i.handover = ?1 ORDER BY i.id`, id, person.Gone)
	if err != nil {
		return nil, err
	}
	at := map[int64]int{}
	for i, x := range all {
		at[x.ID] = i
	}
	asked, err := store.All(tx, func(q *Question) []any { return []any{&q.Item, &q.Side, &q.Name, &q.Words, (*store.Time)(&q.At)} }, `
		SELECT q.item, q.side, coalesce(trim(p.given || ' ' || p.family), ?2), q.words, q.at
		FROM handover_item i CROSS JOIN handover_question q ON q.item = i.id LEFT JOIN person p ON p.id = q.person WHERE i.handover = ?1 ORDER BY q.id`, id, person.Gone)
	for _, q := range asked {
		x := &all[at[q.Item]]
		x.Questions = append(x.Questions, q)
	}
	return all, err
}

// fresh are those things of today that a handover does not have. What it has and is no longer there is marked in items.
func fresh(items []Item, today []house.Legacy) (more []Item) {
	type name struct{ kind, ref string }
	has, is := map[name]bool{}, map[name]bool{}
	for _, x := range items {
		has[name{x.Kind, x.Ref}] = true
	}
	for _, l := range today {
		n := name{l.Kind, l.Ref}
		if !has[n] && !is[n] {
			more = append(more, Item{Legacy: l})
		}
		is[n] = true
	}
	for i, x := range items {
		items[i].Gone = !is[name{x.Kind, x.Ref}]
	}
	return more
}

// Begin begins a handover for a day of change, with all that the board leaves today. Of two who begin it at once the second
// finds what the first has made.
func Begin(tx *store.Tx, h *house.House, w Wires, v who.Viewer, unit int64, changes time.Time) (int64, error) {
	now := h.Now()
	if _, _, err := committee.Must(tx, v, unit, committee.Leading, now); err != nil {
		return 0, err
	}
	if !changes.After(now) {
		return 0, fault.At("changes", "Dieser Tag liegt nicht in der Zukunft.")
	}
	if changes.After(now.AddDate(ahead, 0, 0)) {
		return 0, fault.At("changes", "Das ist zu lange hin. Bitte wählen Sie einen Tag in den nächsten zwei Jahren.")
	}
	n, err := tx.Exec(`INSERT OR IGNORE INTO handover (unit, changes, begun, starter) VALUES (?, ?, ?, ?)`, unit, changes.Unix(), now.Unix(), v.ID)
	if err != nil {
		return 0, err
	}
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM handover WHERE unit = ? AND changes = ?`, unit, changes.Unix())
	if err != nil || n == 0 {
		return id, err
	}
	all, err := w.Legacy(tx, v, unit)
	if err != nil {
		return 0, err
	}
	if err := list(tx, id, all, false); err != nil {
		return 0, err
	}
	if err := tellBoard(tx, h, begun, id, unit, changes, v.ID); err != nil {
		return 0, err
	}
	if err := search.Changed(tx, foundKind, id); err != nil {
		return 0, err
	}
	return id, w.Log(tx, now, v.ID, "handover.begun", id)
}

// list puts things into a handover; what it has already stays as it is.
func list(tx *store.Tx, id int64, all []house.Legacy, late bool) error {
	for _, l := range all {
		if _, err := tx.Exec(`
			INSERT OR IGNORE INTO handover_item (handover, kind, ref, title, note, path, due, late) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			id, l.Kind, l.Ref, l.Title, l.Note, l.Path, store.Seconds(l.Due), late); err != nil {
			return err
		}
	}
	return nil
}

// drop removes a handover that nobody has signed.
func drop(tx *store.Tx, id int64) error {
	n, err := tx.Exec(`DELETE FROM handover WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM handover_signature s WHERE s.handover = ?1)`, id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Diese Übergabe ist schon unterschrieben. Sie bleibt, wie sie ist.")
	}
	if err != nil {
		return err
	}
	return search.Changed(tx, foundKind, id)
}
