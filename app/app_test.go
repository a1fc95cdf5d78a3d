package app

import (
	"errors"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/intake"
)

func TestFolderIsTakenOnce(t *testing.T) {
	dir := t.TempDir()
	d, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.setBase("https://kita.example.org"); err != nil {
		t.Fatal(err)
	}
	if _, err := openFolder(dir); !errors.Is(err, errBusy) {
		t.Errorf("taking it twice: %v", err)
	}
	if err := d.setBase("http://localhost:1"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := again.base(); got != "http://localhost:1" {
		t.Errorf("base %q", got)
	}
}

func TestReportForPeople(t *testing.T) {
	got := told(intake.Report{New: 1, Refused: []intake.Refusal{{Line: 3, Why: "Der Name fehlt."}}, Missing: []string{"A", "B"}, Notes: []string{"N"}}, false)
	want := "1 neu, 0 geändert, 0 unverändert, 1 abgelehnt\nZeile 3 abgelehnt: Der Name fehlt.\nNicht mehr in der Datei, aber unverändert im Haus (2): A, B\nHinweis: N\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := told(intake.Report{New: 1}, true); strings.Contains(got, "neu") {
		t.Errorf("a refused file tells what it has done: %q", got)
	}
}

// The operator's worries are told to whoever leads, and to nobody else.
func TestBannerIsForWhoLeads(t *testing.T) {
	h := apptest.New(t) // has no mail server
	for person, want := range map[int64]bool{apptest.Arno: true, apptest.Olga: true, apptest.Max: true, apptest.Hanna: true,
		apptest.Stefan: false, apptest.Ada: false, apptest.Former: false} {
		var words string
		err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			v, err := org.Viewer(tx, person, h.Now())
			words = banner(tx, h.House, v)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(words, "Mailserver") != want {
			t.Errorf("person %d reads %q", person, words)
		}
	}
}
