// Package hold (Vermerk) keeps two marks on somebody's data. Keep, the legal hold: nothing of it may go, neither by a
// request nor when its time is over. Limit (GDPR Art. 18): it is kept, and nobody uses it.
//
// Whoever removes what is old leaves out what the views held_child, held_person and held_unit name. A hold of a unit covers
// whoever is or was there, one of a child also the guardians.
package hold

import (
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// The kinds of marks.
const (
	Keep  = "keep"
	Limit = "limit"
)

// A Hold is a mark. Of Person, Child and Unit one is set.
type Hold struct {
	ID     int64
	Kind   string
	Person int64
	Child  int64
	Unit   int64
	Name   string // of the person, the child or the unit
	Reason string
	Setter string // name; "": ehemals im Haus
	Since  time.Time
	until  int64
}

// Open reports whether the mark has no day on which it ends by itself.
func (h Hold) Open() bool { return h.until == store.Forever }

// Until is when the mark ends, where it is not open.
func (h Hold) Until() time.Time { return time.Unix(h.until, 0) }

func (h *Hold) fields() []any {
	return []any{&h.ID, &h.Kind, &h.Person, &h.Child, &h.Unit, &h.Name, &h.Reason, &h.Setter, (*store.Time)(&h.Since), &h.until}
}

// longest is for how many letters of a reason there is room.
const longest = 500

// Set puts a mark on somebody's data; until zero: until somebody lifts it. It returns its id.
func Set(tx *store.Tx, h Hold, setter int64, until, now time.Time) (int64, error) {
	var bad fault.Form
	if h.Reason = strings.TrimSpace(h.Reason); h.Reason == "" {
		bad.Add("reason", "Bitte schreiben Sie, warum.")
	} else if len([]rune(h.Reason)) > longest {
		bad.Add("reason", "Das ist zu lang: höchstens %d Zeichen.", longest)
	}
	h.until = store.Forever
	if !until.IsZero() {
		if h.until = until.Unix(); !until.After(now) {
			bad.Add("until", "Dieser Tag ist schon vorbei.")
		}
	}
	if err := bad.Err(); err != nil {
		return 0, err
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO hold (kind, person, child, unit, reason, setter, since, until)
		VALUES (?, nullif(?, 0), nullif(?, 0), nullif(?, 0), ?, ?, ?, ?) RETURNING id`, h.Kind, h.Person, h.Child, h.Unit, h.Reason, setter, now.Unix(), h.until)
}

// Lift ends a mark now. One that has ended is a Conflict.
func Lift(tx *store.Tx, id, lifter int64, now time.Time) error {
	n, err := tx.Exec(`UPDATE hold SET until = ?2, lifter = ?3 WHERE id = ?1 AND until > ?2`, id, now.Unix(), lifter)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Dieser Vermerk ist schon aufgehoben.")
	}
	return err
}

// Get finds a mark, also one that has ended.
func Get(tx *store.Tx, id int64) (Hold, error) {
	return store.One(tx, (*Hold).fields, `
		SELECT h.id, h.kind, coalesce(h.person, 0), coalesce(h.child, 0), coalesce(h.unit, 0),
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = h.person), (SELECT trim(given || ' ' || family) FROM child WHERE id = h.child),
				(SELECT name FROM unit WHERE id = h.unit), ''),
			h.reason, coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = h.setter), ''), h.since, h.until
		FROM hold h WHERE h.id = ?`, id)
}

// List is every mark that counts, the latest first.
func List(tx *store.Tx, now time.Time) ([]Hold, error) {
	return store.All(tx, (*Hold).fields, `
		SELECT h.id, h.kind, coalesce(h.person, 0), coalesce(h.child, 0), coalesce(h.unit, 0),
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = h.person), (SELECT trim(given || ' ' || family) FROM child WHERE id = h.child),
				(SELECT name FROM unit WHERE id = h.unit), ''),
			h.reason, coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = h.setter), ''), h.since, h.until
		FROM hold h WHERE h.until > ? ORDER BY h.id DESC`, now.Unix())
}

// On lists the legal holds that cover a person or a child, one of which is 0: its own, those of a unit where it is or was,
// and of a person those of a child for whom it answers.
func On(tx *store.Tx, person, child int64, now time.Time) ([]Hold, error) {
	return store.All(tx, (*Hold).fields, `
		WITH kids (id) AS (SELECT ?2 UNION SELECT child FROM guardian WHERE person = ?1),
		places (unit) AS (
			SELECT p.above FROM membership m JOIN unit_up p ON p.unit = m.unit WHERE m.person = ?1
			UNION SELECT p.above FROM kids JOIN child_stay s ON s.child = kids.id JOIN unit_up p ON p.unit = s.unit)
		SELECT h.id, h.kind, coalesce(h.person, 0), coalesce(h.child, 0), coalesce(h.unit, 0),
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = h.person), (SELECT trim(given || ' ' || family) FROM child WHERE id = h.child),
				(SELECT name FROM unit WHERE id = h.unit), ''),
			h.reason, coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = h.setter), ''), h.since, h.until
		FROM hold h WHERE h.kind = 'keep' AND h.until > ?3
			AND (h.person = ?1 OR h.child IN (SELECT id FROM kids) OR h.unit IN (SELECT unit FROM places)) ORDER BY h.id`, person, child, now.Unix())
}

// Limited finds the restriction of a person or a child, one of which is 0; false: there is none.
func Limited(tx *store.Tx, person, child int64, now time.Time) (Hold, bool, error) {
	all, err := store.All(tx, (*Hold).fields, `
		SELECT h.id, h.kind, coalesce(h.person, 0), coalesce(h.child, 0), 0, '', h.reason,
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = h.setter), ''), h.since, h.until
		FROM hold h WHERE h.kind = 'limit' AND h.until > ?3 AND (h.person = ?1 OR h.child = ?2) ORDER BY h.id`, person, child, now.Unix())
	if err != nil || len(all) == 0 {
		return Hold{}, false, err
	}
	return all[0], true, nil
}

// Forget removes the marks on a person or a child, one of which is 0, and who has set others.
func Forget(tx *store.Tx, person, child int64) error {
	if _, err := tx.Exec(`DELETE FROM hold WHERE person = ? OR child = ?`, person, child); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE hold SET setter = NULL WHERE setter = ?`, person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE hold SET lifter = NULL WHERE lifter = ?`, person)
	return err
}
