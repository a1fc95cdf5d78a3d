package assignment

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person.
type exported struct {
	Tasks []string `json:"aufgaben,omitempty"` // that the person has, had, gave or ended
	Notes []string `json:"notizen,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Tasks, err = store.All(tx, store.Value[string], `
		SELECT datetime(created, 'unixepoch') || 'Z ' || title || iif(owner = ?1, ', übernommen', '') || iif(author = ?1, ', angelegt', '')
			|| iif(ender = ?1, ', beendet ' || datetime(ended, 'unixepoch') || 'Z', '')
		FROM assignment WHERE owner = ?1 OR author = ?1 OR ender = ?1 ORDER BY created, id`, s.Person); err != nil {
		return nil, err
	}
	e.Notes, err = store.All(tx, store.Value[string], `
		SELECT datetime(n.at, 'unixepoch') || 'Z ' || a.title || ': ' || n.body FROM assignment_note n JOIN assignment a ON a.id = n.assignment
		WHERE n.person = ? ORDER BY n.at, n.id`, s.Person)
	return e, err
}

// eraser keeps the tasks and what was noted about them, which are the committee's, without who it was.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		if s.Person == 0 {
			return nil
		}
		had, err := store.All(tx, store.Value[int64], `
			SELECT id FROM assignment WHERE owner = ?1 OR author = ?1 OR ender = ?1 UNION SELECT assignment FROM assignment_note WHERE person = ?1`, s.Person)
		if err != nil {
			return err
		}
		if err := search.Changed(tx, foundKind, had...); err != nil {
			return err
		}
		if _, err := tx.Exec(`
			UPDATE assignment SET owner = nullif(owner, ?1), author = nullif(author, ?1), ender = nullif(ender, ?1)
			WHERE owner = ?1 OR author = ?1 OR ender = ?1`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE assignment_note SET person = NULL WHERE person = ?`, s.Person); err != nil {
			return err
		}
		return h.Tasks.Cancel(tx, tellKind, s.Person)
	}
}
