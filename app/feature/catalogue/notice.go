package catalogue

import (
	"crypto/sha256"
	"encoding/json"
	"html/template"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/law"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
)

// A Notice is what the public page of data protection says by itself.
type Notice struct {
	Record
	Of     string  `json:"of"` // the law that wants it
	Rights []Right `json:"rights"`
	Words  string  `json:"words"` // Markdown of the operator; "": none
}

// A Right is one of those concerned.
type Right struct {
	Name string `json:"name"`
	Law  string `json:"law"`
	How  string `json:"how"`
}

// Added is what the operator says.
func (n Notice) Added() template.HTML { return text.Page(n.Words) }

// notice makes the notice as it is now.
func (f *feature) notice(tx *store.Tx) (n Notice, err error) {
	root, err := org.Root(tx)
	if err != nil {
		return n, err
	}
	r, p, err := record(tx, f.Settings, f.Catalogue, root.Name)
	if err != nil {
		return n, err
	}
	words, err := f.Settings.Get(tx, settings.LawWords)
	return noticeOf(r, p, words), err
}

func noticeOf(r Record, p law.Profile, words string) Notice {
	r.Basis = ""
	return Notice{Record: r, Of: p.Notice, Words: words, Rights: []Right{
		{"Auskunft und Kopie", p.Access, "unter „Ihre Daten“ auf der Seite „Konto“, oder bei Ihrer Einrichtung"},
		{"Berichtigung", p.Rectify, "bei Ihrer Einrichtung"},
		{"Löschung", p.Erase, "bei Ihrer Einrichtung, sobald der Zweck entfallen ist"},
		{"Einschränkung der Verarbeitung", p.Restrict, "bei Ihrer Einrichtung"},
		{"Übertragung Ihrer Daten", p.Port, "mit der Datei unter „Ihre Daten“"},
		{"Widerspruch", p.Object, "bei Ihrer Einrichtung"},
		{"Einwilligung widerrufen", p.Withdraw, "jederzeit, wo Sie zugestimmt haben"},
		{"Beschwerde", p.Complain, r.Authority},
	}}
}

// An Edition is a notice as it was from a day on.
type Edition struct {
	ID   int64
	At   time.Time
	text string
}

func (e *Edition) fields() []any { return []any{&e.ID, (*store.Time)(&e.At), &e.text} }

// editions lists all, the latest first.
func editions(tx *store.Tx) ([]Edition, error) {
	return store.All(tx, (*Edition).fields, `SELECT id, at, '' FROM catalogue_edition ORDER BY id DESC`)
}

// edition is one of them, with its notice.
func edition(tx *store.Tx, id int64) (e Edition, n Notice, err error) {
	if e, err = store.One(tx, (*Edition).fields, `SELECT id, at, text FROM catalogue_edition WHERE id = ?`, id); err != nil {
		return e, n, err
	}
	return e, n, json.Unmarshal([]byte(e.text), &n)
}

// latest is the edition that holds a notice, or a NotFound fault where the notice says something else than the last one.
func latest(tx *store.Tx, n Notice) (Edition, error) {
	hash, _, err := n.sum()
	if err != nil {
		return Edition{}, err
	}
	return store.One(tx, (*Edition).fields, `
		SELECT id, at, '' FROM catalogue_edition WHERE id = (SELECT max(id) FROM catalogue_edition) AND hash = ?`, hash)
}

// sum is the hash of a notice, and its JSON.
func (n Notice) sum() (hash []byte, said string, err error) {
	b, err := json.Marshal(n)
	h := sha256.Sum256(b)
	return h[:], string(b), err
}

// keep notes the notice as a new edition if it says anything new.
func (f *feature) keep(tx *store.Tx) error {
	n, err := f.notice(tx)
	if fault.KindOf(err) == fault.NotFound { // a house without a root: it has not begun yet
		return nil
	}
	if err != nil {
		return err
	}
	_, err = latest(tx, n)
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	hash, said, err := n.sum()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO catalogue_edition (at, hash, text) VALUES (?, ?, ?)`, f.Now().Unix(), hash, said)
	return err
}
