package floor

import (
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// beginning is how a wording begins, in one short line.
func beginning(wording string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(wording), "\n")
	if r := []rune(line); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return line
}

// Name is the title of a motion that somebody has named; "": it is called as it begins.
func (m Motion) Name() string {
	if m.Title == beginning(m.Wording) {
		return ""
	}
	return m.Title
}

// motions are all of a meeting, in the order in which they were moved.
func motions(tx *store.Tx, meeting int64) ([]Motion, error) {
	return store.All(tx, (*Motion).fields, `
		SELECT m.id, m.uid, m.meeting, m.unit, m.item, coalesce(m.amends, 0), coalesce(m.base, 0), m.title, m.wording,
			coalesce(m.mover, 0), coalesce(trim(p.given || ' ' || p.family), ''), coalesce(trim(s.given || ' ' || s.family), ''),
			coalesce(m.writer, 0), coalesce(trim(w.given || ' ' || w.family), ''), m.public, m.state, m.edition, m.created, m.changed
		FROM floor_motion m LEFT JOIN person p ON p.id = m.mover LEFT JOIN person s ON s.id = m.second LEFT JOIN person w ON w.id = m.writer WHERE m.meeting = ? ORDER BY m.id`, meeting)
}

// motion is one; NotFound for none.
func motion(tx *store.Tx, id int64) (Motion, error) {
	return store.One(tx, (*Motion).fields, `
		SELECT m.id, m.uid, m.meeting, m.unit, m.item, coalesce(m.amends, 0), coalesce(m.base, 0), m.title, m.wording,
			coalesce(m.mover, 0), coalesce(trim(p.given || ' ' || p.family), ''), coalesce(trim(s.given || ' ' || s.family), ''),
			coalesce(m.writer, 0), coalesce(trim(w.given || ' ' || w.family), ''), m.public, m.state, m.edition, m.created, m.changed
		FROM floor_motion m LEFT JOIN person p ON p.id = m.mover LEFT JOIN person s ON s.id = m.second LEFT JOIN person w ON w.id = m.writer WHERE m.id = ?`, id)
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
		if err != nil || other.Meeting != m.ID || other.Item != d.Item || other.State != Worded || other.Amends != 0 {
			return 0, fault.At("amends", "Dieser Antrag lässt sich nicht mehr ändern.")
		}
		d.Base = other.Edition
	}
	now := h.Now().Unix()
	other, err := store.One(tx, store.Value[bool], `SELECT EXISTS (SELECT 1 FROM floor_motion WHERE uid = ? AND (wording <> ? OR mover <> ?))`, d.UID, d.Wording, d.Mover)
	if err != nil {
		return 0, err
	}
	if other { // not the same form once more
		d.UID = newUID()
	}
	if _, err := tx.Exec(`
		INSERT INTO floor_motion (uid, meeting, unit, item, amends, base, title, wording, mover, writer, public, state, edition, created, changed)
		VALUES (?1, ?2, ?3, ?4, nullif(?5, 0), nullif(?6, 0), ?7, ?8, ?9, ?9, ?10, 'worded', 1, ?11, ?11) ON CONFLICT (uid) DO NOTHING`,
		d.UID, m.ID, m.Unit, d.Item, d.Amends, d.Base, d.Title, d.Wording, d.Mover, item.Public && m.Public, now); err != nil {
		return 0, err
	}
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM floor_motion WHERE uid = ?`, d.UID)
	if err != nil {
		return 0, err
	}
	told(tx, h, m.Unit)
	return id, search.Changed(tx, foundKind, id)
}

// reword changes the words of a motion for a person, if nobody else has since or is about to. Whoever takes over does so while
// another writes. It returns the edition that the words are now.
func reword(tx *store.Tx, h *house.House, d Motion, by int64, title, wording string, edition int, takes bool) (int, error) {
	if err := d.editable(); err != nil {
		return 0, err
	}
	was := d
	if title == beginning(d.Wording) { // nobody has given it a name
		title = beginning(wording)
	}
	d.Title, d.Wording = title, wording
	if err := d.check(); err != nil {
		return 0, err
	}
	if name := was.Writes(by, h.Now()); name != "" && !takes {
		return 0, fault.New(fault.Conflict, "%s schreibt gerade an diesem Wortlaut. Ihr Text steht noch hier.", name)
	}
	if edition != d.Edition {
		return 0, fault.New(fault.Conflict, "Inzwischen hat jemand anderes den Wortlaut geändert. Ihr Text steht noch hier; bitte vergleichen Sie ihn.")
	}
	if d.Amends != 0 { // whoever writes has the motion before them as it is now
		other, err := motion(tx, d.Amends)
		if err != nil {
			return 0, err
		}
		d.Base = other.Edition
	}
	d.Writer = by
	return d.Edition + 1, word(tx, h, d)
}

// word writes the words of a motion down as its next edition.
func word(tx *store.Tx, h *house.House, d Motion) error {
	told(tx, h, d.Unit)
	if _, err := tx.Exec(`
		UPDATE floor_motion SET title = ?, wording = ?, base = nullif(?, 0), writer = nullif(?, 0), edition = edition + 1, changed = ? WHERE id = ?`,
		d.Title, d.Wording, d.Base, d.Writer, h.Now().Unix(), d.ID); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, d.ID)
}

// support notes who seconds a motion; the first does.
func support(tx *store.Tx, h *house.House, d Motion, person int64) error {
	if err := d.editable(); err != nil {
		return err
	}
	if d.Mover == person {
		return fault.New(fault.Conflict, "Das ist Ihr eigener Antrag. Unterstützen kann ihn jemand anderes.")
	}
	told(tx, h, d.Unit)
	_, err := tx.Exec(`UPDATE floor_motion SET second = ? WHERE id = ? AND second IS NULL`, person, d.ID)
	return err
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
	if err := inTurn(tx, d); err != nil {
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

// inTurn refuses a vote on a motion before what would change it, and on a change of words that are no longer those.
func inTurn(tx *store.Tx, d Motion) error {
	if d.Amends != 0 {
		other, err := motion(tx, d.Amends)
		switch {
		case err != nil:
			return err
		case other.State != Worded:
			return fault.New(fault.Conflict, "Über den Antrag, den dieser ändern soll, ist schon entschieden.")
		case other.Edition != d.Base:
			return fault.New(fault.Conflict, "Der Antrag wurde inzwischen geändert. Bitte passen Sie den Änderungsantrag an und speichern Sie ihn noch einmal.")
		}
		return nil
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM floor_motion WHERE amends = ? AND state = 'worded'`, d.ID)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "Zu diesem Antrag liegt ein Änderungsantrag vor. Darüber wird zuerst abgestimmt, oder er wird zurückgezogen.")
	}
	return err
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
		other.Wording, other.Writer = d.Wording, d.Mover
		return word(tx, h, other)
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
