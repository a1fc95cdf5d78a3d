package registry

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// photos is what Mila's family has agreed to, and nobody else's.
func photos(_ *store.Tx, child int64, _ time.Time) ([]Use, error) {
	return []Use{{"Fotos im Haus", child == apptest.Mila}}, nil
}

// TestUses: whoever looks after a child reads what may be done with it; of a child that has left there is nothing to do.
func TestUses(t *testing.T) {
	h, site := serve(t)
	for child, want := range map[int64]string{apptest.Mila: `Fotos im Haus <span class="tag ok">ja`, apptest.Can: `Fotos im Haus <span class="tag warn">nein`} {
		if a := site.Get(apptest.Hanna, fmt.Sprint("/kind/", child)); !a.Has(want) {
			t.Errorf("child %d:\n%s", child, a.Body)
		}
	}
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE child_stay SET until = 100 WHERE child = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := site.Get(apptest.Hanna, "/kind/1"); a.Code != 200 || a.Has("Fotos im Haus") {
		t.Errorf("of a child that has left: %d", a.Code)
	}
}

func serve(t *testing.T) (*apptest.House, *apptest.Site) {
	t.Helper()
	h := apptest.New(t)
	return h, h.Serve(t, New(h.House, silent, photos))
}

func silent(*store.Tx, time.Time, int64, string, int64) error { return nil }

// rows lists the rows of a query as words.
func rows(t testing.TB, db *store.DB, query string, args ...any) []string {
	t.Helper()
	var all []string
	err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.All(tx, store.Value[string], query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// was finds the hidden hash of the form that leads to a path.
func was(t *testing.T, a apptest.Answer, path string) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)action="` + regexp.QuoteMeta(path) + `".*?name="was" value="([0-9a-f]+)"`).FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatalf("no form to %s in\n%s", path, a.Body)
	}
	return m[1]
}

// done fails unless the answer leads on.
func done(t *testing.T, a apptest.Answer, to string) {
	t.Helper()
	if a.Code != 303 || to != "" && a.To != to {
		t.Fatalf("answer %d to %q, want 303 to %q\n%s", a.Code, a.To, to, a.Body)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	_, site := serve(t)
	const staff = apptest.Stefan
	for _, c := range []struct {
		path string
		may  []int64 // all others: not found, forbidden or sent to sign in
	}{
		{"/einheiten", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna, apptest.Greta, apptest.Rosa, staff}},
		{"/einheit/1", []int64{apptest.Arno, apptest.Olga}},
		{"/einheit/3", []int64{apptest.Arno, apptest.Olga, apptest.Max}},
		{"/einheit/4", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna}},
		{"/einheit/4/bearbeiten", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna}},
		{"/einheit/5", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna, staff}},
		{"/einheit/5/bearbeiten", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna}},
		{"/einheit/6", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna}},
		{"/einheit/8", []int64{apptest.Arno, apptest.Olga, apptest.Greta, apptest.Rosa}},
		{"/einheit/10", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna}},
		{"/einheit/999", nil},
		{"/kind/1", []int64{apptest.Arno, apptest.Max, apptest.Hanna, staff}},
		{"/kind/2", []int64{apptest.Arno, apptest.Greta, apptest.Rosa}},
		{"/kind/3", []int64{apptest.Arno, apptest.Max, apptest.Hanna}},
		{"/kind/999", nil},
		{"/sorge/1", []int64{apptest.Arno, apptest.Max, apptest.Hanna}},
		{"/sorge/3", []int64{apptest.Arno, apptest.Greta, apptest.Rosa}},
		{"/mitgliedschaft/1", []int64{apptest.Arno}},
		{"/mitgliedschaft/3", []int64{apptest.Arno, apptest.Max}},
		{"/mitgliedschaft/4", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna}},
		{"/mitgliedschaft/5", []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna}},
	} {
		may := map[int64]bool{}
		for _, p := range c.may {
			may[p] = true
		}
		for p := int64(apptest.Nobody); p <= apptest.Chair; p++ {
			a := site.Get(p, c.path)
			if ok := a.Code == 200; ok != may[p] || a.Code >= 500 {
				t.Errorf("%s as %d: %d, may %v", c.path, p, a.Code, may[p])
			}
		}
	}
	// An office sees how many, never who.
	for _, path := range []string{"/einheit/4", "/einheit/5"} {
		if a := site.Get(apptest.Olga, path); a.Has("Mila") || a.Has("Demir") {
			t.Errorf("the office reads names of families at %s", path)
		}
	}
	a := site.Get(staff, "/einheit/5")
	if !a.Has("Mila") || !a.Has(`href="tel:0461111"`) || a.Has("ada@example.org") || a.Has("bearbeiten") || a.Has("Dora") || a.Has("<form") {
		t.Errorf("staff sees the own group, to telephone and nothing more:\n%s", a.Body)
	}
	if a := site.Get(staff, "/kind/1"); !a.Has("0461 112") || a.Has("ada@example.org") || a.Has("<form") {
		t.Errorf("staff and a child:\n%s", a.Body)
	}
	if a := site.Get(apptest.Hanna, "/einheit/4"); !a.Has("Stammdaten") || a.Has(`href="/einheit/3"`) || a.Has(`href="/einheit/1"`) {
		t.Errorf("the path leads a head to units that are not hers:\n%s", a.Body)
	}
	if a := site.Get(apptest.Rosa, "/einheiten?q=kita"); !a.Has("Kita Regenbogen") || a.Has("Kita Sonnenblume") {
		t.Errorf("search finds units of others:\n%s", a.Body)
	}
}

// Everything that changes something, sent by people of another carrier, is not
// found and changes nothing; the same with made-up ids.
func TestForeignChanges(t *testing.T) {
	h, site := serve(t)
	forms := []struct {
		path   string
		fields []string
	}{
		{"/einheit/%d/neu", []string{"kind", "group", "name", "Neu"}},
		{"/einheit/%d/bearbeiten", []string{"name", "Neu"}},
		{"/einheit/%d/verschieben", []string{"parent", "7"}},
		{"/einheit/%d/beenden", nil},
		{"/einheit/%d/oeffnen", nil},
		{"/einheit/%d/mitglied", []string{"role", "5", "given", "A", "family", "B"}},
		{"/einheit/%d/kind", []string{"given", "A", "family", "B", "group", "5"}},
		{"/kind/%d", []string{"given", "A", "family", "B"}},
		{"/kind/%d/gruppe", []string{"group", "9"}},
		{"/kind/%d/abmelden", nil},
		{"/kind/%d/sorge", []string{"given", "A", "family", "B"}},
		{"/sorge/%d", []string{"given", "A", "family", "B"}},
		{"/sorge/%d/zustand", []string{"state", "ended"}},
		{"/mitgliedschaft/%d", []string{"mail", "a@b.de"}},
		{"/mitgliedschaft/%d/zustand", []string{"state", "ended"}},
	}
	// A head elsewhere who looks after this unit for the city knows none of its families.
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since, until) VALUES (?, 8, ?, 'confirmed', 0, 9223372036854775807)`, apptest.Olga, who.Head)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if a := site.Post(apptest.Olga, "/einheit/4/kind", "given", "A", "family", "B", "group", "5"); a.Code != 404 {
		t.Errorf("an office takes a child in: %d", a.Code)
	}
	if a := site.Post(apptest.Max, "/einheit/3/kind", "given", "A", "family", "B", "group", "5"); a.Code != 404 {
		t.Errorf("a carrier takes a child in: %d", a.Code)
	}
	ids := map[string]int{"/einheit": 4, "/kind": 1, "/sorge": 1, "/mitgliedschaft": 4}
	before := h.DB.Changes()
	for _, f := range forms {
		for _, id := range []int{ids[f.path[:strings.Index(f.path[1:], "/")+1]], 9999} {
			path := fmt.Sprintf(f.path, id)
			for _, p := range []int64{apptest.Rosa, apptest.Greta} {
				if a := site.Post(p, path, f.fields...); a.Code != 404 {
					t.Errorf("POST %s as %d: %d", path, p, a.Code)
				}
			}
			for _, p := range []int64{apptest.Stefan, apptest.Ada, apptest.Former, apptest.Invited, apptest.Locked} {
				if a := site.Post(p, path, f.fields...); a.Code != 403 {
					t.Errorf("POST %s as %d: %d", path, p, a.Code)
				}
			}
		}
	}
	if h.DB.Changes() != before {
		t.Error("something was changed")
	}
}

func TestUnitsByHand(t *testing.T) {
	h, site := serve(t)
	a := site.Post(apptest.Max, "/einheit/3/neu", "kind", "facility", "name", " Kita  Mond ")
	done(t, a, "")
	kita := a.To
	a = site.Post(apptest.Max, kita+"/neu", "kind", "group", "name", "Igel")
	done(t, a, "")
	igel := a.To
	if a := site.Get(apptest.Arno, igel); !a.Has("Kita Mond") || !a.Has("Igel") {
		t.Errorf("the new group:\n%s", a.Body)
	}
	for name, fields := range map[string][]string{
		"nameless": {"kind", "group", "name", " "}, "the same again": {"kind", "group", "name", "Igel"}, "a carrier in a facility": {"kind", "carrier", "name", "X"}} {
		if a := site.Post(apptest.Max, kita+"/neu", fields...); a.Code != 422 || !a.Has("aria-invalid") {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := site.Post(apptest.Max, "/einheit/1/neu", "kind", "carrier", "name", "X"); a.Code != 404 {
		t.Errorf("a manager adds to the city: %d", a.Code)
	}

	// Two people correct the same facility: the second is told, and nothing typed is lost.
	edit := kita + "/bearbeiten"
	first := was(t, site.Get(apptest.Max, edit), edit)
	second := was(t, site.Get(apptest.Arno, edit), edit)
	if a := site.Post(apptest.Max, edit, "was", first, "name", "Kita Mond", "phone", "abends", "website", "ftp://x", "places_total", "viele"); a.Code != 422 ||
		!a.Has("unit-phone-error") || !a.Has("unit-website-error") || !a.Has("unit-places_total-error") || !a.Has(`value="abends"`) {
		t.Errorf("wrong input: %d\n%s", a.Code, a.Body)
	}
	done(t, site.Post(apptest.Max, edit, "was", first, "name", "Kita Vollmond", "phone", "0461 55", "places_total", "40"), kita)
	a = site.Post(apptest.Arno, edit, "was", second, "name", "Kita Neumond", "phone", "")
	if a.Code != 422 || !a.Has("jemand anderes") || !a.Has("Kita Vollmond") || !a.Has(`value="Kita Neumond"`) {
		t.Errorf("the second of two: %d\n%s", a.Code, a.Body)
	}
	done(t, site.Post(apptest.Arno, edit, "was", was(t, a, edit), "name", "Kita Neumond", "phone", ""), kita)
	if a := site.Get(apptest.Max, kita); !a.Has("Kita Neumond") || a.Has("0461 55") {
		t.Errorf("after the second:\n%s", a.Body)
	}

	// Move: only to where the mover is responsible as well.
	move := kita + "/verschieben"
	a = site.Get(apptest.Arno, edit)
	if a := site.Post(apptest.Arno, move, "was", was(t, a, move), "parent", "5"); a.Code != 422 {
		t.Errorf("into a group: %d", a.Code)
	}
	if a := site.Post(apptest.Max, move, "was", was(t, a, move), "parent", "7"); a.Code != 422 {
		t.Errorf("to another's carrier: %d", a.Code)
	}
	done(t, site.Post(apptest.Arno, move, "was", was(t, a, move), "parent", "7"), kita)
	if a := site.Get(apptest.Max, kita); a.Code != 404 {
		t.Errorf("the former carrier: %d", a.Code)
	}
	if a := site.Get(apptest.Greta, igel); a.Code != 200 {
		t.Errorf("the new carrier: %d", a.Code)
	}

	// End and open again, not with children inside, and not by who looks after nothing above.
	end := kita + "/beenden"
	done(t, site.Post(apptest.Greta, end, "was", was(t, site.Get(apptest.Greta, edit), end)), kita)
	if a := site.Get(apptest.Greta, igel); !a.Has("beendet") {
		t.Errorf("a group of an ended facility:\n%s", a.Body)
	}
	open := kita + "/oeffnen"
	done(t, site.Post(apptest.Greta, open, "was", was(t, site.Get(apptest.Greta, edit), open)), kita)
	if a := site.Get(apptest.Greta, igel); a.Has("beendet") {
		t.Errorf("a group of a facility that is open again:\n%s", a.Body)
	}
	end = "/einheit/4/beenden"
	if a := site.Post(apptest.Max, end, "was", was(t, site.Get(apptest.Max, "/einheit/4/bearbeiten"), end)); a.Code != 422 || !a.Has("3 Kinder") {
		t.Errorf("a facility with children: %d", a.Code)
	}
	if a := site.Get(apptest.Hanna, "/einheit/4/bearbeiten"); a.Has(end) {
		t.Error("a head is offered to end her own facility")
	}

	// Merge: facilities and people go over, the other is ended and cannot come back.
	merge := "/einheit/7/zusammenlegen"
	done(t, site.Post(apptest.Arno, merge, "was", was(t, site.Get(apptest.Arno, "/einheit/7/bearbeiten"), merge), "into", "3"), "/einheit/3")
	if a := site.Get(apptest.Greta, "/einheit/4"); a.Code != 200 {
		t.Errorf("the manager of the merged carrier: %d", a.Code)
	}
	open = "/einheit/7/oeffnen"
	if a := site.Post(apptest.Arno, open, "was", was(t, site.Get(apptest.Arno, "/einheit/7/bearbeiten"), open)); a.Code != 422 || !a.Has("aufgegangen") {
		t.Errorf("a merged carrier opens: %d", a.Code)
	}
	if got := rows(t, h.DB, `SELECT count(*) FROM unit_up`); got[0] != rows(t, h.DB, `
		WITH RECURSIVE up (unit, above) AS (SELECT id, id FROM unit UNION ALL SELECT up.unit, u.parent FROM up JOIN unit u ON u.id = up.above WHERE u.parent IS NOT NULL)
		SELECT count(*) FROM up JOIN unit_up x ON x.unit = up.unit AND x.above = up.above`)[0] {
		t.Errorf("the closure table does not fit the tree any more")
	}
}

// signIn puts a session into the database and reports how many the person has.
func signIn(t *testing.T, h *apptest.House, p int64) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, '', 0, 0, 9999999999, 0)`,
			[]byte(fmt.Sprint(p)), p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sessions(t *testing.T, h *apptest.House, p int64) string {
	t.Helper()
	return rows(t, h.DB, `SELECT count(*) FROM session WHERE person = ?`, p)[0]
}

func TestRoles(t *testing.T) {
	h, site := serve(t)
	// Nobody hands out a role above the own one, nor one that the unit does not have.
	for _, c := range []struct {
		by   int64
		unit string
		role who.Role
		ok   bool
	}{
		{apptest.Hanna, "4", who.Staff, true}, {apptest.Hanna, "4", who.Head, true}, {apptest.Hanna, "5", who.Staff, true},
		{apptest.Hanna, "4", who.Manager, false}, {apptest.Hanna, "4", who.Admin, false}, {apptest.Hanna, "4", who.Parent, false},
		{apptest.Max, "3", who.Manager, true}, {apptest.Max, "3", who.Admin, false}, {apptest.Max, "3", who.Auditor, false}, {apptest.Max, "4", who.Head, true},
		{apptest.Olga, "1", who.Admin, false}, {apptest.Olga, "1", who.Office, false}, {apptest.Olga, "3", who.Manager, false}, {apptest.Olga, "4", who.Head, true},
		{apptest.Arno, "1", who.Admin, true}, {apptest.Arno, "2", who.Office, true}, {apptest.Arno, "3", who.Manager, true},
	} {
		a := site.Post(c.by, "/einheit/"+c.unit+"/mitglied", "given", "Neu", "family", fmt.Sprint(c), "role", fmt.Sprint(int(c.role)))
		if ok := a.Code == 303; ok != c.ok || a.Code >= 500 || a.Code == 404 {
			t.Errorf("%+v: %d", c, a.Code)
		}
	}
	if n := rows(t, h.DB, `SELECT count(*) FROM membership m JOIN person p ON p.id = m.person WHERE p.given = 'Neu' AND m.state <> 'invited'`)[0]; n != "0" {
		t.Errorf("%s new people are more than invited", n)
	}
	if a := site.Post(apptest.Hanna, "/einheit/4/mitglied", "person", "10", "role", "5"); a.Code != 422 || !a.Has("aus der Liste") {
		t.Errorf("somebody of another carrier: %d", a.Code)
	}
	if a := site.Post(apptest.Hanna, "/einheit/4/mitglied", "person", "4", "role", "5"); a.Code != 422 || !a.Has("Sich selbst") {
		t.Errorf("oneself: %d", a.Code)
	}
	if a := site.Post(apptest.Hanna, "/einheit/4/mitglied", "given", "", "family", "X", "role", "5", "mail", "x", "since", "2026-05-01", "until", "2026-04-01"); a.Code != 422 ||
		!a.Has("member-mail-error") {
		t.Errorf("wrong input: %d\n%s", a.Code, a.Body)
	}
	// A parent of the facility becomes a delegate: known, so no letter. In a committee the office decides.
	done(t, site.Post(apptest.Hanna, "/einheit/10/mitglied", "person", fmt.Sprint(apptest.Cem), "office", "deputy", "since", "2026-03-01", "until", "2026-12-31"), "/einheit/10")
	got := rows(t, h.DB, `SELECT role || ' ' || office || ' ' || state || ' ' || since || ' ' || until FROM membership WHERE person = ?`, apptest.Cem)
	if want := "8 deputy confirmed 1772319600 1798758000"; len(got) != 1 || got[0] != want { // local midnights; the last day counts
		t.Errorf("delegate %q, want %q", got, want)
	}
	if a := site.Post(apptest.Hanna, "/einheit/10/mitglied", "person", fmt.Sprint(apptest.Cem), "office", "chair", "since", "2026-12-31"); a.Code != 422 {
		t.Errorf("overlapping terms: %d", a.Code)
	}

	// Suspending signs out; a second click on an old page is told; ended stays ended.
	page := h.Live.Listen(who.Viewer{ID: apptest.Ada}, nil, h.Live.Mark())
	defer page.Close()
	signIn(t, h, apptest.Stefan)
	path, step := "/mitgliedschaft/5", "/mitgliedschaft/5/zustand"
	old := was(t, site.Get(apptest.Hanna, path), step)
	done(t, site.Post(apptest.Hanna, step, "was", old, "state", "suspended"), "/einheit/5")
	if sessions(t, h, apptest.Stefan) != "0" || !page.News().Rights {
		t.Error("a suspended member is still signed in, or nobody heard of it")
	}
	if a := site.Get(apptest.Stefan, "/einheit/5"); a.Code != 403 {
		t.Errorf("a suspended member: %d", a.Code)
	}
	if a := site.Post(apptest.Max, step, "was", old, "state", "ended"); a.Code != 422 || !a.Has("jemand anderes") {
		t.Errorf("an old page: %d", a.Code)
	}
	done(t, site.Post(apptest.Hanna, step, "was", was(t, site.Get(apptest.Hanna, path), step), "state", "confirmed"), "")
	if a := site.Get(apptest.Stefan, "/einheit/5"); a.Code != 200 {
		t.Errorf("confirmed again: %d", a.Code)
	}
	for _, to := range []string{"invited", "accepted", "nonsense"} {
		if a := site.Post(apptest.Hanna, step, "was", was(t, site.Get(apptest.Hanna, path), step), "state", to); a.Code != 422 {
			t.Errorf("to %s: %d", to, a.Code)
		}
	}
	done(t, site.Post(apptest.Hanna, path, "was", was(t, site.Get(apptest.Hanna, path), path), "given", "Stefan", "family", "Kraft", "phone", "0461 9", "mail", "", "since", "2020-01-01", "until", "2026-02-28"), "")
}

func TestChildAndGuardians(t *testing.T) {
	h, site := serve(t)
	a := site.Post(apptest.Hanna, "/einheit/4/kind", "given", "Lina", "family", "Kurz", "born", "2022-02-03", "ref", "7", "group", "5")
	done(t, a, "")
	kid := a.To
	for name, fields := range map[string][]string{
		"the same child again":     {"given", "Lina", "family", "Kurz", "born", "2022-02-03", "ref", "7", "group", "5"},
		"a group of others":        {"given", "Max", "family", "Kurz", "group", "9"},
		"without name":             {"given", "", "family", "", "group", "5"},
		"born in the next century": {"given", "Max", "family", "Kurz", "born", "2126-01-01", "group", "5"},
	} {
		if a := site.Post(apptest.Hanna, "/einheit/4/kind", fields...); a.Code != 422 || !a.Has("aria-invalid") {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := site.Get(apptest.Hanna, kid); !a.Has("niemand eingetragen") || !a.Has("3.2.2022") {
		t.Errorf("the new child:\n%s", a.Body)
	}
	// A new mother is invited; a father of a sibling is known already.
	if a := site.Post(apptest.Hanna, kid+"/sorge", "given", "Eva", "family", "Kurz", "mail", "eva", "phone", "x", "language", "tr", "informed", "1"); a.Code != 422 ||
		!a.Has("g-mail-error") || !a.Has("g-phone-error") || !a.Has(`value="Eva"`) || !a.Has(`<option value="tr" selected>Türkisch · Türkçe</option>`) {
		t.Errorf("wrong input: %d\n%s", a.Code, a.Body)
	}
	done(t, site.Post(apptest.Hanna, kid+"/sorge", "given", "Eva", "family", "Kurz", "mail", "eva@example.org", "informed", "1", "decides", "1"), kid)
	done(t, site.Post(apptest.Hanna, kid+"/sorge", "person", fmt.Sprint(apptest.Cem), "relation", "Vater", "informed", "1"), kid)
	if a := site.Post(apptest.Hanna, kid+"/sorge", "person", fmt.Sprint(apptest.Cem)); a.Code != 422 || !a.Has("steht schon") {
		t.Errorf("twice: %d", a.Code)
	}
	if a := site.Post(apptest.Hanna, kid+"/sorge", "person", fmt.Sprint(apptest.Greta)); a.Code != 422 {
		t.Errorf("somebody of another carrier: %d", a.Code)
	}
	got := rows(t, h.DB, `SELECT p.given || ' ' || g.state || ' ' || g.rank || g.informed || g.decides FROM guardian g JOIN person p ON p.id = g.person JOIN child c ON c.id = g.child WHERE c.ref = '7' ORDER BY g.rank`)
	if strings.Join(got, ", ") != "Eva invited 111, Cem confirmed 210" {
		t.Errorf("guardians %q", got)
	}

	// A court decides: the father is not to be informed. He is signed out, and is not a parent here any more.
	signIn(t, h, apptest.Cem)
	form := []string{"relation", "Vater", "rank", "2", "language", "tr", "phone", "0461 113", "mail", "cem@example.org"}
	path := "/sorge/4" // of Can
	first := was(t, site.Get(apptest.Hanna, path), path)
	second := was(t, site.Get(apptest.Max, path), path)
	done(t, site.Post(apptest.Hanna, path, append(form, "was", first, "given", "Cem", "family", "Yıldız", "decides", "1")...), "/kind/3")
	if sessions(t, h, apptest.Cem) != "0" {
		t.Error("who is not to be informed any more is still signed in")
	}
	a = site.Post(apptest.Max, path, append(form, "was", second, "informed", "1")...)
	if a.Code != 422 || !a.Has("jemand anderes") || !a.Has("Jetzt gespeichert") || !a.Has("Yıldız") {
		t.Errorf("the second of two: %d\n%s", a.Code, a.Body)
	}
	// The name of somebody who is known elsewhere, too, is not for one carrier to change.
	path = "/sorge/1" // Ada, of Mila here and Emil there
	a = site.Get(apptest.Hanna, path)
	if a.Has(`name="given"`) || !a.Has("auch zu anderen") {
		t.Errorf("Ada's name can be changed:\n%s", a.Body)
	}
	if a := site.Post(apptest.Hanna, path, "was", was(t, a, path), "given", "A", "family", "B", "rank", "1", "informed", "1"); a.Code != 422 || !a.Has("ändert der Betrieb") {
		t.Errorf("Ada's name was changed: %d", a.Code)
	}
	// End, and invite again.
	step := path + "/zustand"
	signIn(t, h, apptest.Ada)
	done(t, site.Post(apptest.Hanna, step, "was", was(t, site.Get(apptest.Hanna, path), step), "state", "ended"), "/kind/1")
	if sessions(t, h, apptest.Ada) != "0" {
		t.Error("an ended guardian is still signed in")
	}
	if a := site.Get(apptest.Stefan, "/kind/1"); a.Has("Ada") {
		t.Errorf("staff sees an ended guardian:\n%s", a.Body)
	}
	done(t, site.Post(apptest.Hanna, step, "was", was(t, site.Get(apptest.Hanna, path), step), "state", "invited"), "/kind/1")

	// The child changes the group, then leaves; its history stays.
	h.Clock.Add(1e9)
	group, away := kid+"/gruppe", kid+"/abmelden"
	old := was(t, site.Get(apptest.Hanna, kid), group)
	done(t, site.Post(apptest.Hanna, group, "was", old, "group", "6"), kid)
	if a := site.Post(apptest.Max, group, "was", old, "group", "5"); a.Code != 422 || !a.Has("jemand anderes") {
		t.Errorf("an old page: %d", a.Code)
	}
	if a := site.Post(apptest.Hanna, group, "was", was(t, site.Get(apptest.Hanna, kid), group), "group", "9"); a.Code != 422 {
		t.Errorf("to another's group: %d", a.Code)
	}
	if a := site.Get(apptest.Stefan, kid); a.Code != 404 {
		t.Errorf("staff of the former group: %d", a.Code)
	}
	h.Clock.Add(1e9)
	done(t, site.Post(apptest.Hanna, away, "was", was(t, site.Get(apptest.Hanna, kid), away)), kid)
	if a := site.Get(apptest.Hanna, kid); !a.Has("abgemeldet") || !a.Has("Bären") || !a.Has("Käfer") {
		t.Errorf("a child that left:\n%s", a.Body)
	}
	if a := site.Get(apptest.Hanna, "/einheit/4"); !a.Has("Abgemeldete Kinder") {
		t.Errorf("the facility does not list the child that left:\n%s", a.Body)
	}
	// Two people correct its name.
	first = was(t, site.Get(apptest.Hanna, kid), kid)
	done(t, site.Post(apptest.Hanna, kid, "was", first, "given", "Lina", "family", "Lang", "born", "", "ref", "7"), kid)
	if a := site.Post(apptest.Max, kid, "was", first, "given", "Lina", "family", "Breit", "born", "", "ref", "7"); a.Code != 422 || !a.Has("Lina Lang") || !a.Has(`value="Breit"`) {
		t.Errorf("the second of two: %d\n%s", a.Code, a.Body)
	}
}

func TestLastAdmin(t *testing.T) {
	h, site := serve(t)
	path, step := "/mitgliedschaft/1", "/mitgliedschaft/1/zustand"
	end := func() apptest.Answer {
		return site.Post(apptest.Arno, step, "was", was(t, site.Get(apptest.Arno, path), step), "state", "ended")
	}
	if a := end(); a.Code != 422 || !a.Has("der letzte Betrieb") {
		t.Errorf("the last administrator ended: %d", a.Code)
	}
	done(t, site.Post(apptest.Arno, "/einheit/1/mitglied", "person", fmt.Sprint(apptest.Olga), "role", "1"), "")
	signIn(t, h, apptest.Arno)
	done(t, end(), "")
	if sessions(t, h, apptest.Arno) != "0" {
		t.Error("who was administrator is still signed in")
	}
}

// Languages are chosen by name. What a list has brought stays, even if nobody has translated it yet.
func TestLanguage(t *testing.T) {
	h, site := serve(t)
	const path = "/sorge/4" // Cem, of Can: Turkish
	a := site.Get(apptest.Hanna, path)
	if !a.Has(`<option value="tr" selected>Türkisch · Türkçe</option>`) || !a.Has(`<option value="de" >Deutsch</option>`) || a.Has("Kürzel") {
		t.Errorf("languages to choose from:\n%s", a.Body)
	}
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE guardian SET language = 'fa' WHERE id = 4`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a = site.Get(apptest.Hanna, path)
	if !a.Has(`<option value="fa" selected>fa (noch nicht übersetzt)</option>`) {
		t.Errorf("a language of a list:\n%s", a.Body)
	}
	form := []string{"was", was(t, a, path), "rank", "1", "informed", "1", "decides", "1", "language"}
	done(t, site.Post(apptest.Hanna, path, append(form, "uk")...), "/kind/3")
	if got := rows(t, h.DB, `SELECT language FROM guardian WHERE id = 4`); got[0] != "uk" {
		t.Errorf("language %q", got)
	}
	if a := site.Post(apptest.Hanna, path, append(form, "Deutsch")...); a.Code != 422 || !a.Has("language-error") {
		t.Errorf("a language that is none: %d", a.Code)
	}
}

// Every change is written down with who did it and to which row; one that is refused is not.
func TestWhatIsWrittenDown(t *testing.T) {
	h := apptest.New(t)
	var log []string
	site := h.Serve(t, New(h.House, func(_ *store.Tx, at time.Time, person int64, action string, ref int64) error {
		if !at.Equal(h.Now()) {
			t.Errorf("%s at %v", action, at)
		}
		log = append(log, fmt.Sprint(person, " ", action, " ", ref))
		return nil
	}, photos))
	does := func(path string, want string, fields ...string) apptest.Answer {
		t.Helper()
		log = nil
		a := site.Post(apptest.Hanna, path, fields...)
		if got := strings.Join(log, ", "); got != want {
			t.Errorf("POST %s: %q is written down, want %q (%d)", path, got, want, a.Code)
		}
		return a
	}
	mark := func(page, form string) string { return was(t, site.Get(apptest.Hanna, page), form) }
	does("/einheit/4/neu", "4 unit.added 11", "kind", "group", "name", "Igel")
	does("/einheit/4/neu", "", "kind", "group", "name", "Igel")
	does("/einheit/5/bearbeiten", "4 unit.changed 5", "was", mark("/einheit/5/bearbeiten", "/einheit/5/bearbeiten"), "name", "Marienkäfer")
	does("/einheit/11/beenden", "4 unit.ended 11", "was", mark("/einheit/11/bearbeiten", "/einheit/11/beenden"))
	does("/einheit/11/oeffnen", "4 unit.reopened 11", "was", mark("/einheit/11/bearbeiten", "/einheit/11/oeffnen"))
	does("/einheit/4/mitglied", "4 membership.added 14", "given", "A", "family", "B", "role", "5")
	does("/mitgliedschaft/5", "4 membership.changed 5", "was", mark("/mitgliedschaft/5", "/mitgliedschaft/5"), "phone", "0461 9", "since", "1970-01-01")
	does("/mitgliedschaft/5/zustand", "4 membership.suspended 5", "was", mark("/mitgliedschaft/5", "/mitgliedschaft/5/zustand"), "state", "suspended")
	does("/mitgliedschaft/5/zustand", "", "was", "old", "state", "ended")
	does("/einheit/4/kind", "4 child.added 5", "given", "Lina", "family", "Kurz", "group", "5")
	does("/kind/5", "4 child.changed 5", "was", mark("/kind/5", "/kind/5"), "given", "Lina", "family", "Lang")
	does("/kind/5/sorge", "4 guardian.added 7", "given", "Eva", "family", "Lang", "informed", "1")
	does("/sorge/7", "4 guardian.changed 7", "was", mark("/sorge/7", "/sorge/7"), "given", "Eva", "family", "Lang", "rank", "2")
	does("/sorge/7/zustand", "4 guardian.ended 7", "was", mark("/sorge/7", "/sorge/7/zustand"), "state", "ended")
	h.Clock.Add(time.Second)
	does("/kind/5/gruppe", "4 child.moved 5", "was", mark("/kind/5", "/kind/5/gruppe"), "group", "6")
	h.Clock.Add(time.Second)
	does("/kind/5/abmelden", "4 child.left 5", "was", mark("/kind/5", "/kind/5/abmelden"))
	does("/kind/2", "", "given", "Fremd", "family", "X") // of another carrier
}

// A young person is there under an alias: nobody can be found under it, or be given a role.
func TestAliasesAreNobody(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, New(h.House, func(*store.Tx, time.Time, int64, string, int64) error { return nil }, nil))
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO person (id, uid, given, family) VALUES (30, 'y', 'Falke', '')`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (30, 4, 9, 'confirmed', 0)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := site.Get(apptest.Hanna, "/einheit/4"); a.Code != 200 || a.Has(`<option value="30"`) || !a.Has("<option") {
		t.Errorf("%d: the form offers an alias\n%s", a.Code, a.Body)
	}
	if a := site.Post(apptest.Hanna, "/einheit/4/mitglied", "person", "30", "role", "5"); a.Code != 422 || !a.Has("aus der Liste") {
		t.Errorf("an alias got a role: %d\n%s", a.Code, a.Body)
	}
}
