package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// A House is what a snapshot is made of.
type House struct {
	DB      *store.DB
	Program string                              // its version
	ID      string                              // which house; a target belongs to one
	Secret  []byte                              // 32 bytes, the same for each run: names of blobs
	Scratch string                              // an empty folder on the disk of the house; the copy is made and compared there
	File    func(hash []byte) (*os.File, error) // the content of a file; fs.ErrNotExist for one that was removed meanwhile
	Deleted func(*store.Tx) ([]Deletion, error) // of the last five weeks; nil: none are known
	Now     func() time.Time
	Still   bool // the clock is not believed: nothing is removed for its age
}

// A Report is what a run did.
type Report struct {
	At       time.Time
	Database int64 // bytes, as copied
	Files    int   // in the snapshot
	New      int   // blobs that were sent
	Sent     int64 // bytes that were sent
	Checked  int   // older blobs whose checksum was compared
	Removed  int   // snapshots that were too old
	Open     bool  // nothing is encrypted
	Took     time.Duration
}

// again is which part of what lies there already is compared in each run: all of it in a month of nights.
const again = 30

// Make makes a snapshot for whoever has the key to one of the public halves, proves that it comes back, and removes those that need not be kept any more. Without
// any nothing is encrypted, which is right for a disk that is.
func Make(ctx context.Context, h House, t Target, public []string) (r Report, err error) {
	recipients, err := recipients(public)
	if err != nil {
		return r, err
	}
	began := h.Now()
	r.At, r.Open = began.UTC().Truncate(time.Second), len(recipients) == 0
	if err := os.RemoveAll(h.Scratch); err != nil { // of a run that was killed
		return r, err
	}
	if err := os.MkdirAll(h.Scratch, 0o700); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(h.Scratch)) }()
	if err := claim(ctx, t, h.ID); err != nil {
		return r, err
	}
	m := &maker{House: h, t: t, to: recipients, public: public}
	if len(recipients) > 0 {
		if m.proof, err = age.GenerateX25519Identity(); err != nil {
			return r, err
		}
		m.to = append(recipients[:len(recipients):len(recipients)], m.proof.Recipient())
	}
	s, err := m.fill(ctx, r.At)
	if err != nil {
		return r, err
	}
	if err := m.prove(ctx, s); err != nil {
		return r, fmt.Errorf("the snapshot did not come back: %w", err)
	}
	if err := m.publish(ctx, s); err != nil {
		return r, err
	}
	r.Database, r.Files, r.New, r.Sent, r.Checked = m.size, len(s.Files), m.new, m.sent, m.checked
	if !h.Still {
		if r.Removed, err = Prune(ctx, t, began); err != nil {
			return r, fmt.Errorf("remove what need not be kept: %w", err)
		}
	}
	r.Took = h.Now().Sub(began)
	return r, nil
}

// claim refuses the target of another house, and marks an empty one.
func claim(ctx context.Context, t Target, id string) error {
	had, err := get(ctx, t, mark)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return put(ctx, t, mark, []byte(id+"\n"))
	case err != nil:
		return err
	case string(had) != id+"\n":
		return fault.New(fault.Conflict, "In diesem Ziel liegen schon Sicherungen eines anderen Hauses. Bitte nehmen Sie einen eigenen Ordner.")
	}
	return nil
}

// maker makes one snapshot.
type maker struct {
	House
	t     Target
	to    []age.Recipient
	proof *age.X25519Identity // nil: nothing is encrypted

	public []string // who can open it

	there   map[string]listed // what lies in the target, as the snapshots before say
	sizes   map[string]int64  // as it lies there now
	lines   []listed          // of this snapshot
	fresh   map[string]bool   // sent in this run
	size    int64
	new     int
	sent    int64
	checked int
}

func (m *maker) scratch(name string) string { return filepath.Join(m.Scratch, name) }

// fill sends what the target lacks.
func (m *maker) fill(ctx context.Context, at time.Time) (s Snapshot, err error) {
	s = Snapshot{Format: 1, At: at, Program: m.Program}
	if err := m.look(ctx); err != nil {
		return s, err
	}
	file := m.scratch("copy.db")
	if err := m.DB.Copy(ctx, file); err != nil {
		return s, err
	}
	// A copy of what is damaged would push one that is whole out of the target.
	if scan, err := m.DB.Scan(ctx); err != nil || !scan.Good() {
		return s, errors.Join(fault.New(fault.Conflict, "Die Datenbank ist beschädigt, darum wird sie nicht gesichert. Bitte lesen Sie die Seite Betrieb, Prüfung."), err)
	}
	if s.Copy, m.size, err = sum(file); err != nil {
		return s, err
	}
	if err := compress(file, m.scratch("copy.zst")); err != nil {
		return s, err
	}
	if s.Database, err = m.keep(ctx, func() (*os.File, error) { return os.Open(m.scratch("copy.zst")) }); err != nil {
		return s, fmt.Errorf("send the database: %w", err)
	}
	hashes, err := store.Blobs(ctx, file, "file", "hash")
	if err != nil {
		return s, err
	}
	for _, hash := range hashes {
		b, err := m.keep(ctx, func() (*os.File, error) { return m.File(hash) })
		if errors.Is(err, fs.ErrNotExist) { // removed since the copy was made
			s.Missing = append(s.Missing, hash)
			continue
		}
		if err == nil && !bytes.Equal(b.SHA256, hash) {
			err = fault.New(fault.Internal, "Die Datei %x ist beschädigt: Ihr Inhalt ist nicht mehr der, der hochgeladen wurde.", hash[:6])
		}
		if err != nil {
			return s, fmt.Errorf("send a file: %w", err)
		}
		s.Files = append(s.Files, b)
	}
	if m.Deleted != nil {
		err = m.DB.Read(ctx, func(tx *store.Tx) error { s.Deletions, err = m.Deleted(tx); return err })
	}
	return s, err
}

// look finds out what lies in the target.
func (m *maker) look(ctx context.Context) error {
	m.there, m.sizes, m.fresh = map[string]listed{}, map[string]int64{}, map[string]bool{}
	all, err := times(m.t)
	if err != nil {
		return err
	}
	for _, at := range all {
		b, err := get(ctx, m.t, Snapshot{At: at}.name()+namesEnd)
		if err != nil {
			return err
		}
		lines, err := parseNames(b)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if _, known := m.there[l.name]; !known {
				m.there[l.name] = l
			}
		}
	}
	return m.t.List(blobs, func(o Object) error {
		m.sizes[filepath.Base(o.Name)] = o.Size
		return nil
	})
}

// keep has a blob lie in the target: it is sent unless it lies there, whole.
func (m *maker) keep(ctx context.Context, open func() (*os.File, error)) (b Blob, err error) {
	f, err := open()
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if b.Size, err = io.Copy(h, f); err != nil {
		return b, err
	}
	b.SHA256 = h.Sum(nil)
	b.Name = blobName(m.Secret, b.SHA256, m.public)
	if l, ok := m.there[b.Name]; ok && m.sizes[b.Name] == l.size {
		if !m.due(b.SHA256) {
			m.lines = append(m.lines, l)
			return b, nil
		}
		same, err := m.compare(ctx, b, l)
		if err != nil {
			return b, err
		}
		if m.checked++; same {
			m.lines = append(m.lines, l)
			return b, nil
		} // else it is sent anew
	}
	if m.fresh[b.Name] {
		return b, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return b, err
	}
	l, err := m.send(ctx, b, f)
	if err == nil {
		m.fresh[b.Name] = true
		m.lines = append(m.lines, l)
		m.new++
		m.sent += l.size
	}
	return b, err
}

// due reports whether it is a blob's turn to be compared.
func (m *maker) due(hash []byte) bool {
	return int(hash[0])%again == m.Now().YearDay()%again
}

// compare reads a blob of an earlier run from the target.
func (m *maker) compare(ctx context.Context, b Blob, l listed) (same bool, err error) {
	r, err := m.t.Get(ctx, b.path())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)) == l.sum, errors.Join(err, r.Close())
}

// send encrypts a blob into the scratch folder, so that its size is known, and from there into the target.
func (m *maker) send(ctx context.Context, b Blob, content io.Reader) (l listed, err error) {
	f, err := os.Create(m.scratch("sealed"))
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	h := sha256.New()
	out := io.MultiWriter(f, h)
	if m.proof == nil {
		_, err = io.Copy(out, content)
	} else {
		err = seal(out, content, m.to)
	}
	if err != nil {
		return l, err
	}
	if l.size, err = f.Seek(0, io.SeekCurrent); err != nil {
		return l, err
	}
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return l, err
	}
	l.name, l.sum = b.Name, hex.EncodeToString(h.Sum(nil))
	return l, m.t.Put(ctx, b.path(), f, l.size)
}

func seal(to io.Writer, content io.Reader, recipients []age.Recipient) error {
	w, err := age.Encrypt(to, recipients...)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, content); err != nil {
		return err
	}
	return w.Close()
}

// prove fetches what was sent and compares it with what it was made of.
func (m *maker) prove(ctx context.Context, s Snapshot) error {
	var keys []age.Identity
	if m.proof != nil {
		keys = append(keys, m.proof)
	}
	for _, b := range s.Files {
		if m.fresh[b.Name] {
			if err := fetch(ctx, m.t, b, keys, io.Discard); err != nil {
				return err
			}
		}
	}
	if !m.fresh[s.Database.Name] {
		return nil // the database is the same as before
	}
	back := m.scratch("back.db")
	if err := fetchDatabase(ctx, m.t, s, keys, back); err != nil {
		return err
	}
	return store.Check(ctx, back)
}

// publish has the snapshot exist.
func (m *maker) publish(ctx context.Context, s Snapshot) error {
	if err := put(ctx, m.t, s.name()+namesEnd, named(m.lines)); err != nil {
		return err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if m.proof != nil {
		var sealed bytes.Buffer
		if err := seal(&sealed, bytes.NewReader(b), m.to); err != nil {
			return err
		}
		b = sealed.Bytes()
	}
	return put(ctx, m.t, s.name(), b)
}

// sum is the SHA-256 and the size of a file.
func sum(name string) (hash []byte, size int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return h.Sum(nil), size, err
}

// compress writes a file anew with zstd.
func compress(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1)) // the house goes on serving meanwhile
	if err != nil {
		return err
	}
	_, err = io.Copy(w, in)
	return errors.Join(err, w.Close())
}
