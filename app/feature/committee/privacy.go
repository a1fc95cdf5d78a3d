package committee

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person. Offices are memberships, which the registry exports.
type exported struct {
	Candidate []string `json:"kandidatur,omitempty"`
	Contacts  []string `json:"darf_gefragt_werden,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Candidate, err = store.All(tx, store.Value[string], `
		SELECT datetime(c.at, 'unixepoch') || 'Z ' || u.name FROM committee_candidate c JOIN unit u ON u.id = c.unit
		WHERE c.person = ? ORDER BY c.at, u.id`, s.Person); err != nil {
		return nil, err
	}
	e.Contacts, err = store.All(tx, store.Value[string], `
		SELECT datetime(c.at, 'unixepoch') || 'Z ' || u.name || ': ' || c.contact || ' (Text ' || c.version || ')'
		FROM committee_contact c JOIN unit u ON u.id = c.unit WHERE c.person = ? ORDER BY c.at, u.id`, s.Person)
	return e, err
}

// eraser removes both. That somebody held an office stays, without a name.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		if s.Person == 0 {
			return nil
		}
		if _, err := tx.Exec(`DELETE FROM committee_candidate WHERE person = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM committee_contact WHERE person = ?`, s.Person); err != nil {
			return err
		}
		return h.Tasks.Cancel(tx, tellKind, s.Person)
	}
}
