package files

import (
	"io"
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/web"
)

// Form reads a form whose files are put into the house for a person while they arrive, most of them at a time. They then
// stand in the form by their number, under "file", so that a form that is shown again has them; those already there stay.
// What is wrong with a file stands at "file".
func (f *Files) Form(r *http.Request, person int64, most int, known ...string) (web.Form, error) {
	var got []string
	form, err := web.ReadFiles(r, func(_, name string, content io.Reader) error {
		if len(got) == most {
			return TooMany(most)
		}
		x, err := f.Receive(r.Context(), person, name, content)
		if err == nil {
			got = append(got, strconv.FormatInt(x.ID, 10))
		}
		return err
	}, append(known, "file")...)
	if len(got) > 0 {
		form.Set("file", append(slices.Clone(form.Values["file"]), got...)...)
	}
	if web.Again(err) && fault.Fields(err)["file"] == "" {
		err = fault.At("file", "%s", fault.Words(err))
	}
	return form, err
}

// TooMany says how many files fit.
func TooMany(most int) error { return fault.At("file", "Hier passen höchstens %d Dateien.", most) }
