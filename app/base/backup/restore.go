package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// ErrKey says that none of the keys opens a backup.
var ErrKey = errors.New("none of the keys opens it")

// intro is how a file of age begins.
const intro = "age-encryption.org/"

// opened is the content of what lies in a target, decrypted if it is encrypted.
func opened(r io.Reader, keys []age.Identity) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(len(intro))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(head) != intro {
		return b, nil
	}
	if len(keys) == 0 {
		return nil, ErrKey
	}
	in, err := age.Decrypt(b, keys...)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, ErrKey
	}
	return in, err
}

// fetch writes the content of a blob to w and compares it with what it has to be.
func fetch(ctx context.Context, t Target, b Blob, keys []age.Identity, w io.Writer) (err error) {
	r, err := t.Get(ctx, b.path())
	if err != nil {
		return fmt.Errorf("fetch %s: %w", b.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	in, err := opened(r, keys)
	if err != nil {
		return fmt.Errorf("open %s: %w", b.Name, err)
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), in)
	if err == nil && (n != b.Size || !bytes.Equal(h.Sum(nil), b.SHA256)) {
		err = errors.New("not what was kept")
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", b.Name, err)
	}
	return nil
}

// fetchDatabase writes the database of a snapshot into a new file.
func fetchDatabase(ctx context.Context, t Target, s Snapshot, keys []age.Identity, to string) (err error) {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	pr, pw := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		e := fetch(ctx, t, s.Database, keys, pw)
		sent <- e
		pw.CloseWithError(e)
	}()
	h := sha256.New()
	z, err := zstd.NewReader(pr)
	if err == nil {
		_, err = io.Copy(io.MultiWriter(f, h), z)
		z.Close()
	}
	pr.CloseWithError(errors.New("nobody reads any more"))
	if e := <-sent; e != nil {
		return e
	}
	if err == nil && !bytes.Equal(h.Sum(nil), s.Copy) {
		err = errors.New("the database is not the one that was kept")
	}
	if err == nil {
		err = f.Sync()
	}
	return err
}

// Snapshots lists when those of a target were made, the newest first.
func Snapshots(t Target) ([]time.Time, error) { return times(t) }

// Read is the snapshot of a time in a target.
func Read(ctx context.Context, t Target, at time.Time, keys ...Key) (s Snapshot, err error) {
	b, err := get(ctx, t, Snapshot{At: at}.name())
	if err != nil {
		return s, err
	}
	in, err := opened(bytes.NewReader(b), identities(keys))
	if err != nil {
		return s, err
	}
	if b, err = io.ReadAll(in); err != nil {
		return s, err
	}
	return parseSnapshot(b)
}

// A Restored is what came back.
type Restored struct {
	Snapshot
	Bytes     int64
	Forgotten []Deletion // after the snapshot was made: whoever opens the house forgets them again
}

// Restore brings a snapshot back into a folder that does not exist or is empty: the database as database, files below "files"
// as base/files keeps them. A zero time is the newest. What does not come back whole leaves the folder empty.
func Restore(ctx context.Context, t Target, at time.Time, keys []Key, dir, database string) (r Restored, err error) {
	all, err := times(t)
	if err != nil {
		return r, err
	}
	if len(all) == 0 {
		return r, fault.New(fault.NotFound, "In diesem Ziel liegt keine Sicherung.")
	}
	if at.IsZero() {
		at = all[0]
	}
	if r.Snapshot, err = Read(ctx, t, at, keys...); err != nil {
		if errors.Is(err, ErrKey) {
			err = fault.New(fault.Forbidden, "Diese Wörter öffnen die Sicherung nicht.")
		}
		return r, err
	}
	work := filepath.Join(dir, "wiederherstellung")
	if err := os.MkdirAll(work, 0o700); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := fetchDatabase(ctx, t, r.Snapshot, identities(keys), filepath.Join(work, database)); err != nil {
		return r, err
	}
	if err := store.Check(ctx, filepath.Join(work, database)); err != nil {
		return r, err
	}
	for _, b := range r.Files {
		if err := restoreFile(ctx, t, b, identities(keys), work); err != nil {
			return r, err
		}
		r.Bytes += b.Size
	}
	if r.Forgotten, err = later(ctx, t, all, r.Snapshot, keys); err != nil {
		return r, err
	}
	// Files first: a folder without a database is an empty one.
	if len(r.Files) > 0 {
		dirs, err := filepath.Glob(filepath.Join(work, "files", "*"))
		for _, d := range append(dirs, filepath.Join(work, "files")) {
			err = errors.Join(err, syncDir(d))
		}
		if err != nil {
			return r, err
		}
		if err := os.Rename(filepath.Join(work, "files"), filepath.Join(dir, "files")); err != nil {
			return r, err
		}
	}
	if err := syncDir(dir); err != nil { // before there is a house
		return r, err
	}
	if err := os.Rename(filepath.Join(work, database), filepath.Join(dir, database)); err != nil {
		return r, err
	}
	return r, syncDir(dir)
}

func restoreFile(ctx context.Context, t Target, b Blob, keys []age.Identity, work string) (err error) {
	h := hex.EncodeToString(b.SHA256)
	dir := filepath.Join(work, "files", h[:2])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, h[2:]), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err = fetch(ctx, t, b, keys, f); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// later are the deletions that the newest readable snapshot knows and that happened after another was made.
func later(ctx context.Context, t Target, all []time.Time, s Snapshot, keys []Key) (gone []Deletion, err error) {
	for _, at := range all {
		newest := s
		if !at.Equal(s.At) {
			if newest, err = Read(ctx, t, at, keys...); err != nil {
				continue // a damaged one is why somebody restores an older
			}
		}
		for _, d := range newest.Deletions {
			if !d.At.Before(s.At) {
				gone = append(gone, d)
			}
		}
		return gone, nil
	}
	return nil, nil
}
