package committee

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// agreement is what a member agrees to; agreementVersion counts its changes. Who agreed to an earlier one has agreed to
// that one: whoever changes what is agreed to has to ask anew.
const (
	agreement = "Ich bin einverstanden: Wer nach mir in diesem Gremium sitzt, darf meinen Namen und diese Angaben lesen und mich " +
		"zu meiner Zeit im Gremium fragen. Sonst liest das niemand. Ich kann das jederzeit zurücknehmen, auch wenn ich nicht mehr im " +
		"Gremium bin. Dann werden die Angaben sofort gelöscht."
	agreementVersion = 1
	maxContact       = 200
)

// A contact may be asked by those who come after.
type contact struct {
	Person  int64
	Given   string
	Family  string
	Contact string // mail or telephone, in the person's words
	Version int    // of the text that was agreed to; 0: nothing was
	At      time.Time
}

// Name is given and family name.
func (c contact) Name() string { return strings.TrimSpace(c.Given + " " + c.Family) }

func (c *contact) fields() []any {
	return []any{&c.Person, &c.Given, &c.Family, &c.Contact, &c.Version, (*store.Time)(&c.At)}
}

// Asked lists the committees whose later members may ask a person, by name.
func Asked(tx *store.Tx, person int64) ([]org.Unit, error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT unit FROM committee_contact WHERE person = ? ORDER BY unit`, person)
	var all []org.Unit
	for _, id := range ids {
		u, e := org.Get(tx, id)
		if err = errors.Join(err, e); err == nil {
			all = append(all, u)
		}
	}
	return all, err
}

// contacts lists who may be asked. It is for members.
func contacts(tx *store.Tx, unit int64) ([]contact, error) {
	return store.All(tx, (*contact).fields, `
		SELECT p.id, p.given, p.family, c.contact, c.version, c.at FROM committee_contact c JOIN person p ON p.id = c.person
		WHERE c.unit = ? ORDER BY p.family, p.given, p.id`, unit)
}

// sat reports whether somebody sits in a committee or once did.
func sat(tx *store.Tx, unit, person int64, now time.Time) (bool, error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM committee_seat WHERE unit = ? AND person = ? AND since <= ? AND since < until`, unit, person, now.Unix())
	return n > 0, err
}

// consent fills in who may be asked, and what the viewer has agreed to.
func (p *showPage) consent(tx *store.Tx, now time.Time) (err error) {
	if p.Viewer.ID == 0 {
		return nil
	}
	if p.MayAgree, err = sat(tx, p.Unit.ID, p.Viewer.ID, now); err != nil {
		return err
	}
	p.Agreement = agreement
	all, err := contacts(tx, p.Unit.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Person == p.Viewer.ID {
			p.Mine = c
		} else if p.Inside() {
			p.Contacts = append(p.Contacts, c)
		}
	}
	if p.Form.Values == nil {
		p.Form.Set("contact", p.Mine.Contact)
	}
	return nil
}

// agree notes that the viewer may be asked by those who come after.
func agree(tx *store.Tx, v who.Viewer, unit int64, words string, agreed bool, now time.Time) error {
	if err := former(tx, v, unit, now); err != nil {
		return err
	}
	var bad fault.Form
	switch n := utf8.RuneCountInString(words); {
	case n == 0:
		bad.Add("contact", "Bitte schreiben Sie, wie man Sie erreicht: mit einer Mailadresse oder einer Telefonnummer.")
	case n > maxContact:
		bad.Add("contact", "Bitte kürzen Sie das auf %d Zeichen.", maxContact)
	}
	if !agreed {
		bad.Add("agreed", "Ohne Ihr Einverständnis speichern wir nichts.")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO committee_contact (unit, person, contact, version, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (unit, person) DO UPDATE SET contact = excluded.contact, version = excluded.version, at = excluded.at`,
		unit, v.ID, words, agreementVersion, now.Unix())
	return err
}

// former is nil where the viewer sits in a committee or once did; the committee of anybody else is not found.
func former(tx *store.Tx, v who.Viewer, unit int64, now time.Time) error {
	if _, _, err := committee.Must(tx, v, unit, committee.Around, now); err != nil {
		return err
	}
	ok, err := sat(tx, unit, v.ID, now)
	if err == nil && !ok {
		err = fault.Gone()
	}
	return err
}

// revoke takes the viewer's consent back, whatever the viewer still is to the committee.
func revoke(tx *store.Tx, v who.Viewer, unit int64) error {
	n, err := tx.Exec(`DELETE FROM committee_contact WHERE unit = ? AND person = ?`, unit, v.ID)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

func (f *feature) saveContact(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "contact", "agreed", "go")
	if err != nil {
		return err
	}
	words, revokes := "Gespeichert. Sie können das jederzeit zurücknehmen.", form.Get("go") == "revoke"
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if revokes {
			words = "Zurückgenommen. Ihre Angaben sind gelöscht."
			return revoke(tx, v, id)
		}
		return agree(tx, v, id, text.Line(form.Get("contact")), form.On("agreed"), f.Now())
	})
	if web.Again(err) {
		p, e := f.showAt(r, v, id, form.With(err))
		if e != nil {
			return e
		}
		p.Live = ""
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, path(id), words)
}
