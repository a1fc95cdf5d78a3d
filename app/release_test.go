//go:build release

package app_test

import (
	"crypto/sha256"
	"debug/elf"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// release builds the program as it is released, from the tree in a folder.
func release(t *testing.T, arch, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nestfunk")
	c := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", file, ".")
	c.Dir, c.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// Whoever builds a release elsewhere gets the same program, bit for bit; and it needs nothing but a kernel.
func TestReleaseIsReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("builds three times")
	}
	elsewhere := filepath.Join(t.TempDir(), "anderswo")
	if err := os.CopyFS(elsewhere, tree()); err != nil {
		t.Fatal(err)
	}
	sums := map[[32]byte]bool{}
	for _, dir := range []string{apptest.Root(), elsewhere} {
		b, err := os.ReadFile(release(t, "amd64", dir))
		if err != nil {
			t.Fatal(err)
		}
		sums[sha256.Sum256(b)] = true
	}
	if len(sums) != 1 {
		t.Error("two builds differ")
	}
	f, err := elf.Open(release(t, "arm64", apptest.Root()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if libs, _ := f.ImportedLibraries(); f.Machine != elf.EM_AARCH64 || len(libs) > 0 || f.Section(".interp") != nil {
		t.Errorf("for arm64: %s, with libraries %v", f.Machine, libs)
	}
}

// What GoReleaser builds is what the test above builds.
func TestReleaseFile(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(apptest.Root(), ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"CGO_ENABLED=0", "-trimpath", "-buildvcs=false", "-s -w -buildid=", "goos: [linux]", "goarch: [amd64, arm64]", "formats: [deb, rpm]", "sboms:", "checksum:", "Containerfile"} {
		if !strings.Contains(string(b), s) {
			t.Errorf("no %s in .goreleaser.yaml", s)
		}
	}
}

// tree is the tree of the program with the built files for the browser, and without what no build needs.
func tree() fs.FS {
	return source{os.DirFS(apptest.Root())}
}

type source struct{ fs.FS }

// ReadDir leaves out what npm and git put there.
func (s source) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(s.FS, name)
	return slices.DeleteFunc(all, func(d fs.DirEntry) bool {
		return d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "data"
	}), err
}
