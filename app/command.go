package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/account"
	"nestfunk/app/feature/checkup"
	"nestfunk/app/feature/intake"
	"nestfunk/app/feature/operation"
)

const fileLimit = 64 << 20

// A command is what the console asks of a house: of this process, or of the one that serves the folder.
type command struct {
	name, kind string
	with       []string // skip-bad, also of OParl; add-city; of pages also public and into=NAME, escaped as in an address
	input      []byte
	pages      *bundle.Source // of an import of pages or of OParl, in place of input
}

// run carries a command out, by whoever owns the folder.
func run(ctx context.Context, o Options, c command) (reply, error) {
	full, err := whole(o.Data)
	if err != nil {
		return reply{}, err
	}
	if _, err := os.Stat(full); errors.Is(err, fs.ErrNotExist) && c.name != "import" {
		return reply{}, fault.New(fault.Invalid, "Den Datenordner %s gibt es nicht. Mit --data geben Sie einen anderen an.", full)
	}
	dir, err := openFolder(full)
	if errors.Is(err, errBusy) {
		return ask(ctx, full, c)
	}
	if err != nil {
		return reply{}, err
	}
	defer dir.Close()
	base := dir.base()
	if base == "" {
		base = "http://localhost:8080"
	}
	u, err := url.Parse(base)
	if err != nil {
		return reply{}, err
	}
	a, err := open(ctx, o, dir, u)
	if err != nil {
		return reply{}, err
	}
	return a.obey(ctx, c), a.house.DB.Close()
}

// obey carries a command out in an open house.
func (a *App) obey(ctx context.Context, c command) reply {
	ctx = who.From(ctx, who.Console)
	var result any
	var err error
	switch c.name + "/" + c.kind {
	case "import/facilities":
		result, err = a.importing(ctx, c, intake.ImportFacilities)
	case "import/families":
		result, err = a.importing(ctx, c, intake.ImportFamilies)
	case "import/pages":
		result, err = a.importPages(ctx, c)
	case "import/oparl":
		result, err = a.importOParl(ctx, c)
	case "backup/":
		result, err = a.backUp(ctx, c.input)
	case "doctor/":
		result, err = a.examine(ctx)
	case "support/":
		err = a.house.DB.Read(ctx, func(tx *store.Tx) error {
			result, err = checkup.Collect(tx)
			return err
		})
	case "link/":
		err = a.house.DB.Write(ctx, func(tx *store.Tx) error {
			result, err = account.ConsoleLink(tx, a.house, string(c.input))
			return err
		})
	case "ready/": // whoever answers is
	default:
		err = fault.New(fault.Malformed, "Dieser Befehl ist hier nicht bekannt. Vielleicht ist der Server eine andere Version.")
	}
	p := reply{}
	if err != nil {
		if p = failed(err); p.Kind == fault.Internal {
			slog.Error("command failed", "command", c.name, "kind", c.kind, "err", err)
		}
	}
	if p.Result, err = json.Marshal(result); err != nil {
		return reply{Failed: err.Error()}
	}
	return p
}

type importer func(tx *store.Tx, file []byte, o intake.Options, now time.Time) (intake.Report, error)

func (a *App) importing(ctx context.Context, c command, f importer) (rep intake.Report, err error) {
	o := intake.Options{SkipBad: slices.Contains(c.with, "skip-bad"), AddCity: slices.Contains(c.with, "add-city")}
	err = a.house.DB.Write(ctx, func(tx *store.Tx) error {
		rep, err = f(tx, c.input, o, a.house.Now())
		if err != nil {
			return err
		}
		a.house.Rights(tx)
		return operation.Log(tx, a.house.Now(), 0, "import."+c.kind, 0)
	})
	return rep, err
}

// Folder is where commands look for a house unless they are told: ./data, or where there is none the folder of the service, as
// install makes it.
func Folder() string {
	const near, service = "./data", "/var/lib/nestfunk"
	if _, err := os.Stat(near); err == nil {
		return near
	}
	if _, err := os.Stat(service); err == nil {
		return service
	}
	return near
}

// A List is a file to be imported, as the console names it.
type List struct {
	Data    string `help:"Datenordner, sonst ${data}." default:"${data}" placeholder:"ORDNER"`
	File    string `arg:"" name:"DATEI" help:"CSV-Datei."`
	SkipBad bool   `help:"Falsche Zeilen auslassen. Sonst wird nichts übernommen, wenn eine Zeile falsch ist."`
	JSON    bool   `name:"json" help:"Den Bericht als JSON ausgeben."`
}

// Facilities and Families are the lists that a house takes.
type (
	Facilities struct {
		List
		AddCity bool `help:"Eine Stadt aufnehmen, die das Haus noch nicht hat."`
	}
	Families struct{ List }
)

// Help says what columns the list has.
func (Facilities) Help() string { return FacilitiesHelp }

// Help says what columns the list has.
func (Families) Help() string { return FamiliesHelp }

// Import reads a list into a house and prints what that did; kind is facilities or families.
// addCity: facilities may bring a city that the house does not have.
func Import(ctx context.Context, o Options, kind string, l List, addCity bool) error {
	b, err := read(l.File)
	if err != nil {
		return err
	}
	o.Data = l.Data
	c := command{name: "import", kind: kind, input: b}
	if l.SkipBad {
		c.with = append(c.with, "skip-bad")
	}
	if addCity {
		c.with = append(c.with, "add-city")
	}
	p, err := run(ctx, o, c)
	if err != nil {
		return err
	}
	var rep intake.Report
	if err := json.Unmarshal(p.Result, &rep); err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	if l.JSON {
		_, err = fmt.Fprintf(o.Out, "%s\n", p.Result)
	} else {
		_, err = io.WriteString(o.Out, told(rep, p.Failed != ""))
	}
	return errors.Join(p.err(), err)
}

// Link prints a link with which the owner of an address signs in, once.
func Link(ctx context.Context, o Options, data, mail string) error {
	o.Data = data
	p, err := run(ctx, o, command{name: "link", input: []byte(mail)})
	if err == nil {
		err = p.err()
	}
	if err != nil {
		return err
	}
	var link string
	if err := json.Unmarshal(p.Result, &link); err != nil {
		return fmt.Errorf("read the link: %w", err)
	}
	_, err = fmt.Fprintln(o.Out, link)
	return err
}

func failed(err error) reply { return reply{Failed: words(err), Kind: fault.KindOf(err)} }

func (p reply) err() error {
	if p.Failed == "" {
		return nil
	}
	if p.Kind == fault.Internal {
		return errors.New(p.Failed)
	}
	return fault.New(p.Kind, "%s", p.Failed)
}

func read(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Die Datei %s kann nicht gelesen werden: %s", file, fault.Cause(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, fileLimit+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "Die Datei %s kann nicht gelesen werden: %s", file, fault.Cause(err))
	}
	if len(b) > fileLimit {
		return nil, fault.New(fault.Invalid, "Die Datei %s ist zu groß.", file)
	}
	return b, nil
}

// told is a report for people.
func told(rep intake.Report, failed bool) string {
	var b strings.Builder
	if !failed {
		fmt.Fprintf(&b, "%d neu, %d geändert, %d unverändert, %d abgelehnt\n", rep.New, rep.Changed, rep.Same, len(rep.Refused))
	}
	for _, r := range rep.Refused {
		fmt.Fprintf(&b, "Zeile %d abgelehnt: %s\n", r.Line, r.Why)
	}
	if len(rep.Missing) > 0 {
		fmt.Fprintf(&b, "Nicht mehr in der Datei, aber unverändert im Haus (%d): %s\n", len(rep.Missing), strings.Join(rep.Missing, ", "))
	}
	for _, n := range rep.Notes {
		fmt.Fprintf(&b, "Hinweis: %s\n", n)
	}
	return b.String()
}

// words is what an operator may read of an error, in one line.
func words(err error) string {
	if fault.KindOf(err) == fault.Internal {
		return err.Error()
	}
	fields := fault.Fields(err)
	if len(fields) == 0 {
		return fault.Words(err)
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		all = append(all, fields[name])
	}
	return strings.Join(all, " ")
}

// Words is the sentence for an error that the program ends with.
func Words(err error) string { return strings.Join(strings.Fields(words(err)), " ") }
