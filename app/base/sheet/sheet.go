// Package sheet writes tables for spreadsheets: as CSV, and as XLSX (ECMA-376), of which it writes the little that a table
// needs. Libraries for it bring 60,000 lines and formulas, which must not be in there.
package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Table has a heading and rows. A cell is a string or an int; one that is missing stays empty.
type Table struct {
	Name string // of the sheet and the file
	Head []string
	Rows [][]any
}

const (
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	cellMost = 32_767 // signs, that Excel takes
	nameMost = 31     // likewise
)

// SendXLSX answers with the table as a workbook.
func (t Table) SendXLSX(w http.ResponseWriter) error {
	b, err := t.XLSX()
	if err != nil {
		return err
	}
	return t.send(w, xlsxType, "xlsx", b)
}

// SendCSV answers with the table as text.
func (t Table) SendCSV(w http.ResponseWriter) error {
	b, err := t.CSV()
	if err != nil {
		return err
	}
	return t.send(w, "text/csv; charset=utf-8", "csv", b)
}

func (t Table) send(w http.ResponseWriter, kind, ending string, b []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, fileName(t.Name), ending))
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err := w.Write(b)
	return err
}

// fileName is the name in letters that every system and header takes.
func fileName(s string) string {
	s = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(s))
	s = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, s), "-")
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	if s == "" {
		return "tabelle"
	}
	return s[:min(len(s), 60)]
}

// CSV has semicolons and a BOM, as German Excel wants it, and no cell that a spreadsheet could take for a formula (OWASP,
// CSV injection).
func (t Table) CSV() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	c := csv.NewWriter(&b)
	c.Comma, c.UseCRLF = ';', true
	rows := [][]string{plain(t.Head)}
	for _, row := range t.Rows {
		var cells []string
		for _, x := range row {
			cells = append(cells, words(x))
		}
		rows = append(rows, plain(cells))
	}
	err := c.WriteAll(rows)
	return b.Bytes(), err
}

func plain(cells []string) []string {
	for i, s := range cells {
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			if _, err := strconv.Atoi(s); err != nil {
				cells[i] = "'" + s
			}
		}
	}
	return cells
}

func words(cell any) string {
	switch x := cell.(type) {
	case nil:
		return ""
	case string:
		return x
	case int:
		return strconv.Itoa(x)
	}
	return fmt.Sprint(cell)
}

// XLSX is a workbook of one sheet. Text is text, whatever it begins with: nothing in it is calculated. The heading is
// bold, stays while one scrolls, and has filters.
func (t Table) XLSX() ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	width := max(len(t.Head), 1)
	last := column(width-1) + strconv.Itoa(len(t.Rows)+1)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="` + escape(sheetName(t.Name)) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`},
		{"xl/worksheets/sheet1.xml", `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:` + last + `"/><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>` + t.widths(width) + `</cols><sheetData>` + t.cells() + `</sheetData><autoFilter ref="A1:` + last + `"/></worksheet>`},
	} {
		w, err := z.Create(part.name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(xml.Header + part.text)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// widths makes columns as wide as what stands in them, within reason.
func (t Table) widths(n int) string {
	var b strings.Builder
	for i := range n {
		wide := 8
		if i < len(t.Head) {
			wide = max(wide, utf8.RuneCountInString(t.Head[i])+4) // beside it stands the sign of the filter
		}
		for _, row := range t.Rows {
			if i < len(row) {
				wide = max(wide, utf8.RuneCountInString(words(row[i]))+2)
			}
		}
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, min(wide, 60))
	}
	return b.String()
}

func (t Table) cells() string {
	var b strings.Builder
	row := func(n, style int, cells []any) {
		fmt.Fprintf(&b, `<row r="%d">`, n)
		for i, x := range cells {
			at := column(i) + strconv.Itoa(n)
			switch x := x.(type) {
			case nil:
			case int:
				fmt.Fprintf(&b, `<c r="%s" s="%d"><v>%d</v></c>`, at, style, x)
			default:
				if s := words(x); s != "" {
					fmt.Fprintf(&b, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, style, escape(s))
				}
			}
		}
		b.WriteString("</row>")
	}
	head := make([]any, len(t.Head))
	for i, s := range t.Head {
		head[i] = s
	}
	row(1, 1, head)
	for i, cells := range t.Rows {
		row(i+2, 0, cells)
	}
	return b.String()
}

// column is the name of a column: A, B, … Z, AA.
func column(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// sheetName is a name that Excel takes for a sheet.
func sheetName(s string) string {
	s = strings.Trim(strings.NewReplacer("[", "", "]", "", ":", " ", "*", "", "?", "", "/", " ", `\`, " ").Replace(s), "' ")
	if s == "" {
		return "Tabelle"
	}
	return short(s, nameMost)
}

func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// escape writes text for XML; what XML cannot hold is left out.
func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, short(s, cellMost)))) // into memory
	return b.String()
}
