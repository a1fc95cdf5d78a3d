package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// TestTruncatedIndex cuts the files of the index off while the house is searched. What is mapped into memory is then gone:
// the process may end, as no program can help, and a supervisor starts it again. No search fails otherwise, and the index
// comes back by itself.
func TestTruncatedIndex(t *testing.T) {
	file := apptest.Town(t, apptest.Small)
	dir := filepath.Dir(file)
	inDatabase(t, file, func(db *store.DB) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			now := time.Now()
			_, err := tx.Exec(`UPDATE session SET created = ?1, seen = ?1, expires = ?2`, now.Unix(), now.AddDate(0, 1, 0).Unix())
			return err
		})
	})
	s := serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	person := int64(0)
	search := func() (code int, page string, alive bool) { // each time as another, since a minute takes 60 searches of one
		for person++; person%25 < 4; person++ { // who read another language
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.base+"/suche?q=garten", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.Do(apptest.Ask(r, person))
		if err != nil {
			return 0, "", false
		}
		code, page = read(t, res)
		return code, page, true
	}
	whole := func() {
		t.Helper()
		for begin := time.Now(); ; {
			code, page, alive := search()
			if !alive || code != 200 {
				t.Fatalf("searched: %d, alive %v: %s", code, alive, s.errs)
			}
			if !strings.Contains(page, "neu aufgebaut") {
				t.Log("whole after", time.Since(begin).Round(time.Millisecond))
				return
			}
			if time.Since(begin) > 30*time.Second {
				t.Fatal("the index does not come back")
			}
			time.Sleep(20 * time.Millisecond) // the other process works meanwhile
		}
	}
	whole()
	for _, size := range []int64{0, 1000, 5000} {
		segments, err := filepath.Glob(filepath.Join(dir, "index", "*", "store", "*.zap"))
		if err != nil || len(segments) == 0 {
			t.Fatal("no segments: ", err)
		}
		for _, name := range segments {
			if err := os.Truncate(name, size); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		for i := range 40 {
			code, page, alive := search()
			if alive && code != 200 {
				t.Errorf("cut to %d bytes, search %d: %d %.200s", size, i, code, page)
			}
			if alive {
				continue
			}
			_ = s.cmd.Wait() // it has died
			begin := time.Now()
			s = serve(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
			if code, _, alive := search(); !alive || code != 200 {
				t.Fatalf("after the restart: %d", code)
			}
			took := time.Since(begin)
			t.Logf("cut to %d bytes: the process ended with search %d, and searches again after %s", size, i, took.Round(time.Millisecond))
			if took > 10*time.Second { // two on a machine that has nothing else to do
				t.Errorf("back after %s", took)
			}
			break
		}
		whole()
	}
	if code := s.stop(); code != 0 {
		t.Errorf("it ends with %d: %s", code, s.errs)
	}
}
