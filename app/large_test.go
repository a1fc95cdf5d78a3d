package app_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/backup"

	"github.com/klauspost/compress/zstd"
)

// needsLarge skips what takes minutes and some GB of disk.
//
//	NESTFUNK_LARGE=1 NESTFUNK_FIGURES=1 go test -count 1 -timeout 1h -run '^TestLarge' -v ./app
func needsLarge(t *testing.T) {
	t.Helper()
	if os.Getenv("NESTFUNK_LARGE") == "" {
		t.Skip("needs minutes and 5 GB of disk; NESTFUNK_LARGE=1 does it")
	}
}

// released is the demonstration of the first release, in a folder.
func released(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	from := filepath.Join(apptest.Root(), "app/base/store/testdata")
	packed, err := os.ReadFile(filepath.Join(from, "release-1.db.zst"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, err := d.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(from, "release-1.key"))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "nestfunk.db")
	for name, b := range map[string][]byte{file: b, filepath.Join(dir, "secret.key"): key,
		filepath.Join(dir, "vorfuehrung"): []byte("Dieser Ordner gehört zu einer Vorführung (nestfunk demo).\n")} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, file
}

// fatten has a database grow to so many MB by earlier editions of a page of the wiki. It returns what stands in it.
func fatten(t *testing.T, file string, mb int64) (editions int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() >= mb<<20 {
			break
		}
		if _, err := db.Exec(`
			WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
			INSERT INTO wiki_revision (page, title, key, body, author, at, released)
			SELECT r.page, r.title, r.key, hex(randomblob(4000)), r.author, r.at, r.released FROM n, (SELECT * FROM wiki_revision ORDER BY id LIMIT 1) r`); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.QueryRow(`SELECT count(*) FROM wiki_revision`).Scan(&editions); err != nil {
		t.Fatal(err)
	}
	return editions
}

// TestLargeUpgrade: the database of a release with 1 GB, with the copy of it before.
func TestLargeUpgrade(t *testing.T) {
	needsLarge(t)
	dir, file := released(t)
	want := fatten(t, file, 1000)
	began := time.Now()
	s := serve(t, "demo", "--data", dir, "--listen", "127.0.0.1:0")
	if code, body := s.get("/gesund"); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	took := time.Since(began)
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d: %s", code, s.errs)
	}
	if got := fatten(t, file, 0); got != want {
		t.Errorf("%d editions came over of %d", got, want)
	}
	if info, err := os.Stat(file + ".release-1"); err != nil || info.Size() < 1000<<20 {
		t.Errorf("the copy: %v", err)
	}
	words := fmt.Sprintf("1 GB in %.0f s, mit der Kopie davor", took.Seconds())
	t.Log(words)
	if took > time.Minute {
		t.Errorf("it takes %s, want at most a minute", took)
	}
	apptest.Figure(t, "upgrade", words)
}

// TestLargeRestore: a house of 1 GB and 10,000 files stands again from a folder and the words on paper.
func TestLargeRestore(t *testing.T) {
	needsLarge(t)
	data, to := imported(t), filepath.Join(t.TempDir(), "sicherung")
	base := filepath.Join(data, "nestfunk.db")
	db, err := sql.Open("sqlite", "file:"+base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO wiki_page (uid, unit, rank, access, created) SELECT 'x', min(id), 1, 'unit', 0 FROM unit; INSERT INTO wiki_revision (page, title, key, body, at) SELECT id, 'Haus', 'haus', 'x', 0 FROM wiki_page LIMIT 1`); err != nil {
		t.Fatal(err)
	}
	editions := fatten(t, base, 900)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 0))
	content := map[string]bool{}
	for i := range 10_000 {
		b := make([]byte, 10_000)
		for k := range b {
			b[k] = byte(chance.Uint32())
		}
		sum := sha256.Sum256(b)
		name := fmt.Sprintf("%x", sum)
		at := filepath.Join(data, "files", name[:2], name[2:])
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(`INSERT INTO file (uid, owner, ref, name, type, size, hash, width, height, at, text) VALUES (?, 'wiki', 1, ?, 'application/octet-stream', ?, ?, 0, 0, 0, '')`,
			fmt.Sprint("g", i), fmt.Sprint(i, ".bin"), len(b), sum[:]); err != nil {
			t.Fatal(err)
		}
		content[name] = true
	}
	if err := errors.Join(tx.Commit(), db.Close(), os.Remove(base+"-sums")); err != nil { // which know nothing of this
		t.Fatal(err)
	}
	key, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if code, out, errs := nestfunk(t, "backup", "--data", data, "--to", to, "--key", key.Public()); code != 0 || !strings.Contains(out, "zurückgeholt und verglichen") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	kept := time.Since(began)
	again := filepath.Join(t.TempDir(), "neu")
	paper := file(t, strings.Join(key.Words(), " ")+"\n")
	began = time.Now()
	if code, out, errs := nestfunk(t, "restore", "--from", to, "--data", again, "--key", paper); code != 0 || !strings.Contains(out, "Wiederhergestellt") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	took := time.Since(began)
	if got := fatten(t, filepath.Join(again, "nestfunk.db"), 0); got != editions {
		t.Errorf("%d editions came back of %d", got, editions)
	}
	for name := range content {
		b, err := os.ReadFile(filepath.Join(again, "files", name[:2], name[2:]))
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprintf("%x", sha256.Sum256(b)) != name {
			t.Fatalf("the file %s is another", name)
		}
	}
	words := fmt.Sprintf("1 GB mit 10.000 Dateien in %.0f s zurückgeholt; gesichert, probeweise zurückgeholt und verglichen in %.0f s", took.Seconds(), kept.Seconds())
	t.Log(words)
	if took > time.Minute {
		t.Errorf("it takes %s, want at most a minute", took)
	}
	apptest.Figure(t, "restore", words)
}
