package handbook

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
)

// A Figure is a promise of the house, the test that proves it, and what that has measured last, on which day.
type Figure struct {
	Key     string `json:"key"` // by which the test finds it: apptest.Figure
	Promise string `json:"promise"`
	Test    string `json:"test"`   // function in Go
	Figure  string `json:"figure"` // "": not measured yet
	Date    string `json:"date"`   // 2026-11-22
	Busy    string `json:"busy"`   // processes at work on the machine then, on the average of a minute; "": unknown
}

//go:embed figures.json
var figures []byte

// Figures gives all promises in their order.
func Figures() []Figure { return promises() }

var promises = sync.OnceValue(func() (all []Figure) {
	d := json.NewDecoder(bytes.NewReader(figures))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		panic(err) // it is part of the binary
	}
	return all
})

// figuresMark is where a page has the table of figures.
const figuresMark = "(Tabelle der Zahlen)"

// table is Markdown, with two columns, so that it can be read on a phone.
func table(all []Figure) string {
	var b strings.Builder
	b.WriteString("| Versprechen | zuletzt gemessen |\n|---|---|\n")
	cell := strings.NewReplacer("|", "/", "\n", " ").Replace
	for _, f := range all {
		words := "noch nicht"
		if f.Figure != "" {
			words = f.Figure + ", am " + f.Date
			if y, rest, ok := strings.Cut(f.Date, "-"); ok {
				m, d, _ := strings.Cut(rest, "-")
				words = f.Figure + ", am " + d + "." + m + "." + y
			}
		}
		if f.Busy != "" {
			words += " (Last " + f.Busy + ")"
		}
		b.WriteString("| " + cell(f.Promise) + " | " + cell(words) + "; Prüfung: `" + cell(f.Test) + "` |\n")
	}
	return b.String()
}
