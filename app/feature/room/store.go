package room

import (
	"crypto/sha256"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func (r *Room) fields() []any {
	return []any{&r.ID, &r.Unit, &r.UnitName, &r.UnitKind, &r.Youth, &r.Name, &r.About, &r.Review, &r.Consent, &r.Hours, &r.Keep, (*store.Time)(&r.Closed),
		&r.Moderates, &r.Accepted, &r.News, &r.Alias, &r.Age, &r.Agreed}
}

// Get finds a room that the viewer may come into; any other is not found.
func Get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Room, error) {
	return store.One(tx, (*Room).fields, `
		SELECT o.id, o.unit, u.name, u.kind, o.youth, o.name, o.about, o.review, o.consent, o.hours, o.keep, o.closed,
			w.far IS NOT NULL, m.rules, coalesce(m.news, 0), coalesce(a.alias, ''), coalesce(a.age, ''), a.consent IS NOT NULL
		FROM (SELECT max(room) AS room, max(far) AS far FROM room_right WHERE person = ?1 AND room = ?2 AND since <= ?3 AND until > ?3) w
		JOIN room o ON o.id = w.room JOIN unit u ON u.id = o.unit
		LEFT JOIN room_member m ON m.room = o.id AND m.person = ?1 LEFT JOIN youth_alias a ON a.room = o.id AND a.person = ?1`, v.ID, id, now.Unix())
}

// moderated finds a room that the viewer moderates.
func moderated(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Room, error) {
	r, err := Get(tx, id, v, now)
	if err == nil && !r.Moderates {
		err = fault.Gone()
	}
	return r, err
}

// A Line is a room in the list of rooms.
type Line struct {
	Room
	Topics int       // that all can read, as are:
	Latest time.Time // when somebody last wrote; zero: nobody has
	Open   int       // reports and posts that wait for the viewer as moderator
}

func (l *Line) fields() []any {
	return append(l.Room.fields(), &l.Topics, (*store.Time)(&l.Latest), &l.Open)
}

// List lists the rooms of a viewer, the liveliest first.
func List(tx *store.Tx, v who.Viewer, now time.Time) ([]Line, error) {
	return store.All(tx, (*Line).fields, `
		SELECT o.id, o.unit, u.name, u.kind, o.youth, o.name, o.about, o.review, o.consent, o.hours, o.keep, o.closed,
			w.far IS NOT NULL, m.rules, coalesce(m.news, 0), coalesce(a.alias, ''), coalesce(a.age, ''), a.consent IS NOT NULL,
			(SELECT count(*) FROM room_topic t WHERE t.room = o.id AND EXISTS (SELECT 1 FROM room_post p WHERE p.topic = t.id AND p.state = 'shown')),
			(SELECT max(p.at) FROM room_topic t JOIN room_post p ON p.topic = t.id WHERE t.room = o.id AND p.state = 'shown'),
			CASE WHEN w.far IS NULL THEN 0 ELSE
				(SELECT count(*) FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE t.room = o.id AND p.state = 'waiting')
				+ (SELECT count(*) FROM room_report r JOIN room_post p ON p.id = r.post JOIN room_topic t ON t.id = p.topic WHERE t.room = o.id AND r.decided IS NULL) END
		FROM (SELECT room, max(far) AS far FROM room_right WHERE person = ?1 AND since <= ?2 AND until > ?2 GROUP BY room) w
		JOIN room o ON o.id = w.room JOIN unit u ON u.id = o.unit
		LEFT JOIN room_member m ON m.room = o.id AND m.person = ?1 LEFT JOIN youth_alias a ON a.room = o.id AND a.person = ?1
		ORDER BY o.closed IS NOT NULL, (SELECT max(t.latest) FROM room_topic t WHERE t.room = o.id) DESC, o.name, o.id`, v.ID, now.Unix())
}

// places lists the units at which a viewer can open a room: where it may announce, and the committees that it chairs.
func places(tx *store.Tx, v who.Viewer, now time.Time) (all []org.Unit, err error) {
	for _, id := range v.Units(Openers) {
		u, err := org.Get(tx, id)
		if err != nil {
			return nil, err
		}
		if !u.Ended(now) {
			all = append(all, u)
		}
	}
	return all, nil
}

// mayOpen says whether a viewer may open a room at a unit. A committee is its chair's, everything else the team's.
func mayOpen(tx *store.Tx, v who.Viewer, u org.Unit, now time.Time) error {
	if u.Ended(now) {
		return fault.Gone()
	}
	if u.Kind == org.Committee {
		if !slices.Contains(v.Units(who.Of(who.Chair)), u.ID) {
			return fault.Gone()
		}
		return nil
	}
	return org.Must(tx, v, u.ID, who.Team, now)
}

// Open makes a room.
func Open(tx *store.Tx, h *house.House, v who.Viewer, p Plan) (int64, error) {
	now := h.Now()
	if err := p.check(); err != nil {
		return 0, err
	}
	u, err := org.Get(tx, p.Unit)
	if err == nil {
		err = mayOpen(tx, v, u, now)
	}
	if err != nil {
		return 0, err
	}
	if p.Youth && u.Kind != org.Facility {
		return 0, fault.At("kind", "Einen Jugendraum öffnet eine Einrichtung.")
	}
	if p.Roles.Has(who.Parent) && u.Kind != org.Facility && u.Kind != org.Group {
		return 0, fault.At("role", "Einen Raum für Eltern öffnet eine Einrichtung.")
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO room (unit, youth, name, about, review, consent, hours, keep, author, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		p.Unit, p.Youth, p.Name, p.About, p.Review, p.Consent, p.Hours, p.Keep, v.ID, now.Unix())
	if err != nil {
		return 0, err
	}
	for _, unit := range slices.Compact(slices.Sorted(slices.Values(p.Units))) {
		a, err := org.Get(tx, unit)
		if err == nil {
			err = mayOpen(tx, v, a, now)
		}
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(`INSERT INTO room_audience (unit, room, roles) VALUES (?, ?, ?)`, unit, id, int64(p.Roles)); err != nil {
			return 0, err
		}
	}
	h.Rights(tx)
	return id, nil
}

// arrange changes how a room is kept. For whom it is does not change: what was said was said to them.
func arrange(tx *store.Tx, r Room, p Plan) error {
	p.Youth, p.Units, p.Roles = r.Youth, []int64{r.Unit}, who.Of(who.Parent) // which check wants, and nobody changes
	if err := p.check(); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE room SET name = ?, about = ?, review = ?, consent = ?, hours = ?, keep = ? WHERE id = ?`,
		p.Name, p.About, p.Review, p.Consent, p.Hours, p.Keep, r.ID)
	if err != nil {
		return err
	}
	return changedRoom(tx, r.ID)
}

// end closes a room for all, or opens it again.
func end(tx *store.Tx, room int64, on bool, now time.Time) error {
	_, err := tx.Exec(`UPDATE room SET closed = CASE WHEN ? THEN ? END WHERE id = ?`, on, now.Unix(), room)
	return err
}

// A place is a unit for which a room is.
type place struct {
	Name  string
	Roles who.Right
}

func audienceOf(tx *store.Tx, room int64) ([]place, error) {
	return store.All(tx, func(p *place) []any { return []any{&p.Name, &p.Roles} }, `
		SELECT u.name, a.roles FROM room_audience a JOIN unit u ON u.id = a.unit WHERE a.room = ? ORDER BY u.name`, room)
}

// Accept notes that the viewer has accepted the netiquette, and lets it in.
func Accept(tx *store.Tx, room int64, v who.Viewer, rules string, now time.Time) error {
	sum := sha256.Sum256([]byte(rules))
	_, err := tx.Exec(`
		INSERT INTO room_member (room, person, rules, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (room, person) DO UPDATE SET rules = excluded.rules, at = excluded.at`, room, v.ID, sum[:], now.Unix())
	return err
}

// setNews has a member told of new topics, or not.
func setNews(tx *store.Tx, room int64, v who.Viewer, on bool) error {
	_, err := tx.Exec(`UPDATE room_member SET news = ? WHERE room = ? AND person = ?`, on, room, v.ID)
	return err
}

// entitled reports whether somebody may come into a room now.
func entitled(tx *store.Tx, room, person int64, now time.Time) (bool, error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM room_right WHERE person = ?1 AND room = ?2 AND since <= ?3 AND until > ?3`, person, room, now.Unix())
	return n > 0, err
}

// A moderator of a room, and how many units lie between.
type moderator struct {
	person int64
	name   string
	far    int
}

// moderators lists who moderates a room, the nearest first.
func moderators(tx *store.Tx, room int64, now time.Time) ([]moderator, error) {
	return store.All(tx, func(m *moderator) []any { return []any{&m.person, &m.name, &m.far} }, `
		SELECT w.person, trim(p.given || ' ' || p.family), min(w.far) AS near FROM room_right w JOIN person p ON p.id = w.person
		WHERE w.room = ?1 AND w.far IS NOT NULL AND w.since <= ?2 AND w.until > ?2 GROUP BY w.person ORDER BY near, w.person`, room, now.Unix())
}

// nearest are the moderators who are told of what waits: those of the room's own unit, else those above.
func nearest(all []moderator, but int64) (people []int64) {
	far := -1
	for _, m := range all {
		if m.person == but {
			continue
		}
		if far < 0 {
			far = m.far
		}
		if m.far == far {
			people = append(people, m.person)
		}
	}
	return people
}

// Team are the names under which the moderators of a room are known, also the first name alone.
func Team(tx *store.Tx, room int64, now time.Time) (names []string, err error) {
	all, err := moderators(tx, room, now)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		p, err := person.Get(tx, m.person)
		if err != nil {
			return nil, err
		}
		names = append(names, p.Given, p.Name())
	}
	return names, nil
}
