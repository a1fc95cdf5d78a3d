package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	kept "nestfunk/app/base/backup"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/feature/backup"
	"nestfunk/app/feature/checkup"
	"nestfunk/app/feature/privacy"
)

// A Backup is the order to make a snapshot by hand.
type Backup struct {
	Data string   `help:"Datenordner, sonst ${data}." default:"${data}" placeholder:"ORDNER"`
	To   string   `help:"Ziel: ein Ordner, sftp://name@server/ordner oder s3://server/behälter/ordner." required:"" placeholder:"ZIEL"`
	Key  []string `help:"Öffentlicher Sicherungsschlüssel (age1…). Ohne Angabe die des Hauses." placeholder:"SCHLÜSSEL"`
	JSON bool     `name:"json" help:"Den Bericht als JSON ausgeben."`
}

// Help says what else there is to know.
func (Backup) Help() string { return targetHelp }

const targetHelp = "Geheimnisse des Ziels stehen in der Umgebung: NESTFUNK_TARGET_KEY, NESTFUNK_TARGET_PASSWORD und NESTFUNK_TARGET_HOST (öffentlicher Schlüssel des SFTP-Servers)."

// A Restore is the order to bring a snapshot back.
type Restore struct {
	Data string `help:"Datenordner, der leer ist oder noch nicht besteht." required:"" placeholder:"ORDNER"`
	From string `help:"Wo die Sicherungen liegen." required:"" placeholder:"ZIEL"`
	At   string `help:"Welche Sicherung, zum Beispiel 2026-03-02T03:00:00Z. Ohne Angabe die neueste." placeholder:"ZEIT"`
	Key  string `help:"Datei mit den Wörtern des Sicherungsschlüssels. Ohne Angabe werden sie gefragt." placeholder:"DATEI"`
	List bool   `help:"Nur zeigen, welche Sicherungen es gibt."`
}

// Help says where the secrets of a target come from.
func (Restore) Help() string { return targetHelp }

// order is a Backup as the socket carries it.
type order struct {
	To     string
	Keys   []string
	Secret kept.Secret
}

// targetSecret is what a target needs, from the environment: on a command line others could read it.
func targetSecret() kept.Secret {
	return kept.Secret{Key: os.Getenv("NESTFUNK_TARGET_KEY"), Password: os.Getenv("NESTFUNK_TARGET_PASSWORD"), Host: os.Getenv("NESTFUNK_TARGET_HOST")}
}

// target is the address of a target seen from anywhere: another process may have another working folder.
func target(s string) (string, error) {
	if strings.Contains(s, "://") {
		return s, nil
	}
	return filepath.Abs(s)
}

// MakeBackup makes a snapshot of a house, which may be serving meanwhile.
func MakeBackup(ctx context.Context, o Options, c Backup) error {
	to, err := target(c.To)
	if err != nil {
		return err
	}
	if within(to, c.Data) {
		return fault.New(fault.Invalid, "Das Ziel %s liegt im Datenordner. Bitte geben Sie mit --to einen anderen Ordner an, besser auf einer anderen Platte.", to)
	}
	input, err := json.Marshal(order{To: to, Keys: c.Key, Secret: targetSecret()})
	if err != nil {
		return err
	}
	o.Data = c.Data
	p, err := run(ctx, o, command{name: "backup", input: input})
	if err == nil {
		err = p.err()
	}
	if err != nil {
		return err
	}
	if c.JSON {
		_, err = fmt.Fprintf(o.Out, "%s\n", p.Result)
		return err
	}
	var r kept.Report
	if err := json.Unmarshal(p.Result, &r); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	words := fmt.Sprintf("Sicherung vom %s in %s: Datenbank mit %d KB, %d Dateien, %d KB gesendet. Sie wurde zurückgeholt und verglichen.\n",
		r.At.In(web.Zone()).Format("02.01.2006, 15:04 Uhr"), to, (r.Database+1023)>>10, r.Files, (r.Sent+1023)>>10)
	if r.Open {
		words += "Achtung: Sie ist nicht verschlüsselt. Wer diesen Ordner lesen kann, liest alles. Schlüssel legen Sie unter Betrieb, Sicherung an.\n"
	}
	_, err = io.WriteString(o.Out, words)
	return err
}

// within reports whether a local target lies in a data folder, or is it.
func within(to, data string) bool {
	data, err := filepath.Abs(data)
	if err != nil || strings.Contains(to, "://") {
		return false
	}
	rel, err := filepath.Rel(data, to)
	return err == nil && filepath.IsLocal(rel)
}

// backUp carries the order out in an open house.
func (a *App) backUp(ctx context.Context, input []byte) (r kept.Report, err error) {
	var c order
	if err := json.Unmarshal(input, &c); err != nil {
		return r, fault.New(fault.Malformed, "Dieser Befehl ist hier nicht bekannt. Vielleicht ist der Server eine andere Version.")
	}
	if c.Keys == nil {
		if c.Keys, err = backup.Public(ctx, a.house); err != nil {
			return r, err
		}
	}
	return backup.Make(ctx, a.house, c.To, c.Secret, c.Keys, deletions)
}

// RestoreBackup brings a snapshot back into an empty folder, and forgets again who was forgotten since.
func RestoreBackup(ctx context.Context, o Options, c Restore, in io.Reader) error {
	var at time.Time
	if c.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return fault.New(fault.Invalid, "--at ist ein Zeitpunkt wie 2026-03-02T03:00:00Z. Mit --list sehen Sie, welche es gibt.")
		}
	}
	if _, err := os.Stat(c.From); !strings.Contains(c.From, "://") && errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "Den Ordner %s gibt es nicht.", c.From)
	}
	from, err := kept.Open(ctx, c.From, targetSecret())
	if fault.KindOf(err) == fault.Invalid && strings.Contains(c.From, "://") {
		return fault.New(fault.Invalid, "%s %s", fault.Words(err), targetHelp)
	}
	if err != nil {
		return err
	}
	defer from.Close() // it was only read
	all, err := kept.Snapshots(from)
	if err != nil {
		return fmt.Errorf("look for backups in %s: %w", c.From, err)
	}
	if len(all) == 0 {
		return kept.None()
	}
	if c.List {
		for _, at := range all {
			if _, err := fmt.Fprintf(o.Out, "%s  (%s)\n", at.Format(time.RFC3339), at.In(web.Zone()).Format("02.01.2006, 15:04 Uhr")); err != nil {
				return err
			}
		}
		return nil
	}
	full, err := whole(c.Data)
	if err != nil {
		return err
	}
	dir, err := openFolder(full)
	if errors.Is(err, errBusy) {
		return busy(full)
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	for _, name := range []string{database, "files"} {
		if _, err := os.Stat(dir.file(name)); !errors.Is(err, fs.ErrNotExist) {
			return fault.New(fault.Conflict, "Im Datenordner %s liegt schon ein Haus. Bitte geben Sie mit --data einen leeren Ordner an.", full)
		}
	}
	keys, err := asked(ctx, o, c, from, all, at, in)
	if err != nil {
		return err
	}
	if err := os.Remove(dir.file(database + "-sums")); err != nil && !errors.Is(err, fs.ErrNotExist) { // of another that lay here
		return err
	}
	r, err := kept.Restore(ctx, from, at, keys, full, database)
	bad, incomplete := errors.AsType[*kept.Incomplete](err)
	if err != nil && !incomplete {
		return err
	}
	if err := settle(ctx, o, dir, r, bad); err != nil || !incomplete {
		return err
	}
	return fault.New(fault.Conflict, "Dateien, die in der Sicherung beschädigt sind und fehlen: %d. Vielleicht liegen sie noch in einem anderen Ziel.", len(bad.Files))
}

// asked are the keys that the operator has: none where a backup is not encrypted.
func asked(ctx context.Context, o Options, c Restore, from kept.Target, all []time.Time, at time.Time, in io.Reader) ([]kept.Key, error) {
	if at.IsZero() {
		at = all[0]
	}
	if _, err := kept.Read(ctx, from, at); !errors.Is(err, kept.ErrKey) {
		return nil, err
	}
	var typed string
	if c.Key != "" {
		b, err := read(c.Key)
		if err != nil {
			return nil, err
		}
		typed = string(b)
	} else {
		if _, err := io.WriteString(o.Out, "Bitte geben Sie die Wörter des Sicherungsschlüssels ein, am Ende eine leere Zeile:\n"); err != nil {
			return nil, err
		}
		for lines := bufio.NewScanner(in); lines.Scan() && strings.TrimSpace(lines.Text()) != ""; {
			typed += lines.Text() + " "
		}
	}
	k, err := kept.ParseKey(typed)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s", keyWords(err))
	}
	return []kept.Key{k}, nil
}

// keyWords says what is wrong with the words of a key.
func keyWords(err error) string {
	switch {
	case errors.Is(err, kept.ErrWord):
		_, word, _ := strings.Cut(err.Error(), "\n")
		return "Das Wort „" + word + "“ gibt es in keinem Schlüssel. Bitte sehen Sie auf dem Blatt nach."
	case errors.Is(err, kept.ErrCount):
		return "Ein Sicherungsschlüssel hat 34 Wörter. Bitte geben Sie alle ein, in ihrer Reihenfolge."
	}
	return "Die Wörter passen nicht zusammen: Eines ist falsch, oder zwei sind vertauscht."
}

// settle opens what came back, forgets who was forgotten since, and says what is left to do; bad is nil where all files came back.
func settle(ctx context.Context, o Options, dir *folder, r kept.Restored, bad *kept.Incomplete) error {
	x, err := open(ctx, o, dir, &url.URL{Scheme: "http", Host: "localhost:8080"})
	if err != nil {
		return err
	}
	x.features = features(x.house, nil)
	var list []privacy.Deletion
	for _, d := range r.Forgotten {
		list = append(list, privacy.Deletion(d))
	}
	var again int
	var gone checkup.Lost
	var missing []string
	err = x.house.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if again, err = privacy.Again(tx, x.house, x.features, list); err != nil {
			return err
		}
		if missing, err = named(tx, bad); err != nil {
			return err
		}
		gone, err = lost(tx, x.house)
		return err
	})
	if err = errors.Join(err, x.house.DB.Close()); err != nil {
		return err
	}
	came := len(r.Files)
	if bad != nil {
		came -= len(bad.Files)
	}
	words := fmt.Sprintf("Wiederhergestellt: Stand vom %s. Dateien: %d.\n", r.At.In(web.Zone()).Format("02.01.2006, 15:04 Uhr"), came)
	if again > 0 {
		words += fmt.Sprintf("Wer danach gelöscht wurde, ist wieder gelöscht: %d.\n", again)
	}
	if len(r.Missing) > 0 {
		words += fmt.Sprintf("Dateien, die während der Sicherung gelöscht wurden und fehlen: %d.\n", len(r.Missing))
	}
	for _, name := range missing {
		words += "Beschädigt: " + name + "\n"
	}
	if len(gone.Names) > 0 {
		words += "Diese Geheimnisse lagen außerhalb der Sicherung und müssen auf den Seiten unter Betrieb neu eingegeben werden: " + strings.Join(gone.Names, ", ") + ".\n"
	}
	if gone.People > 0 {
		words += fmt.Sprintf("Codes aus einer App gelten nicht mehr, von so vielen Menschen: %d. Was sie tun, steht im Handbuch unter „Ein Haus wiederherstellen“.\n", gone.People)
	}
	_, err = io.WriteString(o.Out, words+"Starten Sie das Haus jetzt mit: nestfunk serve --data "+dir.dir+"\n")
	return err
}

// named are the names under which people know files that did not come back, each with the day it was put there.
func named(tx *store.Tx, bad *kept.Incomplete) (names []string, err error) {
	if bad == nil {
		return nil, nil
	}
	for _, b := range bad.Files {
		all, err := files.With(tx, b.SHA256)
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			names = append(names, fmt.Sprintf("„%s“ vom %s", f.Name, f.At.In(web.Zone()).Format("02.01.2006")))
		}
	}
	return names, nil
}
