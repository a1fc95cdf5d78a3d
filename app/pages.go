package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/wiki"
)

// Pages is a folder or ZIP of Markdown to be imported, as the console names it.
type Pages struct {
	Data   string `help:"Datenordner, sonst ${data}." default:"${data}" placeholder:"ORDNER"`
	Source string `arg:"" name:"ORDNER|ZIP" help:"Markdown-Dateien, auch aus Obsidian, BookStack oder DokuWiki."`
	Into   string `help:"Einheit, deren Wissensspeicher die Seiten bekommt: Nummer oder genauer Name. Sonst die Stadt; ein leeres Haus bekommt eine." placeholder:"EINHEIT"`
	Public bool   `help:"Seiten, die nichts anderes sagen, sind öffentlich."`
	JSON   bool   `name:"json" help:"Den Bericht als JSON ausgeben."`
}

// ImportPages reads pages into the archive of a unit and prints what that did.
func ImportPages(ctx context.Context, o Options, p Pages) error {
	s, err := bundle.Open(p.Source)
	if err != nil {
		return err
	}
	o.Data = p.Data
	c := command{name: "import", kind: "pages", with: []string{"into=" + url.QueryEscape(p.Into)}, pages: s}
	if p.Public {
		c.with = append(c.with, "public")
	}
	answer, err := run(ctx, o, c)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	var rep wiki.Report
	if err := json.Unmarshal(answer.Result, &rep); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	if p.JSON {
		_, err = fmt.Fprintf(o.Out, "%s\n", answer.Result)
	} else if answer.Failed == "" {
		_, err = io.WriteString(o.Out, rep.Told())
	}
	return errors.Join(answer.err(), err)
}

// obeyPages carries out an import whose ZIP comes from another process. It may be larger than the memory.
func (a *App) obeyPages(ctx context.Context, c command, zip io.Reader) reply {
	f, err := a.house.Files.Temp()
	if err == nil {
		defer os.Remove(f.Name()) // else the next start does
		defer f.Close()
		var n int64
		if n, err = io.Copy(f, zip); err == nil {
			c.pages, err = bundle.Zip(f, n)
		}
	}
	if err != nil {
		return failed(err)
	}
	return a.obey(ctx, c)
}

func (a *App) importPages(ctx context.Context, c command) (rep wiki.Report, err error) {
	w := wiki.Writer{Board: true, Release: true, Public: slices.Contains(c.with, "public")}
	into := ""
	for _, x := range c.with {
		if name, ok := strings.CutPrefix(x, "into="); ok {
			if into, err = url.QueryUnescape(name); err != nil {
				return rep, err
			}
		}
	}
	var u org.Unit
	err = a.house.DB.Write(ctx, func(tx *store.Tx) error {
		city, err := a.house.Settings.Get(tx, settings.HouseName)
		if err != nil {
			return err
		}
		if city == "" {
			city = "Stadt"
		}
		u, err = wiki.Into(tx, into, city, a.house.Now())
		return err
	})
	if err != nil {
		return rep, err
	}
	if rep, err = wiki.Import(ctx, a.house, u, c.pages, w); err != nil {
		return rep, err
	}
	return rep, a.house.DB.Write(ctx, func(tx *store.Tx) error {
		a.house.Rights(tx) // there may be a first unit
		return operation.Log(tx, a.house.Now(), 0, "import.pages", u.ID)
	})
}
