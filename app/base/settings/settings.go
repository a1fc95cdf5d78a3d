// Package settings keeps what an operator sets, in the database; passwords are sealed with a key that lies outside it,
// so that a copy of the database opens no mailbox.
package settings

import (
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// The names of all settings. What is not in this list cannot be stored.
const (
	HouseName    = "house.name"
	Land         = "house.land"    // letters of ISO 3166-2:DE; "": not told
	HouseApprove = "house.approve" // "1": an invitation needs a second look
	HouseSetup   = "house.setup"   // "open": it is new, and three questions are to be answered first
	HouseAddress = "house.address" // public address under which the house does not run yet; "": it does

	OperatorName   = "operator.name" // see Operator; so the next five
	OperatorStreet = "operator.street"
	OperatorPlace  = "operator.place"
	OperatorPerson = "operator.person"
	OperatorMail   = "operator.mail"
	OperatorPhone  = "operator.phone"

	SecondAsked = "second.asked" // Unix seconds: whose role is older than that has until then
	SecondUntil = "second.until" // Unix seconds: to set up a second factor

	MailHost     = "mail.host"
	MailPort     = "mail.port"
	MailSecurity = "mail.security" // tls, starttls or none
	MailUser     = "mail.user"
	MailPassword = "mail.password" // secret
	MailFrom     = "mail.from"
	MailReply    = "mail.reply"
	MailDetails  = "mail.details" // "1": the mail may contain reason and details; else only title and link

	BounceHost     = "bounce.host"
	BouncePort     = "bounce.port"
	BounceSecurity = "bounce.security"
	BounceUser     = "bounce.user"
	BouncePassword = "bounce.password" // secret

	Ladder = "ladder." // and a kind: which channel after how many minutes

	PushDetails = "push.details" // "1": notifications and SMS may name groups and reasons; else only that there is something
	PushKey     = "push.key"     // secret; made by the house itself
	SMSDriver   = "sms.driver"   // seven or smpp; "": no SMS
	SMSKey      = "sms.key"      // secret; of seven.io
	SMSToken    = "sms.token"    // secret; in the address that seven.io reports to
	SMSHost     = "sms.host"     // of SMPP, and so the next four
	SMSPort     = "sms.port"     //
	SMSSecurity = "sms.security" // tls or none
	SMSUser     = "sms.user"     //
	SMSPassword = "sms.password" // secret
	SMSFrom     = "sms.from"     // a name of at most 11 characters, or a number
	SMSPrice    = "sms.price"    // of one SMS, in tenths of a cent
	SMSLimit    = "sms.limit"    // SMS a day

	FileSize = "file.size" // MB of one file
	FileDay  = "file.day"  // MB that one person may put into the house within 24 hours

	HolidaySource = "holiday.source" // where the school holidays come from, as their licence wants it to be said

	ListKeep = "list.keep" // months for which a list is kept after anything last happened on it
	SlipKeep = "slip.keep" // months for which answers are kept after nobody can answer any more

	AnnouncementKeep = "announcement.keep" // months for which is kept who got and confirmed an announcement, after its end

	LawProfile    = "law.profile"    // public, catholic or protestant; "": public
	LawController = "law.controller" // name and address of who is responsible, in lines
	LawOfficer    = "law.officer"    // the data protection officer, in lines
	LawAuthority  = "law.authority"  // where one can complain, in lines; "": what the profile says
	LawProcessors = "law.processors" // who works for the house, a line each
	LawWords      = "law.words"      // Markdown: what the operator adds to the privacy notice

	BulletinMonth = "bulletin.month" // bulletins that a council may send within 30 days
	BulletinKeep  = "bulletin.keep"  // months after which the house forgets to whom a bulletin was sent

	MessageKeep    = "message.keep"    // months after the end of the Kita year for which conversations are kept
	MessageMail    = "message.mail"    // "1": mails may contain what was written in messages
	BackupTarget   = "backup.target"   // address, see base/backup; "": there is none
	BackupHost     = "backup.host"     // public key of an SFTP server
	BackupEvery    = "backup.every"    // hours
	BackupEmptied  = "backup.emptied"  // JSON: by former target, when somebody said that nothing lies there any more (Unix)
	BackupKey      = "backup.key"      // secret; private key of SFTP, or access key of S3
	BackupPassword = "backup.password" // secret; of SFTP, or secret key of S3
	BackupNames    = "backup.names"    // secret; made by the house itself: what blobs are called
	BackupHouse    = "backup.house"    // made by the house itself: whose target it is

	ClockSeen = "clock.seen" // made by the house itself: the last time that was believed, in Unix seconds
	ClockHeld = "clock.held" // why the clock is not believed, see base/clock; "": it is

	MetricsToken = "metrics.token" // secret; whoever has it reads /metrics from elsewhere

	MessageReply = "message.reply" // address whose mails come into the bounce mailbox, also with "+" and more behind its name; "": no answers by mail
)

// UsualBulletinMonth is how many bulletins a council may send within 30 days where the operator has set nothing.
const UsualBulletinMonth = 4

// Settings reads and writes them.
type Settings struct{ key []byte }

// New makes settings whose secrets are sealed with a key of 32 bytes. With another key they are not readable, which is
// the same as missing.
func New(key []byte) *Settings { return &Settings{key: key} }

// Get is the value of a setting; "" where it is not set. A secret is never returned.
func (s *Settings) Get(tx *store.Tx, name string) (string, error) {
	if secret(name) {
		return "", nil
	}
	return get(tx, name)
}

// Number is the value of a setting that is a number from 1 on; usual where it is not set.
func (s *Settings) Number(tx *store.Tx, name string, usual int) (int, error) {
	v, err := s.Get(tx, name)
	if n, e := strconv.Atoi(v); e == nil && n > 0 {
		return n, err
	}
	return usual, err
}

// Set stores a value; "" removes it.
func (s *Settings) Set(tx *store.Tx, name, value string) error {
	if secret(name) {
		return s.SetSecret(tx, name, value)
	}
	return set(tx, name, value)
}

// Secret is the value of a secret; "" where it is not set or cannot be opened with this key.
func (s *Settings) Secret(tx *store.Tx, name string) (string, error) {
	sealed, err := get(tx, name)
	if err != nil || sealed == "" {
		return "", err
	}
	return s.Open(name, sealed), nil
}

// SetSecret seals and stores a secret; "" removes it.
func (s *Settings) SetSecret(tx *store.Tx, name, value string) error {
	if value == "" {
		return set(tx, name, "")
	}
	sealed, err := s.Seal(name, value)
	if err != nil {
		return err
	}
	return set(tx, name, sealed)
}

// Lost lists the secrets that are stored but cannot be opened: after a restore without the key file.
func (s *Settings) Lost(tx *store.Tx) (names []string, err error) {
	for _, name := range secrets() {
		sealed, err := get(tx, name)
		if err != nil {
			return nil, err
		}
		if sealed != "" && s.Open(name, sealed) == "" {
			names = append(names, name)
		}
	}
	return names, nil
}

func secrets() []string {
	return []string{MailPassword, BouncePassword, PushKey, SMSKey, SMSToken, SMSPassword, BackupKey, BackupPassword, BackupNames, MetricsToken}
}

func secret(name string) bool { return slices.Contains(secrets(), name) }

func get(tx *store.Tx, name string) (string, error) {
	value, err := store.One(tx, store.Value[string], `SELECT value FROM setting WHERE name = ?`, name)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	return value, err
}

func set(tx *store.Tx, name, value string) error {
	if value == "" {
		_, err := tx.Exec(`DELETE FROM setting WHERE name = ?`, name)
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}
