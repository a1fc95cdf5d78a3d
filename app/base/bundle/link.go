package bundle

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"

	"nestfunk/app/base/text"
)

// rewrite gives the links of a page the form of the house.
func (b *Bundle) rewrite(from *Page, body string, file func(*File) string) string {
	put := func(label, dest, section string, image bool) (string, bool) {
		p, f := b.find(from, dest)
		switch {
		case p != nil && strings.Contains(label, "!["): // a picture that leads to a page: both stay, side by side
			return label + " " + TitleLink(p.Title, section, p.Title, b.key), true
		case p != nil:
			return TitleLink(p.Title, section, text.Plain(label, 0), b.key), true
		case f == nil:
			return "", false
		}
		to := file(f)
		if to == "" {
			return "", false
		}
		if image && isPicture(f.Name) {
			return "![" + label + "](" + to + ")", true
		}
		if label == "" {
			label = escapeLabel(f.Name)
		}
		return "[" + label + "](" + to + ")", true
	}
	return rewriteLinks(body, rewriter{
		link: func(label, dest string) (string, bool) {
			dest, section := cutSection(dest)
			return put(label, dest, section, false)
		},
		image: func(alt, dest string) (string, bool) {
			dest, _ = cutSection(dest)
			return put(alt, dest, "", true)
		},
		title: func(target, label string, embed bool) (string, bool) {
			dest, section, _ := strings.Cut(target, "#")
			if strings.HasPrefix(section, "^") { // a paragraph of Obsidian's
				section = ""
			}
			if i := strings.LastIndexByte(section, '#'); i >= 0 { // a heading below a heading
				section = section[i+1:]
			}
			p, f := b.titled(from, strings.TrimSpace(dest))
			switch {
			case p != nil:
				if label == "" && section != "" {
					label = p.Title + ", " + section
				}
				if label == "" && b.key(dest) == b.key(p.Title) { // as it was written
					label = dest
				}
				return TitleLink(p.Title, section, label, b.key), true
			case f == nil:
				return "", false
			}
			if to := file(f); to != "" {
				if label == "" || isSize(label) {
					label = strings.TrimSuffix(f.Name, path.Ext(f.Name))
				}
				if embed && isPicture(f.Name) {
					return "![" + escapeLabel(label) + "](" + to + ")", true
				}
				return "[" + escapeLabel(label) + "](" + to + ")", true
			}
			return "", false
		},
	})
}

// isSize reports that Obsidian shows a picture so large: "300" or "300x200".
func isSize(label string) bool { return strings.Trim(label, "0123456789x") == "" }

func isPicture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp":
		return true
	}
	return false
}

func cutSection(dest string) (to, section string) {
	to, section, _ = strings.Cut(dest, "#")
	if s, err := url.PathUnescape(section); err == nil {
		section = s
	}
	return to, section
}

var (
	inLabel   = strings.NewReplacer("[", "(", "]", ")", "\n", " ")
	inSection = strings.NewReplacer("[", "", "]", "", "|", "", "#", "", "\n", " ")
	inPath    = strings.NewReplacer("%", "%25", " ", "%20", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "#", "%23", "?", "%3F", "\\", "%5C")
)

// TitleLink is a link by title as the house has it; key tells titles apart.
func TitleLink(title, section, label string, key func(string) string) string {
	label = inLabel.Replace(strings.TrimSpace(label))
	if label == "" {
		label = title
	}
	section = inSection.Replace(section)
	switch rest, ok := strings.CutPrefix(label, title+", "); {
	case section == "" && key(label) == key(title) && !strings.ContainsAny(label, "|#"):
		return "[[" + label + "]]"
	case section == "":
		return "[[" + title + "|" + label + "]]"
	case ok && anchor(rest) == anchor(section):
		return "[[" + title + "#" + rest + "]]"
	}
	return "[[" + title + "#" + section + "|" + label + "]]"
}

// anchor is a heading as addresses have it: small letters and digits, with dashes between.
func anchor(heading string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}

var reBookStack = regexp.MustCompile(`^https?://[^/]+(?:/[^?]*)?/books/([^/?]+)(?:/(?:page|chapter)/([^/?]+))?/?$`)

// find is the page or file that a destination means, seen from a page.
func (b *Bundle) find(from *Page, dest string) (*Page, *File) {
	if m := reBookStack.FindStringSubmatch(dest); m != nil {
		return b.bySlug(m[1], m[2]), nil
	}
	dest, _, _ = strings.Cut(dest, "?")
	if s, err := url.PathUnescape(dest); err == nil {
		dest = s
	}
	dest = strings.ToLower(text.Clean(dest))
	if dest == "" || strings.HasPrefix(dest, "//") {
		return nil, nil
	}
	if strings.HasPrefix(dest, exported) {
		return b.byPath[dest], b.files[dest]
	}
	if strings.Contains(dest, ":") {
		return nil, nil
	}
	at := strings.TrimPrefix(path.Clean("/"+path.Join(strings.ToLower(from.dir), dest)), "/")
	if strings.HasPrefix(dest, "/") {
		at = strings.TrimPrefix(path.Clean(dest), "/")
	}
	if p, f := b.at(at); p != nil || f != nil {
		return p, f
	}
	if p, f := b.at(strings.TrimPrefix(path.Clean("/"+dest), "/")); p != nil || f != nil { // from the top, as Obsidian may write
		return p, f
	}
	name := path.Base(dest)
	if all := b.named[name]; len(all) == 1 {
		return nil, all[0]
	}
	if all := b.byStem[strings.TrimSuffix(name, ".md")]; len(all) == 1 && strings.HasSuffix(name, ".md") {
		return all[0], nil
	}
	return nil, nil
}

// at is what lies at a path, with or without its ending.
func (b *Bundle) at(p string) (*Page, *File) {
	if f := b.files[p]; f != nil {
		return nil, f
	}
	stem := strings.TrimSuffix(strings.TrimSuffix(p, ".html"), ".htm")
	for _, t := range []string{p, stem + ".md", stem + ".markdown", stem + ".txt"} {
		if x := b.byPath[t]; x != nil {
			return x, nil
		}
	}
	for _, x := range []string{"/index.md", "/_index.md", "/readme.md", "/start.txt", "/" + path.Base(p) + ".txt"} {
		if x := b.byPath[p+x]; x != nil {
			return x, nil
		}
	}
	return nil, nil
}

// titled is the page or file that [[target]] means: by its title, by the name of its file, by its path.
func (b *Bundle) titled(from *Page, target string) (*Page, *File) {
	if p := b.byTitle[b.key(target)]; p != nil {
		return p, nil
	}
	all := b.byStem[strings.ToLower(text.Clean(target))]
	for _, p := range all {
		if p.dir == from.dir {
			return p, nil
		}
	}
	if len(all) > 0 {
		return all[0], nil
	}
	return b.find(from, strings.ReplaceAll(target, "%", "%25"))
}

// bySlug is the page that an address of BookStack means.
func (b *Bundle) bySlug(book, page string) *Page {
	if page == "" {
		page = book
	}
	if all := b.byStem[strings.ToLower(page)]; len(all) > 0 {
		for _, p := range all {
			if strings.Contains(strings.ToLower(p.Path), strings.ToLower(book)+"/") {
				return p
			}
		}
		return all[0]
	}
	for _, p := range b.Pages {
		if slug(p.Title) == strings.ToLower(page) {
			return p
		}
	}
	return nil
}

// slug is a title as addresses of BookStack have it.
func slug(title string) string {
	return anchor(strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss").Replace(strings.ToLower(title)))
}

var (
	reHighlight = regexp.MustCompile(`==([^=\n]{1,500})==`)
	reBlockID   = regexp.MustCompile(`(?m)[ \t]+\^[A-Za-z0-9-]+$`)
	reComment   = regexp.MustCompile(`(?s)%%.*?%%`)
	reFolded    = regexp.MustCompile(`(?m)^([> ]*\[![A-Za-z]+\])[+-]`)
)

// fromObsidian makes plain Markdown of what only Obsidian knows: marked words, comments, names of paragraphs, boxes that
// can be folded.
func fromObsidian(body string) string {
	body = reComment.ReplaceAllString(body, "")
	body = reHighlight.ReplaceAllString(body, "**$1**")
	body = reBlockID.ReplaceAllString(body, "")
	return reFolded.ReplaceAllString(body, "$1")
}

// escapeLabel makes words that are no Markdown the words of a link.
func escapeLabel(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]<>&~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Dest is a path as the destination of a link.
func Dest(p string) string {
	return inPath.Replace(p)
}
