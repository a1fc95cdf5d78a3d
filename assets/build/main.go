// Command build makes assets/dist: npm ci, one pass of esbuild, the icon
// sprite and the manifest. Run by "go generate ./...".
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

const dist = "dist"

// builtOf holds the hash of what dist was built of: beside it, since what is in dist is in the program.
const builtOf = "node_modules/.built"

func main() {
	log.SetFlags(0)
	log.SetPrefix("assets: ")
	force := flag.Bool("f", false, "build even when nothing has changed")
	flag.Parse()
	if _, err := os.Stat("package.json"); err != nil { // from the repository root
		must(os.Chdir("assets"))
	}
	start := time.Now()
	inputs := hashInputs("package-lock.json", "css", "js", "icons", "build", "../app")
	_, missing := os.Stat(filepath.Join(dist, "manifest.json"))
	if old, err := os.ReadFile(builtOf); err == nil && missing == nil && string(old) == inputs && !*force {
		log.Printf("up to date (%s)", time.Since(start).Round(time.Millisecond))
		return
	}
	npm()
	classes, icons := used("../app", "js")
	first, rare := makeSprites(icons) // may end here, and then what was built before stays
	clean()
	files := map[string]string{}
	for _, f := range must1(filepath.Glob("icons/*.svg")) {
		b := must1(os.ReadFile(f))
		files[filepath.Base(f)] = put(strings.TrimSuffix(filepath.Base(f), ".svg"), ".svg", b)
	}
	files["icons.svg"], files["rare.svg"] = put("icons", ".svg", sprite(first)), put("rare", ".svg", sprite(rare))
	appIcons(files)

	// scripts and styles
	plugins := []api.Plugin{kernPlugin(classes)}
	opts := api.BuildOptions{
		EntryPoints: []string{"css/app.css", "css/editor.css", "css/book.css", "css/roll.css", "css/calendar.css", "css/message.css", "css/lists.css", "css/minutes.css", "css/floor.css", "css/handover.css", "js/app.js"},
		Outdir:      dist, Bundle: true, Write: true, Metafile: true,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Format: api.FormatESModule, Splitting: true, Target: api.ES2022,
		EntryNames: "[name]-[hash]", ChunkNames: "c-[hash]", AssetNames: "[name]-[hash]",
		Loader:        map[string]api.Loader{".woff2": api.LoaderFile},
		LegalComments: api.LegalCommentsLinked, Alias: map[string]string{"markdown-it": "./js/markdown-it.js"}, Plugins: plugins, LogLevel: api.LogLevelWarning,
	}
	meta := build(opts)
	for out, o := range meta.Outputs {
		if o.EntryPoint != "" {
			files[filepath.Base(o.EntryPoint)] = filepath.Base(out)
		}
	}
	files["sw.js"] = worker(meta, files)
	version := short([]byte(fmt.Sprint(files)))
	m, _ := json.MarshalIndent(struct {
		Version string
		Files   map[string]string
		Rare    []string
	}{version, files, slices.Sorted(maps.Keys(rare))}, "", "\t")
	must(os.WriteFile(filepath.Join(dist, "manifest.json"), m, 0o644))
	must(os.WriteFile(builtOf, []byte(inputs), 0o644))
	compress()
	log.Printf("built %s in %s", version, time.Since(start).Round(time.Millisecond))
}

type meta struct {
	Outputs map[string]struct {
		EntryPoint string
		Bytes      int
		Inputs     map[string]struct{}
	}
}

// worker builds the service worker, which knows by name what it keeps: scripts, styles, icons, and the fonts that
// German needs. Each has a hash in its name, so a change of any of them is a change of the worker.
func worker(m meta, files map[string]string) (file string) {
	shell := []string{"/a/" + files["icons.svg"], "/a/" + files["rare.svg"], "/a/" + files["icon.svg"]}
	for out := range m.Outputs {
		name := filepath.Base(out)
		if slices.ContainsFunc([]string{"js/editor.js", "css/editor.css", "css/book.css"}, func(in string) bool { // for those who write or print
			_, ok := m.Outputs[out].Inputs[in]
			return ok
		}) {
			continue
		}
		if ext := filepath.Ext(name); ext == ".js" || ext == ".css" || strings.HasPrefix(name, "fira-sans-latin-") && !strings.HasPrefix(name, "fira-sans-latin-ext-") {
			shell = append(shell, "/a/"+name)
		}
	}
	slices.Sort(shell)
	constant := func(v any) string { return string(must1(json.Marshal(v))) }
	built := build(api.BuildOptions{
		EntryPoints: []string{"js/sw.js"}, Outdir: dist, Bundle: true, Write: true, Metafile: true,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Format: api.FormatIIFE, Target: api.ES2022, EntryNames: "[name]-[hash]", LogLevel: api.LogLevelWarning,
		Define: map[string]string{"SHELL": constant(shell), "VERSION": constant(short([]byte(fmt.Sprint(shell)))[:8]),
			"ICON": constant("/a/" + files["icon-192.png"]), "BADGE": constant("/a/" + files["badge-96.png"])},
	})
	for out := range built.Outputs {
		file = filepath.Base(out)
	}
	return file
}

func build(o api.BuildOptions) (m meta) {
	r := api.Build(o)
	if len(r.Errors) > 0 {
		os.Exit(1)
	}
	must(json.Unmarshal([]byte(r.Metafile), &m))
	return m
}

// npm runs "npm ci" when the lock file has changed since the last time.
func npm() {
	lock, err := os.ReadFile("package-lock.json")
	must(err)
	// Tests need axe-core and Lighthouse, development packages; whoever only builds does not.
	want, args := short(lock), []string{"ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"}
	if os.Getenv("NESTFUNK_DEV") != "" {
		want += " dev"
	} else {
		args = append(args, "--omit=dev")
	}
	stamp := "node_modules/.stamp"
	if b, err := os.ReadFile(stamp); err == nil && (string(b) == want || string(b) == want+" dev") {
		return
	}
	if _, err := exec.LookPath("npm"); err != nil {
		log.Fatal("npm is not installed.\nThe web assets are built from npm packages: install Node 20 or later, then run \"go generate ./...\" again.")
	}
	c := exec.Command("npm", args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		log.Fatalf("npm ci: %v", err)
	}
	must(os.WriteFile(stamp, []byte(want), 0o644))
}

func clean() {
	es, err := os.ReadDir(dist)
	must(err)
	for _, e := range es {
		if e.Name() != ".gitignore" {
			must(os.RemoveAll(filepath.Join(dist, e.Name())))
		}
	}
}

var (
	reClass = regexp.MustCompile(`kern-[a-z0-9_-]+`)
	reIcon  = regexp.MustCompile(`(?:icon "|#i-|Icon: *")([a-z0-9-]+)`)

	// where the icons of the first pages stand: of the frame with its menu, of cards, and of what is on a start page
	firstPages = regexp.MustCompile(`/base/web/|^js/|/(_card|_files|start|own|menu|hint|offline)\.html$|/(pages|registry|demo|closure)\.go$`)
)

// used finds the KERN classes and the icons that templates, Go and JS name.
// It tells for each icon one file that names it.
func used(dirs ...string) (classes map[string]bool, icons map[string][]string) {
	classes, icons = map[string]bool{}, map[string][]string{}
	for _, d := range dirs {
		filepath.WalkDir(d, func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(p, "_test.go") {
				return nil
			}
			b, _ := os.ReadFile(p)
			for _, m := range reClass.FindAll(b, -1) {
				classes[string(m)] = true
			}
			for _, m := range reIcon.FindAllSubmatch(b, -1) {
				icons[string(m[1])] = append(icons[string(m[1])], p)
			}
			return nil
		})
	}
	return classes, icons
}

// makeSprites finds the drawings of the icons: those of the first pages, and those that only pages of others name.
func makeSprites(icons map[string][]string) (first, rare map[string]string) {
	b, err := os.ReadFile("node_modules/@iconify-json/lucide/icons.json")
	must(err)
	var set struct {
		Icons   map[string]struct{ Body string }
		Aliases map[string]struct{ Parent string }
	}
	must(json.Unmarshal(b, &set))
	first, rare = map[string]string{}, map[string]string{}
	for n, paths := range icons {
		i, ok := set.Icons[n]
		if !ok {
			i, ok = set.Icons[set.Aliases[n].Parent]
		}
		if !ok {
			log.Fatalf("%s names the icon %q, which Lucide does not have.\nhttps://lucide.dev/icons shows all names.", paths[0], n)
		}
		if slices.ContainsFunc(paths, firstPages.MatchString) {
			first[n] = i.Body
		} else {
			rare[n] = i.Body
		}
	}
	return first, rare
}

// sprite writes one <symbol> for each icon.
func sprite(icons map[string]string) []byte {
	var out bytes.Buffer
	out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide, ISC -->`)
	for _, n := range slices.Sorted(maps.Keys(icons)) {
		fmt.Fprintf(&out, `<symbol id="i-%s" viewBox="0 0 24 24">%s</symbol>`, n, icons[n])
	}
	out.WriteString(`</svg>`)
	return out.Bytes()
}

// compress writes FILE.br beside each text file where it saves a tenth.
func compress() {
	must(filepath.WalkDir(dist, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !slices.Contains([]string{".js", ".css", ".svg"}, filepath.Ext(p)) {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		var z bytes.Buffer
		w := brotli.NewWriterLevel(&z, 11)
		w.Write(b)
		w.Close()
		if z.Len() < len(b)*9/10 {
			return os.WriteFile(p+".br", z.Bytes(), 0o644)
		}
		return nil
	}))
}

func put(name, ext string, b []byte) string {
	f := name + "-" + strings.ToUpper(short(b)[:8]) + ext
	must(os.WriteFile(filepath.Join(dist, f), b, 0o644))
	return f
}

func hashInputs(paths ...string) string {
	h := sha256.New()
	for _, p := range paths {
		filepath.WalkDir(p, func(p string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				b, _ := os.ReadFile(p)
				fmt.Fprintf(h, "%s %d\n", p, len(b))
				h.Write(b)
			}
			return nil
		})
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func short(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])[:16]
}

func must1[T any](v T, err error) T {
	must(err)
	return v
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
