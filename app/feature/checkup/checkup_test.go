package checkup_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/audit"
	"nestfunk/app/base/metric"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/checkup"
)

// folder is a data folder as the program makes it.
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "haus")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"secret.key", "control.sock"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func wires(dir string) checkup.Wires {
	return checkup.Wires{Folder: dir, Warn: func(*store.Tx, string) error { return nil }, Log: func(*store.Tx, time.Time, int64, string, int64) error { return nil },
		Backup: func(*store.Tx) (checkup.Backup, error) {
			return checkup.Backup{Words: "Die letzte ist von gestern.", Good: true, Last: apptest.Start.Add(-24 * time.Hour)}, nil
		}}
}

// What is wrong with a house is found, and what is not is fine.
func TestExamine(t *testing.T) {
	log := func(at time.Time) func(*testing.T, *apptest.House, *checkup.Wires) {
		return func(t *testing.T, h *apptest.House, _ *checkup.Wires) {
			exec(t, h, `DELETE FROM session`)
			if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return audit.Add(tx, audit.Entry{At: at, Action: "house.changed"}) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		wrong func(t *testing.T, h *apptest.House, w *checkup.Wires)
		of    string
		state checkup.State
		words string
	}{
		"disk":             {nil, "disk", checkup.Fine, "MB frei"},
		"rights":           {nil, "rights", checkup.Fine, "Nur der Benutzer"},
		"clock":            {log(apptest.Start), "clock", checkup.Fine, "passt"},
		"clock set a bit":  {log(apptest.Start.Add(4 * time.Minute)), "clock", checkup.Fine, "passt"},
		"clock an hour":    {log(apptest.Start.Add(time.Hour)), "clock", checkup.Broken, "geht nach"},
		"clock ten years":  {log(apptest.Start.AddDate(10, 0, 0)), "clock", checkup.Broken, "geht nach"},
		"clock ahead":      {log(apptest.Start.AddDate(-10, 0, 0)), "clock", checkup.Hint, "ob das Datum stimmt"},
		"database":         {nil, "database", checkup.Fine, "in Ordnung"},
		"index":            {nil, "index", checkup.Hint, "keinen Index"},
		"tasks":            {nil, "tasks", checkup.Fine, "keine mit Fehlern"},
		"backup":           {nil, "backup", checkup.Fine, "von gestern"},
		"address":          {nil, "address", checkup.Fine, "nur auf diesem Rechner"},
		"sms":              {nil, "sms", checkup.Fine, "Vorführung"},
		"open folder":      {func(t *testing.T, _ *apptest.House, w *checkup.Wires) { mode(t, w.Folder, 0o755) }, "rights", checkup.Broken, "chmod"},
		"open key":         {func(t *testing.T, _ *apptest.House, w *checkup.Wires) { mode(t, w.Folder+"/secret.key", 0o644) }, "rights", checkup.Broken, "secret.key"},
		"open socket":      {func(t *testing.T, _ *apptest.House, w *checkup.Wires) { mode(t, w.Folder+"/control.sock", 0o666) }, "rights", checkup.Broken, "control.sock"},
		"no key":           {func(t *testing.T, _ *apptest.House, w *checkup.Wires) { _ = os.Remove(w.Folder + "/secret.key") }, "rights", checkup.Broken, "fehlt"},
		"backup is late":   {func(_ *testing.T, _ *apptest.House, w *checkup.Wires) { w.Backup = late }, "backup", checkup.Hint, "überfällig"},
		"mail is not set":  {func(_ *testing.T, h *apptest.House, _ *checkup.Wires) { h.Post.Off = true }, "mail", checkup.Hint, "kein Mailserver"},
		"a task fails":     {func(t *testing.T, h *apptest.House, _ *checkup.Wires) { exec(t, h, failing, apptest.Start.Unix()) }, "tasks", checkup.Hint, "mit Fehlern: 1"},
		"a task is late":   {func(t *testing.T, h *apptest.House, _ *checkup.Wires) { exec(t, h, waiting, apptest.Start.Unix()-4000) }, "tasks", checkup.Hint, "1 hätten"},
		"secrets":          {lacks(checkup.Lost{}), "secrets", checkup.Fine, "öffnen"},
		"a secret is lost": {lacks(checkup.Lost{Names: []string{"Passwort des Mailservers"}, People: 3}), "secrets", checkup.Broken, "Passwort des Mailservers"},
		"codes are lost":   {lacks(checkup.Lost{People: 3}), "secrets", checkup.Hint, "Menschen: 3"},
	} {
		t.Run(name, func(t *testing.T) {
			h, w := apptest.New(t), wires(folder(t))
			if c.wrong != nil {
				c.wrong(t, h, &w)
			}
			r, err := checkup.Examine(t.Context(), h.House, w, true)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				if f.Name == c.of {
					if f.State != c.state || !strings.Contains(f.Words, c.words) || strings.Contains(f.Words, "\n") {
						t.Errorf("%+v", f)
					}
					if r.Good && f.State == checkup.Broken {
						t.Error("what is broken is called good")
					}
					return
				}
			}
			t.Errorf("nothing about %s in\n%s", c.of, r.Text())
		})
	}
}

// lacks is a house whose key file does not open something.
func lacks(x checkup.Lost) func(*testing.T, *apptest.House, *checkup.Wires) {
	return func(_ *testing.T, _ *apptest.House, w *checkup.Wires) {
		w.Lost = func(*store.Tx) (checkup.Lost, error) { return x, nil }
	}
}

const (
	failing = `INSERT INTO task (kind, ref, due, tries, failure) VALUES ('mail', 1, ?, 2, 'x')`
	waiting = `INSERT INTO task (kind, ref, due) VALUES ('mail', 1, ?)`
)

func exec(t *testing.T, h *apptest.House, query string, args ...any) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func late(*store.Tx) (checkup.Backup, error) {
	return checkup.Backup{Words: "Sie ist überfällig."}, nil
}

func mode(t *testing.T, name string, m os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, m); err != nil {
		t.Fatal(err)
	}
}

// An operator looks, and has a monitor look from elsewhere with a token; who has no token finds nothing.
func TestPage(t *testing.T) {
	h := apptest.New(t)
	h.Traffic = metric.NewTraffic(h.Now)
	site := h.Serve(t, checkup.New(h.House, wires(folder(t))))
	if a := site.Get(apptest.Arno, "/betrieb/pruefung"); a.Code != 200 || !a.Has("noch nicht geprüft") {
		t.Error(a.Code, a.Body)
	}
	if a := site.Post(apptest.Arno, "/betrieb/pruefung"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb/pruefung"); !a.Has("Speicherplatz") || !a.Has("Die letzte ist von gestern.") {
		t.Error(a.Body)
	}
	for _, person := range []int64{apptest.Max, apptest.Ada} {
		if a := site.Get(person, "/betrieb/pruefung"); a.Code != 403 {
			t.Errorf("person %d: %d", person, a.Code)
		}
	}
	ask := func(from, host string, header ...string) apptest.Answer {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = from, host
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return site.Do(apptest.Nobody, r)
	}
	const token = "ein-Token-mit-vielen-Zeichen"
	if a := ask("192.0.2.1:9", "kita.example.org", "Authorization", "Bearer "); a.Code != 404 {
		t.Errorf("without a token there is %d", a.Code)
	}
	for _, bad := range []string{"kurz", strings.Repeat("x", 201), "ein Token mit Leerzeichen darin"} {
		if a := site.Post(apptest.Arno, "/betrieb/pruefung/token", "token", bad); a.Code != 422 {
			t.Errorf("%q: %d", bad, a.Code)
		}
	}
	if a := site.Post(apptest.Arno, "/betrieb/pruefung/token", "token", token); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb/pruefung"); !a.Has("Eines ist gespeichert") || a.Has(token) {
		t.Error(a.Body)
	}
	for _, c := range []struct {
		from, host string
		header     []string
		code       int
	}{
		{"127.0.0.1:9", "127.0.0.1:8080", nil, 200},
		{"[::1]:9", "[::1]:8080", nil, 200},
		{"127.0.0.1:9", "localhost", nil, 200},
		{"127.0.0.1:9", "kita.example.org", nil, 404}, // a proxy
		{"127.0.0.1:9", "localhost", []string{"X-Forwarded-For", "192.0.2.1"}, 404},
		{"127.0.0.1:9", "localhost", []string{"Forwarded", "for=192.0.2.1"}, 404},
		{"192.0.2.1:9", "localhost", nil, 404},
		{"192.0.2.1:9", "kita.example.org", []string{"Authorization", "Bearer falsch"}, 404},
		{"192.0.2.1:9", "kita.example.org", []string{"Authorization", "Basic " + token}, 404},
		{"192.0.2.1:9", "kita.example.org", []string{"Authorization", "Bearer " + token}, 200},
	} {
		a := ask(c.from, c.host, c.header...)
		if a.Code != c.code {
			t.Errorf("%+v: %d", c, a.Code)
		}
		if c.code == http.StatusOK {
			for _, name := range []string{"nestfunk_requests_total", "nestfunk_request_duration_seconds_count", "nestfunk_open_streams", "nestfunk_tasks_waiting 0", "nestfunk_tasks_failing 0",
				"nestfunk_database_bytes", "nestfunk_disk_free_bytes", "nestfunk_backup_age_seconds 86400", "nestfunk_index_behind", "nestfunk_index_up 0", "nestfunk_push_sent_total 0"} {
				if !a.Has("\n" + name) {
					t.Errorf("no %s in\n%s", name, a.Body)
				}
			}
		}
	}
}

// Each line of the report is a number for a monitor: those that cost little as they are now, the others as of the last look,
// which is at night or an operator's.
func TestGrades(t *testing.T) {
	h := apptest.New(t)
	w := wires(folder(t))
	made := checkup.New(h.House, w)
	site := h.Serve(t, made)
	grades := func() map[string]string {
		t.Helper()
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = "127.0.0.1:9", "localhost"
		all := map[string]string{}
		for _, m := range regexp.MustCompile(`(?m)^nestfunk_check\{name="(\w+)"\} (\d)$`).FindAllStringSubmatch(site.Do(apptest.Nobody, r).Body, -1) {
			all[m[1]] = m[2]
		}
		return all
	}
	report, err := checkup.Examine(t.Context(), h.House, w, true)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, h, failing, apptest.Start.Unix())
	if got := grades(); got["tasks"] != "1" || got["disk"] == "" || got["database"] != "" {
		t.Errorf("before anybody has looked: %v", got)
	}
	for _, j := range made.Jobs {
		if err := j.Run(t.Context(), 0, ""); err != nil {
			t.Fatal(err)
		}
	}
	if got := grades(); got["database"] != "0" || got["mail"] != "" {
		t.Errorf("after a night: %v", got)
	}
	if a := site.Post(apptest.Arno, "/betrieb/pruefung"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	got := grades()
	for _, f := range report.Findings {
		if got[f.Name] == "" {
			t.Errorf("no monitor hears of %s: %v", f.Name, got)
		}
	}
}

// What names a file, a server or a person does not leave the house with a report.
func TestAnonymous(t *testing.T) {
	r := checkup.Report{}
	for _, name := range []string{"rights", "address", "backup", "mail", "push", "sms", "later"} {
		r.Findings = append(r.Findings, checkup.Finding{Name: name, Words: "In den Ordner /srv/anna.mueller darf das Haus nicht schreiben."})
	}
	if text := r.Anonymous().Text(); strings.Contains(text, "mueller") || strings.Count(text, "darf das Haus nicht schreiben") != 7 {
		t.Error(text)
	}
}

// What whoever helps may read says nothing of people.
func TestBlank(t *testing.T) {
	for words, want := range map[string]string{
		"550 <ada@example.org>: no such user":  "… <…>: no such user",
		`open "Brief an Ada": denied`:          "open …: denied",
		"dial tcp 192.0.2.1:25: i/o timeout":   "dial tcp … … timeout",
		"lookup smtp.kita.example: no host":    "lookup …: no host",
		"open /home/max/haus/x: no space left": "open … no space left",
		"person 4711 is gone":                  "person … is gone",
		"Der Server „mail“ antwortet nicht":    "Der Server … antwortet nicht",
		"connection refused":                   "connection refused",
		"Gerade nicht. Antwort des Servers: 452 4.2.2 Mailbox of Anna Mueller is over quota": "Gerade nicht. Antwort des Servers: 452 …",
		"Gerade nicht. Antwort des Anbieters: Frau Mueller ist gesperrt":                     "Gerade nicht. Antwort des Anbieters: …",
	} {
		if got := checkup.Blank(words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}

// It tells of the whole house: who runs a part of it does not see it.
func TestOperatorOfAPart(t *testing.T) {
	h := apptest.New(t)
	dir := folder(t)
	site := h.Serve(t, checkup.New(h.House, wires(dir)))
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since, until) VALUES (?, ?, ?, 'confirmed', 0, 9223372036854775807)`, apptest.Max, apptest.CarrierA, who.Admin)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for path, fields := range map[string][]string{"": nil, "/token": {"token", strings.Repeat("a", 30)}, "/erledigt": nil, "/uhr": nil} {
		if a := site.Post(apptest.Max, "/betrieb/pruefung"+path, fields...); a.Code != http.StatusForbidden || !a.Has("Betrieb des ganzen Hauses") {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	if a := site.Get(apptest.Max, "/betrieb/pruefung"); a.Code != http.StatusForbidden || a.Has("Speicherplatz") {
		t.Errorf("the page: %d", a.Code)
	}
}
