package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"nestfunk/app/base/backup"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// A home is a small house with files, and a clock that stands still.
type home struct {
	backup.House
	t   *testing.T
	dir string
	now time.Time
}

const schema = `CREATE TABLE file (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT; CREATE TABLE word (word TEXT NOT NULL) STRICT;`

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)}
	db, err := store.Open(t.Context(), filepath.Join(h.dir, "house.db"), schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.House = backup.House{DB: db, Program: "test", ID: "house-1", Secret: bytes.Repeat([]byte{7}, 32), Scratch: filepath.Join(h.dir, "scratch"),
		File: func(hash []byte) (*os.File, error) { return os.Open(filepath.Join(h.dir, hex.EncodeToString(hash))) },
		Now:  func() time.Time { return h.now }}
	return h
}

// say writes words into the database.
func (h *home) say(words ...string) {
	h.t.Helper()
	err := h.DB.Write(h.t.Context(), func(tx *store.Tx) error {
		for _, w := range words {
			if _, err := tx.Exec(`INSERT INTO word (word) VALUES (?)`, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// put puts a file into the house and returns its hash.
func (h *home) put(content string) []byte {
	h.t.Helper()
	sum := sha256.Sum256([]byte(content))
	if err := os.WriteFile(filepath.Join(h.dir, hex.EncodeToString(sum[:])), []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
	err := h.DB.Write(h.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO file (hash) VALUES (?)`, sum[:])
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return sum[:]
}

func (h *home) backUp(to backup.Target, keys ...backup.Key) backup.Report {
	h.t.Helper()
	r, err := backup.Make(h.t.Context(), h.House, to, public(keys))
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := os.Stat(h.Scratch); !errors.Is(err, fs.ErrNotExist) {
		h.t.Error("the scratch folder is still there:", err)
	}
	return r
}

func public(keys []backup.Key) (all []string) {
	for _, k := range keys {
		all = append(all, k.Public())
	}
	return all
}

func newKey(t *testing.T) backup.Key {
	t.Helper()
	k, err := backup.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// words are those in a restored database.
func words(t *testing.T, file string) (all []string) {
	t.Helper()
	db, err := store.Open(t.Context(), file, schema)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.All(tx, store.Value[string], `SELECT word FROM word ORDER BY rowid`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func folder(t *testing.T) (backup.Target, string) {
	t.Helper()
	dir := t.TempDir()
	to, err := backup.Open(t.Context(), dir, backup.Secret{})
	if err != nil {
		t.Fatal(err)
	}
	return to, dir
}

// objects are all of a target with their content.
func objects(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		all[strings.TrimPrefix(p, dir+"/")] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A house goes onto each kind of target and comes back from it, with either of two keys.
func TestThereAndBack(t *testing.T) {
	for name, open := range map[string]func(*testing.T) backup.Target{
		"folder": func(t *testing.T) backup.Target { to, _ := folder(t); return to },
		"SFTP":   sftpTarget,
		"S3":     s3Target,
	} {
		t.Run(name, func(t *testing.T) {
			h, to := newHome(t), open(t)
			one, two := newKey(t), newKey(t)
			h.say("eins")
			photo := h.put("a photo")
			first := h.backUp(to, one, two)
			if first.New != 2 || first.Files != 1 || first.Open {
				t.Errorf("the first run: %+v", first)
			}
			h.now = h.now.Add(time.Hour)
			h.say("zwei")
			h.put("a plan")
			second := h.backUp(to, one, two)
			if second.New != 2 || second.Files != 2 {
				t.Errorf("the second run sends what is new, database and plan: %+v", second)
			}
			for _, k := range []backup.Key{one, two} {
				dir := t.TempDir()
				r, err := backup.Restore(t.Context(), to, time.Time{}, []backup.Key{k}, dir, "house.db")
				if err != nil {
					t.Fatal(err)
				}
				if got := words(t, filepath.Join(dir, "house.db")); !slices.Equal(got, []string{"eins", "zwei"}) || len(r.Files) != 2 {
					t.Errorf("came back: %q, %d files", got, len(r.Files))
				}
				h := hex.EncodeToString(photo)
				if b, err := os.ReadFile(filepath.Join(dir, "files", h[:2], h[2:])); string(b) != "a photo" {
					t.Errorf("the photo: %q, %v", b, err)
				}
				older := t.TempDir()
				if _, err := backup.Restore(t.Context(), to, first.At, []backup.Key{k}, older, "house.db"); err != nil {
					t.Fatal(err)
				}
				if got := words(t, filepath.Join(older, "house.db")); !slices.Equal(got, []string{"eins"}) {
					t.Errorf("of the first run came back: %q", got)
				}
			}
			if err := to.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Whoever has the target alone reads nothing, not even names, and the wrong words open nothing.
func TestSecret(t *testing.T) {
	h := newHome(t)
	to, dir := folder(t)
	h.say("canary in the database")
	hash := h.put("canary in a file")
	h.backUp(to, newKey(t))
	for name, content := range objects(t, dir) {
		if strings.Contains(content, "canary") || strings.Contains(name+content, hex.EncodeToString(hash)) {
			t.Errorf("%s shows what it holds", name)
		}
	}
	for what, keys := range map[string][]backup.Key{"no key": nil, "another key": []backup.Key{newKey(t)}} {
		into := t.TempDir()
		if _, err := backup.Restore(t.Context(), to, time.Time{}, keys, into, "house.db"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s: %v", what, err)
		}
		if left := objects(t, into); len(left) > 0 {
			t.Errorf("%s leaves %v", what, slices.Collect(maps.Keys(left)))
		}
	}
}

// TestKeysChange: what somebody is given a key for, they can open, also files that lay there before; and once there is a key,
// nothing of a new snapshot is open.
func TestKeysChange(t *testing.T) {
	h := newHome(t)
	to, _ := folder(t)
	h.put("Ein Foto, das lange da ist.")
	one, two := newKey(t), newKey(t)
	for _, keys := range [][]backup.Key{nil, {one}, {one, two}, {two}} {
		h.now = h.now.Add(time.Hour)
		if r := h.backUp(to, keys...); r.New != 2 { // the database and the file
			t.Errorf("with %d keys %d blobs are new", len(keys), r.New)
		}
		for i, k := range []backup.Key{one, two} {
			into := t.TempDir()
			_, err := backup.Restore(t.Context(), to, time.Time{}, []backup.Key{k}, into, "db")
			if may := len(keys) == 0 || slices.Contains(public(keys), k.Public()); may != (err == nil) {
				t.Errorf("with %d keys, key %d: %v", len(keys), i, err)
			}
		}
	}
}

// Without recipients a snapshot is as plain as the disk that it lies on, and says so.
func TestPlain(t *testing.T) {
	h := newHome(t)
	to, _ := folder(t)
	h.say("eins")
	if r := h.backUp(to); !r.Open {
		t.Errorf("%+v", r)
	}
	dir := t.TempDir()
	if _, err := backup.Restore(t.Context(), to, time.Time{}, nil, dir, "house.db"); err != nil {
		t.Fatal(err)
	}
	if got := words(t, filepath.Join(dir, "house.db")); !slices.Equal(got, []string{"eins"}) {
		t.Errorf("came back: %q", got)
	}
}

// Nothing comes back from where nothing was put, and the folder stays empty.
func TestEmptyTarget(t *testing.T) {
	to, _ := folder(t)
	for _, at := range []time.Time{{}, time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)} {
		dir := t.TempDir()
		if _, err := backup.Restore(t.Context(), to, at, nil, dir, "house.db"); fault.KindOf(err) != fault.NotFound || !strings.Contains(fault.Words(err), "keine Sicherung") {
			t.Errorf("%v: %v", at, err)
		}
		if left := objects(t, dir); len(left) > 0 {
			t.Errorf("%v leaves %v", at, slices.Collect(maps.Keys(left)))
		}
	}
}

// Whatever is done to a target, nothing comes back that is not what went there; but one damaged file holds up no other.
func TestDamage(t *testing.T) {
	t.Run("encrypted", func(t *testing.T) { damage(t, newKey(t)) })
	t.Run("open", func(t *testing.T) { damage(t) })
}

func damage(t *testing.T, keys ...backup.Key) {
	h := newHome(t)
	to, dir := folder(t)
	h.say("eins")
	photo, other := h.put("a photo"), h.put("another")
	h.backUp(to, keys...)
	short := 0
	for name, content := range objects(t, dir) {
		if name == "nestfunk" || strings.HasSuffix(name, ".names") {
			continue
		}
		if len(keys) == 0 && !strings.HasPrefix(name, "blobs/") { // it says in the open what it wants to
			continue
		}
		for what, b := range map[string][]byte{
			"a flipped bit": flip(content, len(content)/2), "the last bit": flip(content, len(content)-1), "cut short": []byte(content[:len(content)-1]), "empty": nil,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
			into := t.TempDir()
			_, err := backup.Restore(t.Context(), to, time.Time{}, keys, into, "house.db")
			left := objects(t, into)
			if bad, ok := errors.AsType[*backup.Incomplete](err); ok {
				good := other
				if len(bad.Files) == 1 && bytes.Equal(bad.Files[0].SHA256, other) {
					good = photo
				}
				hash := hex.EncodeToString(good)
				if short++; len(bad.Files) != 1 || len(left) != 2 || left["house.db"] == "" || left["files/"+hash[:2]+"/"+hash[2:]] == "" {
					t.Errorf("%s, %s: %d are damaged, left %v", name, what, len(bad.Files), slices.Collect(maps.Keys(left)))
				}
				continue
			}
			if fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Words(err), "nehmen Sie eine andere") || len(left) > 0 {
				t.Errorf("%s, %s: %v, left %v", name, what, err, slices.Collect(maps.Keys(left)))
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if short != 2*4 {
		t.Errorf("%d times a house came back without a file", short)
	}
	if _, err := backup.Restore(t.Context(), to, time.Time{}, keys, t.TempDir(), "house.db"); err != nil {
		t.Error("what was mended does not come back:", err)
	}
}

// broken is a line that breaks while a file comes: that is not damage, and half a house is none.
type broken struct{ backup.Target }

func (b broken) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := b.Target.Get(ctx, name)
	if i, stat := r.(*os.File); stat && err == nil && strings.HasPrefix(name, "blobs/") {
		if s, _ := i.Stat(); s.Size() < 1000 { // the file, not the database
			return io.NopCloser(io.MultiReader(io.LimitReader(r, 100), iotest.ErrReader(errors.New("connection lost")))), nil
		}
	}
	return r, err
}

func TestBrokenLine(t *testing.T) {
	h := newHome(t)
	to, _ := folder(t)
	h.put("a photo")
	key := newKey(t)
	h.backUp(to, key)
	into := t.TempDir()
	_, err := backup.Restore(t.Context(), broken{to}, time.Time{}, []backup.Key{key}, into, "house.db")
	if err == nil || !strings.Contains(err.Error(), "connection lost") {
		t.Error(err)
	}
	if left := objects(t, into); len(left) > 0 {
		t.Errorf("left %v", slices.Collect(maps.Keys(left)))
	}
}

func flip(s string, at int) []byte {
	b := []byte(s)
	b[at] ^= 1
	return b
}

// loose loses or spoils what is written: a target that lies.
type loose struct {
	backup.Target
	spoil func(name string) bool
}

func (l loose) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if l.spoil(name) {
		return l.Target.Put(ctx, name, strings.NewReader("not that"), 8)
	}
	return l.Target.Put(ctx, name, r, size)
}

// A snapshot that would not come back is none, and the one before it stays the newest.
func TestOnlyWhatComesBackCounts(t *testing.T) {
	h := newHome(t)
	to, _ := folder(t)
	key := newKey(t)
	h.say("eins")
	first := h.backUp(to, key)
	h.now = h.now.Add(time.Hour)
	h.say("zwei")
	h.put("a photo")
	for _, spoiled := range []int{0, 1} {
		n := -1
		liar := loose{to, func(name string) bool {
			if strings.HasPrefix(name, "blobs/") {
				n++
			}
			return strings.HasPrefix(name, "blobs/") && n == spoiled
		}}
		if _, err := backup.Make(t.Context(), h.House, liar, public([]backup.Key{key})); err == nil {
			t.Error("a spoiled snapshot counts")
		}
		if all, err := backup.Snapshots(to); err != nil || !slices.EqualFunc(all, []time.Time{first.At}, time.Time.Equal) {
			t.Errorf("snapshots: %v, %v", all, err)
		}
	}
	h.backUp(to, key) // sends the spoiled one anew, since it has another size
	if _, err := backup.Restore(t.Context(), to, time.Time{}, []backup.Key{key}, t.TempDir(), "house.db"); err != nil {
		t.Error(err)
	}
}

// Blobs that lie there for long are read again, a thirtieth each day, and what has rotted is sent anew.
func TestRot(t *testing.T) {
	h := newHome(t)
	to, dir := folder(t)
	key := newKey(t)
	for _, content := range []string{"a", "b", "c"} {
		h.put(content)
	}
	h.backUp(to, key)
	for name, content := range objects(t, dir) {
		if strings.HasPrefix(name, "blobs/") {
			if err := os.WriteFile(filepath.Join(dir, name), flip(content, len(content)-1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	checked := 0
	for range 31 {
		h.now = h.now.Add(24 * time.Hour)
		checked += h.backUp(to, key).Checked
	}
	if checked < 4 {
		t.Errorf("%d blobs were compared", checked)
	}
	if _, err := backup.Restore(t.Context(), to, time.Time{}, []backup.Key{key}, t.TempDir(), "house.db"); err != nil {
		t.Error("what has rotted was not sent anew:", err)
	}
}

// A target belongs to one house.
func TestTwoHouses(t *testing.T) {
	h := newHome(t)
	to, _ := folder(t)
	h.backUp(to)
	h.ID = "house-2"
	if _, err := backup.Make(t.Context(), h.House, to, nil); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
}

// Snapshots thin out with age, none is older than five weeks, and what none needs goes.
func TestPrune(t *testing.T) {
	h := newHome(t)
	to, dir := folder(t)
	end := h.now.AddDate(0, 0, 45)
	for ; h.now.Before(end); h.now = h.now.Add(12 * time.Hour) {
		h.say("x")
		h.backUp(to)
		for name := range objects(t, dir) { // as old as the clock of the house says
			if i, err := os.Stat(filepath.Join(dir, name)); err == nil && i.ModTime().After(end) {
				if err := os.Chtimes(filepath.Join(dir, name), h.now, h.now); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	all, err := backup.Snapshots(to)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(all); n < 4+12+3 || n > 5+13+4 {
		t.Errorf("%d snapshots are left: %v", n, all)
	}
	if oldest := all[len(all)-1]; h.now.Sub(oldest) > backup.Longest {
		t.Errorf("the oldest is of %v", oldest)
	}
	n := 0
	for name := range objects(t, dir) {
		if strings.HasPrefix(name, "blobs/") {
			n++
		}
	}
	if n < len(all) || n > len(all)+8 { // each has another database; what is younger than a day may still be needed
		t.Errorf("%d blobs for %d snapshots", n, len(all))
	}
	for _, at := range all {
		if _, err := backup.Restore(t.Context(), to, at, nil, t.TempDir(), "house.db"); err != nil {
			t.Errorf("%v: %v", at, err)
		}
	}
}

// Who was forgotten after a snapshot was made is forgotten again when it comes back.
func TestDeletions(t *testing.T) {
	h := newHome(t)
	to, _ := folder(t)
	var gone []backup.Deletion
	h.Deleted = func(*store.Tx) ([]backup.Deletion, error) { return gone, nil }
	gone = append(gone, backup.Deletion{Kind: "person", UID: "before", At: h.now.Add(-time.Hour)})
	first := h.backUp(to)
	gone = append(gone, backup.Deletion{Kind: "child", UID: "after", At: h.now.Add(time.Minute)})
	h.now = h.now.Add(time.Hour)
	h.backUp(to)
	for at, want := range map[time.Time][]string{first.At: {"after"}, {}: nil} {
		r, err := backup.Restore(t.Context(), to, at, nil, t.TempDir(), "house.db")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range r.Forgotten {
			got = append(got, d.UID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("restored %v, to forget again: %v, want %v", at, got, want)
		}
	}
}

// Others write while a copy is made: it is one state, and they hardly wait.
func TestCopyWhileOthersWrite(t *testing.T) {
	h := newHome(t)
	to, _ := folder(t)
	for range 50 {
		h.say(strings.Repeat("x", 10_000))
	}
	stop, done := make(chan bool), make(chan int)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				done <- n
				return
			default:
				h.say("a", "b")
			}
		}
	}()
	for range 5 {
		h.now = h.now.Add(time.Hour)
		h.backUp(to)
		dir := t.TempDir()
		if _, err := backup.Restore(t.Context(), to, time.Time{}, nil, dir, "house.db"); err != nil {
			t.Fatal(err)
		}
		if n := len(words(t, filepath.Join(dir, "house.db"))); n%2 != 0 {
			t.Errorf("half a transaction: %d words", n)
		}
	}
	close(stop)
	if n := <-done; n == 0 {
		t.Error("nobody else wrote")
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"ftp://x/y", "sftp://", "s3://host", "sftp://u:secret@host/x", "sftp://u@host/x", "s3://host/b#x", "https://x/y"} {
		if _, err := backup.Open(t.Context(), bad, backup.Secret{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// What a run that was killed has left goes after a day, and a clock that nobody believes removes nothing.
func TestLeftovers(t *testing.T) {
	h := newHome(t)
	to, root := folder(t)
	h.say("x")
	h.backUp(to)
	left := filepath.Join(root, "blobs", ".neu-1")
	if err := os.WriteFile(left, []byte("halb"), 0o600); err != nil {
		t.Fatal(err)
	}
	there := func() bool { _, err := os.Stat(left); return err == nil }
	now := time.Now()
	if _, err := backup.Prune(t.Context(), to, now); err != nil || !there() {
		t.Errorf("of a run that may still go on: %v, there %v", err, there())
	}
	if _, err := backup.Prune(t.Context(), to, now.AddDate(0, 0, 2)); err != nil || there() {
		t.Errorf("of yesterday: %v, there %v", err, there())
	}
	for range 2 { // each would remove the one before
		h.now, h.Still = h.now.AddDate(10, 0, 0), true
		h.backUp(to)
	}
	if all, err := backup.Snapshots(to); err != nil || len(all) != 3 {
		t.Errorf("a clock that nobody believes leaves %d snapshots of 3, %v", len(all), err)
	}
}
