package message

import (
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const (
	mostUnread = 100                 // messages that are counted; more are "99+"
	badgeFor   = 90 * 24 * time.Hour // what is older is not counted in the menu
)

// A Row is a conversation in the list.
type Row struct {
	Conversation
	With   []Party // whom one writes to
	For    Party   // the board for which one reads; zero: none
	Unread int     // messages of other people
	last   string  // body of the last message that somebody has written
	gone   bool    // which was removed
}

// Last is the beginning of the last message; "" where that was removed, or has only files.
func (r Row) Last() string { return text.Plain(r.last, 120) }

// Gone reports whether the last message was removed.
func (r Row) Gone() bool { return r.gone }

// More reports whether there are more unread messages than are counted.
func (r Row) More() bool { return r.Unread >= mostUnread }

// rows lists the conversations of a viewer, the latest first, before a time and id; n at the most.
func rows(tx *store.Tx, v who.Viewer, now time.Time, before, beforeID int64, n int) ([]Row, error) {
	all, err := store.All(tx, func(r *Row) []any { return append(r.fields(), &r.Unread, &r.last, &r.gone) }, `
		WITH mine AS MATERIALIZED (
			SELECT unit, min(since) AS since FROM message_team WHERE person = ?1 AND since <= ?2 AND until > ?2 GROUP BY unit),
		own AS MATERIALIZED (
			SELECT p.conversation, p.at, 0 AS unit, 0 AS since FROM message_party p
			WHERE p.person = ?1 AND (p.at, p.conversation) < (?3, ?4) AND EXISTS (
				SELECT 1 FROM message_seat s WHERE s.conversation = p.conversation AND s.person = ?1 AND s.unit IS NULL AND s.since <= ?2 AND s.until > ?2)),
		top AS MATERIALIZED (
			SELECT conversation, at, min(unit) AS unit, min(since) AS since FROM (
				SELECT * FROM own
				UNION ALL
				SELECT p.conversation, p.at, mine.unit, mine.since FROM mine CROSS JOIN message_party p ON p.unit = mine.unit
				WHERE p.at <= ?3 AND (p.at, p.conversation) < (?3, ?4))
			GROUP BY conversation ORDER BY at DESC, conversation DESC LIMIT ?5),
		marked AS (
			SELECT top.*, coalesce((SELECT nullif(r.message, 0) FROM message_read r WHERE r.person = ?1 AND r.conversation = top.conversation),
				(SELECT max(m.id) FROM message m WHERE top.since > 0 AND m.conversation = top.conversation AND m.at < top.since), 0) AS mark FROM top)
		SELECT c.id, c.kind, c.unit, c.child, coalesce(k.given, ''), c.title, c.offered, c.taker, coalesce(trim(t.given || ' ' || t.family), ''),
			c.closed, c.latest, c.at, c.warned, marked.unit, marked.mark,
			(SELECT count(*) FROM (SELECT 1 FROM message m WHERE m.conversation = c.id AND m.id > marked.mark AND m.author IS NOT ?1 AND m.auto = 0 LIMIT ?6)),
			coalesce(l.body, ''), l.removed IS NOT NULL
		FROM marked JOIN message_conversation c ON c.id = marked.conversation LEFT JOIN message l ON l.id = (
			SELECT m.id FROM message m WHERE m.conversation = c.id AND m.auto = 0 ORDER BY m.id DESC LIMIT 1)
		LEFT JOIN child k ON k.id = c.child LEFT JOIN person t ON t.id = c.taker
		ORDER BY marked.at DESC, c.id DESC`, v.ID, now.Unix(), before, beforeID, n, mostUnread)
	if err != nil {
		return nil, err
	}
	for i := range all {
		ps, err := parties(tx, all[i].ID)
		if err != nil {
			return nil, err
		}
		all[i].With, all[i].For = others(ps, all[i].Side, v.ID), board(ps, all[i].Conversation)
	}
	return all, nil
}

// unread counts the conversations in which there is something that the viewer has not read.
func unread(tx *store.Tx, v who.Viewer, now time.Time) (int, error) {
	if v.ID == 0 {
		return 0, nil
	}
	return store.One(tx, store.Value[int], `
		WITH mine AS MATERIALIZED (
			SELECT unit, min(since) AS since FROM message_team WHERE person = ?1 AND since <= ?2 AND until > ?2 GROUP BY unit),
		all_ AS (
			SELECT p.conversation, 0 AS since FROM message_party p
			WHERE p.person = ?1 AND p.at > ?3 AND EXISTS (
				SELECT 1 FROM message_seat s WHERE s.conversation = p.conversation AND s.person = ?1 AND s.unit IS NULL AND s.since <= ?2 AND s.until > ?2)
			UNION ALL
			SELECT p.conversation, mine.since FROM mine CROSS JOIN message_party p ON p.unit = mine.unit WHERE p.at > ?3 AND p.at >= mine.since)
		SELECT count(DISTINCT c.id) FROM all_ JOIN message_conversation c ON c.id = all_.conversation
		LEFT JOIN message_read r ON r.person = ?1 AND r.conversation = c.id WHERE c.latest > coalesce(r.message, 0)`,
		v.ID, now.Unix(), now.Add(-badgeFor).Unix())
}
