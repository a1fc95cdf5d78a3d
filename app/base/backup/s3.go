package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"nestfunk/app/base/dial"
	"nestfunk/app/base/fault"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is a folder in S3.
type bucket struct {
	*minio.Client
	name, root string
}

func openS3(_ context.Context, u *url.URL, with Secret) (Target, error) {
	name, root, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if name == "" || with.Key == "" || with.Password == "" {
		return nil, fault.New(fault.Invalid, "Ein Ziel in S3 braucht einen Behälter, einen Zugangsschlüssel und einen geheimen Schlüssel.")
	}
	host := u.Hostname()
	secure := host != "localhost" && host != "127.0.0.1" && host != "::1" // never over an open line
	line, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, fmt.Errorf("prepare the connection to S3: %w", err)
	}
	line.DialContext = dial.To(dial.Server, nil).DialContext
	c, err := minio.New(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(with.Key, with.Password, ""),
		Secure: secure, Transport: line,
		Region: u.Query().Get("region"), MaxRetries: 3,
	})
	if err != nil {
		return nil, fault.New(fault.Invalid, "Dieser S3-Server kann nicht benutzt werden: %v", err)
	}
	if root != "" {
		root += "/"
	}
	return bucket{c, name, root}, nil
}

func (t bucket) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	_, err := t.PutObject(ctx, t.name, t.root+name, r, size, minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: size >= 0 && size < 64<<20})
	return told(err)
}

func (t bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	o, err := t.GetObject(ctx, t.name, t.root+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, told(err)
	}
	if _, err := o.Stat(); err != nil { // only now does it ask
		return nil, errors.Join(told(err), o.Close())
	}
	return o, nil
}

func (t bucket) List(prefix string, f func(Object) error) error {
	ctx, end := context.WithCancel(context.Background())
	defer end() // or the library goes on listing
	for o := range t.ListObjects(ctx, t.name, minio.ListObjectsOptions{Prefix: t.root + prefix, Recursive: true}) {
		if o.Err != nil {
			return told(o.Err)
		}
		if err := f(Object{strings.TrimPrefix(o.Key, t.root), o.Size, o.LastModified}); err != nil {
			return err
		}
	}
	return nil
}

func (t bucket) Remove(ctx context.Context, name string) error {
	return told(t.RemoveObject(ctx, t.name, t.root+name, minio.RemoveObjectOptions{}))
}

func (t bucket) Close() error { return nil }

// told has what is not there be fs.ErrNotExist.
func told(err error) error {
	if err == nil {
		return nil
	}
	if r := minio.ToErrorResponse(err); r.StatusCode == http.StatusNotFound && r.Code == minio.NoSuchKey {
		return fmt.Errorf("%w (%w)", fs.ErrNotExist, err)
	}
	return err
}
