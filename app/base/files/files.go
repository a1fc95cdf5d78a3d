// Package files keeps what people put into the house: photos, plans, forms.
//
// The content of a file lies in the data folder under its SHA-256, once however
// often it is put there; a row says who put it where, under which name. The row
// is written when the content is on the disk, so that there never is one without
// the other: what a crash leaves behind is content without a row, which is swept.
//
// Nothing of what comes from outside is read in this process. A child process
// of the same program, with limits of time and memory, makes pictures anew and
// reads texts for the search; it may end as it likes. See child.go and work.go.
package files

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
)

// A File is what somebody put somewhere.
type File struct {
	ID     int64
	UID    string
	Owner  string // the feature that it is attached to; "": to nothing yet
	Ref    int64  // what of that feature; 0 with an empty Owner
	Name   string // as people read it; a single line without a path
	Type   string // what it is, found out by the house; see kind.go
	Size   int64  // bytes
	Hash   []byte // SHA-256 of the content
	Width  int    // pixels of a picture; 0: it is none
	Height int
	Person int64 // who put it there; 0: ehemals im Haus
	At     time.Time
}

// Picture reports whether there is a thumbnail.
func (f File) Picture() bool { return f.Width > 0 }

// Inline reports whether a browser may show it as a page of its own: it can do nothing there.
func (f File) Inline() bool { return f.Picture() || f.Type == PDF }

// FoundKind is the kind of a file in the search index.
const FoundKind = "file"

// What is kept of a picture, of a thumbnail and of a name.
const (
	edge      = 2400 // pixels of a picture's longer side
	thumbEdge = 480
	maxName   = 120 // characters
)

// Files keeps files in a folder.
type Files struct {
	DB       *store.DB
	Tasks    *task.Queue
	Settings *settings.Settings
	Limits   *web.Limits
	Now      func() time.Time

	// Child carries out work on what came from outside. Only tests set another than the child process.
	Child Worker

	dir      string
	keeping  sync.RWMutex // held while content gets its row, and by the sweep alone
	pictures chan struct{}
	texts    chan struct{}
}

// New makes files that keep their contents in a folder, which need not exist yet.
func New(db *store.DB, tasks *task.Queue, s *settings.Settings, l *web.Limits, now func() time.Time, dir string) *Files {
	return &Files{DB: db, Tasks: tasks, Settings: s, Limits: l, Now: now, Child: child, dir: dir,
		pictures: make(chan struct{}, 1), texts: make(chan struct{}, 1)} // a picture takes much memory: one at a time
}

// path is where the content of a hash lies.
func (f *Files) path(hash []byte) string {
	h := hex.EncodeToString(hash)
	return filepath.Join(f.dir, h[:2], h[2:])
}

const thumbEnd = ".klein" // behind the name of a picture's content

// Open opens the content of a file.
func (f *Files) Open(x File) (*os.File, error) { return os.Open(f.path(x.Hash)) }

// Content opens what has a hash; fs.ErrNotExist where it was swept.
func (f *Files) Content(hash []byte) (*os.File, error) { return os.Open(f.path(hash)) }

// OpenThumb opens the thumbnail of a picture; a picture that has none is its own.
func (f *Files) OpenThumb(x File) (*os.File, error) {
	t, err := os.Open(f.path(x.Hash) + thumbEnd)
	if errors.Is(err, fs.ErrNotExist) {
		return f.Open(x)
	}
	return t, err
}

// cleanName makes a name of what a browser says: one line, no path, nothing that turns the writing around.
func cleanName(name string) string {
	name = text.Clean(strings.ToValidUTF8(name, ""))
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if n := utf8.RuneCountInString(name); n > maxName {
		ext := filepath.Ext(name)
		if utf8.RuneCountInString(ext) > 10 {
			ext = ""
		}
		r := []rune(strings.TrimSuffix(name, ext))
		name = string(r[:maxName-utf8.RuneCountInString(ext)]) + ext
	}
	if name == "" {
		return "Datei"
	}
	return name
}

// full tells a person that the disk is full or refuses to be written, where that is the reason.
func full(err error) error {
	if refused(err) && fault.KindOf(err) == fault.Internal {
		return errors.Join(fault.New(fault.Full, "Die Datei konnte nicht gespeichert werden, weil der Speicher des Servers voll oder gestört ist. Bitte sagen Sie dem Betrieb Bescheid."), err)
	}
	return err
}

// refused reports whether the disk has refused a write.
func refused(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// unsafe is the error of a sync.
type unsafe struct{ error }

func (u unsafe) Unwrap() error { return u.error }

// heed notes what an error says of the disk, and returns it for a person.
func (f *Files) heed(err error) error {
	if u, ok := errors.AsType[unsafe](err); ok && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		f.DB.Lose(u)
	}
	if refused(err) {
		f.DB.Refused(err)
	}
	return full(err)
}
