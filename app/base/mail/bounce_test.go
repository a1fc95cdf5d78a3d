package mail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseBounce(t *testing.T) {
	ours := Bounce{MessageID: "17-6.0123456789abcdef@kita.example", Ref: "17-6", Recipient: "ada@example.com", Final: true, mark: "0123456789abcdef"}
	with := func(f func(b *Bounce)) *Bounce {
		b := ours
		f(&b)
		return &b
	}
	for file, want := range map[string]*Bounce{
		"postfix": with(func(b *Bounce) { b.MessageID, b.Status = "17-6.0123456789abcdef", "5.1.1" }),
		"postfix-delayed": with(func(b *Bounce) {
			b.Status, b.Final = "4.4.1", false
		}),
		"exchange":     with(func(b *Bounce) { b.MessageID, b.Status = "17-6.0123456789abcdef", "5.2.2" }),
		"exim":         &ours,
		"base64":       with(func(b *Bounce) { b.Status = "5.7.1" }),
		"holiday":      nil,
		"read-receipt": nil,
		"other-house":  {MessageID: "CAF8.a.letter.of.a.person@example.org", Recipient: "bob@example.com", Status: "5.1.1", Final: true},
	} {
		t.Run(file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", "bounce", file+".eml"))
			if err != nil {
				t.Fatal(err)
			}
			for name, raw := range map[string]string{"lf": string(raw), "crlf": strings.ReplaceAll(string(raw), "\n", "\r\n")} {
				got, ok := ParseBounce([]byte(raw))
				if ok != (want != nil) {
					t.Fatalf("%s: a report: %v", name, ok)
				}
				if want == nil {
					continue
				}
				if got.Why == "" {
					t.Errorf("%s: no reason", name)
				}
				got.Why = ""
				if got != *want {
					t.Errorf("%s:\n got %+v\nwant %+v", name, got, *want)
				}
			}
		})
	}
}

func TestWhy(t *testing.T) {
	for status, want := range map[string]string{
		"":      "Die Mail kam zurück.",
		"5.1.1": "gibt es nicht",
		"5.2.2": "voll",
		"5.7.1": "Sicherheitsgründen",
		"5.4.7": "mehrere Tage",
		"4.4.7": "mehrere Tage",
		"4.2.2": "noch nicht",
		"5.9.9": "kam zurück (5.9.9)",
	} {
		if got := why(status); !strings.Contains(got, want) {
			t.Errorf("%s: %s", status, got)
		}
	}
}

// Anybody may write to the mailbox.
func FuzzParseBounce(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "bounce", "*.eml"))
	if err != nil || len(files) == 0 {
		f.Fatal("no examples", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte("Content-Type: multipart/report; report-type=delivery-status; boundary=\r\n\r\n--\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, ok := ParseBounce(raw)
		switch {
		case !ok:
		case b.Ref != "" && (!refs.MatchString(b.Ref) || !marks.MatchString(b.mark)):
			t.Errorf("ref %q, mark %q", b.Ref, b.mark)
		case b.Recipient != "" && !Valid(b.Recipient):
			t.Errorf("recipient %q", b.Recipient)
		case b.Why == "" || b.Recipient == "" && b.MessageID == "":
			t.Errorf("says nothing: %+v", b)
		}
	})
}
