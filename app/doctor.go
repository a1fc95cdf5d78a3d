package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/backup"
	"nestfunk/app/feature/checkup"
)

// A Doctor is the order to look whether a house can do its work.
type Doctor struct {
	Data string `help:"Datenordner, sonst ${data}." default:"${data}" placeholder:"ORDNER"`
	JSON bool   `name:"json" help:"Das Ergebnis als JSON ausgeben."`
}

// unwell ends a report whose lines tell the rest.
const unwell = "Es gibt Fehler. Was zu tun ist, steht in den Zeilen, die mit Fehler beginnen."

// Examine looks at a house, which may be serving meanwhile, and prints what it found. What is broken is an error.
func Examine(ctx context.Context, o Options, c Doctor) error {
	o.Data = c.Data
	r, err := examined(ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(o.Out, "%s\n", b)
	} else {
		_, err = io.WriteString(o.Out, r.Text())
	}
	if err == nil && !r.Good {
		err = fault.New(fault.Conflict, unwell)
	}
	return err
}

// examined is the report on the house of a folder. A house that cannot be opened is a finding, too.
func examined(ctx context.Context, o Options) (r checkup.Report, err error) {
	if err := inhabited(o.Data); err != nil {
		return r, err
	}
	p, err := run(ctx, o, command{name: "doctor"})
	if err != nil {
		slog.Error("the house cannot be opened", "err", err)
		words := "Es lässt sich nicht öffnen. Bitte holen Sie mit nestfunk restore die letzte Sicherung in einen neuen Ordner."
		if fault.KindOf(err) != fault.Internal {
			words = fault.Words(err)
		}
		return checkup.Report{At: o.Now(), Findings: []checkup.Finding{{Name: "house", Title: "Haus", State: checkup.Broken, Words: words}}}, nil
	}
	if err == nil {
		err = p.err()
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(p.Result, &r); err != nil {
		return r, fmt.Errorf("read the report: %w", err)
	}
	return r, nil
}

// inhabited refuses a folder without a house, so that whoever only looks makes none.
func inhabited(data string) error {
	full, err := whole(data)
	if err != nil {
		return err
	}
	if _, err := os.Stat(full); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Invalid, "Den Datenordner %s gibt es nicht. Mit --data geben Sie einen anderen an.", full)
	}
	if _, err := os.Stat(filepath.Join(full, database)); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Invalid, "Im Ordner %s liegt kein Haus. Mit --data geben Sie einen anderen an.", full)
	}
	return nil
}

// examine looks at an open house.
func (a *App) examine(ctx context.Context) (checkup.Report, error) {
	return checkup.Examine(ctx, a.house, checkedBy(a.house, a.state()), a.serves())
}

// serves reports whether this process serves the house, rather than having opened it for one command.
func (a *App) serves() bool { return len(a.features) > 0 }

// state tells how old the last backup is.
func (a *App) state() func(*store.Tx) (backup.State, error) {
	_, state := backup.New(a.house, backup.Wires{})
	return state
}
