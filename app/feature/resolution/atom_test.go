package resolution

import (
	"encoding/xml"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A reader of feeds, which knows RFC 4287 and nothing of how ours are made.
type readFeed struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string     `xml:"http://www.w3.org/2005/Atom id"`
	Title   string     `xml:"http://www.w3.org/2005/Atom title"`
	Updated string     `xml:"http://www.w3.org/2005/Atom updated"`
	Author  string     `xml:"http://www.w3.org/2005/Atom author>name"`
	Links   []readLink `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID        string     `xml:"http://www.w3.org/2005/Atom id"`
		Title     string     `xml:"http://www.w3.org/2005/Atom title"`
		Published string     `xml:"http://www.w3.org/2005/Atom published"`
		Updated   string     `xml:"http://www.w3.org/2005/Atom updated"`
		Links     []readLink `xml:"http://www.w3.org/2005/Atom link"`
		Summary   string     `xml:"http://www.w3.org/2005/Atom summary"`
		Content   struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"http://www.w3.org/2005/Atom content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
	Gone []struct {
		Ref  string `xml:"ref,attr"`
		When string `xml:"when,attr"`
	} `xml:"http://purl.org/atompub/tombstones/1.0 deleted-entry"`
}

type readLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr"`
}

// parse reads a feed strictly, and checks what RFC 4287 asks of every feed.
func parse(t *testing.T, s string) (f readFeed) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(s))
	d.Strict = true
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%v\n%s", err, s)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("something follows the feed: %v", err)
	}
	stamp := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Error(err)
		}
		return at
	}
	if f.ID == "" || f.Title == "" || f.Author == "" || len(f.Links) != 2 || f.Links[0].Rel != "self" {
		t.Errorf("the feed lacks something: %+v", f)
	}
	last, seen := stamp(f.Updated), map[string]bool{}
	for _, e := range f.Entries {
		if !strings.HasPrefix(e.ID, "urn:uuid:") || seen[e.ID] || e.Title == "" || len(e.Links) != 1 || e.Content.Type != "html" || stamp(e.Updated).After(last) ||
			stamp(e.Published).After(stamp(e.Updated)) {
			t.Errorf("an entry: %+v", e)
		}
		seen[e.ID] = true
	}
	return f
}

// TestAtom: anybody may read what a public council has decided in public, and learns what has changed by the same name.
func TestAtom(t *testing.T) {
	w := newTown(t)
	const at = "/gremium/10/beschluesse.atom"
	w.status(apptest.Chair, at, 404) // the council is not public
	w.open()
	if f := parse(t, w.Get(apptest.Nobody, at).Body); len(f.Entries) != 0 {
		t.Errorf("%+v", f)
	}
	first, _ := w.take(Decision{Origin: "a", Title: "Spenden & <Gaben>", Wording: "Wir *danken* für \"alles\" & mehr.", Public: true})
	w.take(Decision{Origin: "b", Title: "Nur für uns"})
	a := w.Get(apptest.Nobody, at)
	before := parse(t, a.Body)
	if len(before.Entries) != 1 || before.Entries[0].Title != "2026-01 Spenden & <Gaben>" || !strings.Contains(before.Entries[0].Content.Text, "<em>danken</em>") ||
		before.Entries[0].Links[0].Href != apptest.Base+"/beschluss/1" || strings.Contains(a.Body, "Nur für uns") {
		t.Errorf("%+v", before)
	}
	if got := a.Header.Get("Content-Type"); got != "application/atom+xml; charset=utf-8" {
		t.Error(got)
	}
	again := func(person int64, tag string) apptest.Answer {
		r := httptest.NewRequest("GET", apptest.Base+at, nil)
		r.Header.Set("If-None-Match", tag)
		return w.Do(person, r)
	}
	tag := a.Header.Get("ETag")
	for _, old := range []string{tag, "W/" + tag, `"x", ` + tag, strings.TrimSuffix(tag, `"`) + `-gzip"`} {
		if b := again(apptest.Nobody, old); b.Code != 304 || b.Body != "" {
			t.Errorf("as before with %s: %d", old, b.Code)
		}
	}
	w.h.Clock.Add(time.Hour)
	w.take(Decision{Origin: "c", Title: "Neu geregelt", Wording: "Anders.", Public: true, Replaces: first})
	if b := again(apptest.Nobody, tag); b.Code != 200 {
		t.Errorf("after a change: %d", b.Code)
	}
	after := parse(t, w.Get(apptest.Ada, at).Body)
	if len(after.Entries) != 2 || after.Updated == before.Updated {
		t.Fatalf("%+v", after)
	}
	for _, e := range after.Entries {
		if e.ID == before.Entries[0].ID && (!strings.Contains(e.Summary, "ersetzt durch 2026-03") || e.Updated == before.Entries[0].Updated || e.Published != before.Entries[0].Published) {
			t.Errorf("what was replaced: %+v", e)
		}
	}
	// what was struck is told to those who have read it
	w.posts(apptest.Chair, "/beschluesse/nachtragen", 303, "unit", "10", "uid", "x", "day", "2024-05-06", "title", "Versehen", "wording", "Falsch.", "public", "1")
	w.posts(apptest.Chair, "/beschluss/4/streichen", 303)
	b := w.Get(apptest.Nobody, at)
	if f := parse(t, b.Body); len(f.Gone) != 1 || !strings.HasPrefix(f.Gone[0].Ref, "urn:uuid:") || len(f.Entries) != 2 || strings.Contains(b.Body, "Versehen") {
		t.Errorf("%+v", f)
	}
	w.status(apptest.Nobody, "/gremium/4/beschluesse.atom", 404) // a Kita
	w.status(apptest.Nobody, "/gremium/x/beschluesse.atom", 404)
}

// TestFound: the search finds what one may read, with and without its index.
func TestFound(t *testing.T) {
	w := newTown(t)
	w.take(Decision{Origin: "a", Title: "Hochbeete im Garten", Public: true})
	w.take(Decision{Origin: "b", Title: "Hochbeete: wer bezahlt"})
	src := w.f.Search[0]
	for _, c := range []struct {
		person int64
		want   int
	}{{apptest.Dana, 2}, {apptest.Cem, 1}, {apptest.Hanna, 1}, {apptest.Rosa, 0}, {apptest.Nobody, 0}} {
		err := w.h.DB.Read(t.Context(), func(tx *store.Tx) error {
			v := viewer(t, tx, w, c.person)
			seen, err := src.Seen(tx, v, []int64{1, 2, 99})
			if err != nil {
				return err
			}
			look, err := src.Look(tx, v, []string{"hochbeete"}, 10)
			if len(seen) != c.want || len(look) != c.want {
				t.Errorf("%d sees %v and finds %v, want %d", c.person, seen, look, c.want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.write(func(tx *store.Tx) error {
		docs, err := src.Docs(tx, []int64{1})
		if len(docs) != 1 || docs[0].Public || len(docs[0].Reach) != 3 {
			t.Errorf("of a council that is not public: %+v", docs)
		}
		return err
	})
	w.open()
	err := w.h.DB.Read(t.Context(), func(tx *store.Tx) error {
		all, err := src.All(tx, 0, 10)
		if err != nil {
			return err
		}
		docs, err := src.Docs(tx, all)
		if len(docs) != 2 || !docs[0].Public || docs[1].Public || len(docs[1].Reach) != 2 || docs[0].Title != "2026-01 Hochbeete im Garten" {
			t.Errorf("%+v", docs)
		}
		if err != nil {
			return err
		}
		with, err := src.With(tx, "committee", []int64{apptest.Council})
		if len(with) != 2 {
			t.Errorf("with its committee: %v", with)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
