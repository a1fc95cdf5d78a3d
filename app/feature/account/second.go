package account

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// The second step (Zweiter Schritt) comes after a password: six digits that an app on the phone makes of a secret and
// the time (TOTP, RFC 6238), or a printed code, each good for once.
const (
	stepSeconds = 30
	secretSize  = 20               // bytes, as RFC 4226 recommends
	secondFor   = 5 * time.Minute  // from the password to the code
	enrolFor    = 15 * time.Minute // from seeing a secret to proving that the app has it
	graceFor    = 14 * 24 * time.Hour
	spares      = 10 // printed codes
	spareLength = 16 // characters of Crockford's base32: 80 bits
)

// secondOf limits guesses of whoever has the password already; a stranger cannot use them up.
func secondOf() web.Limit { return web.Limit{Name: "second account", N: 5, In: 5 * time.Minute} }

// A Second is somebody's second step; the zero Second is none.
type Second struct {
	Since time.Time
	Left  int // printed codes that are not used up
}

func (s *Second) fields() []any { return []any{(*store.Time)(&s.Since), &s.Left} }

// second is the second step of a person; the zero one where there is none.
func second(tx *store.Tx, person int64) (Second, error) {
	s, err := store.One(tx, (*Second).fields, `
		SELECT t.since, (SELECT count(*) FROM account_spare s WHERE s.person = t.person) FROM account_totp t WHERE t.person = ?`, person)
	if fault.KindOf(err) == fault.NotFound {
		return Second{}, nil
	}
	return s, err
}

// A ticket says what a browser has proved, or was shown, on the way to a second step. It lies in the browser, sealed.
type ticket struct {
	Person int64
	Until  int64  // Unix seconds
	Since  int64  `json:",omitempty"` // of the password that was given
	Next   string `json:",omitempty"` // where to go in the end
	Secret []byte `json:",omitempty"` // of a ticket for setting up
}

// Purposes of tickets: one is no good in place of another.
const forPassword, forSecret = "account.second.password", "account.second.secret"

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

// enrol sets a second step up, once its first code proves that the app has the secret. It returns the printed codes.
func (f *feature) enrol(tx *store.Tx, person int64, raw []byte, typed string) ([]string, error) {
	secret := base32Of(raw)
	step, ok := stepOf(secret, compact(typed), 0, f.Now())
	if !ok {
		return nil, fault.At("code", "Dieser Code stimmt nicht. Bitte prüfen Sie, ob die Uhr Ihres Handys richtig geht, und nehmen Sie den nächsten Code.")
	}
	sealed, err := f.Settings.Seal(secretName(person), secret)
	if err != nil {
		return nil, err
	}
	n, err := tx.Exec(`INSERT INTO account_totp (person, secret, step, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, person, sealed, step, f.Now().Unix())
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fault.New(fault.Conflict, "Der zweite Schritt ist schon eingerichtet.")
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

// dropSecond takes the second step away, with its printed codes.
func dropSecond(tx *store.Tx, person int64) error {
	n, err := tx.Exec(`DELETE FROM account_totp WHERE person = ?`, person)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// due is until when the password of a team member is enough alone. The first sign-in sets it.
func due(tx *store.Tx, person int64, now time.Time) (time.Time, error) {
	at, err := deferral(tx, person)
	if err == nil && at.IsZero() {
		at = now.Add(graceFor)
		_, err = tx.Exec(`UPDATE account_password SET due = ? WHERE person = ?`, at.Unix(), person)
	}
	return at, err
}

// A protected person has a second step that an operator can take away.
type protected struct {
	ID    int64
	Name  string
	Since time.Time
}

func (p *protected) fields() []any { return []any{&p.ID, &p.Name, (*store.Time)(&p.Since)} }

// mostFound is how many people the operator's page lists at once.
const mostFound = 50

// protecteds lists people with a second step whose every place is under a unit that the operator runs, other than the
// operator: whose name contains words, or, if id is not 0, that one.
func protecteds(tx *store.Tx, operator, id int64, words string, now time.Time) ([]protected, error) {
	return store.All(tx, (*protected).fields, `
		WITH place (person, unit) AS (
			SELECT person, unit FROM membership WHERE state IN ('accepted', 'confirmed', 'suspended') AND until > ?2
			UNION ALL
			SELECT g.person, s.unit FROM guardian g JOIN child_stay s ON s.child = g.child
			WHERE g.state IN ('accepted', 'confirmed', 'suspended') AND g.until > ?2 AND s.until > ?2)
		SELECT p.id, trim(p.given || ' ' || p.family), t.since FROM account_totp t JOIN person p ON p.id = t.person
		WHERE p.id <> ?1 AND ?3 IN (0, p.id) AND instr(lower(p.given || ' ' || p.family), lower(?4)) > 0
			AND EXISTS (SELECT 1 FROM place x WHERE x.person = p.id)
			AND NOT EXISTS (SELECT 1 FROM place x WHERE x.person = p.id AND NOT EXISTS (
				SELECT 1 FROM unit_up u JOIN holding h ON h.unit = u.above
				WHERE u.unit = x.unit AND h.person = ?1 AND h.role = 1 AND h.since <= ?2 AND h.until > ?2))
		ORDER BY p.family, p.given, p.id LIMIT ?5`, operator, now.Unix(), id, words, mostFound)
}

// deferral is what due has set; zero: nobody was asked for a second step yet.
func deferral(tx *store.Tx, person int64) (time.Time, error) {
	at, err := store.One(tx, store.Value[int64], `SELECT due FROM account_password WHERE person = ?`, person)
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return time.Unix(at, 0), nil
}
