package app_test

import (
	"flag"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"nestfunk/app/apptest"
)

// A gallery knows which template a page was made of, and at which of them axe has looked.
type gallery struct {
	mu   sync.Mutex
	at   map[string]string // text of the template last shown, by host and address
	seen map[string]bool   // by text
}

// shown hears of a page from the house.
func (g *gallery) shown(r *http.Request, files fs.FS, name string) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.at == nil {
		g.at, g.seen = map[string]string{}, map[string]bool{}
	}
	g.at[r.Host+r.URL.RequestURI()] = string(text)
}

// look notes that axe has seen the page at an address.
func (g *gallery) look(at string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if text, ok := g.at[at]; ok {
		g.seen[text] = true
	}
}

// unseen are templates that no walk comes to, each for a reason.
var unseen = map[string]string{
	"app/base/web/busy.html":                 "only where there is more to do than the house can",
	"app/feature/account/factor_spares.html": "after a passkey without printed codes, and this browser has no authenticator",
	"app/feature/account/leave.html":         "on the way to a provider of identities, which the town does not have",
	"app/feature/account/trip.html":          "the same",
	"app/feature/account/unknown.html":       "the same",
	"app/feature/announcement/waiting.html":  "for whoever has no role yet, which nobody in the town is",
	"app/feature/bulletin/leave.html":        "behind a link in mails that the town does not keep",
	"app/feature/device/hint.html":           "a card that comes into the start page, where axe sees it",
}

// complete finds templates at which axe has never looked.
func (g *gallery) complete(t *testing.T) {
	t.Helper()
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") { // not all walks
		return
	}
	root := apptest.Root()
	var missing []string
	err := filepath.WalkDir(filepath.Join(root, "app"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".html" || strings.HasPrefix(d.Name(), "_") || d.Name() == "layout.html" {
			return err
		}
		b, err := os.ReadFile(name)
		rel, _ := filepath.Rel(root, name) // both are absolute
		if _, known := unseen[rel]; known == g.seen[string(b)] {
			missing = append(missing, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(missing)
	for _, name := range missing {
		t.Errorf("axe has never looked at %s, or has and it is listed as unseen", name)
	}
}
