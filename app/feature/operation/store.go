package operation

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// root reports whether the viewer is an administrator of the whole house.
func root(tx *store.Tx, v who.Viewer) (bool, error) {
	for _, id := range v.Units(who.Of(who.Admin)) {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM unit WHERE id = ? AND parent IS NULL`, id)
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

func needRoot(tx *store.Tx, v who.Viewer) error {
	ok, err := root(tx, v)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "Diese Einstellungen gelten für das ganze Haus. Ändern kann sie nur der Betrieb des ganzen Hauses.")
	}
	return err
}

func (c *counts) fields() []any {
	return []any{&c.Units, &c.Facilities, &c.People, &c.Children, &c.Guardians, &c.NoMail}
}

func count(tx *store.Tx, now time.Time) (counts, error) {
	return store.One(tx, (*counts).fields, `
		SELECT (SELECT count(*) FROM unit WHERE since <= ?1 AND ?1 < until),
			(SELECT count(*) FROM unit WHERE kind = 'facility' AND since <= ?1 AND ?1 < until),
			(SELECT count(*) FROM person),
			(SELECT count(DISTINCT child) FROM child_stay WHERE since <= ?1 AND ?1 < until),
			(SELECT count(*) FROM guardian WHERE state <> 'ended' AND informed = 1 AND ?1 < until),
			(SELECT count(*) FROM guardian WHERE state <> 'ended' AND informed = 1 AND ?1 < until AND mail = '')`, now.Unix())
}

// waitingBounces counts the visits to the mailbox that are still to come.
func waitingBounces(tx *store.Tx, now time.Time) (int, error) {
	return store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = 'bounces' AND due > ?`, now.Unix())
}

// put stores several settings.
func put(tx *store.Tx, s *settings.Settings, values map[string]string) error {
	for name, value := range values {
		if err := s.Set(tx, name, value); err != nil {
			return err
		}
	}
	return nil
}

// pick reads several settings.
func pick(tx *store.Tx, s *settings.Settings, names ...string) (map[string]string, error) {
	values := map[string]string{}
	for _, name := range names {
		value, err := s.Get(tx, name)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

// done is what a person did, as the record has it.
type done struct {
	At      time.Time `json:"at"`
	Action  string    `json:"action"`
	Network string    `json:"network,omitempty"` // from where
	Address string    `json:"address,omitempty"` // "": shortened
}

// export lists what a person did that is on record, and the SMS that went to them.
func export(tx *store.Tx, s house.Subject) (any, error) {
	all := struct {
		Done []done      `json:"done"`
		SMS  []sms.Trace `json:"sms"`
	}{}
	if s.Person == 0 {
		return all, nil // nobody writes to a child
	}
	var err error
	all.Done, err = store.All(tx, func(d *done) []any { return []any{(*store.Time)(&d.At), &d.Action, &d.Network, &d.Address} },
		`SELECT at, action, network, coalesce(address, '') FROM audit WHERE person = ? ORDER BY id`, s.Person)
	if err != nil {
		return nil, err
	}
	all.SMS, err = sms.Of(tx, s.Person)
	return all, err
}

// erase forgets to whom SMS went. The record keeps the number of whoever has left until its 12 months are over: it proves
// what happened (GDPR Art. 17 (3) b, e), and no row with a name belongs to that number any more.
func erase(tx *store.Tx, s house.Subject) error {
	if s.Person == 0 {
		return nil
	}
	return sms.Erase(tx, s.Person)
}

// Secrets says in German what secrets are, by the names of their settings.
func Secrets(names []string) (all []string) {
	words := map[string]string{settings.MailPassword: "Passwort des Mailservers", settings.BouncePassword: "Passwort des Postfachs für Rückläufer",
		settings.SMSKey: "API-Schlüssel für SMS", settings.SMSPassword: "Passwort für SMS", settings.BackupKey: "Schlüssel für das Ziel der Sicherung",
		settings.BackupPassword: "Kennwort für das Ziel der Sicherung", settings.MetricsToken: "Token für /metrics"}
	for _, n := range names {
		if w := words[n]; w != "" { // the others the house makes anew
			all = append(all, w)
		}
	}
	return all
}
