package file

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// Policies of what is handed out. A sandbox would keep browsers from showing a PDF at all; what shows it is no page.
const (
	sealed = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	viewed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func (f feature) whole(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.serve(w, r, v, false)
}

func (f feature) thumb(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.serve(w, r, v, true)
}

// serve hands out the content of a file, or a part of it.
func (f feature) serve(w http.ResponseWriter, r *http.Request, v who.Viewer, small bool) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var x files.File
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		x, err = f.find(tx, v, id)
		return err
	})
	if fault.KindOf(err) == fault.NotFound && v.ID == 0 { // others may see it
		return web.Done(w, r, "/anmelden?weiter="+url.QueryEscape(r.URL.Path))
	}
	if err != nil {
		return err
	}
	if small && !x.Picture() {
		return fault.Gone()
	}
	open := f.Files.Open
	if small {
		open = f.Files.OpenThumb
	}
	content, err := open(x)
	if errors.Is(err, fs.ErrNotExist) {
		slog.Error("the content of a file is missing", "file", x.ID)
		return fault.New(fault.NotFound, "Der Inhalt dieser Datei fehlt auf dem Server. Bitte sagen Sie dem Betrieb Bescheid.")
	}
	if err != nil {
		return err
	}
	defer content.Close()
	cache := "private, no-cache" // it may be withdrawn at any time: a browser that has it asks each time whether it may still show it
	switch {
	case v.ID == 0: // open to all, as long as what it is attached to is
		cache = "public, no-cache"
	case v.Shared:
		cache = "private, no-store"
	}
	how, policy := "attachment", sealed
	if x.Inline() {
		how = "inline"
	}
	if x.Type == files.PDF {
		policy = viewed
	}
	h := w.Header()
	h.Set("Content-Type", x.Served())
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": x.Name}))
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", cache)
	h.Set("ETag", `"`+hex.EncodeToString(x.Hash[:16])+`"`)
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}
