package ballot

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person. What somebody chose in a secret vote it does not know.
type exported struct {
	Votes   []string `json:"abstimmungen,omitempty"`
	Opened  []string `json:"eroeffnete_abstimmungen,omitempty"`
	Counted []string `json:"zaehlungen,omitempty"`
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Votes, err = store.All(tx, store.Value[string], `
		SELECT datetime(b.opened, 'unixepoch') || 'Z ' || b.title || CASE
			WHEN b.paper = 1 THEN ': stimmberechtigt, auf Papier'
			WHEN b.secret = 1 AND v.took = '' THEN ': stimmberechtigt, geheim'
			WHEN b.secret = 1 THEN ': hat einen Stimmzettel bekommen, geheim'
			ELSE ': ' || CASE v.choice WHEN 'yes' THEN 'Ja' WHEN 'no' THEN 'Nein' WHEN 'abstain' THEN 'Enthaltung' ELSE 'keine Stimme' END END
		FROM ballot_voter v JOIN ballot b ON b.id = v.ballot WHERE v.person = ? ORDER BY b.opened, b.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Opened, err = store.All(tx, store.Value[string], `
		SELECT datetime(opened, 'unixepoch') || 'Z ' || title FROM ballot WHERE opener = ? ORDER BY opened, id`, s.Person); err != nil {
		return nil, err
	}
	e.Counted, err = store.All(tx, store.Value[string], `
		SELECT b.title || ': Ja ' || c.ayes || ', Nein ' || c.noes || ', Enthaltung ' || c.abstained || ', ungültig ' || c.invalid
		FROM ballot_count c JOIN ballot b ON b.id = c.ballot WHERE c.person = ? ORDER BY c.id`, s.Person)
	return e, err
}

// erase keeps votes as they were, since a result must not change: somebody ehemals im Haus has voted so.
func erase(tx *store.Tx, s house.Subject) error {
	if _, err := tx.Exec(`UPDATE ballot_voter SET person = NULL, blinded = NULL WHERE person = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE ballot SET opener = NULL WHERE opener = ?`, s.Person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE ballot_count SET person = NULL WHERE person = ?`, s.Person)
	return err
}
