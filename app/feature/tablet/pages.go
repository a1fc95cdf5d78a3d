package tablet

import (
	"embed"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	Wires
	pages *web.Pages
	turns turns
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := &feature{House: h, Wires: w, pages: web.Parse(html), turns: turns{now: h.Now}}
	tablet := who.Of(who.Tablet)
	return house.Feature{
		Name: "tablet",
		Routes: []web.Route{
			web.Get("/am-tablet", tablet, f.day),
			web.Post("/am-tablet", tablet, f.tap),
			web.Post("/am-tablet/entsperren", tablet, f.unlock),
			web.Post("/am-tablet/sperren", tablet, f.lock),
			web.Get("/am-tablet/einrichten", who.Anyone, f.setUp),
			web.Post("/am-tablet/einrichten", who.Anyone, f.enrol),

			web.Get("/tablets", leaders, f.index),
			web.Proved(web.Post("/tablets/neu", leaders, f.add)),
			web.Post("/tablet/:id/beenden", leaders, f.revoke), // at once: a tablet that was lost waits for no proof
			web.Get("/konto/pin", workers, f.pinForm),
			web.Proved(web.Post("/konto/pin", workers, f.setPIN)),
		},
		Nav:    []web.NavItem{{Path: "/tablets", Label: "Gruppentablets", Icon: "smartphone", Right: leaders, Low: true}},
		Viewer: f.viewer,
		Export: export,
		Erase:  erase,
	}
}

func (f *feature) cookie() string {
	if f.Base.Scheme == "https" {
		return "__Host-tablet"
	}
	return "tablet"
}

type indexPage struct {
	web.Page
	Form   web.Form
	Groups []org.Unit
	All    []Tablet
}

func (f *feature) indexPage(r *http.Request, v who.Viewer, form web.Form) (indexPage, error) {
	p := indexPage{Page: web.NewPage(r, v, "Gruppentablets").In("de"), Form: form}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Groups, err = groups(tx, v, f.Now()); err != nil {
			return err
		}
		p.All, err = list(tx, v, f.Now())
		return err
	})
	return p, err
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.indexPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "tablets.html", p)
}

type codePage struct {
	web.Page
	Name, Code, At string
	QR             template.HTML
	Until          time.Time
}

// add makes the code for a new tablet and shows it at once, without a redirect: it is stored hashed, so this is the only
// time.
func (f *feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "group", "name")
	if err != nil {
		return err
	}
	p := codePage{Page: web.NewPage(r, v, "Tablet einrichten").In("de"), Name: text.Clean(form.Get("name")), At: f.URL("/am-tablet/einrichten"), Until: f.Now().Add(codeFor)}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		id, code, err := add(tx, v, form.ID("group"), p.Name, f.Now())
		if err != nil {
			return err
		}
		p.Code = code
		return f.Log(tx, f.Now(), v.ID, "tablet.added", id)
	})
	if web.Again(err) {
		again, perr := f.indexPage(r, v, form.With(err))
		if perr != nil {
			return perr
		}
		return f.pages.Again(w, r, "tablets.html", again)
	}
	if err != nil {
		return err
	}
	if p.QR, err = f.QR(p.At + "#" + p.Code); err != nil {
		return err
	}
	return f.pages.Render(w, r, "code.html", p)
}

// revoke ends a tablet: its open pages look again at once and find nothing.
func (f *feature) revoke(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	var t Tablet
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if t, err = revoke(tx, v, id, f.Now()); err != nil {
			return err
		}
		tx.After(func() { f.turns.end(id) })
		f.Rights(tx)
		return f.log(tx, v.ID, "tablet.revoked", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/tablets", "„"+t.Name+"“ ist beendet. Was darauf zu sehen war, verschwindet sofort, ohne Verbindung beim nächsten Kontakt.")
}

func (f *feature) log(tx *store.Tx, person int64, action string, ref int64) error {
	return f.Log(tx, f.Now(), person, action, ref)
}

type pinPage struct {
	web.Page
	Form   web.Form
	Since  time.Time
	Locked bool
}

func (f *feature) pinPage(r *http.Request, v who.Viewer, form web.Form) (pinPage, error) {
	p := pinPage{Page: web.NewPage(r, v, "PIN für Gruppentablets").In("de"), Form: form}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		x, err := pinOf(tx, v.ID)
		p.Since, p.Locked = x.Since, x.Wrong >= tries
		return err
	})
	return p, err
}

func (f *feature) pinForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.pinPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "pin.html", p)
}

// setPIN keeps somebody's PIN, and takes a lock away.
func (f *feature) setPIN(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "pin")
	if err != nil {
		return err
	}
	typed := form.Get("pin")
	form.Set("pin") // never shown again
	hash := ""
	if err = checkPIN(typed); err == nil {
		hash, err = f.Hash(r.Context(), typed)
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if err := setPIN(tx, v.ID, hash, f.Now()); err != nil {
				return err
			}
			return f.log(tx, v.ID, "tablet.pin", 0)
		})
	}
	if web.Again(err) {
		p, perr := f.pinPage(r, v, form.With(err))
		if perr != nil {
			return perr
		}
		return f.pages.Again(w, r, "pin.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto/pin", "Ihre PIN gilt ab jetzt an den Tablets Ihrer Gruppen.")
}

type setUpPage struct {
	web.Page
	Form web.Form
}

func (f *feature) setUpPage(r *http.Request, v who.Viewer, form web.Form) setUpPage {
	p := setUpPage{web.NewPage(r, v, "Dieses Gerät einrichten").In("de"), form}
	p.Plain = true
	return p
}

func (f *feature) setUp(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.pages.Render(w, r, "setup.html", f.setUpPage(r, v, web.Form{}))
}

// enrol makes the browser in hand a tablet. Nobody may be signed in there: two at once would be one too many.
func (f *feature) enrol(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code")
	if err != nil {
		return err
	}
	if v.ID != 0 {
		err = fault.New(fault.Conflict, "An diesem Gerät ist noch jemand angemeldet. Bitte melden Sie sich zuerst ab.")
	}
	if err == nil {
		err = f.Limits.Take(codeFrom(), web.Prefix(r))
	}
	device := newDevice()
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			t, err := enrol(tx, readCode(form.Get("code")), device, f.Now())
			if err != nil {
				return err
			}
			return f.log(tx, 0, "tablet.enrolled", t.ID)
		})
	}
	if web.Again(err) {
		return f.pages.Again(w, r, "setup.html", f.setUpPage(r, v, form.With(err)))
	}
	if err != nil {
		return err
	}
	f.Limits.Forget(codeFrom(), web.Prefix(r))
	http.SetCookie(w, &http.Cookie{Name: f.cookie(), Value: device, Path: "/", MaxAge: 400 * 24 * 60 * 60, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: f.Base.Scheme == "https"})
	return web.Done(w, r, "/am-tablet")
}
