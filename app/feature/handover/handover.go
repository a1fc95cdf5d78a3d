// Package handover (Übergabe): what the board of a committee leaves to the next, and how the two settle it.
//
// The page of what is left stands ready at all times: all features tell what of theirs belongs on it. For the day of change
// the leaving board begins a handover: a record of these things as they are, which it ticks off one by one with what one has
// to know. The coming board reads it from the moment its members are appointed, before their term begins, and accepts each
// thing or asks back. Each board signs a text of all that; what was signed it changes no more.
//
// Rights pass by the terms alone, at midnight. A former board finds nothing of all this any more.
package handover

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
)

const (
	maxWords = 2000
	ahead    = 2 // years until the day of change at the most
)

// A Side is one of the two boards. Its text is stored.
type Side string

// Sides.
const (
	Leaving Side = "leaving"
	Coming  Side = "coming"
)

// Word is the German name of a board.
func (s Side) Word() string {
	if s == Coming {
		return "kommender Vorstand"
	}
	return "abgebender Vorstand"
}

// A heading is a kind of what is left, with its German words.
type heading struct{ Kind, Words string }

// headings are all kinds, in the order in which they are settled: what somebody has to do first.
func headings() []heading {
	return []heading{
		{"task", "Offene Aufgaben"}, {"deadline", "Fristen"}, {"topic", "Laufende Themen"}, {"date", "Termine des kommenden Jahres"},
		{"resolution", "Geltende Beschlüsse"}, {"contact", "Kontakte"}, {"page", "Seiten"}, {"file", "Dateien"}, {"missing", "Was noch fehlt"},
	}
}

// A Group is what is left of one kind.
type Group struct {
	Kind  string
	Words string
	Items []Item
}

// Open counts what the leaving board has not ticked off yet.
func (g Group) Open() (n int) {
	for _, x := range g.Items {
		if x.Given.IsZero() {
			n++
		}
	}
	return n
}

// grouped puts things below their headings; kinds that nobody knows come last, under their own name.
func grouped(all []Item) (groups []Group) {
	of := map[string][]Item{}
	for _, x := range all {
		of[x.Kind] = append(of[x.Kind], x)
	}
	for _, h := range headings() {
		if len(of[h.Kind]) > 0 {
			groups = append(groups, Group{h.Kind, h.Words, of[h.Kind]})
			delete(of, h.Kind)
		}
	}
	var rest []Item
	for _, x := range all {
		if _, ok := of[x.Kind]; ok {
			rest = append(rest, x)
		}
	}
	if len(rest) > 0 {
		groups = append(groups, Group{"", "Anderes", rest})
	}
	return groups
}

// An Item is one thing that is left.
type Item struct {
	house.Legacy
	ID        int64     // 0: in no record
	Words     string    // what the leaving board adds
	Late      bool      // added after the beginning
	Given     time.Time // when the leaving board ticked it off; zero: it has not
	Giver     string
	Taken     time.Time // when the coming board accepted it; zero: it has not
	Taker     string
	Questions []Question
	Gone      bool // it is no longer there, or settled
}

// A Question is a Rückfrage, or what was said to one.
type Question struct {
	Item  int64
	Side  Side
	Name  string
	Words string
	At    time.Time
}

// A Signature is that of one board.
type Signature struct {
	Side Side
	Name string // "ehemals im Haus" where the person has left
	At   time.Time
	Text string // all that was signed
	Hash []byte // SHA-256 of it
}

// Hex is the hash as one compares it.
func (s Signature) Hex() string { return fmt.Sprintf("%x", s.Hash) }

// A Handover is a record.
type Handover struct {
	ID         int64
	Unit       int64
	UnitName   string
	Changes    time.Time // midnight at which the next board begins
	Begun      time.Time
	Starter    string
	Signatures []Signature
}

// Signed is the signature of a board; nil: there is none.
func (h Handover) Signed(s Side) *Signature {
	for i := range h.Signatures {
		if h.Signatures[i].Side == s {
			return &h.Signatures[i]
		}
	}
	return nil
}

// Title names it.
func (h Handover) Title() string {
	return "Übergabe zum " + lang.German().DayYear(house.Local(h.Changes))
}

// settled says what still keeps a board from signing; nil: nothing.
func settled(side Side, items []Item) error {
	open := 0
	for _, x := range items {
		if side == Leaving && x.Given.IsZero() || side == Coming && x.Taken.IsZero() {
			open++
		}
	}
	switch {
	case open == 0:
		return nil
	case side == Leaving && open == 1:
		return fault.New(fault.Conflict, "Einen Punkt haben Sie noch nicht abgehakt. Danach können Sie unterschreiben.")
	case side == Leaving:
		return fault.New(fault.Conflict, "%d Punkte haben Sie noch nicht abgehakt. Danach können Sie unterschreiben.", open)
	case open == 1:
		return fault.New(fault.Conflict, "Einen Punkt haben Sie noch nicht angenommen. Danach können Sie unterschreiben.")
	}
	return fault.New(fault.Conflict, "%d Punkte haben Sie noch nicht angenommen. Danach können Sie unterschreiben.", open)
}

// canonical is the text that a board signs: all that stands in the record, in one way only, and nobody's name. Each line of
// what people wrote is set in, so that no text can look like another.
func canonical(h Handover, side Side, items []Item, at time.Time) string {
	var b strings.Builder
	line := func(deep int, label, words string) {
		if words == "" {
			return
		}
		in := strings.Repeat("  ", deep)
		b.WriteString(in + label + strings.ReplaceAll(words, "\n", "\n"+in+"| ") + "\n")
	}
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	line(0, "Übergabe: ", h.UnitName)
	line(0, "Tag des Wechsels: ", house.Local(h.Changes).Format(time.DateOnly))
	line(0, "Begonnen: ", stamp(h.Begun))
	line(0, "Unterschrift: ", side.Word())
	line(0, "Unterschrieben: ", stamp(at))
	line(0, "Punkte: ", fmt.Sprint(len(items)))
	for i, x := range items {
		line(0, fmt.Sprintf("%d. ", i+1), x.Title)
		line(1, "Art: ", x.Kind)
		line(1, "Kennung: ", x.Ref)
		line(1, "Hinweis: ", x.Note)
		if !x.Due.IsZero() {
			line(1, "Tag: ", house.Local(x.Due).Format(time.DateOnly))
		}
		line(1, "Vom Vorstand: ", x.Words)
		line(1, "Abgehakt: ", stamp(x.Given))
		if side == Coming {
			for _, q := range x.Questions {
				line(1, map[Side]string{Coming: "Rückfrage: ", Leaving: "Antwort: "}[q.Side], q.Words)
			}
			line(1, "Angenommen: ", stamp(x.Taken))
		}
	}
	return b.String()
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// said checks what somebody wrote to a thing.
func said(field, words string, must bool) (string, error) {
	words = strings.TrimSpace(words)
	switch {
	case must && words == "":
		return "", fault.At(field, "Bitte schreiben Sie etwas.")
	case utf8.RuneCountInString(words) > maxWords:
		return "", fault.At(field, "Das dürfen höchstens %d Zeichen sein.", maxWords)
	}
	return words, nil
}
