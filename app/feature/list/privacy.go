package list

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person or a child.
type exported struct {
	Lists   []string `json:"listen,omitempty"`    // that the person has made
	Entries []string `json:"eintraege,omitempty"` // of the person and the child
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Lists, err = store.All(tx, store.Value[string], `
		SELECT datetime(created, 'unixepoch') || 'Z ' || title FROM list WHERE author = ? ORDER BY created, id`, s.Person); err != nil {
		return nil, err
	}
	e.Entries, err = store.All(tx, store.Value[string], `
		SELECT datetime(e.at, 'unixepoch') || 'Z ' || iif(e.state = 'held', '', 'auf der Warteliste ') || l.title || ': ' || z.title
			|| coalesce(' ' || datetime(z.starts, 'unixepoch') || 'Z', '') || ', Plätze: ' || e.places || iif(e.note = '', '', ', ' || e.note)
		FROM list_entry e JOIN list_line z ON z.id = e.line JOIN list l ON l.id = z.list
		WHERE e.child = ?2 OR e.person = ?1 ORDER BY e.at, e.id`, s.Person, s.Child)
	return e, err
}

// eraser keeps the lists, which are the unit's, without their author, and a child's place without who asked for it. Places
// that become free are given to those who wait.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		wrote, err := store.All(tx, store.Value[int64], `SELECT id FROM list WHERE author = ?`, s.Person)
		if err != nil {
			return err
		}
		if err := search.Changed(tx, foundKind, wrote...); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE list SET author = NULL WHERE author = ?`, s.Person); err != nil {
			return err
		}
		stood, err := store.All(tx, store.Value[int64], `SELECT line FROM list_entry WHERE child = ?2 OR child IS NULL AND person = ?1`, s.Person, s.Child)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM list_entry WHERE child = ?2 OR child IS NULL AND person = ?1`, s.Person, s.Child); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE list_entry SET person = NULL, note = '' WHERE person = ?`, s.Person); err != nil {
			return err
		}
		for _, line := range stood {
			if err := moveUp(tx, h, line, 0); err != nil {
				return err
			}
		}
		if s.Person == 0 {
			return nil
		}
		return h.Tasks.Cancel(tx, tellKind, s.Person)
	}
}
