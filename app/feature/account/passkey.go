package account

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// A Passkey is one credential of a person.
type Passkey struct {
	ID      []byte
	Name    string
	Created time.Time
}

func (p *Passkey) fields() []any { return []any{&p.ID, &p.Name, (*store.Time)(&p.Created)} }

// passkeys lists the passkeys of a person.
func passkeys(tx *store.Tx, person int64) ([]Passkey, error) {
	return store.All(tx, (*Passkey).fields, `SELECT id, name, created FROM account_passkey WHERE person = ? ORDER BY created, id`, person)
}

func dropPasskey(tx *store.Tx, person int64, id []byte) error {
	n, err := tx.Exec(`DELETE FROM account_passkey WHERE person = ? AND id = ?`, person, id)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// holder is a person as go-webauthn wants it.
type holder struct {
	person.Person
	credentials []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return []byte(h.UID) }
func (h *holder) WebAuthnName() string                       { return h.Name() }
func (h *holder) WebAuthnDisplayName() string                { return h.Name() }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func getHolder(tx *store.Tx, id int64) (*holder, error) {
	p, err := person.Get(tx, id)
	if err != nil {
		return nil, err
	}
	texts, err := store.All(tx, store.Value[string], `SELECT credential FROM account_passkey WHERE person = ?`, id)
	if err != nil {
		return nil, err
	}
	h := &holder{Person: p}
	for _, s := range texts {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(s), &c); err != nil {
			return nil, err
		}
		h.credentials = append(h.credentials, c)
	}
	return h, nil
}

// party is what authenticators know of the house; nil where it has no name to which a passkey could be bound.
func party(base *url.URL) *webauthn.WebAuthn {
	w, err := webauthn.New(&webauthn.Config{
		RPID:                  base.Hostname(),
		RPDisplayName:         "Nestfunk",
		RPOrigins:             []string{base.Scheme + "://" + base.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		// Some password managers answer what nobody asked.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil { // the house is reached by an address without a name
		return nil
	}
	return w
}

// A ceremony has begun and not ended.
type ceremony struct {
	Person  int64 // who registers; 0: somebody signs in
	Next    string
	Session webauthn.SessionData
}

func putCeremony(tx *store.Tx, c ceremony, cookie string, now time.Time) error {
	if _, err := tx.Exec(`DELETE FROM account_ceremony WHERE expires <= ?`, now.Unix()); err != nil {
		return err
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO account_ceremony (id, data, expires) VALUES (?, ?, ?)`, hash(cookie), string(b), now.Add(rite).Unix())
	return err
}

// takeCeremony uses a ceremony up, whether or not it then succeeds.
func takeCeremony(tx *store.Tx, cookie string, now time.Time) (c ceremony, err error) {
	data, err := store.One(tx, store.Value[string], `DELETE FROM account_ceremony WHERE id = ? AND expires > ? RETURNING data`, hash(cookie), now.Unix())
	if fault.KindOf(err) == fault.NotFound {
		return c, fault.New(fault.Invalid, "Das hat zu lange gedauert. Bitte versuchen Sie es noch einmal.")
	}
	if err == nil {
		err = json.Unmarshal([]byte(data), &c)
	}
	return c, err
}

// begin makes the options of a registration.
func begin(w *webauthn.WebAuthn, h *holder, strict bool) (*protocol.CredentialCreation, *webauthn.SessionData, error) {
	verification := protocol.VerificationPreferred
	if strict {
		verification = protocol.VerificationRequired
	}
	return w.BeginRegistration(h,
		webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()),
		// Required, not preferred: the sign-in page does not know who comes, so that a key which cannot say so itself
		// would be registered and never of use.
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: verification}))
}

// unknown is the answer to a passkey that does not do; cause is for the developer.
func unknown(cause error) error {
	return fmt.Errorf("%w (%w)", fault.New(fault.Invalid, "Der Passkey hat nicht geklappt. Bitte versuchen Sie es noch einmal oder melden Sie sich anders an."), cause)
}

// register checks the answer to a registration and keeps the credential.
func register(tx *store.Tx, w *webauthn.WebAuthn, c ceremony, answer []byte, name string, now time.Time) error {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return unknown(err)
	}
	h, err := getHolder(tx, c.Person)
	if err != nil {
		return err
	}
	cred, err := w.CreateCredential(h, c.Session, parsed)
	if err != nil {
		return unknown(err)
	}
	b, err := json.Marshal(cred)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO account_passkey (id, person, credential, name, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		cred.ID, c.Person, string(b), name, now.Unix())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Dieser Passkey ist hier schon eingetragen.")
	}
	return err
}

// recognise checks the answer to a sign-in; it returns who has signed in, and whether by PIN, finger or face.
func recognise(tx *store.Tx, w *webauthn.WebAuthn, c ceremony, answer []byte) (id int64, verified bool, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return 0, false, unknown(err)
	}
	id, err = store.One(tx, store.Value[int64], `SELECT person FROM account_passkey WHERE id = ?`, parsed.RawID)
	if fault.KindOf(err) == fault.NotFound {
		return 0, false, fault.New(fault.Invalid, "Diesen Passkey kennt das Haus nicht (mehr). Bitte melden Sie sich anders an.")
	}
	if err != nil {
		return 0, false, err
	}
	h, err := getHolder(tx, id)
	if err != nil {
		return 0, false, err
	}
	cred, err := w.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return h, nil }, c.Session, parsed)
	if err != nil {
		return 0, false, unknown(err)
	}
	// A passkey that is kept in several devices at once counts in none of them.
	if cred.Authenticator.CloneWarning && !cred.Flags.BackupEligible {
		return 0, false, fault.New(fault.Invalid, "Dieser Passkey wurde vielleicht kopiert und gilt deshalb nicht. Bitte melden Sie sich anders an und entfernen Sie ihn in Ihrem Konto.")
	}
	b, err := json.Marshal(cred)
	if err != nil {
		return 0, false, err
	}
	_, err = tx.Exec(`UPDATE account_passkey SET credential = ? WHERE id = ?`, string(b), cred.ID)
	return id, parsed.Response.AuthenticatorData.Flags.HasUserVerified(), err
}
