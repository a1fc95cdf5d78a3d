package checkup

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	wires Wires
	pages *web.Pages

	mu   sync.Mutex
	last Report // zero: nobody has looked since the house was opened
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := &feature{House: h, wires: w, pages: web.Parse(html)}
	admin := who.Of(who.Admin)
	night, begin := h.Tasks.Nightly("checkup.scan", 2*time.Hour+10*time.Minute, web.Zone(), f.night)
	return house.Feature{
		Name:     "checkup",
		Outbound: []house.Outbound{f.outbound()},
		Routes: []web.Route{
			web.Get("/betrieb/pruefung", admin, f.index),
			web.Post("/betrieb/pruefung", admin, f.run),
			web.Proved(web.Post("/betrieb/pruefung/token", admin, f.token)),
			web.Post("/betrieb/pruefung/erledigt", admin, f.mended),
			web.Post("/betrieb/pruefung/uhr", admin, f.believe),
			web.Early(web.Quiet(web.Raw("/metrics", who.Anyone, f.metrics))), // who watches a new house sees it, too
		},
		Jobs:  []task.Job{night},
		Begin: func(ctx context.Context) error { return errors.Join(f.begin(ctx), begin(ctx)) },
	}
}

// outbound is the house's own address, seen from outside.
func (f *feature) outbound() house.Outbound {
	return house.Outbound{Title: "Die eigene Adresse", Off: "Nur auf Knopfdruck: Betrieb, Prüfung, oder nestfunk doctor", Dials: "app/feature/checkup",
		Why:  "Um zu sehen, ob Name und Zertifikat für Browser gelten. Der Nameserver erfährt, dass nach dem Namen des Hauses gefragt wird.",
		When: "wenn jemand prüft",
		State: func(*store.Tx) (string, bool, error) {
			if f.Base.Scheme != "https" {
				return "", false, nil
			}
			return f.Base.String(), true, nil
		}}
}

type indexPage struct {
	web.Page
	Report Report
	Form   web.Form
	Token  bool // one is stored
	Damage []string
	Way    string // back from it; "": there is none
	Clock  string // why it is not believed; "": it is
}

// must refuses whoever does not run the whole house.
func must(tx *store.Tx, v who.Viewer) error {
	root, err := org.Root(tx)
	if fault.KindOf(err) == fault.NotFound {
		return nil // an empty house has nobody but its operator
	}
	if err != nil {
		return err
	}
	for _, id := range v.Units(who.Of(who.Admin)) {
		if id == root.ID {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "Die Prüfung gilt für das ganze Haus. Sehen kann sie nur der Betrieb des ganzen Hauses.")
}

func (f *feature) may(ctx context.Context, v who.Viewer) error {
	return f.DB.Read(ctx, func(tx *store.Tx) error { return must(tx, v) })
}

func (f *feature) page(r *http.Request, v who.Viewer) (p indexPage, err error) {
	p.Page = web.NewPage(r, v, "Prüfung").In("de")
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := must(tx, v); err != nil {
			return err
		}
		token, err := f.Settings.Secret(tx, settings.MetricsToken)
		if p.Token = token != ""; err != nil {
			return err
		}
		if p.Clock, err = f.Clock.State(tx); err != nil {
			return err
		}
		if p.Damage = Damage(f.wires.Folder); len(p.Damage) > 0 {
			p.Way, err = f.wayBack(tx)
		}
		return err
	})
	p.Report = f.noted()
	return p, err
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.page(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// run looks now. It calls at servers, so not too often.
func (f *feature) run(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := f.may(r.Context(), v); err != nil {
		return err
	}
	if err := f.Limits.Take(looks(), strconv.FormatInt(v.ID, 10)); err != nil {
		return err
	}
	report, err := Examine(r.Context(), f.House, f.wires, true)
	if err != nil {
		return err
	}
	f.note(report)
	return web.Done(w, r, "/betrieb/pruefung", "Geprüft.")
}

// note keeps a report for the page and for monitors. What it does not tell of stays as it was found before.
func (f *feature) note(r Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, old := range f.last.Findings {
		if !slices.ContainsFunc(r.Findings, func(x Finding) bool { return x.Name == old.Name }) {
			r.Findings = append(r.Findings, old)
		}
	}
	r.judge()
	f.last = r
}

// noted is what was found last.
func (f *feature) noted() Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

func looks() web.Limit {
	return web.Limit{Name: "checkup", N: 10, In: 10 * time.Minute}
}

// token stores with what /metrics is read from elsewhere; "" takes it away.
func (f *feature) token(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "token")
	if err != nil {
		return err
	}
	token := form.Raw("token")
	var wrong fault.Form
	if token != "" && (len(token) < 20 || len(token) > 200 || strings.ContainsFunc(token, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsGraphic(c) || c == ' ' })) {
		wrong.Add("token", "Bitte geben Sie 20 bis 200 Buchstaben, Ziffern oder Zeichen ohne Umlaute und Leerzeichen ein.")
	}
	err = wrong.Err()
	if allowed := f.may(r.Context(), v); allowed != nil {
		return allowed
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if err := f.Settings.SetSecret(tx, settings.MetricsToken, token); err != nil {
				return err
			}
			return f.wires.Log(tx, f.Now(), v.ID, "metrics.changed", 0)
		})
	}
	if web.Again(err) {
		p, e := f.page(r, v)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "index.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/pruefung", "Gespeichert.")
}

// believe takes the clock for right on the word of whoever runs the house.
func (f *feature) believe(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	if err := f.may(r.Context(), v); err != nil {
		return err
	}
	if f.Clock == nil {
		return web.Done(w, r, "/betrieb/pruefung")
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.Clock.Believe(tx); err != nil {
			return err
		}
		return f.wires.Log(tx, f.Now(), v.ID, "clock.believed", 0)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/pruefung", "Das Datum gilt. In der nächsten Nacht wird wieder nach Fristen gelöscht.")
}
