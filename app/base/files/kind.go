package files

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// What a file is, as far as the house knows it. All else is Other, and is only ever handed out to be saved.
const (
	JPEG  = "image/jpeg"
	PNG   = "image/png"
	WebP  = "image/webp" // becomes a JPEG or PNG
	GIF   = "image/gif"  // becomes a PNG
	PDF   = "application/pdf"
	DOCX  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	XLSX  = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	PPTX  = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	ODT   = "application/vnd.oasis.opendocument.text"
	Plain = "text/plain"
	HTML  = "text/html" // is handed out as Other
	Other = "application/octet-stream"

	heic = "image/heic" // refused: no browser but one shows it
)

// kindOf finds out what a file is from its first and last bytes; its name says nothing.
func kindOf(file *os.File, size int64) (string, error) {
	head := make([]byte, 512)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	head = head[:n]
	begins := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch {
	case begins("\xff\xd8\xff"):
		return JPEG, nil
	case begins("\x89PNG\r\n\x1a\n"):
		return PNG, nil
	case begins("GIF87a"), begins("GIF89a"):
		return GIF, nil
	case begins("RIFF") && n >= 12 && string(head[8:12]) == "WEBP":
		return WebP, nil
	case n >= 12 && string(head[4:8]) == "ftyp" && strings.Contains("heic heix hevc hevx heim heis mif1 msf1 avif avis", string(head[8:12])):
		return heic, nil
	case begins("<svg"): // a drawing that may hold scripts
		return Other, nil
	case begins("%PDF-"):
		return PDF, nil
	case begins("PK\x03\x04"):
		return officeKind(file, size, head)
	}
	switch kind, _, _ := strings.Cut(http.DetectContentType(head), ";"); kind {
	case "text/html":
		return HTML, nil
	case "text/plain":
		return Plain, nil
	}
	return Other, nil
}

// officeKind looks for the names that an office document has in the list at the end of its ZIP. It is not unpacked here.
func officeKind(file *os.File, size int64, head []byte) (string, error) {
	if len(head) > 38 && string(head[30:38]) == "mimetype" {
		if bytes.HasPrefix(head[38:], []byte(ODT)) {
			return ODT, nil
		}
		return Other, nil
	}
	tail := make([]byte, min(size, 256<<10))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return "", err
	}
	for name, kind := range map[string]string{"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX} {
		if bytes.Contains(tail, []byte(name)) {
			return kind, nil
		}
	}
	return Other, nil
}

// readable reports whether there may be a text in it for the search.
func readable(kind string) bool {
	switch kind {
	case PDF, DOCX, XLSX, PPTX, ODT, Plain, HTML:
		return true
	}
	return false
}

// picture reports whether it is made anew.
func picture(kind string) bool { return kind == JPEG || kind == PNG || kind == WebP || kind == GIF }

// renamed gives the name of a picture the end of what it has become.
func renamed(name, was, kind string) string {
	if was == kind {
		return name
	}
	end := ".jpg"
	if kind == PNG {
		end = ".png"
	}
	return strings.TrimSuffix(name, filepath.Ext(name)) + end
}

// Served is the type under which it is handed out: nothing that a browser would run.
func (f File) Served() string {
	if f.Type == HTML {
		return Other
	}
	if f.Type == Plain {
		return "text/plain; charset=utf-8"
	}
	return f.Type
}
