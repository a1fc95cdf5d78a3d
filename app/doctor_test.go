package app_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nestfunk/app/feature/checkup"
)

// An operator looks at a house that serves, at one that rests, and at one whose disk has lost a page.
func TestProgramDoctor(t *testing.T) {
	data := imported(t)
	s := serve(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	code, out, errs := nestfunk(t, "doctor", "--data", data)
	if code != 0 || strings.Count(out, "\n") < 10 || !strings.Contains(out, "ok       Datenbank") || strings.Contains(out, "läuft gerade nicht") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	res, err := s.Get(s.base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(b), "\nnestfunk_mails_sent_total 0\n") || !strings.Contains(string(b), "\nnestfunk_sms_sent_total 0\n") {
		t.Errorf("%d %v\n%s", res.StatusCode, err, b)
	}
	_ = res.Body.Close()
	if code := s.stop(); code != 0 {
		t.Fatal(code, s.errs)
	}

	var r checkup.Report
	code, out, errs = nestfunk(t, "doctor", "--data", data, "--json")
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || !r.Good || len(r.Findings) < 10 {
		t.Errorf("%d %v %s %s", code, err, out, errs)
	}
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := nestfunk(t, "doctor", "--data", data); code != 1 || !strings.Contains(out, "\nFehler   Zugriffsrechte: ") || strings.Count(errs, "\n") != 1 {
		t.Errorf("%d %s %s", code, out, errs)
	}
	damage(t, filepath.Join(data, "nestfunk.db"))
	code, out, errs = nestfunk(t, "doctor", "--data", data)
	if code != 1 || !strings.Contains(out, "Fehler   Haus: ") || !strings.Contains(out, "beschädigt") {
		t.Errorf("of a damaged database it says %d %s %s", code, out, errs)
	}
}

// damage overwrites a quarter of the pages of a database.
func damage(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 2; i < len(b)*3/4; i++ {
		b[i] = 0xff
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What an operator gives away is shown first, saved when they agree, and has nobody in it.
func TestProgramSupport(t *testing.T) {
	data, to := imported(t), filepath.Join(t.TempDir(), "hilfe.zip")
	for answer, saved := range map[string]bool{"n\n": false, "": false, "j\n": true} {
		c := program(t, "support", "--data", data, "--to", to)
		c.Stdin = strings.NewReader(answer)
		out, err := c.Output()
		if err != nil || !strings.Contains(string(out), "=== tabellen.txt") {
			t.Fatalf("%q: %v %s", answer, err, out)
		}
		_, err = os.Stat(to)
		if (err == nil) != saved {
			t.Errorf("%q: %v", answer, err)
		}
		_ = os.Remove(to)
	}
	s := serve(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	if code, out, errs := nestfunk(t, "support", "--data", data, "--to", to, "--yes"); code != 0 || !strings.Contains(out, "Gespeichert") {
		t.Fatal(code, out, errs)
	}
	if code := s.stop(); code != 0 {
		t.Fatal(code, s.errs)
	}
	z, err := zip.OpenReader(to)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	names, text := "", ""
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names, text = names+f.Name+" ", text+string(b)
	}
	if names != "version.txt pruefung.txt einstellungen.txt tabellen.txt aufgaben.txt " || !strings.Contains(text, "push.key\n") {
		t.Errorf("%s\n%s", names, text)
	}
	for _, private := range []string{"v1:", data, "Flensburg", "@"} {
		if strings.Contains(text, private) {
			t.Errorf("it holds %s:\n%s", private, text)
		}
	}
}
