package room

import (
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Person who can be addressed.
type Person struct {
	ID   int64
	Name string
}

// addressable lists whom a post can address: who has written in the room, and who looks after it. Whoever only reads is
// nobody's business.
func addressable(tx *store.Tx, r Room, v who.Viewer, now time.Time) ([]Person, error) {
	return store.All(tx, func(p *Person) []any { return []any{&p.ID, &p.Name} }, `
		SELECT p.id, coalesce(a.alias, trim(p.given || ' ' || p.family)) AS name
		FROM person p LEFT JOIN youth_alias a ON a.room = ?1 AND a.person = p.id
		WHERE p.id <> ?2 AND (p.id IN (SELECT o.author FROM room_topic t JOIN room_post o ON o.topic = t.id WHERE t.room = ?1 AND o.state = 'shown')
				OR p.id IN (SELECT person FROM room_right WHERE room = ?1 AND far = 0 AND since <= ?3 AND until > ?3))
			AND p.id IN (SELECT person FROM room_right WHERE room = ?1 AND since <= ?3 AND until > ?3)
		ORDER BY name, p.id LIMIT 500`, r.ID, v.ID, now.Unix())
}

// dress adds to posts what stands around them.
func (f *feature) dress(tx *store.Tx, v who.Viewer, all []Post) error {
	ids := make([]int64, len(all))
	at := map[int64]*Post{}
	for i := range all {
		p := &all[i]
		ids[i], at[p.ID] = p.ID, p
		p.Reactions = reactions()
		if p.State == Shown || p.State == Waiting || p.Mine {
			var err error
			if p.Files, err = files.Of(tx, owner, p.ID); err != nil {
				return err
			}
		}
	}
	type given struct {
		post  int64
		kind  string
		count int
		mine  bool
	}
	list := store.List(ids)
	rs, err := store.All(tx, func(g *given) []any { return []any{&g.post, &g.kind, &g.count, &g.mine} }, `
		SELECT r.post, r.kind, count(*), max(r.person = ?2) FROM json_each(?1) j JOIN room_reaction r ON r.post = j.value GROUP BY r.post, r.kind`, list, v.ID)
	if err != nil {
		return err
	}
	for _, g := range rs {
		for i := range at[g.post].Reactions {
			if r := &at[g.post].Reactions[i]; r.Kind == g.kind {
				r.Count, r.Mine = g.count, g.mine
			}
		}
	}
	type named struct {
		post int64
		name string
	}
	ns, err := store.All(tx, func(n *named) []any { return []any{&n.post, &n.name} }, `
		SELECT m.post, coalesce(a.alias, trim(p.given || ' ' || p.family))
		FROM json_each(?) j JOIN room_mention m ON m.post = j.value JOIN person p ON p.id = m.person JOIN room_post o ON o.id = m.post
		JOIN room_topic t ON t.id = o.topic LEFT JOIN youth_alias a ON a.room = t.room AND a.person = m.person ORDER BY m.post, 2`, list)
	if err != nil {
		return err
	}
	for _, n := range ns {
		if p := at[n.post]; p.State == Shown || p.Mine {
			p.Named = append(p.Named, n.name)
		}
	}
	return f.pagesOf(tx, v, at, list)
}

// pagesOf adds the pages that were made of posts, those that the viewer may read.
func (f *feature) pagesOf(tx *store.Tx, v who.Viewer, at map[int64]*Post, list string) error {
	type made struct{ post, page int64 }
	ms, err := store.All(tx, func(m *made) []any { return []any{&m.post, &m.page} }, `
		SELECT g.post, g.page FROM json_each(?) j JOIN room_page g ON g.post = j.value ORDER BY g.page`, list)
	if err != nil || len(ms) == 0 {
		return err
	}
	var ids []int64
	for _, m := range ms {
		ids = append(ids, m.page)
	}
	titles, err := f.titles(tx, v, ids)
	if err != nil {
		return err
	}
	for _, m := range ms {
		if title, ok := titles[m.page]; ok {
			at[m.post].Pages = append(at[m.post].Pages, Page{m.page, title})
		}
	}
	return nil
}
