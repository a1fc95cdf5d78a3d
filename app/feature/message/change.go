package message

import (
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// own is a message that the viewer has written and may still change.
func own(tx *store.Tx, h *house.House, v who.Viewer, id int64) (Message, Conversation, error) {
	m, c, err := found(tx, id, v, h.Now())
	if err == nil && !m.Mine {
		err = fault.Gone()
	}
	if err == nil {
		err = writable(tx, c, v, h.Now())
	}
	return m, c, err
}

// Edit has a message say something else. What it said before stays for all who take part.
func Edit(tx *store.Tx, h *house.House, v who.Viewer, id int64, body string) (int64, error) {
	m, c, err := own(tx, h, v, id)
	if err != nil {
		return 0, err
	}
	d := Draft{Body: clean(body)}
	for _, x := range m.Files { // with files it may say nothing
		d.Files = append(d.Files, x.ID)
	}
	if err := d.check(); err != nil || d.Body == m.body {
		return c.ID, err
	}
	html, version := render(d.Body)
	now := h.Now().Unix()
	if _, err := tx.Exec(`INSERT INTO message_before (message, body, until) VALUES (?, ?, ?)`, id, m.body, now); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE message SET body = ?, html = ?, renderer = ?, edited = ? WHERE id = ?`, d.Body, string(html), version, now, id); err != nil {
		return 0, err
	}
	if err := search.Changed(tx, foundKind, id); err != nil {
		return 0, err
	}
	return c.ID, shout(tx, h, c.ID)
}

// Remove takes back what a message said, with its files and all that it said before. That there was one stays.
func Remove(tx *store.Tx, h *house.House, v who.Viewer, id int64) (int64, error) {
	m, c, err := own(tx, h, v, id)
	if err != nil {
		return 0, err
	}
	for _, x := range m.Files {
		if err := files.Remove(tx, owner, id, x.ID); err != nil {
			return 0, err
		}
	}
	if _, err := tx.Exec(`DELETE FROM message_before WHERE message = ?`, id); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE message SET body = '', html = '', removed = ? WHERE id = ?`, h.Now().Unix(), id); err != nil {
		return 0, err
	}
	if err := search.Changed(tx, foundKind, id); err != nil {
		return 0, err
	}
	return c.ID, shout(tx, h, c.ID)
}

// Read notes that the viewer has read up to a message.
func Read(tx *store.Tx, h *house.House, v who.Viewer, id, message int64) error {
	c, err := get(tx, id, v, h.Now())
	if err != nil || message <= c.Seen {
		return err
	}
	if err := mark(tx, id, v.ID, min(message, c.Latest)); err != nil {
		return err
	}
	return quietly(tx, h, v.ID)
}

// Take has the viewer look after a conversation of the team, or nobody.
func Take(tx *store.Tx, h *house.House, v who.Viewer, id int64, takes bool) error {
	if err := teamed(tx, h, v, id); err != nil {
		return err
	}
	taker := v.ID
	if !takes {
		taker = 0
	}
	if _, err := tx.Exec(`UPDATE message_conversation SET taker = nullif(?, 0) WHERE id = ?`, taker, id); err != nil {
		return err
	}
	return shout(tx, h, id)
}

// Close ends a conversation of the team, or opens it again.
func Close(tx *store.Tx, h *house.House, v who.Viewer, id int64, closed bool) error {
	if err := teamed(tx, h, v, id); err != nil {
		return err
	}
	at := h.Now().Unix()
	if !closed {
		at = 0
	}
	if _, err := tx.Exec(`UPDATE message_conversation SET closed = nullif(?, 0) WHERE id = ?`, at, id); err != nil {
		return err
	}
	return shout(tx, h, id)
}

// teamed is nil where the viewer reads a conversation for a team.
func teamed(tx *store.Tx, h *house.House, v who.Viewer, id int64) error {
	c, err := get(tx, id, v, h.Now())
	if err == nil && !c.Team() {
		err = fault.Gone()
	}
	return err
}
