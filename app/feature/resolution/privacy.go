package resolution

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person. Resolutions are the committee's, and name nobody.
type exported struct {
	Began    []string `json:"umlaufbeschluesse,omitempty"` // that the person has begun
	Objected []string `json:"widersprueche,omitempty"`
	Asked    []string `json:"gefragt,omitempty"` // on which the person could vote
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Began, err = store.All(tx, store.Value[string], `
		SELECT datetime(opened, 'unixepoch') || 'Z ' || title || char(10) || cause FROM resolution_circular WHERE author = ? ORDER BY opened, id`, s.Person); err != nil {
		return nil, err
	}
	if e.Objected, err = store.All(tx, store.Value[string], `
		SELECT datetime(ended, 'unixepoch') || 'Z ' || title || ': ' || objection FROM resolution_circular WHERE objector = ? ORDER BY ended, id`, s.Person); err != nil {
		return nil, err
	}
	e.Asked, err = store.All(tx, store.Value[string], `
		SELECT datetime(c.opened, 'unixepoch') || 'Z ' || c.title FROM resolution_asked q JOIN resolution_circular c ON c.id = q.circular
		WHERE q.person = ? ORDER BY c.opened, c.id`, s.Person)
	return e, err
}

// eraser keeps what a committee has asked and decided, without who began it and without the words of who objected. How many
// votes there were is a number of its own.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		if s.Person == 0 {
			return nil
		}
		if _, err := tx.Exec(`UPDATE resolution_circular SET author = NULL WHERE author = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE resolution_circular SET objector = NULL, objection = '' WHERE objector = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM resolution_asked WHERE person = ?`, s.Person); err != nil {
			return err
		}
		return h.Tasks.Cancel(tx, tellKind, s.Person)
	}
}
