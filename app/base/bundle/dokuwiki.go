package bundle

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// wikiEntries gives the files of a DokuWiki the places that its links mean: pages from "pages" on, media from "media" on,
// and nothing of the rest. Where there is no folder "pages", all are pages already.
func (b *Bundle) wikiEntries(all []Entry) (out []Entry) {
	root := ""
	for _, e := range all {
		if at := strings.Index("/"+e.Path, "/pages/"); at >= 0 && isText(e.Path) {
			root = e.Path[:at]
			break
		}
	}
	pages := false
	for _, e := range all {
		pages = pages || strings.HasPrefix(e.Path, root+"pages/")
	}
	for _, e := range all {
		if p, err := url.PathUnescape(e.Path); err == nil { // DokuWiki writes umlauts in names so
			e.Path = strings.TrimPrefix(path.Clean("/"+p), "/")
		}
		if pages {
			p, ok := strings.CutPrefix(e.Path, root+"pages/")
			if !ok {
				if p, ok = strings.CutPrefix(e.Path, root+"media/"); !ok {
					continue
				}
				p = "media/" + p
			}
			e.Path = p
		}
		out = append(out, e)
	}
	return out
}

var (
	reDokuHeading = regexp.MustCompile(`^[ \t]*(={2,6})([^=].*?)={2,6}[ \t]*$`)
	reDokuList    = regexp.MustCompile(`^((?:  |\t)+)([*-])[ ]?(.*)$`)
	reDokuLink    = regexp.MustCompile(`\[\[([^\]\[|\n]+)(?:\|([^\]\n]*))?\]\]`)
	reDokuMedia   = regexp.MustCompile(`\{\{\s*([^}|\n?]+?)(?:\?[^}|\n]*?)?\s*(?:\|([^}\n]*))?\}\}`)
	reDokuCode    = regexp.MustCompile(`^\s*<(code|file)(?:\s+([A-Za-z0-9_+-]+))?[^>]*>(.*)$`)
	reDokuItalic  = regexp.MustCompile(`(^|[^:/])//([^/\s](?:[^/\n]|/[^/\n])*?)//`)
	reDokuMono    = regexp.MustCompile(`''([^'\n]+)''`)
	reDokuNote    = regexp.MustCompile(`(?s)\(\((.+?)\)\)`)
	reDokuMacro   = regexp.MustCompile(`^~~[A-Z]+(?::.*)?~~$`)
	reDokuUnder   = regexp.MustCompile(`__([^_\n]+)__`)
	reDokuKept    = regexp.MustCompile("\x00[0-9]{1,9}\x00")
	reDokuDel     = regexp.MustCompile(`</?del>`)
)

// fromDokuWiki makes Markdown of a page of DokuWiki. Links become paths from the top of the bundle; dir is the page's
// namespace.
func fromDokuWiki(s, dir string) string {
	d := doku{dir: dir}
	code := ""
	for _, line := range strings.Split(s, "\n") {
		if code != "" {
			before, _, done := strings.Cut(line, "</"+code+">")
			if !done {
				d.line(line)
				continue
			}
			if before != "" {
				d.line(before)
			}
			d.line("```")
			code = ""
			continue
		}
		if m := reDokuCode.FindStringSubmatch(line); m != nil {
			d.block(other)
			before, _, done := strings.Cut(m[3], "</"+m[1]+">")
			d.line("```" + m[2])
			if before != "" {
				d.line(before)
			}
			if done {
				d.line("```")
			} else {
				code = m[1]
			}
			continue
		}
		d.read(line)
	}
	if code != "" {
		d.line("```")
	}
	d.notes()
	return d.out.String()
}

type block int

const (
	other block = iota
	list
	table
	quote
	verbatim
)

type doku struct {
	dir   string
	in    block
	feet  []string // footnotes
	out   strings.Builder
	solid bool // the last line has words
}

func (d *doku) line(s string) {
	d.out.WriteString(s + "\n")
	d.solid = true
}

// gap writes an empty line, unless there is one.
func (d *doku) gap() {
	if d.solid {
		d.out.WriteByte('\n')
	}
	d.solid = false
}

// block begins a block of its own.
func (d *doku) block(b block) {
	if d.in != b {
		d.gap()
	}
	d.in = b
}

func (d *doku) read(line string) {
	switch {
	case reDokuMacro.MatchString(strings.TrimSpace(line)):
		return
	case strings.TrimSpace(line) == "":
		d.in = other
		d.gap()
		return
	}
	if m := reDokuHeading.FindStringSubmatch(line); m != nil {
		d.gap()
		d.in = other
		d.line(strings.Repeat("#", 7-len(m[1])) + " " + d.words(strings.TrimSpace(m[2])))
		d.gap()
		return
	}
	if m := reDokuList.FindStringSubmatch(line); m != nil {
		d.block(list)
		mark := "- "
		if m[2] == "-" {
			mark = "1. "
		}
		deep := len(strings.ReplaceAll(m[1], "\t", "  "))/2 - 1
		d.line(strings.Repeat("   ", min(deep, 10)) + mark + d.words(m[3]))
		return
	}
	switch {
	case line[0] == '^' || line[0] == '|':
		d.row(line)
	case line[0] == '>':
		d.block(quote)
		text := strings.TrimLeft(line, ">")
		d.line(strings.Repeat(">", len(line)-len(text)) + " " + d.words(strings.TrimSpace(text)))
	case strings.HasPrefix(line, "  ") || line[0] == '\t':
		d.block(verbatim)
		d.line("    " + strings.TrimPrefix(strings.TrimPrefix(line, "\t"), "  "))
	case strings.Trim(line, "- ") == "" && len(strings.TrimSpace(line)) >= 4:
		d.gap()
		d.line("---")
		d.gap()
		d.in = other
	default:
		d.block(other)
		d.line(d.words(line))
	}
}

// row writes a row of a table; the first one is its head, as Markdown wants one.
func (d *doku) row(line string) {
	first := d.in != table
	d.block(table)
	line = strings.TrimRight(line, " \t")
	var cells []string
	cell, depth := strings.Builder{}, 0
	for i := 1; i < len(line); i++ {
		c := line[i]
		switch {
		case strings.HasPrefix(line[i:], "[[") || strings.HasPrefix(line[i:], "{{"):
			depth++
		case depth > 0 && (strings.HasPrefix(line[i:], "]]") || strings.HasPrefix(line[i:], "}}")):
			depth--
		case depth == 0 && (c == '|' || c == '^'):
			cells = append(cells, cell.String())
			cell.Reset()
			continue
		}
		cell.WriteByte(c)
	}
	if cell.Len() > 0 {
		cells = append(cells, cell.String())
	}
	if len(cells) == 0 {
		return
	}
	d.out.WriteByte('|')
	for _, c := range cells {
		d.out.WriteString(" " + strings.ReplaceAll(strings.TrimSpace(d.words(c)), "|", `\|`) + " |")
	}
	d.line("")
	if first {
		d.line("|" + strings.Repeat(" --- |", len(cells)))
	}
}

// words converts what stands in a line.
func (d *doku) words(s string) string {
	var keep []string // what must not be read again
	hold := func(x string) string {
		keep = append(keep, x)
		return "\x00" + strconv.Itoa(len(keep)-1) + "\x00"
	}
	s = strings.ReplaceAll(s, "\x00", "")
	s = reDokuNote.ReplaceAllStringFunc(s, func(m string) string {
		d.feet = append(d.feet, m[2:len(m)-2])
		return hold("[^" + strconv.Itoa(len(d.feet)) + "]")
	})
	s = reDokuMono.ReplaceAllStringFunc(s, func(m string) string { return hold("`" + m[2:len(m)-2] + "`") })
	s = reDokuMedia.ReplaceAllStringFunc(s, func(m string) string {
		x := reDokuMedia.FindStringSubmatch(m)
		return hold("![" + strings.TrimSpace(x[2]) + "](" + d.media(x[1]) + ")")
	})
	s = reDokuLink.ReplaceAllStringFunc(s, func(m string) string {
		x := reDokuLink.FindStringSubmatch(m)
		return hold(d.link(strings.TrimSpace(x[1]), strings.TrimSpace(x[2])))
	})
	s = reDokuItalic.ReplaceAllString(s, "$1*$2*")
	s = reDokuUnder.ReplaceAllString(s, "$1") // underlined: Markdown knows no such thing
	s = reDokuDel.ReplaceAllString(s, "~~")
	s = strings.ReplaceAll(s, `\\ `, "\\\n")
	if strings.HasSuffix(s, `\\`) {
		s = s[:len(s)-1]
	}
	for range 2 { // words in ticks may stand in a link
		s = reDokuKept.ReplaceAllStringFunc(s, func(m string) string {
			i, _ := strconv.Atoi(m[1 : len(m)-1]) // digits, by the expression
			return keep[i]
		})
	}
	return s
}

// media is the path of a picture or file.
func (d *doku) media(id string) string {
	id = strings.TrimSpace(id)
	if strings.Contains(id, "://") {
		return id
	}
	return Dest("/media/" + d.path(id))
}

// path is the place of a name like ns:page, ".:page", ":page" or "page".
func (d *doku) path(id string) string {
	id = strings.ReplaceAll(strings.ToLower(id), " ", "_")
	at := d.dir
	switch {
	case strings.HasPrefix(id, ":"):
		at = ""
	case strings.HasPrefix(id, "."):
		id = strings.Replace(strings.Replace(id, "..:", "../", 1), ".:", "./", 1)
	case strings.Contains(id, ":"):
		at = ""
	}
	return strings.TrimPrefix(path.Clean("/"+path.Join(at, strings.ReplaceAll(id, ":", "/"))), "/")
}

func (d *doku) link(id, label string) string {
	switch {
	case strings.Contains(id, "://"), strings.HasPrefix(id, "mailto:"):
		if label == "" {
			return "<" + id + ">"
		}
		return "[" + label + "](" + Dest(id) + ")"
	case strings.Contains(id, "@") && !strings.Contains(id, ":"):
		return "<" + id + ">"
	case strings.Contains(id, ">"): // another wiki
		if label == "" {
			return id
		}
		return label
	}
	id, section, _ := strings.Cut(id, "#")
	if section != "" {
		section = "#" + Dest(section)
	}
	if id == "" {
		return "[" + strings.TrimPrefix(label, "#") + "](" + section + ")"
	}
	to := d.path(id)
	if strings.HasSuffix(id, ":") {
		to += "/start"
	}
	if label == "" {
		label = strings.ReplaceAll(path.Base(d.path(id)), "_", " ")
	}
	return "[" + label + "](" + Dest("/"+to+".txt") + section + ")"
}

// notes writes the footnotes.
func (d *doku) notes() {
	for i := 0; i < len(d.feet); i++ { // one may hold another
		note := strings.Join(strings.Fields(d.words(d.feet[i])), " ")
		d.gap()
		d.line("[^" + strconv.Itoa(i+1) + "]: " + note)
	}
}
