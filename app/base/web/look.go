package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"nestfunk/app/base/who"
)

// Looks reports whether a page that is open asks for what of it has changed.
func Looks(r *http.Request) bool { return r.Method == http.MethodGet && r.Header.Get("X-Live") != "" }

// NewLook begins the answer to an open page, for RenderLook: a page without what stands around it, which takes longer than
// the rest. It is for pages that a thousand people have open at once.
func NewLook(r *http.Request, v who.Viewer, title string) Page { return newBare(r, v, title) }

// RenderLook answers an open page with one template of a file: all parts of it that change. Whoever has just these parts
// already is told so, and gets nothing. Once is a key of forms, another one each time, which makes no difference.
func (ps *Pages) RenderLook(w http.ResponseWriter, r *http.Request, file, name, once string, data any) error {
	d, ok := data.(interface{ page() Page })
	if !ok {
		return fmt.Errorf("the data of %s has no Page", file)
	}
	p := d.page()
	t, err := ps.find(file, p.Lang)
	if err != nil {
		return err
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := t.ExecuteTemplate(b, name, data); err != nil {
		return err
	}
	hash := sha256.Sum256(bytes.ReplaceAll(b.Bytes(), []byte(once), nil))
	tag := `"` + hex.EncodeToString(hash[:12]) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	head := fmt.Sprintf(`<!doctype html><html lang="%s" dir="%s"><title>%s</title><body data-user="%d"><main data-live="%s?seit=%s">`,
		p.Lang, p.Dir, template.HTMLEscapeString(p.Title), p.Viewer.ID, p.Live, p.Mark)
	const foot = "</main>"
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(head)+b.Len()+len(foot)))
	w.WriteHeader(http.StatusOK)
	for _, part := range [][]byte{[]byte(head), b.Bytes(), []byte(foot)} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}
