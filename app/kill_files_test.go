package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A file that was acknowledged is there after kill -9 at any moment, and no row is without its content. What is left of
// an upload that broke off goes with the next start.
func TestKillFiles(t *testing.T) {
	t.Parallel()
	trials := kills(5, 10)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	file := apptest.Town(t, apptest.Small)
	folder := filepath.Join(filepath.Dir(file), "files")
	inDatabase(t, file, func(db *store.DB) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			now := time.Now()
			_, err := tx.Exec(`UPDATE session SET created = ?1, seen = ?1, expires = ?2`, now.Unix(), now.AddDate(0, 1, 0).Unix())
			return err
		})
	})
	said := map[int64]int64{} // the size of what was uploaded, by announcement
	for trial := range trials {
		s := serve(t, "serve", "--data", filepath.Dir(file), "--listen", "127.0.0.1:0")
		if left, _ := os.ReadDir(filepath.Join(folder, "tmp")); len(left) > 0 {
			t.Errorf("trial %d: %d halves are left from before", trial, len(left))
		}
		life := time.Duration(100+chance.IntN(500)) * time.Millisecond
		for id, size := range upload(s, trial, func() {
			time.Sleep(life)
			if err := s.cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			_ = s.cmd.Wait() // it was killed
		}) {
			said[id] = size
		}
		inDatabase(t, file, func(db *store.DB) error { return whole(db, folder, said) })
	}
	if len(said) < trials {
		t.Errorf("%d uploads in %d trials: too few to tell anything", len(said), trials)
	}
	if !t.Failed() {
		apptest.Figure(t, "kill-files", fmt.Sprintf("%d Abbrüche, %d zugesagte Dateien, keine verloren", trials, len(said)))
	}
	t.Logf("%d trials: %d uploads were acknowledged, and all are there", trials, len(said))
}

// upload has clients publish announcements with a drawing and a text until the house is gone.
func upload(s *server, trial int, end func()) map[int64]int64 {
	var mu sync.Mutex
	var wg sync.WaitGroup
	said := map[int64]int64{}
	id := regexp.MustCompile(`^/mitteilung/(\d+)$`)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for c := range 4 {
		wg.Go(func() {
			for n := range 15 { // 60 files an hour
				text := []byte(fmt.Sprintf("Text %d von %d, %d", n, c, trial))
				m := image.NewRGBA(image.Rect(0, 0, 400, 300))
				m.Set(n, c, color.RGBA{uint8(trial), 1, 1, 255})
				var picture, body bytes.Buffer
				_ = png.Encode(&picture, m) // into memory
				form := multipart.NewWriter(&body)
				for _, f := range [][2]string{{"unit", "1"}, {"audience", "1"}, {"role", "parent"}, {"title", "Mit Anhang"}} {
					_ = form.WriteField(f[0], f[1])
				}
				content := text
				if n%2 == 1 {
					content = picture.Bytes()
				}
				w, _ := form.CreateFormFile("upload", "anhang")
				_, _ = w.Write(content)
				_ = form.Close()
				r, err := http.NewRequest("POST", s.base+"/mitteilungen/neu", &body)
				if err != nil {
					return
				}
				r.Header.Set("Content-Type", form.FormDataContentType())
				res, err := client.Do(apptest.Ask(r, apptest.Small.Clerk()))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if at := id.FindStringSubmatch(res.Header.Get("Location")); at != nil {
					a, _ := strconv.ParseInt(at[1], 10, 64)
					mu.Lock()
					said[a] = int64(len(text))
					if n%2 == 1 {
						said[a] = 0 // made anew
					}
					mu.Unlock()
				}
			}
		})
	}
	end()
	wg.Wait()
	return said
}

// whole checks that every file has its content, and every upload that was acknowledged its file.
func whole(db *store.DB, folder string, said map[int64]int64) error {
	return db.Read(context.Background(), func(tx *store.Tx) error {
		type row struct {
			ref, size, width int64
			hash             []byte
		}
		all, err := store.All(tx, func(r *row) []any { return []any{&r.ref, &r.size, &r.width, &r.hash} }, `SELECT ref, size, width, hash FROM file`)
		if err != nil {
			return err
		}
		var wrong []error
		have := map[int64]row{}
		for _, r := range all {
			have[r.ref] = r
			h := hex.EncodeToString(r.hash)
			name := filepath.Join(folder, h[:2], h[2:])
			b, err := os.ReadFile(name)
			if sum := sha256.Sum256(b); err != nil || int64(len(b)) != r.size || !bytes.Equal(sum[:], r.hash) {
				wrong = append(wrong, fmt.Errorf("a file of announcement %d has no content: %w", r.ref, err))
			}
			if _, err := os.Stat(name + ".klein"); (err == nil) != (r.width > 0) {
				wrong = append(wrong, fmt.Errorf("thumbnail of announcement %d: %w", r.ref, err))
			}
		}
		for id, size := range said {
			if r, ok := have[id]; !ok || size > 0 && r.size != size {
				wrong = append(wrong, fmt.Errorf("announcement %d was acknowledged with a file, and has none: %+v", id, r))
			}
		}
		return errors.Join(wrong...)
	})
}
