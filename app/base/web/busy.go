package web

import (
	"bytes"
	"compress/gzip"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"nestfunk/app/base/lang"
)

// A busyPage is shown to who is sent away. It is made once for each language, since there is no time for it.
type busyPage struct {
	Page
	Sent bool // something was sent
}

type busyKey struct {
	lang string
	sent bool
}

// tooBusy asks who comes to come again. Nothing was done, so whatever it was may be sent once more. Scripts get a line
// without a page: they keep what was typed, and come again by themselves.
func (s *Site) tooBusy(g *gate) func(http.ResponseWriter, *http.Request) {
	var pages sync.Map // bytes in gzip by busyKey
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Retry-After", g.retryAfter())
		code, sent := accepted(r.Header.Get("Accept-Language")), r.Method == http.MethodPost
		line := func() {
			http.Error(w, lang.Of(code).T("Sehr viele Menschen sind gerade gleichzeitig hier. Bitte versuchen Sie es in einigen Sekunden noch einmal."), http.StatusServiceUnavailable)
		}
		if r.Header.Get("X-Live") != "" || r.Header.Get("X-Fragment") != "" || !strings.Contains(r.Header.Get("Accept"), "text/html") ||
			!strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			line()
			return
		}
		page, ok := pages.Load(busyKey{code, sent})
		if !ok {
			b, err := s.busyPage(code, sent)
			if err != nil {
				slog.Error("the page of a busy house failed", "err", err)
				line()
				return
			}
			page, _ = pages.LoadOrStore(busyKey{code, sent}, b)
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Encoding", "gzip")
		h.Set("Vary", "Accept-Encoding, Accept-Language, Accept, X-Live, X-Fragment")
		h.Set("Content-Length", strconv.Itoa(len(page.([]byte))))
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write(page.([]byte)) // whoever asked has gone
	}
}

func (s *Site) busyPage(code string, sent bool) ([]byte, error) {
	t, err := base().find("busy.html", code)
	if err != nil {
		return nil, err
	}
	p := busyPage{Page{Title: "Gerade ist viel los", Lang: code, Plain: true, Now: s.Now(), parts: &s.parts, Frame: Frame{House: s.Base.Host}}, sent}
	p.Dir = lang.Of(code).Dir
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := t.Execute(z, p); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}
