//go:build linux

package app_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

// TestLoadPlanted builds the program with a defect, one after the other, and demands that the run which is there for it
// notices. A run that has never failed proves nothing.
//
//	NESTFUNK_PLANT=1 go test -count 1 -timeout 1h -run '^TestLoadPlanted$' -v ./app
func TestLoadPlanted(t *testing.T) {
	if os.Getenv("NESTFUNK_PLANT") == "" {
		t.Skip("builds the program anew for each defect; NESTFUNK_PLANT=1 does it")
	}
	t.Setenv("NESTFUNK_FIGURES", "") // nothing that is measured here is a figure
	soaked := func(t testing.TB, s *server, town *loaded) []string { return soak(t, s, town, 20*time.Second) }
	slow := func(t testing.TB, s *server, town *loaded) []string { return slowly(t, s, town, 200) }
	for _, c := range []struct {
		name, file, is, was string
		run                 func(testing.TB, *server, *loaded) []string
		want                string
	}{
		{"a goroutine stays behind with every request", "app/base/web/gate.go", "go func() { select {} }()\n\t\trank, longest := rankOf(r), patience", "rank, longest := rankOf(r), patience", soaked, "goroutines grow"},
		{"64 KB stay behind with every request", "app/base/web/gate.go", "b := make([]byte, 64<<10)\n\tfor i := range b {\n\t\tb[i] = 1\n\t}\n\ttime.AfterFunc(24*time.Hour, func() { _ = b[0] })\n\tg.free--", "g.free--", soaked, "memory grows"},
		{"heads may take an hour", "app/app.go", "ReadHeaderTimeout: time.Hour", "ReadHeaderTimeout: 5 * time.Second", slow, "slow head"},
		{"bodies may take an hour", "app/base/web/visit.go", "slowStart = time.Hour", "slowStart = 10 * time.Second", slow, "slow body"},
		{"a body holds a place while it is waited for", "app/base/web/visit.go", "if false {\n\t\tv.leave()", "if v.inside {\n\t\tv.leave()", slow, "others"},
		{"no limit for a form", "app/base/web/web.go", "_ = limit", "r.Body = http.MaxBytesReader(w, r.Body, limit)", hugely, "without end"},
		{"a length is not looked at", "app/base/web/web.go", "if false {", "if r.ContentLength > limit {", hugely, "terabyte"},
		{"as many fields as somebody likes", "app/base/web/form.go", "n > 1<<30", "n > mostValues", hugely, "10,000 times one field"},
		{"connections are not counted", "app/crowd.go", "_ = conn", "_ = conn.Close() // the server finds it closed", nil, "files"},
		{"everybody is let in", "app/base/web/gate.go", "if g.free > -1<<30 {\n\t\tg.take(from)\n\t\tg.mu.Unlock()\n\t\treturn true", "if g.free > 0 {\n\t\tg.take(from)\n\t\tg.mu.Unlock()\n\t\treturn true",
			func(t testing.TB, s *server, town *loaded) []string { return overload(t, s, town, 10*time.Second) }, "want"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := planted(t, c.file, c.was, c.is)
			town := loadedTown(t)
			var wrong []string
			quiet := 0
			if c.run == nil {
				wrong = shutOut(t, file, town, 350)
			} else {
				cmd := exec.CommandContext(t.Context(), file, "serve", "--data", town.dir, "--listen", "127.0.0.1:0")
				cmd.Dir = apptest.Root()
				s := begin(t, cmd)
				indexed(t, s)
				others := neighbours(t, s)
				wrong = c.run(t, s, town)
				quiet = others()
			}
			t.Logf("%q", wrong)
			if found := strings.Contains(strings.Join(wrong, "\n"), c.want); !found && strings.Contains(c.name, "let in") && quiet > noisy {
				t.Skipf("only times tell this, and others use %d %% of the machine", quiet)
			} else if !found {
				t.Errorf("nobody notices: want %q in %q", c.want, wrong)
			}
		})
	}
}
