package oparl

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"nestfunk/app/base/fault"
)

// A decoder reads JSON (RFC 8259) as it comes. It is our own code since the standard library forgets the order of
// properties, takes what stands there twice, and reads as deep as ten thousand levels; and none of its errors is a line.
type decoder struct {
	r      *bufio.Reader
	no     int   // line
	left   int   // bytes of the object that is being read
	values int   // of that
	soft   error // why that cannot be taken, though it is JSON
	taking bool  // an error is not of the file, but of whoever takes its objects
}

func (d *decoder) begin() { d.left, d.values, d.soft = mostBytes, 0, nil }

func (d *decoder) wrong(words string, args ...any) {
	if d.soft == nil {
		d.soft = fault.New(fault.Invalid, words, args...)
	}
}

func (d *decoder) byte() (byte, error) {
	c, err := d.r.ReadByte()
	switch {
	case err == io.EOF:
		return 0, errShort
	case err != nil:
		return 0, err
	case c == '\n':
		d.no++
	}
	if d.left--; d.left < 0 && d.values > 0 {
		return 0, errBytes
	}
	return c, nil
}

// peek is the next byte that is no space; it remains to be read.
func (d *decoder) peek() (byte, error) {
	c, err := d.next()
	if err == nil {
		err = d.r.UnreadByte()
	}
	return c, err
}

// next reads the next byte that is no space.
func (d *decoder) next() (byte, error) {
	for {
		c, err := d.byte()
		if err != nil || c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c, err
		}
	}
}

// value reads a value at a depth.
func (d *decoder) value(depth int) (any, error) {
	if d.values++; d.values > mostValues {
		d.wrong("Das Objekt ist zu groß: höchstens %d Werte.", mostValues)
	}
	c, err := d.next()
	if err != nil {
		return nil, err
	}
	switch {
	case (c == '{' || c == '[') && depth > mostDeep:
		d.wrong("Das Objekt ist zu tief verschachtelt: höchstens %d Ebenen.", mostDeep)
		return nil, d.skip()
	case c == '{':
		return d.members(depth, nil)
	case c == '[':
		all := []any{}
		err := d.list(func() error {
			v, err := d.value(depth + 1)
			if d.soft == nil {
				all = append(all, v)
			}
			return err
		})
		return all, err
	case c == '"':
		return d.text()
	case c == 't':
		return true, d.word("rue")
	case c == 'f':
		return false, d.word("alse")
	case c == 'n':
		return nil, d.word("ull")
	}
	return d.number(c)
}

func (d *decoder) word(rest string) error {
	for _, want := range []byte(rest) {
		if c, err := d.byte(); err != nil || c != want {
			return cmp(err, errJSON)
		}
	}
	return nil
}

func cmp(err, usual error) error {
	if err != nil {
		return err
	}
	return usual
}

// list reads what stands in a list, after its bracket: each value by one.
func (d *decoder) list(one func() error) error {
	c, err := d.peek()
	if err == nil && c == ']' {
		_, err = d.byte()
		return err
	}
	for err == nil {
		if err = one(); err != nil {
			break
		}
		if c, err = d.next(); err == nil && c != ',' {
			if c == ']' {
				return nil
			}
			err = errJSON
		}
	}
	return err
}

// members reads what stands in an object, after its brace. Whoever is asked first (nil: nobody) may read a value itself.
func (d *decoder) members(depth int, first func(name string) (bool, error)) (Object, error) {
	o := Object{}
	var seen map[string]bool // of large ones
	c, err := d.next()
	if err == nil && c == '}' {
		return o, nil
	}
	for err == nil {
		if c != '"' {
			return nil, errJSON
		}
		name := ""
		if name, err = d.text(); err != nil {
			return nil, err
		}
		if c, err = d.next(); err != nil || c != ':' {
			return nil, cmp(err, errJSON)
		}
		done := false
		if first != nil {
			done, err = first(name)
		}
		if err == nil && !done {
			var v any
			if v, err = d.value(depth + 1); err == nil && d.soft == nil {
				if len(o) == 32 {
					seen = map[string]bool{}
					for _, f := range o {
						seen[f.Name] = true
					}
				}
				if seen[name] || seen == nil && o.Has(name) {
					d.wrong("„%s“ steht in einem Objekt zweimal.", short(name))
				} else if o = append(o, Field{name, v}); seen != nil {
					seen[name] = true
				}
			}
		}
		if err == nil {
			c, err = d.next()
		}
		if err != nil || c == '}' {
			return slices.Clip(o), err
		}
		if c != ',' {
			return nil, errJSON
		}
		c, err = d.next()
	}
	return nil, err
}

// short is a name for a sentence.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// skip reads to the end of an object or list without keeping anything, after its bracket.
func (d *decoder) skip() error {
	for open := 1; open > 0; {
		c, err := d.byte()
		if err != nil {
			return err
		}
		switch c {
		case '{', '[':
			open++
		case '}', ']':
			open--
		case '"':
			if _, err := d.text(); err != nil {
				return err
			}
		}
	}
	return nil
}

// number reads the rest of one and keeps it as it is written.
func (d *decoder) number(first byte) (any, error) {
	b := []byte{first}
	for {
		c, err := d.r.ReadByte()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			if err := d.r.UnreadByte(); err != nil {
				return nil, err
			}
			break
		}
		if d.left--; len(b) < mostDigits+1 {
			b = append(b, c)
		} else {
			d.wrong("Eine Zahl ist zu lang: höchstens %d Ziffern.", mostDigits)
		}
	}
	if len(b) <= mostDigits && !json.Valid(b) {
		return nil, errJSON
	}
	return json.Number(b), nil
}

// text reads a string after its quotation mark.
func (d *decoder) text() (string, error) {
	var b []byte
	for {
		c, err := d.byte()
		if err != nil {
			return "", err
		}
		switch {
		case c == '"':
			if !utf8.Valid(b) {
				d.wrong("Ein Text ist nicht in UTF-8 geschrieben.")
			}
			return string(b), nil
		case c < 0x20:
			return "", errJSON
		case c != '\\':
			b = append(b, c)
			continue
		}
		if c, err = d.byte(); err != nil {
			return "", err
		}
		switch c {
		case '"', '\\', '/':
			b = append(b, c)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			if b, err = d.escaped(b); err != nil {
				return "", err
			}
		default:
			return "", errJSON
		}
	}
}

// escaped reads a letter after "\u", and its second half where it has two. Half a letter becomes U+FFFD.
func (d *decoder) escaped(b []byte) ([]byte, error) {
	r, err := d.hex()
	for err == nil && utf16.IsSurrogate(r) {
		p, _ := d.r.Peek(2)
		if string(p) != `\u` {
			return utf8.AppendRune(b, utf8.RuneError), nil
		}
		if err = d.word(`\u`); err != nil {
			break
		}
		var low rune
		if low, err = d.hex(); err != nil {
			break
		}
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			return utf8.AppendRune(b, both), nil
		}
		b, r = utf8.AppendRune(b, utf8.RuneError), low
	}
	return utf8.AppendRune(b, r), err
}

func (d *decoder) hex() (rune, error) {
	var b [4]byte
	for i := range b {
		c, err := d.byte()
		if err != nil {
			return 0, err
		}
		b[i] = c
	}
	n, err := strconv.ParseUint(string(b[:]), 16, 16)
	if err != nil || b[0] == '+' {
		return 0, errJSON
	}
	return rune(n), nil
}
