package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"log/slog"
	"os"
)

// sums are the checksums of all pages of the database's file, in a file beside it. SQLite keeps none: of 200 single bits
// that turn over its own check notices 35. A page gets its sum when it is copied out of the log, from the log; what the
// file then holds has to fit. They are against what rots, and against nobody who wants to deceive.
//
// The file is a head and eight bytes for each page. Sums are written and synced before the pages are: after a crash the
// log still has these, and both are done once more.
type sums struct {
	name  string // of the database
	file  *os.File
	main  *os.File // the database, to read
	log   *os.File // its log; nil: not seen yet
	size  int      // of a page in bytes
	salts [8]byte  // of the log, as noted in the head
	of    []uint64 // by page, from page 1 on
}

const (
	sumsEnd  = "-sums"
	walEnd   = "-wal"
	sumsMark = "nestsum1"

	headSize  = 64
	walHead   = 32
	frameHead = 24
)

var sumTable = crc64.MakeTable(crc64.ECMA)

// head is how the sums file begins.
type head struct {
	Mark  [8]byte
	Size  uint32 // of a page
	Pages uint32
	Open  uint32 // 1: the house has not closed the database
	_     uint32
	Salts [8]byte // of the log; zero: there was none yet
}

func readHead(f io.ReaderAt) (h head, err error) {
	b := make([]byte, headSize)
	if _, err := f.ReadAt(b, 0); err != nil {
		return h, err
	}
	err = binary.Read(bytes.NewReader(b), binary.LittleEndian, &h)
	if err == nil && string(h.Mark[:]) != sumsMark {
		err = errors.New("not a file of sums")
	}
	return h, err
}

func (s *sums) writeHead(open bool) error {
	h := head{Size: uint32(s.size), Pages: uint32(len(s.of)), Salts: s.salts}
	copy(h.Mark[:], sumsMark)
	if open {
		h.Open = 1
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, h) // into memory
	_, err := s.file.WriteAt(append(b.Bytes(), make([]byte, headSize-b.Len())...), 0)
	return err
}

// What the log beside a database can be that is opened.
const (
	logStrange = "Neben der Datenbank lag ein Log, das nicht zu ihr gehört. Es liegt jetzt unter einem anderen Namen und wurde nicht gelesen."
	logLost    = "Das Log der Datenbank fehlt oder ist nicht ihres. Was kurz vor dem letzten Ende geschrieben wurde, kann fehlen."
)

// inspect looks at the log beside a database before SQLite does, which would read that of another day as its own. A log
// that is not of this database is put aside.
func inspect(name string) (damage []string, err error) {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) { // of one that was here before
		if err := os.Remove(name + sumsEnd); !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, nil
	}
	f, err := os.Open(name + sumsEnd)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h, err := readHead(f)
	if err != nil {
		return nil, nil // made anew
	}
	salts, there, err := saltsOf(name + walEnd)
	if err != nil {
		return nil, err
	}
	known := h.Salts != [8]byte{}
	// With each reset of the log the first of its numbers grows by one. The head may be some resets behind after a power cut.
	fits := salts == h.Salts || binary.BigEndian.Uint32(salts[:4])-binary.BigEndian.Uint32(h.Salts[:4]) < 1<<16
	switch {
	case h.Open == 0 && there:
		damage = append(damage, logStrange)
	case h.Open == 1 && known && !there:
		return []string{logLost}, nil
	case h.Open == 1 && known && !fits:
		damage = append(damage, logStrange, logLost)
	default:
		return nil, nil
	}
	return damage, os.Rename(name+walEnd, fmt.Sprintf("%s-fremd-%d", name+walEnd, os.Getpid()))
}

// saltsOf are the two numbers by which a log is known; not there: it is missing or holds nothing.
func saltsOf(name string) (salts [8]byte, there bool, err error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return salts, false, nil
	}
	if err != nil {
		return salts, false, err
	}
	defer f.Close()
	_, err = f.ReadAt(salts[:], 16)
	if errors.Is(err, io.EOF) {
		return salts, false, nil
	}
	return salts, err == nil, err
}

// openSums reads the sums of a database that SQLite has open; without any that fit it returns empty ones.
func openSums(name string) (s *sums, err error) {
	s = &sums{name: name}
	if s.file, err = os.OpenFile(name+sumsEnd, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if s.main, err = os.Open(name); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	b := make([]byte, 2)
	if _, err := s.main.ReadAt(b, 16); err == nil {
		if s.size = int(binary.BigEndian.Uint16(b)); s.size == 1 {
			s.size = 65536
		}
	}
	h, err := readHead(s.file)
	if err != nil || int(h.Size) != s.size {
		return s, nil
	}
	of := make([]byte, 8*int64(h.Pages))
	if _, err := s.file.ReadAt(of, headSize); err != nil {
		return s, nil
	}
	for i := range int(h.Pages) {
		s.of = append(s.of, binary.LittleEndian.Uint64(of[8*i:]))
	}
	return s, nil
}

// begin notes that the database is in use, and makes the sums where there are none; nothing may be in the log.
func (s *sums) begin() error {
	if len(s.of) == 0 {
		if err := s.make(); err != nil {
			return err
		}
	}
	s.salts = [8]byte{}
	if err := s.writeHead(true); err != nil {
		return err
	}
	return s.file.Sync()
}

func (s *sums) make() error {
	info, err := s.main.Stat()
	if err != nil || s.size == 0 {
		return errors.Join(err, fmt.Errorf("pages of %d bytes", s.size))
	}
	all := make([]byte, 0, info.Size()/int64(s.size)*8)
	err = s.pages(int(info.Size()/int64(s.size)), func(_ int, page []byte) {
		s.of = append(s.of, crc64.Checksum(page, sumTable))
		all = binary.LittleEndian.AppendUint64(all, s.of[len(s.of)-1])
	})
	if err == nil {
		_, err = s.file.WriteAt(all, headSize)
	}
	return err
}

// pages reads the first n pages of the database's file, from the disk and not from memory where that is possible.
func (s *sums) pages(n int, f func(no int, page []byte)) error {
	forget(s.main)
	b := make([]byte, 256*s.size)
	for at := 0; at < n; at += 256 {
		some := b[:min(256, n-at)*s.size]
		got, err := s.main.ReadAt(some, int64(at)*int64(s.size))
		for i := 0; (i+1)*s.size <= got; i++ {
			f(at+i+1, some[i*s.size:(i+1)*s.size])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// frames reads those of the log from one to another, counted from 0: the page that each holds, and how many pages the
// database has after it; 0: its transaction goes on.
func (s *sums) frames(from, to int, f func(no int, pages int, page []byte)) error {
	if s.log == nil {
		l, err := os.Open(s.name + walEnd)
		if err != nil {
			return err
		}
		s.log = l
	}
	r := io.NewSectionReader(s.log, walHead+int64(from)*int64(frameHead+s.size), int64(to-from)*int64(frameHead+s.size))
	b := make([]byte, frameHead+s.size)
	for range to - from {
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		f(int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:])), b[frameHead:])
	}
	return nil
}

// absorb notes the sums of the pages that are about to be copied out of the log.
func (s *sums) absorb(from, to int) error {
	pages := len(s.of)
	touched := map[int]uint64{}
	err := s.frames(from, to, func(no, n int, page []byte) {
		touched[no] = crc64.Checksum(page, sumTable)
		if n > 0 {
			pages = n
		}
	})
	if err != nil {
		return err
	}
	for len(s.of) < pages {
		s.of = append(s.of, 0)
	}
	s.of = s.of[:pages]
	b := make([]byte, 8)
	for no, sum := range touched {
		if no > pages {
			continue // the file has become shorter since
		}
		s.of[no-1] = sum
		binary.LittleEndian.PutUint64(b, sum)
		if _, err := s.file.WriteAt(b, headSize+8*int64(no-1)); err != nil {
			return err
		}
	}
	if err := s.writeHead(true); err != nil {
		return err
	}
	return s.file.Sync()
}

// note keeps by what the log is known, once it has become another, and reports whether the files are still those that
// were opened.
func (s *sums) note() (same bool) {
	if s.log == nil {
		l, err := os.Open(s.name + walEnd)
		if err != nil {
			return false
		}
		s.log = l
	}
	var now [8]byte
	if _, err := s.log.ReadAt(now[:], 16); err == nil && now != s.salts {
		s.salts = now
		if err := s.writeHead(true); err != nil {
			slog.Warn("the log of the database is not noted", "err", err)
		}
	}
	return is(s.main, s.name) && is(s.log, s.name+walEnd)
}

func is(f *os.File, name string) bool {
	a, err := f.Stat()
	b, e := os.Stat(name)
	return err == nil && e == nil && os.SameFile(a, b)
}

// end notes that the database was closed and its log is empty.
func (s *sums) end() error {
	s.salts = [8]byte{}
	err := s.writeHead(false)
	if err == nil {
		err = s.file.Sync()
	}
	return errors.Join(err, s.close())
}

func (s *sums) close() error {
	err := errors.Join(s.file.Close(), s.main.Close())
	if s.log != nil {
		err = errors.Join(err, s.log.Close())
	}
	return err
}

// drop gives the sums up until the house is opened anew: wrong ones would be worse than none.
func (s *sums) drop(why error) {
	slog.Warn("the sums of the database's pages cannot be kept; damage is not noticed until the house is opened anew", "err", why)
	_ = s.close()
	if err := os.Remove(s.name + sumsEnd); err != nil {
		slog.Error("the sums of the database's pages are wrong and cannot be removed", "err", err)
	}
}
