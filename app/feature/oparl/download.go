package oparl

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
)

// file hands out the content of a file of the house; one that is no longer published is gone (2.7 of the specification).
func (f *feature) file(w http.ResponseWriter, r *http.Request, uid string, save bool) error {
	var x files.File
	deleted := false
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		item, err := f.own(tx, oparl.File, uid)
		if deleted = item.Deleted; err != nil || deleted {
			return err
		}
		for _, s := range f.sources[oparl.File] {
			if s.Open == nil {
				continue
			}
			if x, err = s.Open(tx, uid); fault.KindOf(err) != fault.NotFound {
				return err
			}
		}
		return nothing()
	})
	if err != nil {
		return err
	}
	if deleted {
		http.Error(w, "Diese Datei wird nicht mehr veröffentlicht.", http.StatusGone)
		return nil
	}
	content, err := f.Files.Open(x)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "Der Inhalt dieser Datei fehlt auf dem Server.")
	}
	if err != nil {
		return err
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", x.Served())
	how := map[string]string{"filename": x.Name}
	if save {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", how))
	} else {
		h.Set("Content-Disposition", mime.FormatMediaType("inline", how)) // as accessUrl has to be: what could act is sent as plain bytes
	}
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	if x.Type == files.PDF {
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	}
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(x.Hash[:16])+`"`)
	http.ServeContent(w, r, "", x.At.Truncate(time.Second), content)
	return nil
}
