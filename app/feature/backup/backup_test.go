package backup_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	kept "nestfunk/app/base/backup"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/backup"

	"golang.org/x/crypto/ssh"
)

// A town is a house with this feature, and what it writes and warns.
type town struct {
	*apptest.Site
	h     *apptest.House
	t     *testing.T
	log   []string
	warns []string
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{h: apptest.New(t), t: t}
	f, _ := backup.New(w.h.House, backup.Wires{
		Log: func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
			w.log = append(w.log, action)
			return nil
		},
		Warn: func(_ *store.Tx, words string) error {
			w.warns = append(w.warns, words)
			return nil
		},
	})
	w.Site = w.h.Serve(t, f)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

const page = "/betrieb/sicherung"

// key has the operator make a key, and reads its words from the page.
func (w *town) key(holder string) kept.Key {
	w.t.Helper()
	a := w.Post(apptest.Arno, page+"/schluessel", "holder", holder)
	var words []string
	for _, m := range regexp.MustCompile(`<li>([a-zäöüß]+)</li>`).FindAllStringSubmatch(a.Body, -1) {
		words = append(words, m[1])
	}
	k, err := kept.ParseKey(strings.Join(words, " "))
	if err != nil || a.Code != 200 {
		w.t.Fatalf("%d %v %q", a.Code, err, words)
	}
	return k
}

// An operator sets the backup up, two people keep the words, and what comes back is the house.
func TestSetUp(t *testing.T) {
	w := newTown(t)
	if a := w.Get(apptest.Arno, page); !a.Has("nicht eingerichtet") || !a.Has("ist alles weg") {
		t.Error(a.Body)
	}
	one, two := w.key("Tresor im Büro"), w.key("Frau Berg")
	to := filepath.Join(t.TempDir(), "sicherung")
	if a := w.Post(apptest.Arno, page, "target", to, "every", "6"); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	w.h.Work(t)
	a := w.Get(apptest.Arno, page)
	if !a.Has("in Ordnung") || !a.Has("gelungen") || a.Has("nicht verschlüsselt") || !a.Has("Tresor im Büro") {
		t.Error(a.Body)
	}
	for _, word := range one.Words()[:1] {
		if a.Has("<li>" + word + "</li>") {
			t.Error("the words are shown again")
		}
	}
	target, err := kept.Open(t.Context(), to, kept.Secret{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []kept.Key{one, two} {
		r, err := kept.Restore(t.Context(), target, time.Time{}, []kept.Key{k}, t.TempDir(), "x.db")
		if err != nil || r.Database.Size == 0 {
			t.Error(err)
		}
	}
	w.h.Clock.Add(6 * time.Hour)
	w.h.Work(t)
	if all, err := kept.Snapshots(target); err != nil || len(all) != 2 {
		t.Errorf("six hours later: %v, %v", all, err)
	}
	if want := "backup.key backup.key backup.changed"; strings.Join(w.log, " ") != want {
		t.Errorf("the record: %q", w.log)
	}
}

// A run that has not ended is no snapshot, whether it goes on or was killed.
func TestRunning(t *testing.T) {
	w := newTown(t)
	running := w.h.Now().Unix()
	err := w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO backup_run (began, target, failure, database, files, sent, open) VALUES (?, '/mnt', '', 0, 0, 0, 0)`, running)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.Get(apptest.Arno, page); !a.Has("Eine Sicherung läuft gerade.") || !a.Has("<td>läuft</td>") || a.Has("gelungen") {
		t.Error(a.Body)
	}
}

// Where backups went before, nobody thins them out: the page says so until somebody has deleted them, and says it louder when
// they are too old. Who goes back to that target has it thinned out again.
func TestFormerTarget(t *testing.T) {
	w := newTown(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "alt"), filepath.Join(dir, "neu")
	to := func(target string) {
		t.Helper()
		if a := w.Post(apptest.Arno, page, "target", target, "every", "24"); a.Code != 303 {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
		w.h.Work(t)
	}
	to(first)
	if a := w.Get(apptest.Arno, page); a.Has("Frühere Ziele") {
		t.Error("the only target is a former one")
	}
	w.h.Clock.Add(time.Hour)
	to(second)
	if a := w.Get(apptest.Arno, page); !a.Has("Frühere Ziele") || !a.Has(first+"</span>") || !a.Has("löschen bis") || !a.Has("6. April") || a.Has("älter sind als erlaubt") {
		t.Errorf("after the move: %s", a.Body)
	}
	if a := w.Post(apptest.Arno, page+"/frueher", "target", second); a.Code != 404 {
		t.Errorf("the target of today is empty: %d", a.Code)
	}
	w.h.Clock.Add(36 * 24 * time.Hour)
	if a := w.Get(apptest.Arno, page); !a.Has("löschen seit") || !a.Has("Am früheren Ziel "+first+" liegen Sicherungen, die älter sind als erlaubt.") {
		t.Errorf("five weeks later: %s", a.Body)
	}
	if a := w.Post(apptest.Arno, page+"/frueher", "target", first); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if a := w.Get(apptest.Arno, page); a.Has("Frühere Ziele") || a.Has("älter sind") || !strings.HasSuffix(strings.Join(w.log, " "), "backup.emptied") {
		t.Errorf("deleted: %s %q", a.Body, w.log)
	}
	w.h.Clock.Add(time.Hour)
	to(first)
	if a := w.Get(apptest.Arno, page); !a.Has(second+"</span>") || a.Has(first+"</span>") {
		t.Errorf("back again: %s", a.Body)
	}
}

// A backup that fails is tried again, and somebody is written to when it has failed for too long.
func TestLate(t *testing.T) {
	w := newTown(t)
	to := filepath.Join(t.TempDir(), "sicherung")
	w.Post(apptest.Arno, page, "target", to, "every", "24")
	w.h.Work(t)
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, []byte("where the folder was"), 0o600); err != nil { // as if the disk were not mounted
		t.Fatal(err)
	}
	for range 24 {
		w.h.Clock.Add(time.Hour)
		w.h.Work(t)
	}
	if len(w.warns) != 0 {
		t.Errorf("too early: %q", w.warns)
	}
	for range 24 {
		w.h.Clock.Add(time.Hour)
		w.h.Work(t)
	}
	a := w.Get(apptest.Arno, page)
	if len(w.warns) != 1 || !strings.Contains(w.warns[0], "überfällig") || !a.Has("überfällig") || !a.Has("kann nicht angelegt werden") {
		t.Errorf("%q\n%s", w.warns, a.Body)
	}
	if err := os.Remove(to); err != nil {
		t.Fatal(err)
	}
	w.h.Clock.Add(time.Hour)
	w.h.Work(t)
	if a := w.Get(apptest.Arno, page); !a.Has("in Ordnung") || a.Has("überfällig") {
		t.Error(a.Body)
	}
}

// Nobody else sees or changes anything, and what is wrong is said where it is.
func TestWrong(t *testing.T) {
	w := newTown(t)
	for _, p := range []int64{apptest.Max, apptest.Hanna, apptest.Olga, apptest.Ada, apptest.Auditor, apptest.Former} {
		if a := w.Get(p, page); a.Code != 403 {
			t.Errorf("person %d: %d", p, a.Code)
		}
		if a := w.Post(p, page+"/schluessel", "holder", "ich"); a.Code != 403 {
			t.Errorf("person %d makes a key: %d", p, a.Code)
		}
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
	if a := w.Post(apptest.Arno, page, "target", "sftp://haus@127.0.0.1:1/x", "host", host, "every", "24", "password", "g3h31m"); a.Code != 422 || !a.Has("zuerst einen Sicherungsschlüssel") || a.Has("g3h31m") {
		t.Errorf("an open backup leaves the machine: %d %s", a.Code, a.Body)
	}
	w.key("Tresor")
	for _, c := range []struct{ name, target, host, every, words string }{
		{"no such server", "sftp://haus@127.0.0.1:1/x", host, "24", "Dort kann nicht geschrieben werden"},
		{"any server", "sftp://haus@127.0.0.1:1/x", "", "24", "öffentlichen Schlüssel des SFTP-Servers"},
		{"half a path", "sicherung", "", "24", "ganzen Pfad"},
		{"no folder", "/proc/sicherung", "", "24", "kann nicht angelegt werden"},
		{"another way", "https://x/y", "", "24", "nicht mit https://"},
		{"never", "/tmp/x", "", "7", "wie oft"},
		{"a password in the address", "sftp://haus:geheim@x/y", host, "24", "gehört nicht in die Adresse"},
	} {
		a := w.Post(apptest.Arno, page, "target", c.target, "host", c.host, "every", c.every)
		if a.Code != 422 || !a.Has(c.words) {
			t.Errorf("%s: %d %s", c.name, a.Code, a.Body)
		}
	}
	if a := w.Post(apptest.Arno, page+"/schluessel", "holder", " "); a.Code != 422 || !a.Has("wer das Blatt aufbewahrt") {
		t.Errorf("%d", a.Code)
	}
	if a := w.Post(apptest.Arno, page+"/jetzt"); a.Code != 409 {
		t.Errorf("nowhere to back up to: %d", a.Code)
	}
	if a := w.Post(apptest.Arno, page+"/schluessel/entfernen", "key", "99"); a.Code != 404 {
		t.Errorf("no such key: %d", a.Code)
	}
}

// Who sat down at somebody's open screen sets up nothing.
func TestProof(t *testing.T) {
	w := newTown(t)
	in := httptest.NewRecorder()
	if err := w.h.Sessions.SignIn(in, httptest.NewRequest("POST", apptest.Base+"/", nil), apptest.Arno); err != nil {
		t.Fatal(err)
	}
	w.Cookies[apptest.Nobody] = in.Result().Cookies()
	w.h.Clock.Add(who.ProofLife + time.Second)
	if a := w.Get(apptest.Nobody, page); a.Code != 200 || a.Has(`name="holder"`) || a.Has(`name="target"`) || !a.Has("/konto/nachweis?weiter=") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	for path, fields := range map[string][]string{page: {"target", "/tmp/x", "every", "24"}, page + "/schluessel": {"holder", "ich"}} {
		if a := w.Post(apptest.Nobody, path, fields...); a.Code != 403 {
			t.Errorf("%s: %d %s", path, a.Code, a.To)
		}
	}
	if len(w.log) > 0 {
		t.Errorf("%q", w.log)
	}
}

// In a backup is the whole house: who runs a part of it does not set it up.
func TestOperatorOfAPart(t *testing.T) {
	w := newTown(t)
	w.key("Tresor im Büro")
	if err := w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since, until) VALUES (?, ?, ?, 'confirmed', 0, 9223372036854775807)`, apptest.Max, apptest.CarrierA, who.Admin)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for path, fields := range map[string][]string{"": {"target", t.TempDir(), "every", "6"}, "/jetzt": nil, "/schluessel": {"holder", "Max"}, "/schluessel/entfernen": {"key", "1"}} {
		if a := w.Post(apptest.Max, page+path, fields...); a.Code != 403 || !a.Has("Betrieb des ganzen Hauses") {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	if a := w.Get(apptest.Max, page); a.Code != 403 || a.Has("Tresor") {
		t.Errorf("the page: %d", a.Code)
	}
	if want := "backup.key"; strings.Join(w.log, " ") != want {
		t.Errorf("the record: %q", w.log)
	}
}
