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
		Book    *bookPart `json:"book"`
		Chapter *bookPart `json:"chapter"`
		Page    *bookPart `json:"page"`
	}
	bookPart struct {
		ID          int64      `json:"id"`
		Name        string     `json:"name"`
		Priority    int        `json:"priority"`
		Description string     `json:"description_html"` // of a book or chapter
		HTML        string     `json:"html"`             // of a page
		Markdown    string     `json:"markdown"`         // what HTML was made of; "": written as HTML
		Chapters    []bookPart `json:"chapters"`
		Pages       []bookPart `json:"pages"`
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
		b.part("book", *all.Book, nil, byName)
	case all.Chapter != nil:
		b.part("chapter", *all.Chapter, nil, byName)
	default:
		b.part("page", *all.Page, nil, byName)
	}
	return nil
}

// part takes a book, a chapter or a page as a page, with what stands in it below.
func (b *Bundle) part(kind string, x bookPart, parent *Page, files map[string]Entry) {
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
	name := strconv.FormatInt(x.ID, 10)
	if x.ID == 0 {
		name = "n" + strconv.Itoa(len(b.Pages))
	}
	p := &Page{Path: exported + kind + ":" + name, Title: x.Name, Parent: parent, stem: slug(x.Name), body: func() (string, error) { return x.body(more) }}
	b.Pages = append(b.Pages, p)
	type inner struct {
		kind string
		bookPart
	}
	var all []inner
	for _, c := range x.Chapters {
		all = append(all, inner{"chapter", c})
	}
	for _, c := range x.Pages {
		all = append(all, inner{"page", c})
	}
	slices.SortStableFunc(all, func(x, y inner) int { return cmp.Compare(x.Priority, y.Priority) })
	for _, c := range all {
		b.part(c.kind, c.bookPart, p, files)
	}
}

// body is the text in Markdown, with a list of what is attached; "": nothing is.
func (x bookPart) body(attached string) (body string, err error) {
	if body = x.Markdown; strings.TrimSpace(body) == "" {
		if body, err = fromHTML(unbracket(cmp.Or(x.HTML, x.Description))); err != nil {
			return "", err
		}
	}
	body = unbracket(body)
	if attached != "" {
		body = strings.TrimRight(body, "\n") + "\n\n## Anhänge\n\n" + attached
	}
	if len(body) > mostText {
		return "", errTooLong
	}
	return body, nil
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
