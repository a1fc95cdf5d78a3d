package push

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// A Subscription is a browser that wants to be told. It ends with the sign-in that made it.
type Subscription struct {
	ID       int64
	Person   int64
	Endpoint string    // URL at the push service; a secret
	Key      []byte    // public key of the browser: 65 bytes
	Secret   []byte    // that the browser shares with the house: 16 bytes
	Created  time.Time // since when it is this person's
	Handed   time.Time // when the push service last took a message; zero: never
}

func (s *Subscription) fields() []any {
	return []any{&s.ID, &s.Person, &s.Endpoint, &s.Key, &s.Secret, (*store.Time)(&s.Created), (*store.Time)(&s.Handed)}
}

const longestEndpoint = 2048 // bytes; the longest that are known have 600

// Parse reads a subscription as a browser gives it: endpoint, and p256dh and auth in base64url. What a browser would not
// say is a Malformed fault; a push service that the house does not know is an Invalid one.
func (s *Service) Parse(endpoint, p256dh, auth string) (Subscription, error) {
	malformed := fault.New(fault.Malformed, "Diese Push-Anmeldung kommt nicht von einem Browser.")
	sub := Subscription{Endpoint: endpoint}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || len(endpoint) > longestEndpoint || strings.ContainsFunc(endpoint, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Subscription{}, malformed
	}
	if sub.Key, err = decode(p256dh); err != nil || len(sub.Key) != keySize {
		return Subscription{}, malformed
	}
	if _, err := ecdh.P256().NewPublicKey(sub.Key); err != nil { // not on the curve
		return Subscription{}, malformed
	}
	if sub.Secret, err = decode(auth); err != nil || len(sub.Secret) != secretSize {
		return Subscription{}, malformed
	}
	if !s.allowed(u) {
		return Subscription{}, fault.New(fault.Invalid, "Den Push-Dienst dieses Browsers kennt das Haus nicht. Bitte nehmen Sie Firefox, Chrome, Edge oder Safari.")
	}
	return sub, nil
}

func decode(s string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
}

// Subscribe has the browser of a session told what is for the person. The endpoint leaves whoever had it before, and the
// session any other endpoint: so nobody has more subscriptions than sign-ins. To say it twice changes nothing.
func Subscribe(tx *store.Tx, person int64, session []byte, s Subscription, now time.Time) error {
	if _, err := tx.Exec(`DELETE FROM push_subscription WHERE session = ? AND endpoint <> ?`, session, s.Endpoint); err != nil {
		return err
	}
	n, err := tx.Exec(`
		INSERT INTO push_subscription (person, session, endpoint, key, secret, created)
		SELECT person, id, ?3, ?4, ?5, ?6 FROM session WHERE id = ?2 AND person = ?1
		ON CONFLICT (endpoint) DO UPDATE SET person = excluded.person, session = excluded.session, key = excluded.key, secret = excluded.secret,
			created = iif(person = excluded.person, created, excluded.created), handed = iif(person = excluded.person, handed, NULL)`,
		person, session, s.Endpoint, s.Key, s.Secret, now.Unix())
	if err == nil && n == 0 {
		err = fault.New(fault.SignIn, "Bitte melden Sie sich neu an.")
	}
	return err
}

// Unsubscribe ends a person's subscription; one that is not there, or not theirs, is none.
func Unsubscribe(tx *store.Tx, person int64, endpoint string) error {
	_, err := tx.Exec(`DELETE FROM push_subscription WHERE person = ? AND endpoint = ?`, person, endpoint)
	return err
}

// Of lists the subscriptions of people whose sign-in has not run out, in the order of people. A sign-in that only was
// not used for long still counts: whoever does not look is who must be told.
func Of(tx *store.Tx, now time.Time, people ...int64) ([]Subscription, error) {
	return store.All(tx, (*Subscription).fields, `
		SELECT p.id, p.person, p.endpoint, p.key, p.secret, p.created, p.handed
		FROM push_subscription p JOIN session s ON s.id = p.session
		WHERE p.person IN (SELECT value FROM json_each(?)) AND s.expires > ? ORDER BY p.person, p.id`, store.List(people), now.Unix())
}

// A Record is what a person may know of a subscription of theirs.
type Record struct {
	Service string // name of the push service
	Created time.Time
	Handed  time.Time `json:",omitzero"`
}

// Export lists what the house keeps of a person's subscriptions, without the secrets. Erasing needs no function: the
// rows go with the sessions.
func Export(tx *store.Tx, person int64) ([]Record, error) {
	all, err := store.All(tx, (*Subscription).fields, `
		SELECT id, person, endpoint, key, secret, created, handed FROM push_subscription WHERE person = ? ORDER BY id`, person)
	var list []Record
	for _, s := range all {
		u, err := url.Parse(s.Endpoint)
		if err != nil {
			return nil, err
		}
		list = append(list, Record{u.Hostname(), s.Created, s.Handed})
	}
	return list, err
}

// note keeps which endpoints have taken a message, and forgets those that are gone.
func note(tx *store.Tx, handed, gone []string, now time.Time) error {
	if _, err := tx.Exec(`UPDATE push_subscription SET handed = ? WHERE endpoint IN (SELECT value FROM json_each(?))`, now.Unix(), store.List(handed)); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM push_subscription WHERE endpoint IN (SELECT value FROM json_each(?))`, store.List(gone))
	return err
}
