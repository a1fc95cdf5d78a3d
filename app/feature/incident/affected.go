package incident

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/store"
)

// An Affected is a person or a child whose data may be concerned, and how. One of the two numbers is 0.
type Affected struct {
	Person, Child int64
	Name          string // "": nobody whom the house knows any more, or not for the reader
	How           []string
	At            time.Time // first, as far as the record tells; zero: it does not
}

// Number is how the list calls somebody without a name.
func (a Affected) Number() int64 { return a.Person + a.Child }

// Words is how the data are concerned.
func (a Affected) Words() string { return strings.Join(a.How, ", ") }

// How data are concerned.
const (
	signedIn = "angemeldet"
	changed  = "Daten geändert"
	taken    = "Daten mitgenommen"
	readable = "hätte gelesen werden können"
)

type hit struct {
	person, child int64
	how           string
	at            int64
}

func (h *hit) fields() []any { return []any{&h.person, &h.child, &h.how, &h.at} }

// recorded is what the record tells of the window: who signed in, and whose data were changed or taken along; with suspects
// only what was done in their names.
func recorded(tx *store.Tx, i Incident) ([]hit, error) {
	return store.All(tx, (*hit).fields, `
		WITH x AS MATERIALIZED (
			SELECT action, ref, person, at FROM audit WHERE at >= ?1 AND at < ?2
			AND (?3 = '[]' OR person IN (SELECT value FROM json_each(?3)) OR action IN ('person.exported', 'child.exported') AND person IN (SELECT value FROM json_each(?3)))),
		hits (person, child, how, at) AS (
			SELECT person, 0, 'angemeldet', at FROM x WHERE action = 'session.began' AND person <> 0
			UNION ALL SELECT person, 0, 'Daten mitgenommen', at FROM x WHERE action = 'account.exported'
			UNION ALL SELECT ref, 0, CASE action WHEN 'person.exported' THEN 'Daten mitgenommen' ELSE 'Daten geändert' END, at FROM x WHERE action LIKE 'person.%' AND ref <> 0
			UNION ALL SELECT 0, ref, CASE action WHEN 'child.exported' THEN 'Daten mitgenommen' ELSE 'Daten geändert' END, at FROM x WHERE action LIKE 'child.%' AND ref <> 0
			UNION ALL SELECT m.person, 0, 'Daten geändert', x.at FROM x JOIN membership m ON m.id = x.ref WHERE x.action LIKE 'membership.%'
			UNION ALL SELECT g.person, 0, 'Daten geändert', x.at FROM x JOIN guardian g ON g.id = x.ref WHERE x.action LIKE 'guardian.%'
			UNION ALL SELECT 0, g.child, 'Daten geändert', x.at FROM x JOIN guardian g ON g.id = x.ref WHERE x.action LIKE 'guardian.%')
		SELECT person, child, how, min(at) FROM hits GROUP BY 1, 2, 3 ORDER BY 4`, i.From.Unix(), i.To.Unix(), i.suspects)
}

// readableBy are those whose data suspects could have read in the window: as a parent the own children, in a role of a house
// all children, guardians and colleagues at or below the unit.
func readableBy(tx *store.Tx, i Incident) ([]hit, error) {
	return store.All(tx, (*hit).fields, `
		WITH s (id) AS MATERIALIZED (SELECT value FROM json_each(?3)),
		units (id) AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM s JOIN membership m ON m.person = s.id JOIN unit u ON u.id = m.unit
				JOIN unit_up p ON p.above = CASE u.kind WHEN 'office' THEN u.parent ELSE u.id END
			WHERE m.role IN (1, 2, 3, 4, 5) AND m.state IN ('confirmed', 'suspended', 'ended') AND m.since < ?2 AND m.until > ?1),
		kids (id) AS MATERIALIZED (
			SELECT t.child FROM units JOIN child_stay t ON t.unit = units.id WHERE t.since < ?2 AND t.until > ?1
			UNION SELECT g.child FROM s JOIN guardian g ON g.person = s.id WHERE g.state <> 'invited' AND g.since < ?2 AND g.until > ?1)
		SELECT 0, id, 'hätte gelesen werden können', 0 FROM kids
		UNION SELECT g.person, 0, 'hätte gelesen werden können', 0 FROM kids JOIN guardian g ON g.child = kids.id
		UNION SELECT m.person, 0, 'hätte gelesen werden können', 0 FROM units JOIN membership m ON m.unit = units.id
		UNION SELECT id, 0, 'hätte gelesen werden können', 0 FROM s`, i.From.Unix(), i.To.Unix(), i.suspects)
}

// everybody is who stands in the house.
func everybody(tx *store.Tx) ([]hit, error) {
	return store.All(tx, (*hit).fields, `
		SELECT id, 0, 'hätte gelesen werden können', 0 FROM person WHERE given <> '' OR family <> 'ehemals im Haus'
		UNION ALL SELECT 0, id, 'hätte gelesen werden können', 0 FROM child WHERE given <> 'ehemals im Haus'`)
}

// affected lists who may be concerned, by name.
func affected(tx *store.Tx, i Incident) ([]Affected, error) {
	hits, err := recorded(tx, i)
	if err != nil {
		return nil, err
	}
	var more []hit
	switch i.Scope {
	case accounts:
		more, err = readableBy(tx, i)
	case whole:
		more, err = everybody(tx)
	}
	if err != nil {
		return nil, err
	}
	names, err := namesOf(tx)
	if err != nil {
		return nil, err
	}
	by := map[[2]int64]*Affected{}
	for _, h := range append(hits, more...) {
		k := [2]int64{h.person, h.child}
		a := by[k]
		if a == nil {
			a = &Affected{Person: h.person, Child: h.child, Name: names[k]}
			by[k] = a
		}
		if !slices.Contains(a.How, h.how) {
			a.How = append(a.How, h.how)
		}
		if at := time.Unix(h.at, 0); h.at != 0 && (a.At.IsZero() || at.Before(a.At)) {
			a.At = at
		}
	}
	var all []Affected
	for _, a := range by {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Affected) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Child, b.Child))
	})
	return all, nil
}

// namesOf are the names of all people and children, by their numbers.
func namesOf(tx *store.Tx) (map[[2]int64]string, error) {
	type row struct {
		person, child int64
		name          string
	}
	rows, err := store.All(tx, func(r *row) []any { return []any{&r.person, &r.child, &r.name} }, `
		SELECT id, 0, trim(family || ', ' || given, ', ') FROM person UNION ALL SELECT 0, id, trim(family || ', ' || given, ', ') FROM child`)
	all := map[[2]int64]string{}
	for _, r := range rows {
		all[[2]int64{r.person, r.child}] = r.name
	}
	return all, err
}

// A Count is how many are concerned in a way.
type Count struct {
	How              string
	People, Children int
}

// counts adds up a list.
func counts(all []Affected) (c []Count) {
	for _, how := range []string{signedIn, changed, taken, readable} {
		n := Count{How: how}
		for _, a := range all {
			switch {
			case !slices.Contains(a.How, how):
			case a.Child != 0:
				n.Children++
			default:
				n.People++
			}
		}
		if n.People+n.Children > 0 {
			c = append(c, n)
		}
	}
	return c
}
