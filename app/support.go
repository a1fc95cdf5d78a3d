package app

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/feature/checkup"
)

// A Support is the order to make a file for whoever helps.
type Support struct {
	Data string `help:"Datenordner, sonst ${data}." default:"${data}" placeholder:"ORDNER"`
	To   string `help:"ZIP-Datei, die es noch nicht gibt." required:"" placeholder:"DATEI"`
	Yes  bool   `help:"Ohne Rückfrage speichern."`
}

// MakeSupport shows what whoever helps would read, and saves it when the operator agrees. Nothing in it names a person.
func MakeSupport(ctx context.Context, o Options, c Support, in io.Reader) error {
	if _, err := os.Lstat(c.To); err == nil {
		return fault.New(fault.Invalid, "Die Datei %s gibt es schon. Bitte geben Sie mit --to eine neue an.", c.To)
	}
	o.Data = c.Data
	r, err := examined(ctx, o)
	if err != nil {
		return err
	}
	parts := []part{{"version.txt", fmt.Sprintf("nestfunk %s\n%s %s/%s\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)}, {"pruefung.txt", r.Anonymous().Text()}}
	p, err := run(ctx, o, command{name: "support"})
	switch {
	case err != nil: // a house that cannot be opened; the report says so
	case p.err() != nil:
		return p.err()
	default:
		var f checkup.Figures
		if err := json.Unmarshal(p.Result, &f); err != nil {
			return fmt.Errorf("read the figures: %w", err)
		}
		parts = append(parts, part{"einstellungen.txt", strings.Join(f.Settings, "\n") + "\n"}, part{"tabellen.txt", f.Tables()}, part{"aufgaben.txt", f.Tasks()})
	}
	for _, p := range parts {
		if _, err := fmt.Fprintf(o.Out, "=== %s\n%s", p.name, p.text); err != nil {
			return err
		}
	}
	if !c.Yes {
		if _, err := fmt.Fprintf(o.Out, "Das ist alles, was in %s stehen wird. Speichern? (j/n) ", c.To); err != nil {
			return err
		}
		if line := bufio.NewScanner(in); !line.Scan() || strings.ToLower(strings.TrimSpace(line.Text())) != "j" {
			_, err := io.WriteString(o.Out, "Nichts gespeichert.\n")
			return err
		}
	}
	if err := pack(c.To, parts); err != nil {
		return fault.New(fault.Invalid, "Die Datei %s kann nicht geschrieben werden: %s", c.To, fault.Cause(err))
	}
	_, err = fmt.Fprintf(o.Out, "Gespeichert in %s.\n", c.To)
	return err
}

// part is a text within the file.
type part struct{ name, text string }

// pack writes a new file that only its owner reads; what does not come to its end is removed.
func pack(name string, parts []part) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(name) // the error is already there
		}
	}()
	z := zip.NewWriter(f)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, p.text); err != nil {
			return err
		}
	}
	return z.Close()
}
