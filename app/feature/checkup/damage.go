package checkup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// damageFile keeps what was found of damage, a line for each, until somebody has seen to it: beside the database, which is
// what is damaged.
const damageFile = "schaden.txt"

// Damage is what was found wrong with the database of a folder and nobody has seen to yet, in German; empty: nothing.
func Damage(folder string) []string {
	b, err := os.ReadFile(filepath.Join(folder, damageFile))
	if err != nil {
		return nil // there is none
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

// scanned says what a scan has found; "": nothing.
func scanned(s store.Scan) string {
	if s.Good() {
		return ""
	}
	words := fmt.Sprintf("Die Datei der Datenbank ist nicht mehr so, wie sie geschrieben wurde: %d von %d Seiten.", len(s.Wrong)+s.Short, s.Pages)
	if len(s.Tables) > 0 {
		words += " Betroffen sind: " + strings.Join(s.Tables, ", ") + "."
	}
	return words
}

// night looks at all that needs nobody else, and compares all pages of the database with what was written.
func (f *feature) night(ctx context.Context) error {
	r, s, err := look(ctx, f.House, f.wires, true)
	if err != nil && s.Good() {
		return err
	}
	f.note(r)
	return f.found(ctx, append(f.DB.Damaged(), scanned(s)))
}

// begin notes what was found as the database was opened.
func (f *feature) begin(ctx context.Context) error { return f.found(ctx, f.DB.Damaged()) }

// found notes damage, and writes to the operators about what is new.
func (f *feature) found(ctx context.Context, words []string) error {
	known := Damage(f.wires.Folder)
	var fresh []string
	day := house.Local(f.Now()).Format("02.01.2006, 15:04 Uhr: ")
	for _, w := range words {
		if w != "" && !strings.Contains(strings.Join(known, "\n"), w) {
			fresh = append(fresh, day+w)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := os.WriteFile(filepath.Join(f.wires.Folder, damageFile), []byte(strings.Join(append(known, fresh...), "\n")+"\n"), 0o600); err != nil {
		return err
	}
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		if err := f.wires.Log(tx, f.Now(), 0, "database.damaged", 0); err != nil {
			return err
		}
		return f.wires.Warn(tx, "Die Datenbank ist beschädigt.\n\n"+strings.Join(fresh, "\n")+"\n\nWas zu tun ist, steht unter Betrieb, Prüfung. Neue Sicherungen werden bis dahin nicht gemacht, damit die alten bleiben.")
	})
}

// wayBack is the command that brings the last backup into a new folder; "": there is no target.
func (f *feature) wayBack(tx *store.Tx) (string, error) {
	target, err := f.Settings.Get(tx, settings.BackupTarget)
	if err != nil || target == "" {
		return "", err
	}
	return "nestfunk restore --from " + target + " --data ./neu", nil
}

// mended forgets the damage: the house was restored, or somebody knows better.
func (f *feature) mended(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := f.may(r.Context(), v); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(f.wires.Folder, damageFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.wires.Log(tx, f.Now(), v.ID, "database.mended", 0) })
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/pruefung", "Die Meldung ist weg. In der nächsten Nacht wird wieder verglichen.")
}
