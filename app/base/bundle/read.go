package bundle

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"

	"golang.org/x/text/encoding/charmap"
)

// Read finds the pages of a source: those of Markdown, or of DokuWiki where there is none, or of BookStack where there
// is its data.json. key gives titles that mean the same page the same value; most is how many characters a title may have.
func Read(s *Source, key func(title string) string, most int) (*Bundle, error) {
	b := &Bundle{Notes: s.Notes, key: key, obsidian: s.obsidian, byPath: map[string]*Page{}, byTitle: map[string]*Page{}, byStem: map[string][]*Page{},
		folders: map[string]*Page{}, files: map[string]*File{}, named: map[string][]*File{}}
	entries := inside(s.Entries)
	kind := markdown
	for _, e := range entries {
		switch {
		case e.Path == "data.json" && kind != bookstack:
			kind = bookstack
		case kind == markdown && strings.EqualFold(path.Ext(e.Path), ".txt") && !hasMarkdown(entries):
			kind = dokuwiki
		}
	}
	var err error
	switch kind {
	case bookstack:
		err = b.readBookStack(entries)
	case dokuwiki:
		err = b.readPages(b.wikiEntries(entries), isText)
	default:
		err = b.readPages(entries, isMarkdown)
	}
	if err != nil {
		return nil, err
	}
	if len(b.Pages) == 0 {
		return nil, fault.New(fault.Invalid, "Darin sind keine Seiten: weder Markdown-Dateien (.md) noch ein Export von BookStack oder DokuWiki.")
	}
	b.tell(most)
	return b, nil
}

const (
	markdown = iota
	bookstack
	dokuwiki
)

func isMarkdown(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdown":
		return true
	}
	return false
}

func isText(name string) bool { return strings.EqualFold(path.Ext(name), ".txt") }

func hasMarkdown(all []Entry) bool {
	for _, e := range all {
		if isMarkdown(e.Path) {
			return true
		}
	}
	return false
}

// readPages reads a tree of files, in which page says which are pages.
func (b *Bundle) readPages(entries []Entry, page func(name string) bool) error {
	for _, e := range entries {
		if !page(e.Path) {
			b.addFile(e.Path, &File{Path: e.Path, Name: path.Base(e.Path), Size: e.Size, Open: e.Open})
			continue
		}
		p := &Page{Path: e.Path, entry: e, dir: dirOf(e.Path), stem: strings.TrimSuffix(path.Base(e.Path), path.Ext(e.Path))}
		if isText(e.Path) {
			p.markup = func(raw string) (string, error) { return fromDokuWiki(raw, p.dir), nil }
		}
		if err := b.look(p); err != nil {
			return err
		}
	}
	b.grow()
	return nil
}

func (b *Bundle) addFile(p string, f *File) {
	b.files[strings.ToLower(p)] = f
	name := strings.ToLower(path.Base(p))
	b.named[name] = append(b.named[name], f)
}

// look finds out what a page is called. One that cannot be read is left out, with a note.
func (b *Bundle) look(p *Page) error {
	raw, windows, err := p.raw()
	switch {
	case fault.KindOf(err) != fault.Internal:
		note(&b.Notes, "„%s“ wurde ausgelassen: %s", short(p.Path), strings.TrimSuffix(fault.Words(err), ".")+".")
		return nil
	case err != nil:
		return fmt.Errorf("read %s: %w", p.Path, err)
	case windows:
		note(&b.Notes, "„%s“ ist nicht in UTF-8 geschrieben und wurde als Windows-1252 gelesen. Bitte prüfen Sie die Umlaute.", short(p.Path))
	}
	values, body := front(raw)
	p.head(values)
	if body, err = p.convert(body); err != nil {
		return err
	}
	heading := firstHeading(body)
	order, title := numbered(p.stem)
	p.order = order
	switch {
	case p.Title == "" && heading != "":
		p.Title, p.cut = heading, heading
	case p.Title == "":
		p.Title = title
	case heading != "" && !p.own && b.key(heading) == b.key(p.Title): // else it would stand there twice
		p.cut = heading
	}
	b.Pages = append(b.Pages, p)
	return nil
}

var errBinary = fault.New(fault.Invalid, "das ist kein Text")

// raw is the text of a page as it stands in the bundle, with lines that end as ours do.
func (p *Page) raw() (s string, windows bool, err error) {
	if p.bare {
		return "", false, nil
	}
	if p.body != nil {
		s, err = p.body()
		return s, false, err
	}
	raw, err := p.entry.read(mostText)
	if err != nil {
		return "", false, err
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(raw, 0) >= 0 {
		return "", false, errBinary
	}
	if !utf8.Valid(raw) {
		if raw, err = charmap.Windows1252.NewDecoder().Bytes(raw); err != nil {
			return "", false, err
		}
		windows = true
	}
	s = strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if text.Unreadable(r) {
			return -1
		}
		return r
	}, s), windows, nil
}

func (p *Page) convert(body string) (string, error) {
	if p.markup == nil {
		return body, nil
	}
	return p.markup(body)
}

// source is the Markdown of a page before its links are rewritten.
func (p *Page) source() (string, error) {
	raw, _, err := p.raw()
	if err != nil {
		return "", err
	}
	_, body := front(raw)
	if body, err = p.convert(body); err != nil {
		return "", err
	}
	if p.own { // every character counts
		return strings.TrimPrefix(body, "\n"), nil
	}
	if body = strings.TrimLeft(body, " \t\n"); p.cut != "" {
		_, body, _ = cutHeading(body)
		body = strings.TrimLeft(body, "\n")
	}
	return body, nil
}

var (
	reHeading = regexp.MustCompile(`^#[ \t]+([^\n]*?)[ \t]*#*[ \t]*(?:\n|$)`)
	reSetext  = regexp.MustCompile(`^([^\n#>|*+\-][^\n]*)\n=+[ \t]*(?:\n|$)`)
)

// cutHeading takes off the heading of the first rank with which a text begins.
func cutHeading(body string) (heading, rest string, ok bool) {
	for _, re := range []*regexp.Regexp{reHeading, reSetext} {
		if m := re.FindStringSubmatch(body); m != nil {
			return text.Plain(m[1], 0), body[len(m[0]):], true
		}
	}
	return "", body, false
}

func firstHeading(body string) string {
	h, _, _ := cutHeading(strings.TrimLeft(body, " \t\n"))
	return h
}

var reNumbered = regexp.MustCompile(`^(\d{1,4}(?:\.\d{1,3})*)(?:[._)-][ ._)-]*|[ ]+)(\D.*)$`)

// numbered takes a file name apart: "03_Was_fehlt" is the third, and called "Was fehlt". A blank alone separates only a
// number that nobody would write so: "5 Freunde" stays what it is.
func numbered(stem string) (order, title string) {
	title = stem
	if m := reNumbered.FindStringSubmatch(stem); m != nil && (stem[len(m[1])] != ' ' || m[1][0] == '0') {
		order, title = m[1], m[2]
	}
	if !strings.Contains(title, " ") {
		title = strings.ReplaceAll(title, "_", " ")
		if strings.Count(title, "-") > 1 {
			title = strings.ReplaceAll(title, "-", " ")
		}
	}
	return order, strings.TrimSpace(title)
}

// Text is the Markdown of a page with links as the house has them: to pages by their titles, to files by what file gives
// for them; "" keeps a link as it stands.
func (b *Bundle) Text(p *Page, file func(*File) string) (string, error) {
	body, err := p.source()
	if err != nil {
		if fault.KindOf(err) != fault.Internal {
			return "", fault.New(fault.Invalid, "„%s“: %s", short(p.Path), fault.Words(err))
		}
		return "", err
	}
	if b.obsidian && !p.own {
		body = fromObsidian(body)
	}
	body = b.rewrite(p, body, file)
	if p.own { // its house knows files that no text names
		return body, nil
	}
	for i, f := range p.Loose {
		to := file(f)
		if to == "" {
			continue
		}
		if i == 0 {
			body = strings.TrimRight(body, "\n") + "\n\n## Dateien\n\n"
		}
		body += "- [" + escapeLabel(f.Name) + "](" + to + ")\n"
	}
	return body, nil
}

// Files are the files that a page names, each once, and those that lie in its folder and that no page names.
func (b *Bundle) Files(p *Page) ([]*File, error) {
	if len(b.files) == 0 {
		return nil, nil
	}
	var all []*File
	seen := map[*File]bool{}
	take := func(f *File) string {
		if !seen[f] {
			seen[f] = true
			all = append(all, f)
		}
		return ""
	}
	_, err := b.Text(p, take)
	for _, f := range p.Loose {
		take(f)
	}
	return all, err
}

// tell finds the files that no page names, and gives them to the page of their folder.
func (b *Bundle) tell(most int) {
	b.title(most)
	if len(b.files) == 0 {
		return
	}
	for _, p := range b.Pages {
		all, err := b.Files(p)
		if err != nil {
			continue // it is said when the page is made
		}
		for _, f := range all {
			f.used = true
		}
	}
	lost := 0
	for _, name := range sorted(b.files) {
		f := b.files[name]
		p := b.folders[dirOf(f.Path)]
		switch {
		case f.used:
		case p != nil:
			p.Loose = append(p.Loose, f)
		default:
			lost++
		}
	}
	if lost > 0 {
		note(&b.Notes, "%d Dateien nennt keine Seite. Sie wurden ausgelassen.", lost)
	}
}
