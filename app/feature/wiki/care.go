package wiki

import (
	"slices"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// A Care is what keeps a page true, beside what Page has of it.
type Care struct {
	Asks     Asked
	Reminded time.Time // zero: never
	Every    int       // months from one review to the next; 0: there is no next
	Checked  time.Time // when somebody last said that it still holds; zero: never
}

func (c *Care) fields() []any {
	return []any{&c.Asks, (*store.Time)(&c.Reminded), &c.Every, (*store.Time)(&c.Checked)}
}

// careOf is that of a page; whoever asks has found the page first.
func careOf(tx *store.Tx, page int64) (Care, error) {
	return store.One(tx, (*Care).fields, `SELECT asks, nullif(reminded, 0), every, checked FROM wiki_page WHERE id = ?`, page)
}

// leading is the level of those who lead an archive: the head and who stands above; of a committee each member, since
// there nobody stands above another.
func leading(kind org.Kind) string {
	if kind == org.Committee {
		return "write"
	}
	return "board"
}

// nearest lists who leads the archive of a unit from nearest by, without one person: the heads, else those of the carrier,
// else those of the office; of a committee all its members. board: of a committee its chair alone.
func nearest(tx *store.Tx, unit int64, kind org.Kind, board bool, but int64, now time.Time) (all []Person, err error) {
	if kind == org.Committee {
		level := "write"
		if board {
			level = "board"
		}
		all, err = with(tx, unit, level, now)
		return slices.DeleteFunc(all, func(p Person) bool { return p.ID == but }), err
	}
	return store.All(tx, (*Person).fields, `
		WITH l (person, depth) AS MATERIALIZED (
			SELECT h.person, p.depth FROM unit_up p JOIN holding h ON h.unit = p.above
			WHERE p.unit = ?1 AND h.role IN (2, 3, 4) AND h.person <> ?2 AND h.since <= ?3 AND h.until > ?3)
		SELECT n.id, trim(n.given || ' ' || n.family) FROM person n
		WHERE n.id IN (SELECT person FROM l WHERE depth = (SELECT min(depth) FROM l)) ORDER BY n.family, n.given, n.id`, unit, but, now.Unix())
}

// with lists who has a level in the archive of a unit.
func with(tx *store.Tx, unit int64, level string, now time.Time) ([]Person, error) {
	return store.All(tx, (*Person).fields, `
		SELECT n.id, trim(n.given || ' ' || n.family) FROM person n WHERE n.id IN (
			SELECT person FROM wiki_right WHERE unit = ?1 AND level = ?2 AND since <= ?3 AND until > ?3)
		ORDER BY n.family, n.given, n.id`, unit, level, now.Unix())
}

// A Person is somebody in a list.
type Person struct {
	ID   int64
	Name string
}

func (p *Person) fields() []any { return []any{&p.ID, &p.Name} }

// ids are those of people.
func ids(all []Person) (list []int64) {
	for _, p := range all {
		list = append(list, p.ID)
	}
	return list
}
