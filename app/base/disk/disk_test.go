package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"nestfunk/app/base/fault"
)

// The reserve is there while all is well, is given up when the disk is full, and comes back.
func TestReserve(t *testing.T) {
	dir := t.TempDir()
	d := Open(dir)
	var told []State
	d.Told(func(s State) { told = append(told, s) })
	there := func() bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	d.Look()
	if s, err := d.State(); s != Fine || err != nil || !there() || d.Refuse() != nil {
		t.Fatalf("at first: %v %v, reserve %v", s, err, there())
	}
	for _, full := range []error{errors.New("database or disk is full (13)"), fmt.Errorf("write: %w", syscall.ENOSPC), &fs.PathError{Err: syscall.EDQUOT}} {
		d.Trouble(full)
		if s, _ := d.State(); s != Full || there() || fault.KindOf(d.Refuse()) != fault.Full {
			t.Errorf("%v: %v, reserve %v", full, s, there())
		}
		d.Look() // there is room: somebody else's quota, perhaps
		if s, _ := d.State(); s != Fine || !there() {
			t.Errorf("after %v: %v, reserve %v", full, s, there())
		}
	}
	d.Trouble(syscall.EIO) // one that passes
	if d.Look(); d.Refuse() != nil {
		t.Errorf("one error that passes: %v", d.Refuse())
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if d.Look(); fault.KindOf(d.Refuse()) != fault.Full {
		t.Errorf("a folder that cannot be written: %v", d.Refuse())
	}
	if want := []State{Full, Fine, Full, Fine, Full, Fine, Stuck}; fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// Nobody watches: everything is taken.
func TestNil(t *testing.T) {
	var d *Disk
	d.Trouble(syscall.ENOSPC)
	if d.Refuse() != nil {
		t.Error(d.Refuse())
	}
}
