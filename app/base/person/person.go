// Package person keeps people, children and who is responsible for whom.
package person

import (
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"

	"github.com/google/uuid"
)

// A Person is somebody with or without sign-in.
type Person struct {
	ID       int64
	UID      string
	Given    string
	Family   string
	Language string // BCP 47
}

// Name is given and family name.
func (p Person) Name() string { return strings.TrimSpace(p.Given + " " + p.Family) }

func (p *Person) fields() []any { return []any{&p.ID, &p.UID, &p.Given, &p.Family, &p.Language} }

// Get finds a person.
func Get(tx *store.Tx, id int64) (Person, error) {
	return store.One(tx, (*Person).fields, `SELECT id, uid, given, family, language FROM person WHERE id = ?`, id)
}

// Add makes a person.
func Add(tx *store.Tx, p Person) (int64, error) {
	p.Given, p.Family = strings.TrimSpace(p.Given), strings.TrimSpace(p.Family)
	if p.Given == "" && p.Family == "" {
		return 0, fault.At("family", "Bitte geben Sie einen Namen ein.")
	}
	if p.Language == "" {
		p.Language = "de"
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO person (uid, given, family, language) VALUES (?, ?, ?, ?) RETURNING id`, newUID(), p.Given, p.Family, p.Language)
}

// Rename corrects a name, and keeps what it was; by is who says so, 0: a list that was read in.
func Rename(tx *store.Tx, id int64, given, family string, by int64, now time.Time) error {
	if strings.TrimSpace(given+family) == "" {
		return fault.At("family", "Bitte geben Sie einen Namen ein.")
	}
	if err := notePerson(tx, id, given, family, by, now); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE person SET given = ?, family = ? WHERE id = ?`, given, family, id)
	return err
}

// SetLanguage chooses in which language the person reads the house.
func SetLanguage(tx *store.Tx, id int64, code string) error {
	_, err := tx.Exec(`UPDATE person SET language = ? WHERE id = ?`, code, id)
	return err
}

func newUID() string { return uuid.Must(uuid.NewV7()).String() }
