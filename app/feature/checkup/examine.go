package checkup

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/disk"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/search"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
)

const (
	diskBroken = 256 << 20 // bytes; below it, a day with many photos stops the house
	diskHint   = 2 << 30
	clockSlack = 5 * time.Minute      // a clock that is set again
	clockLeap  = 400 * 24 * time.Hour // a house that nobody has used for longer is rare
	overdue    = time.Hour            // a task that was due and was not tried
	behindMost = 1000                 // changes that the index has not read
)

// Examine looks at everything. It calls at the servers of mail, SMS and push and at the house's own address, and sends
// nothing. Serving: this process serves the house, so its index and its tasks are at work.
func Examine(ctx context.Context, h *house.House, w Wires, serving bool) (Report, error) {
	r, scan, err := look(ctx, h, w, serving)
	if err != nil && !scan.Good() {
		return r, nil // the rest cannot be told
	}
	if err != nil {
		return r, err
	}
	address(ctx, &r, h.Base, nil, h.Now())
	if err := channels(ctx, &r, h); err != nil {
		return r, err
	}
	r.judge()
	return r, nil
}

// judge sums up.
func (r *Report) judge() {
	r.Good = !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.State == Broken })
}

// look is Examine without calling at anybody, and what was found in the file of the database.
func look(ctx context.Context, h *house.House, w Wires, serving bool) (Report, store.Scan, error) {
	r := Report{At: h.Now()}
	room(&r, w.Folder, h.Disk)
	rights(&r, w.Folder, serving)
	scan, err := h.DB.Scan(ctx)
	if err != nil {
		return r, scan, err
	}
	if known := append(Damage(w.Folder), scanned(scan)); strings.Join(known, "") != "" {
		r.add("damage", "Datei der Datenbank", Broken, "%s Was zu tun ist, steht unter Betrieb, Prüfung.", strings.Join(known, " "))
	} else if scan.Pages > 0 {
		r.add("damage", "Datei der Datenbank", Fine, "Alle %d Seiten sind so, wie sie geschrieben wurden.", scan.Pages)
	}
	var drift *search.Drift // nil: not compared
	if serving {
		switch d, err := h.Search.Compare(ctx); {
		case err == nil:
			drift = &d
		case !errors.Is(err, search.ErrNone):
			slog.Error("the search index cannot be compared", "err", err) // it is made anew, and a database says so below
		}
	}
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		if err := database(&r, tx); err != nil {
			return err
		}
		if err := index(&r, tx, h, drift, serving); err != nil {
			return err
		}
		return glance(&r, tx, h, w, serving)
	})
	return r, scan, err
}

// glance is what can be told at any time without reading much.
func glance(r *Report, tx *store.Tx, h *house.House, w Wires, serving bool) error {
	if err := clockOf(r, tx, h); err != nil {
		return err
	}
	if err := tasks(r, tx, h.Now(), serving); err != nil {
		return err
	}
	if err := secrets(r, tx, w); err != nil {
		return err
	}
	return backup(r, tx, w)
}

func room(r *Report, folder string, d *disk.Disk) {
	free, total, ok := disk.Space(folder)
	state, _ := d.State()
	switch mb := free >> 20; {
	case state == disk.Full:
		r.add("disk", "Speicherplatz", Broken, "Er ist voll. Lesen, Anmelden, Abmelden und Löschen gehen weiter, anderes wird nicht gespeichert. Bitte machen Sie Platz; dann geht alles von selbst weiter.")
	case state == disk.Stuck:
		r.add("disk", "Speicherplatz", Broken, "Die Platte nimmt nichts an: schreibgeschützt oder defekt. Bitte sehen Sie mit dmesg nach.")
	case !ok:
		r.add("disk", "Speicherplatz", Hint, "Er lässt sich auf diesem System nicht messen.")
	case free < diskBroken:
		r.add("disk", "Speicherplatz", Broken, "Nur noch %d MB frei. Bitte machen Sie Platz: Bald kann niemand mehr etwas schreiben.", mb)
	case free < diskHint && free < total/5:
		r.add("disk", "Speicherplatz", Hint, "Noch %d MB frei. Bitte machen Sie bald Platz.", mb)
	default:
		r.add("disk", "Speicherplatz", Fine, "%d MB frei.", mb)
	}
}

// rights looks whether others on this machine can read what they must not.
func rights(r *Report, folder string, serving bool) {
	if runtime.GOOS == "windows" {
		r.add("rights", "Zugriffsrechte", Hint, "Sie werden auf diesem System nicht geprüft.")
		return
	}
	names := []string{".", "secret.key"}
	if serving {
		names = append(names, "control.sock")
	}
	for _, name := range names {
		file := filepath.Join(folder, name)
		info, err := os.Stat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			r.add("rights", "Zugriffsrechte", Broken, "%s fehlt. Bitte starten Sie das Haus neu.", file)
			return
		case err != nil:
			r.add("rights", "Zugriffsrechte", Broken, "%s lässt sich nicht ansehen. Bitte prüfen Sie, wem der Ordner gehört.", file)
			return
		case info.Mode().Perm()&0o077 != 0:
			r.add("rights", "Zugriffsrechte", Broken, "Andere auf diesem Rechner kommen an %s heran. Bitte: chmod go= %s", file, file)
			return
		}
	}
	r.add("rights", "Zugriffsrechte", Fine, "Nur der Benutzer des Hauses kommt an seine Daten.")
}

// clockOf compares with the last time that the house has noted.
func clockOf(r *Report, tx *store.Tx, h *house.House) error {
	now := h.Now()
	if words, err := h.Clock.State(tx); err != nil || words != "" {
		r.add("clock", "Uhr", Broken, "%s", words)
		return err
	}
	var last time.Time
	last, err := store.One(tx, func(t *time.Time) []any { return []any{(*store.Time)(t)} }, `
		SELECT max((SELECT coalesce(max(at), 0) FROM audit), (SELECT coalesce(max(created), 0) FROM session), (SELECT coalesce(max(began), 0) FROM backup_run))`)
	if err != nil {
		return err
	}
	at := house.Local(last).Format("02.01.2006, 15:04 Uhr")
	switch {
	case last.Unix() <= 0:
		r.add("clock", "Uhr", Fine, "Das Haus hat noch keine Zeit, mit der man vergleichen könnte.")
	case now.Before(last.Add(-clockSlack)):
		r.add("clock", "Uhr", Broken, "Sie geht nach: Zuletzt war es im Haus schon %s. Bitte stellen Sie sie (timedatectl set-ntp true).", at)
	case now.After(last.Add(clockLeap)):
		r.add("clock", "Uhr", Hint, "Zuletzt war im Haus jemand am %s. Bitte sehen Sie nach, ob das Datum stimmt.", at)
	default:
		r.add("clock", "Uhr", Fine, "Sie passt zur letzten Zeit im Haus.")
	}
	return nil
}

func database(r *Report, tx *store.Tx) error {
	found, err := store.All(tx, store.Value[string], `PRAGMA quick_check(10)`)
	if err != nil {
		r.add("database", "Datenbank", Broken, "Sie lässt sich nicht ganz lesen. Bitte halten Sie das Haus an und holen Sie die letzte Sicherung zurück.")
		return nil
	}
	orphans, err := store.One(tx, store.Value[int], `SELECT count(*) FROM pragma_foreign_key_check()`)
	if err != nil {
		return err
	}
	size, err := bytes(tx)
	switch {
	case err != nil:
		return err
	case len(found) != 1 || found[0] != "ok":
		r.add("database", "Datenbank", Broken, "Sie ist beschädigt (Stellen: %d). Bitte halten Sie das Haus an und holen Sie die letzte Sicherung zurück.", len(found))
	case orphans > 0:
		r.add("database", "Datenbank", Broken, "Zeilen verweisen auf nichts: %d. Bitte melden Sie das mit nestfunk support.", orphans)
	default:
		r.add("database", "Datenbank", Fine, "Sie ist in Ordnung und hat %d MB.", (size+1<<20-1)>>20)
	}
	return nil
}

func bytes(tx *store.Tx) (int64, error) {
	return store.One(tx, store.Value[int64], `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`)
}

func index(r *Report, tx *store.Tx, h *house.House, drift *search.Drift, serving bool) error {
	behind, works, err := h.Search.State(tx)
	switch {
	case err != nil:
		return err
	case !serving:
		r.add("index", "Suche", Fine, "Das Haus läuft gerade nicht; der Index wird beim Start geprüft und sonst neu gemacht.")
	case drift != nil && !drift.None():
		r.add("index", "Suche", Hint, "Der Index passt nicht zur Datenbank: %d Einträge fehlen, %d sind zu viel. Das Haus macht ihn jetzt neu. Bitte melden Sie das mit nestfunk support.", len(drift.Missing), len(drift.Extra))
	case !works:
		r.add("index", "Suche", Hint, "Es gibt gerade keinen Index. Das Haus macht ihn von selbst neu; bis dahin wird weniger gefunden.")
	case behind > behindMost:
		r.add("index", "Suche", Hint, "Der Index hinkt um %d Änderungen nach. Er holt von selbst auf.", behind)
	case drift == nil:
		r.add("index", "Suche", Fine, "Der Index ist auf dem Stand. Mit der Datenbank verglichen wurde er gerade nicht.")
	default:
		r.add("index", "Suche", Fine, "Der Index hat alles, was in der Datenbank steht, und nichts sonst.")
	}
	return nil
}

// owed are numbers of tasks.
type owed struct{ Waiting, Failing, Overdue int }

func (o *owed) fields() []any { return []any{&o.Waiting, &o.Failing, &o.Overdue} }

func owes(tx *store.Tx, now time.Time) (owed, error) {
	return store.One(tx, (*owed).fields, `
		SELECT count(*), coalesce(sum(tries > 0), 0), coalesce(sum(tries = 0 AND due < ?), 0) FROM task`, now.Add(-overdue).Unix())
}

func tasks(r *Report, tx *store.Tx, now time.Time, serving bool) error {
	o, err := owes(tx, now)
	switch {
	case err != nil:
		return err
	case o.Failing > 0:
		r.add("tasks", "Aufgaben", Hint, "%d warten, davon mit Fehlern: %d. Die Gründe stehen auf der Seite Betrieb.", o.Waiting, o.Failing)
	case o.Overdue > 0 && serving:
		r.add("tasks", "Aufgaben", Hint, "%d hätten seit einer Stunde laufen sollen. Vielleicht ist der Rechner überlastet.", o.Overdue)
	default:
		r.add("tasks", "Aufgaben", Fine, "%d warten, keine mit Fehlern.", o.Waiting)
	}
	return nil
}

func secrets(r *Report, tx *store.Tx, w Wires) error {
	if w.Lost == nil {
		return nil
	}
	lost, err := w.Lost(tx)
	switch {
	case err != nil:
		return err
	case len(lost.Names) > 0:
		r.add("secrets", "Geheimnisse", Broken, "secret.key öffnet nicht: %s. Bitte geben Sie das auf den Seiten unter Betrieb neu ein.", strings.Join(lost.Names, ", "))
	case lost.People > 0:
		r.add("secrets", "Geheimnisse", Hint, "secret.key ist eine andere als früher: Codes aus einer App gelten nicht mehr, von so vielen Menschen: %d. Was sie tun, steht im Handbuch unter „Ein Haus wiederherstellen“.", lost.People)
	default:
		r.add("secrets", "Geheimnisse", Fine, "Alle lassen sich öffnen.")
	}
	return nil
}

func backup(r *Report, tx *store.Tx, w Wires) error {
	if w.Backup == nil {
		return nil
	}
	b, err := w.Backup(tx)
	if err != nil {
		return err
	}
	state := Fine
	if !b.Good {
		state = Hint
	}
	r.add("backup", "Sicherung", state, "%s", b.Words)
	return nil
}

// A checker can tell whether it would reach its server, without sending anything.
type checker interface {
	Check(ctx context.Context) error
}

func channels(ctx context.Context, r *Report, h *house.House) error {
	var pushed []string
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) { pushed, err = push.Hosts(tx); return err }); err != nil {
		return err
	}
	const answers = "Antwortet."
	devices := answers
	if len(pushed) == 0 {
		devices = "Noch hat kein Gerät Mitteilungen bestellt; es gibt niemanden zu fragen."
	}
	for _, c := range []struct {
		name, title string
		set         bool
		unset       string
		checker     any
		words       func(error) string
		good        string
	}{
		{"mail", "Mail", h.Mail.Configured(ctx), "Es ist kein Mailserver eingerichtet. Mitteilungen erreichen nur, wer die App öffnet.", h.Mail, mail.Words, answers},
		{"push", "Push", true, "", h.Push, push.Words, devices},
		{"sms", "SMS", h.SMS.Configured(ctx), "", h.SMS, sms.Words, answers},
	} {
		check, ok := c.checker.(checker)
		switch {
		case !c.set && c.unset != "":
			r.add(c.name, c.title, Hint, "%s", c.unset)
		case !c.set:
			r.add(c.name, c.title, Fine, "Nicht eingerichtet.")
		case !ok:
			r.add(c.name, c.title, Fine, "In einer Vorführung geht nichts hinaus.")
		default:
			err := check.Check(ctx)
			if err == nil {
				r.add(c.name, c.title, Fine, "%s", c.good)
				continue
			}
			words := c.words(err)
			if words == "" {
				return err
			}
			r.add(c.name, c.title, Broken, "%s", words)
		}
	}
	return nil
}
