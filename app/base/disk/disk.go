// Package disk watches whether the disk of the house takes what is written.
//
// A file lies in reserve. When the disk is full it is given up, and only what cannot wait is written into its room: who
// comes and goes, and what is deleted. Once there is room again, the file is made anew and everything goes on, without
// anybody at the console.
package disk

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"nestfunk/app/base/fault"
)

// A State is what the disk takes.
type State int

// The states.
const (
	Fine  State = iota
	Full        // nothing but what cannot wait, as long as the reserve lasts
	Stuck       // it refuses to be written: read-only, or broken
)

const (
	most   = 32 << 20 // bytes of the reserve
	share  = 16       // of a small disk, the part that the reserve takes
	look   = 2 * time.Second
	looks  = 15 // looks between two at a disk that is fine
	name   = "reserve"
	tryout = "probe"
)

// A Disk is that of one data folder. The nil Disk is fine.
type Disk struct {
	dir string

	mu    sync.Mutex
	state State
	why   error
	wake  chan struct{}
	told  func(State) // when it gets worse or better
}

// Open looks at the disk of a folder that exists, and gives the reserve up if there is no room: a house on a full disk
// has to be opened, too.
func Open(dir string) *Disk {
	d := &Disk{dir: dir, wake: make(chan struct{}, 1), told: func(State) {}}
	if short, _ := d.short(); short {
		d.turn(Full, errShort)
	}
	return d
}

// Told has f called with the state, unless it is fine, and with each new one. f must not wait.
func (d *Disk) Told(f func(State)) {
	d.mu.Lock()
	d.told = f
	s := d.state
	d.mu.Unlock()
	if s != Fine {
		f(s)
	}
}

// State is what the disk takes now, and the error that says so; nil: none.
func (d *Disk) State() (State, error) {
	if d == nil {
		return Fine, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state, d.why
}

// Refuse is what somebody is told who wants to write what can wait; nil: it can be written.
func (d *Disk) Refuse() error {
	switch s, _ := d.State(); s {
	case Full:
		return fault.New(fault.Full, "Der Speicher des Servers ist voll. Lesen, Anmelden, Abmelden und Löschen gehen weiter, anderes kann gerade nicht gespeichert werden. Der Betrieb ist benachrichtigt. Bitte versuchen Sie es später noch einmal.")
	case Stuck:
		return fault.New(fault.Full, "Der Speicher des Servers ist gestört. Lesen geht weiter, gespeichert werden kann gerade nichts. Bitte versuchen Sie es später noch einmal.")
	}
	return nil
}

// Trouble is told of an error of somebody who wrote.
func (d *Disk) Trouble(err error) {
	if d == nil || err == nil {
		return
	}
	if s := stateOf(err); s == Full {
		d.turn(s, err)
	}
	select { // whether another write goes wrong, too
	case d.wake <- struct{}{}:
	default:
	}
}

// stateOf is what an error says of the disk.
func stateOf(err error) State {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, errShort) || strings.Contains(err.Error(), "disk is full") {
		return Full
	}
	return Stuck
}

// turn takes the disk into a state. A full one gets the reserve.
func (d *Disk) turn(s State, why error) {
	d.mu.Lock()
	was := d.state
	d.state, d.why = s, why
	f := d.told
	if s == Full && was != Full {
		if err := os.Remove(d.file(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			slog.Error("the reserve cannot be given up", "err", err)
		}
	}
	d.mu.Unlock()
	if was == s {
		return
	}
	switch s {
	case Fine:
		slog.Info("the disk takes everything again")
	case Full:
		slog.Error("the disk is full; only what cannot wait is written", "err", why)
	case Stuck:
		slog.Error("the disk refuses to be written", "err", why)
	}
	f(s)
}

func (d *Disk) file(of string) string { return filepath.Join(d.dir, of) }

// Run looks at the disk until the context ends.
func (d *Disk) Run(ctx context.Context) {
	d.Look()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
			d.Look()
			continue
		case <-tick.C:
		}
		if s, _ := d.State(); s != Fine || n%looks == 0 {
			d.Look()
		}
	}
}

// Look finds out what the disk takes now.
func (d *Disk) Look() {
	err := d.keep()
	if err == nil {
		err = d.try()
	}
	switch {
	case err == nil:
		d.turn(Fine, nil)
	default:
		d.turn(stateOf(err), err)
	}
}

// errShort says that there is less room than it takes to go on.
var errShort = errors.New("there is hardly any room left")

// size is that of the reserve in bytes.
func (d *Disk) size() uint64 {
	if _, total, ok := Space(d.dir); ok && total > 0 {
		return min(most, total/share)
	}
	return most
}

// short reports whether there is hardly any room left, and whether the reserve is there: beside it a quarter of its size is
// enough; without it there has to be room for it and as much again, else the next write would need it.
func (d *Disk) short() (short, kept bool) {
	free, _, ok := Space(d.dir)
	size := d.size()
	if info, err := os.Stat(d.file(name)); err == nil && uint64(info.Size()) >= size/2 {
		return ok && free < size/4, true // before the first write fails
	}
	return ok && free < 2*size, false
}

// keep makes the reserve where there is none.
func (d *Disk) keep() error {
	short, kept := d.short()
	switch {
	case short:
		return errShort
	case kept:
		return nil
	}
	if err := write(d.file(name), int64(d.size())); err != nil {
		return errors.Join(err, gone(d.file(name)))
	}
	return nil
}

// try writes something and takes it away again.
func (d *Disk) try() error {
	return errors.Join(write(d.file(tryout), 4096), gone(d.file(tryout)))
}

// write makes a file of a size whose room is taken: of chance, since some disks store zeros without any.
func write(file string, size int64) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	b := make([]byte, 64<<10)
	_, _ = rand.Read(b) // it never fails
	for left := size; left > 0 && err == nil; left -= int64(len(b)) {
		_, err = f.Write(b[:min(left, int64(len(b)))])
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func gone(file string) error {
	err := os.Remove(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
