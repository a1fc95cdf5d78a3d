package app

import (
	"errors"
	"net"
	"strings"
	"testing"

	"nestfunk/app/feature/intake"
)

func TestBaseURL(t *testing.T) {
	for _, c := range []struct{ base, at, want string }{
		{"", "127.0.0.1:8080", "http://localhost:8080"},
		{"", "[::1]:99", "http://localhost:99"},
		{"", "0.0.0.0:8080", ""},
		{"", "192.0.2.1:8080", ""},
		{"https://Kita.Example.org/", "0.0.0.0:80", "https://kita.example.org"},
		{"https://kita.example.org:443", "127.0.0.1:80", "https://kita.example.org"},
		{"https://kita.example.org:8443", "127.0.0.1:80", "https://kita.example.org:8443"},
		{"http://localhost:9000", "127.0.0.1:80", "http://localhost:9000"},
		{"http://kita.example.org", "127.0.0.1:80", ""},
		{"https://kita.example.org/haus", "127.0.0.1:80", ""},
		{"https://u:p@kita.example.org", "127.0.0.1:80", ""},
		{"https://kita.example.org?a=b", "127.0.0.1:80", ""},
		{"kita.example.org", "127.0.0.1:80", ""},
		{"ftp://kita.example.org", "127.0.0.1:80", ""},
		{"https://", "127.0.0.1:80", ""},
		{"\x00", "127.0.0.1:80", ""},
	} {
		at, err := net.ResolveTCPAddr("tcp", c.at)
		if err != nil {
			t.Fatal(err)
		}
		u, err := baseURL(c.base, at)
		if c.want == "" && err == nil || c.want != "" && (err != nil || u.String() != c.want) {
			t.Errorf("baseURL(%q, %s) = %v, %v; want %q", c.base, c.at, u, err, c.want)
		}
	}
}

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
