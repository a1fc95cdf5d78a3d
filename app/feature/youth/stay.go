package youth

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

// What the team has noted of somebody's age.
const (
	Under = "under" // 16
	Over  = "over"
)

// A Young is what the team sees of a young person: the alias, and what the team itself has noted.
type Young struct {
	Person  int64
	Alias   string
	Age     string
	Consent time.Time // when it was noted that guardians agree; zero: it was not
}

// young lists who is in a youth room.
func young(tx *store.Tx, room int64) ([]Young, error) {
	return store.All(tx, func(y *Young) []any {
		return []any{&y.Person, &y.Alias, &y.Age, (*store.Time)(&y.Consent)}
	}, `
		SELECT person, alias, age, consent FROM youth_alias WHERE room = ? ORDER BY alias`, room)
}

// NoteAge notes whether somebody is younger than 16, and whether guardians agree. The day is kept, since it is the
// proof (GDPR Art. 7, 1 and 8, 2).
func NoteAge(tx *store.Tx, room, id int64, age string, consent bool, v who.Viewer, now time.Time) error {
	if age != "" && age != Under && age != Over {
		return fault.New(fault.Malformed, "Diese Angabe gibt es nicht.")
	}
	consent = consent && age == Under
	n, err := tx.Exec(`
		UPDATE youth_alias SET age = ?1, consent = CASE WHEN ?2 THEN coalesce(consent, ?3) END, consenter = CASE WHEN ?2 THEN coalesce(consenter, ?4) END
		WHERE room = ?5 AND person = ?6`, age, consent, now.Unix(), v.ID, room, id)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// dismiss ends the stay of a young person in a room: by the team, or because the person leaves. words: what the person
// has written goes, too; else it stays without a name. An account that is in no room any more is gone for good.
func dismiss(tx *store.Tx, h *house.House, of Rooms, room, id int64, words bool) error {
	if err := of.Leave(tx, room, id, words); err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM youth_alias WHERE room = ? AND person = ?`, room, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Gone()
	}
	left, err := store.One(tx, store.Value[int], `SELECT count(*) FROM youth_alias WHERE person = ?`, id)
	if err != nil {
		return err
	}
	if left == 0 {
		if err := vanish(tx, of, id); err != nil {
			return err
		}
	}
	h.Rights(tx)
	return nil
}

// vanish removes a person of whom nothing but an alias was known.
func vanish(tx *store.Tx, of Rooms, id int64) error {
	for _, forget := range []func(*store.Tx, house.Subject) error{of.Forget, erase} {
		if err := forget(tx, house.Subject{Person: id}); err != nil {
			return err
		}
	}
	if err := web.EndSessions(tx, id, nil); err != nil {
		return err
	}
	if err := org.Vanish(tx, id); err != nil {
		return err
	}
	return person.Forget(tx, id)
}
