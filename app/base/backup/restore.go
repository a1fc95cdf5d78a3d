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
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// ErrKey says that none of the keys opens a backup.
var ErrKey = errors.New("none of the keys opens it")

// errDamaged says that what lies in a target is gone or not what was put there.
var errDamaged = errors.New("damaged")

// An Incomplete says which files did not come back of a house that otherwise has: they are damaged in the target or gone.
type Incomplete struct{ Files []Blob }

func (i *Incomplete) Error() string { return fmt.Sprintf("%d files are damaged", len(i.Files)) }

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

// fetch writes the content of a blob to w and compares it with what it has to be: errDamaged where it is something else.
func fetch(ctx context.Context, t Target, b Blob, keys []age.Identity, w io.Writer) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("fetch %s: %w", b.Name, err)
		}
	}()
	r, err := t.Get(ctx, b.path())
	if errors.Is(err, fs.ErrNotExist) {
		return errors.Join(errDamaged, err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	from, to := &failing{Reader: r}, &failing{Writer: w}
	h := sha256.New()
	var n int64
	in, err := opened(from, keys)
	if err == nil {
		n, err = io.Copy(io.MultiWriter(to, h), in)
	}
	switch {
	case to.err != nil:
		return to.err
	case from.err != nil && !errors.Is(from.err, syscall.EIO): // a line that broke, not a sector
		return from.err
	case err != nil:
		return errors.Join(errDamaged, err)
	case n != b.Size || !bytes.Equal(h.Sum(nil), b.SHA256):
		return errDamaged
	}
	return nil
}

// failing remembers how reading or writing failed, which decrypting says in words of its own.
type failing struct {
	io.Reader
	io.Writer
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

func (f *failing) Write(p []byte) (n int, err error) {
	n, f.err = f.Writer.Write(p)
	return n, f.err
}

// fetchDatabase writes the database of a snapshot into a new file: errDamaged as fetch.
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
		err = fmt.Errorf("the database is not the one that was kept: %w", errDamaged)
	}
	if err == nil {
		err = f.Sync()
	}
	return err
}

// Snapshots lists when those of a target were made, the newest first.
func Snapshots(t Target) ([]time.Time, error) { return times(t) }

// damaged is what an operator is told of a snapshot that cannot be read.
const damaged = "Diese Sicherung ist beschädigt. Bitte nehmen Sie eine andere: --list zeigt alle, --at wählt eine."

// Read is the snapshot of a time in a target. ErrKey says that none of the keys opens it.
func Read(ctx context.Context, t Target, at time.Time, keys ...Key) (s Snapshot, err error) {
	b, err := get(ctx, t, Snapshot{At: at}.name())
	if errors.Is(err, fs.ErrNotExist) {
		return s, fault.New(fault.NotFound, "Eine Sicherung von dieser Zeit gibt es dort nicht: --list zeigt alle.")
	}
	if err != nil {
		return s, err
	}
	in, err := opened(bytes.NewReader(b), identities(keys))
	if errors.Is(err, ErrKey) {
		return s, err
	}
	if err == nil {
		b, err = io.ReadAll(in)
	}
	if err == nil {
		s, err = parseSnapshot(b)
	}
	if err != nil {
		return s, fault.New(fault.Conflict, damaged)
	}
	return s, nil
}

// A Restored is what came back.
type Restored struct {
	Snapshot
	Bytes     int64
	Forgotten []Deletion // after the snapshot was made: whoever opens the house forgets them again
}

// None is what there is to say of a target without a backup.
func None() error { return fault.New(fault.NotFound, "In diesem Ziel liegt keine Sicherung.") }

// Restore brings a snapshot back into a folder that does not exist or is empty: the database as database, files below "files"
// as base/files keeps them. A zero time is the newest. Without its database, or where the target fails, it leaves the folder
// empty. With an Incomplete the house is there, and whole but for the files it names.
func Restore(ctx context.Context, t Target, at time.Time, keys []Key, dir, database string) (r Restored, err error) {
	all, err := times(t)
	if err != nil {
		return r, err
	}
	if len(all) == 0 {
		return r, None()
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
	err = fetchDatabase(ctx, t, r.Snapshot, identities(keys), filepath.Join(work, database))
	if errors.Is(err, errDamaged) {
		err = fault.New(fault.Conflict, damaged)
	}
	if err != nil {
		return r, err
	}
	if err := store.Check(ctx, filepath.Join(work, database)); err != nil {
		return r, err
	}
	if err := os.Mkdir(filepath.Join(work, "files"), 0o700); err != nil {
		return r, err
	}
	var bad Incomplete
	for _, b := range r.Files {
		err := restoreFile(ctx, t, b, identities(keys), work)
		if errors.Is(err, errDamaged) {
			bad.Files = append(bad.Files, b)
			continue
		}
		if err != nil {
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
	if err := syncDir(dir); err != nil {
		return r, err
	}
	if len(bad.Files) > 0 {
		return r, &bad
	}
	return r, nil
}

// restoreFile leaves nothing of a file that does not come back.
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
	if err = errors.Join(err, f.Close()); err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
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
