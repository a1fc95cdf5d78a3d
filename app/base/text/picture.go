package text

import (
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// A file of this house is named by its path: ![Der Garten](/datei/12), [Plan](/datei/13). All other pictures give their
// alternative text: to load them would tell others who reads this page.
var reFile = regexp.MustCompile(`^/datei/([1-9][0-9]{0,17})$`)

// fileID is the number of a file of this house; 0: the destination is none.
func fileID(dest []byte) int64 {
	m := reFile.FindSubmatch(dest)
	if m == nil {
		return 0
	}
	id, _ := strconv.ParseInt(string(m[1]), 10, 64) // 18 digits always fit
	return id
}

// pictures are shown, with a size that is known later: see Sized.
type pictures struct{}

func (pictures) Extend(m goldmark.Markdown) {
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(pictures{}, 0)))
}

func (pictures) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindImage, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString(`<img src="` + string(n.(*ast.Image).Destination) + `" alt="`) // digits: rules has looked
			_, _ = w.Write(util.EscapeHTML([]byte(alternative(n, source))))
			_, _ = w.WriteString(`" loading="lazy" decoding="async">`)
		}
		return ast.WalkSkipChildren, nil
	})
}

// alternative is what stands in the brackets of a picture, in one line without marks.
func alternative(n ast.Node, source []byte) string {
	p := &plain{source: source, short: true}
	p.inline(n, "")
	return strings.Join(strings.Fields(p.out.String()), " ")
}

var rePicture = regexp.MustCompile(`<img src="/datei/([0-9]+)" alt="([^"<>]*)" loading`)

// Pictures are the numbers of the files that the pictures in HTML of Archive show, each once.
func Pictures(html template.HTML) (ids []int64) {
	for _, m := range rePicture.FindAllStringSubmatch(string(html), -1) {
		if id, err := strconv.ParseInt(m[1], 10, 64); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Sized gives the pictures that Archive has made the size, in pixels, that they will have, so that nothing moves when
// they come. One that size does not know becomes its alternative text.
func Sized(html template.HTML, size func(id int64) (width, height int, ok bool)) template.HTML {
	s := string(html)
	var b strings.Builder
	for {
		at := rePicture.FindStringSubmatchIndex(s)
		if at == nil {
			b.WriteString(s)
			return template.HTML(b.String())
		}
		b.WriteString(s[:at[0]])
		number, alt, rest := s[at[2]:at[3]], s[at[4]:at[5]], s[at[5]+1:] // behind the quotation mark
		id, _ := strconv.ParseInt(number, 10, 64)
		if width, height, ok := size(id); ok {
			b.WriteString(`<img src="/datei/` + number + `" alt="` + alt + `" width="` + strconv.Itoa(width) + `" height="` + strconv.Itoa(height) + `"`)
			s = rest
			continue
		}
		b.WriteString(`<span class="dead">` + alt + `</span>`)
		_, s, _ = strings.Cut(rest, ">")
	}
}

// Files are the numbers of the files of this house that a text shows or links to, each once.
func Files(markdown string) (ids []int64) {
	doc := read(goldmark.DefaultParser(), clean(markdown))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		var id int64
		switch n := n.(type) {
		case *ast.Link:
			id = fileID(n.Destination)
		case *ast.Image:
			id = fileID(n.Destination)
		}
		if entering && id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		return ast.WalkContinue, nil
	})
	return ids
}
