package account

import (
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A second factor (Zweiter Faktor) is what somebody has beside a mailbox or a password: a passkey that asks for PIN,
// finger or face, an app that makes codes, or a provider that asks for one itself. Whoever holds one of the roles
// who.Guarded needs one: until it has been shown, a session is half a session (who.Half), for which the house is closed.

// farOff is from when on a grace is no grace any more, but a house without second factors.
const farOff = 2 * 365 * 24 * time.Hour

// longestGrace is for how many days an operator can let people in who have no second factor yet.
const longestGrace = 90

// factors counts the second factors of a person.
func factors(tx *store.Tx, person int64) (int, error) {
	return store.One(tx, store.Value[int], `
		SELECT (SELECT count(*) FROM account_passkey WHERE person = ?1 AND json_extract(credential, '$.flags.userVerified') = 1)
			+ (SELECT count(*) FROM account_totp WHERE person = ?1)
			+ (SELECT count(*) FROM account_identity i JOIN account_provider p ON p.id = i.provider WHERE i.person = ?1 AND p.second = 1)`, person)
}

// half reports whether a viewer has to show a second factor, or to set one up, before its roles count. In a
// demonstration nobody has one: whoever looks at it signs in as anybody with one click.
func (f *feature) half(tx *store.Tx, v who.Viewer, strong bool) (bool, error) {
	if f.Demo {
		return false, nil
	}
	held := v.Held()&who.Guarded != 0
	if !held {
		stands, err := standing(tx, v.ID, f.Now())
		if err != nil || !stands {
			return false, err
		}
	}
	n, err := factors(tx, v.ID)
	if err != nil || n > 0 {
		return !strong, err
	}
	if !held {
		return false, nil
	}
	until, err := f.grace(tx, v)
	return until.IsZero(), err
}

// standing reports whether a person has one of the roles that want a second factor, be it suspended, waiting or not begun yet:
// whoever can take a role away for a while must not thereby take away what guards it.
func standing(tx *store.Tx, person int64, now time.Time) (bool, error) {
	return store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM membership WHERE person = ? AND state IN ('accepted', 'confirmed', 'suspended') AND (? & (1 << role)) <> 0 AND until > ?)`,
		person, int64(who.Guarded), now.Unix())
}

// grace is until when the viewer may do without the second factor that it has to set up; zero: nothing has to be set
// up, or it may not.
func (f *feature) grace(tx *store.Tx, v who.Viewer) (until time.Time, err error) {
	if f.Demo || v.Held()&who.Guarded == 0 {
		return until, nil
	}
	if n, err := factors(tx, v.ID); err != nil || n > 0 {
		return until, err
	}
	asked, until, err := deadline(tx, f.Settings)
	if err != nil || !f.Now().Before(until) {
		return time.Time{}, err
	}
	old, err := store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM membership WHERE person = ? AND (? & (1 << role)) <> 0 AND state = 'confirmed' AND since <= ?)`,
		v.ID, int64(who.Guarded), asked.Unix())
	if !old {
		until = time.Time{}
	}
	return until, err
}

// deadline is what the operator has set: whoever had a role before asked has until then.
func deadline(tx *store.Tx, s *settings.Settings) (asked, until time.Time, err error) {
	for name, at := range map[string]*time.Time{settings.SecondAsked: &asked, settings.SecondUntil: &until} {
		v, err := s.Get(tx, name)
		if err != nil {
			return asked, until, err
		}
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			*at = time.Unix(n, 0)
		}
	}
	return asked, until, nil
}

// setDeadline gives whoever has a role today some days; 0 ends the grace.
func setDeadline(tx *store.Tx, s *settings.Settings, days int, now time.Time) error {
	if days < 0 || days > longestGrace {
		return fault.At("days", "Bitte geben Sie eine Zahl von 0 bis %d ein.", longestGrace)
	}
	asked, until := "", ""
	if days > 0 {
		asked, until = strconv.FormatInt(now.Unix(), 10), strconv.FormatInt(now.AddDate(0, 0, days).Unix(), 10)
	}
	if err := s.Set(tx, settings.SecondAsked, asked); err != nil {
		return err
	}
	return s.Set(tx, settings.SecondUntil, until)
}

// keepFactor keeps the last second factor of somebody whose roles want one; had tells whether there was one before.
func (f *feature) keepFactor(tx *store.Tx, v who.Viewer, had bool) error {
	if !had {
		return nil
	}
	if stands, err := standing(tx, v.ID, f.Now()); err != nil || !stands {
		return err
	}
	n, err := factors(tx, v.ID)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Solange Sie diese Aufgabe haben, brauchen Sie einen zweiten Faktor. Richten Sie zuerst einen anderen ein, dann können Sie diesen entfernen.")
	}
	return err
}

// A Lack is somebody whose role wants a second factor, and who has none.
type Lack struct {
	ID       int64
	Name     string
	Roles    who.Right
	Unit     string    // one of those where the person holds such a role
	Until    time.Time // of the grace; zero: none
	old      int64     // since when the first of the roles is held
	SignedIn bool      // is signed in somewhere
}

// Words are the roles in German.
func (l Lack) Words() (words string) {
	for _, r := range who.Roles() {
		if l.Roles.Has(r) {
			if words != "" {
				words += ", "
			}
			words += r.Word()
		}
	}
	return words
}

// mostFound is how many people the operator's page lists at once.
const mostFound = 200

// lacks lists who lacks a second factor below the units that the operator runs.
func (f *feature) lacks(tx *store.Tx, operator int64) ([]Lack, error) {
	now := f.Now()
	all, err := store.All(tx, func(l *Lack) []any { return []any{&l.ID, &l.Name, &l.Roles, &l.Unit, &l.old, &l.SignedIn} }, `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND h.role = 1 AND h.since <= ?2 AND h.until > ?2)
		SELECT p.id, trim(p.given || ' ' || p.family), sum(DISTINCT 1 << m.role), min(u.name), min(m.since),
			EXISTS (SELECT 1 FROM session s WHERE s.person = p.id AND s.expires > ?2)
		FROM membership m JOIN person p ON p.id = m.person JOIN unit u ON u.id = m.unit
		WHERE m.state = 'confirmed' AND (?3 & (1 << m.role)) <> 0 AND m.since <= ?2 AND m.until > ?2 AND m.unit IN (SELECT unit FROM mine)
			AND NOT EXISTS (SELECT 1 FROM account_totp t WHERE t.person = p.id)
			AND NOT EXISTS (SELECT 1 FROM account_identity i JOIN account_provider x ON x.id = i.provider WHERE i.person = p.id AND x.second = 1)
			AND NOT EXISTS (SELECT 1 FROM account_passkey k WHERE k.person = p.id AND json_extract(k.credential, '$.flags.userVerified') = 1)
		GROUP BY p.id ORDER BY p.family, p.given, p.id LIMIT ?4`, operator, now.Unix(), int64(who.Guarded), mostFound)
	if err != nil {
		return nil, err
	}
	asked, until, err := deadline(tx, f.Settings)
	for i := range all {
		if all[i].old <= asked.Unix() && now.Before(until) {
			all[i].Until = until
		}
	}
	return all, err
}
