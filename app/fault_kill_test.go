package app_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/backup"
	"nestfunk/app/base/store"
)

// D2: kill -9 while the house does what it rarely does: opens, reads a log, makes its index or its sums anew. Whatever was
// acknowledged is there, and it opens again without a hand.
func TestFaultKill(t *testing.T) {
	t.Parallel()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for name, lacks := range map[string]string{"opening": "", "index anew": "index", "sums anew": "nestfunk.db-sums"} {
		t.Run(name, func(t *testing.T) {
			kept, err := killed(t, bin, lacks, trials(1))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d acknowledged, lost 0", kept)
		})
	}
}

// The harness finds a house that tidies up what a kill has left.
func TestFaultPlantedKill(t *testing.T) {
	many(t)
	tidy := planted(t, "app/base/store/sums.go", "func inspect(name string) (damage []string, err error) {\n", "func inspect(name string) (damage []string, err error) {\n\t_ = os.Remove(name + \"-wal\")\n")
	if kept, err := killed(t, tidy, "", trials(1)); err == nil {
		t.Errorf("%d acknowledged, and nobody misses the log", kept)
	} else {
		t.Log(err)
	}
}

// killed has a house be used and killed, takes a part of its folder away ("": none), kills it twice as it opens, and opens
// it once more; so many times. It returns how much was acknowledged, and what is wrong.
func killed(t *testing.T, bin, lacks string, trials int) (kept int, err error) {
	t.Helper()
	chance := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	dir := t.TempDir()
	file := settled(t, dir)
	house := func() *exec.Cmd {
		return exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	}
	var all logbook
	for trial := range trials {
		// A house that is used until it is killed leaves a log.
		s := begin(t, house())
		if err := all.note(load(s, trial, false, func() {
			time.Sleep(time.Duration(200+chance.IntN(300)) * time.Millisecond)
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait() // it was killed
		})); err != nil {
			return all.kept(), err
		}
		if lacks != "" {
			if err := os.RemoveAll(filepath.Join(dir, lacks)); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // and is killed as it opens, with a log
			c := house()
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(chance.IntN(600)) * time.Millisecond)
			_ = c.Process.Kill()
			_ = c.Wait() // it was killed
		}
		again := begin(t, house())
		_, health := ask(t, again, 0, "GET", "/gesund", "", nil)
		found, _ := ask(t, again, apptest.Small.Parent(9), "GET", "/suche?q=garten", "", nil)
		_ = again.cmd.Process.Kill()
		_ = again.cmd.Wait() // it was killed
		if health != "ok\n" || found != 200 {
			return all.kept(), fmt.Errorf("trial %d: it says of its health: %s, and a search gives %d", trial, health, found)
		}
		if err := all.look(t, file); err != nil {
			return all.kept(), fmt.Errorf("trial %d: %w", trial, err)
		}
	}
	return all.kept(), nil
}

// D13: a backup is killed, or its target is full, while others write. Every snapshot that a target shows comes back whole,
// and the next run needs no hand.
func TestFaultBackup(t *testing.T) {
	t.Parallel()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"killed": t.TempDir(), "full": small(t)} {
		t.Run(name, func(t *testing.T) {
			if target == "" {
				t.Skip("a full target is left out: mounting needs root")
			}
			shown, err := keeps(t, bin, target, name == "killed", trials(2))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d snapshots at the end, and all come back", shown)
		})
	}
}

// The harness finds a backup that shows a snapshot before it is whole, and one that neither hears that the disk is full nor
// has its snapshot come back.
func TestFaultPlantedBackup(t *testing.T) {
	many(t)
	early := planted(t, "app/base/backup/make.go", "\ts, err := m.fill(ctx, r.At)\n", "\t_ = m.publish(ctx, Snapshot{Format: 1, At: r.At, Program: m.Program})\n\ts, err := m.fill(ctx, r.At)\n")
	if _, err := keeps(t, early, t.TempDir(), true, trials(1)); err == nil {
		t.Error("a snapshot that is shown early is not found")
	} else {
		t.Log(err)
	}
	target := small(t)
	if target == "" {
		t.Skip("mounting needs root")
	}
	deaf := planted(t, "app/base/backup/target.go", "\t_, err = io.Copy(f, r)\n", "\t_, _ = io.Copy(f, r)\n",
		"app/base/backup/make.go", "\tif err := m.prove(ctx, s); err != nil {\n", "\tif err := m.prove(ctx, s); false {\n")
	if _, err := keeps(t, deaf, target, false, trials(1)); err == nil {
		t.Error("a backup that doesn't hear of a full disk is not found")
	} else {
		t.Log(err)
	}
}

// small is a folder on a disk with hardly any room; "": this machine makes none.
func small(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return ""
	}
	at := mount(t, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
	fill(t, filepath.Join(at, "filler"), 200<<10)
	return at
}

// keeps has backups be made of a house that is used, which are killed or find no room; so many times. It returns how many
// snapshots the target shows at the end, and what is wrong: each has to come back at any time, and after a kill the next
// backup succeeds.
func keeps(t *testing.T, bin, target string, kill bool, trials int) (shown int, err error) {
	t.Helper()
	chance := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	dir := t.TempDir()
	settled(t, dir)
	failed := 0
	for trial := 0; trial < trials || failed == 0 && trial < trials+30; trial++ { // some are done before they are killed
		s := begin(t, exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
		_ = load(s, trial, true, func() {
			c := exec.CommandContext(t.Context(), bin, "backup", "--data", dir, "--to", target)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if kill {
				time.Sleep(time.Duration(chance.IntN(700)) * time.Millisecond)
				_ = s.cmd.Process.Kill() // which makes it
			}
			if c.Wait() != nil {
				failed++
			}
		})
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait() // it was killed
		if _, err := comesBack(t, target); err != nil {
			return 0, fmt.Errorf("trial %d: %w", trial, err)
		}
	}
	if failed == 0 {
		return 0, errors.New("no backup was killed or full")
	}
	out, err := exec.CommandContext(t.Context(), bin, "backup", "--data", dir, "--to", target).CombinedOutput()
	if err != nil && kill {
		return 0, fmt.Errorf("the next backup: %w: %s", err, out)
	}
	shown, err = comesBack(t, target)
	if shown == 0 && err == nil && kill {
		err = errors.New("the target shows no snapshot")
	}
	return shown, err
}

// comesBack restores every snapshot that a target shows.
func comesBack(t *testing.T, target string) (n int, err error) {
	t.Helper()
	from, err := backup.Open(t.Context(), target, backup.Secret{})
	if err != nil {
		return 0, err
	}
	defer from.Close()
	all, err := backup.Snapshots(from)
	if err != nil {
		return 0, err
	}
	for _, at := range all {
		dir := filepath.Join(t.TempDir(), "zurück")
		if _, err := backup.Restore(t.Context(), from, at, nil, dir, "nestfunk.db"); err != nil {
			return n, err
		}
		db, err := store.Open(t.Context(), filepath.Join(dir, "nestfunk.db"), apptest.Schema())
		if err != nil {
			return n, err
		}
		if err := errors.Join((&logbook{}).compare(db), db.Close()); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
