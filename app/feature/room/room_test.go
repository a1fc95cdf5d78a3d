package room

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// A talk is a house with this feature alone.
type talk struct {
	*testing.T
	*apptest.House
	site  *apptest.Site
	pages Pages
	rules string // the netiquette that somebody has written; "": nobody
	n     int
}

func newTalk(t *testing.T) *talk {
	t.Helper()
	k := &talk{T: t, House: apptest.New(t)}
	log := func(*store.Tx, time.Time, int64, string, int64) error { return nil }
	k.pages = Pages{
		Rules: func(*store.Tx) (template.HTML, error) { return template.HTML(k.rules), nil },
		Titles: func(*store.Tx, who.Viewer, []int64) (map[int64]string, error) {
			return map[int64]string{77: "Helme"}, nil
		},
		Writers: who.Team,
	}
	k.site = k.Serve(t, New(k.House.House, log, k.pages, func(*store.Tx, int64, int64, bool) error { return errors.New("there are no young people here") }))
	for person, mail := range map[int64]string{apptest.Ada: "ada@example.org", apptest.Bert: "bert@example.org", apptest.Cem: "cem@example.org"} {
		k.sql(`INSERT INTO account_mail (mail, person, verified) VALUES (?, ?, 1)`, mail, person)
	}
	return k
}

func (k *talk) sql(query string, args ...any) {
	k.Helper()
	if err := k.DB.Write(k.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		k.Fatal(err)
	}
}

func (k *talk) count(query string, args ...any) (n int) {
	k.Helper()
	if err := k.DB.Read(k.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], query, args...)
		return err
	}); err != nil {
		k.Fatal(err)
	}
	return n
}

// done is a form that has to succeed; it returns where that leads.
func (k *talk) done(person int64, path string, fields ...string) string {
	k.Helper()
	a := k.site.Post(person, path, fields...)
	if a.Code != http.StatusSeeOther {
		k.Fatalf("%s as %d: %d %s", path, person, a.Code, main(a.Body))
	}
	return a.To
}

func main(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<main"+page, " ")), " ")
}

// parents opens a room for the parents of Sonne, and lets people in.
func (k *talk) parents(fields ...string) string {
	k.Helper()
	room := k.done(apptest.Hanna, "/raeume/neu", append([]string{"unit", fmt.Sprint(apptest.Sonne), "kind", "open", "audience", fmt.Sprint(apptest.Sonne), "role", "parent",
		"name", "Eltern der Sonnenblume", "keep", "365"}, fields...)...)
	k.enter(room, apptest.Hanna, apptest.Ada, apptest.Cem)
	return room
}

func (k *talk) enter(room string, people ...int64) {
	k.Helper()
	for _, p := range people {
		m := regexp.MustCompile(`name="version" value="(\w+)"`).FindStringSubmatch(k.site.Get(p, room).Body)
		if m == nil {
			k.Fatalf("%s shows %d no netiquette", room, p)
		}
		k.done(p, room+"/netiquette", "version", m[1])
	}
}

func (k *talk) topic(person int64, room, title, body string) string {
	k.Helper()
	k.n++
	return k.done(person, room+"/neu", "uid", fmt.Sprint("t", k.n), "title", title, "body", body)
}

// answer returns the path of the post.
func (k *talk) answer(person int64, topic, body string, fields ...string) string {
	k.Helper()
	k.n++
	to := k.done(person, topic+"/antwort", append([]string{"uid", fmt.Sprint("t", k.n), "body", body}, fields...)...)
	_, id, _ := strings.Cut(to, "#b")
	return "/beitrag/" + id
}

func TestParentsTalk(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	for _, p := range []int64{apptest.Rosa, apptest.Olga, apptest.Stefan, apptest.Chair, apptest.Silent} {
		if a := k.site.Get(p, room); a.Code < 400 {
			t.Errorf("person %d sees the parents' room: %d", p, a.Code)
		}
	}
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Wo kauft man **die**?")
	post := k.answer(apptest.Cem, topic, "Auf dem Flohmarkt am Hafen.")
	k.done(apptest.Ada, post+"/rueckmeldung", "kind", "helps")
	k.done(apptest.Ada, topic+"/geloest", "post", strings.TrimPrefix(post, "/beitrag/"))
	for _, p := range []int64{apptest.Hanna, apptest.Ada} {
		if a := k.site.Get(p, room); !a.Has("Fahrradhelme") || !a.Has("Gelöst") || !a.Has("1 Antwort") {
			t.Errorf("the room does not list the topic for %d: %s", p, main(a.Body))
		}
	}
	if a := k.site.Get(apptest.Cem, room+"?vor=1"); a.Has("Fahrradhelme") {
		t.Error("the page before all topics has one")
	}
	a := k.site.Get(apptest.Hanna, topic)
	for _, w := range []string{"<strong>die</strong>", "Flohmarkt", "Gelöst", "Cem Yildiz", "Hilft mir <span class=\"num\">1</span>", "/wissen/neu?quelle=beitrag-2"} {
		if !a.Has(w) {
			t.Errorf("the topic lacks %q:\n%s", w, a.Body)
		}
	}
	if a := k.site.Get(apptest.Cem, topic); a.Has("/wissen/neu") || a.Has("Moderieren") {
		t.Error("a father is offered what only the team may")
	}
	if a := k.site.Post(apptest.Cem, topic+"/geloest", "post", "1"); a.Code != http.StatusNotFound {
		t.Errorf("somebody else says what has helped: %d", a.Code)
	}
	k.done(apptest.Ada, post+"/rueckmeldung", "kind", "helps")
	if n := k.count(`SELECT count(*) FROM room_reaction`); n != 0 {
		t.Errorf("%d reactions after it was taken back", n)
	}
	k.done(apptest.Cem, post+"/bearbeiten", "body", "Auf dem Flohmarkt am Südermarkt.")
	if a := k.site.Get(apptest.Ada, topic); !a.Has("Südermarkt") || !a.Has("geändert") {
		t.Error("a change is not seen")
	}
	if a := k.site.Post(apptest.Ada, post+"/bearbeiten", "body", "Unsinn"); a.Code != http.StatusNotFound {
		t.Errorf("somebody else changes a post: %d", a.Code)
	}
	k.done(apptest.Cem, post+"/entfernen")
	if a := k.site.Get(apptest.Ada, topic); a.Has("Südermarkt") || !a.Has("Er wurde entfernt") || a.Has("Gelöst") {
		t.Error("what its author has removed is still there")
	}
}

func TestNobodyReadsBeforeTheNetiquette(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Wo kauft man die?")
	for _, path := range []string{topic, "/beitrag/1", room + "/neu"} {
		if a := k.site.Get(apptest.Bert, path); a.To != room || a.Has("kauft") {
			t.Errorf("%s before the netiquette: %d %s", path, a.Code, a.To)
		}
	}
	if a := k.site.Get(apptest.Bert, room); a.Has("Fahrradhelme") || !a.Has("Ich halte mich daran") {
		t.Error("the room is open before its netiquette is accepted")
	}
	k.enter(room, apptest.Bert)
	k.rules = "<p>Neu: erst denken.</p>"
	if a := k.site.Get(apptest.Bert, room); !a.Has("erst denken") || a.Has("Fahrradhelme") {
		t.Error("a new netiquette is not shown")
	}
	a := k.site.Post(apptest.Bert, topic+"/antwort", "uid", "x", "body", "Mein langer Text")
	if a.Code != http.StatusUnprocessableEntity || !a.Has("Mein langer Text") || !a.Has("hat sich geändert") {
		t.Errorf("what was typed while the netiquette changed: %d %s", a.Code, main(a.Body))
	}
}

func TestNothingTypedIsLost(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Wo?")
	many := []string{"uid", "m", "body", "Liebe alle"}
	for i := range 10_000 {
		many = append(many, "mention", fmt.Sprint(i))
	}
	long := strings.Repeat("x", maxPost+1)
	k.done(apptest.Hanna, topic+"/massnahme", "kind", "close", "ground", "rules", "reason", "Das Thema ist erledigt.")
	for _, c := range []struct {
		name   string
		path   string
		fields []string
		keeps  string
		says   string
	}{
		{"10,000 mentions", room + "/neu", append(many, "title", "Titel"), "Liebe alle", "höchstens 20 Menschen"},
		{"too long", room + "/neu", []string{"uid", "l", "title", "Titel", "body", long}, long, "höchstens 8000 Zeichen"},
		{"no title", room + "/neu", []string{"uid", "n", "body", "Hallo zusammen"}, "Hallo zusammen", "einen Titel"},
		{"closed meanwhile", topic + "/antwort", []string{"uid", "c", "body", "Mein Rat"}, "Mein Rat", "inzwischen geschlossen"},
		{"somebody who is not here", room + "/neu", []string{"uid", "s", "title", "Titel", "body", "Hallo Rosa", "mention", fmt.Sprint(apptest.Rosa)}, "Hallo Rosa", "schon geschrieben hat"},
	} {
		a := k.site.Do(apptest.Ada, apptest.Upload(c.path, "upload", "", nil, c.fields...)) // as a browser sends it
		if a.Code != http.StatusUnprocessableEntity || !a.Has(c.keeps) || !a.Has(c.says) {
			t.Errorf("%s: %d %.300s", c.name, a.Code, main(a.Body))
		}
	}
	huge := apptest.Upload(room+"/neu", "upload", "", nil, "uid", "h", "title", "Ein Titel bleibt", "body", strings.Repeat("x", 50<<20))
	if a := k.site.Do(apptest.Ada, huge); a.Code != http.StatusUnprocessableEntity || !a.Has("zu groß") || !a.Has("Ein Titel bleibt") {
		t.Errorf("50 MB: %d %.300s", a.Code, main(a.Body))
	}
	if n := k.count(`SELECT count(*) FROM room_post`); n != 1 {
		t.Errorf("%d posts, want the first alone", n)
	}
	k.done(apptest.Ada, room+"/neu", "uid", "twice", "title", "Zweimal", "body", "gesendet")
	k.done(apptest.Ada, room+"/neu", "uid", "twice", "title", "Zweimal", "body", "gesendet")
	if n := k.count(`SELECT count(*) FROM room_topic WHERE title = 'Zweimal'`); n != 1 {
		t.Errorf("the same form made %d topics", n)
	}
}

func TestWhoLosesTheRightLosesTheRoom(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Wo?")
	k.done(apptest.Cem, topic+"/folgen", "on", "1")
	k.sql(`INSERT INTO channel_wish (person, push, mail, quiet_from, quiet_until) VALUES (?, 1, 'now', 0, 0)`, apptest.Cem)
	k.Work(t)
	before := len(k.Post.Sent())
	if before != 1 {
		t.Fatalf("%d mails, want one to Cem about the new topic: %v", before, k.Post.Sent())
	}
	k.answer(apptest.Ada, topic, "Weiß es niemand?")
	k.sql(`UPDATE child_stay SET until = ? WHERE child = ?`, k.Now().Unix(), apptest.Can) // before the mail goes
	k.Work(t)
	if n := len(k.Post.Sent()); n != before {
		t.Errorf("%d mails more to a father whose child has left", n-before)
	}
	for _, path := range []string{room, topic, "/beitrag/1"} {
		if a := k.site.Get(apptest.Cem, path); a.Code < 400 {
			t.Errorf("%s after the child has left: %d", path, a.Code)
		}
	}
	err := k.DB.Read(t.Context(), func(tx *store.Tx) error {
		seen, err := source(k.Now).Seen(tx, who.Viewer{ID: apptest.Cem}, []int64{1})
		if len(seen) != 0 {
			t.Errorf("the search finds %v", seen)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDigest(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Geheimer Text")
	k.answer(apptest.Ada, topic, "Noch ein Text")
	k.answer(apptest.Hanna, topic, "Liebe Ada", "mention", fmt.Sprint(apptest.Ada))
	k.Work(t)
	if n := len(k.Post.Sent()); n != 0 {
		t.Errorf("%d mails before the evening: %v", n, k.Post.Sent())
	}
	k.Clock.Add(12 * time.Hour)
	k.Work(t)
	mails := map[string]string{}
	for _, m := range k.Post.Sent() {
		mails[m.To] += m.Text
	}
	if len(mails) != 2+1 && len(mails) != 2 || !strings.Contains(mails["ada@example.org"], "/beitrag/3") || !strings.Contains(mails["cem@example.org"], "Fahrradhelme") {
		t.Errorf("the mails of the evening: %v", mails)
	}
	for to, m := range mails {
		if strings.Contains(m, "Geheimer") || strings.Contains(m, "Liebe Ada") {
			t.Errorf("the mail to %s has the words of a post, which the house does not allow: %s", to, m)
		}
	}
	k.done(apptest.Cem, room+"/neuigkeiten", "on", "")
	k.topic(apptest.Ada, room, "Zweites", "x")
	k.Work(t)
	if n := k.count(`SELECT count(*) FROM room_news WHERE person = ?`, apptest.Cem); n != 0 {
		t.Error("who has muted a room is told of a new topic")
	}
}

func TestModeration(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Wo?")
	post := k.answer(apptest.Cem, topic, "Nur Dumme fragen so etwas.")
	if a := k.site.Post(apptest.Ada, post+"/melden", "ground", "rules", "words", "kurz"); a.Code != http.StatusUnprocessableEntity || !a.Has("ganzen Satz") {
		t.Errorf("a report without a reason: %d", a.Code)
	}
	k.done(apptest.Ada, post+"/melden", "ground", "rules", "words", "Das beleidigt alle Eltern hier.")
	if a := k.site.Get(apptest.Hanna, room+"/moderation"); !a.Has("beleidigt alle") || strings.Contains(main(a.Body), "Ada") {
		t.Errorf("the moderators read who has reported, or not what: %s", main(a.Body))
	}
	if a := k.site.Get(apptest.Cem, post+"/massnahme"); a.Code != http.StatusForbidden {
		t.Errorf("a father moderates: %d", a.Code)
	}
	if a := k.site.Post(apptest.Hanna, post+"/massnahme", "kind", "hide", "ground", "rules"); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("hidden without a reason: %d", a.Code)
	}
	k.done(apptest.Hanna, post+"/massnahme", "kind", "hide", "ground", "rules", "reason", "Hier wird niemand dumm genannt.")
	if a := k.site.Get(apptest.Ada, topic); a.Has("Nur Dumme") || !a.Has("Vom Team ausgeblendet") {
		t.Error("a hidden post is still read")
	}
	if a := k.site.Get(apptest.Cem, room); !a.Has(`href="/massnahme/1"`) || a.Has("/meldung/") { // also for whoever gets no mail
		t.Errorf("the room does not say what was decided about whom it concerns: %s", main(a.Body))
	}
	if a := k.site.Get(apptest.Ada, room); !a.Has(`href="/meldung/1"`) || a.Has("/massnahme/") {
		t.Errorf("the room does not say what became of a report: %s", main(a.Body))
	}
	k.Work(t)
	told := map[string]string{}
	for _, m := range k.Post.Sent() {
		told[m.To] += m.Text
	}
	if !strings.Contains(told["cem@example.org"], "/massnahme/1") || !strings.Contains(told["ada@example.org"], "/meldung/1") {
		t.Errorf("who was told: %v", told)
	}
	if a := k.site.Get(apptest.Cem, "/massnahme/1"); !a.Has("dumm genannt") || a.Has("Hanna") || !a.Has("mahkemeye") || !a.Has("bildirmişti") {
		t.Errorf("the statement of reasons: %s", main(a.Body))
	}
	if a := k.site.Get(apptest.Ada, "/massnahme/1"); a.Code != http.StatusNotFound {
		t.Errorf("others read what was decided about somebody: %d", a.Code)
	}
	k.done(apptest.Cem, "/massnahme/1/widerspruch", "objection", "Das war doch nur ein Scherz unter Freunden.")
	if a := k.site.Post(apptest.Hanna, "/massnahme/1/antwort", "upheld", "1", "answer", "Ich bleibe natürlich dabei."); a.Code != http.StatusForbidden {
		t.Errorf("who has decided answers the objection: %d", a.Code)
	}
	k.done(apptest.Max, "/massnahme/1/antwort", "upheld", "0", "answer", "Das war erkennbar ein Scherz.")
	if a := k.site.Get(apptest.Ada, topic); !a.Has("Nur Dumme") {
		t.Error("what was taken back is still hidden")
	}
	if a := k.site.Get(apptest.Cem, "/massnahme/1"); !a.Has("Karar geri alındı.") || a.Has("Max") {
		t.Errorf("the answer: %s", main(a.Body))
	}
	if a := k.site.Get(apptest.Hanna, room+"/moderation"); !a.Has("Zurückgenommen") || !a.Has("Hanna Leitung") {
		t.Error("the log lacks what was done")
	}
}

// A title is among the words of the first post: it goes with them.
func TestTitlesGoWithTheirPost(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	topic := k.topic(apptest.Cem, room, "Lauter Dumme hier", "Ihr seid dumm.")
	k.answer(apptest.Ada, topic, "Bitte nicht so.")
	k.done(apptest.Hanna, "/beitrag/1/massnahme", "kind", "hide", "ground", "rules", "reason", "Hier wird niemand dumm genannt.")
	for _, path := range []string{room, topic} {
		if a := k.site.Get(apptest.Ada, path); a.Has("Lauter Dumme") {
			t.Errorf("%s shows the title of a hidden post", path)
		}
	}
	if err := k.DB.Read(t.Context(), func(tx *store.Tx) error {
		found, err := docs(tx, []int64{1})
		if len(found) != 1 || strings.Contains(found[0].Title, "Dumme") {
			t.Errorf("the search finds %+v", found)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []int64{apptest.Cem, apptest.Hanna} {
		if a := k.site.Get(p, room); !a.Has("Lauter Dumme") {
			t.Errorf("person %d no longer knows what it is about", p)
		}
	}
	k.done(apptest.Hanna, "/beitrag/1/massnahme", "kind", "show")
	if a := k.site.Get(apptest.Ada, room); !a.Has("Lauter Dumme") {
		t.Error("what is shown again has no title")
	}
	k.done(apptest.Cem, "/beitrag/1/entfernen")
	if n := k.count(`SELECT count(*) FROM room_topic WHERE title LIKE '%Dumme%'`); n != 0 {
		t.Error("a title is left of a post that its author has removed")
	}
}

func TestWhoOpensForWhom(t *testing.T) {
	k := newTalk(t)
	if a := k.site.Get(apptest.Olga, "/raeume/neu"); !a.Has("Kita Sonnenblume") || !a.Has("Kita Regenbogen") || a.Has(`value="parent"`) {
		t.Errorf("the office cannot choose among the facilities of all carriers, or can choose parents: %s", main(a.Body))
	}
	if a := k.site.Post(apptest.Olga, "/raeume/neu", "unit", fmt.Sprint(apptest.City), "kind", "open", "audience", fmt.Sprint(apptest.City), "role", "parent", "name", "Alle Eltern", "keep", "365"); a.Code != http.StatusUnprocessableEntity || !a.Has("öffnet eine Einrichtung") {
		t.Errorf("an office opens a room for parents: %d", a.Code)
	}
}

func TestHeadsAcrossCarriers(t *testing.T) {
	k := newTalk(t)
	room := k.done(apptest.Olga, "/raeume/neu", "unit", fmt.Sprint(apptest.City), "kind", "open", "audience", fmt.Sprint(apptest.City), "role", "heads", "name", "Leitungen aller Kitas", "keep", "365")
	k.enter(room, apptest.Hanna, apptest.Rosa)
	topic := k.topic(apptest.Hanna, room, "Personalnot", "Wie macht ihr das?")
	post := k.answer(apptest.Rosa, topic, "Wir [teilen](https://example.org) Springer.")
	for _, p := range []int64{apptest.Ada, apptest.Stefan, apptest.Dana} {
		if a := k.site.Get(p, room); a.Code != http.StatusNotFound {
			t.Errorf("person %d is in the room of the heads: %d", p, a.Code)
		}
	}
	pass := Passed(k.Now)
	err := k.DB.Write(t.Context(), func(tx *store.Tx) error {
		ref := strings.Replace(post, "/beitrag/", passKind, 1)
		s, err := pass.Begin(tx, who.Viewer{ID: apptest.Hanna}, ref)
		if err != nil || s.Title != "Personalnot" || !strings.Contains(s.Body, "Springer") || !strings.Contains(s.Body, "("+post+")") || strings.Contains(s.Body, "Rosa") {
			t.Errorf("the page begins with %+v, %v", s, err)
		}
		if _, err := pass.Begin(tx, who.Viewer{ID: apptest.Ada}, ref); err == nil {
			t.Error("somebody who is not in the room takes its words")
		}
		if _, err := pass.Begin(tx, who.Viewer{ID: apptest.Hanna}, strings.TrimPrefix(ref, passKind)); err == nil {
			t.Error("what another feature passes on is taken for a post")
		}
		return pass.Made(tx, who.Viewer{ID: apptest.Hanna}, ref, 77)
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := k.site.Get(apptest.Rosa, topic); !a.Has(`href="/seite/77"`) {
		t.Error("the post does not lead to its page")
	}
	if a := k.site.Post(apptest.Ada, "/raeume/neu", "unit", "4", "name", "x"); a.Code != http.StatusForbidden {
		t.Errorf("a mother opens a room: %d", a.Code)
	}
	if a := k.site.Post(apptest.Hanna, "/raeume/neu", "unit", "8", "kind", "open", "audience", "8", "role", "parent", "name", "x", "keep", "365"); a.Code != http.StatusNotFound {
		t.Errorf("a head opens a room elsewhere: %d", a.Code)
	}
	council := k.done(apptest.Chair, "/raeume/neu", "unit", fmt.Sprint(apptest.Council), "kind", "open", "audience", fmt.Sprint(apptest.Council), "role", "council", "name", "Beirat", "keep", "365")
	if a := k.site.Get(apptest.Hanna, council); a.Code != http.StatusNotFound {
		t.Errorf("the head reads along in the council: %d", a.Code)
	}
}

func TestRetention(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	k.done(apptest.Hanna, room+"/einstellungen", "name", "Kurz", "keep", "90")
	topic := k.topic(apptest.Ada, room, "Altes", "x")
	x, err := k.Files.Receive(t.Context(), apptest.Ada, "Plan.txt", strings.NewReader("Plan"))
	if err != nil {
		t.Fatal(err)
	}
	k.answer(apptest.Ada, topic, "Mit Anhang", "file", fmt.Sprint(x.ID))
	k.Clock.Add(60 * 24 * time.Hour)
	k.topic(apptest.Ada, room, "Neues", "x")
	k.Clock.Add(31 * 24 * time.Hour)
	if err := clean(k.House.House)(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := k.count(`SELECT count(*) FROM room_topic WHERE title = 'Altes'`) + k.count(`SELECT count(*) FROM file`); n != 0 {
		t.Errorf("%d traces of a topic whose time is over", n)
	}
	if n := k.count(`SELECT count(*) FROM room_topic WHERE title = 'Neues'`); n != 1 {
		t.Error("a topic in which somebody has written lately is gone")
	}
}

func TestFilesOfAPost(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	x, err := k.Files.Receive(t.Context(), apptest.Cem, "Plan.txt", strings.NewReader("Plan"))
	if err != nil {
		t.Fatal(err)
	}
	topic := k.topic(apptest.Ada, room, "Plan", "Hat ihn jemand?")
	k.answer(apptest.Cem, topic, "Hier", "file", fmt.Sprint(x.ID))
	if a := k.site.Get(apptest.Ada, topic); !a.Has(fmt.Sprintf("/datei/%d", x.ID)) {
		t.Error("the file is not offered")
	}
}

func TestSkeleton(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"Leitung", "Ｌeitung"}, {"Leitung", "LEITUNG"}, {"Leitung", "Lеitung"}, {"Ali", "A l i"}, {"Ali", "Al1"}, {"Jürgen", "Jurgen"}, {"modern", "modem"}, {"Ħanna", "Hanna"}, {"Œuf", "Oeuf"}, {"o0o", "ooo"},
	} {
		if text.Skeleton(c.a) != text.Skeleton(c.b) {
			t.Errorf("%q and %q look alike, but are %q and %q", c.a, c.b, text.Skeleton(c.a), text.Skeleton(c.b))
		}
	}
	if text.Skeleton("Mila") == text.Skeleton("Mara") {
		t.Error("different names look alike")
	}
}
