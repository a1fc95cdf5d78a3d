package app_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// withDefect names the program that tests use instead of building one. TestFaultPlanted sets it.
const withDefect = "NESTFUNK_PROGRAM"

// The harnesses that have no plant of their own beside them find a defect, too: each is run as it stands, against a program
// or a package with a defect, and has to fail at it, in words that tell which.
func TestFaultPlanted(t *testing.T) {
	many(t)
	n := 0
	for _, c := range []struct {
		name, in, test string   // in "./app" the test uses a program, elsewhere the package itself
		change         []string // as planted has it
		want           string   // in what the test says
	}{
		{"D1: an answer before the commit", "./app", "TestKill", []string{
			"app/base/store/write.go", "\tif err := c.exec(`COMMIT`); err != nil {\n", "\tfor _, j := range group {\n\t\tclose(j.done)\n\t}\n\ttime.Sleep(20 * time.Millisecond)\n\tif err := c.exec(`COMMIT`); err != nil {\n",
			"app/base/store/write.go", "\t\t\tclose(j.done)\n\t\t}\n\t\tdb.checkpoint", "\t\t}\n\t\tdb.checkpoint",
			"app/base/store/write.go", "\t\"strings\"\n", "\t\"strings\"\n\t\"time\"\n"}, "acknowledged"},
		{"D1: a row before its file", "./app", "TestKillFiles", []string{
			"app/base/files/receive.go", "\tif err := os.Rename(p.file.Name(), to); err != nil {\n\t\treturn err\n\t}\n", "\ttime.AfterFunc(100*time.Millisecond, func() { _ = os.Rename(p.file.Name(), to) })\n"}, "has no content"},
		{"D7: no inode is no reason", "./app", "TestFaultInodes", []string{
			"app/base/files/files.go", "\tif refused(err) && fault", "\tif false && fault"}, "an upload without an inode"},
		{"D8: nobody misses the log", "./app", "TestFaultDatabase", []string{
			"app/base/store/sums.go", "\t\treturn []string{logLost}, nil", "\t\treturn nil, nil"}, "people are told"},
		{"D8: the scan compares nothing", "./app/base/store", "TestScanDamage", []string{
			"app/base/store/damage.go", "if crc64.Checksum(page, sumTable) != of[no-1] {", "if crc64.Checksum(page, sumTable) == ^of[no-1] {"}, "is not found"},
		{"D11: a clock of long ago is believed", "./app/base/clock", "TestHeld", []string{
			"app/base/clock/clock.go", "case now.Before(seen.Add(-leap)):\n\t\treturn behind", "case now.Before(seen.Add(-leap)):\n\t\treturn \"\""}, "want true"},
		{"D14: what did not come back is not said", "./app", "TestRestoreByTheHandbook", []string{
			"app/base/backup/restore.go", "bad.Files = append(bad.Files, b)", "_ = b"}, "[0 0 0]"},
		{"D14: content is not compared", "./app/base/backup", "TestDamage", []string{
			"app/base/backup/restore.go", "n != b.Size || !bytes.Equal(h.Sum(nil), b.SHA256)", "n != b.Size"}, "a flipped bit"},
		{"D14: who was deleted comes back", "./app", "TestRestoreForgets", []string{
			"app/base/backup/restore.go", "if !d.At.Before(s.At) {", "if false {"}, "0 Wiederhergestellt"},
		{"D20: pages are dropped when something happens", "./app", "TestLoadCrowd", []string{
			"app/stream.go", "\t\t\theard, rested = nil, time.After(restBefore)\n", "\t\t\treturn nil\n"}, "streams have ended"},
		{"D20: pages come back after a minute", "./app", "TestLoadReturn", []string{
			"app/stream.go", "2000+v.ID*7919%6000", "60000+v.ID*0"}, "pages are connected"},
		{"D24: two share a lock", "./app", "TestProgramOnceAFolder", []string{
			"app/lock_unix.go", "syscall.LOCK_EX|", "syscall.LOCK_SH|"}, "served at the same time"},
		{"D25: whoever is in the middle is cut off", "./app", "TestKillGently", []string{
			"app/app.go", "err = a.srv.Shutdown(end)", "_, err = end, a.srv.Close()"}, "a request that had begun got"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := exec.Command(os.Args[0], "-test.run", "^"+c.test+"$", "-test.v")
			env := []string{"NESTFUNK_FIGURES=", "NESTFUNK_FAULT=", "NESTFUNK_KILL=3"}
			if c.in == "./app" {
				env = append(env, withDefect+"="+planted(t, c.change...))
			} else {
				run = exec.Command("go", "test", "-count", "1", "-overlay", overlaid(t, c.change...), "-run", "^"+c.test+"$", c.in)
				run.Dir = apptest.Root()
			}
			run.Env = append(os.Environ(), env...)
			out, err := run.CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.want) || strings.Contains(string(out), "build failed") {
				t.Errorf("nobody notices: %v, want %q in %s", err, c.want, out)
			}
		})
		n++
	}
	if !t.Failed() {
		apptest.Figure(t, "planted", fmt.Sprintf("%d eingebaute Fehler, alle bemerkt", n))
	}
}
