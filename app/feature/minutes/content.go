package minutes

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/text"
)

// Content is what a revision holds: the facts as they were, and what was written about them.
type Content struct {
	Record Record           `json:"record"`
	Texts  map[int64]string `json:"texts,omitzero"` // Markdown by item; 0: about the meeting as a whole
}

// bytes are the content as it is stored. Of the same content they are always the same.
func (c Content) bytes() ([]byte, error) { return json.Marshal(c) }

// read reads stored content. It is refused unless it is, to the byte, what bytes would write: so nothing can stand in the
// database that the canonical text does not have.
func read(stored string) (c Content, err error) {
	if err := json.Unmarshal([]byte(stored), &c); err != nil {
		return Content{}, err
	}
	b, err := c.bytes()
	if err == nil && string(b) != stored {
		err = errors.New("the content was not written by this feature")
	}
	for item := range c.Texts {
		if _, ok := c.Record.item(item); !ok && err == nil {
			err = errors.New("the content has a text without an item")
		}
	}
	return c, err
}

// public is what everybody around may read: items that are not public keep their number and nothing else. Who was
// excused or missing, who voted how, and who has taken on what is nobody else's business.
func (c Content) public() Content {
	r := c.Record
	out := Content{Texts: map[int64]string{}}
	if t := c.Texts[0]; t != "" {
		out.Texts[0] = t
	}
	items := make([]Item, 0, len(r.Items))
	for _, i := range r.Items {
		if i.Public {
			if t := c.Texts[i.ID]; t != "" {
				out.Texts[i.ID] = t
			}
			i.Tasks, i.Motions = nil, slices.Clone(i.Motions)
			for k, m := range i.Motions {
				if m.Vote != nil {
					v := *m.Vote
					v.Names = nil
					i.Motions[k].Vote = &v
				}
			}
		} else {
			i = Item{ID: i.ID, Number: i.Number, Title: hidden}
		}
		items = append(items, i)
	}
	r.Items, r.Excused, r.Missing, r.Guests = items, nil, nil, nil
	out.Record = r
	return out
}

// hidden is the title of an item that is not public.
const hidden = "Nichtöffentlicher Punkt"

// closed reports whether anything of it is not public.
func (c Content) closed() bool {
	for _, i := range c.Record.Items {
		if !i.Public {
			return true
		}
	}
	return false
}

// A Seal is what is fixed together with the content when minutes are approved.
type Seal struct {
	UID      string
	Revision int
	Approved time.Time
	Place    string // name of the meeting that approved them
}

// canonical is the text whose SHA-256 is shown: plain text in UTF-8, lines ending in LF, that can be read, kept as a file
// and counted anew with any program (sha256sum). Everything of the content is in it: a line holds one value, and what has
// several lines stands behind a bar, so that no text can pass for another.
func canonical(c Content, s Seal) string {
	var b strings.Builder
	line := func(name string, value any) {
		v := fmt.Sprint(value)
		if strings.Contains(v, "\n") {
			v = "\n  | " + strings.ReplaceAll(v, "\n", "\n  | ")
		}
		if strings.HasPrefix(v, "\n") {
			fmt.Fprintf(&b, "%s:%s\n", name, v)
		} else {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	some := func(name string, value string) {
		if value != "" {
			line(name, value)
		}
	}
	at := func(name string, t time.Time) {
		if !t.IsZero() {
			line(name, t.UTC().Format(time.RFC3339))
		}
	}
	yes := func(name string, v bool) { line(name, map[bool]string{true: "ja", false: "nein"}[v]) }
	each := func(name string, all []string) {
		for _, v := range all {
			line(name, v)
		}
	}
	r := c.Record
	b.WriteString("Nestfunk-Protokoll 1\n")
	line("Kennung", s.UID)
	line("Fassung", s.Revision)
	at("Genehmigt", s.Approved)
	some("Genehmigt in", s.Place)
	line("Gremium", fmt.Sprintf("%d %s", r.Unit, r.Committee))
	line("Sitzung", r.Title)
	some("Ort", r.Place)
	at("Geladen zu", r.Starts)
	at("Begonnen", r.Began)
	at("Beendet", r.Ended)
	yes("Öffentlich", r.Public)
	at("Eingeladen", r.Invited)
	yes("Frist eingehalten", r.InTime)
	some("Leitung", r.Chair)
	some("Protokollführung", r.Keeper)
	for _, p := range r.Attendance {
		line("Anwesend", p.Name)
		some("  Amt", p.Office)
		some("  Für", p.For)
		yes("  Stimme", p.Votes)
		at("  Von", p.From)
		at("  Bis", p.Until)
	}
	each("Gast", r.Guests)
	each("Entschuldigt", r.Excused)
	each("Fehlt", r.Missing)
	line("Stimmen", r.Votes)
	line("Stimmen anwesend", r.Present)
	yes("Beschlussfähig", r.Quorate)
	some("Text", c.Texts[0])
	for _, i := range r.Items {
		line("Punkt", fmt.Sprintf("%s %s", i.Number, i.Title))
		line("  Nummer", i.ID)
		yes("  Öffentlich", i.Public)
		for _, m := range i.Motions {
			line("  Antrag", m.Title)
			line("    Wortlaut", m.Wording)
			each("    Gestellt von", m.By)
			some("    Ergebnis", m.Outcome)
			if v := m.Vote; v != nil {
				line("    Ja", v.Yes)
				line("    Nein", v.No)
				line("    Enthaltung", v.Abstain)
				line("    Ungültig", v.Invalid)
				line("    Stimmberechtigt anwesend", v.Present)
				yes("    Geheim", v.Secret)
				yes("    Auf Papier", v.Paper)
				yes("    Beschlussfähig", v.Quorate)
				each("    Stimme", v.Names)
			}
		}
		for _, t := range i.Tasks {
			line("  Aufgabe", t.Title)
			some("    Wer", t.Owner)
			some("    Bis", t.Due)
		}
		some("  Text", c.Texts[i.ID])
	}
	return b.String()
}

// seal is the SHA-256 of the canonical text.
func seal(c Content, s Seal) []byte {
	h := sha256.Sum256([]byte(canonical(c, s)))
	return h[:]
}

// placed names a meeting that approved minutes, as the canonical text has it.
func placed(r Record) string { return r.Title + ", " + lang.German().DayYear(house.Local(r.Held())) }

// wording is the words of some items, for the search; whole: with the text about the meeting.
func (c Content) wording(whole bool, only func(Item) bool) string {
	var b strings.Builder
	add := func(all ...string) {
		for _, s := range all {
			if s != "" {
				b.WriteString(s + "\n")
			}
		}
	}
	if whole {
		add(text.Words(c.Texts[0], 0))
	}
	for _, i := range c.Record.Items {
		if !only(i) {
			continue
		}
		add(i.Number + " " + i.Title)
		for _, m := range i.Motions {
			add(m.Title, m.Wording)
		}
		for _, t := range i.Tasks {
			add(t.Title)
		}
		add(text.Words(c.Texts[i.ID], 0))
	}
	return b.String()
}
