package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"

	"golang.org/x/text/encoding/charmap"
	utf "golang.org/x/text/encoding/unicode"
)

const (
	maxFile = 32 << 20 // bytes
	maxCell = 4000     // characters
)

// A table is a CSV file that has been read: named columns, numbered lines.
type table struct {
	columns map[string]int
	lines   []line
	notes   []string
}

// A line is one record of the file.
type line struct {
	no    int // as an editor counts
	cells []string
	of    *table
	bad   string // why the line cannot be read; "": it can
}

// get is what stands in a column; "" where the file has no such column.
func (l line) get(column string) string {
	if i, ok := l.of.columns[column]; ok && i < len(l.cells) {
		return l.cells[i]
	}
	return ""
}

// readTable reads a file as spreadsheets write it: UTF-8 with or without a
// mark, UTF-16 with one, or Windows-1252; separated by comma, semicolon or tab.
func readTable(file []byte, known []string, needed ...string) (*table, error) {
	text, note, err := decode(file)
	if err != nil {
		return nil, err
	}
	t := &table{columns: map[string]int{}}
	if note != "" {
		t.notes = append(t.notes, note)
	}
	text, comma := separator(text)
	if err := bounded(text, comma); err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.At("file", "Die Datei ist leer.")
	}
	if err != nil {
		return nil, fault.At("file", "Die erste Zeile der Datei ist nicht lesbar. Dort müssen die Namen der Spalten stehen.")
	}
	if len(head) > mostColumns {
		return nil, fault.At("file", "Die erste Zeile der Datei hat mehr als %d Spalten. Bitte prüfen Sie, ob es die richtige Datei ist.", mostColumns)
	}
	if err := t.head(head, known, needed); err != nil {
		return nil, err
	}
	var open *csv.ParseError // a quotation mark that may have swallowed the rest
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if p, ok := errors.AsType[*csv.ParseError](err); ok {
			why := "Ein Anführungszeichen steht an falscher Stelle. Innerhalb eines Feldes muss es doppelt stehen."
			open = nil
			if p.Line > p.StartLine {
				open = p
				why = fmt.Sprintf("Ein Anführungszeichen steht an falscher Stelle; die Zeilen %d bis %d sind deshalb nicht lesbar.", p.StartLine, p.Line)
			}
			t.lines = append(t.lines, line{no: p.StartLine, bad: why, of: t})
			continue
		}
		if err != nil {
			return nil, err
		}
		open = nil
		no, _ := r.FieldPos(0)
		t.add(no, cells, len(head))
	}
	if open != nil {
		return nil, fault.At("file", "In Zeile %d beginnt ein Anführungszeichen, das nirgends endet. Alles danach ist nicht lesbar.", open.StartLine)
	}
	if len(t.lines) == 0 {
		return nil, fault.At("file", "In der Datei stehen nur Spaltennamen und keine Zeilen.")
	}
	return t, nil
}

// What a list may have. The reader of CSV wants forty times the bytes of a line of nothing but commas.
const (
	mostColumns = 200
	mostFields  = 5_000 // commas in a line, also those within a field
	mostLines   = 200_000
)

// bounded refuses what is no list before it is taken apart.
func bounded(text string, comma rune) error {
	lines, fields := 0, 0
	for _, c := range text {
		switch c {
		case comma:
			fields++
		case '\n':
			lines++
			fields = 0
		}
		if fields > mostFields {
			return fault.At("file", "Zeile %d der Datei hat mehr als %d Felder. Bitte prüfen Sie, ob es die richtige Datei ist.", lines+1, mostFields)
		}
		if lines > mostLines {
			return fault.At("file", "Die Datei hat mehr als %d Zeilen. Bitte teilen Sie sie.", mostLines)
		}
	}
	return nil
}

// head reads the names of the columns.
func (t *table) head(names, known, needed []string) error {
	var strange []string
	for i, name := range names {
		name = strings.ToLower(text.Clean(name))
		if name == "" {
			continue
		}
		if _, twice := t.columns[name]; twice {
			return fault.At("file", "Die Spalte „%s“ steht zweimal in der Datei.", short(name))
		}
		t.columns[name] = i
		if !slices.Contains(known, name) {
			strange = append(strange, "„"+short(name)+"“")
		}
	}
	var missing []string
	for _, name := range needed {
		if _, ok := t.columns[name]; !ok {
			missing = append(missing, "„"+name+"“")
		}
	}
	if len(missing) > 0 {
		return fault.At("file", "In der ersten Zeile der Datei fehlen diese Spalten: %s.", strings.Join(missing, ", "))
	}
	if len(strange) > 0 {
		t.notes = append(t.notes, "Diese Spalten kennt das Haus nicht, sie bleiben unbeachtet: "+strings.Join(strange, ", ")+".")
	}
	return nil
}

// add takes a record up. Spreadsheets leave empty lines and cells at the end; those are none.
func (t *table) add(no int, cells []string, width int) {
	l := line{no: no, of: t}
	for _, c := range cells {
		c = text.Clean(c)
		if len(l.cells) == width && c != "" {
			l.bad = "Die Zeile hat mehr Felder als die erste Zeile Spalten."
		}
		if strings.ContainsFunc(c, text.Unreadable) {
			l.bad = "Die Zeile enthält unlesbare Zeichen."
		}
		if utf8.RuneCountInString(c) > maxCell {
			l.bad = "Ein Feld der Zeile ist zu lang."
		}
		if len(l.cells) < width {
			l.cells = append(l.cells, c)
		}
	}
	if len(cells) < width {
		l.bad = fmt.Sprintf("Die Zeile hat nur %d von %d Feldern.", len(cells), width)
	}
	if strings.Join(l.cells, "") != "" || l.bad != "" && len(cells) > 1 {
		t.lines = append(t.lines, l)
	}
}

// short keeps what a person reads of a value from the file within bounds.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// decode turns the file into UTF-8, with a note where that was a guess.
func decode(b []byte) (text, note string, err error) {
	if len(b) > maxFile {
		return "", "", fault.At("file", "Die Datei ist größer als 32 MB.")
	}
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		if b, err = utf.UTF16(utf.LittleEndian, utf.UseBOM).NewDecoder().Bytes(b); err != nil {
			return "", "", fault.At("file", "Die Datei ist nicht lesbar. Speichern Sie sie als „CSV UTF-8“.")
		}
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", "", fault.At("file", "Das ist keine CSV-Datei. Speichern Sie die Tabelle als „CSV UTF-8“.")
	}
	if !utf8.Valid(b) && latin(b) {
		if b, err = charmap.Windows1252.NewDecoder().Bytes(b); err != nil {
			return "", "", err
		}
		note = "Die Datei ist nicht in UTF-8 geschrieben; sie wurde als Windows-1252 gelesen. Bitte prüfen Sie die Umlaute."
	}
	text = string(b)
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, note, nil
}

// latin tells Windows-1252 from UTF-8 in which single bytes are broken: a text
// in Windows-1252 hardly ever holds a sequence that is valid UTF-8.
func latin(b []byte) bool {
	valid, broken := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			broken++
		} else if n > 1 {
			valid++
		}
		b = b[n:]
	}
	return broken > valid
}

// separator finds what stands between fields: what is most frequent in the
// first line outside quotation marks, or what the line "sep=;" of Excel says.
func separator(text string) (string, rune) {
	first, rest, _ := strings.Cut(text, "\n")
	if s, ok := strings.CutPrefix(strings.TrimSpace(first), "sep="); ok && len(s) == 1 && strings.Contains(",;\t", s) {
		return "\n" + rest, rune(s[0]) // keep the count of lines
	}
	first = strings.TrimLeft(text, "\r\n")
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t'} {
		n, quoted := 0, false
		for _, r := range first {
			if r == '\n' && !quoted {
				break
			}
			if r == '"' {
				quoted = !quoted
			}
			if r == c && !quoted {
				n++
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return text, best
}
