package files

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

// Kinds of tasks.
const (
	readKind  = "file.read"  // the text of a file
	sweepKind = "file.sweep" // once a day: what nobody refers to
)

// Jobs read texts and sweep.
func (f *Files) Jobs() []task.Job {
	return []task.Job{
		{Kind: readKind, Run: func(ctx context.Context, id int64, _ string) error { return f.read(ctx, id) }},
		{Kind: sweepKind, Run: func(ctx context.Context, _ int64, _ string) error { return f.sweep(ctx) }},
	}
}

// Begin removes what an end in the middle has left, and has the sweep done once a day.
func (f *Files) Begin(ctx context.Context) error {
	if err := os.RemoveAll(filepath.Join(f.dir, tempDir)); err != nil {
		return err
	}
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ?`, sweepKind)
		if err != nil || n > 0 {
			return err
		}
		return f.Tasks.Add(tx, sweepKind, 0, "")
	})
}

// read has the text of a file read, for all files with the same content. What cannot be read has an empty text: the
// search then knows its name only.
func (f *Files) read(ctx context.Context, id int64) error {
	var x File
	err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		x, err = Get(tx, id)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := f.textOf(ctx, x)
	if err != nil {
		return err
	}
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		ids, err := store.All(tx, store.Value[int64], `
			UPDATE file SET text = ? WHERE hash = ? AND type = ? AND text IS NULL RETURNING id`, text, x.Hash, x.Type)
		if err != nil {
			return err
		}
		return search.Changed(tx, FoundKind, ids...)
	})
}

func (f *Files) textOf(ctx context.Context, x File) (string, error) {
	f.texts <- struct{}{}
	defer func() { <-f.texts }()
	in, err := f.Open(x)
	if errors.Is(err, fs.ErrNotExist) { // removed meanwhile, or restored without its contents
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer in.Close()
	var b bytes.Buffer
	err = f.Child(ctx, doText, x.Type, in, &limited{w: &b, left: mostText})
	switch {
	case errors.Is(err, ErrBroken) || errors.Is(err, ErrBomb):
		slog.Warn("file without text", "file", x.ID, "type", x.Type, "err", err)
		return "", nil
	case errors.Is(err, ErrDied): // what it had read until then is better than nothing
		slog.Warn("file read in part", "file", x.ID, "type", x.Type, "err", err)
		err = nil
	}
	return strings.ToValidUTF8(b.String(), ""), err
}

// sweep removes files that nobody has attached as long as drafts are kept, and contents that no file has.
func (f *Files) sweep(ctx context.Context) error {
	held, err := f.Tasks.Still(ctx)
	if err != nil {
		return err
	}
	if held {
		return f.DB.Write(ctx, func(tx *store.Tx) error { return f.Tasks.AddAt(tx, sweepKind, 0, "", f.Now().Add(24*time.Hour)) })
	}
	err = f.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM file WHERE owner = '' AND at < ? AND coalesce(person, 0) NOT IN (SELECT person FROM held_person WHERE until > ?)`,
			retention.Usual(retention.Draft).Before(f.Now()).Unix(), f.Now().Unix())
		if err != nil {
			return err
		}
		if err := retention.Noted(tx, f.Now(), retention.Draft, int(n)); err != nil {
			return err
		}
		return f.Tasks.AddAt(tx, sweepKind, 0, "", f.Now().Add(24*time.Hour))
	})
	if err != nil {
		return err
	}
	if err := f.sweepTemp(); err != nil {
		return err
	}
	dirs, err := filepath.Glob(filepath.Join(f.dir, "??"))
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		all, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range all {
			hash, err := hex.DecodeString(filepath.Base(dir) + strings.TrimSuffix(e.Name(), thumbEnd))
			if err != nil {
				continue // not ours
			}
			if err := f.dropOrphan(ctx, filepath.Join(dir, e.Name()), hash); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepTemp removes what was uploaded long ago and never accepted: its preview is over, and nobody else came to drop it.
func (f *Files) sweepTemp() error {
	all, err := os.ReadDir(filepath.Join(f.dir, tempDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range all {
		info, err := e.Info()
		if err != nil || info.ModTime().After(f.Now().Add(-2*uploadLife)) { // gone already, or still wanted
			continue
		}
		if err := os.Remove(filepath.Join(f.dir, tempDir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// dropOrphan removes a content or thumbnail unless a file has it. No other file can get it meanwhile. After a sync that
// failed it removes nothing: a row that was refused may be in the log all the same, and come back with the next start.
func (f *Files) dropOrphan(ctx context.Context, name string, hash []byte) error {
	f.keeping.Lock()
	defer f.keeping.Unlock()
	var n int
	err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM file WHERE hash = ?`, hash)
		return err
	})
	if err == nil {
		err = f.DB.Lost()
	}
	if err != nil || n > 0 {
		return err
	}
	return os.Remove(name)
}
