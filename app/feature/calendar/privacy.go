package calendar

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person.
type exported struct {
	Dates   []string `json:"termine,omitempty"`   // that the person has made
	Answers []string `json:"antworten,omitempty"` // whether the person comes, and with how many
	Feed    []string `json:"abo,omitempty"`       // since when there is one; its address is a secret
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Dates, err = store.All(tx, store.Value[string], `
		SELECT datetime(created, 'unixepoch') || 'Z ' || title FROM calendar_date WHERE author = ? ORDER BY created, id`, s.Person); err != nil {
		return nil, err
	}
	if e.Answers, err = store.All(tx, store.Value[string], `
		SELECT datetime(a.at, 'unixepoch') || 'Z ' || CASE a.state WHEN 'yes' THEN 'zugesagt' WHEN 'no' THEN 'abgesagt' ELSE 'auf der Warteliste' END
			|| ', Personen: ' || a.people || ': ' || c.title || ' am ' || datetime(i.starts, 'unixepoch') || 'Z'
		FROM calendar_answer a JOIN calendar_instance i ON i.id = a.instance JOIN calendar_date c ON c.id = i.date WHERE a.person = ? ORDER BY a.at`, s.Person); err != nil {
		return nil, err
	}
	e.Feed, err = store.All(tx, store.Value[string], `SELECT 'Kalender-Abo seit ' || datetime(created, 'unixepoch') || 'Z' FROM calendar_feed WHERE person = ?`, s.Person)
	return e, err
}

// eraser keeps the dates, which are the unit's, without their author. A place that becomes free is given to who waits.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		made, err := store.All(tx, store.Value[int64], `SELECT id FROM calendar_date WHERE author = ?`, s.Person)
		if err != nil {
			return err
		}
		if err := search.Changed(tx, foundKind, made...); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE calendar_date SET author = NULL WHERE author = ?`, s.Person); err != nil {
			return err
		}
		answered, err := store.All(tx, store.Value[int64], `SELECT instance FROM calendar_answer WHERE person = ?`, s.Person)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM calendar_answer WHERE person = ?`, s.Person); err != nil {
			return err
		}
		for _, id := range answered {
			if err := moveUp(tx, h, id, 0); err != nil {
				return err
			}
		}
		if s.Person != 0 {
			if err := h.Tasks.Cancel(tx, tellKind, s.Person); err != nil {
				return err
			}
		}
		return Unsubscribe(tx, s.Person)
	}
}
