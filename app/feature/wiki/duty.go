package wiki

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Asked says who has to read a page and to say so.
type Asked string

const (
	AskNone  Asked = ""
	AskStaff Asked = "staff" // the team there and below; of a committee its members
	AskAll   Asked = "unit"  // with the team all families and delegates there and below
)

// asks lists whom the readers of a page leave to be asked: nobody has to read what they may not.
func (a Access) asks() []Asked {
	switch a {
	case Board:
		return []Asked{AskNone}
	case Staff:
		return []Asked{AskNone, AskStaff}
	}
	return []Asked{AskNone, AskStaff, AskAll}
}

// Word says who has to read, in German; kind is that of the unit.
func (a Asked) Word(kind org.Kind) string {
	committee := kind == org.Committee
	switch {
	case a == AskNone:
		return "Niemand muss es bestätigen"
	case a == AskStaff && committee:
		return "Das Gremium"
	case a == AskStaff:
		return "Das Team"
	case committee:
		return "Alle, für die das Gremium da ist"
	}
	return "Alle, die dazugehören: Team, Familien und Beirat"
}

// narrowed is who still has to read a page once its readers are these.
func (a Asked) narrowed(to Access) Asked {
	if all := to.asks(); !slices.Contains(all, a) {
		return all[len(all)-1]
	}
	return a
}

// oblige sets who has to read a page. Whoever has read what is shown now has read it.
func oblige(tx *store.Tx, page int64, asks Asked) error {
	_, err := tx.Exec(`
		UPDATE wiki_page SET asks = ?2, must = CASE WHEN ?2 = '' THEN NULL WHEN asks <> '' AND must IS NOT NULL THEN must ELSE shown END WHERE id = ?1`, page, string(asks))
	return err
}

// anew has a revision read again by whoever has to read its page, from when it is shown.
func anew(tx *store.Tx, rev int64) error {
	if _, err := tx.Exec(`UPDATE wiki_revision SET again = 1 WHERE id = ?`, rev); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE wiki_page SET must = ?1 WHERE shown = ?1 AND asks <> ''`, rev)
	return err
}

// A Duty is a page that a person has to read.
type Duty struct {
	Page     int64
	Title    string
	UnitName string
	Again    bool // an earlier revision was read
}

func (d *Duty) fields() []any { return []any{&d.Page, &d.Title, &d.UnitName, &d.Again} }

// duties lists what a person has to read and has not.
func duties(tx *store.Tx, person int64, now time.Time) ([]Duty, error) {
	return store.All(tx, (*Duty).fields, `
		WITH d AS MATERIALIZED (SELECT DISTINCT unit, asks FROM wiki_duty WHERE person = ?1 AND since <= ?2 AND until > ?2)
		SELECT p.id, r.title, u.name, g.page IS NOT NULL
		FROM d CROSS JOIN wiki_page p ON p.unit = d.unit AND p.asks = d.asks AND p.must IS NOT NULL AND p.removed IS NULL
		JOIN wiki_revision r ON r.id = p.shown JOIN unit u ON u.id = p.unit LEFT JOIN wiki_reading g ON g.page = p.id AND g.person = ?1
		WHERE coalesce(g.revision, 0) < p.must ORDER BY u.name, r.title, p.id`, person, now.Unix())
}

// owed counts what a person has to read and has not.
func owed(tx *store.Tx, person int64, now time.Time) (int, error) {
	return store.One(tx, store.Value[int], `
		WITH d AS MATERIALIZED (SELECT DISTINCT unit, asks FROM wiki_duty WHERE person = ?1 AND since <= ?2 AND until > ?2)
		SELECT count(*)
		FROM d CROSS JOIN wiki_page p ON p.unit = d.unit AND p.asks = d.asks AND p.must IS NOT NULL AND p.removed IS NULL
		LEFT JOIN wiki_reading g ON g.page = p.id AND g.person = ?1
		WHERE coalesce(g.revision, 0) < p.must`, person, now.Unix())
}

// A Reading is what one person and one page have with each other.
type Reading struct {
	Asked bool      // the person has to read it
	At    time.Time // when the person said so last; zero: never
	Waits bool      // what the person has read no longer counts, or nothing was read
}

// reading is what a person and a page that they may read have with each other.
func reading(tx *store.Tx, page, person int64, now time.Time) (Reading, error) {
	r, err := store.One(tx, func(r *Reading) []any { return []any{&r.Asked, (*store.Time)(&r.At), &r.Waits} }, `
		SELECT p.must IS NOT NULL AND p.removed IS NULL AND EXISTS (
				SELECT 1 FROM wiki_duty d WHERE d.person = ?2 AND d.unit = p.unit AND d.asks = p.asks AND d.since <= ?3 AND d.until > ?3),
			g.at, coalesce(g.revision, 0) < coalesce(p.must, 0)
		FROM wiki_page p LEFT JOIN wiki_reading g ON g.page = p.id AND g.person = ?2 WHERE p.id = ?1`, page, person, now.Unix())
	r.Waits = r.Waits && r.Asked
	return r, err
}

// read notes that a person has read a revision. It may come late, from a device without a connection: then it counts for
// the words that were on the screen.
func read(tx *store.Tx, p Page, person, rev int64, now time.Time) error {
	r, err := reading(tx, p.ID, person, now)
	if err != nil {
		return err
	}
	if !r.Asked {
		return fault.New(fault.Conflict, "Diese Seite müssen Sie nicht bestätigen.")
	}
	ok, err := store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM wiki_revision WHERE id = ? AND page = ? AND released IS NOT NULL)`, rev, p.ID)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Conflict, "Bitte laden Sie die Seite neu, und bestätigen Sie noch einmal.")
	}
	_, err = tx.Exec(`
		INSERT INTO wiki_reading (page, person, revision, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (page, person) DO UPDATE SET revision = excluded.revision, at = excluded.at WHERE excluded.revision > revision`,
		p.ID, person, rev, now.Unix())
	return err
}

// A Reader has to read a page. Without a right to the name there is none.
type Reader struct {
	Person int64
	Name   string
	Place  string    // where the person belongs to
	At     time.Time // when the person has read it last; zero: never
	Of     time.Time // when what was read had been saved
	Done   bool      // that counts
	named  bool      // the viewer may know who it is
}

func (r *Reader) fields() []any {
	return []any{&r.Person, &r.Name, &r.Place, (*store.Time)(&r.At), (*store.Time)(&r.Of), &r.Done, &r.named}
}

// readers lists who has to read a page, as a viewer may know them: a head knows everybody of her house, a carrier its
// team, an office its own, a chair the members.
func readers(tx *store.Tx, page int64, v who.Viewer, now time.Time) ([]Reader, error) {
	return store.All(tx, (*Reader).fields, `
		WITH mine AS MATERIALIZED (
			SELECT u.unit AS place, h.role, h.unit FROM holding h JOIN unit_up u ON u.above = h.unit
			WHERE h.person = ?2 AND h.role IN (2, 3, 4, 8) AND h.since <= ?3 AND h.until > ?3)
		SELECT d.person, trim(n.given || ' ' || n.family), min(u.name), g.at, r.at, coalesce(g.revision, 0) >= p.must,
			max(EXISTS (SELECT 1 FROM mine m WHERE m.place = d.place AND (m.role = 4 OR m.role = 3 AND d.role <= 5 OR m.role = 2 AND d.role = 2))
				OR d.role IN (7, 8) AND EXISTS (SELECT 1 FROM mine m WHERE m.role = 8 AND m.unit = p.unit))
		FROM wiki_page p JOIN wiki_duty d ON d.unit = p.unit AND d.asks = p.asks JOIN person n ON n.id = d.person JOIN unit u ON u.id = d.place
		LEFT JOIN wiki_reading g ON g.page = p.id AND g.person = d.person LEFT JOIN wiki_revision r ON r.id = g.revision
		WHERE p.id = ?1 AND p.must IS NOT NULL AND d.since <= ?3 AND d.until > ?3
		GROUP BY d.person ORDER BY 3, n.family, n.given, n.id`, page, v.ID, now.Unix())
}

// missing lists who has to read a page and has not.
func missing(tx *store.Tx, page int64, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT d.person
		FROM wiki_page p JOIN wiki_duty d ON d.unit = p.unit AND d.asks = p.asks LEFT JOIN wiki_reading g ON g.page = p.id AND g.person = d.person
		WHERE p.id = ?1 AND p.must IS NOT NULL AND p.removed IS NULL AND d.since <= ?2 AND d.until > ?2 AND coalesce(g.revision, 0) < p.must
		ORDER BY d.person`, page, now.Unix())
}
