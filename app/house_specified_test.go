package app

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed rights.txt
var rightsText string

// A rule is a paragraph of rights.txt.
type rule struct {
	kind   string
	words  bool            // nobody else reads them anywhere
	may    map[rune]string // letters of roles by place
	routes []string
}

const roleLetters = "NAOMHSPDCYXWFT" // in the order of who.Role

// specified reads rights.txt; free are routes whose objects have no place.
func specified(text string) (rules []rule, free []string, err error) {
	for n, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		switch {
		case !strings.HasPrefix(line, "\t"):
			continue
		case strings.Contains(words[0], "/") && (len(rules) == 0 || strings.Contains(text[:strings.Index(text, line)], "## Ohne Ort")):
			free = append(free, words...)
		case strings.Contains(words[0], "/"):
			r := &rules[len(rules)-1]
			r.routes = append(r.routes, words...)
		default:
			r := rule{kind: strings.TrimPrefix(words[0], "*"), words: words[0][0] == '*', may: map[rune]string{}}
			for _, w := range words[1:] {
				place, who, ok := strings.Cut(w, ":")
				if !ok || len(place) != 1 || !strings.Contains(places, place) || strings.Trim(who, roleLetters+"V") != "" {
					return nil, nil, fmt.Errorf("rights.txt:%d: %q", n+1, w)
				}
				r.may[rune(place[0])] = who
			}
			rules = append(rules, r)
		}
	}
	return rules, free, nil
}

// allowed reports whether the rule lets somebody in at a place.
func (r rule) allowed(a actor, place rune) bool {
	if a.moved {
		place = rune(strings.NewReplacer("G", "N", "N", "G", "I", "G").Replace(string(place))[0]) // none of his own is there
	}
	if a.is == 'T' || a.is == 'F' { // for whom the house is closed, also what anybody may
		return false
	}
	return strings.ContainsAny(r.may[place], string(a.is)+"N")
}

// complete: each route with an id is in the list once for each kind of object, and each route in the list is there.
func complete(routes []web.Route, rules []rule, free []string) (wrong []string) {
	listed := map[string]bool{}
	for _, r := range rules {
		for _, x := range r.routes {
			if listed[x+" "+r.kind] {
				wrong = append(wrong, x+" stands twice in rights.txt for "+r.kind)
			}
			listed[x+" "+r.kind], listed[x] = true, true
		}
	}
	for _, x := range free {
		listed[x] = true
	}
	there := map[string]bool{}
	for _, r := range routes {
		if there[r.Method+r.Path] = true; strings.Contains(r.Path, ":") && !listed[r.Method+r.Path] {
			wrong = append(wrong, r.Method+r.Path+" is missing in rights.txt")
		}
	}
	for _, x := range slices.Sorted(maps.Keys(listed)) {
		if !strings.Contains(x, " ") && !there[x] {
			wrong = append(wrong, x+" in rights.txt leads nowhere")
		}
	}
	return wrong
}

// leaks are words that somebody reads of objects that are none of their business.
func leaks(rules []rule, a actor, what, body string) (wrong []string) {
	if z, err := zip.NewReader(strings.NewReader(body), int64(len(body))); err == nil {
		for _, f := range z.File {
			if r, err := f.Open(); err == nil {
				b, _ := io.ReadAll(r)
				body += string(b)
			}
		}
	}
	for _, m := range placed.FindAllStringSubmatch(body, -1) {
		for _, r := range rules {
			told := m[1] == "kind" && m[2] == "I" && a.waits() && (what == "/konto" || what == "/konto/daten") // see rights.txt
			if r.words && r.kind == m[1] && !told && !r.allowed(a, rune(m[2][0])) {
				wrong = append(wrong, fmt.Sprintf("%s: %s reads %s", a.name, what, m[0]))
			}
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

// waits reports whether somebody holds half a role that may still become a whole one.
func (a actor) waits() bool {
	return a.half && slices.ContainsFunc([]string{"eingeladen", "angenommen", "gesperrt", "künftig"}, func(s string) bool { return strings.HasSuffix(a.name, s) })
}

func shut(w *httptest.ResponseRecorder) bool {
	return w.Code == http.StatusForbidden || w.Code == http.StatusNotFound || w.Code == http.StatusSeeOther && (strings.HasPrefix(w.Header().Get("Location"), "/anmelden?") || strings.HasPrefix(w.Header().Get("Location"), "/konto/zweiter-faktor?"))
}

var param = regexp.MustCompile(`:\w+`)

// TestSpecified compares the house with rights.txt. By itself it asks once where the right of a route already refuses, and
// sends no form that is allowed; all of it, three minutes and 1 GB:
//
//	NESTFUNK_ALL=1 go test ./app -run TestSpecified -v -timeout 60m
func TestSpecified(t *testing.T) {
	rules, free, err := specified(rightsText)
	if err != nil {
		t.Fatal(err)
	}
	all := os.Getenv("NESTFUNK_ALL") != ""
	w := newWorld(t)
	tell(t, complete(w.routes, rules, free))
	tell(t, w.heard(rules))
	calls := make([]int, 2)
	t.Run("half", func(t *testing.T) {
		for i := range 2 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				m := &mayhem{world: w.again(t), rules: rules, all: all}
				for j, a := range actors() {
					if j%2 == i {
						m.places(a)
						m.pages(a)
					}
				}
				tell(t, m.wrong)
				calls[i] = m.calls
			})
		}
	})
	t.Logf("%d calls", calls[0]+calls[1])
	if all && !t.Failed() {
		apptest.Figure(t, "rights", fmt.Sprintf("%d Aufrufe, keine Abweichung", calls[0]+calls[1]))
	}
}

// A mayhem asks for everything.
type mayhem struct {
	*world
	rules []rule
	all   bool
	calls int
	wrong []string
	look  func(a actor, path string, rec *httptest.ResponseRecorder) // at each answer; nil: nobody does
}

func (m *mayhem) say(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// right is that of a route.
func (m *mayhem) right(name string) who.Right {
	i := slices.IndexFunc(m.routes, func(r web.Route) bool { return r.Method+r.Path == name })
	if i < 0 {
		return 0
	}
	return m.routes[i].Right
}

// places asks for each object at each place, and for one that is not there.
func (m *mayhem) places(a actor) {
	m.t.Helper()
	for _, r := range m.rules {
		for _, route := range r.routes {
			door := strings.ContainsRune(letters(m.right(route)), lower(a.is))
			ids := maps.Clone(m.ids[r.kind])
			if ids == nil {
				m.t.Fatalf("no %s anywhere", r.kind)
			}
			ids['-'] = 999_999
			for place, id := range ids {
				may := r.allowed(a, place)
				if !m.all && (!door && place != 'K' && place != 'G' || a.half && !may && place != 'K' && place != 'I' && place != 'G') {
					continue
				}
				method, path, _ := strings.Cut(route, "/")
				if method == http.MethodPost && may && !m.all {
					continue
				}
				m.ask(a, r.kind, place, may, method, "/"+param.ReplaceAllLiteralString(path, fmt.Sprint(id)))
			}
		}
	}
}

func lower(role rune) rune {
	if role == 'V' {
		return 'W'
	}
	return role
}

func letters(right who.Right) string {
	var b strings.Builder
	for i, x := range roleLetters {
		if right&(1<<i) != 0 {
			b.WriteRune(x)
		}
	}
	return b.String()
}

// filled are forms whose words are looked at before anything else; all others are sent empty.
var filled = map[string][]string{
	"POST/protokoll/:id/stift":        {"do", "take"},
	"POST/protokoll/:id/beiseite":     {"do", "away", "aside", "1"},
	"POST/abstimmung/:id/stimme":      {"choice", "yes"},
	"POST/abstimmung/:id/stimmzettel": {"blinded", strings.Repeat("A", 342)},
	"GET/rueckmeldung/:id/tabelle":    {"?als=csv"},
	"GET/seite/:id/umziehen":          {"?archiv=11"},
	"POST/seite/:id/umziehen":         {"unit", "11"},
	"POST/einwilligung/:id/papier":    {"child", "1"},
}

func (m *mayhem) ask(a actor, kind string, place rune, may bool, method, path string) {
	before := m.DB.Changes()
	var r *http.Request
	fields := filled[method+regexp.MustCompile(`\d+`).ReplaceAllLiteralString(path, ":id")]
	if method == http.MethodPost {
		r = m.form(a.id, path, fields...)
	} else {
		r = httptest.NewRequest(method, apptest.Base+path+strings.Join(fields, ""), nil)
	}
	rec := m.as(a.id, r)
	m.seen(a, path, rec)
	wrote := m.DB.Changes() - before
	refused := shut(rec)
	if may && method == http.MethodPost && rec.Code == http.StatusNotFound {
		refused = false // an empty form names no child, no line, no file of the object
	}
	switch {
	case rec.Code >= 500 || rec.Code == http.StatusTooManyRequests:
		m.say("%s: %s %s: %d", a.name, method, path, rec.Code)
	case refused && may:
		m.say("%s: %s %s (%s %c) is refused: %d", a.name, method, path, kind, place, rec.Code)
	case !refused && !may:
		m.say("%s: %s %s (%s %c) is let in: %d", a.name, method, path, kind, place, rec.Code)
	case !may && wrote != 0:
		m.say("%s: %s %s (%s %c) is refused, and yet it wrote", a.name, method, path, kind, place)
	}
	if !strings.HasSuffix(path, "/auskunft") {
		m.wrong = append(m.wrong, leaks(m.rules, a, method+" "+path, rec.Body.String())...)
	}
	if wrote != 0 {
		m.world = m.anew()
	}
}

// heard are words in mails and notifications for people whom they don't concern.
func (w *world) heard(rules []rule) (wrong []string) {
	mails, rung := 0, 0
	for _, a := range actors() {
		if a.id == erased || a.id == fanny { // was told before; has no address
			continue
		}
		for _, m := range w.Post.Sent() {
			if m.To == fmt.Sprintf("person%d@example.org", a.id) {
				mails++
				wrong = append(wrong, leaks(rules, a, "mail", m.Subject+"\n"+m.Text)...)
			}
		}
		if b := w.phones[a.id]; b != nil {
			for _, p := range b.Got() {
				rung++
				wrong = append(wrong, leaks(rules, a, "push", string(p.Text))...)
			}
		}
	}
	if mails < 10 || rung < 10 {
		wrong = append(wrong, fmt.Sprintf("only %d mails and %d notifications", mails, rung))
	}
	return wrong
}

func (m *mayhem) seen(a actor, path string, rec *httptest.ResponseRecorder) {
	if m.calls++; m.look != nil {
		m.look(a, path, rec)
	}
}

// pages reads all that has no place, and searches.
func (m *mayhem) pages(a actor) {
	for _, rt := range m.routes {
		if rt.Method != http.MethodGet || strings.Contains(rt.Path, ":") || rt.Path == "/strom" {
			continue
		}
		m.page(a, rt.Path)
	}
	for _, r := range m.rules {
		if r.words && !a.half {
			m.page(a, "/suche?q=Q"+r.kind+"qKq")
		}
	}
}

func (m *mayhem) page(a actor, path string) {
	rec := m.as(a.id, httptest.NewRequest("GET", apptest.Base+path, nil))
	m.seen(a, path, rec)
	if rec.Code >= 500 {
		m.say("%s: GET %s: %d", a.name, path, rec.Code)
	}
	body := rec.Body.String()
	if strings.HasPrefix(path, "/suche") {
		body = regexp.MustCompile(`value="[^"]*"|q=[^"&]*|<title>.*?</title>`).ReplaceAllString(body, "") // what was asked for
	}
	m.wrong = append(m.wrong, leaks(m.rules, a, path, body)...)
}

// A try is a request of TestSpecified.
type try struct {
	actor  actor
	kind   string // "": a page without place
	place  rune
	may    bool
	method string
	path   string
}

func (m *mayhem) do(x try) {
	if x.kind == "" {
		m.page(x.actor, x.path)
		return
	}
	m.ask(x.actor, x.kind, x.place, x.may, x.method, x.path)
}

// each names the requests, of which those are left out that are not needed to notice something.
func (m *mayhem) each(f func(try)) {
	for _, a := range actors() {
		for _, r := range m.rules {
			for _, route := range r.routes {
				door := strings.ContainsRune(letters(m.right(route)), lower(a.is))
				for _, place := range slices.Sorted(maps.Keys(m.ids[r.kind])) {
					may := r.allowed(a, place)
					method, path, _ := strings.Cut(route, "/")
					if door && !(may && method == "POST") && !(a.half && !may && place != 'K' && place != 'I' && place != 'G') {
						f(try{a, r.kind, place, may, method, "/" + param.ReplaceAllLiteralString(path, fmt.Sprint(m.ids[r.kind][place]))})
					}
				}
			}
		}
		for _, rt := range m.routes {
			if rt.Method == "GET" && !strings.Contains(rt.Path, ":") && rt.Path != "/strom" && rt.Right.Has(a.role()) {
				f(try{actor: a, method: "GET", path: rt.Path})
			}
		}
	}
}

// TestSpecifiedBites: each kind of deviation is found.
func TestSpecifiedBites(t *testing.T) {
	rules, _, err := specified("## Ein\nDing\n\t*ding G:PS K:H\n\tGET/ding/:id\n")
	if err != nil {
		t.Fatal(err)
	}
	bert, hanna, paul, half := actor{1, "Bert", 'P', false, false}, actor{2, "Hanna", 'H', false, false}, actor{3, "Paul", 'P', true, false}, actor{4, "Halb", 'W', false, true}
	get := func(path string) []web.Route { return []web.Route{{Method: "GET", Path: path, Right: who.Anyone}} }
	answer := func(a actor, place rune, may bool, h http.HandlerFunc) []string {
		m := &mayhem{world: &world{full: &full{House: apptest.New(t), t: t, handler: h}}, rules: rules}
		m.ask(a, "ding", place, may, "GET", "/ding/1")
		return m.wrong
	}
	say := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); fmt.Fprint(w, body) }
	}
	for _, c := range []struct {
		name  string
		wrong []string
		want  string
	}{
		{"listed", complete(get("/ding/:id"), rules, nil), ""},
		{"new", complete(append(get("/ding/:id"), get("/neu/:id")...), rules, nil), "GET/neu/:id is missing"},
		{"gone", complete(get("/dinge"), rules, nil), "leads nowhere"},
		{"without place", complete(append(get("/ding/:id"), get("/neu/:id")...), rules, []string{"GET/neu/:id"}), ""},
		{"twice", complete(get("/ding/:id"), append(rules, rules...), nil), "stands twice"},
		{"let in", answer(bert, 'G', true, say(200, "QdingqGq")), ""},
		{"refused", answer(bert, 'K', false, say(404, "")), ""},
		{"wrongly let in", answer(bert, 'K', false, say(200, "")), "is let in"},
		{"wrongly refused", answer(bert, 'G', true, say(403, "")), "is refused"},
		{"fails", answer(bert, 'G', true, say(500, "")), "500"},
		{"limited", answer(bert, 'G', true, say(429, "")), "429"},
		{"told although refused", answer(bert, 'K', false, say(404, "QdingqKq")), "reads QdingqKq"},
		{"a word", leaks(rules, hanna, "x", "QdingqKq"), ""},
		{"a foreign word", leaks(rules, hanna, "x", "QdingqGq QdingqGq"), "reads QdingqGq"},
		{"no place at all", leaks(rules, hanna, "x", "QdingqFq"), "QdingqFq"},
		{"half a role", leaks(rules, half, "x", "QdingqGq"), "Halb"},
		{"in a ZIP", leaks(rules, hanna, "x", string(apptest.Zip("a", "QdingqGq"))), "QdingqGq"},
		{"moved", leaks(rules, paul, "x", "QdingqGq"), "Paul"},
		{"moved to", leaks(rules, paul, "x", "QdingqNq"), ""},
	} {
		bites(t, c.name, c.wrong, c.want)
	}
	for _, text := range []string{"\tding G\n", "\tding Q:P\n", "\tding G:Q\n"} {
		if _, _, err := specified(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
