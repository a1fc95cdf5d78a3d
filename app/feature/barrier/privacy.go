package barrier

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person.
type exported struct {
	Reports []string `json:"gemeldete_barrieren,omitempty"`
	Answers []string `json:"beantwortete_barrieren,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Reports, err = store.All(tx, store.Value[string], `
		SELECT datetime(created, 'unixepoch') || 'Z ' || page || ': ' || body || iif(mail = '', '', ', Antwort an ' || mail) || iif(answer = '', '', ', beantwortet: ' || answer)
		FROM barrier_report WHERE person = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	e.Answers, err = store.All(tx, store.Value[string], `
		SELECT datetime(answered, 'unixepoch') || 'Z Nr. ' || id || ': ' || answer FROM barrier_report WHERE answerer = ? ORDER BY id`, s.Person)
	return e, err
}

// erase removes what a person has reported; what they have answered stays without their name.
func erase(tx *store.Tx, s house.Subject) error {
	if s.Person == 0 {
		return nil
	}
	if _, err := tx.Exec(`DELETE FROM barrier_report WHERE person = ?`, s.Person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE barrier_report SET answerer = NULL WHERE answerer = ?`, s.Person)
	return err
}
