package intake

import (
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

func unitFields(u *org.Unit) []any {
	return []any{&u.ID, store.Null(&u.Parent), &u.Kind, &u.Name, &u.City, &u.Source, &u.Until}
}

func rootsOf(tx *store.Tx) ([]org.Unit, error) {
	return store.All(tx, unitFields, `
		SELECT id, parent, kind, name, city, coalesce(source, ''), until FROM unit WHERE parent IS NULL ORDER BY id`)
}

// carriersOf lists the carriers of a city, also those that have ended or were merged.
func carriersOf(tx *store.Tx, city int64) ([]org.Unit, error) {
	return store.All(tx, unitFields, `
		SELECT u.id, u.parent, u.kind, u.name, u.city, coalesce(u.source, ''), u.until
		FROM unit_up p JOIN unit u ON u.id = p.unit WHERE p.above = ? AND u.kind = 'carrier' ORDER BY u.id`, city)
}

// knownOf lists what lists have named in a city, but groups.
func knownOf(tx *store.Tx, city string) ([]known, error) {
	return store.All(tx, (*known).fields, `
		SELECT u.id, coalesce(u.parent, 0), u.kind, u.name, u.source, u.until, coalesce(f.row, '')
		FROM unit u LEFT JOIN unit_facility f ON f.unit = u.id
		WHERE u.city = ? AND u.source IS NOT NULL AND u.kind <> 'group'`, city)
}

func (k *known) fields() []any {
	return []any{&k.id, &k.parent, &k.kind, &k.name, &k.source, &k.until, &k.row}
}

type group struct {
	id       int64
	name     string
	source   string
	until    int64
	children int
}

func (g *group) fields() []any { return []any{&g.id, &g.name, &g.source, &g.until, &g.children} }

// groupsOf lists the groups of a facility that a list has named.
func groupsOf(tx *store.Tx, facility int64, now time.Time) ([]group, error) {
	return store.All(tx, (*group).fields, `
		SELECT u.id, u.name, u.source, u.until, (SELECT count(*) FROM child_stay s WHERE s.unit = u.id AND s.until > ?)
		FROM unit u WHERE u.parent = ? AND u.kind = 'group' AND u.source IS NOT NULL ORDER BY u.id`, now.Unix(), facility)
}

// A house has facilities, and families name them by source or by name.
type facility struct {
	id     int64
	source string
	name   string
}

func (f *facility) fields() []any { return []any{&f.id, &f.source, &f.name} }

func facilitiesOf(tx *store.Tx, now time.Time) ([]facility, error) {
	return store.All(tx, (*facility).fields, `
		SELECT id, coalesce(source, ''), name FROM unit WHERE kind = 'facility' AND until > ? ORDER BY id`, now.Unix())
}

func openGroups(tx *store.Tx, facility int64, now time.Time) ([]group, error) {
	return store.All(tx, (*group).fields, `
		SELECT id, name, coalesce(source, ''), until, 0 FROM unit WHERE parent = ? AND kind = 'group' AND until > ? ORDER BY name`, facility, now.Unix())
}
