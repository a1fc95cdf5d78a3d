package oparl

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"nestfunk/app/base/fault"
)

// What is read of one object. The largest that is known has 200 KB.
const (
	mostBytes  = 8 << 20
	mostDeep   = 40      // levels of objects and lists within each other
	mostValues = 200_000 // within one object
	mostDigits = 1_000   // of a number
)

// What is wrong with a file, and ends it.
var (
	errBytes  = fault.New(fault.Invalid, "Hier ist ein Objekt größer als %d MB.", mostBytes>>20)
	errJSON   = fault.New(fault.Invalid, "Hier ist die Datei kein gültiges JSON: Es fehlt etwas, oder es steht etwas zu viel da.")
	errShort  = fault.New(fault.Invalid, "Die Datei ist unvollständig: Hier bricht sie ab.")
	errObject = fault.New(fault.Invalid, "Das ist kein OParl-Objekt.")
)

// Read reads a file of objects: one or several, a list of them, a page of a list as OParl servers answer it, or (lines)
// one in each line. They are given to take one by one with the line on which they begin, and no more than one is in memory;
// err says in German why one cannot be read, and the others are read all the same. Where a file breaks off or is no JSON,
// that is the err of its last object; with lines, of that line. What take returns ends it, as does an error of r.
func Read(r io.Reader, lines bool, take func(line int, o Object, err error) error) error {
	b := bufio.NewReaderSize(r, 1<<16)
	if p, _ := b.Peek(3); string(p) == "\uFEFF" { // with which programs of Windows begin a file
		_, _ = b.Discard(3) // they are there
	}
	if lines {
		return readLines(b, take)
	}
	d := &decoder{r: b, no: 1}
	err := d.file(take)
	if isFault(err) && !d.taking {
		return take(d.no, nil, err)
	}
	return err
}

// Parse reads the one object that a text is.
func Parse(s []byte) (o Object, err error) {
	n := 0
	_ = Read(bytes.NewReader(s), false, func(_ int, one Object, wrong error) error {
		if n++; err == nil {
			o, err = one, wrong
		}
		return nil
	}) // nothing fails in memory
	if err == nil && n != 1 {
		err = errObject
	}
	return o, err
}

// readLines reads one object from each line; empty ones are passed over.
func readLines(b *bufio.Reader, take func(line int, o Object, err error) error) error {
	for no := 1; ; no++ {
		line, err := readLine(b)
		if err != nil && err != io.EOF && !isFault(err) {
			return err
		}
		end := err == io.EOF
		if isFault(err) || len(bytes.TrimSpace(line)) > 0 {
			var o Object
			if !isFault(err) {
				o, err = Parse(line)
			}
			if err := take(no, o, err); err != nil {
				return err
			}
		}
		if end {
			return nil
		}
	}
}

// readLine reads to the end of a line; one that is too long is passed over.
func readLine(r *bufio.Reader) (b []byte, err error) {
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if b = append(b, part...); len(b) > mostBytes {
			long, b = true, b[:0]
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case long && (err == nil || err == io.EOF && len(part) > 0):
			return nil, errBytes
		}
		return b, err
	}
}

// file reads all objects of a file.
func (d *decoder) file(take func(line int, o Object, err error) error) error {
	for {
		c, err := d.next()
		if err == errShort { // nothing follows
			return nil
		}
		if err != nil {
			return err
		}
		switch c {
		case '[':
			err = d.all(take)
		case '{':
			err = d.page(take)
		default:
			return errJSON
		}
		if err != nil {
			return err
		}
	}
}

// give hands over what has been read since begin.
func (d *decoder) give(line int, value any, take func(int, Object, error) error) error {
	o, ok := value.(Object)
	err := d.soft
	if !ok && err == nil {
		err = errObject
	}
	if err != nil {
		o = nil
	}
	d.taking = true
	err = take(line, o, err)
	d.taking = err != nil
	return err
}

// all reads the objects of a list, after its bracket.
func (d *decoder) all(take func(line int, o Object, err error) error) error {
	return d.list(func() error {
		d.begin()
		if _, err := d.peek(); err != nil {
			return err
		}
		line := d.no
		v, err := d.value(1)
		if err != nil {
			return err
		}
		return d.give(line, v, take)
	})
}

// page reads an object after its brace: one to be given, or a page of a list, whose "data" are.
func (d *decoder) page(take func(line int, o Object, err error) error) error {
	line, data := d.no, false
	d.begin()
	o, err := d.members(1, func(name string) (bool, error) {
		if name != "data" {
			return false, nil
		}
		if c, err := d.peek(); err != nil || c != '[' {
			return false, err
		}
		_, err := d.byte() // the bracket
		if err == nil {
			err = d.all(take)
		}
		data = true
		d.begin() // what follows are the addresses of other pages
		return true, err
	})
	if err != nil || data {
		return err
	}
	return d.give(line, o, take)
}

func isFault(err error) bool {
	return err != nil && !errors.Is(err, io.EOF) && fault.KindOf(err) != fault.Internal
}
