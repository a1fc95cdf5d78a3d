package handbook

import (
	"testing"

	"nestfunk/app/apptest"
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
