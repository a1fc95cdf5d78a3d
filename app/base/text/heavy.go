package text

import (
	"bytes"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"nestfunk/app/base/fault"
)

// Reading Markdown takes a time that grows with the square of what can begin something and is never ended in a paragraph,
// of footnotes, and of what stands in each other. Nobody writes so; who does it on purpose is shown the source.
const (
	mostSource = 1 << 20 // bytes
	mostDeep   = 40      // quotations and lists in each other
	mostNotes  = 1_500   // footnotes
	mostCells  = 300_000 // of tables, if all lines were rows of the widest: short rows are filled up
	mostWork   = 60e6    // sum over all paragraphs of the square of the signs in them
)

// Check says what is wrong with a text that would take too long to render, such as ten thousand brackets in a row.
// Rendered all the same, it would show as its source.
func Check(markdown string) error {
	if heavy(clean(markdown)) {
		return fault.New(fault.Invalid, "In diesem Text stehen so viele Zeichen wie [, * oder > beieinander, dass er sich nicht darstellen lässt. Bitte teilen Sie ihn auf, oder lassen Sie diese Zeichen weg.")
	}
	return nil
}

func heavy(source []byte) bool {
	if len(source) > mostSource || bytes.Count(source, []byte("[^")) > 2*mostNotes {
		return true
	}
	signs, notes, lines, columns := 0, 0, 0, 0
	for line := range bytes.Lines(source) {
		signs += countSigns(line)
		lines++
		if n := bytes.Count(line, []byte("|")); n >= columns && len(bytes.Trim(line, "|-: \t\r\n>+*.)0123456789")) == 0 {
			columns = n + 1
		}
		if deep(line) > mostDeep {
			return true
		}
		if bytes.HasPrefix(bytes.TrimLeft(line, " >"), []byte("[^")) {
			notes++
		}
	}
	if notes > mostNotes || lines*columns > mostCells {
		return true
	}
	return work(signs) > mostWork && spread(source)
}

func work(signs int) float64 { return float64(signs) * float64(signs) }

// countSigns counts what may begin or end something within a line.
func countSigns(line []byte) (n int) {
	for _, c := range line {
		switch c {
		case '[', ']', '(', '*', '_', '~', '`', '<', '!', '&', '\\':
			n++
		}
	}
	return n
}

// deep counts the quotations and lists that a line begins, or goes on with.
func deep(line []byte) (n int) {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ' || c == '\t':
		case c == '>':
			n++
		case (c == '-' || c == '+' || c == '*') && i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t' || line[i+1] == '\n'):
			n++
		case c >= '0' && c <= '9':
			j := i
			for j < len(line) && line[j] >= '0' && line[j] <= '9' {
				j++
			}
			if j == len(line) || line[j] != '.' && line[j] != ')' {
				return n
			}
			n, i = n+1, j
		default:
			return n
		}
	}
	return n
}

// spread reports whether the signs of a text stand so close together that it takes too long: it is cut into paragraphs, but
// these are not read.
func spread(source []byte) bool {
	sum := 0.0
	_ = ast.Walk(paragraphs().Parse(gmtext.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering && n.Type() == ast.TypeBlock && !n.IsRaw() {
			signs := 0
			for i := range n.Lines().Len() {
				seg := n.Lines().At(i)
				signs += countSigns(seg.Value(source))
			}
			sum += work(signs)
		}
		return ast.WalkContinue, nil
	})
	return sum > mostWork
}

var paragraphs = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
		parser.WithParagraphTransformers(util.Prioritized(extension.NewTableParagraphTransformer(), 200)))
})

// read parses a text; one that would take too long is a single block of code.
func read(p parser.Parser, source []byte) ast.Node {
	if !heavy(source) {
		return p.Parse(gmtext.NewReader(source))
	}
	doc, block := ast.NewDocument(), ast.NewCodeBlock()
	block.Lines().Append(gmtext.NewSegment(0, len(source)))
	doc.AppendChild(doc, block)
	return doc
}
