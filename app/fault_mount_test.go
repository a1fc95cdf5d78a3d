package app_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// ext4 is an empty file system in a file, and the folder of a house on it.
func ext4(t *testing.T, image, size string, options ...string) (at, dir string) {
	t.Helper()
	need(t, "mkfs.ext4", "mount")
	command(t, "truncate", "-s", size, image)
	command(t, "mkfs.ext4", append(append([]string{"-q", "-F"}, options...), image)...)
	at = mount(t, "-o", "loop,errors=remount-ro", image)
	dir = filepath.Join(at, "haus")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return at, dir
}

// D7: the file system becomes read-only under the house, as ext4 does after an error. Everything can be read, nothing is
// acknowledged that is not kept, and the house says so.
func TestFaultReadOnly(t *testing.T) {
	t.Parallel()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for trial := range trials(1) {
		if err := readOnly(t, bin, trial); err != nil {
			t.Error(err)
		}
	}
}

// The harness finds a house that acknowledges what a read-only disk has refused, and one that doesn't say so.
func TestFaultPlantedReadOnly(t *testing.T) {
	many(t)
	for name, bin := range map[string]string{
		"liar":   planted(t, "app/base/store/write.go", "\t\t\t\t\tj.err = err\n", "\t\t\t\t\tj.err = nil\n"),
		"silent": planted(t, "app/feature/checkup/metrics.go", "s != disk.Fine {\n\t\twritable = 0", "s != disk.Fine {\n\t\twritable = 1"),
	} {
		if err := readOnly(t, bin, 0); err == nil {
			t.Errorf("a %s house is not found", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

// readOnly has a house be used whose disk becomes read-only, and says what is wrong with it then and afterwards.
func readOnly(t *testing.T, bin string, trial int) error {
	t.Helper()
	at, dir := ext4(t, filepath.Join(t.TempDir(), "image"), "128M")
	file := settled(t, dir)
	s := begin(t, exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
	waitFor(t, "the reserve", func() bool { return !empty(filepath.Join(dir, "reserve")) })
	device, err := exec.Command("findmnt", "-no", "SOURCE", at).Output()
	if err != nil {
		t.Fatal(err)
	}
	trigger := fmt.Sprintf("/sys/fs/ext4/%s/trigger_fs_error", filepath.Base(strings.TrimSpace(string(device))))
	if _, err := os.Stat(trigger); err != nil {
		t.Skip("this kernel makes no errors of ext4 on request")
	}
	var all logbook
	var wrong []error
	reads, bad := 0, 0
	err = all.note(load(s, trial, true, func() {
		time.Sleep(100 * time.Millisecond)
		if err := os.WriteFile(trigger, []byte("x"), 0); err != nil {
			t.Error(err)
		}
		for begin := time.Now(); time.Since(begin) < 1500*time.Millisecond; reads++ {
			path := []string{"/", "/mitteilungen", "/suche?q=garten", fmt.Sprintf("/mitteilung/%d", apptest.Small.Told())}[reads%4]
			if code, body := ask(t, s, apptest.Small.Parent(9+reads), "GET", path, "", nil); code != 200 {
				if bad++; bad == 1 {
					wrong = append(wrong, fmt.Errorf("%s on a read-only disk: %d %.300s", path, code, body))
				}
			}
		}
	}))
	wrong = append(wrong, err)
	if all.refused == 0 {
		wrong = append(wrong, errors.New("no write was refused"))
	}
	if code, body := ask(t, s, 0, "GET", "/gesund", "", nil); code != 200 || !strings.Contains(body, "eingeschränkt") {
		wrong = append(wrong, fmt.Errorf("it says of its health: %d %s", code, body))
	}
	if _, body := s.get("/metrics"); !strings.Contains(body, "\nnestfunk_writable 0\n") {
		wrong = append(wrong, errors.New("the metrics do not say that nothing can be written"))
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // it was killed
	// Elsewhere, what lies there is a house.
	copied := t.TempDir()
	for _, end := range []string{"", "-wal", "-sums"} {
		if b, err := os.ReadFile(file + end); err == nil {
			err = os.WriteFile(filepath.Join(copied, "nestfunk.db"+end), b, 0o600)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("acknowledged %d, refused %d; %d of %d pages could be read", all.kept(), all.refused, reads-bad, reads)
	return errors.Join(append(wrong, all.look(t, filepath.Join(copied, "nestfunk.db")))...)
}

// D7: there is room, and no name is left for another file. Uploads are refused, everything else goes on or is refused,
// and comes back by itself.
func TestFaultInodes(t *testing.T) {
	t.Parallel()
	at, dir := ext4(t, filepath.Join(t.TempDir(), "image"), "128M", "-N", "200")
	settled(t, dir)
	s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	waitFor(t, "the reserve", func() bool { return !empty(filepath.Join(dir, "reserve")) })
	more := filepath.Join(at, "mehr")
	if err := os.Mkdir(more, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		if err := os.WriteFile(filepath.Join(more, fmt.Sprint(i)), nil, 0o600); err != nil {
			break
		}
	}
	attach := func(n int) (int, string) {
		up := apptest.Upload("/mitteilungen/neu", "upload", "anhang.txt", fmt.Appendf(nil, "Text %d", n), "unit", "1", "audience", "1", "role", "parent", "title", "Mit Anhang")
		return ask(t, s, apptest.Small.Clerk(), "POST", "/mitteilungen/neu", up.Header.Get("Content-Type"), up.Body)
	}
	if code, body := attach(1); code != 507 || !strings.Contains(body, "Zur Startseite") {
		t.Errorf("an upload without an inode: %d %.300s", code, body)
	}
	if code, _ := ask(t, s, apptest.Small.Parent(9), "GET", "/", "", nil); code != 200 {
		t.Errorf("the start page: %d", code)
	}
	if err := os.RemoveAll(more); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "uploads to be taken again", func() bool {
		code, _ := attach(2)
		return code == 303
	})
	if code := s.stop(); code != 0 {
		t.Errorf("it ends with %d: %s", code, s.errs)
	}
}

// A cut is a power cut: what the disk holds at a moment at which the house is used.
type cut struct {
	image string // a copy of the disk
	said  logbook
}

// cuts has a house be used on a disk of its own, and cuts its power some times. The disk is a file on a file system that
// copies files at once and whole, so that a copy is what a disk holds at one moment.
func cuts(t *testing.T, bin string, n int) (lost int, err error) {
	t.Helper()
	need(t, "mkfs.xfs", "mkfs.ext4", "cp")
	base := filepath.Join(t.TempDir(), "base")
	command(t, "truncate", "-s", "1G", base)
	command(t, "mkfs.xfs", "-q", "-m", "reflink=1", base)
	xfs := mount(t, "-o", "loop", base)
	_, dir := ext4(t, filepath.Join(xfs, "image"), "160M")
	settled(t, dir)
	command(t, "sync")
	s := begin(t, exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
	chance := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	// Files go with the first cut: a person may put in 60 an hour.
	files := upload(s, 0, func() { time.Sleep(300 * time.Millisecond) })
	if len(files) == 0 {
		t.Error("no file was put in")
	}
	var errs []error
	for trial := range n {
		clone := filepath.Join(xfs, "clone")
		var said logbook
		errs = append(errs, said.note(load(s, trial, false, func() {
			time.Sleep(time.Duration(50+chance.IntN(300)) * time.Millisecond)
		})))
		// All that was acknowledged until here must be in a copy made now, while others go on writing.
		_ = load(s, 1000+trial, true, func() { command(t, "cp", "--reflink=always", filepath.Join(xfs, "image"), clone) })
		if e := said.inClone(t, clone, files); e != nil {
			lost++
			errs = append(errs, fmt.Errorf("cut %d: %w", trial, e))
		}
		if err := os.Remove(clone); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // it was killed
	return lost, errors.Join(errs...)
}

// inClone looks at a house on a copy of its disk, which is mounted as after a power cut.
func (l *logbook) inClone(t *testing.T, image string, files map[int64]int64) error {
	t.Helper()
	at := filepath.Join(t.TempDir(), "clone")
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	command(t, "mount", "-o", "loop", image, at)
	defer unmount(t, at)
	file := filepath.Join(at, "haus", "nestfunk.db")
	inDatabase(t, file, func(db *store.DB) error { return whole(db, filepath.Join(at, "haus", "files"), files) })
	return l.look(t, file)
}

// D3: whatever was acknowledged is on the disk when the power goes.
func TestFaultPower(t *testing.T) {
	t.Parallel()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	n := trials(2)
	lost, err := cuts(t, bin, n)
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d power cuts, %d with loss", n, lost)
}

// The harness finds a house that does not wait for the disk.
func TestFaultPlantedPower(t *testing.T) {
	many(t)
	for _, less := range []string{"synchronous(NORMAL)", "synchronous(OFF)"} {
		bin := planted(t, "app/base/store/store.go", "synchronous(FULL)", less)
		lost, _ := cuts(t, bin, 5)
		t.Logf("%s: %d of 5 power cuts with loss", less, lost)
		if lost == 0 {
			t.Errorf("a house with %s is not found", less)
		}
	}
}
