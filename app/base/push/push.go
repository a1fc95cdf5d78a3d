// Package push (Push-Mitteilung) tells browsers something while no page of the house is open: Web Push, RFC 8030.
//
// Apple, Google, Microsoft and Mozilla carry a message, and can read none of it: it is encrypted for one browser (RFC
// 8291) and always of the same length. What they learn is that the house has written to that browser, and when. Handed
// over is not proof that somebody has read it.
//
// Endpoints come from browsers: they are checked against a fixed list of push services when they are stored, when they
// are written to, and once more as an address when the connection is made. They are secrets of their owners, so no error
// and no log line holds one.
package push

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/lang"
)

// An Urgency decides whether a message wakes a device that saves power (RFC 8030, 5.3).
type Urgency string

const (
	VeryLow Urgency = "very-low" // on power and Wi-Fi
	Low     Urgency = "low"      // on power or Wi-Fi
	Normal  Urgency = "normal"   // on neither
	High    Urgency = "high"     // even when the battery is low
)

const (
	defaultTTL = 24 * time.Hour
	maxTTL     = 28 * 24 * time.Hour // Google keeps nothing longer, and refuses what asks for it
)

// A Message is what a browser shows. Title and Navigate are needed. Title and Body stand on a lock screen that others
// can see.
type Message struct {
	Title    string
	Body     string        // is shortened, and then Title, when all would be too long
	Navigate string        // where a tap leads: a complete URL of the house
	Lang     string        // BCP 47; "": German
	Tag      string        // replaces what the browser still shows under the same tag; "": nothing
	Silent   bool          // without a sound; else what replaces another rings again
	Badge    int           // how many things wait, shown on the icon; 0: the badge stays as it is
	Urgency  Urgency       // "": Normal
	TTL      time.Duration // for so long it is worth delivering; 0: a day
	Topic    string        // replaces what the push service still holds under the same topic: at most 32 of A-Z a-z 0-9 - _; "": nothing
}

var topics = regexp.MustCompile(`^[A-Za-z0-9_-]{0,32}$`)

// check refuses what no push service would take, or no browser would show.
func (m Message) check() error {
	u, err := url.Parse(m.Navigate)
	wrong := ""
	switch {
	case m.Title == "":
		wrong = "sie keinen Titel hat"
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		wrong = "ihr Ziel keine vollständige Adresse ist"
	case !topics.MatchString(m.Topic):
		wrong = "ihr Thema unerlaubte Zeichen enthält oder zu lang ist"
	case m.Urgency != "" && m.Urgency != VeryLow && m.Urgency != Low && m.Urgency != Normal && m.Urgency != High:
		wrong = "es ihre Dringlichkeit nicht gibt"
	case m.TTL < 0 || m.TTL > maxTTL:
		wrong = "sie länger als 28 Tage oder gar nicht gelten soll"
	case m.Badge < 0:
		wrong = "weniger als nichts warten soll"
	}
	if wrong != "" {
		return &failure{kind: refused, words: "Die Push-Mitteilung wurde nicht gesendet, weil " + wrong + "."}
	}
	return nil
}

// seconds is the TTL as the header wants it. It is never 0, with which Microsoft's service cannot live.
func (m Message) seconds() string {
	return strconv.Itoa(max(1, int(cmp.Or(m.TTL, defaultTTL)/time.Second)))
}

// A declaration is a message in the form that a browser can show without asking a script of ours (Declarative Web Push,
// part of the Push API). Other browsers hand the same JSON to the service worker.
type declaration struct {
	WebPush      int `json:"web_push"` // always 8030: that makes it declarative
	Notification struct {
		Title    string `json:"title"`
		Body     string `json:"body,omitempty"`
		Navigate string `json:"navigate"`
		Lang     string `json:"lang"`
		Dir      string `json:"dir"`
		Tag      string `json:"tag,omitempty"`
		Silent   bool   `json:"silent,omitempty"`
	} `json:"notification"`
	Badge string `json:"app_badge,omitempty"` // digits
}

// json is the message as it is encrypted, at most longest bytes of it where shortening can do that.
func (m Message) json() ([]byte, error) {
	text, err := m.declare()
	for _, words := range []*string{&m.Body, &m.Title} {
		if err != nil || len(text) <= longest {
			break
		}
		whole := *words
		n := sort.Search(len(whole), func(n int) bool { // the first length that is too much
			*words = shorten(whole, n)
			text, err = m.declare()
			return err != nil || len(text) > longest
		})
		*words = shorten(whole, n-1)
		text, err = m.declare()
	}
	return text, err
}

func (m Message) declare() ([]byte, error) {
	l := lang.Of(m.Lang)
	d := declaration{WebPush: 8030}
	n := &d.Notification
	n.Title, n.Body, n.Navigate, n.Lang, n.Dir, n.Tag, n.Silent = m.Title, m.Body, m.Navigate, l.Code, l.Dir, m.Tag, m.Silent
	if m.Badge > 0 {
		d.Badge = strconv.Itoa(m.Badge)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // no page ever holds it, and "\u0026" is five bytes more than "&"
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// shorten leaves at most n bytes of s and says so with three dots; "" where nothing would be left.
func shorten(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	if n <= 0 {
		return ""
	}
	return strings.TrimRight(s[:n], " ") + "…"
}
