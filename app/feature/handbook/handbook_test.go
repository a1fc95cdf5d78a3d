package handbook

import (
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/who"
	"nestfunk/assets/handbook"
)

func TestEveryPageIsShownToEverybody(t *testing.T) {
	site := apptest.New(t).Serve(t, New())
	index := site.Get(apptest.Nobody, "/handbuch")
	for _, p := range handbook.Pages() {
		at := "/handbuch/" + p.Slug
		if !index.Has(at) {
			t.Errorf("the index lacks %s", at)
		}
		if a := site.Get(apptest.Nobody, at); a.Code != 200 || !a.Has("<h1>") || !a.Has("<h2") {
			t.Errorf("%s: %d %s", at, a.Code, a.Body)
		}
	}
	if a := site.Get(apptest.Nobody, "/handbuch/nichts"); a.Code != 404 {
		t.Errorf("an unknown page: %d", a.Code)
	}
}

// Everybody finds first what concerns them, and all the rest below.
func TestWhomItConcerns(t *testing.T) {
	site := apptest.New(t).Serve(t, New())
	for person, c := range map[int64]struct{ mine, others string }{
		apptest.Ada: {"/handbuch/eltern", "/handbuch/betrieb"}, apptest.Hanna: {"/handbuch/kita", "/handbuch/betrieb"},
		apptest.Max: {"/handbuch/traeger", "/handbuch/kita"}, apptest.Arno: {"/handbuch/betrieb", "/handbuch/eltern"},
	} {
		a := site.Get(person, "/handbuch")
		mine, others, ok := strings.Cut(a.Body, "Für andere")
		if _, mine, _ = strings.Cut(mine, "Für Sie"); !ok || !strings.Contains(mine, c.mine) || strings.Contains(mine, c.others) || !strings.Contains(others, c.others) || strings.Contains(others, c.mine) {
			t.Errorf("person %d: %s", person, a.Body)
		}
	}
	if a := site.Get(apptest.Nobody, "/handbuch"); a.Has("Für Sie") || !a.Has("Alle Seiten") {
		t.Error(a.Body)
	}
	var all who.Right
	for _, p := range handbook.Pages() {
		if r := concerns(p.For); p.For != nil {
			n := 0
			for _, role := range who.Roles() {
				if r.Has(role) {
					n++
				}
			}
			if n != len(p.For) {
				t.Errorf("%s is for %q: not all of them are roles", p.Slug, p.For)
			}
			all |= r
		}
	}
	for _, role := range who.Roles() {
		if !all.Has(role) {
			t.Errorf("no page concerns %s", role.Word())
		}
	}
}
