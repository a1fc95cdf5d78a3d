package bulletin

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Council is one that speaks for the children of a parent.
type Council struct {
	Unit   int64
	Name   string
	Since  time.Time // when the parent agreed; zero: there is no agreement
	Asked  bool      // the parent has answered the question, this way or the other
	Active bool      // somebody leads it now
}

// Agreed reports whether the parent wants to hear from it.
func (c Council) Agreed() bool { return !c.Since.IsZero() }

func (c *Council) fields() []any {
	return []any{&c.Unit, &c.Name, (*store.Time)(&c.Since), &c.Asked, &c.Active}
}

// councils lists those that speak for the children of a person, by name.
func councils(tx *store.Tx, person int64, now time.Time) ([]Council, error) {
	return store.All(tx, (*Council).fields, `
		WITH r AS MATERIALIZED (SELECT DISTINCT unit FROM reach WHERE person = ?1 AND own = 64 AND since <= ?2 AND until > ?2)
		SELECT u.id, u.name, (SELECT at FROM bulletin_agreement a WHERE a.unit = u.id AND a.person = ?1 AND a.withdrawn IS NULL),
			EXISTS (SELECT 1 FROM bulletin_agreement a WHERE a.unit = u.id AND a.person = ?1) OR EXISTS (SELECT 1 FROM bulletin_declined d WHERE d.unit = u.id AND d.person = ?1),
			EXISTS (SELECT 1 FROM membership m WHERE m.unit = u.id AND m.role = 8 AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2)
		FROM r CROSS JOIN unit u ON u.parent = r.unit AND u.kind = 'committee' AND u.until > ?2 ORDER BY u.name, u.id`, person, now.Unix())
}

// Councils lists the councils that speak for the children of a person, and whether the person has agreed to hear from them.
func Councils(tx *store.Tx, person int64, now time.Time) ([]Council, error) {
	return councils(tx, person, now)
}

// council finds one that speaks for the viewer's children; NotFound: it does not.
func council(tx *store.Tx, unit int64, v who.Viewer, now time.Time) (Council, error) {
	all, err := councils(tx, v.ID, now)
	for _, c := range all {
		if c.Unit == unit {
			return c, err
		}
	}
	if err == nil {
		err = fault.Gone()
	}
	return Council{}, err
}

// Agree notes that a parent wants to hear from a council. Whoever has agreed already has.
func Agree(tx *store.Tx, v who.Viewer, unit int64, now time.Time) error {
	if _, err := council(tx, unit, v, now); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO bulletin_agreement (unit, person, words, at) VALUES (?, ?, ?, ?)`, unit, v.ID, version, now.Unix())
	return err
}

// withdraw ends the agreement of a person; one that is not there, or no longer, is no fault.
func withdraw(tx *store.Tx, person, unit int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE bulletin_agreement SET withdrawn = ?3 WHERE unit = ?1 AND person = ?2 AND withdrawn IS NULL`, unit, person, now.Unix())
	return err
}

// decline notes that a parent does not want to be asked any more on the start page.
func decline(tx *store.Tx, v who.Viewer, unit int64, now time.Time) error {
	if _, err := council(tx, unit, v, now); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO bulletin_declined (person, unit, at) VALUES (?, ?, ?)`, v.ID, unit, now.Unix())
	return err
}

// audience are the people to whom a bulletin to the parents of a place goes: those who have agreed, and are parents there now.
func audience(tx *store.Tx, unit, place int64, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT a.person FROM bulletin_agreement a WHERE a.unit = ?1 AND a.withdrawn IS NULL AND EXISTS (
			SELECT 1 FROM reach r WHERE r.person = a.person AND r.unit = ?2 AND r.own = 64 AND r.since <= ?3 AND r.until > ?3)
		ORDER BY a.person`, unit, place, now.Unix())
}

// entitled reports whether a person is still one of them.
func entitled(tx *store.Tx, unit, place, person int64, now time.Time) (bool, error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM bulletin_agreement a WHERE a.unit = ?1 AND a.person = ?4 AND a.withdrawn IS NULL AND EXISTS (
			SELECT 1 FROM reach r WHERE r.person = a.person AND r.unit = ?2 AND r.own = 64 AND r.since <= ?3 AND r.until > ?3)`,
		unit, place, now.Unix(), person)
	return n > 0, err
}

// counted is to whom a bulletin would go, and how many they are as the council may know it. For 5,000 parents it takes 0.1 s.
func counted(tx *store.Tx, unit, place int64, now time.Time) (n Number, people []int64, err error) {
	if people, err = audience(tx, unit, place, now); err != nil || len(people) == 0 {
		return n, nil, err
	}
	u, err := org.Get(tx, place)
	if err != nil || u.Kind == org.Facility {
		return shield(len(people)), people, err
	}
	// In which facilities they are parents, so that nobody can work out a small one from the sum and the others.
	type pair struct{ person, facility int64 }
	pairs, err := store.All(tx, func(p *pair) []any { return []any{&p.person, &p.facility} }, `
		SELECT DISTINCT j.value, u.id FROM json_each(?1) j CROSS JOIN reach r ON r.person = j.value AND r.own = 64 AND r.since <= ?2 AND r.until > ?2
			JOIN unit u ON u.id = r.unit AND u.kind = 'facility' JOIN unit_up p ON p.unit = u.id AND p.above = ?3`, store.List(people), now.Unix(), place)
	if err != nil {
		return n, nil, err
	}
	of := map[int64]int{}
	for _, p := range pairs {
		of[p.facility]++
	}
	if len(of) < 2 {
		return shield(len(people)), people, nil
	}
	shown := map[int64]bool{}
	for _, p := range pairs {
		if of[p.facility] >= few {
			shown[p.person] = true
		}
	}
	return across(len(people), len(shown)), people, nil
}
