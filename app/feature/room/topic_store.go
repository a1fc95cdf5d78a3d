package room

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const owner = "room" // of files that are attached to posts

func (t *Topic) fields() []any {
	return []any{&t.ID, &t.Room, &t.Title, store.Null(&t.Author), &t.Name, (*store.Time)(&t.Latest), &t.Answers, &t.Pinned, (*store.Time)(&t.Closed), store.Null(&t.Solved), &t.Follows}
}

// topics lists the topics of a room with something in them that the viewer reads: pinned ones first, then the latest.
func topics(tx *store.Tx, r Room, v who.Viewer, before time.Time, n int) ([]Topic, error) {
	until := int64(0) // the first page
	if !before.IsZero() {
		until = before.Unix()
	}
	return store.All(tx, (*Topic).fields, `
		SELECT t.id, t.room, iif(?6 OR t.author = ?2, t.title, (SELECT h.title FROM room_heading h WHERE h.topic = t.id)), t.author,
			coalesce(nullif((SELECT p.alias FROM room_post p WHERE p.topic = t.id ORDER BY p.id LIMIT 1), ''), (SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = t.author), ?5),
			t.latest, (SELECT count(*) - 1 FROM room_post p WHERE p.topic = t.id AND p.state = 'shown'), t.pinned, t.closed, t.solved,
			coalesce((SELECT f.follows FROM room_follow f WHERE f.topic = t.id AND f.person = ?2), 0)
		FROM room_topic t WHERE t.room = ?1 AND (t.pinned = 1 AND ?3 = 0 OR t.pinned = 0 AND (?3 = 0 OR t.latest < ?3))
			AND EXISTS (SELECT 1 FROM room_post p WHERE p.topic = t.id AND (p.state = 'shown' OR p.author = ?2 OR ?6))
		ORDER BY t.pinned DESC, t.latest DESC, t.id DESC LIMIT ?4`, r.ID, v.ID, until, n, person.Gone, r.Moderates)
}

// topic finds a topic of a room that the viewer has come into, and that room.
func (f *feature) topic(tx *store.Tx, id int64, v who.Viewer) (Topic, Room, error) {
	t, err := store.One(tx, (*Topic).fields, `
		SELECT t.id, t.room, t.title, t.author, '', t.latest, 0, t.pinned, t.closed, t.solved,
			coalesce((SELECT f.follows FROM room_follow f WHERE f.topic = t.id AND f.person = ?2), 0)
		FROM room_topic t WHERE t.id = ?1`, id, v.ID)
	if err != nil {
		return t, Room{}, err
	}
	r, err := Get(tx, t.Room, v, f.Now())
	if err != nil {
		return t, r, err
	}
	if !r.Moderates && t.Author != v.ID {
		if t.Title, err = store.One(tx, store.Value[string], `SELECT title FROM room_heading WHERE topic = ?`, id); err != nil {
			return t, r, err
		}
	}
	if !r.Moderates { // begun with something that only its author and moderators see
		n, err := store.One(tx, store.Value[int], `
			SELECT count(*) FROM room_post WHERE topic = ?1 AND (state IN ('shown', 'removed') OR author = ?2)`, id, v.ID)
		if err != nil {
			return t, r, err
		}
		if n == 0 {
			return t, r, fault.Gone()
		}
	}
	return t, r, nil
}

func (p *Post) fields() []any {
	return []any{&p.ID, &p.Topic, store.Null(&p.Author), &p.Name, &p.Team, &p.Body, (*string)(&p.HTML), store.Null(&p.Quote), &p.Quoted, &p.QuoteName,
		(*store.Time)(&p.At), (*store.Time)(&p.Edited), &p.State, &p.Action, &p.Reports}
}

// posts lists the posts of a topic that the viewer may see, in order: the first one and the last n before an id.
func posts(tx *store.Tx, t Topic, r Room, v who.Viewer, before int64, n int, now time.Time) ([]Post, error) {
	all, err := store.All(tx, (*Post).fields, `
		WITH team AS MATERIALIZED (SELECT DISTINCT person FROM room_right WHERE room = ?3 AND far IS NOT NULL AND since <= ?5 AND until > ?5),
		seen AS MATERIALIZED (
			SELECT * FROM (SELECT id FROM room_post WHERE topic = ?1 AND (state IN ('shown', 'removed', 'hidden') OR author = ?2 OR ?4) ORDER BY id LIMIT 1)
			UNION SELECT * FROM (SELECT id FROM room_post WHERE topic = ?1 AND (?6 = 0 OR id < ?6) AND (state IN ('shown', 'removed', 'hidden') OR author = ?2 OR ?4)
				ORDER BY id DESC LIMIT ?7))
		SELECT p.id, p.topic, p.author, coalesce(nullif(p.alias, ''), (SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = p.author), ?8),
			coalesce(p.author IN (SELECT person FROM team), 0), iif(p.state IN ('shown', 'waiting') OR p.author = ?2 OR ?4, p.body, ''),
			iif(p.state IN ('shown', 'waiting') OR p.author = ?2 OR ?4, p.html, ''), p.quote, iif(q.state = 'shown', q.body, ''),
			iif(q.state = 'shown', coalesce(nullif(q.alias, ''), (SELECT trim(n.given || ' ' || n.family) FROM person n WHERE n.id = q.author), ?8), ''),
			p.at, p.edited, p.state,
			coalesce((SELECT max(a.id) FROM room_action a WHERE a.post = p.id AND a.person = ?2 AND a.ground <> ''), 0),
			CASE WHEN ?4 THEN (SELECT count(*) FROM room_report x WHERE x.post = p.id AND x.decided IS NULL) ELSE 0 END
		FROM seen s JOIN room_post p ON p.id = s.id LEFT JOIN room_post q ON q.id = p.quote ORDER BY p.id`,
		t.ID, v.ID, r.ID, r.Moderates, now.Unix(), before, n, person.Gone)
	for i := range all {
		p := &all[i]
		p.Mine, p.Solves, p.Quoted = p.Author == v.ID, p.ID == t.Solved, text.Plain(p.Quoted, 160)
	}
	return all, err
}

// post finds one post that the viewer may see, with its topic and room.
func (f *feature) post(tx *store.Tx, id int64, v who.Viewer) (p Post, t Topic, r Room, err error) {
	topic, err := store.One(tx, store.Value[int64], `SELECT topic FROM room_post WHERE id = ?`, id)
	if err != nil {
		return p, t, r, err
	}
	if t, r, err = f.topic(tx, topic, v); err != nil {
		return p, t, r, err
	}
	all, err := posts(tx, t, r, v, id+1, 1, f.Now())
	if err != nil {
		return p, t, r, err
	}
	i := slices.IndexFunc(all, func(p Post) bool { return p.ID == id })
	if i < 0 {
		return p, t, r, fault.Gone()
	}
	return all[i], t, r, nil
}

// sent is the post that the same form has made already; 0: none.
func sent(tx *store.Tx, uid string, v who.Viewer) (post, topic int64, err error) {
	type row struct{ post, topic int64 }
	r, err := store.One(tx, func(r *row) []any { return []any{&r.post, &r.topic} }, `SELECT id, topic FROM room_post WHERE uid = ? AND author = ?`, uid, v.ID)
	if fault.KindOf(err) == fault.NotFound {
		return 0, 0, nil
	}
	return r.post, r.topic, err
}

// Begin makes a topic with its first post.
func Begin(tx *store.Tx, h *house.House, r Room, v who.Viewer, d Draft) (topic, post int64, err error) {
	if err := d.check(true); err != nil {
		return 0, 0, err
	}
	now := h.Now()
	topic, err = store.One(tx, store.Value[int64], `
		INSERT INTO room_topic (room, title, author, latest) VALUES (?, ?, ?, ?) RETURNING id`, r.ID, d.Title, v.ID, now.Unix())
	if err != nil {
		return 0, 0, err
	}
	post, err = Write(tx, h, Topic{ID: topic, Room: r.ID}, r, v, d)
	return topic, post, err
}

// Write adds a post to a topic.
func Write(tx *store.Tx, h *house.House, t Topic, r Room, v who.Viewer, d Draft) (int64, error) {
	if err := d.check(false); err != nil {
		return 0, err
	}
	if err := r.writes(); err != nil {
		return 0, err
	}
	if err := t.open(); err != nil {
		return 0, err
	}
	if len(d.Files) > 0 && r.Youth && !r.Moderates {
		return 0, fault.At("file", "In Jugendräumen hängt nur das Team Dateien an: Bilder verraten mehr, als man denkt.")
	}
	now, state := h.Now(), Shown
	if r.Review && !r.Moderates {
		state = Waiting
	}
	if d.Quote != 0 {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM room_post WHERE id = ? AND topic = ? AND state = 'shown'`, d.Quote, t.ID)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			d.Quote = 0 // it was taken away while somebody answered
		}
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO room_post (uid, topic, author, alias, body, html, renderer, quote, at, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?) RETURNING id`,
		d.UID, t.ID, v.ID, r.Alias, d.Body, string(text.HTML(d.Body)), text.Version, d.Quote, now.Unix(), state)
	if err != nil {
		return 0, err
	}
	may, err := addressable(tx, r, v, now)
	if err != nil {
		return 0, err
	}
	for _, m := range d.Mentions {
		if !slices.ContainsFunc(may, func(p Person) bool { return p.ID == m }) {
			return 0, fault.At("mention", "Ansprechen können Sie nur, wer hier schon geschrieben hat.")
		}
		if _, err := tx.Exec(`INSERT INTO room_mention (post, person) VALUES (?, ?)`, id, m); err != nil {
			return 0, err
		}
	}
	if err := files.Attach(tx, v.ID, d.Files, owner, id); err != nil {
		return 0, err
	}
	if err := follow(tx, t.ID, v, true, false); err != nil {
		return 0, err
	}
	if state == Waiting {
		all, err := moderators(tx, r.ID, now)
		if err != nil {
			return 0, err
		}
		return id, tell(tx, h, toRelease, id, nearest(all, v.ID)...)
	}
	return id, publish(tx, h, t.ID, id, now)
}

// publish shows a post to the room: it can be found, open pages hear of it, and whoever wants to be told is.
func publish(tx *store.Tx, h *house.House, topic, post int64, now time.Time) error {
	if _, err := tx.Exec(`UPDATE room_topic SET latest = ? WHERE id = ?`, now.Unix(), topic); err != nil {
		return err
	}
	if err := h.Tasks.Add(tx, spreadKind, post, ""); err != nil {
		return err
	}
	return changed(tx, h, topic)
}

// changed has the search read a topic anew, and the open pages of all who have come in.
func changed(tx *store.Tx, h *house.House, topic int64) error {
	if err := refind(tx, topic); err != nil {
		return err
	}
	people, err := store.All(tx, store.Value[int64], `SELECT m.person FROM room_topic t JOIN room_member m ON m.room = t.room WHERE t.id = ?`, topic)
	if err != nil {
		return err
	}
	tx.After(func() {
		for _, p := range people {
			h.Live.Publish(live.Event{Person: p})
		}
	})
	return nil
}

// edit changes the words of a post; that they were changed is shown.
func edit(tx *store.Tx, h *house.House, p Post, t Topic, r Room, body string) error {
	d := Draft{Body: body}
	if err := d.check(false); err != nil {
		return err
	}
	if err := r.writes(); err != nil {
		return err
	}
	if err := t.open(); err != nil {
		return err
	}
	state := p.State
	if r.Review && !r.Moderates && state == Shown {
		state = Waiting // or what was released would not be what is read
	}
	now := h.Now()
	if _, err := tx.Exec(`UPDATE room_post SET body = ?, html = ?, renderer = ?, edited = ?, state = ? WHERE id = ?`,
		body, string(text.HTML(body)), text.Version, now.Unix(), state, p.ID); err != nil {
		return err
	}
	if state == Waiting && p.State == Shown {
		all, err := moderators(tx, r.ID, now)
		if err != nil {
			return err
		}
		if err := tell(tx, h, toRelease, p.ID, nearest(all, p.Author)...); err != nil {
			return err
		}
	}
	return changed(tx, h, t.ID)
}

// remove takes the words of a post away, at its author's wish, and its files.
func remove(tx *store.Tx, h *house.House, post, topic int64) error {
	if err := strip(tx, post); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE room_topic SET solved = NULL WHERE solved = ?`, post); err != nil {
		return err
	}
	return changed(tx, h, topic)
}

func strip(tx *store.Tx, post int64) error {
	if err := detach(tx, post); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM room_mention WHERE post = ?`, post); err != nil {
		return err
	}
	if err := unname(tx, post); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE room_post SET body = '', html = '', state = 'removed' WHERE id = ?`, post)
	return err
}

// unname takes the title of a topic away that begins with the post: it is among the words of that.
func unname(tx *store.Tx, post int64) error {
	_, err := tx.Exec(`
		UPDATE room_topic SET title = 'Ohne Titel' WHERE id = (SELECT topic FROM room_post WHERE id = ?1)
			AND ?1 = (SELECT min(p.id) FROM room_post p WHERE p.topic = room_topic.id)`, post)
	return err
}

// detach removes the files of a post.
func detach(tx *store.Tx, post int64) error {
	all, err := files.Of(tx, owner, post)
	if err != nil {
		return err
	}
	for _, x := range all {
		if err := files.Remove(tx, owner, post, x.ID); err != nil {
			return err
		}
	}
	return nil
}

// follow has somebody told of answers, or not; again: also one who has said otherwise.
func follow(tx *store.Tx, topic int64, v who.Viewer, on, again bool) error {
	_, err := tx.Exec(`
		INSERT INTO room_follow (topic, person, follows) VALUES (?1, ?2, ?3)
		ON CONFLICT (topic, person) DO UPDATE SET follows = iif(?4, excluded.follows, follows)`, topic, v.ID, on, again)
	return err
}

// react gives a reaction, or takes it back.
func react(tx *store.Tx, post int64, v who.Viewer, kind string) error {
	if !slices.ContainsFunc(reactions(), func(r Reaction) bool { return r.Kind == kind }) {
		return fault.New(fault.Malformed, "Diese Rückmeldung gibt es nicht.")
	}
	n, err := tx.Exec(`DELETE FROM room_reaction WHERE post = ? AND person = ? AND kind = ?`, post, v.ID, kind)
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(`INSERT INTO room_reaction (post, person, kind) VALUES (?, ?, ?)`, post, v.ID, kind)
	return err
}

// solve marks the answer that helped; 0: none does.
func solve(tx *store.Tx, topic, post int64) error {
	_, err := tx.Exec(`UPDATE room_topic SET solved = nullif(?, 0) WHERE id = ?`, post, topic)
	return err
}

func pin(tx *store.Tx, topic int64, on bool) error {
	_, err := tx.Exec(`UPDATE room_topic SET pinned = ? WHERE id = ?`, on, topic)
	return err
}
