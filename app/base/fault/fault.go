// Package fault holds the errors that a person is told about.
//
// Everything else is an internal error: it is logged in full, and the person
// reads only that something went wrong, with a number to quote.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// A Kind says what sort of trouble it is. base/web turns it into a status.
type Kind int

const (
	Internal  Kind = iota // anything that is not a fault
	Malformed             // the request was not made by one of our forms
	Invalid               // the input cannot be accepted as it is
	SignIn                // the person has to sign in first
	Forbidden             // the person may not do this
	NotFound              // there is no such thing, or none the person may see
	Conflict              // somebody else was faster
	TooMany               // too many tries; later again
	TooLarge              // more than the house takes at once
	Full                  // the disk is full, or the house cannot write at the moment
)

type fault struct {
	kind   Kind
	words  string
	fields map[string]string
}

func (f *fault) Error() string {
	if len(f.fields) == 0 {
		return f.words
	}
	return fmt.Sprint(f.words, " ", slices.Sorted(maps.Keys(f.fields)))
}

// New makes a fault. The words are German, complete sentences, and shown as
// they are; they never contain data of another person.
func New(k Kind, words string, args ...any) error {
	if len(args) > 0 {
		words = fmt.Sprintf(words, args...)
	}
	return &fault{kind: k, words: words}
}

// Gone is the answer to everything that does not exist or may not be seen.
func Gone() error { return New(NotFound, "Das gibt es hier nicht (mehr).") }

// A Form collects what is wrong with the fields of a form.
// The zero Form is empty and ready to use.
type Form struct{ fields map[string]string }

// Add notes what is wrong with a field; the first words for a field stay.
func (f *Form) Add(field, words string, args ...any) {
	if f.fields == nil {
		f.fields = map[string]string{}
	}
	if _, ok := f.fields[field]; ok {
		return
	}
	if len(args) > 0 {
		words = fmt.Sprintf(words, args...)
	}
	f.fields[field] = words
}

// Err is nil if nothing is wrong, and an Invalid fault otherwise.
func (f *Form) Err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return &fault{kind: Invalid, words: "Bitte prüfen Sie Ihre Eingaben.", fields: f.fields}
}

// At is a fault of one field.
func At(field, words string, args ...any) error {
	var f Form
	f.Add(field, words, args...)
	return f.Err()
}

// KindOf finds the fault in err, however deep it is wrapped.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.kind
	}
	return Internal
}

// Words returns what the person may read of err.
func Words(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.words
	}
	return "Das hat leider nicht geklappt."
}

// Fields returns what is wrong with which field; nil if err names none.
func Fields(err error) map[string]string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.fields
	}
	return nil
}
