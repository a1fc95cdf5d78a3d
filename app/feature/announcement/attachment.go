package announcement

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const (
	owner    = "announcement" // of the files that are attached to one
	maxFiles = 10             // of one announcement
)

// attached lists the files of an announcement.
func attached(tx *store.Tx, id int64) ([]files.File, error) { return files.Of(tx, owner, id) }

// readForm reads a form whose files are put into the house while they arrive. They then stand in the form by their
// number, under "file", so that a form that is shown again has them; those already there stay.
func (f feature) readForm(r *http.Request, v who.Viewer, known ...string) (web.Form, error) {
	var got []string
	form, err := web.ReadFiles(r, func(_, name string, content io.Reader) error {
		if len(got) == maxFiles {
			return tooMany()
		}
		x, err := f.Files.Receive(r.Context(), v.ID, name, content)
		if err == nil {
			got = append(got, strconv.FormatInt(x.ID, 10))
		}
		return err
	}, append(known, "file")...)
	if len(got) > 0 {
		form.Set("file", append(slices.Clone(form.Values["file"]), got...)...)
	}
	if web.Again(err) {
		err = fault.At("file", "%s", fault.Words(err))
	}
	return form, err
}

func tooMany() error {
	return fault.New(fault.Invalid, "An eine Mitteilung passen höchstens %d Dateien.", maxFiles)
}

// share takes photos that the device hands over from another app, and begins an announcement with them.
func (f feature) share(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := f.readForm(r, v)
	if err != nil && !web.Again(err) {
		return err
	}
	to := "/mitteilungen/neu?datei="
	for i, id := range form.IDs("file") {
		if i > 0 {
			to += ","
		}
		to += strconv.FormatInt(id, 10)
	}
	if err != nil {
		return web.Done(w, r, to, fault.Fields(err)["file"])
	}
	return web.Done(w, r, to)
}

// drafted are the files that a form shows: those of the viewer that are attached to nothing yet.
func drafted(tx *store.Tx, v who.Viewer, form web.Form) ([]files.File, error) {
	return files.Drafts(tx, v.ID, form.IDs("file"))
}

// addresses are the addresses of files in a mail, each behind its name.
func addresses(url func(string) string, all []files.File) (lines []string) {
	for _, x := range all {
		lines = append(lines, x.Name+"\n"+url(fmt.Sprintf("/datei/%d", x.ID)))
	}
	return lines
}
