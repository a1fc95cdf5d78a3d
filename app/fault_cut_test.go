package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// D4: the power goes, and with it all that was not synced, or some of it, or pieces of it. All writes and syncs of a house
// are recorded while it is used; from that follow the folders that a cut at any moment may leave. What was acknowledged
// before is in each, files with their content, and the house starts from it without a hand.
func TestFaultCut(t *testing.T) {
	t.Parallel()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	r := record(t, bin, 80+trials(0))
	n := trials(2)
	for _, how := range []loss{lostAll, lostSome, lostPieces} {
		bad := 0
		for range n {
			if err := r.after(t, how, true); err != nil {
				if bad++; bad < 4 {
					t.Errorf("%s is lost: %v", how, err)
				}
			}
		}
		t.Logf("%s is lost: %d cuts, %d with loss of what was acknowledged", how, n, bad)
	}
	if !t.Failed() {
		apptest.Figure(t, "cut", fmt.Sprintf("%d Stromausfälle, je zu einem Drittel alles, manches und Stücke von 512 Byte des nicht Gesicherten verloren, bei %d Zusagen: keine verloren, jedes Haus öffnete von selbst", 3*n, len(r.said)))
	}
}

// The harness finds a house whose database does not wait for the disk, and files whose content or name does not.
func TestFaultPlantedCut(t *testing.T) {
	many(t)
	for _, c := range []struct{ file, is, becomes string }{
		{"app/base/store/store.go", "synchronous(FULL)", "synchronous(NORMAL)"},
		{"app/base/store/store.go", "synchronous(FULL)", "synchronous(OFF)"},
		{"app/base/files/receive.go", "if err := p.file.Sync(); err != nil {", "if err := error(nil); err != nil {"},
		{"app/base/files/sync_unix.go", "errors.Join(d.Sync(), d.Close())", "errors.Join(d.Close())"},
	} {
		r := record(t, planted(t, c.file, c.is, c.becomes), 60)
		bad := 0
		var last error
		for _, how := range []loss{lostAll, lostSome, lostPieces} {
			for range 5 {
				if err := r.after(t, how, false); err != nil {
					bad, last = bad+1, err
				}
			}
		}
		t.Logf("%s: %d of 15 cuts with loss: %v", c.becomes, bad, last)
		if bad == 0 {
			t.Errorf("a house with %q is not found", c.becomes)
		}
	}
}

// What a thread was doing as it was killed is said as such, however strace writes that down.
func TestReadTrace(t *testing.T) {
	for _, c := range []struct {
		lines string
		calls int
		cut   string
	}{
		{`fsync(7</d/f>) = 0`, 1, ""},
		{`openat(AT_FDCWD</d>, "f", O_RDONLY) = -1 ENOENT (No such file or directory)`, 0, ""},
		{`write(7</d/f>, "a) = 5", 6) = 6`, 1, ""},
		{"fsync(7</d/f> <unfinished ...>\n<... fsync resumed>) = 0", 1, ""},
		{"fsync(7</d/f> <unfinished ...>", 0, "7</d/f>"},
		{"fsync(7</d/f> <unfinished ...>\n<... fsync resumed>) = ?", 0, "7</d/f>"},
		{"fsync(7</d/f> <unfinished ...>\n<... fsync resumed> <unavailable>) = ?", 0, "7</d/f> <unavailable>"},
		{"fsync(7</d/f> <unfinished ...>\n<... fsync resumed>) = -1 (errno 18446744073709551615)", 0, "7</d/f>"},
		{"???( <unfinished ...>\n<... ??? resumed>) = ?", 0, ""},
	} {
		var b strings.Builder
		for line := range strings.SplitSeq(c.lines, "\n") {
			fmt.Fprintf(&b, "4 1700000000.000001 %s\n", line)
		}
		calls, cut, err := readTrace(strings.NewReader(b.String()))
		if got := strings.Join(cut, "; "); err != nil || len(calls) != c.calls || got != c.cut {
			t.Errorf("%s: %d calls, cut short %q, %v; want %d, %q", c.lines, len(calls), got, err, c.calls, c.cut)
		}
	}
}

// A promise is what a client was told, and when.
type promise struct {
	at           time.Time
	announcement int64
	person       int64 // 0: it was published; else confirmed by them
	title        string
	size         int64 // of its file; 0: none
}

// A recording is what a house did to its disk, and what it said.
type recording struct {
	was    string // the folder as it began
	dir    string // the folder that it worked in
	calls  []traceCall
	cut    []string  // arguments of calls that the kill has cut short
	said   []promise // in the order of time
	chance *rand.Rand
}

// record has a house be used until it has said n things, and kills it.
func record(t *testing.T, bin string, n int) *recording {
	t.Helper()
	need(t, "strace")
	r := &recording{was: t.TempDir(), dir: t.TempDir(), chance: rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))}
	file := settled(t, r.was)
	if err := os.WriteFile(filepath.Join(r.dir, "nestfunk.db"), []byte(content(t, file)), 0o600); err != nil {
		t.Fatal(err)
	}
	reserved(t, r.dir) // nobody wants to read 32 MB of chance
	trace := filepath.Join(t.TempDir(), "trace")
	s := begin(t, exec.CommandContext(t.Context(), "strace", "-D", "-f", "-q", "-y", "-ttt", "-s", "1000000", "-o", trace, "-e", diskCalls, "-e", "signal=kill",
		bin, "serve", "--data", r.dir, "--listen", "127.0.0.1:0"))
	r.use(t, s, n)
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // it was killed
	waitFor(t, "the end of the trace", func() bool {
		f, err := os.ReadFile(trace)
		return err == nil && bytes.HasSuffix(f, []byte("+++ killed by SIGKILL +++\n"))
	})
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if r.calls, r.cut, err = readTrace(f); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d calls, %d promises", len(r.calls), len(r.said))
	r.faithful(t)
	return r
}

// faithful checks that the recording leads to what really lies there.
func (r *recording) faithful(t *testing.T) {
	t.Helper()
	disk := r.disk(t, time.Now())
	seen := 0
	for path, n := range disk.now {
		rest := strings.TrimPrefix(path, r.dir)
		if n.folder || rest != "/nestfunk.db" && rest != "/nestfunk.db-wal" && !strings.HasPrefix(rest, "/files/") {
			continue
		}
		seen++
		torn := slices.ContainsFunc(r.cut, func(args string) bool { return strings.Contains(args, "<"+path+">") })
		if !torn && content(t, path) != string(n.now) {
			t.Errorf("%s is not what was recorded: %s", rest, r.differ(path, content(t, path), string(n.now)))
		}
	}
	if seen < 4 {
		t.Errorf("only %d files were recorded", seen)
	}
}

// differ says where what lies there and what was recorded part, and which call was the last.
func (r *recording) differ(path, is, recorded string) string {
	at, last := 0, ""
	for at < min(len(is), len(recorded)) && is[at] == recorded[at] {
		at++
	}
	for _, c := range r.calls {
		if strings.Contains(c.args, "<"+path+">") {
			last = fmt.Sprintf("%s(… %s) = %d", c.name, c.args[max(0, len(c.args)-40):], c.result)
		}
	}
	return fmt.Sprintf("%d bytes, recorded %d, which part at %d; the last call: %s", len(is), len(recorded), at, last)
}

// disk is that of the house at a moment.
func (r *recording) disk(t *testing.T, at time.Time) *platter {
	t.Helper()
	disk, err := newPlatter(r.was, r.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.calls {
		if c.end.After(at) {
			break
		}
		if err := disk.do(c); err != nil {
			t.Fatal(err)
		}
	}
	return disk
}

// reserved puts a file without content where the house keeps room for a full disk.
func reserved(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, "reserve")
	if err := errors.Join(os.WriteFile(name, nil, 0o600), os.Truncate(name, 32<<20)); err != nil {
		t.Fatal(err)
	}
}

// use has clients publish, with files and without, and confirm.
func (r *recording) use(t *testing.T, s *server, n int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	size := apptest.Small
	id := regexp.MustCompile(`^/mitteilung/(\d+)`)
	keep := func(p promise) (more bool) {
		mu.Lock()
		defer mu.Unlock()
		p.at = time.Now()
		r.said = append(r.said, p)
		return len(r.said) < n
	}
	for c := range 4 {
		wg.Go(func() {
			latest := size.Told()
			for i := 0; ; i++ {
				p := promise{announcement: latest, person: size.Parent(4*i + c)}
				kind, body := "application/x-www-form-urlencoded", "back=/"
				path, by := fmt.Sprintf("/mitteilung/%d/bestaetigen", latest), p.person
				if i%5 == 0 {
					p = promise{title: fmt.Sprintf("Titel %d %d", c, i)}
					path, by = "/mitteilungen/neu", size.Clerk()
					fields := []string{"unit", "1", "audience", "1", "role", "parent", "title", p.title, "body", "Text", "confirm", "1"}
					up := apptest.Upload(path, "upload", "anhang.txt", fmt.Appendf(nil, "Text %d von %d", i, c), fields...)
					if i%10 == 0 {
						p.size = int64(len(fmt.Sprintf("Text %d von %d", i, c)))
					}
					var b bytes.Buffer
					_, _ = b.ReadFrom(up.Body) // from memory
					kind, body = up.Header.Get("Content-Type"), b.String()
					if p.size == 0 {
						v := make([]string, 0, len(fields)/2)
						for j := 0; j < len(fields); j += 2 {
							v = append(v, fields[j]+"="+strings.ReplaceAll(fields[j+1], " ", "+"))
						}
						kind, body = "application/x-www-form-urlencoded", strings.Join(v, "&")
					}
				}
				code, to := told(t, s, by, path, kind, body)
				if code != 303 {
					t.Errorf("%s: %d", path, code)
					return
				}
				if p.person == 0 {
					m := id.FindStringSubmatch(to)
					if m == nil {
						t.Errorf("published: %q", to)
						return
					}
					p.announcement, _ = strconv.ParseInt(m[1], 10, 64)
					latest = p.announcement
				}
				if !keep(p) {
					return
				}
			}
		})
	}
	wg.Wait()
}

// after cuts the power at a moment at which something was said, and compares what is left with what had been said until
// then. Started: the whole house is started from it.
func (r *recording) after(t *testing.T, how loss, started bool) error {
	t.Helper()
	first, last := r.said[0].at, r.said[len(r.said)-1].at
	at := first.Add(time.Duration(r.chance.Int64N(int64(last.Sub(first)))))
	dir := t.TempDir()
	if err := r.disk(t, at).cut(dir, how, r.chance); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var l logbook
	_ = l.note(nil) // it is empty
	files := map[int64]int64{}
	for _, p := range r.said {
		switch {
		case p.at.After(at):
		case p.person != 0:
			l.receipts[receipt{p.announcement, p.person}] = true
		default:
			l.titles[p.announcement] = p.title
			if p.size > 0 {
				files[p.announcement] = p.size
			}
		}
	}
	if started {
		reserved(t, dir)
		s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
		_, health := ask(t, s, 0, "GET", "/gesund", "", nil)
		code, page := ask(t, s, apptest.Small.Parent(9), "GET", "/suche?q=garten", "", nil)
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait() // it was killed
		if health != "ok\n" || code != 200 {
			return fmt.Errorf("it says of its health %q; a search: %d %.200s", health, code, page)
		}
	}
	db, err := store.Open(t.Context(), filepath.Join(dir, "nestfunk.db"), apptest.Schema())
	if err != nil {
		return err
	}
	return errors.Join(l.compare(db), whole(db, filepath.Join(dir, "files"), files), db.Close())
}

// told sends a form and returns where it leads.
func told(t *testing.T, s *server, by int64, path, kind, body string) (code int, to string) {
	d := drifter{t: t, s: s, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	code, to, _ = d.do(by, "POST", path, kind, body)
	return code, to
}
