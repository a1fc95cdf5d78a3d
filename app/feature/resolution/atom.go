package resolution

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// inFeed is how many resolutions a feed has: those that have changed last.
const inFeed = 50

// An atomFeed is RFC 4287. What was struck is told as RFC 6721 has it.
type atomFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string   `xml:"xml:lang,attr"`
	Tomb    string   `xml:"xmlns:at,attr"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  atomName `xml:"author"`
	Links   []atomLink
	Entries []atomEntry
	Gone    []atomGone
}

type atomName struct {
	Name string `xml:"name"`
}

type atomLink struct {
	XMLName xml.Name `xml:"link"`
	Rel     string   `xml:"rel,attr"`
	Type    string   `xml:"type,attr"`
	Href    string   `xml:"href,attr"`
}

type atomEntry struct {
	XMLName   xml.Name `xml:"entry"`
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink
	Summary   string   `xml:"summary"`
	Content   atomText `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomGone struct {
	XMLName xml.Name `xml:"at:deleted-entry"`
	Ref     string   `xml:"ref,attr"`
	When    string   `xml:"when,attr"`
}

func urn(uid string) string { return "urn:uuid:" + uid }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// atom is the feed of what a public committee has decided in public.
func (f feature) atom(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	unit, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var b []byte
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		u, _, err := committee.Must(tx, who.Viewer{}, unit, committee.Open, f.Now()) // as anybody sees it
		if err != nil {
			return err
		}
		ids, err := store.All(tx, store.Value[int64], `SELECT id FROM resolution WHERE unit = ? AND public = 1 ORDER BY changed DESC, id DESC LIMIT ?`, unit, inFeed)
		if err != nil {
			return err
		}
		var all []Resolution
		for _, id := range ids {
			x, err := find(tx, id)
			if err != nil {
				return err
			}
			all = append(all, x)
		}
		b, err = f.feedOf(u, all)
		return err
	})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "public, max-age=600")
	if v.ID != 0 {
		w.Header().Set("Cache-Control", "private, no-store")
	}
	if same(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = w.Write(b)
	return err
}

// feedOf writes the feed. A resolution whose last day is over changes nothing here: its summary says the day.
func (f feature) feedOf(u org.Unit, all []Resolution) ([]byte, error) {
	self := f.URL(fmt.Sprintf("/gremium/%d/beschluesse.atom", u.ID))
	feed := atomFeed{Lang: "de", Tomb: "http://purl.org/atompub/tombstones/1.0", ID: urn(u.UID), Title: "Beschlüsse: " + u.Name, Updated: stamp(u.Since),
		Author: atomName{u.Name}, Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: self},
			{Rel: "alternate", Type: "text/html", Href: f.URL(fmt.Sprintf("/beschluesse?unit=%d", u.ID))}}}
	if len(all) > 0 {
		feed.Updated = stamp(all[0].Changed)
	}
	for _, x := range all {
		if !x.Deleted.IsZero() {
			feed.Gone = append(feed.Gone, atomGone{Ref: urn(x.UID), When: stamp(x.Deleted)})
			continue
		}
		l := lang.German()
		words := x.Words(l, x.Decided, false)
		if x.By.ID != 0 {
			words = x.Words(l, x.By.Decided, false)
		}
		content := string(text.HTML(x.Wording))
		if r := x.Result(l); r != "" {
			content += "<p>" + template.HTMLEscapeString(r) + "</p>"
		}
		feed.Entries = append(feed.Entries, atomEntry{ID: urn(x.UID), Title: x.Name() + " " + x.Title, Published: stamp(x.Decided), Updated: stamp(x.Changed),
			Link:    atomLink{Rel: "alternate", Type: "text/html", Href: f.URL(fmt.Sprintf("/beschluss/%d", x.ID))},
			Summary: "Beschlossen am " + l.DayYear(house.Local(x.Decided)) + ", " + words + ".", Content: atomText{"html", content}})
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	err := xml.NewEncoder(&b).Encode(feed)
	return b.Bytes(), err
}

// same reports whether who asks has what the tag stands for. Whoever compresses on the way makes a tag weak, or adds to it.
func same(r *http.Request, tag string) bool {
	for old := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		old = strings.TrimPrefix(strings.TrimSpace(old), "W/")
		if old == tag || strings.TrimSuffix(old, `-gzip"`)+`"` == tag || strings.TrimSuffix(old, `--gzip"`)+`"` == tag {
			return true
		}
	}
	return false
}
