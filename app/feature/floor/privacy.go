package floor

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person.
type exported struct {
	There   []string `json:"anwesend,omitempty"`
	Excused []string `json:"entschuldigt,omitempty"`
	Motions []string `json:"antraege,omitempty"`
	Spoken  []string `json:"reden,omitempty"`
	Instead []string `json:"vertreten,omitempty"` // when somebody else had their vote
	Led     []string `json:"geleitet,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	for _, q := range []struct {
		to  *[]string
		all func() ([]string, error)
	}{
		{&e.There, func() ([]string, error) {
			return store.All(tx, store.Value[string], `
				SELECT u.name || ': ' || datetime(p.since, 'unixepoch') || 'Z' || coalesce(' bis ' || datetime(p.until, 'unixepoch') || 'Z', '')
				FROM floor_presence p JOIN floor f ON f.meeting = p.meeting JOIN unit u ON u.id = f.unit WHERE p.person = ? ORDER BY p.since`, s.Person)
		}},
		{&e.Instead, func() ([]string, error) {
			return store.All(tx, store.Value[string], `
				SELECT u.name || ': ' || datetime(p.since, 'unixepoch') || 'Z'
				FROM floor_presence p JOIN floor f ON f.meeting = p.meeting JOIN unit u ON u.id = f.unit WHERE p.instead = ? ORDER BY p.since`, s.Person)
		}},
		{&e.Excused, func() ([]string, error) {
			return store.All(tx, store.Value[string], `
				SELECT u.name || ': ' || datetime(f.began, 'unixepoch') || 'Z'
				FROM floor_excused x JOIN floor f ON f.meeting = x.meeting JOIN unit u ON u.id = f.unit WHERE x.person = ? ORDER BY f.began`, s.Person)
		}},
		{&e.Motions, func() ([]string, error) {
			return store.All(tx, store.Value[string], `SELECT datetime(created, 'unixepoch') || 'Z ' || title || ': ' || wording FROM floor_motion WHERE mover = ? ORDER BY id`, s.Person)
		}},
		{&e.Spoken, func() ([]string, error) {
			return store.All(tx, store.Value[string], `SELECT datetime(asked, 'unixepoch') || 'Z' FROM floor_speaker WHERE person = ? ORDER BY id`, s.Person)
		}},
		{&e.Led, func() ([]string, error) {
			return store.All(tx, store.Value[string], `SELECT u.name || ': ' || datetime(f.began, 'unixepoch') || 'Z' FROM floor f JOIN unit u ON u.id = f.unit WHERE f.chair = ? ORDER BY f.began`, s.Person)
		}},
	} {
		var err error
		if *q.to, err = q.all(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// erase keeps that somebody was there and what was moved, which are the committee's, without saying who.
func erase(tx *store.Tx, s house.Subject) error {
	if s.Person == 0 {
		return nil
	}
	moved, err := store.All(tx, store.Value[int64], `SELECT id FROM floor_motion WHERE mover = ?`, s.Person)
	if err != nil {
		return err
	}
	if err := search.Changed(tx, foundKind, moved...); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM floor_speaker WHERE person = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_presence SET person = NULL WHERE person = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_presence SET instead = NULL WHERE instead = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_excused SET person = NULL WHERE person = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_motion SET mover = NULL WHERE mover = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_motion SET second = NULL WHERE second = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE floor_motion SET writer = NULL WHERE writer = ?`, s.Person); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE floor SET chair = NULL WHERE chair = ?`, s.Person)
	return err
}
