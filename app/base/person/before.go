package person

import (
	"time"

	"nestfunk/app/base/store"
)

// A Before is what a name or a birthday was before somebody corrected it (GDPR Art. 16). It is for those who may correct
// it, and for whom it is about.
type Before struct {
	Field  string // given, family or born
	Was    string
	At     time.Time
	Author string // name; "": a list that was read in, or ehemals im Haus
}

// Word is the German name of the field.
func (b Before) Word() string {
	return map[string]string{"given": "Vorname", "family": "Nachname", "born": "Geburtstag"}[b.Field]
}

func (b *Before) fields() []any { return []any{&b.Field, &b.Was, (*store.Time)(&b.At), &b.Author} }

// History lists what was corrected of a person or a child, one of which is 0, the latest first.
func History(tx *store.Tx, person, child int64) ([]Before, error) {
	return store.All(tx, (*Before).fields, `
		SELECT b.field, b.before, b.at, coalesce((SELECT trim(p.given || ' ' || p.family) FROM person p WHERE p.id = b.author), '')
		FROM person_before b WHERE b.person = ?1 OR b.child = ?2 ORDER BY b.id DESC`, person, child)
}

// notePerson notes what a new name of a person replaces; by 0: a list that was read in.
func notePerson(tx *store.Tx, id int64, given, family string, by int64, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO person_before (person, field, before, at, author)
		SELECT id, 'given', given, ?4, nullif(?5, 0) FROM person WHERE id = ?1 AND given <> ?2
		UNION ALL SELECT id, 'family', family, ?4, nullif(?5, 0) FROM person WHERE id = ?1 AND family <> ?3`, id, given, family, now.Unix(), by)
	return err
}

// noteChild is notePerson for a child. A birthday that was not told has no history.
func noteChild(tx *store.Tx, c Child, by int64, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO person_before (child, field, before, at, author)
		SELECT id, 'given', given, ?5, nullif(?6, 0) FROM child WHERE id = ?1 AND given <> ?2
		UNION ALL SELECT id, 'family', family, ?5, nullif(?6, 0) FROM child WHERE id = ?1 AND family <> ?3
		UNION ALL SELECT id, 'born', born, ?5, nullif(?6, 0) FROM child WHERE id = ?1 AND born <> ?4 AND born <> ''`,
		c.ID, c.Given, c.Family, c.Born, now.Unix(), by)
	return err
}

// forgetBefore removes the history of a person or a child, one of which is 0, and who has corrected others.
func forgetBefore(tx *store.Tx, person, child int64) error {
	if _, err := tx.Exec(`DELETE FROM person_before WHERE person = ? OR child = ?`, person, child); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE person_before SET author = NULL WHERE author = ?`, person)
	return err
}
