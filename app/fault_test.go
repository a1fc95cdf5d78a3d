package app_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// The programme of faults (D2 to D13): what was acknowledged is there afterwards, whatever the disk, the index or the clock
// do. Each harness finds a defect that is planted into a program of its own (TestFaultPlanted...). Few trials by themselves;
// many with .ci/figures fault plants, or
//
//	NESTFUNK_FAULT=200 go test -run 'TestFault' -timeout 10h -v ./app

// trials is how many a harness makes: few, or as many as NESTFUNK_FAULT says.
func trials(few int) int {
	if n, err := strconv.Atoi(os.Getenv("NESTFUNK_FAULT")); err == nil {
		return n
	}
	return few
}

// many skips what takes too long for each day. It is counted.
func many(t *testing.T) {
	t.Helper()
	if os.Getenv("NESTFUNK_FAULT") == "" {
		t.Skip("a program with a planted defect is built and broken with NESTFUNK_FAULT=20 only")
	}
}

// settled is a small town in a folder, whose people come back today.
func settled(t *testing.T, dir string) (file string) {
	t.Helper()
	b, err := os.ReadFile(apptest.Town(t, apptest.Small))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "nestfunk.db")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	inDatabase(t, file, func(db *store.DB) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			now := time.Now()
			_, err := tx.Exec(`UPDATE session SET created = ?1, seen = ?1, expires = ?2`, now.Unix(), now.AddDate(0, 1, 0).Unix())
			return err
		})
	})
	return file
}

// command runs a program of the machine, or fails.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// mount hangs a file system in until the test ends. Where the machine does not allow that, the test is counted as skipped.
func mount(t *testing.T, args ...string) (at string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	at = filepath.Join(t.TempDir(), "m")
	if err := os.Mkdir(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", append(args, at)...).CombinedOutput(); err != nil {
		t.Skipf("this machine does not mount %q: %s", args, out)
	}
	t.Cleanup(func() { unmount(t, at) })
	return at
}

func unmount(t *testing.T, at string) {
	t.Helper()
	if out, err := exec.Command("umount", at).CombinedOutput(); err != nil {
		t.Errorf("umount: %s", out)
		_ = exec.Command("umount", "-l", at).Run() // rather than leave it to the machine
	}
}

// need skips a test that needs a program which is not there. It is counted.
func need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// planted builds the program with a defect: in a file of the module one text for another, and so on.
func planted(t *testing.T, change ...string) string {
	t.Helper()
	overlay := overlaid(t, change...)
	file := filepath.Join(filepath.Dir(overlay), "nestfunk")
	c := exec.Command("go", "build", "-buildvcs=false", "-overlay", overlay, "-o", file, ".")
	c.Dir, c.Env = apptest.Root(), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// overlaid is planted as go's -overlay has it.
func overlaid(t *testing.T, change ...string) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for c := range slices.Chunk(change, 3) {
		file, is, becomes := filepath.Join(apptest.Root(), c[0]), c[1], c[2]
		b, err := os.ReadFile(cmp.Or(replace[file], file))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(b), is) != 1 {
			t.Fatalf("%s has %q not once", file, is)
		}
		replace[file] = filepath.Join(dir, fmt.Sprintf("bad%d.go", len(replace)))
		if err := os.WriteFile(replace[file], []byte(strings.Replace(string(b), is, becomes, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay := filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err := errors.Join(err, os.WriteFile(overlay, list, 0o600)); err != nil {
		t.Fatal(err)
	}
	return overlay
}

func empty(file string) bool {
	info, err := os.Stat(file)
	return err != nil || info.Size() == 0
}

func content(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// note adds what clients have been told, and returns what nobody should be told.
func (l *logbook) note(more []logbook) error {
	if l.receipts == nil {
		l.clear()
	}
	var errs []error
	for _, m := range more {
		maps.Copy(l.receipts, m.receipts)
		maps.Copy(l.titles, m.titles)
		for what, sure := range m.denied {
			l.doubt(what, sure)
		}
		l.refused += m.refused
		for _, w := range m.wrong {
			errs = append(errs, errors.New(w))
		}
	}
	return errors.Join(errs...)
}

// kept counts what was acknowledged.
func (l *logbook) kept() int { return len(l.receipts) + len(l.titles) }

// look opens a database as the house does, and compares it with what was acknowledged.
func (l *logbook) look(t *testing.T, file string) error {
	t.Helper()
	db, err := store.Open(t.Context(), file, apptest.Schema())
	if err != nil {
		return err
	}
	return errors.Join(l.compare(db), db.Close())
}
