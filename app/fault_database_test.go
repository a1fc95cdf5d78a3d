package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// D8 at the whole program: what happens to the files of a database while nobody has them open is seen as the house is
// opened or by the doctor, and everybody is told on every page. What the scan finds is counted in base/store.
func TestFaultDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		harm  func(t *testing.T, file string)
		words string // in what the doctor says; "": nothing is wrong
		open  bool   // seen as the house is opened
	}{
		{"killed", func(*testing.T, string) {}, "", false},
		{"log deleted", func(t *testing.T, file string) { remove(t, file+"-wal") }, "Das Log der Datenbank fehlt", true},
		{"bits have turned over", func(t *testing.T, file string) {
			b := []byte(content(t, file))
			for page := 100; page < 130; page++ { // some of them wait in the log and are written anew
				b[page*4096+77] ^= 8
			}
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "nicht mehr so, wie sie geschrieben wurde", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := settled(t, dir)
			s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
			var all logbook
			all.add(t, use(s, 0, func() {
				time.Sleep(200 * time.Millisecond)
				if err := s.cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
				_ = s.cmd.Wait() // it was killed
			}))
			c.harm(t, file)
			s = serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
			code, out, errs := nestfunk(t, "doctor", "--data", dir)
			if good := strings.Contains(out, "ok       Datei der Datenbank"); good != (c.words == "") || !strings.Contains(out, c.words) {
				t.Errorf("the doctor (%d): %s%s", code, out, errs)
			}
			_, page := ask(t, s, apptest.Small.Parent(9), "GET", "/", "", nil)
			if told := strings.Contains(page, "Die Datenbank dieses Hauses ist beschädigt."); told != c.open {
				t.Errorf("people are told: %v", told)
			}
			if _, err := os.Stat(filepath.Join(dir, "schaden.txt")); (err == nil) != c.open {
				t.Errorf("it is noted: %v", err)
			}
			if code := s.stop(); code != 0 {
				t.Errorf("it ends with %d: %s", code, s.errs)
			}
			if c.words == "" {
				inDatabase(t, file, all.compare)
			}
		})
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}
