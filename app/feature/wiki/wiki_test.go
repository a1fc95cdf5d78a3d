package wiki

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// noPassage is for tests in which no page is begun elsewhere.
var noPassage house.Passage

func noLog(*store.Tx, time.Time, int64, string, int64) error { return nil }

// A test's site: the archive alone, with a log that nobody reads.
func serve(t *testing.T) (*apptest.House, *apptest.Site) {
	t.Helper()
	h := apptest.New(t)
	f := New(h.House, noLog,
		[]house.Seed{{Purpose: "imprint", Title: "Impressum", Body: "> [!ergänzen]\n> Wer?\n\nHier."}}, noPassage)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h, h.Serve(t, f)
}

// write makes a page and returns its path.
func write(t *testing.T, s *apptest.Site, person, unit int64, access Access, title, body string, more ...string) string {
	t.Helper()
	a := s.Post(person, "/wissen/neu", append([]string{"unit", fmt.Sprint(unit), "access", string(access), "title", title, "body", body}, more...)...)
	if a.Code != 303 {
		t.Fatalf("write %q as %d: %d %s", title, person, a.Code, main(a.Body))
	}
	return a.To
}

func main(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	return page
}

// base is the revision that a form of a page begins from.
func base(t *testing.T, s *apptest.Site, person int64, page string) string {
	t.Helper()
	a := s.Get(person, page+"/bearbeiten")
	_, rest, ok := strings.Cut(a.Body, `name="base" value="`)
	if !ok {
		t.Fatalf("%s/bearbeiten: %d %s", page, a.Code, main(a.Body))
	}
	n, _, _ := strings.Cut(rest, `"`)
	return n
}

// TestWhoReads says for every kind of page who reads it: all others are told that there is no such page.
func TestWhoReads(t *testing.T) {
	h, s := serve(t)
	names := map[int64]string{apptest.Nobody: "niemand", apptest.Arno: "Arno", apptest.Olga: "Olga", apptest.Max: "Max", apptest.Hanna: "Hanna", apptest.Stefan: "Stefan",
		apptest.Ada: "Ada", apptest.Cem: "Cem", apptest.Dana: "Dana", apptest.Greta: "Greta", apptest.Rosa: "Rosa", apptest.Bert: "Bert", apptest.Invited: "Ina", apptest.Former: "Fritz",
		apptest.Locked: "Lutz", apptest.Silent: "Stan", apptest.Auditor: "Doris", apptest.Chair: "Vera"}
	const members = "Arno Olga Max Hanna Stefan Ada Cem Dana Greta Rosa Bert Doris Vera"
	for _, c := range []struct {
		by, unit int64
		access   Access
		readers  string
	}{
		{apptest.Hanna, apptest.Sonne, Board, "Olga Max Hanna"},
		{apptest.Stefan, apptest.Sonne, Staff, "Olga Max Hanna Stefan"},
		{apptest.Hanna, apptest.Sonne, Around, "Olga Max Hanna Stefan Ada Cem Dana Bert Vera"},
		{apptest.Hanna, apptest.Sonne, House, members},
		{apptest.Hanna, apptest.Sonne, Public, members + " niemand Ina Fritz Lutz Stan"},
		{apptest.Max, apptest.CarrierA, Board, "Olga Max"},
		{apptest.Max, apptest.CarrierA, Staff, "Olga Max Hanna Stefan"},
		{apptest.Max, apptest.CarrierA, Around, "Olga Max Hanna Stefan Ada Cem Dana Bert Vera"},
		{apptest.Olga, apptest.City, Staff, "Arno Olga Max Hanna Stefan Greta Rosa"},
		{apptest.Arno, apptest.City, Around, "Arno Olga Max Hanna Stefan Ada Cem Dana Greta Rosa Bert Vera"},
		{apptest.Olga, apptest.Office, Staff, "Olga"},
		{apptest.Chair, apptest.Council, Board, "Vera"},
		{apptest.Dana, apptest.Council, Staff, "Dana Vera"},
		{apptest.Chair, apptest.Council, Around, "Olga Max Hanna Stefan Ada Cem Dana Bert Vera"},
	} {
		at := write(t, s, c.by, c.unit, c.access, fmt.Sprintf("Seite %d %s", c.unit, c.access), "Geheimes Wort.")
		for id, name := range names {
			a := s.Get(id, at)
			reads := strings.Contains(" "+c.readers+" ", " "+name+" ")
			switch {
			case reads && (a.Code != 200 || !a.Has("Geheimes Wort.")):
				t.Errorf("%d %s: %s does not read it: %d", c.unit, c.access, name, a.Code)
			case !reads && (a.Code == 200 || a.Has("Geheimes") || a.Code != 404 && id != apptest.Nobody):
				t.Errorf("%d %s: %s gets %d", c.unit, c.access, name, a.Code)
			}
			if list := s.Get(id, fmt.Sprintf("/archiv/%d", c.unit)); list.Has(fmt.Sprintf("Seite %d %s<", c.unit, c.access)) != reads && id != apptest.Nobody && name != "Ina" && name != "Fritz" && name != "Lutz" && name != "Stan" {
				t.Errorf("%d %s: the list of %s is wrong: %d", c.unit, c.access, name, list.Code)
			}
			for way, has := range knows(t, h, id, c.unit, at) {
				if has != reads {
					t.Errorf("%d %s: %s has it by %s: %v", c.unit, c.access, name, way, has)
				}
			}
		}
	}
}

// knows says by which ways, other than its address, somebody comes to a page of a unit.
func knows(t *testing.T, h *apptest.House, person, unit int64, at string) map[string]bool {
	t.Helper()
	id, _ := strconv.ParseInt(strings.TrimPrefix(at, "/seite/"), 10, 64) // 0 is known by no way
	found := map[string]bool{}
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		var v who.Viewer
		if person != apptest.Nobody {
			var err error
			if v, err = org.Viewer(tx, person, h.Now()); err != nil {
				return err
			}
		}
		src := source(h.Now)
		seen, err := src.Seen(tx, v, []int64{id})
		if err != nil {
			return err
		}
		hits, err := src.Look(tx, v, []string{"geheimes"}, 100)
		if err != nil {
			return err
		}
		set, err := levels(tx, unit, v, h.Now())
		if err != nil {
			return err
		}
		around, err := tree(tx, unit, v, set)
		if err != nil {
			return err
		}
		found["search"], found["looking"] = slices.Contains(seen, id), slices.Contains(hits, id)
		found["tree"] = slices.ContainsFunc(around, func(n Node) bool { return n.ID == id })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWhoIsOffered: an archive is named to those only who read something there, and may be taken away by members.
func TestWhoIsOffered(t *testing.T) {
	_, s := serve(t)
	write(t, s, apptest.Rosa, apptest.Regenbogen, House, "Waldtag", "x")
	for person, want := range map[int64]bool{apptest.Ada: true, apptest.Invited: false, apptest.Silent: false, apptest.Nobody: false} {
		if a := s.Get(person, "/wissen"); a.Has("Kita Regenbogen") != want {
			t.Errorf("the archives of person %d: %s", person, main(a.Body))
		}
	}
	at := write(t, s, apptest.Rosa, apptest.Regenbogen, Public, "Garten", "Siehe [[Waldtag]].")
	if a := s.Get(apptest.Ada, "/archiv/8"); !a.Has("/archiv/8/herunterladen") {
		t.Error("a member is not offered the archive as files")
	}
	if a := s.Get(apptest.Nobody, "/archiv/8"); a.Code != 200 || a.Has("/archiv/8/herunterladen") || a.Has("/archiv/8/buch") {
		t.Errorf("a stranger is offered the archive as files: %d", a.Code)
	}
	if a := s.Get(apptest.Nobody, at); a.Code != 200 || !a.Has(`<span class="dead">Waldtag</span>`) {
		t.Errorf("a stranger is led to a page of the house: %s", main(a.Body))
	}
	write(t, s, apptest.Olga, apptest.Office, Staff, "Nur für das Amt", "x")
	if a := s.Get(apptest.Ada, fmt.Sprintf("/archiv/%d/herunterladen", apptest.Office)); a.Code != 404 {
		t.Errorf("an archive in which nothing is for her: %d", a.Code)
	}
}

// TestWhoWrites tries to write into each archive as everybody.
func TestWhoWrites(t *testing.T) {
	_, s := serve(t)
	for _, c := range []struct {
		unit    int64
		writers []int64
	}{
		{apptest.City, []int64{apptest.Arno, apptest.Olga}},
		{apptest.Office, []int64{apptest.Olga}},
		{apptest.CarrierA, []int64{apptest.Olga, apptest.Max}},
		{apptest.Sonne, []int64{apptest.Olga, apptest.Max, apptest.Hanna, apptest.Stefan}},
		{apptest.Kaefer, nil}, // a group has none
		{apptest.Regenbogen, []int64{apptest.Olga, apptest.Greta, apptest.Rosa}},
		{apptest.Council, []int64{apptest.Dana, apptest.Chair}},
	} {
		may := map[int64]bool{}
		for _, id := range c.writers {
			may[id] = true
		}
		for id := int64(1); id <= 17; id++ {
			a := s.Post(id, "/wissen/neu", "unit", fmt.Sprint(c.unit), "access", "unit", "title", fmt.Sprintf("Von %d", id), "body", "x")
			if (a.Code == 303) != may[id] {
				t.Errorf("%d writes into the archive of %d: %d %s", id, c.unit, a.Code, a.To)
			}
		}
	}
	at := write(t, s, apptest.Hanna, apptest.Sonne, Board, "Leitung", "x")
	if a := s.Get(apptest.Stefan, at+"/bearbeiten"); a.Code != 404 {
		t.Errorf("Stefan edits what only the head may read: %d", a.Code)
	}
	if a := s.Post(apptest.Stefan, "/wissen/neu", "unit", "4", "access", "board", "title", "x", "body", "x"); a.Code != 422 || !a.Has("selbst nicht mehr lesen") {
		t.Errorf("Stefan hides a page from himself: %d", a.Code)
	}
	at = write(t, s, apptest.Hanna, apptest.Sonne, Around, "Für alle", "x")
	if a := s.Post(apptest.Ada, at+"/bearbeiten", "title", "x", "body", "y", "base", "1"); a.Code != 403 {
		t.Errorf("Ada writes: %d", a.Code)
	}
	if a := main(s.Get(apptest.Ada, at).Body); strings.Contains(a, "Bearbeiten") || strings.Contains(a, "Hanna") {
		t.Errorf("Ada is offered to write, or reads who has: %s", a)
	}
}

// TestLinks: a link names a title, and goes on to find the page when that is moved or renamed.
func TestLinks(t *testing.T) {
	_, s := serve(t)
	plan := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Hygieneplan", "Hände waschen.")
	from := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Läuse", "Siehe [[Hygieneplan|den Plan]], [[hygiene-plan]] und [[Gibt es nicht]].")
	want := `<a href="` + plan + `">`
	if a := s.Get(apptest.Ada, from); strings.Count(a.Body, want) != 2 || !a.Has(`<span class="dead">Gibt es nicht</span>`) {
		t.Errorf("the links: %s", main(a.Body))
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); !a.Has("Gibt es nicht") || !a.Has("Verweise ins Leere") {
		t.Errorf("the dead link is not listed: %s", main(a.Body))
	}
	if a := s.Get(apptest.Ada, "/archiv/4"); a.Has("Gibt es nicht") {
		t.Error("Ada reads the list of dead links")
	}
	s.Post(apptest.Hanna, plan+"/bearbeiten", "title", "Sauberkeit", "body", "Hände waschen.", "base", base(t, s, apptest.Hanna, plan))
	s.Post(apptest.Hanna, plan+"/verschieben", "parent", strings.TrimPrefix(from, "/seite/"), "after", "0")
	if a := s.Get(apptest.Ada, from); strings.Count(a.Body, want) != 3 || !a.Has("Sauberkeit") {
		t.Errorf("after the move: %s", main(a.Body))
	}
	s.Post(apptest.Hanna, plan+"/leser", "access", "staff")
	if a := s.Get(apptest.Ada, from); a.Has(plan) || a.Has("Sauberkeit") {
		t.Errorf("Ada is told of a page that she may not read: %s", main(a.Body))
	}
	// Above the unit, and what is open to all, is found, too; another carrier's own pages are not.
	write(t, s, apptest.Olga, apptest.City, Around, "Gebühren", "x")
	write(t, s, apptest.Rosa, apptest.Regenbogen, House, "Waldtag", "x")
	write(t, s, apptest.Rosa, apptest.Regenbogen, Around, "Froschlied", "x")
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Rundblick", "[[Gebühren]] [[Waldtag]] [[Froschlied]]")
	if a := s.Get(apptest.Cem, at); strings.Count(main(a.Body), `<span class="dead">`) != 1 || !a.Has(`<span class="dead">Froschlied</span>`) {
		t.Errorf("links to other archives: %s", main(a.Body))
	}
}

// TestDeadLinks: whoever writes learns of links that lead them nowhere, and nothing of pages that they may not read.
func TestDeadLinks(t *testing.T) {
	_, s := serve(t)
	write(t, s, apptest.Hanna, apptest.Sonne, Board, "Abmahnung", "x")
	write(t, s, apptest.Max, apptest.CarrierA, Board, "Verkauf", "x")
	write(t, s, apptest.Max, apptest.CarrierA, Staff, "Leitbild", "x")
	write(t, s, apptest.Rosa, apptest.Regenbogen, House, "Nachbarn", "x")
	write(t, s, apptest.Rosa, apptest.Regenbogen, Staff, "Fremdes", "x")
	draft := write(t, s, apptest.Stefan, apptest.Sonne, Around, "Ohne Freigabe", "x")
	s.Post(apptest.Stefan, draft+"/vorlage", "on", "1")
	write(t, s, apptest.Stefan, apptest.Sonne, Staff, "Probe", "[[Abmahnung]] [[Verkauf]] [[Leitbild]] [[Nachbarn]] [[Fremdes]] [[Ohne Freigabe]] [[Nichts]]")
	for by, dead := range map[int64][]string{apptest.Stefan: {"Abmahnung", "Verkauf", "Fremdes", "Nichts"}, apptest.Hanna: {"Verkauf", "Fremdes", "Nichts"}, apptest.Max: {"Fremdes", "Nichts"}} {
		list := main(s.Get(by, "/archiv/4").Body)
		for _, title := range []string{"Abmahnung", "Verkauf", "Leitbild", "Nachbarn", "Fremdes", "Ohne Freigabe", "Nichts"} {
			if strings.Contains(list, "verweist auf „"+title+"“") != slices.Contains(dead, title) {
				t.Errorf("%d: %s: %s", by, title, list)
			}
		}
	}
}

// TestTogether: two people edit a page at once. The second sees what the first has changed, and nothing is lost.
func TestTogether(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Dienstplan", "Montag: Anna\nDienstag: Ben\nMittwoch: Cleo")
	b := base(t, s, apptest.Stefan, at)
	first := s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Dienstplan", "body", "Montag: Dora\nDienstag: Ben\nMittwoch: Cleo", "base", b)
	second := s.Post(apptest.Stefan, at+"/bearbeiten", "title", "Dienstplan", "body", "Montag: Anna\nDienstag: Ben\nMittwoch: Emil", "base", b)
	if first.Code != 303 || second.Code != 422 {
		t.Fatalf("first %d, second %d", first.Code, second.Code)
	}
	for _, want := range []string{"Inzwischen hat jemand anderes", "Von Hanna Leitung", "<ins>Dora</ins>", "<ins>Emil</ins>", "Montag: Dora\nDienstag: Ben\nMittwoch: Emil</textarea>"} {
		if !second.Has(want) {
			t.Errorf("the second does not read %q: %s", want, main(second.Body))
		}
	}
	_, rest, _ := strings.Cut(second.Body, `name="base" value="`)
	b2, _, _ := strings.Cut(rest, `"`)
	if b2 == b {
		t.Error("the form still begins from the old revision")
	}
	if a := s.Post(apptest.Stefan, at+"/bearbeiten", "title", "Dienstplan", "body", "Montag: Dora\nDienstag: Ben\nMittwoch: Emil", "base", b2); a.Code != 303 {
		t.Errorf("the merged page is not saved: %d", a.Code)
	}
	// Both change the same line.
	b = base(t, s, apptest.Stefan, at)
	s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Dienstplan", "body", "Montag: X\nDienstag: Ben\nMittwoch: Emil", "base", b)
	clash := s.Post(apptest.Stefan, at+"/bearbeiten", "title", "Dienstplan", "body", "Montag: Y\nDienstag: Ben\nMittwoch: Emil", "base", b)
	if !clash.Has("Montag: Y\n\n"+markOther+"\n\nMontag: X\n\n"+markEnd) || clash.Code != 422 {
		t.Errorf("the clash: %d %s", clash.Code, main(clash.Body))
	}
	if a := s.Post(apptest.Stefan, at+"/bearbeiten", "title", "Dienstplan", "body", "Montag: Y\n"+markOther, "base", base(t, s, apptest.Stefan, at)); a.Code != 422 || !a.Has("entscheiden Sie") {
		t.Errorf("the marks are saved: %d", a.Code)
	}
}

// TestRevisions: every state is kept, can be compared, and comes back.
func TestRevisions(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Öffnungszeiten", "Wir öffnen um 7 Uhr.")
	s.Post(apptest.Stefan, at+"/bearbeiten", "title", "Öffnungszeiten", "body", "Wir öffnen um 8 Uhr.", "base", base(t, s, apptest.Stefan, at))
	if a := s.Get(apptest.Hanna, at+"/fassungen"); strings.Count(a.Body, "/fassung/") != 2 || !a.Has("Stefan Fachkraft") || !a.Has("wird gezeigt") {
		t.Errorf("the list: %s", main(a.Body))
	}
	if a := s.Get(apptest.Hanna, "/fassung/2"); !a.Has("um <del>7</del><ins>8</ins> Uhr") {
		t.Errorf("the difference: %s", main(a.Body))
	}
	for _, id := range []int64{apptest.Ada, apptest.Rosa} {
		if a := s.Get(id, "/fassung/1"); a.Code == 200 {
			t.Errorf("%d reads an earlier revision", id)
		}
	}
	if a := s.Post(apptest.Hanna, "/fassung/1/wiederherstellen"); a.To != at {
		t.Errorf("restore: %d %s", a.Code, a.To)
	}
	if a := s.Get(apptest.Ada, at); !a.Has("um 7 Uhr") {
		t.Errorf("not restored: %s", main(a.Body))
	}
	if a := s.Get(apptest.Hanna, at+"/fassungen"); strings.Count(a.Body, `href="/fassung/`) != 3 {
		t.Error("restoring has removed a revision")
	}
}

// TestApproval: where a unit wants it, readers see what somebody else has released.
func TestApproval(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Ausflug", "Wir fahren ans Meer.")
	if a := s.Post(apptest.Ada, "/archiv/4/einstellungen", "approve", "1"); a.Code != 403 {
		t.Errorf("Ada sets the archive up: %d", a.Code)
	}
	s.Post(apptest.Hanna, "/archiv/4/einstellungen", "approve", "1")
	s.Post(apptest.Stefan, at+"/bearbeiten", "title", "Ausflug", "body", "Wir fahren in den Wald.", "base", base(t, s, apptest.Stefan, at))
	draft := write(t, s, apptest.Stefan, apptest.Sonne, Around, "Neues Lied", "Lalala")
	for _, id := range []int64{apptest.Ada, apptest.Stefan} {
		if a := s.Get(id, at); !a.Has("ans Meer") || a.Has("Wald") {
			t.Errorf("%d reads what is not released", id)
		}
	}
	if a := s.Get(apptest.Ada, draft); a.Code != 404 {
		t.Errorf("Ada reads a draft: %d", a.Code)
	}
	if a := s.Get(apptest.Ada, "/archiv/4"); a.Has("Neues Lied") {
		t.Error("Ada sees the title of a draft")
	}
	if a := s.Get(apptest.Stefan, "/archiv/4"); !a.Has("Neues Lied") || !a.Has("Entwurf") || !a.Has("Neue Fassung wartet") {
		t.Errorf("Stefan's list: %s", main(a.Body))
	}
	if a := s.Post(apptest.Stefan, "/fassung/2/freigeben"); a.Code != 409 || !a.Has("jemand anderes") {
		t.Errorf("Stefan releases his own: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, "/fassung/2/freigeben"); a.To != at {
		t.Errorf("Hanna releases: %d", a.Code)
	}
	if a := s.Get(apptest.Ada, at); !a.Has("Wald") {
		t.Error("Ada does not read what was released")
	}
	if a := s.Post(apptest.Hanna, "/fassung/1/freigeben"); a.Code != 409 {
		t.Errorf("an old revision is released: %d", a.Code)
	}
}

// TestTree: pages are moved, but never below themselves; the bin gives back what was put there.
func TestTree(t *testing.T) {
	_, s := serve(t)
	a := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Anton", "x")
	b := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Berta", "x", "parent", "1")
	c := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Cäsar", "x", "parent", "2")
	for _, parent := range []string{"1", "2", "3"} {
		if got := s.Post(apptest.Hanna, a+"/verschieben", "parent", parent, "after", "0"); got.Code != 422 || !got.Has("nicht unter sich selbst") {
			t.Errorf("Anton below %s: %d", parent, got.Code)
		}
	}
	other := write(t, s, apptest.Rosa, apptest.Regenbogen, House, "Fremd", "x")
	if got := s.Post(apptest.Hanna, c+"/verschieben", "parent", strings.TrimPrefix(other, "/seite/"), "after", "0"); got.Code != 422 {
		t.Errorf("below a page of another archive: %d", got.Code)
	}
	d := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Dora", "x")
	s.Post(apptest.Hanna, d+"/verschieben", "parent", "0", "after", "0")
	if got := main(s.Get(apptest.Ada, "/archiv/4").Body); strings.Index(got, "Dora") > strings.Index(got, "Anton") {
		t.Error("Dora does not stand first")
	}
	s.Post(apptest.Hanna, b+"/entfernen")
	if got := s.Get(apptest.Ada, b); got.Code != 404 {
		t.Errorf("Ada reads what lies in the bin: %d", got.Code)
	}
	if got := s.Get(apptest.Ada, a); !got.Has("Cäsar") {
		t.Error("what stood below a removed page is lost")
	}
	if got := s.Get(apptest.Hanna, "/archiv/4"); !got.Has("Papierkorb") {
		t.Error("no bin")
	}
	s.Post(apptest.Hanna, b+"/zurueckholen")
	if got := s.Get(apptest.Ada, b); got.Code != 200 {
		t.Errorf("Berta is not back: %d", got.Code)
	}
}

// TestUnseenBetween: a page that its mover does not see stands in the way all the same, of a ring and of too many levels.
func TestUnseenBetween(t *testing.T) {
	_, s := serve(t)
	a := write(t, s, apptest.Stefan, apptest.Sonne, Staff, "Anton", "x")
	write(t, s, apptest.Hanna, apptest.Sonne, Board, "Berta", "x", "parent", "1")
	write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Cäsar", "x", "parent", "2")
	if got := s.Post(apptest.Stefan, a+"/verschieben", "parent", "3", "after", "0"); got.Code != 422 || !got.Has("nicht unter sich selbst") || got.Has("Berta") {
		t.Errorf("Anton below Cäsar: %d %s", got.Code, main(got.Body))
	}
	for i := 3; i < mostDeep; i++ {
		write(t, s, apptest.Hanna, apptest.Sonne, Board, fmt.Sprintf("Stufe %d", i), "x", "parent", fmt.Sprint(i))
	}
	write(t, s, apptest.Hanna, apptest.Sonne, Board, "Zweig", "x")
	d := write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Dora", "x", "parent", fmt.Sprint(mostDeep+1))
	if got := s.Post(apptest.Stefan, d+"/verschieben", "parent", "0", "after", "0"); got.Code != 303 {
		t.Errorf("Dora to the top: %d", got.Code)
	}
	if got := s.Post(apptest.Stefan, a+"/verschieben", "parent", fmt.Sprint(mostDeep+2), "after", "0"); got.Code != 422 || !got.Has("So tief") {
		t.Errorf("twelve levels below Dora: %d %s", got.Code, main(got.Body))
	}
}

// TestPublic: a public page has an address with words, and tells other programs what it is.
func TestPublic(t *testing.T) {
	_, s := serve(t)
	at := write(t, s, apptest.Olga, apptest.City, Public, "Gebühren für Übermittag", "Das kostet **nichts**.")
	p := s.Get(apptest.Nobody, at+"-gebuehren-fuer-uebermittag")
	for _, want := range []string{`<link rel="canonical" href="http://localhost:8080` + at + `-gebuehren-fuer-uebermittag">`, `property="og:title" content="Gebühren für Übermittag"`, `property="og:description" content="Das kostet nichts."`, "<strong>nichts</strong>"} {
		if !p.Has(want) {
			t.Errorf("lacks %s: %d %s", want, p.Code, p.Body)
		}
	}
	if p.Header.Get("Last-Modified") == "" {
		t.Error("no Last-Modified")
	}
	if i := s.Get(apptest.Nobody, "/wissen"); !i.Has("Stadt Musterhausen") {
		t.Error("nobody finds the archive")
	}
	inner := write(t, s, apptest.Olga, apptest.City, House, "Intern", "x")
	if a := s.Get(apptest.Nobody, inner); a.To != "/anmelden?weiter="+inner {
		t.Errorf("nobody is not asked to sign in: %d %s", a.Code, a.To)
	}
}

func TestCheck(t *testing.T) {
	_, s := serve(t)
	for _, c := range []struct{ name, title, body, want string }{
		{"no title", "  ", "x", "einen Titel"},
		{"a title that ends a link", "a]]b", "x", "eckigen Klammern"},
		{"a long title", strings.Repeat("ä", 151), "x", "kürzen"},
		{"unreadable", "a", "x\x07", "niemand lesen kann"},
	} {
		if a := s.Post(apptest.Hanna, "/wissen/neu", "unit", "4", "access", "unit", "title", c.title, "body", c.body); a.Code != 422 || !a.Has(c.want) {
			t.Errorf("%s: %d %s", c.name, a.Code, main(a.Body))
		}
	}
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Kurz", "x")
	if a := s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Kurz", "body", strings.Repeat("x", mostBody+1), "base", "1"); a.Code != 422 || !a.Has("mehrere Seiten") {
		t.Errorf("a page of a single endless line: %d", a.Code)
	}
}
