package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // for the size of what the child has made
	_ "image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"

	"github.com/google/uuid"
)

// Limits where the operator has set none.
const (
	UsualSize = 25  // MB of one file
	UsualDay  = 200 // MB of one person within 24 hours
	perHour   = 60  // files of one person
)

// Sizes are the limits of the house, in MB.
func Sizes(tx *store.Tx, s *settings.Settings) (file, day int, err error) {
	read := func(name string, usual int) int {
		v, e := s.Get(tx, name)
		if err == nil {
			err = e
		}
		if n, e := strconv.Atoi(v); e == nil && n > 0 {
			return n
		}
		return usual
	}
	return read(settings.FileSize, UsualSize), read(settings.FileDay, UsualDay), err
}

// Receive takes a file from a person and keeps it, attached to nothing: Attach does that, and within the time that drafts are kept. A
// picture is made anew. What the house does not take is a fault, in words that name the file.
func (f *Files) Receive(ctx context.Context, person int64, name string, content io.Reader) (File, error) {
	x := File{UID: uuid.Must(uuid.NewV7()).String(), Name: cleanName(name), Person: person, At: f.Now()}
	if err := f.Limits.Take(web.Limit{Name: "file", N: perHour, In: time.Hour}, strconv.FormatInt(person, 10)); err != nil {
		return x, err
	}
	var most, left int64
	err := f.DB.Read(ctx, func(tx *store.Tx) error {
		size, day, err := Sizes(tx, f.Settings)
		if err != nil {
			return err
		}
		used, err := used(tx, person, f.Now())
		most, left = int64(size)<<20, int64(day)<<20-used
		return err
	})
	if err != nil {
		return x, err
	}
	if left <= 0 {
		return x, dayIsFull()
	}
	err = f.take(ctx, &x, content, most, left)
	return x, err
}

// noDay says that a file does not count against what somebody may put into the house on a day.
const noDay = math.MaxInt64

// Bring takes a file that is part of an import: as Receive does, but not against the limits of a person. Person 0 is the
// console. Attach and Draft work as for any other file.
func (f *Files) Bring(ctx context.Context, person int64, name string, content io.Reader) (File, error) {
	x := File{UID: uuid.Must(uuid.NewV7()).String(), Name: cleanName(name), Person: person, At: f.Now()}
	var most int
	err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		most, _, err = Sizes(tx, f.Settings)
		return err
	})
	if err != nil {
		return x, err
	}
	err = f.take(ctx, &x, content, int64(most)<<20, noDay)
	return x, err
}

// Temp begins a file in the folder of the house that nobody else sees; the caller closes and removes it, or the next
// start does.
func (f *Files) Temp() (*os.File, error) {
	p, err := f.newPiece()
	if err != nil {
		return nil, err
	}
	return p.file, nil
}

// take keeps content of at most so many bytes; left is what remains of a person's day, or noDay.
func (f *Files) take(ctx context.Context, x *File, content io.Reader, most, left int64) error {
	p, err := f.newPiece()
	if err != nil {
		return err
	}
	defer p.drop()
	n, err := io.Copy(p, io.LimitReader(content, min(most, left)+1))
	switch {
	case err != nil:
		return f.heed(err)
	case n > most:
		return fault.New(fault.Invalid, "„%s“ ist zu groß. Eine Datei darf höchstens %d MB haben.", x.Name, most>>20)
	case n > left:
		return dayIsFull()
	case n == 0:
		return fault.New(fault.Invalid, "„%s“ ist leer.", x.Name)
	}
	if x.Type, err = kindOf(p.file, n); err != nil {
		return err
	}
	var thumb *piece
	switch {
	case x.Type == heic:
		return fault.New(fault.Invalid, "„%s“ ist ein Bild im Format HEIC oder AVIF, das viele Geräte nicht zeigen können. Bitte wandeln Sie es in JPEG um; auf dem iPhone: Einstellungen, Kamera, Formate, „Maximale Kompatibilität“.", x.Name)
	case picture(x.Type):
		if p, thumb, err = f.develop(ctx, p, x); err != nil {
			return err
		}
		defer p.drop()
		defer thumb.drop()
	}
	return f.heed(f.store(ctx, p, thumb, x, left != noDay))
}

func dayIsFull() error {
	return fault.New(fault.TooMany, "Sie haben heute schon sehr viel hochgeladen. Bitte warten Sie bis morgen oder fragen Sie den Betrieb.")
}

// develop makes a picture and its thumbnail of what has come, and notes in x what they are.
func (f *Files) develop(ctx context.Context, raw *piece, x *File) (img, thumb *piece, err error) {
	f.pictures <- struct{}{}
	defer func() { <-f.pictures }()
	if img, err = f.remade(ctx, raw, edge, x.Name); err != nil {
		return nil, nil, err
	}
	if thumb, err = f.remade(ctx, img, thumbEdge, x.Name); err != nil {
		img.drop()
		return nil, nil, err
	}
	if _, err := img.file.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	conf, kind, err := image.DecodeConfig(img.file) // our own: it may be read here
	if err != nil {
		return nil, nil, fmt.Errorf("the picture that was made anew: %w", err)
	}
	was := x.Type
	x.Type, x.Width, x.Height = "image/"+kind, conf.Width, conf.Height
	x.Name = renamed(x.Name, was, x.Type)
	return img, thumb, nil
}

func (f *Files) remade(ctx context.Context, from *piece, edge int, name string) (*piece, error) {
	to, err := f.newPiece()
	if err != nil {
		return nil, err
	}
	switch err := f.Child(ctx, doPicture, strconv.Itoa(edge), from.file, to); {
	case err == nil:
		return to, nil
	case errors.Is(err, ErrPixels):
		err = fault.New(fault.Invalid, "„%s“ hat zu viele Bildpunkte. Höchstens %d Millionen sind möglich. Bitte verkleinern Sie das Bild.", name, mostPixels/1_000_000)
		fallthrough
	default:
		to.drop()
		if errors.Is(err, ErrBroken) || errors.Is(err, ErrBomb) || errors.Is(err, ErrDied) {
			err = fault.New(fault.Invalid, "„%s“ ist beschädigt oder kein richtiges Bild.", name)
		}
		return nil, f.heed(err)
	}
}

// store gives a piece its place and its row; counted: if the day of its person allows it. The lock keeps the sweep from taking content that is about to get one.
func (f *Files) store(ctx context.Context, p, thumb *piece, x *File, counted bool) error {
	x.Size, x.Hash = p.size, p.hash()
	f.keeping.RLock()
	defer f.keeping.RUnlock()
	at := f.path(x.Hash)
	if thumb != nil { // first: whoever finds the picture finds this, too
		if err := thumb.move(at + thumbEnd); err != nil {
			return err
		}
	}
	if err := p.move(at); err != nil {
		return err
	}
	return f.DB.Write(ctx, func(tx *store.Tx) (err error) {
		_, day, err := Sizes(tx, f.Settings)
		if err != nil {
			return err
		}
		if sum, err := used(tx, x.Person, f.Now()); err != nil || counted && sum+x.Size > int64(day)<<20 {
			return errors.Join(err, dayIsFull()) // two at the same time
		}
		if x.ID, err = insert(tx, *x); err != nil || !readable(x.Type) {
			return err
		}
		return f.Tasks.Add(tx, readKind, x.ID, "")
	})
}

// A piece is content on its way: a file without a name that matters, and its hash.
type piece struct {
	file *os.File
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
	size  int64
	moved bool
}

// newPiece begins one in the folder of the house, since a rename does not lead from one disk to another.
func (f *Files) newPiece() (*piece, error) {
	dir := filepath.Join(f.dir, tempDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, f.heed(err)
	}
	file, err := os.CreateTemp(dir, "*") // 0600
	if err != nil {
		return nil, f.heed(err)
	}
	return &piece{file: file, sum: sha256.New()}, nil
}

const tempDir = "tmp"

// Write implements io.Writer.
func (p *piece) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	_, _ = p.sum.Write(b[:n]) // never fails
	p.size += int64(n)
	return n, err
}

func (p *piece) hash() []byte { return p.sum.Sum(nil) }

// drop removes it, if it has not moved.
func (p *piece) drop() {
	_ = p.file.Close() // perhaps closed already
	if !p.moved {
		_ = os.Remove(p.file.Name()) // else the next start does
	}
}

// move puts it where it belongs, safe from a power cut: its content first, then its name.
func (p *piece) move(to string) error {
	if err := p.file.Sync(); err != nil {
		return unsafe{err}
	}
	if same(to, p.hash(), p.size) {
		return nil
	}
	dir := filepath.Dir(to)
	if _, err := os.Stat(dir); err != nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := syncDir(filepath.Dir(dir)); err != nil {
			return unsafe{err}
		}
	}
	if err := p.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(p.file.Name(), to); err != nil {
		return err
	}
	p.moved = true
	if err := syncDir(dir); err != nil {
		return unsafe{err}
	}
	return nil
}

// same reports whether the content is there already, and is whole.
func same(name string, hash []byte, size int64) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	return err == nil && n == size && bytes.Equal(sum.Sum(nil), hash)
}
