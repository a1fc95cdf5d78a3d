// Package bundle reads and writes pages as a folder or ZIP of Markdown files: what other programs export (Obsidian,
// BookStack, DokuWiki, Hugo), and what this house exports itself.
//
// Everything in a bundle comes from outside. Nothing of it is written to a disk here, no name in it is ever used as one,
// and at no time is more than one page of it in memory. Front matter is read by lines of our own reading: the eight words
// that count need no YAML, whose libraries have to be kept from aliases that grow without end, dates that change their
// form and "no" that becomes false.
package bundle

import (
	"io"
	"time"
)

// A Bundle is what a folder or ZIP holds, as pages in a tree.
type Bundle struct {
	Pages []*Page  // in the order of the tree: parents before what stands below them
	Notes []string // what the reader of a report should know, German

	key      func(title string) string
	byPath   map[string]*Page // small letters
	byTitle  map[string]*Page // by key
	byStem   map[string][]*Page
	folders  map[string]*Page // the page of a folder
	files    map[string]*File // by path in small letters
	named    map[string][]*File
	obsidian bool
}

// A Page is one of a bundle.
type Page struct {
	Path     string // in the bundle; of a folder without a page of its own that of the folder
	UID      string // "": the bundle does not say
	Title    string // distinct in the bundle
	Parent   *Page  // nil: at the top
	Access   string // as written, in small letters; "": the bundle does not say
	Review   string // day; "": none
	Purpose  string // what every house needs such a page for; "": any other page
	Template bool
	Draft    bool    // not to be shown yet
	Loose    []*File // that lie in its folder and that no page names

	entry  Entry
	own    bool // written by a house like this one
	weight string
	order  string // of the file name
	stem   string
	markup func(raw string) (string, error) // to Markdown; nil: it is
	body   func() (string, error)           // instead of entry
	dir    string                           // where relative links begin
	bare   bool                             // a folder without a text
	cut    string                           // first heading that became the title; "": none
}

// A File is what a page names: a picture, a PDF.
type File struct {
	Path string // in the bundle
	Name string
	Size int64 // bytes, as the bundle claims
	Open func() (io.ReadCloser, error)

	used bool
}

// The most of a page that is read. Whoever imports may want less.
const mostText = 600_000 // bytes

// A Head is what stands before the text of an exported page.
type Head struct {
	Title, UID, Access, Review string
	Purpose                    string // "": none
	Order                      int    // among its siblings, from 1
	Template                   bool
	Changed                    time.Time
}
