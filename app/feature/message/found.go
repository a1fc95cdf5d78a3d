package message

import (
	"fmt"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// foundKind is the kind of a message in the search index.
const foundKind = "message"

// source is what can be found: by those who take part, and by the teams of the moment. Nobody else learns even how many
// there are.
func source(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Nachrichten",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT id FROM message WHERE id > ? AND removed IS NULL AND auto = 0 ORDER BY id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT m.id FROM json_each(?3) j CROSS JOIN message m ON m.id = j.value
				WHERE m.removed IS NULL AND m.auto = 0 AND EXISTS (
					SELECT 1 FROM message_seat s WHERE s.conversation = m.conversation AND s.person = ?1 AND s.since <= ?2 AND s.until > ?2)`,
				v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				WITH c AS MATERIALIZED (
					SELECT DISTINCT conversation FROM message_seat WHERE person = ?1 AND since <= ?2 AND until > ?2)
				SELECT m.id FROM c CROSS JOIN message m ON m.conversation = c.conversation JOIN message_conversation t ON t.id = c.conversation
				WHERE m.removed IS NULL AND m.auto = 0 AND NOT EXISTS (
					SELECT 1 FROM json_each(?3) w WHERE instr(lower(t.title || ' ' || m.body), lower(w.value)) = 0)
				ORDER BY m.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

// A seat is who may find what: a party of the conversation of a message.
type seat struct {
	message, unit, above, person int64 // unit 0: a person; above: of a group its facility
	kind                         org.Kind
}

func docs(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	var all []search.Doc
	type row struct {
		search.Doc
		conversation int64
	}
	got, err := store.All(tx, func(r *row) []any {
		return []any{&r.Ref, &r.conversation, &r.Unit, &r.Title, &r.Body, &r.Author, (*store.Time)(&r.At)}
	}, `
		SELECT m.id, c.id, c.unit, c.title, m.body, coalesce(p.given || ' ' || p.family, ''), m.at
		FROM json_each(?) j JOIN message m ON m.id = j.value JOIN message_conversation c ON c.id = m.conversation LEFT JOIN person p ON p.id = m.author
		WHERE m.removed IS NULL AND m.auto = 0`, store.List(ids))
	if err != nil {
		return nil, err
	}
	at := map[int64]int{}
	for i, r := range got {
		d := r.Doc
		d.Body, d.At = text.Plain(d.Body, 0), house.Local(d.At)
		d.Path = fmt.Sprintf("/gespraech/%d?ab=%d#n%d", r.conversation, d.Ref-1, d.Ref)
		at[d.Ref] = i
		all = append(all, d)
	}
	seats, err := store.All(tx, func(s *seat) []any {
		return []any{&s.message, store.Null(&s.unit), store.Null(&s.above), store.Null(&s.person), &s.kind}
	}, `
		SELECT m.id, p.unit, u.parent, p.person, coalesce(u.kind, '') FROM json_each(?) j JOIN message m ON m.id = j.value
		JOIN message_party p ON p.conversation = m.conversation LEFT JOIN unit u ON u.id = p.unit`, store.List(ids))
	if err != nil {
		return nil, err
	}
	for _, s := range seats {
		i, ok := at[s.message]
		if !ok {
			continue
		}
		d := &all[i]
		here := func(unit int64, roles ...who.Role) {
			d.Reach = append(d.Reach, search.Reach{Unit: unit, Roles: who.Of(roles...), Closed: true, Here: true})
		}
		switch s.kind { // as the view message_team
		case "":
			d.People = append(d.People, s.person)
		case org.Group:
			here(s.unit, who.Staff)
			here(s.above, who.Staff, who.Head)
		case org.Facility:
			here(s.unit, who.Head)
		case org.Carrier:
			here(s.unit, who.Manager)
		case org.Committee:
			here(s.unit, who.Chair)
		case org.City:
			here(s.unit, who.Office)
		}
	}
	attached, err := files.IDs(tx, owner, ids)
	for id, i := range at {
		all[i].Files = attached[id]
	}
	return all, err
}
