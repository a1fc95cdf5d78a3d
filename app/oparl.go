package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"nestfunk/app/base/store"
	"nestfunk/app/feature/oparl"
	"nestfunk/app/feature/operation"
)

// OParl is a folder or file of objects to be imported, as the console names it.
type OParl struct {
	Data    string `help:"Datenordner, sonst ${data}." default:"${data}" placeholder:"ORDNER"`
	Source  string `arg:"" name:"DATEI|ORDNER|ZIP" help:"Objekte nach OParl 1.1 oder 1.0 als .json oder .jsonl."`
	SkipBad bool   `help:"Falsche Objekte auslassen. Sonst wird nichts übernommen, wenn ein Objekt falsch ist."`
	JSON    bool   `name:"json" help:"Den Bericht als JSON ausgeben."`
}

// Help says what can be imported.
func (OParl) Help() string { return OParlHelp }

// ImportOParl reads objects of a council information system into a house and prints what that did.
func ImportOParl(ctx context.Context, o Options, p OParl) error {
	s, err := oparl.Open(p.Source)
	if err != nil {
		return err
	}
	o.Data = p.Data
	c := command{name: "import", kind: "oparl", pages: s}
	if p.SkipBad {
		c.with = append(c.with, "skip-bad")
	}
	answer, err := run(ctx, o, c)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	var rep oparl.Report
	if err := json.Unmarshal(answer.Result, &rep); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	if p.JSON {
		_, err = fmt.Fprintf(o.Out, "%s\n", answer.Result)
	} else {
		_, err = io.WriteString(o.Out, rep.Told(answer.Failed != ""))
	}
	return errors.Join(answer.err(), err)
}

func (a *App) importOParl(ctx context.Context, c command) (oparl.Report, error) {
	rep, err := oparl.Import(ctx, a.house, c.pages, oparl.Options{SkipBad: slices.Contains(c.with, "skip-bad")})
	if err != nil {
		return rep, err
	}
	return rep, a.house.DB.Write(ctx, func(tx *store.Tx) error {
		a.house.Rights(tx) // there may be a first unit
		return operation.Log(tx, a.house.Now(), 0, "import.oparl", 0)
	})
}
