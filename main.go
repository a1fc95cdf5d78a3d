// Command nestfunk serves a house: families, Kitas, carriers and the city in one place.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"nestfunk/app"
	"nestfunk/app/base/front"

	"github.com/alecthomas/kong"
)

//go:embed schema.sql
var schema string

type commands struct {
	Demo struct {
		Data   string `help:"Ordner der Vorführung. Ohne Angabe ein neuer, der am Ende verschwindet." placeholder:"ORDNER"`
		Listen string `help:"Adresse auf diesem Rechner, sonst 127.0.0.1:8080." default:"127.0.0.1:8080" placeholder:"ADRESSE"`
	} `cmd:"" help:"Eine Stadt mit erfundenen Menschen ausprobieren."`
	Serve struct {
		Data string `help:"Datenordner, sonst ./data." default:"./data" placeholder:"ORDNER" env:"NESTFUNK_DATA"`
		front.Flags
	} `cmd:"" help:"Das Haus betreiben."`
	Import struct {
		Facilities app.Facilities `cmd:"" help:"Einrichtungen mit Trägern und Gruppen einlesen."`
		Families   app.Families   `cmd:"" help:"Kinder und Sorgeberechtigte einlesen."`
		Pages      app.Pages      `cmd:"" help:"Seiten für den Wissensspeicher einlesen: einen Ordner oder eine ZIP-Datei."`
		OParl      app.OParl      `cmd:"" name:"oparl" help:"Ratsinformationen (OParl) einlesen: eine Datei, einen Ordner oder eine ZIP-Datei."`
	} `cmd:"" help:"Listen einlesen."`
	Backup  app.Backup  `cmd:"" help:"Eine Sicherung machen, auch während das Haus läuft."`
	Restore app.Restore `cmd:"" help:"Ein Haus aus einer Sicherung wiederherstellen."`
	Link    struct {
		Data string `help:"Datenordner, sonst ${data}." default:"${data}" placeholder:"ORDNER"`
		Mail string `arg:"" name:"MAIL" help:"Adresse, mit der sich die Person anmeldet."`
	} `cmd:"" help:"Einen Link zum Anmelden ausgeben: gilt einmal und 60 Minuten."`
	Doctor  app.Doctor  `cmd:"" help:"Prüfen, ob das Haus arbeiten kann, auch während es läuft."`
	Support app.Support `cmd:"" help:"Eine Datei ohne Personendaten für die machen, die helfen."`
	Install app.Install `cmd:"" help:"Auf Debian als Dienst einrichten."`
	Version struct{}    `cmd:"" help:"Die Version ausgeben."`
}

// main ends with 0 when it is done, 1 when it has failed, 2 when it was used wrongly.
func main() {
	if code, ok := app.Hidden(os.Args[1:], os.Stdin, os.Stdout); ok { // the child process that reads files
		os.Exit(code)
	}
	var c commands
	k := kong.Must(&c, kong.Name("nestfunk"), kong.Description("Familien, Kitas, Träger und Stadt in einem Haus."), kong.Help(help), kong.Vars{"data": app.Folder()})
	line, err := k.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "nestfunk:", app.German(err.Error())+". Hilfe gibt: nestfunk --help")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	o := app.Options{Schema: schema, Now: time.Now, Out: os.Stdout}
	switch name := line.Selected().Name; name {
	case "demo":
		o.Data, o.Front.Listen = c.Demo.Data, c.Demo.Listen
		err = app.Demo(ctx, o)
	case "serve":
		o.Data, o.Front = c.Serve.Data, c.Serve.Flags
		err = app.Serve(ctx, o)
	case "facilities":
		err = app.Import(ctx, o, name, c.Import.Facilities.List, c.Import.Facilities.AddCity)
	case "families":
		err = app.Import(ctx, o, name, c.Import.Families.List, false)
	case "pages":
		err = app.ImportPages(ctx, o, c.Import.Pages)
	case "oparl":
		err = app.ImportOParl(ctx, o, c.Import.OParl)
	case "backup":
		err = app.MakeBackup(ctx, o, c.Backup)
	case "restore":
		err = app.RestoreBackup(ctx, o, c.Restore, os.Stdin)
	case "install":
		var self string
		if self, err = os.Executable(); err == nil {
			err = app.SetUp(ctx, o, c.Install, os.Geteuid() == 0, self)
		}
	case "doctor":
		err = app.Examine(ctx, o, c.Doctor)
	case "support":
		err = app.MakeSupport(ctx, o, c.Support, os.Stdin)
	case "link":
		err = app.Link(ctx, o, c.Link.Data, c.Link.Mail)
	case "version":
		fmt.Println("nestfunk", app.Version())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nestfunk:", app.Words(err))
		os.Exit(app.Code(err))
	}
}

// help is kong's, in German.
func help(o kong.HelpOptions, line *kong.Context) error {
	out, b := line.Stdout, &bytes.Buffer{}
	line.Stdout = b
	err := kong.DefaultHelpPrinter(o, line)
	line.Stdout = out
	fmt.Fprint(out, app.German(b.String()))
	return err
}
