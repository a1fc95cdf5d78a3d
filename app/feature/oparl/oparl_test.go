package oparl

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/bundle"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

const shared = "../../../../shared/data/02-oparl/" // beside the repository; not part of it

// real opens a folder of real objects, and skips where it is not here.
func real(t testing.TB, folder string) *bundle.Source {
	t.Helper()
	if _, err := os.Stat(shared + folder); err != nil {
		t.Skip("../shared/data is not here: 35 meetings of Karlsruhe, a small town and the schema of the specification were not read")
	}
	s, err := Open(shared + folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func serve(t testing.TB, others ...house.Feature) (*apptest.House, *apptest.Site, house.Feature) {
	h := apptest.New(t)
	f := New(h.House, func(*store.Tx, time.Time, int64, string, int64) error { return nil }, others)
	return h, h.Serve(t, f), f
}

// settled has the house write down what it gives out, as it does every few minutes.
func settled(t testing.TB, h *apptest.House) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return h.Tasks.Add(tx, settleKind, 0, "") }); err != nil {
		t.Fatal(err)
	}
	h.Work(t)
}

func read(t testing.TB, h *apptest.House, s *bundle.Source, o Options) Report {
	t.Helper()
	rep, err := Import(t.Context(), h.House, s, o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// api, pages and crawl ask the interface as nobody.
func api(t testing.TB, s *apptest.Site, address string) map[string]any {
	t.Helper()
	return s.OParl(address)
}

func pages(t testing.TB, s *apptest.Site, address string) []map[string]any {
	t.Helper()
	return s.OParlList(address)
}

func crawl(t *testing.T, s *apptest.Site) map[string]map[string]any {
	t.Helper()
	return s.Crawl()
}

// TestKarlsruhe: what a real council has published comes out as it came in, but for what has to change.
func TestKarlsruhe(t *testing.T) {
	h, s, _ := serve(t)
	rep := read(t, h, real(t, "karlsruhe-jugendhilfeausschuss"), Options{})
	if rep.Types["Meeting"] != 35 || rep.Types["AgendaItem"] != 194 || rep.Types["Paper"] != 183 || rep.Types["Organization"] != 1 || rep.Refusals() > 0 || rep.New != 1383 {
		t.Errorf("%+v", rep)
	}
	n := compare(t, crawl(t, s), "karlsruhe-jugendhilfeausschuss/*.jsonl")
	if n["Meeting"] != 35 || n["AgendaItem"] != 194 || n["Paper"] != 183 || n["Consultation"] != 305 || n["File"] != 633 {
		t.Errorf("%v were compared", n)
	}
	h.Clock.Add(time.Hour)
	if rep := read(t, h, real(t, "karlsruhe-jugendhilfeausschuss"), Options{}); rep.Same != 1383 || rep.New+rep.Changed > 0 {
		t.Errorf("once more: %+v", rep)
	}
}

// TestSmallTown: the same with a whole system, in which objects name each other in all ways, and not as the standard wants.
func TestSmallTown(t *testing.T) {
	h, s, _ := serve(t)
	rep := read(t, h, real(t, "meine-stadt-transparent/oparl"), Options{})
	if rep.New != 18 || rep.Refusals() > 0 {
		t.Errorf("%+v", rep)
	}
	all := crawl(t, s)
	n := compare(t, all, "meine-stadt-transparent/oparl/*.json")
	if n["Body"] != 1 || n["Meeting"] != 1 || n["Person"] != 1 || n["Paper"] != 1 || n["LegislativeTerm"] != 1 || n["Location"] != 5 {
		t.Errorf("%v were compared", n)
	}
	if rep := read(t, h, real(t, "meine-stadt-transparent/oparl"), Options{}); rep.Same != 18 || rep.New+rep.Changed > 0 {
		t.Errorf("once more: %+v", rep)
	}
	rep = read(t, h, real(t, "meine-stadt-transparent/oparl-missing"), Options{})
	if rep.New != 6 || rep.Elsewhere != 3 || rep.Refusals() > 0 || !strings.Contains(rep.Told(false), "„legislativeTerm“ fehlt.") ||
		!strings.Contains(rep.Told(false), "3 Verweise führen zu Objekten, die weder in den Dateien noch im Haus stehen") {
		t.Errorf("what is missing: %s", rep.Told(false))
	}
	compare(t, crawl(t, s), "meine-stadt-transparent/oparl-missing/*.json")
}

// compare looks up each object of files in what the interface gives out, also those within others, and compares every
// property; it answers how many of each type there were.
func compare(t *testing.T, all map[string]map[string]any, files string) map[string]int {
	t.Helper()
	var was []map[string]any
	names, _ := filepath.Glob(shared + files)
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(string(b)))
		for d.More() {
			var o map[string]any
			if err := d.Decode(&o); err != nil {
				t.Fatal(err)
			}
			was = append(was, o)
		}
	}
	return apptest.SameOParl(t, was, all)
}
