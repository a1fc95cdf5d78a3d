package app_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// diskCalls are the calls by which a program changes files. What is mapped (the shared memory of a log) is no matter after a
// power cut.
const diskCalls = "trace=open,openat,creat,close,lseek,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,copy_file_range,sendfile,splice," +
	"rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,symlinkat,fsync,fdatasync,sync,syncfs,sync_file_range,msync"

// A traceCall is one of them, with when it was begun and ended.
type traceCall struct {
	name       string
	args       string
	begun, end time.Time
	result     int64
	path       string // of the file that it has opened
}

var (
	traceLine   = regexp.MustCompile(`(?s)^(\d+) +(\d+)\.(\d{6}) (.*)$`)
	traceEnd    = regexp.MustCompile(`(?s)^(.*)\) += (-?\d+|\?)(?:<([^>]*)>(?:\(deleted\))?)?([^"]*)$`)
	traceName   = regexp.MustCompile(`^(\w+)\(`)
	traceAgain  = regexp.MustCompile(`^<\.\.\. (\w+) resumed>`)
	traceFolder = regexp.MustCompile(`^(?:AT_FDCWD(?:<[^>]*>)?|\d+<[^>]*>), `)
	traceFile   = regexp.MustCompile(`^(\d+)<([^>]*)>(?:\(deleted\))?(?:, )?`)
)

// readTrace reads what strace -f -y -ttt has written, in the order in which the calls ended. Of those that were under way at
// the end there are the arguments: nobody knows what became of them.
func readTrace(r io.Reader) (all []traceCall, cut []string, err error) {
	open := map[string]*traceCall{} // by thread
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			for _, c := range open {
				cut = append(cut, c.args)
			}
			return all, cut, nil
		}
		if err != nil {
			return nil, nil, err
		}
		m := traceLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			return nil, nil, fmt.Errorf("not understood: %.200s", line)
		}
		sec, _ := strconv.ParseInt(m[2], 10, 64)   // digits
		micro, _ := strconv.ParseInt(m[3], 10, 64) // digits
		at, thread, rest := time.UnixMicro(sec*1e6+micro), m[1], m[4]
		if strings.HasPrefix(rest, "+++") || strings.HasPrefix(rest, "---") || strings.HasPrefix(strings.TrimPrefix(rest, "<... "), "???") {
			continue // no call, or one that nobody has seen begin
		}
		c := &traceCall{begun: at}
		if again := traceAgain.FindString(rest); again != "" {
			if c = open[thread]; c == nil {
				continue // begun before
			}
			delete(open, thread)
			rest = c.args + strings.TrimPrefix(rest, again)
		} else if name := traceName.FindStringSubmatch(rest); name != nil {
			c.name, rest = name[1], rest[len(name[0]):]
		} else {
			return nil, nil, fmt.Errorf("not understood: %.200s", line)
		}
		if args, ok := strings.CutSuffix(rest, " <unfinished ...>"); ok {
			c.args = args
			open[thread] = c
			continue
		}
		end := traceEnd.FindStringSubmatch(rest)
		if end == nil {
			return nil, nil, fmt.Errorf("not understood: %.200s", line)
		}
		c.args, c.end, c.path = end[1], at, end[3]
		if end[2] == "?" || strings.HasPrefix(end[4], " (errno ") { // an error without a name was read off a thread that is gone
			cut = append(cut, c.args)
			continue
		}
		if c.result, err = strconv.ParseInt(end[2], 10, 64); err != nil || c.result < 0 {
			continue // it failed
		}
		all = append(all, *c)
	}
}

// unquoted takes a string of C off the beginning of some arguments.
func unquoted(args string) (s []byte, rest string, err error) {
	if !strings.HasPrefix(args, `"`) {
		return nil, "", fmt.Errorf("no string: %.100s", args)
	}
	for i := 1; i < len(args); i++ {
		switch c := args[i]; c {
		case '"':
			rest = args[i+1:]
			if strings.HasPrefix(rest, "...") {
				return nil, "", errors.New("a string was cut short")
			}
			return s, strings.TrimPrefix(rest, ", "), nil
		case '\\':
			i++
			if at := strings.IndexByte(`abtnvfr`, args[i]); at >= 0 {
				s = append(s, byte(at+7))
				continue
			}
			n := 0
			for n < 3 && args[i+n] >= '0' && args[i+n] <= '7' {
				n++
			}
			if n == 0 {
				s = append(s, args[i])
				continue
			}
			v, _ := strconv.ParseUint(args[i:i+n], 8, 8) // octal digits
			s = append(s, byte(v))
			i += n - 1
		default:
			s = append(s, c)
		}
	}
	return nil, "", errors.New("a string has no end")
}

// named takes one or two paths off some arguments.
func (c traceCall) named() (paths []string, rest string, err error) {
	rest = c.args
	for {
		rest = traceFolder.ReplaceAllString(rest, "")
		if !strings.HasPrefix(rest, `"`) {
			return paths, rest, nil
		}
		var p []byte
		if p, rest, err = unquoted(rest); err != nil {
			return nil, "", err
		}
		paths = append(paths, string(p))
	}
}

// A node is a file or folder on a disk.
type node struct {
	folder bool
	sure   []byte // what is on the disk for certain
	now    []byte // what the program reads
	wait   []edit // what is between the two
}

// An edit is a write or, with no data, a cut to a length.
type edit struct {
	at   int64
	data []byte
	when time.Time
}

func (e edit) to(b []byte) []byte {
	end := e.at + int64(len(e.data))
	if e.data == nil {
		if e.at <= int64(len(b)) {
			return b[:e.at:e.at]
		}
		return append(b[:len(b):len(b)], make([]byte, e.at-int64(len(b)))...)
	}
	if end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[e.at:], e.data)
	return b
}

// A naming is a name that comes or goes in a folder, or moves, which a journal does at once.
type naming struct {
	path string
	node *node  // nil: it goes
	from string // which goes with it; "": none
	when time.Time
}

// A platter is a disk whose power may go: it knows which of what was written was synced.
type platter struct {
	root  string
	now   map[string]*node // what the program sees
	sure  map[string]*node // what is on the disk for certain
	wait  []naming
	place map[int64]int64 // of an open file, where the next write goes; -1: to its end
}

// newPlatter is the disk of a folder, on which for certain lies what another folder has.
func newPlatter(from, root string) (*platter, error) {
	p := &platter{root: root, now: map[string]*node{}, sure: map[string]*node{}, place: map[int64]int64{}}
	return p, filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		n := &node{folder: d.IsDir()}
		if !n.folder {
			if n.sure, err = os.ReadFile(path); err != nil {
				return err
			}
			n.now = slices.Clone(n.sure)
		}
		path = root + strings.TrimPrefix(path, from)
		p.now[path], p.sure[path] = n, n
		return nil
	})
}

// ours reports whether a path is on this disk, and no memory that programs share.
func (p *platter) ours(path string) bool {
	return (path == p.root || strings.HasPrefix(path, p.root+"/")) && !strings.HasSuffix(path, "-shm") && !strings.HasSuffix(path, ".sock")
}

func (p *platter) enter(w naming) {
	w.to(p.now)
	p.wait = append(p.wait, w)
}

func (p *platter) edit(path string, e edit) error {
	n := p.now[path]
	if n == nil { // deleted, and written on
		return nil
	}
	n.now = e.to(n.now)
	n.wait = append(n.wait, e)
	return nil
}

// do has the disk do a call.
func (p *platter) do(c traceCall) error {
	switch c.name {
	case "open", "openat", "creat":
		paths, flags, err := c.named()
		if err != nil || len(paths) != 1 || !p.ours(paths[0]) {
			return err
		}
		path := paths[0]
		if p.now[path] == nil && strings.Contains(flags, "O_CREAT") {
			p.enter(naming{path: path, node: &node{}, when: c.end})
		}
		p.place[c.result] = 0
		if strings.Contains(flags, "O_APPEND") {
			p.place[c.result] = -1
		}
		if strings.Contains(flags, "O_TRUNC") {
			return p.edit(path, edit{when: c.end})
		}
		return nil
	case "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2":
		paths, _, err := c.named()
		if err != nil || !p.ours(paths[0]) {
			return err
		}
		switch n := p.now[paths[0]]; {
		case c.name[0] == 'm':
			p.enter(naming{path: paths[0], node: &node{folder: true}, when: c.end})
		case strings.HasPrefix(c.name, "rename"):
			if n == nil || n.folder {
				return fmt.Errorf("%s is renamed and is no file", paths[0])
			}
			p.enter(naming{path: paths[1], node: n, from: paths[0], when: c.end})
		default:
			p.enter(naming{path: paths[0], when: c.end})
		}
		return nil
	case "close":
		return nil
	}
	m := traceFile.FindStringSubmatch(c.args)
	if m == nil {
		return nil
	}
	fd, _ := strconv.ParseInt(m[1], 10, 64) // digits
	path, rest := m[2], c.args[len(m[0]):]
	if !p.ours(path) {
		return nil
	}
	switch c.name {
	case "lseek":
		p.place[fd] = c.result
	case "write", "pwrite64":
		data, rest, err := unquoted(rest)
		if err != nil {
			return err
		}
		data = data[:c.result]
		at := p.place[fd]
		if c.name == "pwrite64" {
			_, offset, _ := strings.Cut(rest, ", ")
			if at, err = strconv.ParseInt(offset, 10, 64); err != nil {
				return err
			}
			return p.edit(path, edit{at, data, c.end})
		}
		if at < 0 {
			if n := p.now[path]; n != nil {
				at = int64(len(n.now))
			}
		} else {
			p.place[fd] = at + c.result
		}
		return p.edit(path, edit{at, data, c.end})
	case "ftruncate":
		n, err := strconv.ParseInt(rest, 10, 64)
		if err != nil {
			return err
		}
		return p.edit(path, edit{at: n, when: c.end})
	case "fsync", "fdatasync":
		p.sync(path, c.begun)
	default:
		return fmt.Errorf("%s of %s is not understood", c.name, path)
	}
	return nil
}

// sync makes certain what a file held, or which names a folder had, as the sync began.
func (p *platter) sync(path string, began time.Time) {
	n := p.now[path]
	if n == nil {
		return
	}
	if !n.folder {
		for len(n.wait) > 0 && !n.wait[0].when.After(began) {
			n.sure, n.wait = n.wait[0].to(n.sure), n.wait[1:]
		}
		return
	}
	var left []naming
	for _, w := range p.wait {
		if (filepath.Dir(w.path) == path || w.from != "" && filepath.Dir(w.from) == path) && !w.when.After(began) {
			w.to(p.sure)
		} else {
			left = append(left, w)
		}
	}
	p.wait = left
}

func (w naming) to(names map[string]*node) {
	if w.node == nil {
		delete(names, w.path)
		return
	}
	names[w.path] = w.node
	delete(names, w.from)
}

// A loss is what a disk loses of what was not synced as the power goes.
type loss string

// The losses.
const (
	lostAll    loss = "all of it"
	lostSome   loss = "some of it"
	lostPieces loss = "pieces of 512 bytes of it"
)

// cut writes into a folder what the disk holds after a power cut.
func (p *platter) cut(to string, how loss, chance *rand.Rand) error {
	names := maps.Clone(p.sure)
	for _, w := range p.wait {
		if how != lostAll && chance.IntN(2) == 0 {
			w.to(names)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(names)) { // folders come before what is in them
		n, rest := names[path], strings.TrimPrefix(path, p.root)
		if n.folder {
			if err := os.MkdirAll(filepath.Join(to, rest), 0o700); err != nil {
				return err
			}
			continue
		}
		if parent := names[filepath.Dir(path)]; parent == nil || !parent.folder {
			continue // its folder is gone
		}
		b := slices.Clone(n.sure)
		for _, e := range n.wait {
			switch {
			case how == lostAll || how == lostSome && chance.IntN(2) == 0:
			case how == lostSome || e.data == nil:
				b = e.to(b)
			default:
				for at := 0; at < len(e.data); at += 512 {
					if chance.IntN(2) == 0 {
						b = edit{at: e.at + int64(at), data: e.data[at:min(at+512, len(e.data))]}.to(b)
					}
				}
			}
		}
		if err := os.WriteFile(filepath.Join(to, rest), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}
