package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
)

// A Form is what was typed, and what is wrong with it. The zero Form is empty.
type Form struct {
	Values url.Values
	Wrong  map[string]string // words by field
	Words  string            // about the whole form; "": nothing is wrong
}

// mostValues is how often something may be typed or ticked in one form; the largest has a box for each child of a facility.
const mostValues = 4_000

// Cut takes fields out of a form before its handler reads it, which then does not meet them.
func Cut(r *http.Request, names ...string) (Form, error) {
	if err := parse(r); err != nil {
		return Form{}, err
	}
	f := Form{Values: url.Values{}}
	for _, n := range names {
		if vs, ok := r.PostForm[n]; ok {
			f.Values[n] = vs
			delete(r.PostForm, n)
		}
	}
	return f, nil
}

func parse(r *http.Request) error {
	err := r.ParseForm() // first: ParseMultipartForm keeps to itself that a form is too large
	if err == nil {
		err = r.ParseMultipartForm(1 << 20)
	}
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil
	}
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge()
		}
		return fault.New(fault.Malformed, "Diese Anfrage war unvollständig.")
	}
	return nil
}

// ReadForm reads the fields of a form and refuses any that it does not know.
func ReadForm(r *http.Request, known ...string) (Form, error) {
	err := parse(r)
	if err != nil {
		return Form{}, err
	}
	n := 0
	for name, values := range r.PostForm {
		if !slices.Contains(known, name) {
			return Form{}, unknownField()
		}
		if n += len(values); n > mostValues {
			return Form{}, unknownField()
		}
	}
	f := Form{Values: r.PostForm}
	for _, vs := range f.Values {
		for i := range vs {
			if vs[i], err = typed(vs[i]); err != nil {
				return Form{}, err
			}
		}
	}
	return f, nil
}

// typed is the value of a field as the house wants it.
func typed(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", fault.New(fault.Malformed, "Diese Anfrage enthält unlesbare Zeichen.")
	}
	return strings.ReplaceAll(s, "\r\n", "\n"), nil
}

func tooLarge() error {
	return fault.New(fault.TooLarge, "Das ist zu groß. Bitte kürzen Sie den Text oder wählen Sie eine kleinere Datei.")
}

func unknownField() error {
	return fault.New(fault.Malformed, "Diese Anfrage enthält etwas, das dieses Formular nicht kennt.")
}

// Get is the trimmed value of a field.
func (f Form) Get(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// Raw is the value of a field as it was typed.
func (f Form) Raw(name string) string { return f.Values.Get(name) }

// Has reports whether the field has the value: for boxes and lists.
func (f Form) Has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// On reports whether a box is ticked.
func (f Form) On(name string) bool { return f.Values.Get(name) != "" }

// IDs are the numbers of a field that may occur several times; what is none is left out.
func (f Form) IDs(name string) (ids []int64) {
	for _, s := range f.Values[name] {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			ids = append(ids, n)
		}
	}
	return ids
}

// ID is a number from a field, 0 if it is none.
func (f Form) ID(name string) int64 {
	n, err := strconv.ParseInt(f.Get(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Set puts a value into the form, for a form that is shown for the first time.
func (f *Form) Set(name string, values ...string) {
	if f.Values == nil {
		f.Values = url.Values{}
	}
	f.Values[name] = values
}

// Err is what is wrong with a field.
func (f Form) Err(name string) string { return f.Wrong[name] }

// With returns the form with what err says is wrong.
func (f Form) With(err error) Form {
	f.Wrong, f.Words = fault.Fields(err), fault.Words(err)
	return f
}

// Again reports whether err is one that the form should be shown again for.
func Again(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Invalid || k == fault.TooLarge || k == fault.Conflict || k == fault.TooMany
}
