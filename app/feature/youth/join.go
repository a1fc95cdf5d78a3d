package youth

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// HandOut makes a code for a youth room. Its characters are returned once and not kept.
func HandOut(tx *store.Tx, room int64, v who.Viewer, uses, days int, now time.Time) (string, error) {
	var f fault.Form
	if uses < 1 || uses > maxUses {
		f.Add("uses", "Bitte geben Sie eine Zahl von 1 bis %d an.", maxUses)
	}
	if days < 1 || days > maxDays {
		f.Add("days", "Bitte geben Sie 1 bis %d Tage an.", maxDays)
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	code := newCode()
	return code, PostCode(tx, room, v, code, uses, days, now)
}

// PostCode has a code lead into a youth room: as often, and for as many days.
func PostCode(tx *store.Tx, room int64, v who.Viewer, code string, uses, days int, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO youth_code (room, hash, author, expires, uses) VALUES (?, ?, ?, ?, ?)`,
		room, hash(code), v.ID, now.AddDate(0, 0, days).Unix(), uses)
	return err
}

// codes lists what can still be used.
func codes(tx *store.Tx, room int64, now time.Time) ([]Code, error) {
	return store.All(tx, func(c *Code) []any { return []any{&c.ID, (*store.Time)(&c.Expires), &c.Uses, &c.Used} }, `
		SELECT id, expires, uses, used FROM youth_code WHERE room = ? AND expires > ? AND used < uses ORDER BY id`, room, now.Unix())
}

// withdraw ends a code.
func withdraw(tx *store.Tx, room, id int64) error {
	n, err := tx.Exec(`DELETE FROM youth_code WHERE id = ? AND room = ?`, id, room)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// A youth room that a code leads into.
type entrance struct {
	id, unit int64
	closed   bool
}

// An Entry is what somebody types who wants to come in, and the language in which they read.
type Entry struct{ Code, Alias, Language string }

// Join lets somebody in with a code, under an alias. It makes a person of whom nothing else is known, unless viewer is
// one already. The words lead back in; they are returned once and not kept.
func Join(tx *store.Tx, of Rooms, v who.Viewer, x Entry, now time.Time) (who, room int64, words string, err error) {
	e, err := store.One(tx, func(e *entrance) []any { return []any{&e.id, &e.unit, &e.closed} }, `
		SELECT o.id, o.unit, o.closed IS NOT NULL FROM youth_code c JOIN room o ON o.id = c.room
		WHERE c.hash = ? AND c.expires > ? AND c.used < c.uses`, hash(x.Code), now.Unix())
	if fault.KindOf(err) == fault.NotFound || err == nil && e.closed {
		return 0, 0, "", wrongCode()
	}
	if err != nil {
		return 0, 0, "", err
	}
	team, err := of.Team(tx, e.id)
	if err != nil {
		return 0, 0, "", err
	}
	alias, skeleton, err := cleanAlias(x.Alias, team)
	if err != nil {
		return 0, 0, "", err
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM youth_alias WHERE room = ? AND skeleton = ?`, e.id, skeleton)
	if err != nil {
		return 0, 0, "", err
	}
	if n > 0 {
		return 0, 0, "", fault.At("alias", "So oder ganz ähnlich heißt hier schon jemand. Bitte such dir einen anderen Namen aus.")
	}
	who = v.ID
	if who == 0 {
		if who, err = person.Add(tx, person.Person{Given: alias, Language: x.Language}); err != nil {
			return 0, 0, "", err
		}
	}
	if n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM youth_alias WHERE room = ? AND person = ?`, e.id, who); err != nil {
		return 0, 0, "", err
	}
	if n > 0 {
		return 0, 0, "", fault.At("code", "In diesem Raum bist du schon.")
	}
	if err := admit(tx, who, e.unit, now); err != nil {
		return 0, 0, "", err
	}
	words = newWords()
	if _, err := tx.Exec(`INSERT INTO youth_alias (room, person, alias, skeleton, words, seen) VALUES (?, ?, ?, ?, ?, ?)`,
		e.id, who, alias, skeleton, hash(words), now.Unix()); err != nil {
		return 0, 0, "", err
	}
	_, err = tx.Exec(`UPDATE youth_code SET used = used + 1 WHERE hash = ?`, hash(x.Code))
	return who, e.id, words, err
}

// admit gives a person the role of a young person at a unit, once.
func admit(tx *store.Tx, id, unit int64, now time.Time) error {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM membership WHERE person = ? AND unit = ? AND role = ? AND state <> 'ended' AND until > ?`, id, unit, int64(who.Youth), now.Unix())
	if err != nil || n > 0 {
		return err
	}
	_, err = org.Appoint(tx, org.Membership{Person: id, Unit: unit, Role: who.Youth, State: org.Confirmed, Since: now})
	return err
}

// back finds who has these words, if the person is still in the room.
func back(tx *store.Tx, of Rooms, words string, now time.Time) (person, room int64, err error) {
	type row struct{ person, room int64 }
	r, err := store.One(tx, func(r *row) []any { return []any{&r.person, &r.room} }, `SELECT person, room FROM youth_alias WHERE words = ?`, hash(words))
	if err == nil {
		_, err = of.See(tx, r.room, who.Viewer{ID: r.person})
	}
	if fault.KindOf(err) == fault.NotFound {
		return 0, 0, fault.At("words", "Diese Wörter führen nirgendwohin. Bitte schau sie noch einmal an, oder frag das Team nach einem neuen Code.")
	}
	if err == nil {
		_, err = tx.Exec(`UPDATE youth_alias SET seen = ? WHERE room = ? AND person = ?`, now.Unix(), r.room, r.person)
	}
	return r.person, r.room, err
}
