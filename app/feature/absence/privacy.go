package absence

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// exported is what the feature knows of a person or a child.
type exported struct {
	Absences []string `json:"absences,omitempty"` // of the child
	Entries  []string `json:"entries,omitempty"`  // what the person entered, changed or took back, or what happened to those of the child
	Deeds    []string `json:"deeds,omitempty"`    // on the lists of the days, of the child or by the person; not who picked it up, which names others
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Absences, err = store.All(tx, store.Value[string], `
		SELECT first_day || ' ' || last_day || ' ' || reason || iif(withdrawn IS NULL, '', ' withdrawn') || iif(note = '', '', ': ' || note)
		FROM absence WHERE child = ? ORDER BY first_day, id`, s.Child); err != nil {
		return nil, err
	}
	if e.Entries, err = store.All(tx, store.Value[string], `
		SELECT datetime(e.at, 'unixepoch') || 'Z ' || e.kind || ' ' || e.first_day || ' ' || e.last_day
		FROM absence_event e JOIN absence a ON a.id = e.absence WHERE a.child = ? OR e.person = ? ORDER BY e.id`, s.Child, s.Person); err != nil {
		return nil, err
	}
	e.Deeds, err = store.All(tx, store.Value[string], `
		SELECT datetime(at, 'unixepoch') || 'Z ' || kind
		FROM absence_deed WHERE child = ?1 OR person = ?2 ORDER BY at, id`, s.Child, s.Person)
	return e, err
}

// erase forgets all of a child but the numbers of the days, and of a person that it was theirs.
func erase(tx *store.Tx, s house.Subject) error {
	if _, err := tx.Exec(`DELETE FROM absence WHERE child = ?`, s.Child); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM absence_deed WHERE child = ?`, s.Child); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE absence_event SET person = NULL WHERE person = ?`, s.Person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE absence_deed SET person = NULL WHERE person = ?`, s.Person)
	return err
}
