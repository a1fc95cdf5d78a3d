package calendar

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"

	ics "github.com/arran4/golang-ical"
)

// readOf is what a second Go parser makes of a calendar: each instance, in UTC and in order. It knows no series.
func readOf(t *testing.T, file string) string {
	t.Helper()
	c, err := ics.ParseCalendar(strings.NewReader(file))
	if err != nil {
		t.Fatalf("%v: %s", err, file)
	}
	var all []string
	for _, e := range c.Events() {
		at, err := e.GetStartAt()
		s := at.UTC().Format(time.RFC3339)
		if p := e.GetProperty(ics.ComponentPropertyDtStart); len(p.Value) == len("20060102") {
			at, err = e.GetAllDayStartAt()
			s = at.Format(time.DateOnly)
		}
		if err != nil {
			t.Error(err)
		}
		all = append(all, s+" "+ics.FromText(e.GetProperty(ics.ComponentPropertySummary).Value)+"\n")
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// readByICalJS is what ical.js makes of a calendar; "": it is not installed here.
func readByICalJS(t *testing.T, file string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(apptest.Root(), "assets", "node_modules", "ical.js")); err != nil {
		return ""
	}
	name := filepath.Join(t.TempDir(), "x.ics")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "node", filepath.Join(apptest.Root(), "app", "base", "calendar", "testdata", "read.mjs"), name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// TestOthersReadTheFeeds: what is at half past seven on the wall is that in other programs, too, before and after the clocks
// change: in somebody's feed, in the public one, and in the file of a series.
func TestOthersReadTheFeeds(t *testing.T) {
	w := newTown(t)
	spring := w.made(apptest.Hanna, evening("title", "Chor", "day", "2026-03-24", "repeat", "weekly", "count", "2", "public", "1")...)
	w.made(apptest.Hanna, evening("title", "Lesen", "day", "2026-10-22", "repeat", "weekly", "count", "2", "public", "1")...)
	w.made(apptest.Hanna, evening("title", "Nachtwache", "day", "2026-10-25", "starts", "01:30", "ends", "04:00", "public", "1")...) // an hour longer than it seems
	w.made(apptest.Hanna, evening("title", "Fotograf", "day", "2026-03-29", "all_day", "1", "public", "1")...)
	const chor = "2026-03-24T18:30:00Z Chor\n2026-03-31T17:30:00Z Chor\n"
	const want = chor + "2026-03-29 Fotograf\n" + "2026-10-22T17:30:00Z Lesen\n2026-10-29T18:30:00Z Lesen\n2026-10-24T23:30:00Z Nachtwache\n"
	sorted := func(s string, keep func(line string) bool) string {
		var all []string
		for line := range strings.Lines(s) {
			if keep(line) {
				all = append(all, line)
			}
		}
		slices.Sort(all)
		return strings.Join(all, "")
	}
	all := func(string) bool { return true }
	made := func(line string) bool { // and not the holidays
		return slices.ContainsFunc([]string{"Chor", "Fotograf", "Lesen", "Nachtwache"}, func(s string) bool { return strings.HasSuffix(line, " "+s+"\n") })
	}
	for _, c := range []struct {
		name, path string
		series     bool // has a rule, of which the Go parser shows the first instance
		want       string
	}{
		{"somebody's feed", w.address(apptest.Ada), false, want},
		{"the public feed", "/termine.ics", false, want},
		{"of one unit", "/termine.ics?einheit=4", false, want},
		{"a series", spring + "/datei", true, chor},
	} {
		file := w.Get(apptest.Nobody, c.path).Body
		if got := sorted(readOf(t, file), made); !c.series && got != sorted(c.want, all) {
			t.Errorf("%s is read in Go as\n%swant\n%s", c.name, got, sorted(c.want, all))
		}
		if got := readByICalJS(t, file); got == "" {
			t.Log("assets/node_modules is not here: the feeds were not read by ical.js")
		} else if got = sorted(got, made); got != sorted(c.want, all) {
			t.Errorf("%s is read by ical.js as\n%swant\n%s", c.name, got, sorted(c.want, all))
		}
	}
}
