package search

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write nouns.txt anew")

const texts = "../../../../shared/data/03-text/" // beside the repository; not part of it

// read returns the files of a folder of texts, without their front matter, by name.
func read(t testing.TB, folder string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(texts + folder + "/*.md")
	if err != nil || len(names) == 0 {
		t.Skipf("../shared/data is not here: %s was not read", folder)
	}
	all := map[string]string{}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if _, rest, ok := strings.Cut(strings.TrimPrefix(text, "---\n"), "\n---\n"); ok {
			text = rest
		}
		all[strings.TrimSuffix(filepath.Base(n), ".md")] = text
	}
	return all
}

// TestNouns makes the list of nouns from laws and statutes: go test ./app/base/search -run TestNouns -update
func TestNouns(t *testing.T) {
	var l lexicon
	for _, folder := range []string{"gesetze", "satzungen-bad-boll"} {
		for _, text := range read(t, folder) {
			l.read(text)
		}
	}
	bare := &compounds{map[string]bool{}}
	for w := range strings.FieldsSeq(field) {
		bare.nouns[w] = true
	}
	list := strings.Join(l.nouns(2, bare), "\n") + "\n"
	if *update {
		if err := os.WriteFile("nouns.txt", []byte(list), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if list != nouns {
		t.Error("nouns.txt is not what the texts give; run with -update")
	}
}
