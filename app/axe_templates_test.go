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
	"app/base/web/busy.html":                 "no walk yet",
	"app/base/web/shut.html":                 "no walk yet",
	"app/feature/absence/show.html":          "no walk yet",
	"app/feature/account/confirm.html":       "no walk yet",
	"app/feature/account/factor.html":        "no walk yet",
	"app/feature/account/factor_spares.html": "no walk yet",
	"app/feature/account/leave.html":         "no walk yet",
	"app/feature/account/setup.html":         "no walk yet",
	"app/feature/account/trip.html":          "no walk yet",
	"app/feature/account/unknown.html":       "no walk yet",
	"app/feature/announcement/optout.html":   "no walk yet",
	"app/feature/announcement/waiting.html":  "no walk yet",
	"app/feature/backup/words.html":          "no walk yet",
	"app/feature/bulletin/judge.html":        "no walk yet",
	"app/feature/bulletin/leave.html":        "no walk yet",
	"app/feature/bulletin/report.html":       "no walk yet",
	"app/feature/calendar/answers.html":      "no walk yet",
	"app/feature/calendar/preview.html":      "no walk yet",
	"app/feature/device/hint.html":           "no walk yet",
	"app/feature/incident/affected.html":     "no walk yet",
	"app/feature/incident/letter.html":       "no walk yet",
	"app/feature/incident/notice.html":       "no walk yet",
	"app/feature/incident/report.html":       "no walk yet",
	"app/feature/incident/show.html":         "no walk yet",
	"app/feature/intake/preview.html":        "no walk yet",
	"app/feature/privacy/request.html":       "no walk yet",
	"app/feature/room/outcome.html":          "no walk yet",
	"app/feature/slip/show.html":             "no walk yet",
	"app/feature/tablet/gone.html":           "no walk yet",
	"app/feature/wiki/preview.html":          "no walk yet",
	"app/feature/wiki/readers.html":          "no walk yet",
	"app/feature/wiki/relocate.html":         "no walk yet",
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
