package bundle

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"nestfunk/app/base/text"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// grow hangs pages under the pages of their folders, and puts them into their order.
func (b *Bundle) grow() {
	dirs := map[string]bool{} // in which pages are, or below
	slices.SortFunc(b.Pages, func(x, y *Page) int { return strings.Compare(x.Path, y.Path) })
	for _, p := range b.Pages {
		for d := p.dir; d != ""; d = dirOf(d) {
			dirs[d] = true
		}
	}
	for name := range b.files { // of an exported page that has files and no pages below it
		f := b.files[name]
		if d := dirOf(f.Path); d != "" && !dirs[d] && b.beside(d) != nil {
			b.folders[d] = b.beside(d)
		}
	}
	for d := range dirs {
		b.folders[d] = b.pageOf(d)
	}
	for d := range dirs {
		if b.folders[d] == nil {
			order, title := numbered(path.Base(d))
			p := &Page{Path: d, Title: title, order: order, bare: true, dir: dirOf(d), stem: path.Base(d)}
			b.folders[d] = p
			b.Pages = append(b.Pages, p)
		}
	}
	for d, p := range b.folders {
		if p.order == "" {
			p.order, _ = numbered(path.Base(d))
		}
	}
	for _, p := range b.Pages {
		at := p.dir
		if b.folders[at] == p {
			at = dirOf(at)
		}
		p.Parent = b.folders[at]
	}
	b.sort()
}

// beside is the page "Ordner.md" next to the folder "Ordner".
func (b *Bundle) beside(dir string) *Page {
	i, found := slices.BinarySearchFunc(b.Pages, dir+".md", func(p *Page, t string) int { return strings.Compare(p.Path, t) })
	if found {
		return b.Pages[i]
	}
	for _, end := range []string{".markdown", ".mdown", ".txt"} {
		if i, found := slices.BinarySearchFunc(b.Pages, dir+end, func(p *Page, t string) int { return strings.Compare(p.Path, t) }); found {
			return b.Pages[i]
		}
	}
	return nil
}

// pageOf is the page of a folder: next to it, or in it under a name that says so.
func (b *Bundle) pageOf(dir string) *Page {
	if p := b.beside(dir); p != nil {
		return p
	}
	from, _ := slices.BinarySearchFunc(b.Pages, dir+"/", func(p *Page, t string) int { return strings.Compare(p.Path, t) })
	var best *Page
	_, name := numbered(path.Base(dir))
	rank := 0
	for _, p := range b.Pages[from:] {
		if !strings.HasPrefix(p.Path, dir+"/") {
			break
		}
		if p.dir != dir {
			continue
		}
		r := 0
		switch stem := strings.ToLower(p.stem); {
		case stem == "index" || stem == "_index" || stem == "start" && isText(p.Path):
			r = 3
		case same(p.stem, name):
			r = 2
		case stem == "readme":
			r = 1
		}
		if r > rank {
			best, rank = p, r
		}
	}
	return best
}

// same reports whether a file is called like its folder, numbers before them aside.
func same(stem, name string) bool {
	_, title := numbered(stem)
	return strings.EqualFold(title, name)
}

// sort puts pages behind their parents and siblings into their order.
func (b *Bundle) sort() {
	below := map[*Page][]*Page{}
	for _, p := range b.Pages {
		below[p.Parent] = append(below[p.Parent], p)
	}
	var all []*Page
	var walk func(at *Page)
	walk = func(at *Page) {
		kids := below[at]
		slices.SortStableFunc(kids, func(x, y *Page) int {
			return cmp.Or(given(x.weight, y.weight), given(x.order, y.order), root(x, y), natural(x.stem, y.stem), strings.Compare(x.Path, y.Path))
		})
		for _, k := range kids {
			all = append(all, k)
			walk(k)
		}
	}
	walk(nil)
	b.Pages = all
}

// root puts the page that stands for everything first.
func root(x, y *Page) int {
	is := func(p *Page) bool {
		s := strings.ToLower(p.stem)
		return p.dir == "" && (s == "index" || s == "_index" || s == "readme" || s == "start")
	}
	switch {
	case is(x) && !is(y):
		return -1
	case is(y) && !is(x):
		return 1
	}
	return 0
}

// given compares places in an order; who has none comes last.
func given(x, y string) int {
	switch {
	case x == y:
		return 0
	case x == "":
		return 1
	case y == "":
		return -1
	}
	return natural(x, y)
}

// natural compares as people do: 2 before 10, without case.
func natural(x, y string) int {
	x, y = strings.ToLower(x), strings.ToLower(y)
	for x != "" && y != "" {
		nx, rx := digits(x)
		ny, ry := digits(y)
		if rx != x && ry != y {
			if c := cmp.Or(cmp.Compare(len(nx), len(ny)), strings.Compare(nx, ny)); c != 0 {
				return c
			}
			x, y = rx, ry
			continue
		}
		a, n := utf8.DecodeRuneInString(x)
		c, m := utf8.DecodeRuneInString(y)
		if a != c {
			return cmp.Compare(a, c)
		}
		x, y = x[n:], y[m:]
	}
	return cmp.Compare(len(x), len(y))
}

// digits takes the number off the beginning, without zeros before it.
func digits(s string) (number, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	return strings.TrimLeft(s[:len(s)-len(rest)], "0"), rest
}

// title tidies titles and makes them distinct: a link names a title.
func (b *Bundle) title(most int) {
	taken, count := map[string]bool{}, map[string]int{}
	claim := func(title string) bool {
		k := b.key(title)
		if k == "" || taken[k] {
			return false
		}
		taken[k] = true
		return true
	}
	depth := func(p *Page) (n int) {
		for ; p != nil; p = p.Parent {
			n++
		}
		return n
	}
	byDepth := slices.Clone(b.Pages) // who stands highest keeps a title that several have
	slices.SortStableFunc(byDepth, func(x, y *Page) int { return cmp.Compare(depth(x), depth(y)) })
	for _, p := range byDepth {
		was := text.Clean(p.Title)
		p.Title = tidy(was, most)
		if p.Title != was && utf8.RuneCountInString(was) > most {
			note(&b.Notes, "Der Titel „%s“ ist zu lang und wurde gekürzt.", short(p.Title))
		}
		if claim(p.Title) {
			continue
		}
		whole := p.Title
		if p.Parent != nil {
			p.Title = with(whole, " ("+strings.NewReplacer("(", "", ")", "").Replace(p.Parent.Title)+")", most)
		}
		for k := b.key(whole); p.Title == whole || !claim(p.Title); {
			count[k]++
			p.Title = with(whole, " ("+strconv.Itoa(count[k]+1)+")", most)
		}
		note(&b.Notes, "Den Titel „%s“ gibt es mehrfach; „%s“ heißt jetzt „%s“.", short(whole), short(p.Path), short(p.Title))
	}
	for _, p := range b.Pages {
		b.byTitle[b.key(p.Title)] = p
		b.byPath[strings.ToLower(p.Path)] = p
		b.byStem[strings.ToLower(p.stem)] = append(b.byStem[strings.ToLower(p.stem)], p)
	}
}

// with puts an end behind a title, which gives way where both are too long.
func with(title, end string, most int) string {
	r, e := []rune(title), []rune(end)
	if len(e) > most/2 {
		e = append(e[:most/2-2], '…', ')')
	}
	if len(r)+len(e) > most {
		r = append(r[:most-len(e)-1], '…')
	}
	return string(r) + string(e)
}

// tidy makes a title of which links can be made.
func tidy(title string, most int) string {
	title = strings.Map(func(r rune) rune {
		switch {
		case r == '[':
			return '('
		case r == ']':
			return ')'
		case r == '|':
			return '/'
		case r == '#' || r == '\n' || r == '\t':
			return ' '
		case text.Unreadable(r):
			return -1
		}
		return r
	}, title)
	title = strings.Join(strings.Fields(title), " ")
	if r := []rune(title); len(r) > most {
		title = strings.TrimSpace(string(r[:most-1])) + "…"
	}
	if title == "" {
		return "Ohne Titel"
	}
	return title
}
