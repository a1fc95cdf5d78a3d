package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// read is what a program that knows nothing of ours makes of a workbook.
func read(t *testing.T, b []byte) (rows [][]string, name string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	part := func(name string, into any) {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		if err == nil {
			err = xml.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for _, f := range z.File {
		var any struct{ XMLName xml.Name }
		part(f.Name, &any)
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
		} `xml:"sheets>sheet"`
	}
	part("xl/workbook.xml", &book)
	var sheet struct {
		Rows []struct {
			Cells []struct {
				At    string `xml:"r,attr"`
				Type  string `xml:"t,attr"`
				Value string `xml:"v"`
				Text  string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	part("xl/worksheets/sheet1.xml", &sheet)
	for _, r := range sheet.Rows {
		var row []string
		for _, c := range r.Cells {
			row = append(row, c.At+"="+c.Type+":"+c.Value+c.Text)
		}
		rows = append(rows, row)
	}
	return rows, book.Sheets[0].Name
}

func TestXLSX(t *testing.T) {
	long := strings.Repeat("ä", 40_000)
	x := Table{Name: "Kuchen/Salate: [1] & <2> für das Sommerfest 2026", Head: []string{"Was", "Zahl"}, Rows: [][]any{
		{"=1+1", 8}, {"a & b < c\nneu\x00", nil}, {nil, -3}, {long, 0}}}
	b, err := x.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	rows, name := read(t, b)
	if name != "Kuchen Salate  1 & <2> für das " && len([]rune(name)) > 31 {
		t.Errorf("the sheet is called %q", name)
	}
	for i, want := range [][]string{{"A1=inlineStr:Was", "B1=inlineStr:Zahl"}, {"A2=inlineStr:=1+1", "B2=:8"}, {"A3=inlineStr:a & b < c\nneu"}, {"B4=:-3"}} {
		if !slices.Equal(rows[i], want) {
			t.Errorf("row %d: %q, want %q", i, rows[i], want)
		}
	}
	if n := len([]rune(rows[4][0])); n > cellMost+20 {
		t.Errorf("a cell of %d signs", n)
	}
	empty, err := Table{}.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	if rows, name := read(t, empty); len(rows) != 1 || name != "Tabelle" {
		t.Errorf("an empty one: %q %q", rows, name)
	}
}

func TestColumn(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := column(i); got != want {
			t.Errorf("%d is %s, want %s", i, got, want)
		}
	}
}

func TestCSV(t *testing.T) {
	w := httptest.NewRecorder()
	err := Table{Name: "Größe: „Übung“", Head: []string{"Was", "Zahl"}, Rows: [][]any{{"=1+1", 8}, {"a;b", -3}, {"+49 461", nil}}}.SendCSV(w)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Body.String(), "\uFEFFWas;Zahl\r\n'=1+1;8\r\n\"a;b\";-3\r\n'+49 461;\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := w.Header().Get("Content-Disposition"), `attachment; filename="groesse-uebung.csv"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add("Was", "=x")
	f.Add("\xff", "\ufffe&<")
	f.Fuzz(func(t *testing.T, head, cell string) {
		b, err := Table{Name: head, Head: []string{head}, Rows: [][]any{{cell}}}.XLSX()
		if err != nil {
			t.Fatal(err)
		}
		read(t, b)
	})
}
