package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// TestOrigin sends forms the way other sites would (OWASP ASVS 3.5.1–3.5.3), to every route that changes something.
func TestOrigin(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		name, site, origin string
		signedIn, passes   bool
	}{
		{"own form", "same-origin", "http://localhost:8080", true, true},
		{"own form, old browser", "", "http://localhost:8080", true, true},
		{"typed by hand", "none", "", true, true},
		{"program without cookie", "", "", false, true},
		{"other site", "cross-site", "https://evil.example", true, false},
		{"other site that is nobody", "cross-site", "null", true, false},
		{"other site, not signed in", "cross-site", "https://evil.example", false, false},
		{"neighbour", "same-site", "https://blog.localhost:8080", true, false},
		{"old browser, other site", "", "https://evil.example", true, false},
		{"old browser, other port", "", "http://localhost:8081", true, false},
		{"old browser, nobody", "", "null", true, false},
		{"cookie without origin", "", "", true, false},
		{"unknown word", "same-origin-ish", "https://evil.example", true, false},
	} {
		tell(t, guarded(h, c.name, c.passes, func(r *http.Request) {
			for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
				r.Header.Del(name)
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			if c.signedIn {
				r.AddCookie(&http.Cookie{Name: h.Sessions.Cookie(), Value: "x"}) // as good as a right one: the guard comes first
			}
		}))
	}
}

// TestOriginBites: without the guard the same test fails.
func TestOriginBites(t *testing.T) {
	open := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<main>") })
	h := &full{House: apptest.New(t), t: t, handler: open, routes: []web.Route{{Method: "POST", Path: "/konto/mail"}}}
	bites(t, "no guard", guarded(h, "other site", false, func(*http.Request) {}), "other site, POST /konto/mail: 200")
	h.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	bites(t, "nobody passes", guarded(h, "own form", true, func(*http.Request) {}), "own form, POST /konto/mail: 403")
	bites(t, "refused", guarded(h, "other site", false, func(*http.Request) {}), "")
}

// guarded sends an empty form to every POST route. What the guard refuses is a 403 without a page; all other answers
// are given by a page, or by a script's line of JSON.
func guarded(h *full, name string, passes bool, set func(*http.Request)) (wrong []string) {
	for _, rt := range h.routes {
		if rt.Method != http.MethodPost {
			continue
		}
		r := h.form(0, strings.NewReplacer(":id", "999999", ":token", "x").Replace(rt.Path))
		set(r)
		before := h.DB.Changes()
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		stopped := w.Code == http.StatusForbidden && !strings.Contains(w.Body.String(), "<main")
		if stopped == passes {
			wrong = append(wrong, fmt.Sprintf("%s, POST %s: %d", name, rt.Path, w.Code))
		}
		if stopped && h.DB.Changes() != before {
			wrong = append(wrong, fmt.Sprintf("%s, POST %s: refused, and yet it wrote", name, rt.Path))
		}
	}
	return wrong
}

// TestHost: a house answers to its own name only, and says so before anything else is looked at.
func TestHost(t *testing.T) {
	h := newHouse(t)
	secure, _ := url.Parse("https://kita.example.org")
	site := &web.Site{Now: h.Now, Base: secure, Mark: h.Live.Mark, Routes: []web.Route{web.Get("/gesund", who.Anyone, func(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
		return web.Done(w, r, "/ok")
	})}, Viewer: func(*http.Request) (who.Viewer, error) { return who.Viewer{}, nil },
		Frame: func(*http.Request, who.Viewer) (web.Frame, error) { return web.Frame{}, nil }}
	for _, c := range []struct {
		https              bool
		method, host, path string
		want               int
		to                 string
	}{
		{false, "GET", "localhost:8080", "/anmelden", 200, ""},
		{false, "POST", "evil.example", "/anmelden/link", 421, ""},
		{false, "POST", "localhost:8081", "/anmelden/link", 421, ""},
		{false, "POST", "127.0.0.1:8080", "/anmelden/link", 421, ""},
		{false, "GET", "127.0.0.1:8080", "/anmelden?weiter=/konto", 302, "http://localhost:8080/anmelden?weiter=/konto"}, // passkeys refuse addresses
		{false, "GET", "127.0.0.1:8080", "/gesund", 200, ""},
		{true, "GET", "evil.example", "/anmelden", 421, ""},
		{true, "GET", "kita.example.org.evil.example", "/", 421, ""},
		{true, "GET", "kita.example.org", "/anmelden", 404, ""},
		{true, "GET", "10.0.0.7:8080", "/gesund", 303, "/ok"},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Host = c.host
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Forwarded-Host", "kita.example.org")
		w := httptest.NewRecorder()
		if c.https {
			site.Handler().ServeHTTP(w, r)
		} else {
			h.handler.ServeHTTP(w, r)
		}
		if w.Code != c.want || w.Header().Get("Location") != c.to {
			t.Errorf("%s %s at %s: %d %s, want %d %s", c.method, c.path, c.host, w.Code, w.Header().Get("Location"), c.want, c.to)
		}
		tell(t, marked([]call{{path: c.path, name: c.host, status: w.Code, header: w.Header()}}))
		if https := w.Header().Get("Strict-Transport-Security") != ""; https != c.https {
			t.Errorf("%s %s at %s: https only: %v", c.method, c.path, c.host, https)
		}
	}
}

// TestHeaders: also what is no page carries the headers that protect.
func TestHeaders(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ method, path, site string }{
		{"GET", "/gibt-es-nicht", "none"}, {"GET", "/a/gibt-es-nicht.js", "none"}, {"GET", "/a/../schema.sql", "none"}, {"GET", "/robots.txt", "none"},
		{"HEAD", "/anmelden", "none"}, {"POST", "/anmelden", "same-origin"}, {"POST", "/anmelden/link", "cross-site"}, {"PUT", "/anmelden", "same-origin"},
		{"TRACE", "/anmelden", "none"}, {"OPTIONS", "/anmelden", "cross-site"}, {"DELETE", "/konto", "same-origin"}, {"GET", "/konto", "cross-site"},
		{"GET", "//evil.example/", "none"}, {"GET", "/anmelden/", "none"},
	} {
		r := httptest.NewRequest(c.method, apptest.Base, nil)
		r.URL.Path = c.path
		r.Header.Set("Sec-Fetch-Site", c.site)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		a := call{route: c.method, path: c.path, status: w.Code, body: w.Body.String(), header: w.Header(), to: w.Header().Get("Location")}
		tell(t, marked([]call{a}))
		tell(t, plain([]call{a}))
		if w.Code >= 500 || c.path != "/robots.txt" && c.method != "HEAD" && c.method != "OPTIONS" && w.Code == 200 {
			t.Errorf("%v", a)
		}
		if a.to != "" && (!strings.HasPrefix(a.to, "/") || strings.HasPrefix(a.to, "//")) {
			t.Errorf("%v: leads away", a)
		}
	}
}

// TestRouteRulesBite breaks every rule of the matrix once.
func TestRouteRulesBite(t *testing.T) {
	const parent, manager = 1 << who.Parent, 1 << who.Manager
	const policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
	header := func(change ...string) http.Header {
		h := http.Header{"Content-Security-Policy": {policy}, "X-Content-Type-Options": {"nosniff"}, "Cross-Origin-Opener-Policy": {"same-origin"},
			"Cross-Origin-Resource-Policy": {"same-origin"}, "Permissions-Policy": {"camera=()"},
			"Referrer-Policy": {"same-origin"}, "Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"private, no-store"}}
		for i := 0; i+1 < len(change); i += 2 {
			h.Set(change[i], change[i+1])
		}
		return h
	}
	one := func(rule func([]call) []string, c call) []string { return rule([]call{c}) }
	young := func(all []call) []string {
		wrong, _ := formal(all)
		return wrong
	}
	page := func(body string) call { return call{person: apptest.Ada, is: parent, body: body, header: header()} }
	routes := []web.Route{{Method: "GET", Path: "/kind/:id", Right: parent}, {Method: "GET", Path: "/kind/neu", Right: manager}}
	door := func(method, path string, right who.Right) []string {
		return doors([]web.Route{{Method: method, Path: path, Right: right}})
	}
	for _, c := range []struct {
		name  string
		wrong []string
		want  string
	}{
		{"a route", door("GET", "/mitteilungen", who.Member), ""},
		{"no right", door("GET", "/mitteilungen", 0), "has no right"},
		{"open", door("GET", "/mitteilungen", who.Anyone), "in the table"},
		{"open to waiting", door("GET", "/mitteilungen", who.SignedIn), "in the table"},
		{"closed", door("GET", "/mitteilungen", who.Team), "in the table"},
		{"new", door("GET", "/neu", who.Member), "missing in the table"},

		{"let in", one(answers, call{is: parent, right: parent, status: 200}), ""},
		{"refused", one(answers, call{is: parent, right: manager, status: 403}), ""},
		{"sent to sign in", one(answers, call{is: 1, right: manager, status: 303, to: "/anmelden?weiter=%2F"}), ""},
		{"wrongly let in", one(answers, call{is: parent, right: manager, status: 200}), "has no right"},
		{"wrongly redirected", one(answers, call{is: parent, right: manager, status: 303, to: "/konto"}), "has no right"},
		{"not found instead of refused", one(answers, call{is: parent, right: manager, status: 404}), "has no right"},
		{"wrongly refused", one(answers, call{is: parent, right: parent, status: 403}), "but is refused"},
		{"refused for one id", answers([]call{{is: parent, right: parent, status: 403}, {is: parent, right: parent, status: 404}}), ""},
		{"fails", one(answers, call{is: parent, right: parent, status: 500}), "500"},
		{"a GET that writes", one(silent, call{wrote: 1}), "wrote 1 rows"},

		{"a name", one(whispers, call{person: apptest.Rosa, body: "<td>Mila Demir</td>"}), `reads "<td>Mila Demir`},
		{"part of a word", one(whispers, call{person: apptest.Rosa, body: "Cancel"}), ""},
		{"one's own", one(whispers, call{person: apptest.Ada, body: "Mila Demir"}), ""},
		{"a sibling at another carrier", one(whispers, call{person: apptest.Hanna, body: "Emil"}), "Emil"},
		{"waiting", one(whispers, call{person: apptest.Former, body: "Dora"}), "Dora"},
		{"said to a young person", one(young, call{person: falke, body: "<body>Das dürfen Sie hier nicht."}), "dürfen Sie"},
		{"of others", one(young, call{person: falke, path: "/raeume", body: "<body>Sie bleiben stehen."}), ""},
		{"without help", one(young, call{person: falke, status: 200, body: "<body><main>"}), "not in reach"},
		{"of the other carrier", one(strangers, call{person: apptest.Greta, path: "/kind/3", status: 200}), "other carrier"},
		{"told that it exists", one(strangers, call{person: apptest.Max, path: "/einheit/8/neu", status: 422}), "other carrier"},
		{"not there", one(strangers, call{person: apptest.Max, path: "/einheit/8/neu", status: 404}), ""},
		{"of one's own", one(strangers, call{person: apptest.Greta, path: "/einheit/8", status: 200}), ""},

		{"a link", offers(routes, []call{page(`<a class="x" href="/kind/3?x=1">`)}), ""},
		{"a link to nowhere", offers(routes, []call{page(`<a href="/kinder">`)}), "leads nowhere"},
		{"a link one may not follow", offers(routes, []call{page(`<a href="/kind/neu">`)}), "another right"},
		{"a form to nowhere", offers(routes, []call{page(`<form method="post" action="/kind/3">`)}), "POST /kind/3 leads nowhere"},

		{"headers", one(marked, page("x")), ""},
		{"no policy", one(marked, call{header: header("Content-Security-Policy", "")}), "policy"},
		{"unsafe policy", one(marked, call{header: header("Content-Security-Policy", policy+"; script-src 'unsafe-inline'")}), "policy"},
		{"policy without trusted types", one(marked, call{header: header("Content-Security-Policy", "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")}), "lacks something"},
		{"policy without forms", one(marked, call{header: header("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "", 1))}), "lacks something"},
		{"policy with a base", one(marked, call{header: header("Content-Security-Policy", strings.Replace(policy, "base-uri 'none'", "", 1))}), "lacks something"},
		{"opener", one(marked, call{header: header("Cross-Origin-Opener-Policy", "unsafe-none")}), "other origins"},
		{"read by others", one(marked, call{header: header("Cross-Origin-Resource-Policy", "")}), "other origins"},
		{"sensors", one(marked, call{header: header("Permissions-Policy", "")}), "sensors"},
		{"a cookie", one(marked, call{header: header("Set-Cookie", "sid=x; Path=/; HttpOnly; SameSite=Lax")}), ""},
		{"a cookie for scripts", one(marked, call{header: header("Set-Cookie", "sid=x; Path=/; SameSite=Lax")}), "flags"},
		{"a cookie for all sites", one(marked, call{header: header("Set-Cookie", "sid=x; Path=/; HttpOnly")}), "flags"},
		{"a cookie of a folder", one(marked, call{header: header("Set-Cookie", "sid=x; HttpOnly; SameSite=Lax")}), "flags"},
		{"a cookie of all neighbours", one(marked, call{header: header("Set-Cookie", "sid=x; Path=/; HttpOnly; SameSite=Lax; Domain=example.org")}), "flags"},
		{"sniffed", one(marked, call{header: header("X-Content-Type-Options", "")}), "sniffed"},
		{"referrer", one(marked, call{header: header("Referrer-Policy", "unsafe-url")}), "referrer"},
		{"no type", one(marked, call{body: "x", header: header("Content-Type", "")}), "content type"},
		{"cached", one(marked, call{person: 1, header: header("Cache-Control", "public")}), "cached"},

		{"page", one(plain, page(`<script type="module" src="/a/app.js"></script><p class="style=">on = 1</p>`)), ""},
		{"style", one(plain, page(`<p style="color:red">`)), "inline <p style"},
		{"style element", one(plain, page("<style>p{}</style>")), "inline <style>"},
		{"script", one(plain, page("<script>x()</script>")), "inline <script>"},
		{"handler", one(plain, page("<p\n onclick='x()'>")), "inline <p"},
		{"address", one(plain, page(`<a href="javascript:x()">`)), "javascript:"},
	} {
		bites(t, c.name, c.wrong, c.want)
	}
}
