package checkup_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/checkup"
)

// One bit of the database has turned over. The night finds it, the operators are written to once, the page says how to come
// back, and nobody takes it for mended before somebody says so.
func TestDamage(t *testing.T) {
	h, w := apptest.New(t), wires(folder(t))
	var warned, logged []string
	w.Warn = func(_ *store.Tx, words string) error { warned = append(warned, words); return nil }
	w.Log = func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
		logged = append(logged, action)
		return nil
	}
	f := checkup.New(h.House, w)
	site := h.Serve(t, f)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		return h.Settings.Set(tx, settings.BackupTarget, "/mnt/sicherung")
	}); err != nil {
		t.Fatal(err)
	}
	night := func() {
		t.Helper()
		h.Clock.Add(24 * time.Hour)
		h.Work(t)
	}
	if night(); len(warned) > 0 || len(checkup.Damage(w.Folder)) > 0 {
		t.Fatalf("damage in a house that is whole: %q", warned)
	}
	var file string
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		file, err = store.One(tx, store.Value[string], `SELECT file FROM pragma_database_list WHERE name = 'main'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	turn(t, file, 100*4096+1234)
	for range 2 {
		night()
	}
	if len(warned) != 1 || !strings.Contains(warned[0], " Seiten.") || len(checkup.Damage(w.Folder)) != 1 {
		t.Errorf("warned %q, damage %q", warned, checkup.Damage(w.Folder))
	}
	a := site.Get(apptest.Arno, "/betrieb/pruefung")
	if !a.Has("Die Datenbank ist beschädigt") || !a.Has("nestfunk restore --from /mnt/sicherung --data ./neu") {
		t.Error(a.Body)
	}
	r, err := checkup.Examine(t.Context(), h.House, w, true)
	if err != nil || r.Good || !strings.Contains(r.Text(), "Fehler   Datei der Datenbank") {
		t.Errorf("the doctor: %v\n%s", err, r.Text())
	}
	turn(t, file, 100*4096+1234) // mended
	if a := site.Post(apptest.Max, "/betrieb/pruefung/erledigt"); a.Code != 403 {
		t.Errorf("who does not run the house: %d", a.Code)
	}
	if a := site.Post(apptest.Arno, "/betrieb/pruefung/erledigt"); a.Code != 303 {
		t.Error(a.Code, a.Body)
	}
	if night(); len(warned) != 1 || len(checkup.Damage(w.Folder)) > 0 {
		t.Errorf("after it was mended: %q", warned)
	}
	if strings.Join(logged, " ") != "database.damaged database.mended" {
		t.Errorf("the record has %q", logged)
	}
}

// turn turns one bit of a file over.
func turn(t *testing.T, file string, at int64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 4
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
