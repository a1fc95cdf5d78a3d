package room

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// refused is a form that somebody may not send.
func (k *talk) refused(person int64, status int, path string, fields ...string) {
	k.Helper()
	if a := k.site.Post(person, path, fields...); a.Code != status {
		k.Errorf("%s as %d: %d %s, want %d", path, person, a.Code, a.To, status)
	}
}

func TestWhoMayNotOpen(t *testing.T) {
	k := newTalk(t)
	plan := func(unit, audience int64, role string) []string {
		return []string{"unit", fmt.Sprint(unit), "kind", "open", "audience", fmt.Sprint(audience), "role", role, "name", "x", "keep", "365"}
	}
	for name, c := range map[string]struct {
		person, unit, audience int64
		role                   string
	}{
		"elsewhere":                  {apptest.Hanna, apptest.Regenbogen, apptest.Sonne, "parent"},
		"for parents elsewhere":      {apptest.Hanna, apptest.Sonne, apptest.Regenbogen, "parent"},
		"for a council, as its head": {apptest.Hanna, apptest.Council, apptest.Council, "council"},
		"at a facility, as a chair":  {apptest.Chair, apptest.Sonne, apptest.Council, "council"},
		"for others, as a chair":     {apptest.Chair, apptest.Council, apptest.Sonne, "council"},
	} {
		t.Run(name, func(t *testing.T) {
			k.refused(c.person, http.StatusNotFound, "/raeume/neu", plan(c.unit, c.audience, c.role)...)
		})
	}
	if n := k.count(`SELECT count(*) FROM room`); n != 0 {
		t.Errorf("%d rooms were opened", n)
	}
	k.sql(`UPDATE unit SET until = ? WHERE id = ?`, k.Now().Unix(), apptest.Sonne)
	k.refused(apptest.Max, http.StatusNotFound, "/raeume/neu", plan(apptest.Sonne, apptest.CarrierA, "team")...)
	if a := k.site.Get(apptest.Max, "/raeume/neu"); a.Code != http.StatusOK || a.Has("Sonnenblume") {
		t.Errorf("a facility that has ended is offered: %d", a.Code)
	}
}

// In a room that others lead, a head is one who talks.
func TestWhoDoesNotModerate(t *testing.T) {
	k := newTalk(t)
	room := k.done(apptest.Olga, "/raeume/neu", "unit", fmt.Sprint(apptest.City), "kind", "open", "audience", fmt.Sprint(apptest.City), "role", "heads", "name", "Leitungen", "keep", "365")
	k.enter(room, apptest.Hanna, apptest.Rosa)
	topic := k.topic(apptest.Hanna, room, "Personalnot", "Wie macht ihr das?")
	post := k.answer(apptest.Hanna, topic, "Niemand?")
	k.refused(apptest.Rosa, http.StatusNotFound, topic+"/oben", "on", "1")
	k.refused(apptest.Rosa, http.StatusNotFound, post+"/massnahme", "kind", "hide", "ground", "rules", "reason", "Das gefällt mir nicht.")
	k.refused(apptest.Rosa, http.StatusNotFound, topic+"/massnahme", "kind", "close", "ground", "rules", "reason", "Das gefällt mir nicht.")
	if n := k.count(`SELECT count(*) FROM room_action`) + k.count(`SELECT count(*) FROM room_topic WHERE pinned`); n != 0 {
		t.Errorf("%d things were done by somebody who does not moderate", n)
	}
}

func TestOwnMattersAreJudgedByOthers(t *testing.T) {
	k := newTalk(t)
	room := k.parents()
	k.enter(room, apptest.Max)
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Wo?")
	post := k.answer(apptest.Hanna, topic, "Suchen Sie doch selbst.")
	k.done(apptest.Max, post+"/massnahme", "kind", "hide", "ground", "rules", "reason", "So sprechen wir hier nicht miteinander.")
	k.refused(apptest.Max, http.StatusNotFound, "/massnahme/1/widerspruch", "objection", "Ich spreche hier einfach für sie.")
	k.done(apptest.Hanna, "/massnahme/1/widerspruch", "objection", "Das war freundlicher gemeint, als es klingt.")
	if a := k.site.Get(apptest.Hanna, "/massnahme/1"); a.Has(`/massnahme/1/antwort`) {
		t.Error("one is asked to answer one's own objection")
	}
	k.refused(apptest.Hanna, http.StatusForbidden, "/massnahme/1/antwort", "upheld", "0", "answer", "Ich gebe mir selbst recht.")
}

// What is hidden, or waits to be released, is there for its author and for moderators only, in every way to it.
func TestWhatIsNotShown(t *testing.T) {
	k := newTalk(t)
	room := k.parents("review", "1")
	waits := k.topic(apptest.Ada, room, "Wartet", "Noch nicht freigegeben")
	if a := k.site.Get(apptest.Cem, waits); a.Code != http.StatusNotFound {
		t.Errorf("a topic that waits is shown: %d %s", a.Code, main(a.Body))
	}
	topic := k.topic(apptest.Hanna, room, "Plan", "Hat ihn jemand?")
	other := k.topic(apptest.Hanna, room, "Anderes", "x")
	x, err := k.Files.Receive(t.Context(), apptest.Ada, "Plan.txt", strings.NewReader("Plan"))
	if err != nil {
		t.Fatal(err)
	}
	post := k.answer(apptest.Ada, topic, "Hier", "file", fmt.Sprint(x.ID))
	for _, path := range []string{post, post + "/melden"} {
		if a := k.site.Get(apptest.Cem, path); a.Code != http.StatusNotFound {
			t.Errorf("%s, which waits: %d", path, a.Code)
		}
	}
	id := strings.TrimPrefix(post, "/beitrag/")
	f := &feature{House: k.House.House, of: k.pages}
	sees := func(person int64) error {
		return k.DB.Read(t.Context(), func(tx *store.Tx) error {
			ref := int64(k.count(`SELECT max(id) FROM room_post`))
			return f.sees(tx, who.Viewer{ID: person}, files.File{Ref: ref})
		})
	}
	if sees(apptest.Cem) == nil {
		t.Error("the file of a post that waits is handed out")
	}
	k.done(apptest.Hanna, post+"/massnahme", "kind", "release")
	k.refused(apptest.Hanna, http.StatusNotFound, other+"/geloest", "post", id)
	k.done(apptest.Hanna, topic+"/geloest", "post", id)
	k.done(apptest.Cem, post+"/rueckmeldung", "kind", "thanks")
	k.done(apptest.Hanna, post+"/massnahme", "kind", "hide", "ground", "rules", "reason", "Der Plan ist nicht für alle.")
	k.refused(apptest.Cem, http.StatusNotFound, post+"/rueckmeldung", "kind", "agree")
	k.refused(apptest.Hanna, http.StatusNotFound, topic+"/geloest", "post", id)
	if sees(apptest.Cem) == nil {
		t.Error("the file of a hidden post is handed out")
	}
}

// A mail that waits says nothing any more once somebody else has dealt with it.
func TestNobodyIsAskedInVain(t *testing.T) {
	k := newTalk(t)
	k.sql(`INSERT INTO account_mail (mail, person, verified) VALUES ('max@example.org', ?, 1)`, apptest.Max)
	k.sql(`INSERT INTO channel_wish (person, push, mail, quiet_from, quiet_until) VALUES (?, 1, 'now', 0, 0)`, apptest.Max)
	room := k.parents()
	k.enter(room, apptest.Max)
	topic := k.topic(apptest.Ada, room, "Fahrradhelme", "Wo?")
	post := k.answer(apptest.Cem, topic, "Nur Dumme fragen so etwas.")
	asked := func() (n int) {
		k.Work(t)
		for _, m := range k.Post.Sent() {
			if m.To != "ada@example.org" && m.To != "cem@example.org" && (strings.Contains(m.Text, "/moderation") || strings.Contains(m.Text, "/massnahme/")) {
				n++
			}
		}
		return n
	}
	k.done(apptest.Ada, post+"/melden", "ground", "rules", "words", "Das beleidigt alle Eltern hier.")
	k.done(apptest.Hanna, post+"/massnahme", "kind", "hide", "ground", "rules", "reason", "Hier wird niemand dumm genannt.")
	if n := asked(); n != 0 {
		t.Errorf("%d mails about a report that is dealt with: %v", n, k.Post.Sent())
	}
	k.done(apptest.Cem, "/massnahme/1/widerspruch", "objection", "Das war doch nur ein Scherz unter Freunden.")
	k.done(apptest.Max, "/massnahme/1/antwort", "upheld", "1", "answer", "So sprechen wir hier nicht.")
	if n := asked(); n != 0 {
		t.Errorf("%d mails about an objection that is answered: %v", n, k.Post.Sent())
	}
	k.Clock.Add(12 * time.Hour) // and nobody in the evening
	if n := asked(); n != 0 {
		t.Errorf("%d mails in the evening: %v", n, k.Post.Sent())
	}
	again := k.answer(apptest.Cem, topic, "Wirklich nur Dumme.")
	k.done(apptest.Ada, again+"/melden", "ground", "rules", "words", "Das beleidigt alle Eltern hier.")
	if n := asked(); n != 1 {
		t.Errorf("%d mails about a report that waits, want 1: %v", n, k.Post.Sent())
	}
	// Who is only a mother in the room by then is not asked any more.
	k.done(apptest.Cem, k.answer(apptest.Ada, topic, "Selber.")+"/melden", "ground", "rules", "words", "Das beleidigt mich.")
	k.sql(`UPDATE membership SET until = ? WHERE person = ?`, k.Now().Unix(), apptest.Hanna)
	k.sql(`UPDATE guardian SET person = ?, mail = 'hanna@example.org' WHERE person = ?`, apptest.Hanna, apptest.Dana)
	if n := asked(); n != 1 {
		t.Errorf("%d mails, one of them to a mother: %v", n, k.Post.Sent())
	}
	if a := k.site.Get(apptest.Hanna, topic); a.Code != http.StatusOK {
		t.Errorf("the mother at the topic: %d", a.Code)
	}
}
