package floor

import (
	"fmt"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// get is the floor of a meeting; the zero Floor where it has not begun.
func get(tx *store.Tx, meeting int64) (Floor, error) {
	f, err := store.One(tx, (*Floor).fields, `
		SELECT meeting, version, coalesce(chair, 0), began, ended, votes, coalesce(item, 0), timer, shut, fresh, arrivals FROM floor WHERE meeting = ?`, meeting)
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

// presences are all of a meeting, in the order of names.
func presences(tx *store.Tx, meeting int64) ([]Presence, error) {
	return store.All(tx, (*Presence).fields, `
		SELECT coalesce(p.id, 0), coalesce(trim(p.given || ' ' || p.family), ''), x.votes, x.since, x.until
		FROM floor_presence x LEFT JOIN person p ON p.id = x.person WHERE x.meeting = ? ORDER BY p.family, p.given, p.id, x.since`, meeting)
}

// arrive notes that somebody is there; who is there already is.
func arrive(tx *store.Tx, h *house.House, m Meeting, person int64) error {
	_, err := tx.Exec(`
		INSERT INTO floor_presence (meeting, person, votes, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		m.ID, person, slices.Contains(m.Entitled, person), h.Now().Unix())
	told(tx, h, m.Unit)
	return err
}

// leave notes that somebody has gone. Who came less than a minute ago was not there: it was a slip of the finger.
func leave(tx *store.Tx, h *house.House, m Meeting, person int64) error {
	now := h.Now()
	if _, err := tx.Exec(`DELETE FROM floor_presence WHERE meeting = ? AND person = ? AND until IS NULL AND since > ?`, m.ID, person, now.Add(-time.Minute).Unix()); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_presence SET until = ? WHERE meeting = ? AND person = ? AND until IS NULL`, now.Unix(), m.ID, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM floor_speaker WHERE meeting = ? AND person = ? AND called IS NULL`, m.ID, person); err != nil {
		return err
	}
	told(tx, h, m.Unit)
	return nil
}

// There reports whether somebody is in the room in which a motion is decided.
func There(tx *store.Tx, motion, person int64) (bool, error) {
	return store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM floor_motion m JOIN floor_presence p ON p.meeting = m.meeting WHERE m.id = ? AND p.person = ? AND p.until IS NULL)`, motion, person)
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

// motions are all of a meeting, in the order in which they were moved.
func motions(tx *store.Tx, meeting int64) ([]Motion, error) {
	return store.All(tx, (*Motion).fields, `
		SELECT m.id, m.uid, m.meeting, m.unit, m.item, coalesce(m.amends, 0), m.title, m.wording, coalesce(m.mover, 0), coalesce(trim(p.given || ' ' || p.family), ''), m.public,
			m.state, m.edition, m.created, m.changed
		FROM floor_motion m LEFT JOIN person p ON p.id = m.mover WHERE m.meeting = ? ORDER BY m.id`, meeting)
}

// motion is one; NotFound for none.
func motion(tx *store.Tx, id int64) (Motion, error) {
	return store.One(tx, (*Motion).fields, `
		SELECT m.id, m.uid, m.meeting, m.unit, m.item, coalesce(m.amends, 0), m.title, m.wording, coalesce(m.mover, 0), coalesce(trim(p.given || ' ' || p.family), ''), m.public,
			m.state, m.edition, m.created, m.changed
		FROM floor_motion m LEFT JOIN person p ON p.id = m.mover WHERE m.id = ?`, id)
}

// move puts a motion. The same form twice is one motion.
func move(tx *store.Tx, h *house.House, m Meeting, d Motion) (int64, error) {
	f, err := get(tx, m.ID)
	if err == nil {
		err = f.running()
	}
	if err != nil {
		return 0, err
	}
	item, ok := m.Item(d.Item)
	if !ok {
		return 0, fault.New(fault.Conflict, "Bitte rufen Sie zuerst einen Punkt der Tagesordnung auf.")
	}
	if err := d.check(); err != nil {
		return 0, err
	}
	if d.Amends != 0 {
		other, err := motion(tx, d.Amends)
		if err != nil || other.Meeting != m.ID || other.Item != d.Item || other.State != Worded { // of another item it may be public, and this one not
			return 0, fault.At("amends", "Dieser Antrag lässt sich nicht mehr ändern.")
		}
	}
	now := h.Now().Unix()
	if _, err := tx.Exec(`
		INSERT INTO floor_motion (uid, meeting, unit, item, amends, title, wording, mover, public, state, edition, created, changed)
		VALUES (?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, 'worded', 1, ?11, ?11) ON CONFLICT (uid) DO NOTHING`,
		d.UID, m.ID, m.Unit, d.Item, d.Amends, d.Title, d.Wording, d.Mover, item.Public && m.Public, now, now); err != nil {
		return 0, err
	}
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM floor_motion WHERE uid = ?`, d.UID)
	if err != nil {
		return 0, err
	}
	told(tx, h, m.Unit)
	return id, search.Changed(tx, foundKind, id)
}

// reword changes the words of a motion, if nobody else has since.
func reword(tx *store.Tx, h *house.House, d Motion, title, wording string, edition int) error {
	if err := d.editable(); err != nil {
		return err
	}
	d.Title, d.Wording = title, wording
	if err := d.check(); err != nil {
		return err
	}
	if edition != d.Edition {
		return fault.New(fault.Conflict, "Inzwischen hat jemand anderes den Wortlaut geändert. Ihr Text steht noch hier; bitte vergleichen Sie ihn.")
	}
	told(tx, h, d.Unit)
	if _, err := tx.Exec(`UPDATE floor_motion SET title = ?, wording = ?, edition = edition + 1, changed = ? WHERE id = ?`, title, wording, h.Now().Unix(), d.ID); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, d.ID)
}

// settle gives a motion another state.
func settle(tx *store.Tx, h *house.House, d Motion, state string) error {
	told(tx, h, d.Unit)
	if _, err := tx.Exec(`UPDATE floor_motion SET state = ?, changed = ? WHERE id = ?`, state, h.Now().Unix(), d.ID); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, d.ID)
}

// put has a motion voted on.
func put(tx *store.Tx, h *house.House, w Wires, m Meeting, v who.Viewer, d Motion, secret, paper bool) error {
	f, err := get(tx, m.ID)
	if err == nil {
		err = f.running()
	}
	if err == nil {
		err = d.editable()
	}
	if err != nil {
		return err
	}
	if f.Item != d.Item {
		return fault.New(fault.Conflict, "Bitte rufen Sie zuerst den Punkt auf, zu dem dieser Antrag gehört.")
	}
	if n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM floor_motion WHERE meeting = ? AND state = 'voting'`, m.ID); err != nil || n > 0 {
		if err == nil {
			err = fault.New(fault.Conflict, "Es läuft schon eine Abstimmung. Bitte schließen Sie diese zuerst.")
		}
		return err
	}
	there, err := presences(tx, m.ID)
	if err != nil {
		return err
	}
	var voters []int64
	for _, p := range counted(there, m) {
		if p.Votes && p.Until.IsZero() && p.Person != 0 {
			voters = append(voters, p.Person)
		}
	}
	if !m.Rules.Quorate(len(voters), f.Votes) {
		return fault.New(fault.Conflict, "Die Sitzung ist nicht beschlussfähig: %d von %d Stimmen sind da, nötig sind %d Prozent.", len(voters), f.Votes, m.Rules.Quorum)
	}
	if err := w.Vote(tx, v, Ballot{Unit: m.Unit, Motion: d.ID, Title: d.Title, Wording: d.Wording, Secret: secret, Paper: paper, Voters: voters,
		Votes: f.Votes, Rules: m.Rules, Path: plenum(m.ID)}); err != nil {
		return err
	}
	return settle(tx, h, d, Voting)
}

// Voted is told that a vote on a motion has ended; a vote that was withdrawn is neither carried nor closed.
func Voted(tx *store.Tx, h *house.House, x Vote, withdrawn bool, w Wires) error {
	d, err := motion(tx, x.Motion)
	if err != nil || d.State != Voting {
		return err
	}
	switch {
	case withdrawn:
		return settle(tx, h, d, Worded)
	case !x.Carried:
		return settle(tx, h, d, Rejected)
	}
	if err := settle(tx, h, d, Carried); err != nil {
		return err
	}
	if d.Amends != 0 { // the motion is worded as the amendment says, and then voted on itself
		other, err := motion(tx, d.Amends)
		if err != nil || other.State != Worded {
			return err
		}
		return reword(tx, h, other, other.Title, d.Wording, other.Edition)
	}
	place, err := placeOf(tx, w, d)
	if err != nil {
		return err
	}
	return w.Decided(tx, Decision{Motion: d.ID, Unit: d.Unit, Meeting: d.Meeting, Item: d.Item, Place: place, Title: d.Title, Wording: d.Wording,
		Public: d.Public, Tally: x.Tally, At: h.Now()})
}

// placeOf says where a motion was moved.
func placeOf(tx *store.Tx, w Wires, d Motion) (string, error) {
	began, err := store.One(tx, store.Value[int64], `SELECT began FROM floor WHERE meeting = ?`, d.Meeting)
	if err != nil {
		return "", err
	}
	words := "Sitzung am " + house.Local(time.Unix(began, 0)).Format("02.01.2006")
	if w.Number != nil {
		if n, err := w.Number(tx, d.Item); err != nil || n != "" {
			return fmt.Sprintf("%s, TOP %s", words, n), err
		}
	}
	return words, nil
}

func newUID() string { return uuid.Must(uuid.NewV7()).String() }
