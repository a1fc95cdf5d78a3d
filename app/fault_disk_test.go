package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A broken is one way in which the kernel refuses what the house asks it for, from the attachment on.
type broken struct {
	call  string
	fault string // as strace names it
	from  int    // which call of a thread is the first that fails
	all   bool   // all after it fail, too
}

func (b broken) String() string {
	return fmt.Sprintf("%s %s %d all %v", b.call, b.fault, b.from, b.all)
}

// brokens are those that matter most, and with n all calls at their first n occurrences.
func brokens(n int) (all []broken) {
	if n == 0 {
		return []broken{{"fsync", "EIO", 1, false}, {"pwrite64", "ENOSPC", 1, true}, {"openat", "EIO", 2, true}, {"renameat", "EIO", 1, false}}
	}
	for i := range n {
		for _, call := range []string{"fsync", "fdatasync", "pwrite64", "pread64", "openat", "renameat"} {
			for _, fault := range []string{"EIO", "ENOSPC"} {
				if fault == "ENOSPC" && (call == "pread64" || call == "fsync" || call == "fdatasync") {
					continue
				}
				all = append(all, broken{call: call, fault: fault, from: i%50 + 1, all: i%2 == 1})
			}
		}
	}
	return all
}

// D5: the kernel answers with an error. Nothing is acknowledged that is not kept, and nothing is there of which somebody
// was told that it is not. After a sync that failed nothing at all
// is acknowledged, and the house ends, since a second sync says yes to what is lost.
func TestFaultDisk(t *testing.T) {
	t.Parallel()
	all := brokens(trials(0))
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	sum, ended, files, hits := result{}, 0, 0, map[string]int{}
	for trial, b := range all {
		r, err := strike(t, file, b, trial)
		if err != nil {
			t.Errorf("%s: %v", b, err)
		}
		if b.call == "fsync" && r.hit && !r.ended {
			t.Errorf("%s: a sync has failed, and the house goes on", b)
		}
		if r.ended {
			ended++
		}
		if hits[b.call] += 0; r.hit {
			hits[b.call]++
		}
		sum.kept += r.kept
		sum.refused += r.refused
		files += r.files
	}
	for call, n := range hits {
		if n == 0 {
			t.Errorf("%s was never refused", call)
		}
	}
	if !t.Failed() {
		apptest.Figure(t, "disk", fmt.Sprintf("%d Fehler der Platte, %d Zusagen und %d Dateien, keine verloren; %d Eingaben abgelehnt, %d-mal hat sich das Programm beendet", len(all), sum.kept, files, sum.refused, ended))
	}
	t.Logf("%d faults (%v): %d acknowledged with %d files, %d refused, lost 0; the house ended %d times", len(all), hits, sum.kept, files, sum.refused, ended)
}

// The harness finds a house that goes on after a failed sync, one that acknowledges what SQLite has refused, and one that
// says for certain that nothing was kept when nobody knows.
func TestFaultPlantedDisk(t *testing.T) {
	many(t)
	blind := planted(t, "app/base/store/trust.go", "\tif db.trust.why == nil {\n", "\tif false {\n")
	if r, err := strike(t, blind, broken{"fsync", "EIO", 1, false}, 0); !r.hit || r.ended {
		t.Errorf("a house that ignores a failed sync is not found: %+v, %v", r, err)
	}
	liar := planted(t, "app/base/store/write.go", "\t\t\t\t\tj.err = err\n", "\t\t\t\t\tj.err = nil\n")
	if r, err := strike(t, liar, broken{"pwrite64", "EIO", 1, true}, 0); err == nil {
		t.Errorf("a house that acknowledges what is not kept is not found: %+v", r)
	}
	hasty := planted(t, "app/base/store/write.go", "if unsynced(err) && !errors.Is(err, ErrLost) {", "if false {")
	for trial := 0; ; trial++ { // nothing may come back by chance
		if _, err := strike(t, hasty, broken{"fsync", "EIO", 1, false}, trial); err != nil {
			break
		}
		if trial == 10 {
			t.Error("a house is not found that calls something lost which the next start finds")
			break
		}
	}
}

type result struct {
	kept, refused int
	files         int  // that were acknowledged
	hit           bool // a call was refused
	ended         bool // the house has ended by itself
}

// strike has a house be used while the kernel refuses some of its calls, and says whether what was acknowledged is there.
func strike(t *testing.T, bin string, b broken, trial int) (r result, err error) {
	t.Helper()
	need(t, "strace")
	dir := t.TempDir()
	file := settled(t, dir)
	s := begin(t, exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
	waitFor(t, "the reserve", func() bool { return !empty(filepath.Join(dir, "reserve")) })
	when := strconv.Itoa(b.from)
	if b.all {
		when += "+"
	}
	trace := filepath.Join(dir, "trace")
	tracer := exec.Command("strace", "-f", "-qq", "-o", trace, "-e", "trace="+b.call, "-e", "inject="+b.call+":error="+b.fault+":when="+when,
		"-p", strconv.Itoa(s.cmd.Process.Pid))
	var all logbook
	var files map[int64]int64
	refuse := func() {
		time.Sleep(100 * time.Millisecond)
		if err := tracer.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { _ = s.cmd.Wait(); close(done) }()
		ended := func() bool {
			select {
			case <-done:
				return true
			default:
				return false
			}
		}
		hit := func() bool {
			b, err := os.ReadFile(trace) // strace begins it
			return err == nil && bytes.Contains(b, []byte("(INJECTED)"))
		}
		within(time.Second, ended)
		within(10*time.Second, func() bool { return ended() || hit() })
		_ = tracer.Process.Kill() // it lets go
		_ = tracer.Wait()
		r.hit = hit()
		more := 1500 * time.Millisecond
		if b.call == "fsync" && r.hit { // it has to end
			more = 10 * time.Second
		}
		if r.ended = within(more, ended); !r.ended {
			_ = s.cmd.Process.Kill()
			<-done
		}
	}
	err = all.note(load(s, trial, true, func() { files = upload(s, trial, refuse) }))
	r.kept, r.refused, r.files = all.kept(), all.refused, len(files)
	if out := content(t, trace); out == "" {
		t.Logf("%s: not called", b)
	}
	inDatabase(t, file, func(db *store.DB) error {
		err = errors.Join(err, whole(db, filepath.Join(dir, "files"), files))
		return nil
	})
	return r, errors.Join(err, all.look(t, file))
}
