package meeting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// in runs f in a transaction that may write.
func (c *council) in(f func(tx *store.Tx) error) {
	c.t.Helper()
	if err := c.h.DB.Write(c.t.Context(), f); err != nil {
		c.t.Fatal(err)
	}
}

// agenda is that of a meeting as a person may read it: "1 Begrüßung|2 …".
func (c *council) agenda(meeting, person int64) string {
	c.t.Helper()
	var all []string
	c.in(func(tx *store.Tx) error {
		list, err := Items(tx, meeting, who.Viewer{ID: person}, c.h.Now())
		for _, i := range list {
			all = append(all, i.Number+" "+i.Title)
		}
		return err
	})
	return strings.Join(all, "|")
}

// vera is the chair as a viewer.
var vera = who.Viewer{ID: apptest.Chair, Given: "Vera"}

// TestAgenda: items go up and down, below others and off; numbers follow.
func TestAgenda(t *testing.T) {
	c := newCouncil(t, Wires{Open: func(_ *store.Tx, unit int64) ([]Carried, error) {
		return []Carried{{Title: "Beamer kaufen", Note: "Dana", Path: "/aufgabe/1"}}, nil
	}})
	at := c.made()
	do := func(fields ...string) { t.Helper(); c.posts(apptest.Chair, at+"/tagesordnung", 303, fields...) }
	do("do", "neu", "title", "Sommerfest", "public", "1")
	do("do", "neu", "title", "Zelt")
	if got := c.agenda(1, apptest.Chair); got != "1 Begrüßung|2 Feststellung der Beschlussfähigkeit|3 Genehmigung der Tagesordnung|4 Genehmigung des Protokolls|5 Stand der Aufgaben|6 Sommerfest|7 Zelt|8 Verschiedenes" {
		t.Error(got)
	}
	do("do", "einruecken", "item", "8")                                            // Zelt below Sommerfest
	do("do", "hoch", "item", "7")                                                  // Sommerfest before the tasks: the tent stays below what is before it
	do("do", "entfernen", "item", "2")                                             // no quorum
	do("do", "sortieren", "order", "1", "order", "4", "order", "99", "order", "1") // dragged; what is not named follows
	if got, want := c.agenda(1, apptest.Chair), "1 Begrüßung|2 Genehmigung des Protokolls|3 Genehmigung der Tagesordnung|4 Sommerfest|5 Stand der Aufgaben|5.1 Zelt|6 Verschiedenes"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	do("do", "ausruecken", "item", "8")
	c.sees(apptest.Ada, at, true, "Beamer kaufen", "/aufgabe/1")
	c.posts(apptest.Chair, at+"/tagesordnung", 400, "do", "tanzen")
	c.posts(apptest.Chair, at+"/tagesordnung", 404, "do", "hoch", "item", "99")
	c.posts(apptest.Ada, at+"/tagesordnung", 403, "do", "hoch", "item", "1")
	c.posts(apptest.Chair, at+"/einladen", 303)
	if got, want := c.agenda(1, apptest.Hanna), "1 Begrüßung|2 Genehmigung des Protokolls|3 Genehmigung der Tagesordnung|4 Sommerfest|7 Verschiedenes"; got != want {
		t.Errorf("outside: %s\nwant %s", got, want)
	}
	c.sees(apptest.Hanna, at, false, "Beamer")

	// what an item has, and its files: they are seen as it is
	a := c.Upload(apptest.Chair, "/tagesordnungspunkt/8", "upload", "angebot.txt", []byte("Zeltverleih Jensen"), "title", "Zelt", "body", "Zwei *Angebote*", "length", "20")
	if a.Code != 303 {
		t.Fatalf("%d %s", a.Code, words(a.Body))
	}
	c.sees(apptest.Ada, at, true, "Zwei <em>Angebote</em>", "angebot.txt", "20 Minuten")
	c.sees(apptest.Chair, "/tagesordnungspunkt/8", true, "angebot.txt", "Zwei *Angebote*")
	sees := New(c.h.House, Wires{}).Sees
	c.in(func(tx *store.Tx) error {
		all, err := files.Of(tx, owner, 8)
		if err != nil || len(all) != 1 {
			t.Fatalf("%v %v", all, err)
		}
		for person, want := range map[int64]fault.Kind{apptest.Ada: fault.Internal, apptest.Hanna: fault.NotFound, apptest.Rosa: fault.NotFound} {
			if err := sees(tx, who.Viewer{ID: person}, all[0]); err == nil != (want == fault.Internal) || err != nil && fault.KindOf(err) != want {
				t.Errorf("%d: %v", person, err)
			}
		}
		return nil
	})
	c.posts(apptest.Chair, "/tagesordnungspunkt/8", 422, "title", "", "body", "bleibt stehen", "length", "viele")
	c.posts(apptest.Chair, "/tagesordnungspunkt/8", 303, "title", "Zelt", "public", "1") // without the file
	c.sees(apptest.Hanna, at, true, "Zelt")
	c.sees(apptest.Chair, at, false, "angebot.txt")
	c.gets(apptest.Hanna, "/tagesordnungspunkt/8", 403)
	c.gets(apptest.Ada, "/tagesordnungspunkt/8", 403)
}

// TestProposals: members propose, those who lead decide, and the proposer is told why.
func TestProposals(t *testing.T) {
	c := newCouncil(t, Wires{})
	n := 0
	at := c.made()
	uid := newUID()
	for range 2 { // the same form twice
		c.posts(apptest.Ada, "/vorschlaege/neu", 303, "uid", uid, "unit", "10", "title", "Zebrastreifen", "body", "Vor dem Tor", "public", "1")
	}
	c.posts(apptest.Dana, "/vorschlaege/neu", 303, "unit", "10", "title", "Kuchen")
	c.posts(apptest.Ada, "/vorschlaege/neu", 303, "unit", "10", "title", "Karneval")
	c.posts(apptest.Ada, "/vorschlaege/neu", 422, "unit", "10", "title", "")
	c.posts(apptest.Hanna, "/vorschlaege/neu", 403, "unit", "10", "title", "x")
	if a := c.Get(apptest.Chair, "/vorschlaege"); strings.Count(a.Body, "<h2>Zebrastreifen</h2>") != 1 {
		t.Error(words(a.Body))
	}
	c.sees(apptest.Chair, at+"/tagesordnung", true, "Zebrastreifen", "Ada Demir", "Kuchen")
	c.sees(apptest.Dana, "/vorschlaege", false, "Entscheiden")
	c.posts(apptest.Dana, "/vorschlag/1/entscheiden", 403, "state", "taken", "meeting", "1")
	c.posts(apptest.Chair, "/vorschlag/1/entscheiden", 303, "state", "taken", "meeting", "1", "from", "1")
	is(t, "taken", c.mails(&n), "ada: Ihr Vorschlag steht auf der Tagesordnung.")
	c.sees(apptest.Ada, at, true, "Zebrastreifen", "Vor dem Tor")
	if a := c.posts(apptest.Chair, "/vorschlag/2/entscheiden", 422, "state", "refused", "reason", ""); !a.Has("Bitte schreiben Sie, warum.") {
		t.Error(words(a.Body))
	}
	c.posts(apptest.Chair, "/vorschlag/2/entscheiden", 303, "state", "postponed", "reason", "Im Mai")
	is(t, "postponed", c.mails(&n), "dana: Ihr Vorschlag wurde zurückgestellt.")
	c.posts(apptest.Chair, "/vorschlag/2/entscheiden", 303, "state", "refused", "reason", "Zu süß")
	is(t, "refused", c.mails(&n), "dana: Ihr Vorschlag kommt nicht auf die Tagesordnung.")
	c.sees(apptest.Dana, "/vorschlaege", true, "Zu süß", "abgelehnt")
	c.posts(apptest.Chair, "/vorschlag/2/entscheiden", 422, "state", "taken", "meeting", "1")
	c.posts(apptest.Dana, "/vorschlag/3/zurueckziehen", 422) // another's
	c.posts(apptest.Ada, "/vorschlag/3/zurueckziehen", 303)
	c.sees(apptest.Chair, at+"/tagesordnung", false, "Karneval")
	// what is taken off an agenda waits again
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "entfernen", "item", "7")
	c.sees(apptest.Chair, at+"/tagesordnung", true, "Vorschläge, die warten", "Zebrastreifen")
}

// TestCarriedOver: what features propose goes onto the next agenda by itself, once; what was not reached waits for the
// next meeting, with its files.
func TestCarriedOver(t *testing.T) {
	c := newCouncil(t, Wires{})
	propose := func(ref int64, title string) {
		c.in(func(tx *store.Tx) error {
			_, err := Propose(tx, c.h.House, vera, apptest.Council, Proposal{Title: title, Kind: Minutes, Ref: ref, Public: true})
			return err
		})
	}
	propose(1, "Protokoll vom 3. Februar")
	propose(1, "Protokoll vom 3. Februar")
	at := c.made()
	propose(2, "Protokoll vom 10. Februar")
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Sommerfest", "public", "1")
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Zebrastreifen")
	const agenda = "1 Begrüßung|2 Feststellung der Beschlussfähigkeit|3 Genehmigung der Tagesordnung|4 Genehmigung des Protokolls|4.1 Protokoll vom 3. Februar|4.2 Protokoll vom 10. Februar|5 Stand der Aufgaben|6 Sommerfest|7 Zebrastreifen|8 Verschiedenes"
	if got := c.agenda(1, apptest.Chair); got != agenda {
		t.Errorf("%s\nwant %s", got, agenda)
	}
	if a := c.Upload(apptest.Chair, "/tagesordnungspunkt/10", "upload", "plan.txt", []byte("Plan"), "title", "Zebrastreifen"); a.Code != 303 {
		t.Fatal(words(a.Body))
	}
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.h.Clock.Add(15*24*time.Hour + 13*time.Hour)
	c.in(func(tx *store.Tx) error {
		if err := End(tx, c.h.House, vera, 1); fault.KindOf(err) != fault.Conflict {
			t.Errorf("ended before it began: %v", err)
		}
		if err := Begin(tx, c.h.House, who.Viewer{ID: apptest.Ada}, 1); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("begun by a member: %v", err)
		}
		for _, do := range []func(*store.Tx, *house.House, who.Viewer, int64) error{Begin, Begin} {
			if err := do(tx, c.h.House, vera, 1); err != nil {
				return err
			}
		}
		if err := Reach(tx, c.h.House, who.Viewer{ID: apptest.Dana}, 2); err == nil {
			t.Error("a member, who does not lead, goes on in the agenda")
		}
		for _, item := range []int64{1, 2, 3, 7, 9} { // with the first minutes and the party
			if err := Reach(tx, c.h.House, vera, item); err != nil {
				return err
			}
		}
		for _, do := range []func(*store.Tx, *house.House, who.Viewer, int64) error{End, Resume, Resume, End, End} {
			if err := do(tx, c.h.House, vera, 1); err != nil {
				return err
			}
		}
		n, err := Number(tx, 10)
		if n != "7" {
			t.Errorf("its number is %q", n)
		}
		return err
	})
	if a := c.Get(apptest.Ada, "/vorschlaege"); strings.Count(a.Body, "<h2>Zebrastreifen</h2>") != 1 {
		t.Errorf("after an end that was taken back: %s", words(a.Body))
	}
	c.sees(apptest.Ada, "/vorschlaege", true, "Zebrastreifen", "nicht erreicht in der letzten Sitzung")
	c.sees(apptest.Ada, "/vorschlaege", false, "<h2>Sommerfest")
	next := c.made("day", "2026-04-21")
	c.sees(apptest.Ada, next, true, "Zebrastreifen", "plan.txt")
	if got := c.agenda(2, apptest.Chair); strings.Contains(got, "Sommerfest") || !strings.Contains(got, "Zebrastreifen") || strings.Count(got, "Protokoll vom") != 1 {
		t.Error(got)
	}
	// one that is cancelled leaves all that it had
	c.posts(apptest.Chair, next+"/absagen", 303)
	third := c.made("day", "2026-04-28")
	c.sees(apptest.Ada, third, true, "Zebrastreifen", "plan.txt")
}

// TestRemoved: what nobody was invited to goes; what is cancelled leaves a row without words; what one is invited to stays.
func TestRemoved(t *testing.T) {
	c := newCouncil(t, Wires{})
	first, second := c.made(), c.made()
	if a := c.Upload(apptest.Chair, "/tagesordnungspunkt/1", "upload", "plan.txt", []byte("Plan"), "title", "Begrüßung"); a.Code != 303 {
		t.Fatal(words(a.Body))
	}
	c.posts(apptest.Ada, "/vorschlaege/neu", 303, "unit", "10", "title", "Zebrastreifen")
	c.posts(apptest.Chair, "/vorschlag/1/entscheiden", 303, "state", "taken", "meeting", "1")
	c.sees(apptest.Ada, "/vorschlaege", false, "<h2>Zebrastreifen")
	c.posts(apptest.Dana, first+"/loeschen", 403)
	c.posts(apptest.Chair, first+"/loeschen", 303)
	c.posts(apptest.Chair, second+"/einladen", 303)
	c.posts(apptest.Chair, second+"/tagesordnung", 303, "do", "entfernen", "item", "8")
	c.posts(apptest.Chair, second+"/loeschen", 409)
	c.posts(apptest.Chair, second+"/absagen", 303)
	c.posts(apptest.Chair, second+"/loeschen", 303)
	c.gets(apptest.Chair, first, 404)
	c.sees(apptest.Ada, "/vorschlaege", true, "<h2>Zebrastreifen")
	c.gets(apptest.Chair, second, 404)
	c.sees(apptest.Chair, "/sitzungen", false, "Märzsitzung")
	c.in(func(tx *store.Tx) error {
		for query, want := range map[string]int{
			`SELECT count(*) FROM meeting WHERE id = 1`: 0, `SELECT count(*) FROM meeting WHERE id = 2 AND deleted IS NOT NULL AND place = ''`: 1,
			`SELECT count(*) FROM meeting_item WHERE title <> 'gelöscht'`: 0, `SELECT count(*) FROM meeting_item`: 6, `SELECT count(*) FROM file`: 0} {
			if n, err := store.One(tx, store.Value[int], query); err != nil || n != want {
				t.Errorf("%s: %d, want %d (%v)", query, n, want, err)
			}
		}
		return nil
	})
}

// TestNobodyVotes: on a day on which no office is held any more, nobody can be invited.
func TestNobodyVotes(t *testing.T) {
	c := newCouncil(t, Wires{})
	at := c.made()
	c.write(`UPDATE membership SET until = ? WHERE unit IN (4, 10) AND role IN (7, 8)`, apptest.Start.AddDate(0, 0, 7).Unix())
	if a := c.posts(apptest.Chair, at+"/einladen", 422); !a.Has("niemand eine Stimme") {
		t.Error(words(a.Body))
	}
}

// TestFound: members find all, those for whom the committee speaks what is public once it is invited to, others nothing.
func TestFound(t *testing.T) {
	c := newCouncil(t, Wires{})
	at := c.made("title", "Frühlingstreffen")
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Zebrastreifen", "public", "1")
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Personalsorgen")
	feature := New(c.h.House, Wires{})
	find := func(person int64, word string) (all []string) {
		t.Helper()
		for _, s := range feature.Search {
			c.in(func(tx *store.Tx) error {
				ids, err := s.Look(tx, who.Viewer{ID: person}, []string{word}, 10)
				if err != nil {
					return err
				}
				seen, err := s.Seen(tx, who.Viewer{ID: person}, ids)
				if err != nil || len(seen) != len(ids) {
					return fmt.Errorf("looks for %v, sees %v: %w", ids, seen, err)
				}
				docs, err := s.Docs(tx, ids)
				for _, d := range docs {
					all = append(all, d.Title)
				}
				return err
			})
		}
		return all
	}
	is(t, "planned", find(apptest.Ada, "zebra"), "Zebrastreifen")
	is(t, "planned, outside", find(apptest.Hanna, "zebra"))
	c.posts(apptest.Chair, at+"/einladen", 303)
	for person, want := range map[int64][]string{apptest.Ada: {"Zebrastreifen", "Personalsorgen", "Frühlingstreffen"}, apptest.Hanna: {"Zebrastreifen", "Frühlingstreffen"}, apptest.Rosa: nil} {
		is(t, fmt.Sprint(person), append(append(find(person, "zebra"), find(person, "personal")...), find(person, "frühling")...), want...)
	}
	c.in(func(tx *store.Tx) error {
		var points search.Source
		for _, s := range feature.Search {
			if s.Kind == foundItem {
				points = s
			}
		}
		docs, err := points.Docs(tx, []int64{7, 8})
		if err != nil || len(docs) != 2 || len(docs[0].Reach) != 3 || len(docs[1].Reach) != 2 || docs[0].Public {
			t.Errorf("%+v %v", docs, err)
		}
		return nil
	})
}

// TestLongProposals: what features propose is shortened to fit, and what has no room on an agenda waits. A feature must not
// fail here: it tells how a vote has ended.
func TestLongProposals(t *testing.T) {
	c := newCouncil(t, Wires{})
	at := c.made()
	long := strings.Repeat("Zuschuss für das Sommerfest ", 10)
	place := func(ref int64) {
		c.in(func(tx *store.Tx) error {
			_, err := Place(tx, c.h.House, apptest.Council, Proposal{Title: "Bekanntgabe\n" + long, Body: strings.Repeat("ä", maxBody+1), Kind: "circular", Ref: ref})
			return err
		})
	}
	place(1)
	c.sees(apptest.Ada, at, true, "Bekanntgabe Zuschuss für das Sommerfest", "ää…")
	for ref := range int64(maxItems) {
		place(ref + 2)
	}
	if n := strings.Count(c.agenda(1, apptest.Chair), "|") + 1; n != maxItems {
		t.Errorf("%d items, want %d", n, maxItems)
	}
	c.made("day", "2026-04-21")
	if n := strings.Count(c.agenda(2, apptest.Chair), "|") + 1; n != 6+7 {
		t.Errorf("%d items on the next agenda, want 6 usual ones and 7 that had no room", n)
	}
}

// TestOtherFiles: what goes on with an item that was deleted takes over no files of another committee, whose item may have
// come in its place.
func TestOtherFiles(t *testing.T) {
	c := newCouncil(t, Wires{})
	at := c.made()
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Nebensache")
	c.posts(apptest.Chair, at+"/absagen", 303) // nobody was invited, and yet its items are proposed again
	c.posts(apptest.Chair, at+"/loeschen", 303)
	c.write(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (12, 'u12', 8, 'committee', 'Elternbeirat Regenbogen', 0)`)
	c.write(`INSERT INTO unit_up (unit, above, depth) VALUES (12, 12, 0), (12, 8, 1), (12, 3, 2), (12, 1, 3)`)
	c.write(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 12, 8, 'chair', 'confirmed', 0)`, apptest.Max)
	other := c.posts(apptest.Max, "/sitzungen/neu", 303, evening("unit", "12")...).To
	c.posts(apptest.Max, other, 303, "do", "neu", "title", "Personal")
	var items []int64
	c.in(func(tx *store.Tx) (err error) {
		items, err = store.All(tx, store.Value[int64], `SELECT i.id FROM meeting_item i JOIN meeting m ON m.id = i.meeting WHERE m.unit = 12 ORDER BY i.id`)
		return err
	})
	for _, id := range items {
		if id <= 7 {
			t.Errorf("item %d has the number of one that was deleted", id)
		}
		if a := c.Upload(apptest.Max, fmt.Sprintf("/tagesordnungspunkt/%d", id), "upload", "geheim.txt", []byte("Geheim"), "title", "Personal"); a.Code != 303 {
			t.Fatal(words(a.Body))
		}
	}
	c.write(`UPDATE meeting_proposal SET ref = ? WHERE unit = ? AND kind = 'carried'`, items[len(items)-1], apptest.Council)
	next := c.made("day", "2026-04-21")
	c.sees(apptest.Ada, next, true, "Nebensache")
	c.sees(apptest.Ada, next, false, "geheim.txt")
}
