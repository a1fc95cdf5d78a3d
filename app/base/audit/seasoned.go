package audit

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// seasoning is for how long somebody must have had a role, and been in the house, to be one of two people who decide together:
// else one of them could appoint the other for it. Nobody is invented, invited and trusted within a week unseen.
const seasoning = 7 * 24 * time.Hour

// Seasoned is nil unless the record says that a person was given one of some roles, or came in with a letter, less than a week
// ago; then it is a Conflict for people.
func Seasoned(tx *store.Tx, person int64, roles who.Right, now time.Time) error {
	fresh, err := store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM audit WHERE person = ?1 AND at > ?2 AND action IN ('letter.used', 'letter.joined'))
			OR EXISTS (SELECT 1 FROM membership m JOIN audit a ON a.ref = m.id
				WHERE m.person = ?1 AND (?3 & (1 << m.role)) <> 0 AND a.at > ?2 AND a.action IN ('membership.added', 'membership.confirmed'))`,
		person, now.Add(-seasoning).Unix(), int64(roles))
	if err == nil && fresh {
		err = fault.New(fault.Conflict, "Das kann nur, wer seine Aufgabe schon sieben Tage hat und sich nicht erst in dieser Zeit mit einem Brief angemeldet hat. Bitte fragen Sie jemand anderen oder den Betrieb des Hauses.")
	}
	return err
}
