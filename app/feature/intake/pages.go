package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// uploading is costly: a file of 32 MB takes seconds to read.
func uploading() web.Limit { return web.Limit{Name: "upload", N: 30, In: time.Hour} }

// page begins a page of this feature: in German, the language of the files.
func page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

type uploadPage struct {
	web.Page
	Families bool
	AddCity  bool // may
	Columns  []string
	Form     web.Form
}

func uploadPageOf(r *http.Request, v who.Viewer, families bool) uploadPage {
	p := uploadPage{Page: page(r, v, "Einrichtungen einlesen"), Families: families, AddCity: v.May(who.Of(who.Admin)), Columns: facilityColumns}
	if families {
		p.Title, p.Columns = "Familien einlesen", FamilyColumns()[:15]
	}
	return p
}

func (f *feature) facilitiesForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.pages.Render(w, r, "upload.html", uploadPageOf(r, v, false))
}

func (f *feature) familiesForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.pages.Render(w, r, "upload.html", uploadPageOf(r, v, true))
}

func (f *feature) uploadFacilities(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.upload(w, r, v, false)
}

func (f *feature) uploadFamilies(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.upload(w, r, v, true)
}

// upload looks at a file and keeps it for the second step.
func (f *feature) upload(w http.ResponseWriter, r *http.Request, v who.Viewer, families bool) error {
	known := []string{}
	if !families {
		known = append(known, "add_city")
	}
	form, err := web.ReadForm(r, known...)
	token := ""
	if err == nil {
		token, err = f.look(r, v, form, families)
	}
	if web.Again(err) {
		p := uploadPageOf(r, v, families)
		p.Form = form.With(err)
		if words := fault.Fields(err)["file"]; words == "" && p.Form.Wrong == nil {
			p.Form.Wrong = map[string]string{"file": p.Form.Words}
		}
		return f.pages.Again(w, r, "upload.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/einheiten/vorschau/"+token)
}

func (f *feature) look(r *http.Request, v who.Viewer, form web.Form, families bool) (string, error) {
	file, head, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", fault.At("file", "Bitte wählen Sie eine Datei.")
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	if err := f.Limits.Take(uploading(), strconv.FormatInt(v.ID, 10)); err != nil {
		return "", err
	}
	b, err := io.ReadAll(file)
	if err != nil {
		return "", err
	}
	u := &upload{person: v.ID, families: families, name: short(filepath.Base(head.Filename)), file: b,
		addCity: form.On("add_city")} // dry refuses a city to whom the house is not entrusted
	if u.rep, err = f.dry(r, v, u); err != nil {
		return "", err
	}
	return f.uploads.put(u, f.Now()), nil
}

// dry finds out what an import would do, for one list at a time: each may take hundreds of megabytes while it is read.
func (f *feature) dry(r *http.Request, v who.Viewer, u *upload) (rep Report, err error) {
	f.one.Lock()
	defer f.one.Unlock()
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		rep, err = f.bring(tx, v, u, Options{Dry: true})
		return err
	})
	return rep, err
}

// bring runs the import of an upload with the rights of the viewer.
func (f *feature) bring(tx *store.Tx, v who.Viewer, u *upload, o Options) (Report, error) {
	right, do := who.Right(importers), ImportFacilities
	if u.families {
		right, do = who.Registrars, ImportFamilies
	}
	kept, err := org.Kept(tx, v.ID, right, f.Now())
	if err != nil {
		return Report{}, err
	}
	o.May = func(unit int64) bool { return kept[unit] }
	if u.addCity { // only who runs the whole house brings another city into it
		roots, err := org.Tops(tx, v.ID, who.Of(who.Admin), f.Now())
		if err != nil {
			return Report{}, err
		}
		o.AddCity = slices.ContainsFunc(roots, func(u org.Unit) bool { return u.Parent == 0 })
	}
	return do(tx, u.file, o, f.Now())
}

type previewPage struct {
	web.Page
	Families bool
	File     string
	Token    string
	Report   Report
	Refused  []Refusal
	Missing  []string
	Words    string
}

// Something reports whether the import would change anything.
func (p previewPage) Something() bool { return p.Report.New+p.Report.Changed > 0 }

func previewPageOf(r *http.Request, v who.Viewer, token string, u *upload) previewPage {
	p := previewPage{Page: page(r, v, "Vorschau"), Families: u.families, File: u.name, Token: token, Report: u.rep}
	p.Refused = u.rep.Refused[:min(shown, len(u.rep.Refused))]
	p.Missing = u.rep.Missing[:min(shown, len(u.rep.Missing))]
	return p
}

func (f *feature) preview(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	token := web.Word(r, "token")
	u, err := f.uploads.get(token, v.ID, f.Now())
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "preview.html", previewPageOf(r, v, token, u))
}

// accept imports a file, if that does what the preview has shown.
func (f *feature) accept(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	token := web.Word(r, "token")
	u, err := f.uploads.get(token, v.ID, f.Now())
	if err != nil {
		return err
	}
	var rep Report
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if rep, err = f.bring(tx, v, u, Options{SkipBad: true}); err != nil {
			return err
		}
		if !same(rep, u.rep) {
			return fault.New(fault.Conflict, "Seit der Vorschau hat sich im Haus etwas geändert. Es wurde noch nichts übernommen. Das ist die neue Vorschau.")
		}
		if rep.City != 0 { // who brings a city into the house looks after it
			if _, err := org.Appoint(tx, org.Membership{Person: v.ID, Unit: rep.City, Role: who.Admin, State: org.Confirmed, Since: f.Now()}); err != nil {
				return err
			}
		}
		f.Rights(tx)
		if u.families {
			return f.log(tx, f.Now(), v.ID, "import.families", 0)
		}
		return f.log(tx, f.Now(), v.ID, "import.facilities", 0)
	})
	if web.Again(err) {
		now, again := f.dry(r, v, u)
		if again != nil {
			return again
		}
		fresh := *u
		fresh.rep = now
		f.uploads.drop(token)
		p := previewPageOf(r, v, f.uploads.put(&fresh, f.Now()), &fresh)
		p.Words = fault.Words(err)
		return f.pages.Again(w, r, "preview.html", p)
	}
	if err != nil {
		return err
	}
	f.uploads.drop(token)
	return web.Done(w, r, "/einheiten", fmt.Sprintf("Übernommen: %d neu, %d geändert, %d unverändert, %d nicht übernommen.",
		rep.New, rep.Changed, rep.Same, len(rep.Refused)))
}

func same(a, b Report) bool {
	x, _ := json.Marshal(a) // strings and numbers: nothing can fail
	y, _ := json.Marshal(b)
	return string(x) == string(y) && slices.Equal(a.Added, b.Added) && slices.Equal(a.Altered, b.Altered)
}

func (f *feature) discard(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	token := web.Word(r, "token")
	if u, err := f.uploads.get(token, v.ID, f.Now()); err == nil && u.person == v.ID {
		f.uploads.drop(token)
	}
	return web.Done(w, r, "/einheiten", "Verworfen. Es wurde nichts geändert.")
}
