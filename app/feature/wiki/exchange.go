package wiki

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// A Report is what an import of pages has done, or would do.
type Report struct {
	Unit      string    `json:"unit"`      // whose archive
	Pages     int       `json:"pages"`     // found, but for those that were refused
	Files     int       `json:"files"`     // that the pages name; one named by two pages counts twice
	New       int       `json:"new"`       // pages
	Changed   int       `json:"changed"`   // pages that have a new revision
	Unchanged int       `json:"unchanged"` // pages
	Refused   []Refused `json:"refused"`
	Warnings  []string  `json:"warnings"` // German

	Added   []string       `json:"-"` // titles, the first of them
	Altered []string       `json:"-"`
	Readers map[Access]int `json:"-"` // new pages by who will read them; "": templates and drafts, which nobody does
	Kind    org.Kind       `json:"-"` // of the unit
	Waits   bool           `json:"-"` // readers see what is new once somebody else has released it
}

// Refused is a page that was not taken.
type Refused struct {
	Path string `json:"path"`
	Why  string `json:"why"` // German
}

// A Writer says who reads pages in, and how.
type Writer struct {
	Person  int64 // 0: the console
	Board   bool  // may write what only the board reads
	Release bool  // readers see it at once
	Public  bool  // pages that say nothing of their readers are for everybody
	Dry     bool  // only find out what would happen

	// Still says before each group of pages whether the person may still write them, and how; nil: nothing can change.
	Still func(*store.Tx) (Writer, error)
}

const (
	mostShown    = 100 // titles in a report
	mostWarnings = 500
)

func (r *Report) warn(words string, args ...any) {
	if len(r.Warnings) < mostWarnings {
		r.Warnings = append(r.Warnings, fmt.Sprintf(words, args...))
	}
}

func (r *Report) refuse(p *bundle.Page, err error) {
	words := fault.Words(err)
	for _, w := range fault.Fields(err) {
		words = w
	}
	if len(r.Refused) < mostWarnings {
		r.Refused = append(r.Refused, Refused{p.Path, words})
	}
}

// count notes what becomes of a page.
func (r *Report) count(x *incoming) {
	r.Pages++
	switch {
	case x.id == 0:
		r.New++
		if len(r.Added) < mostShown {
			r.Added = append(r.Added, x.text.Title)
		}
		if x.Draft || x.Template {
			r.Readers[""]++
		} else {
			r.Readers[x.access]++
		}
	case x.changed():
		r.Changed++
		if len(r.Altered) < mostShown {
			r.Altered = append(r.Altered, x.text.Title)
		}
	default:
		r.Unchanged++
	}
}

// accessOf is who reads a page that is read in. A word that is not known lets the fewest in that everybody who writes may
// choose.
func (w Writer) accessOf(word string, kind org.Kind) (a Access, known bool) {
	switch word {
	case "":
		if w.Public {
			return Public, true
		}
		return usual(kind), true
	case "board", "leitung", "vorsitz", "vorstand":
		return Board, true
	case "staff", "team", "gremium", "intern":
		return Staff, true
	case "unit", "einrichtung", "alle":
		return Around, true
	case "house", "haus":
		return House, true
	case "public", "öffentlich", "oeffentlich":
		return Public, true
	}
	return Staff, false
}

// A page that is being read in, ready to be written.
type incoming struct {
	*bundle.Page
	id     int64 // 0: a new page
	text   Text
	access Access
	files  []incomingFile
	hash   []byte // of the text
	same   bool   // the words have not changed
}

// changed reports whether the page gets a new revision: for new words, or for a file that is new below it.
func (x *incoming) changed() bool {
	return !x.same || slices.ContainsFunc(x.files, func(f incomingFile) bool { return f.below && !f.held })
}

type incomingFile struct {
	*bundle.File
	id    int64 // 0: could not be taken, or a dry run would take it
	hash  []byte
	held  bool // it is attached to the page already
	below bool // the text does not name it
}

// textHash is what tells whether a page has come before just as it is.
func textHash(t Text) []byte {
	h := sha256.Sum256([]byte(t.Title + "\x00" + t.Body))
	return h[:]
}

// importer is one import.
type importer struct {
	*house.House
	Writer
	unit   org.Unit
	bundle *bundle.Bundle
	known  *known
	rep    Report
	at     map[*bundle.Page]int64 // pages that have been written; in a dry run 0 for a new one
	depth  map[*bundle.Page]int   // levels, from 1
	taken  map[int64]bool         // pages of the house that one of the bundle has become
	stored map[*bundle.File]int64 // files that this import has brought
	hashes map[*bundle.File][]byte
}

func newImporter(h *house.House, u org.Unit, b *bundle.Bundle, w Writer) *importer {
	return &importer{House: h, Writer: w, unit: u, bundle: b, rep: Report{Unit: u.Name, Kind: u.Kind, Waits: !w.Release, Readers: map[Access]int{}, Refused: []Refused{}, Warnings: append([]string{}, b.Notes...)},
		at: map[*bundle.Page]int64{}, depth: map[*bundle.Page]int{}, taken: map[int64]bool{}, stored: map[*bundle.File]int64{}, hashes: map[*bundle.File][]byte{}}
}

// match finds the page of the house that a page of the bundle has been before: by its uid, by where it came from, by its
// title. 0: none.
func (m *importer) match(p *bundle.Page) int64 {
	if id := m.known.byUID[p.UID]; p.UID != "" && id != 0 && !m.taken[id] {
		return id
	}
	if id := m.known.byPath[p.Path]; id != 0 && !m.taken[id] {
		return id
	}
	for _, id := range m.known.byKey[key(p.Title)] {
		if n := m.known.nodes[id]; !m.taken[id] && !n.removed && (n.access != Board || m.Board) {
			return id
		}
	}
	return 0
}

// parent finds where a page stands, higher than in the bundle where that goes too deep or what was above it was refused.
func (m *importer) parent(p *bundle.Page) (*bundle.Page, int) {
	for q := p.Parent; q != nil; q = q.Parent {
		d, ok := m.depth[q]
		if ok && d < mostDeep {
			return q, d + 1
		}
	}
	return nil, 1
}

// sum is the SHA-256 of a file of the bundle.
func (m *importer) sum(f *bundle.File) ([]byte, error) {
	if h, ok := m.hashes[f]; ok {
		return h, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return nil, err
	}
	m.hashes[f] = h.Sum(nil)
	return m.hashes[f], nil
}

var errInBin = fault.New(fault.Conflict, "Diese Seite liegt im Papierkorb und bleibt dort. Holen Sie sie zurück, wenn sie wieder gelten soll.")

// isFault reports an error that concerns one page or file only: the import goes on without it.
func isFault(err error) bool {
	k := fault.KindOf(err)
	return err != nil && k != fault.Internal && k != fault.Full
}

// Told is the report for people, in lines.
func (r Report) Told() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d neu, %d geändert, %d unverändert, %d abgelehnt; %d Dateien\n", r.Unit, r.New, r.Changed, r.Unchanged, len(r.Refused), r.Files)
	for _, x := range r.Refused {
		fmt.Fprintf(&b, "%s abgelehnt: %s\n", x.Path, x.Why)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "Hinweis: %s\n", w)
	}
	return b.String()
}
