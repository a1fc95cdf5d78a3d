package room

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

type exported struct {
	Rooms     []string `json:"raeume"`
	Posts     []string `json:"beitraege"`
	Reactions []string `json:"rueckmeldungen"`
	Reports   []string `json:"meldungen"`
	Actions   []string `json:"massnahmen"` // about the person
	Moderated []string `json:"moderiert"`  // by the person
	Addressed []string `json:"angesprochen"`
	Accepted  []string `json:"netiquette,omitempty"` // when the person accepted the rules of a room
	Follows   []string `json:"folgt,omitempty"`
	News      []string `json:"neuigkeiten,omitempty"` // that are to be told in the evening
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Rooms, err = store.All(tx, store.Value[string], `
		SELECT o.name || coalesce(' als ' || a.alias, '') FROM room o LEFT JOIN youth_alias a ON a.room = o.id AND a.person = ?1
		WHERE a.person IS NOT NULL OR o.author = ?1 OR o.id IN (SELECT room FROM room_member WHERE person = ?1) ORDER BY o.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Posts, err = store.All(tx, store.Value[string], `
		SELECT datetime(p.at, 'unixepoch') || 'Z ' || t.title || ': ' || p.body FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE p.author = ? ORDER BY p.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Reactions, err = store.All(tx, store.Value[string], `
		SELECT r.kind || ': ' || t.title FROM room_reaction r JOIN room_post p ON p.id = r.post JOIN room_topic t ON t.id = p.topic WHERE r.person = ? ORDER BY r.post`, s.Person); err != nil {
		return nil, err
	}
	if e.Reports, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z ' || ground || ': ' || words FROM room_report WHERE reporter = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	if e.Actions, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z ' || kind || ': ' || reason || ' / ' || objection || ' / ' || answer FROM room_action WHERE person = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	if e.Moderated, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z ' || kind FROM room_action WHERE moderator = ?1 OR answerer = ?1 ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	if e.Addressed, err = store.All(tx, store.Value[string], `
		SELECT t.title FROM room_mention m JOIN room_post p ON p.id = m.post JOIN room_topic t ON t.id = p.topic WHERE m.person = ? ORDER BY m.post`, s.Person); err != nil {
		return nil, err
	}
	if e.Accepted, err = store.All(tx, store.Value[string], `
		SELECT datetime(m.at, 'unixepoch') || 'Z ' || o.name || iif(m.news, ', mit Neuigkeiten', '') FROM room_member m JOIN room o ON o.id = m.room WHERE m.person = ? ORDER BY m.room`, s.Person); err != nil {
		return nil, err
	}
	if e.Follows, err = store.All(tx, store.Value[string], `
		SELECT iif(f.follows, 'folgt: ', 'folgt nicht: ') || t.title FROM room_follow f JOIN room_topic t ON t.id = f.topic WHERE f.person = ? ORDER BY f.topic`, s.Person); err != nil {
		return nil, err
	}
	e.News, err = store.All(tx, store.Value[string], `
		SELECT datetime(n.due, 'unixepoch') || 'Z ' || t.title FROM room_news n JOIN room_post p ON p.id = n.post JOIN room_topic t ON t.id = p.topic WHERE n.person = ? ORDER BY n.post`, s.Person)
	return e, err
}

// Erase forgets who has written, reported and moderated. The words stay, as answers would hang in the air without them;
// whoever wants them gone removes them before, one by one or by leaving the room.
func Erase(tx *store.Tx, s house.Subject) error {
	topics, err := store.All(tx, store.Value[int64], `SELECT DISTINCT topic FROM room_post WHERE author = ?`, s.Person)
	if err != nil {
		return err
	}
	for _, q := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(`UPDATE room SET author = NULL WHERE author = ?`, s.Person) },
		func() (int64, error) {
			return tx.Exec(`UPDATE room_topic SET author = NULL WHERE author = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE room_post SET author = NULL, alias = '' WHERE author = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE room_report SET reporter = NULL WHERE reporter = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE room_action SET moderator = nullif(moderator, ?1), person = nullif(person, ?1), answerer = nullif(answerer, ?1) WHERE ?1 IN (moderator, person, answerer)`, s.Person)
		},
		func() (int64, error) { return tx.Exec(`DELETE FROM room_member WHERE person = ?`, s.Person) },
		func() (int64, error) { return tx.Exec(`DELETE FROM room_follow WHERE person = ?`, s.Person) },
		func() (int64, error) { return tx.Exec(`DELETE FROM room_mention WHERE person = ?`, s.Person) },
		func() (int64, error) { return tx.Exec(`DELETE FROM room_reaction WHERE person = ?`, s.Person) },
		func() (int64, error) { return tx.Exec(`DELETE FROM room_news WHERE person = ?`, s.Person) },
	} {
		if _, err := q(); err != nil {
			return err
		}
	}
	return refind(tx, topics...)
}
