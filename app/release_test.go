//go:build release

package app_test

import (
	"crypto/sha256"
	"debug/elf"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// release builds the program as it is released, from the tree in a folder.
func release(t *testing.T, arch, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nestfunk")
	c := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X nestfunk/app.version=1.2.0", "-o", file, ".")
	c.Dir, c.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// Whoever builds a release elsewhere, from what is in the repository, gets the same program, bit for bit; and it needs nothing
// but a kernel, and knows which release it is.
func TestReleaseIsReproducible(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "anderswo")
	if err := os.CopyFS(elsewhere, source{os.DirFS(apptest.Root())}); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "go", "generate", "./assets")
	c.Dir = elsewhere
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sums := map[[32]byte]bool{}
	for _, dir := range []string{apptest.Root(), elsewhere} {
		file := release(t, "amd64", dir)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sums[sha256.Sum256(b)] = true
		if runtime.GOARCH == "amd64" {
			if out, err := exec.CommandContext(t.Context(), file, "version").CombinedOutput(); err != nil || string(out) != "nestfunk 1.2.0\n" {
				t.Errorf("%q, %v", out, err)
			}
		}
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
	for _, s := range []string{"CGO_ENABLED=0", "-trimpath", "-buildvcs=false", "-s -w -buildid= -X nestfunk/app.version={{ .Version }}", "goos: [linux]", "goarch: [amd64, arm64]", "formats: [deb, rpm]", "sboms:", "checksum:", "Containerfile"} {
		if !strings.Contains(string(b), s) {
			t.Errorf("no %s in .goreleaser.yaml", s)
		}
	}
}

// source is the tree of the program as it is in the repository.
type source struct{ fs.FS }

// ReadDir leaves out what npm, git and a build put there.
func (s source) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(s.FS, name)
	return slices.DeleteFunc(all, func(d fs.DirEntry) bool {
		return d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "data" || name == "assets/dist" && d.Name() != ".gitignore"
	}), err
}
