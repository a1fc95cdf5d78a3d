package account

import (
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// Lost says what of the ways to sign in the key file no longer opens, after a restore without it: the names of providers whose
// password has to be entered again, and how many people have codes of an app that the house cannot check.
func Lost(tx *store.Tx, s *settings.Settings) (names []string, people int, err error) {
	type sealed struct{ name, with, secret string }
	all, err := store.All(tx, func(x *sealed) []any { return []any{&x.name, &x.with, &x.secret} }, `
		SELECT name, issuer, secret FROM account_provider WHERE secret <> '' ORDER BY name, id`)
	if err != nil {
		return nil, 0, err
	}
	for _, x := range all {
		if s.Open(providerSecret(x.with), x.secret) == "" {
			names = append(names, "Kennwort des Anbieters „"+x.name+"“")
		}
	}
	type codes struct {
		person int64
		secret string
	}
	apps, err := store.All(tx, func(c *codes) []any { return []any{&c.person, &c.secret} }, `SELECT person, secret FROM account_totp`)
	for _, c := range apps {
		if s.Open(secretName(c.person), c.secret) == "" {
			people++
		}
	}
	return names, people, err
}
