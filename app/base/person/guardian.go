package person

import (
	"time"

	"nestfunk/app/base/store"
)

// A Guardian is an adult responsible for a child, as one carrier knows them.
type Guardian struct {
	ID       int64
	Child    int64
	Person   int64
	Given    string
	Family   string
	Relation string
	Rank     int  // order of calling
	Informed bool // gets announcements
	Decides  bool // may excuse, sign, ask for emergency care
	State    string
	Mail     string
	Phone    string
	Language string
	Until    int64
}

// Name is given and family name.
func (g Guardian) Name() string { return Person{Given: g.Given, Family: g.Family}.Name() }

func (g *Guardian) fields() []any {
	return []any{&g.ID, &g.Child, &g.Person, &g.Given, &g.Family, &g.Relation, &g.Rank, &g.Informed, &g.Decides, &g.State,
		&g.Mail, &g.Phone, &g.Language, &g.Until}
}

// Guardians lists who is responsible for a child, in the order of calling; those who ended last.
func Guardians(tx *store.Tx, child int64) ([]Guardian, error) {
	return store.All(tx, (*Guardian).fields, `
		SELECT g.id, g.child, g.person, p.given, p.family, g.relation, g.rank, g.informed, g.decides, g.state, g.mail, g.phone, g.language, g.until
		FROM guardian g JOIN person p ON p.id = g.person WHERE g.child = ? ORDER BY g.state = 'ended', g.rank, g.id`, child)
}

// GuardiansIn lists the guardians of the children who are now in a unit or below it, those who ended left out.
func GuardiansIn(tx *store.Tx, unit int64, now time.Time) ([]Guardian, error) {
	return store.All(tx, (*Guardian).fields, `
		SELECT g.id, g.child, g.person, p.given, p.family, g.relation, g.rank, g.informed, g.decides, g.state, g.mail, g.phone, g.language, g.until
		FROM unit_up x JOIN child_stay s ON s.unit = x.unit JOIN guardian g ON g.child = s.child JOIN person p ON p.id = g.person
		WHERE x.above = ?1 AND s.since <= ?2 AND s.until > ?2 AND g.state <> 'ended' ORDER BY g.child, g.rank, g.id`, unit, now.Unix())
}

// GuardiansKnown lists the guardians of ChildrenKnown, also those who ended.
func GuardiansKnown(tx *store.Tx, facility int64) ([]Guardian, error) {
	return store.All(tx, (*Guardian).fields, `
		SELECT g.id, g.child, g.person, p.given, p.family, g.relation, g.rank, g.informed, g.decides, g.state, g.mail, g.phone, g.language, g.until
		FROM child c JOIN guardian g ON g.child = c.id JOIN person p ON p.id = g.person
		WHERE c.facility = ? ORDER BY g.child, g.rank, g.id`, facility)
}

// GetGuardian finds one.
func GetGuardian(tx *store.Tx, id int64) (Guardian, error) {
	return store.One(tx, (*Guardian).fields, `
		SELECT g.id, g.child, g.person, p.given, p.family, g.relation, g.rank, g.informed, g.decides, g.state, g.mail, g.phone, g.language, g.until
		FROM guardian g JOIN person p ON p.id = g.person WHERE g.id = ?`, id)
}

// AddGuardian ties a person to a child.
func AddGuardian(tx *store.Tx, g Guardian, now time.Time) (int64, error) {
	if g.Language == "" {
		g.Language = "de"
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO guardian (child, person, relation, rank, informed, decides, state, mail, phone, language, since)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		g.Child, g.Person, g.Relation, g.Rank, g.Informed, g.Decides, g.State, g.Mail, g.Phone, g.Language, now.Unix())
}

// CorrectGuardian changes all but child, person and state.
func CorrectGuardian(tx *store.Tx, g Guardian) error {
	_, err := tx.Exec(`
		UPDATE guardian SET relation = ?, rank = ?, informed = ?, decides = ?, mail = ?, phone = ?, language = ? WHERE id = ?`,
		g.Relation, g.Rank, g.Informed, g.Decides, g.Mail, g.Phone, g.Language, g.ID)
	return err
}

// SetGuardianState moves a guardian on; ending one also ends the term.
func SetGuardianState(tx *store.Tx, id int64, state string, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE guardian SET state = ?1, until = CASE WHEN ?1 = 'ended' THEN min(until, ?2) ELSE 9223372036854775807 END WHERE id = ?3`,
		state, now.Unix(), id)
	return err
}

// Join hands everything of one person to another: somebody who redeems a
// second letter while signed in is one person from then on. Where both are
// guardians of the same child, the row of into stays, with what it allows:
// that one is not to be informed holds, whatever a later letter says. Only a row
// that has ended begins anew as the letter has it, since a letter means that the
// facility wants the person back. A lock on either of the two holds for both.
func Join(tx *store.Tx, from, into int64) error {
	if from == into {
		return nil
	}
	if _, err := tx.Exec(`
		UPDATE guardian SET person = ?1 WHERE person = ?2 AND child NOT IN (SELECT child FROM guardian WHERE person = ?1)`, into, from); err != nil {
		return err
	}
	if _, err := tx.Exec(`
		UPDATE guardian SET relation = f.relation, rank = f.rank, informed = f.informed, decides = f.decides, state = f.state,
			mail = f.mail, phone = f.phone, language = f.language, since = f.since, until = f.until
		FROM guardian f WHERE guardian.person = ?1 AND guardian.state = 'ended'
		AND f.person = ?2 AND f.child = guardian.child AND f.state <> 'ended'`, into, from); err != nil {
		return err
	}
	if _, err := tx.Exec(`
		UPDATE guardian SET state = 'suspended' WHERE person = ?1 AND state <> 'ended'
		AND child IN (SELECT child FROM guardian WHERE person = ?2 AND state = 'suspended')`, into, from); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE guardian SET state = 'ended', until = min(until, since) WHERE person = ?`, from)
	return err
}

// Locked reports whether a person's place with a child is locked.
func Locked(tx *store.Tx, id, child int64) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM guardian WHERE person = ? AND child = ? AND state = 'suspended'`, id, child)
	return n > 0, err
}
