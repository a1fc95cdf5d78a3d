package oparl

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/bundle"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
)

// text is a source of one file.
func text(t testing.TB, name string, lines ...string) *bundle.Source {
	t.Helper()
	f := apptest.Zip(name, strings.Join(lines, "\n"))
	s, err := bundle.Zip(strings.NewReader(string(f)), int64(len(f)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// object is one of a type, with properties: name, JSON, name, JSON.
func object(typ, id string, more ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"id":"https://rat.example.org/%s","type":"https://schema.oparl.org/1.1/%s"`, id, typ)
	for i := 0; i+1 < len(more); i += 2 {
		fmt.Fprintf(&b, `,%q:%s`, more[i], more[i+1])
	}
	return b.String() + "}"
}

const at = "https://rat.example.org/"

func set(t testing.TB, h *apptest.House, unit int64, public bool) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		r := committee.Usual(unit)
		r.Public = public
		return committee.SetRules(tx, r)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOwn: of the house, everybody reads its public committees with their terms and who leads them; nobody else is named.
func TestOwn(t *testing.T) {
	h, s, _ := serve(t)
	names := func() (all []string) {
		for id, o := range crawl(t, s) {
			all = append(all, fmt.Sprint(strings.TrimPrefix(id, apptest.Base+"/oparl/v1.1")+" ", o["name"]))
		}
		return all
	}
	if all := names(); len(all) != 1 || !strings.HasPrefix(all[0], "/body/u1") {
		t.Errorf("of a committee that is not public: %v", all)
	}
	set(t, h, apptest.Council, true)
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := committee.AddTerm(tx, committee.Term{UID: "t1", Unit: apptest.Council, Name: "2026/27", Elected: "2026-02-01", Starts: h.Now(), Ends: h.Now().AddDate(1, 0, 0), Changed: h.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(names(), "\n")
	for _, want := range []string{"/organization/u10 Elternbeirat Sonnenblume", "/person/p17 Vera Vorsitz", "/legislativeTerm/t1 Elternbeirat Sonnenblume 2026/27", "/membership/"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
	if strings.Contains(all, "Dana") {
		t.Errorf("a delegate without an office is named:\n%s", all)
	}
	// Who leads it no longer is not named any more, and whoever follows the list is told so.
	settled(t, h)
	h.Clock.Add(time.Hour)
	before := h.Now()
	h.Clock.Add(time.Hour)
	err = h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE membership SET until = ? WHERE person = 17`, h.Now().Unix())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	settled(t, h)
	if a := s.Get(apptest.Nobody, "/oparl/v1.1/person/p17"); a.Code != 200 || a.Has("Vera") || !a.Has(`"deleted":true`) {
		t.Errorf("a former chair: %s", a.Body)
	}
	if list := pages(t, s, "/oparl/v1.1/body/u1/person"); len(list) != 0 {
		t.Errorf("the list has %v", list)
	}
	if list := pages(t, s, "/oparl/v1.1/body/u1/person?modified_since="+url.QueryEscape(oparl.Moment(before))); len(list) != 1 || list[0]["deleted"] != true {
		t.Errorf("whoever follows is told %v", list)
	}
}

// TestLists: pages, filters and what is left out, as chapter 2.5 has it.
func TestLists(t *testing.T) {
	h, s, _ := serve(t)
	var lines []string
	for i := range 230 {
		lines = append(lines, object("Paper", fmt.Sprintf("p/%d", i), "name", fmt.Sprintf(`"Vorlage %d"`, i), "created", fmt.Sprintf(`"2024-01-%02dT10:00:00+01:00"`, i%28+1), "body", `"https://rat.example.org/b"`,
			"auxiliaryFile", "["+object("File", fmt.Sprintf("f/%d", i), "accessUrl", `"https://rat.example.org/x.pdf"`)+"]"))
	}
	read(t, h, text(t, "a.jsonl", lines...), Options{})
	crawl(t, s)
	body := pages(t, s, "/oparl/v1.1/body")[0] // by uid
	list := body["paper"].(string)
	for query, want := range map[string]int{
		"": 230, "?limit=7": 230, "?limit=1000": 230,
		"?created_since=2024-01-10T00%3A00%3A00%2B01%3A00":                                       152,
		"?created_since=2024-01-10T00:00:00+01:00":                                               152, // a plus that nobody has escaped
		"?created_since=2024-01-10T00%3A00%3A00Z&created_until=2024-01-10T23%3A00%3A00Z&limit=3": 8,
		"?modified_since=2100-01-01T00%3A00%3A00Z":                                               0,
		"?modified_since=" + url.QueryEscape(oparl.Moment(h.Now())):                              230,
		"?modified_until=" + url.QueryEscape(oparl.Moment(h.Now().Add(-time.Second))):            0,
		"?omit_internal=true&created_until=2024-01-01T09%3A00%3A00Z&unknown=1":                   9,
	} {
		if all := pages(t, s, list+query); len(all) != want {
			t.Errorf("%s: %d, not %d", query, len(all), want)
		}
	}
	page := api(t, s, list+"?omit_internal=true&limit=2&created_since=2024-01-10T00%3A00%3A00Z")
	next := page["links"].(map[string]any)["next"].(string)
	if !strings.Contains(next, "omit_internal=true") || !strings.Contains(next, "limit=2") || !strings.Contains(next, "created_since=2024-01-10T00%3A00%3A00Z") {
		t.Errorf("the next page forgets what was asked: %s", next)
	}
	if o := page["data"].([]any)[0].(map[string]any); o["auxiliaryFile"] != nil {
		t.Errorf("%v", o)
	}
	for _, bad := range []string{"?limit=0", "?limit=x", "?modified_since=gestern", "?omit_internal=vielleicht"} {
		a := s.Get(apptest.Nobody, strings.TrimPrefix(list, apptest.Base)+bad)
		if a.Code != 400 || !a.Has(`"type":"https://schema.oparl.org/1.1/Error"`) || !a.Has(`"message":"„`) || !a.Has(`"debug":"400 `) || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %s", bad, a.Code, a.Body)
		}
	}
	for _, path := range []string{"/oparl/v1.1/nichts", "/oparl/v1.1/paper/x", "/oparl/v1.1/quatsch/x", "/oparl/v1.1/body/x/paper", "/oparl/v1.1/body/u1/name", "/oparl/v1.1/organization/x/meeting", "/oparl/v1.1/file/x/access", "/oparl/v1.1/person"} {
		if a := s.Get(apptest.Nobody, path); a.Code != 404 || !a.Has("1.1/Error") {
			t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
	}
	for _, path := range []string{"/oparl", "/oparl/v1.1", "/oparl/v1.1/"} {
		if a := s.Get(apptest.Nobody, path); a.Code != 301 || a.To != apptest.Base+"/oparl/v1.1/system" {
			t.Errorf("%s: %d %s", path, a.Code, a.To)
		}
	}
}

// TestConditional: who has an object already is not sent it again, and who asks without end has to wait.
func TestConditional(t *testing.T) {
	h, s, _ := serve(t)
	get := func(name, value string) apptest.Answer {
		r := httptest.NewRequest("GET", apptest.Base+"/oparl/v1.1/body/u1", nil)
		r.Header.Set(name, value)
		return s.Do(apptest.Nobody, r)
	}
	first := get("Accept", "*/*")
	tag, at := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if a := get("If-None-Match", tag); tag == "" || a.Code != 304 || a.Body != "" {
		t.Errorf("the same tag: %d", a.Code)
	}
	if a := get("If-None-Match", `"x"`); a.Code != 200 {
		t.Errorf("another tag: %d", a.Code)
	}
	if a := get("If-Modified-Since", at); at == "" || a.Code != 304 {
		t.Errorf("not modified: %d", a.Code)
	}
	n := 0
	for ; n <= asking().N; n++ {
		if a := s.Get(apptest.Nobody, "/oparl/v1.1/nichts"); a.Code == 429 {
			if a.Header.Get("Retry-After") == "" || !a.Has("1.1/Error") {
				t.Errorf("%v %s", a.Header, a.Body)
			}
			break
		}
	}
	if n > asking().N {
		t.Error("nobody has to wait")
	}
	h.Clock.Add(11 * time.Minute)
	if a := get("Accept", "*/*"); a.Code != 200 {
		t.Errorf("later: %d", a.Code)
	}
}

// TestFiles: what a feature publishes is listed with what the house has itself, and its files are handed out.
func TestFiles(t *testing.T) {
	var x files.File
	gone := false
	item := func() oparl.Item {
		i := oparl.Item{UID: "f1", Created: apptest.Start, Modified: apptest.Start}
		a := oparl.Addresses(apptest.Base + "/oparl/v1.1")
		i.Object.Add("name", "Protokoll")
		i.Object.Add("accessUrl", a.Access("f1"))
		i.Object.Add("downloadUrl", a.Download("f1"))
		return i
	}
	minutes := house.Feature{Name: "minutes", OParl: []oparl.Source{{Type: oparl.File,
		List: func(*store.Tx, oparl.Addresses, int64) ([]oparl.Item, error) {
			if gone {
				return nil, nil
			}
			return []oparl.Item{item()}, nil
		},
		Open: func(*store.Tx, string) (files.File, error) { return x, nil },
	}}}
	h, s, _ := serve(t, minutes)
	var err error
	if x, err = h.Files.Receive(t.Context(), apptest.Hanna, "Protokoll „1“.pdf", strings.NewReader("%PDF-1.4 x")); err != nil {
		t.Fatal(err)
	}
	if all := crawl(t, s); all[apptest.Base+"/oparl/v1.1/file/f1"] == nil {
		t.Errorf("%v", all)
	}
	a := s.Get(apptest.Nobody, "/oparl/v1.1/file/f1/access")
	if a.Code != 200 || a.Body != "%PDF-1.4 x" || strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") || a.Header.Get("ETag") == "" || a.Header.Get("Last-Modified") == "" {
		t.Errorf("access: %d %v", a.Code, a.Header)
	}
	if a := s.Get(apptest.Nobody, "/oparl/v1.1/file/f1/download"); a.Code != 200 || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment; filename") {
		t.Errorf("download: %d %v", a.Code, a.Header)
	}
	x.Hash[0]++ // its content is not in the folder
	if a := s.Get(apptest.Nobody, "/oparl/v1.1/file/f1/access"); a.Code != 404 || !a.Has("fehlt auf dem Server") {
		t.Errorf("a file without its content: %d %s", a.Code, a.Body)
	}
	settled(t, h)
	gone = true
	h.Clock.Add(time.Minute)
	if a := s.Get(apptest.Nobody, "/oparl/v1.1/file/f1/download"); a.Code != 410 {
		t.Errorf("a file that is gone: %d", a.Code)
	}
}
