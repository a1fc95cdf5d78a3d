package message_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/message"
)

func quiet(*store.Tx, time.Time, int64, string, int64) error { return nil }

// site is a house with messages. It is a Monday, 7:12: answers are expected from 7:30 on.
func site(t testing.TB) (*apptest.House, *apptest.Site, house.Feature) {
	t.Helper()
	h := apptest.New(t)
	f := message.New(h.House, quiet)
	return h, h.Serve(t, f), f
}

func sql(t testing.TB, h *apptest.House, query string, args ...any) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		t.Fatal(query, err)
	}
}

// asked is Ada's question to the team of the Käfer; it returns the conversation's path.
func asked(t testing.TB, s *apptest.Site) string {
	t.Helper()
	a := s.Post(apptest.Ada, "/nachrichten/neu", "uid", "0198c7a2-0000-7000-8000-000000000001", "kind", "team", "to", "1-5",
		"title", "Gummistiefel", "body", "Sind Milas **Stiefel** noch da?")
	if a.Code != 303 || a.To != "/gespraech/1" {
		t.Fatalf("ask: %d %s %s", a.Code, a.To, a.Body)
	}
	return a.To
}

// count is what stands beside the menu entry.
func count(t testing.TB, h *apptest.House, f house.Feature, person int64) (n int) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		v, err := viewer(tx, person, h)
		if err != nil {
			return err
		}
		n, err = f.Unread(tx, v)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A mother asks, a machine says that it is early, a colleague answers, and everybody of the team has seen it.
func TestAsk(t *testing.T) {
	h, s, f := site(t)
	if a := s.Get(apptest.Ada, "/nachrichten/neu"); !a.Has("Team Käfer") || !a.Has("Leitung Kita Sonnenblume") || !a.Has("Verwaltung Träger A") ||
		!a.Has("Mo–Fr, 7:30 Uhr bis 16 Uhr") || a.Has("Stefan") || a.Has("Bären") {
		t.Errorf("to whom Ada may write: %s", a.Body)
	}
	at := asked(t, s)
	a := s.Get(apptest.Ada, at)
	for _, want := range []string{"<strong>Stiefel</strong>", "automatische Antwort", "Wir lesen sie", "Antwortzeit: Mo–Fr", "Alle in diesem Team lesen und antworten."} {
		if !a.Has(want) {
			t.Errorf("Ada does not read %q: %s", want, a.Body)
		}
	}
	if a.Has("kümmert sich") {
		t.Error("Ada reads who of the team looks after it")
	}
	if again := asked(t, s); again != at {
		t.Errorf("the same form once more: %s", again)
	}
	if n := strings.Count(s.Get(apptest.Hanna, at).Body, `class="said`); n != 2 {
		t.Errorf("the same form twice is %d messages", n)
	}
	s.Post(apptest.Ada, at, "uid", "x", "body", "Und die Mütze?")
	if n := strings.Count(s.Get(apptest.Ada, at).Body, "automatische Antwort"); n != 1 {
		t.Errorf("%d automatic answers in one morning", n)
	}
	if a := s.Get(apptest.Hanna, "/nachrichten"); !a.Has(`<span class="small last" dir="auto">Und die Mütze?`) || !a.Has(`<span class="tag info">2<`) || a.Has("Wir lesen sie") {
		t.Errorf("the list shows what the house has said by itself: %s", a.Body)
	}
	for _, p := range []int64{apptest.Stefan, apptest.Hanna} {
		if a := s.Get(p, at); a.Code != 200 || !a.Has("Ada Demir") || !a.Has("Mila") || !a.Has("Noch niemand kümmert sich") || count(t, h, f, p) != 1 {
			t.Errorf("of the team %d reads %d, %d unread: %s", p, a.Code, count(t, h, f, p), a.Body)
		}
	}
	for _, p := range []int64{apptest.Bert, apptest.Cem, apptest.Max, apptest.Rosa, apptest.Arno, apptest.Olga, apptest.Invited, apptest.Former, apptest.Locked, apptest.Dana} {
		if a := s.Get(p, at); a.Code != 404 || a.Has("Stiefel") || s.Get(p, "/nachrichten").Has("Gummistiefel") || count(t, h, f, p) != 0 {
			t.Errorf("%d reads it, too: %d", p, a.Code)
		}
		for _, path := range []string{at, at + "/gelesen", at + "/kuemmern", at + "/schliessen", "/nachricht/1/entfernen", "/nachricht/1/bearbeiten"} {
			if a := s.Post(p, path, map[string][]string{at: {"uid", "y", "body", "Eindringling"}}[path]...); a.Code != 404 && a.Code != 403 {
				t.Errorf("POST %s of %d: %d %s", path, p, a.Code, a.To)
			}
		}
	}
	other := s.Post(apptest.Bert, "/nachrichten/neu", "uid", "bert", "kind", "team", "to", "1-5", "title", "Matschhose", "body", "Ist sie da?").To
	s.Post(apptest.Hanna, other, "uid", "hanna", "body", "Ja.")
	if a := s.Get(apptest.Stefan, other); !a.Has("Hanna Leitung kümmert sich") || s.Get(apptest.Bert, other).Has("kümmert sich") {
		t.Errorf("whoever answers looks after it: %s", a.Body)
	}
	s.Post(apptest.Stefan, other, "uid", "stefan", "body", "Und die Stiefel auch.")
	if a := s.Get(apptest.Stefan, other); !a.Has("Hanna Leitung kümmert sich") {
		t.Error("a colleague who adds something takes it away")
	}
	if a := s.Post(apptest.Stefan, at+"/kuemmern", "takes", "1"); a.Code != 303 || !s.Get(apptest.Hanna, at).Has("Stefan Fachkraft kümmert sich") {
		t.Errorf("Stefan looks after it: %d", a.Code)
	}
	h.Clock.Add(time.Hour)
	if a := s.Post(apptest.Stefan, at, "uid", "z", "body", "Ja, am Haken.", "quote", "1"); a.Code != 303 {
		t.Fatalf("Stefan answers: %d %s", a.Code, a.Body)
	}
	a = s.Get(apptest.Ada, at)
	if !a.Has("Stefan Fachkraft, Team Käfer") || !a.Has("am Haken") || !a.Has(`#n1"`) || !a.Has("Sind Milas Stiefel noch da?") || count(t, h, f, apptest.Ada) != 1 {
		t.Errorf("Ada reads the answer: %s", a.Body)
	}
	last := regexp.MustCompile(`name="message" value="(\d+)"`).FindStringSubmatch(a.Body)
	if last == nil {
		t.Fatal("nothing says how far Ada has read")
	}
	s.Post(apptest.Ada, at+"/gelesen", "message", last[1])
	if n := count(t, h, f, apptest.Ada); n != 0 || s.Get(apptest.Ada, at).Has("data-read") {
		t.Errorf("Ada has read it, and %d wait", n)
	}
	s.Post(apptest.Ada, at+"/gelesen", "message", "1")
	if n := count(t, h, f, apptest.Ada); n != 0 {
		t.Error("what was read is unread again")
	}
}

// What is changed says so, and keeps what stood there; what is removed says so, and keeps nothing.
func TestTrace(t *testing.T) {
	h, s, _ := site(t)
	at := asked(t, s)
	x, err := h.Files.Receive(t.Context(), apptest.Ada, "Stiefel.txt", strings.NewReader("blau"))
	if err != nil {
		t.Fatal(err)
	}
	s.Post(apptest.Ada, at, "uid", "b", "body", "Blaue.", "file", itoa(x.ID))
	if a := s.Get(apptest.Stefan, at); !a.Has("Stiefel.txt") || !a.Has("/datei/"+itoa(x.ID)) {
		t.Errorf("Stefan does not see the file: %s", a.Body)
	}
	if a := s.Get(apptest.Stefan, "/nachricht/1/bearbeiten"); a.Code != 404 && a.Code != 403 {
		t.Errorf("Stefan edits what Ada has said: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, "/nachricht/1/bearbeiten", "body", " \u200b "); a.Code != 422 {
		t.Errorf("an edit that says nothing: %d", a.Code)
	}
	h.Clock.Add(5 * time.Minute)
	s.Post(apptest.Ada, "/nachricht/1/bearbeiten", "body", "Sind Milas Stiefel da?")
	if a := s.Get(apptest.Stefan, at); !a.Has("bearbeitet heute, 7:17 Uhr") || !a.Has("<strong>Stiefel</strong>") || !a.Has("Sind Milas Stiefel da?") {
		t.Errorf("after an edit: %s", a.Body)
	}
	id := regexp.MustCompile(`id="n(\d+)" data-last`).FindStringSubmatch(s.Get(apptest.Ada, at).Body)[1]
	s.Post(apptest.Ada, "/nachricht/"+id+"/entfernen")
	s.Post(apptest.Ada, "/nachricht/1/entfernen")
	a := s.Get(apptest.Stefan, at)
	if strings.Count(a.Body, "Diese Nachricht wurde gelöscht.") != 2 || a.Has("Milas") || a.Has("Blaue") || a.Has("Stiefel.txt") {
		t.Errorf("after removing: %s", a.Body)
	}
	if a := s.Post(apptest.Ada, "/nachricht/1/bearbeiten", "body", "Doch."); a.Code != 404 {
		t.Errorf("what was removed is edited: %d", a.Code)
	}
}

// A head writes to two families: each answers for itself.
func TestFamilies(t *testing.T) {
	_, s, _ := site(t)
	a := s.Get(apptest.Hanna, "/nachrichten/neu?an=familien")
	if !a.Has("Mila Demir") || !a.Has("Can Yildiz") || a.Has("Emil") {
		t.Errorf("families that Hanna may choose: %s", a.Body)
	}
	if a := s.Get(apptest.Stefan, "/nachrichten/neu?an=familien"); !a.Has("Mila Demir") || a.Has("Yildiz") {
		t.Errorf("families that Stefan may choose: %s", a.Body)
	}
	a = s.Post(apptest.Hanna, "/nachrichten/neu", "uid", "f", "kind", "familien", "unit", "4", "child", "1", "child", "3", "title", "Impfbuch", "body", "Bitte bringen Sie es mit.")
	if a.Code != 303 || a.To != "/nachrichten" {
		t.Fatalf("to families: %d %s %s", a.Code, a.To, a.Body)
	}
	paths := map[int64]string{}
	for _, p := range []int64{apptest.Ada, apptest.Bert, apptest.Cem} {
		m := regexp.MustCompile(`/gespraech/\d+`).FindString(s.Get(p, "/nachrichten").Body)
		if m == "" || paths[p] != "" {
			t.Fatalf("%d got no conversation", p)
		}
		paths[p] = m
		if a := s.Post(p, m, "uid", "r"+itoa(p), "body", "Antwort von "+itoa(p)); a.Code != 303 {
			t.Errorf("%d cannot answer: %d %s", p, a.Code, a.Body)
		}
	}
	for p, own := range paths {
		for q, other := range paths {
			if a := s.Get(p, other); p != q && (a.Code != 404 || own == other) {
				t.Errorf("%d reads what %d answers: %d", p, q, a.Code)
			}
		}
	}
	if a := s.Get(apptest.Silent, "/nachrichten"); a.Has("Impfbuch") {
		t.Error("who is not to be informed is written to")
	}
	for name, fields := range map[string][]string{
		"a child of another carrier": {"kind", "familien", "unit", "4", "child", "2"},
		"another's team":             {"kind", "familien", "unit", "8", "child", "2"},
		"a carrier":                  {"kind", "familien", "unit", "3", "child", "1"},
		"nobody":                     {"kind", "familien", "unit", "4"},
		"a stranger":                 {"kind", "kollegen", "to", "10"},
		"a parent":                   {"kind", "kollegen", "to", "6"},
		"oneself":                    {"kind", "kollegen", "to", "4"},
		"the own team":               {"kind", "teams", "unit", "4", "to", "4"},
		"a council of nobody's":      {"kind", "teams", "unit", "4", "to", "99"},
		"as a parent":                {"kind", "team", "to", "1-5"},
	} {
		if a := s.Post(apptest.Hanna, "/nachrichten/neu", append(fields, "uid", "w", "title", "Betreff", "body", "Verirrt")...); a.Code == 303 || a.Code >= 500 || a.Code == 422 && !a.Has("Verirrt") {
			t.Errorf("to %s: %d %s", name, a.Code, a.To)
		}
	}
}

// Teams and colleagues write to each other; who leaves the team reads no more.
func TestTeams(t *testing.T) {
	h, s, f := site(t)
	a := s.Post(apptest.Hanna, "/nachrichten/neu", "uid", "t", "kind", "teams", "unit", "4", "to", "8", "title", "Sommerfest", "body", "Feiern wir zusammen?")
	if a.Code != 303 {
		t.Fatalf("to a team: %d %s", a.Code, a.Body)
	}
	if b := s.Post(apptest.Rosa, a.To, "uid", "u", "body", "Gern!"); b.Code != 303 || !s.Get(apptest.Hanna, a.To).Has("Rosa Regen, Leitung Kita Regenbogen") {
		t.Errorf("Rosa answers: %d", b.Code)
	}
	if b := s.Get(apptest.Stefan, a.To); b.Code != 404 {
		t.Errorf("Stefan is no head, and reads: %d", b.Code)
	}
	p := s.Post(apptest.Stefan, "/nachrichten/neu", "uid", "v", "kind", "kollegen", "to", itoa(apptest.Hanna), "title", "Urlaub", "body", "Darf ich am Freitag?")
	if p.Code != 303 || s.Get(apptest.Hanna, p.To).Code != 200 || s.Get(apptest.Max, p.To).Code != 404 || count(t, h, f, apptest.Hanna) != 2 {
		t.Errorf("to a colleague: %d %s, Hanna has %d", p.Code, p.Body, count(t, h, f, apptest.Hanna))
	}
	sql(t, h, `UPDATE membership SET state = 'suspended' WHERE person = 4`)
	for _, path := range []string{a.To, p.To} {
		if b := s.Get(apptest.Hanna, path); b.Code == 200 {
			t.Errorf("Hanna is suspended and reads %s", path)
		}
	}
	// Who joins later reads what was written, and is not called for it.
	h.Clock.Add(time.Hour)
	sql(t, h, `INSERT INTO membership (person, unit, role, state, since) VALUES (12, 4, 4, 'confirmed', ?)`, h.Now().Unix())
	if b := s.Get(apptest.Invited, a.To); b.Code != 200 || count(t, h, f, apptest.Invited) != 0 {
		t.Errorf("Ina is the new head: %d, %d unread", b.Code, count(t, h, f, apptest.Invited))
	}
}

// Whoever has lost the right writes nothing and gets nothing new, and what was typed is not lost.
func TestClosed(t *testing.T) {
	h, s, f := site(t)
	at := asked(t, s)
	refused := func(person int64, why string) {
		t.Helper()
		if a := s.Post(person, at, "uid", "q"+itoa(person), "body", "Mein langer Text"); a.Code != 422 || !a.Has(why) || !a.Has("Mein langer Text</textarea>") {
			t.Errorf("%d writes: %d %s", person, a.Code, a.Body)
		}
	}
	s.Post(apptest.Stefan, at+"/schliessen", "closed", "1")
	refused(apptest.Ada, "Dieses Gespräch ist geschlossen")
	refused(apptest.Hanna, "Dieses Gespräch ist geschlossen")
	s.Post(apptest.Stefan, at+"/schliessen", "closed", "0")
	sql(t, h, `INSERT INTO message_rule (unit, parents, days, starts, ends, answer) VALUES (3, 0, 62, 480, 960, ''), (4, 1, 62, 480, 960, '')`)
	refused(apptest.Ada, "Hier nimmt das Team zurzeit keine Nachrichten an")
	if a := s.Get(apptest.Ada, "/nachrichten/neu"); !a.Has("nimmt zurzeit keine Nachrichten an") {
		t.Error("nothing says that the team takes no messages")
	}
	if a := s.Post(apptest.Ada, "/nachrichten/neu", "uid", "n", "kind", "team", "to", "1-5", "title", "Noch eine", "body", "Frage"); a.Code != 422 || !a.Has("Frage</textarea>") {
		t.Errorf("Ada begins another: %d", a.Code)
	}
	sql(t, h, `DELETE FROM message_rule`)
	sql(t, h, `UPDATE child_stay SET until = ? WHERE child = 1`, h.Now().Unix())
	refused(apptest.Stefan, "Diese Familie gehört nicht mehr hierher")
	if a := s.Get(apptest.Ada, at); a.Code != 404 || count(t, h, f, apptest.Ada) != 0 {
		t.Errorf("Ada's child has left the group, and she reads on: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, at, "uid", "later", "body", "Noch da"); a.Code != 404 {
		t.Errorf("and writes: %d", a.Code)
	}
	if a := s.Get(apptest.Stefan, at); a.Code != 200 || !a.Has("Stiefel") {
		t.Errorf("the team has lost it: %d", a.Code)
	}
	sql(t, h, `UPDATE child_stay SET until = 9223372036854775807 WHERE child = 1`)
	if a := s.Get(apptest.Ada, at); a.Code != 200 {
		t.Errorf("the child is back: %d", a.Code)
	}
	sql(t, h, `UPDATE guardian SET informed = 0 WHERE person = 6 AND child = 1`)
	if a := s.Get(apptest.Ada, at); a.Code != 404 || count(t, h, f, apptest.Ada) != 0 {
		t.Errorf("a court does not want that Ada is told: %d", a.Code)
	}
}

func TestWrong(t *testing.T) {
	h, s, _ := site(t)
	at := asked(t, s)
	h.Work(t)
	owed := func() (n int) {
		t.Helper()
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			n, err = store.One(tx, store.Value[int], `SELECT (SELECT count(*) FROM message) * 1000 + (SELECT count(*) FROM task)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := owed()
	for name, body := range map[string]string{
		"nothing": " \n ", "unseen": "\u200b\u2060\u202e", "long": strings.Repeat("ä", 8001), "mentions": strings.Repeat("@ada ", 10_000), "brackets": strings.Repeat("[", 8000),
	} {
		if a := s.Post(apptest.Ada, at, "uid", name, "body", body); a.Code != 422 || !a.Has(`id="body-error"`) {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := s.Post(apptest.Ada, at, "uid", "nul", "body", "a\x00b"); a.Code != 400 {
		t.Errorf("a NUL: %d", a.Code)
	}
	if a := s.Post(apptest.Ada, at, "uid", "big", "body", strings.Repeat("x", 50<<20)); a.Code != 422 || !a.Has("Das ist zu gro") || len(a.Body) > 1<<16 {
		t.Errorf("50 MB: %d %s", a.Code, a.Body[max(0, len(a.Body)-4000):])
	}
	if a := s.Upload(apptest.Ada, at, "upload", "leer.txt", []byte("x"), "uid", "huge", "body", strings.Repeat("x", 2<<20)); a.Code != 422 || !a.Has("zu groß") {
		t.Errorf("2 MB of words with a file: %d", a.Code)
	}
	title := "Ein Betreff bleibt"
	for name, body := range map[string]string{"10,000 mentions": strings.Repeat("@Hanna Leitung ", 10_000), "50 MB": strings.Repeat("x", 50<<20)} {
		a := s.Do(apptest.Ada, apptest.Upload("/nachrichten/neu", "upload", "", nil, "uid", name, "kind", "team", "to", "1-5", "title", title, "body", body))
		if a.Code != 422 || !a.Has(`value="`+title+`"`) || !a.Has(`value="1-5" checked`) || len(body) < 1<<20 && !a.Has(body+"</textarea>") {
			t.Errorf("a new one, %s: %d %.300s", name, a.Code, a.Body)
		}
	}
	if n := owed(); n != before {
		t.Errorf("what was refused is written or told: %d, was %d", n, before)
	}
	s.Post(apptest.Ada, at, "uid", "rtl", "body", "Rechnung \u202egpj.exe\u202c ist da")
	if a := s.Get(apptest.Stefan, at); a.Has("\u202e") || !a.Has("Rechnung gpj.exe ist da") {
		t.Error("what turns the writing around is kept")
	}
	if a := s.Post(apptest.Ada, at, "uid", "foreign", "body", "Zitat", "quote", "99"); a.Code != 303 {
		t.Errorf("a quote of nothing: %d", a.Code)
	}
	for _, path := range []string{"/gespraech/99", "/gespraech/0", "/gespraech/x", "/gespraech/1?ab=-5", "/gespraech/1?vor=99999999999999999999", "/nachrichten?vor=x"} {
		if a := s.Get(apptest.Ada, path); a.Code >= 500 {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
}
