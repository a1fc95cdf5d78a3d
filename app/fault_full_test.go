package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// D6: on a full disk nothing is acknowledged that is not kept, people read, come and go and delete, and once there is room
// everything goes on by itself. Opening a house on a full disk works, too.
func TestFaultFull(t *testing.T) {
	t.Parallel()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for trial := range trials(1) {
		if err := fillUp(t, bin, trial); err != nil {
			t.Error(err)
		}
	}
}

// The harness finds a house that acknowledges what does not fit.
func TestFaultPlantedFull(t *testing.T) {
	many(t)
	liar := planted(t, "app/base/store/write.go", "\t\t\t\t\tj.err = err\n", "\t\t\t\t\tj.err = nil\n")
	if err := fillUp(t, liar, 0); err == nil {
		t.Error("a house that acknowledges what does not fit is not found")
	}
}

// fillUp fills the disk of a house that is used, and returns what was acknowledged and is not there.
func fillUp(t *testing.T, bin string, trial int) error {
	t.Helper()
	at := mount(t, "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", 40+trial%25), "tmpfs")
	dir := filepath.Join(at, "haus")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file, size := settled(t, dir), apptest.Small
	s := begin(t, exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
	waitFor(t, "the reserve", func() bool { return !empty(filepath.Join(dir, "reserve")) })
	if code, body := form(t, s, size.Clerk(), "/mitteilungen/vorlagen", "name", "Alte Vorlage", "unit", "1", "kind", "news", "title", "Titel", "body", "Text"); code != 303 {
		t.Fatalf("a template: %d %.3000s", code, body)
	}
	var all logbook
	wrong := all.note(load(s, trial, true, func() {
		time.Sleep(100 * time.Millisecond)
		fill(t, filepath.Join(at, "filler"), 64<<10)
		within(10*time.Second, func() bool {
			_, body := ask(t, s, 0, "GET", "/gesund", "", nil)
			return strings.Contains(body, "voll")
		})
	}))
	if wrong == nil {
		usable(t, s, dir)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ends with %d: %s", code, s.errs)
	}
	if err := errors.Join(wrong, all.look(t, file)); err != nil {
		return err
	}

	s = begin(t, exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0"))
	if _, body := ask(t, s, 0, "GET", "/gesund", "", nil); !strings.Contains(body, "voll") {
		t.Errorf("opened on a full disk it says %q", body)
	}
	if err := os.Remove(filepath.Join(at, "filler")); err != nil {
		t.Fatal(err)
	}
	room := time.Now()
	waitFor(t, "writing again", func() bool {
		code, _ := form(t, s, size.Parent(3), fmt.Sprintf("/mitteilung/%d/bestaetigen", size.Told()))
		return code == 303
	})
	again := time.Since(room)
	wrong = all.note(use(s, 1000+trial, func() {
		time.Sleep(200 * time.Millisecond)
		if err := s.cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = s.cmd.Wait() // it was killed
	}))
	inDatabase(t, file, func(db *store.DB) error {
		if n := lines(t, db, `SELECT count(*) FROM announcement_template WHERE id = 1`); n != 0 {
			t.Error("what was deleted on a full disk is there again")
		}
		return nil
	})
	t.Logf("acknowledged %d, refused %d; writes again %s after there is room", all.kept(), all.refused, again.Round(time.Millisecond))
	return errors.Join(wrong, all.look(t, file))
}

// usable tries what goes on on a full disk.
func usable(t *testing.T, s *server, dir string) {
	t.Helper()
	size := apptest.Small
	code, body := form(t, s, size.Parent(3), fmt.Sprintf("/mitteilung/%d/bestaetigen", size.Told()))
	if code != 507 || !strings.Contains(body, "Der Speicher des Servers ist voll.") || !strings.Contains(body, "Zur Startseite") {
		t.Errorf("a write on a full disk: %d %.300s", code, body)
	}
	up := apptest.Upload("/mitteilungen/neu", "upload", "anhang.txt", bytes.Repeat([]byte("voll "), 20000), "unit", "1", "audience", "1", "role", "parent", "title", "Mit Anhang")
	if code, body := ask(t, s, size.Clerk(), "POST", "/mitteilungen/neu", up.Header.Get("Content-Type"), up.Body); code != 507 || !strings.Contains(body, "Zur Startseite") {
		t.Errorf("an upload on a full disk: %d %.300s", code, body)
	}
	for _, path := range []string{"/", "/mitteilungen", "/suche?q=garten", fmt.Sprintf("/mitteilung/%d", size.Told())} {
		if code, body := ask(t, s, size.Parent(4), "GET", path, "", nil); code != 200 || !strings.Contains(body, "Der Speicher des Servers ist voll.") {
			t.Errorf("%s on a full disk: %d", path, code)
		}
	}
	if code, body := s.post(s.link, nil); code != 200 || !strings.Contains(body, "Betrieb") {
		t.Errorf("sign in on a full disk: %d %.300s", code, body)
	}
	if _, body := s.get("/metrics"); !strings.Contains(body, "\nnestfunk_writable 0\n") {
		t.Error("the metrics do not say that the disk is full")
	}
	if code, out, _ := nestfunk(t, "doctor", "--data", dir); code != 1 || !strings.Contains(out, "Er ist voll.") {
		t.Errorf("the doctor says: %d %s", code, out)
	}
	if code, _ := form(t, s, size.Clerk(), "/mitteilungen/vorlagen/entfernen", "template", "1"); code != 303 {
		t.Errorf("delete on a full disk: %d", code)
	}
	for _, path := range []string{"/loeschung/1/vorlegen", "/loeschung/1/freigeben", "/konto/nachweis"} {
		if code, _ := form(t, s, size.Clerk(), path); code == 507 {
			t.Errorf("%s on a full disk: %d", path, code)
		}
	}
	if code, _ := form(t, s, size.Head(0), "/konto/abmelden"); code != 303 {
		t.Errorf("sign out on a full disk: %d", code)
	}
}

// fill takes all room but some of a disk.
func fill(t *testing.T, name string, but int) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 64<<10)
	for err == nil {
		_, err = f.Write(b)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(max(0, info.Size()-int64(but))); err != nil {
		t.Fatal(err)
	}
}

// waitFor waits until something is so that another process does.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	if !within(30*time.Second, so) {
		t.Fatalf("waited in vain for %s", what)
	}
}

// within waits until something is so, at most that long, and says whether it is.
func within(most time.Duration, so func() bool) bool {
	for begin := time.Now(); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > most {
			return false
		}
	}
	return true
}

// ask makes a request as a person of a town, 0 for nobody, and follows no redirect.
func ask(t *testing.T, s *server, person int64, method, path, kind string, body io.Reader) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if person != 0 {
		apptest.Ask(r, person)
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	return read(t, res)
}

func lines(t *testing.T, db *store.DB, count string) (n int) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], count)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// form sends a form as a person of a town; fields are name, value, name, value.
func form(t *testing.T, s *server, person int64, path string, fields ...string) (int, string) {
	t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return ask(t, s, person, "POST", path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}
