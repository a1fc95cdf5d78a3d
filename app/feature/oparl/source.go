package oparl

import (
	"io"
	"os"
	"path"
	"strings"

	"nestfunk/app/base/bundle"
)

// isZIP reports whether a file begins as ZIPs do, whatever it is called.
func isZIP(f io.ReaderAt) bool {
	var b [4]byte
	_, err := f.ReadAt(b[:], 0)
	return err == nil && string(b[:]) == "PK\x03\x04"
}

// Open opens a folder, a ZIP or a single file of objects.
func Open(name string) (*bundle.Source, error) {
	info, err := os.Stat(name)
	if err != nil || info.IsDir() {
		return bundle.Open(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return bundle.Open(name) // which says why
	}
	defer f.Close()
	if isZIP(f) {
		return bundle.Open(name)
	}
	return alone(path.Base(strings.ReplaceAll(name, `\`, "/")), info.Size(), func() (io.ReadCloser, error) { return os.Open(name) }), nil
}

// alone is a single file as a source. One whose name does not say that it has lines is read as it is.
func alone(name string, size int64, open func() (io.ReadCloser, error)) *bundle.Source {
	switch strings.ToLower(path.Ext(name)) {
	case ".json", ".jsonl", ".ndjson":
	default:
		name += ".json"
	}
	return &bundle.Source{Entries: []bundle.Entry{{Path: name, Size: size, Open: open}}}
}

// sourceOf is an upload as a source; the file stays open.
func sourceOf(f *os.File, name string) (*bundle.Source, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if isZIP(f) {
		return bundle.Zip(f, info.Size())
	}
	return alone(name, info.Size(), func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(f, 0, info.Size())), nil }), nil
}
