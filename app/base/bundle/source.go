package bundle

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"

	"golang.org/x/text/encoding/charmap"
)

// What a source may hold. A real archive of twenty thousand pages stays far below.
const (
	mostEntries = 50_000
	mostBytes   = 8 << 30 // together, unpacked
	mostRatio   = 200     // unpacked to packed; deflate reaches 1,000, text 20
	ratioFrom   = 1 << 20 // bytes unpacked, below which nobody minds
	mostPath    = 1_000   // bytes
)

// An Entry is a file of a source.
type Entry struct {
	Path string // valid for io/fs, composed letters
	Size int64  // bytes; no more can be read
	Open func() (io.ReadCloser, error)
}

// A Source is a folder or ZIP.
type Source struct {
	Entries []Entry
	Notes   []string // what was left out

	obsidian bool // a vault of Obsidian's
	seen     map[string]bool
	bytes    int64
	close    func() error
}

// Close closes the folder or file that Open has opened.
func (s *Source) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// Open opens the folder or ZIP of a name.
func Open(name string) (*Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	if info.IsDir() {
		return folder(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	s, err := Zip(f, info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.close = f.Close
	return s, nil
}

func unreadable(name string, err error) error {
	return fault.New(fault.Invalid, "%s kann nicht gelesen werden: %s", name, fault.Cause(err))
}

// folder lists a folder. A link in it is not followed, and os.Root keeps one that appears later from leading out.
func folder(name string) (*Source, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	s := &Source{seen: map[string]bool{}, close: root.Close}
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unreadable(p, err)
		case p != "." && hidden(d.Name()):
			if d.IsDir() {
				s.obsidian = s.obsidian || d.Name() == obsidian
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			s.skip(p, "Verweise auf andere Dateien werden nicht verfolgt")
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return unreadable(p, err)
		}
		return s.add(p, info.Size(), func() (io.ReadCloser, error) { return root.Open(p) })
	})
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Zip lists a ZIP. It is checked against what would fill the memory before it is believed.
func Zip(r io.ReaderAt, size int64) (*Source, error) {
	if err := countHeads(io.NewSectionReader(r, 0, size)); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Das ist keine ZIP-Datei, oder sie ist beschädigt.")
	}
	s := &Source{seen: map[string]bool{}}
	for _, f := range z.File {
		p, ok := entryPath(f.Name)
		s.obsidian = s.obsidian || strings.Contains("/"+p, "/"+obsidian+"/")
		n := int64(min(f.UncompressedSize64, 1<<62))
		switch {
		case strings.HasSuffix(p, "/") || f.FileInfo().IsDir():
			continue
		case !ok:
			s.skip(f.Name, "der Name führt aus der ZIP-Datei hinaus oder ist ungültig")
			continue
		case hiddenPath(p):
			continue
		case !f.Mode().IsRegular():
			s.skip(p, "Verweise auf andere Dateien werden nicht verfolgt")
			continue
		case f.Flags&1 != 0:
			s.skip(p, "mit einem Kennwort geschützt")
			continue
		case n > ratioFrom && uint64(n) > mostRatio*f.CompressedSize64:
			s.skip(p, "unglaubwürdig stark gepackt")
			continue
		}
		err := s.add(p, n, func() (io.ReadCloser, error) {
			c, err := f.Open()
			if err != nil {
				return nil, broken(p)
			}
			return &limited{c, p, n}, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func broken(p string) error {
	return fault.New(fault.Invalid, "„%s“ in der ZIP-Datei ist beschädigt.", short(p))
}

// limited reads no more than the ZIP has promised, to its end, where the checksum is; and says in German what is broken.
type limited struct {
	io.ReadCloser
	path string
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.ReadCloser.Read(b)
	if l.left -= int64(n); l.left < 0 || err != nil && err != io.EOF {
		err = broken(l.path)
	}
	return n, err
}

// countHeads refuses a ZIP that would list more files than anybody has: each costs memory before it can be counted.
func countHeads(r io.Reader) error {
	b, n, last := bufio.NewReaderSize(r, 1<<16), 0, [3]byte{}
	for {
		c, err := b.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if c == 2 && last == [3]byte{'P', 'K', 1} { // each file of the list at the end begins so
			if n++; n > mostEntries*5/4 { // some may be part of a file that is a ZIP itself
				return tooMany()
			}
		}
		last[0], last[1], last[2] = last[1], last[2], c
	}
}

func tooMany() error {
	return fault.New(fault.Invalid, "Das sind zu viele Dateien auf einmal: höchstens %d. Bitte lesen Sie sie in mehreren Teilen ein.", mostEntries)
}

func (s *Source) add(p string, size int64, open func() (io.ReadCloser, error)) error {
	p = text.Clean(p)
	switch {
	case !fs.ValidPath(p) || len(p) > mostPath || strings.ContainsFunc(p, text.Unreadable):
		s.skip(p, "der Name ist zu lang oder ungültig")
		return nil
	case s.seen[strings.ToLower(p)]:
		s.skip(p, "den Namen gibt es zweimal")
		return nil
	case len(s.Entries) == mostEntries:
		return tooMany()
	}
	if s.bytes += size; s.bytes > mostBytes {
		return fault.New(fault.Invalid, "Ausgepackt wäre das mehr als %d GB. Bitte lesen Sie es in mehreren Teilen ein.", mostBytes>>30)
	}
	s.seen[strings.ToLower(p)] = true
	s.Entries = append(s.Entries, Entry{p, size, open})
	return nil
}

func (s *Source) skip(p, why string) {
	note(&s.Notes, "„%s“ wurde ausgelassen: %s.", short(p), why)
}

const mostNotes = 500

// note adds one, as long as anybody would read them.
func note(all *[]string, words string, args ...any) {
	switch {
	case len(*all) < mostNotes:
		*all = append(*all, fmt.Sprintf(words, args...))
	case len(*all) == mostNotes:
		*all = append(*all, "Es gibt weitere Hinweise, die hier nicht stehen.")
	}
}

// short is a name for a sentence.
func short(p string) string {
	p = strings.Map(func(r rune) rune {
		if text.Unreadable(r) || r == '\n' || r == '\t' {
			return '?'
		}
		return r
	}, p)
	if r := []rune(p); len(r) > 80 {
		return "…" + string(r[len(r)-79:])
	}
	return p
}

// entryPath is the path of a ZIP's entry; false: nobody with good intent has named it so. Folders end with a slash.
func entryPath(name string) (string, bool) {
	if !utf8.ValidString(name) { // what Windows packs itself
		if s, err := charmap.CodePage850.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	name = strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "./")
	if len(name) > 1 && name[1] == ':' {
		return name, false
	}
	return name, fs.ValidPath(strings.TrimSuffix(name, "/"))
}

const obsidian = ".obsidian" // where it keeps what it has been set to

// hidden reports whether a file or folder is no part of what people have written.
func hidden(name string) bool {
	switch strings.ToLower(name) {
	case "__macosx", "thumbs.db", "desktop.ini", "node_modules":
		return true
	}
	return strings.HasPrefix(name, ".")
}

func hiddenPath(p string) bool {
	for _, part := range strings.Split(p, "/") {
		if hidden(part) {
			return true
		}
	}
	return false
}

// Pack writes the source as a ZIP, for another process to read.
func (s *Source) Pack(w io.Writer) error {
	z := zip.NewWriter(w)
	if s.obsidian {
		if _, err := z.Create(obsidian + "/app.json"); err != nil {
			return err
		}
	}
	for _, e := range s.Entries {
		to, err := z.CreateHeader(&zip.FileHeader{Name: e.Path, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if err := e.copy(to); err != nil {
			return err
		}
	}
	return z.Close()
}

func (e Entry) copy(to io.Writer) error {
	from, err := e.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(to, from)
	return err
}

// read reads an entry of at most max bytes; more is a fault.
func (e Entry) read(max int64) ([]byte, error) {
	if e.Size > max {
		return nil, errTooLong
	}
	from, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer from.Close()
	b, err := io.ReadAll(io.LimitReader(from, max+1))
	if err == nil && int64(len(b)) > max {
		err = errTooLong // a file that grows
	}
	return b, err
}

var errTooLong = fault.New(fault.Invalid, "zu lang für eine Seite; bitte in mehrere Seiten aufteilen")

// inside strips the one folder in which everything lies, as when somebody has packed a folder.
func inside(all []Entry) []Entry {
	for {
		top := ""
		for _, e := range all {
			first, _, below := strings.Cut(e.Path, "/")
			if !below || top != "" && first != top {
				return all
			}
			top = first
		}
		if top == "" {
			return all
		}
		var in []Entry
		for _, e := range all {
			e.Path = strings.TrimPrefix(e.Path, top+"/")
			in = append(in, e)
		}
		all = in
	}
}

// dirOf is the folder of a path; "": the top.
func dirOf(p string) string {
	if d := path.Dir(p); d != "." {
		return d
	}
	return ""
}
