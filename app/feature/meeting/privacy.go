package meeting

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person.
type exported struct {
	Meetings  []string `json:"sitzungen,omitempty"`       // that the person has planned
	Answers   []string `json:"einladungen,omitempty"`     // to which the person was invited, and what was answered
	Polls     []string `json:"terminfindungen,omitempty"` // that the person has begun
	Choices   []string `json:"zeiten,omitempty"`          // what the person said to the times of polls
	Proposals []string `json:"vorschlaege,omitempty"`
	Replaced  []string `json:"vertreten,omitempty"` // meetings to which somebody else was asked instead of the person
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Meetings, err = store.All(tx, store.Value[string], `
		SELECT datetime(created, 'unixepoch') || 'Z ' || title FROM meeting WHERE author = ? ORDER BY created, id`, s.Person); err != nil {
		return nil, err
	}
	if e.Answers, err = store.All(tx, store.Value[string], `
		SELECT datetime(m.starts, 'unixepoch') || 'Z ' || m.title || ': ' || CASE g.answer WHEN 'yes' THEN 'zugesagt' WHEN 'no' THEN 'abgesagt' WHEN 'maybe' THEN 'vielleicht'
			ELSE 'keine Antwort' END || iif(g.note = '', '', ', ' || g.note) || iif(g.instead IS NULL, '', ', als Ersatz')
		FROM meeting_guest g JOIN meeting m ON m.id = g.meeting WHERE g.person = ? ORDER BY m.starts, m.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Polls, err = store.All(tx, store.Value[string], `
		SELECT datetime(created, 'unixepoch') || 'Z ' || title FROM meeting_poll WHERE author = ? ORDER BY created, id`, s.Person); err != nil {
		return nil, err
	}
	if e.Choices, err = store.All(tx, store.Value[string], `
		SELECT p.title || ', ' || datetime(s.starts, 'unixepoch') || 'Z: ' || CASE c.answer WHEN 'yes' THEN 'ja' WHEN 'maybe' THEN 'notfalls' ELSE 'nein' END
		FROM meeting_choice c JOIN meeting_slot s ON s.id = c.slot JOIN meeting_poll p ON p.id = s.poll WHERE c.person = ? ORDER BY s.starts, s.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Proposals, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z ' || title || iif(body = '', '', ': ' || body) FROM meeting_proposal WHERE author = ? ORDER BY at, id`, s.Person); err != nil {
		return nil, err
	}
	e.Replaced, err = store.All(tx, store.Value[string], `
		SELECT datetime(m.starts, 'unixepoch') || 'Z ' || m.title FROM meeting_guest g JOIN meeting m ON m.id = g.meeting WHERE g.instead = ? ORDER BY m.starts, m.id`, s.Person)
	return e, err
}

// eraser keeps meetings, polls and proposals, which are the committee's, without their author; who was invited is forgotten.
func eraser(h *house.House) func(tx *store.Tx, s house.Subject) error {
	return func(tx *store.Tx, s house.Subject) error {
		if s.Person == 0 {
			return nil
		}
		for _, forget := range []func() (int64, error){
			func() (int64, error) {
				return tx.Exec(`UPDATE meeting SET author = NULL WHERE author = ?`, s.Person)
			},
			func() (int64, error) {
				return tx.Exec(`UPDATE meeting_poll SET author = NULL WHERE author = ?`, s.Person)
			},
			func() (int64, error) {
				return tx.Exec(`UPDATE meeting_proposal SET author = NULL WHERE author = ?`, s.Person)
			},
			func() (int64, error) { return tx.Exec(`DELETE FROM meeting_choice WHERE person = ?`, s.Person) },
			func() (int64, error) { return tx.Exec(`DELETE FROM meeting_guest WHERE person = ?`, s.Person) },
			func() (int64, error) {
				return tx.Exec(`UPDATE meeting_guest SET instead = NULL WHERE instead = ?`, s.Person)
			},
		} {
			if _, err := forget(); err != nil {
				return err
			}
		}
		for _, kind := range []string{mailKind, tellKind} {
			if err := h.Tasks.Cancel(tx, kind, s.Person); err != nil {
				return err
			}
		}
		return nil
	}
}
