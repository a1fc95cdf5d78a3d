package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/metric"
	"nestfunk/app/base/org"
	"nestfunk/app/base/push"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/account"
	"nestfunk/app/feature/announcement"
)

// Options say which house is meant, and how it is reached.
type Options struct {
	Data   string // folder
	Listen string // address to serve at
	Base   string // public URL; "": http://localhost and the port
	Demo   bool
	Schema string // schema.sql
	Now    func() time.Time
	Out    io.Writer // for the operator
}

const (
	database = "nestfunk.db"
	index    = "index"         // may be deleted; never part of a backup
	patience = 8 * time.Second // with requests that still run when the house closes
)

// An App is an open house with its features.
type App struct {
	house    *house.House
	dir      *folder
	features []house.Feature
	nav      []web.NavItem
	people   *org.Viewers
	names    store.Keep[string, string] // the name of the house
	closing  chan struct{}              // closed when the house closes
}

// Serve opens the house and serves it until the context ends.
func Serve(ctx context.Context, o Options) error {
	if err := furnished(ctx); err != nil {
		return err
	}
	ln, base, err := reached(o) // first: who was called wrongly leaves no folder behind
	if err != nil {
		return err
	}
	defer ln.Close()
	dir, err := openFolder(o.Data)
	if errors.Is(err, errBusy) {
		return busy(o.Data)
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.check(o.Demo); err != nil {
		return err
	}
	if err := dir.setBase(base.String()); err != nil {
		return err
	}
	a, err := open(ctx, o, dir, base)
	if err != nil {
		return err
	}
	if err := a.furnish(ctx); err != nil {
		return errors.Join(err, a.house.DB.Close())
	}
	if err := a.serve(ctx, ln, o.Out); err != nil {
		return err // the database stays open: requests may still run, and SQLite survives the end of the process
	}
	return a.house.DB.Close()
}

// reached is where the house listens, and the address by which people know it.
func reached(o Options) (net.Listener, *url.URL, error) {
	if o.Base != "" {
		if _, err := baseURL(o.Base, nil); err != nil {
			return nil, nil, err
		}
	}
	ln, err := net.Listen("tcp", o.Listen)
	if err != nil {
		if occupied(o.Data) { // which is the better answer
			return nil, nil, busy(o.Data)
		}
		return nil, nil, fault.New(fault.Invalid, "Unter %s kann nicht gehört werden: %v. Mit --listen geben Sie eine andere Adresse an.", o.Listen, reason(err))
	}
	if o.Demo && !loopback(ln.Addr()) {
		return nil, nil, errors.Join(fault.New(fault.Invalid, "Eine Vorführung ist nur auf diesem Rechner erlaubt, zum Beispiel mit --listen 127.0.0.1:8080."), ln.Close())
	}
	base, err := baseURL(o.Base, ln.Addr())
	if err != nil {
		return nil, nil, errors.Join(err, ln.Close())
	}
	return ln, base, nil
}

// open makes the house of a folder, without features.
func open(ctx context.Context, o Options, dir *folder, base *url.URL) (*App, error) {
	key, err := settings.LoadKey(dir.dir)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, dir.file(database), o.Schema)
	if err != nil {
		return nil, err
	}
	h := &house.House{DB: db, Now: o.Now, Base: base, Live: live.New(), Tasks: task.New(db, o.Now), Settings: settings.New(key),
		Sessions: &web.Sessions{DB: db, Now: o.Now, Secure: base.Scheme == "https"}, Limits: &web.Limits{Now: o.Now},
		Search: search.New(db, dir.file(index)), Traffic: metric.NewTraffic(o.Now), Scratch: dir.file("scratch"), Demo: o.Demo, Version: Version()}
	h.Mail = &mail.SMTP{DB: db, Settings: h.Settings, Base: base, Now: o.Now}
	h.Push = push.New(db, h.Settings, base, o.Now)
	if err := h.Push.Prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare push messages: %w", err), db.Close())
	}
	h.SMS = sms.New(db, h.Settings, o.Now, announcement.Texted(o.Now))
	h.Files = files.New(db, h.Tasks, h.Settings, h.Limits, o.Now, dir.file("files"))
	a := newApp(h)
	a.dir = dir
	return a, nil
}

func newApp(h *house.House) *App {
	return &App{house: h, closing: make(chan struct{}), people: org.NewViewers(h.DB),
		names: store.Keep[string, string]{DB: h.DB, Tables: []string{"setting", "unit"}, Most: 1}}
}

// furnish makes the features.
func (a *App) furnish(ctx context.Context) (err error) {
	if a.house.Demo {
		if a.features, err = town(ctx, a.house, a.dir); err != nil {
			return err
		}
	} else {
		a.features = features(a.house, nil)
	}
	for _, f := range a.features {
		a.nav = append(a.nav, f.Nav...)
		for _, j := range f.Jobs {
			a.house.Tasks.Handle(j)
		}
		a.house.Search.Add(f.Search...)
	}
	for _, f := range a.features {
		if f.Begin == nil {
			continue
		}
		if err := f.Begin(ctx); err != nil {
			return fmt.Errorf("begin %s: %w", f.Name, err)
		}
	}
	return nil
}

// site is everything that can be asked for.
func (a *App) site() http.Handler {
	s := &web.Site{Viewer: a.viewer, Frame: a.frame, Mark: a.house.Live.Mark, Now: a.house.Now, Base: a.house.Base, Routes: []web.Route{
		web.Get("/gesund", who.Anyone, a.health),
		web.Stream("/strom", who.Present, a.stream),
	}}
	for _, f := range a.features {
		s.Routes = append(s.Routes, f.Routes...)
	}
	return a.house.Traffic.Watch("/strom", s.Handler())
}

// health tells a supervisor whether the house serves.
func (a *App) health(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	err := a.house.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := store.One(tx, store.Value[int], `SELECT count(*) FROM unit WHERE parent IS NULL`)
		return err
	})
	select {
	case <-a.closing:
		err = errors.New("Das Haus wird gerade geschlossen.")
	default:
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err != nil {
		slog.Error("not healthy", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintln(w, "Die Datenbank antwortet nicht.") // whoever asked has gone
		return nil
	}
	_, _ = fmt.Fprintln(w, "ok")
	return nil
}

// serve runs everything until the context ends, and then lets what runs come to its end.
func (a *App) serve(ctx context.Context, ln net.Listener, out io.Writer) error {
	stop, err := a.control()
	if err != nil {
		return err
	}
	defer stop()
	work, rest := context.WithCancel(context.WithoutCancel(ctx))
	defer rest()
	var workers sync.WaitGroup
	workers.Go(func() { a.house.Tasks.Run(work) })
	workers.Go(func() { a.flush(work) })
	workers.Go(func() { a.house.Search.Run(work) })
	if g, ok := a.house.SMS.(*sms.Gateway); ok { // not in a demonstration
		workers.Go(func() { g.Run(work) })
	}

	srv := &http.Server{Handler: a.site(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ReadTimeout: 5 * time.Minute, // 32 MB over a slow line; no deadline for writing, since streams stay open
		ErrorLog:    slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
	srv.RegisterOnShutdown(func() { close(a.closing) })
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	if err := a.greet(ctx, out); err != nil {
		return err
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err = srv.Shutdown(end)
	rest()
	workers.Wait()
	if err != nil {
		return fmt.Errorf("requests still run after %s: %w", patience, errors.Join(err, srv.Close()))
	}
	return a.house.Sessions.Flush(context.WithoutCancel(ctx))
}

// greet tells the operator where the house is, and how to come in the first time.
func (a *App) greet(ctx context.Context, out io.Writer) error {
	lines := "Nestfunk ist bereit: " + a.house.Base.String() + "\n"
	if a.house.Demo {
		lines += "Vorführung mit erfundenen Menschen. Strg+C beendet sie.\n"
	} else {
		err := a.house.DB.Write(ctx, func(tx *store.Tx) error {
			link, ok, err := account.FirstLink(tx, a.house)
			if ok {
				lines += "Noch kann sich niemand vom Betrieb anmelden. Dieser Link gilt 60 Minuten und einmal:\n" + link + "\n"
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err := io.WriteString(out, lines)
	return err
}

// flush notes now and then which sessions are in use.
func (a *App) flush(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.house.Sessions.Flush(ctx); err != nil && ctx.Err() == nil {
				slog.Error("flush sessions", "err", err)
			}
		}
	}
}

// baseURL is where people reach the house.
func baseURL(base string, at net.Addr) (*url.URL, error) {
	if base == "" {
		if !loopback(at) {
			return nil, fault.New(fault.Invalid, "Wer von außen erreichbar sein soll, braucht mit --base seine öffentliche Adresse, zum Beispiel --base https://kita.example.org.")
		}
		_, port, err := net.SplitHostPort(at.String())
		if err != nil {
			return nil, err
		}
		return &url.URL{Scheme: "http", Host: "localhost:" + port}, nil // passkeys refuse addresses
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost") {
		return nil, fault.New(fault.Invalid, "--base ist die öffentliche Adresse ohne Pfad und beginnt mit https://, zum Beispiel https://kita.example.org.")
	}
	host := strings.ToLower(u.Host) // as browsers write it
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	return &url.URL{Scheme: u.Scheme, Host: host}, nil
}

func loopback(a net.Addr) bool {
	ap, err := netip.ParseAddrPort(a.String())
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

// reason is what is wrong with an address, without the address.
func reason(err error) error {
	if s, ok := errors.AsType[*os.SyscallError](err); ok {
		return s.Err
	}
	if o, ok := errors.AsType[*net.OpError](err); ok {
		return o.Err
	}
	return err
}

// Version names the source that the program was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unbekannt"
	}
	value := func(key string) string {
		i := slices.IndexFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == key })
		if i < 0 {
			return ""
		}
		return info.Settings[i].Value
	}
	v := value("vcs.revision")
	if len(v) > 12 {
		v = v[:12]
	}
	if v == "" {
		v = "unbekannt"
	}
	if value("vcs.modified") == "true" {
		v += "+"
	}
	return v
}
