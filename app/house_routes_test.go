package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/demo"
)

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
	du, n := formal(all)
	if tell(t, du); n < 20 {
		t.Errorf("only %d answers to a young person", n)
	}
	tell(t, strangers(all))
	tell(t, offers(h.routes, all))
	tell(t, marked(all))
	tell(t, plain(all))
	if !t.Failed() {
		apptest.Figure(t, "routes", fmt.Sprintf("%d Aufrufe, keine Abweichung", len(all)))
	}
	t.Logf("%d calls", len(all))
	t.Log(table(h.routes, all))
}

// doors checks that every route has a right, and the one that is written down.
func doors(routes []web.Route) (wrong []string) {
	for _, r := range routes {
		name := r.Method + r.Path
		switch want, ok := rights[name]; {
		case r.Right == 0:
			wrong = append(wrong, name+" has no right")
		case !ok:
			wrong = append(wrong, name+" is missing in the table of rights")
		case r.Right != want:
			wrong = append(wrong, fmt.Sprintf("%s has the right %b, in the table %b", name, r.Right, want))
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

var polite = regexp.MustCompile(`.{0,40}\b(?:Ihnen|Ihre?[nmrs]?|(?:[a-zäöüß]+|\A) Sie)\b.{0,20}`)

// formal finds pages that do not say "du" to a young person, besides those that everybody reads without sign-in.
func formal(all []call) (wrong []string, n int) {
	for _, c := range all {
		if c.person != falke || c.right.Has(who.Nobody) && !strings.HasPrefix(c.path, "/jugend") && c.path != "/menue" {
			continue
		}
		_, shown, _ := strings.Cut(c.body, "<body") // also what scripts and screen readers say
		n++
		if m := polite.FindString(shown); m != "" {
			wrong = append(wrong, fmt.Sprintf("%v: says %q", c, m))
		}
		if c.status == http.StatusOK && !strings.Contains(c.body, "116 111") && strings.Contains(c.body, "<main") {
			wrong = append(wrong, fmt.Sprintf("%v: help is not in reach", c))
		}
	}
	return wrong, n
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
		case strings.Contains(csp, "script-src") && !strings.Contains(csp, "require-trusted-types-for 'script'"), // without it no script runs at all
			!strings.Contains(csp, "base-uri 'none'"), !strings.Contains(csp, "form-action '"):
			wrong = append(wrong, fmt.Sprintf("%v: policy lacks something: %q", c, csp))
		case h.Get("Cross-Origin-Opener-Policy") != "same-origin" || h.Get("Cross-Origin-Resource-Policy") == "" || h.Get("Permissions-Policy") == "":
			wrong = append(wrong, fmt.Sprintf("%v: open to other origins, or to sensors: %v", c, h))
		case careless(h):
			wrong = append(wrong, fmt.Sprintf("%v: a cookie without its flags: %q", c, h.Values("Set-Cookie")))
		case h.Get("X-Content-Type-Options") != "nosniff":
			wrong = append(wrong, fmt.Sprintf("%v: may be sniffed", c))
		case h.Get("Referrer-Policy") != "same-origin" && h.Get("Referrer-Policy") != "no-referrer":
			wrong = append(wrong, fmt.Sprintf("%v: referrer policy %q", c, h.Get("Referrer-Policy")))
		case c.body != "" && h.Get("Content-Type") == "":
			wrong = append(wrong, fmt.Sprintf("%v: no content type", c))
		case strings.HasPrefix(c.path, "/datei/") && strings.HasPrefix(h.Get("Cache-Control"), "private, "): // a picture may stay with who may see it
		case c.person != 0 && !strings.Contains(h.Get("Cache-Control"), "no-store"):
			wrong = append(wrong, fmt.Sprintf("%v: may be cached", c))
		}
	}
	return wrong
}

// careless reports whether a cookie could be read by a script, go with a form of another site, or lie at one path only.
func careless(h http.Header) bool {
	cookies := (&http.Response{Header: h}).Cookies()
	return len(cookies) != len(h.Values("Set-Cookie")) || slices.ContainsFunc(cookies, func(c *http.Cookie) bool {
		return !c.HttpOnly || c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != ""
	})
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
	case start == "/raum" && r.Method == http.MethodGet: // a youth room among them
		return ids(3)
	case r.Method == http.MethodPost || !strings.HasSuffix(r.Path, ":id"):
		return []string{"1", "4", "8", "999999"}
	case start == "/einheit" || start == "/archiv":
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
			c := call{person: p.id, name: p.name, is: p.is, route: rt.Method + " " + rt.Path, right: rights[rt.Method+rt.Path]}
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
