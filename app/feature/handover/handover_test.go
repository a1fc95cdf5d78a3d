package handover_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/handover"
)

// An election is a house whose council elects: Vera's term ends, Ada's begins at midnight of 1 September.
type election struct {
	*apptest.House
	*apptest.Site
	t      *testing.T
	legacy []house.Legacy
	plan   files.File
	mu     sync.Mutex
	logged []string
}

// next is whom the council has elected, who has no role at all before her term.
const next = apptest.Former

var change = time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC) // midnight in Berlin

const at = "/uebergabe/1"

func open(t *testing.T) *election {
	t.Helper()
	x := &election{House: apptest.New(t), t: t, legacy: []house.Legacy{
		{Kind: "page", Ref: "page 1", Title: "Kassenbuch", Note: "Stand: 1. März 2026", Path: "/seite/1"},
		{Kind: "task", Ref: "task 4", Title: "Zaun streichen", Due: change.AddDate(0, 1, 0)},
		{Kind: "resolution", Ref: "resolution 2", Title: "Mehr <Obst>", Path: "/beschluss/2"},
	}}
	var err error
	if x.plan, err = x.Files.Receive(t.Context(), apptest.Chair, "Plan.txt", strings.NewReader("Lage der Beete")); err != nil {
		t.Fatal(err)
	}
	x.Site = x.Serve(t, handover.New(x.House.House, handover.Wires{
		Log: func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.logged = append(x.logged, action)
			return nil
		},
		Legacy: func(*store.Tx, who.Viewer, int64) ([]house.Legacy, error) { return slices.Clone(x.legacy), nil },
		Content: func(_ *store.Tx, v who.Viewer, l house.Legacy) (c handover.Content, err error) {
			if l.Ref == "page 1" && v.ID != next {
				c = handover.Content{Body: fmt.Sprintf("## Konto\n\nBei der [Sparkasse](/datei/%d).", x.plan.ID), Files: []files.File{x.plan}}
			}
			return c, nil
		},
	}))
	x.sql(`UPDATE membership SET until = ? WHERE person = ?`, change.Unix(), apptest.Chair)
	x.sql(`INSERT INTO membership (person, unit, role, office, state, mail, since) VALUES (?, 10, 8, 'chair', 'confirmed', '', ?)`, next, change.Unix())
	x.sql(`INSERT INTO account_mail (mail, person, verified) VALUES ('fritz@example.org', ?, 1)`, next)
	for i, name := range []string{"2025/26", "2026/27"} {
		x.sql(`INSERT INTO committee_term (uid, unit, name, elected, starts, ends, changed) VALUES (?, 10, ?, '', ?, ?, 0)`,
			name, name, change.AddDate(i-1, 0, 0).Unix(), change.AddDate(i, 0, 0).Unix())
	}
	x.Clock.Add(3 * time.Hour) // nobody's quiet hours
	return x
}

func (x *election) sql(query string, args ...any) {
	x.t.Helper()
	if err := x.DB.Write(x.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		x.t.Fatalf("%s: %v", query, err)
	}
}

func (x *election) number(query string, args ...any) (n int) {
	x.t.Helper()
	if err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], query, args...)
		return err
	}); err != nil {
		x.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (x *election) done(person int64, path string, fields ...string) string {
	x.t.Helper()
	a := x.Site.Post(person, path, fields...)
	if a.Code != http.StatusSeeOther {
		x.t.Fatalf("%s %q as %d: %d %s", path, fields, person, a.Code, a.Body)
	}
	return a.To
}

// deed does something with an item and returns what is answered.
func (x *election) deed(person int64, item int, deed string, words ...string) apptest.Answer {
	x.t.Helper()
	return x.Site.Post(person, at+"/punkt", "item", fmt.Sprint(item), "deed", deed, "words", strings.Join(words, ""))
}

// has fails unless a page shows all of the words; those that begin with "!" it must not show.
func (x *election) has(person int64, path string, words ...string) {
	x.t.Helper()
	a := x.Get(person, path)
	if a.Code != http.StatusOK {
		x.t.Errorf("%s as %d: %d", path, person, a.Code)
		return
	}
	for _, w := range words {
		if no, ok := strings.CutPrefix(w, "!"); ok && a.Has(no) {
			x.t.Errorf("%s shows %q to %d", path, no, person)
		} else if !ok && !a.Has(w) {
			x.t.Errorf("%s does not show %q to %d:\n%s", path, w, person, a.Body)
		}
	}
}

// gone fails unless nothing of the handover is there for a person.
func (x *election) gone(person int64) {
	x.t.Helper()
	for _, path := range []string{at, at + "/buch", "/gremium/10/uebergabe"} {
		if a := x.Get(person, path); a.Code != http.StatusNotFound {
			x.t.Errorf("%s as %d: %d, want 404", path, person, a.Code)
		}
	}
	for _, path := range []string{at + "/punkt", at + "/unterschrift"} {
		if a := x.Site.Post(person, path, "item", "1", "deed", "give", "side", "leaving"); a.Code != http.StatusNotFound && a.Code != http.StatusBadRequest {
			x.t.Errorf("POST %s as %d: %d, want 404", path, person, a.Code)
		}
	}
}

func (x *election) begin() {
	x.t.Helper()
	if to := x.done(apptest.Chair, "/gremium/10/uebergabe", "changes", "2026-09-01"); to != at {
		x.t.Fatalf("a handover begins at %s", to)
	}
}

// TestHandover tells a whole one: what stands ready, the day that is suggested, ticking off, questions, both signatures, and
// midnight.
func TestHandover(t *testing.T) {
	x := open(t)
	x.has(apptest.Chair, "/gremium/10/uebergabe", "Offene Aufgaben (1)", "Geltende Beschlüsse (1)", "Kassenbuch", "Mehr &lt;Obst&gt;", `value="2026-09-01"`)
	x.has(apptest.Dana, "/gremium/10/uebergabe", "Kassenbuch", "!Übergabe beginnen")
	for _, p := range []int64{next, apptest.Hanna, apptest.Ada, apptest.Olga, apptest.Arno} {
		if a := x.Get(p, "/gremium/10/uebergabe"); a.Code != http.StatusNotFound {
			t.Errorf("what stands ready as %d: %d", p, a.Code)
		}
	}
	x.begin()
	x.begin() // the same day once more is the same handover
	if n := x.number(`SELECT count(*) FROM handover_item`); n != 3 {
		t.Errorf("%d items, want 3", n)
	}
	x.Work(t)
	if all := x.House.Post.Sent(); len(all) != 1 || all[0].To != "fritz@example.org" || !strings.Contains(all[0].Text, at) {
		t.Errorf("the coming board is told: %+v", all)
	}
	x.has(next, "/gremium/10/uebergabe", "Übergabe zum 1. September 2026", "!Kassenbuch", "!Als ZIP")
	x.has(next, at, "Kassenbuch", "Zaun streichen", "!href=\"/seite/1\"", "!Als ZIP", "!Unterschreiben</button>")
	x.has(apptest.Chair, at, "Abgehakt: 0 von 3", "href=\"/seite/1\"", "3 Punkte haben Sie noch nicht abgehakt")
	for _, p := range []int64{apptest.Hanna, apptest.Ada, apptest.Olga, apptest.Arno, apptest.Dana} {
		if a := x.Get(p, at); a.Code != http.StatusNotFound {
			t.Errorf("the record as %d: %d", p, a.Code)
		}
	}

	if a := x.deed(next, 1, handover.Take); a.Code != http.StatusUnprocessableEntity || !a.Has("noch nicht abgehakt") {
		t.Errorf("accepted before it is ticked off: %d", a.Code)
	}
	if a := x.deed(next, 1, handover.Give); a.Code != http.StatusForbidden {
		t.Errorf("the coming board ticks off: %d", a.Code)
	}
	if a := x.deed(apptest.Chair, 1, handover.Take); a.Code != http.StatusForbidden {
		t.Errorf("the leaving board accepts: %d", a.Code)
	}
	x.deed(apptest.Chair, 1, handover.Note, "PIN im Safe.\n2. Zeile")
	for i := 1; i <= 3; i++ {
		x.deed(apptest.Chair, i, handover.Give)
		x.deed(apptest.Chair, i, handover.Give) // by reload
	}
	x.deed(next, 1, handover.Take)
	x.deed(next, 2, handover.Ask, "Welche Farbe?")
	x.deed(apptest.Chair, 2, handover.Reply, "Grün.")
	if a := x.deed(apptest.Chair, 1, handover.Ungive); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("what is accepted is taken back: %d", a.Code)
	}
	x.has(next, at, "PIN im Safe.", "Welche Farbe?", "Grün.", "Zuerst unterschreibt der abgebende Vorstand.")
	if a := x.Site.Post(next, at+"/unterschrift", "side", "coming"); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("the coming board signs first: %d", a.Code)
	}
	if a := x.Site.Post(next, at+"/unterschrift", "side", "leaving"); a.Code != http.StatusForbidden {
		t.Errorf("the coming board signs for the other: %d", a.Code)
	}
	x.legacy = append(x.legacy, house.Legacy{Kind: "task", Ref: "task 9", Title: "Fest absagen", Path: "/aufgabe/9"})
	x.has(apptest.Chair, at, "Neu seitdem (1)", "Fest absagen", "In die Übergabe aufnehmen")
	x.done(apptest.Chair, at+"/nachtrag")
	x.has(apptest.Chair, at, "!Neu seitdem", "nachgetragen", "Einen Punkt haben Sie noch nicht abgehakt")
	if a := x.Site.Post(apptest.Chair, at+"/unterschrift", "side", "leaving"); a.Code != http.StatusUnprocessableEntity || !a.Has("Einen Punkt") {
		t.Errorf("signed with something open: %d", a.Code)
	}
	x.done(apptest.Chair, at+"/alle", "kind", "task")
	x.done(apptest.Chair, at+"/unterschrift", "side", "leaving")
	x.done(apptest.Chair, at+"/unterschrift", "side", "leaving") // twice is once
	if n := x.number(`SELECT count(*) FROM handover_signature`); n != 1 {
		t.Errorf("%d signatures, want 1", n)
	}
	for _, deed := range []string{handover.Note, handover.Ungive} {
		if a := x.deed(apptest.Chair, 2, deed, "Doch anders"); a.Code != http.StatusUnprocessableEntity || !a.Has("schon unterschrieben") {
			t.Errorf("%s after the signature: %d", deed, a.Code)
		}
	}
	x.sql(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (12, 'u12', 8, 'committee', 'Elternbeirat Regenbogen', 0)`)
	x.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 12, 8, 'chair', 'confirmed', 0)`, next) // leads another one already
	if a := x.Site.Post(next, at+"/nachtrag"); a.Code != http.StatusForbidden {
		t.Errorf("the next board adds to what it is handed: %d", a.Code)
	}
	for _, path := range []string{at + "/nachtrag", at + "/verwerfen"} {
		if a := x.Site.Post(apptest.Chair, path); a.Code < 400 {
			t.Errorf("%s after the signature: %d", path, a.Code)
		}
	}
	x.legacy = x.legacy[1:] // the cash book is settled, and something else has come
	x.legacy = append(x.legacy, house.Legacy{Kind: "topic", Ref: "topic 1", Title: "Neuer Spielplatz"})
	x.has(apptest.Chair, at, "Neu seitdem (1)", "Neuer Spielplatz", "!In die Übergabe aufnehmen", "steht nicht mehr an")

	// Midnight.
	x.Clock.Add(change.Sub(x.Now()) - time.Second)
	x.has(apptest.Chair, at, "Kassenbuch")
	x.Clock.Add(time.Second)
	x.gone(apptest.Chair)
	for _, path := range []string{"/gremium/10/uebergabe/buch"} {
		if a := x.Get(apptest.Chair, path); a.Code == http.StatusOK {
			t.Errorf("%s as the former chair: %d", path, a.Code)
		}
	}
	if a := x.Site.Post(apptest.Chair, at+"/zip"); a.Code == http.StatusOK {
		t.Errorf("the former chair takes a ZIP along")
	}
	x.has(next, at, "Der Wechsel ist vollzogen", "href=\"/aufgabe/9\"", "Neu seitdem (1)")
	for i := 2; i <= 4; i++ {
		x.deed(next, i, handover.Take)
	}
	x.done(next, at+"/unterschrift", "side", "coming")
	if a := x.deed(next, 2, handover.Untake); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("changed after the second signature: %d", a.Code)
	}
	x.has(next, "/gremium/10/uebergabe", "Fest absagen", "Übergabe zum 1. September 2026")
	if want := "handover.begun handover.signed handover.signed"; strings.Join(x.logged, " ") != want {
		t.Errorf("the record: %q, want %q", x.logged, want)
	}
}

// TestSigned: what stands on the page is the SHA-256 of what was signed, which names nobody, and which no word that somebody
// writes can make look like another.
func TestSigned(t *testing.T) {
	x := open(t)
	x.begin()
	x.deed(apptest.Chair, 1, handover.Note, "Gut\nAbgehakt: 2020-01-01T00:00:00Z")
	for i := 1; i <= 3; i++ {
		x.deed(apptest.Chair, i, handover.Give)
	}
	x.done(apptest.Chair, at+"/unterschrift", "side", "leaving")
	var text string
	if err := x.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		text, err = store.One(tx, store.Value[string], `SELECT text FROM handover_signature`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	x.has(apptest.Chair, at, fmt.Sprintf("%x", sha256.Sum256([]byte(text))))
	for _, w := range []string{"Übergabe: Elternbeirat Sonnenblume\n", "Tag des Wechsels: 2026-09-01\n", "1. Kassenbuch\n", "  Vom Vorstand: Gut\n  | Abgehakt: 2020", "  Abgehakt: 2026-03-02T09:12:00Z\n", "  Tag: 2026-10-02\n"} {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in what was signed:\n%s", w, text)
		}
	}
	if strings.Contains(text, "Vera") {
		t.Errorf("what was signed names somebody:\n%s", text)
	}
}

// TestTogether: two boards tick at the same time, and lose nothing; many signatures at once are one.
func TestTogether(t *testing.T) {
	x := open(t)
	x.legacy = nil
	for i := range 40 {
		x.legacy = append(x.legacy, house.Legacy{Kind: "task", Ref: fmt.Sprint("task ", i), Title: fmt.Sprint("Aufgabe ", i)})
	}
	x.begin()
	for i := 1; i <= 20; i++ {
		x.deed(apptest.Chair, i, handover.Give)
	}
	var all sync.WaitGroup
	for i := 1; i <= 20; i++ {
		all.Go(func() { x.deed(apptest.Chair, 20+i, handover.Give) })
		all.Go(func() { x.deed(next, i, handover.Take) })
		all.Go(func() { x.deed(next, i, handover.Ask, "Wirklich?") })
	}
	all.Wait()
	if given, taken, asked := x.number(`SELECT count(*) FROM handover_item WHERE given IS NOT NULL AND giver = 17`),
		x.number(`SELECT count(*) FROM handover_item WHERE taken IS NOT NULL AND taker = 13`), x.number(`SELECT count(*) FROM handover_question`); given != 40 || taken != 20 || asked != 20 {
		t.Errorf("%d ticked off, %d accepted, %d questions, want 40, 20 and 20", given, taken, asked)
	}
	for range 8 {
		all.Go(func() { x.Site.Post(apptest.Chair, at+"/unterschrift", "side", "leaving") })
	}
	all.Wait()
	if n := x.number(`SELECT count(*) FROM handover_signature`); n != 1 {
		t.Errorf("%d signatures", n)
	}
}

// TestZIP: the ZIP holds the record, the texts with their files, what was signed, and an index that names all of it; it
// wants a fresh proof.
func TestZIP(t *testing.T) {
	x := open(t)
	x.begin()
	for i := 1; i <= 3; i++ {
		x.deed(apptest.Chair, i, handover.Give)
	}
	x.done(apptest.Chair, at+"/unterschrift", "side", "leaving")
	if a := x.Site.Post(next, at+"/zip"); a.Code == http.StatusOK {
		t.Errorf("the coming board gets more than the record before its term: %d", a.Code)
	}
	a := x.Site.Post(apptest.Chair, at+"/zip")
	if a.Code != http.StatusOK || a.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %s", a.Code, a.Header.Get("Content-Type"))
	}
	in := unpack(t, a.Body)
	var index struct {
		Punkte []struct {
			Kennung, Titel, Text string
			Dateien              []string
			Abgehakt             time.Time
		}
		Unterschriften []struct{ Sha256, Text string }
	}
	if err := json.Unmarshal([]byte(in["uebergabe.json"]), &index); err != nil {
		t.Fatal(err)
	}
	if len(index.Punkte) != 3 || len(index.Unterschriften) != 1 {
		t.Fatalf("the index: %+v", index)
	}
	s := index.Unterschriften[0]
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(in[s.Text]))); got != s.Sha256 {
		t.Errorf("%s has the hash %s, and the index says %s", s.Text, got, s.Sha256)
	}
	for _, p := range index.Punkte {
		if p.Abgehakt.IsZero() {
			t.Errorf("%s is not ticked off in the index", p.Kennung)
		}
		if p.Kennung != "page 1" {
			continue
		}
		if !strings.Contains(in[p.Text], "## Konto") || !strings.Contains(in[p.Text], "[Sparkasse](Kassenbuch/Plan.txt)") {
			t.Errorf("%s: %q", p.Text, in[p.Text])
		}
		if len(p.Dateien) != 1 || in[p.Dateien[0]] != "Lage der Beete" {
			t.Errorf("files %q", p.Dateien)
		}
	}
	for _, w := range []string{"# Elternbeirat Sonnenblume: Übergabe zum 1. September 2026", "## Offene Aufgaben", "[Kassenbuch](Texte/Kassenbuch.md)", `Mehr \<Obst>`, "Vera Vorsitz"} {
		if !strings.Contains(in["Uebergabe.md"], w) {
			t.Errorf("%q is not in\n%s", w, in["Uebergabe.md"])
		}
	}
	a = x.Site.Post(apptest.Dana, "/gremium/10/uebergabe/zip")
	if in := unpack(t, a.Body); a.Code != http.StatusOK || in["Texte/Kassenbuch.md"] == "" {
		t.Errorf("what stands ready: %d %v", a.Code, in)
	}
	x.has(apptest.Chair, at+"/buch", "<h4 id=\"page-1-", "Übergabe zum 1. September 2026", "abgebender Vorstand", "Mehr &lt;Obst&gt;")
	x.has(next, at+"/buch", "Kassenbuch", "!Sparkasse")
	x.has(apptest.Dana, "/gremium/10/uebergabe/buch", "Sparkasse", "Was der Vorstand übergibt")
}

func unpack(t *testing.T, body string) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(b)
	}
	return all
}

// TestWrong: days that are none, things of other handovers, and words that are too many.
func TestWrong(t *testing.T) {
	x := open(t)
	for _, c := range []struct{ day, want string }{
		{"", "Bitte geben Sie einen Tag an, den es gibt."}, {"2026-02-30", "Bitte geben Sie einen Tag an"}, {"2026-03-02", "nicht in der Zukunft"}, {"2031-01-01", "zu lange hin"},
	} {
		if a := x.Site.Post(apptest.Chair, "/gremium/10/uebergabe", "changes", c.day); a.Code != http.StatusUnprocessableEntity || !a.Has(c.want) {
			t.Errorf("%q: %d, want %q", c.day, a.Code, c.want)
		}
	}
	for _, p := range []int64{apptest.Dana, next, apptest.Hanna} {
		if a := x.Site.Post(p, "/gremium/10/uebergabe", "changes", "2026-09-01"); a.Code < 400 {
			t.Errorf("%d begins a handover: %d", p, a.Code)
		}
	}
	if a := x.Site.Post(apptest.Chair, "/gremium/4/uebergabe", "changes", "2026-09-01"); a.Code != http.StatusNotFound {
		t.Errorf("a handover of a Kita: %d", a.Code)
	}
	x.begin()
	for _, c := range []struct {
		item        int
		deed, words string
		code        int
		why         string
		person      int64
	}{
		{99, handover.Give, "", 404, "an item that there is not", apptest.Chair},
		{1, "burn", "", 400, "a deed that there is not", apptest.Chair},
		{1, handover.Note, strings.Repeat("x", 2001), 422, "too many words", apptest.Chair},
		{1, handover.Ask, " ", 422, "a question without words", next},
	} {
		if a := x.deed(c.person, c.item, c.deed, c.words); a.Code != c.code {
			t.Errorf("%s: %d, want %d", c.why, a.Code, c.code)
		}
	}
	if a := x.deed(apptest.Chair, 1, handover.Note, strings.Repeat("y", 2001)); !strings.Contains(a.Body, strings.Repeat("y", 2001)) {
		t.Error("what was typed is lost")
	}
	x.done(apptest.Chair, at+"/verwerfen")
	x.gone(next)
	x.has(apptest.Chair, "/gremium/10/uebergabe", "!Übergabe zum")
}

// TestFound: the board finds what stands in a handover; a member and the former board do not.
func TestFound(t *testing.T) {
	x := open(t)
	x.begin()
	x.deed(apptest.Chair, 1, handover.Note, "Tresor")
	find := func(person int64, want int) {
		t.Helper()
		if err := x.House.Search.Update(t.Context()); err != nil {
			t.Fatal(err)
		}
		a, err := x.House.Search.Search(t.Context(), x.viewer(person), search.Ask{Query: search.Parse("Tresor"), N: 10})
		if err != nil || len(a.Hits) != want {
			t.Errorf("%d finds %d, want %d: %v", person, len(a.Hits), want, err)
		}
	}
	find(apptest.Chair, 1)
	find(apptest.Dana, 0)
	find(apptest.Hanna, 0)
	x.Clock.Add(change.Sub(x.Now()))
	find(apptest.Chair, 0)
	find(next, 1)
}

// TestForgotten: who is forgotten leaves the record as it was, without a name.
func TestForgotten(t *testing.T) {
	x := open(t)
	f := handover.New(x.House.House, handover.Wires{})
	x.begin()
	x.deed(apptest.Chair, 1, handover.Give)
	x.deed(next, 1, handover.Ask, "Wo?")
	if err := x.DB.Write(t.Context(), func(tx *store.Tx) error {
		data, err := f.Export(tx, house.Subject{Person: next})
		if err != nil {
			return err
		}
		if s := fmt.Sprint(data); !regexp.MustCompile(`Kassenbuch: Wo\?`).MatchString(s) {
			t.Errorf("the export: %s", s)
		}
		return f.Erase(tx, house.Subject{Person: next})
	}); err != nil {
		t.Fatal(err)
	}
	x.has(apptest.Chair, at, "Wo?", "ehemals im Haus", "!Fritz")
}
