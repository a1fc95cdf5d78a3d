package bulletin

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person.
type exported struct {
	Agreements []string `json:"zustimmungen,omitempty"`
	Declined   []string `json:"nichtMehrFragen,omitempty"`
	Received   []string `json:"erhalten,omitempty"`
	Written    []string `json:"geschrieben,omitempty"`
	Reports    []string `json:"meldungen,omitempty"`
	Measures   []string `json:"massnahmen,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (e any, err error) {
	var all exported
	if all.Agreements, err = store.All(tx, store.Value[string], `
		SELECT u.name || ': zugestimmt ' || datetime(a.at, 'unixepoch') || 'Z (Text ' || a.words || ')' || coalesce(', zurückgenommen ' || datetime(a.withdrawn, 'unixepoch') || 'Z', '')
		FROM bulletin_agreement a JOIN unit u ON u.id = a.unit WHERE a.person = ? ORDER BY a.id`, s.Person); err != nil {
		return nil, err
	}
	if all.Declined, err = store.All(tx, store.Value[string], `
		SELECT u.name || ', seit ' || datetime(d.at, 'unixepoch') || 'Z' FROM bulletin_declined d JOIN unit u ON u.id = d.unit WHERE d.person = ? ORDER BY u.id`, s.Person); err != nil {
		return nil, err
	}
	if all.Received, err = store.All(tx, store.Value[string], `
		SELECT datetime(b.sent, 'unixepoch') || 'Z ' || b.title || coalesce(', gelesen ' || datetime(r.opened, 'unixepoch') || 'Z', '')
		FROM bulletin_recipient r JOIN bulletin b ON b.id = r.bulletin WHERE r.person = ? ORDER BY b.id`, s.Person); err != nil {
		return nil, err
	}
	if all.Written, err = store.All(tx, store.Value[string], `
		SELECT datetime(changed, 'unixepoch') || 'Z ' || title FROM bulletin WHERE author = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	if all.Reports, err = store.All(tx, store.Value[string], `
		SELECT datetime(r.at, 'unixepoch') || 'Z ' || b.title || ': ' || r.words FROM bulletin_report r JOIN bulletin b ON b.id = r.bulletin WHERE r.reporter = ? ORDER BY r.id`, s.Person); err != nil {
		return nil, err
	}
	all.Measures, err = store.All(tx, store.Value[string], `
		SELECT datetime(m.at, 'unixepoch') || 'Z ' || m.reason FROM bulletin_measure m WHERE m.moderator = ? ORDER BY m.id`, s.Person)
	return all, err
}

// eraser keeps what a council has written, which is the council's, without its author, and what was decided.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		if s.Person == 0 {
			return nil
		}
		changed, err := store.All(tx, store.Value[int64], `
			SELECT id FROM bulletin WHERE author = ?1 UNION SELECT bulletin FROM bulletin_recipient WHERE person = ?1`, s.Person)
		if err != nil {
			return err
		}
		if err := search.Changed(tx, foundKind, changed...); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE bulletin SET author = NULL WHERE author = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE bulletin_report SET reporter = NULL WHERE reporter = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE bulletin_measure SET moderator = NULL WHERE moderator = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM bulletin_recipient WHERE person = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM bulletin_agreement WHERE person = ?`, s.Person); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM bulletin_declined WHERE person = ?`, s.Person); err != nil {
			return err
		}
		if err := h.Tasks.Cancel(tx, giveKind, s.Person); err != nil {
			return err
		}
		return h.Tasks.Cancel(tx, tellKind, s.Person)
	}
}
