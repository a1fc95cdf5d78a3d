package calendar

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEaster(t *testing.T) {
	for year, want := range map[int]string{1818: "03-22", 1943: "04-25", 1954: "04-18", 1981: "04-19", 2000: "04-23", 2008: "03-23", 2011: "04-24",
		2024: "03-31", 2025: "04-20", 2026: "04-05", 2038: "04-25", 2049: "04-18", 2076: "04-19"} {
		if got := Easter(year).Format("01-02"); got != want {
			t.Errorf("Easter of %d is %s", year, got)
		}
	}
}

// TestHolidays compares with the lists of Open Holidays API for all Länder.
func TestHolidays(t *testing.T) {
	b, err := os.ReadFile(shared + "ics-tools/json/public_holidays_de.json")
	if err != nil {
		t.Skip("../shared/data is not here: the holidays of all Länder were not compared")
	}
	var list struct {
		Holidays []struct {
			Name      string
			StartDate string
			States    []string
		}
	}
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	want, years := map[string][]string{}, map[int]bool{}
	for _, h := range list.Holidays {
		d, ok := Day(h.StartDate)
		if !ok {
			t.Fatalf("no day: %q", h.StartDate)
		}
		years[d.Year()] = true
		for _, s := range h.States {
			want[s] = append(want[s], h.StartDate)
		}
	}
	for _, l := range Lands() {
		var got []string
		for year := range years {
			for _, h := range Holidays(l.Code, year) {
				got = append(got, h.Day.Format(time.DateOnly))
			}
		}
		slices.Sort(got)
		slices.Sort(want[l.Code])
		have := slices.Compact(want[l.Code])
		for _, d := range got {
			if !slices.Contains(have, d) {
				t.Errorf("%s: %s is none there", l.Code, d)
			}
		}
		for _, d := range have {
			if l.Code == "BY" && strings.HasSuffix(d, "-08-15") {
				continue // in most places of Bavaria, not in all
			}
			if !slices.Contains(got, d) {
				t.Errorf("%s: %s is missing", l.Code, d)
			}
		}
	}
	t.Logf("%d entries of %d years", len(list.Holidays), len(years))
}

// TestHolidayFiles reads 617 events of three Länder, and compares those of public holidays.
func TestHolidayFiles(t *testing.T) {
	files, err := filepath.Glob(shared + "ics-tools/Fe*/*.ics")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("../shared/data is not here: 617 events were not read")
	}
	lands := map[string]string{"berlin": "BE", "sachsen": "SN", "thüringen": "TH"}
	n := 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, problems, err := Read(b, zone)
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", name, problems, err)
		}
		n += len(c.Events)
		land := lands[strings.TrimSuffix(filepath.Base(name), ".ics")]
		for _, e := range c.Events {
			if !e.AllDay || !e.End.After(e.Start) || e.UID == "" || strings.ContainsAny(e.UID, " \r\n") || !e.Free {
				t.Errorf("%s: %+v", name, e)
			}
			if !strings.Contains(name, "Feiertage") {
				continue
			}
			if !slices.ContainsFunc(Holidays(land, e.Start.Year()), func(h Holiday) bool { return h.Day.Equal(e.Start) && h.Name == e.Title }) {
				t.Errorf("%s: no %s on %s", land, e.Title, e.Start.Format(time.DateOnly))
			}
		}
	}
	if n != 617 {
		t.Errorf("%d events", n)
	}
}
