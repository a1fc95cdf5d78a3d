package account

import (
	"fmt"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// An Address is a mail address for signing in.
type Address struct {
	Mail     string
	Verified time.Time // zero: never proved; only a name for the password, in a house that sends no mail
}

// Shown is the address as people write it.
func (a Address) Shown() string { return mail.Shown(a.Mail) }

func (a *Address) fields() []any { return []any{&a.Mail, (*store.Time)(&a.Verified)} }

// addresses lists the addresses of a person.
func addresses(tx *store.Tx, person int64) ([]Address, error) {
	return store.All(tx, (*Address).fields, `
		SELECT mail, nullif(verified, 0) FROM account_mail WHERE person = ? ORDER BY mail`, person)
}

// owner is the person of a verified address; 0: nobody.
func owner(tx *store.Tx, mail string) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT person FROM account_mail WHERE mail = ? AND verified > 0`, mail)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// verify notes that a person has proved to read an address. Who only uses it as a name gives way.
func verify(tx *store.Tx, person int64, mail string, now time.Time) error {
	n, err := tx.Exec(`
		INSERT INTO account_mail (mail, person, verified) VALUES (?1, ?2, ?3)
		ON CONFLICT (mail) DO UPDATE SET person = excluded.person, verified = excluded.verified
		WHERE account_mail.person = excluded.person OR account_mail.verified = 0`, mail, person, now.Unix())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Mit dieser Adresse meldet sich schon jemand anderes an. Bitte nehmen Sie eine andere.")
	}
	return err
}

// claim makes an address the name for a password, without proof.
func claim(tx *store.Tx, person int64, mail string) error {
	n, err := tx.Exec(`
		INSERT INTO account_mail (mail, person, verified) VALUES (?1, ?2, 0)
		ON CONFLICT (mail) DO UPDATE SET verified = verified WHERE person = excluded.person`, mail, person)
	if err == nil && n == 0 {
		err = fault.At("mail", "Mit dieser Adresse meldet sich schon jemand anderes an. Bitte nehmen Sie eine andere.")
	}
	return err
}

// dropAddress takes an address away, and the links that were sent to it.
func dropAddress(tx *store.Tx, person int64, mail string) error {
	n, err := tx.Exec(`DELETE FROM account_mail WHERE person = ? AND mail = ?`, person, mail)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.Gone()
	}
	_, err = tx.Exec(`DELETE FROM account_link WHERE person = ? AND mail = ?`, person, mail)
	return err
}

// Login is what a password is compared with; the zero Login fits nothing.
type login struct {
	Person int64
	Hash   string
}

func (l *login) fields() []any { return []any{&l.Person, &l.Hash} }

func passwordLogin(tx *store.Tx, mail string) (login, error) {
	l, err := store.One(tx, (*login).fields, `
		SELECT p.person, p.hash FROM account_mail m JOIN account_password p ON p.person = m.person WHERE m.mail = ?`, mail)
	if fault.KindOf(err) == fault.NotFound {
		return login{}, nil
	}
	return l, err
}

func setPassword(tx *store.Tx, person int64, phc string, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO account_password (person, hash, since) VALUES (?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, since = excluded.since`, person, phc, now.Unix())
	return err
}

func dropPassword(tx *store.Tx, person int64) error {
	n, err := tx.Exec(`DELETE FROM account_password WHERE person = ?`, person)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// Ways are the ways in which a person can sign in.
type Ways struct {
	Addresses []Address
	Password  time.Time // since when; zero: none
	Second    Second    // after the password
	Passkeys  []Passkey
	Elsewhere []Identity // by a provider
}

// ways lists how a person can sign in.
func ways(tx *store.Tx, person int64) (w Ways, err error) {
	if w.Addresses, err = addresses(tx, person); err != nil {
		return w, err
	}
	if w.Passkeys, err = passkeys(tx, person); err != nil {
		return w, err
	}
	if w.Elsewhere, err = identities(tx, person); err != nil {
		return w, err
	}
	if w.Second, err = second(tx, person); err != nil {
		return w, err
	}
	since, err := store.All(tx, func(t *time.Time) []any { return []any{(*store.Time)(t)} },
		`SELECT since FROM account_password WHERE person = ?`, person)
	if len(since) > 0 {
		w.Password = since[0]
	}
	return w, err
}

// Count is in how many ways the person could sign in on another device. A link needs a house that sends mails, a
// password needs an address as its name.
func (w Ways) Count(mails bool) int {
	n := len(w.Passkeys) + len(w.Elsewhere)
	for _, a := range w.Addresses {
		if mails && !a.Verified.IsZero() {
			n++
		}
	}
	if !w.Password.IsZero() && len(w.Addresses) > 0 {
		n++
	}
	return n
}

// Bare reports whether the person could not sign in anywhere else.
func (w Ways) Bare(mails bool) bool { return w.Count(mails) == 0 }

// export is what the house keeps for signing in, and which of the browsers that are signed in it tells something.
func export(tx *store.Tx, s house.Subject) (any, error) {
	type invitation struct{ Created, Expires, Used time.Time }
	out := struct {
		Addresses   []Address     `json:",omitempty"`
		Password    time.Time     `json:"PasswordSince,omitzero"`
		Second      Second        `json:"SecondStep,omitzero"`
		Passkeys    []Passkey     `json:",omitempty"`
		Elsewhere   []Identity    `json:",omitempty"`
		Invitations []invitation  `json:",omitempty"`
		Push        []push.Record `json:",omitempty"`
		Recoveries  []time.Time   `json:",omitempty"` // when somebody asked to let the person in again
		Helped      []time.Time   `json:",omitempty"` // when the person asked so for somebody else, or allowed it
	}{}
	invitationFields := func(i *invitation) []any {
		return []any{(*store.Time)(&i.Created), (*store.Time)(&i.Expires), (*store.Time)(&i.Used)}
	}
	var err error
	if s.Child != 0 {
		out.Invitations, err = store.All(tx, invitationFields, `
			SELECT i.created, i.expires, i.used FROM account_invitation i JOIN guardian g ON g.id = i.guardian WHERE g.child = ? ORDER BY i.id`, s.Child)
		return out, err
	}
	w, err := ways(tx, s.Person)
	if err != nil {
		return nil, fmt.Errorf("export ways to sign in: %w", err)
	}
	out.Addresses, out.Password, out.Second, out.Passkeys, out.Elsewhere = w.Addresses, w.Password, w.Second, w.Passkeys, w.Elsewhere
	if out.Push, err = push.Export(tx, s.Person); err != nil {
		return nil, fmt.Errorf("export push subscriptions: %w", err)
	}
	moment := func(t *time.Time) []any { return []any{(*store.Time)(t)} }
	if out.Recoveries, err = store.All(tx, moment, `SELECT asked FROM account_recovery WHERE person = ? ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	if out.Helped, err = store.All(tx, moment, `SELECT asked FROM account_recovery WHERE author = ?1 OR allowed = ?1 ORDER BY id`, s.Person); err != nil {
		return nil, err
	}
	out.Invitations, err = store.All(tx, invitationFields, `
		SELECT i.created, i.expires, i.used FROM account_invitation i
		LEFT JOIN guardian g ON g.id = i.guardian LEFT JOIN membership m ON m.id = i.membership
		WHERE g.person = ?1 OR m.person = ?1 ORDER BY i.id`, s.Person)
	return out, err
}

// erase removes every way in. Letters that the person printed for others stay, without a name.
func erase(tx *store.Tx, s house.Subject) error {
	if s.Child != 0 {
		_, err := tx.Exec(`DELETE FROM account_invitation WHERE guardian IN (SELECT id FROM guardian WHERE child = ?)`, s.Child)
		return err
	}
	if err := shut(tx, s.Person); err != nil {
		return err
	}
	if err := eraseRecovery(tx, s); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM account_mail WHERE person = ?`, s.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`
		DELETE FROM account_invitation WHERE guardian IN (SELECT id FROM guardian WHERE person = ?1)
		OR membership IN (SELECT id FROM membership WHERE person = ?1)`, s.Person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE account_invitation SET author = NULL WHERE author = ?`, s.Person)
	return err
}

// shut ends everything with which a person could sign in or is signed in, but for addresses. Push subscriptions go with
// the sessions.
func shut(tx *store.Tx, person int64) error {
	if _, err := tx.Exec(`DELETE FROM account_link WHERE person = ?`, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM account_password WHERE person = ?`, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM account_totp WHERE person = ?`, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM account_passkey WHERE person = ?`, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM account_identity WHERE person = ?`, person); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM account_spare WHERE person = ?`, person); err != nil {
		return err
	}
	return web.EndSessions(tx, person, nil)
}

// Sweep removes links and ceremonies that are over, and returns how many.
func Sweep(tx *store.Tx, now time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM account_link WHERE expires <= ?`, now.Unix())
	if err != nil {
		return 0, err
	}
	m, err := tx.Exec(`DELETE FROM account_ceremony WHERE expires <= ?`, now.Unix())
	return int(n + m), err
}

// SweepRecoveries forgets who was let in again, when that is as old as the record of it: not while an incident has that frozen,
// nor whom a legal hold covers.
func SweepRecoveries(tx *store.Tx, now time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM account_recovery WHERE asked < ?1 AND NOT EXISTS (SELECT 1 FROM frozen)
		AND NOT EXISTS (SELECT 1 FROM held_person x WHERE x.until > ?2 AND x.person IN (account_recovery.person, author, allowed))`,
		retention.Usual(retention.Record).Before(now).Unix(), now.Unix())
	return int(n), err
}
