package wiki

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// mostUnpacked is what a ZIP from a browser may hold, in bytes: files of an import do not count against the day of a person.
const mostUnpacked = 512 << 20

// fits says why a source is too large for somebody who is not at the console.
func fits(s *bundle.Source) error {
	size := int64(0)
	for _, e := range s.Entries {
		size += e.Size
	}
	if size > mostUnpacked {
		return fault.New(fault.Invalid, "Ausgepackt wären das mehr als %d MB. Bitte lesen Sie es in mehreren Teilen ein, oder fragen Sie den Betrieb.", mostUnpacked>>20)
	}
	return nil
}

// readLimit: reading is costly, a ZIP of 128 MB is read twice.
func readLimit() web.Limit { return web.Limit{Name: "wiki.import", N: 20, In: time.Hour} }

type exchangePage struct {
	web.Page
	Unit    org.Unit
	Approve bool // somebody else has to release what is read in
	Form    web.Form
}

// exchange shows the form for a ZIP.
func (f *feature) exchange(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.exchangeOf(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "exchange.html", p)
}

func (f *feature) exchangeOf(r *http.Request, v who.Viewer) (*exchangePage, error) {
	p := &exchangePage{Page: f.page(r, v, "Seiten einlesen")}
	id, err := web.Path(r, "id")
	if err != nil {
		return nil, err
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Unit, _, err = writable(tx, id, v, f.Now()); err != nil {
			return err
		}
		p.Approve, err = approves(tx, id)
		return err
	})
	return p, err
}

// hand looks at a ZIP and keeps it for the second step.
func (f *feature) hand(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.exchangeOf(r, v)
	if err != nil {
		return err
	}
	if err := f.Limits.Take(readLimit(), strconv.FormatInt(v.ID, 10)); err != nil {
		return err
	}
	var file *os.File
	form, err := web.ReadFiles(r, func(_, _ string, content io.Reader) error {
		if file != nil {
			return fault.At("file", "Bitte wählen Sie nur eine ZIP-Datei.")
		}
		var err error
		if file, err = f.Files.Temp(); err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return err
	})
	token := ""
	if err == nil && file == nil {
		err = fault.At("file", "Bitte wählen Sie eine ZIP-Datei.")
	}
	if err == nil {
		u := &uploaded{Person: v.ID, File: file, Of: brought{unit: p.Unit.ID}}
		if u.Of.rep, err = f.bring(r.Context(), v, u, true); err == nil {
			token, file = f.uploads.Put(u, f.Now()), nil
		}
	}
	if file != nil {
		files.Discard(file)
	}
	if web.Again(err) {
		p.Form = form.With(err)
		if p.Form.Wrong == nil {
			p.Form.Wrong = map[string]string{"file": p.Form.Words}
		}
		return f.pages.Again(w, r, "exchange.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/wissen/vorschau/"+token)
}

// A brought is what the preview of an import knows.
type brought struct {
	unit int64
	rep  Report
}

type uploaded = files.Preview[brought]

// bring reads a ZIP in with the rights of the viewer; dry: only finds out what that would do.
func (f *feature) bring(ctx context.Context, v who.Viewer, u *uploaded, dry bool) (Report, error) {
	var in Writer
	var unit org.Unit
	err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if in, err = f.writer(tx, v, u.Of.unit); err != nil {
			return err
		}
		unit, err = org.Get(tx, u.Of.unit)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	in.Dry, in.Still = dry, func(tx *store.Tx) (Writer, error) { return f.writer(tx, v, u.Of.unit) }
	info, err := u.File.Stat()
	if err != nil {
		return Report{}, err
	}
	s, err := bundle.Zip(u.File, info.Size())
	if err == nil {
		err = fits(s)
	}
	if err != nil {
		return Report{}, err
	}
	return Import(ctx, f.House, unit, s, in)
}

// writer is the viewer as somebody who reads pages into the archive of a unit.
func (f *feature) writer(tx *store.Tx, v who.Viewer, unit int64) (Writer, error) {
	_, set, err := writable(tx, unit, v, f.Now())
	if err != nil {
		return Writer{}, err
	}
	waits, err := approves(tx, unit)
	return Writer{Person: v.ID, Board: set["board"], Release: !waits}, err
}

type previewPage struct {
	web.Page
	Unit   int64
	Token  string
	Report Report
}

// Something reports whether the import would change anything.
func (p previewPage) Something() bool { return p.Report.New+p.Report.Changed > 0 }

// A Readership is how many new pages somebody will read.
type Readership struct {
	Who   string
	Pages int
}

// Readers says who will read the new pages, the fewest readers first.
func (p previewPage) Readers() (all []Readership) {
	if n := p.Report.Readers[""]; n > 0 {
		all = append(all, Readership{"Noch niemand: Vorlagen und Entwürfe", n})
	}
	for _, a := range accesses() {
		if n := p.Report.Readers[a]; n > 0 {
			all = append(all, Readership{a.Word(p.Report.Kind), n})
		}
	}
	return all
}

func (f *feature) preview(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	token := web.Word(r, "token")
	u, err := f.uploads.Get(token, v.ID, f.Now())
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "preview.html", previewPage{f.page(r, v, "Vorschau"), u.Of.unit, token, u.Of.rep})
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
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), v.ID, "import.pages", u.Of.unit) })
	if err != nil {
		return err
	}
	words := fmt.Sprintf("Eingelesen: %d neu, %d geändert, %d unverändert, %d nicht übernommen.", rep.New, rep.Changed, rep.Unchanged, len(rep.Refused))
	if rep.Waits && rep.New+rep.Changed > 0 {
		words += " Leserinnen und Leser sehen das Neue, sobald jemand anderes es freigegeben hat."
	}
	for _, warning := range rep.Warnings {
		if !slices.Contains(u.Of.rep.Warnings, warning) { // a file that was not looked into for the preview
			words += " " + warning
			break
		}
	}
	return web.Done(w, r, fmt.Sprintf("/archiv/%d", u.Of.unit), words)
}

func (f *feature) cancel(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	to := "/wissen"
	if u, err := f.uploads.Take(web.Word(r, "token"), v.ID, f.Now()); err == nil {
		to = fmt.Sprintf("/archiv/%d", u.Of.unit)
		files.Discard(u.File)
	}
	return web.Done(w, r, to, "Verworfen. Es wurde nichts geändert.")
}
