package apptest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Figure writes what a test has measured into the table of the handbook (assets/handbook/figures.json), if NESTFUNK_FIGURES
// is set: a promise by its key, in German words, with the day and the load of the machine. The promise has to stand there.
func Figure(t testing.TB, key, words string) {
	t.Helper()
	if os.Getenv("NESTFUNK_FIGURES") == "" {
		return
	}
	file := filepath.Join(Root(), "assets/handbook/figures.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	found := false
	lines := make([]string, len(all))
	for i, x := range all {
		if x["key"] == key {
			found = true
			x["figure"], x["date"], x["busy"] = words, time.Now().Format(time.DateOnly), Busy()
		}
		var s strings.Builder
		for j, name := range []string{"key", "promise", "test", "figure", "date", "busy"} {
			if j > 0 {
				s.WriteString(", ")
			}
			v := new(strings.Builder)
			e := json.NewEncoder(v)
			e.SetEscapeHTML(false)
			_ = e.Encode(x[name]) // a string
			s.WriteString(`"` + name + `": ` + strings.TrimSpace(v.String()))
		}
		lines[i] = "\t{" + s.String() + "}"
	}
	if !found {
		t.Fatalf("no promise %q in %s", key, file)
	}
	if err := os.WriteFile(file, []byte("[\n"+strings.Join(lines, ",\n")+"\n]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Busy is how many processes were at work on this machine in the last minute, on the average; "": it does not say.
func Busy() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	load, _, _ := strings.Cut(string(b), " ")
	return strings.ReplaceAll(load, ".", ",")
}
