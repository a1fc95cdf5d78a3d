package room

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// HandOut makes a code for a youth room. Its characters are returned once and not kept.
func HandOut(tx *store.Tx, r Room, v who.Viewer, uses, days int, now time.Time) (string, error) {
	if !r.Youth {
		return "", fault.Gone()
	}
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
	return code, PostCode(tx, r, v, code, uses, days, now)
}

// PostCode has a code lead into a youth room: as often, and for as many days.
func PostCode(tx *store.Tx, r Room, v who.Viewer, code string, uses, days int, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO room_code (room, hash, author, expires, uses) VALUES (?, ?, ?, ?, ?)`,
		r.ID, hash(code), v.ID, now.AddDate(0, 0, days).Unix(), uses)
	return err
}

// codes lists what can still be used.
func codes(tx *store.Tx, room int64, now time.Time) ([]Code, error) {
	return store.All(tx, func(c *Code) []any { return []any{&c.ID, (*store.Time)(&c.Expires), &c.Uses, &c.Used} }, `
		SELECT id, expires, uses, used FROM room_code WHERE room = ? AND expires > ? AND used < uses ORDER BY id`, room, now.Unix())
}

// withdraw ends a code.
func withdraw(tx *store.Tx, room, id int64) error {
	n, err := tx.Exec(`DELETE FROM room_code WHERE id = ? AND room = ?`, id, room)
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
func Join(tx *store.Tx, h *house.House, v who.Viewer, x Entry) (who, room int64, words string, err error) {
	now := h.Now()
	e, err := store.One(tx, func(e *entrance) []any { return []any{&e.id, &e.unit, &e.closed} }, `
		SELECT o.id, o.unit, o.closed IS NOT NULL FROM room_code c JOIN room o ON o.id = c.room
		WHERE c.hash = ? AND c.expires > ? AND c.used < c.uses`, hash(x.Code), now.Unix())
	if fault.KindOf(err) == fault.NotFound || err == nil && e.closed {
		return 0, 0, "", wrongCode()
	}
	if err != nil {
		return 0, 0, "", err
	}
	all, err := moderators(tx, e.id, now)
	if err != nil {
		return 0, 0, "", err
	}
	team, err := namesOf(tx, all)
	if err != nil {
		return 0, 0, "", err
	}
	alias, skeleton, err := cleanAlias(x.Alias, team)
	if err != nil {
		return 0, 0, "", err
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM room_alias WHERE room = ? AND skeleton = ?`, e.id, skeleton)
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
	if n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM room_alias WHERE room = ? AND person = ?`, e.id, who); err != nil {
		return 0, 0, "", err
	}
	if n > 0 {
		return 0, 0, "", fault.At("code", "In diesem Raum bist du schon.")
	}
	if err := admit(tx, who, e.unit, now); err != nil {
		return 0, 0, "", err
	}
	words = newWords()
	if _, err := tx.Exec(`INSERT INTO room_alias (room, person, alias, skeleton, words, seen) VALUES (?, ?, ?, ?, ?, ?)`,
		e.id, who, alias, skeleton, hash(words), now.Unix()); err != nil {
		return 0, 0, "", err
	}
	_, err = tx.Exec(`UPDATE room_code SET used = used + 1 WHERE hash = ?`, hash(x.Code))
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

// namesOf are the names under which moderators are known, also the first name alone.
func namesOf(tx *store.Tx, all []moderator) (names []string, err error) {
	for _, m := range all {
		p, err := person.Get(tx, m.person)
		if err != nil {
			return nil, err
		}
		names = append(names, p.Given, p.Name())
	}
	return names, nil
}

// back finds who has these words, if the person is still in the room.
func back(tx *store.Tx, words string, now time.Time) (person, room int64, err error) {
	type row struct{ person, room int64 }
	r, err := store.One(tx, func(r *row) []any { return []any{&r.person, &r.room} }, `SELECT person, room FROM room_alias WHERE words = ?`, hash(words))
	if err == nil {
		var ok bool
		if ok, err = entitled(tx, r.room, r.person, now); err == nil && !ok {
			err = fault.Gone()
		}
	}
	if fault.KindOf(err) == fault.NotFound {
		return 0, 0, fault.At("words", "Diese Wörter führen nirgendwohin. Bitte schau sie noch einmal an, oder frag das Team nach einem neuen Code.")
	}
	if err == nil {
		_, err = tx.Exec(`UPDATE room_alias SET seen = ? WHERE room = ? AND person = ?`, now.Unix(), r.room, r.person)
	}
	return r.person, r.room, err
}

// A Young is what the team sees of a young person: the alias, and what the team itself has noted.
type Young struct {
	Person  int64
	Alias   string
	Age     string
	Consent time.Time // when it was noted that guardians agree; zero: it was not
	Posts   int
}

// young lists who is in a youth room.
func young(tx *store.Tx, room int64) ([]Young, error) {
	return store.All(tx, func(y *Young) []any {
		return []any{&y.Person, &y.Alias, &y.Age, (*store.Time)(&y.Consent), &y.Posts}
	}, `
		SELECT a.person, a.alias, a.age, a.consent, (SELECT count(*) FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE t.room = a.room AND p.author = a.person)
		FROM room_alias a WHERE a.room = ? ORDER BY a.alias`, room)
}

// noteAge notes whether somebody is younger than 16, and whether guardians agree. The day is kept, since it is the
// proof (GDPR Art. 7, 1 and 8, 2).
func noteAge(tx *store.Tx, room, id int64, age string, consent bool, v who.Viewer, now time.Time) error {
	if age != "" && age != Under && age != Over {
		return fault.New(fault.Malformed, "Diese Angabe gibt es nicht.")
	}
	consent = consent && age == Under
	n, err := tx.Exec(`
		UPDATE room_alias SET age = ?1, consent = CASE WHEN ?2 THEN coalesce(consent, ?3) END, consenter = CASE WHEN ?2 THEN coalesce(consenter, ?4) END
		WHERE room = ?5 AND person = ?6`, age, consent, now.Unix(), v.ID, room, id)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// dismiss ends the stay of a young person in a room: by the team, or because the person leaves. words: what the person
// has written goes, too; else it stays without a name. An account that is in no room any more is gone for good.
func dismiss(tx *store.Tx, h *house.House, room, id int64, words bool) error {
	if err := leave(tx, h, room, id, words); err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM room_alias WHERE room = ? AND person = ?`, room, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Gone()
	}
	left, err := store.One(tx, store.Value[int], `SELECT count(*) FROM room_alias WHERE person = ?`, id)
	if err != nil {
		return err
	}
	if left == 0 {
		if err := vanish(tx, id); err != nil {
			return err
		}
	}
	h.Rights(tx)
	return nil
}

// leave takes somebody out of a room. What the person wrote stays without a name, or goes.
func leave(tx *store.Tx, h *house.House, room, id int64, words bool) error {
	mine, err := store.All(tx, store.Value[int64], `
		SELECT p.id FROM room_topic t JOIN room_post p ON p.topic = t.id WHERE t.room = ? AND p.author = ?`, room, id)
	if err != nil {
		return err
	}
	for _, p := range mine {
		if words {
			err = strip(tx, p)
		}
		if err == nil {
			_, err = tx.Exec(`UPDATE room_post SET author = NULL, alias = '' WHERE id = ?`, p)
		}
		if err != nil {
			return err
		}
	}
	for _, q := range []func() (int64, error){
		func() (int64, error) {
			return tx.Exec(`UPDATE room_topic SET author = NULL WHERE room = ? AND author = ?`, room, id)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_follow WHERE person = ? AND topic IN (SELECT id FROM room_topic WHERE room = ?)`, id, room)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_mention WHERE person = ? AND post IN (SELECT p.id FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE t.room = ?)`, id, room)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_reaction WHERE person = ? AND post IN (SELECT p.id FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE t.room = ?)`, id, room)
		},
		func() (int64, error) {
			return tx.Exec(`DELETE FROM room_member WHERE room = ? AND person = ?`, room, id)
		},
	} {
		if _, err := q(); err != nil {
			return err
		}
	}
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM room_topic WHERE room = ?`, room)
	if err != nil {
		return err
	}
	for _, t := range ids {
		if err := changed(tx, h, t); err != nil {
			return err
		}
	}
	return nil
}

// vanish removes a person of whom nothing but an alias was known.
func vanish(tx *store.Tx, id int64) error {
	if err := erase(tx, house.Subject{Person: id}); err != nil {
		return err
	}
	if err := web.EndSessions(tx, id, nil); err != nil {
		return err
	}
	if err := org.Vanish(tx, id); err != nil {
		return err
	}
	return person.Forget(tx, id)
}
