package room

import (
	"strings"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// foundKind is the kind of a topic in the search index: it is found with all that stands in it.
const foundKind = owner

func refind(tx *store.Tx, topics ...int64) error { return search.Changed(tx, foundKind, topics...) }

// changedRoom has all topics of a room read anew.
func changedRoom(tx *store.Tx, room int64) error {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM room_topic WHERE room = ?`, room)
	if err != nil {
		return err
	}
	return refind(tx, ids...)
}

// source is what can be found: posts that are shown, in rooms that the searcher has come into. Youth rooms are left out:
// what is said there is not looked up.
func source(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Themen",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT t.id FROM room_topic t JOIN room o ON o.id = t.room WHERE t.id > ? AND o.youth = 0 ORDER BY t.id LIMIT ?`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT DISTINCT t.id FROM json_each(?3) j CROSS JOIN room_topic t ON t.id = j.value
				JOIN room_member m ON m.room = t.room AND m.person = ?1
				WHERE t.room IN (SELECT room FROM room_right WHERE person = ?1 AND since <= ?2 AND until > ?2)
					AND EXISTS (SELECT 1 FROM room_post p WHERE p.topic = t.id AND p.state = 'shown')`, v.ID, now().Unix(), store.List(ids))
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT t.id FROM room_member m JOIN room o ON o.id = m.room AND o.youth = 0 JOIN room_topic t ON t.room = m.room JOIN room_heading h ON h.topic = t.id
				WHERE m.person = ?1 AND t.room IN (SELECT room FROM room_right WHERE person = ?1 AND since <= ?2 AND until > ?2)
					AND EXISTS (SELECT 1 FROM room_post p WHERE p.topic = t.id AND p.state = 'shown' AND NOT EXISTS (
						SELECT 1 FROM json_each(?3) w WHERE instr(lower(h.title || ' ' || p.body), lower(w.value)) = 0))
				ORDER BY t.latest DESC, t.id DESC LIMIT ?4`, v.ID, now().Unix(), store.List(words), n)
		},
	}
}

// A foundTopic is what the search reads of a topic.
type foundTopic struct {
	search.Doc
	room int64
	kind org.Kind
}

func docs(tx *store.Tx, ids []int64) ([]search.Doc, error) {
	rows, err := store.All(tx, func(d *foundTopic) []any {
		return []any{&d.Ref, &d.room, &d.Unit, &d.kind, &d.Title, (*store.Time)(&d.At)}
	}, `
		SELECT t.id, o.id, o.unit, u.kind, h.title, t.latest FROM json_each(?) j JOIN room_topic t ON t.id = j.value JOIN room_heading h ON h.topic = t.id
		JOIN room o ON o.id = t.room AND o.youth = 0 JOIN unit u ON u.id = o.unit
		WHERE EXISTS (SELECT 1 FROM room_post p WHERE p.topic = t.id AND p.state = 'shown')`, store.List(ids))
	if err != nil {
		return nil, err
	}
	var all []search.Doc
	for _, row := range rows {
		d := row.Doc
		d.At, d.Path = house.Local(d.At), Topic{ID: d.Ref}.Path()
		type part struct {
			id   int64
			body string
		}
		parts, err := store.All(tx, func(p *part) []any { return []any{&p.id, &p.body} }, `
			SELECT id, body FROM room_post WHERE topic = ? AND state = 'shown' ORDER BY id`, d.Ref)
		if err != nil {
			return nil, err
		}
		var words []string
		var posts []int64
		for _, p := range parts {
			words, posts = append(words, text.Plain(p.body, 0)), append(posts, p.id)
		}
		d.Body = strings.Join(words, " ")
		attached, err := files.IDs(tx, owner, posts)
		if err != nil {
			return nil, err
		}
		for _, p := range posts {
			d.Files = append(d.Files, attached[p]...)
		}
		if d.Reach, err = store.All(tx, func(r *search.Reach) []any { return []any{&r.Unit, &r.Roles} }, `
			SELECT unit, roles FROM room_audience WHERE room = ?`, row.room); err != nil {
			return nil, err
		}
		for i := range d.Reach {
			d.Reach[i].Closed = true // who leads a unit reads only what is for them, or what they moderate
		}
		moderate := search.Reach{Unit: d.Unit, Roles: who.Of(who.Manager, who.Head, who.Staff), Closed: true}
		if row.kind == org.Committee {
			moderate = search.Reach{Unit: d.Unit, Roles: who.Of(who.Chair), Here: true}
		}
		d.Reach = append(d.Reach, moderate, search.Reach{Unit: d.Unit, Roles: who.Of(who.Office), Here: true})
		all = append(all, d)
	}
	return all, nil
}
