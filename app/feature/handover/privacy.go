package handover

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person.
type exported struct {
	Begun     []string `json:"begonnen,omitempty"`
	Ticked    []string `json:"abgehakt,omitempty"`
	Taken     []string `json:"angenommen,omitempty"`
	Questions []string `json:"rueckfragen,omitempty"`
	Signed    []string `json:"unterschrieben,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Begun, err = store.All(tx, store.Value[string], `
		SELECT datetime(h.begun, 'unixepoch') || 'Z ' || u.name FROM handover h JOIN unit u ON u.id = h.unit WHERE h.starter = ? ORDER BY h.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Ticked, err = store.All(tx, store.Value[string], `
		SELECT datetime(given, 'unixepoch') || 'Z ' || title FROM handover_item WHERE giver = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	if e.Taken, err = store.All(tx, store.Value[string], `
		SELECT datetime(taken, 'unixepoch') || 'Z ' || title FROM handover_item WHERE taker = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	if e.Questions, err = store.All(tx, store.Value[string], `
		SELECT datetime(q.at, 'unixepoch') || 'Z ' || i.title || ': ' || q.words FROM handover_question q JOIN handover_item i ON i.id = q.item WHERE q.person = ? ORDER BY q.id`, s.Person); err != nil {
		return nil, err
	}
	e.Signed, err = store.All(tx, store.Value[string], `
		SELECT datetime(s.at, 'unixepoch') || 'Z ' || u.name || ', SHA-256 ' || lower(hex(s.hash))
		FROM handover_signature s JOIN handover h ON h.id = s.handover JOIN unit u ON u.id = h.unit WHERE s.person = ? ORDER BY s.at`, s.Person)
	return e, err
}

// eraser keeps what boards have left each other, without who it was.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		if s.Person == 0 {
			return nil
		}
		if _, err := tx.Exec(`UPDATE handover SET starter = NULL WHERE starter = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE handover_item SET giver = NULL WHERE giver = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE handover_item SET taker = NULL WHERE taker = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE handover_question SET person = NULL WHERE person = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE handover_signature SET person = NULL WHERE person = ?`, s.Person); err != nil {
			return err
		}
		return h.Tasks.Cancel(tx, tellKind, s.Person)
	}
}
