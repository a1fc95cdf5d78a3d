package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nestfunk/app"
	"nestfunk/app/apptest"

	"github.com/pquerna/otp/totp"
)

var built = sync.OnceValues(func() (string, error) {
	if file := os.Getenv(withDefect); file != "" {
		return file, nil
	}
	dir, err := os.MkdirTemp("", "nestfunk")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "nestfunk")
	c := exec.Command("go", "build", "-buildvcs=false", "-o", file, ".")
	c.Dir, c.Env = apptest.Root(), append(os.Environ(), "CGO_ENABLED=0") // as it is delivered
	out, err := c.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return file, nil
})

func TestMain(m *testing.M) {
	if code, ok := app.Hidden(os.Args[1:], os.Stdin, os.Stdout); ok { // the demonstration reads its files in this program
		os.Exit(code)
	}
	code := m.Run()
	if file, err := built(); err == nil && os.Getenv(withDefect) == "" {
		_ = os.RemoveAll(filepath.Dir(file)) // the next run does not need it
	}
	os.Exit(code)
}

func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), file, args...)
	c.Dir = apptest.Root() // where the files for the browser are, if they are not in the binary
	return c
}

// nestfunk runs the program to its end.
func nestfunk(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	c := program(t, args...)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	err := c.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), o.String(), e.String()
}

// A server is a house that is being served.
type server struct {
	t    testing.TB
	cmd  *exec.Cmd
	base string
	link string // for the first operator; "": none
	errs *bytes.Buffer
	http.Client
}

var address = regexp.MustCompile(`http://localhost:\d+\S*|https://kita\.example\.org\S*`)

func serve(t testing.TB, args ...string) *server {
	t.Helper()
	return serveWith(t, func(*exec.Cmd) {}, args...)
}

// serveWith changes the command before it starts.
func serveWith(t testing.TB, change func(*exec.Cmd), args ...string) *server {
	t.Helper()
	c := program(t, args...)
	change(c)
	return begin(t, c)
}

// begin starts a program that serves.
func begin(t testing.TB, c *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: c, errs: &bytes.Buffer{}}
	s.Jar, _ = cookiejar.New(nil) // never fails
	s.cmd.Stderr = s.errs
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
	})
	greeting := make([]byte, 4096)
	n, err := out.Read(greeting) // it is written at once
	if err != nil {
		_ = s.cmd.Wait()
		t.Fatalf("%q ended before it served: %s", c.Args, s.errs)
	}
	all := address.FindAllString(string(greeting[:n]), -1)
	if s.base = all[0]; len(all) > 1 {
		s.link = all[1]
	}
	return s
}

func (s *server) get(path string) (int, string) {
	s.t.Helper()
	res, err := s.Get(s.base + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return read(s.t, res)
}

func (s *server) post(at string, fields url.Values) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", at, strings.NewReader(fields.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := s.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return read(s.t, res)
}

func read(t testing.TB, res *http.Response) (int, string) {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// stop ends the server as an operator would, and returns how.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	start := time.Now()
	_ = s.cmd.Wait() // the code says it
	if took := time.Since(start); took > 10*time.Second {
		s.t.Errorf("it took %s to stop", took)
	}
	return s.cmd.ProcessState.ExitCode()
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

const twoKitas = "city,source_id,name,carrier\nFlensburg,a,Kita A,Stadt\nFlensburg,b,Kita B,Stadt\n"

func TestExitCodes(t *testing.T) {
	good, bad := file(t, twoKitas), file(t, twoKitas+"Flensburg,a,Kita C,Stadt\n")
	for _, c := range []struct {
		name string
		args []string
		code int
		out  string // on standard output; "": nothing
		errs string
	}{
		{"no command", nil, 2, "", "es fehlt eines von"},
		{"no such command", []string{"kaffee"}, 2, "", "unerwartete Angabe kaffee"},
		{"no such flag", []string{"serve", "--prot", "1"}, 2, "", "unbekannte Option --prot"},
		{"no file", []string{"import", "facilities"}, 2, "", "<DATEI>"},
		{"help", []string{"import", "families", "--help"}, 0, "g1_informed", ""},
		{"version", []string{"version"}, 0, "nestfunk ", ""},
		{"no such file", []string{"import", "facilities", "nowhere.csv"}, 1, "", "Die Datei nowhere.csv kann nicht gelesen werden"},
		{"no such folder", []string{"link", "ada@example.org", "--data", "nowhere"}, 1, "", "Den Datenordner"},
		{"open to the world", []string{"serve", "--listen", "0.0.0.0:0"}, 2, "", "--base"},
		{"not an address", []string{"serve", "--base", "kita.example.org"}, 2, "", "https://"},
		{"no encryption", []string{"serve", "--base", "http://kita.example.org"}, 2, "", "https://"},
		{"demo for the world", []string{"demo", "--listen", "0.0.0.0:0"}, 2, "", "nur auf diesem Rechner"},
		{"imported", []string{"import", "facilities", good}, 0, "2 neu, 0 geändert, 0 unverändert, 0 abgelehnt", ""},
		{"as JSON", []string{"import", "facilities", good, "--json"}, 0, `{"new":2,"changed":0,"same":0,"refused":[]`, ""},
		{"refused", []string{"import", "facilities", bad}, 1, "Zeile 4 abgelehnt", "Es wurde nichts geändert."},
		{"refused as JSON", []string{"import", "facilities", bad, "--json"}, 1, `"refused":[{"line":4,`, "Es wurde nichts geändert."},
		{"pages from nowhere", []string{"import", "pages", "nowhere"}, 1, "", "nowhere kann nicht gelesen werden"},
		{"pages from a list", []string{"import", "pages", good}, 1, "", "keine ZIP-Datei"},
		{"no pages", []string{"import", "pages", t.TempDir()}, 1, "", "Darin sind keine Seiten"},
		{"pages", []string{"import", "pages", pageFolder(t)}, 0, "Stadt: 2 neu, 0 geändert, 0 unverändert, 0 abgelehnt; 1 Dateien", ""},
		{"pages as JSON", []string{"import", "pages", pageFolder(t), "--public", "--json"}, 0, `{"unit":"Stadt","pages":2,"files":1,"new":2,"changed":0,"unchanged":0,"refused":[],"warnings":[]}`, ""},
		{"pages for nobody", []string{"import", "pages", pageFolder(t), "--into", "Kita Nord"}, 1, "", "Eine Einheit „Kita Nord“ gibt es nicht"},
		{"bad line skipped", []string{"import", "facilities", bad, "--skip-bad"}, 0, "2 neu, 0 geändert, 0 unverändert, 1 abgelehnt", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args := c.args
			if len(args) > 0 && !strings.Contains(strings.Join(args, " "), "--data") && (args[0] == "serve" || args[0] == "import" || args[0] == "demo") {
				args = append(args[:len(args):len(args)], "--data", t.TempDir())
			}
			code, out, errs := nestfunk(t, args...)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			if !strings.Contains(out, c.out) || c.out == "" && out != "" {
				t.Errorf("standard output %q, want %q", out, c.out)
			}
			if !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" {
				t.Errorf("standard error %q, want %q", errs, c.errs)
			}
			if c.code != 0 && strings.Count(errs, "\n") != 1 {
				t.Errorf("standard error is not one line: %q", errs)
			}
		})
	}
}

// pageFolder is a folder with two pages and a file.
func pageFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, words := range map[string]string{"Hygiene.md": "# Hygiene\n\n[Plan](plan.txt), [[Läuse]]", "Läuse.md": "Kämmen.", "plan.txt": "Montag"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(words), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var (
	ticketField = regexp.MustCompile(`name="ticket" value="([^"]+)"`)
	appSecret   = regexp.MustCompile(`otpauth://totp/[^"]*secret=([A-Z2-7]{32})`)
)

// signIn redeems the first link, and sets up the second factor that the operator needs.
func (s *server) signIn() {
	s.t.Helper()
	if code, body := s.post(s.link, answers()); code != 200 || !strings.Contains(body, "Richten Sie einen zweiten Faktor ein") {
		s.t.Fatalf("answer what a new house asks: %d %s", code, body)
	}
	code, body := s.get("/konto/zweiter-schritt")
	ticket, secret := ticketField.FindStringSubmatch(body), appSecret.FindStringSubmatch(body)
	if ticket == nil || secret == nil {
		s.t.Fatalf("nothing to set up: %d %s", code, body)
	}
	now, err := totp.GenerateCode(secret[1], time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	if code, body := s.post(s.base+"/konto/zweiter-schritt", url.Values{"ticket": {html.UnescapeString(ticket[1])}, "code": {now}}); code != 200 || !strings.Contains(body, "Codes für den Notfall") {
		s.t.Fatalf("set up: %d %s", code, body)
	}
	if code, body := s.get("/"); code != 200 || !strings.Contains(body, "Betrieb") {
		s.t.Fatalf("signed in: %d %s", code, body)
	}
}

// The story of an operator: first start, first sign-in, imports beside the server, the end.
func TestServe(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("a-long-name-", 8), "first") // longer than the address of a socket
	s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if s.link == "" {
		t.Fatal("the first start prints no link for the operator")
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder is %v, %v; want 0700", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Join(dir, "control.sock")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v; want 0600", info, err)
	}
	s.signIn()
	// Health is not redirected, whatever name it is asked under; a page is.
	plain := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	other := strings.Replace(s.base, "localhost", "127.0.0.1", 1)
	if res, err := plain.Get(other + "/gesund"); err != nil {
		t.Fatal(err)
	} else if code, body := read(t, res); code != 200 || body != "ok\n" {
		t.Errorf("/gesund: %d %q", code, body)
	}
	if res, err := plain.Get(other + "/handbuch"); err != nil {
		t.Fatal(err)
	} else if code, _ := read(t, res); code != 302 || res.Header.Get("Location") != s.base+"/handbuch" {
		t.Errorf("by number: %d %s", code, res.Header.Get("Location"))
	}
	if _, body := s.get("/anmelden"); strings.Contains(body, "/anmelden/rolle") || strings.Contains(body, "Vorführung") {
		t.Error("a real house shows the cards of the demonstration")
	}
	if code, _ := s.post(s.base+"/anmelden/rolle", url.Values{"person": {"1"}}); code != 404 {
		t.Errorf("signing in by card in a real house: %d", code)
	}
	if code, _ := s.get("/demo/post"); code != 404 {
		t.Errorf("/demo/post in a real house: %d", code)
	}

	if code, _, errs := nestfunk(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, "läuft schon ein Nestfunk") {
		t.Errorf("a second server: %d %q", code, errs)
	}

	stream, err := s.Get(s.base + "/strom")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	if kind := stream.Header.Get("Content-Type"); kind != "text/event-stream" || stream.Header.Get("Content-Encoding") != "" {
		t.Errorf("/strom is %q %q", kind, stream.Header.Get("Content-Encoding"))
	}
	events := bufio.NewScanner(stream.Body)
	until := func(want string) bool {
		for events.Scan() {
			if events.Text() == want {
				return true
			}
		}
		return false
	}
	if !until(": ok") {
		t.Fatal("the stream says nothing")
	}

	code, out, errs := nestfunk(t, "import", "facilities", file(t, twoKitas), "--json", "--data", dir)
	var report struct{ New, Changed, Same int }
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || report.New != 2 {
		t.Errorf("import beside the server: %d %s %s %v", code, out, errs, err)
	}
	if code, out, errs := nestfunk(t, "import", "facilities", file(t, twoKitas+"Flensburg,,Kita C,Stadt\n"), "--data", dir); code != 1 || !strings.Contains(out, "Zeile 4") {
		t.Errorf("a refused file beside the server: %d %s %s", code, out, errs)
	}
	if code, out, errs := nestfunk(t, "import", "pages", pageFolder(t), "--into", "Kita A", "--data", dir); code != 0 || !strings.Contains(out, "Kita A: 2 neu") {
		t.Errorf("pages beside the server: %d %s %s", code, out, errs)
	}
	if code, out, errs := nestfunk(t, "import", "pages", pageFolder(t), "--into", "Kita A", "--data", dir); code != 0 || !strings.Contains(out, "2 unverändert") {
		t.Errorf("the same pages beside the server: %d %s %s", code, out, errs)
	}
	if code, out, errs := nestfunk(t, "link", "nobody@example.org", "--data", dir); code != 1 || out != "" || !strings.Contains(errs, "nobody@example.org") {
		t.Errorf("a link for nobody: %d %q %q", code, out, errs)
	}

	ended := make(chan bool)
	go func() {
		for events.Scan() {
		}
		close(ended)
	}()
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d after the signal: %s", code, s.errs)
	}
	<-ended

	// What was imported is still there, and a link for the console needs no server.
	if code, out, errs := nestfunk(t, "import", "facilities", file(t, twoKitas), "--data", dir); code != 0 || !strings.Contains(out, "2 unverändert") {
		t.Errorf("import after the end: %d %s %s", code, out, errs)
	}
	if code, _, errs := nestfunk(t, "demo", "--data", dir, "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, "echtes Haus") {
		t.Errorf("demo in a real house: %d %q", code, errs)
	}
}

func TestLinkOfAnEmptyHouse(t *testing.T) {
	dir := t.TempDir()
	code, out, errs := nestfunk(t, "link", "ada@example.org", "--data", dir)
	if code != 0 || !strings.HasPrefix(out, "http://localhost:8080/l/") {
		t.Fatalf("%d %q %q", code, out, errs)
	}
	if code, _, errs := nestfunk(t, "link", "eva@example.org", "--data", dir); code != 1 || errs == "" {
		t.Errorf("a second operator from nowhere: %d %q", code, errs)
	}
}

// TestDemoAtOnce: whoever opens a demonstration while it is made sees that it will be there, and then that it is.
func TestDemoAtOnce(t *testing.T) {
	s, first, took := hurried(t)
	body := string(first.body)
	if first.code != http.StatusServiceUnavailable || first.header.Get("Refresh") != "1" || !strings.Contains(body, "Geschichte entsteht") || strings.Contains(body, "später wieder") {
		t.Errorf("the first answer after %s: %d %v %s", took, first.code, first.header, body)
	}
	waitFor(t, "the town", func() bool {
		code, body := s.get("/anmelden")
		return code == http.StatusOK && strings.Contains(body, "Elif Yıldırım")
	})
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d: %s", code, s.errs)
	}
	if s, _, _ = hurried(t); s.stop() != 0 || s.errs.Len() > 0 {
		t.Errorf("stopped while it is made: %s", s.errs)
	}
}

type firstAnswer struct {
	code   int
	header http.Header
	body   []byte
}

// hurried starts a demonstration and asks it until it answers.
func hurried(t testing.TB) (*server, firstAnswer, time.Duration) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, cmd: program(t, "demo", "--listen", "127.0.0.1:"+port), base: "http://localhost:" + port, errs: &bytes.Buffer{}}
	s.cmd.Stderr = s.errs
	at := time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			_ = s.cmd.Process.Kill()
			_ = s.cmd.Wait()
		}
	})
	for time.Since(at) < 30*time.Second {
		res, err := s.Get(s.base + "/anmelden")
		if err != nil { // nobody listens yet
			time.Sleep(2 * time.Millisecond)
			continue
		}
		took := time.Since(at)
		body, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		return s, firstAnswer{res.StatusCode, res.Header, body}, took
	}
	t.Fatalf("no answer: %s", s.errs)
	return nil, firstAnswer{}, 0
}

func TestDemo(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, "demo", "--data", dir, "--listen", "127.0.0.1:0")
	_, body := s.get("/anmelden")
	for _, want := range []string{"Vorführung", "Elif Yıldırım", "Eltern", "Antje Detlefsen", "Leitung", "Fachkraft", "Trägerverwaltung", "Verwaltung", "Elternbeirat", "Jugendarbeit", "junger Mensch", "Betrieb", "Datenschutz"} {
		if !strings.Contains(body, want) {
			t.Errorf("the cards lack %q", want)
		}
	}
	cards := strings.Split(body, `name="person" value="`)[1:]
	if len(cards) != 10 {
		t.Fatalf("%d cards, want 10", len(cards))
	}
	for _, card := range cards {
		id, _, _ := strings.Cut(card, `"`)
		code, page := s.post(s.base+"/anmelden/rolle", url.Values{"person": {id}})
		if code != 200 {
			t.Errorf("sign in as %s: %d", id, code)
		}
		if strings.Contains(card, "Antje Detlefsen") && !strings.Contains(page, "31 von 50 Kindern") {
			t.Errorf("the head does not see 31 of 50 children: %s", page)
		}
		if strings.Contains(card, "Elif Yıldırım") && (!strings.Contains(page, "bleibt heute geschlossen") || !strings.Contains(page, "Mila") || !strings.Contains(page, "Deniz")) {
			t.Errorf("the parent's start page: %s", page)
		}
	}
	if code, body := s.get("/demo/post"); code != 200 || !strings.Contains(body, "bleibt heute geschlossen") {
		t.Errorf("/demo/post: %d", code)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d: %s", code, s.errs)
	}
	if code, _, errs := nestfunk(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, "Vorführung") {
		t.Errorf("serve in a demonstration: %d %q", code, errs)
	}
	again := serve(t, "demo", "--data", dir, "--listen", "127.0.0.1:0")
	if _, body := again.get("/anmelden"); !strings.Contains(body, "Elif Yıldırım") {
		t.Error("the second start shows no cards")
	}
	again.stop()
}
