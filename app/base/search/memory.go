package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
)

// Bleve maps the files of an index into memory. When such a file is cut off, whoever reads it gets a signal that ends the
// process, and Bleve reads in goroutines of its own. So segments are read whole, here, and compared with their checksums;
// what then happens to the file is no matter to whoever searches. What is left is root.bolt, which only Bleve's persister
// reads once it is open: there the signal becomes a panic, which Bleve catches, and the index is made anew.

// A reader is Bleve's own format of segments, but read into memory.
type reader struct{ zap.ZapPlugin }

// A held is a segment that stands in a file and is held in memory.
type held struct {
	*zap.SegmentBase
	path string
	size int64
}

func (h *held) Path() string { return h.path }

func (r *reader) Open(path string) (segment.Segment, error) { return r.OpenUsing(path, nil) }

// OpenUsing reads a file. At its end stand, after an empty name of a coder: the length of that name, the number of
// documents, where the stored fields and the sections begin, how it is chunked, the version and the checksum of all before.
func (*reader) OpenUsing(path string, config map[string]any) (segment.Segment, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	mem := len(b) - zap.FooterSize
	if mem < 0 {
		return nil, fmt.Errorf("%s is cut off", filepath.Base(path))
	}
	be, foot := binary.BigEndian, b[mem:]
	sum := be.Uint32(foot[36:])
	if crc32.ChecksumIEEE(b[:len(b)-4]) != sum {
		return nil, fmt.Errorf("%s is damaged", filepath.Base(path))
	}
	if be.Uint32(foot) != 0 || be.Uint32(foot[32:]) != zap.Version {
		return nil, fmt.Errorf("%s is of another format", filepath.Base(path))
	}
	stats, ok := config[segment.StatsKey].(*segment.Stats)
	if !ok {
		stats = new(segment.Stats)
	}
	base, err := zap.InitSegmentBase(b[:mem:mem], sum, be.Uint32(foot[28:]), be.Uint64(foot[4:]), be.Uint64(foot[12:]), be.Uint64(foot[20:]), config, stats)
	if err != nil {
		return nil, err
	}
	return &held{base, path, int64(len(b))}, nil
}

func (r *reader) Merge(all []segment.Segment, drops []*roaring.Bitmap, path string, closed chan struct{}, s segment.StatsReporter) ([][]uint64, uint64, error) {
	return r.MergeUsing(all, drops, path, closed, s, nil)
}

// MergeUsing writes several segments as one.
func (r *reader) MergeUsing(all []segment.Segment, drops []*roaring.Bitmap, path string, closed chan struct{}, s segment.StatsReporter, config map[string]any) ([][]uint64, uint64, error) {
	bases := make([]segment.Segment, len(all))
	for i, one := range all {
		bases[i] = one
		if h, ok := one.(*held); ok {
			bases[i] = h.SegmentBase
		}
	}
	return r.ZapPlugin.MergeUsing(bases, drops, path, closed, s, config)
}

const careful = "careful" // the name of what Bleve calls on its way

// prepare tells Bleve of the above, once, before the first index.
var prepare = sync.OnceFunc(func() {
	scorch.RegisterSegmentPlugin(&reader{}, true)
	scorch.RegistryEventCallbacks[careful] = func(e scorch.Event) bool {
		switch e.Kind {
		case scorch.EventKindPurgerCheck, scorch.EventKindPersisterProgress, scorch.EventKindPreMergeCheck:
			debug.SetPanicOnFault(true) // of the goroutine that calls this: the persister or the merger
		}
		return true
	}
})

// config is for every index. With no number of files to wait for, the persister calls back before it first reads.
func config() map[string]any {
	prepare()
	return map[string]any{"bolt_timeout": "1s", "eventCallbackName": careful,
		"scorchPersisterOptions": map[string]any{"PersisterNapUnderNumFiles": 0, "NumPersisterWorkers": 1}}
}

// lengths compares the files of a shelf with what is held of them, and notes how long they are now.
func (s *shelf) lengths() error {
	if s.dir == "" {
		return nil
	}
	for i, name := range []string{"index_meta.json", "store/root.bolt"} { // the one stays, the other grows
		info, err := os.Stat(filepath.Join(s.dir, name))
		if err != nil {
			return err
		}
		if info.Size() < s.least[i] || info.Size() == 0 {
			return fmt.Errorf("%s is cut off", name)
		}
		s.least[i] = info.Size()
	}
	wrong, err := s.wrong()
	if err != nil || len(wrong) == 0 {
		return err
	}
	again, err := s.wrong() // a segment that was merged meanwhile is gone for good
	for path := range wrong {
		if again[path] {
			return errors.Join(err, fmt.Errorf("%s is not as long as it was", filepath.Base(path)))
		}
	}
	return err
}

// wrong are the files of segments that are not as long as they should be.
func (s *shelf) wrong() (paths map[string]bool, err error) {
	in, err := s.bleve.Advanced()
	if err != nil {
		return nil, err
	}
	r, err := in.Reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	paths = map[string]bool{}
	snapshot, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return nil, nil
	}
	for _, one := range snapshot.Segments() {
		if h, ok := one.Segment().(*held); ok {
			if info, err := os.Stat(h.path); err != nil || info.Size() != h.size {
				paths[h.path] = true
			}
		}
	}
	return paths, nil
}
