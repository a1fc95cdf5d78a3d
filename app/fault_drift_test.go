package app_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// D10: after many changes of all kinds, with kills in between, the index has exactly the documents of the database, and a
// search never showed or counted what its viewer may not open.
func TestFaultDrift(t *testing.T) {
	t.Parallel()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	n := 240
	if m := trials(0); m > 0 {
		n = m * 500 // 100,000 with 200
	}
	d, err := drift(t, bin, n)
	if err != nil {
		t.Error(err)
	}
	if d.ops < n/3 || d.asked < 50 || d.hits < 100 || d.kills == 0 {
		t.Errorf("too little to tell anything: %+v", d)
	}
	if !t.Failed() {
		apptest.Figure(t, "drift", fmt.Sprintf("%d Änderungen, %d Abbrüche, %d Suchen mit %d Treffern: kein Eintrag fehlte oder war zu viel, kein Treffer war verboten", d.ops, d.kills, d.asked, d.hits))
	}
	t.Logf("%+v", d)
}

// The harness finds a house that forgets to tell its index, one that shows what the index still has, and one that counts
// what the viewer may not see.
func TestFaultPlantedDrift(t *testing.T) {
	many(t)
	for _, c := range []struct{ file, is, becomes string }{
		{"app/feature/wiki/found.go", "return search.Changed(tx, foundKind, pages...)", "return nil"},
		{"app/feature/room/found.go", "return search.Changed(tx, foundKind, topics...)", "return nil"},
		{"app/base/search/ask.go", "may, err := s.Seen(tx, v, refs[s.Kind])", "may, err := refs[s.Kind], error(nil)"},
		{"app/base/search/ask.go", "filters := []query.Query{terms(fieldMay, sc.may)}", "filters := []query.Query{query.NewMatchAllQuery()}"},
	} {
		d, err := drift(t, planted(t, c.file, c.is, c.becomes), 1200)
		t.Logf("%s: %v", c.becomes, err)
		if err == nil {
			t.Errorf("a house with %q in %s is not found: %+v", c.becomes, c.file, d)
		}
	}
}

// drifted is what happened to a house.
type drifted struct{ ops, refused, kills, asked, hits int }

// A drifter changes a house at random, and asks it.
type drifter struct {
	drifted
	t      *testing.T
	s      *server
	chance *rand.Rand
	client *http.Client
	pages  []written // of the wiki
	rooms  []written
	topics []written
	posts  []written
	gone   bool // the process has ended
	wrong  []string
	said   int64 // numbers the words
}

// written is a document and who wrote it.
type written struct {
	id, by int64
	word   string // that nothing else has
}

var words = strings.Fields("Rhabarber Holunder Zirkus Laterne Flohmarkt Gummistiefel Kastanie Trommel")

// drift has a house be changed n times, and killed now and then.
func drift(t *testing.T, bin string, n int) (drifted, error) {
	t.Helper()
	dir := t.TempDir()
	file := settled(t, dir)
	inDatabase(t, file, func(db *store.DB) error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE session SET fresh = ?`, time.Now().AddDate(1, 0, 0).Unix())
			return err
		})
	})
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	d := &drifter{t: t, chance: rand.New(rand.NewPCG(seed, 0)),
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	defer d.client.CloseIdleConnections()
	begins := func() {
		d.s, d.gone = begin(t, exec.CommandContext(t.Context(), bin, "serve", "--data", dir, "--listen", "127.0.0.1:0")), false
	}
	begins()
	d.open()
	for done := 0; done < n && len(d.wrong) == 0; {
		round := min(120, n-done)
		for range round {
			d.change()
			if d.chance.IntN(4) == 0 {
				d.ask(false)
			}
		}
		done += round
		timer := time.AfterFunc(time.Duration(d.chance.IntN(100))*time.Millisecond, func() { _ = d.s.cmd.Process.Kill() })
		for !d.gone { // it dies while it works
			d.change()
		}
		timer.Stop()
		_ = d.s.cmd.Wait() // it was killed
		d.kills++
		begins()
		waitFor(t, "the index", func() bool {
			_, figures := d.s.get("/metrics")
			return strings.Contains(figures, "\nnestfunk_index_behind 0\n")
		})
		for range 20 {
			d.ask(true)
		}
		_, said, _ := nestfunk(t, "doctor", "--data", dir)
		if !strings.Contains(said, "Der Index hat alles, was in der Datenbank steht, und nichts sonst.") {
			d.wrong = append(d.wrong, "the doctor says: "+said)
		}
	}
	if code := d.s.stop(); code != 0 {
		t.Errorf("it ends with %d: %s", code, d.s.errs)
	}
	if len(d.wrong) > 0 {
		return d.drifted, fmt.Errorf("%d things are wrong, such as %s", len(d.wrong), d.wrong[0])
	}
	return d.drifted, nil
}

// do makes a request; false: the process is gone.
func (d *drifter) do(person int64, method, path, kind, body string) (code int, to, page string) {
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.s.base+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	res, err := d.client.Do(apptest.Ask(r, person))
	if err != nil {
		d.gone = true
		return 0, "", ""
	}
	code, page = read(d.t, res)
	if code >= 500 {
		d.wrong = append(d.wrong, fmt.Sprintf("%s %s: %d %.300s", method, path, code, page))
	}
	return code, res.Header.Get("Location"), page
}

// post sends a form, and returns the number of what came of it; 0: it was refused, or has none.
func (d *drifter) post(by int64, path string, fields ...string) (id int64, ok bool) {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	code, to, _ := d.do(by, "POST", path, "application/x-www-form-urlencoded", v.Encode())
	if code != 303 {
		d.refused++
		return 0, false
	}
	d.ops++
	id, _ = strconv.ParseInt(trailing.FindString(to), 10, 64)
	return id, true
}

var (
	trailing = regexp.MustCompile(`\d+$`)
	basis    = regexp.MustCompile(`name="base" value="(\d+)"`)
	rulesOf  = regexp.MustCompile(`name="version" value="(\w+)"`)
	total    = regexp.MustCompile(`Treffer: (\d+)`)
	hitPath  = regexp.MustCompile(`<a class="hit" href="(/[^"]+)"`)
)

// open makes a room for the families of each facility, which some enter.
func (d *drifter) open() {
	size := apptest.Small
	for i := range size.Facilities {
		head, unit := size.Head(i), fmt.Sprint(size.Facility(i))
		d.post(head, "/raeume/neu", "unit", unit, "kind", "open", "audience", unit, "role", "parent", "name", "Elternraum", "keep", "365")
		room := written{id: int64(i + 1), by: head}
		d.rooms = append(d.rooms, room)
		for p := int64(0); p < 60; p++ {
			person := p
			if p == 0 {
				person = head
			}
			d.enter(person, room.id)
		}
	}
}

// enter accepts the netiquette of a room, where somebody may.
func (d *drifter) enter(person, room int64) {
	path := fmt.Sprintf("/raum/%d", room)
	if _, _, page := d.do(person, "GET", path, "", ""); rulesOf.MatchString(page) {
		d.post(person, path+"/netiquette", "version", rulesOf.FindStringSubmatch(page)[1])
	}
}

func pick[T any](d *drifter, all []T) (x T) {
	if len(all) == 0 {
		return x
	}
	return all[d.chance.IntN(len(all))]
}

// change does one thing, and keeps in mind what came of it.
func (d *drifter) change() {
	size := apptest.Small
	facility := d.chance.IntN(size.Facilities)
	head, unit := size.Head(facility), fmt.Sprint(size.Facility(facility))
	d.said++
	word := fmt.Sprintf("merkmal%d", d.said)
	body := fmt.Sprintf("%s und %s, %s.", pick(d, words), pick(d, words), word)
	page, topic, post := pick(d, d.pages), pick(d, d.topics), pick(d, d.posts)
	switch d.chance.IntN(10) {
	case 0:
		if id, ok := d.post(head, "/wissen/neu", "unit", unit, "access", pick(d, readers), "title", "Seite "+word, "body", body); ok {
			d.pages = append(d.pages, written{id, head, word})
		}
	case 1:
		at := fmt.Sprintf("/seite/%d/bearbeiten", page.id)
		_, _, form := d.do(page.by, "GET", at, "", "")
		if base := basis.FindStringSubmatch(form); base != nil {
			d.post(page.by, at, "title", "Neue Seite "+page.word, "body", body+" "+page.word, "base", base[1])
		}
	case 2, 3: // who reads it
		d.post(page.by, fmt.Sprintf("/seite/%d/leser", page.id), "access", pick(d, readers))
		d.seek(page.word, false)
	case 4:
		d.post(page.by, fmt.Sprintf("/seite/%d/%s", page.id, pick(d, []string{"entfernen", "zurueckholen"})))
		d.seek(page.word, false)
	case 5:
		group := fmt.Sprint(10_000 + facility*5 + d.chance.IntN(5))
		fields := []string{"unit", unit, "audience", pick(d, []string{unit, group}), "role", "parent", "title", "Nachricht " + word, "body", body}
		if d.chance.IntN(3) > 0 {
			d.post(head, "/mitteilungen/neu", fields...)
			break
		}
		up := apptest.Upload("/mitteilungen/neu", "upload", word+".txt", []byte(body), fields...)
		b, err := io.ReadAll(up.Body)
		if err != nil {
			d.t.Fatal(err)
		}
		if code, _, _ := d.do(head, "POST", "/mitteilungen/neu", up.Header.Get("Content-Type"), string(b)); code == 303 {
			d.ops++
		}
	case 6:
		room := d.rooms[facility]
		if id, ok := d.post(head, fmt.Sprintf("/raum/%d/neu", room.id), "uid", word, "title", "Thema "+word, "body", body); ok {
			d.topics = append(d.topics, written{id, head, word})
		}
	case 7:
		if id, ok := d.post(topic.by, fmt.Sprintf("/thema/%d/antwort", topic.id), "uid", word, "body", body); ok && id != 0 {
			d.posts = append(d.posts, written{id, topic.by, word})
		}
	case 8:
		d.post(post.by, fmt.Sprintf("/beitrag/%d/entfernen", post.id))
		d.seek(post.word, false)
	case 9: // a child goes into another group, and its family with it
		child := 1 + d.chance.Int64N(int64(size.Children()))
		for i := range size.Facilities {
			at := fmt.Sprintf("/kind/%d/gruppe", child)
			_, _, form := d.do(size.Head(i), "GET", fmt.Sprintf("/kind/%d", child), "", "")
			if was := regexp.MustCompile(`(?s)action="` + at + `".*?name="was" value="([^"]+)"`).FindStringSubmatch(form); was != nil {
				d.post(size.Head(i), at, "was", was[1], "group", fmt.Sprint(10_000+i*5+d.chance.IntN(5)))
				break
			}
		}
	}
}

var readers = []string{"board", "staff", "unit", "house", "public"}

// ask looks for a word that many documents have. Counted: the index has read everything.
func (d *drifter) ask(counted bool) { d.seek(pick(d, words), counted) }

// seek asks as somebody, and opens everything that is found.
func (d *drifter) seek(word string, counted bool) {
	size := apptest.Small
	person := size.Parent(d.chance.IntN(size.Guardians()))
	for person%25 < 4 { // they read another language
		person = size.Parent(d.chance.IntN(size.Guardians()))
	}
	if d.chance.IntN(5) == 0 {
		person = size.Head(d.chance.IntN(size.Facilities))
	}
	path := "/suche?q=" + word
	if counted {
		path += "&art=wiki" // a room is counted before it is entered
	}
	code, _, page := d.do(person, "GET", path, "", "")
	if code != 200 || word == "" {
		return // too many a minute, or gone
	}
	d.asked++
	found := hitPath.FindAllStringSubmatch(page, -1)
	if n := total.FindStringSubmatch(page); counted && n != nil { // no number: a task has just written something
		if all, _ := strconv.Atoi(n[1]); min(all, 10) != len(found) {
			d.wrong = append(d.wrong, fmt.Sprintf("person %d is told of %d hits for %s and sees %d", person, all, word, len(found)))
		}
	}
	for _, m := range found {
		d.hits++
		if code, _, _ := d.do(person, "GET", m[1], "", ""); code != 200 && !d.gone {
			d.wrong = append(d.wrong, fmt.Sprintf("person %d finds %s with %s, which is %d for them", person, m[1], word, code))
		}
	}
}
