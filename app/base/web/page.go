package web

import (
	"bytes"
	"context"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/lang"
	"nestfunk/app/base/who"
	"nestfunk/assets"
)

// A NavItem is an entry of the main menu.
type NavItem struct {
	Path, Label, Icon string
	Right             who.Right
	Low               bool // only in the menu, not at the foot of a phone: its place is reached in another way, too
	Current           bool
	Count             int // of what waits there; 0: nothing
}

// A Frame is what stands around every page.
type Frame struct {
	House   string // name of the house
	Nav     []NavItem
	Banner  string // a warning across every page; "": none
	Demo    bool
	Ask     int    // what the viewer has not confirmed
	AskAt   string // where the first of it is; "": on the start page
	Version string
}

// A Page is what the layout needs; every page's data starts with one.
type Page struct {
	Frame
	Title     string
	Viewer    who.Viewer
	Lang, Dir string
	Flash     string // said once after a change
	Live      string // where the page's stream is; "": the page does not change by itself
	Mark      string // from where the stream has to tell
	Plain     bool   // without menu
	Early     bool   // of a house that is not open yet: nothing leads anywhere
	Help      bool   // with the numbers for who needs help at once
	Now       time.Time
	Path      string

	parts *sync.Map // kept parts of the layout
}

func (p Page) page() Page { return p }

// Page is what the layout calls the frame of a page: with a page's own struct
// the embedded field, and with a bare Page this method. So no field of a page
// can stand in the layout's way.
func (p Page) Page() Page { return p }

// NewPage begins a page for a viewer.
func NewPage(r *http.Request, v who.Viewer, title string) Page {
	p, c := newBare(r, v, title), callOf(r)
	if c.site == nil {
		return p
	}
	p.Flash, p.Help = flash(r), v.Young()
	if f, err := c.site.Frame(r, v); err == nil { // a page without its frame is still a page
		p.Frame = f
	}
	for i, n := range p.Nav {
		p.Nav[i].Current = n.Path == r.URL.Path
	}
	return p
}

// newBare is a page without what stands around it.
func newBare(r *http.Request, v who.Viewer, title string) Page {
	c := callOf(r)
	p := Page{Title: title, Viewer: v, Lang: v.Lang, Path: r.URL.Path}
	if c.site != nil {
		p.Now, p.Mark, p.parts = c.site.Now(), c.mark, &c.site.parts
		if p.Lang == "" {
			p.Lang = accepted(r.Header.Get("Accept-Language"))
		}
	}
	p.Dir = lang.Of(p.Lang).Dir
	return p
}

// Part is a part of the layout that is the same on many pages: the main menu in one of its two places, the bell, the foot
// and what the head links to. Together they take html/template as long as all the rest of the layout: they are kept.
func (p Page) Part(name string) (template.HTML, error) {
	key := append(make([]byte, 0, 256), name+" "+p.Lang...)
	switch name {
	case "side", "tabs":
		key = strconv.AppendBool(key, p.Path == "/menue")
		for _, n := range p.Nav {
			key = strconv.AppendBool(append(key, n.Path...), n.Current)
			key = strconv.AppendInt(key, int64(n.Count), 10)
		}
	case "foot":
		key = strconv.AppendBool(key, p.Viewer.Young())
	case "bell":
		key = append(strconv.AppendInt(key, int64(p.Ask), 10), p.AskAt...)
	}
	if p.parts != nil {
		if v, ok := p.parts.Load(string(key)); ok {
			return v.(template.HTML), nil
		}
	}
	html, err := base().Part("error.html", name, p.Lang, struct{ Page Page }{p})
	if err == nil && p.parts != nil {
		p.parts.Store(string(key), html)
	}
	return html, err
}

// Tabs are the entries of the menu at the foot of a phone: the first four that do not lie low.
func (f Frame) Tabs() []NavItem {
	tabs := slices.DeleteFunc(slices.Clone(f.Nav), func(n NavItem) bool { return n.Low })
	return tabs[:min(4, len(tabs))]
}

// Behind is what waits in the entries that stand only in the menu.
func (f Frame) Behind() (n int) {
	for _, x := range f.Nav {
		n += x.Count
	}
	for _, x := range f.Tabs() {
		n -= x.Count
	}
	return n
}

// Beforehand is a page of a house that is not open yet, has no name, and is set up in German.
func (p Page) Beforehand() Page {
	p.Plain, p.Early, p.House = true, true, ""
	return p.In("de")
}

// In sets the page's language.
func (p Page) In(code string) Page {
	p.Lang, p.Dir = code, lang.Of(code).Dir
	return p
}

// L is the page's language.
func (p Page) L() *lang.Lang { return lang.Of(p.Lang) }

// accepted is the first language of the header that the house speaks.
func accepted(header string) string {
	for part := range strings.SplitSeq(header, ",") {
		code, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		code, _, _ = strings.Cut(code, "-")
		if code != "" && lang.Of(code).Code == code {
			return code
		}
	}
	return "de"
}

//go:embed *.html
var files embed.FS

// base are the pages of this package.
var base = sync.OnceValue(func() *Pages { return Parse(files) })

// Pages are the templates of one feature, each with the layout around it.
type Pages struct {
	fsys  fs.FS
	names map[string]*template.Template // German, parsed at start: a broken template stops the program
	mu    sync.Mutex
	other map[string]*template.Template // by language and name, made when first asked for
}

// Parse reads every *.html of a feature. Files whose name begins with "_" hold
// templates that the others share. It panics on a broken template: that is a
// broken program, and every test of the feature would show it.
func Parse(fsys fs.FS) *Pages {
	ps := &Pages{fsys: fsys, names: map[string]*template.Template{}, other: map[string]*template.Template{}}
	names, err := fs.Glob(fsys, "[^_]*.html")
	if err != nil {
		panic(err)
	}
	layout := template.Must(ps.layout("de"))
	for _, name := range names {
		if name != "layout.html" {
			ps.names[name] = template.Must(template.Must(layout.Clone()).ParseFS(fsys, name))
		}
	}
	return ps
}

// Names lists the pages.
func (ps *Pages) Names() []string { return slices.Sorted(maps.Keys(ps.names)) }

func (ps *Pages) layout(code string) (*template.Template, error) {
	t, err := template.New("layout.html").Funcs(words(code)).ParseFS(files, "layout.html", "_form.html")
	if err != nil {
		return nil, err
	}
	if shared, _ := fs.Glob(ps.fsys, "_*.html"); len(shared) > 0 {
		return t.ParseFS(ps.fsys, shared...)
	}
	return t, nil
}

// words are the functions of templates.
func words(code string) template.FuncMap {
	l := lang.Of(code)
	return template.FuncMap{
		"asset": assets.URL,
		"icon":  icon,
		"t":     l.T,
		"n":     l.N,
		"day":   func(t time.Time) string { return l.Day(local(t)) },
		"date":  func(t time.Time) string { return l.DayYear(local(t)) },
		"clock": func(t time.Time) string { return l.Clock(local(t)) },
		"stamp": func(t time.Time) string { return l.Stamp(local(t)) },
		"when":  func(now, t time.Time) string { return l.When(local(now), local(t)) },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"hue":   hue,
		"list":  func(v ...any) []any { return v },
		"first": who.Initials,
		"plus":  func(a, b int) int { return a + b },
		"minus": func(a, b float64) float64 { return a - b },
		"tel":   dial,
	}
}

// hue is the class of one of twelve hues, always the same for the same id.
func hue(id int64) string { return fmt.Sprintf("h%d", id%12) }

// dial is a telephone number as a tel: link wants it (RFC 3966).
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

func icon(name string) template.HTML {
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="` + template.HTMLEscapeString(assets.Icon(name)) + `"/></svg>`)
}

// Render writes a page, or nothing if the template fails.
func (ps *Pages) Render(w http.ResponseWriter, r *http.Request, name string, data any) error {
	clearFlash(w, r)
	return ps.render(w, r, http.StatusOK, name, data)
}

// Again writes a form once more, with what is wrong with it.
func (ps *Pages) Again(w http.ResponseWriter, r *http.Request, name string, data any) error {
	return ps.render(w, r, http.StatusUnprocessableEntity, name, data)
}

// shown is the key of who hears of pages.
type shown struct{}

// Shown has f hear of each page that is rendered for a request below ctx: the files of its feature, and which of them it is.
// A test wants to know what it has looked at.
func Shown(ctx context.Context, f func(r *http.Request, files fs.FS, name string)) context.Context {
	return context.WithValue(ctx, shown{}, f)
}

func (ps *Pages) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	if f, ok := r.Context().Value(shown{}).(func(*http.Request, fs.FS, string)); ok {
		f(r, ps.fsys, name)
	}
	p, ok := data.(interface{ page() Page })
	if !ok {
		return fmt.Errorf("the data of %s has no Page", name)
	}
	t, err := ps.find(name, p.page().Lang)
	if err != nil {
		return err
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := t.Execute(b, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len())) // else it is sent in chunks; gzhttp removes it where it compresses
	w.WriteHeader(status)
	_, err = b.WriteTo(w)
	return err
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Part executes one template of a page, for what is kept ready.
func (ps *Pages) Part(file, name, code string, data any) (template.HTML, error) {
	t, err := ps.find(file, code)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.ExecuteTemplate(&b, name, data)
	return template.HTML(b.String()), err
}

func (ps *Pages) find(name, code string) (*template.Template, error) {
	t, ok := ps.names[name]
	if !ok {
		return nil, errors.New("no template " + name)
	}
	code = lang.Of(code).Code
	if code == "de" {
		return t, nil
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	key := code + " " + name
	if o, ok := ps.other[key]; ok {
		return o, nil
	}
	o, err := ps.layout(code)
	if err != nil {
		return nil, err
	}
	if o, err = o.ParseFS(ps.fsys, name); err != nil {
		return nil, err
	}
	ps.other[key] = o
	return o, nil
}

const flashCookie = "flash"

func setFlash(w http.ResponseWriter, r *http.Request, words string) {
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(words)), Path: "/",
		MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: callOf(r).secure()})
}

func (c call) secure() bool { return c.site != nil && c.site.Base.Scheme == "https" }

func flash(r *http.Request) string {
	c, err := r.Cookie(flashCookie)
	if err != nil || len(c.Value) > 1000 {
		return ""
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return ""
	}
	return string(b)
}

// clearFlash forgets the words once they were shown; a page that is only
// fetched for its live parts leaves them.
func clearFlash(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(flashCookie); err == nil && r.Header.Get("X-Live") == "" {
		http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: callOf(r).secure()})
	}
}
