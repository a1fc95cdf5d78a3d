package floor

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// get is the floor of a meeting; the zero Floor where it has not begun.
func get(tx *store.Tx, meeting int64) (Floor, error) {
	f, err := store.One(tx, (*Floor).fields, `
		SELECT meeting, unit, version, coalesce(chair, 0), began, ended, votes, coalesce(item, 0), timer, shut, fresh, arrivals FROM floor WHERE meeting = ?`, meeting)
	if fault.KindOf(err) == fault.NotFound {
		return Floor{}, nil
	}
	return f, err
}

// step moves the floor on: what was pressed on a screen that shows another step is refused.
func step(tx *store.Tx, h *house.House, m Meeting, version int64) (Floor, error) {
	f, err := get(tx, m.ID)
	if err == nil {
		err = f.running()
	}
	if err == nil && version != f.Version {
		err = fault.New(fault.Conflict, "Inzwischen hat jemand anderes weitergemacht. Sie sehen jetzt den neuen Stand.")
	}
	if err != nil {
		return f, err
	}
	_, err = tx.Exec(`UPDATE floor SET version = version + 1 WHERE meeting = ?`, m.ID)
	told(tx, h, m.Unit)
	return f, err
}

// told has open pages look again.
func told(tx *store.Tx, h *house.House, unit int64) {
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{unit}}) })
}

// begin opens the floor of a meeting.
func begin(tx *store.Tx, h *house.House, w Wires, m Meeting, v who.Viewer) error {
	f, err := get(tx, m.ID)
	if err != nil || f.Runs() {
		return err
	}
	if !f.Ended.IsZero() {
		return fault.New(fault.Conflict, "Diese Sitzung ist beendet.")
	}
	if len(m.Items) == 0 {
		return fault.New(fault.Conflict, "Diese Sitzung hat keine Tagesordnung. Bitte legen Sie zuerst fest, worum es geht.")
	}
	if err := w.Begin(tx, v, m.ID); err != nil {
		return err
	}
	now := h.Now().Unix()
	if _, err := tx.Exec(`
		INSERT INTO floor (meeting, uid, unit, version, chair, began, votes) VALUES (?, ?, ?, 1, ?, ?, ?)`,
		m.ID, newUID(), m.Unit, v.ID, now, len(m.Entitled)); err != nil {
		return err
	}
	told(tx, h, m.Unit)
	return arrive(tx, h, m, v.ID)
}

// end closes the floor. Whoever is still there was there to the end; who waits to speak has not spoken.
func end(tx *store.Tx, h *house.House, w Wires, m Meeting, v who.Viewer, version int64) error {
	if _, err := step(tx, h, m, version); err != nil {
		return err
	}
	open, err := store.One(tx, store.Value[int], `SELECT count(*) FROM floor_motion WHERE meeting = ? AND state = 'voting'`, m.ID)
	if err != nil {
		return err
	}
	if open > 0 {
		return fault.New(fault.Conflict, "Eine Abstimmung läuft noch. Bitte schließen Sie sie zuerst.")
	}
	now := h.Now().Unix()
	if err := leaveItem(tx, m.ID, Done, h.Now()); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM floor_speaker WHERE meeting = ? AND called IS NULL`, m.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_speaker SET done = ? WHERE meeting = ? AND done IS NULL`, now, m.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor SET ended = ?, item = NULL, timer = NULL WHERE meeting = ?`, now, m.ID); err != nil {
		return err
	}
	return w.End(tx, v, m.ID)
}

// resume takes an end back that was pressed by mistake.
func resume(tx *store.Tx, h *house.House, w Wires, m Meeting, v who.Viewer) error {
	f, err := get(tx, m.ID)
	if err != nil || f.Runs() {
		return err
	}
	if f.Began.IsZero() || h.Now().Sub(f.Ended) > back {
		return fault.New(fault.Conflict, "Das geht nur in den ersten zehn Minuten nach dem Ende.")
	}
	if err := w.Resume(tx, v, m.ID); err != nil {
		return err
	}
	told(tx, h, m.Unit)
	_, err = tx.Exec(`UPDATE floor SET ended = NULL, version = version + 1 WHERE meeting = ?`, m.ID)
	return err
}

// A Turn is what became of an item.
type Turn struct {
	Item  int64
	State string
	Began time.Time
	Spent int // seconds, without the turn that it has now
}

func (t *Turn) fields() []any { return []any{&t.Item, &t.State, (*store.Time)(&t.Began), &t.Spent} }

func turns(tx *store.Tx, meeting int64) ([]Turn, error) {
	return store.All(tx, (*Turn).fields, `SELECT item, state, began, spent FROM floor_item WHERE meeting = ?`, meeting)
}

// leaveItem ends the turn of the current item.
func leaveItem(tx *store.Tx, meeting int64, state string, now time.Time) error {
	_, err := tx.Exec(`UPDATE floor_item SET state = ?, spent = spent + ?2 - began WHERE meeting = ?3 AND state = 'current'`, state, now.Unix(), meeting)
	return err
}

// call has the turn of an item come; the one before it is done, or postponed.
func call(tx *store.Tx, h *house.House, w Wires, m Meeting, v who.Viewer, item, version int64, was string) error {
	next, ok := m.Item(item)
	if !ok && item != 0 {
		return fault.Gone()
	}
	f, err := step(tx, h, m, version)
	if err != nil {
		return err
	}
	if f.Item == item {
		return nil
	}
	voting, err := store.One(tx, store.Value[int], `SELECT count(*) FROM floor_motion WHERE meeting = ? AND state = 'voting'`, m.ID)
	if err != nil {
		return err
	}
	if voting > 0 {
		return fault.New(fault.Conflict, "Eine Abstimmung läuft noch. Bitte schließen Sie sie zuerst.")
	}
	now := h.Now()
	if err := leaveItem(tx, m.ID, was, now); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_speaker SET done = ? WHERE meeting = ? AND called IS NOT NULL AND done IS NULL`, now.Unix(), m.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM floor_speaker WHERE meeting = ? AND called IS NULL`, m.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor SET item = nullif(?, 0), timer = NULL, shut = 0 WHERE meeting = ?`, item, m.ID); err != nil || !ok {
		return err
	}
	if _, err := tx.Exec(`
		INSERT INTO floor_item (meeting, item, state, began, spent) VALUES (?, ?, 'current', ?, 0)
		ON CONFLICT DO UPDATE SET state = 'current', began = excluded.began`, m.ID, next.ID, now.Unix()); err != nil {
		return err
	}
	return w.Reach(tx, v, next.ID)
}

// speakers are those of the current item who wait or speak.
func speakers(tx *store.Tx, f Floor) ([]Speaker, error) {
	all, err := store.All(tx, (*Speaker).fields, `
		SELECT s.id, s.person, trim(p.given || ' ' || p.family), s.asked, s.called,
			(SELECT count(*) FROM floor_speaker o WHERE o.meeting = s.meeting AND o.person = s.person AND o.done IS NOT NULL)
		FROM floor_speaker s JOIN person p ON p.id = s.person WHERE s.meeting = ? AND s.item = ? AND s.done IS NULL ORDER BY s.asked, s.id`, f.Meeting, f.Item)
	return queue(all, f.Fresh), err
}

// speak puts somebody on the list of speakers, or takes them from it.
func speak(tx *store.Tx, h *house.House, m Meeting, person int64, wants, leads bool) error {
	f, err := get(tx, m.ID)
	if err == nil {
		err = f.running()
	}
	if err != nil {
		return err
	}
	told(tx, h, m.Unit)
	if !wants {
		_, err := tx.Exec(`DELETE FROM floor_speaker WHERE meeting = ? AND item = ? AND person = ? AND called IS NULL`, m.ID, f.Item, person)
		return err
	}
	if f.Shut && !leads {
		return fault.New(fault.Conflict, "Die Redeliste ist geschlossen.")
	}
	_, err = tx.Exec(`INSERT INTO floor_speaker (meeting, item, person, asked) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, m.ID, f.Item, person, h.Now().Unix())
	return err
}

// yield ends the turn of who speaks, and gives it to somebody who waits; 0: to nobody.
func yield(tx *store.Tx, h *house.House, m Meeting, version, speaker int64) error {
	f, err := step(tx, h, m, version)
	if err != nil {
		return err
	}
	now := h.Now().Unix()
	if _, err := tx.Exec(`UPDATE floor_speaker SET done = ? WHERE meeting = ? AND called IS NOT NULL AND done IS NULL`, now, m.ID); err != nil || speaker == 0 {
		return err
	}
	n, err := tx.Exec(`UPDATE floor_speaker SET called = ? WHERE id = ? AND meeting = ? AND item = ? AND called IS NULL`, now, speaker, m.ID, f.Item)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Diese Person steht nicht mehr auf der Redeliste.")
	}
	return err
}

func newUID() string { return uuid.Must(uuid.NewV7()).String() }
