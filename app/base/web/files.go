package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"

	"nestfunk/app/base/fault"
)

// ReadFiles reads a form with files. Each file is given to take while it arrives, in the order of the form, so that
// nothing of it is in memory; what take leaves unread is passed over. When take refuses a file, the rest of the form
// is read all the same, and returned together with the first refusal: what was typed is not lost. A form that was sent
// without files is read as well.
func ReadFiles(r *http.Request, take func(field, name string, content io.Reader) error, known ...string) (Form, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		r.Body = http.MaxBytesReader(nil, r.Body, wordsLimit) // without files it is no larger than words are
		return ReadForm(r, known...)
	}
	heads := &headed{ReadCloser: r.Body}
	r.Body = heads
	parts, err := r.MultipartReader()
	form := Form{Values: url.Values{}}
	if err != nil {
		return form, halfForm(err)
	}
	var refused error
	left := int64(wordsLimit)
	for {
		heads.left = headLimit
		p, err := parts.NextPart()
		heads.left = -1
		if err == io.EOF {
			return form, refused
		}
		if err != nil {
			return form, halfForm(err)
		}
		if p.FileName() != "" {
			err := take(p.FormName(), p.FileName(), p)
			if err != nil && !Again(err) {
				return form, broken(err)
			}
			if refused == nil {
				refused = err
			}
			if _, err := io.Copy(io.Discard, p); err != nil {
				return form, halfForm(err)
			}
			continue
		}
		if isFile(p) { // nothing was chosen
			continue
		}
		b, err := io.ReadAll(io.LimitReader(p, left+1))
		if err != nil {
			return form, halfForm(err)
		}
		if left -= int64(len(b)); left < 0 {
			return form, tooLarge()
		}
		if !slices.Contains(known, p.FormName()) {
			return Form{}, unknownField()
		}
		v, err := typed(string(b))
		if err != nil {
			return Form{}, err
		}
		form.Values.Add(p.FormName(), v)
	}
}

// headLimit is how long the head of a part may be. The standard library reads one of ten megabytes into memory, several times.
const headLimit = 64 << 10

// A headed body breaks off when the head of a part does not end; what was read of the part before it is not counted.
type headed struct {
	io.ReadCloser
	left int // bytes; below 0: as many as there are
}

func (h *headed) Read(b []byte) (int, error) {
	if h.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if h.left > 0 && len(b) > h.left {
		b = b[:h.left]
	}
	n, err := h.ReadCloser.Read(b)
	if h.left > 0 {
		h.left -= n
	}
	return n, err
}

func isFile(p *multipart.Part) bool { return p.Header.Get("Content-Type") != "" }

// halfForm is what to answer to a form that breaks off, or is none.
func halfForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge()
	}
	return fault.New(fault.Malformed, "Diese Anfrage war unvollständig.")
}

// broken is what to answer when a file could not be taken: because it broke off, or because of ourselves.
func broken(err error) error {
	_, most := errors.AsType[*http.MaxBytesError](err)
	if most || errors.Is(err, io.ErrUnexpectedEOF) {
		return halfForm(err)
	}
	return err
}
