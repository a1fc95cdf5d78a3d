package oparl

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// uploading is costly: a ZIP of 128 MB is read twice.
func uploading() web.Limit { return web.Limit{Name: "oparl.import", N: 20, In: time.Hour} }

// newPage begins a page of this feature: in German, as what was read in is.
func newPage(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

// A Body is what was read in of one source.
type Body struct {
	ID                       int64
	Name, Source             string
	Organizations, Meetings  int
	Items, Papers, Documents int
	Read                     time.Time // when something new was last read
	Removed                  bool
}

type indexPage struct {
	web.Page
	API    string
	Bodies []Body
}

// mayImport refuses whoever does not look after the whole house: what is read in belongs to no carrier.
func (f *feature) mayImport(tx *store.Tx, v who.Viewer) error {
	u, err := org.Root(tx)
	if fault.KindOf(err) == fault.NotFound {
		return nil // an empty house
	}
	if err != nil {
		return err
	}
	ok, err := org.Manages(tx, v.ID, u.ID, importers, f.Now())
	if err != nil || ok {
		return err
	}
	all, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM holding h JOIN unit o ON o.id = h.unit AND o.kind = 'office' WHERE h.person = ?1 AND h.role = 2 AND h.since <= ?2 AND h.until > ?2`, v.ID, f.Now().Unix())
	if err == nil && all == 0 {
		err = fault.New(fault.Forbidden, "Ratsinformationen liest ein, wer das ganze Haus betreut.")
	}
	return err
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: newPage(r, v, "Ratsinformationen"), API: string(f.at) + "/system"}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if err = f.mayImport(tx, v); err != nil {
			return err
		}
		p.Bodies, err = store.All(tx, func(b *Body) []any {
			return []any{&b.ID, &b.Name, &b.Source, &b.Organizations, &b.Meetings, &b.Items, &b.Papers, &b.Documents, (*store.Time)(&b.Read), &b.Removed}
		}, `
			SELECT b.id, b.name, b.source, coalesce(sum(o.type = 'Organization'), 0), coalesce(sum(o.type = 'Meeting'), 0), coalesce(sum(o.type = 'AgendaItem'), 0),
				coalesce(sum(o.type = 'Paper'), 0), coalesce(sum(o.type = 'File'), 0), max(b.changed, coalesce(max(o.changed), 0)), b.deleted
			FROM oparl_object b LEFT JOIN oparl_object o ON o.body = b.id AND o.deleted = 0 WHERE b.type = 'Body' GROUP BY b.id ORDER BY b.deleted, b.name, b.id`)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

type formPage struct {
	web.Page
	Form web.Form
}

func (f *feature) form(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.mayImport(tx, v) }); err != nil {
		return err
	}
	return f.pages.Render(w, r, "form.html", formPage{Page: newPage(r, v, "Ratsinformationen einlesen")})
}

// upload looks at a file and keeps it for the second step.
func (f *feature) upload(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.mayImport(tx, v) }); err != nil {
		return err
	}
	if err := f.Limits.Take(uploading(), strconv.FormatInt(v.ID, 10)); err != nil {
		return err
	}
	var file *os.File
	name := ""
	form, err := web.ReadFiles(r, func(_, as string, content io.Reader) error {
		if file != nil {
			return fault.At("file", "Bitte wählen Sie nur eine Datei. Mehrere packen Sie als ZIP.")
		}
		var err error
		if file, err = f.Files.Temp(); err != nil {
			return err
		}
		name = as
		_, err = io.Copy(file, content)
		return err
	})
	token := ""
	if err == nil && file == nil {
		err = fault.At("file", "Bitte wählen Sie eine Datei.")
	}
	if err == nil {
		u := &uploaded{Person: v.ID, File: file, Of: brought{name: name}}
		if u.Of.rep, err = f.bring(r.Context(), v, u, true); err == nil {
			token, file = f.uploads.Put(u, f.Now()), nil
		}
	}
	if file != nil {
		files.Discard(file)
	}
	if web.Again(err) {
		p := formPage{Page: newPage(r, v, "Ratsinformationen einlesen"), Form: form.With(err)}
		if p.Form.Wrong == nil {
			p.Form.Wrong = map[string]string{"file": p.Form.Words}
		}
		return f.pages.Again(w, r, "form.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/ratsinformationen/vorschau/"+token)
}

// A brought is what the preview of an import knows.
type brought struct {
	name string // of the file, as the browser called it
	rep  Report
}

type uploaded = files.Preview[brought]

// bring reads an upload in; dry: only finds out what that would do.
func (f *feature) bring(ctx context.Context, v who.Viewer, u *uploaded, dry bool) (Report, error) {
	s, err := sourceOf(u.File, u.Of.name)
	if err != nil {
		return Report{}, err
	}
	return Import(ctx, f.House, s, Options{SkipBad: true, Dry: dry, Still: func(tx *store.Tx) error { return f.mayImport(tx, v) }})
}

type previewPage struct {
	web.Page
	File   string
	Token  string
	Report Report
}

// Something reports whether the import would change anything.
func (p previewPage) Something() bool { return p.Report.New+p.Report.Changed > 0 }

func (f *feature) preview(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	token := web.Word(r, "token")
	u, err := f.uploads.Get(token, v.ID, f.Now())
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "preview.html", previewPage{newPage(r, v, "Vorschau"), u.Of.name, token, u.Of.rep})
}

// accept reads in what the preview has shown.
func (f *feature) accept(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	u, err := f.uploads.Take(web.Word(r, "token"), v.ID, f.Now())
	if err != nil {
		return err
	}
	defer files.Discard(u.File)
	rep, err := f.bring(r.Context(), v, u, false)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		f.Rights(tx) // there may be a first unit
		return f.log(tx, f.Now(), v.ID, "import.oparl", 0)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/ratsinformationen", fmt.Sprintf("Eingelesen: %d neu, %d geändert, %d unverändert, %d nicht übernommen.", rep.New, rep.Changed, rep.Same, rep.Refusals()))
}

func (f *feature) discard(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if u, err := f.uploads.Take(web.Word(r, "token"), v.ID, f.Now()); err == nil {
		files.Discard(u.File)
	}
	return web.Done(w, r, "/ratsinformationen", "Verworfen. Es wurde nichts geändert.")
}

// remove takes what was read in of a body out of the house.
func (f *feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.mayImport(tx, v); err != nil {
			return err
		}
		b, err := get(tx, id)
		if err != nil || b.typ != oparl.Body {
			return fault.Gone()
		}
		if err := remove(tx, id, f.Now()); err != nil {
			return err
		}
		f.Rights(tx)
		return f.log(tx, f.Now(), v.ID, "oparl.removed", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/ratsinformationen", "Entfernt. In der Schnittstelle steht, dass es diese Objekte nicht mehr gibt.")
}
