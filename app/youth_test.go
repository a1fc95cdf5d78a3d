package app

import (
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/room"
	"nestfunk/app/feature/youth"
)

// A lounge is a house with rooms and their door for young people, and nothing else.
type lounge struct {
	*testing.T
	*apptest.House
	site        *apptest.Site
	room, youth house.Feature
	n           int
}

func newLounge(t *testing.T) *lounge {
	t.Helper()
	k := &lounge{T: t, House: apptest.New(t)}
	log := func(*store.Tx, time.Time, int64, string, int64) error { return nil }
	behind := hall(k.House.House)
	k.room = room.New(k.House.House, log, room.Pages{
		Rules:  func(*store.Tx) (template.HTML, error) { return "", nil },
		Titles: func(*store.Tx, who.Viewer, []int64) (map[int64]string, error) { return nil, nil },
	}, youth.Dismissing(k.House.House, behind))
	k.youth = youth.New(k.House.House, log, behind)
	k.site = k.Serve(t, k.room, k.youth)
	return k
}

func (k *lounge) sql(query string, args ...any) {
	k.Helper()
	if err := k.DB.Write(k.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		k.Fatal(err)
	}
}

func (k *lounge) count(query string, args ...any) (n int) {
	k.Helper()
	if err := k.DB.Read(k.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], query, args...)
		return err
	}); err != nil {
		k.Fatal(err)
	}
	return n
}

// clean does what comes back each night.
func (k *lounge) clean() {
	k.Helper()
	for _, f := range []house.Feature{k.room, k.youth} {
		for _, j := range f.Jobs {
			if !strings.HasSuffix(j.Kind, ".clean") {
				continue
			}
			if err := j.Run(k.Context(), 0, ""); err != nil {
				k.Fatal(err)
			}
		}
	}
}

// done is a form that has to succeed; it returns where that leads.
func (k *lounge) done(person int64, path string, fields ...string) string {
	k.Helper()
	a := k.site.Post(person, path, fields...)
	if a.Code != http.StatusSeeOther {
		k.Fatalf("%s as %d: %d %s", path, person, a.Code, said(a.Body))
	}
	return a.To
}

// enter has people accept the netiquette of a room.
func (k *lounge) enter(room string, people ...int64) {
	k.Helper()
	for _, p := range people {
		m := regexp.MustCompile(`name="version" value="(\w+)"`).FindStringSubmatch(k.site.Get(p, room).Body)
		if m == nil {
			k.Fatalf("%s shows %d no netiquette", room, p)
		}
		k.done(p, room+"/netiquette", "version", m[1])
	}
}

func (k *lounge) topic(person int64, room, title, body string) string {
	k.Helper()
	k.n++
	return k.done(person, room+"/neu", "uid", fmt.Sprint("t", k.n), "title", title, "body", body)
}

func (k *lounge) answer(person int64, topic, body string) {
	k.Helper()
	k.n++
	k.done(person, topic+"/antwort", "uid", fmt.Sprint("t", k.n), "body", body)
}

// hall opens a youth room at Sonne and returns it and a code.
func (k *lounge) hall(fields ...string) (room, code string) {
	k.Helper()
	room = k.done(apptest.Hanna, "/raeume/neu", append([]string{"unit", fmt.Sprint(apptest.Sonne), "kind", "youth", "name", "Jugendtreff Süd", "hours", "Mo–Fr 14–20 Uhr"}, fields...)...)
	k.enter(room, apptest.Hanna)
	return room, k.code(room, "2")
}

func (k *lounge) code(room, uses string) string {
	k.Helper()
	k.done(apptest.Hanna, room+"/code", "uses", uses, "days", "7")
	m := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(k.site.Get(apptest.Hanna, room+"/jugend").Body)
	if m == "" {
		k.Fatal("the code is not shown")
	}
	if k.site.Get(apptest.Hanna, room+"/jugend").Has(m) {
		k.Error("the code is shown twice")
	}
	return m
}

// join comes in with a browser of its own, and returns its person and the six words.
func (k *lounge) join(room, code, alias string) (person int64, words string) {
	k.Helper()
	delete(k.site.Cookies, apptest.Nobody)
	to := k.done(apptest.Nobody, "/jugend", "code", code, "alias", alias)
	a := k.site.Get(apptest.Nobody, to)
	m := regexp.MustCompile(`big-number[^>]*>([^<]+)<`).FindStringSubmatch(a.Body)
	if m == nil {
		k.Fatalf("no words: %s", said(a.Body))
	}
	person = int64(k.count(`SELECT person FROM youth_alias WHERE alias = ?`, alias))
	k.enter(room, person)
	return person, m[1]
}

func TestYouthRoom(t *testing.T) {
	k := newLounge(t)
	room, code := k.hall()
	lena, words := k.join(room, strings.ToLower(code), "Falke 7")
	tom, _ := k.join(room, code, "Otter")
	if a := k.site.Post(apptest.Nobody, "/jugend", "code", code, "alias", "Dritter"); a.Code == http.StatusSeeOther {
		t.Error("a code for two lets a third in")
	}
	topic := k.topic(lena, room, "Tischtennis", "Wer spielt?")
	k.answer(tom, topic, "Ich!")
	for _, path := range []string{room, topic, room + "/neu", "/beitrag/1/bearbeiten", room + "/verlassen", "/beitrag/2/melden"} {
		if a := k.site.Get(lena, path); !a.Has("116 111") || !a.Has("116 123") || !a.Has(">112<") || !a.Has("Mo–Fr 14–20 Uhr") {
			t.Errorf("%s lacks the numbers or the hours: %d", path, a.Code)
		}
	}
	if a := k.site.Get(tom, topic); !a.Has("Falke 7") {
		t.Error("the alias is not shown")
	}
	if a := k.site.Get(apptest.Hanna, room+"/jugend"); !a.Has("Falke 7") || a.Has("@") {
		t.Errorf("the team's list: %s", said(a.Body))
	}
	for table, n := range map[string]int{"account_mail WHERE person > 17": 0, "room_news": 0, "sms_message": 0} {
		if got := k.count(`SELECT count(*) FROM ` + table); got != n {
			t.Errorf("%d rows of %s", got, table)
		}
	}
	for _, path := range []string{"/raum/99", "/raeume/neu", room + "/moderation", room + "/jugend"} {
		if a := k.site.Get(lena, path); a.Code < 400 {
			t.Errorf("a young person sees %s", path)
		}
	}
	k.Work(t)
	for _, m := range k.Post.Sent() {
		if strings.Contains(m.Text, "Wer spielt") || strings.Contains(m.Text, "Tischtennis") {
			t.Errorf("a mail has words of a youth room: %s", m.Text)
		}
	}
	if err := k.DB.Read(t.Context(), func(tx *store.Tx) error {
		found, err := k.room.Search[0].Docs(tx, []int64{1})
		if len(found) != 0 {
			t.Errorf("the search finds %v", found)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	delete(k.site.Cookies, apptest.Nobody)
	if a := k.site.Post(apptest.Nobody, "/jugend/zurueck", "words", "apfel apfel apfel apfel apfel apfel"); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("wrong words: %d", a.Code)
	}
	k.done(apptest.Nobody, "/jugend/zurueck", "words", " "+strings.ToUpper(words)+" ")
	if a := k.site.Get(apptest.Nobody, topic); !a.Has("Wer spielt?") || !a.Has("/beitrag/1/bearbeiten") {
		t.Error("the words do not lead back")
	}
	k.done(lena, room+"/verlassen", "what", "delete")
	if a := k.site.Get(tom, topic); a.Has("Wer spielt") || a.Has("Falke") {
		t.Error("what was to be deleted at once is still there")
	}
	if n := k.count(`SELECT count(*) FROM person WHERE id = ?`, lena) + k.count(`SELECT count(*) FROM membership WHERE person = ?`, lena) + k.count(`SELECT count(*) FROM session WHERE person = ?`, lena); n != 0 {
		t.Errorf("%d rows are left of who has gone", n)
	}
	k.Clock.Add(91 * 24 * time.Hour)
	k.clean()
	for _, q := range []string{`SELECT count(*) FROM room_post`, `SELECT count(*) FROM room_topic`, `SELECT count(*) FROM youth_alias`, `SELECT count(*) FROM youth_code`,
		`SELECT count(*) FROM person WHERE id > 17`, `SELECT count(*) FROM membership WHERE role = 9`} {
		if n := k.count(q); n != 0 {
			t.Errorf("%s: %d after 90 days", q, n)
		}
	}
}

// After 90 days the words are gone, also the title of a topic that goes on; who still reads is not forgotten.
func TestNinetyDays(t *testing.T) {
	k := newLounge(t)
	room, code := k.hall()
	lena, _ := k.join(room, code, "Falke")
	tom, _ := k.join(room, code, "Otter")
	topic := k.topic(lena, room, "Mein Geheimnis", "Psst")
	k.Clock.Add(60 * 24 * time.Hour)
	k.answer(lena, topic, "Noch da?")
	k.Clock.Add(31 * 24 * time.Hour)
	k.sql(`UPDATE session SET seen = ? WHERE person = ?`, k.Now().Unix(), tom) // who has read all the time
	k.clean()
	if a := k.site.Get(lena, topic); a.Has("Mein Geheimnis") || a.Has("Psst") || !a.Has("Noch da?") {
		t.Errorf("after 90 days: %s", said(a.Body))
	}
	if n := k.count(`SELECT count(*) FROM youth_alias`); n != 2 {
		t.Errorf("%d young people, want both", n)
	}
	k.Clock.Add(91 * 24 * time.Hour)
	k.clean()
	if n := k.count(`SELECT count(*) FROM youth_alias`); n != 0 {
		t.Errorf("%d young people are still known", n)
	}
}

func TestYouthBeforePublication(t *testing.T) {
	k := newLounge(t)
	room, code := k.hall("review", "1", "consent", "1")
	lena, _ := k.join(room, code, "Falke")
	tom, _ := k.join(room, code, "Otter")
	if a := k.site.Get(lena, room); !a.Has("16 oder älter") || a.Has(room+"/neu\"") {
		t.Errorf("who may not write yet is not told so: %s", said(a.Body))
	}
	if a := k.site.Post(lena, room+"/neu", "uid", "a", "title", "Hallo", "body", "Mein Text"); a.Code != http.StatusUnprocessableEntity || !a.Has("Mein Text") {
		t.Errorf("wrote before the team has noted the age: %d", a.Code)
	}
	k.done(apptest.Hanna, room+"/alter", "person", fmt.Sprint(lena), "age", "under")
	if a := k.site.Post(lena, room+"/neu", "uid", "b", "title", "Hallo", "body", "Mein Text"); a.Code != http.StatusUnprocessableEntity || !a.Has("Eltern zugestimmt") {
		t.Errorf("wrote without consent: %d", a.Code)
	}
	k.done(apptest.Hanna, room+"/alter", "person", fmt.Sprint(lena), "age", "under", "consent", "1")
	k.done(apptest.Hanna, room+"/alter", "person", fmt.Sprint(tom), "age", "over")
	topic := k.topic(lena, room, "Ausflug", "Wohin?")
	if a := k.site.Get(tom, topic); a.Code != http.StatusNotFound {
		t.Errorf("what waits is read by others: %d", a.Code)
	}
	if a := k.site.Get(tom, room); a.Has("Ausflug") {
		t.Error("the title of what waits is read by others")
	}
	if a := k.site.Get(lena, topic); !a.Has("Wartet auf das Team") {
		t.Error("the author does not see that it waits")
	}
	k.done(apptest.Hanna, "/beitrag/1/massnahme", "kind", "release")
	if a := k.site.Get(tom, topic); !a.Has("Wohin?") {
		t.Errorf("what was released is not read: %d", a.Code)
	}
	k.done(lena, "/beitrag/1/bearbeiten", "body", "Etwas ganz anderes")
	if a := k.site.Get(tom, topic); a.Has("ganz anderes") {
		t.Error("a change after the release is read at once")
	}
	x, err := k.Files.Receive(t.Context(), tom, "Bild.txt", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	if a := k.site.Post(tom, room+"/neu", "uid", "f", "title", "Bild", "body", "Seht her", "file", fmt.Sprint(x.ID)); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a young person attaches a file: %d", a.Code)
	}
	if a := k.site.Post(apptest.Hanna, room+"/entlassen", "person", fmt.Sprint(apptest.Ada)); a.Code != http.StatusNotFound {
		t.Errorf("somebody is dismissed who is not in the room: %d", a.Code)
	}
	k.done(apptest.Hanna, room+"/entlassen", "person", fmt.Sprint(tom))
	if a := k.site.Get(tom, room); a.Code == http.StatusOK {
		t.Error("who was dismissed is still in")
	}
}

func TestYouthCodesCannotBeGuessed(t *testing.T) {
	k := newLounge(t)
	_, code := k.hall()
	last := 0
	for range 25 {
		a := k.site.Post(apptest.Nobody, "/jugend", "code", "0000-0000", "alias", "Falke")
		last = a.Code
		if !a.Has(`value="Falke"`) {
			t.Fatal("the name that was typed is lost")
		}
	}
	if a := k.site.Post(apptest.Nobody, "/jugend", "code", code, "alias", "Falke"); last != http.StatusUnprocessableEntity || !a.Has("zu viele Versuche") {
		t.Errorf("25 guesses, and then: %d %s", a.Code, said(a.Body))
	}
	k.Clock.Add(8 * 24 * time.Hour)
	if a := k.site.Post(apptest.Nobody, "/jugend", "code", code, "alias", "Falke"); !a.Has("gilt nicht oder nicht mehr") {
		t.Errorf("a code that has run out: %s", said(a.Body))
	}
	if a := k.site.Post(apptest.Ada, "/jugend", "code", code, "alias", "Falke"); !a.Has("erst abmelden") {
		t.Errorf("a mother comes in under an alias: %s", said(a.Body))
	}
}

// An alias looks like no other in the room.
func TestAliasesDiffer(t *testing.T) {
	k := newLounge(t)
	room, code := k.hall()
	k.join(room, code, "Falke")
	delete(k.site.Cookies, apptest.Nobody)
	if a := k.site.Post(apptest.Nobody, "/jugend", "code", code, "alias", "FaIke"); !a.Has("ganz ähnlich") {
		t.Errorf("a name that looks like another: %s", said(a.Body))
	}
}
