package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// TestMain is the child process where it is asked to be: so the tests have a real one.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == files.Command {
		syscall.Exit(files.Child(os.Args[2], os.Args[3], os.Stdin, os.Stdout)) // os.Exit waits for a second under the race detector
	}
	os.Exit(m.Run())
}

// house is a house whose files lie in a folder that the test looks into, read by a real child process.
func house(t *testing.T) (*apptest.House, *files.Files, string) {
	t.Helper()
	h, dir := apptest.New(t), t.TempDir()
	f := files.New(h.DB, h.Tasks, h.Settings, h.Limits, h.Now, dir)
	for _, j := range f.Jobs() {
		h.Tasks.Handle(j)
	}
	return h, f, dir
}

// contents lists what lies in the folder, without folders.
func contents(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func read[T any](t *testing.T, h *apptest.House, f func(tx *store.Tx) (T, error)) (v T) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		v, err = f(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func count(t *testing.T, h *apptest.House) int {
	t.Helper()
	return read(t, h, func(tx *store.Tx) (int, error) { return store.One(tx, store.Value[int], `SELECT count(*) FROM file`) })
}

func textOf(t *testing.T, h *apptest.House, id int64) string {
	t.Helper()
	return read(t, h, func(tx *store.Tx) (string, error) {
		s, ready, err := files.Text(tx, id)
		if !ready {
			t.Errorf("file %d has not been read", id)
		}
		return s, err
	})
}

// A plan is put into the house twice, under two names: it lies there once, is read for the search, and goes when
// nobody has it any more.
func TestOnceForEachContent(t *testing.T) {
	h, f, dir := house(t)
	plan := "Speiseplan\nMontag: Kürbissuppe"
	a, err := f.Receive(t.Context(), apptest.Hanna, `C:\Eigene Dateien\Speise`+"plan\u202e.txt", strings.NewReader(plan))
	if err != nil {
		t.Fatal(err)
	}
	b, err := f.Receive(t.Context(), apptest.Rosa, "../../etc/passwd", strings.NewReader(plan))
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != "Speiseplan.txt" || b.Name != "passwd" || a.Type != files.Plain || a.Size != int64(len(plan)) {
		t.Errorf("%+v, %+v", a, b)
	}
	if all := contents(t, dir); len(all) != 1 || len(all[0]) != 65 {
		t.Fatalf("in the folder: %q", all)
	}
	h.Work(t)
	for _, x := range []files.File{a, b} {
		if s := textOf(t, h, x.ID); s != plan {
			t.Errorf("text of %s: %q", x.Name, s)
		}
	}
	err = h.DB.Write(t.Context(), func(tx *store.Tx) error {
		if err := files.Attach(tx, apptest.Rosa, []int64{b.ID}, "wiki", 7); err != nil {
			return err
		}
		if err := files.Attach(tx, apptest.Rosa, []int64{b.ID}, "wiki", 8); fault.KindOf(err) != fault.Conflict {
			t.Errorf("attached twice: %v", err)
		}
		if err := files.Attach(tx, apptest.Rosa, []int64{a.ID}, "wiki", 7); fault.KindOf(err) != fault.Conflict {
			t.Errorf("attached what is Hanna's: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(25 * time.Hour)
	h.Work(t)
	if n := count(t, h); n != 1 {
		t.Errorf("after a day there are %d files", n)
	}
	if all := contents(t, dir); len(all) != 1 {
		t.Errorf("content that a file has is gone: %q", all)
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return files.Remove(tx, "wiki", 7, b.ID) }); err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(25 * time.Hour)
	h.Work(t)
	if all := contents(t, dir); len(all) != 0 {
		t.Errorf("content that nobody has is still there: %q", all)
	}
}

// photo is a JPEG, red on the left, with an EXIF part that tells how the camera was held and where.
func photo(t testing.TB, w, h int, turn byte) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0, 0, 255, 255}
			if x < w/2 {
				c = color.RGBA{255, 0, 0, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), turn, 0, 0, 0, 0, 0, 0)
	exif = append(exif, "GPSLatitude 54.7937 Musterkamera"...)
	part := append([]byte{0xff, 0xe1, byte((len(exif) + 2) >> 8), byte(len(exif) + 2)}, exif...)
	return append(append([]byte{0xff, 0xd8}, part...), b.Bytes()[2:]...)
}

// A photo is made upright and smaller, and tells nobody where it was taken.
func TestPhoto(t *testing.T) {
	_, f, dir := house(t)
	x, err := f.Receive(t.Context(), apptest.Hanna, "IMG 1.JPG", bytes.NewReader(photo(t, 3000, 1500, 6))) // held sideways
	if err != nil {
		t.Fatal(err)
	}
	if x.Width != 1200 || x.Height != 2400 || x.Type != files.JPEG || x.Name != "IMG 1.JPG" {
		t.Errorf("%+v", x)
	}
	open := func(o func(files.File) (*os.File, error)) ([]byte, image.Image) {
		file, err := o(x)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		b, err := io.ReadAll(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return b, m
	}
	b, m := open(f.Open)
	if r, _, blue, _ := m.At(600, 100).RGBA(); r < blue { // what was left is on top
		t.Error("it does not stand upright")
	}
	small, thumb := open(f.OpenThumb)
	if thumb.Bounds().Dx() != 240 || thumb.Bounds().Dy() != 480 {
		t.Errorf("thumbnail: %v", thumb.Bounds())
	}
	for _, b := range [][]byte{b, small} {
		if bytes.Contains(b, []byte("Exif")) || bytes.Contains(b, []byte("GPS")) || bytes.Contains(b, []byte("Musterkamera")) {
			t.Error("it tells where it was taken")
		}
	}
	if all := contents(t, dir); len(all) != 2 {
		t.Errorf("in the folder: %q", all)
	}
}

// What the house does not take is refused in words that name the file, and leaves nothing behind.
func TestRefused(t *testing.T) {
	h, f, dir := house(t)
	good := photo(t, 800, 600, 1)
	for _, c := range []struct {
		name    string
		content []byte
		words   string
	}{
		{"leer.txt", nil, "„leer.txt“ ist leer."},
		{"riesig.png", hugePNG(t, 20_000, 20_000), "„riesig.png“ hat zu viele Bildpunkte."},
		{"halb.jpg", good[:len(good)/2], "„halb.jpg“ ist beschädigt"},
		{"kurz.png", hugePNG(t, 100, 100)[:60], "„kurz.png“ ist beschädigt"},
		{"luege.jpg", append([]byte("\xff\xd8\xff"), "<script>alert(1)</script>"...), "„luege.jpg“ ist beschädigt"},
		{"IMG_1.HEIC", append([]byte("\x00\x00\x00\x18ftypheic"), make([]byte, 100)...), "Format HEIC"},
		{"gross.bin", bytes.Repeat([]byte{0}, 2<<20), "„gross.bin“ ist zu groß. Eine Datei darf höchstens 1 MB haben."},
	} {
		if c.name == "gross.bin" {
			set(t, h, settings.FileSize, "1")
		}
		_, err := f.Receive(t.Context(), apptest.Hanna, c.name, bytes.NewReader(c.content))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Words(err), c.words) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if n, all := count(t, h), contents(t, dir); n != 0 || len(all) != 0 {
		t.Errorf("%d files, and in the folder: %q", n, all)
	}
	broken := io.MultiReader(strings.NewReader("abc"), failing{})
	if _, err := f.Receive(t.Context(), apptest.Hanna, "a.txt", broken); !errors.Is(err, errBroken) {
		t.Errorf("a line that breaks: %v", err)
	}
	if all := contents(t, dir); len(all) != 0 {
		t.Errorf("after the break: %q", all)
	}
}

var errBroken = errors.New("the line broke")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroken }

func set(t *testing.T, h *apptest.House, name, value string) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return h.Settings.Set(tx, name, value) }); err != nil {
		t.Fatal(err)
	}
}

// A person may put so much into the house within a day, also with two uploads at the same time.
func TestDay(t *testing.T) {
	h, f, _ := house(t)
	set(t, h, settings.FileDay, "1")
	part := func(c byte) io.Reader { return bytes.NewReader(bytes.Repeat([]byte{0, c}, 300<<10)) } // 0.6 MB
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = f.Receive(t.Context(), apptest.Hanna, "x", part(byte(i))) })
	}
	wg.Wait()
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
		} else if fault.KindOf(err) != fault.TooMany {
			t.Error(err)
		}
	}
	if taken != 1 {
		t.Errorf("%d of 4 were taken", taken)
	}
	if _, err := f.Receive(t.Context(), apptest.Rosa, "x", part(9)); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	h.Clock.Add(24 * time.Hour)
	if _, err := f.Receive(t.Context(), apptest.Hanna, "x", part(1)); err != nil {
		t.Errorf("on the next day: %v", err)
	}
	for i := range 80 {
		_, err := f.Receive(t.Context(), apptest.Max, "x", strings.NewReader(fmt.Sprint(i)))
		if (err != nil) != (i >= 60) || err != nil && fault.KindOf(err) != fault.TooMany {
			t.Fatalf("upload %d within an hour: %v", i, err)
		}
	}
}

// After a sync that failed the sweep takes nothing away: the row that is missing may come back from the log.
func TestSweepAfterLoss(t *testing.T) {
	h, f, dir := house(t)
	x, err := f.Receive(t.Context(), apptest.Hanna, "x", strings.NewReader("Inhalt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return files.Forget(tx, apptest.Hanna) }); err != nil {
		t.Fatal(err)
	}
	h.DB.Lose(errors.New("input/output error"))
	if err := f.DropOrphan(t.Context(), x); !errors.Is(err, store.ErrLost) {
		t.Errorf("the sweep goes on: %v", err)
	}
	if all := contents(t, dir); len(all) != 1 {
		t.Errorf("the content is gone: %q", all)
	}
}

// The sweep takes no content away from an upload of the same that is on its way.
func TestSweepAndUpload(t *testing.T) {
	h, f, _ := house(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := f.Sweep(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	for i := range 300 {
		x, err := f.Receive(t.Context(), int64(1+i%9), "x", strings.NewReader("dasselbe"))
		if err != nil {
			t.Error(err)
			break
		}
		file, err := f.Open(x)
		if err != nil {
			t.Errorf("upload %d has no content: %v", i, err)
			break
		}
		file.Close()
		err = h.DB.Write(t.Context(), func(tx *store.Tx) error { // and it is an orphan again
			return errors.Join(files.Attach(tx, x.Person, []int64{x.ID}, "wiki", 1), files.Remove(tx, "wiki", 1, x.ID))
		})
		if err != nil {
			t.Error(err)
			break
		}
	}
	stop()
	wg.Wait()
}
