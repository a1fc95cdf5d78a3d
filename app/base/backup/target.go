package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"nestfunk/app/base/fault"
)

// A Target is where backups lie. Names have slashes. What is not there is fs.ErrNotExist.
type Target interface {
	// Put writes an object whole or not at all.
	Put(ctx context.Context, name string, r io.Reader, size int64) error
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// List has f see every object below a prefix that ends in a slash, in no order.
	List(prefix string, f func(Object) error) error
	Remove(ctx context.Context, name string) error
	Close() error
}

// An Object is something in a target.
type Object struct {
	Name    string
	Size    int64
	Changed time.Time
}

// Open finds a target: the path of a folder, sftp://user@host[:port]/folder, or s3://host/bucket[/folder][?region=…].
// With is the secret that it needs, see Secret.
func Open(ctx context.Context, address string, with Secret) (Target, error) {
	scheme, _, found := strings.Cut(address, "://")
	if !found {
		return openFolder(address)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return nil, fault.New(fault.Invalid, "Das ist kein Ziel für eine Sicherung. Möglich sind: /pfad/zu/ordner, sftp://name@server/ordner und s3://server/behälter/ordner.")
	}
	if _, typed := u.User.Password(); typed {
		return nil, fault.New(fault.Invalid, "Ein Kennwort gehört nicht in die Adresse des Ziels.")
	}
	switch scheme {
	case "sftp":
		return openSFTP(ctx, u, with)
	case "s3":
		return openS3(ctx, u, with)
	}
	return nil, fault.New(fault.Invalid, "Ein Ziel beginnt mit einem Pfad, mit sftp:// oder mit s3://, nicht mit %s://.", scheme)
}

// A Secret opens a target that is not a folder.
type Secret struct {
	Password string // of SFTP; of S3 the secret key
	Key      string // SFTP: a private key in OpenSSH's form; S3: the access key
	Host     string // SFTP: the public key of the server as in authorized_keys; without it no connection is made
}

// folder is a target on a file system.
type folder struct{ root string }

func openFolder(name string) (Target, error) {
	root, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	if err := refused(root, os.MkdirAll(root, 0o700)); fault.KindOf(err) == fault.Forbidden {
		return nil, err
	} else if err != nil {
		return nil, fault.New(fault.Invalid, "Der Ordner %s für die Sicherung kann nicht angelegt werden: %s", root, fault.Cause(err))
	}
	return folder{root}, nil
}

// refused says what an operator can do where the house may not write in a folder: the unit of systemd that nestfunk install
// writes leaves it nothing but its data. Another error stays as it is.
func refused(root string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fault.New(fault.Forbidden, "In den Ordner %s darf das Haus nicht schreiben. Im Handbuch für den Betrieb steht unter „Sicherung einrichten“, wie Sie ihn öffnen.", root)
	}
	return err
}

func (t folder) file(name string) string { return filepath.Join(t.root, filepath.FromSlash(name)) }

// Put writes beside the place and moves into it once the content is on the disk.
func (t folder) Put(_ context.Context, name string, r io.Reader, _ int64) (err error) {
	dir := filepath.Dir(t.file(name))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return refused(t.root, err)
	}
	f, err := os.CreateTemp(dir, ".neu-*")
	if err != nil {
		return refused(t.root, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), t.file(name)); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir has the name of a new file survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return errors.Join(fmt.Errorf("sync %s: %w", dir, err), d.Close())
	}
	return d.Close()
}

func (t folder) Get(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(t.file(name))
}

func (t folder) List(prefix string, f func(Object) error) error {
	err := filepath.WalkDir(t.file(prefix), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		i, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(t.root, p)
		if err != nil {
			return err
		}
		return f(Object{filepath.ToSlash(rel), i.Size(), i.ModTime()})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// tidy removes what runs that were killed have left since long ago.
func (t folder) tidy(before time.Time) error {
	return filepath.WalkDir(t.root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), ".neu-") {
			return err
		}
		if i, err := d.Info(); err != nil || !i.ModTime().Before(before) {
			return nil // perhaps gone by now
		}
		return os.Remove(p)
	})
}

func (t folder) Remove(_ context.Context, name string) error { return os.Remove(t.file(name)) }
func (t folder) Close() error                                { return nil }

// put writes something small.
func put(ctx context.Context, t Target, name string, content []byte) error {
	return t.Put(ctx, name, bytes.NewReader(content), int64(len(content)))
}

// get reads something small: 64 MB at the most.
func get(ctx context.Context, t Target, name string) ([]byte, error) {
	r, err := t.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	const most = 64 << 20
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err = errors.Join(err, r.Close()); err == nil && len(b) > most {
		err = fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return b, err
}

// Try looks whether a target takes something and gives it back.
func Try(ctx context.Context, t Target) error {
	const name, content = "probe", "Nestfunk"
	if err := put(ctx, t, name, []byte(content)); err != nil {
		return err
	}
	b, err := get(ctx, t, name)
	if err == nil && string(b) != content {
		err = errors.New("what was written is not what is read")
	}
	return errors.Join(err, t.Remove(ctx, name))
}
