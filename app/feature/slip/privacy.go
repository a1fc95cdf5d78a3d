package slip

import (
	"fmt"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person or a child.
type exported struct {
	Answers []string `json:"rueckmeldungen,omitempty"`
	Before  []string `json:"fruehere,omitempty"` // what was answered before
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Answers, err = store.All(tx, store.Value[string], `
		SELECT datetime(a.at, 'unixepoch') || 'Z ' || m.title || ': ' || coalesce((
				SELECT group_concat(q.words || ': ' || v.value, '; ') FROM slip_value v JOIN slip_question q ON q.id = v.question WHERE v.answer = a.id), '')
			|| iif(a.signed = '', '', iif(a.person = ?1, ', unterschrieben: ' || a.signed, ', unterschrieben')) || iif(a.drawing = '', '', ', gezeichnet')
		FROM slip_answer a JOIN announcement m ON m.id = a.slip WHERE a.person = ?1 OR a.child = ?2 ORDER BY a.at, a.id`, s.Person, s.Child); err != nil {
		return nil, err
	}
	e.Before, err = store.All(tx, store.Value[string], `
		SELECT datetime(t.at, 'unixepoch') || 'Z ' || m.title || ': ' || t.words
		FROM slip_trace t JOIN announcement m ON m.id = t.slip WHERE t.person = ?1 OR t.child = ?2 ORDER BY t.at, t.id`, s.Person, s.Child)
	return e, err
}

// eraser removes what a person has answered, and what was answered for a child.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		if _, err := tx.Exec(`DELETE FROM slip_answer WHERE person = ?1 OR child = ?2`, s.Person, s.Child); err != nil {
			return fmt.Errorf("forget answers: %w", err)
		}
		if _, err := tx.Exec(`DELETE FROM slip_trace WHERE person = ?1 OR child = ?2`, s.Person, s.Child); err != nil {
			return err
		}
		if s.Person == 0 {
			return nil
		}
		return h.Tasks.Cancel(tx, tellKind, s.Person)
	}
}
