package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	record "nestfunk/app/base/audit"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/audit"
)

type test struct {
	*apptest.House
	*apptest.Site
	warned []string
}

func log(tx *store.Tx, at time.Time, person int64, action string, ref int64) error {
	return record.Add(tx, record.Entry{At: at, Person: person, Action: action, Ref: ref})
}

func serve(t *testing.T) *test {
	x := &test{House: apptest.New(t)}
	f := audit.New(x.House.House, audit.Wires{Log: log, Actions: func() []string { return []string{"child.moved", "session.began"} }, Words: func(a string) string { return "Wort für " + a },
		Warn: func(_ *store.Tx, words string) error { x.warned = append(x.warned, words); return nil }})
	x.Site = x.Serve(t, f)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *test) noted(t *testing.T, person int64, action string, ref int64) {
	t.Helper()
	err := x.DB.Write(who.From(t.Context(), "203.0.113.77"), func(tx *store.Tx) error { return log(tx, x.Now(), person, action, ref) })
	if err != nil {
		t.Fatal(err)
	}
}

func (x *test) night(t *testing.T) {
	x.Clock.Add(24 * time.Hour)
	x.Work(t)
}

func TestPage(t *testing.T) {
	x := serve(t)
	x.noted(t, apptest.Hanna, "child.moved", 3)
	x.noted(t, apptest.Ada, "session.began", 0)
	a := x.Get(apptest.Auditor, "/protokollierung")
	for _, w := range []string{"Wort für child.moved", "Nr. 4</a> <span translate=\"no\">Hanna Leitung", "Nr. 3", "203.0.113.77", "Nr. 6</a>"} {
		if !a.Has(w) {
			t.Errorf("the page lacks %q:\n%s", w, a.Body)
		}
	}
	if a.Has("Demir") {
		t.Error("the page names a mother")
	}
	for path, want := range map[string]string{"?person=4": "yn", "?was=session.began": "ny", "?bis=2026-03-01": "nn", "?von=2026-03-02&bis=2026-03-02": "yy", "?vor=2": "yn"} {
		a, got := x.Get(apptest.Auditor, "/protokollierung"+path), ""
		for _, row := range []string{"<td>Wort für child.moved", "<td>Wort für session.began"} {
			got += map[bool]string{true: "y", false: "n"}[a.Has(row)]
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for _, path := range []string{"?von=gestern", "?person=Hanna", "?vor=-1"} {
		if a := x.Get(apptest.Auditor, "/protokollierung"+path); a.Code != 400 {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	for _, p := range []int64{apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna, apptest.Ada} {
		if a := x.Get(p, "/protokollierung"); a.Code != 403 {
			t.Errorf("person %d: %d", p, a.Code)
		}
	}
}

// Who audits a carrier reads what its own people did.
func TestCarrier(t *testing.T) {
	x := serve(t)
	err := x.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET unit = 3 WHERE person = 16`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	x.noted(t, apptest.Hanna, "child.moved", 3)
	x.noted(t, apptest.Rosa, "unit.moved", 9)
	x.noted(t, apptest.Arno, "mail.changed", 0)
	a := x.Get(apptest.Auditor, "/protokollierung")
	if !a.Has("<td>Wort für child.moved") || a.Has("<td>Wort für unit.moved") || a.Has("<td>Wort für mail.changed") || a.Has("Rosa") {
		t.Errorf("the auditor of a carrier reads:\n%s", a.Body)
	}
}

// Rosa has worked for carrier A once, and is invited to again; Hanna leaves it for carrier B. What they do for B, the auditor
// of A does not read.
func TestCarrierOnlyWhileThere(t *testing.T) {
	x := serve(t)
	change := func(query string) {
		t.Helper()
		err := x.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(query, x.Now().Unix())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(`UPDATE membership SET unit = 3 WHERE person = 16 AND ?1 > 0`)
	x.noted(t, apptest.Hanna, "child.moved", 3)
	x.Clock.Add(time.Hour)
	change(`UPDATE membership SET state = 'ended', until = ?1 WHERE person = 4`)
	change(`INSERT INTO membership (person, unit, role, state, since) VALUES (4, 8, 4, 'confirmed', ?1)`)
	change(`INSERT INTO membership (person, unit, role, state, since, until) VALUES (10, 4, 4, 'ended', 0, 100)`)
	change(`INSERT INTO membership (person, unit, role, state, since) VALUES (10, 3, 3, 'invited', ?1)`)
	x.noted(t, apptest.Hanna, "unit.moved", 9)
	x.noted(t, apptest.Rosa, "unit.merged", 9)
	a := x.Get(apptest.Auditor, "/protokollierung")
	if !a.Has("<td>Wort für child.moved") || a.Has("<td>Wort für unit.moved") || a.Has("<td>Wort für unit.merged") {
		t.Errorf("the auditor of A reads:\n%s", a.Body)
	}
}

func TestOlder(t *testing.T) {
	x := serve(t)
	for range 150 {
		x.noted(t, apptest.Hanna, "child.moved", 3)
	}
	a := x.Get(apptest.Auditor, "/protokollierung?person=4")
	if n := strings.Count(a.Body, "<tr><td"); n != 100 || !a.Has("person=4&amp;vor=51") {
		t.Fatalf("%d rows:\n%s", n, a.Body)
	}
	a = x.Get(apptest.Auditor, "/protokollierung?person=4&vor=51")
	if n := strings.Count(a.Body, "<tr><td"); n != 50 || a.Has("Ältere") {
		t.Errorf("then %d rows", n)
	}
}

// What is taken along can be checked without the house.
func TestExport(t *testing.T) {
	x := serve(t)
	x.noted(t, apptest.Hanna, "child.moved", 3)
	x.noted(t, apptest.Ada, "session.began", 0)
	a := x.Site.Post(apptest.Auditor, "/protokollierung/mitnehmen", "form", "json")
	var f struct {
		HeadHash string
		Rows     []struct {
			ID, Person, Ref                            int64
			At                                         time.Time
			Action, Network, Address, Seal, Prev, Hash string
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &f); err != nil || len(f.Rows) != 2 {
		t.Fatalf("%v:\n%s", err, a.Body)
	}
	prev := strings.Repeat("0", 64)
	for _, r := range f.Rows {
		seal, _ := hex.DecodeString(r.Seal)
		before, _ := hex.DecodeString(r.Prev)
		e := record.Entry{ID: r.ID, At: r.At, Person: r.Person, Action: r.Action, Ref: r.Ref, Network: r.Network, Seal: seal, Prev: before}
		if got := sum(e.Canonical()); got != r.Hash || r.Prev != prev || r.Address != "203.0.113.77" {
			t.Errorf("row %d: hash %s, got %s", r.ID, r.Hash, got)
		}
		prev = r.Hash
	}
	if prev != f.HeadHash {
		t.Errorf("the head is %s, want %s", f.HeadHash, prev)
	}
	a = x.Site.Post(apptest.Auditor, "/protokollierung/mitnehmen", "form", "csv", "was", "child.moved")
	if a.Code != 200 || !a.Has("child.moved;Wort für child.moved;3;203.0.113.0/24;203.0.113.77") || a.Has("session.began") || a.Has("Hanna") {
		t.Errorf("CSV: %d %s", a.Code, a.Body)
	}
	if a := x.Get(apptest.Auditor, "/protokollierung?was=audit.exported"); strings.Count(a.Body, "<tr><td") != 2 {
		t.Error("who takes the record along is not on record")
	}
}

// A change of the database is found in the next night, told once, and shown.
func TestNight(t *testing.T) {
	x := serve(t)
	x.noted(t, apptest.Hanna, "child.moved", 3)
	x.noted(t, apptest.Hanna, "child.moved", 4)
	x.night(t)
	if a := x.Get(apptest.Auditor, "/protokollierung"); !a.Has("unverändert") || x.warned != nil {
		t.Fatalf("warned %q:\n%s", x.warned, a.Body)
	}
	err := x.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`DROP TRIGGER audit_final`)
		if err == nil {
			_, err = tx.Exec(`UPDATE audit SET ref = 5 WHERE id = 1`)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	x.night(t)
	x.night(t)
	if len(x.warned) != 1 || !strings.Contains(x.warned[0], "Zeile 1 ist nicht so") {
		t.Errorf("warned %q", x.warned)
	}
	a := x.Site.Post(apptest.Auditor, "/protokollierung/pruefen")
	a = x.Get(apptest.Auditor, a.To)
	if !a.Has("Zeile 1 ist nicht so, wie sie geschrieben wurde.") || !a.Has("Wort für audit.broken") {
		t.Errorf("the page says:\n%s", a.Body)
	}
}

// The address of a request is its own, from the browser to the row.
func TestAddress(t *testing.T) {
	x := serve(t)
	r := httptest.NewRequest("POST", apptest.Base+"/protokollierung/pruefen", nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = "[2001:db8:1:2::3]:5"
	r.Header.Set("X-Forwarded-For", "198.51.100.1") // nobody's word: base/front has not let it through
	if a := x.Do(apptest.Auditor, r); a.Code != 303 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if a := x.Get(apptest.Auditor, "/protokollierung"); !a.Has("<td translate=\"no\">2001:db8:1:2::3</td>") {
		t.Errorf("the page says:\n%s", a.Body)
	}
	x.Clock.Add(7 * 24 * time.Hour)
	x.Work(t)
	if a := x.Get(apptest.Auditor, "/protokollierung"); !a.Has("<td translate=\"no\">2001:db8:1::/48</td>") || a.Has("1:2::3") {
		t.Errorf("after a week the page says:\n%s", a.Body)
	}
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}
