package message

import (
	"html/template"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

func (c *Conversation) fields() []any {
	return []any{&c.ID, &c.Kind, &c.Unit, store.Null(&c.Child), &c.Kid, &c.Title, &c.Offered, store.Null(&c.Taker), &c.Takes,
		(*store.Time)(&c.Closed), &c.Latest, (*store.Time)(&c.At), (*store.Time)(&c.Warned), &c.Side, &c.Seen}
}

// get finds a conversation that the viewer may read. Whoever is both, a guardian and of the team, reads as a guardian.
// What a team was written before somebody joined it counts as read.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Conversation, error) {
	c, err := store.One(tx, (*Conversation).fields, `
		WITH s AS MATERIALIZED (
			SELECT unit, since FROM message_seat WHERE conversation = ?1 AND person = ?2 AND since <= ?3 AND until > ?3
			ORDER BY unit IS NOT NULL, unit LIMIT 1)
		SELECT c.id, c.kind, c.unit, c.child, coalesce(k.given, ''), c.title, c.offered, c.taker, coalesce(trim(t.given || ' ' || t.family), ''),
			c.closed, c.latest, c.at, c.warned, coalesce(s.unit, 0),
			coalesce((SELECT nullif(r.message, 0) FROM message_read r WHERE r.person = ?2 AND r.conversation = c.id),
				(SELECT max(m.id) FROM message m WHERE s.since > 0 AND m.conversation = c.id AND m.at < s.since), 0)
		FROM s JOIN message_conversation c ON c.id = ?1 LEFT JOIN child k ON k.id = c.child LEFT JOIN person t ON t.id = c.taker`,
		id, v.ID, now.Unix())
	if c.Side == 0 {
		c.Taker, c.Takes = 0, "" // the team's own business
	}
	return c, err
}

// parties lists who takes part in a conversation.
func parties(tx *store.Tx, id int64) ([]Party, error) {
	return store.All(tx, func(p *Party) []any { return []any{store.Null(&p.Unit), store.Null(&p.Person), &p.Name, &p.Kind} }, `
		SELECT p.unit, p.person, coalesce(u.name, trim(n.given || ' ' || n.family)), coalesce(u.kind, '')
		FROM message_party p LEFT JOIN unit u ON u.id = p.unit LEFT JOIN person n ON n.id = p.person
		WHERE p.conversation = ? ORDER BY p.rowid`, id)
}

// others are the parties that somebody who reads a conversation writes to.
func others(all []Party, side int64, person int64) (rest []Party) {
	for _, p := range all {
		if side != 0 && p.Unit != side || side == 0 && p.Person != person {
			rest = append(rest, p)
		}
	}
	if len(rest) == 0 { // the other has left
		rest = []Party{{Name: "ehemals im Haus"}}
	}
	return rest
}

// board is the board for which somebody reads what was written to it: one may be of several. The zero Party for all else.
func board(all []Party, c Conversation) (p Party) {
	for _, x := range all {
		if c.Kind == Council && c.Side != 0 && x.Unit == c.Side {
			p = x
		}
	}
	return p
}

func (m *Message) fields() []any {
	return []any{&m.ID, store.Null(&m.Author), &m.Name, store.Null(&m.Side), &m.Team, &m.kind, &m.Auto, &m.body, &m.HTML, (*store.Time)(&m.At),
		(*store.Time)(&m.Edited), (*store.Time)(&m.Removed), store.Null(&m.Quote.ID), &m.Quote.Name, &m.Quote.Words}
}

// after lists messages of a conversation above an id, the oldest first; n at the most.
func after(tx *store.Tx, conversation, id int64, n int) ([]Message, error) {
	return store.All(tx, (*Message).fields, `
		SELECT m.id, m.author, coalesce(trim(p.given || ' ' || p.family), ''), m.side, coalesce(u.name, ''), coalesce(u.kind, ''), m.auto,
			m.body, m.html, m.at, m.edited, m.removed, m.quote, coalesce(trim(qp.given || ' ' || qp.family), ''), coalesce(q.body, '')
		FROM message m LEFT JOIN person p ON p.id = m.author LEFT JOIN unit u ON u.id = m.side
		LEFT JOIN message q ON q.id = m.quote LEFT JOIN person qp ON qp.id = q.author
		WHERE m.conversation = ? AND m.id > ? ORDER BY m.id LIMIT ?`, conversation, id, n)
}

// upTo lists messages of a conversation up to an id, the newest first; n at the most.
func upTo(tx *store.Tx, conversation, id int64, n int) ([]Message, error) {
	return store.All(tx, (*Message).fields, `
		SELECT m.id, m.author, coalesce(trim(p.given || ' ' || p.family), ''), m.side, coalesce(u.name, ''), coalesce(u.kind, ''), m.auto,
			m.body, m.html, m.at, m.edited, m.removed, m.quote, coalesce(trim(qp.given || ' ' || qp.family), ''), coalesce(q.body, '')
		FROM message m LEFT JOIN person p ON p.id = m.author LEFT JOIN unit u ON u.id = m.side
		LEFT JOIN message q ON q.id = m.quote LEFT JOIN person qp ON qp.id = q.author
		WHERE m.conversation = ? AND m.id <= ? ORDER BY m.id DESC LIMIT ?`, conversation, id, n)
}

// dress completes messages for a viewer: files, quotes, and what stood there before.
func dress(tx *store.Tx, v who.Viewer, all []Message) error {
	at := map[int64]int{}
	ids := make([]int64, len(all))
	for i := range all {
		m := &all[i]
		at[m.ID], ids[i] = i, m.ID
		m.Mine = m.Author == v.ID
		if m.Quote.Words != "" {
			m.Quote.Words = text.Plain(m.Quote.Words, 140)
		}
	}
	attached, err := files.IDs(tx, owner, ids)
	if err != nil {
		return err
	}
	for id := range attached {
		if all[at[id]].Files, err = files.Of(tx, owner, id); err != nil {
			return err
		}
	}
	type row struct {
		message int64
		body    string
		until   time.Time
	}
	rows, err := store.All(tx, func(r *row) []any { return []any{&r.message, &r.body, (*store.Time)(&r.until)} }, `
		SELECT b.message, b.body, b.until FROM json_each(?) j CROSS JOIN message_before b ON b.message = j.value ORDER BY b.id`, store.List(ids))
	for _, r := range rows {
		m := &all[at[r.message]]
		m.Before = append(m.Before, Before{HTML: text.HTML(r.body), Until: r.until})
	}
	return err
}

// found is a message with its conversation, where the viewer may read that. What was removed is not found.
func found(tx *store.Tx, id int64, v who.Viewer, now time.Time) (m Message, c Conversation, err error) {
	conversation, err := store.One(tx, store.Value[int64], `SELECT conversation FROM message WHERE id = ? AND removed IS NULL`, id)
	if err != nil {
		return m, c, err
	}
	if c, err = get(tx, conversation, v, now); err != nil {
		return m, c, err
	}
	all, err := upTo(tx, conversation, id, 1)
	if err == nil && (len(all) == 0 || all[0].ID != id) {
		err = fault.Gone()
	}
	if err != nil {
		return m, c, err
	}
	err = dress(tx, v, all)
	return all[0], c, err
}

// render is the HTML of a message.
func render(body string) (template.HTML, int) { return text.HTML(body), text.Version }
