package bundle

import (
	"cmp"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
)

const (
	exported = "bsexport:" // begins what stands in BookStack's export for a page or a file of it
	mostJSON = 64 << 20    // bytes of data.json, which is read at once
)

// The parts of data.json that are read. BookStack promises to add to it, and to change nothing.
type (
	bookStack struct {
		Book    *bookChapter `json:"book"`
		Chapter *bookChapter `json:"chapter"`
		Page    *bookPage    `json:"page"`
	}
	bookChapter struct {
		ID          int64         `json:"id"`
		Name        string        `json:"name"`
		Description string        `json:"description_html"`
		Priority    int           `json:"priority"`
		Chapters    []bookChapter `json:"chapters"`
		Pages       []bookPage    `json:"pages"`
	}
	bookPage struct {
		ID          int64      `json:"id"`
		Name        string     `json:"name"`
		HTML        string     `json:"html"`
		Markdown    string     `json:"markdown"`
		Priority    int        `json:"priority"`
		Images      []bookFile `json:"images"`
		Attachments []bookFile `json:"attachments"`
	}
	bookFile struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
		File string `json:"file"`
		Link string `json:"link"`
	}
)

// readBookStack reads the portable ZIP of a book, a chapter or a page.
func (b *Bundle) readBookStack(entries []Entry) error {
	byName := map[string]Entry{}
	for _, e := range entries {
		byName[e.Path] = e
	}
	raw, err := byName["data.json"].read(mostJSON)
	if err != nil {
		return fault.New(fault.Invalid, "data.json: %s", fault.Words(err))
	}
	var all bookStack
	if err := json.Unmarshal(raw, &all); err != nil || all.Book == nil && all.Chapter == nil && all.Page == nil {
		return fault.New(fault.Invalid, "In data.json steht kein Buch, kein Kapitel und keine Seite von BookStack.")
	}
	switch {
	case all.Book != nil:
		b.chapter("book", *all.Book, nil, byName)
	case all.Chapter != nil:
		b.chapter("chapter", *all.Chapter, nil, byName)
	default:
		b.page(*all.Page, nil, byName)
	}
	return nil
}

// chapter takes a book or chapter as a page with what it says of itself.
func (b *Bundle) chapter(kind string, c bookChapter, parent *Page, files map[string]Entry) {
	p := b.made(kind, c.ID, c.Name, parent, func() (string, error) { return fromHTML(c.Description) })
	type part struct {
		priority int
		take     func()
	}
	var parts []part
	for _, x := range c.Chapters {
		parts = append(parts, part{x.Priority, func() { b.chapter("chapter", x, p, files) }})
	}
	for _, x := range c.Pages {
		parts = append(parts, part{x.Priority, func() { b.page(x, p, files) }})
	}
	slices.SortStableFunc(parts, func(x, y part) int { return cmp.Compare(x.priority, y.priority) })
	for _, x := range parts {
		x.take()
	}
}

func (b *Bundle) made(kind string, id int64, title string, parent *Page, body func() (string, error)) *Page {
	name := strconv.FormatInt(id, 10)
	if id == 0 {
		name = "n" + strconv.Itoa(len(b.Pages))
	}
	p := &Page{Path: exported + kind + ":" + name, Title: title, Parent: parent, body: body, stem: slug(title)}
	b.Pages = append(b.Pages, p)
	return p
}

func (b *Bundle) page(x bookPage, parent *Page, files map[string]Entry) {
	more := ""
	for _, a := range x.Attachments {
		switch {
		case a.Link != "":
			more += "- [" + escapeLabel(a.Name) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "").Replace(a.Link) + ">)\n"
		case a.File != "":
			b.file(files, a)
			more += "- [" + escapeLabel(a.Name) + "](" + exported + "attachment:" + Dest(a.File) + ")\n"
		}
	}
	for _, i := range x.Images {
		b.file(files, i)
	}
	b.made("page", x.ID, x.Name, parent, func() (string, error) {
		body := x.Markdown
		if strings.TrimSpace(body) == "" {
			var err error
			if body, err = fromHTML(unbracket(x.HTML)); err != nil {
				return "", err
			}
		}
		body = unbracket(body)
		if more != "" {
			body = strings.TrimRight(body, "\n") + "\n\n## Anhänge\n\n" + more
		}
		if len(body) > mostText {
			return "", errTooLong
		}
		return body, nil
	})
}

var reExported = regexp.MustCompile(`\[\[(bsexport:[a-z]+:[^\]\n]+)\]\]`)

// unbracket makes BookStack's references destinations like any other.
func unbracket(s string) string {
	return reExported.ReplaceAllStringFunc(s, func(m string) string { return Dest(m[2 : len(m)-2]) })
}

// file takes a file under the references that mean it.
func (b *Bundle) file(files map[string]Entry, x bookFile) {
	e, ok := files["files/"+x.File]
	if !ok {
		note(&b.Notes, "Die Datei „%s“ fehlt im Export.", short(x.Name))
		return
	}
	name := x.Name
	if ext := path.Ext(x.File); ext != "" && !strings.EqualFold(path.Ext(name), ext) {
		name += ext
	}
	f := &File{Path: e.Path, Name: name, Size: e.Size, Open: e.Open}
	b.files[strings.ToLower(exported+"image:"+x.File)] = f
	b.files[strings.ToLower(exported+"attachment:"+x.File)] = f
	if x.ID != 0 {
		b.files[strings.ToLower(exported+"attachment:"+strconv.FormatInt(x.ID, 10))] = f
	}
}
