package minutes

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	stdhtml "html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Beside Vera, the chair, Bert is the deputy; Dana is a delegate of the Kita and sits in its council, and so does Cem. Fritz
// was chair once. Ada is a mother, Rosa leads another Kita.
const (
	vera, bert, dana, cem, fritz, ada, rosa, nobodyAtAll = apptest.Chair, apptest.Bert, apptest.Dana, apptest.Cem, apptest.Former, apptest.Ada, apptest.Rosa, apptest.Nobody

	april, may = 41, 42 // meetings
)

type town struct {
	*apptest.House
	*apptest.Site
	t        *testing.T
	feature  house.Feature
	meetings map[int64]*Record
	proposed []string
	logged   []string
}

// wires give the minutes what the other features would.
func (s *town) wires() Wires {
	return Wires{
		Log: func(_ *store.Tx, _ time.Time, person int64, action string, ref int64) error {
			s.logged = append(s.logged, fmt.Sprintf("%d %s %d", person, action, ref))
			return nil
		},
		Record: func(_ *store.Tx, meeting int64, _ who.Viewer) (Record, error) {
			if r := s.meetings[meeting]; r != nil {
				return *r, nil
			}
			return Record{}, fault.Gone()
		},
		Propose: func(_ *store.Tx, v who.Viewer, unit, minutes int64, title string) error {
			s.proposed = append(s.proposed, fmt.Sprintf("%d %d %d %s", v.ID, unit, minutes, title))
			return nil
		},
	}
}

func newTown(t *testing.T) *town {
	t.Helper()
	h := apptest.New(t)
	s := &town{House: h, t: t, meetings: map[int64]*Record{}}
	s.feature = New(h.House, s.wires())
	s.Site = h.Serve(t, s.feature)
	s.sql(`INSERT INTO membership (person, unit, role, office, state, mail, phone, since, until) VALUES
		(11, 10, 8, 'deputy', 'confirmed', '', '', 0, 9223372036854775807), (7, 10, 7, 'delegate', 'confirmed', '', '', 0, 9223372036854775807),
		(13, 10, 8, 'chair', 'confirmed', '', '', 0, 1000)`)
	for person, mail := range map[int64]string{vera: "vera", bert: "bert", dana: "dana", cem: "cem2"} {
		s.sql(fmt.Sprintf(`INSERT INTO account_mail (mail, person, verified) VALUES ('%s@example.org', %d, 1)`, mail, person))
	}
	now := h.Now()
	s.meetings[april] = &Record{Unit: apptest.Council, Committee: "Elternbeirat Sonnenblume", Title: "Sitzung im März", Place: "Turnraum", Public: true,
		Starts: now, Began: now, Invited: now.AddDate(0, 0, -9), InTime: true, Chair: "Vera Vorsitz",
		Attendance: []Presence{{Name: "Vera Vorsitz", Office: "Vorsitz", Votes: true, From: now}, {Name: "Bert Demir", Office: "Stellvertretung", Votes: true, From: now, Until: now.Add(time.Hour)}},
		Excused:    []string{"Dana Beirat"}, Guests: []string{"Hanna Leitung"}, Votes: 4, Present: 2, Quorate: true,
		Items: []Item{{ID: 7, Number: "1", Title: "Sommerfest", Public: true, Motions: []Motion{{Title: "Hüpfburg", Wording: "Der Elternbeirat mietet eine Hüpfburg.", By: []string{"Bert Demir"},
			Outcome: "angenommen", Vote: &Vote{Yes: 2, Present: 2, Quorate: true}}}, Tasks: []Task{{Title: "Grill besorgen", Owner: "Cem Yildiz", Due: "2026-04-01"}}},
			{ID: 8, Number: "2", Title: "Beschwerde einer Familie", Motions: []Motion{{Wording: "Wir sprechen mit der Leitung.", Outcome: "angenommen"}}}}}
	s.meetings[may] = &Record{Unit: apptest.Council, Committee: "Elternbeirat Sonnenblume", Title: "Sitzung im Mai", Starts: now.AddDate(0, 2, 0)}
	return s
}

func (s *town) sql(query string, args ...any) {
	s.t.Helper()
	err := s.DB.Write(s.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
}

// read runs f in a transaction that changes nothing.
func (s *town) read(f func(tx *store.Tx) error) {
	s.t.Helper()
	if err := s.DB.Read(s.t.Context(), f); err != nil {
		s.t.Fatal(err)
	}
}

// must posts a form that has to succeed, and returns the page that it leads to.
func (s *town) must(person int64, path string, fields ...string) string {
	s.t.Helper()
	a := s.Post(person, path, fields...)
	if a.Code != http.StatusSeeOther {
		s.t.Fatalf("POST %s: %d %s", path, a.Code, said(a.Body))
	}
	b := s.Get(person, a.To)
	if b.Code != http.StatusOK {
		s.t.Fatalf("GET %s: %d", a.To, b.Code)
	}
	return b.Body
}

// refused posts a form that must not succeed, and must say why.
func (s *town) refused(person int64, code int, say, path string, fields ...string) {
	s.t.Helper()
	before := s.DB.Changes()
	a := s.Post(person, path, fields...)
	if a.Code != code || !strings.Contains(said(a.Body), say) {
		s.t.Errorf("POST %s %v: %d, want %d and %q:\n%s", path, fields, a.Code, code, say, said(a.Body))
	}
	if s.DB.Changes() != before {
		s.t.Errorf("POST %s %v: refused, and yet it wrote", path, fields)
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// said is what a page says.
func said(body string) string {
	if _, main, ok := strings.Cut(body, "<main"); ok {
		body, _, _ = strings.Cut(main, "</main>")
	}
	return strings.Join(strings.Fields(stdhtml.UnescapeString(tag.ReplaceAllString(body, " "))), " ")
}

// sheetOf reads the form of a page on which minutes are written.
func sheetOf(t *testing.T, body string) url.Values {
	t.Helper()
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="(pen|form|no|base-\d+)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		form.Set(m[1], stdhtml.UnescapeString(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)name="(body-\d+)"[^>]*>\n?(.*?)</textarea>`).FindAllStringSubmatch(body, -1) {
		form.Set(m[1], stdhtml.UnescapeString(m[2]))
	}
	if form.Get("form") == "" {
		t.Fatalf("there is no form:\n%s", said(body))
	}
	return form
}

func pairs(form url.Values, more ...string) (all []string) {
	for name := range form {
		all = append(all, name, form.Get(name))
	}
	return append(all, more...)
}

// begun begins the minutes of the meeting in March, with a text about each item.
func (s *town) begun() {
	s.t.Helper()
	form := sheetOf(s.t, s.must(vera, "/protokolle/neu", "meeting", "41"))
	form.Set("body-0", "Vera begrüßt alle.")
	form.Set("body-7", "Das Fest ist am **5. Juni**.")
	form.Set("body-8", "Familie Quaste war **ungehalten**.")
	s.must(vera, "/protokoll/1/schreiben", pairs(form, "done", "1")...)
}

// over ends a meeting.
func (s *town) over(meeting int64) { s.meetings[meeting].Ended = s.Now() }

// sent sends what was begun.
func (s *town) sent() {
	s.t.Helper()
	s.begun()
	s.over(april)
	s.must(vera, "/protokoll/1/versenden")
}

// approved has the meeting in May approve it.
func (s *town) approved() {
	s.t.Helper()
	s.sent()
	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	s.must(vera, "/protokoll/1/genehmigen", "meeting", "42")
}

// TestStory: from the meeting to the approved minutes, with an objection and a corrected revision.
func TestStory(t *testing.T) {
	s := newTown(t)
	s.begun()
	page := said(s.Get(vera, "/protokoll/1").Body)
	for _, want := range []string{"Entwurf", "Turnraum", "2 von 4 anwesend, beschlussfähig", "die Frist wurde eingehalten", "Vera Vorsitz Vorsitz", "Entschuldigt: Dana Beirat", "Gäste: Hanna Leitung",
		"1 Sommerfest", "Der Elternbeirat mietet eine Hüpfburg.", "Ja: 2", "angenommen", "Grill besorgen – Cem Yildiz , bis 01.04.2026", "Das Fest ist am 5. Juni .", "nichtöffentlich"} {
		if !strings.Contains(page, want) {
			t.Errorf("the draft does not say %q:\n%s", want, page)
		}
	}
	if a := s.Get(dana, "/protokoll/1"); a.Code != http.StatusNotFound {
		t.Errorf("a member reads the draft: %d", a.Code)
	}
	s.refused(vera, http.StatusUnprocessableEntity, "noch nicht zu Ende", "/protokoll/1/versenden")
	// While the meeting runs, the facts follow it, and the text stays.
	s.meetings[april].Items[0].Motions[0].Vote.No = 1
	if page := said(s.Get(vera, "/protokoll/1/schreiben").Body); !strings.Contains(page, "Nein: 1") || !strings.Contains(page, "Das Fest ist am 5. Juni .") {
		t.Errorf("facts and text: %s", page)
	}
	s.over(april)
	s.must(vera, "/protokoll/1/versenden")
	if len(s.proposed) != 1 || s.proposed[0] != "17 10 1 Genehmigung: Protokoll vom 2. März 2026" {
		t.Errorf("proposed: %q", s.proposed)
	}
	s.Work(t)
	told := map[string]bool{}
	for _, m := range s.House.Post.Sent() {
		told[m.To] = strings.HasPrefix(m.Subject, "Protokoll vom 2. März 2026") && strings.Contains(m.Text, "Einwände sind bis 16. März 2026 möglich.")
		if strings.Contains(m.Text, "Quaste") {
			t.Errorf("a mail tells what is not public: %s", m.Text)
		}
	}
	if len(told) != 3 || !told["bert@example.org"] || !told["dana@example.org"] {
		t.Errorf("told: %v", told)
	}
	if page := said(s.Get(dana, "/protokoll/1").Body); !strings.Contains(page, "Familie Quaste war ungehalten") || !strings.Contains(page, "Einwände bis 16. März 2026") {
		t.Errorf("a member reads: %s", page)
	}

	// Sent, it is what it was: what the meeting is said to have been changes nothing any more.
	s.meetings[april].Items[0].Motions[0].Vote.No = 5
	if page := said(s.Get(dana, "/protokoll/1").Body); strings.Contains(page, "Nein: 5") {
		t.Errorf("minutes that were sent follow the meeting: %s", page)
	}
	s.meetings[april].Items[0].Motions[0].Vote.No = 1

	s.must(dana, "/protokoll/1/einwand", "item", "7", "body", "Das Fest ist am 6. Juni.")
	s.must(dana, "/protokoll/1/einwand", "item", "7", "body", "Das Fest ist am 6. Juni.") // twice is once
	s.must(cem, "/protokoll/1/einwand", "item", "0", "body", "Es fehlt das Wetter.")
	if n := strings.Count(s.Get(cem, "/protokoll/1").Body, "Das Fest ist am 6. Juni."); n != 1 {
		t.Errorf("the objection is there %d times", n)
	}
	s.refused(dana, http.StatusNotFound, "", "/protokoll/1/antwort", "objection", "2", "answer", "refused", "reason", "Nein.")
	s.refused(vera, http.StatusUnprocessableEntity, "Bitte schreiben Sie etwas.", "/protokoll/1/antwort", "objection", "2", "answer", "refused")
	s.must(bert, "/protokoll/1/antwort", "objection", "2", "answer", "refused", "reason", "Das Wetter gehört nicht hinein.")
	s.must(bert, "/protokoll/1/antwort", "objection", "1", "answer", "taken")
	s.refused(vera, http.StatusUnprocessableEntity, "schon beantwortet", "/protokoll/1/antwort", "objection", "1", "answer", "refused", "reason", "Doch nicht.")
	s.refused(vera, http.StatusUnprocessableEntity, "nichts geändert", "/protokoll/1/versenden", "why", "Datum")
	form := sheetOf(t, s.must(vera, "/protokoll/1/stift", "do", "take"))
	form.Set("body-7", "Das Fest ist am 6. Juni.")
	if page := said(s.must(vera, "/protokoll/1/schreiben", pairs(form, "done", "1")...)); !strings.Contains(page, "5. Juni") || !strings.Contains(page, "Berichtigte Fassung") {
		t.Errorf("before the correction is sent: %s", page)
	}
	s.refused(vera, http.StatusUnprocessableEntity, "Bitte schreiben Sie etwas.", "/protokoll/1/versenden", "why", " ")
	s.must(vera, "/protokoll/1/versenden", "why", "Der Tag des Festes")
	if page := said(s.Get(dana, "/protokoll/1").Body); !strings.Contains(page, "Fassung 2") || !strings.Contains(page, "am 6. Juni") || !strings.Contains(page, "Berichtigt: Der Tag des Festes") {
		t.Errorf("the corrected revision: %s", page)
	}

	if page := said(s.Get(dana, "/protokoll/1?fassung=1").Body); !strings.Contains(page, "Das ist Fassung 1") || !strings.Contains(page, "5. Juni") || s.Get(dana, "/protokoll/1?fassung=3").Code != http.StatusNotFound {
		t.Errorf("the first revision: %s", page)
	}

	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	page = said(s.must(vera, "/protokoll/1/genehmigen", "meeting", "42"))
	if !strings.Contains(page, "Genehmigt am 2. Mai 2026 in: Sitzung im Mai, 2. Mai 2026") {
		t.Errorf("approved: %s", page)
	}
	sum := regexp.MustCompile(`\(SHA-256\): ((?:[0-9a-f]{8} ?){8})`).FindStringSubmatch(page)
	if sum == nil {
		t.Fatalf("there is no hash: %s", page)
	}
	file := s.Get(dana, "/protokoll/1/text")
	if h := sha256.Sum256([]byte(file.Body)); hex.EncodeToString(h[:]) != strings.ReplaceAll(strings.TrimSpace(sum[1]), " ", "") {
		t.Errorf("the file has another hash than %s:\n%s", sum[1], file.Body)
	}
	s.Work(t)
	mails := s.House.Post.Sent()
	if last := mails[len(mails)-1]; !strings.Contains(last.Subject, "ist genehmigt") || !strings.Contains(last.Text, strings.TrimSpace(sum[1])) {
		t.Errorf("the hash does not leave the house: %q %s", last.Subject, last.Text)
	}
	if page := said(s.must(vera, "/protokoll/1/berichtigung", "item", "7", "body", "Es war doch der 5. Juni.", "public", "1")); !strings.Contains(page, "Berichtigung (2. Mai 2026, Vera Vorsitz ): Es war doch der 5. Juni.") || !strings.Contains(page, strings.TrimSpace(sum[1])) {
		t.Errorf("the note: %s", page)
	}
	if list := said(s.Get(ada, "/protokolle?unit=10").Body); !strings.Contains(list, "2. März 2026 Sitzung im März Genehmigt") {
		t.Errorf("the list: %s", list)
	}
	if got := strings.Join(s.logged, ", "); got != "17 minutes.begun 1, 17 minutes.sent 1, 8 minutes.objected 1, 7 minutes.objected 1, 11 minutes.answered 1, 11 minutes.answered 1, 17 minutes.revised 1, 17 minutes.approved 1, 17 minutes.noted 1" {
		t.Errorf("logged: %s", got)
	}
}

// Post sends a form; the mail of the house is s.House.Post.
func (s *town) Post(person int64, path string, fields ...string) apptest.Answer {
	s.t.Helper()
	return s.Site.Post(person, path, fields...)
}

// TestWhoReads: everybody reads what is theirs, before and after the approval.
func TestWhoReads(t *testing.T) {
	s := newTown(t)
	const whole, public, none = "Familie Quaste", "Das Fest ist am", ""
	check := func(when string, want map[int64]string) {
		t.Helper()
		for person, sees := range want {
			for _, at := range []string{"/protokoll/1", "/protokoll/1?fassung=oeffentlich"} {
				a := s.Get(person, at)
				if (a.Code == 200) != (sees != none) || sees != none && !a.Has(public) || a.Has(whole) != (sees == whole && !strings.Contains(at, "?")) {
					t.Errorf("%s, %d reads %s: %d %s", when, person, at, a.Code, said(a.Body))
				}
				if sees == public && (a.Has("Beschwerde") || a.Has("Dana Beirat") || a.Has("Wir sprechen mit")) {
					t.Errorf("%s, %d reads what is not public: %s", when, person, said(a.Body))
				}
			}
			a := s.Get(person, "/protokoll/1/text")
			if a.Code == 200 && (sees == none || sees == public && (a.Has("Quaste") || a.Has("Beschwerde") || a.Has("Dana Beirat"))) {
				t.Errorf("%s, %d has the text: %s", when, person, a.Body)
			}
			if listed := s.Get(person, "/protokolle?unit=10").Has("/protokoll/1"); listed != (sees != none) {
				t.Errorf("%s, %d finds it in the list: %v", when, person, listed)
			}
			for _, form := range []string{"versenden", "genehmigen", "berichtigung", "fuehrung", "antwort", "stift", "beiseite", "schreiben"} {
				if person == vera || person == bert {
					continue
				}
				if a := s.Post(person, "/protokoll/1/"+form); a.Code < 400 {
					t.Errorf("%s, %d may %s: %d", when, person, form, a.Code)
				}
			}
		}
	}
	s.begun()
	check("draft", map[int64]string{vera: whole, bert: whole, dana: none, cem: none, fritz: none, ada: none, apptest.Hanna: none, apptest.Arno: none, rosa: none, nobodyAtAll: none})
	s.over(april)
	s.must(vera, "/protokoll/1/versenden")
	check("sent", map[int64]string{vera: whole, dana: whole, cem: whole, fritz: none, ada: none, apptest.Hanna: none, apptest.Arno: none, nobodyAtAll: none})
	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	s.must(vera, "/protokoll/1/genehmigen", "meeting", "42")
	around := map[int64]string{vera: whole, dana: whole, fritz: public, ada: public, apptest.Hanna: public, apptest.Arno: none, rosa: none, nobodyAtAll: none}
	check("approved", around)
	s.must(vera, "/protokoll/1/berichtigung", "item", "8", "body", "Nicht ungehalten, sondern besorgt.", "public", "1")
	// Who sits in another council reads what is public, and not what was corrected in it.
	s.sql(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (11, 'u11', 1, 'committee', 'Stadtelternbeirat', 0)`)
	s.sql(`INSERT INTO unit_up (unit, above, depth) VALUES (11, 11, 0), (11, 1, 1)`)
	s.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 11, 7, 'delegate', 'confirmed', 0)`, ada)
	if a, b := s.Get(ada, "/protokoll/1"), s.Get(ada, "/protokoll/1/fassungen"); a.Code != http.StatusOK || b.Code != http.StatusNotFound {
		t.Errorf("minutes %d, their revisions %d", a.Code, b.Code)
	}
	if a := s.Get(ada, "/protokoll/1"); a.Has("besorgt") {
		t.Error("a note about an item that is not public is public")
	}
	s.sql(`INSERT INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional) VALUES (10, 1, 7, 0, 50, 'simple', 14, 14, 1, 1, 3)`)
	around[rosa], around[nobodyAtAll], around[apptest.Arno] = public, public, public
	check("in a public committee", around)

	// A meeting that was not public has minutes for its members alone.
	s.meetings[43] = &Record{Unit: apptest.Council, Committee: "Elternbeirat", Title: "Klausur", Starts: s.Now(), Began: s.Now(), Ended: s.Now(), Items: []Item{{ID: 9, Number: "1", Title: "Vertraulich", Public: true}}}
	s.must(vera, "/protokolle/neu", "meeting", "43")
	s.must(vera, "/protokoll/2/versenden")
	s.Clock.Add(time.Hour)
	s.meetings[44] = &Record{Unit: apptest.Council, Title: "Danach", Starts: s.Now(), Began: s.Now()}
	s.must(vera, "/protokoll/2/genehmigen", "meeting", "44")
	if a := s.Get(ada, "/protokoll/1?fassung=1"); a.Has("Quaste") || a.Has("Beschwerde") {
		t.Errorf("a mother reads an earlier revision: %s", said(a.Body))
	}
	for _, person := range []int64{ada, fritz, nobodyAtAll} {
		if a := s.Get(person, "/protokoll/2"); a.Code != 404 || s.Get(person, "/protokolle?unit=10").Has("Klausur") {
			t.Errorf("%d reads of a meeting that was not public: %d", person, a.Code)
		}
	}
}

// TestDeadline: after the deadline nobody objects, and a day counts to its end.
func TestDeadline(t *testing.T) {
	s := newTown(t)
	s.refusedBefore(t)
	s.sent() // on the 2nd of March; 14 days
	s.Clock.Add(time.Date(2026, 3, 16, 22, 59, 59, 0, time.UTC).Sub(s.Now()))
	s.must(dana, "/protokoll/1/einwand", "item", "0", "body", "Gerade noch.")
	s.Clock.Add(time.Second)
	s.refused(dana, http.StatusUnprocessableEntity, "bis 16. März 2026 möglich", "/protokoll/1/einwand", "item", "0", "body", "Zu spät.")
	s.refused(ada, http.StatusForbidden, "", "/protokoll/1/einwand", "item", "0", "body", "Von außen.")
	s.Clock.Add(61 * 24 * time.Hour)
	s.meetings[may].Began = s.Now()
	s.refused(vera, http.StatusUnprocessableEntity, "beantworten", "/protokoll/1/genehmigen", "meeting", "42")
	s.must(vera, "/protokoll/1/antwort", "objection", "1", "answer", "taken")
	s.must(vera, "/protokoll/1/genehmigen", "meeting", "42")
	s.refused(dana, http.StatusUnprocessableEntity, "genehmigt", "/protokoll/1/einwand", "item", "0", "body", "Viel zu spät.")
}

// refusedBefore: minutes that do not exist, or of a meeting that does not, are not found.
func (s *town) refusedBefore(t *testing.T) {
	t.Helper()
	s.refused(vera, http.StatusNotFound, "", "/protokolle/neu", "meeting", "99")
	s.refused(dana, http.StatusNotFound, "", "/protokolle/neu", "meeting", "41")
	s.refused(vera, http.StatusConflict, "noch nicht begonnen", "/protokolle/neu", "meeting", "42")
	s.refused(dana, http.StatusNotFound, "", "/protokoll/1/einwand", "item", "0", "body", "?")
}

// TestApproval: only what was sent is approved, and only in a later meeting of the same committee that has begun.
func TestApproval(t *testing.T) {
	s := newTown(t)
	s.begun()
	s.over(april)
	s.meetings[may].Began = s.Now().AddDate(0, 2, 0)
	s.meetings[50] = &Record{Unit: apptest.Sonne, Title: "Woanders", Starts: s.Now(), Began: s.Now().AddDate(0, 3, 0)}
	s.meetings[51] = &Record{Unit: apptest.Council, Title: "Vorher", Starts: s.Now(), Began: s.Now().AddDate(0, -1, 0)}
	s.meetings[52] = &Record{Unit: apptest.Council, Title: "Noch nicht", Starts: s.Now().AddDate(0, 4, 0)}
	s.refused(vera, http.StatusUnprocessableEntity, "noch nicht versandt", "/protokoll/1/genehmigen", "meeting", "42")
	s.must(vera, "/protokoll/1/versenden")
	for _, in := range []string{"41", "50", "51", "52", "99", "", "x"} {
		s.refused(vera, http.StatusUnprocessableEntity, "", "/protokoll/1/genehmigen", "meeting", in)
	}
	s.refused(dana, http.StatusNotFound, "", "/protokoll/1/genehmigen", "meeting", "42")
	approve := Approve(s.House.House, s.wires())
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		v, err := org.Viewer(tx, vera, s.Now())
		if err != nil {
			return err
		}
		return approve(tx, v, 1, may)
	})
	if err != nil {
		t.Errorf("as the meeting notes it: %v", err)
	}
	s.refused(vera, http.StatusUnprocessableEntity, "ändert sich nicht mehr", "/protokoll/1/genehmigen", "meeting", "42")
}
