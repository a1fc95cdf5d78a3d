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

func TestRobotsStayOutside(t *testing.T) {
	if a := apptest.New(t).Serve(t, New()).Get(apptest.Nobody, "/robots.txt"); a.Code != 200 || a.Body != "User-agent: *\nDisallow: /\n" {
		t.Errorf("%d %q", a.Code, a.Body)
	}
}
