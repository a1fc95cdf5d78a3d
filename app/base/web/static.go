package web

import (
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"nestfunk/assets"
)

// ofDocuments are headers that browsers heed on pages only. With seven files on a first visit they are half a
// kilobyte each.
var ofDocuments = [...]string{"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy"}

// static serves the built files: for a year, since their names carry a hash,
// and as they were compressed at build time.
func static() http.Handler {
	var kept sync.Map // bytes by name: a reading of an embedded file is a copy, and slow clients have many
	read := func(name string) ([]byte, error) {
		if b, ok := kept.Load(name); ok {
			return b.([]byte), nil
		}
		b, err := fs.ReadFile(assets.FS(), name)
		if err == nil {
			kept.Store(name, b)
		}
		return b, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/a/")
		h := w.Header()
		h.Set("Vary", "Accept-Encoding")
		kind := mime.TypeByExtension(path.Ext(name))
		if path.Ext(name) == ".woff2" {
			kind = "font/woff2"
		}
		b, err := read(name + ".br")
		if err == nil && strings.Contains(r.Header.Get("Accept-Encoding"), "br") {
			h.Set("Content-Encoding", "br")
		} else if b, err = read(name); err != nil || kind == "" || strings.HasPrefix(name, ".") {
			http.NotFound(w, r)
			return
		}
		for _, name := range ofDocuments {
			h.Del(name)
		}
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Content-Type", kind)
		_, _ = paced(w, http.NewResponseController(w), b) // the client has gone
	})
}
