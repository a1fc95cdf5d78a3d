package handover

import (
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const mostBook = 16 << 20 // bytes of Markdown; browsers give up soon after

// binding reads all that a board leaves.
func binding() web.Limit { return web.Limit{Name: "handover.book", N: 60, In: time.Hour} }

// An estate is all that a board leaves, with its texts: as it stands ready, or as a handover has it.
type estate struct {
	Unit   org.Unit
	Record *Handover // nil: as it stands ready
	At     time.Time // as of when
	Groups []Part
}

// A Part is a Group with the texts of its things.
type Part struct {
	Kind  string
	Words string
	Items []Piece
}

// A Piece is an Item with its text.
type Piece struct {
	Item
	Content Content
}

// Title names it.
func (e estate) Title() string {
	if e.Record != nil {
		return e.Record.Title()
	}
	return "Was der Vorstand übergibt"
}

// Stand is its day in words.
func (e estate) Stand() string { return lang.German().DayYear(house.Local(e.At)) }

// fill puts the things in, with the texts that the viewer may read.
func (f feature) fill(tx *store.Tx, e *estate, v who.Viewer, all []Item) error {
	size := 0
	for _, g := range grouped(all) {
		p := Part{Kind: g.Kind, Words: g.Words}
		for _, x := range g.Items {
			c, err := f.Content(tx, v, x.Legacy)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
			if size += len(c.Body); size > mostBook {
				return fault.New(fault.Invalid, "Das ist zu viel auf einmal. Bitte drucken Sie den Wissensspeicher für sich.")
			}
			p.Items = append(p.Items, Piece{x, c})
		}
		e.Groups = append(e.Groups, p)
	}
	return nil
}

// standing is what stands ready, for members.
func (f feature) standing(r *http.Request, v who.Viewer) (e estate, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return e, err
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if e.Unit, _, err = committee.Must(tx, v, id, committee.Inside, f.Now()); err != nil {
			return err
		}
		e.At = f.Now()
		left, err := f.Legacy(tx, v, id)
		if err != nil {
			return err
		}
		return f.fill(tx, &e, v, fresh(nil, left))
	})
	return e, err
}

// recorded is what a handover has, for either board.
func (f feature) recorded(r *http.Request, v who.Viewer) (e estate, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return e, err
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		h, _, err := get(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if e.Unit, err = org.Get(tx, h.Unit); err != nil {
			return err
		}
		e.Record, e.At = &h, f.Now()
		all, err := items(tx, id)
		if err != nil {
			return err
		}
		return f.fill(tx, &e, v, all)
	})
	return e, err
}

// HTML is the text of a thing as a part of the book: its headings rank below its title, and what can be linked to has a name
// that no other text uses. A quotation mark outside of tags is written &quot;, so the expression meets attributes alone.
func (p Piece) HTML() template.HTML {
	if p.Content.Body == "" {
		return ""
	}
	html := text.Resolve(text.Archive(p.Content.Body), func(string) (string, bool) { return "", false })
	prefix := strings.ReplaceAll(p.Ref, " ", "-") + "-"
	return template.HTML(anchor.ReplaceAllString(lower.Replace(string(html)), "${1}"+prefix))
}

// lower puts headings two ranks lower: what is h2 in a page is h4 below the title of the page in the book.
var lower = strings.NewReplacer("<h4", "<h6", "</h4>", "</h6>", "<h3", "<h5", "</h3>", "</h5>", "<h2", "<h4", "</h2>", "</h4>")

var anchor = regexp.MustCompile(`( id="| href="#)`)

type bookPage struct {
	web.Page
	E estate
}

func (f feature) bind(w http.ResponseWriter, r *http.Request, v who.Viewer, of func(*http.Request, who.Viewer) (estate, error)) error {
	if err := f.Limits.Take(binding(), strconv.FormatInt(v.ID, 10)); err != nil {
		return err
	}
	e, err := of(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "book.html", bookPage{web.NewPage(r, v, e.Title()), e})
}

func (f feature) book(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.bind(w, r, v, f.recorded)
}

func (f feature) readyBook(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.bind(w, r, v, f.standing)
}

// Markdown is the estate as one text.
func (e estate) Markdown(at map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\nStand: %s\n", e.Unit.Name, e.Title(), e.Stand())
	for _, g := range e.Groups {
		fmt.Fprintf(&b, "\n## %s\n\n", g.Words)
		for _, x := range g.Items {
			title := escaped(x.Title)
			if to := at[x.Ref]; to != "" {
				title = bundle.Link(x.Title, to, "")
			}
			b.WriteString("- " + title)
			if !x.Due.IsZero() {
				b.WriteString(", " + lang.German().DayYear(house.Local(x.Due)))
			}
			for _, more := range []struct{ label, words string }{{"", x.Note}, {"Vom Vorstand: ", x.Words}} {
				if more.words != "" {
					b.WriteString("\n  " + more.label + strings.ReplaceAll(escaped(more.words), "\n", "\n  "))
				}
			}
			for _, q := range x.Questions {
				b.WriteString("\n  " + map[Side]string{Coming: "Rückfrage: ", Leaving: "Antwort: "}[q.Side] + strings.ReplaceAll(escaped(q.Words), "\n", "\n  "))
			}
			b.WriteString("\n")
		}
	}
	if e.Record != nil && len(e.Record.Signatures) > 0 {
		b.WriteString("\n## Unterschriften\n\n")
		for _, s := range e.Record.Signatures {
			fmt.Fprintf(&b, "- %s: %s, %s, SHA-256 %s\n", s.Side.Word(), escaped(s.Name), lang.German().Stamp(house.Local(s.At)), s.Hex())
		}
	}
	return b.String()
}

// escaped keeps words from meaning something in Markdown.
func escaped(s string) string { return marks.Replace(s) }

var marks = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "`", "\\`", "#", `\#`)
