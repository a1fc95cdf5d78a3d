package consent

import (
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person or a child. Who has signed for a child besides the reader is not told.
type exported struct {
	Answers []string `json:"einwilligungen,omitempty"`
	Texts   []string `json:"texte,omitempty"` // written for a purpose
	Entered []string `json:"eingetragen,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (e any, err error) {
	var all exported
	if all.Answers, err = store.All(tx, store.Value[string], `
		SELECT p.title || ' (Text ' || c.version || '): ' || CASE c.yes WHEN 1 THEN 'ja' ELSE 'nein' END || ' am ' || datetime(c.at, 'unixepoch') || 'Z'
			|| CASE c.channel WHEN 'paper' THEN ' auf Papier' ELSE '' END || ', bis ' || datetime(c.until, 'unixepoch') || 'Z'
			|| coalesce(', zurückgenommen ' || datetime(c.withdrawn, 'unixepoch') || 'Z', '')
		FROM consent c JOIN consent_purpose p ON p.id = c.purpose WHERE c.giver = ?1 OR c.child = ?2 ORDER BY c.id`, s.Person, s.Child); err != nil {
		return nil, err
	}
	if all.Texts, err = store.All(tx, store.Value[string], `
		SELECT p.title || ' (Text ' || t.version || ') ' || datetime(t.at, 'unixepoch') || 'Z' FROM consent_text t JOIN consent_purpose p ON p.id = t.purpose
		WHERE t.author = ? ORDER BY t.purpose, t.version`, s.Person); err != nil {
		return nil, err
	}
	all.Entered, err = store.All(tx, store.Value[string], `
		SELECT p.title || ' vom Papier, ' || datetime(c.at, 'unixepoch') || 'Z' FROM consent c JOIN consent_purpose p ON p.id = c.purpose WHERE c.clerk = ? ORDER BY c.id`, s.Person)
	return all, err
}

// papers are those that somebody has signed. One goes to its signer, also if it is for a child: it tells where they live,
// and one custodian may be hidden from the other. What a young person has signed alone goes with the record of the child.
func papers(tx *store.Tx, s house.Subject) (all []files.File, err error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM consent WHERE giver = ?1 OR giver IS NULL AND child = ?2 ORDER BY id`, s.Person, s.Child)
	for _, id := range ids {
		if err != nil {
			return nil, err
		}
		var more []files.File
		more, err = files.Of(tx, owner, id)
		all = append(all, more...)
	}
	return all, err
}

// erase removes what somebody has said, and what was said for a child. Texts and what was entered stay, without a name.
func erase(tx *store.Tx, s house.Subject) error {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM consent WHERE giver = ? OR child = ?`, s.Person, s.Child)
	if err != nil {
		return err
	}
	if err := drop(tx, ids); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE consent_text SET author = NULL WHERE author = ?`, s.Person); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE consent SET clerk = NULL WHERE clerk = ?`, s.Person)
	return err
}
