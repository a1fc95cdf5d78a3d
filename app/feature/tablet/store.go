package tablet

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func (t *Tablet) fields() []any {
	return []any{&t.ID, &t.Unit, &t.In, &t.Name, &t.Author, (*store.Time)(&t.Created), &t.Ready, (*store.Time)(&t.Seen), (*store.Time)(&t.Revoked)}
}

// list is the tablets of groups that the viewer leads, the present ones first.
func list(tx *store.Tx, v who.Viewer, now time.Time) ([]Tablet, error) {
	return store.All(tx, (*Tablet).fields, `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3)
		SELECT t.id, t.unit, u.name, t.name, coalesce(trim(a.given || ' ' || a.family), 'ehemals im Haus'), t.created, t.device IS NOT NULL, t.seen, t.revoked
		FROM mine m JOIN tablet t ON t.unit = m.unit JOIN unit u ON u.id = t.unit LEFT JOIN person a ON a.id = t.author
		ORDER BY t.revoked IS NOT NULL, u.name, t.name, t.id`, v.ID, int64(leaders), now.Unix())
}

// groups are those that the viewer leads.
func groups(tx *store.Tx, v who.Viewer, now time.Time) ([]org.Unit, error) {
	return store.All(tx, func(u *org.Unit) []any { return []any{&u.ID, &u.Name} }, `
		SELECT DISTINCT u.id, u.name FROM holding h JOIN unit_up p ON p.above = h.unit JOIN unit u ON u.id = p.unit
		WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3 AND u.kind = 'group' AND u.until > ?3
		ORDER BY u.name, u.id`, v.ID, int64(leaders), now.Unix())
}

// add notes a tablet that is going to be set up, and returns its code.
func add(tx *store.Tx, v who.Viewer, group int64, name string, now time.Time) (id int64, code string, err error) {
	if err := org.Must(tx, v, group, leaders, now); err != nil {
		return 0, "", err
	}
	u, err := org.Get(tx, group)
	if err == nil && (u.Kind != org.Group || u.Ended(now)) {
		err = fault.Gone()
	}
	if err == nil {
		err = checkName(name)
	}
	if err != nil {
		return 0, "", err
	}
	code = newCode()
	id, err = store.One(tx, store.Value[int64], `
		INSERT INTO tablet (unit, name, author, created, code) VALUES (?, ?, ?, ?, ?) RETURNING id`, group, name, v.ID, now.Unix(), hashOf(code))
	return id, code, err
}

// enrol uses a code up; the browser with that cookie is the tablet from then on.
func enrol(tx *store.Tx, code, device string, now time.Time) (Tablet, error) {
	id, err := store.One(tx, store.Value[int64], `
		UPDATE tablet SET device = ?1, code = NULL, seen = ?2 WHERE code = ?3 AND revoked IS NULL AND created > ?4 RETURNING id`,
		hashOf(device), now.Unix(), hashOf(code), now.Add(-codeFor).Unix())
	if fault.KindOf(err) == fault.NotFound {
		return Tablet{}, fault.At("code", "Dieser Code gilt nicht oder nicht mehr. Ihre Leitung macht Ihnen einen neuen.")
	}
	if err != nil {
		return Tablet{}, err
	}
	return get(tx, id)
}

func get(tx *store.Tx, id int64) (Tablet, error) {
	return store.One(tx, (*Tablet).fields, `
		SELECT t.id, t.unit, u.name, t.name, '', t.created, t.device IS NOT NULL, t.seen, t.revoked FROM tablet t JOIN unit u ON u.id = t.unit WHERE t.id = ?`, id)
}

// of is the tablet whose cookie it is, also one that has ended.
func of(tx *store.Tx, device string) (Tablet, error) {
	return store.One(tx, (*Tablet).fields, `
		SELECT t.id, t.unit, u.name, t.name, '', t.created, 1, t.seen, t.revoked FROM tablet t JOIN unit u ON u.id = t.unit WHERE t.device = ?`, hashOf(device))
}

// revoke ends a tablet of a group that the viewer leads.
func revoke(tx *store.Tx, v who.Viewer, id int64, now time.Time) (Tablet, error) {
	t, err := get(tx, id)
	if err == nil {
		err = org.Must(tx, v, t.Unit, leaders, now)
	}
	if err == nil {
		_, err = tx.Exec(`UPDATE tablet SET revoked = ?, code = NULL WHERE id = ? AND revoked IS NULL`, now.Unix(), id)
	}
	return t, err
}

func used(tx *store.Tx, id int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE tablet SET seen = ? WHERE id = ?`, now.Unix(), id)
	return err
}

// A Worker is somebody of a group's team who has a PIN.
type Worker struct {
	ID     int64
	Name   string
	Locked bool // too many wrong PINs
}

// team lists who works with a group and has a PIN.
func team(tx *store.Tx, group int64, now time.Time) ([]Worker, error) {
	return store.All(tx, func(w *Worker) []any { return []any{&w.ID, &w.Name, &w.Locked} }, `
		SELECT p.id, trim(p.given || ' ' || p.family), n.wrong >= ?4 FROM tablet_pin n JOIN person p ON p.id = n.person
		WHERE EXISTS (SELECT 1 FROM holding h JOIN unit_up x ON x.above = h.unit
			WHERE h.person = n.person AND x.unit = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3)
		ORDER BY p.given, p.family, p.id`, group, int64(workers), now.Unix(), tries)
}

// A pin is what is kept of one.
type pin struct {
	Hash  string
	Since time.Time
	Wrong int
}

func (p *pin) fields() []any { return []any{&p.Hash, (*store.Time)(&p.Since), &p.Wrong} }

// pinOf is somebody's PIN; the zero one where there is none.
func pinOf(tx *store.Tx, person int64) (pin, error) {
	p, err := store.One(tx, (*pin).fields, `SELECT hash, since, wrong FROM tablet_pin WHERE person = ?`, person)
	if fault.KindOf(err) == fault.NotFound {
		return pin{}, nil
	}
	return p, err
}

func setPIN(tx *store.Tx, person int64, hash string, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO tablet_pin (person, hash, since) VALUES (?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, since = excluded.since, wrong = 0`, person, hash, now.Unix())
	return err
}

// tried notes a PIN that was typed: before it is compared as a wrong one, so that many at once are as many tries, and
// with right afterwards.
func tried(tx *store.Tx, person int64, right bool) error {
	if right {
		_, err := tx.Exec(`UPDATE tablet_pin SET wrong = 0 WHERE person = ?`, person)
		return err
	}
	n, err := tx.Exec(`UPDATE tablet_pin SET wrong = wrong + 1 WHERE person = ? AND wrong < ?`, person, tries)
	if err == nil && n == 0 {
		err = errLocked()
	}
	return err
}

func errLocked() error {
	return fault.New(fault.Invalid, "Diese PIN ist nach zu vielen falschen gesperrt. Setzen Sie am eigenen Gerät in Ihrem Konto eine neue.")
}

// exported is what the feature knows of a person.
type exported struct {
	PIN     string   `json:"pin_seit,omitempty"`
	Tablets []string `json:"tablets,omitempty"` // that the person has set up
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	p, err := pinOf(tx, s.Person)
	if err != nil {
		return nil, err
	}
	if !p.Since.IsZero() {
		e.PIN = p.Since.UTC().Format(time.RFC3339)
	}
	e.Tablets, err = store.All(tx, store.Value[string], `SELECT datetime(created, 'unixepoch') || 'Z ' || name FROM tablet WHERE author = ? ORDER BY id`, s.Person)
	return e, err
}

// erase keeps the tablets, which are the group's, without who has set them up.
func erase(tx *store.Tx, s house.Subject) error {
	if _, err := tx.Exec(`DELETE FROM tablet_pin WHERE person = ?`, s.Person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE tablet SET author = NULL WHERE author = ?`, s.Person)
	return err
}
