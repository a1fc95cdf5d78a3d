package wiki

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

type exported struct {
	Revisions []string `json:"fassungen"` // that the person has written
	Released  []string `json:"freigegeben"`
	Returned  []string `json:"zurueckgegeben"` // by the person, with the reason
	Readings  []string `json:"gelesen"`
	Owned     []string `json:"zustaendig"`
	Drafts    []string `json:"entwuerfe"` // with their words: nobody else has seen them
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Revisions, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z ' || title FROM wiki_revision WHERE author = ? ORDER BY at`, s.Person); err != nil {
		return nil, err
	}
	if e.Released, err = store.All(tx, store.Value[string], `
		SELECT datetime(released, 'unixepoch') || 'Z ' || title FROM wiki_revision WHERE releaser = ? ORDER BY released`, s.Person); err != nil {
		return nil, err
	}
	if e.Returned, err = store.All(tx, store.Value[string], `
		SELECT datetime(refused, 'unixepoch') || 'Z ' || title || ': ' || reason FROM wiki_revision WHERE refuser = ? ORDER BY refused`, s.Person); err != nil {
		return nil, err
	}
	if e.Readings, err = store.All(tx, store.Value[string], `
		SELECT datetime(g.at, 'unixepoch') || 'Z ' || r.title FROM wiki_reading g JOIN wiki_revision r ON r.id = g.revision WHERE g.person = ? ORDER BY g.at`, s.Person); err != nil {
		return nil, err
	}
	if e.Owned, err = store.All(tx, store.Value[string], `
		SELECT r.title FROM wiki_page p JOIN wiki_revision r ON r.id = p.latest WHERE p.owner = ? ORDER BY p.id`, s.Person); err != nil {
		return nil, err
	}
	e.Drafts, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z ' || title || char(10) || body FROM wiki_draft WHERE person = ? ORDER BY at`, s.Person)
	return e, err
}

// erase keeps what a person has written: it is the unit's. Who it was is forgotten.
func erase(tx *store.Tx, s house.Subject) error {
	if _, err := tx.Exec(`UPDATE wiki_revision SET author = NULL WHERE author = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE wiki_revision SET releaser = NULL WHERE releaser = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE wiki_revision SET refuser = NULL WHERE refuser = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE wiki_page SET owner = NULL WHERE owner = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM wiki_reading WHERE person = ?`, s.Person); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM wiki_draft WHERE person = ?`, s.Person)
	return err
}
