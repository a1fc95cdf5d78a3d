package meeting

import (
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

// formUID is the uid that a form carries, or a new one.
func formUID(s string) string {
	if uuid.Validate(s) != nil {
		return newUID()
	}
	return s
}

func (m *Meeting) fields() []any {
	return []any{&m.ID, &m.UID, &m.Unit, &m.UnitName, &m.Title, (*store.Time)(&m.Starts), (*store.Time)(&m.Ends), &m.Place, &m.Online, &m.Body,
		&m.Public, &m.State, &m.Reason, &m.Sequence, (*store.Time)(&m.Invited), (*store.Time)(&m.Told), &m.Late, (*store.Time)(&m.Began),
		(*store.Time)(&m.Ended), (*store.Time)(&m.Created), (*store.Time)(&m.Changed), (*store.Time)(&m.Moved), (*store.Time)(&m.Deleted)}
}

// plain is a meeting, whoever may see it; NotFound where it was removed.
func plain(tx *store.Tx, id int64) (Meeting, error) {
	return store.One(tx, (*Meeting).fields, `
		SELECT m.id, m.uid, m.unit, u.name, m.title, m.starts, m.ends, m.place, m.online, m.body, m.public, m.state, m.reason, m.sequence,
			m.invited, m.told, m.late, m.began, m.ended, m.created, m.changed, m.moved, m.deleted
		FROM meeting m JOIN unit u ON u.id = m.unit WHERE m.id = ? AND m.deleted IS NULL`, id)
}

// shown is a meeting as somebody with a level sees it: whoever is no member gets what is public.
func (m Meeting) shown(level committee.Level) Meeting {
	if m.Level = level; !m.Sits() {
		m.Online, m.Body, m.Late = "", "", false
	}
	return m
}

// Get is a meeting, as the viewer may see it: members see all; others what is public, once it is invited to. Not found for
// all others.
func Get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Meeting, error) {
	m, err := plain(tx, id)
	if err != nil {
		return m, err
	}
	level, err := committee.LevelOf(tx, v, m.Unit, now)
	if err == nil && (level == committee.None || level < committee.Inside && (!m.Public || m.Invited.IsZero())) {
		err = fault.Gone()
	}
	if err != nil {
		return Meeting{}, err
	}
	return m.shown(level), nil
}

// led is a meeting that the viewer leads.
func led(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Meeting, error) {
	m, err := Get(tx, id, v, now)
	if err == nil && !m.Leads() {
		err = fault.New(fault.Forbidden, "Das können nur Vorsitz, Stellvertretung und Schriftführung des Gremiums.")
	}
	return m, err
}

// leads makes sure that the viewer leads a committee.
func leads(tx *store.Tx, v who.Viewer, unit int64, now time.Time) error {
	_, level, err := committee.Must(tx, v, unit, committee.Inside, now)
	if err == nil && level < committee.Leading {
		err = fault.New(fault.Forbidden, "Das können nur Vorsitz, Stellvertretung und Schriftführung des Gremiums.")
	}
	return err
}

// made finds the meeting that the viewer has already made with a form; 0: none.
func made(tx *store.Tx, uid string, v who.Viewer) (int64, error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM meeting WHERE uid = ? AND author = ?`, uid, v.ID)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// Add plans a meeting of a committee that the viewer leads. It begins with the usual agenda, and what waits for the next
// meeting by itself.
func Add(tx *store.Tx, h *house.House, v who.Viewer, d Draft) (int64, error) {
	now := h.Now()
	if err := leads(tx, v, d.Unit, now); err != nil {
		return 0, err
	}
	starts, ends, err := d.check(now)
	if err != nil {
		return 0, err
	}
	if id, err := made(tx, d.UID, v); err != nil || id != 0 {
		return id, err
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO meeting (uid, unit, author, title, starts, ends, place, online, body, public, state, created, changed, moved)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned', ?11, ?11, ?11) RETURNING id`,
		formUID(d.UID), d.Unit, v.ID, d.Title, starts.Unix(), ends.Unix(), d.Place, d.Online, d.Body, d.Public, now.Unix())
	if err != nil {
		return 0, err
	}
	if err := usual(tx, id, now); err != nil {
		return 0, err
	}
	if err := collect(tx, h, id, d.Unit); err != nil {
		return 0, err
	}
	return id, touch(tx, h, id, d.Unit)
}

// touch notes that something of a meeting has changed, and has pages and the search look again.
func touch(tx *store.Tx, h *house.House, id, unit int64) error {
	if _, err := tx.Exec(`UPDATE meeting SET changed = ? WHERE id = ?`, h.Now().Unix(), id); err != nil {
		return err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{unit}}) })
	return changed(tx, id)
}

// news notes that those who are invited do not know the latest.
func news(tx *store.Tx, h *house.House, id, unit int64) error {
	if _, err := tx.Exec(`UPDATE meeting SET moved = max(?, coalesce(told, 0) + 1) WHERE id = ?`, h.Now().Unix(), id); err != nil {
		return err
	}
	return touch(tx, h, id, unit)
}

// edit changes a meeting that has not begun.
func edit(tx *store.Tx, h *house.House, m Meeting, d Draft) error {
	if err := m.open(); err != nil {
		return err
	}
	starts, ends, err := d.check(h.Now())
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting SET title = ?, starts = ?, ends = ?, place = ?, online = ?, body = ?, public = ? WHERE id = ?`,
		d.Title, starts.Unix(), ends.Unix(), d.Place, d.Online, d.Body, d.Public, m.ID); err != nil {
		return err
	}
	return news(tx, h, m.ID, m.Unit)
}

// Begin starts a meeting; one that has begun goes on. Only those who lead it can.
func Begin(tx *store.Tx, h *house.House, v who.Viewer, id int64) error {
	now := h.Now()
	m, err := led(tx, id, v, now)
	if err != nil || m.State == Running {
		return err
	}
	if err := m.open(); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting SET state = 'running', began = ?1, invited = coalesce(invited, ?1), told = coalesce(told, ?1),
		late = iif(invited IS NULL, 1, late) WHERE id = ?2`, now.Unix(), id); err != nil {
		return err
	}
	return touch(tx, h, id, m.Unit)
}

// End closes a meeting that runs. What was not reached is proposed for the next one, if any item was.
func End(tx *store.Tx, h *house.House, v who.Viewer, id int64) error {
	now := h.Now()
	m, err := led(tx, id, v, now)
	if err != nil || m.State == Ended {
		return err
	}
	if m.State != Running {
		return fault.New(fault.Conflict, "Diese Sitzung läuft nicht.")
	}
	if _, err := tx.Exec(`UPDATE meeting SET state = 'ended', ended = ? WHERE id = ?`, now.Unix(), id); err != nil {
		return err
	}
	if err := carry(tx, h, id, m.Unit); err != nil {
		return err
	}
	return touch(tx, h, id, m.Unit)
}

// Resume takes back the end of a meeting, with what that has proposed for the next.
func Resume(tx *store.Tx, h *house.House, v who.Viewer, id int64) error {
	m, err := led(tx, id, v, h.Now())
	if err != nil || m.State == Running {
		return err
	}
	if m.State != Ended {
		return fault.New(fault.Conflict, "Diese Sitzung ist nicht beendet.")
	}
	if _, err := tx.Exec(`
		DELETE FROM meeting_proposal WHERE unit = ?1 AND author IS NULL AND state = 'open' AND EXISTS (SELECT 1 FROM meeting_item i
			WHERE i.meeting = ?2 AND (meeting_proposal.kind = 'carried' AND i.id = meeting_proposal.ref OR i.kind <> '' AND i.kind = meeting_proposal.kind AND i.ref = meeting_proposal.ref))`,
		m.Unit, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting SET state = 'running', ended = NULL WHERE id = ?`, id); err != nil {
		return err
	}
	return touch(tx, h, id, m.Unit)
}

// remove deletes a meeting that nobody was invited to, or that is cancelled. What others may have read leaves a row, for OParl.
func remove(tx *store.Tx, h *house.House, m Meeting) error {
	if m.State != Planned && m.State != Cancelled {
		return fault.New(fault.Conflict, "Zu dieser Sitzung ist schon eingeladen. Bitte sagen Sie sie ab, statt sie zu löschen.")
	}
	if m.State == Planned { // what was proposed waits again; of one that is cancelled it does already
		if _, err := tx.Exec(`
			UPDATE OR IGNORE meeting_proposal SET state = 'open', item = NULL, decided = NULL
			WHERE state = 'taken' AND item IN (SELECT id FROM meeting_item WHERE meeting = ?)`, m.ID); err != nil {
			return err
		}
	}
	all, err := items(tx, m.ID)
	if err != nil {
		return err
	}
	for _, i := range all {
		if err := enclose(tx, who.Viewer{}, i.ID, nil); err != nil {
			return err
		}
	}
	if err := touch(tx, h, m.ID, m.Unit); err != nil {
		return err
	}
	if m.Invited.IsZero() {
		_, err = tx.Exec(`DELETE FROM meeting WHERE id = ?`, m.ID)
		return err
	}
	if _, err := tx.Exec(`UPDATE meeting_item SET deleted = ?1, changed = ?1, title = 'gelöscht', body = '' WHERE meeting = ?2`, h.Now().Unix(), m.ID); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE meeting SET deleted = ?1, title = 'gelöscht', place = '', online = '', body = '', reason = '' WHERE id = ?2`, h.Now().Unix(), m.ID)
	return err
}

// cancel calls a meeting off, and has those told who were invited. A meeting to which nobody was invited is told to nobody.
func cancel(tx *store.Tx, h *house.House, m Meeting, reason string) error {
	if err := m.open(); err != nil {
		return err
	}
	if utf8.RuneCountInString(reason) > maxLine {
		return fault.At("reason", "Der Grund kann höchstens %d Zeichen haben.", maxLine)
	}
	if _, err := tx.Exec(`UPDATE meeting SET state = 'cancelled', reason = ? WHERE id = ?`, reason, m.ID); err != nil {
		return err
	}
	if err := spare(tx, h, m.ID, m.Unit); err != nil {
		return err
	}
	if m.State == Invited {
		if err := send(tx, h, m.ID, true); err != nil {
			return err
		}
	}
	return touch(tx, h, m.ID, m.Unit)
}

// A filter says which meetings a page lists.
type filter struct {
	unit   int64 // 0: of all committees
	past   bool
	before Meeting // those that follow this one on the page; the zero Meeting: from the beginning
	n      int
}

// list are the meetings that the viewer may see: those to come, the next first; or the past, the latest first.
func list(tx *store.Tx, v who.Viewer, now time.Time, by filter) ([]Meeting, error) {
	sign, edge := 1, int64(-1<<62)
	if by.past {
		sign = -1
	}
	if by.before.ID != 0 {
		edge = int64(sign) * by.before.Starts.Unix()
	}
	type row struct {
		Meeting
		sits bool
	}
	rows, err := store.All(tx, func(r *row) []any { return append(r.fields(), &r.sits) }, `
		WITH sits AS MATERIALIZED (SELECT unit FROM committee_seat WHERE person = ?1 AND since <= ?2 AND until > ?2),
		seen AS MATERIALIZED (
			SELECT unit FROM committee_around WHERE person = ?1 AND since <= ?2 AND until > ?2 UNION SELECT unit FROM committee WHERE public = 1)
		SELECT m.id, m.uid, m.unit, u.name, m.title, m.starts, m.ends, m.place, m.online, m.body, m.public, m.state, m.reason, m.sequence,
			m.invited, m.told, m.late, m.began, m.ended, m.created, m.changed, m.moved, m.deleted, m.unit IN (SELECT unit FROM sits)
		FROM meeting m JOIN unit u ON u.id = m.unit
		WHERE m.deleted IS NULL AND (m.unit IN (SELECT unit FROM sits) OR m.public = 1 AND m.invited IS NOT NULL AND m.unit IN (SELECT unit FROM seen))
			AND (?3 = 0 OR m.unit = ?3) AND (m.ends <= ?2 OR m.state IN ('ended', 'cancelled')) = ?4
			AND (?5 * m.starts > ?6 OR ?5 * m.starts = ?6 AND ?5 * m.id > ?5 * ?7)
		ORDER BY ?5 * m.starts, ?5 * m.id LIMIT ?8`, v.ID, now.Unix(), by.unit, by.past, sign, edge, by.before.ID, by.n)
	all := make([]Meeting, len(rows))
	for i, r := range rows {
		level := committee.Around
		if r.sits {
			level = committee.Inside
		}
		all[i] = r.shown(level)
	}
	return all, err
}
