package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/catalogue"
	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/checkup"

	"golang.org/x/net/html"
)

// An aviary is a house in a real folder, in which every form has been filled with words that are nowhere else: canaries.
type aviary struct {
	*full
	dir     string // database, index, files
	logs    *logbook
	put     map[string]string // canary: into which field of which form
	secret  map[string]bool   // passwords, and the cookies of sessions: nowhere at all
	forms   map[string]bool   // that have been sent, by what they are
	sent    int
	cookies map[int64]*http.Cookie
}

// canaries are the letters and the digits that no other text of the tests has.
var canaries = regexp.MustCompile(`(?i)qvz[a-z]{6}|97531[0-9]{4}`)

// A logbook is what the program writes about itself.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func newAviary(t *testing.T) *aviary {
	t.Helper()
	logs := &logbook{}
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(old) })
	h := apptest.New(t)
	x := &aviary{logs: logs, put: map[string]string{}, secret: map[string]bool{}, forms: map[string]bool{}, cookies: map[int64]*http.Cookie{}}
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		file, err := store.One(tx, store.Value[string], `SELECT file FROM pragma_database_list WHERE name = 'main'`)
		x.dir = filepath.Dir(filepath.Dir(file)) // above all temporary folders of this test
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Search = search.New(h.DB, filepath.Join(x.dir, "index"))
	x.full = withFeatures(t, h)
	t.Cleanup(h.Search.Close)
	return x
}

// word is a new canary for a field.
func (x *aviary) word(field, kind string) string {
	n := len(x.put)
	if kind == "tel" || strings.Contains(field, "phone") {
		w := fmt.Sprintf("97531%04d", n)
		x.put[w] = field
		return "0461 " + w
	}
	w := []byte("qvz")
	for range 6 {
		w, n = append(w, byte('a'+n%26)), n/26
	}
	x.put[string(w)] = field
	switch kind {
	case "email":
		return string(w) + "@vogel.example"
	case "password":
		x.secret[string(w)] = true
		return string(w) + "-ein-langes-Wort"
	case "url":
		return "https://vogel.example/" + string(w)
	}
	return string(w)
}

// ask is a request with the cookie of a person, who has just proved who it is.
func (x *aviary) ask(person int64, r *http.Request) *httptest.ResponseRecorder {
	if person != apptest.Nobody {
		if x.cookies[person] == nil || !x.signedIn(x.cookies[person]) {
			x.cookies[person] = x.cookie(person)
			x.secret[x.cookies[person].Value] = true
		}
		r.AddCookie(x.cookies[person])
	}
	w := httptest.NewRecorder()
	x.handler.ServeHTTP(w, r)
	return w
}

// spoils are the forms that would take away what the others need, or send the bird home.
var spoils = regexp.MustCompile(`loesch|entfern|verwerf|abmeld|abgemeldet|/ende|beend|sperr|verlassen|zusammen|zurueckzieh|absag|abbrech|/konto/geraete|/hilfe|/sprache`)

// crawl reads all pages that somebody gets to, and sends every form on them that nobody of the same kind has sent.
func (x *aviary) crawl(person int64, most int) {
	if x.gone(person) { // by a form that another has sent
		return
	}
	queue, seen := []string{"/"}, map[string]int{}
	digits := regexp.MustCompile(`\d+`)
	for len(queue) > 0 && len(seen) < most && !x.gone(person) {
		at := queue[0]
		queue = queue[1:]
		w := x.ask(person, httptest.NewRequest("GET", apptest.Base+at, nil))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		doc, err := html.Parse(w.Body)
		if err != nil {
			x.t.Fatal(err)
		}
		visit := func(to string) {
			u, err := url.Parse(to)
			if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "/a/") || spoils.MatchString(u.Path) {
				return
			}
			kind := digits.ReplaceAllString(u.Path, "#")
			if _, twice := seen[u.Path]; twice || slices.Contains(queue, u.Path) {
				return
			}
			if seen[kind]++; seen[kind] > 4 { // four of a kind are enough
				return
			}
			seen[u.Path]++
			queue = append(queue, to)
		}
		for n := range doc.Descendants() {
			switch {
			case n.Type != html.ElementNode:
			case n.Data == "a":
				visit(attr(n, "href"))
			case n.Data == "form":
				for _, to := range x.send(person, at, n, digits) {
					visit(to)
				}
			}
		}
	}
}

// gone reports whether the house has forgotten a person.
func (x *aviary) gone(person int64) bool {
	n := 0
	err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM person WHERE id = ?`, person)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return n == 0 && person != apptest.Nobody
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// send fills a form and sends it, and returns where that leads.
func (x *aviary) send(person int64, at string, form *html.Node, digits *regexp.Regexp) (next []string) {
	to := attr(form, "action")
	if to == "" {
		to = at
	}
	u, err := url.Parse(to)
	if err != nil || spoils.MatchString(to) || u.Path == "/mitgliedschaft/1" || person == apptest.Arno && strings.HasPrefix(u.Path, "/konto") { // he stays, and so does his name
		return nil
	}
	method := strings.ToUpper(attr(form, "method"))
	v, upload := url.Values{}, ""
	var names []string
	field := func(name string) string { return method + " " + u.Path + " " + name }
	chosen := map[string]bool{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" || has(n, "disabled") {
			continue
		}
		names = append(names, name)
		switch kind := attr(n, "type"); {
		case n.Data == "textarea":
			v.Add(name, x.word(field(name), "")+" ist ein Vogel, der hier nicht bleibt.")
		case n.Data == "select":
			v.Add(name, option(n))
		case n.Data == "button":
			if !chosen["button"] || name == "go" { // of several ways on the last one sends it
				chosen["button"] = true
				v.Set(name, attr(n, "value"))
			}
		case n.Data != "input":
		case kind == "file":
			upload = name
		case kind == "radio":
			if !chosen[name] || has(n, "checked") {
				chosen[name] = true
				v.Set(name, attr(n, "value"))
			}
		case kind == "checkbox":
			if has(n, "checked") || has(n, "required") || strings.Contains(name, "role") || strings.Contains(name, "audience") || name == "sure" {
				v.Add(name, attr(n, "value"))
			}
		case kind == "hidden" || kind == "submit":
			v.Add(name, attr(n, "value"))
		case kind == "date" || kind == "month" || kind == "time" || kind == "number" || kind == "datetime-local":
			v.Add(name, sample(n, kind, name, x.Now()))
		case slices.Contains([]string{"mail", "from", "reply"}, name):
			v.Add(name, x.word(field(name), "email"))
		default:
			v.Add(name, x.word(field(name), kind))
		}
	}
	what := fmt.Sprint(method, digits.ReplaceAllString(u.Path, "#"), names)
	if x.forms[what] {
		return nil
	}
	x.forms[what] = true
	x.sent++
	var r *http.Request
	switch {
	case method != http.MethodPost:
		r = httptest.NewRequest("GET", apptest.Base+u.Path+"?"+v.Encode(), nil)
	case upload != "":
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		for name, values := range v {
			for _, s := range values {
				_ = m.WriteField(name, s) // all in memory
			}
		}
		if w, err := m.CreateFormFile(upload, x.word(field("name of "+upload), "")+".txt"); err == nil {
			_, _ = fmt.Fprintf(w, "Darin: %s\n", x.word(field("content of "+upload), ""))
		}
		_ = m.Close()
		r = httptest.NewRequest("POST", apptest.Base+to, &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
	default:
		r = httptest.NewRequest("POST", apptest.Base+to, strings.NewReader(v.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := x.ask(person, r)
	if testing.Verbose() {
		x.t.Logf("%d: %s %s as %d %v", w.Code, method, to, person, names)
	}
	if l := w.Header().Get("Location"); w.Code == http.StatusSeeOther && l != "" {
		next = append(next, l)
	}
	return next
}

// option is what a select has chosen, else its first that says something.
func option(n *html.Node) (value string) {
	for o := range n.Descendants() {
		if o.Type == html.ElementNode && o.Data == "option" && !has(o, "disabled") {
			if has(o, "selected") && attr(o, "value") != "" {
				return attr(o, "value")
			}
			if value == "" {
				value = attr(o, "value")
			}
		}
	}
	return value
}

// sample is a value that a field of numbers or times takes.
func sample(n *html.Node, kind, name string, now time.Time) string {
	if s := attr(n, "value"); s != "" {
		return s
	}
	ends := strings.Contains(name, "end") || strings.Contains(name, "until") || strings.Contains(name, "last")
	switch kind {
	case "number":
		if s := attr(n, "min"); s != "" && s != "0" {
			return s
		}
		return "2"
	case "time":
		if ends {
			return "11:00"
		}
		return "10:00"
	case "month":
		return house.Local(now).Format("2006-01")
	}
	switch {
	case name == "born":
		return "2022-05-01"
	case name == "since" || name == "day" && attr(n, "max") != "":
		return house.Local(now).Format(time.DateOnly)
	}
	day := house.Local(now).AddDate(0, 0, 9)
	if ends {
		day = day.AddDate(0, 0, 1)
	}
	return day.Format(time.DateOnly)
}

// alive are the canaries that rows of the database still have, with the columns that have them.
func (x *aviary) alive() map[string][]string {
	x.t.Helper()
	all := map[string][]string{}
	err := x.DB.Read(x.t.Context(), func(tx *store.Tx) error {
		columns, err := store.All(tx, func(c *[2]string) []any { return []any{&c[0], &c[1]} }, `
			SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
			WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type IN ('TEXT', 'BLOB') ORDER BY 1, 2`)
		for _, c := range columns {
			values, err := store.All(tx, store.Value[string], fmt.Sprintf(`SELECT DISTINCT CAST(%s AS TEXT) FROM %s WHERE %[1]s IS NOT NULL`, c[1], c[0]))
			if err != nil {
				return err
			}
			for _, v := range values {
				for _, w := range canaries.FindAllString(v, -1) {
					w = strings.ToLower(w)
					if at := c[0] + "." + c[1]; !slices.Contains(all[w], at) {
						all[w] = append(all[w], at)
					}
				}
			}
		}
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return all
}

// remains lists canaries that lie in the bytes of the folder, though no row has them, and secrets wherever they lie.
func (x *aviary) remains(alive map[string][]string) (found []string) {
	x.t.Helper()
	err := filepath.WalkDir(x.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(x.dir, name)
		told := map[string]bool{}
		for _, w := range canaries.FindAllString(string(b)+" "+rel, -1) {
			w = strings.ToLower(w)
			if _, ok := x.put[w]; ok && len(alive[w]) == 0 && !told[w] {
				told[w] = true
				found = append(found, fmt.Sprintf("%s still holds %s (%s)", rel, w, x.put[w]))
			}
		}
		for w := range x.secret {
			if len(w) > 20 && bytes.Contains(b, []byte(w)) {
				found = append(found, rel+" holds the cookie of a session")
			}
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

// told lists the canaries and secrets in what leaves the house for whoever helps: its log and its support file.
func (x *aviary) told() (found []string) {
	x.t.Helper()
	x.logs.mu.Lock()
	texts := map[string]string{"the log": x.logs.b.String()}
	x.logs.mu.Unlock()
	a := &App{house: x.House.House}
	report, err := checkup.Examine(x.t.Context(), a.house, checkedBy(a.house, a.state()), true)
	if err != nil {
		x.t.Fatal(err)
	}
	err = x.DB.Read(x.t.Context(), func(tx *store.Tx) error {
		f, err := checkup.Collect(tx)
		texts["the support file"] = strings.Join(f.Settings, "\n") + f.Tables() + f.Tasks() + report.Anonymous().Text()
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	for where, text := range texts {
		if len(text) < 60 {
			x.t.Errorf("%s says nothing: %q", where, text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			for _, w := range canaries.FindAllString(line, -1) {
				found = append(found, fmt.Sprintf("%s tells of %s (%s): %s", where, w, x.put[strings.ToLower(w)], line))
			}
			for _, w := range x.tokens { // of links in letters and of previews
				if strings.Contains(line, w) {
					found = append(found, where+" tells a token: "+line)
				}
			}
			for w := range x.secret {
				if strings.Contains(line, w) {
					found = append(found, where+" tells a secret: "+line)
				}
			}
		}
	}
	return found
}

// emptied has the house forget every person and child but who runs it, by the features' own ways, and then lets time pass.
func (x *aviary) emptied() {
	x.t.Helper()
	x.sql(`UPDATE membership SET state = 'ended', until = max(since + 1, ?) WHERE person <> 1`, x.Now().Unix())
	x.sql(`UPDATE child_stay SET until = max(since, ?)`, x.Now().Unix())
	var subjects []house.Subject
	err := x.DB.Read(x.t.Context(), func(tx *store.Tx) error {
		kids, err := store.All(tx, store.Value[int64], `SELECT id FROM child`)
		for _, id := range kids {
			subjects = append(subjects, house.Subject{Child: id})
		}
		if err != nil {
			return err
		}
		people, err := store.All(tx, store.Value[int64], `SELECT id FROM person WHERE id <> 1`)
		for _, id := range people {
			subjects = append(subjects, house.Subject{Person: id})
		}
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	for _, s := range subjects {
		err := x.DB.Write(x.t.Context(), func(tx *store.Tx) error {
			for _, f := range x.features { // privacy is the last
				if f.Erase == nil {
					continue
				}
				if err := f.Erase(tx, s); err != nil {
					return fmt.Errorf("%s: %w", f.Name, err)
				}
			}
			return nil
		})
		if err != nil {
			x.t.Fatalf("%+v: %v", s, err)
		}
	}
}

// shelves are the folders of the index.
func (x *aviary) shelves() []string {
	x.t.Helper()
	all, err := filepath.Glob(filepath.Join(x.dir, "index", "*"))
	if err != nil || len(all) == 0 {
		x.t.Fatalf("%v, %v", all, err)
	}
	return all
}

// nights lets days pass, and has the house do what it does in them.
func (x *aviary) nights(days ...int) {
	for _, n := range days {
		x.Clock.Add(time.Duration(n) * 24 * time.Hour)
		x.Work(x.t)
		if err := x.Search.Update(x.t.Context()); err != nil {
			x.t.Fatal(err)
		}
	}
}

// stays are the columns in which words may outlive everybody: they are the house's own, as the catalogue says.
func stays(all catalogue.Catalogue) func(column string) bool {
	return func(column string) bool {
		name, col, _ := strings.Cut(column, ".")
		for _, a := range all {
			for _, t := range a.Tables {
				if t.Name != name {
					continue
				}
				var says *catalogue.Entry
				for i, e := range t.Entries {
					if e.Columns == nil && says == nil || slices.Contains(e.Columns, col) {
						says = &t.Entries[i]
					}
				}
				return says == nil || slices.Contains([]retention.Class{retention.Content, retention.Council, retention.Room, retention.List}, says.Class)
			}
		}
		return false
	}
}

// TestNoTraceIsLeft puts a word of its own into every field of every form that anybody gets to, has the house
// forget everybody, and looks for the words in every byte of its folder. CANARIES=all crawls as everybody.
func TestNoTraceIsLeft(t *testing.T) {
	x := newAviary(t)
	x.story()
	people, most := []int64{apptest.Ada, apptest.Hanna, apptest.Chair, falke, apptest.Max, apptest.Arno}, 150
	if os.Getenv("CANARIES") == "all" {
		people, most = nil, 2000
		for p := int64(apptest.Nobody); p <= falke; p++ {
			people = append(people, p)
		}
	}
	for _, p := range people {
		x.crawl(p, most)
	}
	x.Work(t)
	if err := x.Search.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := x.alive()
	t.Logf("%d canaries in %d forms, %d in the database", len(x.put), x.sent, len(before))
	if len(x.put) < 200 || len(before) < 80 {
		t.Error("that are too few to prove anything")
	}
	if n := len(x.remains(nil)); n < len(before) {
		t.Errorf("%d canaries are found in the folder while %d live there: the search of bytes is blind", n, len(before))
	}
	for w := range x.secret {
		if len(before[w]) > 0 {
			t.Errorf("a password (%s) stands in %v", x.put[w], before[w])
		}
	}
	tell(t, x.told())
	old := x.shelves()
	x.emptied()
	x.nights(1, 2, 100, 1500, 4000, 20, 1) // a conversation says for two weeks that it goes; files go the night after
	after, stay := x.alive(), stays(x.Catalogue)
	for w, at := range after {
		for _, column := range at {
			if !stay(column) {
				t.Errorf("%s still has %s (%s)", column, w, x.put[w])
			}
		}
	}
	t.Logf("%d canaries live on in what was written for the house", len(after))
	tell(t, x.remains(after))
	for _, dir := range x.shelves() { // whose bytes are compressed: see base/search for what a new one lacks
		if slices.Contains(old, dir) {
			t.Errorf("the index of before is still there: %s", dir)
		}
	}
	tell(t, x.told())
}

// TestTracesAreSeen: what the search of bytes is there for, it finds.
func TestTracesAreSeen(t *testing.T) {
	x := newAviary(t)
	bird := x.word("POST /nowhere", "")
	x.secret["a cookie of more than twenty letters"] = true
	x.sql(`UPDATE person SET given = ? WHERE id = 7`, bird)
	bites(t, "a row has it", x.remains(x.alive()), "")
	if at := x.alive()[bird]; !slices.Equal(at, []string{"person.given"}) {
		t.Errorf("it lives in %v", at)
	}
	x.sql(`UPDATE person SET given = 'Cem' WHERE id = 7`)
	bites(t, "the log of the database has it", x.remains(x.alive()), "db-wal still holds "+bird)
	if err := x.DB.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	bites(t, "nothing has it", x.remains(x.alive()), "")
	if err := os.WriteFile(filepath.Join(x.dir, "left.tmp"), []byte("a cookie of more than twenty letters"), 0o600); err != nil {
		t.Fatal(err)
	}
	bites(t, "a file has a secret", x.remains(x.alive()), "cookie of a session")
	slog.Info("careless", "name", bird)
	bites(t, "the log tells", x.told(), "the log tells of "+bird)
}
