package app_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/store"
)

// answers are those to the three questions of a new house.
func answers() url.Values {
	return url.Values{"name": {"Kitas in Neustadt"}, "address": {"https://kita.example.org"}, "operator_name": {"Stadt Neustadt"}, "operator_street": {"Markt 1"},
		"operator_place": {"12345 Neustadt"}, "operator_person": {"Rosa Rath"}, "operator_mail": {"kita@neustadt.example"}, "operator_phone": {""}}
}

// waits reports whether a page says that the house is not open yet.
func waits(code int, body string) bool {
	return code == 503 && strings.Contains(body, "Dieses Haus wird gerade eingerichtet")
}

// The first start: nothing but the link opens anything, three answers open everything, and neither a kill nor a second use of
// the link changes that.
func TestFirstStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "neu")
	s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	for _, path := range []string{"/", "/anmelden", "/impressum", "/handbuch", "/wissen", "/betrieb", "/oparl/v1.1/system", "/gibt-es-nicht", "/sw.js"} {
		if code, body := s.get(path); !waits(code, body) {
			t.Errorf("%s before the questions were answered: %d", path, code)
		}
	}
	if code, body := s.post(s.base+"/anmelden/link", url.Values{"mail": {"ada@example.org"}}); !waits(code, body) {
		t.Errorf("asking for a link: %d", code)
	}
	res, err := s.Get(s.base + "/anmelden")
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.Header.Get("X-Robots-Tag") != "noindex" || res.Header.Get("Retry-After") == "" {
		t.Errorf("the page that asks to come back has the headers %v", res.Header)
	}
	if code, body := s.get("/gesund"); code != 200 || body != "ok\n" {
		t.Errorf("/gesund: %d %s", code, body)
	}
	if code, body := s.get("/l/falsch"); code != 404 || !strings.Contains(body, "nestfunk link") {
		t.Errorf("a link that is none: %d %s", code, body)
	}
	for range 2 { // looking uses nothing up
		if code, body := s.get(strings.TrimPrefix(s.link, s.base)); code != 200 || !strings.Contains(body, "Wie heißt das Haus?") || !strings.Contains(body, "Wer betreibt es") {
			t.Fatalf("the questions: %d %s", code, body)
		}
	}
	for field, bad := range map[string]string{"name": "", "address": "kita.example.org", "operator_name": "", "operator_street": " ", "operator_place": "", "operator_person": "",
		"operator_mail": "kita", "operator_phone": strings.Repeat("1", 121)} {
		a := answers()
		a.Set(field, bad)
		if code, body := s.post(s.link, a); code != 422 || !strings.Contains(body, `id="`+field+`-error"`) || field != "name" && !strings.Contains(body, `value="Kitas in Neustadt"`) {
			t.Errorf("%s %q: %d", field, bad, code)
		}
	}
	if code, _ := s.post(s.link, url.Values{"name": {"x"}, "admin": {"1"}}); code != 400 {
		t.Errorf("a field that nobody asked for: %d", code)
	}

	// A kill before the answers: the next start asks again.
	kill := func() {
		t.Helper()
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait() // it was killed
	}
	kill()
	s = serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if s.link == "" {
		t.Fatal("no link after the kill")
	}
	// The link of the console leads there, too.
	if code, out, errs := nestfunk(t, "link", "chefin@example.org", "--data", dir); code != 0 {
		t.Fatal(code, out, errs)
	} else if code, body := s.get(strings.TrimPrefix(strings.TrimSpace(out), s.base)); code != 200 || !strings.Contains(body, "Wie heißt das Haus?") {
		t.Errorf("the link of the console: %d %s", code, body)
	}
	s.signIn()
	if code, body := s.get("/betrieb"); code != 200 || !strings.Contains(body, "Was als Nächstes zu tun ist") || !strings.Contains(body, "Mailserver einrichten") ||
		!strings.Contains(body, "sudo nestfunk install --acme --base https://kita.example.org --data "+dir) || !strings.Contains(body, "Kitas in Neustadt") || strings.Contains(body, "Impressum ergänzen") {
		t.Errorf("what comes next: %d %s", code, body)
	}
	used := strings.TrimPrefix(s.link, s.base)
	nobody := http.Client{}
	for _, c := range []struct {
		path, words string
		code        int
	}{{"/impressum", "Stadt Neustadt<br>Markt 1<br>12345 Neustadt", 200}, {"/anmelden", "Kitas in Neustadt", 200}, {used, "gilt nicht mehr", 404}} {
		res, err := nobody.Get(s.base + c.path)
		if err != nil {
			t.Fatal(err)
		}
		if code, body := read(t, res); code != c.code || !strings.Contains(body, c.words) {
			t.Errorf("%s for somebody else: %d %s", c.path, code, body)
		}
	}
	if code, _ := s.post(s.link, answers()); code != 404 {
		t.Errorf("the link for the second time: %d", code)
	}

	// A kill afterwards, and even the loss of the session: the house stays open, and a new link lets its operator in.
	kill()
	inDatabase(t, filepath.Join(dir, "nestfunk.db"), func(db *store.DB) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			for _, table := range []string{"session", "account_mail"} {
				if _, err := tx.Exec("DELETE FROM " + table); err != nil {
					return err
				}
			}
			return nil
		})
	})
	s = serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if code, body := s.get("/anmelden"); code != 200 || s.link == "" {
		t.Fatalf("after the kill: %d %s, link %q", code, body, s.link)
	}
	if code, body := s.post(s.link, nil); code != 200 || strings.Contains(body, "Wie heißt das Haus?") {
		t.Errorf("the link of an open house: %d %s", code, body)
	}
	if code, _ := s.get("/betrieb"); code != 200 {
		t.Errorf("not signed in: %d", code)
	}
}

// Whenever the program is killed, all answers are there and the house is open, or none and it asks again.
func TestKillFirstStart(t *testing.T) {
	t.Parallel()
	trials := kills(4, 4)
	open, whole := 0, time.Duration(0) // how long the answers take, from the first trial, in which they are done before the kill
	for trial := range trials {
		dir := filepath.Join(t.TempDir(), "neu")
		s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
		life := time.Duration(rand.Int64N(int64(whole) + 1))
		done, start := make(chan bool), time.Now()
		go func() {
			defer close(done)
			r, err := http.NewRequestWithContext(t.Context(), "POST", s.link, strings.NewReader(answers().Encode()))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if res, err := http.DefaultTransport.RoundTrip(r); err == nil { // it may have been killed before
				_ = res.Body.Close() // nobody reads it
			}
		}()
		if trial == 0 {
			<-done
			whole = time.Since(start)
		}
		time.Sleep(life)
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait() // it was killed
		<-done
		s = serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
		code, body := s.get("/impressum")
		switch {
		case code == 200 && strings.Contains(body, "Stadt Neustadt<br>Markt 1") && strings.Contains(body, "Kitas in Neustadt"):
			open++
		case waits(code, body) && s.link != "":
			if code, body := s.post(s.link, answers()); code != 200 || !strings.Contains(body, "Richten Sie einen zweiten Faktor ein") {
				t.Fatalf("trial %d: the answers after the kill: %d %s", trial, code, body)
			}
		default:
			t.Fatalf("trial %d, killed after %s: %d %s, link %q", trial, life, code, body, s.link)
		}
		s.stop()
	}
	t.Logf("%d of %d were open", open, trials)
}
