package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"

	"golang.org/x/text/encoding/charmap"
)

var day1 = time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)

func openHouse(t testing.TB) *store.DB {
	t.Helper()
	schema, err := os.ReadFile("../../../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "house.db"), string(schema))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

type importer func(*store.Tx, []byte, Options, time.Time) (Report, error)

// bring imports for good.
func bring(t testing.TB, db *store.DB, do importer, file string, o Options, now time.Time) (rep Report, err error) {
	t.Helper()
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		rep, err = do(tx, []byte(file), o, now)
		return err
	})
	return rep, err
}

// must is bring, and nothing may go wrong.
func must(t testing.TB, db *store.DB, do importer, file string, o Options, now time.Time) Report {
	t.Helper()
	rep, err := bring(t, db, do, file, o, now)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// rows lists the rows of a query as words.
func rows(t testing.TB, db *store.DB, query string, args ...any) []string {
	t.Helper()
	var all []string
	err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.All(tx, store.Value[string], query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func realList(t testing.TB, city string) string {
	t.Helper()
	b, err := os.ReadFile("../../../../shared/data/01-kitas/" + city + "/facilities.csv")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("../shared/data is not here: the real lists of facilities were not read")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const tree = `SELECT u.name || ' < ' || coalesce(p.name, '') FROM unit u LEFT JOIN unit p ON p.id = u.parent
	WHERE u.until > 9000000000000000000 ORDER BY u.id`

func TestRealLists(t *testing.T) {
	for _, c := range []struct {
		city                                  string
		facilities, carriers, without, groups int
		notes                                 int
	}{
		{"jena", 71, 5, 59, 0, 0},
		{"leipzig", 300, 0, 300, 0, 0},
		{"flensburg", 70, 22, 0, 289, 3},
		{"berlin2023", 2902, 1236, 0, 0, 0},
	} {
		t.Run(c.city, func(t *testing.T) {
			file, db := realList(t, c.city), openHouse(t)
			start := time.Now()
			rep := must(t, db, ImportFacilities, file, Options{}, day1)
			t.Logf("first import: %v", time.Since(start).Round(time.Millisecond))
			if rep.New != c.facilities || rep.Changed+rep.Same+len(rep.Refused)+len(rep.Missing) != 0 {
				t.Errorf("first import: %d new, %d changed, %d same, refused %v, missing %v", rep.New, rep.Changed, rep.Same, rep.Refused, rep.Missing)
			}
			of := 0
			for _, n := range rep.Notes {
				if strings.Contains(n, "einzeln aufgeführten") {
					of++
				}
			}
			if of != c.notes {
				t.Errorf("%d notes about groups, want %d: %q", of, c.notes, rep.Notes)
			}
			got := rows(t, db, `SELECT count(*) FROM unit GROUP BY kind ORDER BY kind`)
			t.Log(got)
			for kind, want := range map[string]int{"city": 1, "facility": c.facilities, "carrier": c.carriers, "group": c.groups} {
				if n := rows(t, db, `SELECT count(*) FROM unit WHERE kind = ?`, kind)[0]; n != fmt.Sprint(want) {
					t.Errorf("%s of kind %s, want %d", n, kind, want)
				}
			}
			if n := rows(t, db, `SELECT count(*) FROM unit u JOIN unit p ON p.id = u.parent WHERE u.kind = 'facility' AND p.kind = 'city'`)[0]; n != fmt.Sprint(c.without) {
				t.Errorf("%s without carrier, want %d", n, c.without)
			}
			before := db.Changes()
			start = time.Now()
			rep = must(t, db, ImportFacilities, file, Options{}, day1.AddDate(0, 0, 1))
			t.Logf("second import: %v", time.Since(start).Round(time.Millisecond))
			if rep.Same != c.facilities || rep.New+rep.Changed != 0 || db.Changes() != before {
				t.Errorf("second import: %d same, %d new, %d changed, %d rows written", rep.Same, rep.New, rep.Changed, db.Changes()-before)
			}
		})
	}
}

func TestFacilitiesForms(t *testing.T) {
	const plain = "city,source_id,name,carrier\nJena,a,Größe & Spaß,Müller e.V.\nJena,b,\"Kita \"\"Sonne\"\", Jena\",\n"
	want := []string{"Jena < ", "Müller e.V. < Jena", "Größe & Spaß < Müller e.V.", `Kita "Sonne", Jena < Jena`}
	latin1, err := charmap.Windows1252.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	var wide []byte
	wide = append(wide, 0xff, 0xfe)
	for _, r := range plain {
		wide = append(wide, byte(r), byte(r>>8))
	}
	for name, file := range map[string]string{
		"plain":        plain,
		"BOM":          "\ufeff" + plain,
		"Windows-1252": latin1,
		"UTF-16":       string(wide),
		"CRLF":         strings.ReplaceAll(plain, "\n", "\r\n"),
		"semicolon":    strings.Replace(strings.ReplaceAll(plain, ",", ";"), "\"; Jena", "\", Jena", 1),
		"tab":          strings.Replace(strings.ReplaceAll(plain, ",", "\t"), "\"\t Jena", "\", Jena", 1),
		"sep=":         "sep=,\n" + plain,
		"header case":  strings.Replace(plain, "city,source_id", " City ,SOURCE_ID", 1),
		"blank lines":  strings.ReplaceAll(plain, "\n", "\n\n") + ",,,\n",
		"Mac letters":  strings.ReplaceAll(plain, "ü", "u\u0308"),
	} {
		t.Run(name, func(t *testing.T) {
			db := openHouse(t)
			rep := must(t, db, ImportFacilities, file, Options{}, day1)
			if got := rows(t, db, tree); rep.New != 2 || !slices.Equal(got, want) {
				t.Errorf("%d new, tree %q, want %q", rep.New, got, want)
			}
		})
	}
}

func TestFacilitiesRefused(t *testing.T) {
	const head = "city,source_id,name,street,district,lat,places_total,groups_detail\n"
	for _, c := range []struct{ name, line, why string }{
		{"no source", "Jena,,Kita X,,,,,", "source_id"},
		{"no city", ",x,Kita X,,,,,", "city"},
		{"nothing to call it", "Jena,x,,,,,,", "Name"},
		{"another city", "Leipzig,x,Kita X,,,,,", "Leipzig"},
		{"twice", "Jena,good,Kita X,,,,,", "Zeile 2"},
		{"latitude", "Jena,x,Kita X,,,north,,", "lat"},
		{"places", "Jena,x,Kita X,,,,-4,", "places_total"},
		{"groups no JSON", "Jena,x,Kita X,,,,,{", "groups_detail"},
		{"groups unknown", `Jena,x,Kita X,,,,,"{""owls"": 1}"`, "owls"},
		{"groups too many", `Jena,x,Kita X,,,,,"{""group_0_3"": 1e9}"`, "Zahl der Gruppen"},
		{"key of groups", "Jena,good#group_0_3/1,Kita X,,,,,", "#"},
		{"too few fields", "Jena,x", "2 von 8"},
		{"too many fields", "Jena,x,Kita X,,,,,,more", "mehr Felder"},
		{"bare quote", `Jena,x,Kita "X",,,,,`, "Anführungszeichen"},
		{"broken letter", "Jena,x,Kit\xff,ü,ü,,,", "unlesbare"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := openHouse(t)
			file := head + "Jena,good,Kita Gut,,,,,\n" + c.line + "\nJena,last,,Am Markt,,,,\n"
			rep, err := bring(t, db, ImportFacilities, file, Options{}, day1)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Words(err), "nichts geändert") {
				t.Fatalf("error %v", err)
			}
			if len(rep.Refused) != 1 || rep.Refused[0].Line != 3 || !strings.Contains(rep.Refused[0].Why, c.why) {
				t.Errorf("refused %v, want line 3 with %q", rep.Refused, c.why)
			}
			if got := rows(t, db, tree); len(got) != 0 {
				t.Errorf("a refused file has made %q", got)
			}
			rep = must(t, db, ImportFacilities, file, Options{SkipBad: true}, day1)
			want := []string{"Jena < ", "Kita Gut < Jena", "Kita Am Markt < Jena"}
			if got := rows(t, db, tree); rep.New != 2 || len(rep.Refused) != 1 || !slices.Equal(got, want) {
				t.Errorf("skipping: %+v, %q", rep, got)
			}
		})
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for name, c := range map[string]struct{ file, words string }{
		"empty":          {"", "leer"},
		"only a head":    {"city,source_id,name\n", "keine Zeilen"},
		"column missing": {"city,name\nJena,X\n", "„source_id“"},
		"column twice":   {"city,source_id,name,name\nJena,x,X,Y\n", "zweimal"},
		"no end":         {"city,source_id,name\nJena,x,\"Kita\nJena,y,Kita\n", "Zeile 2"},
		"a picture":      {"\x89PNG\r\n\x1a\n\x00\x00", "keine CSV-Datei"},
		"too big":        {strings.Repeat("x", maxFile+1), "32 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			db := openHouse(t)
			_, err := bring(t, db, ImportFacilities, c.file, Options{SkipBad: true}, day1)
			if got := fault.Fields(err)["file"]; !strings.Contains(got, c.words) {
				t.Errorf("got %q (%v), want %q", got, err, c.words)
			}
		})
	}
}

func TestNewerList(t *testing.T) {
	const head = "city,source_id,name,carrier,groups_total,groups_detail,extra\n"
	db := openHouse(t)
	rep := must(t, db, ImportFacilities, head+
		`Jena,a,Sonne,AWO,,"{""group_0_3"": 1, ""group_3_6"": 2}",`+"\n"+
		`Jena,b,Mond,DRK,,,`+"\n"+
		`Jena,c,Stern,,,,`+"\n", Options{}, day1)
	if !strings.Contains(strings.Join(rep.Notes, " "), "„extra“") {
		t.Errorf("notes %q do not name the unknown column", rep.Notes)
	}
	want := []string{"Jena < ", "AWO < Jena", "Sonne < AWO", "Krippe 1 < Sonne", "Kindergarten 1 < Sonne", "Kindergarten 2 < Sonne",
		"DRK < Jena", "Mond < DRK", "Stern < Jena"}
	if got := rows(t, db, tree); !slices.Equal(got, want) {
		t.Fatalf("got  %q\nwant %q", got, want)
	}
	// By hand: the carriers are merged, Mond gets another name, a child comes into Kindergarten 2.
	find := func(tx *store.Tx, name string) int64 {
		id, err := store.One(tx, store.Value[int64], `SELECT id FROM unit WHERE name = ?`, name)
		if err != nil {
			t.Fatal(name, err)
		}
		return id
	}
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := org.Merge(tx, find(tx, "AWO"), find(tx, "DRK"), day1); err != nil {
			return err
		}
		if err := org.Rename(tx, find(tx, "Mond"), "Mondschein"); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO child (id, uid, facility, given, family) VALUES (1, 'u', ?, 'Ida', 'A')`, find(tx, "Sonne")); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO child_stay (child, since, unit) VALUES (1, 1, ?)`, find(tx, "Kindergarten 2"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	newer := head +
		`Jena,a,Sonne neu,AWO,,"{""group_0_3"": 0, ""group_3_6"": 1}",` + "\n" + // groups and name differ, the merged carrier does not
		`Jena,b,Mond,DRK,5,,` + "\n" + // same: what was renamed by hand stays
		`Jena,d,Komet,AWO,,,` + "\n" // a new facility of the merged carrier
	dry := func() (rep Report) {
		err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
			rep, err = ImportFacilities(tx, []byte(newer), Options{Dry: true}, day1.AddDate(0, 1, 0))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	preview := dry()
	rep = must(t, db, ImportFacilities, newer, Options{}, day1.AddDate(0, 1, 0))
	a, _ := json.Marshal(preview)
	b, _ := json.Marshal(rep)
	if string(a) != string(b) {
		t.Errorf("the preview says %s\nthe import says  %s", a, b)
	}
	if rep.New != 1 || rep.Changed != 1 || rep.Same != 1 || !slices.Equal(rep.Missing, []string{"Stern"}) {
		t.Errorf("%s", b)
	}
	if !strings.Contains(strings.Join(rep.Notes, " "), "Kindergarten 2") {
		t.Errorf("notes %q do not name the group that stays", rep.Notes)
	}
	want = []string{"Jena < ", "Sonne neu < DRK", "Kindergarten 1 < Sonne neu", "Kindergarten 2 < Sonne neu",
		"DRK < Jena", "Mondschein < DRK", "Stern < Jena", "Komet < DRK"}
	if got := rows(t, db, tree); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// The group comes back, the facility moves.
	must(t, db, ImportFacilities, strings.NewReplacer(`""group_0_3"": 0`, `""group_0_3"": 1`, "neu,AWO", "neu,Kirche").Replace(newer), Options{}, day1.AddDate(0, 2, 0))
	if got := rows(t, db, tree); !slices.Contains(got, "Krippe 1 < Sonne neu") || !slices.Contains(got, "Sonne neu < Kirche") {
		t.Errorf("got %q", got)
	}
}

func TestAnotherCity(t *testing.T) {
	db := openHouse(t)
	must(t, db, ImportFacilities, "city,source_id,name\nJena,a,Sonne\n", Options{}, day1)
	const file = "city,source_id,name\nLeipzig,a,Sonne\n"
	if _, err := bring(t, db, ImportFacilities, file, Options{SkipBad: true}, day1); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another city: %v", err)
	}
	nobody := func(int64) bool { return false }
	if _, err := bring(t, db, ImportFacilities, "city,source_id,name\nJena,b,Mond\n", Options{May: nobody}, day1); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a city of others: %v", err)
	}
	rep := must(t, db, ImportFacilities, file, Options{AddCity: true}, day1)
	want := []string{"Jena < ", "Sonne < Jena", "Leipzig < ", "Sonne < Leipzig"}
	if got := rows(t, db, tree); rep.City == 0 || !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestCityOfAHouseSetUpByHand(t *testing.T) {
	db := openHouse(t)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := org.Add(tx, org.Unit{Kind: org.City, Name: "Unsere Stadt"}, day1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	must(t, db, ImportFacilities, "city,source_id,name\nJena,a,Sonne\n", Options{}, day1)
	rep := must(t, db, ImportFacilities, "city,source_id,name\nJena,a,Sonne\n", Options{}, day1)
	want := []string{"Unsere Stadt < ", "Sonne < Unsere Stadt"}
	if got := rows(t, db, tree); rep.Same != 1 || !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add([]byte("city;source_id;name\nJena;a;\"x\"\"\n\"\n"))
	f.Add([]byte("\xff\xfec\x00"))
	f.Add([]byte("sep=\t\nname\tx\n\xe4\t\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tab, err := readTable(b, []string{"name"}, "name")
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Error(err)
			}
			return
		}
		last := 0
		for _, l := range tab.lines {
			if l.no <= last {
				t.Errorf("line %d after line %d", l.no, last)
			}
			last = l.no
			if v := l.get("name"); l.bad == "" && strings.ContainsFunc(v, text.Unreadable) {
				t.Errorf("line %d is readable: %q", l.no, v)
			}
		}
	})
}

func BenchmarkImportBerlin(b *testing.B) {
	file := realList(b, "berlin2023")
	for b.Loop() {
		b.StopTimer()
		db := openHouse(b)
		b.StartTimer()
		must(b, db, ImportFacilities, file, Options{}, day1)
	}
}
