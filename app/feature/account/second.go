package account

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// The second step (Zweiter Schritt) comes after a password or a link: six digits that an app on the phone makes of a secret and
// the time (TOTP, RFC 6238), or a printed code, each good for once.
const (
	stepSeconds = 30
	secretSize  = 20               // bytes, as RFC 4226 recommends
	secondFor   = 5 * time.Minute  // from the password to the code
	enrolFor    = 15 * time.Minute // from seeing a secret to proving that the app has it
	spares      = 10               // printed codes
	spareLength = 16               // characters of Crockford's base32: 80 bits
)

// secondOf limits guesses of whoever has the password already; a stranger cannot use them up.
func secondOf() web.Limit { return web.Limit{Name: "second account", N: 5, In: 5 * time.Minute} }

// A Second is what somebody has beside passkeys and password; the zero Second is nothing.
type Second struct {
	Since time.Time // of the app's codes; zero: none
	Left  int       // printed codes that are not used up
}

func (s *Second) fields() []any { return []any{(*store.Time)(&s.Since), &s.Left} }

// second is the second step of a person; the zero one where there is none.
func second(tx *store.Tx, person int64) (Second, error) {
	return store.One(tx, (*Second).fields, `
		SELECT (SELECT since FROM account_totp WHERE person = ?1), (SELECT count(*) FROM account_spare WHERE person = ?1)`, person)
}

// A ticket says what a browser has proved, or was shown, on the way to a second step. It lies in the browser, sealed.
type ticket struct {
	Person int64
	Until  int64      // Unix seconds
	Since  int64      `json:",omitempty"` // of the password that was given
	Next   string     `json:",omitempty"` // where to go in the end
	Secret []byte     `json:",omitempty"` // of a ticket for setting up
	Path   string     `json:",omitempty"` // of a form that is kept until somebody has proved who it is
	Form   url.Values `json:",omitempty"`
}

// Purposes of tickets: one is no good in place of another.
const forPassword, forSecret, forForm = "account.second.password", "account.second.secret", "account.kept"

func (f *feature) sealTicket(purpose string, t ticket) (string, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	return f.Settings.Seal(purpose, string(b))
}

// openTicket reads a ticket; ok is false for one that is not ours, was made for something else, or is too old.
func (f *feature) openTicket(purpose, sealed string) (t ticket, ok bool) {
	err := json.Unmarshal([]byte(f.Settings.Open(purpose, sealed)), &t)
	return t, err == nil && f.Now().Unix() < t.Until
}

// newSecret makes the secret of a new second step.
func newSecret() []byte {
	b := make([]byte, secretSize)
	_, _ = rand.Read(b) // never fails
	return b
}

// keyOf is a secret as apps read it, with what they show beside its codes.
func (f *feature) keyOf(secret []byte, name string) (*otp.Key, error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Nestfunk " + f.Base.Hostname(), AccountName: name, Secret: secret})
	if err != nil {
		return nil, fmt.Errorf("make a key for an app: %w", err)
	}
	return k, nil
}

// base32Of is a secret as it is kept and typed.
func base32Of(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// stepOf finds the step whose code this is: the present one or its neighbours, since clocks differ and people type
// slowly (RFC 6238, 5.2). It must be later than last, so that no code counts twice.
func stepOf(secret, code string, last int64, now time.Time) (step int64, ok bool) {
	at := now.Unix() / stepSeconds
	for step := max(at-1, last+1); step <= at+1; step++ {
		fits, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && fits {
			return step, true
		}
	}
	return 0, false
}

// compact is a code as somebody typed it, without what is there for the eye.
func compact(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "–", "", "\t", "", "\n", "").Replace(strings.ToUpper(s))
}

func errSecond() error {
	return fault.At("code", "Dieser Code stimmt nicht, oder er wurde schon benutzt. Bitte nehmen Sie den nächsten.")
}

// secretName binds a sealed secret to its person.
func secretName(person int64) string { return "account.totp " + itoa(person) }

// pass uses a code up: of the app or a printed one; spare tells which.
func (f *feature) pass(tx *store.Tx, person int64, typed string) (spare bool, err error) {
	code := compact(typed)
	if len(code) == spareLength {
		n, err := tx.Exec(`DELETE FROM account_spare WHERE person = ? AND hash = ?`, person, hash(strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(code)))
		if err == nil && n == 0 {
			err = errSecond()
		}
		return true, err
	}
	type row struct {
		sealed string
		step   int64
	}
	have, err := store.One(tx, func(r *row) []any { return []any{&r.sealed, &r.step} }, `SELECT secret, step FROM account_totp WHERE person = ?`, person)
	if fault.KindOf(err) == fault.NotFound {
		return false, errSecond() // a passkey, and printed codes
	}
	if err != nil {
		return false, err
	}
	secret := f.Settings.Open(secretName(person), have.sealed)
	step, ok := stepOf(secret, code, have.step, f.Now())
	if secret == "" || !ok {
		return false, errSecond()
	}
	_, err = tx.Exec(`UPDATE account_totp SET step = ? WHERE person = ?`, step, person)
	return false, err
}

// enrol sets a second step up, once its first code proves that the app has the secret. An older one ends: its phone is lost, or
// the key file with which it was sealed. It returns the printed codes.
func (f *feature) enrol(tx *store.Tx, person int64, raw []byte, typed string) ([]string, error) {
	secret := base32Of(raw)
	step, ok := stepOf(secret, compact(typed), 0, f.Now())
	if !ok {
		return nil, fault.At("code", "Dieser Code stimmt nicht. Bitte prüfen Sie, ob die Uhr Ihres Handys richtig geht, und nehmen Sie den nächsten Code.")
	}
	old, err := store.One(tx, store.Value[string], `SELECT coalesce((SELECT secret FROM account_totp WHERE person = ?), '')`, person)
	if err != nil {
		return nil, err
	}
	if f.Settings.Open(secretName(person), old) == secret {
		return nil, fault.New(fault.Conflict, "Der zweite Schritt ist schon eingerichtet.") // sent twice: the printed codes stay
	}
	sealed, err := f.Settings.Seal(secretName(person), secret)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`
		INSERT INTO account_totp (person, secret, step, since) VALUES (?, ?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, step = excluded.step, since = excluded.since`, person, sealed, step, f.Now().Unix())
	if err != nil {
		return nil, err
	}
	return newSpares(tx, person)
}

// newSpares makes new printed codes; the old ones end.
func newSpares(tx *store.Tx, person int64) (all []string, err error) {
	if _, err := tx.Exec(`DELETE FROM account_spare WHERE person = ?`, person); err != nil {
		return nil, err
	}
	for range spares {
		code := (newCode() + newCode())[:spareLength]
		if _, err := tx.Exec(`INSERT INTO account_spare (person, hash) VALUES (?, ?)`, person, hash(code)); err != nil {
			return nil, err
		}
		all = append(all, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
	}
	return all, nil
}

// dropSecond takes the app's codes away.
func dropSecond(tx *store.Tx, person int64) error {
	n, err := tx.Exec(`DELETE FROM account_totp WHERE person = ?`, person)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// dropSpares takes printed codes away where there is nothing left for which they could stand.
func dropSpares(tx *store.Tx, person int64) error {
	_, err := tx.Exec(`
		DELETE FROM account_spare WHERE person = ?1 AND NOT EXISTS (SELECT 1 FROM account_totp WHERE person = ?1)
			AND NOT EXISTS (SELECT 1 FROM account_passkey WHERE person = ?1)`, person)
	return err
}
