package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nestfunk/app/base/fault"
)

// A folder is a data folder that belongs to this process until Close.
type folder struct {
	dir  string
	lock *os.File // holds the address at which the house was served last
}

// errBusy says that another process owns the folder.
var errBusy = errors.New("the folder is in use")

// openFolder takes a data folder, and makes one where there is none.
func openFolder(dir string) (*folder, error) {
	dir, err := whole(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Invalid, "Der Datenordner %s kann nicht angelegt werden: %s", dir, fault.Cause(err))
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Im Datenordner %s kann nicht geschrieben werden: %s", dir, fault.Cause(err))
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &folder{dir, f}, nil
}

// whole is the complete name of a folder. No name would be the folder in which somebody happens to be.
func whole(dir string) (string, error) {
	if dir == "" {
		return "", fault.New(fault.Invalid, "--data nennt keinen Ordner. Bitte geben Sie einen an.")
	}
	return filepath.Abs(dir)
}

// occupied reports whether another process owns a folder.
func occupied(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "lock")); err != nil {
		return false
	}
	d, err := openFolder(dir)
	if err != nil {
		return errors.Is(err, errBusy)
	}
	return d.Close() != nil
}

// Close gives the folder back.
func (d *folder) Close() error { return d.lock.Close() }

func (d *folder) file(name string) string { return filepath.Join(d.dir, name) }

// base is the address at which the house was served last; "": never.
func (d *folder) base() string {
	b, err := io.ReadAll(io.NewSectionReader(d.lock, 0, 1000))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// setBase notes the address for commands that run while nothing serves.
func (d *folder) setBase(base string) error {
	if d.base() == base { // on a full disk it could not be noted
		return nil
	}
	if err := d.lock.Truncate(0); err != nil {
		return err
	}
	_, err := d.lock.WriteAt([]byte(base+"\n"), 0)
	return err
}

// What a folder is for: the demonstration must never be taken for a house, nor a house be filled with invented people.
const (
	demoMark = "vorfuehrung"
	demoDone = "Dieser Ordner gehört zu einer Vorführung (nestfunk demo).\n"
)

// demo reports whether the folder belongs to a demonstration, and whether that was filled to the end.
func (d *folder) demo() (is, done bool) {
	b, err := os.ReadFile(d.file(demoMark))
	return err == nil, string(b) == demoDone
}

// check refuses a folder that belongs to the other kind of house.
func (d *folder) check(demo bool) error {
	is, done := d.demo()
	_, err := os.Stat(d.file(database))
	exists := !errors.Is(err, fs.ErrNotExist)
	switch {
	case is && !demo:
		return fault.New(fault.Invalid, "Der Ordner %s gehört zu einer Vorführung. Bitte geben Sie mit --data einen anderen an.", d.dir)
	case demo && !is && exists:
		return fault.New(fault.Invalid, "Der Ordner %s enthält ein echtes Haus. Bitte geben Sie für die Vorführung einen anderen an.", d.dir)
	case demo && is && !done: // it was interrupted
		for _, name := range []string{database, database + "-wal", database + "-shm", database + "-sums"} {
			if err := os.Remove(d.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	case demo && !is:
		return os.WriteFile(d.file(demoMark), nil, 0o600)
	}
	return nil
}

func (d *folder) demoIsDone() error { return os.WriteFile(d.file(demoMark), []byte(demoDone), 0o600) }

// busy is errBusy for people.
func busy(dir string) error {
	return fmt.Errorf("%w (%w)", fault.New(fault.Conflict, "Mit dem Datenordner %s läuft schon ein Nestfunk.", dir), errBusy)
}
