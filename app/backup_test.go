package app_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/backup"
	"nestfunk/app/base/store"
)

// imported makes a house with two Kitas.
func imported(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "haus")
	if code, out, errs := nestfunk(t, "import", "facilities", "--add-city", "--data", data, filepath.Join(apptest.Root(), "assets/demo/flensburg.csv")); code != 0 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	return data
}

// units counts the units of a house that nobody serves.
func units(t *testing.T, data string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "nestfunk.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT count(*) FROM unit`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Somebody backs a house up while it serves, the machine burns down, and the house stands again from paper and a folder.
func TestBackupAndRestore(t *testing.T) {
	data, to := imported(t), filepath.Join(t.TempDir(), "sicherung")
	key, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	paper := filepath.Join(t.TempDir(), "blatt")
	if err := os.WriteFile(paper, []byte(strings.Join(key.Words(), " ")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	code, out, errs := nestfunk(t, "backup", "--data", data, "--to", to, "--key", key.Public())
	if code != 0 || !strings.Contains(out, "zurückgeholt und verglichen") || strings.Contains(out, "nicht verschlüsselt") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	if code := s.stop(); code != 0 {
		t.Fatalf("the house ended with %d: %s", code, s.errs)
	}
	want := units(t, data)

	for _, c := range []struct {
		args  []string
		words string
	}{
		{[]string{"restore", "--from", to, "--data", data, "--key", paper}, "liegt schon ein Haus"},
		{[]string{"restore", "--from", t.TempDir(), "--data", t.TempDir()}, "liegt keine Sicherung"},
		{[]string{"restore", "--from", to, "--data", t.TempDir(), "--key", file(t, "apfel ampel")}, "34 Wörter"},
		{[]string{"restore", "--from", to, "--data", t.TempDir(), "--key", file(t, "quark")}, "„quark“"},
		{[]string{"restore", "--from", to, "--data", t.TempDir(), "--key", paper, "--at", "gestern"}, "--at"},
		{[]string{"backup", "--data", data, "--to", "ftp://x/y", "--key", key.Public()}, "ftp://"},
		{[]string{"backup", "--data", data, "--to", "s3://127.0.0.1:1/behaelter/ordner"}, "Sicherungsschlüssel"},
		{[]string{"backup", "--data", data, "--to", to, "--key", "age1nicht"}, "age1"},
		{[]string{"backup", "--data", filepath.Join(data, "fehlt"), "--to", to}, "gibt es nicht"},
	} {
		if code, out, errs := nestfunk(t, c.args...); code != 1 || !strings.Contains(errs, c.words) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: %d %s %s", c.args, code, out, errs)
		}
	}
	if code, out, _ := nestfunk(t, "restore", "--from", to, "--data", t.TempDir(), "--list"); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("the list: %d %s", code, out)
	}

	again := filepath.Join(t.TempDir(), "neu")
	if code, out, errs := nestfunk(t, "restore", "--from", to, "--data", again, "--key", paper); code != 0 || !strings.Contains(out, "Wiederhergestellt") || strings.Contains(out, "neu eingegeben") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	if got := units(t, again); got != want || want < 50 {
		t.Errorf("%d units came back of %d", got, want)
	}
	restored := serve(t, "serve", "--data", again, "--listen", "127.0.0.1:0")
	if code, body := restored.get("/gesund"); code != 200 {
		t.Errorf("%d %s", code, body)
	}
	if code := restored.stop(); code != 0 {
		t.Errorf("the restored house ended with %d: %s", code, restored.errs)
	}
}

// The machine has burned down, one file in the target has rotted meanwhile, and all that somebody has is the handbook and a
// sheet of paper, which they type off in lines and without umlauts.
func TestRestoreByTheHandbook(t *testing.T) {
	data, to := imported(t), filepath.Join(t.TempDir(), "sicherung")
	for name, content := range map[string]string{"Speiseplan März.pdf": "Linsen", "Aushang.pdf": "Am Freitag bleibt die Kita zu."} {
		hash := sha256.Sum256([]byte(content))
		at := filepath.Join(data, "files", hex.EncodeToString(hash[:1]), hex.EncodeToString(hash[1:]))
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o700), os.WriteFile(at, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
		inDatabase(t, filepath.Join(data, "nestfunk.db"), func(db *store.DB) error {
			return db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO file (uid, owner, ref, name, type, size, hash, width, height, at) VALUES (?1, 'board', 1, ?1, 'application/pdf', ?2, ?3, 0, 0, ?4)`,
					name, len(content), hash[:], time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC).Unix())
				return err
			})
		})
	}
	key, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errs := nestfunk(t, "backup", "--data", data, "--to", to, "--key", key.Public()); code != 0 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	want := units(t, data)
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	var typed strings.Builder
	for line := range slices.Chunk(key.Words(), 6) {
		typed.WriteString(strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue").Replace(strings.Join(line, " ")) + "\n")
	}
	_, part, _ := strings.Cut(content(t, filepath.Join(apptest.Root(), "assets/handbook/04-betrieb.md")), "\n## Ein Haus wiederherstellen\n")
	part, _, _ = strings.Cut(part, "\n## ")
	steps := regexp.MustCompile("(?m)^\\d\\. `nestfunk ([^`]+)`").FindAllStringSubmatch(part, -1)
	if len(steps) != 3 {
		t.Fatalf("the handbook has the steps %q", steps)
	}
	follow := func(into string) (code []int, said []string) {
		for _, step := range steps {
			args := strings.Fields(strings.NewReplacer("/mnt/sicherung", to, "./neu", into).Replace(step[1]))
			if args[0] == "serve" {
				s := serve(t, append(args, "--listen", "127.0.0.1:0")...)
				status, _ := s.get("/gesund")
				code, said = append(code, s.stop()), append(said, fmt.Sprint(status))
				continue
			}
			c := program(t, args...)
			c.Stdin = strings.NewReader(typed.String() + "\n")
			b, _ := c.CombinedOutput()
			code, said = append(code, c.ProcessState.ExitCode()), append(said, string(b))
		}
		return code, said
	}

	into := filepath.Join(t.TempDir(), "neu")
	if code, said := follow(into); !slices.Equal(code, []int{0, 0, 0}) || !strings.Contains(said[1], "Dateien: 2.") || strings.Contains(said[1], "eschädigt") || said[2] != "200" {
		t.Fatalf("%v %q", code, said)
	}
	if got := units(t, into); got != want {
		t.Errorf("%d units came back of %d", got, want)
	}

	blobs, err := filepath.Glob(filepath.Join(to, "blobs", "*", "*"))
	if err != nil || len(blobs) != 3 {
		t.Fatal(blobs, err)
	}
	least := slices.MinFunc(blobs, func(a, b string) int { return len(content(t, a)) - len(content(t, b)) }) // „Linsen“
	if err := os.Truncate(least, 100); err != nil {
		t.Fatal(err)
	}
	into = filepath.Join(t.TempDir(), "neu")
	code, said := follow(into)
	if !slices.Equal(code, []int{0, 1, 0}) || !strings.Contains(said[1], "Dateien: 1.") || !strings.Contains(said[1], "Beschädigt: „Speiseplan März.pdf“ vom 02.03.2026") ||
		strings.Contains(said[1], "Aushang") || !strings.Contains(said[1], "beschädigt sind und fehlen: 1.") || said[2] != "200" {
		t.Errorf("%v %q", code, said)
	}
	if got := units(t, into); got != want {
		t.Errorf("%d units came back of %d", got, want)
	}
}

// Somebody is deleted after a backup. Whoever brings that backup back doesn't bring them back.
func TestRestoreForgets(t *testing.T) {
	const canary = "Kanarienvogelsang"
	data, to := imported(t), filepath.Join(t.TempDir(), "sicherung")
	keep := func() {
		t.Helper()
		if code, out, errs := nestfunk(t, "backup", "--data", data, "--to", to); code != 0 {
			t.Fatalf("%d %s %s", code, out, errs)
		}
	}
	change := func(query string, args ...any) {
		t.Helper()
		inDatabase(t, filepath.Join(data, "nestfunk.db"), func(db *store.DB) error {
			return db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(query, args...)
				return err
			})
		})
	}
	change(`INSERT INTO person (uid, given, family) VALUES ('gone', 'Olivia', ?), ('here', 'Paul', 'Bleibtreu')`, canary)
	keep()
	_, first, _ := nestfunk(t, "restore", "--from", to, "--data", t.TempDir(), "--list")
	at, _, _ := strings.Cut(first, " ")
	change(`DELETE FROM person WHERE uid = 'gone'`)
	change(`INSERT INTO privacy_deletion (kind, uid, at) VALUES ('person', 'gone', ?)`, time.Now().Unix())
	waitFor(t, "the next second", func() bool { return time.Now().UTC().Truncate(time.Second).Format(time.RFC3339) > at })
	keep()

	again := filepath.Join(t.TempDir(), "neu")
	code, out, errs := nestfunk(t, "restore", "--from", to, "--data", again, "--at", at)
	if code != 0 || !strings.Contains(out, "ist wieder gelöscht: 1.") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	found := 0
	err := filepath.WalkDir(again, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.Contains(content(t, path), canary) {
			t.Errorf("%s knows who was deleted", path)
		}
		if strings.Contains(content(t, path), "Bleibtreu") {
			found++
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d files know who was not deleted: %v", found, err)
	}
}

// A backup that kill -9 ends at any moment leaves the ones before it, and whatever counts comes back.
func TestKillBackup(t *testing.T) {
	t.Parallel()
	data, to := imported(t), filepath.Join(t.TempDir(), "sicherung")
	want := units(t, data)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	trials := max(20, kills(20, 20))
	for range trials {
		c := program(t, "backup", "--data", data, "--to", to)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(chance.IntN(250)) * time.Millisecond) // the moment is what is tried
		_ = c.Process.Kill()                                           // it may have ended
		if err := c.Wait(); err != nil {
			killed++
		}
	}
	if code, out, errs := nestfunk(t, "backup", "--data", data, "--to", to); code != 0 {
		t.Fatalf("after all that: %d %s %s", code, out, errs)
	}
	target, err := backup.Open(t.Context(), to, backup.Secret{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := backup.Snapshots(target)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, at := range all {
		into := t.TempDir()
		if _, err := backup.Restore(t.Context(), target, at, nil, into, "nestfunk.db"); err != nil {
			t.Errorf("%v: %v", at, err)
			continue
		}
		if got := units(t, into); got != want {
			t.Errorf("%v: %d units of %d", at, got, want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(data, "scratch", "*")); err != nil || len(left) > 0 {
		t.Errorf("copies are left in the data folder: %v, %v", left, err)
	}
	if !t.Failed() {
		apptest.Figure(t, "kill-backup", fmt.Sprintf("%d von %d Läufen abgebrochen, alle %d Stände, die zählen, kommen zurück", killed, trials, len(all)))
	}
	t.Logf("%d of %d were killed, %d snapshots count", killed, trials, len(all))
	if killed == 0 {
		t.Error("none was killed in the middle")
	}
	if !slices.IsSortedFunc(all, func(a, b time.Time) int { return b.Compare(a) }) {
		t.Error("the newest is not the first")
	}
}
