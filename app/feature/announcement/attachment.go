package announcement

import (
	"fmt"
	"net/http"
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

// readForm reads a form with files.
func (f feature) readForm(r *http.Request, v who.Viewer, known ...string) (web.Form, error) {
	return f.Files.Form(r, v.ID, maxFiles, known...)
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
