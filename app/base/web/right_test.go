package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/who"
)

// TestFirstLine: who may not go there learns why, and the way on, and the page behind it is not asked.
func TestFirstLine(t *testing.T) {
	ada := who.Viewer{ID: 6, Holds: []who.Holding{{Role: who.Parent, Unit: 5}}}
	waiting, half, tablet := who.Viewer{ID: 9}, ada, who.Viewer{Tablet: 3}
	half.Half = true
	public, _ := url.Parse("https://kita.example.org")
	inside := false
	page := func(http.ResponseWriter, *http.Request, who.Viewer) error { inside = true; return nil }
	number := func(_ http.ResponseWriter, r *http.Request, _ who.Viewer) error {
		_, err := Path(r, "id")
		inside = err == nil
		return err
	}
	for _, c := range []struct {
		name         string
		v            who.Viewer
		method, path string
		person       string // whose device it was; "": it does not say
		code         int    // 200: he is let in
		words        string // of the page, or where it leads
	}{
		{"a mother", ada, "GET", "/kinder?tag=1", "", 200, ""},
		{"a mother, by number", ada, "GET", "/kind/1", "", 200, ""},
		{"what is no number", ada, "GET", "/kind/eins", "", 404, "Diese Seite gibt es nicht."},
		{"no object has it", ada, "GET", "/kind/0", "", 404, "Diese Seite gibt es nicht."},
		{"below none", ada, "GET", "/kind/-1", "", 404, "Diese Seite gibt es nicht."},
		{"her form", ada, "POST", "/kinder", "", 200, ""},
		{"her form that has waited", ada, "POST", "/kinder", "6", 200, ""},
		{"somebody else's that has waited", ada, "POST", "/kinder", "7", 403, "inzwischen jemand anderes angemeldet"},
		{"hers, of which nobody knows by now", ada, "POST", "/offen", "0", 403, "inzwischen jemand anderes angemeldet"},
		{"of the team only", ada, "GET", "/team", "", 403, "Das dürfen Sie hier nicht."},
		{"before a role is confirmed", waiting, "GET", "/kinder", "", 403, "noch nicht freigegeben"},
		{"before a role is confirmed, a form", waiting, "POST", "/kinder", "", 403, "noch nicht freigegeben"},
		{"before the second factor", half, "GET", "/kinder?tag=1", "", 303, "/konto/zweiter-faktor?weiter=%2Fkinder%3Ftag%3D1"},
		{"before the second factor, a form", half, "POST", "/kinder", "", 403, "zuerst Ihren zweiten Faktor"},
		{"nobody", who.Viewer{}, "GET", "/kinder?tag=1", "", 303, "/anmelden?weiter=%2Fkinder%3Ftag%3D1"},
		{"nobody, a form", who.Viewer{}, "POST", "/kinder", "", 403, "melden Sie sich zuerst an"},
		{"nobody, where all may", who.Viewer{}, "POST", "/offen", "", 200, ""},
		{"the tablet of a group", tablet, "GET", "/kinder", "", 404, "Das gibt es auf diesem Gerät nicht."},
		{"the tablet of a group, a form", tablet, "POST", "/kinder", "", 404, "Das gibt es auf diesem Gerät nicht."},
	} {
		s := &Site{Now: time.Now, Base: public, Mark: func() string { return "" }, Routes: []Route{
			Get("/kinder", who.Families, page), Post("/kinder", who.Families, page), Get("/kind/:id", who.Families, number),
			Get("/team", who.Team, page), Post("/offen", who.Anyone, page),
		}, Viewer: func(*http.Request) (who.Viewer, error) { return c.v, nil },
			Frame: func(*http.Request, who.Viewer) (Frame, error) { return Frame{}, nil }}
		r := httptest.NewRequest(c.method, "https://kita.example.org"+c.path, nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if c.person != "" {
			r.Header.Set("X-Person", c.person)
		}
		inside = false
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if said := fmt.Sprint(w.Header().Get("Location"), w.Body); w.Code != c.code || !strings.Contains(said, c.words) || inside != (c.code == 200) {
			t.Errorf("%s: %d, inside %t: %s", c.name, w.Code, inside, said)
		}
	}
}
