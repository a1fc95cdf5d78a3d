package app

import (
	"os"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// The top level is what the owner has fixed, with dot files beside it, and what a build or a house leaves there for git to
// ignore.
func TestTopLevel(t *testing.T) {
	all, err := os.ReadDir(apptest.Root())
	if err != nil {
		t.Fatal(err)
	}
	may := strings.Fields("main.go app assets schema.sql go.mod go.sum LICENSE README.md nestfunk data")
	for _, x := range all {
		if name := x.Name(); !strings.HasPrefix(name, ".") && !slices.Contains(may, name) {
			t.Errorf("%s does not belong there", name)
		}
	}
}
