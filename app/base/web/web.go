// Package web turns requests into calls of handlers, and what they return
// into pages. It knows no feature. It owns julienschmidt/httprouter,
// gorilla/sessions and klauspost/compress.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/who"

	"github.com/julienschmidt/httprouter"
	"github.com/klauspost/compress/gzhttp"
)

// A Handler answers a request of a viewer who has the right to make it. It
// either writes a whole answer and returns nil, or writes nothing and returns
// an error.
type Handler func(w http.ResponseWriter, r *http.Request, v who.Viewer) error

// A Route is one line of a feature's table. A route without a Right is open
// to nobody.
type Route struct {
	Method, Path string
	Right        who.Right
	Handle       Handler
	Fresh        Freshness
	limit        int64 // bytes of the body; 0: a form's
	stream       bool  // never compressed
	open         bool  // stays open
	quiet        bool  // leaves no line in the log
	early        bool  // answers before the house is open
}

const (
	formLimit   = 256 << 10
	keptLimit   = 512 << 10 // of a form that comes once more, sealed, with a proof
	uploadLimit = 32 << 20
	filesLimit  = 128 << 20
	wordsLimit  = 1 << 20 // of what was typed into a form with files
)

// Get is a page to look at; it changes nothing.
func Get(path string, right who.Right, h Handler) Route {
	return Route{Method: "GET", Path: path, Right: right, Handle: h}
}

// Post is a change; it ends with Done, or with the form Again.
func Post(path string, right who.Right, h Handler) Route {
	return Route{Method: "POST", Path: path, Right: right, Handle: h}
}

// Upload is a Post that may carry a file of at most 32 MB.
func Upload(path string, right who.Right, h Handler) Route {
	return Route{Method: "POST", Path: path, Right: right, Handle: h, limit: uploadLimit}
}

// Files is a Post that may carry several files, of at most 128 MB together: see ReadFiles.
func Files(path string, right who.Right, h Handler) Route {
	return Route{Method: "POST", Path: path, Right: right, Handle: h, limit: filesLimit}
}

// Raw is a Get whose answer is a file as it is, which may be asked for in parts.
func Raw(path string, right who.Right, h Handler) Route {
	return Route{Method: "GET", Path: path, Right: right, Handle: h, stream: true}
}

// Stream is a Get that stays open.
func Stream(path string, right who.Right, h Handler) Route {
	return Route{Method: "GET", Path: path, Right: right, Handle: h, stream: true, open: true}
}

// Quiet has requests of a route leave neither a line in the log nor a gap in its numbers: from when somebody made one,
// whoever reads the log could tell who. Errors of the house are logged all the same.
func Quiet(rt Route) Route {
	rt.quiet = true
	return rt
}

// A Freshness is whether a route wants its viewer to have proved lately (who.ProofLife) who it is.
type Freshness int

const (
	NotFresh Freshness = iota
	Fresh              // for what leaves the house, lets somebody in, or cannot be taken back
	FirstWay           // Fresh, but for who has no way to sign in yet, and so nothing to prove it with
)

// Proved has a route want its viewer to have proved lately who it is. Who has not is asked by Site.Confirm, and goes on
// with what was typed. It is no route for files: those could not be kept.
func Proved(rt Route) Route {
	rt.Fresh = Fresh
	return rt
}

// ProvedButFirst is Proved for a route by which one gets a way to sign in.
func ProvedButFirst(rt Route) Route {
	rt.Fresh = FirstWay
	return rt
}

// A Confirm has a viewer prove who it is before a route that wants it: it reads the proof from the request, or asks for
// one. Ok tells to go on, as the viewer that it returns; else it has answered.
type Confirm func(w http.ResponseWriter, r *http.Request, v who.Viewer, want Freshness) (as who.Viewer, ok bool, err error)

// Early has a route answer although the house is not open yet.
func Early(rt Route) Route {
	rt.early = true
	return rt
}

// A Site is what a server of pages needs to know.
type Site struct {
	Routes  []Route
	Confirm Confirm                                        // nil: whoever has not proved who it is stays outside
	Viewer  func(*http.Request) (who.Viewer, error)        // the zero Viewer: not signed in
	Frame   func(*http.Request, who.Viewer) (Frame, error) // what stands around every page
	Mark    func() string                                  // up to which change a page knows that is made now; see base/live
	Shut    func(context.Context) (bool, error)            // whether the house is not open yet; nil: it is
	Soon    string                                         // what is made while it is shut: it opens by itself within seconds; "": somebody has to open it
	Now     func() time.Time
	Base    *url.URL // the house's public address

	// Refuse is asked before each change; what it returns is told to whoever wanted it. nil: all are taken.
	Refuse func(path string) error

	parts sync.Map // of the layout: HTML by what is in it
}

// A call is what the helpers of this package need to know of a request.
type call struct {
	site   *Site
	viewer who.Viewer
	no     uint64
	mark   string // from before anything was read
}

type callKey struct{}

func callOf(r *http.Request) call {
	c, _ := r.Context().Value(callKey{}).(call)
	return c
}

// Handler serves the site.
func (s *Site) Handler() http.Handler {
	var count atomic.Uint64
	mux := httprouter.New()
	mux.HandleMethodNotAllowed = false
	mux.HandleOPTIONS = false
	mux.RedirectTrailingSlash = false
	mux.RedirectFixedPath = false
	pages, _ := gzhttp.NewWrapper(gzhttp.CompressionLevel(1), gzhttp.MinSize(1024))
	gate := newGate(s.Now, placesEach*runtime.GOMAXPROCS(0))
	gate.busy = s.tooBusy(gate)
	serve := func(rt *Route) http.Handler {
		var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			no := uint64(0)
			if rt == nil || !rt.quiet {
				no = count.Add(1)
			}
			s.handle(w, r, rt, no)
		})
		if rt != nil && rt.stream {
			return gate.around(rt, h)
		}
		return gate.around(rt, pages(h))
	}
	for _, rt := range s.Routes {
		mux.Handler(rt.Method, rt.Path, serve(&rt))
		if rt.Method == "GET" {
			mux.Handler("HEAD", rt.Path, serve(&rt))
		}
	}
	mux.Handler("GET", "/a/*file", static())
	mux.NotFound = serve(nil)
	return s.guard(http.NewCrossOriginProtection().Handler(mux))
}

// guard sets the headers of every answer and refuses what no browser of ours sends.
func (s *Site) guard(next http.Handler) http.Handler {
	secure := s.Base.Scheme == "https"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "private, no-store") // whatever may be kept says so
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		if r.URL.Path != healthPath && r.URL.Path != metricsPath && r.Host != s.Base.Host {
			if r.Method == http.MethodGet && loopback(s.Base.Hostname()) {
				to := *s.Base
				to.Path, to.RawQuery = r.URL.Path, r.URL.RawQuery
				http.Redirect(w, r, to.String(), http.StatusFound)
				return
			}
			http.Error(w, "Diese Adresse gehört nicht zu diesem Haus.", http.StatusMisdirectedRequest)
			return
		}
		// The standard check lets a request pass that names no origin at all;
		// every browser that can carry our cookie names one.
		if r.Method == http.MethodPost && r.Header.Get("Cookie") != "" && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			http.Error(w, "Diese Anfrage kam nicht von unserer Seite.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// What supervisors ask for, under whatever name.
const (
	healthPath  = "/gesund"
	metricsPath = "/metrics"
)

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types server"

// AllowEditor lets the page that is about to be written hold the editor, which reads what is pasted through a policy of
// its own.
func AllowEditor(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", csp+" ProseMirrorClipboard")
}

// handle is the way of one request; rt is nil where there is no such page.
func (s *Site) handle(w http.ResponseWriter, r *http.Request, rt *Route, no uint64) {
	start := s.Now()
	rec := &recorder{ResponseWriter: w}
	c := call{site: s, no: no, mark: s.Mark()}
	ctx := context.WithValue(r.Context(), callKey{}, c)
	var err error
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("panic")
			slog.Error("panic", "request", no, "what", p, "stack", string(debug.Stack()))
			if rec.status == 0 {
				s.fail(rec, r.WithContext(ctx), c.viewer, err)
			}
		}
		if rt == nil || !rt.quiet {
			slog.Info("request", "request", no, "method", r.Method, "path", route(rt), "viewer", c.viewer.ID,
				"status", rec.status, "took", s.Now().Sub(start).Round(time.Microsecond))
		}
	}()
	c.viewer, err = s.Viewer(r)
	ctx = context.WithValue(r.Context(), callKey{}, c)
	if (rt == nil || !rt.quiet) && !c.viewer.Young() { // of young people and secret votes nobody keeps where they came from
		ctx = who.From(ctx, Address(r))
	}
	r = r.WithContext(ctx)
	if err == nil {
		err = s.run(rec, r, rt, c.viewer)
	}
	if err != nil {
		s.fail(rec, r, c.viewer, err)
	}
}

func (s *Site) run(w http.ResponseWriter, r *http.Request, rt *Route, v who.Viewer) error {
	if s.Shut != nil && (rt == nil || !rt.early) {
		if shut, err := s.Shut(r.Context()); err != nil || shut {
			return s.wait(w, r, err)
		}
	}
	if rt == nil {
		return fault.New(fault.NotFound, "Diese Seite gibt es nicht.")
	}
	if !v.May(rt.Right) {
		switch {
		case v.Tablet != 0:
			return fault.New(fault.NotFound, "Das gibt es auf diesem Gerät nicht.")
		case v.Half && r.Method == http.MethodGet:
			http.Redirect(w, r, "/konto/zweiter-faktor?weiter="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		case v.Half:
			return fault.New(fault.SignIn, "Bitte zeigen Sie zuerst Ihren zweiten Faktor.")
		case v.ID == 0 && r.Method == http.MethodGet:
			http.Redirect(w, r, "/anmelden?weiter="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		case v.ID == 0:
			return fault.New(fault.SignIn, "Bitte melden Sie sich zuerst an.")
		case v.Roles() == who.Of(who.Waiting):
			return fault.New(fault.Forbidden, "Ihr Zugang ist noch nicht freigegeben oder schon beendet. Ihre Einrichtung hilft Ihnen weiter.")
		}
		return fault.New(fault.Forbidden, "Das dürfen Sie hier nicht.")
	}
	// What has waited on a device says whose it is: somebody else may be signed in by now.
	if p := r.Header.Get(personHeader); p != "" && p != strconv.FormatInt(v.ID, 10) {
		return fault.New(fault.Forbidden, "Auf diesem Gerät ist inzwischen jemand anderes angemeldet.")
	}
	if rt.Method == http.MethodPost && s.Refuse != nil {
		if err := s.Refuse(rt.Path); err != nil {
			return err
		}
	}
	limit := rt.limit
	switch {
	case limit == 0 && rt.Fresh != NotFresh:
		limit = keptLimit
	case limit == 0:
		limit = formLimit
	}
	if r.ContentLength > limit {
		return tooLarge()
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if rt.Fresh != NotFresh {
		as, ok, err := s.confirm(w, r, v, rt.Fresh)
		if err != nil || !ok {
			return err
		}
		v = as
	}
	return rt.Handle(w, r, v)
}

// confirm lets pass who has proved lately who it is.
func (s *Site) confirm(w http.ResponseWriter, r *http.Request, v who.Viewer, want Freshness) (who.Viewer, bool, error) {
	switch {
	case s.Confirm != nil:
		return s.Confirm(w, r, v, want)
	case v.Proved(s.Now()):
		return v, true, nil
	}
	return v, false, fault.New(fault.SignIn, "Bitte melden Sie sich dafür noch einmal an.")
}

type shutPage struct {
	Page
	Soon string
}

// wait asks whoever is too early to come back, or to stay for a moment.
func (s *Site) wait(w http.ResponseWriter, r *http.Request, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("Retry-After", "600")
	w.Header().Set("X-Robots-Tag", "noindex")
	if s.Soon != "" {
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Refresh", "1")
	}
	p := shutPage{NewPage(r, who.Viewer{}, "Dieses Haus wird gerade eingerichtet").Beforehand(), s.Soon}
	return base().render(w, r, http.StatusServiceUnavailable, "shut.html", p)
}

func route(rt *Route) string { // never the path itself: it may hold a token
	if rt == nil {
		return ""
	}
	return rt.Path
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func status(k fault.Kind) int {
	switch k {
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.SignIn, fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Full:
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}

// fail is the one place where an error becomes an answer and a log line.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, v who.Viewer, err error) {
	kind := fault.KindOf(err)
	no := callOf(r).no
	if kind == fault.Internal || kind == fault.Full {
		slog.Error("request failed", "request", no, "viewer", v.ID, "err", err)
	}
	p := struct {
		Page
		Words  string
		Number string // to quote; "" where the words say it all
		SignIn bool
	}{Page: NewPage(r, v, "Das ging nicht"), Words: fault.Words(err), SignIn: kind == fault.SignIn}
	if kind == fault.NotFound {
		p.Title = "Nicht gefunden"
	}
	if kind == fault.Internal {
		p.Number = strconv.FormatUint(no, 10)
	}
	if err := base().render(w, r, status(kind), "error.html", p); err != nil {
		slog.Error("error page failed", "request", no, "err", err)
		http.Error(w, fault.Words(err), http.StatusInternalServerError)
	}
}

// Path returns a number from the path.
func Path(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(Word(r, name), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "Diese Seite gibt es nicht.")
	}
	return n, nil
}

// Word returns a part of the path.
func Word(r *http.Request, name string) string {
	return httprouter.ParamsFromContext(r.Context()).ByName(name)
}

// Done sends the browser on after a change. Words, if any, are shown once on
// the page that follows.
func Done(w http.ResponseWriter, r *http.Request, path string, words ...string) error {
	if len(words) > 0 {
		setFlash(w, r, strings.Join(words, " "))
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// Own returns path if it leads to a page of this site, and "/" otherwise.
func Own(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}
