package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A poster sends a form as somebody, the way a browser would: for what only the pages of a feature offer.
type poster func(ctx context.Context, v who.Viewer, path string, fields ...string) error

type viewerKey struct{}

func serving(h *house.House, routes []web.Route) poster {
	site := web.Site{Routes: routes, Now: h.Now, Base: h.Base, Mark: h.Live.Mark,
		Frame: func(*http.Request, who.Viewer) (web.Frame, error) { return web.Frame{}, nil },
		Viewer: func(r *http.Request) (v who.Viewer, err error) {
			id, _ := r.Context().Value(viewerKey{}).(int64)
			if id == 0 {
				return v, nil
			}
			err = h.DB.Read(r.Context(), func(tx *store.Tx) error {
				v, err = org.Viewer(tx, id, h.Now())
				return err
			})
			v.Fresh = h.Now().Unix()
			return v, err
		}}
	handler := site.Handler()
	return func(ctx context.Context, v who.Viewer, path string, fields ...string) error {
		form := url.Values{}
		for i := 0; i+1 < len(fields); i += 2 {
			form.Add(fields[i], fields[i+1])
		}
		r, err := http.NewRequestWithContext(context.WithValue(ctx, viewerKey{}, v.ID), http.MethodPost, h.URL(path), strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := &answer{header: http.Header{}}
		handler.ServeHTTP(w, r)
		if w.status >= 400 {
			return fmt.Errorf("post %s: %d %s", path, w.status, w.body.String())
		}
		return nil
	}
}

type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
