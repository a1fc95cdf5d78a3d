package intake

import (
	"strings"
	"testing"

	"nestfunk/app/base/fault"
)

// What is no list is refused before it takes the memory of the machine.
func TestTableIsBounded(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"columns":      {strings.Repeat("a,", mostColumns+1) + "\n1", "mehr als 200 Spalten"},
		"fields":       {"city,name\n" + strings.Repeat(",", mostFields+1), "Zeile 2 der Datei hat mehr als 5000 Felder"},
		"one line":     {strings.Repeat(",", 5_000_000), "Zeile 1 der Datei hat mehr als 5000 Felder"},
		"lines":        {"city,name\n" + strings.Repeat("x,y\n", mostLines+1), "mehr als 200000 Zeilen"},
		"as many":      {"city,name\n" + strings.Repeat("x,y\n", mostLines-1), ""},
		"commas in it": {"city,name\nx,\"" + strings.Repeat(",", 3000) + "\"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readTable([]byte(c.file), []string{"city", "name"}, "city")
			if got := fault.Fields(err)["file"]; c.want == "" && err != nil || !strings.Contains(got, c.want) {
				t.Errorf("%v: %q", err, got)
			}
		})
	}
}
