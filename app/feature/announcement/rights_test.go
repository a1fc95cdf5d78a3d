package announcement

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// value is what a query finds, as text.
func value(t *testing.T, h *apptest.House, query string, args ...any) (s string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		s, err = store.One(tx, store.Value[string], query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Who gives the places of emergency care away knows the children: the team of the facility, and nobody from elsewhere.
func TestWhoGivesPlaces(t *testing.T) {
	h, s := site(t)
	if a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "group", "5", "when", "today",
		"hours", "all", "reason", "illness", "rule", "head", "confirm", "1", "care", "1", "places", "1"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	s.Post(apptest.Ada, "/schliessung/1/notbetreuung", "child", "1", "want", "place")
	for _, c := range []struct {
		name string
		by   int64
		code int
		want string // the state of what was asked for Mila
	}{
		{"a head of another facility", apptest.Rosa, 404, Asked},
		{"a carrier, who knows numbers only", apptest.Max, 403, Asked},
		{"her mother", apptest.Ada, 403, Asked},
		{"whoever was locked out", apptest.Locked, 403, Asked},
		{"her group", apptest.Stefan, 303, Given},
	} {
		if a := s.Post(c.by, "/schliessung/1/platz", "child", "1", "state", Given); a.Code != c.code {
			t.Errorf("%s: %d, want %d", c.name, a.Code, c.code)
		}
		if got := value(t, h, `SELECT state FROM announcement_care WHERE child = 1`); got != c.want {
			t.Errorf("%s: Mila's place is %s, want %s", c.name, got, c.want)
		}
	}
}

// Who answers for one group reads that the whole facility is closed, and changes nothing of it, not even to learn whether
// somebody was faster.
func TestWhoChangesAClosure(t *testing.T) {
	h, s := site(t)
	if a := s.Post(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "whole", "1", "when", "today",
		"hours", "all", "reason", "illness", "rule", "first", "confirm", "1"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Stefan, "/schliessung/1"); a.Code != 200 || a.Has("/schliessung/1/aufheben") {
		t.Errorf("Stefan reads it: %d", a.Code)
	}
	for _, version := range []string{"1", "7"} {
		for _, deed := range []string{"aufheben", "absagen", "verlaengern"} {
			if a := s.Post(apptest.Stefan, "/schliessung/1/"+deed, "version", version, "last_day", "2026-03-04"); a.Code != 404 {
				t.Errorf("%s, version %s: %d", deed, version, a.Code)
			}
		}
	}
	if got := value(t, h, `SELECT state || version FROM announcement_closure`); got != Running+"1" {
		t.Errorf("the closure is %s", got)
	}
}

// Where there is no facility left there is nothing to close.
func TestNothingToClose(t *testing.T) {
	h, s := site(t)
	change(t, h, `UPDATE unit SET until = 1 WHERE id = 8`)
	if a := s.Get(apptest.Greta, "/schliessungen/neu"); a.Code != 403 || !a.Has("keiner Einrichtung, die Sie schließen könnten") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
}

// Who leads one place and works in another has families drilled where she leads, and does not learn elsewhere when they were.
func TestDrillsAreOfWhoLeads(t *testing.T) {
	h, s := site(t)
	if a := s.Post(apptest.Hanna, "/probealarm", "unit", "4"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := org.Appoint(tx, org.Membership{Person: apptest.Rosa, Unit: apptest.Baeren, Role: who.Staff, State: org.Confirmed, Since: h.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, wait := range []bool{false, true} {
		if wait {
			h.Clock.Add(2 * drillRest)
		}
		if a := s.Post(apptest.Rosa, "/probealarm", "unit", "6"); a.Code != 404 {
			t.Errorf("in a group where she works: %d, the last drill long ago: %t", a.Code, wait)
		}
	}
}

// A template is of a unit: the team below reads it, whoever works there changes it.
func TestTemplates(t *testing.T) {
	h, s := site(t)
	const page, away = "/mitteilungen/vorlagen", "/mitteilungen/vorlagen/entfernen"
	add := func(by, unit int64) int {
		return s.Post(by, page, "unit", fmt.Sprint(unit), "kind", News, "name", fmt.Sprint("Läuse ", by), "title", "Läuse", "body", "Bitte nachsehen.").Code
	}
	for _, c := range []struct {
		name     string
		by, unit int64
		code     int
	}{
		{"the head", apptest.Hanna, apptest.Sonne, 303},
		{"the same name again", apptest.Hanna, apptest.Sonne, 422},
		{"the head of another facility", apptest.Rosa, apptest.Sonne, 404},
		{"another carrier", apptest.Greta, apptest.Sonne, 404},
		{"who works in one of its groups", apptest.Stefan, apptest.Sonne, 404},
		{"the head, for the carrier", apptest.Hanna, apptest.CarrierA, 404},
		{"nowhere", apptest.Hanna, 999, 404},
		{"a mother", apptest.Ada, apptest.Kaefer, 403},
	} {
		if got := add(c.by, c.unit); got != c.code {
			t.Errorf("%s adds one: %d, want %d", c.name, got, c.code)
		}
	}
	id := regexp.MustCompile(`name="template" value="(\d+)"`).FindStringSubmatch(s.Get(apptest.Hanna, page).Body)
	if id == nil {
		t.Fatal("Hanna's page has no template to remove")
	}
	if a := s.Get(apptest.Stefan, page); !a.Has("Läuse 4") || a.Has(`name="template"`) {
		t.Error("Stefan does not read it, or is offered to remove it")
	}
	if a := s.Get(apptest.Rosa, page); strings.Contains(a.Body, "Läuse") {
		t.Error("Rosa reads what is another facility's")
	}
	for _, c := range []struct {
		by   int64
		code int
		left string
	}{{apptest.Rosa, 404, "1"}, {apptest.Stefan, 404, "1"}, {apptest.Hanna, 303, "0"}, {apptest.Hanna, 404, "0"}} {
		if a := s.Post(c.by, away, "template", id[1]); a.Code != c.code || value(t, h, `SELECT count(*) FROM announcement_template`) != c.left {
			t.Errorf("person %d removes it: %d, want %d", c.by, a.Code, c.code)
		}
	}
}
