package paper

import (
	"strings"

	"nestfunk/app/base/org"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// Facts are what the house knows of itself.
type facts struct {
	House      string
	Address    string // where people reach it
	Controller string // in lines; "": nobody has written it
	Officer    string
	Facilities int
	Children   int
	People     int
	Secure     bool // over https
	Mail       string
	SMS        string // "": none
	Push       int    // devices
	Target     string // where backups go, without secrets; "": nowhere
	Every      string
	Keys       int
	Backup     string // how it stands
	BackupGood bool
	Second     int // people of the team with a second step or a passkey
	Modules    []module
	Keep       []keep
	Version    string
}

// A keep is for how long something is kept.
type keep struct{ What, Long string }

func (f feature) facts(tx *store.Tx) (x facts, err error) {
	root, err := org.Root(tx)
	if err != nil {
		return x, err
	}
	x.House, x.Address, x.Secure, x.Version = root.Name, f.Base.String(), f.Base.Scheme == "https", f.Version
	for name, into := range map[string]*string{settings.HouseName: &x.House, settings.LawController: &x.Controller, settings.LawOfficer: &x.Officer, settings.MailHost: &x.Mail,
		settings.SMSDriver: &x.SMS, settings.BackupTarget: &x.Target, settings.BackupEvery: &x.Every} {
		s, err := f.Settings.Get(tx, name)
		if err != nil {
			return x, err
		}
		if s != "" {
			*into = s
		}
	}
	if i := strings.LastIndex(x.Target, "@"); i >= 0 { // without the user
		x.Target = x.Target[i+1:]
	}
	n, err := store.One(tx, func(n *[6]int) []any { return []any{&n[0], &n[1], &n[2], &n[3], &n[4], &n[5]} }, `
		SELECT (SELECT count(*) FROM unit WHERE kind = 'facility' AND until > ?1),
			(SELECT count(DISTINCT child) FROM child_stay WHERE since <= ?1 AND until > ?1),
			(SELECT count(*) FROM person WHERE given <> ''),
			(SELECT count(*) FROM push_subscription),
			(SELECT count(*) FROM backup_key),
			(SELECT count(*) FROM (SELECT person FROM account_totp UNION SELECT person FROM account_passkey))`, f.Now().Unix())
	if err != nil {
		return x, err
	}
	x.Facilities, x.Children, x.People, x.Push, x.Keys, x.Second = n[0], n[1], n[2], n[3], n[4], n[5]
	if x.Backup, x.BackupGood, err = f.Wires.Backup(tx); err != nil {
		return x, err
	}
	if x.Modules, err = used(tx); err != nil {
		return x, err
	}
	x.Keep, err = f.keeps(tx)
	return x, err
}

// keeps are the periods that hold here.
func (f feature) keeps(tx *store.Tx) (all []keep, err error) {
	rules, err := retention.Rules(tx, f.Settings)
	for _, r := range rules {
		all = append(all, keep{r.Name, r.Words()})
	}
	return all, err
}
