package app

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/who"
)

var entry = regexp.MustCompile(`<li><a href="(/[^"#]+)"`)

// TestMenu: whatever stands in somebody's menu opens for them, also for who runs or audits a single carrier.
func TestMenu(t *testing.T) {
	w := newWorld(t)
	look := func(person int64, name string) {
		_, menu, _ := strings.Cut(w.as(person, httptest.NewRequest("GET", apptest.Base+"/menue", nil)).Body.String(), `<nav class="card"`)
		all := entry.FindAllStringSubmatch(menu, -1)
		for _, m := range all {
			if rec := w.as(person, httptest.NewRequest("GET", apptest.Base+m[1], nil)); rec.Code >= 400 {
				t.Errorf("%s: %s: %d", name, m[1], rec.Code)
			}
		}
		t.Logf("%s: %d entries", name, len(all))
	}
	for _, a := range actors() {
		if !a.half {
			look(a.id, a.name)
		}
	}
	for _, role := range []who.Role{who.Admin, who.Auditor} {
		w.sql(`DELETE FROM membership WHERE person = ?`, apptest.Greta)
		w.sql(`INSERT INTO membership (person, unit, role, state, since, mail) VALUES (?, ?, ?, 'confirmed', 0, 'greta@example.org')`, apptest.Greta, apptest.CarrierB, role)
		w.cookies[apptest.Greta] = w.cookie(apptest.Greta)
		look(apptest.Greta, role.Word()+" of a carrier")
	}
}
