package search

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write nouns.txt anew")

const texts = "../../../../shared/data/03-text/" // beside the repository; not part of it

// read returns the Markdown below a folder of texts, without its front matter.
func read(t testing.TB, folder string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(texts+folder, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".md") {
			return err
		}
		b, err := os.ReadFile(name)
		text := string(b)
		if _, rest, ok := strings.Cut(strings.TrimPrefix(text, "---\n"), "\n---\n"); ok {
			text = rest
		}
		all = append(all, text)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("../shared/data is not here: %s was not read", folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestNouns makes the list of nouns from German texts whose words may be passed on: go test ./app/base/search -run TestNouns -update
func TestNouns(t *testing.T) {
	var l lexicon
	for _, folder := range []string{"gesetze", "satzungen-bad-boll", "jugendhackt-handbuch", "datenanfragen/de"} {
		for _, text := range read(t, folder) {
			l.read(text)
		}
	}
	bare := &compounds{map[string]bool{}}
	for w := range strings.FieldsSeq(field) {
		bare.nouns[w] = true
	}
	list := strings.Join(l.nouns(1, bare), "\n") + "\n"
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
