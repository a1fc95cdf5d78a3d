package announcement

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Template (Vorlage) is text for a usual case, kept by a unit for everybody
// who announces at or below it.
type Template struct {
	ID       int64
	Unit     int64
	UnitName string
	Name     string
	Kind     string
	Reason   string // of a closure
	Title    string // of an ordinary announcement
	Body     string
	Mine     bool // the viewer may remove it
}

func (t *Template) fields() []any {
	return []any{&t.ID, &t.Unit, &t.UnitName, &t.Name, &t.Kind, &t.Reason, &t.Title, &t.Body}
}

// templatesOf lists the templates of the units where the viewer belongs to the
// team and of those above; kind "" is all kinds.
func templatesOf(tx *store.Tx, v who.Viewer, kind string, now time.Time) ([]Template, error) {
	all, err := store.All(tx, (*Template).fields, `
		SELECT t.id, t.unit, u.name, t.name, t.kind, t.reason, t.title, t.body
		FROM announcement_template t JOIN unit u ON u.id = t.unit
		WHERE (?4 = '' OR t.kind = ?4) AND t.unit IN (
			SELECT p.above FROM holding h JOIN unit_up p ON p.unit = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3)
		ORDER BY t.kind, t.name, t.id`, v.ID, int64(who.Team), now.Unix(), kind)
	for i := range all {
		all[i].Mine = slices.Contains(v.Units(who.Team), all[i].Unit)
	}
	return all, err
}

type templatesPage struct {
	web.Page
	Form    web.Form
	All     []Template
	Units   []choice
	Reasons []reason
}

func (f feature) templatesPage(r *http.Request, v who.Viewer, form web.Form) (p templatesPage, err error) {
	p = templatesPage{Page: web.NewPage(r, v, "Vorlagen"), Form: form, Reasons: reasons()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.All, err = templatesOf(tx, v, "", f.Now()); err != nil {
			return err
		}
		us, err := senders(tx, v, f.Now())
		for _, u := range us {
			p.Units = append(p.Units, choice{Unit: u, Words: u.Kind.Word()})
		}
		return err
	})
	return p, err
}

func (f feature) templates(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.templatesPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "templates.html", p)
}

func (f feature) addTemplate(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "unit", "kind", "name", "reason", "title", "body")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		return addTemplate(tx, v, Template{Unit: form.ID("unit"), Kind: form.Get("kind"), Name: form.Get("name"),
			Reason: form.Get("reason"), Title: form.Get("title"), Body: form.Get("body")}, f.Now())
	})
	if web.Again(err) {
		p, e := f.templatesPage(r, v, form.With(err))
		if e != nil {
			return e
		}
		return f.pages.Again(w, r, "templates.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/mitteilungen/vorlagen", "Die Vorlage ist gespeichert.")
}

func addTemplate(tx *store.Tx, v who.Viewer, t Template, now time.Time) error {
	var form fault.Form
	if t.Name == "" || utf8.RuneCountInString(t.Name) > 60 {
		form.Add("name", "Bitte geben Sie einen Namen mit höchstens 60 Zeichen ein.")
	}
	if t.Kind != News && t.Kind != ClosureKind {
		form.Add("kind", "Bitte wählen Sie, wofür die Vorlage ist.")
	}
	if _, ok := reasonOf(t.Reason); t.Kind == ClosureKind && !ok {
		form.Add("reason", "Bitte wählen Sie einen Grund.")
	}
	if t.Kind == News && t.Title == "" {
		form.Add("title", "Bitte geben Sie der Mitteilung einen Titel.")
	}
	if utf8.RuneCountInString(t.Title) > maxTitle || utf8.RuneCountInString(t.Body) > maxBody {
		form.Add("body", "Der Text ist zu lang.")
	}
	if err := form.Err(); err != nil {
		return err
	}
	if err := org.Must(tx, v, t.Unit, who.Team, now); err != nil {
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO announcement_template (unit, name, kind, reason, title, body) VALUES (?, ?, ?, ?, ?, ?)`,
		t.Unit, t.Name, t.Kind, t.Reason, t.Title, t.Body)
	if err != nil && strings.Contains(err.Error(), "UNIQUE") {
		return fault.At("name", "Eine Vorlage mit diesem Namen gibt es schon.")
	}
	return err
}

func (f feature) removeTemplate(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "template")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		unit, err := store.One(tx, store.Value[int64], `SELECT unit FROM announcement_template WHERE id = ?`, form.ID("template"))
		if err != nil {
			return err
		}
		if err := org.Must(tx, v, unit, who.Team, f.Now()); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM announcement_template WHERE id = ?`, form.ID("template"))
		return err
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/mitteilungen/vorlagen", "Die Vorlage ist entfernt.")
}
