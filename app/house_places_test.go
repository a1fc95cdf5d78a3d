package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/youth"
)

// The places of rights.txt, seen by whoever belongs to the group Käfer of Kita Sonnenblume of Träger A.
const places = "IGNKAETFS"

// What apptest does not have: a second facility of carrier A and one that has ended, and the other councils.
const (
	mond, sterne, alt, eulen       = 11, 12, 16, 17
	unledK, unledA, unledF         = 18, 19, 20 // committees without a chair
	councilM, councilR, councilS   = 13, 14, 15
	mia, guel, pia, edda           = 21, 22, 23, 24 // head of Mond; parents in Käfer and Sterne; delegate of the council
	chairM, chairR, chairS         = 25, 26, 27
	paul, lena, xenia, olli        = 28, 29, 30, 31 // moved from Käfer to Bären; staff of Bären; parent in Frösche; parent in Eulen
	alma, erased, gone             = 32, 33, 34     // head of Alt; whose data are erased; whose child has left
	childG, childF, childP, childX = 5, 6, 7, 9
	childE, childGone              = 10, 8
	falkeHere                      = firstHalf + 54 // in the youth room of Sonne: the last who comes
	firstHalf                      = 40             // half-states begin
	morePlaces                     = `
INSERT INTO unit (id, uid, parent, kind, name, city, source, since) VALUES
	(11, 'u11', 3, 'facility', 'Kita Mond', '', NULL, 0), (12, 'u12', 11, 'group', 'Sterne', '', NULL, 0),
	(13, 'u13', 11, 'committee', 'Elternbeirat Mond', '', NULL, 0), (14, 'u14', 8, 'committee', 'Elternbeirat Regenbogen', '', NULL, 0),
	(15, 'u15', 1, 'committee', 'Stadtelternbeirat', '', NULL, 0), (16, 'u16', 3, 'facility', 'Kita Altstadt', '', NULL, 0),
	(17, 'u17', 16, 'group', 'Eulen', '', NULL, 0), (18, 'u18', 4, 'committee', 'Bauausschuss', '', NULL, 0),
	(19, 'u19', 11, 'committee', 'Bauausschuss', '', NULL, 0), (20, 'u20', 8, 'committee', 'Bauausschuss', '', NULL, 0);
WITH RECURSIVE up (unit, above, depth) AS (
	SELECT id, id, 0 FROM unit WHERE id > 10 UNION ALL
	SELECT up.unit, u.parent, depth + 1 FROM up JOIN unit u ON u.id = up.above WHERE u.parent IS NOT NULL)
INSERT INTO unit_up (unit, above, depth) SELECT unit, above, depth FROM up;
INSERT INTO person (id, uid, given, family, language) VALUES
	(18, 'p18', 'Frei', 'Frei', 'de'), (21, 'p21', 'Mia', 'Mond', 'de'), (22, 'p22', 'Gül', 'Acar', 'de'), (23, 'p23', 'Pia', 'Stern', 'de'),
	(24, 'p24', 'Edda', 'Delegierte', 'de'), (25, 'p25', 'Moni', 'Mondrat', 'de'), (26, 'p26', 'Rudi', 'Regenrat', 'de'), (27, 'p27', 'Sven', 'Stadtrat', 'de'),
	(28, 'p28', 'Paul', 'Umzug', 'de'), (29, 'p29', 'Lena', 'Bär', 'de'), (30, 'p30', 'Xenia', 'Frosch', 'de'), (31, 'p31', 'Olli', 'Eule', 'de'),
	(32, 'p32', 'Alma', 'Alt', 'de'), (33, 'p33', 'Vera', 'Vergessen', 'de'), (34, 'p34', 'Gundula', 'Gegangen', 'de');
INSERT INTO membership (person, unit, role, office, state, since) VALUES
	(21, 11, 4, '', 'confirmed', 0), (24, 10, 7, 'delegate', 'confirmed', 0), (25, 13, 8, 'chair', 'confirmed', 0),
	(26, 14, 8, 'chair', 'confirmed', 0), (27, 15, 8, 'chair', 'confirmed', 0), (29, 6, 5, '', 'confirmed', 0), (32, 16, 4, '', 'confirmed', 0);
INSERT INTO child (id, uid, facility, given, family, born) VALUES
	(5, 'c5', 4, 'Can', 'Acar', '2022-05-01'), (6, 'c6', 11, 'Can', 'Stern', '2022-05-01'), (7, 'c7', 4, 'Can', 'Umzug', '2022-05-01'),
	(8, 'c8', 4, 'Can', 'Gegangen', '2022-05-01'), (9, 'c9', 8, 'Can', 'Frosch', '2022-05-01'), (10, 'c10', 16, 'Can', 'Eule', '2022-05-01'), (11, 'c11', 4, 'Can', 'Vergessen', '2022-05-01');
INSERT INTO child_stay (child, since, unit, until) VALUES (5, 0, 5, 9223372036854775807), (6, 0, 12, 9223372036854775807), (7, 0, 5, 1767225600),
	(7, 1767225600, 6, 9223372036854775807), (8, 0, 5, 1772409600), (9, 0, 9, 9223372036854775807), (10, 0, 17, 9223372036854775807), (11, 0, 5, 9223372036854775807);
INSERT INTO guardian (child, person, relation, rank, informed, decides, state, mail, phone, language, since) VALUES
	(5, 22, 'Mutter', 1, 1, 1, 'confirmed', '', '', 'de', 0), (6, 23, 'Mutter', 1, 1, 1, 'confirmed', '', '', 'de', 0), (7, 28, 'Vater', 1, 1, 1, 'confirmed', '', '', 'de', 0),
	(8, 34, 'Mutter', 1, 1, 1, 'confirmed', '', '', 'de', 0), (9, 30, 'Mutter', 1, 1, 1, 'confirmed', '', '', 'de', 0), (10, 31, 'Vater', 1, 1, 1, 'confirmed', '', '', 'de', 0),
	(11, 33, 'Mutter', 1, 1, 1, 'confirmed', '', '', 'de', 0);
`
)

// An actor asks in the matrix: in a role, or in half of one.
type actor struct {
	id    int64
	name  string
	is    rune // letter of rights.txt; W: none of its own
	moved bool // from Käfer to Bären
	half  bool
}

// halves are the states in which a role gives nothing.
var halves = []string{"eingeladen", "angenommen", "gesperrt", "beendet", "abgelaufen", "künftig"}

// actors are who asks: one for each role, and each role in each half-state.
func actors() (all []actor) {
	all = []actor{{0, "niemand", 'N', false, false}, {apptest.Arno, "Betrieb", 'A', false, false}, {apptest.Olga, "Verwaltung", 'O', false, false},
		{apptest.Max, "Trägerverwaltung", 'M', false, false}, {apptest.Hanna, "Leitung", 'H', false, false}, {apptest.Stefan, "Fachkraft", 'S', false, false},
		{apptest.Bert, "Eltern", 'P', false, false}, {edda, "Elternbeirat", 'D', false, false}, {apptest.Chair, "Vorsitz", 'C', false, false},
		{apptest.Auditor, "Datenschutz", 'X', false, false}, {falkeHere, "junger Mensch", 'Y', false, false}, {paul, "Eltern, umgezogen", 'P', true, false},
		{apptest.Silent, "Eltern, nicht zu informieren", 'W', false, true}, {gone, "Eltern, Kind gegangen", 'W', false, true}, {erased, "gelöscht", 'N', false, true},
		{atTablet, "Gruppentablet", 'T', false, false}, {fanny, "Leitung ohne zweiten Faktor", 'F', false, true}}
	id := int64(firstHalf)
	for _, role := range []who.Role{who.Admin, who.Office, who.Manager, who.Head, who.Staff, who.Parent, who.Delegate, who.Chair, who.Auditor} {
		for i, half := range halves {
			is := 'W'
			if i == 4 && (role == who.Delegate || role == who.Chair) {
				is = 'V' // sat in the committee
			}
			all = append(all, actor{id, role.Word() + ", " + half, is, false, true})
			id++
		}
	}
	return all
}

// word stands in an object of a kind at a place, and nowhere else.
func word(kind string, place rune) string { return fmt.Sprintf("Q%sq%cq", kind, place) }

var placed = regexp.MustCompile(`Q([a-zäöüß]+)q([A-Z])q`)

// A world is a house in which there is one object of each kind at each place.
type world struct {
	*full
	stay    *apptest.Stay             // nil: as long as the test
	ids     map[string]map[rune]int64 // by kind and place
	cookies map[int64]*http.Cookie
	phones  map[int64]*apptest.PushBrowser
	dir     string // files
	model   []byte // of the database
	at      time.Time
}

// newWorld builds it by requests, as people would.
func newWorld(t testing.TB) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{full: equipped(t, apptest.In(t, dir)), ids: map[string]map[rune]int64{}, cookies: map[int64]*http.Cookie{}, phones: map[int64]*apptest.PushBrowser{}, dir: dir}
	for q := range strings.SplitSeq(morePlaces+moreLeft, ";\n") {
		if strings.TrimSpace(q) != "" {
			w.sql(q)
		}
	}
	w.halves()
	w.name()
	service := w.PushService(t)
	for _, a := range actors() {
		if a.id > 0 && a.is != 'Y' && a.is != 'F' {
			w.sql(`INSERT INTO account_mail (mail, person, verified) VALUES (?, ?, 1)`, fmt.Sprintf("person%d@example.org", a.id), a.id)
			w.phones[a.id] = rings(t, w.House.House, service, a.id)
		}
	}
	w.families()
	w.councils()
	w.young()
	w.papers()
	w.Clock.Add(3 * time.Hour) // out of the quiet hours: bulletins are sent
	w.Work(t)
	for place, p := range map[rune]int64{'K': apptest.Bert, 'A': pia, 'F': xenia, 'S': apptest.Bert} {
		w.done(p, fmt.Sprintf("/rundbrief/%d/melden", w.ids["rundbrief"][place]), "ground", "rules", "words", "Das ist doch Werbung.")
	}
	w.marks()
	w.Work(t)
	w.sql(`UPDATE unit SET until = ? WHERE id IN (?, ?)`, w.Now().Unix(), alt, eulen)
	for _, a := range actors() {
		if a.id > 0 {
			w.cookies[a.id] = w.cookie(a.id)
		}
	}
	w.forget(erased)
	w.freeze()
	return w
}

// freeze keeps a copy of the database.
func (w *world) freeze() {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "model")
	if err := w.DB.Copy(w.t.Context(), file); err != nil {
		w.t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.model, w.at = b, w.Now()
}

// again is the world as it was frozen, in a house of its own.
func (w *world) again(t testing.TB) *world {
	t.Helper()
	n := *w
	n.stay = apptest.NewStay(t)
	n.full = equipped(n.stay, apptest.Again(n.stay, w.model, w.dir, w.at))
	return &n
}

// anew is again, instead of this house, which is closed: a matrix needs thousands, and each some ten megabytes.
func (w *world) anew() *world {
	w.t.Helper()
	w.stay.End()
	return w.again(w.stay.TB)
}

// forget erases a person whose browser goes on.
func (w *world) forget(person int64) {
	w.t.Helper()
	err := w.DB.Write(w.t.Context(), func(tx *store.Tx) (err error) {
		for _, f := range w.features { // privacy is the last
			if f.Erase != nil && err == nil {
				if err = f.Erase(tx, house.Subject{Person: person}); err != nil {
					err = fmt.Errorf("%s: %w", f.Name, err)
				}
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// as makes a request with the session that a person has from the beginning.
func (w *world) as(person int64, r *http.Request) *httptest.ResponseRecorder {
	if c := w.cookies[person]; c != nil {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// name gives each child a name that tells where it is.
func (w *world) name() {
	w.t.Helper()
	for place, child := range map[rune]int64{'I': apptest.Mila, 'G': childG, 'N': apptest.Can, 'A': childF, 'E': childE, 'F': childX} {
		w.sql(`UPDATE child SET given = ? WHERE id = ?`, word("kind", place), child)
		w.is("kind", place, child)
	}
	for place, p := range map[rune]int64{'G': guel, 'N': apptest.Cem, 'A': pia, 'E': olli, 'F': xenia} { // one's own stands on each page
		w.sql(`UPDATE person SET family = ? WHERE id = ?`, word("elternname", place), p)
	}
	for place, p := range map[rune]int64{'N': lena, 'A': mia, 'F': apptest.Rosa} {
		w.sql(`UPDATE person SET family = ? WHERE id = ?`, word("teamname", place), p)
	}
	w.sql(`UPDATE guardian SET relation = 'Elternteil' || id`)
	for place, p := range map[rune]int64{'I': apptest.Bert, 'G': guel, 'N': apptest.Cem, 'A': pia, 'E': olli, 'F': xenia} {
		w.is("person", place, p)
		w.isOf("sorge", place, `SELECT id FROM guardian WHERE person = ?`, p)
	}
	for place, u := range map[rune]int64{'G': apptest.Kaefer, 'N': apptest.Baeren, 'K': apptest.Sonne, 'A': mond, 'E': alt, 'T': apptest.CarrierA, 'F': apptest.Regenbogen, 'S': apptest.City} {
		w.is("einheit", place, u)
	}
	for place, p := range map[rune]int64{'N': lena, 'K': apptest.Hanna, 'A': mia, 'E': alma, 'T': apptest.Max, 'F': apptest.Rosa, 'S': apptest.Olga} {
		w.isOf("mitgliedschaft", place, `SELECT id FROM membership WHERE person = ?`, p)
	}
	for place, u := range map[rune]int64{'K': apptest.Council, 'A': councilM, 'F': councilR, 'S': councilS} {
		w.is("gremium", place, u)
	}
}

func (w *world) is(kind string, place rune, id int64) {
	if w.ids[kind] == nil {
		w.ids[kind] = map[rune]int64{}
	}
	w.ids[kind][place] = id
}

func (w *world) isOf(kind string, place rune, query string, args ...any) {
	w.t.Helper()
	var id int64
	err := w.DB.Read(w.t.Context(), func(tx *store.Tx) (err error) {
		id, err = store.One(tx, store.Value[int64], query, args...)
		return err
	})
	if err != nil {
		w.t.Fatalf("%s %c: %v", kind, place, err)
	}
	w.is(kind, place, id)
}

// last notes the newest row of a table.
func (w *world) last(kind string, place rune, table string) {
	w.t.Helper()
	w.isOf(kind, place, `SELECT max(id) FROM `+table)
}

// families has each unit say, ask, plan and open what it can for its families and its team.
func (w *world) families() {
	w.t.Helper()
	for _, c := range []struct {
		place    rune
		unit, by int64
	}{{'G', apptest.Kaefer, apptest.Hanna}, {'N', apptest.Baeren, apptest.Hanna}, {'K', apptest.Sonne, apptest.Hanna}, {'A', mond, mia}, {'E', alt, alma},
		{'T', apptest.CarrierA, apptest.Max}, {'F', apptest.Regenbogen, apptest.Rosa}, {'S', apptest.City, apptest.Olga}} {
		unit := fmt.Sprint(c.unit)
		w.done(c.by, "/mitteilungen/neu", "unit", unit, "audience", unit, "role", "parent", "role", "team", "title", word("mitteilung", c.place), "body", "x", "confirm", "1",
			"slip", "1", "slip_per", "person", "slip_words", "Kommt jemand?", "slip_kind", "one", "slip_choices", "Ja\nNein", "slip_required", "0")
		w.last("mitteilung", c.place, "announcement")
		x, err := w.Files.Receive(w.t.Context(), c.by, word("mitteilung", c.place)+".txt", strings.NewReader(word("mitteilung", c.place)))
		if err != nil {
			w.t.Fatal(err)
		}
		w.sql(`UPDATE file SET owner = 'announcement', ref = ? WHERE id = ?`, w.ids["mitteilung"][c.place], x.ID)
		w.is("datei", c.place, x.ID)
		w.done(c.by, "/termine/neu", "unit", unit, "audience", unit, "role", "parent", "role", "team", "title", word("termin", c.place), "day", "2026-03-05", "starts", "15:00", "ends", "18:00", "answers", "1")
		w.last("termin", c.place, "calendar_instance")
		for kind, access := range map[string]string{"seite": "unit", "teamseite": "staff", "leitungsseite": "board"} {
			if c.place == 'G' || c.place == 'N' {
				continue // what a group knows, its facility does
			}
			w.done(c.by, "/wissen/neu", "unit", unit, "access", access, "title", word(kind, c.place), "body", "x")
			w.last(kind, c.place, "wiki_page")
			w.isOf("fassung"+kind, c.place, `SELECT max(id) FROM wiki_revision`)
			if kind == "teamseite" {
				w.done(c.by, fmt.Sprintf("/seite/%d/pflicht", w.ids[kind][c.place]), "asks", "staff")
			}
		}
		if c.place == 'T' || c.place == 'S' {
			continue
		}
		w.done(c.by, "/listen/neu", "unit", unit, "audience", unit, "role", "parent", "kind", "bring", "per", "child", "title", word("liste", c.place), "lines", "Kuchen: 2\nSalat", "day", "2026-03-09")
		w.last("liste", c.place, "list")
		w.done(c.by, "/raeume/neu", "unit", unit, "kind", "open", "audience", unit, "role", "parent", "name", word("raum", c.place), "keep", "365")
		w.last("raum", c.place, "room")
		room := fmt.Sprintf("/raum/%d", w.ids["raum"][c.place])
		w.entered(c.by, room)
		w.done(c.by, room+"/neu", "uid", unit, "title", word("raum", c.place), "body", "Wo kauft man die?")
		w.last("thema", c.place, "room_topic")
		w.last("beitrag", c.place, "room_post")
		for _, p := range map[rune][]int64{'G': {apptest.Bert, apptest.Stefan, apptest.Max}, 'N': {apptest.Max, paul}, 'K': {apptest.Bert, apptest.Max, paul}, 'A': {apptest.Max}, 'E': {apptest.Max}}[c.place] {
			w.entered(p, room)
		}
		if c.place == 'G' || c.place == 'N' {
			continue
		}
		group := fmt.Sprint(map[rune]int64{'K': apptest.Kaefer, 'A': sterne, 'E': eulen, 'F': apptest.Froesche}[c.place])
		w.done(c.by, "/schliessungen/neu", "step", "3", "go", "send", "facility", unit, "group", group, "when", "today",
			"hours", "all", "reason", "illness", "rule", "first", "confirm", "1", "care", "1", "places", "2")
		w.last("schliessung", map[rune]rune{'K': 'G', 'A': 'A', 'E': 'E', 'F': 'F'}[c.place], "announcement")
		w.done(c.by, "/schliesstage", "unit", unit, "year", "2026", "allowed", "25", "notice", "8")
		w.last("schliessplan", c.place, "calendar_plan")
		plan := fmt.Sprintf("/schliessplan/%d", w.ids["schliessplan"][c.place])
		w.done(c.by, plan+"/tag", "first_day", "2026-08-03", "last_day", "2026-08-14", "words", word("schliessplan", c.place))
		w.done(c.by, plan+"/veroeffentlichen")
	}
	for _, c := range []struct {
		place         rune
		parent, child int64
		team          string
	}{{'I', apptest.Bert, apptest.Mila, "1-5"}, {'G', guel, childG, "5-5"}, {'N', apptest.Cem, apptest.Can, "3-6"}, {'A', pia, childF, "6-12"}, {'E', olli, childE, "10-17"}, {'F', xenia, childX, "9-9"}} {
		w.done(c.parent, "/nachrichten/neu", "uid", fmt.Sprint("t", c.child), "kind", "team", "to", c.team, "title", word("gespräch", c.place), "body", word("gespräch", c.place))
		w.last("gespräch", c.place, "message_conversation")
		w.isOf("nachricht", c.place, `SELECT max(id) FROM message WHERE author = ?`, c.parent)
		w.done(c.parent, "/abwesenheit", "child", fmt.Sprint(c.child), "reason", "ill", "note", word("abwesenheit", c.place))
		w.last("abwesenheit", c.place, "absence")
	}
}

// councils has each committee do what its members only, and what all around, may know.
func (w *world) councils() {
	w.t.Helper()
	w.rules(councilS, func(r *committee.Rules) { r.Public = true })
	for place, u := range map[rune]int64{'K': unledK, 'A': unledA, 'F': unledF} {
		w.is("gremiumohnevorsitz", place, u)
	}
	for _, c := range []struct {
		place    rune
		unit, by int64
	}{{'K', apptest.Council, apptest.Chair}, {'A', councilM, chairM}, {'F', councilR, chairR}, {'S', councilS, chairS}} {
		unit := fmt.Sprint(c.unit)
		w.done(c.by, "/terminfindungen/neu", "unit", unit, "title", word("terminfindung", c.place), "closes", "2026-03-08",
			"slot_day", "2026-04-14", "slot_starts", "19:30", "slot_ends", "21:00", "slot_day", "2026-04-15", "slot_starts", "19:30", "slot_ends", "21:00")
		w.last("terminfindung", c.place, "meeting_poll")
		for kind, public := range map[string]string{"sitzung": "", "offenesitzung": "1"} {
			w.done(c.by, "/sitzungen/neu", "unit", unit, "title", word(kind, c.place), "day", "2026-03-17", "starts", "19:30", "ends", "21:00", "public", public)
			w.last(kind, c.place, "meeting")
			w.isOf("tagesordnungspunkt"+kind, c.place, `SELECT max(id) FROM meeting_item`)
			w.done(c.by, fmt.Sprintf("/sitzung/%d/einladen", w.ids[kind][c.place]))
		}
		w.Clock.Add(16 * 24 * time.Hour) // it is held
		w.done(c.by, "/protokolle/neu", "meeting", fmt.Sprint(w.ids["sitzung"][c.place]))
		w.last("protokoll", c.place, "minutes")
		w.done(c.by, "/protokolle/neu", "meeting", fmt.Sprint(w.ids["offenesitzung"][c.place]))
		w.last("versandtesprotokoll", c.place, "minutes")
		w.done(c.by, fmt.Sprintf("/protokoll/%d/versenden", w.ids["versandtesprotokoll"][c.place]))
		w.Clock.Add(-16 * 24 * time.Hour)
		w.done(c.by, "/vorschlaege/neu", "unit", unit, "title", word("vorschlag", c.place), "body", "x")
		w.last("vorschlag", c.place, "meeting_proposal")
		for kind, public := range map[string]string{"beschluss": "", "offenerbeschluss": "1"} {
			w.done(c.by, "/beschluesse/nachtragen", "unit", unit, "uid", kind+unit, "day", "2025-11-11", "title", word(kind, c.place), "wording", "x", "yes", "5", "public", public)
			w.last(kind, c.place, "resolution")
		}
		w.done(c.by, "/aufgaben/neu", "unit", unit, "title", word("aufgabe", c.place), "owner", fmt.Sprint(c.by), "due", "2026-03-09")
		w.last("aufgabe", c.place, "assignment")
		w.done(c.by, "/umlaufbeschluesse/neu", "unit", unit, "title", word("umlaufbeschluss", c.place), "wording", "x", "cause", "Eilt", "closes_day", "2026-03-09", "closes_time", "20:00")
		w.last("umlaufbeschluss", c.place, "resolution_circular")
		w.last("abstimmung", c.place, "ballot")
		w.done(c.by, "/wissen/neu", "unit", unit, "access", "staff", "title", word("beiratsseite", c.place), "body", "x")
		w.last("beiratsseite", c.place, "wiki_page")
		facility := map[rune]int64{'K': apptest.Sonne, 'A': mond, 'F': apptest.Regenbogen, 'S': apptest.City}[c.place]
		for _, kind := range []string{"rundbriefentwurf", "rundbrief"} {
			w.done(c.by, "/rundbriefe/neu", "uid", kind+unit, "unit", unit, "place", fmt.Sprint(facility), "title", word(kind, c.place), "body", "x")
			w.last(kind, c.place, "bulletin")
		}
		w.done(map[rune]int64{'K': apptest.Bert, 'A': pia, 'F': xenia, 'S': apptest.Bert}[c.place], "/rundbriefe/zustimmung", "unit", unit, "say", "yes")
		if c.place == 'K' || c.place == 'S' {
			w.done(paul, "/rundbriefe/zustimmung", "unit", unit, "say", "yes")
		}
		w.done(c.by, fmt.Sprintf("/rundbrief/%d/senden", w.ids["rundbrief"][c.place]))
		w.done(c.by, fmt.Sprintf("/gremium/%d/uebergabe", c.unit), "changes", "2026-09-01")
		w.last("uebergabe", c.place, "handover")
	}
}

// rules changes those of a committee.
func (w *world) rules(unit int64, change func(*committee.Rules)) {
	w.t.Helper()
	err := w.DB.Write(w.t.Context(), func(tx *store.Tx) error {
		r := committee.Usual(unit)
		change(&r)
		return committee.SetRules(tx, r)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// young opens a youth room in three facilities; in ours there is somebody.
func (w *world) young() {
	w.t.Helper()
	for _, c := range []struct {
		place    rune
		unit, by int64
	}{{'K', apptest.Sonne, apptest.Hanna}, {'A', mond, mia}, {'F', apptest.Regenbogen, apptest.Rosa}} {
		w.done(c.by, "/raeume/neu", "unit", fmt.Sprint(c.unit), "kind", "youth", "name", word("jugendraum", c.place), "hours", "Mo bis Fr 14 bis 20 Uhr")
		w.last("jugendraum", c.place, "room")
		room := fmt.Sprintf("/raum/%d", w.ids["jugendraum"][c.place])
		w.entered(c.by, room)
		w.done(c.by, room+"/neu", "uid", fmt.Sprint("y", c.unit), "title", word("jugendraum", c.place), "body", "Wer spielt?")
		w.last("jugendthema", c.place, "room_topic")
		w.last("jugendbeitrag", c.place, "room_post")
	}
	err := w.DB.Write(w.t.Context(), func(tx *store.Tx) error {
		hanna, err := org.Viewer(tx, apptest.Hanna, w.Now())
		if err != nil {
			return err
		}
		code, err := youth.HandOut(tx, w.ids["jugendraum"]['K'], hanna, 1, 7, w.Now())
		if err != nil {
			return err
		}
		_, _, _, err = youth.Join(tx, hall(w.House.House), who.Viewer{}, youth.Entry{Code: code, Alias: "Falke", Language: lang.Du}, w.Now())
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// halves has somebody in each half of each role, where the whole role is held.
func (w *world) halves() {
	w.t.Helper()
	id, now := int64(firstHalf), w.Now().Unix()
	home := map[who.Role]int64{who.Admin: apptest.City, who.Office: apptest.Office, who.Manager: apptest.CarrierA, who.Head: apptest.Sonne, who.Staff: apptest.Kaefer,
		who.Delegate: apptest.Council, who.Chair: apptest.Council, who.Auditor: apptest.City}
	for _, role := range []who.Role{who.Admin, who.Office, who.Manager, who.Head, who.Staff, who.Parent, who.Delegate, who.Chair, who.Auditor} {
		for i := range halves {
			state, since, until := []string{"invited", "accepted", "suspended", "ended", "confirmed", "confirmed"}[i], int64(0), store.Forever
			switch i {
			case 3, 4:
				until = now
			case 5:
				since = now + 60*60*24*365
			}
			w.sql(`INSERT INTO person (id, uid, given, family) VALUES (?, ?, 'Halb', ?)`, id, fmt.Sprint("half", id), fmt.Sprint("Halb", id))
			if role == who.Parent {
				w.sql(`INSERT INTO guardian (child, person, state, since, until) VALUES (?, ?, ?, ?, ?)`, apptest.Mila, id, state, since, until)
			} else {
				office := map[who.Role]string{who.Delegate: "delegate", who.Chair: "chair"}[role]
				w.sql(`INSERT INTO membership (person, unit, role, office, state, since, until) VALUES (?, ?, ?, ?, ?, ?, ?)`, id, home[role], int(role), office, state, since, until)
			}
			id++
		}
	}
}

// role is that of the letter; V has none any more.
func (a actor) role() who.Role { return who.Role(strings.IndexRune(roleLetters, lower(a.is))) }
