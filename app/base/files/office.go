package files

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

const (
	mostParts = 10_000 // entries of a ZIP
	mostDepth = 1000   // elements within each other
)

// readOffice reads an office document: a ZIP in which the text stands as XML (ECMA-376, ISO/IEC 26300).
func readOffice(in *os.File, kind string, t *words) error {
	info, err := in.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(in, info.Size())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if len(z.File) > mostParts {
		return ErrBomb
	}
	parts := slices.Collect(func(yield func(*zip.File) bool) {
		for _, f := range z.File {
			if told(kind, f.Name) && !yield(f) {
				return
			}
		}
	})
	if len(parts) == 0 {
		return ErrBroken
	}
	slices.SortStableFunc(parts, func(a, b *zip.File) int { // slide2 before slide10
		if len(a.Name) != len(b.Name) {
			return len(a.Name) - len(b.Name)
		}
		return strings.Compare(a.Name, b.Name)
	})
	left := int64(mostUnzip)
	for _, f := range parts {
		if err := readPart(f, &left, t); err != nil {
			return err
		}
		t.apart(true)
	}
	return nil
}

// told reports whether a part of a document has words for its readers.
func told(kind, name string) bool {
	dir, base := path.Split(name)
	if !strings.HasSuffix(base, ".xml") {
		return false
	}
	begins := func(all ...string) bool {
		return slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(base, s) })
	}
	switch kind {
	case DOCX:
		return dir == "word/" && begins("document", "header", "footer", "footnotes", "endnotes", "comments")
	case XLSX: // numbers of the sheets are left out: what one looks for are words
		return name == "xl/sharedStrings.xml" || dir == "xl/worksheets/" || dir == "xl/" && base == "workbook.xml"
	case PPTX:
		return dir == "ppt/slides/" || dir == "ppt/notesSlides/"
	}
	return name == "content.xml" || name == "styles.xml"
}

// readPart reads the text of one part; left is how much may still be unpacked.
func readPart(f *zip.File, left *int64, t *words) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	defer r.Close()
	d := xml.NewDecoder(&rationed{r, left})
	d.Strict = false
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, ErrBroken } // both norms want UTF-8 or UTF-16
	var open []string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if errors.Is(err, ErrBomb) {
			return err
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if open = append(open, x.Name.Space+":"+x.Name.Local); len(open) > mostDepth {
				return ErrBomb
			}
			switch x.Name.Local {
			case "p", "h", "row", "tr", "br", "si", "line-break", "table-row":
				t.apart(true)
			case "tab", "tc", "s", "c", "table-cell":
				t.apart(false)
			case "sheet":
				for _, a := range x.Attr {
					if a.Name.Local == "name" {
						t.apart(true)
						if err := t.add(a.Value); err != nil {
							return err
						}
					}
				}
			}
		case xml.EndElement:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
			switch x.Name.Local {
			case "p", "h", "si", "row", "tr", "tc", "is":
				t.apart(true)
			}
		case xml.CharData:
			if len(open) == 0 || !spoken(open[len(open)-1], f.Name) {
				continue
			}
			if err := t.add(string(x)); err != nil {
				return err
			}
		}
	}
}

// spoken reports whether the text of an element is read by people: in Office Open XML that of <t>, in OpenDocument all
// that is no setting.
func spoken(element, part string) bool {
	space, name, _ := strings.Cut(element, ":")
	if part == "content.xml" || part == "styles.xml" {
		return space == "text" && name != "number" && name != "page-number"
	}
	return name == "t"
}

// rationed reads from a part until the whole document has given all that it may.
type rationed struct {
	r    io.Reader
	left *int64
}

func (r *rationed) Read(b []byte) (int, error) {
	if *r.left <= 0 {
		return 0, ErrBomb
	}
	n, err := r.r.Read(b[:min(int64(len(b)), *r.left)])
	*r.left -= int64(n)
	return n, err
}
