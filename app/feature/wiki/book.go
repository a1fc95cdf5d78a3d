package wiki

import (
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const mostBook = 16 << 20 // bytes of HTML, about five thousand printed pages; browsers give up soon after

// binding renders every page of an archive.
func binding() web.Limit { return web.Limit{Name: "wiki.book", N: 60, In: time.Hour} }

// A Chapter is a page of an archive as part of a book.
type Chapter struct {
	*Node
	No   string // "2.1.3"
	HTML template.HTML
	Kids []*Chapter
}

type bookPage struct {
	web.Page
	Unit     org.Unit
	Chapters []*Chapter // at the top
	All      []*Chapter // in the order of the tree
}

// book shows all pages of an archive that the viewer may read as one, to be printed; ?ab= begins with a page and what
// stands below it.
func (f *feature) book(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if err := f.Limits.Take(binding(), strconv.FormatInt(v.ID, 10)); err != nil {
		return err
	}
	p := &bookPage{Page: web.NewPage(r, v, "")}
	from := web.Form{Values: r.URL.Query()}.ID("ab")
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		now := f.Now()
		var set map[string]bool
		if p.Unit, set, err = archive(tx, id, v, now); err != nil {
			return err
		}
		p.Title = p.Unit.Name
		nodes, err := tree(tx, id, v, set)
		if err != nil {
			return err
		}
		tops := grow(released(nodes))
		if from != 0 {
			if tops = branch(tops, from); tops == nil {
				return fault.Gone()
			}
			p.Title = tops[0].Title
		}
		p.Chapters = p.number(tops, "")
		size := 0
		for _, c := range p.All {
			page, err := get(tx, c.ID, v, now)
			if err != nil {
				return err
			}
			if c.HTML, err = body(tx, page, v, now); err != nil {
				return err
			}
			if size += len(c.HTML); size > mostBook {
				return fault.New(fault.Invalid, "Dieses Buch wäre zu lang. Bitte drucken Sie einzelne Seiten mit ihren Unterseiten: auf der Seite „Drucken“.")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	in := map[int64]bool{}
	for _, c := range p.All {
		in[c.ID] = true
	}
	for _, c := range p.All {
		c.HTML = bound(c.HTML, c.ID, c.deep(), in)
	}
	return f.pages.Render(w, r, "book.html", p)
}

// branch is the part of a tree that begins with a page; nil: it is not there.
func branch(tops []*Node, id int64) []*Node {
	for _, n := range tops {
		if n.ID == id {
			return []*Node{n}
		}
		if found := branch(n.Kids, id); found != nil {
			return found
		}
	}
	return nil
}

// number makes chapters of pages.
func (p *bookPage) number(nodes []*Node, above string) (all []*Chapter) {
	for i, n := range nodes {
		c := &Chapter{Node: n, No: above + strconv.Itoa(i+1)}
		p.All = append(p.All, c)
		all = append(all, c)
		c.Kids = p.number(n.Kids, c.No+".")
	}
	return all
}

// deep counts the levels above.
func (c *Chapter) deep() int { return strings.Count(c.No, ".") }

// Heading is the title as the heading of its rank: the book has the first, the table of contents and the chapters the
// second.
func (c *Chapter) Heading() template.HTML {
	h := strconv.Itoa(min(2+c.deep(), 6))
	return template.HTML("<h" + h + `><span class="no">` + c.No + "</span> " + template.HTMLEscapeString(c.Title) + "</h" + h + ">")
}

var (
	reRank   = regexp.MustCompile(`(</?h)([2-6])\b`)
	reID     = regexp.MustCompile(` id="([^"]+)"`)
	reLocal  = regexp.MustCompile(` href="#([^"]+)"`)
	reToPage = regexp.MustCompile(` href="/seite/(\d+)(?:-[a-z0-9-]*)?(?:#([^"]*))?"`)
)

// bound makes the HTML of a page part of a book: headings rank below its title, what can be linked to has a name that no
// other page uses, and links between pages of the book stay in it. A quotation mark outside of tags is written &quot;, so
// the expressions meet attributes alone.
func bound(html template.HTML, id int64, deep int, in map[int64]bool) template.HTML {
	s := reRank.ReplaceAllStringFunc(string(html), func(m string) string {
		return m[:len(m)-1] + strconv.Itoa(min(6, int(m[len(m)-1]-'0')+1+deep))
	})
	prefix := fmt.Sprintf("s%d-", id)
	s = strings.ReplaceAll(s, ` loading="lazy"`, "") // a printer does not wait
	s = reID.ReplaceAllString(s, ` id="`+prefix+`$1"`)
	s = reLocal.ReplaceAllString(s, ` href="#`+prefix+`$1"`)
	s = reToPage.ReplaceAllStringFunc(s, func(m string) string {
		x := reToPage.FindStringSubmatch(m)
		switch to := number(x[1]); {
		case !in[to]:
			return m
		case x[2] != "":
			return fmt.Sprintf(` href="#s%d-%s"`, to, x[2])
		default:
			return fmt.Sprintf(` href="#s%d"`, to)
		}
	})
	return template.HTML(s)
}
