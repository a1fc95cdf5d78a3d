package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/disk"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/checkup"
	"nestfunk/app/feature/operation"
)

// refuse is what somebody is told who wants to change something while the disk does not take it.
func (a *App) refuse(path string) error {
	if s, _ := a.house.Disk.State(); s == disk.Full && urgent(path) {
		return nil
	}
	return a.house.Disk.Refuse()
}

// urgent reports whether a change is made on a full disk, too, as long as the reserve lasts: who comes and goes, what is
// removed, with the proof of who removes it, and which children are here.
func urgent(route string) bool {
	return route == "/anmelden" || strings.HasPrefix(route, "/anmelden/") || strings.HasPrefix(route, "/konto/nachweis") ||
		slices.Contains([]string{"/l/:token", "/i", "/jugend/zurueck", "/konto/abmelden", "/konto/geraet", "/konto/geraete", "/tagesliste/:id",
			"/seite/:id/dateien", "/betrieb/pruefung", "/loeschung/:id/vorlegen", "/loeschung/:id/freigeben"}, route) ||
		slices.Contains([]string{"entfernen", "loeschen", "verwerfen", "streichen", "verlassen"}, path.Base(route))
}

// trouble is what is wrong with the house although it serves; "": nothing.
func (a *App) trouble() string {
	switch s, _ := a.house.Disk.State(); {
	case s == disk.Full:
		return "Der Speicher ist voll."
	case a.damaged():
		return "Die Datenbank ist beschädigt."
	case s == disk.Stuck || a.house.DB.Lost() != nil:
		return "Der Speicher nimmt nichts an."
	}
	return ""
}

// damaged reports whether damage of the database was found and nobody has seen to it.
func (a *App) damaged() bool {
	return a.dir != nil && len(checkup.Damage(a.dir.dir)) > 0 // in tests there is no folder
}

// watch looks at the disk until the context ends, and writes to the operators when it is full.
func (a *App) watch(ctx context.Context) {
	if a.house.Disk == nil {
		return
	}
	full := make(chan struct{}, 1)
	a.house.Disk.Told(func(s disk.State) { // by whoever writes just now: it must not wait
		if s != disk.Full {
			return // on a disk that takes nothing no mail can be noted either
		}
		select {
		case full <- struct{}{}:
		default:
		}
	})
	var look sync.WaitGroup
	defer look.Wait()
	look.Go(func() { a.house.Disk.Run(ctx) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-full:
		}
		err := a.house.DB.Write(ctx, func(tx *store.Tx) error { return operation.Warn(a.house)(tx, fullWords) })
		if err != nil && ctx.Err() == nil {
			slog.Error("nobody is told that the disk is full", "err", err)
		}
	}
}

const fullWords = "Der Speicher des Servers ist voll. Lesen, Anmelden, Abmelden und Löschen gehen weiter, anderes wird nicht mehr gespeichert. " +
	"Bitte machen Sie Platz; dann geht alles von selbst weiter."

// farewell is how long answers that are on their way may take when the house ends because of its disk.
const farewell = time.Second

// lost is closed when the house has to be opened anew, since the disk has refused a sync. As long as the disk refuses
// every write, opening it would fail: then people go on reading.
func (a *App) lost(ctx context.Context) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			return
		case <-a.house.DB.Losing():
		}
		if a.house.Disk != nil {
			a.house.Disk.Look()
		}
		tick := time.NewTicker(farewell)
		defer tick.Stop()
		for {
			if s, _ := a.house.Disk.State(); s != disk.Stuck {
				close(gone)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return gone
}

// leave ends the house after a failed sync, with an error, so that a supervisor opens it anew.
func (a *App) leave(ctx context.Context, srv *http.Server) error {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err := srv.Shutdown(end)
	return errors.Join(fault.New(fault.Full, "Die Platte hat das Sichern von Daten verweigert. Das Haus endet, damit nichts als gespeichert gilt, was es nicht ist. Bitte prüfen Sie die Platte (dmesg) und starten Sie es neu."), a.house.DB.Lost(), err)
}
