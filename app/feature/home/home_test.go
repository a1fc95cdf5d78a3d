package home

import (
	"testing"

	"nestfunk/app/apptest"
)

func TestMenu(t *testing.T) {
	site := apptest.New(t).Serve(t, New())
	if a := site.Get(apptest.Ada, "/menue"); a.Code != 200 || !a.Has("Ada Demir") || !a.Has("Eltern") || !a.Has(`action="/konto/abmelden"`) {
		t.Errorf("Ada's menu: %d %s", a.Code, a.Body)
	}
	if a := site.Get(apptest.Nobody, "/menue"); a.Code != 200 || !a.Has("/anmelden") || a.Has("/konto/abmelden") {
		t.Errorf("a stranger's menu: %d %s", a.Code, a.Body)
	}
}

func TestRobotsKeepFromSecrets(t *testing.T) {
	a := apptest.New(t).Serve(t, New()).Get(apptest.Nobody, "/robots.txt")
	for _, path := range []string{"/l/", "/b/", "/i$", "/demo/", "/*?"} {
		if !a.Has("\nDisallow: " + path + "\n") {
			t.Errorf("%s is not kept from machines: %d %q", path, a.Code, a.Body)
		}
	}
	if a.Has("Disallow: /\n") {
		t.Error("families cannot find the house of their city")
	}
}
