package files_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
)

// onePage is a PDF of one page that shows what its content says. A filter is named in dict.
func onePage(dict, content string) []byte { return pdfOf("/Kids [3 0 R] /Count 1", dict, content) }

// pdfOf is a PDF whose object 2 is the list of pages, and 3 a page.
func pdfOf(pages, dict, content string) []byte {
	var b bytes.Buffer
	var at []int
	object := func(s string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s)
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages " + pages + " >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	object(fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(content), dict, content))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	x := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, x)
	return b.Bytes()
}

func deflated(t testing.TB, n int) string {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	chunk := bytes.Repeat([]byte("BT (x) Tj ET\n"), 1<<16)
	for range n {
		if _, err := z.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	head = `<?xml version="1.0" encoding="UTF-8"?>`
	ods  = "application/vnd.oasis.opendocument.spreadsheet"
)

// documents are small ones of every kind that is read, each with its text. What no reader of a document would see
// (scripts, settings, colours) is not in it.
func documents(t testing.TB) map[string]struct {
	kind, text string
	content    []byte
} {
	type doc = struct {
		kind, text string
		content    []byte
	}
	return map[string]doc{
		"satzung.pdf": {files.PDF, "Gebührensatzung für Kitas", onePage("", "BT /F1 12 Tf 72 720 Td (Geb\xfchrensatzung f\xfcr Kitas) Tj ET")},
		"brief.docx": {files.DOCX, "Kopf\nSchließtage 2026\nFreitag frei", office(t, "[Content_Types].xml", "<Types/>",
			"word/document.xml", head+`<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Schließ</w:t></w:r><w:r><w:t>tage</w:t><w:tab/><w:t>2026</w:t></w:r></w:p><w:p><w:pPr><w:color>ff0000</w:color></w:pPr><w:r><w:t xml:space="preserve">Freitag </w:t><w:t>frei</w:t></w:r></w:p></w:body></w:document>`,
			"word/header1.xml", head+`<w:hdr xmlns:w="w"><w:p><w:r><w:t>Kopf</w:t></w:r></w:p></w:hdr>`, "word/settings.xml", `<w:t>geheim</w:t>`)},
		"plan.odt": {files.ODT, "Dienstplan\nMontag Käfer", office(t, "mimetype", files.ODT,
			"content.xml", head+`<office:document-content xmlns:office="o" xmlns:text="t"><office:annotation>weg</office:annotation><text:h>Dienst<text:span>plan</text:span></text:h><text:p>Montag<text:s/>Käfer</text:p></office:document-content>`)},
		"liste.xlsx": {files.XLSX, "Kinder 2026\nName\nÄmter & Namen", office(t, "xl/workbook.xml", head+`<workbook><sheets><sheet name="Kinder 2026" sheetId="1"/></sheets></workbook>`,
			"xl/sharedStrings.xml", head+`<sst><si><t>Name</t></si><si><r><t>Ämter &amp; </t></r><r><t>Namen</t></r></si></sst>`,
			"xl/worksheets/sheet1.xml", head+`<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`)},
		"elternabend.pptx": {files.PPTX, "Erste\nZehnte", office(t, "ppt/presentation.xml", "<p/>", "ppt/slides/slide10.xml", `<a:p><a:t>Zehnte</a:t></a:p>`,
			"ppt/slides/slide2.xml", `<a:p><a:t>Erste</a:t></a:p>`, "ppt/slideLayouts/slideLayout1.xml", `<a:t>Titel einfügen</a:t>`)},
		"seite.html":  {files.HTML, "Hygieneplan\nHände waschen", []byte(`<!doctype html><title></title><style>p{}</style><script>böse()</script><h1>Hygiene<b>plan</b></h1><p>H&auml;nde waschen</p>`)},
		"alt.txt":     {files.Plain, "Räume öffnen", []byte("R\xe4ume \xf6ffnen")},
		"neu.md":      {files.Plain, "Räume\nöffnen", []byte("\xef\xbb\xbfRäume\r\n\r\nöff\u00adnen")},
		"tabelle.ods": {files.Other, "", office(t, "mimetype", ods, "content.xml", "<text:p>x</text:p>")},
		"archiv.zip":  {files.Other, "", office(t, "a.txt", "x")},
		"zahlen.bin":  {files.Other, "", []byte{0, 1, 2, 3}},
		"bild.svg":    {files.Other, "", []byte("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>")},
	}
}

// What is written in documents is found: each is put into the house under a name that lies, and read by the child.
func TestDocuments(t *testing.T) {
	h, f, _ := house(t)
	for name, d := range documents(t) {
		x, err := f.Receive(t.Context(), apptest.Hanna, "urlaub.jpg", bytes.NewReader(d.content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		h.Work(t)
		if text := strings.TrimSpace(textOf(t, h, x.ID)); x.Type != d.kind || text != d.text {
			t.Errorf("%s is %s with the text %q, want %s and %q", name, x.Type, text, d.kind, d.text)
		}
		if x.Inline() != (d.kind == files.PDF) || x.Served() == files.HTML {
			t.Errorf("%s is handed out as %s, inline %v", name, x.Served(), x.Inline())
		}
	}
}

// Bombs and broken documents are kept as files, since nobody can tell a bomb from a large file, but without a text;
// the house does not grow, and goes on.
func TestBombs(t *testing.T) {
	blank := strings.Repeat(" ", 1<<20)
	bomb := office(t, "word/document.xml", "<w:t>"+strings.Repeat(blank, 100)+"</w:t>")
	deep := office(t, "word/document.xml", strings.Repeat("<w:p>", 100_000))
	large := 2500 // MB, nearly
	if files.Roomy {
		large = 25 // else it would take all of the machine
	}
	var many []string
	for i := range 10_001 {
		many = append(many, fmt.Sprintf("word/header%d.xml", i), "")
	}
	contents := map[string][]byte{
		"100 MB of blanks":       bomb,
		"100,000 levels":         deep,
		"10,001 parts":           office(t, append(many, "word/document.xml", "<w:t>x</w:t>")...),
		"half a document":        bomb[:len(bomb)/2],
		"a PDF of 2 GB":          onePage("/Filter /FlateDecode", deflated(t, large)),
		"a PDF that is none":     []byte("%PDF-1.7\nnichts"),
		"a PDF that is circular": pdfOf("/Kids [2 0 R] /Count 1", "", "BT (x) Tj ET"),
	}
	// They run beside each other, so what the house has taken is told of all of them.
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	t.Cleanup(func() {
		var after runtime.MemStats
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 7*32<<20 {
			t.Errorf("the house has taken %d MB", n>>20)
		}
	})
	for name, content := range contents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, f, _ := house(t)
			x, err := f.Receive(t.Context(), apptest.Hanna, "x", bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			h.Work(t)
			if text := textOf(t, h, x.ID); len(text) > 1<<20 {
				t.Errorf("%d bytes of text", len(text))
			}
		})
	}
}

// A PDF that takes too long is found by its first pages.
func TestEndless(t *testing.T) {
	t.Parallel()
	h, f, _ := house(t)
	content := pdfOf("/Kids [3 0 R 2 0 R] /Count 3", "", "BT /F1 12 Tf (Deckblatt) Tj ET")
	x, err := f.Receive(t.Context(), apptest.Hanna, "x", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	h.Work(t)
	if text := textOf(t, h, x.ID); !strings.HasPrefix(text, "Deckblatt") {
		t.Errorf("text: %q", text)
	}
}

// A house that closes does not wait for what is being read: it is read after the next start.
func TestReadingIsBrokenOff(t *testing.T) {
	t.Parallel()
	h, f, _ := house(t)
	x, err := f.Receive(t.Context(), apptest.Hanna, "x", bytes.NewReader(pdfOf("/Kids [2 0 R] /Count 1", "", "")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := h.Tasks.Once(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	waits := read(t, h, func(tx *store.Tx) (int, error) {
		return store.One(tx, store.Value[int], `SELECT count(*) FROM task t JOIN file f ON f.id = t.ref WHERE t.kind = 'file.read' AND t.tries = 0 AND f.text IS NULL AND f.id = ?`, x.ID)
	})
	if waits != 1 {
		t.Error("it is not read again")
	}
}

// FuzzRead: whatever is in a document, its reader ends, in its own words. PDFs are left out: what reads them has loops
// without an end, and that it is ended then is seen in TestEndless.
func FuzzRead(f *testing.F) {
	kinds := []string{files.DOCX, files.ODT, files.XLSX, files.PPTX, files.HTML, files.Plain}
	for _, d := range documents(f) {
		for i := range kinds {
			f.Add(byte(i), d.content)
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, content []byte) {
		in := temporary(t, content)
		var out bytes.Buffer
		err := files.Work("text", kinds[int(kind)%len(kinds)], in, &out)
		if err != nil && !errors.Is(err, files.ErrBroken) && !errors.Is(err, files.ErrBomb) {
			t.Errorf("%v", err)
		}
		if out.Len() > 1<<20 || strings.ContainsRune(out.String(), 0) {
			t.Errorf("a text of %d bytes", out.Len())
		}
	})
}

// FuzzPicture: whatever is in a picture, it is made anew or refused.
func FuzzPicture(f *testing.F) {
	f.Add(photo(f, 64, 32, 6))
	f.Add(hugePNG(f, 64, 32))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\r\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Fuzz(func(t *testing.T, content []byte) {
		var out bytes.Buffer
		err := files.Work("picture", "480", temporary(t, content), &out)
		if err != nil && !errors.Is(err, files.ErrBroken) && !errors.Is(err, files.ErrPixels) {
			t.Errorf("%v", err)
		}
		if err == nil && !bytes.HasPrefix(out.Bytes(), []byte("\xff\xd8\xff")) && !bytes.HasPrefix(out.Bytes(), []byte("\x89PNG")) {
			t.Error("it has become no picture")
		}
	})
}

func temporary(t *testing.T, content []byte) *os.File {
	t.Helper()
	in, err := os.CreateTemp(t.TempDir(), "*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if _, err := in.Write(content); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	return in
}
