package app

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

var hits = regexp.MustCompile(`<li><a class="hit" href="(/[^"]+)"`)

// TestSearchShowsWhatMayBeSeen asks as everybody for what has happened in the story, with the index and without. Each hit
// leads to a page that its finder may open, and whoever may open an announcement finds it.
func TestSearchShowsWhatMayBeSeen(t *testing.T) {
	h := newHouse(t)
	h.story()
	get := func(person int64, path string) (int, string) {
		w := h.do(person, httptest.NewRequest("GET", apptest.Base+path, nil))
		return w.Code, w.Body.String()
	}
	for _, indexed := range []bool{true, false} {
		if indexed {
			if err := h.Search.Update(t.Context()); err != nil {
				t.Fatal(err)
			}
		} else {
			h.Search.Close()
		}
		found := 0
		for person := int64(apptest.Nobody); person <= apptest.Chair; person++ {
			name := fmt.Sprintf("person %d, index %v", person, indexed)
			for _, q := range []string{"Elternabend", "geschlossen", "Käfer", "Passwort"} {
				code, body := get(person, "/suche?q="+q)
				if code != 200 {
					t.Fatalf("%s: %s: %d", name, q, code)
				}
				tell(t, whispers([]call{{person: person, name: name, route: "GET /suche", path: q, body: body}}))
				for _, m := range hits.FindAllStringSubmatch(body, -1) {
					found++
					if code, _ := get(person, m[1]); code != 200 {
						t.Errorf("%s: %s finds %s, which is %d for them", name, q, m[1], code)
					}
				}
			}
			_, body := get(person, "/suche?q=Elternabend")
			for _, id := range []string{"2", "4"} {
				code, _ := get(person, "/mitteilung/"+id)
				if has := strings.Contains(body, `"/mitteilung/`+id+`"`); has != (code == 200) {
					t.Errorf("%s: announcement %s is found: %v, opened: %d", name, id, has, code)
				}
			}
		}
		if found < 30 {
			t.Errorf("index %v: only %d hits in all", indexed, found)
		}
	}
}

// TestSearchFollows: what is published is found, a closure by its last word only, and what its author leaves behind has no
// name any more.
func TestSearchFollows(t *testing.T) {
	h := newHouse(t)
	ask := func(q string) string {
		t.Helper()
		if err := h.Search.Update(t.Context()); err != nil {
			t.Fatal(err)
		}
		return h.do(apptest.Ada, httptest.NewRequest("GET", apptest.Base+"/suche?q="+q, nil)).Body.String()
	}
	if strings.Contains(ask("Laternenumzug"), "/mitteilung/") {
		t.Error("found before it is written")
	}
	h.done(apptest.Hanna, "/mitteilungen/neu", "unit", "4", "audience", "4", "role", "parent", "title", "Der Laternenumzug", "body", "Treffpunkt **Kirche**")
	if b := ask("Laterne"); !strings.Contains(b, "/mitteilung/1") || !strings.Contains(b, "<mark>Laternenumzug</mark>") || strings.Contains(b, "**") {
		t.Errorf("published: %s", said(b))
	}
	if b := ask("laterne+von:hanna"); !strings.Contains(b, "/mitteilung/1") {
		t.Errorf("by its author: %s", said(b))
	}
	h.done(apptest.Hanna, "/schliessungen/neu", "step", "3", "go", "send", "facility", "4", "group", "5", "when", "today", "hours", "all", "reason", "illness", "rule", "first", "confirm", "1")
	first := hits.FindAllString(ask("Käfer"), -1)
	h.done(apptest.Hanna, "/schliessung/2/aufheben", "version", "1")
	if now := hits.FindAllString(ask("Käfer"), -1); len(first) != 1 || len(now) != 1 || now[0] == first[0] {
		t.Errorf("a closure and its end: %q, then %q", first, now)
	}
}
