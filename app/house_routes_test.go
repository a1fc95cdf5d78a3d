package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/demo"
)

// people are all of the test house, with the roles that they have there as one reads them in apptest: written down a
// second time, so that a mistake in how the house works them out is seen. Waiting: no confirmed and current role.
var people = []struct {
	id   int64
	name string
	is   who.Right
}{
	{apptest.Nobody, "niemand", 1 << who.Nobody},
	{apptest.Arno, "Arno", 1 << who.Admin},
	{apptest.Olga, "Olga", 1 << who.Office},
	{apptest.Max, "Max A", 1 << who.Manager},
	{apptest.Greta, "Greta B", 1 << who.Manager},
	{apptest.Hanna, "Hanna A", 1 << who.Head},
	{apptest.Rosa, "Rosa B", 1 << who.Head},
	{apptest.Stefan, "Stefan", 1 << who.Staff},
	{apptest.Ada, "Ada", 1 << who.Parent},
	{apptest.Bert, "Bert", 1 << who.Parent},
	{apptest.Cem, "Cem", 1 << who.Parent},
	{apptest.Dana, "Dana", 1<<who.Parent | 1<<who.Delegate},
	{apptest.Chair, "Vera", 1 << who.Chair},
	{apptest.Auditor, "Doris", 1 << who.Auditor},
	{apptest.Invited, "Ina", 1 << who.Waiting},  // invited
	{apptest.Former, "Fritz", 1 << who.Waiting}, // ended
	{apptest.Locked, "Lutz", 1 << who.Waiting},  // suspended
	{apptest.Silent, "Stan", 1 << who.Waiting},  // a guardian who is not to be informed
}

// open are all pages for whoever is not signed in, and waiting those for whoever waits for a role. A new one is
// written here as well, so that nobody opens a door by mistake.
var (
	public = strings.Fields(`
		GET/gesund GET/anmelden POST/anmelden/link GET/anmelden/link POST/anmelden/passwort POST/anmelden/passkey/start
		POST/anmelden/passkey GET/l/:token POST/l/:token GET/i POST/i GET/abgemeldet GET/b/:token POST/b/:token
		GET/b/:token/abmelden POST/b/:token/abmelden GET/handbuch GET/handbuch/:slug GET/impressum GET/datenschutz
		GET/barrierefreiheit GET/menue GET/robots.txt`)
	waiting = strings.Fields(`
		GET/ GET/strom GET/willkommen POST/willkommen/mail POST/willkommen/passwort GET/konto POST/konto/sprache POST/konto/geraet
		POST/konto/geraete POST/konto/abmelden GET/konto/nachweis POST/konto/mail POST/konto/mail/entfernen POST/konto/passwort
		POST/konto/passwort/entfernen POST/konto/passkey/start POST/konto/passkey POST/konto/passkey/entfernen`)
)

// secrets are names that some people must never read, in any page.
var secrets = []struct {
	who   []int64
	names []string
}{
	{[]int64{apptest.Greta, apptest.Rosa}, []string{"Mila", "Can", "Dora", "Yildiz", "Cem", "Bert", "Dana", "Stefan"}}, // carrier B of A
	{[]int64{apptest.Max, apptest.Hanna, apptest.Stefan, apptest.Bert, apptest.Dana, apptest.Chair, apptest.Cem},
		[]string{"Emil", "Rosa", "Greta"}}, // carrier A of B; Emil is Mila's brother
	{[]int64{apptest.Stefan}, []string{"Can", "Dora", "Yildiz"}}, // of the other group
	{[]int64{apptest.Ada, apptest.Bert}, []string{"Can", "Dora", "Yildiz", "Cem"}},
	{[]int64{apptest.Cem}, []string{"Mila", "Dora", "Demir", "Stan"}},
	{[]int64{apptest.Dana, apptest.Chair}, []string{"Mila", "Can", "Demir", "Yildiz"}},
	{[]int64{apptest.Auditor, apptest.Nobody, apptest.Invited, apptest.Former, apptest.Locked, apptest.Silent},
		[]string{"Mila", "Emil", "Can", "Dora", "Demir", "Yildiz"}},
}

// A carrier has people and what only they may look at, by the first word of its page. Ada, who has a child with
// either, and whoever stands above both are left out.
type carrier struct {
	people []int64
	owns   map[string]string
}

var carriers = [2]carrier{
	{[]int64{apptest.Max, apptest.Hanna, apptest.Stefan, apptest.Bert, apptest.Cem, apptest.Dana}, map[string]string{
		"einheit": "3 4 5 6 10", "kind": "1 3 4", "sorge": "1 2 4 5 6", "mitgliedschaft": "3 4 5 6 9 10 11 13", "mitteilung": "1 2", "schliessung": "1"}},
	{[]int64{apptest.Greta, apptest.Rosa}, map[string]string{
		"einheit": "7 8 9", "kind": "2", "sorge": "3", "mitgliedschaft": "7 8", "mitteilung": "3 4", "schliessung": "3"}},
}

// A call is one request of the matrix and what came of it.
type call struct {
	person      int64
	name        string
	is          who.Right
	route, path string
	right       who.Right
	status      int
	to, body    string
	header      http.Header
	wrote       int64 // rows
}

func (c call) String() string {
	return fmt.Sprintf("%s of %s as %s: %d %s", c.route, c.path, c.name, c.status, c.to)
}

func (c call) refused() bool {
	return c.status == http.StatusForbidden || c.status == http.StatusSeeOther && strings.HasPrefix(c.to, "/anmelden?")
}

// TestRoutes asks every page as everybody. With -v it prints who may come where.
func TestRoutes(t *testing.T) {
	h := newHouse(t)
	var gets, barred, posts [2][]call
	t.Run("matrix", func(t *testing.T) {
		for i := range 2 { // half of the people each, in a house of their own, to be done sooner
			t.Run("", func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				h.story()
				mine := func(c call) bool { return c.person%2 == int64(i) }
				gets[i] = h.matrix(http.MethodGet, mine)
				barred[i] = h.matrix(http.MethodPost, func(c call) bool { return mine(c) && c.is&c.right == 0 })
				posts[i] = h.matrix(http.MethodPost, func(c call) bool { return mine(c) && c.is&c.right != 0 }) // with an empty form: few change anything
			})
		}
	})
	unchanged := slices.Concat(gets[0], gets[1], barred[0], barred[1])
	all := slices.Concat(unchanged, posts[0], posts[1])
	tell(t, doors(h.routes))
	tell(t, doors(demo.New(h.House.House, demo.NewPost(h.Now)).Routes))
	tell(t, answers(all))
	tell(t, silent(unchanged))
	tell(t, whispers(all))
	tell(t, strangers(all))
	tell(t, offers(h.routes, all))
	tell(t, marked(all))
	tell(t, plain(all))
	t.Logf("%d calls", len(all))
	t.Log(table(h.routes, all))
}

// doors checks that every route has a right, and that what is open is meant to be.
func doors(routes []web.Route) (wrong []string) {
	for _, r := range routes {
		name := r.Method + r.Path
		isPublic := slices.Contains(public, name) || strings.HasPrefix(name, "GET/demo/")
		switch {
		case r.Right == 0:
			wrong = append(wrong, name+" has no right")
		case r.Right.Has(who.Nobody) && !isPublic:
			wrong = append(wrong, name+" is open to everybody")
		case r.Right.Has(who.Waiting) && !isPublic && !slices.Contains(waiting, name):
			wrong = append(wrong, name+" is open to whoever waits for a role")
		}
	}
	return wrong
}

// answers: whoever has no right is refused, whoever has it is let in for one id at least, and nothing fails.
func answers(all []call) (wrong []string) {
	let := map[string]bool{}
	for _, c := range all {
		if !c.refused() {
			let[c.route+c.name] = true
		}
	}
	for _, c := range all {
		switch may := c.is&c.right != 0; {
		case c.status >= 500:
			wrong = append(wrong, c.String())
		case !may && !c.refused():
			wrong = append(wrong, c.String()+": has no right, but is let in")
		case may && !let[c.route+c.name]:
			wrong = append(wrong, c.String()+": has the right, but is refused")
		}
	}
	return wrong
}

// silent: a GET changes nothing, and neither does a POST that was refused.
func silent(all []call) (wrong []string) {
	for _, c := range all {
		if c.wrote != 0 {
			wrong = append(wrong, fmt.Sprintf("%v: wrote %d rows", c, c.wrote))
		}
	}
	return wrong
}

// whispers finds names on pages of people who must not know them.
func whispers(all []call) (wrong []string) {
	for _, c := range all {
		for _, s := range secrets {
			for _, n := range s.names {
				if slices.Contains(s.who, c.person) && strings.Contains(c.body, n) {
					if m := regexp.MustCompile(`.{0,30}\b` + n + `\b.{0,20}`).FindString(c.body); m != "" {
						wrong = append(wrong, fmt.Sprintf("%v: reads %q", c, m))
					}
				}
			}
		}
	}
	return wrong
}

// strangers: what belongs to one carrier is not there for the people of the other, who have the same roles.
func strangers(all []call) (wrong []string) {
	for _, c := range all {
		side := slices.IndexFunc(carriers[:], func(x carrier) bool { return slices.Contains(x.people, c.person) })
		parts := strings.Split(c.path, "/")
		if side < 0 || len(parts) < 3 {
			continue
		}
		if other := carriers[1-side]; slices.Contains(strings.Fields(other.owns[parts[1]]), parts[2]) && !c.refused() && c.status != http.StatusNotFound {
			wrong = append(wrong, fmt.Sprintf("%v: belongs to the other carrier", c))
		}
	}
	return wrong
}

var links = regexp.MustCompile(`<(?:a|form|button)\s[^>]*?(?:href|(method="post"[^>]*?|form)?action)="(/[^"?#]*)`)

// offers finds links and forms that lead nowhere, or where the reader of the page has no right to go.
func offers(routes []web.Route, all []call) (wrong []string) {
	find := func(method, at string) (web.Route, bool) {
		parts := strings.Split(at, "/")
		best, found := web.Route{}, false
		for _, r := range routes {
			want := strings.Split(r.Path, "/")
			if r.Method == method && slices.EqualFunc(want, parts, func(w, p string) bool { return w == p || strings.HasPrefix(w, ":") && p != "" }) {
				if !found || strings.Contains(best.Path, ":") {
					best, found = r, true
				}
			}
		}
		return best, found
	}
	seen := map[string]bool{}
	for _, c := range all {
		if !strings.HasPrefix(c.header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, m := range links.FindAllStringSubmatch(c.body, -1) {
			method := http.MethodGet
			if m[1] != "" {
				method = http.MethodPost
			}
			rt, ok := find(method, m[2])
			key := c.route + c.name + method + m[2]
			switch {
			case seen[key] || strings.HasPrefix(m[2], "/a/"):
			case !ok:
				wrong = append(wrong, fmt.Sprintf("%v: %s %s leads nowhere", c, method, m[2]))
			case c.is&rt.Right == 0 && rt.Path != "/": // whoever is nobody is asked to sign in
				wrong = append(wrong, fmt.Sprintf("%v: offers %s %s, which has another right", c, method, m[2]))
			}
			seen[key] = true
		}
	}
	return wrong
}

// marked checks the headers of every answer.
func marked(all []call) (wrong []string) {
	for _, c := range all {
		h := c.header
		csp := h.Get("Content-Security-Policy")
		switch {
		case !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe"):
			wrong = append(wrong, fmt.Sprintf("%v: policy %q", c, csp))
		case h.Get("X-Content-Type-Options") != "nosniff":
			wrong = append(wrong, fmt.Sprintf("%v: may be sniffed", c))
		case h.Get("Referrer-Policy") != "same-origin" && h.Get("Referrer-Policy") != "no-referrer":
			wrong = append(wrong, fmt.Sprintf("%v: referrer policy %q", c, h.Get("Referrer-Policy")))
		case c.body != "" && h.Get("Content-Type") == "":
			wrong = append(wrong, fmt.Sprintf("%v: no content type", c))
		case c.person != 0 && !strings.Contains(h.Get("Cache-Control"), "no-store"):
			wrong = append(wrong, fmt.Sprintf("%v: may be cached", c))
		}
	}
	return wrong
}

var handler = regexp.MustCompile(`(?i)\son[a-z]+\s*=`)

// plain: no page carries script or style in itself, which the policy would refuse.
func plain(all []call) (wrong []string) {
	for _, c := range all {
		if !strings.HasPrefix(c.header.Get("Content-Type"), "text/html") {
			continue
		}
		for tag := range strings.SplitSeq(c.body, "<") {
			tag, _, _ = strings.Cut(tag, ">")
			name, _, _ := strings.Cut(tag, " ")
			if name == "script" && !strings.Contains(tag, " src=") || name == "style" || strings.Contains(tag, " style=") ||
				strings.Contains(tag, "javascript:") || strings.Contains(tag, " on") && handler.MatchString(tag) {
				wrong = append(wrong, fmt.Sprintf("%v: inline <%s>", c, tag))
			}
		}
	}
	return wrong
}

// table is who may come where, as it was answered: the best of all ids.
func table(routes []web.Route, all []call) string {
	best := map[string]int{}
	rank := func(status int) int {
		i := slices.Index([]int{403, 404, 400, 422, 429, 409, 303, 302, 204, 200}, status)
		return i + 1
	}
	for _, c := range all {
		k := c.route + " " + c.name
		status := c.status
		if c.refused() {
			status = 403
		}
		if rank(status) > rank(best[k]) {
			best[k] = status
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "who may come where (· refused)\n%-42s", "")
	for _, p := range people {
		fmt.Fprintf(&b, "%-8s", p.name)
	}
	for _, r := range routes {
		fmt.Fprintf(&b, "\n%-42s", r.Method+" "+r.Path)
		for _, p := range people {
			status := fmt.Sprint(best[r.Method+" "+r.Path+" "+p.name])
			if status == "403" {
				status = "·"
			}
			fmt.Fprintf(&b, "%-8s", status)
		}
	}
	return b.String()
}

// A full is a house with all features, as it is served.
type full struct {
	*apptest.House
	t        testing.TB
	handler  http.Handler
	features []house.Feature
	routes   []web.Route
	tokens   map[string]string // by the start of a path
}

func newHouse(t testing.TB) *full {
	t.Helper()
	if old := slog.Default(); old.Handler() != slog.DiscardHandler {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		t.Cleanup(func() { slog.SetDefault(old) })
	}
	h := apptest.New(t)
	a := &App{house: h.House, closing: make(chan struct{})}
	if err := a.furnish(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := &full{House: h, t: t, handler: a.site(), features: a.features, tokens: map[string]string{}}
	f.routes = []web.Route{web.Get("/gesund", who.Anyone, nil), web.Stream("/strom", who.SignedIn, nil)}
	for _, x := range a.features {
		f.routes = append(f.routes, x.Routes...)
	}
	return f
}

// story lets something happen, so that pages have something to show: or to hide.
func (f *full) story() {
	f.t.Helper()
	f.sql(`INSERT INTO account_mail (mail, person, verified) SELECT 'person' || id || '@example.org', id, 1 FROM person WHERE id <> 15`)
	for _, c := range []struct {
		head, facility, group int64
	}{{apptest.Hanna, apptest.Sonne, apptest.Kaefer}, {apptest.Rosa, apptest.Regenbogen, apptest.Froesche}} {
		f.done(c.head, "/schliessungen/neu", "step", "3", "go", "send", "facility", fmt.Sprint(c.facility), "group", fmt.Sprint(c.group), "when", "today",
			"hours", "all", "reason", "illness", "rule", "first", "confirm", "1", "care", "1", "places", "2")
		f.done(c.head, "/mitteilungen/neu", "unit", fmt.Sprint(c.facility), "audience", fmt.Sprint(c.facility), "role", "parent",
			"title", "Elternabend", "body", "Am **Montag**.", "confirm", "1")
	}
	f.done(apptest.Ada, "/schliessung/1/notbetreuung", "child", fmt.Sprint(apptest.Mila), "want", "place")
	f.done(apptest.Ada, "/mitteilung/2/bestaetigen")
	f.Work(f.t) // freezes who was asked
	f.done(apptest.Hanna, "/mitteilung/2/anruf", "child", fmt.Sprint(apptest.Can), "reached", "0")
	f.done(apptest.Hanna, "/mitteilungen/vorlagen", "unit", fmt.Sprint(apptest.Sonne), "kind", "news", "name", "Läuse", "title", "Läuse", "body", "x")
	f.done(apptest.Nobody, "/anmelden/link", "mail", "person5@example.org")
	f.Work(f.t)
	for _, m := range f.Post.Sent() {
		for _, start := range []string{"/b/", "/l/"} {
			if token := regexp.MustCompile(start + `([\w.-]+)`).FindStringSubmatch(m.Text); token != nil {
				f.tokens[start] = token[1]
			}
		}
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if w, err := form.CreateFormFile("file", "liste.csv"); err == nil {
		_, _ = io.WriteString(w, "facility,group,given,family\nKita Sonnenblume,Käfer,Mila,Demir\n")
	}
	_ = form.Close() // all in memory
	r := f.form(apptest.Hanna, "/einheiten/familien")
	r.Body, r.ContentLength = io.NopCloser(&b), int64(b.Len())
	r.Header.Set("Content-Type", form.FormDataContentType())
	f.tokens["/einheiten/"] = path.Base(f.do(apptest.Hanna, r).Header().Get("Location"))
	for start, token := range f.tokens {
		if len(token) < 10 || len(f.tokens) != 3 {
			f.t.Fatalf("no token for %s: %q", start, token)
		}
	}
}

// done is a POST that has to succeed.
func (f *full) done(person int64, path string, fields ...string) {
	f.t.Helper()
	if w := f.do(person, f.form(person, path, fields...)); w.Code != http.StatusSeeOther {
		f.t.Fatalf("%s as %d: %d %s", path, person, w.Code, said(w.Body.String()))
	}
}

func (f *full) sql(query string, args ...any) {
	f.t.Helper()
	err := f.DB.Write(f.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
}

func (f *full) form(person int64, path string, fields ...string) *http.Request {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", apptest.Base+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// cookie signs a person in.
func (f *full) cookie(person int64) *http.Cookie {
	f.t.Helper()
	f.Clock.Add(time.Second) // the oldest of ten sessions ends
	w := httptest.NewRecorder()
	if err := f.Sessions.SignIn(w, httptest.NewRequest("POST", apptest.Base+"/", nil), person); err != nil {
		f.t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func (f *full) signedIn(c *http.Cookie) bool {
	f.t.Helper()
	if c == nil {
		return false
	}
	r := httptest.NewRequest("GET", apptest.Base+"/", nil)
	r.AddCookie(c)
	in, err := f.Sessions.Of(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return in.Person != 0
}

func (f *full) do(person int64, r *http.Request) *httptest.ResponseRecorder {
	f.t.Helper()
	if person != apptest.Nobody {
		r.AddCookie(f.cookie(person))
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w
}

// ids are what a path is tried with: own, foreign and unknown.
func (f *full) ids(r web.Route) []string {
	ids := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprint(i+1))
		}
		return append(all, "999999")
	}
	start := "/" + strings.Split(r.Path, "/")[1]
	switch {
	case !strings.Contains(r.Path, ":"):
		return []string{""}
	case strings.Contains(r.Path, ":slug"):
		return []string{"einlesen", "gibt-es-nicht"}
	case strings.Contains(r.Path, ":token"):
		return []string{f.tokens[start+"/"], "gibt-es-nicht"}
	case r.Method == http.MethodPost || !strings.HasSuffix(r.Path, ":id"):
		return []string{"1", "4", "8", "999999"}
	case start == "/einheit":
		return ids(10)
	case start == "/mitgliedschaft":
		return ids(13)
	}
	return ids(6) // children, guardians, announcements
}

// once is somebody who has heard enough of a stream when the first words arrive.
type once struct {
	*httptest.ResponseRecorder
	leave func()
}

func (o once) Flush() {
	o.ResponseRecorder.Flush()
	o.leave()
}

// matrix makes the calls of one method, of those that are chosen by person and right.
func (f *full) matrix(method string, chosen func(call) bool) (all []call) {
	f.t.Helper()
	for _, p := range people {
		var cookie *http.Cookie
		for _, rt := range f.routes {
			c := call{person: p.id, name: p.name, is: p.is, route: rt.Method + " " + rt.Path, right: rt.Right}
			if rt.Method != method || !chosen(c) {
				continue
			}
			ids := f.ids(rt)
			if c.is&c.right == 0 {
				ids = ids[:1] // refused before anybody looks at it
			}
			for _, id := range ids {
				if p.id != apptest.Nobody && !f.signedIn(cookie) { // the last POST may have signed out
					cookie = f.cookie(p.id)
				}
				c.path = regexp.MustCompile(`:\w+`).ReplaceAllLiteralString(rt.Path, id)
				var r *http.Request
				if method == http.MethodGet {
					r = httptest.NewRequest(method, apptest.Base+c.path, nil)
				} else {
					r = f.form(p.id, c.path)
				}
				if cookie != nil {
					r.AddCookie(cookie)
				}
				w := httptest.NewRecorder()
				before := f.DB.Changes()
				if rt.Path == "/strom" {
					ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
					f.handler.ServeHTTP(once{w, cancel}, r.WithContext(ctx))
					cancel()
				} else {
					f.handler.ServeHTTP(w, r)
				}
				body, _ := io.ReadAll(w.Body)
				c.status, c.to, c.body, c.header, c.wrote = w.Code, w.Header().Get("Location"), string(body), w.Header(), f.DB.Changes()-before
				all = append(all, c)
			}
		}
	}
	return all
}

// said is the text of an error page.
func said(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<main"+main, " ")), " ")
}
