package list

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

func (l *List) fields() []any {
	return []any{&l.ID, &l.Unit, &l.UnitName, &l.Author, &l.Kind, &l.Title, &l.Body, &l.Council, &l.Per, &l.Most, &l.Names,
		&l.Day, (*store.Time)(&l.Closes), (*store.Time)(&l.Closed), &l.Remind, (*store.Time)(&l.Last),
		&l.Meant, &l.Edit, &l.Reads, &l.Count.Lines, &l.Count.Places, &l.Count.Held, &l.Count.Waiting, &l.Count.Mine}
}

// get finds a list that the viewer may see: one for them, or one that they look after.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (List, error) {
	return store.One(tx, (*List).fields, `
		WITH x AS MATERIALIZED (
			SELECT max((t.roles & u.own) <> 0) AS own, max((t.roles & u.mask) <> 0) AS mask
			FROM list_audience t JOIN reach u ON u.unit = t.unit WHERE t.list = ?1 AND u.person = ?2 AND u.since <= ?3 AND u.until > ?3),
		y AS MATERIALIZED (
			SELECT count(*) AS n, coalesce(max(d.edit), 0) AS edit, coalesce(max(d.names), 0) AS names
			FROM list l JOIN list_lead d ON d.unit = l.unit AND d.council <= l.council
			WHERE l.id = ?1 AND d.person = ?2 AND d.since <= ?3 AND d.until > ?3)
		SELECT l.id, l.unit, s.name, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), l.kind, l.title, l.body, l.council, l.per, coalesce(l.most, 0), l.names,
			coalesce(l.day, ''), l.closes, l.closed, l.remind, (SELECT max(starts) FROM list_line WHERE list = l.id),
			coalesce(x.own, 0), y.edit, y.names, 0, 0, 0, 0, 0
		FROM list l JOIN unit s ON s.id = l.unit LEFT JOIN person p ON p.id = l.author, x, y
		WHERE l.id = ?1 AND (y.n > 0 OR x.mask > 0)`, id, v.ID, now.Unix())
}

// lists are those that the viewer may see, the newest first: for them, or of units that they look after themselves. Whoever
// stands high above sees those of single facilities on the pages of these, and would read thousands here.
func lists(tx *store.Tx, v who.Viewer, now time.Time, n int) ([]List, error) {
	return store.All(tx, (*List).fields, `
		WITH u AS MATERIALIZED (
			SELECT DISTINCT unit, own, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2),
		d AS MATERIALIZED (
			SELECT unit, council, max(edit) AS edit, max(names) AS names FROM list_lead WHERE person = ?1 AND since <= ?2 AND until > ?2 GROUP BY 1, 2),
		seen AS MATERIALIZED (
			SELECT list, max(own) AS own, max(edit) AS edit, max(names) AS names FROM (
				SELECT t.list, (t.roles & u.own) <> 0 AS own, 0 AS edit, 0 AS names
				FROM u CROSS JOIN list_audience t ON t.unit = u.unit WHERE (t.roles & u.mask) <> 0
				UNION ALL
				SELECT l.id, 0, d.edit, d.names FROM d CROSS JOIN list l ON l.unit = d.unit WHERE d.council <= l.council)
			GROUP BY list ORDER BY list DESC LIMIT ?3)
		SELECT l.id, l.unit, s.name, '', l.kind, l.title, '', l.council, l.per, coalesce(l.most, 0), l.names,
			coalesce(l.day, ''), l.closes, l.closed, l.remind, z.last, seen.own, seen.edit, seen.names, z.lines, z.places,
			(SELECT coalesce(sum(e.places), 0) FROM list_line i JOIN list_entry e ON e.line = i.id WHERE i.list = l.id AND e.state = 'held'), 0,
			(SELECT count(*) FROM list_line i JOIN list_entry e ON e.line = i.id WHERE i.list = l.id AND (e.person = ?1 OR e.child IN (
				SELECT child FROM guardian WHERE person = ?1 AND state = 'confirmed' AND informed = 1 AND since <= ?2 AND until > ?2)))
		FROM seen JOIN list l ON l.id = seen.list JOIN unit s ON s.id = l.unit
		JOIN (SELECT list, max(starts) AS last, count(*) AS lines, sum(places) AS places FROM list_line WHERE list IN (SELECT list FROM seen) GROUP BY list) z ON z.list = l.id
		ORDER BY l.id DESC`, v.ID, now.Unix(), n)
}

func (l *Line) fields() []any {
	return []any{&l.ID, &l.Rank, &l.Title, &l.Room, (*store.Time)(&l.Starts), (*store.Time)(&l.Ends), &l.Places, &l.Held, &l.Waiting}
}

// lines of a list, each with how full it is.
func lines(tx *store.Tx, list int64) ([]Line, error) {
	return store.All(tx, (*Line).fields, `
		WITH n AS MATERIALIZED (
			SELECT e.line, sum(iif(e.state = 'held', e.places, 0)) AS held, sum(iif(e.state = 'waiting', e.places, 0)) AS waiting
			FROM list_line z CROSS JOIN list_entry e ON e.line = z.id WHERE z.list = ?1 GROUP BY e.line)
		SELECT z.id, z.rank, z.title, z.room, z.starts, z.ends, z.places, coalesce(n.held, 0), coalesce(n.waiting, 0)
		FROM list_line z LEFT JOIN n ON n.line = z.id WHERE z.list = ?1 ORDER BY z.rank`, list)
}

// lineOf is a line of a list.
func lineOf(tx *store.Tx, list, id int64) (Line, error) {
	return store.One(tx, (*Line).fields, `
		SELECT z.id, z.rank, z.title, z.room, z.starts, z.ends, z.places,
			(SELECT coalesce(sum(places), 0) FROM list_entry WHERE line = z.id AND state = 'held'),
			(SELECT coalesce(sum(places), 0) FROM list_entry WHERE line = z.id AND state = 'waiting')
		FROM list_line z WHERE z.id = ? AND z.list = ?`, id, list)
}

func (e *Entry) fields() []any {
	return []any{&e.ID, &e.Line, store.Null(&e.Person), store.Null(&e.Child), &e.Name, &e.Group, &e.Places, &e.Note, &e.State, &e.Turn,
		(*store.Time)(&e.Offered), (*store.Time)(&e.At), &e.Mine}
}

// entries of a list: all of them where names is true, and else only the viewer's and what others offer, without their names.
// On each line those who have places come before those who wait.
func entries(tx *store.Tx, list int64, v who.Viewer, names bool, now time.Time) ([]Entry, error) {
	if names {
		return named(tx, list, v, now)
	}
	return store.All(tx, (*Entry).fields, `
		WITH k AS MATERIALIZED (
			SELECT child FROM guardian WHERE person = ?2 AND state = 'confirmed' AND informed = 1 AND since <= ?3 AND until > ?3),
		n AS MATERIALIZED (
			SELECT id, 1 AS mine FROM list_entry WHERE child IS NULL AND person = ?2
			UNION ALL SELECT e.id, 1 FROM k CROSS JOIN list_entry e ON e.child = k.child
			UNION ALL SELECT e.id, 0 FROM list_line z CROSS JOIN list_entry e ON e.line = z.id AND e.offered IS NOT NULL
			WHERE z.list = ?1 AND iif(e.child IS NULL, e.person <> ?2, e.child NOT IN (SELECT child FROM k)))
		SELECT e.id, e.line, e.person, e.child,
			CASE WHEN NOT n.mine THEN '' WHEN e.child IS NULL THEN p.given || ' ' || p.family ELSE c.given || ' ' || c.family END,
			'', e.places, iif(n.mine, e.note, ''), e.state,
			iif(e.state = 'waiting', (SELECT count(*) FROM list_entry o WHERE o.line = e.line AND o.state = 'waiting' AND o.turn <= e.turn), 0),
			e.offered, e.at, n.mine
		FROM n CROSS JOIN list_entry e ON e.id = n.id JOIN list_line z ON z.id = e.line AND z.list = ?1
		LEFT JOIN person p ON p.id = e.person LEFT JOIN child c ON c.id = e.child
		ORDER BY e.line, e.state, e.turn`, list, v.ID, now.Unix())
}

// named are all entries of a list, with names.
func named(tx *store.Tx, list int64, v who.Viewer, now time.Time) ([]Entry, error) {
	return store.All(tx, (*Entry).fields, `
		WITH k AS MATERIALIZED (
			SELECT child FROM guardian WHERE person = ?2 AND state = 'confirmed' AND informed = 1 AND since <= ?3 AND until > ?3)
		SELECT e.id, e.line, e.person, e.child, iif(e.child IS NULL, p.given || ' ' || p.family, c.given || ' ' || c.family),
			iif(e.child IS NULL, '', coalesce((
				SELECT g.name FROM child_stay s JOIN unit g ON g.id = s.unit WHERE s.child = e.child AND s.since <= ?3 AND s.until > ?3), '')),
			e.places, e.note, e.state,
			iif(e.state = 'waiting', (SELECT count(*) FROM list_entry o WHERE o.line = e.line AND o.state = 'waiting' AND o.turn <= e.turn), 0),
			e.offered, e.at, iif(e.child IS NULL, e.person = ?2, e.child IN (SELECT child FROM k))
		FROM list_line z CROSS JOIN list_entry e ON e.line = z.id LEFT JOIN person p ON p.id = e.person LEFT JOIN child c ON c.id = e.child
		WHERE z.list = ?1 ORDER BY z.rank, e.state, e.turn`, list, v.ID, now.Unix())
}

// entryOf is an entry of a list, without its name.
func entryOf(tx *store.Tx, list, id int64) (Entry, error) {
	return store.One(tx, (*Entry).fields, `
		SELECT e.id, e.line, e.person, e.child, '', '', e.places, e.note, e.state, 0, e.offered, e.at, 0
		FROM list_entry e JOIN list_line z ON z.id = e.line WHERE e.id = ? AND z.list = ?`, id, list)
}

// own is an entry that the viewer may give back: theirs, or any where they look after the list and read its names.
func own(tx *store.Tx, l List, id int64, v who.Viewer, now time.Time) (Entry, error) {
	e, err := entryOf(tx, l.ID, id)
	if err != nil {
		return e, err
	}
	e.Mine, err = store.One(tx, store.Value[bool], `
		SELECT iif(child IS NULL, person = ?2, EXISTS (
			SELECT 1 FROM guardian g WHERE g.child = e.child AND g.person = ?2 AND g.state = 'confirmed' AND g.informed = 1 AND g.since <= ?3 AND g.until > ?3))
		FROM list_entry e WHERE e.id = ?1`, id, v.ID, now.Unix())
	if err == nil && !e.Mine && !(l.Edit && l.Reads) {
		err = fault.Gone()
	}
	return e, err
}

// standing is the entry of a person, or of a child, on a line; the zero Entry where there is none.
func standing(tx *store.Tx, line, person, child int64) (Entry, error) {
	e, err := store.One(tx, (*Entry).fields, `
		SELECT id, line, person, child, '', '', places, note, state, 0, offered, at, 1 FROM list_entry
		WHERE line = ?1 AND (?3 = 0 AND child IS NULL AND person = ?2 OR ?3 <> 0 AND child = ?3)`, line, person, child)
	if fault.KindOf(err) == fault.NotFound {
		return Entry{}, nil
	}
	return e, err
}

// A kid is one of the viewer's children for whom a list is.
type kid struct {
	ID   int64
	Name string
}

// kids are the viewer's children whom a list concerns.
func kids(tx *store.Tx, l List, v who.Viewer, now time.Time) ([]kid, error) {
	if l.Per != PerChild {
		return nil, nil
	}
	return store.All(tx, func(k *kid) []any { return []any{&k.ID, &k.Name} }, `
		SELECT DISTINCT c.id, c.given FROM guardian g JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id
		JOIN unit_up p ON p.unit = s.unit JOIN list_audience t ON t.unit = p.above AND t.list = ?1
		WHERE g.person = ?2 AND g.state = 'confirmed' AND g.informed = 1 AND g.since <= ?3 AND g.until > ?3
			AND s.since <= ?3 AND s.until > ?3 AND (t.roles & 64) <> 0 ORDER BY c.given, c.id`, l.ID, v.ID, now.Unix())
}

// Writers may make lists.
const Writers = who.Team | 1<<who.Delegate | 1<<who.Chair

// makers lists the units for which the viewer may make lists; council is true for those at which they do so as the parents'
// council.
func makers(tx *store.Tx, v who.Viewer, now time.Time) (units []org.Unit, council map[int64]bool, err error) {
	council = map[int64]bool{}
	ids := v.Units(who.Team)
	for _, id := range v.Units(who.Of(who.Delegate, who.Chair)) {
		more := []int64{id}
		u, err := org.Get(tx, id)
		if err != nil {
			return nil, nil, err
		}
		if u.Kind == org.Committee {
			f, err := org.Get(tx, u.Parent)
			if err != nil {
				return nil, nil, err
			}
			if f.Kind == org.Facility {
				more = append(more, f.ID)
			}
		}
		for _, id := range more {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
				council[id] = true
			}
		}
	}
	for _, id := range ids {
		u, err := org.Get(tx, id)
		if err != nil {
			return nil, nil, err
		}
		if !u.Ended(now) {
			units = append(units, u)
		}
	}
	return units, council, nil
}

// made finds the list that the viewer has already made with a form; 0: none.
func made(tx *store.Tx, uid string, v who.Viewer) (int64, error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM list WHERE uid = ? AND author = ?`, uid, v.ID)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// Add makes a list. The viewer must belong to the team of its unit, or of one above, or to the parents' council there.
func Add(tx *store.Tx, h *house.House, v who.Viewer, d Draft) (int64, error) {
	now := h.Now()
	d.Units = slices.Compact(slices.Sorted(slices.Values(d.Units)))
	if err := d.check(now); err != nil {
		return 0, err
	}
	council, err := mayMake(tx, v, d, now)
	if err != nil {
		return 0, err
	}
	if uuid.Validate(d.UID) != nil {
		d.UID = newUID()
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO list (uid, unit, author, kind, title, body, council, per, most, names, day, closes, remind, created, changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, nullif(?, ''), ?, ?, ?14, ?14) RETURNING id`,
		d.UID, d.Unit, v.ID, d.Kind, d.Title, d.Body, council, d.Per, d.Most, d.Names, d.Day, store.Seconds(d.Closes), d.Remind, now.Unix())
	if err != nil {
		return 0, err
	}
	for _, u := range d.Units {
		if _, err := tx.Exec(`INSERT INTO list_audience (unit, list, roles) VALUES (?, ?, ?)`, u, id, int64(d.Roles)); err != nil {
			return 0, err
		}
	}
	for i, l := range d.Lines {
		if err := addLine(tx, id, i, l); err != nil {
			return 0, err
		}
	}
	if err := search.Changed(tx, foundKind, id); err != nil {
		return 0, err
	}
	tell(tx, h, List{Unit: d.Unit}, v)
	return id, remindNext(tx, h, id)
}

func addLine(tx *store.Tx, list int64, rank int, l Line) error {
	_, err := tx.Exec(`INSERT INTO list_line (list, rank, title, room, starts, ends, places) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		list, rank, l.Title, l.Room, store.Seconds(l.Starts), store.Seconds(l.Ends), l.Places)
	return err
}

// mayMake reports whether the viewer may make a list for these units; council: as the parents' council, which addresses
// parents and councils of its own unit only.
func mayMake(tx *store.Tx, v who.Viewer, d Draft, now time.Time) (council bool, err error) {
	team := true
	for _, u := range append(slices.Clone(d.Units), d.Unit) {
		ok, err := org.Manages(tx, v.ID, u, who.Team, now)
		if err != nil {
			return false, err
		}
		team = team && ok
	}
	if team {
		return false, nil
	}
	units, as, err := makers(tx, v, now)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(units, func(u org.Unit) bool { return u.ID == d.Unit && as[u.ID] })
	if i < 0 {
		return false, fault.Gone()
	}
	own, err := org.Addressable(tx, units[i], now)
	if err != nil {
		return false, err
	}
	for _, u := range d.Units {
		if !slices.ContainsFunc(own, func(o org.Unit) bool { return o.ID == u }) {
			return false, fault.Gone()
		}
	}
	if d.Roles&^who.Of(who.Parent, who.Delegate, who.Chair) != 0 {
		return false, fault.At("role", "Der Elternbeirat spricht Eltern und Elternbeiräte an.")
	}
	return true, nil
}
