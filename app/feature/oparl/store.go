package oparl

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"

	"github.com/google/uuid"
)

// A row is an object as it is kept.
type row struct {
	id      int64
	uid     string
	source  string
	typ     oparl.Type
	body    int64 // 0: none
	parent  int64 // 0: it came by itself
	place   int
	unit    int64 // 0: none
	name    string
	starts  time.Time // zero: none
	json    string
	hash    []byte
	made    time.Time
	changed time.Time
	deleted bool
}

func (r *row) fields() []any {
	return []any{&r.id, &r.uid, &r.source, &r.typ, store.Null(&r.body), store.Null(&r.parent), &r.place, store.Null(&r.unit), &r.name, (*store.Time)(&r.starts),
		&r.json, &r.hash, (*store.Time)(&r.made), (*store.Time)(&r.changed), &r.deleted}
}

// rowOf finds an object by where it comes from; the zero row where there is none.
func rowOf(tx *store.Tx, source string) (row, error) {
	r, err := store.One(tx, (*row).fields, `
		SELECT id, uid, source, type, body, parent, place, unit, name, starts, json, hash, made, changed, deleted
		FROM oparl_object WHERE source = ?`, source)
	if fault.KindOf(err) == fault.NotFound {
		return row{}, nil
	}
	return r, err
}

// get finds an object by its number.
func get(tx *store.Tx, id int64) (row, error) {
	return store.One(tx, (*row).fields, `
		SELECT id, uid, source, type, body, parent, place, unit, name, starts, json, hash, made, changed, deleted
		FROM oparl_object WHERE id = ?`, id)
}

// knownBodies are the bodies that the house has.
func knownBodies(tx *store.Tx) (b bodies, err error) {
	all, err := store.All(tx, (*row).fields, `
		SELECT id, uid, source, type, body, parent, place, unit, name, starts, json, hash, made, changed, deleted
		FROM oparl_object WHERE type = 'Body' ORDER BY id`)
	for _, r := range all {
		if r.json != "" {
			b.read = append(b.read, r.source)
		} else {
			b.named = append(b.named, r.source)
		}
	}
	return b, err
}

// top writes an object that stands by itself.
func (m *importer) top(tx *store.Tx, p piece) error {
	body := int64(0)
	if p.typ != oparl.System && p.typ != oparl.Body {
		var err error
		if body, err = m.bodyOf(tx, p); err != nil {
			return err
		}
	}
	_, err := m.put(tx, p, 0, body)
	return err
}

// bodyOf is the body whose an object is. One that is only named gets a row without a text.
func (m *importer) bodyOf(tx *store.Tx, p piece) (int64, error) {
	address := m.bodies.of(p)
	if id := m.ids[address]; id != 0 {
		return id, nil
	}
	r, err := rowOf(tx, address)
	switch {
	case err != nil:
		return 0, err
	case r.id == 0:
		r.id, err = insert(tx, piece{source: address, typ: oparl.Body, name: host(address)}, 0, 0, m.Now())
	case r.deleted && r.json == "": // it was removed, and comes back
		_, err = tx.Exec(`UPDATE oparl_object SET deleted = 0, name = ?, changed = ? WHERE id = ?`, host(address), m.Now().Unix(), r.id)
	}
	tx.After(func() { m.ids[address] = r.id })
	return r.id, err
}

// put writes an object with all within it.
func (m *importer) put(tx *store.Tx, p piece, parent, body int64) (int64, error) {
	now := m.Now()
	r, err := rowOf(tx, p.source)
	if err != nil {
		return 0, err
	}
	if r.id != 0 && r.typ != p.typ {
		m.rep.note("%s ist im Haus schon als %s bekannt und wurde nicht als %s übernommen.", p.source, r.typ, p.typ)
		return r.id, nil
	}
	what := r.becomes(p, parent)
	m.counts(p, what)
	switch {
	case what == isOthers:
		return r.id, nil
	case r.id == 0:
		r.id, err = insert(tx, p, parent, body, now)
	case what != isSame || parent == 0 && r.parent != 0:
		changed := now
		if what == isSame { // it now stands by itself
			changed = r.changed
		}
		err = update(tx, r.id, p, parent, changed)
	}
	if err != nil {
		return 0, err
	}
	if what != isSame {
		if err := relink(tx, r.id, p.links); err != nil {
			return 0, err
		}
		if p.typ == oparl.Meeting || p.typ == oparl.Paper {
			if err := search.Changed(tx, foundKind, r.id); err != nil {
				return 0, err
			}
		}
	}
	if p.typ == oparl.Organization {
		if err := m.seat(tx, r, p); err != nil {
			return 0, err
		}
	}
	if p.typ == oparl.Body {
		body = r.id
	}
	here := make([]string, 0, len(p.within))
	for _, in := range p.within {
		here = append(here, in.source)
		if _, err := m.put(tx, in, r.id, body); err != nil {
			return 0, err
		}
	}
	if what != isChanged {
		return r.id, nil
	}
	return r.id, drop(tx, r.id, here, now)
}

func insert(tx *store.Tx, p piece, parent, body int64, now time.Time) (int64, error) {
	made := p.created
	if made.IsZero() {
		made = now
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO oparl_object (uid, source, type, body, parent, place, name, starts, json, hash, made, changed, deleted)
		VALUES (?, ?, ?, nullif(?, 0), nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		uuid.Must(uuid.NewV7()).String(), p.source, string(p.typ), body, parent, p.place, p.name, store.Seconds(p.starts), p.json, p.hash[:],
		made.Unix(), now.Unix(), p.deleted)
}

func update(tx *store.Tx, id int64, p piece, parent int64, changed time.Time) error {
	_, err := tx.Exec(`
		UPDATE oparl_object SET parent = nullif(?1, 0), place = ?2, name = ?3, starts = ?4, json = ?5, hash = ?6, made = coalesce(?7, made), changed = ?8, deleted = ?9
		WHERE id = ?10`,
		parent, p.place, p.name, store.Seconds(p.starts), p.json, p.hash[:], store.Seconds(p.created), changed.Unix(), p.deleted, id)
	return err
}

func relink(tx *store.Tx, id int64, links []link) error {
	if _, err := tx.Exec(`DELETE FROM oparl_link WHERE object = ?`, id); err != nil {
		return err
	}
	for _, l := range links {
		if _, err := tx.Exec(`INSERT INTO oparl_link (object, property, target) VALUES (?, ?, ?)`, id, l.property, l.target); err != nil {
			return err
		}
	}
	return nil
}

// drop removes what once stood within an object and no longer does.
func drop(tx *store.Tx, parent int64, here []string, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE oparl_object SET deleted = 1, json = '', hash = x'', name = '', changed = ?1
		WHERE parent = ?2 AND deleted = 0 AND source NOT IN (SELECT value FROM json_each(?3))`, now.Unix(), parent, store.List(here))
	return err
}

// seat gives an organization that is a committee a unit of the house, and keeps its name.
func (m *importer) seat(tx *store.Tx, r row, p piece) error {
	if r.unit == 0 && (p.deleted || !meets(p.object)) {
		return nil
	}
	name := short(p.name)
	if name == "" {
		name = "Gremium ohne Namen"
	}
	if r.unit == 0 {
		city, err := m.cityOf(tx)
		if err != nil {
			return err
		}
		id, err := org.Add(tx, org.Unit{Parent: city, Kind: org.Committee, Name: name}, m.Now())
		if err != nil {
			return err
		}
		rules := committee.Usual(id)
		rules.Public = true
		if err := committee.SetRules(tx, rules); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE oparl_object SET unit = ? WHERE id = ?`, id, r.id)
		return err
	}
	u, err := org.Get(tx, r.unit)
	if err != nil {
		return err
	}
	switch ended := u.Ended(m.Now()); {
	case p.deleted && !ended:
		return org.End(tx, u.ID, m.Now())
	case !p.deleted && ended:
		err = org.Reopen(tx, u.ID)
	}
	if err == nil && !p.deleted && name != u.Name {
		err = org.Rename(tx, u.ID, name)
	}
	return err
}

// meets reports whether an organization is a body that meets: no party, no department of the administration.
func meets(o oparl.Object) bool {
	switch o.Text("organizationType") {
	case "", "Gremium", "externes Gremium", "Hauptorgan", "Ausschuss", "Beirat":
		return true
	}
	return false
}

const mostName = 200 // characters of the name of a unit

func short(s string) string {
	if r := []rune(s); len(r) > mostName {
		return string(r[:mostName-1]) + "…"
	}
	return s
}

// root is the city of a house. One that has none gets one of a name.
func root(tx *store.Tx, name string, now time.Time) (int64, error) {
	u, err := org.Root(tx)
	if fault.KindOf(err) != fault.NotFound {
		return u.ID, err
	}
	if name == "" {
		name = "Stadt"
	}
	return org.Add(tx, org.Unit{Kind: org.City, Name: name}, now)
}

// remove takes all objects of a body out of the house. Their rows stay without what they said, as OParl wants it, and
// with them what would find them again; committees of the body end.
func remove(tx *store.Tx, body int64, now time.Time) error {
	units, err := store.All(tx, store.Value[int64], `SELECT unit FROM oparl_object WHERE body = ? AND unit IS NOT NULL`, body)
	if err != nil {
		return err
	}
	for _, u := range units {
		if err := org.End(tx, u, now); err != nil {
			return err
		}
	}
	found, err := store.All(tx, store.Value[int64], `SELECT id FROM oparl_object WHERE body = ? AND type IN ('Meeting', 'Paper') AND deleted = 0`, body)
	if err != nil {
		return err
	}
	if err := search.Changed(tx, foundKind, found...); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM oparl_link WHERE object IN (SELECT id FROM oparl_object WHERE body = ?1 OR id = ?1)`, body); err != nil {
		return err
	}
	_, err = tx.Exec(`
		UPDATE oparl_object SET deleted = 1, json = '', hash = x'', name = '', changed = ?1 WHERE (body = ?2 OR id = ?2) AND deleted = 0`, now.Unix(), body)
	return err
}

// local is a time in the house's zone.
func local(t time.Time) time.Time { return t.In(web.Zone()) }
