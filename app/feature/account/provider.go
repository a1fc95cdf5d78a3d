package account

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/oidc"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
)

// A Provider (Anbieter) is somebody else who says who a person is: a city, for its staff. It says nothing of what the
// person may do here: roles, names and addresses are the house's own.
type Provider struct {
	ID     int64
	Name   string // on the button
	Issuer string
	Client string // "": not told yet
	sealed string
	Second bool   // it asks for a second step itself
	Means  string // words of which its tokens name one when it has; "": it always does
	Inside string // addresses in the own network
	People int64  // who sign in by it
}

func (p *Provider) fields() []any {
	return []any{&p.ID, &p.Name, &p.Issuer, &p.Client, &p.sealed, &p.Second, &p.Means, &p.Inside, &p.People}
}

func providers(tx *store.Tx) ([]Provider, error) {
	return store.All(tx, (*Provider).fields, `
		SELECT id, name, issuer, client, secret, second, means, inside, (SELECT count(*) FROM account_identity i WHERE i.provider = p.id)
		FROM account_provider p ORDER BY name, id`)
}

// open are the providers by which one can sign in.
func open(tx *store.Tx) ([]Provider, error) {
	all, err := providers(tx)
	return slices.DeleteFunc(all, func(p Provider) bool { return p.Client == "" }), err
}

// linkable are the providers to which somebody could be linked who can sign in in these ways.
func linkable(tx *store.Tx, w Ways) ([]Provider, error) {
	all, err := open(tx)
	return slices.DeleteFunc(all, func(p Provider) bool {
		return slices.ContainsFunc(w.Elsewhere, func(i Identity) bool { return i.Provider == p.ID })
	}), err
}

func provider(tx *store.Tx, id int64) (Provider, error) {
	return store.One(tx, (*Provider).fields, `
		SELECT id, name, issuer, client, secret, second, means, inside, (SELECT count(*) FROM account_identity i WHERE i.provider = p.id)
		FROM account_provider p WHERE id = ?`, id)
}

// providerSecret binds a sealed secret to its provider.
func providerSecret(issuer string) string { return "account.provider " + issuer }

// lost reports whether its secret cannot be read any more: after a restore without the key file.
func (f *feature) lost(p Provider) bool {
	return p.sealed != "" && f.Settings.Open(providerSecret(p.Issuer), p.sealed) == ""
}

// asked is a provider as base/oidc wants it.
func (f *feature) asked(p Provider) (oidc.Provider, error) {
	inside, err := networks(p.Inside)
	if err == nil && f.lost(p) {
		err = fault.New(fault.Invalid, "Das Kennwort für diesen Anbieter lässt sich nicht mehr lesen.")
	}
	return oidc.Provider{Issuer: p.Issuer, Client: p.Client, Secret: f.Settings.Open(providerSecret(p.Issuer), p.sealed), Inside: inside}, err
}

// second reports whether a provider has asked for a second step, going by how it says it has looked.
func (p Provider) second(how []string) bool {
	return p.Second && (p.Means == "" || slices.ContainsFunc(strings.Fields(p.Means), func(w string) bool { return slices.Contains(how, w) }))
}

// readProvider reads what an operator has typed of a provider, as it was before; the zero one is new.
func (f *feature) readProvider(form web.Form, p Provider) (Provider, error) {
	var wrong fault.Form
	p.Name = text.Clean(form.Get("name"))
	if p.Name == "" || len([]rune(p.Name)) > 60 {
		wrong.Add("name", "Was auf der Taste steht, braucht 1 bis 60 Zeichen.")
	}
	if p.ID == 0 { // ids of people belong to the issuer: another one would let others in
		p.Issuer = form.Get("issuer")
	}
	p.Client = form.Get("client")
	if len(p.Client) > 300 || !printable(p.Client) {
		wrong.Add("client", "Diese Kennung kann nicht stimmen. Sie besteht aus Buchstaben, Ziffern und Zeichen ohne Leerzeichen.")
	}
	p.Second = form.On("second")
	p.Means = strings.Join(strings.Fields(form.Get("means")), " ")
	if len(p.Means) > 300 {
		wrong.Add("means", "Das ist zu lang.")
	}
	p.Inside = strings.Join(strings.Fields(strings.ReplaceAll(form.Get("inside"), ",", " ")), " ")
	inside, err := networks(p.Inside)
	if err != nil {
		wrong.Add("inside", "Bitte geben Sie IP-Adressen oder Netze ein, zum Beispiel 10.1.2.3 oder 10.1.2.0/24.")
	}
	if err := wrong.Err(); err != nil {
		return p, err
	}
	if err := oidc.Check(p.Issuer, inside); err != nil {
		return p, err
	}
	if secret := form.Raw("secret"); secret != "" {
		if p.sealed, err = f.Settings.Seal(providerSecret(p.Issuer), secret); err != nil {
			return p, err
		}
	}
	if form.On("nosecret") {
		p.sealed = ""
	}
	return p, nil
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// putProvider keeps a provider, and returns its number.
func putProvider(tx *store.Tx, p Provider) (int64, error) {
	if p.ID == 0 {
		id, err := store.All(tx, store.Value[int64], `
			INSERT INTO account_provider (name, issuer, client, secret, second, means, inside) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING RETURNING id`, p.Name, p.Issuer, p.Client, p.sealed, p.Second, p.Means, p.Inside)
		if err == nil && len(id) == 0 {
			return 0, fault.At("issuer", "Diesen Anbieter gibt es hier schon.")
		}
		if err != nil {
			return 0, err
		}
		return id[0], nil
	}
	n, err := tx.Exec(`UPDATE account_provider SET name = ?, client = ?, secret = ?, second = ?, means = ?, inside = ? WHERE id = ?`,
		p.Name, p.Client, p.sealed, p.Second, p.Means, p.Inside, p.ID)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return p.ID, err
}

// A federated session began by a provider.
type federated struct {
	id     []byte
	person int64
}

func (s *federated) fields() []any { return []any{&s.id, &s.person} }

// end ends sessions.
func end(tx *store.Tx, all []federated) error {
	for _, s := range all {
		if err := web.EndSession(tx, s.person, s.id); err != nil {
			return err
		}
	}
	return nil
}

// dropProvider takes a provider away, with the links of people to it and the sessions that began by it.
func dropProvider(tx *store.Tx, id int64) error {
	begun, err := store.All(tx, (*federated).fields, `
		SELECT s.id, s.person FROM account_federated f JOIN session s ON s.id = f.session WHERE f.provider = ?`, id)
	if err != nil {
		return err
	}
	if err := end(tx, begun); err != nil {
		return err
	}
	n, err := tx.Exec(`DELETE FROM account_provider WHERE id = ?`, id)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// An Identity links a person to whom a provider means.
type Identity struct {
	Provider int64 `json:"-"`
	Name     string
	Issuer   string
	Subject  string
	Since    time.Time
}

func (i *Identity) fields() []any {
	return []any{&i.Provider, &i.Name, &i.Issuer, &i.Subject, (*store.Time)(&i.Since)}
}

func identities(tx *store.Tx, person int64) ([]Identity, error) {
	return store.All(tx, (*Identity).fields, `
		SELECT p.id, p.name, p.issuer, i.subject, i.since FROM account_identity i JOIN account_provider p ON p.id = i.provider
		WHERE i.person = ? ORDER BY p.name, p.id`, person)
}

// meant is the person whom a provider means; 0: nobody here.
func meant(tx *store.Tx, provider int64, subject string) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT person FROM account_identity WHERE provider = ? AND subject = ?`, provider, subject)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// identify links a person to whom a provider means: one to one.
func identify(tx *store.Tx, person, provider int64, subject string, now time.Time) error {
	was, err := meant(tx, provider, subject)
	if err != nil {
		return err
	}
	if was != 0 && was != person {
		return fault.New(fault.Conflict, "Dieses Konto ist schon mit einem anderen Zugang verbunden.")
	}
	n, err := tx.Exec(`INSERT INTO account_identity (provider, subject, person, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		provider, subject, person, now.Unix())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Ihr Zugang ist schon mit einem Konto dort verbunden.")
	}
	return err
}

func dropIdentity(tx *store.Tx, person, provider int64) error {
	n, err := tx.Exec(`DELETE FROM account_identity WHERE person = ? AND provider = ?`, person, provider)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// farewell ends the sessions of a sign-in that has ended at the provider, as far as they began before it said so.
func farewell(tx *store.Tx, provider int64, g oidc.Goodbye) ([]federated, error) {
	begun, err := store.All(tx, (*federated).fields, `
		SELECT s.id, s.person FROM account_federated f JOIN session s ON s.id = f.session
		WHERE f.provider = ?1 AND (?3 = '' OR f.name = ?3) AND (?2 = '' OR f.subject = ?2) AND s.created <= ?4`,
		provider, g.ID, g.Session, g.At.Unix())
	if err != nil {
		return nil, err
	}
	return begun, end(tx, begun)
}

// A trip is a browser on its way to a provider and back. It lies in that browser, sealed.
type trip struct {
	Provider int64
	oidc.Flow
	Until int64  // Unix seconds
	Next  string // where to go in the end
	Link  int64  `json:",omitempty"` // who wants to be linked; 0: somebody signs in
	Anew  bool   `json:",omitempty"` // the provider was asked to look again
	Began int64
}

// An origin is the sign-in at a provider behind a session that is about to begin.
type origin struct {
	Person, Provider int64
	Subject, Name    string
	Until            int64
}

// Purposes of what lies sealed in a browser.
const forTrip, forOrigin = "account.provider.trip", "account.provider.origin"

// sealed reads what lies sealed in a browser into v; false: there is nothing of ours.
func (f *feature) sealed(purpose, value string, v any) bool {
	return json.Unmarshal([]byte(f.Settings.Open(purpose, value)), v) == nil
}

// spend notes that a trip has ended, and refuses one that had: a page that is sent twice, or a cookie that was copied.
func spend(tx *store.Tx, t trip, now time.Time) error {
	if _, err := tx.Exec(`DELETE FROM account_ceremony WHERE expires <= ?`, now.Unix()); err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO account_ceremony (id, data, expires) VALUES (?, '', ?) ON CONFLICT DO NOTHING`, hash("trip "+t.State), t.Until)
	if err == nil && n == 0 {
		err = errTrip()
	}
	return err
}

func errTrip() error {
	return fault.New(fault.Invalid, "Das hat zu lange gedauert. Bitte melden Sie sich noch einmal an.")
}
