package intake

import (
	"nestfunk/app/base/fault"
)

// A Report says what an import has done, or would do.
type Report struct {
	New     int       `json:"new"`
	Changed int       `json:"changed"`
	Same    int       `json:"same"`
	Refused []Refusal `json:"refused"`
	Missing []string  `json:"missing"` // stands in the house and not in the file
	Notes   []string  `json:"notes"`

	Added   []string `json:"-"` // names of what is new, the first hundred
	Altered []string `json:"-"` // what changes, the first hundred
	City    int64    `json:"-"` // a city unit that the import has made; 0: none
}

// A Refusal is a line that cannot be taken over.
type Refusal struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// Options say how a file is to be read.
type Options struct {
	SkipBad bool // take over the lines that are right
	AddCity bool // a file may bring a city that the house does not have
	Dry     bool // write nothing: a read transaction will do

	// May reports whether the importing person looks after a unit; nil: the console, which may everything.
	May func(unit int64) bool
}

func (o Options) may(unit int64) bool { return o.May == nil || o.May(unit) }

// shown is how many names a preview lists.
const shown = 100

func (r *Report) added(name string) {
	if r.New++; len(r.Added) < shown {
		r.Added = append(r.Added, name)
	}
}

func (r *Report) altered(name string) {
	if r.Changed++; len(r.Altered) < shown {
		r.Altered = append(r.Altered, name)
	}
}

func (r *Report) refuse(line int, why string) {
	r.Refused = append(r.Refused, Refusal{line, why})
}

// verdict is what the refused lines mean for the rest of the file.
func (r *Report) verdict(o Options) error {
	switch {
	case len(r.Refused) == 0 || o.SkipBad || o.Dry:
		return nil
	case len(r.Refused) == 1:
		return fault.New(fault.Invalid, "Zeile %d kann nicht übernommen werden: %s Es wurde nichts geändert.", r.Refused[0].Line, r.Refused[0].Why)
	}
	return fault.New(fault.Invalid, "%d Zeilen können nicht übernommen werden, die erste ist Zeile %d: %s Es wurde nichts geändert.",
		len(r.Refused), r.Refused[0].Line, r.Refused[0].Why)
}
