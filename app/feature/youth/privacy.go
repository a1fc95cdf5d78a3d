package youth

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

type exported struct {
	Aliases []string `json:"namen"`
	Codes   []string `json:"codes"`
	Noted   int      `json:"einwilligungen_vermerkt"`
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Aliases, err = store.All(tx, store.Value[string], `
		SELECT o.name || ' als ' || a.alias || iif(a.age = '', '', ', ' || a.age) || coalesce(', ' || datetime(a.consent, 'unixepoch') || 'Z', '')
		FROM youth_alias a JOIN room o ON o.id = a.room WHERE a.person = ? ORDER BY o.id`, s.Person); err != nil {
		return nil, err
	}
	if e.Codes, err = store.All(tx, store.Value[string], `
		SELECT o.name FROM youth_code c JOIN room o ON o.id = c.room WHERE c.author = ? ORDER BY c.id`, s.Person); err != nil {
		return nil, err
	}
	e.Noted, err = store.One(tx, store.Value[int], `SELECT count(*) FROM youth_alias WHERE consenter = ?`, s.Person)
	return e, err
}

// erase forgets who was here under an alias, who handed out codes, and who noted a consent.
func erase(tx *store.Tx, s house.Subject) error {
	for _, q := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(`DELETE FROM youth_alias WHERE person = ?`, s.Person) },
		func() (int64, error) {
			return tx.Exec(`UPDATE youth_alias SET consenter = NULL WHERE consenter = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE youth_code SET author = NULL WHERE author = ?`, s.Person)
		},
	} {
		if _, err := q(); err != nil {
			return err
		}
	}
	return nil
}
