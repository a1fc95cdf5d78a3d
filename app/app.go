package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nestfunk/app/base/catalogue"
	"nestfunk/app/base/clock"
	"nestfunk/app/base/disk"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/front"
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
	"nestfunk/app/feature/operation"
)

// Options say which house is meant, and how it is reached.
type Options struct {
	Data   string // folder
	Front  front.Flags
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
	open     atomic.Bool                // its questions were answered
	closing  chan struct{}              // closed when the house closes
	srv      *http.Server
	served   chan error
	shown    atomic.Pointer[http.Handler] // to whoever asks
}

// Serve opens the house and serves it until the context ends.
func Serve(ctx context.Context, o Options) error {
	if err := furnished(ctx); err != nil {
		return err
	}
	door, err := reached(o) // first: who was called wrongly leaves no folder behind
	if err != nil {
		return err
	}
	defer door.Close()
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
	if err := dir.setBase(door.Base.String()); err != nil {
		return err
	}
	a, err := open(ctx, o, dir, door.Base)
	if err != nil {
		return err
	}
	a.house.Issuer = door.Authority()
	if o.Demo { // who opens it sees at once that there will be something
		a.show(soon(a.house))
		if err := a.listen(ctx, door); err != nil {
			return errors.Join(err, a.house.DB.Close())
		}
	}
	if err := a.furnish(ctx); err != nil {
		if ctx.Err() != nil { // somebody ends it while a town is made
			err = nil
		}
		return errors.Join(err, a.srv.Close(), a.house.DB.Close())
	}
	if err := a.serve(ctx, door, o.Out); err != nil {
		return err // the database stays open: requests may still run, and SQLite survives the end of the process
	}
	return a.house.DB.Close()
}

// errMisused marks the error of whoever has called the program wrongly.
var errMisused = errors.New("called wrongly")

func misused(err error) error { return fmt.Errorf("%w (%w)", err, errMisused) }

// Code is with what the program ends: 1 when it has failed, 2 when it was called wrongly.
func Code(err error) int {
	if errors.Is(err, errMisused) {
		return 2
	}
	return 1
}

// reached opens the addresses of the house.
func reached(o Options) (*front.Door, error) {
	if o.Demo && !o.Front.Local() {
		return nil, misused(fault.New(fault.Invalid, "Eine Vorführung ist nur auf diesem Rechner erlaubt, zum Beispiel mit --listen 127.0.0.1:8080."))
	}
	plan, err := o.Front.Check()
	if err != nil {
		return nil, misused(err)
	}
	door, err := plan.Open()
	if r, ok := errors.AsType[*front.Refused](err); ok {
		if occupied(o.Data) { // which is the better answer
			return nil, busy(o.Data)
		}
		return nil, fault.New(fault.Invalid, "Unter %s nimmt das Haus nichts an: %s. Mit %s geben Sie eine andere Adresse an.", r.Address, fault.Cause(r.Err), r.Flag)
	}
	return door, err
}

// open makes the house of a folder, without features.
func open(ctx context.Context, o Options, dir *folder, base *url.URL) (*App, error) {
	key, err := settings.LoadKey(dir.dir)
	if err != nil {
		return nil, err
	}
	var hard *disk.Disk // a demonstration comes without a reserve
	connect := store.OpenLoose
	if !o.Demo {
		hard = disk.Open(dir.dir) // first: it makes room where there is none
		connect = store.Open
	}
	db, err := connect(ctx, dir.file(database), o.Schema)
	if err != nil {
		return nil, err
	}
	if db.Earlier != "" {
		slog.Info("Die Datenbank wurde auf den Stand dieser Version gebracht.", "Kopie von vorher", db.Earlier)
	}
	db.Trouble(hard.Trouble)
	h := &house.House{DB: db, Now: o.Now, Base: base, Live: live.New(), Tasks: task.New(db, o.Now), Settings: settings.New(key),
		Sessions: &web.Sessions{DB: db, Now: o.Now, Secure: base.Scheme == "https"}, Limits: &web.Limits{Now: o.Now},
		Disk: hard, Search: search.New(db, dir.file(index)), Traffic: metric.NewTraffic(o.Now), Scratch: dir.file("scratch"), Demo: o.Demo, Version: Version()}
	h.Catalogue, _ = catalogue.Parse(o.Schema) // a house test wants nothing to be wrong
	if !o.Demo {                               // a demonstration is of the day on which it was made
		h.Clock = &clock.Guard{DB: db, Settings: h.Settings, Now: o.Now, Synced: clock.Synced, Warn: operation.Warn(h)}
		h.Tasks.Held = h.Clock.Held
	}
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
	a := &App{house: h, closing: make(chan struct{}), people: org.NewViewers(h.DB),
		names:  store.Keep[string, string]{DB: h.DB, Tables: []string{"setting", "unit"}, Most: 1},
		served: make(chan error, 1)}
	a.srv = &http.Server{Handler: a, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ReadTimeout:  5 * time.Minute,  // 32 MB over a slow line; base/web asks for a pace besides
		WriteTimeout: 10 * time.Minute, // from the head of a request on; streams and files have none
		ConnState:    newCrowd(mayOpen()).state,
		ErrorLog:     slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
	a.srv.RegisterOnShutdown(func() { close(a.closing) })
	return a
}

// ServeHTTP answers with what is shown now.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*a.shown.Load()).ServeHTTP(w, r) }

func (a *App) show(h http.Handler) { a.shown.Store(&h) }

// listen begins to answer.
func (a *App) listen(ctx context.Context, door *front.Door) error {
	if err := door.Begin(ctx, a.dir.file("tls")); err != nil {
		return err
	}
	a.srv.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) } // what a request does, it does to its end
	go func() { a.served <- door.Serve(a.srv) }()
	return nil
}

// soon is what stands before a house until its features are there.
func soon(h *house.House) http.Handler {
	s := &web.Site{Now: h.Now, Base: h.Base, Mark: h.Live.Mark, Soon: "Eine Stadt mit Kitas, Familien und einem Jahr Geschichte entsteht.",
		Viewer: func(*http.Request) (who.Viewer, error) { return who.Viewer{}, nil },
		Frame:  func(*http.Request, who.Viewer) (web.Frame, error) { return web.Frame{}, nil },
		Shut:   func(context.Context) (bool, error) { return true, nil }}
	return s.Handler()
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
	s := &web.Site{Viewer: a.viewer, Frame: a.frame, Mark: a.house.Live.Mark, Shut: a.shut, Now: a.house.Now, Base: a.house.Base, Refuse: a.refuse, Routes: []web.Route{
		web.Early(web.Get("/gesund", who.Whoever, a.health)),
		web.Stream("/strom", who.Present|who.Of(who.Tablet), a.stream),
	}}
	for _, f := range a.features {
		s.Routes = append(s.Routes, f.Routes...)
		if f.Confirm != nil {
			s.Confirm = f.Confirm
		}
	}
	return a.house.Traffic.Watch("/strom", s.Handler())
}

// shut reports whether nobody has answered yet what a new house asks.
func (a *App) shut(ctx context.Context) (shut bool, err error) {
	if a.open.Load() {
		return false, nil
	}
	err = a.house.DB.Read(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		shut, err = account.Unanswered(tx, a.house.Settings)
		return err
	})
	if err == nil && !shut {
		a.open.Store(true)
	}
	return shut, err
}

// health tells a supervisor whether the house serves.
func (a *App) health(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	err := a.house.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := store.One(tx, store.Value[int], `SELECT count(*) FROM unit WHERE parent IS NULL`)
		return err
	})
	why := "Die Datenbank antwortet nicht."
	select {
	case <-a.closing:
		why = "Das Haus wird gerade geschlossen."
		err = errors.New("it is closing")
	default:
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err != nil {
		slog.Error("not healthy", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintln(w, why) // whoever asked has gone
		return nil
	}
	if words := a.trouble(); words != "" { // it serves all the same: ending it would make it worse
		_, _ = fmt.Fprintln(w, "eingeschränkt: "+words)
		return nil
	}
	_, _ = fmt.Fprintln(w, "ok")
	return nil
}

// serve runs everything until the context ends, and then lets what runs come to its end.
func (a *App) serve(ctx context.Context, door *front.Door, out io.Writer) error {
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
	workers.Go(func() { a.watch(work) })
	workers.Go(func() { a.house.Clock.Run(work, func(err error) { slog.Error("look at the clock", "err", err) }) })
	if g, ok := a.house.SMS.(*sms.Gateway); ok { // not in a demonstration
		workers.Go(func() { g.Run(work) })
	}

	words, err := a.greeting(ctx) // first: it decides whether the house is open
	if err != nil {
		return err
	}
	a.show(a.site())
	if !a.house.Demo {
		if err := a.listen(work, door); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(out, words); err != nil {
		return err
	}
	select {
	case err := <-a.served:
		return err
	case <-a.lost(ctx):
		return a.leave(ctx, a.srv)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err = a.srv.Shutdown(end)
	rest()
	workers.Wait()
	if err != nil {
		return fmt.Errorf("requests still run after %s: %w", patience, errors.Join(err, a.srv.Close()))
	}
	return a.house.Sessions.Flush(context.WithoutCancel(ctx))
}

// greeting tells the operator where the house is, and how to come in the first time.
func (a *App) greeting(ctx context.Context) (string, error) {
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
			return "", err
		}
	}
	return lines, nil
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

// version is that of a release, which is built with -ldflags "-X nestfunk/app.version=1.2.0"; "" of any other program.
var version string

// Version names the release, or else the source that the program was built from.
func Version() string {
	if version != "" {
		return version
	}
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
