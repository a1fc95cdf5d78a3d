package backup

import (
	"context"
	"embed"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/backup"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	begun   time.Time
	log     house.Log
	warn    func(tx *store.Tx, words string) error
	deleted func(*store.Tx) ([]backup.Deletion, error)
	pages   *web.Pages
}

// Wires are what the feature needs of others.
type Wires struct {
	Log     house.Log
	Warn    func(tx *store.Tx, words string) error     // writes to those who run the house
	Deleted func(*store.Tx) ([]backup.Deletion, error) // who was forgotten in the last five weeks
}

// New makes the feature. Its state is for the page of operation.
func New(h *house.House, w Wires) (house.Feature, func(*store.Tx) (State, error)) {
	f := &feature{House: h, begun: h.Now(), log: w.Log, warn: w.Warn, deleted: w.Deleted, pages: web.Parse(html)}
	watch, night := f.watch()
	admin := who.Of(who.Admin)
	return house.Feature{
		Name: "backup",
		Routes: []web.Route{
			web.Get("/betrieb/sicherung", admin, f.index),
			web.Proved(web.Post("/betrieb/sicherung", admin, f.save)), // who says where backups go could take everything along
			web.Post("/betrieb/sicherung/jetzt", admin, f.runNow),
			web.Proved(web.Post("/betrieb/sicherung/frueher", admin, f.emptied)),
			web.Proved(web.Post("/betrieb/sicherung/schluessel", admin, f.newKey)),
			web.Proved(web.Post("/betrieb/sicherung/schluessel/entfernen", admin, f.dropKey)),
		},
		Jobs:     []task.Job{f.job(), watch},
		Outbound: []house.Outbound{f.outbound()},
		Begin:    f.start(night),
	}, f.state
}

// outbound is the target, where it is on another machine.
func (f *feature) outbound() house.Outbound {
	return house.Outbound{Title: "Ziel der Sicherung", Where: "/betrieb/sicherung", Dials: "app/base/backup",
		Why:  "Damit nach einem Schaden alles wiederkommt. Das Ziel bekommt verschlüsselte Dateien, die nur die Wörter auf dem Papier öffnen.",
		When: "zu den eingestellten Zeiten, und wenn jemand sie von Hand beginnt",
		State: func(tx *store.Tx) (string, bool, error) {
			to, err := f.Settings.Get(tx, settings.BackupTarget)
			if !strings.Contains(to, "://") { // a folder of this machine, or none
				return "", false, err
			}
			return to, true, err
		}}
}

type indexPage struct {
	web.Page
	Form           web.Form
	KeyForm        web.Form
	State          State
	Running        bool
	Keys           []Key
	Runs           []Run
	Former         []Former
	KeyStored      bool
	PasswordStored bool
	Proved         bool
}

// Size is a number of bytes for people.
func (indexPage) Size(n int64) string { return size(n) }

// must refuses whoever does not run the whole house: all of it is in a backup.
func must(tx *store.Tx, v who.Viewer) error {
	root, err := org.Root(tx)
	if fault.KindOf(err) == fault.NotFound {
		return nil // an empty house has nobody but its operator
	}
	if err != nil {
		return err
	}
	for _, id := range v.Units(who.Of(who.Admin)) {
		if id == root.ID {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "In einer Sicherung ist das ganze Haus. Einrichten kann sie nur der Betrieb des ganzen Hauses.")
}

func (f *feature) page(r *http.Request, v who.Viewer) (indexPage, error) {
	p := indexPage{Page: web.NewPage(r, v, "Sicherung").In("de"), Proved: v.Proved(f.Now())}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := must(tx, v); err != nil {
			return err
		}
		now, err := f.plan(tx)
		if err != nil {
			return err
		}
		p.Form.Set("target", now.Target)
		p.Form.Set("host", now.Host)
		p.Form.Set("every", strconv.Itoa(now.Every))
		p.KeyStored, p.PasswordStored, p.Keys = now.secret.Key != "", now.secret.Password != "", now.keys
		if p.State, err = f.state(tx); err != nil {
			return err
		}
		if p.Former, err = f.former(tx); err != nil {
			return err
		}
		p.Runs, err = runs(tx, 15)
		p.Running = len(p.Runs) > 0 && p.Runs[0].Ended.IsZero()
		return err
	})
	return p, err
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.page(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

func (f *feature) again(w http.ResponseWriter, r *http.Request, v who.Viewer, put func(*indexPage)) error {
	p, err := f.page(r, v)
	if err != nil {
		return err
	}
	put(&p)
	return f.pages.Again(w, r, "index.html", p)
}

// local reports whether a target is a folder of this machine.
func local(target string) bool { return !strings.Contains(target, "://") }

// save keeps where backups go, once that has been tried.
func (f *feature) save(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "target", "host", "every", "key", "password")
	if err != nil {
		return err
	}
	err = f.set(r.Context(), v, form)
	if web.Again(err) {
		return f.again(w, r, v, func(p *indexPage) { p.Form = form.With(err) })
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/sicherung", "Gespeichert.")
}

func (f *feature) set(ctx context.Context, v who.Viewer, form web.Form) error {
	var p plan
	err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if err := must(tx, v); err != nil {
			return err
		}
		p, err = f.plan(tx)
		return err
	})
	if err != nil {
		return err
	}
	moved := p.Target != strings.TrimSpace(form.Get("target"))
	p.Target, p.Host = strings.TrimSpace(form.Get("target")), strings.TrimSpace(form.Get("host"))
	if moved { // secrets of another server are not sent to this one
		p.secret = backup.Secret{}
	}
	p.secret.Host = p.Host
	for field, to := range map[string]*string{"key": &p.secret.Key, "password": &p.secret.Password} {
		if x := form.Raw(field); x != "" {
			*to = x
		}
	}
	p.Every, err = strconv.Atoi(form.Get("every"))
	if err != nil || !contains(intervals(), p.Every) {
		return fault.At("every", "Bitte wählen Sie, wie oft gesichert wird.")
	}
	if p.Target != "" {
		if err := allowed(p.Target, len(p.keys)); err != nil {
			return err
		}
		if local(p.Target) && !strings.HasPrefix(p.Target, "/") {
			return fault.At("target", "Bitte geben Sie den ganzen Pfad des Ordners an. Er beginnt mit einem Schrägstrich.")
		}
		if err := try(ctx, p); err != nil {
			return fault.At("target", "Dort kann nicht geschrieben werden: %s", words(err))
		}
	}
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		for name, value := range map[string]string{settings.BackupTarget: p.Target, settings.BackupHost: p.Host, settings.BackupEvery: strconv.Itoa(p.Every),
			settings.BackupKey: p.secret.Key, settings.BackupPassword: p.secret.Password} {
			if err := f.Settings.Set(tx, name, value); err != nil {
				return err
			}
		}
		if err := f.Tasks.Cancel(tx, runKind, 0); err != nil {
			return err
		}
		if p.Target != "" {
			if err := f.Tasks.Add(tx, runKind, 0, ""); err != nil {
				return err
			}
		}
		return f.log(tx, f.Now(), v.ID, "backup.changed", 0)
	})
}

func contains(all []int, n int) bool {
	for _, x := range all {
		if x == n {
			return true
		}
	}
	return false
}

// try looks whether a target takes something and gives it back.
func try(ctx context.Context, p plan) error {
	ctx, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	t, err := backup.Open(ctx, p.Target, p.secret)
	if err != nil {
		return err
	}
	defer t.Close() // what was asked is answered
	return backup.Try(ctx, t)
}

func (f *feature) runNow(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := must(tx, v); err != nil {
			return err
		}
		p, err := f.plan(tx)
		if err != nil {
			return err
		}
		if p.Target == "" {
			return fault.New(fault.Conflict, "Bitte geben Sie zuerst an, wohin gesichert wird.")
		}
		if err := f.Tasks.Cancel(tx, runKind, 0); err != nil {
			return err
		}
		if err := f.Tasks.Add(tx, runKind, 0, ""); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "backup.started", 0)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/sicherung", "Die Sicherung hat begonnen. Laden Sie die Seite neu, um zu sehen, ob sie gelungen ist.")
}

type wordsPage struct {
	web.Page
	Holder string
	Words  []string
	Public string
	Days   int // for which backups are kept
}

// newKey makes a key, and shows its words this one time: the house keeps the other half.
func (f *feature) newKey(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "holder")
	if err != nil {
		return err
	}
	holder := text.Clean(form.Get("holder"))
	k, err := backup.NewKey()
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := must(tx, v); err != nil {
			return err
		}
		if holder == "" || len(holder) > 200 {
			return fault.At("holder", "Bitte schreiben Sie, wer das Blatt aufbewahrt, zum Beispiel „Tresor im Büro“.")
		}
		if err := addKey(tx, Key{Public: k.Public(), Holder: holder, Created: f.Now()}); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "backup.key", 0)
	})
	if web.Again(err) {
		return f.again(w, r, v, func(p *indexPage) { p.KeyForm = form.With(err) })
	}
	if err != nil {
		return err
	}
	p := wordsPage{Page: web.NewPage(r, v, "Sicherungsschlüssel").In("de"), Holder: holder, Words: k.Words(), Public: k.Public(), Days: int(backup.Longest / (24 * time.Hour))}
	return f.pages.Render(w, r, "words.html", p)
}

func (f *feature) dropKey(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "key")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := must(tx, v); err != nil {
			return err
		}
		p, err := f.plan(tx)
		if err != nil {
			return err
		}
		if len(p.keys) == 1 && p.Target != "" && !local(p.Target) {
			return fault.New(fault.Conflict, "Das ist der letzte Schlüssel. Legen Sie zuerst einen neuen an: Unverschlüsselt verlässt keine Sicherung das Haus.")
		}
		if err := removeKey(tx, form.ID("key")); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "backup.keyless", 0)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/sicherung", "Neue Sicherungen lassen sich mit diesem Schlüssel nicht mehr öffnen, ältere schon.")
}
