package message

import (
	"io"
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const (
	owner    = "message" // of the files that are attached to one
	maxFiles = 10        // of one message
)

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
	return fault.New(fault.Invalid, "An eine Nachricht passen höchstens %d Dateien.", maxFiles)
}

// sees is nil where the viewer may read the message that a file is attached to.
func sees(h *house.House) func(tx *store.Tx, v who.Viewer, x files.File) error {
	return func(tx *store.Tx, v who.Viewer, x files.File) error {
		_, _, err := found(tx, x.Ref, v, h.Now())
		return err
	}
}

// quietly has the viewer's own pages look again, for what they count.
func quietly(tx *store.Tx, h *house.House, person int64) error {
	tx.After(func() { h.Live.Publish(live.Event{Person: person}) })
	return nil
}
