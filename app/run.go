package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"

	"nestfunk/app/base/fault"
	"nestfunk/assets"
)

// Demo serves the demonstration. Without a folder it makes one, and removes it at the end.
func Demo(ctx context.Context, o Options) (err error) {
	o.Demo = true
	slog.SetLogLoggerLevel(slog.LevelWarn) // what is on the screen are the words for the person before it
	if o.Data == "" {
		if o.Data, err = os.MkdirTemp("", "nestfunk-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Data)) }()
	}
	return Serve(ctx, o)
}

// furnished makes sure that there is something to show in a browser. In a source tree that lacks the built files it
// builds them, once.
func furnished(ctx context.Context) error {
	_, err := assets.Load()
	if !errors.Is(err, assets.ErrMissing) {
		return err
	}
	if _, err := os.Stat("assets/build/main.go"); err != nil {
		return fault.New(fault.Invalid, "In diesem Programm fehlen die Dateien für den Browser. Bitte bauen Sie es mit: go generate ./assets && go build .")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fault.New(fault.Invalid, "Zum Bauen der Dateien für den Browser fehlt Node.js mit npm. Bitte installieren Sie Node.js ab Version 20 (https://nodejs.org) und starten Sie noch einmal.")
	}
	if _, err := os.Stderr.WriteString("Die Dateien für den Browser werden einmal gebaut; das dauert etwa eine Minute …\n"); err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "go", "generate", "./assets")
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fault.New(fault.Invalid, "Die Dateien für den Browser konnten nicht gebaut werden (%v). Was fehlt, steht darüber.", err)
	}
	_, err = assets.Load()
	return err
}
