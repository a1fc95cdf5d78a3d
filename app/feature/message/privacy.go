package message

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

type exported struct {
	Conversations []string `json:"gespraeche"` // in which the person takes part as himself or herself, or that are about the child
	Messages      []string `json:"nachrichten"`
	Before        []string `json:"fruehere_fassungen"`
	Taken         []string `json:"kuemmert_sich"`
	Read          []string `json:"gelesen"`
}

// export is what a person has written, and all of the own conversations: the answers are about the person, too. Of a child
// it is when there was a conversation: what stands in it belongs to whom it was written with, and one custodian does not
// read the other's.
func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Conversations, err = store.All(tx, store.Value[string], `
		SELECT datetime(c.at, 'unixepoch') || 'Z' || iif(?1 = 0, '', ' ' || c.title || coalesce(' (' || k.given || ')', ''))
		FROM message_conversation c LEFT JOIN child k ON k.id = c.child
		WHERE c.child = ?2 OR c.id IN (SELECT conversation FROM message_party WHERE person = ?1) ORDER BY c.id`, s.Person, s.Child); err != nil {
		return nil, err
	}
	if e.Messages, err = store.All(tx, store.Value[string], `
		SELECT datetime(m.at, 'unixepoch') || 'Z ' || iif(m.author = ?1, '', 'von anderen: ') || m.body FROM message m
		WHERE m.author = ?1 OR m.conversation IN (SELECT conversation FROM message_party WHERE person = ?1) ORDER BY m.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Before, err = store.All(tx, store.Value[string], `
		SELECT datetime(b.until, 'unixepoch') || 'Z ' || b.body FROM message_before b JOIN message m ON m.id = b.message WHERE m.author = ? ORDER BY b.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Taken, err = store.All(tx, store.Value[string], `
		SELECT title FROM message_conversation WHERE taker = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	e.Read, err = store.All(tx, store.Value[string], `
		SELECT c.title || ' ' || r.message FROM message_read r JOIN message_conversation c ON c.id = r.conversation
		WHERE r.person = ? ORDER BY c.id`, s.Person)
	return e, err
}

// erase removes the conversations of a family with whom is forgotten, what they wrote to a board, and those about a child. What somebody wrote for a
// team stays the team's, and what two colleagues wrote stays with the other; who it was is forgotten.
func erase(tx *store.Tx, s house.Subject) error {
	gone, err := store.All(tx, store.Value[int64], `
		SELECT id FROM message_conversation WHERE child = ?2
			OR kind IN ('family', 'council') AND id IN (SELECT conversation FROM message_party WHERE person = ?1)`, s.Person, s.Child)
	if err != nil {
		return err
	}
	for _, id := range gone {
		if err := drop(tx, id); err != nil {
			return err
		}
	}
	if s.Person == 0 {
		return nil
	}
	written, err := store.All(tx, store.Value[int64], `SELECT id FROM message WHERE author = ?`, s.Person)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE message SET author = NULL WHERE author = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE message_conversation SET taker = NULL WHERE taker = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM message_party WHERE person = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM message_read WHERE person = ?`, s.Person); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, written...)
}
