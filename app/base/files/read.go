package files

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"
)

const (
	mostText   = 1 << 20  // bytes of text that are kept of a file for the search
	mostUnzip  = 64 << 20 // bytes that are unpacked of an office document
	mostPages  = 5000     // of a PDF
	mostSource = 8 << 20  // bytes of a text or HTML that are looked at
)

// readText writes the text of a document, its words apart from each other, and no more than mostText of it.
func readText(in *os.File, kind string, out io.Writer) error {
	t := &words{out: out}
	err := func() error {
		switch kind {
		case PDF:
			return readPDF(in, t)
		case DOCX, XLSX, PPTX, ODT:
			return readOffice(in, kind, t)
		case HTML:
			return readHTML(in, t)
		case Plain:
			return readPlain(in, t)
		}
		return fmt.Errorf("no such document: %q", kind)
	}()
	if err != nil && err != errEnough {
		return err
	}
	return t.flush()
}

// errEnough says that more text is not wanted.
var errEnough = fmt.Errorf("enough")

// words gathers text: whatever stands between two words becomes one blank, or one line break.
type words struct {
	out io.Writer
	b   strings.Builder // not yet written
	n   int             // bytes so far
	gap byte            // before the next word; 0: none
}

// flush writes what there is: a process that is ended later has not worked for nothing.
func (w *words) flush() error {
	_, err := io.WriteString(w.out, w.b.String())
	w.b.Reset()
	return err
}

// add appends a piece. Pieces that follow each other belong to one word unless one of them says otherwise.
func (w *words) add(s string) error {
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\f' || r == '\v':
			w.gap = '\n'
			continue
		case r == utf8.RuneError || r == '\u00ad' || r < ' ' && r != '\t' || r >= 0x7f && r < 0x85: // no letter, or a place to hyphenate
			continue
		case r == ' ' || r == '\t' || r == '\u00a0':
			if w.gap == 0 {
				w.gap = ' '
			}
			continue
		}
		if w.gap != 0 && w.n > 0 {
			w.b.WriteByte(w.gap)
			w.n++
		}
		w.gap = 0
		n, _ := w.b.WriteRune(r) // never fails
		if w.n += n; w.n >= mostText-2*utf8.UTFMax {
			return errEnough
		}
	}
	return nil
}

// apart ends the word, and the line if it is a paragraph.
func (w *words) apart(paragraph bool) {
	if paragraph {
		w.gap = '\n'
	} else if w.gap == 0 {
		w.gap = ' '
	}
}

func readPDF(in *os.File, t *words) error {
	info, err := in.Stat()
	if err != nil {
		return err
	}
	r, err := pdf.NewReader(in, info.Size())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err) // or with a password
	}
	read := 0
	for i := 1; i <= min(r.NumPage(), mostPages); i++ {
		page, err := pageText(r, i)
		if err != nil {
			continue // a page that cannot be read does not take the others along
		}
		read++
		if err := t.add(page + "\n"); err != nil {
			return err
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if read == 0 && r.NumPage() > 0 {
		return ErrBroken
	}
	return nil
}

func pageText(r *pdf.Reader, no int) (s string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("page %d: %v", no, p)
		}
	}()
	p := r.Page(no)
	if p.V.IsNull() {
		return "", nil
	}
	return p.GetPlainText(nil)
}

func readHTML(in *os.File, t *words) error {
	z := html.NewTokenizer(io.LimitReader(in, mostSource))
	z.SetMaxBuf(1 << 20)
	silent := 0 // within script and style
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			if err := z.Err(); err != io.EOF && err != html.ErrBufferExceeded {
				return err
			}
			return nil
		case html.TextToken:
			if silent == 0 {
				if err := t.add(string(z.Text())); err != nil {
					return err
				}
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "script", "style", "template", "noscript":
				if kind == html.StartTagToken {
					silent++
				} else if kind == html.EndTagToken {
					silent = max(0, silent-1)
				}
			case "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u", "wbr":
			default:
				t.apart(true)
			}
		}
	}
}

func readPlain(in *os.File, t *words) error {
	b, err := io.ReadAll(io.LimitReader(in, mostSource))
	if err != nil {
		return err
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if len(b) > mostSource-utf8.UTFMax { // the end may be cut within a letter
		b = b[:bytes.LastIndexFunc(b, func(r rune) bool { return r < utf8.RuneSelf })+1]
	}
	if !utf8.Valid(b) {
		if b, err = charmap.Windows1252.NewDecoder().Bytes(b); err != nil {
			return err
		}
	}
	return t.add(string(b))
}
