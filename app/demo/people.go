package demo

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"nestfunk/assets/demo"
)

// A tongue is the names that are common among those who speak a language.
type tongue struct{ Women, Men, Girls, Boys, Families []string }

// A crowd invents people, the same ones every time.
type crowd struct {
	*rand.Rand
	names map[string]tongue
	mails map[string]int // how often an address was given out
	phone int
}

func newCrowd() (*crowd, error) {
	c := &crowd{Rand: rand.New(rand.NewPCG(24937, 24944)), mails: map[string]int{}}
	if err := json.Unmarshal(demo.Names(), &c.names); err != nil {
		return nil, fmt.Errorf("read the names of the demonstration: %w", err)
	}
	return c, nil
}

func (c *crowd) one(of []string) string { return of[c.IntN(len(of))] }

// chance is true in so many of a hundred cases.
func (c *crowd) chance(percent int) bool { return c.IntN(100) < percent }

// language is that of a family's home.
func (c *crowd) language() string {
	for _, l := range []struct {
		code  string
		share int
	}{{"tr", 9}, {"uk", 8}, {"ar", 9}, {"pl", 7}, {"da", 12}} {
		if c.chance(l.share) {
			return l.code
		}
	}
	return "de"
}

// A human is somebody who is made up.
type human struct{ given, family, language string }

func (c *crowd) adult(language string, woman bool) human {
	n := c.names[language]
	h := human{c.one(n.Men), c.one(n.Families), language}
	if woman {
		h.given = c.one(n.Women)
		h.family = hers(language, h.family)
	}
	return h
}

func (c *crowd) child(language, family string) human {
	n := c.names[language]
	if c.chance(50) {
		return human{c.one(n.Girls), hers(language, family), language}
	}
	return human{c.one(n.Boys), family, language}
}

// hers is a family name as a woman bears it, where the language makes a difference.
func hers(language, family string) string {
	if stem, ok := strings.CutSuffix(family, "ki"); ok && language == "pl" {
		return stem + "ka"
	}
	return family
}

// spoken is the language in which the house writes to somebody: Danes in Flensburg read German.
func (h human) spoken() string {
	if h.language == "da" {
		return "de"
	}
	return h.language
}

var ascii = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ø", "oe", "å", "aa", "æ", "ae", "ş", "s", "ç", "c", "ğ", "g", "ı", "i",
	"i̇", "i", "ł", "l", "ó", "o", "ą", "a", "ę", "e", "ś", "s", "ź", "z", "ż", "z", "ń", "n", "ć", "c", " ", "-")

func (c *crowd) mail(h human) string {
	name := ascii.Replace(strings.ToLower(h.given + "." + h.family))
	c.mails[name]++
	if n := c.mails[name]; n > 1 {
		name += fmt.Sprint(n)
	}
	return name + "@example.org" // RFC 2606: belongs to nobody
}

// number is a phone number that nobody has: mobile ones are those that the Bundesnetzagentur keeps for films, and local
// ones do not begin with 55 0.
func (c *crowd) number() string {
	c.phone++
	switch c.phone % 10 {
	case 0, 1:
		return fmt.Sprintf("0461 55 0%02d %02d", c.phone/100%100, c.phone%100)
	case 2, 3, 4, 5:
		return fmt.Sprintf("0171 39200%02d", c.phone%100)
	}
	return fmt.Sprintf("0176 040690%02d", c.phone%100)
}

// born is a birthday so many years ago, and up to so many more.
func (c *crowd) born(now time.Time, from, years int) string {
	return now.AddDate(-from, 0, -1-c.IntN(365*years)).Format(time.DateOnly)
}
